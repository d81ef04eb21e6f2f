# SPDX-License-Identifier: Apache-2.0
"""Looks for what must not stand in clear on the disk: the estate and the credentials of a world.

Every name, tag and identifier of the world, dictionary words among them, is looked for in every
file as it is, in base64 at each of the three offsets, and in UTF-16.
"""

import base64
import dataclasses
import importlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHORTEST = 6  # shorter words turn up in sealed bytes by chance


def words_of(value) -> set[str]:
    """All text in a world, tags and their names too."""
    if isinstance(value, str):
        return {value}
    if dataclasses.is_dataclass(value):
        value = [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple)):
        return set().union(*map(words_of, value))
    return set()


def canaries(world: str, demo: pathlib.Path) -> set[str]:
    sys.path[:0] = [str(ROOT / "demo")]
    words = words_of(importlib.import_module(f"worlds.{world}").WORLD)
    for line in (ROOT / "demo/hostile.jsonl").read_text(encoding="utf-8").splitlines():
        resource = json.loads(line)
        words |= {resource["name"], resource["identifier"], resource["arn"]}
    state = json.loads((demo / "state.json").read_text())
    words |= {value for key in state["keys"].values() for value in key.values()}
    return {word for word in words if len(word) >= SHORTEST}


def spellings(word: str) -> set[bytes]:
    raw = word.encode()
    found = {raw, word.encode("utf-16-le"), word.encode("utf-16-be"),
             json.dumps(word)[1:-1].encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        # Only the characters that depend on the word alone.
        found.add(text[-(-shift * 8 // 6):(shift + len(raw)) * 8 // 6])
    return found


def find(home: pathlib.Path, wanted: set[str]) -> list[str]:
    """Lines that name a file and what stands in it."""
    spelled = {word: spellings(word) for word in wanted}
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            found += [f"{path.relative_to(home)}: {word}" for word in sorted(spelled)
                      if any(text in content for text in spelled[word])]
    return found
