# SPDX-License-Identifier: Apache-2.0
"""What is measured, room by room. Each function yields rows; see Row for what a row says."""

import concurrent.futures
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import machine
import place
from place import AWS, BUILD, ROOT

MINILM = ROOT / "build/weights/model.safetensors"
ESCEMB = ROOT / "build/share/minilm.escemb"
SAMPLES = ROOT / "tests/cases/embed/minilm-sample.jsonl"
VENV = ROOT / "build/bench/venv"


@dataclasses.dataclass
class Row:
    name: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str | None = None  # or why there is none
    goal: float | None = None
    more_is_better: bool = False
    state: dict = dataclasses.field(default_factory=dict)  # machine.Watch.state()

    def ratio(self) -> float | None:
        """How many times as good as the peer."""
        if not self.peer or not self.ours:
            return None
        return self.ours / self.peer if self.more_is_better else self.peer / self.ours

    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.ours >= self.goal if self.more_is_better else self.ours <= self.goal


class Measured(dict):
    """The lines of a benchmark program, by name; `state` is the machine's meanwhile."""

    state: dict


def measure(command: list, environment: dict | None = None) -> Measured:
    machine.await_quiet(PATIENCE_S)
    with machine.Watch() as watch:
        made = subprocess.run([str(word) for word in command], text=True, check=True,
                              stdout=subprocess.PIPE, env=environment or dict(os.environ))
    found = Measured()
    for line in made.stdout.splitlines():
        if line.startswith("{"):
            entry = json.loads(line)
            found[entry["name"]] = entry["value"]
    found.state = watch.state()
    return found


PATIENCE_S = 20.0


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def mean(values: list[float]) -> float:
    """Of what is counted in ticks of a hundredth of a second."""
    return sum(values) / len(values)


def p95(values: list[float]) -> float:
    return sorted(values)[min(int(0.95 * len(values)), len(values) - 1)]


# ---- crypt ----


def crypt():
    found = measure([BUILD / "tests/bench/bench-crypt"])
    for size, words in ((1024, "1 KiB rows"), (65536, "64 KiB rows")):
        for verb in ("seal", "open"):
            yield Row(f"{verb} {words}", "MB/s", found[f"{verb} {size}"],
                      found[f"sodium {verb} {size}"], "libsodium AES-256-GCM",
                      more_is_better=True, state=found.state)


# ---- wire ----


READ_WITH_BOTOCORE = """
import sys, time
from awscli.botocore import parsers, session
model = session.Session().get_service_model("ec2").operation_model("DescribeInstances")
answer = {"headers": {}, "status_code": 200, "body": open(sys.argv[1], "rb").read()}
times = []
for _ in range(7):
    begin = time.process_time()
    parsers.create_parser("ec2").parse(answer, model.output_shape)
    times.append((time.process_time() - begin) * 1000)
print(sorted(times)[3])
"""


def wire():
    with tempfile.TemporaryDirectory() as folder:
        answer = pathlib.Path(folder) / "instances.xml"
        found = measure([BUILD / "tests/bench/bench-wire", answer])
        peer = subprocess.run([ROOT / ".venv/bin/python", "-c", READ_WITH_BOTOCORE, answer],
                              capture_output=True, text=True)
    yield Row("1,000 instances of XML, CPU", "ms", found["1,000 instances of XML, median"],
              float(peer.stdout) if peer.returncode == 0 else None,
              "botocore's parser" if peer.returncode == 0 else "no AWS CLI", goal=50,
              state=found.state)
    yield Row("freeing what they became, CPU", "ms", found["freeing what they became, median"],
              peer_name="none", state=found.state)
    yield Row("a call made and signed, CPU", "us", found["a call made and signed, median"],
              peer_name="none", state=found.state)


# ---- backup ----


