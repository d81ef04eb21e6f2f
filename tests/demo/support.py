# SPDX-License-Identifier: Apache-2.0
"""A demo cloud for a test: started by the front door, tied to this process."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "support")]

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

CONFIG = Config(retries={"max_attempts": 0}, connect_timeout=60, read_timeout=600)


def cloud(*arguments: str, home: str) -> subprocess.CompletedProcess:
    """Calls demo/cloud with a folder of its own."""
    return subprocess.run([str(ROOT / "demo" / "cloud"), *arguments, "--home", home],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)


class Demo:
    """One running demo; a context manager that ends it."""

    def __init__(self, world: str):
        self.world = world

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="escher-demo-")
        self.home = self.folder.name
        made = cloud("up", "--world", self.world, "--tie", str(os.getpid()), home=self.home)
        if made.returncode != 0:
            raise RuntimeError(made.stderr)
        self.exports = made.stdout
        self.state = json.loads(pathlib.Path(self.home, "state.json").read_text())
        self.endpoint = self.state["endpoint"]
        return self

    def __exit__(self, *_):
        cloud("down", home=self.home)
        self.folder.cleanup()

    def session(self, profile: str) -> boto3.Session:
        """What Escher has after assuming the profile's role, or with its own key."""
        [account] = [a for a in self.state["accounts"] if a["profile"] == profile]
        key = self.state["keys"]["base" if account["role_arn"] else profile]
        session = boto3.Session(key["access_key_id"], key["secret_access_key"],
                                region_name=account["region"])
        if not account["role_arn"]:
            return session
        given = self.client(session, "sts").assume_role(
            RoleArn=account["role_arn"], RoleSessionName="test")["Credentials"]
        return boto3.Session(given["AccessKeyId"], given["SecretAccessKey"],
                             given["SessionToken"], region_name=account["region"])

    def client(self, session: boto3.Session, service: str, region: str | None = None,
               endpoint: str | None = None):
        return session.client(service, region_name=region, config=CONFIG,
                              endpoint_url=endpoint or self.endpoint)

    def ask(self, *names: str) -> dict[str, dict]:
        """`demo/cloud state` of these names, by id."""
        return {row["id"]: row for row in json.loads(cloud("state", *names, home=self.home).stdout)}
