# SPDX-License-Identifier: Apache-2.0
"""Nothing of the estate, of what was asked and of what was run stands in clear on the disk."""

import base64
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import estate
import stage
import tap
import traces

DATABASE = "hollyhock-ledger"  # in the cloud too, so that it can be planned for and stopped
SAID = "marzipan"  # stands in a prompt only
SAVED = "gooseberry"  # the name of a view
LEFT_OUT = {"demo", "given", "passphrase"}  # the cloud's own, and what the test hands in


class Searching(unittest.TestCase):
    """The searcher finds what it is to find; else its silence would mean nothing."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.searcher = traces.Searcher({"lighthouse", "arn:aws:s3:::caribou"})

    def planted(self, content: bytes, name: str = "planted") -> list[str]:
        (self.folder / name).write_bytes(b"\0" + os.urandom(1000) + content + os.urandom(1000))
        return self.searcher.search_folder(self.folder)

    def test_a_planted_word_is_found_in_every_spelling(self):
        word = "lighthouse"
        planted = {"as it is": word.encode(), "capitals": word.upper().encode(),
                   "utf-16-le": word.encode("utf-16-le"), "utf-16-be": word.encode("utf-16-be"),
                   "hexadecimal": word.encode().hex().encode()}
        for shift in range(3):
            text = b"?" * shift + word.encode() + b"!!"
            planted[f"base64 at {shift}"] = base64.b64encode(text)
            planted[f"capitals, base64 at {shift}"] = base64.b64encode(text.upper())
        for name, content in planted.items():
            with self.subTest(name):
                self.assertIn("lighthouse", " ".join(self.planted(content)))

    def test_a_word_at_either_end_of_a_file_is_found(self):
        for content in (b"lighthouse", b"lighthouse\0", b"\0lighthouse"):
            (self.folder / "short").write_bytes(content)
            self.assertTrue(self.searcher.search_folder(self.folder), content)

    def test_names_of_files_and_targets_of_links_count(self):
        (self.folder / "caribou").mkdir()
        (self.folder / "x-lighthouse.log").write_bytes(b"")
        os.symlink("/nowhere/LIGHTHOUSE", self.folder / "link")
        found = self.searcher.search_folder(self.folder)
        files = sorted({line.split(":")[0] for line in found})
        self.assertEqual(["link", "x-lighthouse.log"], files)

    def test_noise_and_half_words_are_not_found(self):
        self.assertEqual([], self.planted(b"light house lighthous arn:aws:s3:::caribo"))


class Disk(unittest.TestCase):
    """A full day of a store; then every file is searched."""

    @classmethod
    def setUpClass(cls):
        cls.stage = cls.enterClassContext(stage.Stage("small"))
        stage_ = cls.stage
        stage_.environment["ESCHER_LOG"] = "debug"  # the logs too, as talkative as they get
        given = stage_.folder / "given"
        given.mkdir()
        (given / "estate.jsonl").write_text(estate.lines())
        stage_.rds().create_db_instance(
            DBInstanceIdentifier=DATABASE, Engine="postgres", DBInstanceClass="db.t3.micro",
            AllocatedStorage=20, Tags=[{"Key": "crochet", "Value": "needlework"}])
        stage_.know("rds")
        stage_.escher("estate", "import", given / "estate.jsonl")
        cls.live_a_day()
        cls.wanted = estate.canaries() | {
            DATABASE, "needlework", "crochet", SAID, SAVED,
            f"arn:aws:rds:us-west-2:123456789012:db:{DATABASE}", "pg-instance-main1",
            "orders-db", "123456789012", "larkfield", "production", "StopDBInstance",
            "stop-db-instance", "correct horse battery staple"}
        cls.searcher = traces.Searcher(cls.wanted)

    @classmethod
    def live_a_day(cls):
        """Search, questions, a conversation, a plan that runs, one that does not, and records."""
        call = cls.stage.escher
        call("find", "lighthouse", "--json")
        call("find", "", "--filter", "song-cello=waltzes", "--json", code=None)
        call("show", "octopus", "--json")
        conversation = cls.stage.ask(f"what about {SAID} and the lighthouse?", code=None)
        call("ask", "Stop lighthous", "--json", "--conversation",
             conversation.get("conversation", "new"), code=None)
        plan = cls.stage.ask(f"Stop {DATABASE}")
        cls.done = call(*cls.stage.approve(plan)).json
        cls.stage.ask("Stop orders-db")
        for verb in (["runs", "logs", cls.done["run_id"]],
                     ["audit", "verify"], ["chat"], ["estate", "export", "-"],
                     ["views", "save", SAVED, "--filter", f"name:{DATABASE}"],
                     ["backup", "now"], ["key", "rotate"], ["backup", "now"]):
            call(*verb)

    def test_there_is_something_to_find(self):
        """Each canary is known to the store, so it stands in there, sealed."""
        exported = self.stage.escher("estate", "export", "-").out
        self.assertGreater(len(estate.canaries()), 200)
        missing = [word for word in estate.canaries() if word not in exported]
        self.assertEqual([], missing)
        self.assertIn(DATABASE, exported)
        self.assertEqual("stopped", self.stage.database(DATABASE))
        logs = self.stage.escher("runs", "logs", self.done["run_id"]).out
        self.assertIn("needlework", logs)
        self.assertIn(SAID, json.dumps(self.stage.escher("chat", "--json").json))

    def test_nothing_stands_in_clear_while_the_core_runs(self):
        self.stage.escher("status")
        files = {path.name for path in self.stage.home.rglob("*") if path.is_file()}
        self.assertLessEqual({"store.db", "store.db-wal", "core.log", "key.slot"}, files)
        self.assertTrue(any(name.endswith(".out") for name in files), files)
        backups = [name for name in files if name.endswith(".escb")]
        self.assertGreaterEqual(len(backups), 2, files)  # one more when the day's own has come
        self.assertEqual([], self.searcher.search_folder(self.stage.folder, LEFT_OUT))

    def test_the_core_has_no_file_open_that_has_lost_its_name(self):
        """It would be on the disk all the same. Memory files are not, and are another subject."""
        self.stage.escher("status")
        folder = pathlib.Path(f"/proc/{self.stage.core()}/fd")
        for link in folder.iterdir():
            try:
                target = os.readlink(link)
            except OSError:
                continue
            if target.startswith("/") and target.endswith(" (deleted)") and "/memfd:" not in target:
                self.fail(f"the core has {target} open")

    def test_nothing_stands_in_clear_after_the_core_has_ended(self):
        self.stage.stop_core()
        store = (self.stage.home / "data/default/store.db").stat().st_size
        self.assertGreater(store, 100 * 1024)
        self.assertEqual([], self.searcher.search_folder(self.stage.folder, LEFT_OUT))

    def test_every_file_is_for_its_owner_only(self):
        open_to_others = [str(path) for path in self.stage.home.rglob("*")
                          if path.lstat().st_mode & 0o077]
        self.assertEqual([], open_to_others)


if __name__ == "__main__":
    tap.main()
