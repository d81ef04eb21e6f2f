#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every call of every playbook against the models of the pinned botocore, as the AWS CLI would.

The table of operations is made from the same models by other means; here the calls themselves
are read from the YAML, translated as the CLI does, and checked by botocore. Prints TAP.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

try:
    import botocore.session
    import yaml
    from botocore import xform_name
    from botocore.validate import ParamValidator
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit(0)

# What a reference to something read later stands for here.
LATER = {
    "after.SnapshotId": "snap-0123456789abcdef0",
    "before.MemorySize": 256,
    "before.Timeout": 30,
}


def sample_values(playbook):
    """The playbook's parameters, with the identifier of its first fixture."""
    given = playbook["tests"][0]["given"]
    fixture = json.loads((ROOT / f"playbooks/fixtures/{given}.json").read_text())
    resource = fixture["resource"]
    identifier = resource["id"].split(f"-{resource['resource_type']}-", 1)[1]
    values = {}
    for name, parameter in playbook["parameters"].items():
        if parameter["type"] == "identifier":
            values[name] = identifier
        elif parameter["type"] == "integer":
            values[name] = parameter["max"]
        else:
            text = parameter["from"].removeprefix("template:")
            text = re.sub(r"\{utc:[^}]*\}", "20261121080000", text).replace("{run4}", "ab12")
            values[name] = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], text)
    return values


def fill(value, values):
    if isinstance(value, list):
        return [fill(item, values) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, values) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\{([^{}]+)\}", value)
    if whole and "|" in whole[1]:
        return json.loads(whole[1].split("|")[1])
    if whole:
        return values[whole[1]] if whole[1] in values else LATER[whole[1]]
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), value)


def calls(node, where=""):
    """Every argument list below node, with the path to it."""
    if isinstance(node, dict):
        for key, item in node.items():
            path = f"{where}.{key}" if where else key
            if key in ("aws", "probe") and isinstance(item, list):
                yield path, item
            else:
                yield from calls(item, path)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from calls(item, f"{where}[{index}]")


def operation_of(session, service, verb):
    model = session.get_service_model({"s3api": "s3"}.get(service, service))
    for name in model.operation_names:
        if xform_name(name, "-") == verb:
            return model.operation_model(name)
    raise LookupError(f"aws {service} {verb}")


def parameters(operation, rest, values):
    """The options as the JSON that a run hands to the CLI."""
    members = {f"--{xform_name(name, '-')}": name for name in operation.input_shape.members}
    result, index = {}, 0
    while index < len(rest):
        option = rest[index]
        if option.startswith("--no-") and option not in members:
            result[members["--" + option[5:]]] = False
            index += 1
        elif operation.input_shape.members[members[option]].type_name == "boolean":
            result[members[option]] = True
            index += 1
        else:
            result[members[option]] = fill(rest[index + 1], values)
            index += 2
    return result


def check(session, argv, values):
    """What botocore says against the call; empty when nothing."""
    try:
        operation = operation_of(session, argv[0], argv[1])
        given = parameters(operation, argv[2:], values)
    except LookupError as unknown:
        return f"{unknown} is not known"
    report = ParamValidator().validate(given, operation.input_shape)
    return report.generate_report() if report.has_errors() else ""


def main():
    session = botocore.session.Session()
    number = 0
    for path in sorted((ROOT / "playbooks").glob("*.yaml")):
        playbook = yaml.safe_load(path.read_text())
        values = sample_values(playbook)
        problems = []
        for where, argv in calls(playbook):
            problem = check(session, argv, values)
            if problem:
                problems.append(f"{where}: {problem}")
        number += 1
        print(f"{'not ok' if problems else 'ok'} {number} - botocore takes each call of {path.stem}")
        for problem in problems:
            print(f"# {problem}", file=sys.stderr)
    print(f"1..{number}")


main()
