#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our signatures against those of the AWS CLI's own botocore: 10,000 requests with chance in them,
of S3 and of other services, byte for byte. ESCHER_TEST_SEED repeats a seed.

usage: test_signer.py SIGV4_PEER      (the program of sigv4_peer.c; prints TAP)
"""

import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import tap  # noqa: E402

PEER = sys.argv[-1]
SEED = os.environ.get("ESCHER_TEST_SEED", "1")
CASES = 10_000 * int(os.environ.get("ESCHER_TEST_SOAK", "1"))
TEXTS = ["a", "B2", "two words", "a+b", "a/b", "100%", "ü", "☃", "~-_.", "x=y&z",
         "arn:aws:lambda:r:1:f", "$(','*!)", "*", "?", "tab\tin", "A", "aa", "location",
         "2016-11-15", ""]
VALUES = ["a", "two  words", "  around ", "a, b", "tab\t\tand spaces", "ü", "", "x" * 200,
          "application/x-amz-json-1.1", "\"quoted  text\""]
NAMES = ["Content-Type", "X-Amz-Target", "x-amz-meta-a", "X-AMZ-Meta-B", "Range", "If-Match",
         "X-Amzn-Query-Mode", "Content-MD5"]

try:
    from awscli.botocore import auth, awsrequest, credentials
    MISSING = None
except ImportError:
    MISSING = "the AWS CLI is not installed for this Python"


class Chance:
    def __init__(self, rng):
        self.rng = rng

    def segment(self, service):
        """A part of a path. For S3 it is encoded to the end, as every request is made: of others
        botocore signs what is in the path, and S3 what it encodes itself."""
        text = self.rng.choice(TEXTS) or "x"
        is_half = service != "s3" and self.rng.random() < 0.5
        return urllib.parse.quote(text, safe="~:$*,()'!+=" if is_half else "~")

    def path(self, service):
        """It does not end in dots: RFC 3986 leaves a slash there, botocore none."""
        parts = [self.segment(service) for _ in range(self.rng.randrange(4))]
        if service != "s3" and self.rng.random() < 0.1:
            parts.insert(0, self.rng.choice([".", "..", "", "a"]))
            parts.append("z")
        return "/" + "/".join(parts) + ("/" if parts and self.rng.random() < 0.2 else "")

    def query(self):
        pairs = []
        for _ in range(self.rng.choice([0, 0, 1, 2, 5])):
            name = urllib.parse.quote(self.rng.choice(TEXTS[:-1]), safe="~")
            value = urllib.parse.quote(self.rng.choice(TEXTS), safe="~")
            pairs.append(name if self.rng.random() < 0.2 else f"{name}={value}")
        return "&".join(pairs)

    def request(self):
        rng = self.rng
        service = rng.choice(["s3", "ec2", "lambda", "sts", "elasticloadbalancing"])
        names = rng.sample(NAMES, rng.randrange(5))
        return {
            "method": rng.choice(["GET", "POST", "PUT", "DELETE", "HEAD"]),
            "host": rng.choice(["ec2.eu-west-1.amazonaws.com", "localhost:5000", "b.s3.example"]),
            "path": self.path(service),
            "query": self.query(),
            "headers": [[name, rng.choice(VALUES)] for name in names],
            "body": rng.choice(["", "Action=DescribeInstances&Version=2016-11-15", '{"a": "ü"}']),
            "key": rng.choice(["AKIAIOSFODNN7EXAMPLE", "ASIA0000000000000000"]),
            "secret": rng.choice(["wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "s"]),
            "token": rng.choice([None, "FwoGZXIvYXdzE+/=", "t" * 900]),
            "region": rng.choice(["us-east-1", "cn-north-1"]),
            "service": service,
            "now_s": rng.randrange(0, 4_000_000_000),
        }


def sign_with_botocore(case):
    """What botocore puts into Authorization, X-Amz-Date and X-Amz-Content-SHA256."""
    now = datetime.datetime.fromtimestamp(case["now_s"], datetime.timezone.utc)
    auth.get_current_datetime = lambda *_, **__: now
    kind = auth.S3SigV4Auth if case["service"] == "s3" else auth.SigV4Auth
    url = f"https://{case['host']}{case['path']}" + (f"?{case['query']}" if case["query"] else "")
    request = awsrequest.AWSRequest(case["method"], url, data=case["body"].encode())
    for name, value in case["headers"]:
        request.headers[name] = value
    keys = credentials.Credentials(case["key"], case["secret"], case["token"])
    kind(keys, case["service"], case["region"]).add_auth(request)
    return {
        "authorization": request.headers["Authorization"],
        "date": request.headers["X-Amz-Date"],
        "sha256": request.headers.get("X-Amz-Content-SHA256", ""),
    }


def sign_with_ours(cases):
    text = "".join(
        json.dumps({**case, "headers": [["Host", case["host"]], *case["headers"]]}) + "\n"
        for case in cases)
    done = subprocess.run([PEER], input=text, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise AssertionError(f"sigv4-peer: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


@unittest.skipIf(MISSING, MISSING)
class Signer(unittest.TestCase):
    def test_ten_thousand_requests_are_signed_as_botocore_signs_them(self):
        chance = Chance(random.Random(SEED))
        cases = [chance.request() for _ in range(CASES)]
        for case, made in zip(cases, sign_with_ours(cases), strict=True):
            self.assertEqual(sign_with_botocore(case), made, case)


if __name__ == "__main__":
    tap.main()
