# SPDX-License-Identifier: Apache-2.0
"""Finds words in bytes, however they are spelled: as they are, in capitals, in UTF-16 of both
orders, in hexadecimal, as JSON writes them, and in base64 at each of its three alignments.
"""

import base64
import json
import os
import pathlib

SHORTEST = 6  # bytes of a spelling; shorter ones turn up in sealed bytes by chance


def base64_parts(raw: bytes):
    """What stands in base64 of anything that has `raw` in it, by where it begins there."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        part = text[-(-shift * 8 // 6):(shift + len(raw)) * 8 // 6]
        yield part
        yield part.translate(bytes.maketrans(b"+/", b"-_"))  # the alphabet of URLs


def spellings(word: str) -> dict[bytes, str]:
    """Every spelling with what it is called."""
    found = {}
    for name, text in (("", word), ("lower case ", word.lower()), ("capitals ", word.upper())):
        raw = text.encode()
        found.setdefault(raw, name + "as it is")
        found.setdefault(json.dumps(text)[1:-1].encode(), name + "as JSON")
        for order in ("utf-16-le", "utf-16-be"):
            found.setdefault(text.encode(order), name + order)
            for part in base64_parts(text.encode(order)):
                found.setdefault(part, f"{name}base64 of {order}")
        for part in base64_parts(raw):
            found.setdefault(part, name + "base64")
        found.setdefault(raw.hex().encode(), name + "hexadecimal")
        found.setdefault(raw.hex().upper().encode(), name + "hexadecimal")
    return {text: name for text, name in found.items() if len(text) >= SHORTEST}


class Searcher:
    """Looks for all words at once: the time depends on the bytes, hardly on the words."""

    def __init__(self, words):
        self.by_start: dict[bytes, list[tuple[bytes, str]]] = {}
        self.words = set(words)
        for word in sorted(self.words):
            assert len(word) >= SHORTEST, f"`{word}` is too short to look for"
            for text, name in spellings(word).items():
                self.by_start.setdefault(text[:SHORTEST], []).append((text, f"{word} ({name})"))

    def search(self, content: bytes) -> set[str]:
        starts, found = self.by_start, set()
        for at in range(len(content) - SHORTEST + 1):
            start = content[at:at + SHORTEST]
            if start in starts:
                found |= {name for text, name in starts[start] if content.startswith(text, at)}
        return found

    def search_folder(self, folder: pathlib.Path, leave_out: set[str] = frozenset()) -> list[str]:
        """Lines that say where what stands: contents and names of files, targets of links."""
        found = []
        for path, folders, files in os.walk(folder):
            folders[:] = [name for name in folders if name not in leave_out]
            for name in [*folders, *files]:
                if name not in leave_out:
                    found += self.search_file(pathlib.Path(path, name), folder)
        return sorted(found)

    def search_file(self, path: pathlib.Path, folder: pathlib.Path) -> list[str]:
        content = os.fsencode(path.name) + b"\0"
        if path.is_symlink():
            content += os.fsencode(os.readlink(path))
        elif path.is_file():
            content += path.read_bytes()
        return [f"{path.relative_to(folder)}: {what}" for what in self.search(content)]
