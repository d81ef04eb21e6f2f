# SPDX-License-Identifier: Apache-2.0
"""Starts, ends and asks the demo cloud; `escher demo up|down` and the tests call it.

    up       start a server on a free loopback port, seed it, write what leads to it, and print
             `export NAME=value` lines for a shell; a demo that is already up is begun afresh
    down     end it by process id; nothing to end is no mistake
    status   print the state file; exit code 1 when the demo is not up
    state    ask the server itself, not through Escher, how resources are doing (as JSON)

In the folder of the demo: state.json (see state.py), config and credentials in the form the AWS
tools read, server.log. All keys in there are of the emulator and open nothing else.
"""

import argparse
import configparser
import contextlib
import fcntl
import importlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

import state

HERE = pathlib.Path(__file__).resolve().parent
WORLDS = sorted(path.stem for path in (HERE / "worlds").glob("*.py"))


def say(text: str) -> None:
    print(f"demo: {text}", file=sys.stderr, flush=True)


class Home:
    """The folder of one demo."""

    def __init__(self, folder: str | None, world: str):
        if folder is None:
            state_home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
            base = os.environ.get("ESCHER_HOME") or os.path.join(state_home, "escher")
            folder = os.path.join(base, "demo" if world == "full" else f"demo-{world}")
        self.folder = pathlib.Path(folder).absolute()
        self.state = str(self.folder / "state.json")
        self.config = self.folder / "config"
        self.credentials = self.folder / "credentials"
        self.log = self.folder / "server.log"

    @contextlib.contextmanager
    def locked(self):
        """One `up` or `down` at a time."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def end(home: Home) -> bool:
    """Ends the server if it runs and forgets it; tells whether it ran."""
    document = state.read(home.state)
    was_alive = state.is_alive(document)
    if was_alive:
        state.end(document)
    for path in (home.state, home.config, home.credentials):
        pathlib.Path(path).unlink(missing_ok=True)
    return was_alive


def start(home: Home, port: int, tie: int | None) -> subprocess.Popen:
    """Starts a server in a session of its own; it survives us."""
    command = [sys.executable, str(HERE / "server.py"), "--state", home.state, "--port", str(port)]
    if tie:
        command += ["--tie", str(tie)]
    with open(home.log, "w") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                start_new_session=True)


def wait(home: Home, server: subprocess.Popen, patience_s: float = 300.0) -> dict:
    """Waits until the server listens, and returns what it wrote down."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and server.poll() is None:
        document = state.read(home.state)
        if document:
            return document
        time.sleep(0.02)
    server.kill()
    raise RuntimeError(f"the server did not start; its last words are in {home.log}")


def write_profiles(home: Home, document: dict) -> None:
    """The config and credentials files that lead the AWS tools, and Escher, to the demo."""
    config = configparser.ConfigParser(interpolation=None)
    for account in document["accounts"]:
        profile = {"region": account["region"], "output": "json",
                   "endpoint_url": document["endpoint"]}
        if account["role_arn"]:
            # The session's name changes with each demo, so that the AWS CLI never takes a
            # session of an earlier one from its cache.
            profile |= {"role_arn": account["role_arn"], "source_profile": "base",
                        "role_session_name": f"escher-demo-{document['started']}"}
        config[f"profile {account['profile']}"] = profile
    credentials = configparser.ConfigParser(interpolation=None)
    for profile, key in document["keys"].items():
        credentials[profile] = {"aws_access_key_id": key["access_key_id"],
                                "aws_secret_access_key": key["secret_access_key"]}
    for path, content in ((home.config, config), (home.credentials, credentials)):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            content.write(file)


def print_exports(home: Home, document: dict) -> None:
    exports = {
        "AWS_CONFIG_FILE": home.config,
        "AWS_SHARED_CREDENTIALS_FILE": home.credentials,
        "AWS_EC2_METADATA_DISABLED": "true",
        "ESCHER_DEMO_ENDPOINT": document["endpoint"],
        "ESCHER_DEMO_STATE": home.state,
    }
    for name, value in exports.items():
        print(f"export {name}={shlex.quote(str(value))}")


def up(home: Home, options: argparse.Namespace) -> int:
    world = importlib.import_module(f"worlds.{options.world}").WORLD
    began = time.monotonic()
    with home.locked():
        if end(home):
            say("it was up already; beginning afresh")
        server = start(home, options.port, options.tie)
        try:
            from seed import seed  # here: it takes as long as the server does to start

            document = wait(home, server)
            say(f"seeding at {document['endpoint']}")
            keys = seed(document["endpoint"], world)
        except BaseException:
            server.kill()
            server.wait()
            end(home)
            raise
        document |= {"world": options.world, "ready": True, "keys": keys, "accounts": [
            {"id": account.id, "name": account.name, "profile": account.name,
             "role_arn": None if account.policy else account.role_arn,
             "region": account.region, "regions": list(account.sites)}
            for account in world.accounts]}
        write_profiles(home, document)
        state.write(home.state, document)
    say(f"ready after {time.monotonic() - began:.1f} s")
    print_exports(home, document)
    return 0


def down(home: Home, _options: argparse.Namespace) -> int:
    with home.locked():
        say("ended" if end(home) else "was not up")
    return 0


def status(home: Home, _options: argparse.Namespace) -> int:
    document = state.read(home.state)
    alive = state.is_alive(document)
    if alive:
        print(json.dumps(document, indent=2))
    else:
        say("not up")
    return 0 if alive and document["ready"] else 1


def ask(home: Home, options: argparse.Namespace) -> int:
    from ask import resources

    document = state.read(home.state)
    if not state.is_alive(document):
        say("not up")
        return 1
    found = [row for row in resources(document, options.type)
             if not options.names or options.names & row["names"]]
    known = set().union(*(row.pop("names") for row in found))
    print(json.dumps(found, indent=2))
    for name in sorted(options.names - known):
        say(f"nothing is called `{name}`")
    return 0 if options.names <= known else 1


VERBS = {"up": up, "down": down, "status": status, "state": ask}


def main() -> int:
    parser = argparse.ArgumentParser(prog="demo/cloud", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("names", nargs="*", help="state: only resources of these names or ids")
    parser.add_argument("--home", help="the demo's folder")
    parser.add_argument("--world", choices=WORLDS, default="full")
    parser.add_argument("--port", type=int, default=0, help="up: 0 takes a free one")
    parser.add_argument("--tie", type=int, metavar="PID", help="up: end when this process ends")
    parser.add_argument("--type", help="state: only this type, for instance rds_instance")
    options = parser.parse_intermixed_args()
    options.names = set(options.names)
    if options.names and options.verb != "state":
        parser.error(f"`{options.verb}` takes no names")
    home = Home(options.home, options.world)
    try:
        return VERBS[options.verb](home, options)
    except (OSError, RuntimeError) as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
