#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tools/api-generate makes of the table of routes and of the formats, and what it refuses.

usage: test_api.py DESCRIBE_API     (the program that prints the table; prints TAP)
"""

import copy
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]
sys.dont_write_bytecode = True

import tap  # noqa: E402

PROGRAM = sys.argv.pop()


def generator():
    loader = importlib.machinery.SourceFileLoader("api_generate", str(ROOT / "tools/api-generate"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("api_generate", loader))
    loader.exec_module(module)
    return module


api = generator()
TABLE = json.loads(subprocess.run([PROGRAM], check=True, stdout=subprocess.PIPE).stdout)


class Small:
    """A folder of formats with one definition more, `answers/thing`."""

    def __init__(self, thing: dict, name: str = "thing"):
        self.folder = tempfile.TemporaryDirectory(prefix="escher-api-")
        for path in api.FORMATS.glob("*.schema.json"):
            schema = json.loads(path.read_text())
            if path.name == "answers.schema.json":
                schema["$defs"][name] = thing
            pathlib.Path(self.folder.name, path.name).write_text(json.dumps(schema))

    def formats(self):
        with self.folder:
            return api.Formats(pathlib.Path(self.folder.name))


def table_with(**changes) -> dict:
    """The table, its first route changed."""
    table = copy.deepcopy(TABLE)
    table["routes"][0] |= changes
    return table


class Generated(unittest.TestCase):
    maxDiff = 2000

    def test_every_file_is_what_the_table_and_the_formats_say(self):
        done = subprocess.run([str(ROOT / "tools/api-generate"), PROGRAM, "--check"], text=True,
                              stderr=subprocess.PIPE, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr))

    def test_a_file_that_lags_behind_is_named(self):
        files = api.generate(table_with(says="another sentence"), api.Formats())
        for name, text in files.items():
            self.assertNotEqual((ROOT / name).read_text(), text, name)

    def test_the_openapi_document_is_a_valid_one(self):
        try:
            import openapi_spec_validator
        except ImportError:
            self.skipTest("openapi-spec-validator is not installed")
        document = json.loads((ROOT / api.OPENAPI).read_text())
        openapi_spec_validator.validate(document, cls=openapi_spec_validator.OpenAPIV31SpecValidator)
        del document["info"]["title"]
        with self.assertRaises(Exception):
            openapi_spec_validator.validate(document,
                                            cls=openapi_spec_validator.OpenAPIV31SpecValidator)

    def test_every_route_has_its_answer_described(self):
        formats = api.Formats()
        for route in TABLE["routes"]:
            self.assertTrue(api.gives(route) or route["events"], route["path"])
            formats.reach(api.gives(route))
            self.assertTrue(route["says"], route["path"])
            self.assertTrue(all(one["says"] for one in route["takes"]), route["path"])

    def test_every_operation_has_a_name_of_its_own(self):
        document = json.loads((ROOT / api.OPENAPI).read_text())
        names = [operation["operationId"] for path in document["paths"].values()
                 for operation in path.values()]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(names), len(TABLE["routes"]))

    def test_no_page_is_told_of_what_is_not_open_to_it(self):
        types = (ROOT / api.TYPES).read_text()
        for route in TABLE["routes"]:
            told = f"\"{route['method']} {route['path']}\":" in types
            self.assertEqual(told, route["page"] and bool(api.gives(route)), route["path"])


class Types(unittest.TestCase):
    def test_a_schema_becomes_the_type_of_what_it_lets_through(self):
        table = (
            ({}, "unknown"),
            ({"type": "string", "pattern": "^a$"}, "string"),
            ({"type": "integer", "minimum": 0}, "number"),
            ({"type": ["string", "integer"]}, "string | number"),
            ({"const": "it's"}, '"it\'s"'),
            ({"enum": ["a", 1, None]}, '"a" | 1 | null'),
            ({"type": "array", "items": {"type": "string"}}, "string[]"),
            ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]'),
            ({"type": "object"}, "Record<string, unknown>"),
            ({"type": "object", "additionalProperties": False}, "Record<string, never>"),
            ({"type": "object", "additionalProperties": {"type": "string"}},
             "Record<string, string>"),
            ({"type": "object", "properties": {"a": {"type": "string"}, "b-c": {"type": "number"}},
              "required": ["a"]}, '{\n  a: string;\n  "b-c"?: number;\n}'),
            ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
            ({"$ref": "#/$defs/cell"}, "Cell"),
            ({"$ref": "urn:escher:format:plan"}, "Plan"),
            ({"$ref": "urn:escher:format:plan#/$defs/target"}, "Target"),
            ({"$ref": "urn:escher:format:run#/properties/cancelled"}, "boolean"),
            ({"$ref": "#/$defs/cell", "required": ["age"]}, 'Cell & Required<Pick<Cell, "age">>'),
        )
        formats = api.Formats()
        for schema, expected in table:
            with self.subTest(expected):
                self.assertEqual(expected, api.script(formats, schema, "answers/thing"))

    def test_what_is_not_understood_is_refused(self):
        for thing, message in (
                ({"type": "object", "patternProperties": {}}, "patternProperties"),
                ({"$ref": "#/$defs/nobody"}, "leads nowhere"),
                ({"type": "object", "properties": {"a": {"type": "string"}},
                  "additionalProperties": {"type": "string"}}, "more than we write")):
            with self.assertRaisesRegex(api.Trouble, message):
                api.types(table_with(gives="answers/thing"), Small(thing).formats())
        with self.assertRaisesRegex(api.Trouble, "both be called LogLine"):
            Small({"type": "string"}, "log-line").formats()
        with self.assertRaisesRegex(api.Trouble, "no definition answers/nobody"):
            api.openapi(table_with(gives="answers/nobody"), api.Formats())

    def test_the_page_keeps_its_prose(self):
        text = f"before {api.MARKS[0]} what was there {api.MARKS[1]} after"
        made = api.page(TABLE, api.Formats(), text)
        self.assertTrue(made.startswith("before ") and made.endswith(" after"))
        self.assertNotIn("what was there", made)
        with self.assertRaisesRegex(api.Trouble, "marks"):
            api.page(TABLE, api.Formats(), "no marks")


if __name__ == "__main__":
    tap.main()
