# SPDX-License-Identifier: Apache-2.0
"""Every answer of every verb with --json is what docs/formats says, and nothing more."""

import functools
import json
import signal
import unittest

import estate
import stage
import tap

FORMATS = stage.ROOT / "docs/formats"
SILENT = {"core", "demo", "help", "man", "completions"}  # for a person or a shell
DATABASE = "orders-db"


@functools.cache
def validator(name: str):
    """`ask` names a format, `answers/hits` one of the definitions in answers.schema.json."""
    import jsonschema
    import referencing

    schemas = {path.name.removesuffix(".schema.json"): json.loads(path.read_text())
               for path in FORMATS.glob("*.schema.json")}
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas.values())
    file, _, part = name.partition("/")
    jsonschema.Draft202012Validator.check_schema(schemas[file])
    schema = {"$ref": schemas[file]["$id"] + (f"#/$defs/{part}" if part else "")}
    return jsonschema.Draft202012Validator(schema, registry=registry)


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.shared()
        cls.seen: set[str] = set()

    def holds(self, document, name: str, what: str) -> None:
        problems = [f"{error.json_path}: {error.message[:300]}"
                    for error in validator(name).iter_errors(document)]
        self.assertEqual([], problems, f"{what} is not {name}")

    def say(self, name: str, *verb, code: int = 0, lines: bool = False):
        """Calls a verb; its last line is `name`, those before it events, or all are with `lines`."""
        said = self.stage.escher(*verb, "--json", code=code)
        *before, answer = said.documents
        for event in before:
            self.holds(event, name if lines else "answers/core_event", f"a line of {verb}")
        self.holds(answer, name, str(verb))
        Answers.seen.add(verb[0])
        return answer

    def setUp(self):
        if self.stage.database(DATABASE) == "stopped":
            self.stage.rds().start_db_instance(DBInstanceIdentifier=DATABASE)

    def test_searching(self):
        self.say("answers/hits", "find", "orders")
        self.say("answers/hits", "find", "a database for orders", "--explain")
        self.say("answers/hits", "find", "", "--filter", "type:rds_instance", "-n", 3)
        self.say("answers/failure", "find", "x", "--filter", "((", code=2)
        self.say("answers/names", "complete", "or")
        self.say("resource", "show", DATABASE)
        self.say("answers/shown", "show", "pg-instance-main2", "--relations")
        self.say("answers/failure", "show", "ordersdb", code=3)
        self.say("answers/impact", "impact", DATABASE)
        self.say("answers/can", "can", DATABASE)
        self.say("answers/can", "can", "stop", DATABASE)
        self.say("answers/failure", "can", "rds:StopDBInstance", code=4)
        self.say("answers/failure", "can", "fly", DATABASE, code=3)
        self.say("answers/failure", "can", "rds:StopDBInstnce", DATABASE, code=2)
        self.say("answers/failure", "can", "--dry-run", "stop", DATABASE, code=2)
        self.say("answers/failure", "can", "--simulate", "stop", DATABASE, code=None)
        self.say("answers/read_policies", "accounts", "policy", "--service", "rds")
        self.say("answers/read_policies", "accounts", "policy", "--organization")
        self.say("answers/failure", "impact", "ordersdb", code=3)
        self.say("answers/status", "status")
        self.say("answers/doctor", "doctor", code=None)  # not all need work on this machine

    def test_accounts_and_estate(self):
        self.say("answers/accounts", "accounts")
        self.say("answers/discovered", "accounts", "add", "--discover", "--emulator",
                 self.stage.endpoint)
        self.say("answers/tested", "accounts", "test", "production")
        self.say("answers/failure", "accounts", "remove", "nobody", code=3)
        self.say("answers/failure", "accounts", "add", "--organization", code=2)
        self.say("answers/sync", "sync", "--service", "rds")
        self.say("answers/failure", "sync", "--full", "--incremental", code=2)
        self.say("answers/changes", "changes", "--since", "1d")
        self.say("answers/shown", "show", DATABASE, "--history")
        self.say("answers/schedule", "schedule")
        self.say("answers/schedule", "schedule", "incremental", "30m")
        self.say("answers/failure", "schedule", "full", "1m", code=2)
        lines = self.stage.folder / "estate.jsonl"
        lines.write_text(estate.lines(3))
        self.say("answers/imported", "estate", "import", lines)
        self.say("resource", "estate", "export", "-", lines=True)
        lines.write_text("{}")
        self.say("answers/failure", "estate", "import", lines, code=2)
        self.say("answers/failure", "init", code=2)
        self.say("answers/created", "init", "--keyring", "file", "--profile", "another")

    def test_asking(self):
        self.say("ask", "ask", f"Stop {DATABASE}", code=6)
        self.say("ask", "ask", f"Stop {DATABASE}", "--conversation", "new", code=6)
        self.say("ask", "ask", "Stop ordersdb", code=4)
        self.say("ask", "ask", "Stop reports-db")
        self.say("ask", "ask", f"how do I stop {DATABASE}?")
        self.say("ask", "ask", "Stop erp-sqlserver", code=5)
        self.say("ask", "ask", "list databases")
        self.say("ask", "ask", "Stop everything", code=4)
        self.say("answers/failure", "ask", "", code=2)
        self.say("answers/failure", "ask", "--approve", "0" * 64, code=3)
        batch = self.stage.folder / "batch.jsonl"
        prompts = [f"Stop {DATABASE}", "list databases", "Stop ordersdb", "hello",
                   "Stop everything"]
        batch.write_text("".join(json.dumps({"id": prompt, "prompt": prompt}) + "\n"
                                 for prompt in prompts) + "{bad\n")
        self.say("answers/batch", "ask", "--batch", batch, lines=True)

    def test_plans_runs_and_records(self):
        hash_ = self.stage.ask(f"Stop {DATABASE}")["plan_hash"]
        self.say("answers/kept_plan", "plan", "show", hash_)
        self.say("answers/discarded", "plan", "discard", hash_)
        self.say("answers/failure", "run", hash_, "--confirm", DATABASE, code=6)
        plan = self.stage.ask(f"Stop {DATABASE}")
        self.say("answers/run_page", *self.stage.approve(plan))
        plan = self.stage.ask(f"Start {DATABASE}")
        begun = self.say("answers/run_page", "run", plan["plan_hash"], "--confirm", DATABASE,
                         "--background")
        run = begun["run_id"]
        self.say("answers/run_page", "runs", "wait", run)
        self.say("answers/run_page", "runs", "show", run)
        self.say("answers/logs", "runs", "logs", run)
        self.say("answers/runs", "runs")
        self.say("answers/failure", "runs", "show", "x", code=3)
        self.say("answers/records", "audit")
        self.say("answers/verified", "audit", "verify")
        self.say("answers/audit_export_line", "audit", "export", lines=True)
        chats = self.say("answers/conversations", "chat")
        chat = chats["conversations"][0]["id"]
        self.say("answers/conversation", "chat", "show", chat)
        self.say("answers/deleted", "chat", "delete", chat)

    def test_the_shelf(self):
        shelf = self.say("answers/playbooks", "playbooks")
        self.say("answers/playbook", "playbooks", "show", shelf["playbooks"][0]["id"])
        self.say("answers/failure", "playbooks", "show", "x", code=3)

    def test_the_workbench(self):
        serving = self.stage.start("serve", "--json")
        try:
            self.holds(json.loads(serving.stdout.readline()), "answers/serving", "serve")
        finally:
            serving.send_signal(signal.SIGINT)
        self.assertEqual(0, self.stage.end(serving).code)
        Answers.seen.add("serve")

    def test_keys_backups_and_views(self):
        self.say("answers/keys", "key")
        self.say("answers/keys", "key", "rotate")
        self.say("answers/recovery_code", "key", "recovery")
        self.say("answers/backup_made", "backup", "now")
        self.say("answers/backups", "backup", "list")
        self.say("answers/backups_verified", "backup", "verify")
        self.say("answers/failure", "backup", "verify", "none-of-that-name", code=3)
        self.say("answers/backup_s3", "backup", "to")
        self.say("answers/views", "views", "save", "mine", "--filter", "type:rds_instance")
        self.say("answers/failure", "views", "save", "mine", "--filter", "((", code=2)
        self.say("answers/hits", "find", "--view", "mine")
        self.say("answers/views", "views")
        self.say("answers/views", "views", "delete", "mine")

    def test_the_store_made_anew(self):
        self.stage.stop_core()
        self.assertEqual(0, self.say("answers/salvaged", "salvage")["missing"])

    def test_zero_verbs_are_left_out(self):
        """Runs last: the others have noted what they called."""
        self.assertEqual(set(), self.verbs() - Answers.seen - SILENT)

    def verbs(self) -> set[str]:
        table = (stage.ROOT / "apps/cli/options.c").read_text().partition("cli_verbs[] = {")[2]
        found = {line.split('"')[1] for line in table.splitlines() if line.startswith('    {"')}
        self.assertGreater(len(found), 15)
        return found

    def test_the_formats_refuse_what_is_not_one(self):
        for name, document in (("answers/hits", {"hits": [], "total": 0}), ("ask", {"kind": "plan"}),
                               ("answers/failure", {"status": "ok", "surplus": 1})):
            self.assertFalse(validator(name).is_valid(document), name)


if __name__ == "__main__":
    tap.main()
