# SPDX-License-Identifier: Apache-2.0
"""Parameters and answers drawn from botocore's shapes, and answers as services write them."""

import base64
import datetime
import json
import urllib.parse
import xml.sax.saxutils

MAX_DEPTH = 7
WORDS = ["", "a", "eu-west-1", "i-0123456789abcdef0", "two words", " spaces ", "<&>\"'",
         "naïve ☃ 🎈", "a+b=c&d/e?f#g%41",
         "arn:aws:lambda:eu-west-1:123456789012:function:f", "tab\tand\nline",
         "null", "0", "true", "x" * 300]
LABELS = ["a", "eu-west-1", "two words", "arn:aws:lambda:eu-west-1:1:function:f", "naïve", "a/b",
          "%41"]
TIMES = [0, 1, 951782400, 1421866952, 1767225600, 4102444800]


class Draw:
    """Values of shapes: Python values as botocore takes and gives them."""

    def __init__(self, rng, is_input):
        self.rng = rng
        self.is_input = is_input

    def value(self, shape, depth=0):
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, depth)
        if kind == "list":
            return [self.value(shape.member, depth + 1) for _ in range(self.count(depth))]
        if kind == "map":
            return {
                self.rng.choice(WORDS[1:10]): self.value(shape.value, depth + 1)
                for _ in range(self.count(depth))
            }
        return self.scalar(shape)

    def count(self, depth):
        return 0 if depth > MAX_DEPTH else self.rng.choice([0, 1, 1, 2, 3])

    def structure(self, shape, depth):
        names = list(shape.members)
        if shape.metadata.get("union"):
            names = [self.rng.choice(names)]
        else:
            needed = shape.required_members if self.is_input or depth == 0 else []
            names = [n for n in names if n in needed or self.rng.random() < 0.6]
        if depth > MAX_DEPTH:
            scalar = lambda n: shape.members[n].type_name not in ("structure", "list", "map")
            names = [n for n in names if scalar(n)]
        return {name: self.value(shape.members[name], depth + 1) for name in names}

    def scalar(self, shape):
        kind, rng = shape.type_name, self.rng
        if kind in ("integer", "long"):
            return rng.choice([0, 1, -1, 2**31 - 1, rng.randrange(-(2**53), 2**53)])
        if kind in ("float", "double"):
            return rng.choice([0.0, 1.5, -2.25, 1e-7, 12345.678, rng.random()])
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "timestamp":
            micros = 0 if self.is_input else rng.choice([0, 0, 62000, 123456])
            moment = datetime.datetime.fromtimestamp(rng.choice(TIMES), datetime.timezone.utc)
            return moment.replace(microsecond=micros)
        if kind == "blob":
            return "bytes \x00\x01é".encode() if rng.random() < 0.5 else b""
        where = shape.serialization.get("location")
        if where == "uri":
            return rng.choice(LABELS)
        if where == "header":
            return rng.choice(LABELS[:4])
        return rng.choice(shape.enum) if shape.enum and rng.random() < 0.5 else rng.choice(WORDS)