def backup():
    found = measure([BUILD / "tests/bench/bench-backup"])
    none = "none: others copy without trying"
    yield Row("backup of 100 MB, restored on trial", "MB/s", found["backup of 100 MB, tried"],
              peer_name=none, goal=100, more_is_better=True, state=found.state)
    yield Row("restore of 100 MB", "s", found["restore of 100 MB"], peer_name=none, goal=10,
              state=found.state)
    yield Row("a step of a backup, p99", "ms", found["a step of a backup, p99"], peer_name=none,
              state=found.state)


# ---- iam ----


def iam():
    found = measure([BUILD / "tests/bench/bench-iam"])
    name = "1,000 resources, 8 actions, 120 statements"
    none = "none: others ask the cloud"
    yield Row("may: " + name, "ms", found[name + ", median"], peer_name=none, goal=100,
              state=found.state)
    yield Row("read 120 statements", "ms", found["read 120 statements"], peer_name=none,
              state=found.state)


# ---- impact ----


def impact():
    with tempfile.TemporaryDirectory() as folder:
        found = measure([BUILD / "tests/bench/bench-impact"],
                        dict(os.environ) | {"ESCHER_HOME": folder, "ESCHER_SHARE": str(ROOT),
                                            "ESCHER_RUN": str(BUILD / "apps/run/escher-run")})
    none = "none: no other program does this"
    hub = f"{found['hub, counted']:,.0f} of {found['resources']:,.0f}"
    yield Row(f"what breaks with a hub: {hub}", "ms", found["hub, median"], peer_name=none,
              goal=200, state=found.state)
    yield Row("what breaks with one machine of them", "ms", found["machine, median"],
              peer_name=none, goal=200, state=found.state)
    yield Row("the same with nothing kept: a hub", "ms", found["hub, nothing kept, median"],
              peer_name=none, state=found.state)


# ---- embed ----


def short_samples(folder: pathlib.Path) -> pathlib.Path:
    """64 texts of ordinary length, so that nobody's padding is measured; the first is a prompt."""
    lines = SAMPLES.read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if 8 <= len(json.loads(line)["token_ids"]) <= 40
             and json.loads(line)["text"].isprintable()]
    path = folder / "samples.jsonl"
    path.write_text("\n".join((lines * 64)[:64]) + "\n", encoding="utf-8")
    (folder / "texts").write_text("\n".join(
        json.loads(line)["text"] for line in path.read_text().splitlines()) + "\n")
    return path


def peer_venv() -> pathlib.Path:
    wanted = (ROOT / "tools/bench-requirements.txt").read_text()
    stamp = VENV / "bench.stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([VENV / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps",
                        "--disable-pip-version-check", "--only-binary=:all:", "--require-hashes",
                        "--requirement", ROOT / "tools/bench-requirements.txt"], check=True)
        stamp.write_text(wanted)
    return VENV / "bin/python"


def embed():
    with tempfile.TemporaryDirectory() as name:
        samples = short_samples(pathlib.Path(name))
        ours = measure([BUILD / "tests/bench/bench-embed", ESCEMB, pathlib.Path(name) / "texts"])
        peer, peer_name = {}, "ONNX Runtime fp32, 1 thread"
        try:
            peer = measure([peer_venv(), ROOT / "tests/bench/minilm_onnx.py", MINILM, samples])
        except (OSError, subprocess.CalledProcessError) as error:
            peer_name = f"none: ONNX Runtime could not be set up ({error})"
        for what, unit, more in (("one text, median", "ms", False), ("one text, p95", "ms", False),
                                 ("batch, median", "texts/s", True)):
            shown = what.replace("batch", "batch of 64")
            yield Row(f"embed {shown}", unit, ours[what], peer.get(what), peer_name,
                      more_is_better=more, state=ours.state)
        yield Row("open the weights", "ms", ours["open the weights"],
                  peer_name="none: the peer loads no mapped file", state=ours.state)


# ---- find, in this process ----


def find(here: place.Place):
    for copies in (1, 10):
        found = measure([BUILD / "tests/bench/bench-find", here.export(), copies, ESCEMB])
        for name, value in found.items():
            yield Row(name, "ms", value, peer_name="none: the command line has one",
                      state=found.state)


# ---- plan ----


