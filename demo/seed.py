# SPDX-License-Identifier: Apache-2.0
"""Builds a world (kinds.py) on a running demo server, one call after the other.

Moto draws all identifiers from one random source. It is seeded first, and there is one
caller, so that the same world on a fresh server gets the same identifiers. At the end the
source is seeded from the system, so that session keys never repeat from one demo to the next.
What moto takes from the clock (creation times, names of automated snapshots) differs.
"""

import functools
import io
import json
import os
import urllib.request
import zipfile

import boto3
from botocore.config import Config

from kinds import Account, Site, Tags, World

# Where the user lives whose key assumes the roles; it owns nothing else.
IDENTITY_ACCOUNT = "111122223333"
ANY_PASSWORD = "not-a-secret"  # the emulator's databases hold nothing


def pairs(tags: Tags, name: str = "") -> list[dict]:
    """Tags in the cloud's form, with `name` as the tag Name in front."""
    named = {"Name": name} if name else {}
    return [{"Key": key, "Value": value} for key, value in (named | tags).items()]


def tagged(kind: str, tags: Tags, name: str = "") -> list[dict]:
    """The parameter TagSpecifications of EC2, empty when there is no tag."""
    found = pairs(tags, name)
    return [{"ResourceType": kind, "Tags": found}] if found else []


@functools.cache
def function_code() -> bytes:
    """A zip file whose bytes never change."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        files.writestr(zipfile.ZipInfo("index.py"),
                       "def handler(event, context):\n    return event\n")
    return packed.getvalue()


def name_account(account: str, params: dict, **_) -> None:
    params["headers"]["x-moto-account-id"] = account


class Cloud:
    """Clients of one server: one per service, account and region.

    Moto takes the account from a header of its own, so no role is assumed first; only accounts
    where policies are enforced need a key.
    """

    def __init__(self, endpoint: str, keys: dict[str, dict] | None = None):
        self.endpoint = endpoint
        self.keys = keys or {}  # account id → key
        self.session = boto3.Session()
        self.config = Config(retries={"max_attempts": 0}, parameter_validation=False)

    @functools.cache
    def client(self, service: str, account: str, region: str = "us-east-1"):
        key = self.keys.get(account, {"access_key_id": "any", "secret_access_key": "any"})
        made = self.session.client(
            service, region_name=region, endpoint_url=self.endpoint, config=self.config,
            aws_access_key_id=key["access_key_id"], aws_secret_access_key=key["secret_access_key"])
        made.meta.events.register("before-call.*", functools.partial(name_account, account))
        return made

    def post(self, path: str, body: bytes = b"") -> None:
        """One of moto's own calls."""
        request = urllib.request.Request(f"{self.endpoint}/moto-api/{path}", body,
                                         {"Content-Type": "text/plain"}, method="POST")
        urllib.request.urlopen(request, timeout=120).read()


