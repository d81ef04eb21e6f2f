# SPDX-License-Identifier: Apache-2.0
"""The core is told to end, killed, or out of room while a sync is at its end and being written
down: nothing is lost, and the next sync brings what the cloud has."""

import json
import os
import resource
import signal
import time
import unittest

import stage
import tap

LAST = "DescribeDBSnapshots"  # one of the last lists of a sync of databases
MOMENTS_S = (0, 0.01, 0.05)  # after the last answer: whichever write that meets


class Endings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.shared()

    def setUp(self):
        self.stage.gate.let()
        self.addCleanup(self.stage.gate.let)
        self.stage.escher("sync", "--service", "rds")
        self.before = self.records()

    def records(self) -> dict[str, str]:
        lines = self.stage.escher("estate", "export", "-").out.splitlines()
        return {row["id"]: row["content_hash"] for row in map(json.loads, lines)}

    def to_the_end(self):
        """A sync whose last list stands before the gate."""
        self.stage.gate.close(LAST)
        syncing = self.stage.start("sync", "--service", "rds", "--json")
        self.stage.gate.came()
        return syncing

    def expect_whole(self):
        self.stage.escher("audit", "verify")
        self.assertEqual(self.before, self.records())
        self.stage.escher("sync", "--service", "rds")
        self.assertEqual(self.before, self.records())

    def test_a_core_that_is_ended_or_killed_loses_nothing(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            for moment in MOMENTS_S:
                with self.subTest(number=number, moment=moment):
                    syncing, core = self.to_the_end(), self.stage.core()
                    self.stage.gate.let()
                    time.sleep(moment)
                    os.kill(core, number)
                    said = self.stage.end(syncing)
                    stage.wait_for(lambda: core not in self.stage.processes(), "the core's end")
                    self.assertIn(said.code, (0, 8), said)
                    if said.code:
                        self.assertEqual("the core ended before it had answered",
                                         said.json["message"])
                    self.expect_whole()

    def test_a_disk_without_room_is_said_and_loses_nothing(self):
        syncing, core = self.to_the_end(), self.stage.core()
        store = self.stage.home / "data/default/store.db-wal"
        room = (store.stat().st_size, resource.RLIM_INFINITY)
        before = resource.prlimit(core, resource.RLIMIT_FSIZE, room)
        try:
            self.stage.gate.let()
            said = self.stage.end(syncing)
        finally:
            resource.prlimit(core, resource.RLIMIT_FSIZE, before)
        self.assertIn(said.code, range(1, 128), said)
        self.assertRegex(said.json["message"], r"^[^\n]*(full|File too large|I/O)[^\n]*$")
        self.assertEqual(core, self.stage.core())
        self.expect_whole()


if __name__ == "__main__":
    tap.main()
