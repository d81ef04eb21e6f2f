# SPDX-License-Identifier: Apache-2.0
"""What the demo server itself says about resources that a plan may change.

The witness of the tests: it goes around Escher altogether. Each row has account, region, type,
id, state, and what the playbooks change (memory, versioning, public access).
"""

import itertools

from botocore.exceptions import ClientError

from seed import Cloud


def name_tag(thing: dict) -> str:
    return next((tag["Value"] for tag in thing.get("Tags", []) if tag["Key"] == "Name"), "")


def instances(cloud: Cloud, account: str, region: str):
    pages = cloud.client("ec2", account, region).get_paginator("describe_instances").paginate()
    for thing in (i for page in pages for r in page["Reservations"] for i in r["Instances"]):
        name = name_tag(thing)
        yield {"id": thing["InstanceId"], "name": name, "state": thing["State"]["Name"]}, {name}


def ebs_snapshots(cloud: Cloud, account: str, region: str):
    answer = cloud.client("ec2", account, region).describe_snapshots(OwnerIds=["self"])
    for thing in answer["Snapshots"]:
        yield {"id": thing["SnapshotId"], "of": thing["VolumeId"], "state": thing["State"]}, \
            {thing["VolumeId"]}


def databases(cloud: Cloud, account: str, region: str):
    pages = cloud.client("rds", account, region).get_paginator("describe_db_instances").paginate()
    for thing in (d for page in pages for d in page["DBInstances"]):
        yield {"id": thing["DBInstanceIdentifier"], "state": thing["DBInstanceStatus"]}, set()


def clusters(cloud: Cloud, account: str, region: str):
    for thing in cloud.client("rds", account, region).describe_db_clusters()["DBClusters"]:
        yield {"id": thing["DBClusterIdentifier"], "state": thing["Status"]}, set()


def db_snapshots(cloud: Cloud, account: str, region: str):
    pages = cloud.client("rds", account, region).get_paginator("describe_db_snapshots").paginate()
    for thing in (s for page in pages for s in page["DBSnapshots"]):
        yield {"id": thing["DBSnapshotIdentifier"], "of": thing["DBInstanceIdentifier"],
               "kind": thing["SnapshotType"], "state": thing["Status"]}, \
            {thing["DBInstanceIdentifier"]}


def functions(cloud: Cloud, account: str, region: str):
    pages = cloud.client("lambda", account, region).get_paginator("list_functions").paginate()
    for thing in (f for page in pages for f in page["Functions"]):
        yield {"id": thing["FunctionName"], "state": thing["State"],
               "memory_mb": thing["MemorySize"]}, set()


def buckets(cloud: Cloud, account: str, region: str):
    s3 = cloud.client("s3", account, region)
    for thing in s3.list_buckets()["Buckets"]:
        name = thing["Name"]
        place = s3.get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1"
        if place != region:
            continue
        try:
            block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        except ClientError:  # none was ever set
            block = {}
        yield {"id": name, "versioning": s3.get_bucket_versioning(Bucket=name).get("Status", "Off"),
               "public_access_block": len(block) == 4 and all(block.values())}, set()


TYPES = {"ec2_instance": instances, "ebs_snapshot": ebs_snapshots, "rds_instance": databases,
         "rds_cluster": clusters, "rds_snapshot": db_snapshots, "lambda_function": functions,
         "s3_bucket": buckets}

# Moto refuses the signature of these listings where it enforces policies.
SIGNED_GET = {"lambda_function", "s3_bucket"}


def resources(document: dict, only_type: str | None = None):
    """One row per resource of the demo, with `names`, the set of all it can be asked for by."""
    accounts = document["accounts"]
    cloud = Cloud(document["endpoint"], {account["id"]: document["keys"][account["profile"]]
                                         for account in accounts if not account["role_arn"]})
    for account, kind in itertools.product(accounts, [only_type] if only_type else TYPES):
        if kind in SIGNED_GET and not account["role_arn"]:
            continue
        for region in account["regions"]:
            for facts, names in TYPES[kind](cloud, account["id"], region):
                yield {"account": account["id"], "region": region, "type": kind} | facts \
                    | {"names": names | {facts["id"]}}
