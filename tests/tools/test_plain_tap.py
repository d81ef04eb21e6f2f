# SPDX-License-Identifier: Apache-2.0
"""tools/plain-tap: what node and vitest say, as Meson reads it, with the cause of each failure."""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support")]

import tap  # noqa: E402

NODE = """TAP version 13
# Subtest: a
ok 1 - a
  ---
  duration_ms: 12
  ...
# Subtest: b
not ok 2 - b
  ---
  error: |-
    locator.waitFor: Timeout 120000ms exceeded.
    Call log:
    \x1b[2m  - waiting for locator('.row')\x1b[22m

  code: 'ERR_TEST_FAILURE'
  ...
# http://127.0.0.1/runs shows: Runs
"""
VITEST = """TAP version 13
1..2
not ok 1 - x.test.ts > one
    ---
    actual: "{
  \\"a\\": 1,
}"
    ...
ok 2 - x.test.ts > two # time=1ms
"""
KNOWN = re.compile(r"(TAP version 13|1\.\.\d+|(not )?ok \d+ - .*|#.*)$")


def plain(text: str) -> list[str]:
    done = subprocess.run([ROOT / "tools/plain-tap"], input=text, text=True, capture_output=True,
                          check=True)
    return done.stdout.splitlines()


class Plain(unittest.TestCase):
    def test_every_line_is_tap(self):
        for said in (NODE + "1..2\n", VITEST, "a word of somebody else's\n\n", ""):
            for line in plain(said):
                self.assertRegex(line, KNOWN)

    def test_what_describes_a_failure_is_kept_without_colours(self):
        lines = plain(NODE)
        self.assertEqual(["TAP version 13", "ok 1 - a", "not ok 2 - b"], lines[:3])
        self.assertIn("#       - waiting for locator('.row')", lines)
        self.assertEqual("# http://127.0.0.1/runs shows: Runs", lines[-1])
        self.assertIn('#   \\"a\\": 1,', plain(VITEST))

    def test_what_describes_a_success_is_left_out(self):
        self.assertNotIn("duration", " ".join(plain(NODE)))

    def test_a_failure_far_above_is_said_once_more_at_the_end(self):
        many = "".join(f"ok {number} - c\n" for number in range(3, 103))
        lines = plain(NODE + many)
        end = lines[lines.index("# Failed:"):]
        self.assertEqual("# not ok 2 - b", end[1])
        self.assertIn("#     locator.waitFor: Timeout 120000ms exceeded.", end)
        self.assertLess(len(end), 100)
        self.assertNotIn("# Failed:", plain(NODE))

    def test_a_skip_is_no_failure(self):
        said = "not ok 1 - a # SKIP no display\n  ---\n  x: 1\n  ...\n"
        self.assertEqual(said.splitlines()[:1], plain(said))


if __name__ == "__main__":
    tap.main()
