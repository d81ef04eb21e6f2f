# SPDX-License-Identifier: Apache-2.0
"""What can be seen of a process from outside: its arguments, its environment and its memory."""

import dataclasses
import os
import pathlib
import re
import threading
import time

import stage


@dataclasses.dataclass(frozen=True)
class Seen:
    """A process as it was at one moment; `environ` is None where the kernel refuses."""

    pid: int
    argv: bytes
    environ: bytes | None

    @property
    def program(self) -> str:
        words = [os.path.basename(word) for word in self.argv.decode(errors="replace").split("\0")]
        ours = ("aws", "escher", "escher-run")
        return next((word for word in words[:3] if word in ours), words[0])


class Watch:
    """Looks at all our descendants again and again, from a thread of its own."""

    def __init__(self):
        self.seen: set[Seen] = set()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look_on, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def look_on(self) -> None:
        while not self.over.is_set():
            self.look()
            time.sleep(0.005)

    def look(self) -> None:
        for pid in stage.flows.descendants(os.getpid()):
            folder = pathlib.Path(f"/proc/{pid}")
            try:
                argv = (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it has just ended
            try:
                environ = (folder / "environ").read_bytes()
            except OSError:
                environ = None
            self.seen.add(Seen(pid, argv, environ))

    def of(self, program: str) -> list[Seen]:
        return [one for one in self.seen if one.program == program]


@dataclasses.dataclass(frozen=True)
class Region:
    start: int
    end: int
    name: str
    guarded: bool  # locked into memory or left out of core files, as only our secrets are


def regions(pid: int) -> list[Region]:
    found = []
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (....) \S+ \S+ \S+\s*(.*)", line)
        if head:
            start, end, mode, name = head.groups()
        elif line.startswith("VmFlags:") and mode.startswith("rw"):
            flags = line.split()[1:]
            found.append(Region(int(start, 16), int(end, 16), name, "dd" in flags or "lo" in flags))
    return found


def find(pid: int, words: dict[str, bytes]) -> list[tuple[str, Region]]:
    """Which of the named words stand in which part of a process's writable memory."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for region in regions(pid):
            try:
                memory.seek(region.start)
                content = memory.read(region.end - region.start)
            except (OSError, ValueError):
                continue  # guard pages and what the kernel keeps to itself
            found += [(name, region) for name, word in words.items() if word in content]
    return found


def around(pid: int, word: bytes, region: Region, width: int = 120) -> list[bytes]:
    """What stands beside each of its places: tells whose copy it is."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(region.start)
        content = memory.read(region.end - region.start)
    return [content[max(0, found.start() - width):found.end() + width]
            for found in re.finditer(re.escape(word), content)]