def text_of(shape, value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        if shape.serialization.get("timestampFormat") == "rfc822":
            return value.strftime("%a, %d %b %Y %H:%M:%S GMT")
        digits = f".{value.microsecond:06d}" if value.microsecond else random_fraction(value)
        return value.strftime("%Y-%m-%dT%H:%M:%S") + digits + "Z"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return repr(value) if isinstance(value, float) else str(value)


def random_fraction(value):
    return ".000" if value.day % 2 else ""


class Xml:
    """Values as the XML protocols write them."""

    def __init__(self, protocol):
        self.protocol = protocol

    def element(self, name, shape, value):
        attributes = ""
        if shape.type_name == "structure":
            for key, member in shape.members.items():
                if member.serialization.get("xmlAttribute") and key in value:
                    quoted = xml.sax.saxutils.quoteattr(value[key])
                    attributes = (' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
                                  f" {member.serialization['name']}={quoted}")
        return f"<{name}{attributes}>{self.content(shape, value)}</{name}>"

    def content(self, shape, value):
        if shape.type_name == "structure":
            return "".join(self.member(key, shape.members[key], inner)
                           for key, inner in value.items())
        if shape.type_name == "list":
            item = shape.member.serialization.get("name")
            item = item or ("item" if self.protocol == "ec2" else "member")
            return "".join(self.element(item, shape.member, inner) for inner in value)
        if shape.type_name == "map":
            return "".join(f"<entry>{self.entry(shape, key, inner)}</entry>"
                           for key, inner in value.items())
        return xml.sax.saxutils.escape(text_of(shape, value))

    def entry(self, shape, key, value):
        return (self.element(shape.key.serialization.get("name", "key"), shape.key, key)
                + self.element(shape.value.serialization.get("name", "value"), shape.value, value))

    def member(self, key, shape, value):
        wire = shape.serialization
        if wire.get("location") or wire.get("xmlAttribute"):
            return ""
        name = wire.get("name", key)
        if not wire.get("flattened"):
            return "\n  " + self.element(name, shape, value)
        if shape.type_name == "map":
            return "".join(f"<{name}>{self.entry(shape, k, v)}</{name}>" for k, v in value.items())
        name = shape.member.serialization.get("name", name)
        return "".join(self.element(name, shape.member, inner) for inner in value)


def wire_json(shape, value, rng):
    """Values as the JSON protocols write them, with members that nobody knows."""
    kind = shape.type_name
    if kind == "structure":
        made = {}
        for key, inner in value.items():
            wire = shape.members[key].serialization
            if not wire.get("location"):
                made[wire.get("name", key)] = wire_json(shape.members[key], inner, rng)
        if not shape.metadata.get("union") and rng.random() < 0.2:
            made["SomethingNew"] = {"A": [1, None]}
            made["SomethingElse"] = None
        return made
    if kind == "list":
        return [wire_json(shape.member, inner, rng) for inner in value]
    if kind == "map":
        return {key: wire_json(shape.value, inner, rng) for key, inner in value.items()}
    if kind == "timestamp":
        if shape.serialization.get("timestampFormat", "").lower() == "iso8601":
            return text_of(shape, value)
        return value.timestamp() if value.microsecond else int(value.timestamp())
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def is_told(shape, value):
    return shape.type_name != "timestamp" or isinstance(value, datetime.datetime)


def only_known(shape, value):
    """Without what later models have no more, and times that were struck out; policies as they
    were sent."""
    if shape.type_name == "structure":
        return {key: only_known(shape.members[key], inner) for key, inner in value.items()
                if key in shape.members and inner is not None and is_told(shape.members[key], inner)}
    if shape.type_name == "list":
        return [only_known(shape.member, inner) for inner in value]
    if shape.type_name == "map":
        return {key: only_known(shape.value, inner) for key, inner in value.items()}
    if shape.name == "policyDocumentType" and not isinstance(value, str):
        return urllib.parse.quote(json.dumps(value))
    return value


def encode_policies(shape, value):
    """Policy documents as IAM sends them."""
    if shape.type_name == "structure":
        return {key: encode_policies(shape.members[key], inner) for key, inner in value.items()}
    if shape.type_name == "list":
        return [encode_policies(shape.member, inner) for inner in value]
    if shape.name == "policyDocumentType" and value in WORDS[:4]:
        return urllib.parse.quote('{"Version": "2012-10-17", "Statement": [{"Sid": "%s"}]}' % value)
    return value


def headers_of(shape, value):
    headers = {"x-amzn-RequestId": "00000000-1111"}
    for key, member in shape.members.items():
        if member.serialization.get("location") == "header" and key in value:
            headers[member.serialization.get("name", key)] = text_of(member, value[key])
    return headers


def answer_of(model, value, rng):
    """(status, headers, body) of an answer with that value."""
    shape, protocol = model.output_shape, model.service_model.resolved_protocol
    headers = headers_of(shape, value)
    if protocol in ("json", "rest-json"):
        return 200, headers, json.dumps(wire_json(shape, value, rng))
    payload = shape.serialization.get("payload")
    if payload:
        inner = shape.members[payload]
        if inner.type_name == "string":
            return 200, headers, value.get(payload) or "{}"
        return 200, headers, Xml(protocol).element("Payload", inner, value.get(payload, {}))
    inside = Xml(protocol).content(shape, value)
    if protocol == "query":
        wrapper = shape.serialization["resultWrapper"]
        inside = (f"<{wrapper}>{inside}\n</{wrapper}><ResponseMetadata><RequestId>1</RequestId>"
                  "</ResponseMetadata>")
    extra = "<requestId>1</requestId><new><item>1</item></new>" if protocol == "ec2" else ""
    root = f"{model.name}Response"
    return 200, headers, (f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://x/">'
                          f"{extra}{inside}</{root}>")


def is_text(shape):
    """Whether the whole body is one text."""
    payload = shape.serialization.get("payload")
    return bool(payload) and shape.members[payload].type_name == "string"


CODES = ["AccessDenied", "Throttling", "InvalidVpcID.NotFound", "UnauthorizedOperation",
         "NoSuchBucket"]
MESSAGES = ["", "You are not authorized to perform this operation.", "a <b> & \"c\" ü"]


def refusal_in_xml(model, code, message):
    about = (f"<Code>{code}</Code><Message>{xml.sax.saxutils.escape(message)}</Message>")
    if model.service_model.resolved_protocol == "ec2":
        return (f"<Response><Errors><Error>{about}</Error></Errors>"
                "<RequestID>r</RequestID></Response>")
    if model.service_model.service_name == "s3":
        return f'<?xml version="1.0"?>\n<Error>{about}<RequestId>r</RequestId></Error>'
    return (f'<ErrorResponse xmlns="http://x/"><Error><Type>Sender</Type>{about}</Error>'
            "<RequestId>r</RequestId></ErrorResponse>")


def refusal_of(model, rng):
    """(status, headers, body) of a refusal in the shape of the service."""
    code, message = rng.choice(CODES), rng.choice(MESSAGES)
    status, headers = rng.choice([400, 403, 404, 500, 503]), {"x-amzn-RequestId": "r"}
    protocol = model.service_model.resolved_protocol
    if status >= 500 and rng.random() < 0.3:
        return status, headers, rng.choice(["", "<html><body>Oops</body></html>"])
    if protocol not in ("json", "rest-json"):
        return status, headers, refusal_in_xml(model, code, message)
    body = {rng.choice(["message", "Message"]): message}
    said = rng.choice([code, f"com.amazonaws.x#{code}", f"{code}:http://x/", f"x#{code}:http://x/"])
    where = rng.choice(["__type", "header", "code"]) if protocol == "rest-json" else "__type"
    if where == "header":
        headers["x-amzn-ErrorType"] = said
    elif rng.random() < 0.9:
        body[where] = said
    if "awsQueryCompatible" in model.service_model.metadata and rng.random() < 0.5:
        headers["x-amzn-query-error"] = f"AWS.Old.{code};Sender"
    return status, headers, json.dumps(body)
