# SPDX-License-Identifier: Apache-2.0
"""A cloud for the tests of the AWS CLI calls: moto on a free port with two databases.

Prints `ENDPOINT CUT` once both are up: the cloud's address, and one that takes a call and hangs
up without an answer. Ends with SIGTERM, or when its parent is gone.
"""

import os
import select
import socket
import sys
import threading

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

import boto3  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.serving import make_server  # noqa: E402


def hang_up(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.close()


def end_with(parent: int) -> None:
    """A test that crashed leaves no server over."""
    descriptor = os.pidfd_open(parent)
    select.select([descriptor], [], [])
    os._exit(0)


def main() -> None:
    parent = int(sys.argv[1])
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=hang_up, args=(listener,), daemon=True).start()
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app),
                         threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.port}"
    rds = boto3.client("rds", region_name="us-west-2", endpoint_url=endpoint,
                       aws_access_key_id="seed", aws_secret_access_key="seed")
    for name in ["pg-instance-main1", "pg-instance-main2"]:
        rds.create_db_instance(DBInstanceIdentifier=name, Engine="postgres",
                               DBInstanceClass="db.t3.micro", AllocatedStorage=20)
    print(endpoint, f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    threading.Event().wait()


main()
