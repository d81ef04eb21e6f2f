#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The generated operations against the real AWS CLI: every service, verb and option of the table must
be one that the CLI itself offers, all its customisations included, and the table must be the one
that tools/catalog-generate writes.

usage: test_cli.py CATALOG_DUMP      (the program of catalog_dump.c; prints TAP)
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SKIPPED = 77


def verbs_of(driver, service):
    """{verb: command} of a service, as the CLI builds them for its own use."""
    return driver._get_command_table()[service]._get_command_table()


def problems_of(row, verbs):
    command = verbs.get(row["cli_verb"])
    if command is None:
        return ["the CLI has no such verb"]
    if command._operation_model.name != row["operation"]:
        return [f"the CLI calls {command._operation_model.name}"]
    arguments = command.arg_table
    by_name = {argument.cli_name: argument for argument in arguments.values()}
    found = []
    for option in row["options"]:
        argument = by_name.get(option["option"])
        if argument is None:
            found.append(f"no option {option['option']}")
            continue
        if argument.required != option["required"]:
            found.append(f"{option['option']}: required is {argument.required} in the CLI")
        if option["positional"] == option["option"].startswith("--"):
            found.append(f"{option['option']}: positional is wrong")
        if option["negation"] and option["negation"] not in by_name:
            found.append(f"no option {option['negation']}")
    only_options = all(name.startswith("--") for name in by_name)
    if row["json_input"] != ("--cli-input-json" in by_name and only_options):
        found.append("json_input is wrong")
    return found


def check_table():
    """None when the table is current, else why not; "" when that cannot be said here."""
    done = subprocess.run([sys.executable, ROOT / "tools/catalog-generate", "--check"],
                          capture_output=True, text=True, timeout=600)
    if done.returncode == SKIPPED:
        return ""
    return done.stderr.strip() or "failed" if done.returncode else None


def main():
    rows = [json.loads(line) for line in subprocess.run(
        [sys.argv[1]], capture_output=True, text=True, check=True).stdout.splitlines()]
    print(f"1..{len(rows) + 1}")
    failed = 0
    problem = check_table()
    failed += bool(problem)
    print("not ok 1" if problem else "ok 1", "- the table is what tools/catalog-generate writes",
          "# SKIP the AWS CLI is not installed" if problem == "" else f"\n# {problem}" if problem else "")
    try:
        from awscli.clidriver import create_clidriver
        driver = create_clidriver()
    except ImportError:
        driver = None
    tables = {}
    for number, row in enumerate(rows, 2):
        name = f"{row['cli_service']} {row['cli_verb']}"
        if driver is None:
            print(f"ok {number} - {name} # SKIP awscli is not installed")
            continue
        if row["cli_service"] not in tables:
            tables[row["cli_service"]] = verbs_of(driver, row["cli_service"])
        found = problems_of(row, tables[row["cli_service"]])
        failed += bool(found)
        print(f"{'not ok' if found else 'ok'} {number} - {name} is the CLI's own")
        for line in found:
            print(f"# {line}")
    return 1 if failed else 0


sys.exit(main())
