#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The nouns' JSON, both ways: docs/formats/*.schema.json and the C code must agree on every case of
tests/cases/formats: both accept the good documents, C writes them back equal and the schema accepts
what C wrote; both refuse the bad ones (but `beyond_schema`, which only C can see).

usage: test_formats.py FORMAT_ECHO      (the program of format_echo.c; prints TAP)
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FORMATS = ROOT / "docs/formats"
CASES = ROOT / "tests/cases/formats"


def validators():
    import jsonschema
    import referencing

    paths = sorted(FORMATS.glob("*.schema.json"))  # all of them: one refers to another
    schemas = [json.loads(path.read_text()) for path in paths]
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas
    )
    for schema in schemas:
        jsonschema.Draft202012Validator.check_schema(schema)
    return {
        schema["$id"].rsplit(":", 1)[1]: jsonschema.Draft202012Validator(schema, registry=registry)
        for schema in schemas
    }


def bad_document(case, base):
    """The first good document with some members changed or missing, or one of its own."""
    if "document" in case:
        return case["document"]
    document = {**base, **case.get("set", {})}
    if "pad" in case:
        document["metadata"] = {"padding": "x" * case["pad"]}
    return {name: value for name, value in document.items() if name not in case.get("drop", [])}


def cases():
    """(format, what, document, good, the schema sees it)"""
    for path in sorted(CASES.glob("*.json")):
        table = json.loads(path.read_text())
        for number, document in enumerate(table["good"], 1):
            yield path.stem, f"good {number}", document, True, True
        for case in table["bad"]:
            document = bad_document(case, table["good"][0])
            yield path.stem, case["why"], document, False, not case.get("beyond_schema")


def same(before, after):
    """C leaves out what is empty or the default, and writes the defaults of a retry policy."""
    if before == after:
        return True
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    return all(
        same(value, after[name]) if name in after else value in ([], False)
        for name, value in before.items()
    )


def judge(validator, answer, document, good, schema_sees):
    word, _, rest = answer.partition(" ")
    valid = validator.is_valid(document)
    if not good:
        if word != "refused":
            return "C accepts it"
        return "the schema accepts it" if schema_sees and valid else None
    if not valid:
        return f"the schema refuses it: {next(validator.iter_errors(document)).message}"
    if word != "ok":
        return f"C refuses it: {rest}"
    written = json.loads(rest)
    if not validator.is_valid(written):
        return f"the schema refuses what C writes: {rest}"
    return None if same(document, written) else f"C writes another document: {rest}"


def main():
    try:
        known = validators()
    except ImportError:
        print("1..1\nok 1 # SKIP jsonschema is not installed")
        return 0
    table = list(cases())
    lines = "".join(f"{name} {json.dumps(document)}\n" for name, _, document, _, _ in table)
    answers = subprocess.run(
        [sys.argv[1]], input=lines, capture_output=True, text=True, check=True, timeout=600
    ).stdout.splitlines()
    print(f"1..{len(table)}")
    failed = 0
    for number, (case, answer) in enumerate(zip(table, answers, strict=True), 1):
        name, what, document, good, schema_sees = case
        problem = judge(known[name], answer, document, good, schema_sees)
        failed += problem is not None
        print(f"{'not ok' if problem else 'ok'} {number} - {name}: {what}")
        if problem:
            print(f"# {problem}")
    return 1 if failed else 0


sys.exit(main())
