# SPDX-License-Identifier: Apache-2.0
"""The core as a service manager or a person starts it: by its name, with a log instead of a terminal."""

import os
import pathlib
import re
import resource
import signal
import subprocess
import unittest

import stage
import tap


class Core(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.Stage().__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.stage.init()
        cls.stage.stop_core()

    def test_it_serves_until_it_is_told_to_stop(self):
        log = self.stage.folder / "core-by-hand.log"
        with log.open("w") as stderr:
            core = self.stage.start("core", stderr=stderr)
        stage.wait_for(lambda: "listens on" in log.read_text() or core.poll() is not None,
                       "the core to listen")
        self.stage.escher("status")
        self.assertIn(core.pid, self.stage.processes())
        self.assertEqual(1, len([line for line in self.stage.processes().values()
                                 if "escher core" in line]), "another core was started")
        core.send_signal(signal.SIGTERM)
        said = self.stage.end(core)
        self.assertEqual(0, said.code, log.read_text())

    def test_a_second_one_says_who_is_in_its_way_and_the_first_goes_on(self):
        self.stage.escher("status")
        first = self.stage.core()
        said = self.stage.escher("core", code=9)
        self.assertRegex(said.err, r"^\S+ error the core ended why=\"another Escher holds the store "
                                   r"\(`escher core stop` ends a core that does\): \S+\"\n$")
        self.stage.escher("status")
        self.assertEqual(first, self.stage.core())
        self.stage.stop_core()

    def test_commands_at_once_share_the_core_that_one_of_them_starts(self):
        self.stage.escher("core", "stop")
        for started in [self.stage.start("status") for _ in range(6)]:
            said = self.stage.end(started)
            self.assertEqual((0, ""), (said.code, said.err))
        self.assertEqual(1, len([line for line in self.stage.processes().values()
                                 if "escher core" in line]))
        self.stage.stop_core()

    def test_a_crash_leaves_no_image_of_its_memory(self):
        """Where core files are wanted, and a core dies of what makes one."""
        before = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, before)
        log = self.stage.folder / "core-that-crashes.log"
        with log.open("w") as stderr:
            core = self.stage.start("core", stderr=stderr)
        self.addCleanup(core.kill)
        stage.wait_for(lambda: "listens on" in log.read_text(), "the core to listen")
        flags = re.findall(r"^VmFlags:(.*)$", pathlib.Path(f"/proc/{core.pid}/smaps").read_text(),
                           re.MULTILINE)
        locked = [words for words in flags if " lo" in words]
        if not stage.is_sanitized():  # a sanitizer locks nothing
            self.assertTrue(locked, "no page is locked")
        self.assertEqual([], [words for words in locked if " dd" not in words])
        core.send_signal(signal.SIGQUIT)
        _, status = os.waitpid(core.pid, 0)
        core.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(-signal.SIGQUIT, core.returncode, log.read_text())
        self.assertFalse(os.WCOREDUMP(status))
        self.stage.end(core)

    def test_what_is_typed_loads_no_library_of_the_rooms(self):
        """It starts in a millisecond; libcurl alone would take ten."""
        program = self.stage.build / "apps/cli/escher"
        loaded = subprocess.run(["ldd", str(program)], check=True, capture_output=True,
                                text=True).stdout
        self.assertIn("libuv", loaded)
        for library in ("curl", "microhttpd", "secret", "sqlite3", "crypto", "glib"):
            self.assertNotIn(f"lib{library}", loaded)

    def test_a_folder_that_others_write_to_holds_no_socket(self):
        folder = self.stage.home / "run"
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o777)
        self.addCleanup(folder.chmod, 0o700)
        said = self.stage.escher("core", code=None)
        self.assertNotEqual(0, said.code)
        self.assertIn("not yours alone", said.err)


if __name__ == "__main__":
    # A shell that runs this in the background has it ignored, and so would the core have.
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    tap.main()
