# SPDX-License-Identifier: Apache-2.0
"""The full world, listed as a scan lists it: how much there is, and what stories need of it."""

import collections
import unittest

import support
import tap
from worlds.full import HOSTILE, LONG_VALUE

# One CLI call each, whatever its pages: (service, operation, key of the answer, type, arguments).
PER_REGION = [
    ("ec2", "describe_instances", "Reservations[].Instances[]", "ec2_instance", {}),
    ("ec2", "describe_volumes", "Volumes", "ebs_volume", {}),
    ("ec2", "describe_snapshots", "Snapshots", "ebs_snapshot", {"OwnerIds": ["self"]}),
    ("ec2", "describe_vpcs", "Vpcs", "vpc", {}),
    ("ec2", "describe_subnets", "Subnets", "subnet", {}),
    ("ec2", "describe_security_groups", "SecurityGroups", "security_group", {}),
    ("rds", "describe_db_instances", "DBInstances", "rds_instance", {}),
    ("rds", "describe_db_clusters", "DBClusters", "rds_cluster", {}),
    ("rds", "describe_db_snapshots", "DBSnapshots", "rds_snapshot", {}),
    ("rds", "describe_db_cluster_snapshots", "DBClusterSnapshots", "rds_cluster_snapshot", {}),
    ("lambda", "list_functions", "Functions", "lambda_function", {}),
    ("lambda", "list_layers", "Layers", "lambda_layer", {}),
    ("elbv2", "describe_load_balancers", "LoadBalancers", "load_balancer", {}),
    ("elbv2", "describe_target_groups", "TargetGroups", "target_group", {}),
    ("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", None, {}),
]
PER_BUCKET = ("get_bucket_location", "get_bucket_tagging", "get_bucket_versioning",
              "get_bucket_lifecycle_configuration", "get_public_access_block")
TAGS_PER_CALL = 20  # load balancers and target groups, in one DescribeTags
MOST_CALLS = 300

COUNTS = {
    "ebs_snapshot": 144, "ebs_volume": 227, "ec2_instance": 156, "lambda_alias": 24,
    "lambda_function": 34, "lambda_layer": 10, "load_balancer": 23, "rds_cluster": 6,
    "rds_cluster_snapshot": 13, "rds_instance": 45, "rds_snapshot": 54, "s3_bucket": 12,
    "security_group": 102, "subnet": 96, "target_group": 28, "vpc": 18,
}


class Listing:
    """Everything in every account, and the number of CLI calls that showed it."""

    def __init__(self, demo: support.Demo):
        self.demo, self.calls = demo, 0
        self.found = collections.defaultdict(list)  # type → [(account, region, thing)]
        for account in demo.state["accounts"]:
            self.list_account(account)

    def list_account(self, account: dict) -> None:
        session = self.demo.session(account["profile"])
        who = self.demo.client(session, "sts").get_caller_identity()
        assert who["Account"] == account["id"], who
        s3 = self.demo.client(session, "s3")
        buckets = s3.list_buckets()["Buckets"]
        self.calls += 2 + len(buckets) * len(PER_BUCKET)
        for bucket in buckets:
            place = s3.get_bucket_location(Bucket=bucket["Name"])["LocationConstraint"]
            self.found["s3_bucket"].append((account["id"], place or "us-east-1", bucket))
        for region in account["regions"]:
            self.list_region(session, account["id"], region)

    def list_region(self, session, account: str, region: str) -> None:
        clients = {}
        for service, operation, key, kind, arguments in PER_REGION:
            client = clients.setdefault(service, self.demo.client(session, service, region))
            things = self.whole(client, operation, key, arguments)
            self.calls += 1
            if kind:
                self.found[kind] += [(account, region, thing) for thing in things]
            if kind == "lambda_function":
                self.aliases(client, account, region, things)
        balanced = sum(1 for kind in ("load_balancer", "target_group")
                       for a, r, _ in self.found[kind] if (a, r) == (account, region))
        self.calls += -(-balanced // TAGS_PER_CALL)

    def aliases(self, client, account: str, region: str, functions: list) -> None:
        for function in functions:
            things = client.list_aliases(FunctionName=function["FunctionName"])["Aliases"]
            self.calls += 1
            self.found["lambda_alias"] += [(account, region, thing) for thing in things]

    @staticmethod
    def whole(client, operation: str, key: str, arguments: dict) -> list:
        if not client.can_paginate(operation):
            return getattr(client, operation)(**arguments)[key]
        return list(client.get_paginator(operation).paginate(**arguments).search(
            key if key.endswith("[]") else f"{key}[]"))

    def names(self, kind: str) -> dict[str, list]:
        """Where each name of a type is found; instances by their tag Name."""
        key = {"rds_instance": "DBInstanceIdentifier", "s3_bucket": "Name"}.get(kind)
        places = collections.defaultdict(list)
        for account, region, thing in self.found[kind]:
            name = thing[key] if key else tags(thing).get("Name", "")
            places[name].append((account, region, thing))
        return places


def tags(thing: dict) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in thing.get("Tags", thing.get("TagList", []))}


