# SPDX-License-Identifier: Apache-2.0
"""tools/test-total adds up what test programs said, and what they did not say."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support")]

import tap  # noqa: E402


def total(*tests: tuple[str, str]) -> tuple[int, str]:
    """Exit code and last line for tests of (result, stdout)."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as log:
        for number, (result, stdout) in enumerate(tests):
            row = {"name": f"room/{number}", "result": result, "stdout": stdout}
            log.write(json.dumps(row) + "\n")
        log.flush()
        done = subprocess.run([ROOT / "tools/test-total", log.name], text=True,
                              capture_output=True, check=False)
        return done.returncode, done.stdout.splitlines()[-1]


class Totals(unittest.TestCase):
    def expect(self, line: str, *tests: tuple[str, str]) -> None:
        code, last = total(*tests)
        self.assertEqual(last, line)
        self.assertEqual(code, 0 if ", 0 failed," in line else 1)

    def test_lines_of_all_programs_are_added(self):
        self.expect("3 passed, 0 failed, 0 skipped",
                    ("OK", "1..2\nok 1 - a\nok 2 - b\n"), ("OK", "1..1\nok 1 - c\n"))

    def test_a_failed_line_fails_whatever_the_program_ended_with(self):
        self.expect("1 passed, 1 failed, 0 skipped", ("OK", "1..2\nok 1 - a\nnot ok 2 - b\n"))
        self.expect("1 passed, 1 failed, 0 skipped", ("FAIL", "1..2\nok 1 - a\nnot ok 2 - b\n"))

    def test_a_skip_is_a_skip_in_both_spellings(self):
        self.expect("0 passed, 0 failed, 2 skipped",
                    ("OK", "1..2\nnot ok 1 # SKIP a\nok 2 - b # SKIP no data\n"))

    def test_a_leak_or_crash_at_exit_is_a_failure(self):
        self.expect("1 passed, 1 failed, 0 skipped", ("FAIL", "1..1\nok 1 - a\n"))
        self.expect("0 passed, 1 failed, 1 skipped", ("FAIL", "1..1\nok 1 - a # SKIP\n"))

    def test_a_crash_in_the_middle_is_a_failure(self):
        self.expect("1 passed, 1 failed, 0 skipped", ("FAIL", "1..3\nok 1 - a\n"))
        self.expect("0 passed, 1 failed, 0 skipped", ("TIMEOUT", ""))
        self.expect("0 passed, 1 failed, 0 skipped", ("ERROR", ""))

    def test_a_program_that_says_nothing_is_a_failure(self):
        self.expect("0 passed, 1 failed, 0 skipped", ("OK", ""))
        self.expect("0 passed, 1 failed, 0 skipped", ("OK", "hello\n"))

    def test_a_program_that_says_less_than_it_announced_is_a_failure(self):
        self.expect("1 passed, 1 failed, 0 skipped", ("OK", "1..2\nok 1 - a\n"))
        self.expect("1 passed, 1 failed, 0 skipped", ("OK", "ok 1 - a\n1..2\n"))

    def test_a_program_may_skip_itself_as_a_whole(self):
        self.expect("0 passed, 0 failed, 1 skipped", ("SKIP", ""))
        self.expect("0 passed, 0 failed, 1 skipped", ("SKIP", "1..0 # SKIP no keychain\n"))

    def test_no_log_and_an_empty_log_are_failures(self):
        self.expect("0 passed, 1 failed, 0 skipped")
        done = subprocess.run([ROOT / "tools/test-total", "/nonexistent"], text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "0 passed, 1 failed, 0 skipped\n")

    def test_a_line_that_only_looks_like_a_result_is_none(self):
        self.expect("1 passed, 0 failed, 0 skipped",
                    ("OK", "# not ok\nokay then\n  not ok 3\n1..1\nok 1 - a\n# ok - group\n"))


if __name__ == "__main__":
    tap.main()
