# SPDX-License-Identifier: Apache-2.0
"""Larkfield, a company of the usual kind: three accounts, three regions, about 1,000 resources.

Every team tags in its own way, some things carry no tags at all, and names repeat across
accounts. The tables below say what there is; the functions at the end turn them into sites.
Some resources stand here because a story or a test needs them:

    pg-instance-main1      RDS PostgreSQL 14.7, Multi-AZ, production, us-west-2; the only one
    pg-instance-main2      looks like it; has a read replica, so it must not be stopped
    pg-instance-stage1     looks like it, in staging
    pg-backup-server       looks like it, an EC2 instance; larkfield-pg-backups, a bucket
    orders-db              two of one name: production and staging
    checkout-aurora        an Aurora cluster; its members cannot be stopped alone
    erp-sqlserver          SQL Server Multi-AZ, which cannot be stopped
    reports-db             stopped already; so is the EC2 instance crm-legacy
    larkfield.example      a zone whose names go with the load balancers they lead to
    k8s-node-…             members of an auto scaling group, which would replace them
    HOSTILE                names that are commands, markup, or unreadable; data all the same
"""

from kinds import (Account, Alarm, Balancer, Bucket, Cluster, Database, Function, Instance,
                   Kubernetes, Layer, Network, Profile, Queue, Secret, Site, Table, Tags, Topic,
                   Volume, World, Zone)

EAST, WEST, EUROPE = REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
PRODUCTION, STAGING, DEVELOPMENT = ENVIRONMENTS = ("production", "staging", "development")

# ------------------------------------------------------------------ tags
# How a team writes the environment (key, and a word for each of ENVIRONMENTS); its other keys.
DIALECTS = {
    "modern": (("environment", "production", "staging", "development"),
               ("app", "team", "cost-center")),
    "short": (("env", "prod", "stg", "dev"), ("app", "team")),
    "legacy": (("Environment", "PRD", "Staging", "Dev"), ("Application", "Owner", "CostCenter")),
    "cdk": (("stage", "prd", "stage", "dev"), ("service", "team")),
    "none": ((), ()),
}

#  app: (dialect, team, cost centre)
APPS = {
    "main": ("modern", "core", "CC-1001"),
    "checkout": ("modern", "payments", "CC-1042"),
    "orders": ("short", "payments", "CC-1042"),
    "search": ("cdk", "discovery", "CC-1077"),
    "catalog": ("cdk", "discovery", "CC-1077"),
    "media": ("short", "discovery", "CC-1077"),
    "billing": ("legacy", "finance", "4711"),
    "erp": ("legacy", "finance", "4711"),
    "analytics": ("short", "data", "CC-1120"),
    "identity": ("modern", "platform", "CC-1200"),
    "platform": ("modern", "platform", "CC-1200"),
    "backup": ("short", "platform", "CC-1200"),
    "intranet": ("legacy", "it", "4720"),
    "adhoc": ("none", "", ""),
}


def tags(app: str, environment: str) -> Tags:
    """The tags of an app's things, as its team writes them."""
    dialect, team, cost_centre = APPS[app]
    word, others = DIALECTS[dialect]
    found = {word[0]: word[1 + ENVIRONMENTS.index(environment)]} if word else {}
    found |= dict(zip(others, (app, team, cost_centre)))
    # `main` keeps to the two tags that its runbook names.
    return {key: found[key] for key in ("environment", "app")} if app == "main" else found


