# SPDX-License-Identifier: Apache-2.0
"""A home, the real programs and, when asked for, a demo cloud behind a gate that a test can close.

    with Stage("small") as stage:
        stage.escher("init", "--keyring", "file")
        hash = stage.ask("Stop orders-db")["plan_hash"]

The place, the shell and the process tree are those of the flows (tests/flows/run); what is added
is a process of our own for each call, so that it can be watched and killed.
"""

import atexit
import contextlib
import dataclasses
import functools
import http.server
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / name) for name in ("demo", "tests/demo", "tests/support", "tests/flows")]

import cutproxy  # noqa: E402
import support  # noqa: E402
import transcript  # noqa: E402
from patience import PATIENCE_S, wait_for  # noqa: E402


def flow_runner():
    """tests/flows/run has no ending that import knows."""
    loader = importlib.machinery.SourceFileLoader("flow_run", str(ROOT / "tests/flows/run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("flow_run", loader))
    was = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # or `runc` appears beside it
    loader.exec_module(module)
    sys.dont_write_bytecode = was
    module.ctypes.CDLL(None).prctl(module.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return module


flows = flow_runner()


def is_sanitized() -> bool:
    return pathlib.Path(os.environ.get("ESCHER_BUILD", "debug")).name in ("asan", "tsan")


@dataclasses.dataclass
class Said:
    """How one call of a program ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """The document; where a run streams, its last line."""
        return self.documents[-1]

    @property
    def documents(self) -> list:
        return [json.loads(line) for line in self.out.splitlines()]


class Gate(cutproxy.Cuts):
    """What the proxy before the cloud does with a call; `calls` is what the cloud has heard.

    close    such calls wait before the cloud hears of them, until the gate is open again
    drop     those that wait are cut off, the cloud never hears of them
    mute     the cloud does it, and the answer never comes
    """

    def __init__(self):
        self.calls: list[str] = []
        self.open = threading.Event()
        self.action, self.how, self.waiting = None, None, 0
        self.let()

    def set(self, action: str | None, how: str | None, is_open: bool) -> None:
        """Those that wait go their way before it is another one."""
        self.action, self.how = action and action.encode(), how
        self.arrived = threading.Semaphore(0)
        if is_open:
            self.open.set()
            wait_for(lambda: not self.waiting, "the calls at the gate to go on")
        else:
            self.open.clear()

    def close(self, action: str) -> None:
        self.set(action, None, False)

    def drop(self) -> None:
        self.set(None, "before", True)

    def mute(self, action: str) -> None:
        self.set(action, "stall", True)

    def let(self) -> None:
        self.set(None, None, True)

    def take(self, request: bytes) -> str | None:
        if self.action is None or b"Action=" + self.action not in request:
            return None
        if self.open.is_set():
            return self.how
        self.waiting += 1  # one call of a kind at a time: a run is serial
        self.arrived.release()
        self.open.wait()
        how = self.how
        self.waiting -= 1
        return how

    def note(self, action: str, cut: str | None, status: int | None) -> None:
        if cut != "before":
            self.calls.append(action)
        if cut == "stall":
            self.arrived.release()

    def came(self) -> None:
        """Waits until a call stands before the gate, or has been done without an answer."""
        assert self.arrived.acquire(timeout=PATIENCE_S), "no call came to the gate"


class Stage:
    def __init__(self, world: str = "none", build: pathlib.Path | None = None):
        self.build = build or pathlib.Path(os.environ.get("ESCHER_BUILD", ROOT / "build/debug"))
        self.world = world

    def __enter__(self):
        self.place = flows.Place(
            transcript.Transcript("", {"world": [self.world]}, []), self.build)
        self.folder, self.home = self.place.folder, self.place.folder / "home"
        self.environment = self.place.environment
        self.environment["TMPDIR"] = str(self.folder / "tmp")
        (self.folder / "tmp").mkdir()
        self.gate = Gate()
        if self.world != "none":
            self.meet_cloud()
        return self

    def __exit__(self, *_):
        self.gate.let()
        self.left = self.place.leftovers()
        if self.world != "none":
            self.server.shutdown()
            self.server.server_close()
        self.place.end()

    def meet_cloud(self) -> None:
        """The witness, who asks the cloud itself, and the gate before it."""
        self.cloud = support.Demo(self.world)
        self.cloud.home = str(self.folder / "demo")
        self.cloud.endpoint = self.environment["ESCHER_DEMO_ENDPOINT"]
        self.cloud.state = json.loads((self.folder / "demo/state.json").read_text())
        handler = type("Gated", (cutproxy.Proxy,), {
            "upstream": ("127.0.0.1", self.cloud.state["port"]), "cuts": self.gate})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    # Programs.

    @contextlib.contextmanager
    def variables(self, **changes: str | None):
        """Other variables for the programs started meanwhile; None takes one away."""
        before = dict(self.environment)
        for name, value in changes.items():
            self.environment.pop(name, None)
            if value is not None:
                self.environment[name] = value
        try:
            yield
        finally:
            self.environment.clear()
            self.environment.update(before)

    def start(self, *arguments: str, program: str = "escher", **streams) -> subprocess.Popen:
        """A program of ours as a child of ours; the shell has become it."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "text": True} | streams
        return self.place.shell("exec " + shlex.join([program, *map(str, arguments)]), **streams)

    def end(self, process: subprocess.Popen) -> Said:
        try:
            out, err = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        code = process.returncode
        return Said(code if code >= 0 else 128 - code, out, err)

    def escher(self, *arguments: str, code: int | None = 0, **streams) -> Said:
        """Runs it to its end; an exit code other than `code` is a failure of the test."""
        said = self.end(self.start(*arguments, **streams))
        assert code is None or said.code == code, (
            f"escher {shlex.join(map(str, arguments))}: exit {said.code} instead of {code}\n"
            f"{said.out}\n{said.err}")
        return said

    def ask(self, prompt: str, *arguments: str, code: int = 6):
        return self.escher("ask", prompt, "--json", *arguments, code=code).json

    def approve(self, plan, *arguments: str) -> list[str]:
        """The words of an approval of the plan that `ask` answered."""
        confirm = ["--confirm", plan["confirm"]] if "confirm" in plan else []
        return ["ask", "--approve", plan["plan_hash"], *confirm, "--json", *arguments]

    def init(self) -> None:
        self.escher("init", "--keyring", "file")

    def know(self, *services: str) -> None:
        """A store that knows the account, reached through the gate, and these services of it."""
        self.init()
        self.escher("accounts", "add", "--discover", "--emulator", self.endpoint)
        for service in services:
            self.escher("sync", "--service", service)

    # Processes.

    def processes(self) -> dict[int, str]:
        """What runs below us, demo cloud apart, with command lines. The dead are left to whoever
        started them: their exit codes would be lost."""
        found = {pid: flows.command_line(pid) for pid in flows.descendants(os.getpid())}
        return {pid: line for pid, line in found.items() if line and "demo/server.py" not in line}

    def pid_of(self, words: str) -> int:
        """The process whose command line has these words."""
        return wait_for(lambda: next(
            (pid for pid, line in self.processes().items() if words in line), None), words)

    def core(self) -> int:
        return self.pid_of("escher core")

    def stop_core(self) -> None:
        self.escher("core", "stop")
        wait_for(lambda: not any("escher core" in line for line in self.processes().values()),
                 "the core's end")

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: pid not in self.processes(), "its end")

    # The cloud's own word.

    def database(self, name: str) -> str:
        answer = self.rds().describe_db_instances(DBInstanceIdentifier=name)
        return answer["DBInstances"][0]["DBInstanceStatus"]

    def rds(self):
        if not hasattr(self, "client"):
            self.client = self.service("rds")
        return self.client

    def service(self, name: str):
        return self.cloud.client(self.cloud.session("production"), name)


@functools.cache
def shared() -> Stage:
    """One cloud and one store that knows its databases, for all tests of this program."""
    stage = Stage("small").__enter__()
    atexit.register(stage.__exit__)
    stage.know("rds")
    return stage
