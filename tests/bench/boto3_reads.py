# SPDX-License-Identifier: Apache-2.0
"""The forty list calls of bench_scan.c by boto3 in one process, its clients made anew, as a peer.

usage: boto3_reads.py PROFILE ENDPOINT        keys come from the environment's AWS configuration
"""

import json
import resource
import sys
import time

PER_REGION = {
    "ec2": ["describe_instances", "describe_volumes", "describe_snapshots", "describe_vpcs",
            "describe_subnets", "describe_security_groups"],
    "rds": ["describe_db_instances", "describe_db_clusters", "describe_db_snapshots",
            "describe_db_cluster_snapshots"],
    "lambda": ["list_functions"],
    "elbv2": ["describe_load_balancers", "describe_target_groups"],
}
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def say(name: str, value: float) -> None:
    print(json.dumps({"name": name, "unit": "s", "value": value, "samples": 40}))


def main() -> None:
    profile, endpoint = sys.argv[1:]
    import boto3  # starting it is part of what is measured

    session = boto3.Session(profile_name=profile)
    session.client("sts", region_name=REGIONS[0], endpoint_url=endpoint).get_caller_identity()
    before, began, calls = processor(), time.perf_counter(), 0
    for region in REGIONS:
        for service, operations in PER_REGION.items():
            client = session.client(service, region_name=region, endpoint_url=endpoint)
            for operation in operations:
                arguments = {"OwnerIds": ["self"]} if operation == "describe_snapshots" else {}
                getattr(client, operation)(**arguments)
                calls += 1
    session.client("s3", region_name=REGIONS[0], endpoint_url=endpoint).list_buckets()
    assert calls + 1 == 40, calls
    say("processor", processor() - before)
    say("wall", time.perf_counter() - began)


if __name__ == "__main__":
    main()
