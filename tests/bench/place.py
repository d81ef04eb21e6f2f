# SPDX-License-Identifier: Apache-2.0
"""A demo cloud and a store of their own to measure on; both end with the block."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
ESCHER = BUILD / "apps/cli/escher"
AWS = ROOT / ".venv/bin/aws"
PASSPHRASE = "correct horse battery staple"


class Took:
    """One command: seconds on the clock, seconds of processor time with all its children, and the
    most memory in MB: of it and what it has mapped, and its own alone (0: nobody looked)."""

    def __init__(self, wall: float, cpu: float, code: int, resident: float = 0):
        self.wall, self.cpu, self.code = wall, cpu, code
        self.resident, self.anonymous = resident, 0.0


def most_anonymous(process: subprocess.Popen, over: threading.Event) -> float:
    """Looked at five times a second until it is over."""
    most = 0
    while not over.wait(0.2):
        with contextlib.suppress(OSError):  # it has just ended
            for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    most = max(most, int(line.split()[1]))
    return most / 1024


def run(command: list, environment: dict, output, pass_fds=(), looks_at_memory=False) -> Took:
    """Runs it to its end. `output` is a file or descriptor for stdout."""
    process_began = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], env=environment,
                               stdin=subprocess.DEVNULL, stdout=output,
                               stderr=subprocess.DEVNULL, pass_fds=pass_fds)
    over = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        looking = pool.submit(most_anonymous, process, over) if looks_at_memory else None
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - process_began
        over.set()
    process.returncode = os.waitstatus_to_exitcode(status)
    took = Took(wall, usage.ru_utime + usage.ru_stime, process.returncode,
                usage.ru_maxrss / 1024)
    if looking:
        took.anonymous = looking.result()
    return took


class Place:
    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="escher-bench-"))
        (self.folder / "passphrase").write_text(PASSPHRASE + "\n")
        self.environment = {
            "ESCHER_HOME": str(self.folder / "home"), "HOME": str(self.folder), "TZ": "UTC",
            "ESCHER_SHARE": str(ROOT / "build/share"), "LANG": "C.UTF-8",
            "ESCHER_RUN": str(BUILD / "apps/run/escher-run"),
            "PATH": f"{ROOT / '.venv/bin'}:/usr/local/bin:/usr/bin:/bin",
        }
        try:
            self.open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def open(self) -> None:
        made = subprocess.run(
            [ROOT / "demo/cloud", "up", "--world", "full", "--home", self.folder / "demo",
             "--tie", str(os.getpid())], text=True, capture_output=True, check=True)
        for line in made.stdout.splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            self.environment[name] = value
        self.escher("init", "--keyring", "file")
        self.escher("accounts", "add", "--discover", "--emulator",
                    self.environment["ESCHER_DEMO_ENDPOINT"],
                    "--regions", "us-east-1,us-west-2,eu-west-1", "--inline")

    def __exit__(self, *_):
        if "ESCHER_DEMO_STATE" in self.environment:
            self.escher("core", "stop", may_fail=True)
        subprocess.run([ROOT / "demo/cloud", "down", "--home", self.folder / "demo"],
                       capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def timed(self, *words, output=subprocess.DEVNULL, looks_at_memory=False,
              **variables) -> Took:
        passphrase = os.open(self.folder / "passphrase", os.O_RDONLY)
        try:
            return run([ESCHER, *words],
                       self.environment | {"ESCHER_PASSPHRASE_FD": str(passphrase)} | variables,
                       output, pass_fds=(passphrase,), looks_at_memory=looks_at_memory)
        finally:
            os.close(passphrase)

    def escher(self, *words, may_fail=False, **variables) -> str:
        with tempfile.TemporaryFile() as output:
            took = self.timed(*words, output=output, **variables)
            output.seek(0)
            text = output.read().decode()
        if took.code not in (0, 6, 7) and not may_fail:
            raise RuntimeError(f"escher {' '.join(words)}: exit code {took.code}: {text}")
        return text

    def export(self) -> pathlib.Path:
        """The estate as JSON lines; made before any core runs."""
        path = self.folder / "estate.jsonl"
        if not path.exists():
            self.escher("estate", "export", str(path), "--inline")
        return path

    def core(self, home: str | None = None) -> int:
        """The process id of the running core."""
        home_word = f"ESCHER_HOME={home or self.environment['ESCHER_HOME']}".encode()
        for entry in pathlib.Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if words[:2] == [b"escher", b"core"] and home_word in (
                        entry / "environ").read_bytes().split(b"\0"):
                    return int(entry.name)
            except OSError:
                pass  # gone, or not ours
        raise RuntimeError("no core is running")


class Recorder:
    """Stands where the AWS CLI is expected, and writes down each call before making it."""

    SCRIPT = """#!/bin/sh
folder=$(/usr/bin/dirname "$0")/calls/$$
/bin/mkdir -p "$folder"
/bin/cat /dev/fd/3 >"$folder/input" 2>/dev/null
/usr/bin/printf '%s\\n' "$@" >"$folder/words"
/usr/bin/env >"$folder/environment"
exec {aws} "$@"
"""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder / "recorder"
        self.folder.mkdir()
        self.path = self.folder / "aws"
        self.path.write_text(self.SCRIPT.format(aws=AWS))
        self.path.chmod(0o700)

    def calls(self) -> list[tuple[list, dict]]:
        """(command, environment) of each listing, with its input in a file."""
        found = []
        for call in sorted((self.folder / "calls").iterdir(), key=lambda path: int(path.name)):
            words = (call / "words").read_text().splitlines()
            if "--cli-input-json" not in words:
                continue  # `aws --version`
            words = [f"file://{call / 'input'}" if word.startswith("file:///dev/fd/") else word
                     for word in words]
            json.loads((call / "input").read_text())
            environment = dict(line.split("=", 1) for line in
                               (call / "environment").read_text().splitlines() if "=" in line)
            environment.pop("AWS_CONFIG_FILE", None)
            found.append(([AWS, *words], environment))
        return found
