#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fake core of the page's tests gives what a real one gives: what openapi.json says.

The page's tests prove nothing where the core they run on is another one than ours. Skipped where
there is no Node.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]

import described  # noqa: E402
import tap  # noqa: E402

NODE = shutil.which("node", path=f"{ROOT}/.venv/node/bin:{os.environ['PATH']}")
EVENTS = {kind for route in described.routes() for kind in route.events} - {"*"}


class Fake:
    """The fake core as a process; `events` is what it has told."""

    def __init__(self):
        self.events: list[dict] = []
        self.process = subprocess.Popen(
            [NODE, ROOT / "tests/ui/fake_core.mjs"], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)

    def ask(self, **request) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            said = json.loads(line)
            if "answer" in said:
                return said["answer"]
            self.note(said)
        raise AssertionError(f"the fake core ended at {request}")

    def note(self, said: dict) -> None:
        self.events.append(said["event"])

    def end(self) -> None:
        self.process.stdin.close()
        for line in self.process.stdout:
            self.note(json.loads(line))
        self.process.wait()


@unittest.skipIf(NODE is None, "there is no Node: tools/setup node")
class FakeCore(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.fake = Fake()

    @classmethod
    def tearDownClass(cls):
        cls.fake.end()

    def call(self, method: str, path: str, body: dict | None = None, **more):
        answer = self.fake.ask(method=method, path=path, body=body, **more)
        route = described.find(method, path)
        self.assertEqual([], described.answer(route, answer), f"{method} {path} {body}")
        return answer["body"]

    def test_looking(self):
        for path in ("ping", "home", "status", "accounts", "runs", "chat", "settings", "backups"):
            with self.subTest(path):
                self.call("GET", f"/api/{path}")
        first = self.call("POST", "/api/estate/query", {"facets": True, "limit": 3})["rows"][0]
        self.call("GET", f"/api/permissions/{first['id']}")
        self.call("GET", "/api/permissions/nothing")
        for path, body in (
                ("doctor", {}), ("sync", {"background": True}), ("session", {"code": "x"}),
                ("estate/query", {"filter": "(("}), ("show", {"text": first["id"]}),
                ("show", {"text": "nothing"}), ("impact", {"text": first["id"]}),
                ("impact", {"text": "nothing"}), ("complete", {"prefix": "pg"}),
                ("resolve", {"prompt": "Stop pg-instance-main1 and pg-x9"}),
                ("accounts/discover", {}), ("audit/verify", {}), ("accounts/production/test", {})):
            with self.subTest(path, body=body):
                self.call("POST", f"/api/{path}", body)
        self.call("PUT", "/api/settings", {"settings": {"theme": "dark"}})

    def test_views(self):
        self.call("PUT", "/api/views/a%2Fb", {"filter": "env:production", "group": "state"})
        self.call("PUT", "/api/views/a", {"text": "pg", "columns": ["name"], "was": "a/b"})
        self.call("PUT", "/api/views/b", {"filter": "type:spaceship"})
        self.call("GET", "/api/views")
        self.call("DELETE", "/api/views/a")
        self.call("DELETE", "/api/views/a")

    def test_asking_and_running(self):
        for prompt in ("Stop pg-instance-main1", "Stop pg-x9", "Start orders-db", "hello",
                       "Which databases are in production?", "Start pg-instance-main1"):
            with self.subTest(prompt):
                asked = self.call("POST", "/api/ask", {"prompt": prompt, "call": "a"})
                self.call("GET", f"/api/chat/{asked['conversation']}")
        plan = self.call("POST", "/api/ask", {"prompt": "Stop pg-instance-main1"})["plan_hash"]
        self.call("GET", f"/api/plans/{plan}")
        self.call("GET", "/api/home")
        self.call("POST", f"/api/plans/{plan}/approve", {})
        run = self.call("POST", f"/api/plans/{plan}/approve",
                        {"confirm": "pg-instance-main1"})["run_id"]
        self.call("POST", f"/api/runs/{run}/log", {"tail": True, "search": "a"}, wait=run)
        for path in ("runs", f"runs/{run}", f"runs/{run}/logs", f"plans/{plan}", "home", "runs/x"):
            self.call("GET", f"/api/{path}")
        self.call("POST", f"/api/runs/{run}/cancel", {})

    def test_zero_events_are_of_another_kind(self):
        """Runs last, over what the others have made it tell."""
        self.fake.end()
        problems = {kind: described.event(event, EVENTS) for event in self.fake.events
                    for kind in [event["kind"]]}
        self.assertEqual({}, {kind: said for kind, said in problems.items() if said})
        self.assertLessEqual({"phase", "output", "run.done", "sync.progress"}, set(problems))


if __name__ == "__main__":
    tap.main()
