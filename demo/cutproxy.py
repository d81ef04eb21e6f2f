# SPDX-License-Identifier: Apache-2.0
"""A proxy before the demo server that loses answers on purpose.

It forwards HTTP calls as they are and notes each in a log, one JSON line a call. Calls that match
are treated as --cut says:

    before   the connection is closed and the server never hears of the call
    after    the server has answered in full, then the connection is closed without a byte of it
    stall    like `after`, but the connection stays open and silent

usage: cutproxy.py --to ENDPOINT --state FILE [--log FILE] [--match TEXT --cut HOW [--times N]]
                   [--tie PID]

--match is looked for in the request line, the headers and the body; `Action=StopDBInstance`
names a call of RDS or EC2. --state gets pid, started, port and endpoint, as in state.py; end it
with SIGTERM.
"""

import argparse
import http.server
import json
import os
import re
import select
import signal
import socket
import threading
import urllib.parse

import state


def action_of(request_line: str, headers, body: bytes) -> str:
    """What a person would call this call."""
    found = re.search(rb"(?:^|&)Action=(\w+)", body)
    if found:
        return found[1].decode()
    target = headers.get("X-Amz-Target")
    return target.rpartition(".")[2] if target else request_line.rpartition(" ")[0]


class Cuts:
    """Which calls are cut, how, and how often still; and the log of all calls."""

    def __init__(self, options: argparse.Namespace):
        self.match = options.match.encode() if options.match else None
        self.how, self.left = options.cut, options.times
        self.log = open(options.log, "a", encoding="utf-8") if options.log else None
        self.lock = threading.Lock()

    def take(self, request: bytes) -> str | None:
        """How this call is cut, or None. Counts down what is left."""
        with self.lock:
            if self.match is None or self.match not in request or self.left == 0:
                return None
            self.left -= 1
            return self.how

    def note(self, action: str, cut: str | None, status: int | None) -> None:
        with self.lock:
            if self.log:
                self.log.write(json.dumps({"action": action, "cut": cut, "status": status}) + "\n")
                self.log.flush()


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # answers `Expect: 100-continue`
    upstream: tuple[str, int]
    cuts: Cuts

    def forward(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        lines = [self.requestline] + [f"{name}: {value}" for name, value in self.headers.items()
                                      if name.lower() not in ("connection", "expect")]
        request = "\r\n".join(lines + ["Connection: close", "", ""]).encode("latin-1") + body
        action = action_of(self.requestline, self.headers, body)
        cut = self.cuts.take(request)
        answer = b"" if cut == "before" else self.ask(request)
        status = re.match(rb"HTTP/1\.\d (\d+)", answer)
        # Noted before the caller can know, so that a test reads a complete log.
        self.cuts.note(action, cut, int(status[1]) if status else None)
        if cut == "stall":
            select.select([self.connection], [], [])  # until the caller gives up
        elif cut is None:
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = forward

    def ask(self, request: bytes) -> bytes:
        with socket.create_connection(self.upstream, timeout=60) as server:
            server.sendall(request)
            with server.makefile("rb") as answer:
                return answer.read()

    def log_message(self, *_) -> None:
        pass  # Cuts.note is the log


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--log")
    parser.add_argument("--match")
    parser.add_argument("--cut", choices=("before", "after", "stall"))
    parser.add_argument("--times", type=int, default=-1, help="cut the first N only")
    parser.add_argument("--tie", type=int)
    options = parser.parse_args()
    if bool(options.match) != bool(options.cut):
        parser.error("--match and --cut belong together")

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if options.tie:
        state.end_with(options.tie)
    to = urllib.parse.urlsplit(options.to)
    Proxy.upstream, Proxy.cuts = (to.hostname, to.port), Cuts(options)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        state.announce(options.state, server.server_port)
        server.serve_forever()


if __name__ == "__main__":
    main()
