# SPDX-License-Identifier: Apache-2.0
"""The table of the page: built from ui/dist when it is there, and never with what is blocked."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["ESCHER_SOURCE"])
sys.path.insert(0, str(SOURCE / "tests/support"))
import tap  # noqa: E402


class Table(unittest.TestCase):
    def setUp(self):
        self.room = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.room.name)
        self.built = self.folder / "dist"
        (self.built / "assets").mkdir(parents=True)
        self.output = self.folder / "page_table.c"

    def tearDown(self):
        self.room.cleanup()

    def write(self, name, text):
        (self.built / name).write_text(text, encoding="utf-8")

    def make(self):
        return subprocess.run(
            [sys.executable, SOURCE / "tools/page-table", "--built", self.built, "--stub",
             SOURCE / "escher/page/stub", self.output], capture_output=True, text=True)

    def test_without_a_built_page_the_stub_is_taken(self):
        self.assertEqual(0, self.make().returncode)
        self.assertIn("/assets/stub.js", self.output.read_text())

    def test_a_built_page_is_taken_and_maps_are_left_out(self):
        self.write("index.html", '<script src="/assets/a.js" type="module"></script>')
        self.write("assets/a.js", "1")
        self.write("assets/a.js.map", "{}")
        self.assertEqual(0, self.make().returncode)
        text = self.output.read_text()
        self.assertIn('"/assets/a.js", "text/javascript; charset=utf-8"', text)
        self.assertNotIn("stub", text)
        self.assertNotIn(".map", text)

    def test_an_equal_table_is_not_written_again(self):
        self.make()
        before = self.output.stat().st_mtime_ns
        self.make()
        self.assertEqual(before, self.output.stat().st_mtime_ns)

    def test_what_the_policy_blocks_is_refused(self):
        for markup in ("<script>go()</script>", "<style>a{}</style>", '<p style="color:red">',
                       '<p onclick="go()">', '<script src="//elsewhere/a.js"></script>',
                       '<link href="https://elsewhere/a.css">'):
            with self.subTest(markup):
                self.write("index.html", markup)
                made = self.make()
                self.assertNotEqual(0, made.returncode)
                self.assertIn("content security policy", made.stderr)

    def test_an_unknown_kind_of_file_is_refused(self):
        self.write("index.html", "<p>")
        self.write("assets/a.exe", "1")
        self.assertIn("no media type", self.make().stderr)


if __name__ == "__main__":
    tap.main()
