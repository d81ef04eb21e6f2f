# SPDX-License-Identifier: Apache-2.0
"""A display without a screen, a WebDriver client, and the process tree of a window.

The tests run in a D-Bus session of their own (main.py starts it); the display is made here.
"""
import http.client
import json
import mmap
import os
import pathlib
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import zlib

from patience import PATIENCE_S, wait_for

PROGRAMS = ["Xvfb", "dbus-run-session", "WebKitWebDriver", "bwrap"]


def missing():
    """What the tests need and this machine lacks."""
    return [name for name in PROGRAMS if not shutil.which(name)]


class Screen:
    """The pixels of a display of Xvfb. @source XWD file format, version 7"""

    def __init__(self, folder):
        self.file = open(pathlib.Path(folder) / "Xvfb_screen0", "rb")
        self.map = mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.unpack(">25I", self.map[:100])
        self.stride, colours = header[12], header[19]
        self.start, self.height = header[0] + colours * 12, header[5]

    def mark(self):
        """Cheap, and another one when a line in eight has changed."""
        mark = 0
        for y in range(0, self.height, 8):
            at = self.start + y * self.stride
            mark = zlib.adler32(self.map[at:at + self.stride], mark)
        return mark

    def picture(self):
        return self.map[self.start:self.start + self.height * self.stride]

    def close(self):
        self.map.close()
        self.file.close()


class Display:
    """Without a screen; what is drawn on it is in `screen`."""

    def __init__(self, size="1600x1200"):
        self.folder = tempfile.TemporaryDirectory(prefix="escher-screen-")
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", size + "x24", "-nolisten", "tcp",
             "-fbdir", self.folder.name], pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        said = b""
        while not said.endswith(b"\n") and select.select([reading], [], [], 20)[0]:
            piece = os.read(reading, 16)
            if not piece:
                break
            said += piece
        os.close(reading)
        self.name = ":" + said.decode().strip()
        if self.name == ":":
            raise AssertionError("Xvfb did not start")
        self.screen = Screen(self.folder.name)

    def stop(self):
        self.screen.close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Failure(Exception):
    """What the page or the driver answered instead of a value."""


class Window:
    """One escher-desktop under WebDriver; what it says goes to window.log in its home."""

    def __init__(self, program, display, home, *arguments, environment=None):
        self.home, self.session = pathlib.Path(home), None
        self.environment = {**os.environ, "DISPLAY": display.name, "ESCHER_HOME": str(home),
                            "HOME": str(home), "LANG": "C.UTF-8", **(environment or {})}
        self.environment.pop("WAYLAND_DISPLAY", None)
        self.program = str(program)
        for attempt in range(3):
            try:
                self.start(arguments)
                break
            except (OSError, Failure):
                self.close()
                if attempt == 2:
                    raise

    def start(self, arguments):
        """WebKitWebDriver picks a port for the window to listen on before that does: now and then
        somebody else has it by then, and no session comes about."""
        self.port = free_port()
        self.log = open(self.home / "window.log", "ab")
        self.driver = subprocess.Popen(["WebKitWebDriver", f"--port={self.port}"],
                                       env=self.environment, stderr=self.log)
        wait_for(self.is_up)
        options = {"binary": self.program, "args": ["--automation", *arguments]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self.session = self.ask("POST", "/session", wanted, patience_s=120)["sessionId"]
        self.go("POST", "/timeouts", {"script": 120_000})

    def is_up(self):
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def ask(self, method, path, body=None, patience_s=PATIENCE_S):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience_s)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Content-Type": "application/json"})
        value = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(value, dict) and "error" in value:
            raise Failure(value.get("message") or value["error"])
        return value

    def go(self, method, path, body=None):
        return self.ask(method, f"/session/{self.session}{path}", body)

    def run(self, script, *arguments):
        return self.go("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def promise(self, expression, *arguments):
        """The value of a promise of the page, or Failure with what it was rejected with."""
        script = ("const done = arguments[arguments.length - 1];"
                  f"(async (...args) => ({expression}))(...arguments)"
                  ".then(v => done({value: v ?? null}), e => done({error: String(e)}))")
        answer = self.go("POST", "/execute/async", {"script": script, "args": list(arguments)})
        if "error" in answer:
            raise Failure(answer["error"])
        return answer["value"]

    def url(self):
        return self.go("GET", "/url")

    def pid(self):
        return next(p for p in tree(self.driver.pid) if name_of(p) == "escher-desktop")

    def web_process(self):
        found = [p for p in tree(self.pid()) if name_of(p) == "WebKitWebProces" and not is_dead(p)]
        return found[-1] if found else None

    def close(self):
        """As a person closes it; what then still stands is ended."""
        ours = tree(self.driver.pid)
        try:
            if self.session:
                self.go("DELETE", "/window")
                wait_for(lambda: all(is_dead(p) for p in ours if name_of(p) == "escher-desktop"),
                         patience_s=5)
        except (Failure, OSError, AssertionError, http.client.HTTPException):
            pass
        self.session = None
        for pid in (p for p in ours if not is_dead(p) and name_of(p) != "escher-core"):  # the core stays
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.driver.wait()
        self.log.close()


def name_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def is_dead(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def tree(root):
    """The process and all its descendants that are there now."""
    children = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, queue = [], [root]
    while queue:
        one = queue.pop(0)
        found.append(one)
        queue += children.get(one, [])
    return found


def end_all_with(name, value):
    """Ends what has this in its environment: left behind, it would hold the test's output open."""
    mark = f"{name}={value}".encode()
    for environ in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environ.read_bytes().split(b"\0"):
                os.kill(int(environ.parent.name), signal.SIGKILL)
        except OSError:
            pass  # it has ended, or is none of ours


def pss_mb(pids):
    total = 0
    for pid in pids:
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total / 1024


def new_home():
    return tempfile.TemporaryDirectory(prefix="escher-window-", ignore_cleanup_errors=True)