class SiteSeeder:
    """Fills one region of one account."""

    def __init__(self, cloud: Cloud, account: Account, region: str):
        self.account, self.region = account, region
        self.site: Site = account.sites[region]
        client = functools.partial(cloud.client, account=account.id, region=region)
        self.ec2, self.rds, self.s3 = client("ec2"), client("rds"), client("s3")
        self.lambda_, self.elb = client("lambda"), client("elbv2")
        self.client = client
        self.iam = cloud.client("iam", account.id)
        self.subnets: dict[str, list[str]] = {}  # tier → ids, one per zone
        self.groups: dict[str, str] = {}  # name → id
        self.instance_ids: dict[str, str] = {}  # name → id
        self.balancer_hosts: dict[str, str] = {}  # name → host name

    def seed(self) -> None:
        self.network()
        self.instances()
        self.volumes()
        self.databases()
        self.clusters()
        self.buckets()
        self.functions()
        self.balancers()

    def finish(self) -> None:
        """What came later: made after all sites, so that older things keep their identifiers."""
        self.messages()
        self.tables_and_secrets()
        if self.site.way_out:
            self.way_out()
        self.kubernetes()
        self.profiles()
        self.zones()

    def network(self) -> None:
        plan = self.site.network
        self.vpc = self.ec2.create_vpc(
            CidrBlock=f"{plan.cidr}.0.0/16",
            TagSpecifications=tagged("vpc", plan.tags, plan.name))["Vpc"]["VpcId"]
        third = 0
        for tier in plan.tiers:
            for zone in plan.zones:
                subnet = self.ec2.create_subnet(
                    VpcId=self.vpc, CidrBlock=f"{plan.cidr}.{third}.0/24",
                    AvailabilityZone=self.region + zone,
                    TagSpecifications=tagged("subnet", plan.tags, f"{plan.name}-{tier}-{zone}"))
                self.subnets.setdefault(tier, []).append(subnet["Subnet"]["SubnetId"])
                third += 1
        for name in plan.groups:
            self.groups[name] = self.ec2.create_security_group(
                GroupName=f"{plan.name}-{name}", Description=f"{name} of {plan.name}",
                VpcId=self.vpc, TagSpecifications=tagged(
                    "security-group", plan.tags, f"{plan.name}-{name}"))["GroupId"]

    def subnet(self, tier: str, number: int) -> str:
        """A subnet of the tier (of the first one where there is no such tier), in turn."""
        ids = self.subnets.get(tier) or next(iter(self.subnets.values()))
        return ids[number % len(ids)]

    def group(self, name: str) -> str:
        return self.groups.get(name) or next(iter(self.groups.values()))

    def instances(self) -> None:
        if not self.site.instances:
            return
        image = self.ec2.register_image(Name="golden-2026-03", RootDeviceName="/dev/xvda",
                                        Architecture="x86_64")["ImageId"]
        stopped = []
        for number, plan in enumerate(self.site.instances):
            disks = [{"DeviceName": f"/dev/{device}", "Ebs": {"VolumeSize": size}} for device, size
                     in zip(("xvda", "sdf", "sdg", "sdh"), plan.disks_gb)]
            labels = tagged("instance", plan.tags, plan.name) + tagged("volume", plan.tags)
            made = self.ec2.run_instances(
                ImageId=image, MinCount=1, MaxCount=1, InstanceType=plan.type,
                SubnetId=self.subnet(plan.tier, number), SecurityGroupIds=[self.group(plan.group)],
                BlockDeviceMappings=disks, TagSpecifications=labels)["Instances"][0]["InstanceId"]
            self.instance_ids[plan.name] = made
            if plan.stopped:
                stopped.append(made)
            for copy in range(plan.snapshots):
                name = f"{plan.name}-weekly-{copy + 1}"
                self.ec2.create_snapshots(
                    InstanceSpecification={"InstanceId": made}, Description=f"copy of {plan.name}",
                    TagSpecifications=tagged("snapshot", plan.tags, name))
        if stopped:
            self.ec2.stop_instances(InstanceIds=stopped)

    def volumes(self) -> None:
        for plan in self.site.volumes:
            volume = self.ec2.create_volume(
                Size=plan.size_gb, AvailabilityZone=f"{self.region}a",
                TagSpecifications=tagged("volume", plan.tags, plan.name))["VolumeId"]
            for copy in range(plan.snapshots):
                self.ec2.create_snapshot(
                    VolumeId=volume, Description=f"copy {copy + 1} of {plan.name}",
                    TagSpecifications=tagged("snapshot", plan.tags, f"{plan.name}-{copy + 1}"))

    @functools.cached_property
    def subnet_group(self) -> str:
        """The one subnet group of this site's databases, made when first needed."""
        name = f"{self.site.network.name}-data"
        ids = self.subnets.get("data") or [i for ids in self.subnets.values() for i in ids]
        self.rds.create_db_subnet_group(DBSubnetGroupName=name, SubnetIds=ids,
                                        DBSubnetGroupDescription="databases")
        return name

    def databases(self) -> None:
        for plan in self.site.databases:
            licence = {"LicenseModel": "license-included"} if "sqlserver" in plan.engine else {}
            self.rds.create_db_instance(
                DBInstanceIdentifier=plan.name, Engine=plan.engine, EngineVersion=plan.version,
                DBInstanceClass=plan.size, AllocatedStorage=plan.storage_gb,
                MultiAZ=plan.multi_az, DeletionProtection=plan.protected,
                BackupRetentionPeriod=plan.backup_days, StorageEncrypted=True,
                DBSubnetGroupName=self.subnet_group, VpcSecurityGroupIds=[self.group("data")],
                MasterUsername="administrator", MasterUserPassword=ANY_PASSWORD,
                Tags=pairs(plan.tags), **licence)
            for name in plan.replicas:
                self.rds.create_db_instance_read_replica(
                    DBInstanceIdentifier=name, SourceDBInstanceIdentifier=plan.name,
                    DBInstanceClass=plan.size, Tags=pairs(plan.tags))
            for name in plan.snapshots:
                self.rds.create_db_snapshot(DBInstanceIdentifier=plan.name,
                                            DBSnapshotIdentifier=name, Tags=pairs(plan.tags))
            if plan.stopped:
                self.rds.stop_db_instance(DBInstanceIdentifier=plan.name)

    def clusters(self) -> None:
        for plan in self.site.clusters:
            self.rds.create_db_cluster(
                DBClusterIdentifier=plan.name, Engine=plan.engine, EngineVersion=plan.version,
                DBSubnetGroupName=self.subnet_group, VpcSecurityGroupIds=[self.group("data")],
                DeletionProtection=plan.protected, BackupRetentionPeriod=7, StorageEncrypted=True,
                MasterUsername="administrator", MasterUserPassword=ANY_PASSWORD,
                Tags=pairs(plan.tags))
            for name in plan.members:
                self.rds.create_db_instance(
                    DBInstanceIdentifier=name, DBClusterIdentifier=plan.name, Engine=plan.engine,
                    EngineVersion=plan.version, DBInstanceClass=plan.size, Tags=pairs(plan.tags))
            for name in plan.snapshots:
                self.rds.create_db_cluster_snapshot(
                    DBClusterIdentifier=plan.name, DBClusterSnapshotIdentifier=name,
                    Tags=pairs(plan.tags))

    def buckets(self) -> None:
        for plan in self.site.buckets:
            place = {} if self.region == "us-east-1" else {
                "CreateBucketConfiguration": {"LocationConstraint": self.region}}
            self.s3.create_bucket(Bucket=plan.name, **place)
            if plan.tags:
                self.s3.put_bucket_tagging(Bucket=plan.name, Tagging={"TagSet": pairs(plan.tags)})
            if plan.versioned:
                self.s3.put_bucket_versioning(Bucket=plan.name,
                                              VersioningConfiguration={"Status": "Enabled"})
            if plan.expire_days or plan.archive_days:
                rule = {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": ""}}
                if plan.expire_days:
                    rule["Expiration"] = {"Days": plan.expire_days}
                if plan.archive_days:
                    rule["Transitions"] = [{"Days": plan.archive_days, "StorageClass": "GLACIER"}]
                self.s3.put_bucket_lifecycle_configuration(
                    Bucket=plan.name, LifecycleConfiguration={"Rules": [rule]})
            if plan.public_block:
                self.s3.put_public_access_block(
                    Bucket=plan.name, PublicAccessBlockConfiguration=dict.fromkeys(
                        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                         "RestrictPublicBuckets"), True))

    def functions(self) -> None:
        layers = {}
        for plan in self.site.layers:
            layers[plan.name] = self.lambda_.publish_layer_version(
                LayerName=plan.name, Content={"ZipFile": function_code()},
                CompatibleRuntimes=[plan.runtime])["LayerVersionArn"]
        for plan in self.site.functions:
            self.lambda_.create_function(
                FunctionName=plan.name, Runtime=plan.runtime, Handler="index.handler",
                Role=f"arn:aws:iam::{self.account.id}:role/function",
                Code={"ZipFile": function_code()},
                MemorySize=plan.memory_mb, Timeout=plan.timeout_s, Publish=bool(plan.aliases),
                Layers=[layers[plan.layer]] if plan.layer else [], Tags=plan.tags)
            for name in plan.aliases:
                self.lambda_.create_alias(FunctionName=plan.name, Name=name, FunctionVersion="1")

    def balancers(self) -> None:
        for plan in self.site.balancers:
            tier = "private" if plan.internal else "public"
            subnets = self.subnets.get(tier) or next(iter(self.subnets.values()))
            groups = [self.group("lb")] if plan.kind == "application" else []
            balancer = self.elb.create_load_balancer(
                Name=plan.name, Type=plan.kind, Subnets=subnets[:2], SecurityGroups=groups,
                Scheme="internal" if plan.internal else "internet-facing",
                Tags=pairs(plan.tags))["LoadBalancers"][0]
            self.balancer_hosts[plan.name] = balancer["DNSName"]
            for number, (name, serves) in enumerate(plan.targets):
                self.target(plan, balancer["LoadBalancerArn"], name, serves, 80 + number)

    def target(self, plan, balancer: str, name: str, serves: str, port: int) -> None:
        protocol = "HTTP" if plan.kind == "application" else "TCP"
        group = self.elb.create_target_group(
            Name=name, Protocol=protocol, Port=port, VpcId=self.vpc, TargetType="instance",
            Tags=pairs(plan.tags))["TargetGroups"][0]["TargetGroupArn"]
        self.elb.create_listener(
            LoadBalancerArn=balancer, Protocol=protocol, Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
        targets = [{"Id": found} for named, found in self.instance_ids.items()
                   if serves and named.startswith(serves)]
        if targets:
            self.elb.register_targets(TargetGroupArn=group, Targets=targets)


    def arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account.id}:{name}"

    def messages(self) -> None:
        for plan in self.site.queues:
            failed = json.dumps({"deadLetterTargetArn": self.arn("sqs", plan.failed),
                                 "maxReceiveCount": "5"})
            self.client("sqs").create_queue(
                QueueName=plan.name, Attributes={"RedrivePolicy": failed} if plan.failed else {},
                tags=plan.tags)
        for plan in self.site.topics:
            topic = self.client("sns").create_topic(Name=plan.name,
                                                    Tags=pairs(plan.tags))["TopicArn"]
            for queue in plan.queues:
                self.client("sns").subscribe(TopicArn=topic, Protocol="sqs",
                                             Endpoint=self.arn("sqs", queue))
        for plan in self.site.alarms:
            space, metric = plan.metric.split()
            self.client("cloudwatch").put_metric_alarm(
                AlarmName=plan.name, Namespace=space, MetricName=metric, Statistic="Average",
                Dimensions=[{"Name": plan.dimension, "Value": plan.of}], Period=300,
                EvaluationPeriods=3, Threshold=plan.threshold,
                ComparisonOperator="GreaterThanThreshold",
                AlarmActions=[self.arn("sns", plan.topic)])

    def tables_and_secrets(self) -> None:
        for plan in self.site.tables:
            self.client("dynamodb").create_table(
                TableName=plan.name, BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                DeletionProtectionEnabled=plan.protected, Tags=pairs(plan.tags))
            if plan.recovery:
                self.client("dynamodb").update_continuous_backups(
                    TableName=plan.name, PointInTimeRecoverySpecification={
                        "PointInTimeRecoveryEnabled": True})
        for plan in self.site.secrets:
            self.client("secretsmanager").create_secret(
                Name=plan.name, SecretString=ANY_PASSWORD, Tags=pairs(plan.tags))

    def way_out(self) -> None:
        plan = self.site.network
        gateway = self.ec2.create_internet_gateway(TagSpecifications=tagged(
            "internet-gateway", plan.tags, plan.name))["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        address = self.ec2.allocate_address(Domain="vpc", TagSpecifications=tagged(
            "elastic-ip", plan.tags, f"{plan.name}-nat"))["AllocationId"]
        nat = self.ec2.create_nat_gateway(
            AllocationId=address, SubnetId=self.subnet("public", 0), TagSpecifications=tagged(
                "natgateway", plan.tags, plan.name))["NatGateway"]["NatGatewayId"]
        for tier, way in (("public", {"GatewayId": gateway}), ("private", {"NatGatewayId": nat})):
            table = self.ec2.create_route_table(VpcId=self.vpc, TagSpecifications=tagged(
                "route-table", plan.tags, f"{plan.name}-{tier}"))["RouteTable"]["RouteTableId"]
            self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **way)
            for subnet in self.subnets.get(tier, []):
                self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)

    def role_for(self, name: str, service: str) -> str:
        """The ARN of a role that the service may assume, made here."""
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole",
                 "Principal": {"Service": f"{service}.amazonaws.com"}}
        return self.iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]

    def kubernetes(self) -> None:
        for plan in self.site.kubernetes:
            subnets = self.subnets["private"]
            self.client("eks").create_cluster(
                name=plan.name, roleArn=self.role_for(f"{plan.name}-cluster", "eks"),
                resourcesVpcConfig={"subnetIds": subnets}, tags=plan.tags)
            node_role = self.role_for(f"{plan.name}-node", "ec2")
            for name, size in plan.groups:
                self.client("eks").create_nodegroup(
                    clusterName=plan.name, nodegroupName=name, subnets=subnets, nodeRole=node_role,
                    scalingConfig={"minSize": 1, "maxSize": 2 * size, "desiredSize": size},
                    tags=plan.tags)

    def profiles(self) -> None:
        for plan in self.site.profiles:
            self.role_for(plan.name, "ec2")
            self.iam.create_instance_profile(InstanceProfileName=plan.name)
            self.iam.add_role_to_instance_profile(InstanceProfileName=plan.name, RoleName=plan.name)
            for name, found in self.instance_ids.items():
                if name.startswith(plan.serves):
                    self.ec2.associate_iam_instance_profile(
                        InstanceId=found, IamInstanceProfile={"Name": plan.name})

    def zones(self) -> None:
        dns = self.client("route53")
        for plan in self.site.zones:
            zone = dns.create_hosted_zone(Name=plan.name,
                                          CallerReference=plan.name)["HostedZone"]["Id"]
            changes = [{"Action": "CREATE", "ResourceRecordSet": self.lead(plan.name, *lead)}
                       for lead in plan.leads]
            dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
            dns.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.split("/")[-1],
                                         AddTags=pairs(plan.tags))

    def lead(self, zone: str, name: str, balancer: str) -> dict:
        """A record that is another name for a load balancer."""
        return {"Name": f"{name}.{zone}" if name else zone, "Type": "A", "AliasTarget": {
            "HostedZoneId": "Z1H1FL5HABSF5", "EvaluateTargetHealth": True,
            "DNSName": f"dualstack.{self.balancer_hosts[balancer].lower()}"}}


