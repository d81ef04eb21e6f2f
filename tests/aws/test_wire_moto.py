#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our protocols against an emulator: what moto answers to our requests is read as the AWS CLI's own
botocore reads what moto answers to its requests.

usage: test_wire_moto.py WIRE_PEER      (the program of wire_peer.c; prints TAP)
"""

import base64
import datetime
import io
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import patience  # noqa: E402
import tap  # noqa: E402

os.environ["TZ"] = "UTC"
time.tzset()
PEER = sys.argv[-1]
MOTO = pathlib.Path(sys.executable).parent / "moto_server"
AWS = pathlib.Path(sys.executable).parent / "aws"
REGION = "eu-west-1"
KEYS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}

# What is asked through the CLI itself: XML and JSON, times of both, null, and a decoded policy.
SHOWN = [
    ("ec2 describe-instances", "ec2", "DescribeInstances", {}),
    ("rds describe-db-instances", "rds", "DescribeDBInstances", {}),
    ("s3api get-bucket-lifecycle-configuration --bucket a.bucket", "s3",
     "GetBucketLifecycleConfiguration", {"Bucket": "a.bucket"}),
    ("iam get-role-policy --role-name r --policy-name inline", "iam", "GetRolePolicy",
     {"RoleName": "r", "PolicyName": "inline"}),
    ("dynamodb describe-table --table-name t", "dynamodb", "DescribeTable", {"TableName": "t"}),
    ("lambda list-functions", "lambda", "ListFunctions", {}),
]

try:
    import awscli.botocore.session
    MISSING = None if MOTO.exists() else "moto is not installed beside this Python"
except ImportError:
    MISSING = "the AWS CLI is not installed for this Python"


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("f.py", "def f(event, context): pass")
    return buffer.getvalue()


def policy_of(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class World:
    """moto with a little of everything in it."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        port = self.url.rsplit(":", 1)[1]
        self.server = subprocess.Popen(
            [MOTO, "-H", "127.0.0.1", "-p", port], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=os.environ | {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"})
        self.session = awscli.botocore.session.Session()
        self.clients, self.raw = {}, None

    def until_ready(self):
        def answers():
            """moto's first answer"""
            try:
                return urllib.request.urlopen(self.url + "/moto-api/data.json", timeout=5)
            except (urllib.error.URLError, ConnectionError):
                return None
        patience.wait_for(answers)

    def client(self, service):
        if service not in self.clients:
            client = self.session.create_client(service, REGION, endpoint_url=self.url, **KEYS)
            client.meta.events.register("before-parse", self.keep_raw)
            self.clients[service] = client
        return self.clients[service]

    def keep_raw(self, response_dict, **_):
        self.raw = response_dict

    def call(self, service, operation, **params):
        client = self.client(service)
        verb = next(v for v, o in client.meta.method_to_api_mapping.items() if o == operation)
        return getattr(client, verb)(**params)

    def close(self):
        self.server.terminate()
        self.server.wait()


def fill(world):
    """One of each; the parameters for what is asked about single ones."""
    call = world.call
    vpc = call("ec2", "DescribeVpcs")["Vpcs"][0]["VpcId"]
    subnet = call("ec2", "DescribeSubnets")["Subnets"][0]["SubnetId"]
    image = call("ec2", "RegisterImage", Name="own", RootDeviceName="/dev/xvda")["ImageId"]
    run = call("ec2", "RunInstances", ImageId=image, MinCount=2, MaxCount=2,
               InstanceType="t3.micro", SubnetId=subnet, UserData="#!/bin/sh",
               TagSpecifications=[{"ResourceType": "instance",
                                   "Tags": [{"Key": "Name", "Value": "web <1> & ü"}]}])
    volume = call("ec2", "CreateVolume", AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"]
    call("ec2", "CreateSnapshot", VolumeId=volume, Description="first  snapshot")
    call("ec2", "AllocateAddress", Domain="vpc")
    call("rds", "CreateDBInstance", DBInstanceIdentifier="db-1", DBInstanceClass="db.t3.micro",
         Engine="postgres", AllocatedStorage=20, MasterUsername="u", MasterUserPassword="p" * 9,
         Tags=[{"Key": "team", "Value": "a"}])
    call("rds", "CreateDBSnapshot", DBInstanceIdentifier="db-1", DBSnapshotIdentifier="snap-1")
    bucket = {"Bucket": "a.bucket"}
    call("s3", "CreateBucket", **bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    call("s3", "PutBucketTagging", **bucket, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    call("s3", "PutBucketVersioning", **bucket, VersioningConfiguration={"Status": "Enabled"})
    call("s3", "PutBucketPolicy", **bucket, Policy=policy_of(Effect="Allow", Principal="*"))
    call("s3", "PutBucketLifecycleConfiguration", **bucket, LifecycleConfiguration={
        "Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "x/"},
                   "Expiration": {"Days": 9}}]})
    trust = policy_of(Effect="Allow", Principal={"Service": "lambda.amazonaws.com"},
                      Action="sts:AssumeRole")
    document = policy_of(Effect="Deny", Action="s3:*", Resource="*")
    role = call("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    call("iam", "PutRolePolicy", RoleName="r", PolicyName="inline", PolicyDocument=document)
    policy = call("iam", "CreatePolicy", PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
    call("iam", "AttachRolePolicy", RoleName="r", PolicyArn=policy)
    call("iam", "CreateUser", UserName="u")
    function = call("lambda", "CreateFunction", FunctionName="f", Runtime="python3.11", Role=role,
                    Handler="f.f", Code={"ZipFile": zipped()},
                    Environment={"Variables": {"A": "b"}})
    subnets = [each["SubnetId"] for each in call("ec2", "DescribeSubnets")["Subnets"][:2]]
    balancer = call("elbv2", "CreateLoadBalancer", Name="lb", Subnets=subnets)["LoadBalancers"][0]
    group = call("elbv2", "CreateTargetGroup", Name="tg", Protocol="HTTP", Port=80, VpcId=vpc)
    group = group["TargetGroups"][0]["TargetGroupArn"]
    call("elbv2", "RegisterTargets", TargetGroupArn=group,
         Targets=[{"Id": run["Instances"][0]["InstanceId"]}])
    call("dynamodb", "CreateTable", TableName="t", BillingMode="PAY_PER_REQUEST",
         KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
         AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    queue = call("sqs", "CreateQueue", QueueName="q")["QueueUrl"]
    call("sns", "CreateTopic", Name="t")
    call("secretsmanager", "CreateSecret", Name="s", SecretString="hidden")
    call("route53", "CreateHostedZone", Name="example.org", CallerReference="1")
    call("ecs", "CreateCluster", clusterName="c")
    call("cloudwatch", "PutMetricAlarm", AlarmName="a", MetricName="m", Namespace="n", Period=60,
         EvaluationPeriods=1, Threshold=1.5, Statistic="Average",
         ComparisonOperator="GreaterThanThreshold")
    return {"balancer": balancer["LoadBalancerArn"], "group": group, "policy": policy,
            "queue": queue, "function": function["FunctionArn"]}


def reads(ids):
    """(service, operation, parameters)"""
    bucket = {"Bucket": "a.bucket"}
    for operation in ("Addresses Images InternetGateways NatGateways NetworkInterfaces Regions"
                      " RouteTables SecurityGroups Subnets Volumes Vpcs").split():
        yield "ec2", f"Describe{operation}", {}
    yield "ec2", "DescribeInstances", {"MaxResults": 1000}
    yield "ec2", "DescribeSnapshots", {"OwnerIds": ["self"]}
    yield "ec2", "DescribeVpcs", {"Filters": [{"Name": "is-default", "Values": ["true", "a b"]}]}
    yield "ec2", "DescribeVolumes", {"VolumeIds": ["vol-00000000"]}
    for operation in "DBClusters DBInstances DBSnapshots Events".split():
        yield "rds", f"Describe{operation}", {}
    yield "rds", "DescribeDBInstances", {"DBInstanceIdentifier": "none-such"}
    yield "s3", "ListBuckets", {}
    for operation in ("HeadBucket GetBucketLocation GetBucketTagging GetBucketVersioning"
                      " GetBucketPolicy GetBucketLifecycleConfiguration GetBucketEncryption"
                      " GetPublicAccessBlock GetBucketAcl GetBucketReplication").split():
        yield "s3", operation, bucket
    yield "s3", "GetBucketTagging", {"Bucket": "no-such-bucket"}
    yield "s3", "HeadBucket", {"Bucket": "no-such-bucket"}
    yield "iam", "ListRoles", {"MaxItems": 10}
    yield "iam", "GetRole", {"RoleName": "r"}
    yield "iam", "GetRole", {"RoleName": "none-such"}
    yield "iam", "GetRolePolicy", {"RoleName": "r", "PolicyName": "inline"}
    yield "iam", "ListAttachedRolePolicies", {"RoleName": "r"}
    yield "iam", "GetPolicyVersion", {"PolicyArn": ids["policy"], "VersionId": "v1"}
    yield "iam", "GetAccountAuthorizationDetails", {"Filter": ["Role", "User"]}
    yield "iam", "ListUsers", {}
    yield "lambda", "ListFunctions", {"MaxItems": 50}
    yield "lambda", "ListTags", {"Resource": ids["function"]}
    yield "lambda", "ListAliases", {"FunctionName": "none-such"}
    yield "elbv2", "DescribeLoadBalancers", {}
    yield "elbv2", "DescribeTargetHealth", {"TargetGroupArn": ids["group"]}
    yield "elbv2", "DescribeTags", {"ResourceArns": [ids["balancer"], ids["group"]]}
    yield "dynamodb", "ListTables", {"Limit": 10}
    yield "dynamodb", "DescribeTable", {"TableName": "t"}
    yield "dynamodb", "DescribeTable", {"TableName": "none-such"}
    yield "sqs", "ListQueues", {}
    yield "sqs", "GetQueueAttributes", {"QueueUrl": ids["queue"], "AttributeNames": ["QueueArn"]}
    yield "sqs", "GetQueueAttributes", {"QueueUrl": ids["queue"] + "-", "AttributeNames": ["All"]}
    yield "sns", "ListTopics", {}
    yield "secretsmanager", "ListSecrets", {"MaxResults": 100}
    yield "route53", "ListHostedZones", {"MaxItems": "100"}
    yield "ecs", "ListClusters", {}
    yield "ecs", "DescribeClusters", {"clusters": ["c", "none-such"]}
    yield "cloudwatch", "DescribeAlarms", {}
    yield "autoscaling", "DescribeAutoScalingGroups", {}
    yield "elb", "DescribeLoadBalancers", {}
    yield "resourcegroupstaggingapi", "GetResources", {"ResourcesPerPage": 100}
    yield "sts", "GetCallerIdentity", {}


def ask(lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([PEER], input=text, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise AssertionError(f"wire-peer: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def printed(value):
    """What botocore gives, as the CLI prints it."""
    if isinstance(value, dict):
        return {key: printed(inner) for key, inner in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [printed(inner) for inner in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def as_lines(status, headers, body):
    return {"status": status, "headers": headers, "body": body.decode()}


def send(world, service, made):
    """Our request, as it goes out but for the signature, which moto does not check."""
    name = world.client(service).meta.service_model.signing_name
    query = f"?{made['query']}" if made["query"] else ""
    headers = dict(made["headers"]) | {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/{REGION}/{name}/"
                         "aws4_request, SignedHeaders=host, Signature=0"}
    request = urllib.request.Request(world.url + made["path"] + query, method=made["method"],
                                     headers=headers, data=made["body"].encode() or None)
    try:
        with urllib.request.urlopen(request, timeout=patience.PATIENCE_S) as answer:
            return as_lines(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as answer:
        return as_lines(answer.status, dict(answer.headers), answer.read())


def what_it_means(answer):
    """Of what our side read: the output, or the code and message of a refusal."""
    fault = answer.get("fault")
    return [fault["code"], fault["message"]] if fault else answer["output"]


def standing(value):
    """Without what is another time each time one asks."""
    if isinstance(value, dict):
        return {k: standing(inner) for k, inner in value.items() if k != "LatestRestorableTime"}
    return [standing(inner) for inner in value] if isinstance(value, list) else value


@unittest.skipIf(MISSING, MISSING)
class Moto(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)
        cls.world.until_ready()
        cls.reads = list(reads(fill(cls.world)))

    def ask_botocore(self, service, operation, params):
        """(what the CLI would print, the raw answer)"""
        client = self.world.client(service)
        try:
            made = printed(self.world.call(service, operation, **params))
        except client.exceptions.ClientError as error:
            about = error.response["Error"]
            made = [about["Code"], about.get("Message", "")[:190]]
        raw = self.world.raw
        return made, as_lines(raw["status_code"], dict(raw["headers"]), raw["body"])

    def test_answers_are_read_as_the_cli_reads_them(self):
        cases = [(read, *self.ask_botocore(*read)) for read in self.reads]
        answers = ask([{"service": read[0], "operation": read[1], **raw} for read, _, raw in cases])
        for (read, wanted, raw), made in zip(cases, answers, strict=True):
            self.assertEqual(wanted, what_it_means(made), (read, raw))

    def test_requests_are_answered_as_those_of_the_cli(self):
        requests = ask([{"service": service, "operation": operation, "params": params}
                        for service, operation, params in self.reads])
        raws = [send(self.world, read[0], made)
                for read, made in zip(self.reads, requests, strict=True)]
        answers = ask([{"service": read[0], "operation": read[1], **raw}
                       for read, raw in zip(self.reads, raws, strict=True)])
        for read, made in zip(self.reads, answers, strict=True):
            self.assertEqual(standing(self.ask_botocore(*read)[0]), standing(what_it_means(made)),
                             read)

    def test_the_cli_prints_what_we_read(self):
        """The CLI itself, asked to write times as its second version does."""
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "config"
            config.write_text("[default]\ncli_timestamp_format = iso8601\n")
            environment = os.environ | {
                "AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_DEFAULT_REGION": REGION, **{key.upper(): value for key, value in KEYS.items()}}
            for words, service, operation, params in SHOWN:
                made = subprocess.run([AWS, "--endpoint-url", self.world.url, *words.split()],
                                      env=environment, capture_output=True, text=True, check=True)
                _, raw = self.ask_botocore(service, operation, params)
                read = ask([{"service": service, "operation": operation, **raw}])[0]
                self.assertEqual(standing(json.loads(made.stdout)), standing(read["output"]), words)



if __name__ == "__main__":
    tap.main()
