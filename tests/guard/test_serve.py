# SPDX-License-Identifier: Apache-2.0
"""The link of `escher serve` reaches a browser without standing where others can read it."""

import os
import pty
import re
import signal
import unittest

import stage
import tap

OPENER = """#!/bin/sh
printf '%s\\n' "$*" "$(stat -c %a "$1")" "$(cat "$1")" >opened.part
mv opened.part opened
"""


class Serve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.Stage().__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.stage.init()
        programs = cls.stage.folder / "programs"
        programs.mkdir()
        (programs / "xdg-open").write_text(OPENER)
        (programs / "xdg-open").chmod(0o755)
        cls.path = f"{programs}:{cls.stage.environment['PATH']}"

    def setUp(self):
        self.opened = self.stage.folder / "opened"
        self.opened.unlink(missing_ok=True)

    def serve(self, *words: str):
        """At a terminal, beside a display; the process and what the terminal shows up to the note."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        with self.stage.variables(PATH=self.path, DISPLAY=":7", NO_COLOR="1"):
            process = self.stage.start("serve", *words, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = ""
        while "Ctrl-C ends the workbench" not in shown:
            shown += os.read(ours, 4096).decode()
        return process, shown

    def end(self, process):
        process.send_signal(signal.SIGINT)
        self.assertEqual(0, process.wait(stage.PATIENCE_S))

    def test_a_browser_gets_the_link_from_a_file_of_its_owner(self):
        process, shown = self.serve()
        stage.wait_for(self.opened.exists, "the browser")
        path, mode, *page = self.opened.read_text().splitlines()
        [url] = re.findall(r"http://127\.0\.0\.1:\d+/#t=\S+", shown)
        code = url.partition("#t=")[2]
        self.assertEqual("600", mode)
        self.assertIn(f"url={url}", "\n".join(page))
        self.assertNotIn(code, path)
        self.assertNotIn(code, "".join(self.stage.processes().values()))
        self.assertIn("your browser opens it", shown)
        self.end(process)
        self.assertFalse(os.path.exists(path), "the page with the link is left behind")

    def test_without_a_wish_for_it_no_browser_is_opened(self):
        process, shown = self.serve("--no-open")
        self.assertIn("it works once", shown)
        self.end(process)
        self.assertFalse(self.opened.exists())


if __name__ == "__main__":
    tap.main()
