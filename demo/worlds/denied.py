# SPDX-License-Identifier: Apache-2.0
"""A cloud that says no: its user may do everything but stop or delete a database.

Moto's enforcement is crude (it ignores the resource of a Deny, and refuses some signed GETs),
so this world has databases and instances only, on a server of its own.
"""

from kinds import Account, Database, Instance, Network, Site, World

PRODUCTION = {"environment": "production", "app": "main"}

WORLD = World(seed=11, accounts=(
    Account("123456789012", "denied", "us-west-2", sites={"us-west-2": Site(
        network=Network("main", "10.20", ("private",), "ab", ("app", "data"), PRODUCTION),
        instances=[
            Instance("main-web-1", tags=PRODUCTION),
            Instance("main-web-2", tags=PRODUCTION),
        ],
        databases=[
            Database("pg-instance-main1", version="14.7", size="db.r6g.large", multi_az=True,
                     protected=True, tags=PRODUCTION),
            Database("pg-instance-spare", version="14.7", tags=PRODUCTION),
        ],
    )}, policy={"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["rds:StopDBInstance", "rds:DeleteDBInstance"],
         "Resource": "*"},
    ]}),
))
