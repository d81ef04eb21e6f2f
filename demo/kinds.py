# SPDX-License-Identifier: Apache-2.0
"""What a demo world is made of: plain values that seed.py turns into calls.

A World has accounts, an account has one Site per region, a site has things. Names of networks
and groups connect things within one site; everything else stands alone. Tags are plain dicts;
what has a Name tag in the cloud takes it from `name`.
"""

from dataclasses import dataclass, field

Tags = dict[str, str]


@dataclass(frozen=True)
class Network:
    """A VPC with one subnet per tier and zone, and its security groups."""

    name: str
    cidr: str  # a /16, written "10.20"
    tiers: tuple[str, ...]
    zones: str  # "abc"
    groups: tuple[str, ...]
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Instance:
    name: str  # "" for one that nobody named
    type: str = "t3.medium"
    tier: str = "private"
    group: str = "app"
    tags: Tags = field(default_factory=dict)
    disks_gb: tuple[int, ...] = (30,)  # the first one is the root volume
    stopped: bool = False
    snapshots: int = 0  # how often all its volumes were copied


@dataclass(frozen=True)
class Volume:
    """A volume that is attached to nothing."""

    name: str
    size_gb: int = 100
    tags: Tags = field(default_factory=dict)
    snapshots: int = 0


@dataclass(frozen=True)
class Database:
    name: str
    engine: str = "postgres"
    version: str = "15.5"
    size: str = "db.t4g.medium"
    storage_gb: int = 100
    multi_az: bool = False
    protected: bool = False  # against deletion
    backup_days: int = 7
    replicas: tuple[str, ...] = ()
    snapshots: tuple[str, ...] = ()  # taken by hand
    stopped: bool = False
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Cluster:
    name: str
    engine: str = "aurora-postgresql"
    version: str = "15.4"
    members: tuple[str, ...] = ()
    size: str = "db.r6g.large"
    protected: bool = False
    snapshots: tuple[str, ...] = ()
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Bucket:
    name: str
    versioned: bool = False
    expire_days: int = 0  # 0 for no lifecycle at all
    archive_days: int = 0
    public_block: bool = True
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Layer:
    name: str
    runtime: str = "python3.12"


@dataclass(frozen=True)
class Function:
    name: str
    memory_mb: int = 128
    runtime: str = "python3.12"
    timeout_s: int = 30
    aliases: tuple[str, ...] = ()
    layer: str = ""
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Balancer:
    """A load balancer with its target groups; instances whose name starts with a target
    group's `serves` are registered in it."""

    name: str
    kind: str = "application"
    internal: bool = False
    targets: tuple[tuple[str, str], ...] = ()  # (target group, serves)
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Queue:
    name: str
    failed: str = ""  # the queue that takes what nobody could handle; made before this one
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Topic:
    name: str
    queues: tuple[str, ...] = ()  # of the same site, which it delivers to
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Alarm:
    """Tells a topic when a metric of one thing is high."""

    name: str
    metric: str  # "AWS/RDS CPUUtilization"
    dimension: str  # "DBInstanceIdentifier"
    of: str
    topic: str
    threshold: float = 80.0


@dataclass(frozen=True)
class Table:
    name: str
    protected: bool = False
    recovery: bool = False  # may be set back in time
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Secret:
    name: str
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Kubernetes:
    """An EKS cluster in the private subnets; each of its node groups has as many nodes."""

    name: str
    groups: tuple[tuple[str, int], ...] = ()
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A role for instances; those whose name starts with `serves` run with it."""

    name: str
    serves: str


@dataclass(frozen=True)
class Zone:
    """A hosted zone whose names lead to load balancers of its site, "" being the zone itself."""

    name: str
    leads: tuple[tuple[str, str], ...] = ()  # (name in the zone, load balancer)
    tags: Tags = field(default_factory=dict)


@dataclass
class Site:
    """What one account has in one region."""

    network: Network
    instances: list[Instance] = field(default_factory=list)
    volumes: list[Volume] = field(default_factory=list)
    databases: list[Database] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)
    buckets: list[Bucket] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    balancers: list[Balancer] = field(default_factory=list)
    queues: list[Queue] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    kubernetes: list[Kubernetes] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    zones: list[Zone] = field(default_factory=list)
    way_out: bool = False  # an internet gateway, and a NAT gateway with its address


@dataclass(frozen=True)
class Account:
    id: str
    name: str  # of the account, and of the profile that leads to it
    region: str  # the profile's default
    sites: dict[str, Site]
    role: str = "EscherDemo"
    # With a policy, the profile is a user of this account with its own key and this policy,
    # and no role; and from then on the cloud enforces policies.
    policy: dict | None = None

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.id}:role/{self.role}"


@dataclass(frozen=True)
class World:
    seed: int
    accounts: tuple[Account, ...]