def plan(here: place.Place):
    found = measure([BUILD / "tests/bench/bench-plan", place.PASSPHRASE],
                    dict(os.environ) | here.environment)
    none = "none: no other program does this"
    yield Row("prompt to plan, 1,000 resources, median", "ms", found["prompt to plan, median"],
              peer_name=none, state=found.state)
    yield Row("prompt to plan, 1,000 resources, p95", "ms", found["prompt to plan, p95"],
              peer_name=none, goal=100, state=found.state)
    yield Row("open the workbench", "ms", found["open the workbench"], peer_name=none,
              state=found.state)


# ---- scan ----


def calls_of(here: place.Place) -> list:
    """Every call a scan makes, recorded by a scan of its own."""
    recorder = place.Recorder(here.folder)
    here.escher("sync", "--inline", "--quiet", "--transport", "cli",
                ESCHER_AWS=str(recorder.path))
    return recorder.calls()


def make_call(call: tuple[list, dict]) -> place.Took:
    with open(os.devnull, "wb") as nowhere:
        return place.run(call[0], call[1], nowhere)


def bare_cli(calls: list, at_once: int) -> place.Took:
    """The same calls by the AWS CLI alone, their JSON thrown away."""
    began = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        took = list(pool.map(make_call, calls))
    return place.Took(time.perf_counter() - began, sum(one.cpu for one in took), 0)


def timed_sync(here: place.Place, *words, **variables) -> tuple[place.Took, dict]:
    with tempfile.TemporaryFile() as output:
        took = here.timed("sync", "--inline", "--quiet", "--json", *words, output=output,
                          **variables)
        output.seek(0)
        return took, json.loads(output.read().decode().splitlines()[-1])


def forty_calls(here: place.Place):
    """The same lists by our transport, by the AWS CLI and by boto3, each in its own process."""
    state = json.loads(pathlib.Path(here.environment["ESCHER_DEMO_STATE"]).read_text())
    account = state["accounts"][0]
    words = [account["profile"], account["id"], state["endpoint"]]
    program, environment = BUILD / "tests/bench/bench-scan", dict(os.environ) | here.environment
    rounds = [measure([program, "native", *words], environment) for _ in range(5)]
    cli = measure([program, "cli", *words, AWS], environment)
    boto3 = measure([ROOT / ".venv/bin/python", ROOT / "tests/bench/boto3_reads.py",
                     account["profile"], state["endpoint"]], environment)
    assert {found["records"] for found in rounds} == {cli["records"]}, "the records differ"
    ours, watched = best_of(rounds, "processor"), rounds[-1].state
    yield Row("40 list calls to records, processor", "s", ours, boto3["processor"],
              "boto3, one process, no records", goal=0.02, state=watched)
    yield Row("40 list calls, of it in the kernel", "s", best_of(rounds, "of it in the kernel"),
              peer_name="none", state=watched)
    yield Row("40 list calls, wall", "s", best_of(rounds, "wall"), boto3["wall"],
              "boto3, one call at a time", state=watched)
    yield Row("40 list calls, the AWS CLI's processor", "times ours", cli["processor"] / ours,
              peer_name="the AWS CLI, the same records", goal=800, more_is_better=True,
              state=cli.state)


FAKE_ACCOUNT = "111111111111"
FAKE_REGIONS = "us-east-1,us-west-2,eu-west-1"


@contextlib.contextmanager
def fake_cloud(here: place.Place, *words: str):
    """A cloud of our own (docs/internals/fake-aws.md) and a store that knows its one account."""
    server = subprocess.Popen(
        [BUILD / "tests/fake-aws", "--accounts", FAKE_ACCOUNT, "--regions", FAKE_REGIONS, *words],
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        line = json.loads(server.stdout.readline())
        key = line["accounts"][0]
        variables = {"ESCHER_HOME": str(here.folder / f"fake{server.pid}"),
                     "AWS_ACCESS_KEY_ID": key["access_key_id"],
                     "AWS_SECRET_ACCESS_KEY": key["secret_access_key"],
                     "ENDPOINT": line["url"]}
        here.escher("init", "--keyring", "file", **variables)
        here.escher("accounts", "add", FAKE_ACCOUNT, "--name", "fake", "--emulator", line["url"],
                    "--regions", FAKE_REGIONS, "--inline", **variables)
        yield variables
    finally:
        server.communicate("", timeout=30)


def processor_of(pid: int, with_kernel: bool = True) -> float:
    """Seconds of processor time a process has used, its threads together."""
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12]) * with_kernel) / os.sysconf("SC_CLK_TCK")


