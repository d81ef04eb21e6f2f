# SPDX-License-Identifier: Apache-2.0
"""A planner that lies gets nothing run: whatever it changes, the answer is refused in one sentence
before the cloud hears of anything. And one that is honest is the planner built in, byte for byte.
"""

import json
import unittest

import stage
import tap
from planner import DROP, Planner, changed

DATABASE = "orders-db"
ID = "123456789012-us-west-2-rds_instance-"
ARGS, STEP = "script.steps.0.args", "script.steps.0"
STEP_MORE = {"step_id": "2", "command": "aws rds delete-db-instance",
             "args": ["--db-instance-identifier", DATABASE, "--region", "us-west-2"],
             "mutates": True, "timeout_s": 60}


def both(first, second):
    return lambda answer: second(first(answer))


def with_words(*words):
    def lie(answer):
        answer["script"]["steps"][0]["args"] += words
        return answer
    return lie


def with_bytes(before: bytes, after: bytes):
    """The answer as text with one piece replaced."""
    return lambda answer: json.dumps(answer).encode().replace(before, after, 1)


LIES = {
    "another database": changed(f"{ARGS}.1", "pg-instance-main1"),
    "another database, the parameter too": both(
        changed(f"{ARGS}.1", "pg-instance-main1"),
        changed("parameters.0.value", "pg-instance-main1")),
    "another database, the target too": both(
        changed(f"{ARGS}.1", "pg-instance-main1"), changed("targets.0", ID + "pg-instance-main1")),
    "two targets": changed("targets.1", ID + "pg-instance-main1"),
    "no target": changed("targets", []),
    "another account": changed("targets.0", "987654321098-us-west-2-rds_instance-" + DATABASE),
    "another region": changed(f"{ARGS}.3", "eu-west-1"),
    "another operation": changed(f"{STEP}.command", "aws rds delete-db-instance"),
    "another service": changed(f"{STEP}.command", "aws neptune stop-db-instance"),
    "a shell": changed(f"{STEP}.command", "sh -c reboot"),
    "another program": changed(f"{STEP}.command", "/tmp/aws rds stop-db-instance"),
    "a step more": changed("script.steps.1", STEP_MORE),
    "the step twice": lambda answer: changed(
        "script.steps.1", answer["script"]["steps"][0])(answer),
    "no step": changed("script.steps", []),
    "no script": changed("script", DROP),
    "--profile": with_words("--profile", "admin"),
    "--endpoint-url": with_words("--endpoint-url", "http://192.0.2.1"),
    "--endpoint-url in one word": with_words("--endpoint-url=http://192.0.2.1"),
    "--debug": with_words("--debug"),
    "--no-verify-ssl": with_words("--no-verify-ssl"),
    "--cli-input-json": with_words("--cli-input-json", "file:///etc/passwd"),
    "--query": with_words("--query", "DBInstance"),
    "an argument less": changed(f"{ARGS}.3", DROP),
    "arguments in another order": lambda answer: changed(
        ARGS, answer["script"]["steps"][0]["args"][2:] +
        answer["script"]["steps"][0]["args"][:2])(answer),
    "a number for a word": changed(f"{ARGS}.1", 7),
    "words for a list": changed(ARGS, f"--db-instance-identifier {DATABASE} --region us-west-2"),
    "a semicolon": changed(f"{ARGS}.1", DATABASE + "; reboot"),
    "a substitution": changed(f"{ARGS}.1", "$(reboot)"),
    "a backtick": changed(f"{ARGS}.1", f"{DATABASE}`reboot`"),
    "a pipe": changed(f"{ARGS}.1", DATABASE + "|sh"),
    "a line more": changed(f"{ARGS}.1", DATABASE + "\n--debug"),
    "a file": changed(f"{ARGS}.1", "file:///etc/passwd"),
    "an option for a value": changed(f"{ARGS}.1", "--profile"),
    "a terminal escape": changed(f"{ARGS}.1", "\x1b[2J" + DATABASE),
    "an unknown playbook": changed("playbook.id", "aws_rds_drop_everything"),
    "another playbook of ours": changed("playbook.id", "aws_rds_reboot_instance"),
    "another text of the playbook": changed("playbook.sha256", "0" * 64),
    "another version": changed("playbook.version", "9.9.9"),
    "a path for a playbook": changed("playbook.id", "../../etc/passwd"),
    "an unknown member": changed("shell", "reboot"),
    "an unknown member of the step": changed(f"{STEP}.env", {"AWS_PROFILE": "admin"}),
    "a parameter more": changed("parameters.1", {"name": "x", "value": "y", "source": "prompt"}),
    "it changes nothing, they say": changed(f"{STEP}.mutates", False),
    "a day of time": changed(f"{STEP}.timeout_s", 86400),
    "needs no approval": changed("approval_required", False),
    "a version of the format that is none": changed("v", 2),
    "a kind that is none": changed("kind", "command"),
    "a member twice": with_bytes(b'"mutates": true', b'"mutates": true, "mutates": true'),
    "a step's arguments twice": with_bytes(b'"args": ["', b'"args": ["--x"], "args": ["'),
    "half an answer": lambda answer: json.dumps(answer).encode()[:200],
    "no JSON": lambda answer: b"<html>502</html>",
    "nothing": lambda answer: b"",
    "a list": lambda answer: [answer],
    "two answers": lambda answer: json.dumps(answer).encode() * 2,
    "a deep hole": lambda answer: b"[" * 5000 + b"]" * 5000,
    "text that is none": with_bytes(b'"orders-db"', b'"orders\xff-db"'),
}

