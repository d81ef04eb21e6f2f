# SPDX-License-Identifier: Apache-2.0
"""Escher's own calls and the AWS CLI's bring the same records, byte for byte but for when they were
seen; and what is asked decides who makes them. At length (ESCHER_TEST_SOAK) on the full world."""

import json
import os
import unittest

import boto3
import stage
import tap

# When it was seen, by which sync, when the policies were read, and whether its vector has been made
# since.
SEEN = ("last_synced", "seen_in", "embedded_hash")
SEEN_OF_IAM = ("checked_at",)
SOAK = float(os.environ.get("ESCHER_TEST_SOAK", "1")) > 1
# The AWS CLI takes half a second of processor time for each of some sixty calls, or seven hundred.
stage.PATIENCE_S = 3600 if SOAK else 500


def add_what_the_worlds_lack(environment: dict, endpoint: str):
    """Node groups, an instance profile, records, what calls a function, protected things."""
    os.environ.update({name: value for name, value in environment.items()
                       if name.startswith("AWS_")})
    session = boto3.Session(profile_name="production", region_name="us-west-2")
    iam, ec2, eks, dns, functions, balancers, queues = (
        session.client(name, endpoint_url=endpoint)
        for name in ("iam", "ec2", "eks", "route53", "lambda", "elbv2", "sqs"))
    role = iam.create_role(RoleName="nodes", AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": []}))["Role"]["Arn"]
    iam.create_instance_profile(InstanceProfileName="web", Path="/team/")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="nodes")
    instance = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
    ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Name": "web"})
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    eks.create_cluster(name="tools", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    eks.create_nodegroup(clusterName="tools", nodegroupName="web", subnets=subnets, nodeRole=role)
    balancer = balancers.create_load_balancer(Name="Web-LB", Subnets=subnets)["LoadBalancers"][0]
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"]
    leads = [{"Name": "*.example.com", "Type": "A", "AliasTarget": {
        "HostedZoneId": "Z1", "EvaluateTargetHealth": False,
        "DNSName": f"dualstack.{balancer['DNSName'].lower()}"}}]
    leads += [{"Name": f"n{i}.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [
        {"Value": f"203.0.{i // 256}.{i % 256}"}]} for i in range(310)]  # two pages
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [
        {"Action": "CREATE", "ResourceRecordSet": record} for record in leads]})
    queue = queues.create_queue(QueueName="orders")["QueueUrl"]
    functions.create_event_source_mapping(
        FunctionName=functions.list_functions()["Functions"][0]["FunctionName"],
        EventSourceArn=queues.get_queue_attributes(
            QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


class Transport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = cls.enterClassContext(stage.Stage("full" if SOAK else "small"))
        add_what_the_worlds_lack(cls.stage.environment, cls.stage.cloud.endpoint)
        cls.stage.init()
        cls.stage.escher("accounts", "add", "--discover", "--emulator", cls.stage.endpoint,
                         "--regions", "us-east-1,us-west-2,eu-west-1" if SOAK else "us-west-2")

    def sync(self, *arguments: str, code: int | None = 0, **variables: str) -> dict:
        """The answer, and how often the cloud was called for it."""
        before = len(self.stage.gate.calls)
        with self.stage.variables(**variables):
            body = self.stage.escher("sync", "--json", *arguments, code=code).json
        return body | {"heard": len(self.stage.gate.calls) - before}

    def estate(self) -> list[str]:
        path = self.stage.home / "estate.jsonl"
        path.unlink(missing_ok=True)
        self.stage.escher("estate", "export", path)
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        for row in rows:
            for name in SEEN:
                row.pop(name, None)
            for name in SEEN_OF_IAM:
                (row.get("iam") or {}).pop(name, None)
        return sorted(json.dumps(row) for row in rows)

    def test_a_both_bring_the_same_records(self):
        native = self.sync("--transport", "native")
        self.assertEqual(native["cells_ok"], len(native["cells"]))
        ours = self.estate()
        cli = self.sync("--transport", "cli")
        self.assertEqual(ours, self.estate())
        self.assertEqual((0, 0, 0), (cli["added"], cli["changed"], cli["removed"]))
        self.assertEqual(native["resources"], cli["resources"])
        self.assertEqual({(cell["service"], cell["operation"], cell["region"], cell["resources"])
                          for cell in native["cells"]},
                         {(cell["service"], cell["operation"], cell["region"], cell["resources"])
                          for cell in cli["cells"]})
        self.assertGreater(len(ours), 20)
        for kind in ("eks_node_group", "iam_instance_profile", "hosted_zone"):
            self.assertTrue(any(f'"{kind}"' in row for row in ours), kind)
        self.assertIn("example.com", self.stage.escher("impact", "Web-LB").out)

    def test_b_the_usual_one_needs_no_aws_cli(self):
        nowhere = {"ESCHER_AWS": "/nonexistent/aws"}
        self.stage.stop_core()
        body = self.sync("--service", "rds", **nowhere)
        self.assertEqual(0, body["changed"])
        self.stage.stop_core()
        said = self.sync("--service", "rds", code=7, ESCHER_TRANSPORT="cli", **nowhere)
        self.assertIn("denied", {cell["state"] for cell in said["cells"]})
        self.stage.stop_core()

    def test_c_another_word_is_refused(self):
        said = self.stage.escher("sync", "--transport", "pigeon", "--json", code=2)
        self.assertIn("`native` or `cli`, not `pigeon`", said.json["message"])


if __name__ == "__main__":
    tap.main()