# ------------------------------------------------------------------ instances
# In each account: how many in us-east-1, us-west-2, eu-west-1. The last column is how
# often all volumes of a production instance were copied to snapshots.
#    app          role         type           disks         production  staging    development  ×
FLEETS = [
    ("main",      "web",       "m6i.large",   (30,),        (2, 4, 2),  (0, 2, 0), (0, 1, 0), 0),
    ("main",      "worker",    "m6i.xlarge",  (30, 100),    (0, 3, 1),  (0, 1, 0), (0, 1, 0), 1),
    ("checkout",  "web",       "c6i.large",   (30,),        (4, 3, 3),  (2, 1, 0), (1, 0, 0), 0),
    ("checkout",  "worker",    "c6i.xlarge",  (30, 100),    (3, 2, 2),  (1, 0, 0), (1, 0, 0), 1),
    ("orders",    "api",       "m6i.large",   (30,),        (4, 2, 0),  (2, 0, 0), (1, 0, 0), 0),
    ("search",    "node",      "r6i.xlarge",  (30, 500),    (3, 3, 3),  (1, 0, 1), (0, 0, 1), 2),
    ("catalog",   "api",       "t3.large",    (30,),        (2, 2, 2),  (1, 0, 1), (0, 0, 1), 0),
    ("media",     "encoder",   "c5.2xlarge",  (30, 200),    (2, 0, 1),  (0, 0, 0), (0, 0, 1), 0),
    ("billing",   "app",       "m5.large",    (50, 200),    (2, 0, 1),  (1, 0, 0), (1, 0, 0), 2),
    ("erp",       "app",       "m5.2xlarge",  (80, 500),    (2, 0, 0),  (1, 0, 0), (0, 0, 0), 3),
    ("analytics", "etl",       "r5.2xlarge",  (50, 1000),   (0, 4, 0),  (0, 1, 0), (0, 2, 0), 1),
    ("identity",  "api",       "t3.large",    (30,),        (2, 2, 2),  (1, 1, 1), (0, 1, 0), 0),
    ("platform",  "bastion",   "t3.micro",    (8,),         (1, 1, 1),  (1, 1, 1), (1, 1, 1), 0),
    ("platform",  "monitor",   "t3.xlarge",   (30, 300),    (1, 1, 1),  (1, 0, 0), (0, 0, 0), 2),
    ("platform",  "ci-runner", "c5.2xlarge",  (30, 200),    (0, 0, 0),  (0, 0, 0), (0, 4, 2), 0),
    ("platform",  "k8s-node",  "m6i.2xlarge", (100,),       (3, 4, 3),  (0, 3, 0), (0, 2, 0), 0),
    ("intranet",  "wiki",      "t3.medium",   (30, 50),     (0, 0, 1),  (0, 0, 0), (0, 0, 0), 3),
    ("adhoc",     "test",      "t2.micro",    (8,),         (0, 0, 0),  (0, 1, 0), (3, 2, 2), 0),
]
SCALED = {"k8s-node"}  # members of an auto scaling group
NIGHTLY_OFF = {("ci-runner", DEVELOPMENT, EUROPE), ("etl", DEVELOPMENT, WEST)}

INSTANCES = {
    (PRODUCTION, WEST): [
        Instance("pg-backup-server", "t3.large", tags=tags("backup", PRODUCTION),
                 disks_gb=(30, 2000), snapshots=2),
        Instance("crm-legacy", "m4.large", tags={"Owner": "j.okafor", "ENV": "prod"}, stopped=True,
                 disks_gb=(50, 100), snapshots=4),
    ],
    (STAGING, WEST): [
        Instance("pg-loadtest", "c6i.4xlarge", tags=tags("main", STAGING), stopped=True),
    ],
    (DEVELOPMENT, WEST): [
        Instance("", "t3.micro"),  # clicked together on a Friday; nobody named it
        Instance("jupyter-amara", "g4dn.xlarge", tags={"owner": "amara", "env": "dev"},
                 disks_gb=(100, 500)),
    ],
}

# Names that Escher must show as text and pass on literally, if at all.
HOSTILE = [
    "--profile x",
    "$(reboot)",
    "file:///etc/passwd",
    "<img src=x onerror=alert(1)>",
    "; rm -rf ~ #",
    "it's \"quoted\" & back\\slashed",
    "数据库-生产 🚀 Zoë",
    "web-\u202ereversed\u202c-1",
]
LONG_VALUE = "0123456789abcdef" * 16  # 256 characters, the most that the cloud takes

VOLUMES = {
    (PRODUCTION, EAST): [
        Volume("orders-db-migration", 500, tags("orders", PRODUCTION), snapshots=3),
        Volume("erp-archive-2024", 1000, tags("erp", PRODUCTION), snapshots=4),
        Volume("", 100),
    ],
    (PRODUCTION, WEST): [
        Volume("pg-restore-scratch", 500, tags("main", PRODUCTION), snapshots=2),
        Volume("analytics-scratch", 2000, tags("analytics", PRODUCTION)),
        Volume("", 8),
    ],
    (PRODUCTION, EUROPE): [Volume("search-reindex", 800, tags("search", PRODUCTION), snapshots=2)],
    (STAGING, WEST): [Volume("loadtest-results", 200, tags("main", STAGING), snapshots=1)],
    (DEVELOPMENT, EAST): [Volume("", 20), Volume("do not delete (Amara)", 50)],
    (DEVELOPMENT, WEST): [Volume("jupyter-backup", 500, {"owner": "amara"}, snapshots=3)],
}

