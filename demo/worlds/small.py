# SPDX-License-Identifier: Apache-2.0
"""A handful of resources in one account and one region: seeded in a second, for tests."""

from kinds import Account, Bucket, Cluster, Database, Function, Instance, Network, Site, World

PRODUCTION = {"environment": "production", "app": "main"}

WORLD = World(seed=7, accounts=(
    Account("123456789012", "production", "us-west-2", sites={"us-west-2": Site(
        network=Network("main", "10.20", ("private",), "ab", ("app", "data"), PRODUCTION),
        instances=[
            Instance("pg-backup-server", tags={"env": "prod", "app": "backup"}),
            Instance("main-web-1", tags=PRODUCTION),
            Instance("main-web-2", tags=PRODUCTION, stopped=True),
        ],
        databases=[
            Database("pg-instance-main1", version="14.7", size="db.r6g.large", multi_az=True,
                     protected=True, tags=PRODUCTION),
            Database("pg-instance-main2", version="14.7", size="db.r6g.large",
                     replicas=("pg-instance-main2-replica",), tags=PRODUCTION),
            Database("orders-db", engine="mysql", version="8.0.35", tags={"Environment": "prod"}),
            Database("reports-db", stopped=True, tags={"env": "prod", "app": "reports"}),
            Database("erp-sqlserver", engine="sqlserver-se", version="15.00.4345.5.v1",
                     size="db.m5.xlarge", multi_az=True),
        ],
        clusters=[Cluster("checkout-aurora", members=("checkout-aurora-1", "checkout-aurora-2"),
                          tags={"environment": "production", "app": "checkout"})],
        buckets=[Bucket("larkfield-pg-backups", versioned=True, expire_days=90,
                        tags={"env": "prod", "app": "backup"})],
        functions=[Function("thumbnail-maker", memory_mb=256, aliases=("live",),
                            tags={"env": "prod", "app": "media"})],
    )}),
))
