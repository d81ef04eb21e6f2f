#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A planner's formats, both ways: what the C code writes fits docs/formats/, and of every document
that differs from a good one in one place the schema and the C code say the same.

usage: test_plan_formats.py PLAN_ECHO      (the program of plan_echo.c; prints TAP)
"""

import copy
import json
import pathlib
import subprocess
import sys

FORMATS = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/formats"
CLASSIFICATION = {"intent": "i", "confidence": 1, "system": "aws", "route": "r"}
OTHER_KINDS = [
    {
        "kind": "question",
        "reason": "ambiguous",
        "text": "Which one?",
        "choices": [{"id": "a", "label": "A"}],
        "unresolved": ["pg"],
        "alternatives": [{"id": "a", "score": 0.5}],
    },
    {
        "kind": "question",
        "reason": "missing_value",
        "text": "How much?",
        "missing": {"name": "memory"},
    },
    {"kind": "answer", "text": "It runs.", "facts": [{"name": "state", "value": "running"}]},
    {"kind": "query", "text": "These", "filter": "env=dev", "verb": "list", "cap": 10},
    {"kind": "refusal", "reason": "not_supported", "text": "No.", "alternatives": []},
]
# What may stand in the place of any value.
VALUES = [None, True, -1, 1.5, 901, "x", ["x"], [{}], {}]
BAD_REQUESTS = [
    ("another version", {"v": 2}),
    ("an unknown mode", {"mode": "whole"}),
    ("an unknown member", {"exec": "x"}),
    ("no prompt", {"prompt": None}),
    ("a prompt that is too long", {"prompt": "x" * 8193}),
    ("a resource that is a text", {"identified_resources": ["x"]}),
    ("an account that is none", {"user_context": {"user_id": "u", "aws_accounts": ["1"]}}),
    ("a user without an id", {"user_context": {}}),
    ("a history of another role", {"history": [{"role": "system", "text": "x"}]}),
]
BAD_RESOURCES = [
    ("no id", {"id": None}),
    ("an account that is none", {"account_id": "12345678901"}),
    ("a type that is none", {"resource_type": "RDS"}),
    ("tags that are numbers", {"tags": {"a": 1}}),
    ("metadata with structure", {"engine": {"name": "postgres"}}),
    ("picked by a false flag", {"picked": False}),
    ("a mention without its end", {"mention": {"start": 1}}),
]


def validators():
    import jsonschema
    import referencing

    schemas = {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text())
        for path in sorted(FORMATS.glob("*.schema.json"))
    }
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas.values()
    )
    made = {}
    for name in ("plan", "planner-request", "planner-response"):
        jsonschema.Draft202012Validator.check_schema(schemas[name])
        made[name] = jsonschema.Draft202012Validator(schemas[name], registry=registry)
    return made


def places(value, path=()):
    """The path of every value inside."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in members:
        yield (*path, key)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, key))


def changed(document, path, change):
    made = copy.deepcopy(document)
    parent = made
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return made


def mutations(document):
    """(what, document with one change)"""
    for path in places(document):
        where = ".".join(map(str, path))
        yield f"without {where}", changed(document, path, lambda at, key: at.pop(key))
        for value in VALUES:

            def put(at, key, value=value):
                at[key] = value

            yield f"{where} = {json.dumps(value)}", changed(document, path, put)
        at = document
        for key in path:
            at = at[key]
        if isinstance(at, dict):
            yield (
                f"a member more in {where}",
                changed(document, path, lambda at, key: at[key].update(surplus=1)),
            )
    yield "a member more", {**document, "surplus": 1}


def without_none(document):
    return {name: value for name, value in document.items() if value is not None}


class Report:
    def __init__(self):
        self.number = self.failed = 0

    def __call__(self, what, problems):
        self.number += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.number} - {what}")
        for problem in problems[:20]:
            print(f"# {problem}")


def written_by_c(lines):
    documents = {"plan": [], "planner-request": [], "planner-response": []}
    for line in lines:
        name, _, text = line.partition(" ")
        if name == "end":
            return documents
        documents[name].append(json.loads(text))
    raise ValueError("the C program ended early")


def agree(known, name, documents, echo):
    """Where schema and C differ on documents that have been changed in one place."""
    cases = []
    seen = set()
    for document in documents:
        for what, made in mutations(document):
            text = json.dumps(made)
            if text not in seen:
                seen.add(text)
                cases.append((what, made, text))
    answers = echo("".join(f"{name} {text}\n" for _, _, text in cases))
    refused = 0
    problems = []
    for (what, made, _), answer in zip(cases, answers, strict=True):
        valid = known[name].is_valid(made)
        refused += not valid
        if valid != (answer == "ok"):
            problems.append(f"{what}: the schema says {valid}, C says {answer}")
    if refused < len(cases) / 2:
        problems.append(f"only {refused} of {len(cases)} were refused")
    return problems


def main():
    try:
        known = validators()
    except ImportError:
        print("1..1\nok 1 # SKIP jsonschema is not installed")
        return 0

    def run(text):
        return subprocess.run(
            [sys.argv[1]], input=text, capture_output=True, text=True, check=True, timeout=600
        ).stdout.splitlines()

    written = written_by_c(run(""))
    kinds = [{"v": 1, "classification": CLASSIFICATION, **kind} for kind in OTHER_KINDS]

    def echo(text):
        lines = run(text)
        return lines[lines.index("end") + 1 :]

    report = Report()
    for name, documents in written.items():
        problems = [
            f"{error.json_path}: {error.message}"
            for document in documents
            for error in known[name].iter_errors(document)
        ]
        report(f"{name}: the schema accepts what C writes", problems)
    answers = echo("".join(f"planner-response {json.dumps(kind)}\n" for kind in kinds))
    bad = [kind["kind"] for kind in kinds if not known["planner-response"].is_valid(kind)]
    report("planner-response: both accept the other kinds", bad + [a for a in answers if a != "ok"])
    responses = [written["planner-response"][0], *kinds]
    problems = agree(known, "planner-response", responses, echo)
    report("planner-response: both say the same of every change", problems)
    plans = written["plan"][:1]
    report("plan: both say the same of every change", agree(known, "plan", plans, echo))
    request = written["planner-request"][0]
    resource = request["identified_resources"][0]
    bad = [(what, without_none({**request, **change})) for what, change in BAD_REQUESTS]
    for what, change in BAD_RESOURCES:
        bad.append((what, {**request, "identified_resources": [without_none({**resource, **change})]}))
    accepted = [what for what, document in bad if known["planner-request"].is_valid(document)]
    report("planner-request: the schema refuses what is none", accepted)
    print(f"1..{report.number}")
    return 1 if report.failed else 0


sys.exit(main())