def await_rest(pid: int) -> None:
    """Until the core has done what it does after a sync: vectors, blocks of the index."""
    quiet = 0
    while quiet < 3:
        before = processor_of(pid)
        time.sleep(1)
        quiet = quiet + 1 if processor_of(pid) - before < 0.02 else 0


def sync_page(here: place.Place, words: list, variables: dict) -> dict:
    return json.loads(here.escher("sync", "--quiet", "--json", *words, **variables).splitlines()[-1])


def await_known(here: place.Place, words: list, variables: dict) -> None:
    """Until a sync leaves out every place: those before it have shown that nothing changes there."""
    for _ in range(8):
        page = sync_page(here, words, variables)
        if page.get("places_known", 0) == len(FAKE_REGIONS.split(",")) + ("--incremental" not in words):
            return
    raise RuntimeError(f"the places do not become known: {page.get('places_known', 0)}")


def unchanged_of(here: place.Place, pid: int, words: list, variables: dict):
    name = "the 15-minute sync" if words else "a full sync"
    machine.await_quiet(PATIENCE_S)
    took, outside = [], []
    with machine.Watch() as watch:
        for _ in range(9):
            before, before_outside = processor_of(pid), processor_of(pid, False)
            page = sync_page(here, words, variables)
            took.append(processor_of(pid) - before)
            outside.append(processor_of(pid, False) - before_outside)
            assert (page["added"], page["changed"]) == (0, 0), page
    shown = f"none: no other does this; {page['calls']} calls, {page['resources']} resources"
    yield Row(f"{name} that finds nothing changed, processor", "s", mean(took), peer_name=shown,
              state=watch.state())
    yield Row(f"{name}, of it outside of the kernel", "s", mean(outside), goal=0.05,
              peer_name="none: libcurl's share is in it", state=watch.state())


def unchanged(here: place.Place):
    """A running core looks again at a cloud in which nothing has changed."""
    with fake_cloud(here, "--size", "1600") as variables:
        here.escher("sync", "--quiet", **variables)
        pid = here.core(variables["ESCHER_HOME"])
        try:
            for words in (["--incremental"], []):
                await_rest(pid)
                await_known(here, words, variables)
                yield from unchanged_of(here, pid, words, variables)
        finally:
            here.escher("core", "stop", may_fail=True, **variables)


def slow_and_throttled(here: place.Place):
    machine.await_quiet(PATIENCE_S)
    none = "none: no other program does this"
    with fake_cloud(here, "--size", "1600", "--latency-ms", "100") as variables:
        lists = measure([BUILD / "tests/bench/bench-scan", "native", "-", FAKE_ACCOUNT,
                         variables["ENDPOINT"]], dict(os.environ) | here.environment | variables)
        with machine.Watch() as watch:
            _, slow = timed_sync(here, **variables)
    assert lists["resources"] >= 1000, lists
    yield Row("1,000 resources at 100 ms a call, to records", "s", lists["wall"], goal=2,
              peer_name=f"none: 40 lists, {lists['resources']:.0f} resources", state=lists.state)
    yield Row("everything at 100 ms a call, into the store", "s", slow["took_ms"] / 1000,
              peer_name=f"none: {slow['calls']} calls, {slow['resources']} resources",
              state=watch.state())
    with fake_cloud(here, "--size", "1000") as variables:
        _, plain = timed_sync(here, **variables)
    with fake_cloud(here, "--size", "1000", "--throttle", "30") as variables:
        with machine.Watch() as watch:
            took, throttled = timed_sync(here, **variables)
    assert throttled["resources"] == plain["resources"], "something was not seen"
    yield Row("30 % of all calls throttled, calls", "times", throttled["calls"] / plain["calls"],
              peer_name=none, goal=2, state=watch.state())
    yield Row("30 % of all calls throttled, wall", "s", took.wall, peer_name=none,
              state=watch.state())


