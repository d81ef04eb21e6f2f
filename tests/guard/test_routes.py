# SPDX-License-Identifier: Apache-2.0
"""Every route of a real core gives what docs/formats/openapi.json says, and tells no other events.

The calls go over the core's socket and are answered by their events; that a window and a browser
get the same bytes is proven in tests/work/test_doors.c.
"""

import http.client
import json
import pathlib
import socket
import unittest
import urllib.parse

import boto3

import described
import estate
import stage
import tap

DATABASE = "orders-db"
JSON = described.JSON


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
        cls.seen: set[described.Route] = set()
        cls.variables = {name: value for name, value in cls.stage.environment.items()
                         if name.startswith("AWS_")}

    def setUp(self):
        if self.stage.database(DATABASE) == "stopped":
            self.stage.rds().start_db_instance(DBInstanceIdentifier=DATABASE)

    # Calls.

    def connection(self) -> Socket:
        home = self.stage.environment["ESCHER_HOME"]
        return Socket(f"{home}/run/default.sock")

    def hold(self, problems: list[str], what: str) -> None:
        self.assertEqual([], problems, what)

    def send(self, method: str, path: str, body: dict | None):
        """(connection, answer, route) of a call that is described as it is made."""
        route = described.find(method, path)
        if body is not None and method in ("POST", "PUT"):
            self.hold(described.body(route, body), f"the body of {method} {path}")
        self.seen.add(route)
        connection = self.connection()
        connection.request(method, path, None if body is None else json.dumps(body), {
            "Content-Type": JSON, "Accept": "text/event-stream", "X-Escher-Door": "cli"})
        return connection, connection.getresponse(), route

    def call(self, method: str, path: str, body: dict | None = None, status: str = "ok"):
        """The answer's body, after its events and itself are found to be as described."""
        connection, response, route = self.send(method, path, body)
        if response.getheader("Content-Type") == JSON:
            answer = json.load(response)
        else:
            *before, (kind, answer) = events_of(response)
            self.assertEqual("done", kind)
            for kind, event in before:
                self.check_event(kind, event, route.events)
        connection.close()
        self.assertEqual(status, answer["status"], f"{method} {path}: {answer}")
        self.hold(described.answer(route, answer), f"{method} {path}")
        return answer["body"]

    def check_event(self, kind: str, event: dict, kinds) -> None:
        self.assertEqual(kind, event["kind"])
        self.hold(described.event(event, kinds), f"the event {kind}")

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
        self.call("POST", "/api/impact", {"text": DATABASE})
        self.call("POST", "/api/impact", {"text": "ordersdb"}, "not_found")
        can = self.call("POST", "/api/can", {"text": DATABASE})
        self.call("POST", "/api/can", {"text": DATABASE, "action": "fly"}, "not_found")
        self.call("GET", f"/api/permissions/{can['resource']['id']}")
        self.call("GET", "/api/permissions/none", None, "not_found")
        # The demo cloud has no simulator.
        self.call("POST", "/api/can/dry-run", self.cloud(text=DATABASE, action="stop"), "invalid")
        self.call("POST", "/api/can/simulate", self.cloud(text=DATABASE), "unavailable")
        self.call("POST", "/api/can", {"text": "rds:StopDBInstance"}, "ambiguous")
        self.call("POST", "/api/accounts/policy", {"service": "rds", "organization": True})
        self.call("POST", "/api/accounts/policy", {"service": "rsd"}, "invalid")
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
        self.call("POST", "/api/sync", self.cloud(
            kind="incremental", accounts=["production"], regions=["us-west-2"], services=["rds"]))
        self.call("POST", "/api/sync", self.cloud(kind="weekly"), "invalid")
        self.assertTrue(self.call("POST", "/api/changes", {"since": "1d", "n": 5})["changes"])
        self.assertIn("history", self.call("POST", "/api/show", {
            "text": DATABASE, "history": True}))
        self.call("PUT", "/api/schedule", {"full_minutes": 720, "emulators": False})
        self.call("PUT", "/api/schedule", {"full_minutes": 1}, "invalid")
        self.assertEqual(720, self.call("GET", "/api/schedule")["full"]["every_minutes"])
        self.call("POST", "/api/sync/events", self.cloud(), "not_found")
        self.call("PUT", "/api/settings", {"settings": {"theme": "dark"}})
        self.assertEqual("dark", self.call("GET", "/api/settings")["settings"]["theme"])

    def organization(self) -> None:
        """The account that the keys themselves belong to gets one with two more accounts."""
        key = self.stage.cloud.state["keys"]["base"]
        cloud = boto3.client("organizations", "us-east-1", endpoint_url=self.stage.endpoint,
                             aws_access_key_id=key["access_key_id"],
                             aws_secret_access_key=key["secret_access_key"])
        cloud.create_organization()
        for name in ("payments", "search"):
            cloud.create_account(Email=f"{name}@example.com", AccountName=name)

    def test_an_organization(self):
        asked = self.cloud(role="Reader", profile="base", endpoint_url=self.stage.endpoint)
        self.call("POST", "/api/accounts/organization", self.cloud(), "invalid")
        self.call("POST", "/api/accounts/organization", self.cloud(role="a b"), "invalid")
        self.organization()
        found = self.call("POST", "/api/accounts/organization", asked)["found"]
        self.assertEqual(["master", "payments", "search"], sorted(one["name"] for one in found))
        for one in found:
            self.call("DELETE", f"/api/accounts/{one['id']}")

    def test_a_question_to_whoever_calls(self):
        self.call("POST", "/api/prompts/none", {"answer": "123456"}, "not_found")
        account = "123456789012"
        config = self.stage.folder / "with-code"
        config.write_text(pathlib.Path(self.variables["AWS_CONFIG_FILE"]).read_text() +
                          f"[profile with-code]\nrole_arn = arn:aws:iam::{account}:role/EscherDemo\n"
                          "source_profile = base\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n")
        environment = self.variables | {"AWS_CONFIG_FILE": str(config)}
        self.call("POST", "/api/accounts", self.cloud(
            id=account, name="production", profile="with-code", regions=["us-west-2"],
            endpoint_url=self.stage.endpoint))
        for answer, ends in (({}, "locked"), ({"answer": "123456"}, "ok")):
            connection, response, route = self.send(
                "POST", f"/api/accounts/{account}/test", {"environment": environment})
            events = events_of(response)
            kind, event = next(events)
            self.assertEqual("prompt", kind)
            self.check_event(kind, event, route.events)
            self.call("POST", f"/api/prompts/{event['subject']}", answer)
            self.call("POST", f"/api/prompts/{event['subject']}", answer, "not_found")
            self.assertEqual(ends, next(events)[1]["status"])
            connection.close()
        self.call("POST", "/api/accounts", self.cloud(
            id=account, name="production", profile="production", regions=["us-west-2"],
            endpoint_url=self.stage.endpoint))
        self.assertTrue(self.call("GET", "/api/accounts")["credentials"])

    def test_views(self):
        self.call("PUT", "/api/views/all%20%3Cb%3E", {
            "filter": "type:rds_instance", "text": "orders", "group": "state", "sort": "-created",
            "columns": ["name", "state"]})
        self.call("PUT", "/api/views/orders", {"filter": "type:database", "was": "all <b>"})
        self.call("PUT", "/api/views/orders", {"filter": "(("}, "invalid")
        self.call("PUT", "/api/views/other", {"was": "none"}, "not_found")
        names = [view["name"] for view in self.call("GET", "/api/views")["views"]]
        self.assertEqual(["orders"], names)
        self.assertTrue(self.call("POST", "/api/find", {"view": "orders", "text": DATABASE})["hits"])
        self.call("DELETE", "/api/views/orders")
        self.call("DELETE", "/api/views/orders", None, "not_found")
        self.call("POST", "/api/find", {"view": "orders"}, "not_found")

    def test_backups_in_s3(self):
        self.stage.service("s3").create_bucket(
            Bucket="backups", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        place = {"url": "s3://backups/mine", "account": "production", "region": "us-west-2"}
        found = self.call("PUT", "/api/backup/s3", self.cloud(**place))
        self.assertEqual("no", found["protection"]["locked"])
        self.call("PUT", "/api/backup/s3", self.cloud(**place | {"url": "s3://none-such"}),
                  "not_found")
        self.assertEqual("s3://backups/mine/", self.call("GET", "/api/backup/s3")["s3"]["url"])
        self.assertEqual([], self.call("POST", "/api/backup/s3/list", self.cloud())["backups"])
        self.assertEqual({}, self.call("DELETE", "/api/backup/s3")["s3"])
        self.call("POST", "/api/backup/s3/list", self.cloud(), "not_found")

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
        self.assertEqual(chats, self.call("POST", "/api/chat/query",
                                          {"user": "local", "since": "1d"})["conversations"])
        self.call("POST", "/api/chat/query", {"before": "soon"}, "invalid")
        self.assertEqual(90, self.call("PUT", "/api/chat/retention", {"days": 90})["days"])
        self.call("PUT", "/api/chat/retention", {"days": 0})
        self.assertEqual(0, self.call("GET", "/api/chat/retention")["days"])
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
        self.assertTrue(self.call("POST", "/api/audit/export")["lines"])
        page = self.call("POST", "/api/audit/export", {"from": 2, "with_key": True})
        self.assertEqual([2, 64], [page["lines"][0]["seq"], len(page["key"])])
        shelf = self.call("GET", "/api/playbooks")["playbooks"]
        self.call("GET", f"/api/playbooks/{shelf[0]['id']}")
        self.call("GET", "/api/playbooks/x", None, "not_found")

    def test_backups(self):
        made = self.call("POST", "/api/backups", self.cloud())
        self.assertTrue(made["verified"])
        listed = self.call("GET", "/api/backups")["backups"]
        self.assertIn(made["name"], [one["name"] for one in listed])
        self.call("POST", "/api/backups/verify", {"name": made["name"]})
        self.call("POST", "/api/backups/verify", {"name": "x"}, "not_found")
        self.call("POST", "/api/backups/upload", self.cloud())

    def test_the_keys(self):
        before = self.call("GET", "/api/keys")
        after = self.call("POST", "/api/keys/rotate")
        self.assertEqual("sealed", after["rotation"]["state"])
        self.assertEqual(before["kek"] + 1, after["kek"])
        self.assertEqual(7, len(self.call("POST", "/api/keys/recovery")["code"].split("-")))
        self.assertTrue(self.call("GET", "/api/keys")["recovery"])

    def test_serving(self):
        self.call("GET", "/api/ping")
        connection, response, route = self.send("POST", "/api/serve", self.cloud())
        kind, event = next(events_of(response))
        self.check_event(kind, event, route.events)
        link = urllib.parse.urlsplit(event["data"]["url"])
        body = {"code": link.fragment.removeprefix("t=")}
        session = described.find("POST", "/api/session")
        self.hold(described.body(session, body), "the code")
        browser = http.client.HTTPConnection(link.netloc, timeout=stage.PATIENCE_S)
        for code in (200, 401):  # it works once
            browser.request("POST", "/api/session", json.dumps(body),
                            {"Content-Type": JSON, "X-Escher": "1"})
            answer = browser.getresponse()
            self.assertEqual(code, answer.status)
            self.hold(described.answer(session, json.load(answer)), "the session")
        self.seen.add(session)
        browser.close()
        connection.close()

    def test_what_no_door_lets_in(self):
        connection = self.connection()
        connection.request("POST", "/api/find", "{", {"Content-Type": JSON})
        refusal = json.load(connection.getresponse())
        self.assertIn("error", refusal)
        self.hold(described.answer(described.find("POST", "/api/find"), refusal), "no JSON")
        connection.close()

    # The stream of everything.

    def feed(self, after: str | None = None):
        """The events since the core began, then those that come. Closes with the generator."""
        self.seen.add(described.find("GET", "/api/events"))
        connection = self.connection()
        connection.request("GET", "/api/events", headers={"Last-Event-ID": after} if after else {})
        try:
            yield from events_of(connection.getresponse())
        finally:
            connection.close()

    def since_it_began(self):
        kind, hello = next(self.feed())
        self.check_event(kind, hello, ["hello"])
        self.check_event(*next(self.feed("another-1")), ["reset"])
        yield from self.feed(f"{hello['data']['boot']}-0")

    def wait_for_call(self, name: str) -> None:
        for kind, event in self.since_it_began():
            if kind == "call.done" and event["call"] == name:
                return

    def test_the_stream_tells_no_other_events(self):
        known = {kind for route in described.routes() for kind in route.events}
        self.assertEqual(set(described.DOCUMENT["x-event-data"]), known - {"*"})
        self.call("POST", "/api/complete", {"prefix": "or", "call": "the last one"})
        kinds = set()
        for kind, event in self.since_it_began():
            kinds.add(kind)
            self.check_event(kind, event, known)
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
        self.assertEqual(set(), described.routes() - self.seen)


if __name__ == "__main__":
    tap.main()
