# SPDX-License-Identifier: Apache-2.0
"""A core as the window sees it: HTTP on a Unix socket, documents, and one endless stream.

It remembers every request, says what it was asked, and sends the events it is told to send, so that
a test sees both ends of what the window carries.
"""
import http.server
import json
import pathlib
import queue
import socketserver
import threading


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a window that was closed takes no answer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def answer(self, code, document):
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def handle_any(self):
        core = self.server.core
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        asked = {"method": self.command, "path": self.path, "body": body,
                 "headers": {name.lower(): value for name, value in self.headers.items()}}
        core.requests.append(asked)
        if self.path == "/api/events":
            self.stream(core)
        elif self.path in ("/api/ping", "/api/status"):
            self.answer(200, {"status": "ok", "body": {}})
        elif self.path.startswith("/api/echo"):
            self.answer(200, {"status": "ok", "body": asked})
        elif self.path == "/api/big":
            self.answer(200, {"status": "ok", "body": {"text": "x" * 8_000_000}})
        else:
            self.answer(404, {"status": "not_found", "body": {"message": "no such call"}})

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def stream(self, core):
        events = queue.Queue()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"retry: 50\nid: 1-0\nevent: hello\ndata: {}\n\n")
        core.streams.append(events)
        try:
            while (text := events.get()) is not None:
                self.wfile.write(text.encode())
        except OSError:
            pass
        core.streams.remove(events)
        self.close_connection = True


class FakeCore:
    def __init__(self, home):
        self.requests, self.streams = [], []
        path = pathlib.Path(home) / "run/default.sock"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.server = Server(str(path), Handler)
        self.server.core = self
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def send(self, text):
        for stream in list(self.streams):
            stream.put(text)

    def cut(self):
        """Ends every stream, as a core that stops."""
        self.send(None)

    def asked(self, path):
        return [one for one in self.requests if one["path"] == path]

    def acts(self):
        return [one for one in self.requests if one["method"] != "GET"]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.cut()