# ------------------------------------------------------------------ databases


def database(name: str, app: str, environment: str, **more) -> Database:
    return Database(name, tags=tags(app, environment), **more)


POSTGRES_14 = {"version": "14.7", "size": "db.r6g.large"}
MYSQL = {"engine": "mysql", "version": "8.0.35"}

DATABASES = {
    (PRODUCTION, WEST): [
        database("pg-instance-main1", "main", PRODUCTION, multi_az=True, protected=True,
                 storage_gb=500, snapshots=("main1-before-14-7", "main1-2026-q1", "main1-2026-q2"),
                 **POSTGRES_14),
        database("pg-instance-main2", "main", PRODUCTION, storage_gb=500,
                 replicas=("pg-instance-main2-replica",), snapshots=("main2-2026-q2",),
                 **POSTGRES_14),
        database("reports-db", "analytics", PRODUCTION, stopped=True,
                 snapshots=("reports-db-march", "reports-db-june")),
        database("analytics-warehouse", "analytics", PRODUCTION, size="db.r6g.4xlarge",
                 storage_gb=4000, replicas=("analytics-warehouse-ro",)),
        database("identity-db-west", "identity", PRODUCTION, multi_az=True, protected=True),
        database("feature-flags", "platform", PRODUCTION, backup_days=1),
    ],
    (PRODUCTION, EAST): [
        database("orders-db", "orders", PRODUCTION, multi_az=True, protected=True,
                 size="db.r6g.xlarge",
                 snapshots=("orders-db-2026-02-28", "orders-db-pre-sharding"), **MYSQL),
        database("orders-history", "orders", PRODUCTION, replicas=("orders-history-ro-1",
                 "orders-history-ro-2"), **MYSQL),
        database("billing-db", "billing", PRODUCTION, engine="mariadb", version="10.6.16",
                 multi_az=True, snapshots=("billing-year-end-2024", "billing-year-end-2025")),
        database("erp-sqlserver", "erp", PRODUCTION, engine="sqlserver-se",
                 version="15.00.4345.5.v1", size="db.m5.2xlarge", multi_az=True, protected=True,
                 snapshots=("erp-fiscal-close",)),
        database("erp-reporting", "erp", PRODUCTION, engine="sqlserver-ex",
                 version="15.00.4345.5.v1"),
        database("identity-db", "identity", PRODUCTION, multi_az=True, protected=True),
        Database("wordpress", engine="mysql", version="5.7.44", size="db.t3.small",
                 backup_days=0, tags={"Name": "marketing blog"}),
    ],
    (PRODUCTION, EUROPE): [
        database("search-metadata", "search", PRODUCTION, multi_az=True, protected=True),
        database("catalog-db", "catalog", PRODUCTION, replicas=("catalog-db-ro",),
                 snapshots=("catalog-before-gdpr",)),
        database("identity-db-eu", "identity", PRODUCTION, multi_az=True, protected=True),
        database("wiki-db", "intranet", PRODUCTION, engine="mariadb", version="10.6.16"),
    ],
    (STAGING, WEST): [
        database("pg-instance-stage1", "main", STAGING, snapshots=("stage1-golden",),
                 **POSTGRES_14),
        database("analytics-stg", "analytics", STAGING, stopped=True),
        database("identity-db-stg", "identity", STAGING),
    ],
    (STAGING, EAST): [
        database("orders-db", "orders", STAGING, snapshots=("orders-db-masked-2026-10",), **MYSQL),
        database("billing-db-stg", "billing", STAGING, engine="mariadb", version="10.6.16"),
        database("checkout-loadtest", "checkout", STAGING, stopped=True),
    ],
    (STAGING, EUROPE): [database("catalog-db-stg", "catalog", STAGING)],
    (DEVELOPMENT, WEST): [
        database("dev-main-db", "main", DEVELOPMENT, backup_days=0),
        database("dev-analytics", "analytics", DEVELOPMENT, stopped=True, backup_days=0),
        Database("test123", size="db.t3.micro", backup_days=0),
    ],
    (DEVELOPMENT, EAST): [
        database("dev-orders", "orders", DEVELOPMENT, backup_days=0, **MYSQL),
        database("dev-billing", "billing", DEVELOPMENT, engine="mariadb", version="10.6.16"),
    ],
    (DEVELOPMENT, EUROPE): [database("dev-catalog", "catalog", DEVELOPMENT, backup_days=0)],
}

