# SPDX-License-Identifier: Apache-2.0
"""The demo cloud's server: moto in one process, on loopback.

It differs from plain `moto_server` in three ways that matter here:

* It takes a free port and writes it down, so nobody has to guess one.
* An access key that no account of this cloud has issued is refused, as the real cloud
  does. (Moto would quietly take it for account 123456789012: credentials kept from an
  earlier demo could then act on another account than they were made for.)
* It ends when the process it is tied to ends, so an interrupted test leaves nothing over.

usage: server.py --state FILE [--port N] [--tie PID]
"""

import argparse
import os
import re
import signal
import sys

# Moto reads these when it is imported. Its example images would fill the world with more
# than a thousand snapshots that nobody made.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

from moto.iam.models import iam_backends  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server  # noqa: E402

import state  # noqa: E402

CREDENTIAL = re.compile(r"Credential=([^/,]+)/[^/]*/[^/]*/([^/,]+)/aws4_request")

# How each protocol says "I do not know this key": status, type, body.
UNKNOWN_KEY = {
    "ec2": (401, "text/xml", "<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was "
            "not able to validate the provided access credentials</Message></Error></Errors>"
            "<RequestID>demo</RequestID></Response>"),
    "s3": (403, "application/xml", "<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access "
           "Key Id you provided does not exist in our records.</Message></Error>"),
    "json": (400, "application/x-amz-json-1.1", '{"__type": "UnrecognizedClientException", '
             '"message": "The security token included in the request is invalid."}'),
    "query": (403, "text/xml", "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientToken"
              "Id</Code><Message>The security token included in the request is invalid.</Message>"
              "</Error><RequestId>demo</RequestId></ErrorResponse>"),
}
PROTOCOL = {"ec2": "ec2", "s3": "s3", "lambda": "json", "tagging": "json"}


# Moto gives this one key to all who ask for a session (GetSessionToken).
KEY_OF_SESSIONS = "AKIAIOSFODNN7EXAMPLE"


def is_issued(key: str) -> bool:
    """Whether some account of this cloud has issued this access key."""
    return key == KEY_OF_SESSIONS or any(key in partition.access_keys
               for account in list(iam_backends.values())
               for partition in list(account.values()))


class KnownKeysOnly:
    """Lets a request through only when its access key was issued here."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        found = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        # The seeding script names its account in a header of moto's own and needs no key.
        if found and "HTTP_X_MOTO_ACCOUNT_ID" not in environ and not is_issued(found[1]):
            status, kind, body = UNKNOWN_KEY[PROTOCOL.get(found[2], "query")]
            headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
            if kind.endswith("json-1.1"):
                headers.append(("x-amzn-errortype", "UnrecognizedClientException"))
            start_response(f"{status} Refused", headers)
            return [body.encode()]
        return self.application(environ, start_response)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tie", type=int)
    options = parser.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    if options.tie:
        state.end_with(options.tie)
    application = KnownKeysOnly(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", options.port, application, threaded=True,
                         request_handler=MotoRequestHandler)
    # From here on the socket queues callers; whoever reads the state file may call at once.
    state.announce(options.state, server.port)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
