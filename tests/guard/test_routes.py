# SPDX-License-Identifier: Apache-2.0
"""Every route of a real core gives what docs/formats/openapi.json says, and tells no other events.

The calls go over the core's socket and are answered by their events; that a window and a browser
get the same bytes is proven in tests/work/test_doors.c.
"""

import functools
import http.client
import json
import re
import socket
import unittest
import urllib.parse

import estate
import stage
import tap

DATABASE = "orders-db"
DOCUMENT = json.loads((stage.ROOT / "docs/formats/openapi.json").read_text())
JSON = "application/json"
OF_ALL = {"hello", "reset", "changed", "call.done"}  # in the stream of everything, of no one route


@functools.cache
def validator(pointer: str):
    """For the part of the document that a JSON pointer leads to."""
    import jsonschema
    import referencing.jsonschema

    resource = referencing.jsonschema.DRAFT202012.create_resource(DOCUMENT)
    registry = referencing.Registry().with_resource("urn:openapi", resource)
    return jsonschema.Draft202012Validator({"$ref": f"urn:openapi#{pointer}"}, registry=registry)


def escaped(*words: str) -> str:
    return "".join("/" + word.replace("~", "~0").replace("/", "~1") for word in words)


class Socket(http.client.HTTPConnection):
    def __init__(self, path: str):
        super().__init__("escher", timeout=stage.PATIENCE_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def events_of(response):
    """(kind, data) of each event of a stream, as they come."""
    kind = ""
    for line in response:
        word, _, value = line.decode().rstrip("\n").partition(": ")
        if word == "event":
            kind = value
        elif word == "data":
            yield kind, json.loads(value)


class Routes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.shared()
        cls.stage.escher("status")  # begins a core where there is none
        cls.seen: set[tuple[str, str]] = set()
        cls.variables = {name: value for name, value in cls.stage.environment.items()
                         if name.startswith("AWS_")}

    def setUp(self):
        if self.stage.database(DATABASE) == "stopped":
            self.stage.rds().start_db_instance(DBInstanceIdentifier=DATABASE)

    # Calls.

    def connection(self) -> Socket:
        home = self.stage.environment["ESCHER_HOME"]
        return Socket(f"{home}/run/default.sock")

    def operation(self, method: str, path: str) -> tuple[str, str]:
        """Its place in the document: path and method there."""
        for template, operations in DOCUMENT["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in operations:
                return template, method.lower()
        raise AssertionError(f"{method} {path} is not in the document")

    def holds(self, document, pointer: str, what: str) -> None:
        problems = [f"{error.json_path}: {error.message[:300]}"
                    for error in validator(pointer).iter_errors(document)]
        self.assertEqual([], problems, f"{what} is not what {pointer} says")

    def send(self, method: str, path: str, body: dict | None):
        """(connection, answer, place in the document) of a call that is described as it is made."""
        place = self.operation(method, path)
        if body is not None and method in ("POST", "PUT"):
            self.holds(body, escaped("paths", *place, "requestBody", "content", JSON, "schema"),
                       f"the body of {method} {path}")
        self.seen.add(place)
        connection = self.connection()
        connection.request(method, path, None if body is None else json.dumps(body), {
            "Content-Type": JSON, "Accept": "text/event-stream", "X-Escher-Door": "cli"})
        return connection, connection.getresponse(), place

    def call(self, method: str, path: str, body: dict | None = None, status: str = "ok"):
        """The answer's body, after its events and itself are found to be as described."""
        connection, response, place = self.send(method, path, body)
        if response.getheader("Content-Type") == JSON:
            answer = json.load(response)
        else:
            *before, (kind, answer) = events_of(response)
            self.assertEqual("done", kind)
            for kind, event in before:
                self.check_event(kind, event, DOCUMENT["paths"][place[0]][place[1]]["x-events"])
        connection.close()
        self.assertEqual(status, answer["status"], f"{method} {path}: {answer}")
        way = escaped("paths", *place, "responses", "200" if status == "ok" else "default")
        if "$ref" in DOCUMENT["paths"][place[0]][place[1]]["responses"][way.rpartition("/")[2]]:
            way = "/components/responses/failure"
        self.holds(answer, way + escaped("content", JSON, "schema"), f"{method} {path}")
        return answer["body"]

    def check_event(self, kind: str, event: dict, kinds) -> None:
        self.holds(event, "/components/schemas/CoreEvent", f"the event {kind}")
        self.assertIn(kind, kinds)
        self.assertEqual(kind, event["kind"])

    def cloud(self, **arguments) -> dict:
        return arguments | {"environment": self.variables}

    # What is called.

    def test_the_estate(self):
        self.call("GET", "/api/status")
        self.call("GET", "/api/home")
        self.call("POST", "/api/doctor", self.cloud())
        self.call("POST", "/api/find", {"text": "orders", "n": 3})
        self.call("POST", "/api/find", {"filter": "type:rds_instance"})
        self.call("POST", "/api/find", {"filter": "type:lambda_function"}, "not_found")
        self.call("POST", "/api/find", {"filter": "(("}, "invalid")
        self.call("POST", "/api/complete", {"prefix": "or", "n": 2})
        self.call("POST", "/api/show", {"text": DATABASE})
        self.call("POST", "/api/show", {"text": "ordersdb"}, "not_found")
        page = self.call("POST", "/api/estate/query",
                         {"filter": "type:rds_instance", "sort": "-state", "facets": True})
        self.assertTrue(page["rows"] and page["facets"]["state"])
        self.call("POST", "/api/estate/query", {"text": "orders", "offset": 1, "limit": 1})
        found = self.call("POST", "/api/resolve", {"prompt": f"Stop {DATABASE} and order-db"})
        self.assertTrue(found["mentions"] and found["near"])
        self.assertTrue(self.call("POST", "/api/estate/export")["resources"])
        self.call("POST", "/api/estate/import", {"lines": estate.lines(2)})
        self.call("POST", "/api/estate/import", {"lines": "{}"}, "invalid")

    def test_accounts_and_settings(self):
        spare = "999988887777"
        self.call("POST", "/api/accounts", self.cloud(
            id=spare, name="spare", profile="spare", role_arn=f"arn:aws:iam::{spare}:role/reader",
            regions=["us-west-2"], endpoint_url=self.stage.endpoint))
        self.call("GET", "/api/accounts")
        self.call("DELETE", f"/api/accounts/{spare}")
        self.call("DELETE", f"/api/accounts/{spare}", None, "not_found")
        self.call("POST", "/api/accounts/discover", self.cloud(endpoint_url=self.stage.endpoint))
        self.call("POST", "/api/accounts/production/test", self.cloud())
        self.call("POST", "/api/sync", self.cloud(service="rds", account="production"))
        self.assertTrue(self.call("POST", "/api/sync", self.cloud(
            service="rds", background=True, call="behind"))["started"])
        self.wait_for_call("behind")
        self.call("PUT", "/api/settings", {"settings": {"theme": "dark"}})
        self.assertEqual("dark", self.call("GET", "/api/settings")["settings"]["theme"])

    def test_asking(self):
        kinds = {self.call("POST", "/api/ask", self.cloud(prompt=prompt))["kind"] for prompt in (
            f"Stop {DATABASE}", "Stop ordersdb", "Stop reports-db", f"how do I stop {DATABASE}?",
            "Stop erp-sqlserver", "list databases", "Stop everything")}
        self.assertEqual({"plan", "question", "answer", "query", "refusal"}, kinds)
        self.call("POST", "/api/ask", self.cloud(prompt=" "), "invalid")
        lines = "\n".join(json.dumps({"id": prompt, "prompt": prompt})
                          for prompt in (f"Stop {DATABASE}", "list databases", "hello"))
        self.assertEqual(3, self.call("POST", "/api/ask/batch", {"lines": lines})["answered"])
        chats = self.call("GET", "/api/chat")["conversations"]
        chat = self.call("GET", f"/api/chat/{chats[0]['id']}")
        self.assertTrue(chat["messages"])
        self.call("DELETE", f"/api/chat/{chats[0]['id']}")

    def plan(self) -> dict:
        return self.call("POST", "/api/ask", self.cloud(prompt=f"Stop {DATABASE}"))

    def test_plans_and_runs(self):
        unwanted = self.plan()["plan_hash"]
        self.call("GET", f"/api/plans/{unwanted}")
        self.assertTrue(self.call("GET", "/api/home")["waiting"])
        self.call("POST", f"/api/plans/{unwanted}/discard")
        self.call("POST", f"/api/plans/{unwanted}/approve", self.cloud(), "stale")
        plan = self.plan()
        approval = {"confirm": plan["confirm"]} if "confirm" in plan else {}
        run = self.call("POST", f"/api/plans/{plan['plan_hash']}/approve",
                        self.cloud(by="test", background=True, **approval))["run_id"]
        self.call("GET", "/api/home")
        self.call("POST", f"/api/runs/{run}/wait")
        self.call("GET", "/api/runs")
        self.call("GET", f"/api/runs/{run}")
        self.call("GET", f"/api/runs/{run}/logs")
        lines = self.call("POST", f"/api/runs/{run}/log", {"count": 5, "search": "a"})
        self.assertTrue(lines["lines"])
        self.call("POST", f"/api/runs/{run}/log", {"tail": True, "count": 1, "attempt": 1})
        self.call("POST", f"/api/runs/{run}/cancel", {}, "not_found")
        self.call("POST", "/api/show", {"text": DATABASE})
        self.call("GET", f"/api/plans/{plan['plan_hash']}")

    def test_records_and_playbooks(self):
        self.assertTrue(self.call("GET", "/api/audit")["records"])
        self.call("POST", "/api/audit/verify")
        shelf = self.call("GET", "/api/playbooks")["playbooks"]
        self.call("GET", f"/api/playbooks/{shelf[0]['id']}")
        self.call("GET", "/api/playbooks/x", None, "not_found")

    def test_serving(self):
        self.call("GET", "/api/ping")
        connection, response, place = self.send("POST", "/api/serve", self.cloud())
        kind, event = next(events_of(response))
        self.check_event(kind, event, DOCUMENT["paths"][place[0]][place[1]]["x-events"])
        link = urllib.parse.urlsplit(event["data"]["url"])
        body = {"code": link.fragment.removeprefix("t=")}
        place = self.operation("POST", "/api/session")
        self.holds(body, escaped("paths", *place, "requestBody", "content", JSON, "schema"), "it")
        browser = http.client.HTTPConnection(link.netloc, timeout=stage.PATIENCE_S)
        browser.request("POST", "/api/session", json.dumps(body),
                        {"Content-Type": JSON, "X-Escher": "1"})
        self.holds(json.load(browser.getresponse()), escaped(
            "paths", *place, "responses", "200", "content", JSON, "schema"), "the session")
        self.seen.add(place)
        browser.close()
        connection.close()

    # The stream of everything.

    def feed(self, after: str | None = None):
        """The events since the core began, then those that come. Closes with the generator."""
        self.seen.add(self.operation("GET", "/api/events"))
        connection = self.connection()
        connection.request("GET", "/api/events", headers={"Last-Event-ID": after} if after else {})
        try:
            yield from events_of(connection.getresponse())
        finally:
            connection.close()

    def since_it_began(self):
        kind, hello = next(self.feed())
        self.assertEqual("hello", kind)
        yield from self.feed(f"{hello['data']['boot']}-0")

    def wait_for_call(self, name: str) -> None:
        for kind, event in self.since_it_began():
            if kind == "call.done" and event["call"] == name:
                return

    def test_the_stream_tells_no_other_events(self):
        described = {kind for operations in DOCUMENT["paths"].values()
                     for operation in operations.values() for kind in operation["x-events"]}
        self.call("POST", "/api/complete", {"prefix": "or", "call": "the last one"})
        kinds = set()
        for kind, event in self.since_it_began():
            kinds.add(kind)
            if kind not in ("hello", "reset"):
                self.check_event(kind, event, described | OF_ALL)
            if event.get("call") == "the last one":
                break
        self.assertLessEqual({"sync.cell", "changed", "call.done", "phase"}, kinds)

    # These run last: the others have noted what they called.

    def test_x_the_core_stops(self):
        self.call("POST", "/api/stop", {})
        stage.wait_for(lambda: not any("escher core" in line
                                       for line in self.stage.processes().values()), "its end")
        self.stage.escher("status")

    def test_zero_routes_are_left_out(self):
        every = {(path, method) for path, methods in DOCUMENT["paths"].items()
                 for method in methods}
        self.assertEqual(set(), every - self.seen)


if __name__ == "__main__":
    tap.main()