def allow(action: str) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": "*"}


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def seed_roles(cloud: Cloud, account: Account) -> None:
    """The role Escher assumes, and the one that functions run as."""
    iam = cloud.client("iam", account.id)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"AWS": f"arn:aws:iam::{IDENTITY_ACCOUNT}:root"}}
    iam.create_role(RoleName=account.role, AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName=account.role, PolicyName="demo",
                        PolicyDocument=document(allow("*")))
    service = {"Effect": "Allow", "Action": "sts:AssumeRole",
               "Principal": {"Service": "lambda.amazonaws.com"}}
    iam.create_role(RoleName="function", AssumeRolePolicyDocument=document(service))


def seed_user(cloud: Cloud, account: str, policy: dict) -> dict:
    """A user with one access key and one policy."""
    iam = cloud.client("iam", account)
    iam.create_user(UserName="escher-demo")
    iam.put_user_policy(UserName="escher-demo", PolicyName="demo",
                        PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="escher-demo")["AccessKey"]
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


def seed(endpoint: str, world: World, progress=lambda text: None) -> dict:
    """Builds the world. Returns the keys by profile: that of `base`, which assumes the roles,
    and those of accounts that are entered as a user."""
    cloud = Cloud(endpoint)
    cloud.post(f"seed?a={world.seed}")
    everything = json.loads(document(allow("*")))
    keys = {"base": seed_user(cloud, IDENTITY_ACCOUNT, everything)}
    sites = []
    for account in world.accounts:
        seed_roles(cloud, account)
        if account.policy:
            keys[account.name] = seed_user(cloud, account.id, account.policy)
        for region in account.sites:
            progress(f"{account.name} {region}")
            sites.append(SiteSeeder(cloud, account, region))
            sites[-1].seed()
    for site in sites:
        site.finish()
    cloud.post(f"seed?a={int.from_bytes(os.urandom(7), 'big')}")
    if any(account.policy for account in world.accounts):
        cloud.post("reset-auth", b"0")
    return keys
