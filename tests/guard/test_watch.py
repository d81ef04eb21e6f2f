# SPDX-License-Identifier: Apache-2.0
"""`escher sync --watch` at a narrow terminal: what is shown, and that Ctrl-C ends it."""

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import unittest

import stage
import tap

COLUMNS = 48


class Watch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.shared()

    def watch(self):
        """The process, its terminal, and what that shows until the first sync is over."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        with self.stage.variables(NO_COLOR="1"):
            process = self.stage.start("sync", "--watch", "--service", "rds", stdin=theirs,
                                       stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        while b"Ctrl-C ends it" not in shown:
            shown += os.read(ours, 4096)
        return process, shown.decode()

    def test_it_shows_how_far_it_is_and_waits_until_it_is_ended(self):
        process, shown = self.watch()
        self.assertIsNone(process.poll())
        self.assertRegex(shown, r"cells seen; \d+ calls in ")
        self.assertIn("asked again in 15 min", shown)
        changing = re.findall(r"(?:^|\n|\x1b\[K)(  \d+(?: of ~\d+)? calls[^\r\n]*)", shown)
        self.assertTrue(changing, shown)
        for line in changing:
            self.assertLess(len(line), COLUMNS, line)
        left = shown.rpartition("\x1b[K")[2]  # the line that changes was taken back
        self.assertNotRegex(left, r"^  \d+(?: of ~\d+)? calls")
        process.send_signal(signal.SIGINT)
        self.assertIn(process.wait(stage.PATIENCE_S), (-signal.SIGINT, 130))


if __name__ == "__main__":
    tap.main()