CLUSTERS = {
    (PRODUCTION, EAST): [
        Cluster("checkout-aurora", members=("checkout-aurora-1", "checkout-aurora-2",
                                            "checkout-aurora-3"), protected=True,
                snapshots=("checkout-pre-upgrade", "checkout-2026-q1", "checkout-2026-q2"),
                tags=tags("checkout", PRODUCTION)),
        Cluster("media-aurora", "aurora-mysql", "8.0.mysql_aurora.3.05.2",
                members=("media-aurora-1",), snapshots=("media-before-transcode",),
                tags=tags("media", PRODUCTION)),
    ],
    (PRODUCTION, WEST): [
        Cluster("ledger-aurora", members=("ledger-aurora-a", "ledger-aurora-b"), protected=True,
                snapshots=("ledger-audit-2025", "ledger-audit-2026"),
                tags=tags("billing", PRODUCTION)),
    ],
    (PRODUCTION, EUROPE): [
        Cluster("search-aurora", members=("search-aurora-1", "search-aurora-2"),
                tags=tags("search", PRODUCTION)),
    ],
    (STAGING, EAST): [
        Cluster("checkout-aurora-stg", members=("checkout-aurora-stg-1",),
                snapshots=("checkout-stg-seed",), tags=tags("checkout", STAGING)),
    ],
    (DEVELOPMENT, WEST): [
        Cluster("dev-aurora", members=("dev-aurora-1",), tags=tags("platform", DEVELOPMENT)),
    ],
}

# ------------------------------------------------------------------ buckets
BUCKETS = {
    (PRODUCTION, WEST): [
        Bucket("larkfield-pg-backups", versioned=True, expire_days=365, archive_days=30,
               tags=tags("backup", PRODUCTION)),
        Bucket("larkfield-analytics-lake", archive_days=90, tags=tags("analytics", PRODUCTION)),
    ],
    (PRODUCTION, EAST): [
        Bucket("larkfield-assets", public_block=False, tags=tags("media", PRODUCTION)),
        Bucket("larkfield-orders-exports", expire_days=30, tags=tags("orders", PRODUCTION)),
        Bucket("larkfield-cloudtrail", versioned=True, archive_days=90,
               tags=tags("platform", PRODUCTION)),
        Bucket("larkfield-erp-archive", versioned=True, tags=tags("erp", PRODUCTION)),
    ],
    (PRODUCTION, EUROPE): [Bucket("larkfield-eu-customer-data", versioned=True, expire_days=730,
                                  tags=tags("catalog", PRODUCTION))],
    (STAGING, WEST): [Bucket("larkfield-stg-artifacts", expire_days=14,
                             tags=tags("platform", STAGING))],
    (STAGING, EAST): [Bucket("larkfield-stg-orders-exports", tags=tags("orders", STAGING))],
    (DEVELOPMENT, WEST): [
        Bucket("larkfield-dev-scratch", expire_days=7, public_block=False),
        Bucket("larkfield-terraform-state", versioned=True, tags=tags("platform", DEVELOPMENT)),
    ],
    (DEVELOPMENT, EUROPE): [Bucket("amara-tmp-do-not-use", public_block=False)],
}

# ------------------------------------------------------------------ functions
LAYERS = {
    (PRODUCTION, EAST): ["common", "pay-sdk", "image-tools"],
    (PRODUCTION, WEST): ["common", "pandas"],
    (PRODUCTION, EUROPE): ["common"],
    (STAGING, EAST): ["common", "pay-sdk"],
    (DEVELOPMENT, WEST): ["common", "pandas-beta"],
}