def scan(here: place.Place):
    yield from forty_calls(here)
    yield from unchanged(here)
    yield from slow_and_throttled(here)
    machine.await_quiet(PATIENCE_S)
    with machine.Watch() as watch:
        first, page = timed_sync(here)
    calls = calls_of(here)
    machine.await_quiet(PATIENCE_S)
    with machine.Watch() as peer_watch:
        bare = bare_cli(calls, os.cpu_count() or 1)
    state = watch.state() | {"others_at_peer": peer_watch.others,
                             "note": "`others` holds the demo cloud's own work"}
    same = f"the same {len(calls)} calls, {os.cpu_count()} at once"
    later = f"{same}; {page.get('wordless', 0)} vectors follow later"
    yield Row("scan the demo world, calls", "calls", page["calls"], peer_name="none",
              state=state)
    yield Row("scan the demo world, resources", "resources", page["resources"], peer_name="none",
              more_is_better=True, state=state)
    yield Row("scan the demo world, wall", "s", first.wall, bare.wall, later, goal=5,
              state=state)
    yield Row("scan the demo world, processor", "s", first.cpu, bare.cpu, same, state=state)



# ---- a large estate; long: the rates that services publish take most of it ----


def estate(here: place.Place):
    """All of one account in three regions, twice: the second time nothing has changed. Its kinds are
    mixed as in a large estate, where most things cost no call of their own; the rates that services
    publish bind a sync of the usual mix, with calls for a thousand buckets and functions, instead."""
    with fake_cloud(here, "--size", str(LARGE), "--large", "1") as variables:
        for words in ("first", "unchanged"):
            machine.await_quiet(PATIENCE_S)
            with machine.Watch() as watch:
                took, page = timed_sync(here, looks_at_memory=True, **variables)
            assert page["resources"] > LARGE * 9 / 10, page
            state, per = watch.state(), 1000 / page["resources"]
            seen = f"none: {page['calls']} calls, {took.wall:.0f} s"
            yield Row(f"{LARGE:,} resources, {words}: anonymous memory", "MB", took.anonymous,
                      peer_name=seen, goal=150, state=state)
            yield Row(f"{LARGE:,} resources, {words}: with what is mapped", "MB", took.resident,
                      peer_name=seen, state=state)
            yield Row(f"a thousand of them, {words}: processor", "s", took.cpu * per,
                      peer_name=seen, state=state)


# ---- the core, from outside ----

QUESTIONS = {"a name": "pg-instance-main1", "a part": "pg-main1", "a typo": "pg-instnace-main1",
             "by kind": "production database", "by meaning": "nightly backups of billing"}


def times_of(here: place.Place, words: list, rounds: int) -> list[float]:
    with open(os.devnull, "wb") as nowhere:
        return [place.run(words, here.environment, nowhere).wall * 1e3 for _ in range(rounds)]


def memory_mb(pid: int, name: str) -> float:
    return int((machine.field(f"/proc/{pid}/status", name) or "0").split()[0]) / 1024


