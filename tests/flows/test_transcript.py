# SPDX-License-Identifier: Apache-2.0
"""A flow that cannot fail proves nothing: how transcripts are read and compared."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/flows")]

import clear  # noqa: E402
import tap  # noqa: E402
import transcript  # noqa: E402

TEXT = """# A title

world: small
after: one
after: two

Prose.

    $ first
    out

    more out

Other prose: with a colon.

    $ second \\
      and on
    [exit 4]

    $ third
    Approve? …
    > y
    done
"""


class Reading(unittest.TestCase):
    def test_header_commands_output_and_exit_codes_are_told_apart(self):
        flow = transcript.read(TEXT)
        self.assertEqual(flow.title, "A title")
        self.assertEqual(flow.header, {"world": ["small"], "after": ["one", "two"]})
        self.assertEqual([c.text for c in flow.commands], ["first", "second \\\n  and on", "third"])
        self.assertEqual([c.exit for c in flow.commands], [0, 4, 0])
        self.assertEqual(flow.commands[0].printed, [["out", "", "more out"]])
        self.assertEqual(flow.commands[1].printed, [[]])

    def test_what_is_typed_parts_what_is_printed(self):
        [*_, third] = transcript.read(TEXT).commands
        self.assertEqual(third.typed, ["y"])
        self.assertEqual(third.printed, [["Approve? …"], ["done"]])

    def test_output_before_a_command_is_refused(self):
        for text in ("    out\n", "", "only prose\n"):
            with self.assertRaises(transcript.Wrong):
                transcript.read(text)


class Matching(unittest.TestCase):
    def expect(self, good: bool, lines: list[str], output: str, known=None) -> dict:
        known = {} if known is None else known
        self.assertEqual(transcript.match(lines, output, known), good, (lines, output))
        return known

    def test_lines_must_be_equal_and_complete(self):
        self.expect(True, ["a", "b"], "a\nb\n")
        self.expect(True, ["a"], "a  \r\n\n")
        self.expect(True, [], "")
        for output in ("a\n", "a\nb\nc\n", "b\na\n", "a\n\nb\n", "", "xa\nb\n", "a\nbx\n"):
            self.expect(False, ["a", "b"], output)
        self.expect(False, [], "a\n")
        self.expect(False, ["a.c"], "abc\n")

    def test_dots_in_a_line_stay_in_the_line(self):
        self.expect(True, ["a … c"], "a b c\n")
        self.expect(True, ["a…"], "a\n")
        self.expect(True, ["a …"], "a \n")
        self.expect(False, ["a …"], "ab\n")
        self.expect(False, ["a … c"], "a b\nc\n")
        self.expect(False, ["a …"], "b a x\n")

    def test_a_line_of_dots_is_any_number_of_lines(self):
        for output in ("a\nz\n", "a\nb\nz\n", "a\nb\n\nc\nz\n"):
            self.expect(True, ["a", "…", "z"], output)
        self.expect(False, ["a", "…", "z"], "a\nb\n")
        self.expect(True, ["…"], "")

    def test_a_name_takes_a_word_and_keeps_it(self):
        known = self.expect(True, ["hash {hash} end"], "hash sha256:ab-12 end\n")
        self.assertEqual(known, {"hash": "sha256:ab-12"})
        self.expect(True, ["again {hash}"], "again sha256:ab-12\n", known)
        self.expect(False, ["again {hash}"], "again sha256:ab-13\n", known)
        self.expect(True, ["{a} {a}"], "x x\n")
        self.expect(False, ["{a} {a}"], "x y\n")
        self.expect(False, ["{a}"], "two words\n")

    def test_what_does_not_match_is_not_remembered(self):
        self.assertEqual(self.expect(False, ["{a}", "b"], "x\nc\n"), {})

    def test_commands_are_filled_with_known_names_only(self):
        self.assertEqual(transcript.fill("do {a} ${B} {c} {\"d\"}", {"a": "x"}),
                         "do x ${B} {c} {\"d\"}")

    def test_the_difference_marks_the_first_line_that_does_not_fit(self):
        shown = transcript.difference(["a", "b", "c"], "a\nx\nc\n", {}).splitlines()
        self.assertEqual(shown[:4], ["expected:", "    a", "  > b", "    c"])


class Clear(unittest.TestCase):
    def test_a_word_is_found_in_every_spelling_at_every_place(self):
        import base64
        for before in (b"", b"x", b"xy", b"xyz"):
            content = base64.b64encode(before + b"pg-instance-main1" + b"after")
            self.assertTrue(any(text in content for text in clear.spellings("pg-instance-main1")))
        self.assertIn("né".encode("utf-16-le"), clear.spellings("né"))

    def test_the_worlds_have_enough_words_to_look_for(self):
        import importlib
        sys.path[:0] = [str(ROOT / "demo")]
        words = clear.words_of(importlib.import_module("worlds.full").WORLD)
        self.assertGreater(len(words), 100)
        self.assertIn("pg-instance-main1", words)


if __name__ == "__main__":
    tap.main()
