# SPDX-License-Identifier: Apache-2.0
"""The runner of the flows, on flows that need no program of ours: it sees what goes wrong."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]

import tap  # noqa: E402


def run(text: str, *arguments: str) -> tuple[int, str]:
    with tempfile.TemporaryDirectory(prefix="escher-build-") as build:
        flow = pathlib.Path(build, "some.flow")
        flow.write_text(text, encoding="utf-8")
        done = subprocess.run([ROOT / "tests/flows/run", *arguments, flow], text=True,
                              capture_output=True, check=False, timeout=600,
                              env=os.environ | {"ESCHER_BUILD": build})
        return done.returncode, done.stdout


class Running(unittest.TestCase):
    def test_what_is_as_written_passes(self):
        code, said = run("    $ echo one; echo two >&2; exit 3\n    one\n    two\n    [exit 3]\n")
        self.assertEqual(code, 0, said)
        self.assertIn("ok 1 - line 1: echo one", said)
        self.assertIn("1..3", said)

    def test_other_output_fails_and_ends_the_flow(self):
        code, said = run("    $ echo one\n    other\n\n    $ echo never\n    never\n")
        self.assertEqual(code, 1)
        self.assertIn("not ok 1", said)
        self.assertIn("#   > other", said)
        self.assertNotIn("line 4", said)

    def test_another_exit_code_fails(self):
        self.assertEqual(run("    $ exit 1\n")[0], 1)
        self.assertEqual(run("    $ exit 0\n    [exit 1]\n")[0], 1)

    def test_every_command_gets_the_passphrase_and_the_same_folder(self):
        code, said = run("    $ touch made; cat <&$ESCHER_PASSPHRASE_FD\n"
                         "    correct horse battery staple\n\n"
                         "    $ ls -d made; wc -w <&$ESCHER_PASSPHRASE_FD\n    made\n    4\n")
        self.assertEqual(code, 0, said)

    def test_a_name_taken_from_output_stands_in_later_commands(self):
        code, said = run("    $ echo the hash is sha256:abc\n    the hash is {hash}\n\n"
                         "    $ echo {hash}\n    {hash}\n\n    $ test {hash} = sha256:abc\n")
        self.assertEqual(code, 0, said)

    def test_a_process_that_stays_is_told_and_ended(self):
        code, said = run("    $ sleep 1000 & disown\n")
        self.assertEqual(code, 1)
        self.assertRegex(said, r"not ok \d+ - no process is left\n# sleep 1000")

    def test_what_runs_in_the_background_on_purpose_ends_with_the_flow(self):
        code, said = run("    $ background waiter begun sh -c 'echo begun; exec sleep 1000'\n"
                         "    begun\n")
        self.assertEqual(code, 0, said)

    def test_a_terminal_is_one_and_takes_what_is_typed(self):
        code, said = run("    $ test -t 0 && test -t 2 && read -p 'Sure? ' x && echo got $x\n"
                         "    Sure? …\n    > yes\n    got yes\n")
        self.assertEqual(code, 0, said)

    def test_environment_of_the_header_is_set(self):
        code, said = run("env: COLOUR=$FLOW/blue\n\n    $ test $COLOUR = $PWD/blue\n")
        self.assertEqual(code, 0, said)

    def test_showing_prints_a_transcript(self):
        code, said = run("    $ echo one; exit 3\n    …\n", "--show")
        self.assertEqual((code, said), (0, "    $ echo one; exit 3\n    one\n    [exit 3]\n\n"))


if __name__ == "__main__":
    tap.main()