def core(here: place.Place):
    estate = here.export()
    began = here.timed("find", "pg-instance-main1")  # starts the core
    pid = here.core()
    every = []
    for kind, text in QUESTIONS.items():
        machine.await_quiet(PATIENCE_S)
        with machine.Watch() as watch:
            ours = times_of(here, [place.ESCHER, "find", text], 60)
            peer = times_of(here, ["/usr/bin/grep", "-i", text, estate], 60)
        every += ours
        yield Row(f"escher find {kind}, median", "ms", median(ours), median(peer),
                  "grep -i of the same estate, in clear", goal=20, state=watch.state())
        yield Row(f"escher find {kind}, p95", "ms", p95(ours), p95(peer),
                  "grep -i of the same estate, in clear", state=watch.state())
    yield Row("escher find, all kinds, p95", "ms", p95(every), goal=20, peer_name="none")
    yield Row("escher --version (starting a program)", "ms",
              median(times_of(here, [place.ESCHER, "--version"], 60)), peer_name="none")
    yield Row("first find, no core running", "ms", began.wall * 1e3, peer_name="none")
    here.escher("ask", "Stop pg-instance-main1")
    none = "none: no other program does this"
    yield Row("core, anonymous memory", "MB", memory_mb(pid, "RssAnon"), peer_name=none, goal=60)
    yield Row("core, mapped files (weights and programs)", "MB", memory_mb(pid, "RssFile"),
              peer_name=none)


# ---- the store ----

LARGE = 100_000
PACKAGES = (ROOT / "tools/bench-packages.txt").read_text().split()


def sqlcipher_peer() -> pathlib.Path:
    """Built here; its Debian package is installed by root, else the line to do it is told."""
    header = pathlib.Path("/usr/include/sqlcipher/sqlite3.h")
    if not header.exists() and os.geteuid() == 0:
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not header.exists():
        raise OSError(f"apt-get install {' '.join(PACKAGES)}")
    program = ROOT / "build/bench/sqlcipher-peer"
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-O2", "-o", program, ROOT / "tests/bench/sqlcipher_peer.c",
                    "-lsqlcipher"], check=True)
    return program


def best_of(rounds: list[Measured], name: str, more_is_better: bool = False) -> float:
    """Of some rounds the best: what others do on the machine and its disk only takes time."""
    values = [found[name] for found in rounds]
    return max(values) if more_is_better else min(values)


def store_rows(folder: pathlib.Path, estate: pathlib.Path):
    """Ours and the peer in turn, each round on files of its own."""
    program = BUILD / "tests/bench/bench-store"
    ours, peer, upserts, peer_name = [], [], [], "SQLCipher 3, the same rows"
    for number in range(3):
        place_of_round = folder / f"round-{number}"
        place_of_round.mkdir()
        ours.append(measure([program, "rows", place_of_round]))
        try:
            peer.append(measure([sqlcipher_peer(), place_of_round / "peer.db"]))
        except (OSError, subprocess.CalledProcessError) as error:
            peer_name = f"none: {error}"
        upserts.append(measure([program, "upserts", place_of_round, estate]))
        shutil.rmtree(place_of_round)
    state = ours[-1].state
    for verb in ("seal", "open"):
        yield Row(f"{verb} rows of 1 KiB, one core", "rows/s",
                  best_of(ours, f"{verb} rows of 1 KiB", True), goal=150_000,
                  peer_name="none: SQLCipher seals pages", more_is_better=True, state=state)
    for name in ("10,000 rows durable", "open and read 100,000 rows"):
        yield Row(f"{name}, 1 KiB each", "s", best_of(ours, name),
                  best_of(peer, name) if peer else None, peer_name, state=state)
    yield Row("10,000 resources durable", "s", best_of(upserts, "10,000 upserts durable"),
              peer_name="none: it has no resources", goal=0.6, state=upserts[-1].state)
    yield Row("10,000 resources durable, processor", "s",
              best_of(upserts, "10,000 upserts durable, processor"), peer_name="none",
              state=upserts[-1].state)
    action = median([found["a user action, median"] for found in ours])
    bare = median([found["a bare fdatasync, median"] for found in ours])
    yield Row("a user action", "ms", action, bare, "a bare fdatasync of a page, in turn",
              state=state)
    yield Row("of that not the fdatasync", "ms", max(action - bare, 0), peer_name="none",
              goal=0.2, state=state)


