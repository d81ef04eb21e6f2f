# SPDX-License-Identifier: Apache-2.0
"""An approval is for one plan, once, and only while the cloud is as it was when it was shown."""

import os
import pty
import unittest

import stage
import tap

DATABASE = "orders-db"


class Approval(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.shared()

    def setUp(self):
        if self.stage.database(DATABASE) == "stopped":
            self.stage.rds().start_db_instance(DBInstanceIdentifier=DATABASE)
        self.plan = self.stage.ask(f"Stop {DATABASE}")
        self.heard = len(self.stage.gate.calls)

    def stops(self) -> int:
        return self.stage.gate.calls[self.heard:].count("StopDBInstance")

    def runs(self) -> int:
        return len(self.stage.escher("runs", "--json").json["runs"])

    def refused(self, *arguments: str, code: int = 6) -> str:
        """What is said to an approval that does not count; one sentence."""
        said = self.stage.escher(*self.stage.approve(self.plan, *arguments), code=code)
        message = said.json["message"]
        self.assertNotIn("\n", message)
        return message

    def test_two_at_once_are_one_run(self):
        runs = self.runs()
        both = [self.stage.start(*self.stage.approve(self.plan)) for _ in range(2)]
        said = sorted((self.stage.end(one) for one in both), key=lambda one: one.code)
        self.assertEqual([0, 6], [one.code for one in said], said)
        self.assertEqual("succeeded", said[0].json["outcome"])
        self.assertIn("ask again", said[1].json["message"])
        self.assertEqual(1, self.stops())
        self.assertEqual(runs + 1, self.runs())

    def test_nobody_is_asked_about_a_card_they_do_not_see(self):
        ours, theirs = pty.openpty()
        said = self.stage.escher("ask", f"Stop {DATABASE}", code=6, stdin=theirs, stderr=theirs)
        os.close(theirs)
        os.close(ours)
        self.assertIn("Waits for approval", said.out)

    def test_what_is_over_cannot_be_approved_again(self):
        self.stage.escher(*self.stage.approve(self.plan))
        self.assertIn("ask again", self.refused())
        self.assertEqual(1, self.stops())

    def test_a_plan_for_what_has_changed_meanwhile_is_stale(self):
        self.stage.rds().stop_db_instance(DBInstanceIdentifier=DATABASE)
        said = self.stage.escher(*self.stage.approve(self.plan), code=6)
        self.assertEqual("stale", said.json["outcome"])
        self.assertEqual(0, self.stops())
        self.assertIn("ask again", self.refused())

    def test_a_change_beside_the_state_counts_too(self):
        self.stage.rds().modify_db_instance(DBInstanceIdentifier=DATABASE, MultiAZ=True)
        self.addCleanup(self.stage.rds().modify_db_instance, DBInstanceIdentifier=DATABASE,
                        MultiAZ=False)
        said = self.stage.escher(*self.stage.approve(self.plan), code=6)
        self.assertEqual("stale", said.json["outcome"])
        self.assertEqual((0, "available"), (self.stops(), self.stage.database(DATABASE)))

    def test_a_discarded_plan_cannot_be_approved(self):
        self.stage.escher("plan", "discard", self.plan["plan_hash"])
        self.assertIn("ask again", self.refused())
        self.assertEqual(0, self.stops())

    def test_another_hash_is_no_plan(self):
        digit = "1" if self.plan["plan_hash"][-1] == "0" else "0"
        self.plan["plan_hash"] = self.plan["plan_hash"][:-1] + digit
        self.assertIn("no plan", self.refused(code=3))
        self.assertEqual(0, self.stops())

    def test_another_name_typed_approves_nothing(self):
        self.plan = self.stage.ask("Stop pg-instance-main1")
        self.plan["confirm"] = "pg-instance-main2"
        self.refused()
        self.assertEqual((0, "available"), (self.stops(), self.stage.database("pg-instance-main1")))


if __name__ == "__main__":
    tap.main()
