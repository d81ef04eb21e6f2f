#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The story again and again, with the core killed at random moments.

usage: tests/soak/kill_story.py SECONDS [SEED]        prints one line a life; exit code 1 on the first
that went wrong, with the seed to repeat it

One life: an approved stop or start of a database runs; after a random time the core (and every
second time the command, too) gets SIGKILL. The next core must come up by itself, settle what was
under way, keep an unbroken audit trail, and say of each run what the cloud itself says; no helper
may be left. A run whose end is unknown must say so, not guess.
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE_S = 60
DATABASE = "pg-instance-main1"
SETTLED = {"succeeded", "failed", "cancelled", "unknown", "interrupted"}


class Home:
    def __init__(self, folder: str):
        self.folder = pathlib.Path(folder)
        programs = os.environ.get("ESCHER_BUILD", str(ROOT / "build/debug"))
        (self.folder / "passphrase").write_text("correct horse battery staple\n")
        self.environment = {
            "ESCHER_HOME": str(self.folder / "home"), "HOME": folder, "LANG": "C.UTF-8",
            "ESCHER_SHARE": str(ROOT / "build/share"),
            "PATH": f"{programs}/apps/cli:{ROOT}/.venv/bin:/usr/local/bin:/usr/bin:/bin"}
        made = subprocess.run([ROOT / "demo/cloud", "up", "--world", "small", "--home",
                               self.folder / "demo", "--tie", str(os.getpid())],
                              text=True, capture_output=True, check=True)
        for line in made.stdout.splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            self.environment[name] = value

    def start(self, *words: str) -> subprocess.Popen:
        passphrase = os.open(self.folder / "passphrase", os.O_RDONLY)
        try:
            return subprocess.Popen(
                ["escher", *words], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, pass_fds=(passphrase,),
                env=self.environment | {"ESCHER_PASSPHRASE_FD": str(passphrase)})
        finally:
            os.close(passphrase)

    def escher(self, *words: str, codes=(0,)) -> str:
        process = self.start(*words)
        said, complained = process.communicate(timeout=PATIENCE_S)
        if process.returncode not in codes:
            raise AssertionError(f"escher {' '.join(words)}: exit code {process.returncode}: "
                                 f"{said}{complained}")
        return said

    def processes(self, name: str) -> list[int]:
        """Those of this home whose first word ends so."""
        found, mark = [], f"ESCHER_HOME={self.environment['ESCHER_HOME']}".encode()
        for entry in pathlib.Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if words[0].decode().rsplit("/")[-1] == name.split()[0] and (
                        len(name.split()) < 2 or words[1].decode() == name.split()[1]) and (
                        mark in (entry / "environ").read_bytes() or self.folder.name.encode()
                        in (entry / "cmdline").read_bytes()):
                    found.append(int(entry.name))
            except (OSError, IndexError):
                pass  # gone, or not ours to read
        return found

    def cloud_state(self) -> str:
        made = subprocess.run([ROOT / "demo/cloud", "state", DATABASE, "--type", "rds_instance",
                               "--home", self.folder / "demo"], text=True, capture_output=True,
                              check=True)
        [row] = json.loads(made.stdout)
        return row["state"]


def settled_runs(home: Home) -> list[dict]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        runs = json.loads(home.escher("runs", "--json"))["runs"]
        open_runs = [run for run in runs if run["state"] not in SETTLED]
        if not open_runs:
            return runs
        if time.monotonic() > deadline:
            raise AssertionError(f"runs that do not settle: {open_runs}")
        time.sleep(0.2)


def live(home: Home, chance: random.Random, number: int) -> str:
    before = home.cloud_state()
    verb, after = ("start", "available") if before == "stopped" else ("stop", "stopped")
    home.escher("status")  # a core is up, so that there is one to kill
    asking = home.start("ask", f"{verb} {DATABASE}", "--yes-demo")
    wait_s = chance.uniform(0, 10)
    try:
        asking.wait(wait_s)
    except subprocess.TimeoutExpired:
        pass
    for pid in home.processes("escher core"):
        os.kill(pid, signal.SIGKILL)
    if number % 2:
        asking.kill()
    asking.communicate(timeout=PATIENCE_S)
    runs = settled_runs(home)
    home.escher("audit", "verify")
    now = home.cloud_state()
    last = runs[0]["state"] if runs else "none"
    if now not in (before, after):
        raise AssertionError(f"the database is {now}")
    if asking.returncode == 0 and now != after:
        raise AssertionError(f"`{verb}` was reported as done, and the database is {now}")
    for _ in range(50):
        left = home.processes("escher-run")
        if not left:
            break
        time.sleep(0.1)
    else:
        raise AssertionError(f"helpers are left: {left}")
    return f"life {number}: {verb}, killed after {wait_s:.2f} s: {before} → {now}, run {last}"


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    chance = random.Random(seed)
    deadline = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="escher-soak-") as folder:
        home = Home(folder)
        try:
            home.escher("init", "--keyring", "file")
            home.escher("accounts", "add", "--discover", "--emulator",
                        home.environment["ESCHER_DEMO_ENDPOINT"], "--regions", "us-west-2")
            home.escher("sync", "--quiet")
            number = 0
            while number == 0 or time.monotonic() < deadline:
                number += 1
                print(live(home, chance, number), flush=True)
        except AssertionError as error:
            print(f"FAILED with seed {seed}: {error}", file=sys.stderr)
            return 1
        finally:
            home.start("core", "stop").communicate(timeout=PATIENCE_S)
            subprocess.run([ROOT / "demo/cloud", "down", "--home", home.folder / "demo"],
                           capture_output=True, check=False)
    print(f"{number} lives, every one ended well (seed {seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
