# SPDX-License-Identifier: Apache-2.0
"""`make server`: starts, says how to be asked, answers, and leaves nothing behind."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support")]

import tap  # noqa: E402
from patience import PATIENCE_S  # noqa: E402


@unittest.skipUnless((ROOT / "build/share/minilm.escemb").exists(), "no weights")
class Server(unittest.TestCase):
    def test_what_it_prints_can_be_used_and_ctrl_c_leaves_nothing(self):
        process = subprocess.Popen([str(ROOT / "tools/run-server"), "0"], text=True,
                                   stdout=subprocess.PIPE, start_new_session=True,
                                   env=os.environ | {"ESCHER_SHARE": str(ROOT / "build/share")})
        try:
            said = ""
            while "Ctrl-C" not in said:
                line = process.stdout.readline()
                self.assertTrue(line, "it ended early")
                said += line
            token = pathlib.Path(re.search(r"\$\(cat (\S+)\)", said)[1])
            url = re.search(r"(http://\S+/v1/playbooks)", said)[1]
            self.assertEqual(0o600, token.stat().st_mode & 0o777)
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(url, timeout=PATIENCE_S)
            self.assertEqual(401, refused.exception.code)
            request = urllib.request.Request(
                url, headers={"Authorization": f"Bearer {token.read_text()}"})
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                self.assertIn(b"aws_rds_stop_instance", answer.read())
        finally:
            os.killpg(process.pid, signal.SIGINT)
            code = process.wait(PATIENCE_S)
        process.stdout.close()
        self.assertEqual(0, code)
        self.assertFalse(token.exists())
        with self.assertRaises(urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5)


if __name__ == "__main__":
    tap.main()