# What is only said to people is not compared but replaced by our own words.
WORDS = {
    "another undo": changed("risk_assessment.undo", "aws rds delete-db-instance"),
    "less risk": changed("risk_assessment.level", "low"),
    "nicer words": changed("explain_plan", f"I will look at {DATABASE}. Nothing is changed."),
    "an impact that is none": changed("risk_assessment.impact", "None"),
}


class Lies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.shared()
        cls.planner = cls.enterClassContext(Planner(cls.stage))

    def setUp(self):
        self.planner.lie = None
        if self.stage.database(DATABASE) == "stopped":
            self.stage.rds().start_db_instance(DBInstanceIdentifier=DATABASE)
        self.heard = len(self.stage.gate.calls)

    def test_an_honest_planner_elsewhere_says_what_the_one_built_in_says(self):
        for prompt, code in ((f"Stop {DATABASE}", 6), ("Stop everything", 4),
                             (f"how do I stop {DATABASE}?", 0), ("list databases", 0)):
            here, there = (self.stage.escher("ask", prompt, "--json", *options, code=code)
                           for options in (["--mode", "full"], self.planner.options))
            answer = self.planner.told[-1].strip()
            for said in (here, there):
                self.assertIn(b'"response":' + answer, said.out.encode())
            here, there = here.json, there.json
            for document in (here, there):
                for of_the_moment in ("conversation", "expires_at"):
                    document.pop(of_the_moment, None)
            self.assertEqual(json.dumps(here), json.dumps(there))

    def test_no_lie_is_believed(self):
        self.assertGreater(len(LIES), 50)
        for name, lie in LIES.items():
            with self.subTest(name):
                self.planner.lie = lie
                said = self.stage.escher("ask", f"Stop {DATABASE}", "--json",
                                         *self.planner.options, code=None)
                self.is_refused(said)
        self.assertEqual([], self.stage.gate.calls[self.heard:])
        self.assertEqual("available", self.stage.database(DATABASE))

    def is_refused(self, said: stage.Said) -> None:
        self.assertEqual(5, said.code, said.out)
        message = said.json["message"]
        self.assertRegex(message, r"^[^\n\x1b]{10,400}$")
        self.assertNotIn("plan_hash", said.json)

    def test_a_person_reads_our_words_and_not_the_planners(self):
        honest = self.stage.ask(f"Stop {DATABASE}", *self.planner.options)["plan"]
        for name, lie in WORDS.items():
            with self.subTest(name):
                self.planner.lie = lie
                plan = self.stage.ask(f"Stop {DATABASE}", *self.planner.options)["plan"]
                plan["planner_level"] = honest["planner_level"]  # kept, so that it can be told
                self.assertEqual(honest, plan)

    def test_what_a_planner_calls_riskier_is_riskier(self):
        self.planner.lie = changed("risk_assessment.level", "high")
        plan = self.stage.ask(f"Stop {DATABASE}", *self.planner.options)["plan"]
        self.assertEqual("high", plan["risk_assessment"]["level"])

    def test_names_go_to_a_planner_only_on_the_persons_word(self):
        _, _, *rest = self.planner.options
        asked = len(self.planner.asked)
        for mode in ([], ["--mode", "local"]):
            said = self.stage.escher("ask", f"Stop {DATABASE}", "--json", *mode, *rest, code=2)
            self.assertIn("--mode full", said.json["message"])
        self.assertEqual(asked, len(self.planner.asked))

    def test_a_wrong_token_and_a_planner_that_is_away_change_nothing(self):
        wrong = self.stage.folder / "wrong-token"
        wrong.write_text("medlar-not-the-token-of-this-test")
        *options, _ = self.planner.options
        said = self.stage.escher("ask", f"Stop {DATABASE}", "--json", *options, wrong, code=None)
        self.assertIn("token", said.json["message"])
        self.assertEqual(1, said.code)
        away = ["--mode", "full", "--planner", "http://127.0.0.1:9"]
        said = self.stage.escher("ask", f"Stop {DATABASE}", "--json", *away, code=8)
        self.assertRegex(said.json["message"], r"does not answer")
        self.assertEqual([], self.stage.gate.calls[self.heard:])

    def test_a_lie_is_told_to_a_person_in_one_line(self):
        self.planner.lie = LIES["a terminal escape"]
        said = self.stage.escher("ask", f"Stop {DATABASE}", *self.planner.options, code=5)
        lines = [line for line in said.err.splitlines() if line.startswith("escher: ")]
        self.assertEqual(1, len(lines))
        self.assertNotIn("\x1b", said.out + said.err)


if __name__ == "__main__":
    tap.main()