class World(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demo = cls.enterClassContext(support.Demo("full"))
        cls.listing = Listing(cls.demo)
        cls.databases = cls.listing.names("rds_instance")
        cls.instances = cls.listing.names("ec2_instance")

    def database(self, name: str, account: str = "123456789012") -> dict:
        [thing] = [t for a, _, t in self.databases[name] if a == account]
        return thing

    def test_there_are_about_a_thousand_resources_of_every_scanned_type(self):
        counts = {kind: len(things) for kind, things in sorted(self.listing.found.items())}
        self.assertEqual(COUNTS, counts)
        self.assertTrue(950 <= sum(counts.values()) <= 1050)

    def test_listing_them_takes_no_more_calls_than_promised(self):
        print(f"# {self.listing.calls} calls list "
              f"{sum(map(len, self.listing.found.values()))} resources")
        self.assertLessEqual(self.listing.calls, MOST_CALLS)

    def test_the_three_accounts_are_reached_by_their_roles(self):
        self.assertEqual([("production", "123456789012"), ("staging", "987654321098"),
                          ("development", "456789012345")],
                         [(a["name"], a["id"]) for a in self.demo.state["accounts"]])
        # That each role leads to its account is asserted while listing.

    def test_pg_instance_main1_is_as_the_story_tells_and_the_only_one_of_its_name(self):
        [(account, region, thing)] = self.databases["pg-instance-main1"]
        self.assertEqual(("123456789012", "us-west-2"), (account, region))
        self.assertEqual({"environment": "production", "app": "main"}, tags(thing))
        self.assertEqual(("postgres", "14.7", True, True, "available", []),
                         tuple(thing[key] for key in (
                             "Engine", "EngineVersion", "MultiAZ", "DeletionProtection",
                             "DBInstanceStatus", "ReadReplicaDBInstanceIdentifiers")))
        self.assertGreater(thing["BackupRetentionPeriod"], 0)
        for kind in ("ec2_instance", "s3_bucket"):
            self.assertNotIn("pg-instance-main1", self.listing.names(kind))

    def test_its_look_alikes_are_there(self):
        self.assertEqual(["pg-instance-main2-replica"],
                         self.database("pg-instance-main2")["ReadReplicaDBInstanceIdentifiers"])
        self.database("pg-instance-stage1", "987654321098")
        self.assertEqual(1, len(self.instances["pg-backup-server"]))
        self.assertIn("larkfield-pg-backups", self.listing.names("s3_bucket"))

    def test_orders_db_is_in_two_accounts(self):
        self.assertEqual(["123456789012", "987654321098"],
                         sorted(account for account, _, _ in self.databases["orders-db"]))

    def test_databases_that_must_not_be_stopped_alone_are_there(self):
        member = self.database("checkout-aurora-1")
        self.assertEqual("checkout-aurora", member["DBClusterIdentifier"])
        server = self.database("erp-sqlserver")
        self.assertEqual(("sqlserver-se", True), (server["Engine"], server["MultiAZ"]))

    def test_some_things_are_stopped_already(self):
        self.assertEqual("stopped", self.database("reports-db")["DBInstanceStatus"])
        [(_, _, legacy)] = self.instances["crm-legacy"]
        self.assertEqual("stopped", legacy["State"]["Name"])

    def test_groups_of_instances_say_which_scaling_group_they_belong_to(self):
        nodes = [thing for _, _, thing in self.instances["k8s-node-1"]]
        self.assertTrue(nodes)
        for node in nodes:
            self.assertEqual("k8s-node-production", tags(node)["aws:autoscaling:groupName"])

    def test_hostile_names_come_back_as_they_were_given(self):
        for name in HOSTILE:
            self.assertEqual(1, len(self.instances[name]), name)
        [(_, _, noted)] = self.instances["long-note"]
        self.assertEqual(LONG_VALUE, tags(noted)["note"])

    def test_teams_tag_in_their_own_ways_or_not_at_all(self):
        keys = collections.Counter(key for _, _, thing in self.listing.found["ec2_instance"]
                                   for key in tags(thing) or ["no tag"])
        for key in ("environment", "env", "Environment", "stage", "no tag"):
            self.assertGreater(keys[key], 0, key)


if __name__ == "__main__":
    tap.main()