#        name                   app          MB    runtime       aliases             layer
FUNCTIONS = {
    (PRODUCTION, EAST): [
        ("checkout-authorize",  "checkout",  512,  "python3.12", ("live", "canary"), "pay-sdk"),
        ("checkout-capture",    "checkout",  512,  "python3.12", ("live",),          "pay-sdk"),
        ("checkout-webhook",    "checkout",  128,  "nodejs20.x", ("live",),          ""),
        ("orders-confirmation", "orders",    256,  "python3.11", ("live",),          "common"),
        ("orders-export",       "orders",    1024, "python3.11", ("live",),          "common"),
        ("thumbnail-maker",     "media",     256,  "python3.12", ("live", "beta"),   "image-tools"),
        ("video-transcode",     "media",     3008, "python3.12", ("live",),          "image-tools"),
        ("billing-nightly",     "billing",   512,  "java17",     ("PROD",),          ""),
    ],
    (PRODUCTION, WEST): [
        ("main-healthcheck",    "main",      128,  "python3.12", ("live",),          "common"),
        ("pg-snapshot-rotate",  "backup",    128,  "python3.12", (),                 "common"),
        ("analytics-ingest",    "analytics", 2048, "python3.11", ("live",),          "pandas"),
        ("analytics-report",    "analytics", 1024, "python3.11", ("live",),          "pandas"),
        ("session-cleaner",     "identity",  128,  "nodejs20.x", ("live",),          ""),
        ("token-rotate",        "identity",  128,  "nodejs20.x", (),                 ""),
    ],
    (PRODUCTION, EUROPE): [
        ("search-reindex",      "search",    1536, "python3.12", ("prd",),           "common"),
        ("search-suggest",      "search",    512,  "nodejs20.x", ("prd",),           ""),
        ("catalog-sync",        "catalog",   512,  "python3.12", ("prd",),           "common"),
        ("gdpr-erase",          "identity",  256,  "python3.12", ("live",),          ""),
    ],
    (STAGING, EAST): [
        ("checkout-authorize",  "checkout",  512,  "python3.12", ("live",),          "pay-sdk"),
        ("checkout-capture",    "checkout",  512,  "python3.12", (),                 "pay-sdk"),
        ("orders-confirmation", "orders",    256,  "python3.12", (),                 "common"),
        ("thumbnail-maker",     "media",     256,  "python3.12", (),                 ""),
    ],
    (STAGING, WEST): [
        ("main-healthcheck",    "main",      128,  "python3.12", (),                 ""),
        ("analytics-ingest",    "analytics", 1024, "python3.11", ("live",),          ""),
        ("session-cleaner",     "identity",  128,  "nodejs20.x", (),                 ""),
    ],
    (STAGING, EUROPE): [
        ("search-reindex",      "search",    512,  "python3.12", ("stage",),         ""),
        ("catalog-sync",        "catalog",   256,  "python3.12", (),                 ""),
    ],
    (DEVELOPMENT, WEST): [
        ("hello-world",         "adhoc",     128,  "python3.9",  (),                 ""),
        ("dev-ingest",          "analytics", 512,  "python3.11", (),                 "pandas-beta"),
        ("slack-notifier",      "platform",  128,  "nodejs20.x", ("live",),          ""),
        ("cost-report",         "platform",  256,  "python3.12", ("live",),          "common"),
        ("nightly-shutdown",    "platform",  128,  "python3.12", ("live",),          "common"),
    ],
    (DEVELOPMENT, EUROPE): [
        ("dev-search",          "search",    512,  "python3.12", (),                 ""),
        ("test",                "adhoc",     128,  "nodejs18.x", (),                 ""),
    ],
}

# ------------------------------------------------------------------ load balancers
ALB, NLB = "application", "network"

