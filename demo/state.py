# SPDX-License-Identifier: Apache-2.0
"""The demo's state file: which process serves it, and where.

A process is known by its id *and* its start time, since an id is given out again: nothing is
ever signalled that is not the very process the file was written for.
"""

import json
import os
import select
import signal
import threading


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            # The second field, the name in brackets, may itself hold spaces and brackets.
            fields = stat.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def write(path: str, document: dict) -> None:
    """Replaces the file as a whole, readable by its owner only."""
    draft = f"{path}.{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(document, file, indent=2)
        file.write("\n")
    os.replace(draft, path)


def announce(path: str, port: int) -> None:
    """Writes the file for this process, which listens on `port` of the loopback address."""
    pid = os.getpid()
    write(path, {"pid": pid, "started": start_time(pid), "port": port,
                 "endpoint": f"http://127.0.0.1:{port}", "ready": False})


def read(path: str) -> dict | None:
    """The document, or None when there is none that could be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return None


def is_alive(document: dict | None) -> bool:
    """Whether the server the document tells of still runs."""
    return bool(document) and start_time(document["pid"]) == document["started"]


def end(document: dict, patience_s: float = 5.0) -> None:
    """Ends the server the document tells of, if it still runs; waits until it is gone."""
    try:
        process = os.pidfd_open(document["pid"])
    except ProcessLookupError:
        return
    try:
        # Looked at after opening: from here on the descriptor means this one process.
        if not is_alive(document):
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(process, number)
            if select.select([process], [], [], patience_s)[0]:
                return
    except ProcessLookupError:
        return
    finally:
        os.close(process)


def end_with(pid: int) -> None:
    """Ends this very process as soon as process `pid` has ended."""
    try:
        other = os.pidfd_open(pid)
    except ProcessLookupError:
        os._exit(0)

    def wait() -> None:
        select.select([other], [], [])
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
