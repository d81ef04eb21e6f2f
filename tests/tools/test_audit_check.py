# SPDX-License-Identifier: Apache-2.0
"""tools/audit-check names the first record of an export that is not as it was written."""

import hashlib
import hmac
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import random
import sys
import unittest
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support")]

import tap  # noqa: E402

LOADER = importlib.machinery.SourceFileLoader("audit_check", str(ROOT / "tools/audit-check"))
tool = importlib.util.module_from_spec(importlib.util.spec_from_loader("audit_check", LOADER))
LOADER.exec_module(tool)

RECORDS = 12
STORE = uuid.UUID("0b0911c0-6a27-413f-b0fc-3716169b3470")
KEY = bytes(range(32))
CASES = 1000 * int(os.environ.get("ESCHER_TEST_SOAK", "1"))


def export(with_key: bool) -> tuple[dict, list[dict]]:
    """A trail as the store writes it, by the formulas of docs/internals/store.md."""
    found, key, lines = tool.first_hash(STORE.bytes), KEY, []
    for number in range(1, RECORDS + 1):
        record = json.dumps({"at_ms": 5, "event": {"text": f"act {number}"}, "seq": number},
                            separators=(",", ":"))
        found = hashlib.sha256(found + record.encode()).digest()
        lines.append({"seq": number, "record": record, "hash": found.hex(),
                      "mac": hmac.digest(key, found, "sha256").hex()})
        key = hmac.digest(key, b"next", "sha256")
    head = {"format": "escher.audit/1", "store": str(STORE), "records": RECORDS,
            "head": found.hex()} | ({"key": KEY.hex()} if with_key else {})
    return head, lines


def rehash(lines: list[dict], start: int) -> str:
    """Chains the lines from `start` on anew, with no key; the new head."""
    found = bytes.fromhex(lines[start - 1]["hash"]) if start else tool.first_hash(STORE.bytes)
    for line in lines[start:]:
        found = hashlib.sha256(found + line["record"].encode()).digest()
        line["hash"] = found.hex()
    return found.hex()


def edit(lines, at, _dice):
    lines[at]["record"] = lines[at]["record"].replace("act", "tca")
    return at + 1


def edit_hash(lines, at, dice):
    name = dice.choice(["hash", "mac"])
    lines[at][name] = lines[at][name][::-1]
    return at + 1


def delete(lines, at, _dice):
    del lines[at]
    return at + 1


def insert(lines, at, _dice):
    lines.insert(at, dict(lines[at], record=lines[at]["record"].replace("act", "new")))
    return at + 1


def reorder(lines, at, dice):
    other = dice.choice([i for i in range(RECORDS) if i != at])
    lines[at], lines[other] = lines[other], lines[at]
    return min(at, other) + 1


def truncate(lines, at, _dice):
    del lines[at:]
    return at + 1


def duplicate(lines, at, _dice):
    lines.insert(at + 1, lines[at])
    return at + 2


def renumber(lines, at, _dice):
    lines[at]["seq"] += 1
    return at + 1


def other_epoch(lines, at, _dice):
    key = KEY
    for _ in range(at + 1):
        key = hmac.digest(key, b"next", "sha256")
    lines[at]["mac"] = hmac.digest(key, bytes.fromhex(lines[at]["hash"]), "sha256").hex()
    return at + 1


class Exports(unittest.TestCase):
    def check(self, head: dict, lines: list[dict], expected: bytes | None = None) -> str:
        text = [json.dumps(line) + "\n" for line in [head, *lines]]
        try:
            tool.check(iter(text), expected)
        except tool.Bad as problem:
            return str(problem)
        return ""

    def test_an_export_as_it_was_written_is_whole(self):
        for with_key in (False, True):
            self.assertEqual("", self.check(*export(with_key)))

    def test_of_a_thousand_changes_each_is_named_by_its_number(self):
        dice = random.Random(int(os.environ.get("ESCHER_TEST_SEED", "0")))
        kinds = [edit, edit_hash, delete, insert, reorder, truncate, duplicate, renumber,
                 other_epoch]
        for case in range(CASES):
            kind = kinds[case % len(kinds)]
            head, lines = export(with_key=True)
            number = kind(lines, dice.randrange(RECORDS), dice)
            self.assertRegex(self.check(head, lines), rf"^record {number}: ", kind.__name__)

    def test_a_chain_made_anew_is_found_with_the_key_or_the_head(self):
        for at in range(RECORDS):
            for with_key in (False, True):
                head, lines = export(with_key)
                true_head = bytes.fromhex(head["head"])
                edit(lines, at, None)
                head["head"] = rehash(lines, at)
                said = self.check(head, lines, None if with_key else true_head)
                self.assertRegex(said, rf"^record {at + 1 if with_key else RECORDS}: ")

    def test_what_is_no_export_is_said_to_be_none(self):
        head, lines = export(False)
        for wrong in ({}, head | {"format": "x"}, head | {"store": "x"}, head | {"head": "zz"},
                      {"format": 5}):
            with self.assertRaises(tool.NoExport):
                tool.check(iter([json.dumps(wrong)]), None)
        for wrong in ("", "[]\n", "{\n", '{"seq": 1, "seq": 1}\n', '{"seq": 1}\n'):
            with self.assertRaises(tool.Bad):
                tool.check(iter([json.dumps(head) + "\n", wrong] if wrong else [json.dumps(head)]),
                           None)

    def test_it_is_small_and_knows_nothing_of_ours(self):
        text = (ROOT / "tools/audit-check").read_text()
        self.assertLessEqual(text.count("\n"), 200)
        self.assertNotIn("escher/", text)


if __name__ == "__main__":
    tap.main()