#    name                app         kind internal  target groups: (name, whom it serves)
BALANCERS = {
    (PRODUCTION, EAST): [
        ("main-web-alb",     "main",     ALB, False, [("main-web-tg", "main-web")]),
        ("checkout-alb",     "checkout", ALB, False, [("checkout-web-blue", "checkout-web"),
                                                      ("checkout-web-green", "")]),
        ("checkout-worker",  "checkout", NLB, True,  [("checkout-worker-tg", "checkout-w")]),
        ("orders-internal",  "orders",   ALB, True,  [("orders-api-tg", "orders-api")]),
        ("catalog-alb",      "catalog",  ALB, False, [("catalog-api-tg", "catalog-api")]),
        ("BILLING-LB",       "billing",  ALB, True,  [("BILLING-APP", "BILLING-APP")]),
        ("k8s-ingress",      "platform", NLB, False, [("k8s-http", "k8s-node"),
                                                      ("k8s-https", "k8s-node")]),
    ],
    (PRODUCTION, WEST): [
        ("main-web-alb",     "main",     ALB, False, [("main-web-blue", "main-web"),
                                                      ("main-web-green", "")]),
        ("main-internal",    "main",     NLB, True,  [("main-worker-tg", "main-worker")]),
        ("checkout-alb-w",   "checkout", ALB, False, [("checkout-web-w", "checkout-web")]),
        ("identity-alb",     "identity", ALB, False, [("identity-api-tg", "identity-api")]),
        ("k8s-ingress",      "platform", NLB, False, [("k8s-http", "k8s-node"),
                                                      ("k8s-https", "k8s-node")]),
    ],
    (PRODUCTION, EUROPE): [
        ("main-web-alb-eu",  "main",     ALB, False, [("main-web-eu", "main-web")]),
        ("search-nlb",       "search",   NLB, True,  [("search-nodes", "search-node")]),
        ("catalog-alb-eu",   "catalog",  ALB, False, [("catalog-api-eu", "catalog-api")]),
        ("k8s-ingress-eu",   "platform", NLB, False, [("k8s-http-eu", "k8s-node")]),
    ],
    (STAGING, EAST): [
        ("checkout-alb-stg", "checkout", ALB, False, [("checkout-web-stg", "checkout-web")]),
        ("orders-stg",       "orders",   ALB, True,  [("orders-api-stg", "orders-api")]),
    ],
    (STAGING, WEST): [
        ("main-alb-stg",     "main",     ALB, False, [("main-web-stg", "main-web")]),
        ("k8s-stg",          "platform", NLB, True,  [("k8s-http-stg", "k8s-node")]),
    ],
    (STAGING, EUROPE): [
        ("search-stg",       "search",   NLB, True,  [("search-nodes-stg", "search-node")]),
    ],
    (DEVELOPMENT, EAST): [
        ("dev-lb-old",       "adhoc",    ALB, False, [("dev-tg-old", "")]),
    ],
    (DEVELOPMENT, WEST): [
        ("dev-alb",          "platform", ALB, False, [("dev-main", "dev-main"),
                                                      ("dev-k8s", "dev-k8s")]),
    ],
}

# ------------------------------------------------------------------ messages, tables, secrets
QUEUES = {
    (PRODUCTION, EAST): [("orders-failed", "", "orders"), ("orders", "orders-failed", "orders")],
    (PRODUCTION, WEST): [("ingest-failed", "", "analytics"),
                         ("ingest", "ingest-failed", "analytics")],
    (STAGING, EAST): [("orders", "", "orders")],
}
TOPICS = {
    (PRODUCTION, EAST): [("alerts", (), "platform"), ("order-events", ("orders",), "orders")],
    (PRODUCTION, WEST): [("alerts", (), "platform")],
}
ALARMS = {
    (PRODUCTION, WEST): [
        Alarm("pg-instance-main1 CPU", "AWS/RDS CPUUtilization", "DBInstanceIdentifier",
              "pg-instance-main1", "alerts"),
        Alarm("ingest is late", "AWS/SQS ApproximateAgeOfOldestMessage", "QueueName", "ingest",
              "alerts", 600),
    ],
}
TABLES = {
    (PRODUCTION, EAST): [Table("carts", recovery=True, tags=tags("checkout", PRODUCTION))],
    (PRODUCTION, WEST): [Table("sessions", protected=True, recovery=True,
                               tags=tags("identity", PRODUCTION))],
    (DEVELOPMENT, WEST): [Table("sessions-test", tags=tags("identity", DEVELOPMENT))],
}
SECRETS = {
    (PRODUCTION, WEST): [Secret("prod/main/db", tags("main", PRODUCTION)),
                         Secret("prod/identity/signing", tags("identity", PRODUCTION))],
    (STAGING, WEST): [Secret("staging/main/db", tags("main", STAGING))],
}
WAYS_OUT = {(PRODUCTION, WEST)}

# ------------------------------------------------------------------ Kubernetes and names
KUBERNETES = {
    (PRODUCTION, WEST): [Kubernetes("apps", (("general", 3),),
                                    tags("platform", PRODUCTION))],
}
PROFILES = {(PRODUCTION, WEST): [Profile("backup-writer", "pg-backup-server")]}
ZONES = {
    (PRODUCTION, WEST): [Zone("larkfield.example", (("", "main-web-alb"), ("www", "main-web-alb"),
                                                    ("login", "identity-alb")),
                              tags("main", PRODUCTION))],
}

