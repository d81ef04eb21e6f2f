# SPDX-License-Identifier: Apache-2.0
"""The demo cloud's front door, its witness, its refusals, and the proxy that loses answers."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import support
import tap
import state
from botocore.exceptions import ClientError, HTTPClientError
from patience import PATIENCE_S, wait_for

DATABASE = "orders-db"
STOP = "Action=StopDBInstance"  # what the proxy looks for
WAIT_TO_BE_LET_GO = [sys.executable, "-c", "import sys; sys.stdin.read()"]


@contextlib.contextmanager
def proxy(demo: support.Demo, *arguments: str):
    """A cutting proxy before the demo; yields its endpoint and a function that reads its log."""
    with tempfile.TemporaryDirectory(prefix="escher-proxy-") as folder:
        log, where = os.path.join(folder, "log"), os.path.join(folder, "state.json")
        process = subprocess.Popen([
            sys.executable, str(support.ROOT / "demo" / "cutproxy.py"), "--to", demo.endpoint,
            "--state", where, "--log", log, "--tie", str(os.getpid()), *arguments])
        try:
            document = wait_for(lambda: state.read(where), "the proxy")
            yield document["endpoint"], lambda: [
                json.loads(line) for line in pathlib.Path(log).read_text().splitlines()]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


class Small(unittest.TestCase):
    """On one small demo that stays up."""

    @classmethod
    def setUpClass(cls):
        cls.demo = cls.enterClassContext(support.Demo("small"))
        cls.session = cls.demo.session("production")
        cls.direct = cls.demo.client(cls.session, "rds")

    def rds(self, endpoint: str | None = None):
        return self.demo.client(self.session, "rds", endpoint=endpoint) if endpoint else self.direct

    def status(self) -> str:
        [thing] = self.direct.describe_db_instances(DBInstanceIdentifier=DATABASE)["DBInstances"]
        return thing["DBInstanceStatus"]

    def setUp(self):
        if self.status() == "stopped":
            self.direct.start_db_instance(DBInstanceIdentifier=DATABASE)

    def stop(self, endpoint: str | None = None) -> None:
        self.rds(endpoint).stop_db_instance(DBInstanceIdentifier=DATABASE)

    def test_it_prints_lines_that_a_shell_can_read(self):
        for line in self.demo.exports.splitlines():
            self.assertRegex(line, r"^export [A-Z_0-9]+=\S+$")
        self.assertIn(f"export ESCHER_DEMO_ENDPOINT={self.demo.endpoint}\n", self.demo.exports)

    def test_its_files_are_for_their_owner_only(self):
        for name in ("state.json", "config", "credentials"):
            mode = pathlib.Path(self.demo.home, name).stat().st_mode
            self.assertEqual(0o600, mode & 0o777, name)

    def test_the_aws_cli_finds_its_way_by_the_written_profile(self):
        variables = dict(re.findall(r"export (\w+)=(.*)", self.demo.exports))
        with tempfile.TemporaryDirectory() as home:  # where the CLI keeps its sessions
            answer = subprocess.run(
                [str(support.ROOT / ".venv/bin/aws"), "sts", "get-caller-identity", "--profile",
                 "production", "--endpoint-url", self.demo.endpoint, "--query", "Account",
                 "--output", "text"], env=variables | {"PATH": os.environ["PATH"], "HOME": home},
                capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual("123456789012\n", answer.stdout, answer.stderr)

    def test_the_witness_sees_a_change_and_nothing_else_changed(self):
        before = self.demo.ask()
        self.stop()
        after = self.demo.ask()
        self.assertEqual("stopped", after.pop(DATABASE)["state"])
        before.pop(DATABASE)
        self.assertEqual(before, after)

    def test_the_witness_says_when_nothing_has_that_name(self):
        answer = support.cloud("state", "no-such-db", home=self.demo.home)
        self.assertEqual((1, []), (answer.returncode, json.loads(answer.stdout)))
        self.assertIn("no-such-db", answer.stderr)

    def test_a_key_of_another_demo_is_refused_by_every_service(self):
        stranger = support.boto3.Session("AKIASTRANGER00000000", "x", region_name="us-west-2")
        for service, call, code in (
                ("sts", "get_caller_identity", "InvalidClientTokenId"),
                ("rds", "describe_db_instances", "InvalidClientTokenId"),
                ("elbv2", "describe_load_balancers", "InvalidClientTokenId"),
                ("ec2", "describe_instances", "AuthFailure"),
                ("s3", "list_buckets", "InvalidAccessKeyId"),
                ("lambda", "list_functions", "UnrecognizedClientException"),
                ("resourcegroupstaggingapi", "get_resources", "UnrecognizedClientException")):
            with self.assertRaises(ClientError) as refused:
                getattr(self.demo.client(stranger, service), call)()
            self.assertEqual(code, refused.exception.response["Error"]["Code"], service)

    def test_the_proxy_forwards_what_it_is_not_told_to_cut(self):
        with proxy(self.demo, "--match", STOP, "--cut", "before") as (there, log):
            found = self.rds(there).describe_db_instances()["DBInstances"]
            self.demo.client(self.session, "s3", endpoint=there).put_object(
                Bucket="larkfield-pg-backups", Key="a b/ü", Body=b"\0\r\n" * 10000)
            self.demo.client(self.session, "lambda", endpoint=there).list_functions()
            calls = log()
        self.assertIn(DATABASE, [thing["DBInstanceIdentifier"] for thing in found])
        self.assertEqual("DescribeDBInstances", calls[0]["action"])
        self.assertEqual([(None, 200)] * 3, [(call["cut"], call["status"]) for call in calls])

    def test_cut_before_means_that_the_cloud_never_heard_of_it(self):
        with proxy(self.demo, "--match", STOP, "--cut", "before") as (there, log):
            with self.assertRaises(HTTPClientError):
                self.stop(there)
            self.assertEqual([{"action": "StopDBInstance", "cut": "before", "status": None}], log())
        self.assertEqual("available", self.status())

    def test_cut_after_means_that_it_was_done_and_the_answer_lost(self):
        with proxy(self.demo, "--match", STOP, "--cut", "after") as (there, log):
            with self.assertRaises(HTTPClientError):
                self.stop(there)
            self.assertEqual([{"action": "StopDBInstance", "cut": "after", "status": 200}], log())
        self.assertEqual("stopped", self.status())

    def test_the_proxy_can_cut_once_only(self):
        with proxy(self.demo, "--match", "Action=Describe", "--cut", "before", "--times", "1") as (
                there, _):
            with self.assertRaises(HTTPClientError):
                self.rds(there).describe_db_instances()
            self.assertTrue(self.rds(there).describe_db_instances()["DBInstances"])

    def test_a_stalled_call_is_done_but_never_answered(self):
        with proxy(self.demo, "--match", STOP, "--cut", "stall") as (there, log):
            command = [sys.executable, "-c", "import sys, urllib.request as r; r.urlopen(r.Request("
                       "sys.argv[1], b'Action=StopDBInstance', {'X-Probe': '1'}))", there]
            caller = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            wait_for(log, "the call to reach the server")
            self.assertIsNone(caller.poll())
            caller.kill()
            caller.wait(10)


class Life(unittest.TestCase):
    """Coming up, going down, and what is left after an accident."""

    def setUp(self):
        self.home = self.enterContext(tempfile.TemporaryDirectory(prefix="escher-demo-"))
        self.file = os.path.join(self.home, "state.json")
        self.addCleanup(support.cloud, "down", home=self.home)

    def up(self, *arguments: str) -> dict:
        made = support.cloud("up", "--world", "small", *arguments, home=self.home)
        self.assertEqual(0, made.returncode, made.stderr)
        return state.read(self.file)

    def down(self) -> str:
        ended = support.cloud("down", home=self.home)
        self.assertEqual(0, ended.returncode, ended.stderr)
        return ended.stderr

    def identifiers(self) -> set[str]:
        """Of all resources but automated snapshots, which are named after the clock."""
        rows = json.loads(support.cloud("state", home=self.home).stdout)
        return {row["id"] for row in rows if not row["id"].startswith("rds:")}

    def test_up_again_begins_afresh_with_the_same_identifiers(self):
        first = self.up("--tie", str(os.getpid()))
        ids = self.identifiers()
        support.boto3.client("ec2", "us-west-2", endpoint_url=first["endpoint"],
                             aws_access_key_id=first["keys"]["base"]["access_key_id"],
                             aws_secret_access_key="x").create_vpc(CidrBlock="10.0.0.0/16")
        second = self.up("--tie", str(os.getpid()))
        self.assertEqual(ids, self.identifiers())
        self.assertFalse(state.is_alive(first))
        self.assertTrue(state.is_alive(second))

    def test_it_ends_with_the_process_it_is_tied_to_and_down_tidies_up_after_it(self):
        owner = subprocess.Popen(WAIT_TO_BE_LET_GO, stdin=subprocess.PIPE)
        document = self.up("--tie", str(owner.pid))
        self.assertEqual(0, support.cloud("status", home=self.home).returncode)
        owner.communicate()
        wait_for(lambda: not state.is_alive(document), "the server's end")
        self.assertEqual(1, support.cloud("status", home=self.home).returncode)
        self.assertIn("was not up", self.down())
        self.assertEqual(["lock", "server.log"], sorted(os.listdir(self.home)))

    def test_down_ends_it_and_twice_is_no_mistake(self):
        server = subprocess.Popen([
            sys.executable, str(support.ROOT / "demo" / "server.py"), "--state", self.file])
        document = wait_for(lambda: state.read(self.file), "the server")
        threading.Thread(target=server.wait, daemon=True).start()
        self.assertIn("ended", self.down())
        self.assertFalse(state.is_alive(document))
        self.assertIn("was not up", self.down())

    def test_a_process_that_took_over_the_id_is_not_touched(self):
        bystander = subprocess.Popen(WAIT_TO_BE_LET_GO, stdin=subprocess.PIPE)
        self.addCleanup(bystander.communicate)
        state.write(self.file, {"pid": bystander.pid, "port": 1, "ready": True,
                                "started": state.start_time(bystander.pid) - 1})
        self.assertIn("was not up", self.down())
        self.assertIsNone(bystander.poll())

    def test_a_damaged_state_file_is_in_nobodys_way(self):
        pathlib.Path(self.file).write_text("{\"pid\": 12")
        self.assertIn("was not up", self.down())


class Denied(unittest.TestCase):
    def test_it_denies_what_its_policy_denies_and_nothing_else(self):
        with support.Demo("denied") as demo:
            session = demo.session("denied")
            rds, ec2 = demo.client(session, "rds"), demo.client(session, "ec2")
            with self.assertRaises(ClientError) as denied:
                rds.stop_db_instance(DBInstanceIdentifier="pg-instance-main1")
            self.assertEqual("AccessDenied", denied.exception.response["Error"]["Code"])
            self.assertIn("rds:StopDBInstance", str(denied.exception))
            [server] = [row["id"] for row in demo.ask("main-web-1").values()]
            ec2.stop_instances(InstanceIds=[server])
            states = {name: row["state"]
                      for name, row in demo.ask("pg-instance-main1", server).items()
                      if not name.startswith("rds:")}
        self.assertEqual({"pg-instance-main1": "available", server: "stopped"}, states)


class Hostile(unittest.TestCase):
    def test_the_file_to_import_is_plain_text_with_one_resource_a_line(self):
        raw = (support.ROOT / "demo" / "hostile.jsonl").read_bytes()
        self.assertTrue(all(byte == 10 or 32 <= byte < 127 for byte in raw))
        rows = [json.loads(line) for line in raw.splitlines()]
        for row in rows:
            self.assertEqual(row["id"], "-".join((row["account_id"], row["region"],
                                                  row["resource_type"], row["identifier"])))
        text = "".join(row["name"] for row in rows)
        for danger in ("\x1b[31m", "\x1b]8;;", "\u202e", "<script>", "--profile x", "$(reboot)"):
            self.assertIn(danger, text)


if __name__ == "__main__":
    tap.main()
