# SPDX-License-Identifier: Apache-2.0
"""Escher's own calls and the AWS CLI's bring the same records, byte for byte but for when they were
seen; and what is asked decides who makes them. At length (ESCHER_TEST_SOAK) on the full world."""

import json
import os
import unittest

import stage
import tap

SEEN = ("last_synced", "seen_in")
SOAK = float(os.environ.get("ESCHER_TEST_SOAK", "1")) > 1


class Transport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = cls.enterClassContext(stage.Stage("full" if SOAK else "small"))
        cls.stage.init()
        cls.stage.escher("accounts", "add", "--discover", "--emulator", cls.stage.endpoint,
                         "--regions", "us-east-1,us-west-2,eu-west-1" if SOAK else "us-west-2")

    def sync(self, *arguments: str, code: int | None = 0, **variables: str) -> dict:
        """The answer, and how often the cloud was called for it."""
        before = len(self.stage.gate.calls)
        with self.stage.variables(**variables):
            body = self.stage.escher("sync", "--json", *arguments, code=code).json
        return body | {"heard": len(self.stage.gate.calls) - before}

    def estate(self) -> list[str]:
        path = self.stage.home / "estate.jsonl"
        path.unlink(missing_ok=True)
        self.stage.escher("estate", "export", path)
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        for row in rows:
            for name in SEEN:
                row.pop(name, None)
        return sorted(json.dumps(row) for row in rows)

    def test_a_both_bring_the_same_records(self):
        native = self.sync("--transport", "native")
        self.assertEqual(native["cells_ok"], len(native["cells"]))
        ours = self.estate()
        cli = self.sync("--transport", "cli")
        self.assertEqual(ours, self.estate())
        self.assertEqual((0, 0, 0), (cli["added"], cli["changed"], cli["removed"]))
        self.assertEqual(native["resources"], cli["resources"])
        self.assertEqual({(cell["service"], cell["operation"], cell["region"], cell["resources"])
                          for cell in native["cells"]},
                         {(cell["service"], cell["operation"], cell["region"], cell["resources"])
                          for cell in cli["cells"]})
        self.assertGreater(len(ours), 20)

    def test_b_the_usual_one_needs_no_aws_cli(self):
        nowhere = {"ESCHER_AWS": "/nonexistent/aws"}
        self.stage.stop_core()
        body = self.sync("--service", "rds", **nowhere)
        self.assertEqual(0, body["changed"])
        self.stage.stop_core()
        said = self.sync("--service", "rds", code=7, ESCHER_TRANSPORT="cli", **nowhere)
        self.assertIn("denied", {cell["state"] for cell in said["cells"]})
        self.stage.stop_core()

    def test_c_another_word_is_refused(self):
        said = self.stage.escher("sync", "--transport", "pigeon", "--json", code=2)
        self.assertIn("`native` or `cli`, not `pigeon`", said.json["message"])


if __name__ == "__main__":
    tap.main()
