#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our protocols against those of the AWS CLI's own botocore, over every operation that we speak.

Parameters drawn from the shapes become requests in both and must be equal. Answers drawn from the
shapes are written as the services write them, read by both, and must be equal as the CLI prints
them. So must refusals. ESCHER_TEST_SEED repeats a seed.

usage: test_botocore.py WIRE_PEER      (the program of wire_peer.c; prints TAP)
"""

import base64
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import unittest
import urllib.parse
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import recordings  # noqa: E402
import tap  # noqa: E402
import wire_world  # noqa: E402

os.environ["TZ"] = "UTC"  # botocore reads seconds since 1970 as local time
time.tzset()

PEER = sys.argv[-1]
SEED = os.environ.get("ESCHER_TEST_SEED", "1")
ROUNDS = 6 * int(os.environ.get("ESCHER_TEST_SOAK", "1"))

try:
    import awscli.botocore.session
    from awscli.botocore import handlers, parsers, serialize
    from awscli.botocore.awsrequest import HeadersDict
    MISSING = None
except ImportError:
    MISSING = "the AWS CLI is not installed for this Python"


def ask(lines):
    """Our side: a batch of lines in, a batch of lines out."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([PEER], input=text, capture_output=True, text=True,
                          timeout=300)
    if done.returncode:
        raise AssertionError(f"wire-peer: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def models():
    """The model of every operation that we speak."""
    session = awscli.botocore.session.Session()
    services = {}
    for service, operation in ask([{}])[0]:
        if service not in services:
            services[service] = session.get_service_model(service)
        yield services[service].operation_model(operation)


def line_of(model, **more):
    return {"service": model.service_model.service_name, "operation": model.name, **more}


def iso(moment):
    """As the CLI's second version prints a time."""
    return moment.astimezone(datetime.timezone.utc).isoformat()


def printed(value):
    """What botocore gives, as the CLI prints it."""
    if isinstance(value, dict):
        return {key: printed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [printed(inner) for inner in value]
    if isinstance(value, datetime.datetime):
        return iso(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def as_params(value):
    """Drawn parameters as they stand in our JSON."""
    if isinstance(value, dict):
        return {key: as_params(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_params(inner) for inner in value]
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.decode() if isinstance(value, bytes) else value


# ---- requests ----


def query_pairs(text):
    return sorted(urllib.parse.parse_qsl(text, keep_blank_values=True))


def normal_number(text):
    try:
        return repr(float(text)) if "." in text or "e" in text.lower() else text
    except ValueError:
        return text


def body_of(protocol, body):
    """Any body as something that compares."""
    if isinstance(body, dict):
        return sorted((key, normal_number(str(value))) for key, value in body.items())
    text = body.decode() if isinstance(body, bytes) else body
    if protocol in ("ec2", "query"):
        return sorted((key, normal_number(value)) for key, value in query_pairs(text))
    if protocol == "rest-xml" and text:
        return xml.etree.ElementTree.canonicalize(text, strip_text=False)
    return json.loads(text) if text else ""


def request_of(model, serializer, params):
    made = serializer.serialize_to_request(params, model)
    path, _, fixed = made["url_path"].partition("?")
    query = query_pairs(fixed)
    for name, value in (made["query_string"] or {}).items():
        for one in value if isinstance(value, list) else [value]:
            query.append((name, normal_number(str(one))))
    return {
        "method": made["method"],
        "path": path,
        "query": sorted(query),
        "headers": dict(made["headers"]),
        "body": body_of(model.service_model.resolved_protocol, made["body"]),
    }


def normal_request(model, made):
    if "error" in made:
        return made
    protocol = model.service_model.resolved_protocol
    query = [(name, normal_number(value)) for name, value in query_pairs(made["query"])]
    return {**made, "query": sorted(query), "body": body_of(protocol, made["body"])}


def parsed(model, status, headers, body):
    """What botocore reads, with what its handlers do afterwards."""
    service = model.service_model
    response = {"headers": HeadersDict(headers), "status_code": status, "body": body.encode()}
    made = parsers.create_parser(service.resolved_protocol).parse(response, model.output_shape)
    if service.service_name == "iam":
        handlers.json_decode_policies(made, model)
    made.pop("ResponseMetadata", None)
    return printed(made)


def refused(model, status, headers, body):
    """(code, message) that botocore reads."""
    response = {"headers": HeadersDict(headers), "status_code": status, "body": body.encode()}
    parser = parsers.create_parser(model.service_model.resolved_protocol)
    error = parser.parse(response, model.output_shape)["Error"]
    return error["Code"], error.get("Message") or ""


@unittest.skipIf(MISSING, MISSING)
class Protocols(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.models = list(models())

    def setUp(self):
        self.random = random.Random(f"{SEED} {self._testMethodName}")
        self.maxDiff = 4000

    def each(self, rounds=ROUNDS):
        return [model for _ in range(rounds) for model in self.models]

    def test_requests_are_those_of_botocore(self):
        cases, draw = [], wire_world.Draw(self.random, is_input=True)
        for model in self.each():
            shape = model.input_shape
            cases.append((model, draw.structure(shape, 0) if shape else {}))
        answers = ask([line_of(model, params=as_params(params)) for model, params in cases])
        for (model, params), made in zip(cases, answers, strict=True):
            protocol = model.service_model.resolved_protocol
            wanted = request_of(model, serialize.create_serializer(protocol, False), params)
            self.assertEqual(wanted, normal_request(model, made), (model.name, params))

    def test_answers_are_read_as_botocore_reads_them(self):
        cases, draw = [], wire_world.Draw(self.random, is_input=False)
        for model in self.each():
            if model.output_shape is None:
                continue
            value = draw.structure(model.output_shape, 0)
            if model.service_model.service_name == "iam":
                value = wire_world.encode_policies(model.output_shape, value)
            cases.append((model, *wire_world.answer_of(model, value, self.random)))
        answers = ask([line_of(model, status=status, headers=headers, body=body)
                       for model, status, headers, body in cases])
        for (model, *answer), made in zip(cases, answers, strict=True):
            self.assertEqual(parsed(model, *answer), made.get("output"),
                             (model.name, answer, made))

    def test_refusals_say_what_botocore_reads(self):
        cases = [(model, *wire_world.refusal_of(model, self.random)) for model in self.each()]
        answers = ask([line_of(model, status=status, headers=headers, body=body)
                       for model, status, headers, body in cases])
        for (model, *answer), made in zip(cases, answers, strict=True):
            self.assertEqual(refused(model, *answer),
                             (made["fault"]["code"], made["fault"]["message"]),
                             (model.name, answer))

    def test_real_answers_come_over_the_wire_as_they_were(self):
        if recordings.folder() is None:
            self.skipTest("no ESCHER_TEST_DATA")
        by_name = {(m.service_model.service_name, m.name): m for m in self.models}
        cases = []
        for service, operation, status, data in recordings.read():
            model = by_name.get((service, operation))
            if model and status == 200 and "Error" not in data:
                known = wire_world.only_known(model.output_shape, data)
                cases.append((model, *wire_world.answer_of(model, known, self.random)))
        answers = ask([line_of(model, status=status, headers=headers, body=body)
                       for model, status, headers, body in cases])
        for (model, *answer), made in zip(cases, answers, strict=True):
            self.assertEqual(parsed(model, *answer), made.get("output"), (model.name, made))
        self.assertGreater(len(cases), 1000)

    def test_what_is_cut_off_is_never_an_answer(self):
        cases, draw = [], wire_world.Draw(self.random, is_input=False)
        for model in self.each():
            if model.output_shape is None or wire_world.is_text(model.output_shape):
                continue
            value = draw.structure(model.output_shape, 0)
            status, headers, body = wire_world.answer_of(model, value, self.random)
            bound = all("location" in member.serialization
                        for member in model.output_shape.members.values())
            if not bound:
                cases.append(line_of(model, status=status, headers=headers,
                                     body=body[:self.random.randrange(len(body))]))
        for case, made in zip(cases, ask(cases), strict=True):
            self.assertNotIn("output", made, case)
            self.assertEqual("", made["fault"]["code"], case)



if __name__ == "__main__":
    tap.main()
