# SPDX-License-Identifier: Apache-2.0
"""The window around the page: one a profile, where it comes back to, the core it starts.

usage: test_shell.py ESCHER_DESKTOP      (prints TAP; `escher` is looked for where the build has it)
"""
import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest
import zlib

import fake_core
import session
import steer
from patience import PATIENCE_S

PASSPHRASE = "correct horse"


def png_size_and_colours(path):
    """Width, height, and how many different bytes its pixels hold: a blank picture holds one."""
    data = pathlib.Path(path).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n"), "no PNG"
    width, height = struct.unpack(">II", data[16:24])
    pixels, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            pixels += data[at + 8:at + 8 + length]
        at += 12 + length
    return width, height, len(set(zlib.decompress(pixels)))


class Shell(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.display = steer.Display()
        cls.program = pathlib.Path(sys.argv[1]).resolve()
        beside = [cls.program.parent / "escher", cls.program.parent.parent / "cli/escher"]
        cls.escher = next((str(one) for one in beside if one.exists()), None)

    @classmethod
    def tearDownClass(cls):
        cls.display.stop()

    def setUp(self):
        self.room = steer.new_home()
        self.home = pathlib.Path(self.room.name)
        self.core = None
        self.windows, self.started = [], []

    def tell(self):
        """What the window and the core said, for people who look for the cause of a failure."""
        for log in sorted(self.home.rglob("*.log")):
            print(f"== {log.name}\n{log.read_text(errors='replace')[-8000:]}", file=sys.stderr)

    def run(self, result=None):
        self.result, self.bad_before = result, len(result.failures) + len(result.errors)
        return super().run(result)

    def tearDown(self):
        if len(self.result.failures) + len(self.result.errors) > self.bad_before:
            self.tell()
        for window in self.windows:
            window.close()
        for process in self.started:
            process.kill()
            process.communicate()
        if self.core:
            self.core.stop()
        elif self.escher and (self.home / "run/default.sock").exists():
            self.cli("core", "stop")
        steer.end_all_with("ESCHER_HOME", self.home)
        self.room.cleanup()

    def environment(self, **more):
        return {**os.environ, "DISPLAY": self.display.name, "ESCHER_HOME": str(self.home),
                "HOME": str(self.home), "LANG": "C.UTF-8", **more}

    def fake(self):
        self.core = fake_core.FakeCore(self.home)

    def open(self, *arguments, **environment):
        window = steer.Window(self.program, self.display, self.home, *arguments,
                              environment=environment)
        self.windows.append(window)
        return window

    def plain(self, *arguments, **environment):
        """The program by itself, without a WebDriver; its output goes to plain.log."""
        with open(self.home / "plain.log", "ab") as log:
            process = subprocess.Popen([self.program, *arguments], stdout=log, stderr=log,
                                       env=self.environment(**environment))
        self.started.append(process)
        return process

    def cli(self, *words, passphrase=None):
        fds = []
        if passphrase:
            reading, writing = os.pipe()
            os.write(writing, passphrase.encode())
            os.close(writing)
            fds, words = [reading], (*words, "--passphrase-fd", str(reading))
        done = subprocess.run([self.escher, *words], env=self.environment(), pass_fds=fds,
                              capture_output=True, text=True, timeout=PATIENCE_S)
        for fd in fds:
            os.close(fd)
        return done

    @staticmethod
    def status_of(window):
        """The code of /api/status; None while the page is being loaded again."""
        try:
            return window.promise("(await fetch('/api/status')).status")
        except steer.Failure:
            return None

    def service(self, *words):
        """One of the desktop's services, as reader.py plays it."""
        process = subprocess.Popen([session.SYSTEM_PYTHON, session.READER, *words], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.started.append(process)
        self.assertEqual("ready\n", process.stdout.readline())
        return process

    def look(self, *words):
        return session.read(self.display, *words)

    # Arguments.

    def test_help_and_version_need_no_display_and_the_manual_has_every_option(self):
        said = {}
        for word in ("--help", "--version"):
            done = subprocess.run([self.program, word], capture_output=True, text=True,
                                  env=self.environment(DISPLAY=""))
            self.assertEqual(0, done.returncode)
            said[word] = done.stdout
        self.assertIn("escher-desktop 0.", said["--version"])
        options = re.findall(r"^  (?:-\w, )?(--\w+)", said["--help"], re.M)
        self.assertIn("--theme", options)
        page = (pathlib.Path(__file__).resolve().parents[2]
                / "docs/man/escher-desktop.1.scd").read_text()
        self.assertEqual(sorted(options), sorted(re.findall(r"^\*(--\w+)\*", page, re.M)))

    def test_wrong_words_and_links_are_refused_before_a_window_opens(self):
        for word in ("--nonsense", "escher://open/api/stop", "https://open/", "--size=1x1",
                     "--theme=pink", "--graphics=none", "--profile"):
            with self.subTest(word):
                done = subprocess.run([self.program, word], capture_output=True, text=True,
                                      env=self.environment())
                self.assertEqual(2, done.returncode)
                self.assertTrue(done.stderr.startswith("escher-desktop: "))

    def test_without_a_display_it_says_what_to_do(self):
        self.fake()
        done = subprocess.run([self.program], capture_output=True, text=True,
                              env=self.environment(DISPLAY=":none", WAYLAND_DISPLAY=""))
        self.assertEqual(8, done.returncode)
        self.assertIn("escher serve", done.stderr)

    # One window.

    def test_a_second_start_raises_the_first_and_hands_its_link_over(self):
        self.fake()
        window = self.open()
        window.run("window.stayed = true; window.told = [];"
                   "addEventListener('escher:open', e => told.push(e.detail))")
        second = subprocess.run([self.program], env=self.environment(), timeout=PATIENCE_S)
        self.assertEqual(0, second.returncode)
        self.assertTrue(window.run("return window.stayed"), "raising loads nothing")
        link = "escher://open/plans/7f3a?approve=1"
        subprocess.run([self.program, link], env=self.environment(), timeout=PATIENCE_S, check=True)
        steer.wait_for(lambda: window.url() == "escher://app/plans/7f3a?approve=1")
        self.assertEqual([], self.core.acts(), "a link only navigates")
        self.assertEqual(1, len([p for p in steer.tree(window.driver.pid)
                                 if steer.name_of(p) == "escher-desktop"]))

    def test_a_page_that_takes_a_link_keeps_what_was_typed(self):
        self.fake()
        window = self.open()
        window.run("window.typed = 'stop pg'; window.told = [];"
                   "addEventListener('escher:open', e => { told.push(e.detail);"
                   " e.preventDefault() })")
        subprocess.run([self.program, "escher://open/runs/7"], env=self.environment(), timeout=PATIENCE_S)
        steer.wait_for(lambda: window.run("return told.length"))
        self.assertEqual([["/runs/7"], "stop pg"], window.run("return [told, typed]"))

    def test_a_first_start_opens_where_its_link_says(self):
        self.fake()
        window = self.open("escher://open/runs/42?tab=log")
        self.assertEqual("escher://app/runs/42?tab=log", window.url())
        self.assertEqual([], self.core.acts())

    def test_a_lock_left_by_a_dead_window_is_no_obstacle(self):
        self.fake()
        first = self.plain()
        sock = self.home / "run/default.window.sock"
        steer.wait_for(sock.exists)
        first.kill()
        first.wait()
        self.assertTrue(sock.exists())
        self.assertEqual("escher://app/", self.open().url())

    def test_a_window_too_busy_to_wait_for_the_word_is_told_again(self):
        run = self.home / "run"
        run.mkdir(mode=0o700, exist_ok=True)
        with open(run / "default.window.lock", "w") as lock, \
                socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as other:
            fcntl.flock(lock, fcntl.LOCK_EX)
            other.bind(str(run / "default.window.sock"))
            other.listen()
            second = self.plain("escher://open/runs/7")
            other.accept()[0].close()
            visitor, _ = other.accept()
            with visitor:
                self.assertEqual({"link": "escher://open/runs/7"}, json.loads(visitor.recv(4096)))
                visitor.send(b"ok")
            self.assertEqual(0, second.wait(PATIENCE_S))

    def test_noise_on_its_socket_does_not_disturb_it(self):
        self.fake()
        window = self.open()
        window.run("window.stayed = true")
        for word in (b"", b"{", b"x" * 4000, b'{"link":"https://elsewhere/"}',
                     b'{"link":"escher://open/../api/stop"}', b'{"link":7}'):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as one:
                one.connect(str(self.home / "run/default.window.sock"))
                one.send(word)
        self.assertEqual(["escher://app/", True],
                         [window.url(), window.run("return window.stayed")])

    # What stays.

    def test_its_size_is_remembered(self):
        self.fake()
        first = self.open("--size", "900x700")
        self.assertEqual([900, 700], first.run("return [innerWidth, innerHeight]"))
        first.close()
        state = self.home / "state/default/window.json"
        steer.wait_for(state.exists)
        self.assertEqual([900, 700, False], [json.loads(state.read_text())[name] for name in
                                             ("width", "height", "maximized")])
        self.assertEqual([900, 700], self.open().run("return [innerWidth, innerHeight]"))

    def test_a_page_that_crashed_comes_back_where_it_was(self):
        self.fake()
        window = self.open()
        window.run("history.pushState(null, '', '/runs/42')")
        asked = len(self.core.asked("/api/events"))
        os.kill(window.web_process(), signal.SIGKILL)
        steer.wait_for(lambda: len(self.core.asked("/api/events")) > asked)
        steer.wait_for(lambda: self.look("uri") == "escher://app/runs/42")

    def test_a_page_that_keeps_crashing_waits_for_a_person(self):
        self.fake()
        window = self.open()
        steer.wait_for(lambda: self.core.asked("/api/events"))
        for number in range(4):
            asked = len(self.core.asked("/api/events"))
            os.kill(steer.wait_for(window.web_process), signal.SIGKILL)
            # WebKit itself gives up when a process dies before it has said who it is.
            if number < 3:
                steer.wait_for(lambda: len(self.core.asked("/api/events")) > asked)
        self.look("find", "ended unexpectedly several times")
        self.assertEqual(asked, len(self.core.asked("/api/events")))
        self.look("press", "Load it again")
        steer.wait_for(lambda: len(self.core.asked("/api/events")) > asked)

    # What is shown.

    def test_something_is_drawn_light_or_dark(self):
        self.fake()
        seen = {}
        for theme in ("light", "dark"):
            asked = len(self.core.asked("/api/events"))
            window = self.plain("--size", "1600x1200", "--theme", theme)
            steer.wait_for(lambda: len(self.core.asked("/api/events")) > asked)
            # Blank windows have a colour or two.
            pixels = steer.wait_for(lambda: (lambda all: all if len(set(all)) > 30 else None)(
                [pixel & 0xffffff for pixel in memoryview(
                    self.display.screen.picture()).cast("I")[::97]]))
            seen[theme] = sum((p & 255) + (p >> 8 & 255) + (p >> 16) for p in pixels) / len(pixels)
            window.terminate()
            self.assertEqual(0, window.wait(20))
        self.assertGreater(seen["light"], 2 * seen["dark"])

    def test_a_screenshot_is_a_picture_of_the_page_at_its_size(self):
        self.fake()
        for theme in ("light", "dark"):
            target = self.home / f"{theme}.png"
            done = self.plain("--screenshot", str(target), "--size", "1000x700", "--theme", theme)
            self.assertEqual(0, done.wait(60))
            width, height, colours = png_size_and_colours(target)
            self.assertEqual((1000, 700), (width, height))
            self.assertGreater(colours, 20)
        self.assertNotEqual((self.home / "light.png").read_bytes(),
                            (self.home / "dark.png").read_bytes())
        self.assertFalse((self.home / "state/default/window.json").exists())

    def test_a_picture_is_made_beside_an_open_window(self):
        self.fake()
        window = self.open()
        target = self.home / "beside.png"
        self.assertEqual(0, self.plain("--screenshot", str(target)).wait(60))
        self.assertTrue(target.exists())
        self.assertEqual("Escher", window.run("return document.title")[-6:])

    def test_a_picture_that_cannot_be_written_is_a_failure(self):
        self.fake()
        self.assertEqual(1, self.plain("--screenshot", "/nonexistent/x.png").wait(60))

    def test_it_is_dark_when_the_desktop_is_and_follows_it(self):
        self.fake()
        portal = self.service("portal")
        window = self.open()
        dark = "return matchMedia('(prefers-color-scheme: dark)').matches"
        steer.wait_for(lambda: window.run(dark))
        portal.stdin.write("light\n")
        portal.stdin.flush()
        steer.wait_for(lambda: not window.run(dark))

    def test_without_a_sandbox_it_opens_and_says_so(self):
        self.fake()
        folder = self.home / "bin"
        folder.mkdir()
        (folder / "bwrap").write_text("#!/bin/sh\necho no namespaces >&2\nexit 1\n")
        (folder / "bwrap").chmod(0o755)
        window = self.open(PATH=f"{folder}:{os.environ['PATH']}")
        said = self.look("find", "without its sandbox")
        self.assertIn("bubblewrap does not work here: no namespaces. Cure: ", said)
        self.assertEqual(pathlib.Path("/proc/self/ns/net").readlink(),
                         pathlib.Path(f"/proc/{window.web_process()}/ns/net").readlink())

    def test_no_inspector_listens_outside_of_tests(self):
        self.fake()
        port = steer.free_port()
        self.plain(WEBKIT_INSPECTOR_SERVER=f"127.0.0.1:{port}",
                   WEBKIT_INSPECTOR_HTTP_SERVER=f"127.0.0.1:{port}")
        steer.wait_for(lambda: self.core.asked("/api/events"))
        with socket.socket() as one:
            self.assertNotEqual(0, one.connect_ex(("127.0.0.1", port)))

    def test_a_note_is_shown_only_while_the_person_looks_elsewhere(self):
        self.fake()
        notes = self.home / "notes"
        self.service("notes", str(notes))
        # Without a window manager the window under the pointer is the active one; the pointer
        # rests in the middle of the display.
        front = self.open("--size", "1600x1200")
        self.assertEqual({"shown": False}, front.promise("escher.notify('Done', 'x')"))
        front.close()
        aside = self.open("--size", "640x400")
        self.assertEqual({"shown": True}, aside.promise(
            "escher.notify('Run \\u202e done', '<b>pg</b>\\n' + 'x'.repeat(1000))"))
        title, body = notes.read_text(encoding="utf-8").splitlines()[-1].split("\t")
        self.assertNotIn("\u202e", title)
        self.assertTrue(body.startswith("&lt;b&gt;pg&lt;/b&gt;"))
        self.assertLess(len(body), 500)

    # The core.

    def test_a_core_that_went_is_noticed_and_one_that_came_is_used(self):
        self.fake()
        window = self.open()
        self.core.stop()
        (self.home / "run/default.sock").unlink()
        code, body = steer.wait_for(lambda: (
            lambda answer: answer if answer[0] != 200 else None)(window.promise(
                "await (async r => [r.status, await r.json()])(await fetch('/api/status'))")))
        self.assertEqual([body["status"], body["status"]],
                         [body["body"]["status"], body["status"]])
        self.assertIn(code, (404, 503))
        self.fake()
        steer.wait_for(lambda: self.status_of(window) == 200)

    def test_it_starts_the_core_and_asks_for_the_passphrase_itself(self):
        if not self.escher:
            self.skipTest("escher is not built")
        made = self.cli("init", "--keyring", "file", passphrase=PASSPHRASE)
        self.assertEqual(0, made.returncode, made.stderr)
        window = self.open()
        self.look("find", "Unlock Escher")
        self.assertEqual(423, window.promise("(await fetch('/api/status')).status"))
        self.look("type", "wrong one")
        self.look("press", "Unlock")
        self.look("find", "does not open")
        self.look("type", PASSPHRASE)
        self.look("press", "Unlock")
        steer.wait_for(lambda: self.status_of(window) == 200)
        self.assertNotIn(PASSPHRASE, window.run("return document.documentElement.outerHTML"))
        window.close()
        self.assertEqual(0, self.cli("status").returncode, "the core outlives the window")

    def test_a_machine_without_a_store_gets_one_when_the_person_wants_it(self):
        if not self.escher:
            self.skipTest("escher is not built")
        window = self.open(DBUS_SESSION_BUS_ADDRESS=os.environ["DBUS_SESSION_BUS_ADDRESS"])
        self.look("find", "There is no store on this machine yet")
        self.assertFalse((self.home / "data/default/store.db").exists())
        self.look("press", "Create it")
        self.look("find", "Choose a passphrase")  # this session has no keychain
        self.look("type", PASSPHRASE, "not the same")
        self.look("press", "Create the store")
        self.look("find", "The two are not the same")
        self.look("type", PASSPHRASE, PASSPHRASE)
        self.look("press", "Create the store")
        self.look("find", "Your recovery code")
        code = self.look("find", "-")
        self.look("press", "I have written it down")
        steer.wait_for(lambda: self.status_of(window) == 200)
        self.assertTrue((self.home / "data/default/store.db").exists())
        self.assertNotIn(code, window.run("return document.documentElement.outerHTML"))

    # More figures are taken by tools/bench.

    def test_the_window_needs_less_memory_than_its_budget(self):
        self.fake()
        window = self.open()
        steer.wait_for(lambda: self.core.asked("/api/events"))
        time.sleep(1)
        parts = {}
        for pid in steer.tree(window.pid()):
            name = steer.name_of(pid)
            parts[name] = parts.get(name, 0) + steer.pss_mb([pid])
        print(f"# PSS {sum(parts.values()):.0f} MB:",
              ", ".join(f"{name} {mb:.0f}" for name, mb in parts.items()), flush=True)
        self.assertGreater(sum(parts.values()), 50)
        maps = pathlib.Path(f"/proc/{window.pid()}/maps").read_text()
        self.assertLess(sum(parts.values()), 400 if "/libasan" in maps else 260)


if __name__ == "__main__":
    session.run()
