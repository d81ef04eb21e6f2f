# SPDX-License-Identifier: Apache-2.0
"""What the caller may do, from real IAM objects of the demo cloud: a user with a group, an attached
and an inline policy, and a role with a boundary and a policy of several versions.

Moto knows no boundaries of users; those are read in tests/scan/test_policy_reader.c.
"""

import json
import unittest

import stage
import tap

ACCOUNT = "123456789012"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}]}


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource="*", **more) -> dict:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource} | more


class Can(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.Stage("small").__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.stage.init()
        cls.iam = cls.stage.service("iam")

    def add_user(self) -> dict:
        """The variables of her key."""
        iam = self.iam
        iam.create_user(UserName="ada", Path="/ops/", Tags=[{"Key": "team", "Value": "core"}])
        iam.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=document(
            allow("rds:S*", "rds:D*", Condition={"StringEquals": {"aws:PrincipalTag/team": "core"}}),
            {"Sid": "KeepProduction", "Effect": "Deny", "Action": "rds:Delete*", "Resource": "*",
             "Condition": {"StringEquals": {"aws:ResourceTag/environment": "production"}}}))
        iam.create_group(GroupName="readers")
        iam.put_group_policy(GroupName="readers", PolicyName="lists", PolicyDocument=document(
            allow("s3:List*")))
        attached = iam.create_policy(PolicyName="saves", PolicyDocument=document(
            allow("s3:PutObject", resource="arn:aws:s3:::*/inbox/*")))["Policy"]["Arn"]
        iam.attach_group_policy(GroupName="readers", PolicyArn=attached)
        iam.add_user_to_group(GroupName="readers", UserName="ada")
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
                "AWS_PROFILE": None, "AWS_SESSION_TOKEN": None, "AWS_REGION": "us-west-2"}

    def add_role(self) -> str:
        iam = self.iam
        limits = iam.create_policy(PolicyName="limits", PolicyDocument=document(
            allow("rds:S*", "rds:R*", "ec2:*")))["Policy"]["Arn"]
        role = iam.create_role(RoleName="Developer", Path="/teams/blue/",
                               PermissionsBoundary=limits,
                               AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        policy = iam.create_policy(PolicyName="work", PolicyDocument=document(
            {"Effect": "Deny", "Action": "*", "Resource": "*"}))["Policy"]["Arn"]
        iam.create_policy_version(PolicyArn=policy, SetAsDefault=True, PolicyDocument=document(
            allow("rds:*"),
            {"Sid": "WithMfa", "Effect": "Deny", "Action": "rds:Reboot*", "Resource": "*",
             "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}))
        iam.attach_role_policy(RoleName="Developer", PolicyArn=policy)
        return role

    def can(self, name: str) -> dict:
        """The page of each action by its name."""
        body = self.stage.escher("can", name, "--json").json
        return {page["action"]: page for page in body["actions"]} | {"": body}

    def databases(self) -> dict[str, dict]:
        lines = self.stage.escher("estate", "export", "-").out.splitlines()
        rows = map(json.loads, lines)
        return {row["name"]: row for row in rows if row["resource_type"] == "rds_instance"}

    def check(self, pages: dict, expected: dict[str, str]) -> None:
        said = {action: pages[action]["verdict"] for action in expected}
        self.assertEqual(expected, said)

    def test_a_user_and_then_a_role(self):
        variables = self.add_user()
        with self.stage.variables(**variables):
            self.stage.escher("accounts", "add", ACCOUNT, "--name", "production", "--regions",
                              "us-west-2", "--emulator", self.stage.endpoint)
            self.stage.escher("sync", "--service", "rds")
            self.stage.escher("sync", "--service", "s3")
            self.user_may()
            self.stage.escher("accounts", "add", ACCOUNT, "--name", "production", "--regions",
                              "us-west-2", "--emulator", self.stage.endpoint, "--role",
                              self.add_role())
            self.stage.escher("sync", "--service", "s3")
            self.role_may()

    def user_may(self):
        rows = self.databases()
        kept = [row["tags"].get("environment") == "production" for row in rows.values()]
        self.assertIn(True, kept)
        self.assertIn(False, kept)
        for name, row in rows.items():
            pages = self.can(name)
            is_kept = row["tags"].get("environment") == "production"
            self.check(pages, {
                "rds:StopDBInstance": "allowed",
                "rds:DeleteDBInstance": "denied" if is_kept else "allowed",
                "rds:ModifyDBInstance": "denied",  # nothing allows it
            })
            self.assertEqual("identity", pages["rds:ModifyDBInstance"]["layer"])
            self.assertEqual(is_kept, pages["rds:DeleteDBInstance"]["explicit"])
            self.assertIn("rds:StopDBInstance", row["iam"]["allowed_actions"])
            self.assertIn("rds:ModifyDBInstance", row["iam"]["denied_actions"])
            self.assertEqual("ada", row["iam"]["user_context"]["username"])
        self.assertEqual(f"arn:aws:iam::{ACCOUNT}:user/ops/ada", pages[""]["principal"])
        bucket = self.stage.escher("find", "--type", "s3_bucket", "--json").json["hits"][0]
        self.check(self.can(bucket["resource"]["name"]), {
            "s3:ListBucket": "allowed", "s3:DeleteBucket": "denied",
            "s3:PutObject": "unknown"})  # in the inbox, yes; elsewhere, no

    def role_may(self):
        """The databases were not looked at again, but other policies say other things of them."""
        for name, row in self.databases().items():
            pages = self.can(name)
            self.check(pages, {"rds:StopDBInstance": "allowed",
                               "rds:ModifyDBInstance": "denied",  # by the boundary
                               "rds:RebootDBInstance": "conditional"})
            self.assertEqual(["aws:MultiFactorAuthPresent"], pages["rds:RebootDBInstance"]["keys"])
            self.assertEqual("WithMfa", pages["rds:RebootDBInstance"]["statement"]["sid"])
            self.assertEqual("boundary", pages["rds:ModifyDBInstance"]["layer"])
            self.assertIn("rds:ModifyDBInstance", row["iam"]["denied_actions"])
            self.assertEqual(f"arn:aws:iam::{ACCOUNT}:role/teams/blue/Developer",
                             row["iam"]["user_context"]["role_arn"])


if __name__ == "__main__":
    tap.main()