def store(here: place.Place):
    estate = here.export()
    yield from store_rows(here.folder, estate)
    home = {"ESCHER_HOME": str(here.folder / "large")}
    here.escher("init", "--keyring", "file", **home)
    environment = dict(os.environ) | here.environment | home
    program = BUILD / "tests/bench/bench-store"
    measure([program, "fill", place.PASSPHRASE, estate, LARGE], environment)
    measure([program, "start", place.PASSPHRASE], environment)  # which keeps the index
    starts = [measure([program, "start", place.PASSPHRASE], environment) for _ in range(5)]
    none, state = "none: no other program does this", starts[-1].state
    for name, goal in (("start to the first name", 300), ("start to everything", 600)):
        yield Row(f"{name}, {LARGE:,} resources", "ms", median([one[name] for one in starts]),
                  peer_name=none, goal=goal, state=state)
        processor = f"{name}, processor"
        yield Row(processor, "ms", median([one[processor] for one in starts]), peer_name=none,
                  state=state)
    yield Row(f"anonymous memory, {LARGE:,} resources", "MB",
              median([one["anonymous memory"] for one in starts]), peer_name=none, goal=90,
              state=state)


# ---- the window ----

MANY = 10_000


def many_lines(here: place.Place) -> pathlib.Path:
    """The estate over and over, each copy with names of its own."""
    path, count = here.folder / "many.jsonl", 0
    rows = [json.loads(line) for line in here.export().read_text().splitlines()]
    with open(path, "w", encoding="utf-8") as out:
        while count < MANY:
            copy = count // len(rows)
            row = dict(rows[count % len(rows)])
            for name in ("name", "identifier", "arn"):
                row[name] = f"{row.get(name) or ''}-{copy}" if copy else row.get(name)
            row["id"] = "-".join((row["account_id"], row["region"], row["resource_type"],
                                  row["identifier"]))
            print(json.dumps(row), file=out)
            count += 1
    return path


def window(here: place.Place):
    """On ten thousand resources, with the core and its index already there."""
    program = BUILD / "apps/desktop/escher-desktop"
    if not program.exists():
        print("# the window is not built here: webkit2gtk-4.1 is missing")
        return
    lines = many_lines(here)
    here.escher("core", "stop", may_fail=True)
    here.escher("estate", "import", lines, "--inline")
    here.escher("find", "pg-instance-main1")  # starts the core
    found = measure([sys.executable, ROOT / "tests/bench/window.py", program],
                    dict(os.environ) | here.environment)
    assert found["resources"] >= MANY, found
    none = "none: no other program shows this"
    for name, unit, goal in (
            ("first paint, warm, median", "ms", 500), ("first paint, cold, median", "ms", 1500),
            ("keystroke to paint, p95", "ms", 50), ("scroll frame, p95", "ms", 25),
            ("palette to paint, p95", "ms", 60), ("event from core to page, p95", "ms", 100),
            ("process tree, PSS, list open", "MB", 260), ("shell, PSS, list open", "MB", 60),
            ("process tree, PSS, after use", "MB", None), ("binary, stripped", "MB", 3)):
        if name in found:  # only root may make files cold
            yield Row(f"window: {name}", unit, found[name], peer_name=none, goal=goal,
                      state=found.state)


# ---- the story; long ----


def story():
    """On a clone of its own, without the compiler's cache; Debian's packages are there."""
    folder = ROOT / "build/bench/clone"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    environment = dict(os.environ) | {"CCACHE_DISABLE": "1"}
    environment.pop("ESCHER_HOME", None)
    try:
        for name, target, goal in (("make run, first", "run", 360), ("make run, second", "run", 45),
                                   ("make test", "test", 480)):
            machine.await_quiet(PATIENCE_S)
            with machine.Watch() as watch, open(ROOT / "build/bench/story.log", "wb") as log:
                took = place.run(["make", "-C", folder, target], environment, log)
            if took.code != 0:
                raise RuntimeError(f"{name}: exit code {took.code}; see build/bench/story.log")
            yield Row(name, "s", took.wall, peer_name="none", goal=goal, state=watch.state())
    finally:
        subprocess.run(["make", "-C", folder, "demo-down"], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)