# ------------------------------------------------------------------ networks
#   account: (short name, tiers, zones, security groups)
NETWORKS = {
    PRODUCTION: ("prod", ("public", "private", "data"), "abc",
                 ("lb", "app", "data", "bastion", "monitoring", "redis", "kafka", "vpn", "k8s-node",
                  "k8s-control", "lambda", "batch", "erp", "legacy-open")),
    STAGING: ("stg", ("public", "private", "data"), "ab",
              ("lb", "app", "data", "bastion", "monitoring", "k8s-node", "lambda", "loadtest")),
    DEVELOPMENT: ("dev", ("public", "private"), "ab",
                  ("lb", "app", "data", "bastion", "ci", "launch-wizard-1")),
}

# ------------------------------------------------------------------ from tables to sites


def instance_name(app: str, role: str, environment: str, number: int) -> str:
    """Each kind of team has its own idea of a name."""
    subject = role if app in ("platform", "adhoc") else f"{app}-{role}"
    if APPS[app][0] == "legacy":
        suffix = {PRODUCTION: "P", STAGING: "S", DEVELOPMENT: "D"}[environment]
        return f"{subject.upper()}{number:02}{suffix}"
    return {PRODUCTION: f"{subject}-{number}", STAGING: f"{subject}-stg-{number}",
            DEVELOPMENT: f"dev-{subject}-{number}"}[environment]


def fleets(environment: str, region: str) -> list[Instance]:
    made = []
    for app, role, kind, disks, *counts, copies in FLEETS:
        labels = tags(app, environment)
        if role in SCALED:
            labels |= {"aws:autoscaling:groupName": f"{role}-{environment}"}
        count = counts[ENVIRONMENTS.index(environment)][REGIONS.index(region)]
        for number in range(1, count + 1):
            made.append(Instance(
                instance_name(app, role, environment, number), kind, tags=labels, disks_gb=disks,
                tier="public" if role == "bastion" else "private",
                group=role if role in ("bastion", "k8s-node") else "app",
                stopped=(role, environment, region) in NIGHTLY_OFF,
                snapshots=copies if environment == PRODUCTION else 0))
    return made


def hostile() -> list[Instance]:
    return [Instance(name, "t3.nano", tags=tags("adhoc", DEVELOPMENT), disks_gb=(8,))
            for name in HOSTILE] + [
        Instance("long-note", "t3.nano", disks_gb=(8,), tags={"note": LONG_VALUE})]


def site(environment: str, region: str, cidr: str) -> Site:
    here = (environment, region)
    short, tiers, zones, groups = NETWORKS[environment]
    instances = fleets(environment, region) + INSTANCES.get(here, [])
    if here == (DEVELOPMENT, EUROPE):
        instances += hostile()
    return Site(
        network=Network(f"{short}-{region}", cidr, tiers, zones, groups,
                        tags("platform", environment)),
        instances=instances,
        volumes=VOLUMES.get(here, []),
        databases=DATABASES.get(here, []),
        clusters=CLUSTERS.get(here, []),
        buckets=BUCKETS.get(here, []),
        layers=[Layer(name) for name in LAYERS.get(here, [])],
        functions=[Function(name, memory, runtime, aliases=aliases, layer=layer,
                            tags=tags(app, environment))
                   for name, app, memory, runtime, aliases, layer in FUNCTIONS.get(here, [])],
        balancers=[Balancer(name, kind, internal, tuple(targets), tags(app, environment))
                   for name, app, kind, internal, targets in BALANCERS.get(here, [])],
        queues=[Queue(name, failed, tags(app, environment))
                for name, failed, app in QUEUES.get(here, [])],
        topics=[Topic(name, queues, tags(app, environment))
                for name, queues, app in TOPICS.get(here, [])],
        alarms=ALARMS.get(here, []),
        tables=TABLES.get(here, []),
        secrets=SECRETS.get(here, []),
        kubernetes=KUBERNETES.get(here, []),
        profiles=PROFILES.get(here, []),
        zones=ZONES.get(here, []),
        way_out=here in WAYS_OUT,
    )


def account(number: str, environment: str, first_cidr: int) -> Account:
    return Account(number, environment, WEST, {
        region: site(environment, region, f"10.{first_cidr + index}")
        for index, region in enumerate(REGIONS)})


WORLD = World(seed=42, accounts=(
    account("123456789012", PRODUCTION, 10),
    account("987654321098", STAGING, 20),
    account("456789012345", DEVELOPMENT, 30),
))
