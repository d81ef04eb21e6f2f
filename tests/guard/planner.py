# SPDX-License-Identifier: Apache-2.0
"""A planner that lies: it asks a real escher-server and changes the answer on its way back."""

import copy
import http.client
import http.server
import json
import pathlib
import threading

import stage

TOKEN = "gooseberry-planner-token-of-this-test"


class Lying(http.server.BaseHTTPRequestHandler):
    """`lie` is a function of the answer as JSON that gives bytes, or another JSON value."""

    server: "Planner"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        planner = self.server.planner
        planner.asked.append((self.path, dict(self.headers), json.loads(body)))
        status, answer = planner.truth(body, self.headers.get("Authorization"))
        planner.told.append(answer)
        if status == 200 and planner.lie:
            answer = planner.lie(json.loads(answer))
            answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_) -> None:
        pass


class Planner:
    def __init__(self, on: stage.Stage):
        self.on, self.lie = on, None
        self.asked: list[tuple[str, dict, dict]] = []
        self.told: list[bytes] = []  # by the server, before any lie

    def __enter__(self):
        token_file = self.on.folder / "token"
        token_file.write_text(TOKEN + "\n")
        token_file.chmod(0o600)
        self.process = self.on.start("--listen", "127.0.0.1:0", "--token-file", token_file,
                                     program="escher-server")
        url = self.process.stdout.readline().split()[-1]
        self.port = int(url.rstrip("/").rpartition(":")[2])
        self.front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lying)
        self.front.daemon_threads, self.front.planner = True, self
        threading.Thread(target=self.front.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{self.front.server_port}"
        self.options = ["--mode", "full", "--planner", url, "--planner-token-file", token_file]
        return self

    def __exit__(self, *_):
        self.front.shutdown()
        self.front.server_close()
        self.process.terminate()
        self.process.communicate(timeout=stage.PATIENCE_S)

    def truth(self, body: bytes, token: str | None) -> tuple[int, bytes]:
        """What the real server says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=stage.PATIENCE_S)
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": token} if token else {})
        connection.request("POST", "/v1/plan", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content


def changed(path: str, value):
    """A lie that puts `value` at a place like `script.steps.0.args.1`; DROP takes it away."""
    def lie(answer):
        answer = copy.deepcopy(answer)
        at, keys = answer, [int(key) if key.isdigit() else key for key in path.split(".")]
        for key in keys[:-1]:
            at = at[key]
        if value is DROP:
            del at[keys[-1]]
        elif keys[-1] == len(at) and isinstance(at, list):
            at.append(value)
        else:
            at[keys[-1]] = value
        return answer
    return lie


DROP = object()
