# SPDX-License-Identifier: Apache-2.0
"""A store that is locked, damaged or out of room: said in one sentence, nothing written, nothing
lost that was acknowledged.
"""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import subprocess
import unittest

import estate
import stage
import tap

COUNT = 20  # resources in the store
LOCKED, CORRUPT = 9, 10
PLACES = 2 if stage.is_sanitized() else 5  # to damage; opening a store costs a key derivation each


class Damage(unittest.TestCase):
    """Each test works on a copy of one good home whose core has ended."""

    @classmethod
    def setUpClass(cls):
        cls.stage = cls.enterClassContext(stage.Stage())
        cls.lines = cls.stage.folder / "estate.jsonl"
        cls.lines.write_text(estate.lines(COUNT))
        cls.stage.init()
        cls.stage.escher("estate", "import", cls.lines)
        cls.stage.escher("ask", "what is lighthouse?", "--json", code=None)
        cls.stage.stop_core()
        cls.good = cls.stage.folder / "good"
        cls.stage.home.rename(cls.good)

    def setUp(self):
        self.home = self.stage.folder / "home"
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(self.good, self.home, ignore=lambda *_: {"run"})
        self.store = self.home / "data/default/store.db"
        self.slot = self.home / "data/default/key.slot"

    def files(self) -> dict[str, bytes]:
        """What must stay as it is; the lock is empty, a WAL without frames too."""
        return {str(path.relative_to(self.home)): path.read_bytes()
                for path in self.home.rglob("*")
                if path.is_file() and path.name in ("store.db", "key.slot")}

    def flip(self, path: pathlib.Path, at: int, bit: int = 0) -> None:
        content = bytearray(path.read_bytes())
        content[at] ^= 1 << bit
        path.write_bytes(content)

    def say(self, *verb: str, passphrase: str | None = None) -> stage.Said:
        """One call without a core, which leaves the files as they were and speaks plainly."""
        before = self.files()
        with self.typed(passphrase):
            said = self.stage.escher(*verb, "--inline", "--json", code=None)
        self.assertEqual(before, self.files(), f"{verb} has changed a file")
        self.assertLess(said.code, 128, said.err)
        self.assertNotIn("Sanitizer", said.err)
        if said.code in (LOCKED, CORRUPT):
            self.assertRegex(said.json["message"], r"^[^\n]{5,300}$")
        return said

    @contextlib.contextmanager
    def typed(self, passphrase: str | None):
        """Another passphrase on the descriptor."""
        file = self.stage.folder / "passphrase"
        right = file.read_text()
        try:
            if passphrase is not None:
                file.write_text(passphrase)
            yield
        finally:
            file.write_text(right)

    def exported(self) -> list[str]:
        return self.say("estate", "export", "-").out.splitlines()

    def test_the_copy_is_good_to_begin_with(self):
        self.assertEqual(COUNT, len(self.exported()))

    def test_a_wrong_passphrase_is_locked(self):
        for verb in (["status"], ["find", "lighthouse"], ["audit", "verify"],
                     ["ask", "Stop lighthouse"], ["estate", "import", self.lines]):
            said = self.say(*verb, passphrase="correct horse battery stable\n")
            self.assertEqual(LOCKED, said.code, said.out)
            self.assertIn("passphrase", said.json["message"])

    def test_a_wrong_passphrase_starts_no_core(self):
        before = self.files()
        with self.typed("wrong\n"):
            said = self.stage.escher("find", "lighthouse", "--json", code=LOCKED)
        self.assertIn("passphrase", said.json["message"])
        self.assertEqual(before, self.files())
        self.assertEqual({}, self.stage.processes())

    def test_a_store_is_never_made_over_another(self):
        said = self.say("init", "--keyring", "file")
        self.assertNotEqual(0, said.code)
        said = self.say("init", "--keyring", "file", passphrase="another one\n")
        self.assertNotEqual(0, said.code)
        self.assertEqual(COUNT, len(self.exported()))

    def test_the_key_of_another_store_does_not_fit(self):
        shutil.rmtree(self.home)
        self.stage.init()
        self.stage.stop_core()
        strange = self.slot.read_bytes()
        shutil.rmtree(self.home)
        shutil.copytree(self.good, self.home, ignore=lambda *_: {"run"})
        self.slot.write_bytes(strange)
        said = self.say("find", "lighthouse")
        self.assertEqual(CORRUPT, said.code, said.out)

    def test_a_store_without_its_key_gets_no_new_one(self):
        self.slot.unlink()
        for verb in (["find", "lighthouse"], ["init", "--keyring", "file"]):
            said = self.say(*verb)
            self.assertNotEqual(0, said.code, said.out)
            self.assertFalse(self.slot.exists(), verb)

    def test_a_key_without_its_store_is_not_thrown_away(self):
        self.store.unlink()
        for verb in (["find", "lighthouse"], ["init", "--keyring", "file"]):
            said = self.say(*verb)
            self.assertNotEqual(0, said.code, said.out)

    def test_a_flipped_bit_in_the_key_is_seen(self):
        size = self.slot.stat().st_size
        for at in sorted({size * step // PLACES for step in range(PLACES)} | {size - 1}):
            with self.subTest(at=at):
                self.setUp()
                self.flip(self.slot, at, bit=1)
                said = self.say("find", "lighthouse")
                self.assertIn(said.code, (LOCKED, CORRUPT), said.out)

    def test_a_flipped_bit_in_the_store_is_seen_or_spoils_one_row(self):
        size = self.store.stat().st_size
        spots = [0, 100, 4096 + 8, *range(3001, size, size // (3 * PLACES))]
        codes = []
        for at in spots:
            with self.subTest(at=at):
                self.setUp()
                self.flip(self.store, at, bit=at % 8)
                codes.append(self.one_row_at_most(self.say("estate", "export", "-")))
        self.assertEqual({0, 7, CORRUPT}, set(codes))

    def one_row_at_most(self, said: stage.Said) -> int:
        """Either it is refused, or what is still there is as it was."""
        if said.code == CORRUPT:
            return CORRUPT
        self.assertIn(said.code, (0, 7), said.out)
        whole = {line["id"]: line for line in map(json.loads, self.lines.read_text().splitlines())}
        found = [json.loads(line) for line in said.out.splitlines() if line.startswith('{"id"')]
        for line in found:
            self.assertEqual(whole[line["id"]]["tags"], line["tags"])
            self.assertEqual(whole[line["id"]]["arn"], line["arn"])
        self.assertGreaterEqual(len(found), COUNT - 1)
        if len(found) < COUNT:
            self.assertEqual(7, said.code)
            self.assertRegex(said.err, "could not be read")
            self.assertRegex(self.say("status").json["unreadable"], r"^1 row \(\S")
        return said.code

    def test_a_cut_or_emptied_store_is_refused(self):
        content = self.store.read_bytes()
        for kept in (0, 99, 4096, len(content) // 2, len(content) - 4096)[:PLACES]:
            with self.subTest(kept=kept):
                self.setUp()
                self.store.write_bytes(content[:kept])
                self.assertEqual(CORRUPT, self.say("find", "lighthouse").code)

    def test_what_is_no_store_is_refused(self):
        for content in (b"x" * 8192, b"SQLite format 3\0" + b"\0" * 8176, os.urandom(20000)):
            self.store.write_bytes(content)
            self.assertEqual(CORRUPT, self.say("find", "lighthouse").code)


class FullDisk(unittest.TestCase):
    """A small file system, where one can be mounted."""

    may_mount = True

    def setUp(self):
        self.stage = self.enterContext(stage.Stage())
        self.mount = self.stage.folder / "small"
        self.mount.mkdir()
        made = subprocess.run(
            ["mount" if self.may_mount else "false", "-t", "tmpfs", "-o", "size=4m,mode=700",
             "tmpfs", self.mount], capture_output=True)
        self.mounted = made.returncode == 0
        if self.may_mount and not self.mounted:
            self.skipTest(f"nothing can be mounted here: {made.stderr.decode().strip()}")
        if self.mounted:
            self.addCleanup(subprocess.run, ["umount", "-l", self.mount], check=True)
        self.stage.environment["ESCHER_HOME"] = str(self.mount / "home")
        self.stage.init()
        self.acknowledged = 0
        self.give(20)

    def give(self, count: int, code: int | None = 0) -> stage.Said:
        lines = self.stage.folder / "more.jsonl"
        lines.write_text(estate.lines(count, self.acknowledged))
        said = self.stage.escher("estate", "import", lines, "--json", code=code)
        if said.code == 0:
            self.acknowledged += count
        return said

    def is_whole(self) -> None:
        """All that was acknowledged can be read, by a core that begins anew too."""
        for _ in range(2):
            found = self.stage.escher("estate", "export", "-").out.splitlines()
            ids = {json.loads(line)["id"] for line in found}
            wanted = {estate.resource(number)["id"] for number in range(self.acknowledged)}
            self.assertLessEqual(wanted, ids)
            self.stage.escher("audit", "verify")
            self.stage.stop_core()

    @contextlib.contextmanager
    def no_room(self):
        """From now on the disk takes a few pages more, then nothing."""
        filler = self.mount / "filler"
        if self.mounted:
            free = os.statvfs(self.mount)
            filler.write_bytes(b"\0" * max(0, free.f_bavail * free.f_frsize - 64 * 1024))
            yield
            filler.unlink()
            return
        core, grown = self.stage.core(), (self.mount / "home/data/default/store.db-wal").stat()
        limit = (grown.st_size + 64 * 1024, resource.RLIM_INFINITY)
        before = resource.prlimit(core, resource.RLIMIT_FSIZE, limit)
        yield
        resource.prlimit(core, resource.RLIMIT_FSIZE, before)

    def test_what_was_acknowledged_is_still_there(self):
        with self.no_room():
            said = self.give(100, code=None)
            self.assertNotEqual(0, said.code)
            self.assertLess(said.code, 128)
            message = said.json["message"]
            self.assertRegex(message, r"^[^\n]{5,300}$")
            self.assertRegex(message, r"full|File too large|I/O")
            found = self.stage.escher("find", "lighthouse", "--json").json
            self.assertTrue(found["hits"])
            self.stage.escher("ask", "what is lighthouse?", "--json", code=None)
        self.give(100)
        self.is_whole()


class FullQuota(FullDisk):
    """The same with a limit on the size of files, which needs no rights."""

    may_mount = False


if __name__ == "__main__":
    tap.main()
