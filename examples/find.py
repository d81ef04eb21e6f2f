#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The API over the core's socket: finds resources and prints one line each.

usage: find.py TEXT        with a core running (`escher status` starts one)

Every call is an HTTP request over a Unix socket that only you may use. It is answered by
server-sent events: what happens on the way, then `done` with {"status", "body"}.
docs/internals/api.md lists the routes.
"""

import http.client
import json
import os
import socket
import sys


class Connection(http.client.HTTPConnection):
    def __init__(self, path: str):
        super().__init__("escher", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def socket_path(profile: str = "default") -> str:
    if "ESCHER_HOME" in os.environ:
        return os.path.join(os.environ["ESCHER_HOME"], "run", f"{profile}.sock")
    return os.path.join(os.environ["XDG_RUNTIME_DIR"], "escher", f"{profile}.sock")


def call(method: str, path: str, body: dict) -> tuple[str, dict]:
    """(status, body) of one call; events on the way are passed over."""
    connection = Connection(socket_path())
    connection.request(method, path, json.dumps(body), {
        "Content-Type": "application/json", "Accept": "text/event-stream",
        "X-Escher-Door": "example"})
    event = ""
    for line in connection.getresponse():
        word, _, value = line.decode().rstrip("\n").partition(": ")
        if word == "event":
            event = value
        elif word == "data" and event == "done":
            done = json.loads(value)
            return done["status"], done["body"]
    raise ConnectionError("the core ended before it had answered")


def main() -> int:
    status, body = call("POST", "/api/find", {"text": " ".join(sys.argv[1:]), "n": 10})
    if status != "ok":
        print(body["message"], file=sys.stderr)
        return 1
    for hit in body["hits"]:
        resource = hit["resource"]
        print(resource["name"], resource["resource_type"], resource["region"], hit["tier"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
