# SPDX-License-Identifier: Apache-2.0
"""Whoever is killed, and when: no change is made twice, none is forgotten, and none is guessed."""

import signal
import unittest

import stage
import tap

DATABASE = "orders-db"
STOP = "StopDBInstance"


class Crash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.shared()

    def setUp(self):
        self.gate = self.stage.gate
        self.gate.let()
        if self.stage.database(DATABASE) == "stopped":
            self.stage.rds().start_db_instance(DBInstanceIdentifier=DATABASE)
        self.addCleanup(self.gate.let)
        self.plan = self.stage.ask(f"Stop {DATABASE}")
        self.heard = len(self.gate.calls)

    def stops(self) -> int:
        """How often the cloud was told to stop it since the plan was made."""
        return self.gate.calls[self.heard:].count(STOP)

    def begin(self):
        """The approval is given, and the call stands before the gate or has no answer."""
        watching = self.stage.start(*self.stage.approve(self.plan))
        self.gate.came()
        return watching

    def run_of_plan(self) -> dict:
        runs = self.stage.escher("runs", "list", "--json").json["runs"]
        return next(run for run in runs if run["plan_hash"] == self.plan["plan_hash"])

    def settled(self) -> dict:
        """The run, once a new core has made up its mind; and the records are whole."""
        run = self.run_of_plan()
        said = self.stage.escher("runs", "wait", run["run_id"], "--json", code=None)
        self.stage.escher("audit", "verify")
        self.assertEqual(0 if said.json["outcome"] == "succeeded" else 1, said.code)
        return said.json

    def changed(self, run: dict, *members: str) -> tuple:
        """How the one changing step ended: it was tried once, and waited for if it was done."""
        [step] = [step for step in run["steps"] if step["mutates"]]
        self.assertEqual(1, step["attempt"])
        done = step["state"] == "succeeded"
        self.assertEqual([1 if done else 0],
                         [step["attempt"] for step in run["steps"] if not step["mutates"]])
        self.assertEqual("succeeded" if done else step["state"], run["outcome"])
        self.assertEqual([done] if done else [], [one["ok"] for one in run["verification"]])
        return step["state"], *(step[name] for name in members)

    def kill_all(self):
        """The core, the helper and the AWS CLI, at a stroke."""
        for words in ("escher core", "escher-run", "stop-db-instance"):
            self.stage.kill(self.stage.pid_of(words))

    def no_helper(self) -> bool:
        return not any("escher-run" in line or "stop-db-instance" in line
                       for line in self.stage.processes().values())

    def test_a_core_killed_in_the_middle_leaves_the_command_to_its_helper(self):
        self.gate.close(STOP)
        watching = self.begin()
        self.stage.kill(self.stage.core())
        said = self.stage.end(watching)
        self.assertEqual((8, "the core ended before it had answered"),
                         (said.code, said.json["message"]))
        self.assertFalse(self.no_helper())
        self.gate.let()
        stage.wait_for(self.no_helper, "the helper's end")
        run = self.settled()
        self.assertEqual(("succeeded", "exited", 0), self.changed(run, "ending", "exit_code"))
        self.assertEqual(1, self.stops())
        self.assertEqual("stopped", self.stage.database(DATABASE))

    def test_what_was_done_unseen_is_settled_by_asking_the_cloud(self):
        self.gate.mute(STOP)
        watching = self.begin()
        self.kill_all()
        self.stage.end(watching)
        self.gate.let()
        run = self.settled()
        self.assertEqual(("succeeded", "lost", True), self.changed(run, "ending", "reconciled"))
        self.assertEqual(1, self.stops())

    def test_what_was_not_done_is_said_to_be_not_done_and_not_begun_again(self):
        self.gate.close(STOP)
        watching = self.begin()
        self.kill_all()
        self.gate.drop()
        self.stage.end(watching)
        self.gate.let()
        run = self.settled()
        self.assertEqual(("failed", "lost", True), self.changed(run, "ending", "reconciled"))
        self.assertIn("nothing was done", run["message"])
        self.assertEqual("failed", run["outcome"])
        self.assertEqual(0, self.stops())
        self.assertEqual("available", self.stage.database(DATABASE))

    def test_a_killed_terminal_leaves_the_run_to_the_core(self):
        self.gate.close(STOP)
        watching = self.begin()
        core = self.stage.core()
        self.stage.kill(watching.pid)
        watching.communicate()
        self.gate.let()
        run = self.settled()
        self.assertEqual("succeeded", run["outcome"])
        self.assertEqual(core, self.stage.core())
        self.assertEqual(1, self.stops())

    def test_ctrl_c_cancels_the_run_and_leaves_no_process(self):
        self.gate.close(STOP)
        watching = self.begin()
        watching.send_signal(signal.SIGINT)
        said = self.stage.end(watching)
        self.assertEqual((1, "unknown"), (said.code, said.json["outcome"]), said)
        self.assertIn("it may still come", said.json["message"])  # the gate has it yet
        self.assertTrue(self.no_helper())
        self.gate.drop()
        self.assertEqual(0, self.stops())
        self.stage.escher("audit", "verify")


if __name__ == "__main__":
    tap.main()
