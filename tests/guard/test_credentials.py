# SPDX-License-Identifier: Apache-2.0
"""No credential stands in the store, in a file, in a log, in what is printed, in an argument list,
in the environment of anyone but the AWS CLI, or in memory once it is not needed any more.

Five ways lead to the cloud here, each with keys that stand nowhere else: variables of the
environment (with a session token), a profile in a file, a program, the keychain, and the role all
of them assume.
"""

import os
import pathlib
import subprocess
import unittest

import memory
import nobody
import stage
import tap
import traces

ACCOUNT = "123456789012"
PERSONS_OWN = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/EscherDemo"
BY_VARIABLES = {"secret": "Qv9marmalade7Xk2persimmon4Zr8bergamot1Wj",
                "token": "FwoGZXIvYXdzEPTclementine" * 12}
BY_PROFILE = {"secret": "Lw3kumquat6Nt8mirabelle2Hd5tamarind9Bc7x"}
BY_PROGRAM = {"secret": "Hs6quince3Mv8cloudberry1Yt7yuzu4Pf2medlar"}
BY_KEYCHAIN = {"secret": "Gx2damson7Rb5jackfruit9Lc4salak6Wn1carambola"}
KEY_VARIABLES = (b"AWS_ACCESS_KEY_ID=", b"AWS_SECRET_ACCESS_KEY=", b"AWS_SESSION_TOKEN=")


def variable(environ: bytes, name: bytes) -> bytes | None:
    return next((word[len(name):] for word in environ.split(b"\0") if word.startswith(name)), None)


class Credentials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = cls.enterClassContext(stage.Stage("small"))
        cls.said: list[stage.Said] = []
        cls.key_id = cls.stage.cloud.state["keys"]["base"]["access_key_id"]
        cls.cores = {}
        with memory.Watch() as cls.watch:
            cls.scan_and_run_by_variables()
            cls.scan_and_run_by_profile()
            cls.scan_by_program()
            cls.scan_by_keychain()
        cls.of_roles = cls.keys_of_roles()

    @classmethod
    def call(cls, *arguments: str, code: int = 0):
        said = cls.stage.escher(*arguments, code=code)
        cls.said.append(said)
        return said

    @classmethod
    def scan_and_run(cls, store: str, database: str, *account: str) -> None:
        of = ("--profile", store)
        cls.call("init", "--keyring", "file", *of)
        cls.call("accounts", "add", ACCOUNT, "--name", "production", "--emulator",
                 cls.stage.endpoint, "--regions", "us-west-2", *account, *of)
        cls.call("accounts", "test", ACCOUNT, *of)
        cls.call("sync", "--service", "rds", "--account", ACCOUNT, *of)
        plan = cls.call("ask", f"Stop {database}", "--json", *of, code=6).json
        cls.call(*cls.stage.approve(plan), *of)
        assert cls.stage.database(database) == "stopped"
        cls.cores[store] = cls.stage.pid_of(f"escher core --profile {store}")

    @classmethod
    def scan_and_run_by_variables(cls):
        with cls.stage.variables(
                AWS_ACCESS_KEY_ID=cls.key_id, AWS_SECRET_ACCESS_KEY=BY_VARIABLES["secret"],
                AWS_SESSION_TOKEN=BY_VARIABLES["token"], AWS_CONFIG_FILE="/dev/null",
                AWS_SHARED_CREDENTIALS_FILE="/dev/null"):
            cls.scan_and_run("variables", "orders-db", "--role", ROLE)
            # No role between: the keys themselves are proven to belong to the account.
            of = ("--profile", "variables")
            cls.call("accounts", "add", PERSONS_OWN, "--name", "base", "--emulator",
                     cls.stage.endpoint, *of)
            cls.call("accounts", "test", PERSONS_OWN, *of)

    @classmethod
    def scan_and_run_by_profile(cls):
        given = cls.stage.folder / "given"
        given.mkdir()
        (given / "credentials").write_text(
            f"[base]\naws_access_key_id = {cls.key_id}\n"
            f"aws_secret_access_key = {BY_PROFILE['secret']}\n")
        (given / "config").write_text(
            f"[profile production]\nregion = us-west-2\nrole_arn = {ROLE}\nsource_profile = base\n")
        with cls.stage.variables(AWS_CONFIG_FILE=str(given / "config"),
                                 AWS_SHARED_CREDENTIALS_FILE=str(given / "credentials")):
            cls.scan_and_run("profile", "pg-instance-main1", "--aws-profile", "production")

    @classmethod
    def scan(cls, store: str, *account: str) -> None:
        of = ("--profile", store)
        cls.call("init", "--keyring", "file", *of)
        cls.call("accounts", "add", ACCOUNT, "--name", "production", "--emulator",
                 cls.stage.endpoint, "--regions", "us-west-2", *account, *of)
        cls.call("sync", "--service", "vpc", *of)
        cls.call("accounts", *of)
        cls.cores[store] = cls.stage.pid_of(f"escher core --profile {store}")

    @classmethod
    def scan_by_program(cls):
        given = cls.stage.folder / "given"
        (given / "tool").write_text(
            "#!/bin/sh\necho " + BY_PROGRAM["secret"] + " >&2\n"
            f"echo '{{\"Version\": 1, \"AccessKeyId\": \"{cls.key_id}\", "
            f"\"SecretAccessKey\": \"{BY_PROGRAM['secret']}\"}}'\n")
        (given / "tool").chmod(0o700)
        (given / "by-tool").write_text(
            f"[profile tool]\ncredential_process = {given}/tool\n"
            f"[profile production]\nrole_arn = {ROLE}\nsource_profile = tool\n")
        with cls.stage.variables(AWS_CONFIG_FILE=str(given / "by-tool"),
                                 AWS_SHARED_CREDENTIALS_FILE="/dev/null"):
            cls.scan("program", "--aws-profile", "production")

    @classmethod
    def scan_by_keychain(cls):
        """The variables are needed once."""
        with cls.stage.variables(AWS_CONFIG_FILE="/dev/null",
                                 AWS_SHARED_CREDENTIALS_FILE="/dev/null"):
            with cls.stage.variables(AWS_ACCESS_KEY_ID=cls.key_id,
                                     AWS_SECRET_ACCESS_KEY=BY_KEYCHAIN["secret"]):
                cls.scan("keychain", "--role", ROLE, "--keychain")
            cls.call("core", "stop", "--profile", "keychain")
            cls.call("accounts", "test", ACCOUNT, "--profile", "keychain")
            cls.cores["keychain"] = cls.stage.pid_of("escher core --profile keychain")

    @classmethod
    def keys_of_roles(cls) -> set[bytes]:
        """What the AWS CLI was given: keys that only the cloud and Escher have ever known."""
        return {value for one in cls.watch.of("aws") if one.environ
                for name in KEY_VARIABLES if (value := variable(one.environ, name))}

    def secrets(self) -> dict[str, bytes]:
        """All but the key ids, which are no secret."""
        named = {"the secret key of the variables": BY_VARIABLES["secret"].encode(),
                 "the token of the variables": BY_VARIABLES["token"].encode(),
                 "the secret key of the profile": BY_PROFILE["secret"].encode(),
                 "the program's secret key, kept as a role's is": BY_PROGRAM["secret"].encode(),
                 "the keychain's secret key, kept as a role's is": BY_KEYCHAIN["secret"].encode()}
        named |= {f"key or token {number} of a role": value for number, value in enumerate(
            sorted(value for value in self.of_roles if not value.startswith(b"ASIA")))}
        return named

    def words(self) -> set[str]:
        return {self.key_id, *(word.decode() for word in self.secrets().values()),
                *(word.decode() for word in self.of_roles)}

    def test_the_programs_were_seen_at_work(self):
        """Else there would be nothing that the other tests have looked at."""
        for program in ("escher", "escher-run", "aws"):
            self.assertTrue(self.watch.of(program), program)
        self.assertGreaterEqual(len(self.of_roles), 3)
        self.assertTrue(any(b"stop-db-instance" in one.argv for one in self.watch.of("aws")))

    def test_no_file_has_a_credential(self):
        found = traces.Searcher(self.words()).search_folder(
            self.stage.folder, {"demo", "given", "passphrase"})
        self.assertEqual([], found)

    def test_nothing_that_was_printed_has_a_credential(self):
        searcher = traces.Searcher(self.words())
        for said in self.said:
            self.assertEqual(set(), searcher.search((said.out + said.err).encode()))

    def test_no_argument_list_has_a_credential(self):
        for one in self.watch.seen:
            for word in self.words():
                self.assertNotIn(word.encode(), one.argv, one.program)

    def test_the_helper_has_no_keys_in_its_environment(self):
        for one in self.watch.of("escher-run"):
            for name, word in self.secrets().items():
                self.assertNotIn(word, one.environ or b"", name)

    def test_the_core_has_no_keys_in_its_environment_once_it_is_up(self):
        if os.geteuid() != 0:
            self.skipTest("only root can look into the core")
        for pid in self.cores.values():
            environ = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
            self.assertIn(b"ESCHER_HOME=", environ)
            for name, word in self.secrets().items():
                self.assertNotIn(word, environ, name)
            self.assertNotIn(self.key_id.encode(), environ)

    def test_the_aws_cli_gets_no_more_than_a_role_and_a_few_variables(self):
        allowed = {"PATH", "HOME", "LC_ALL", "PYTHONUNBUFFERED", "AWS_CONFIG_FILE",
                   "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED", "AWS_RETRY_MODE",
                   "AWS_MAX_ATTEMPTS", "AWS_PAGER", "AWS_CLI_AUTO_PROMPT", "AWS_ACCESS_KEY_ID",
                   "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
        calls = [one for one in self.watch.of("aws") if one.environ and b"--region" in one.argv]
        self.assertTrue(calls)
        for one in calls:
            names = {word.split(b"=")[0].decode() for word in one.environ.split(b"\0") if word}
            self.assertLessEqual(names, allowed)
            self.assertEqual(b"/dev/null", variable(one.environ, b"AWS_SHARED_CREDENTIALS_FILE="))
            for secret in (BY_VARIABLES["secret"], BY_VARIABLES["token"], BY_PROFILE["secret"]):
                self.assertNotIn(secret.encode(), one.environ)

    def test_no_core_file_can_be_written(self):
        for store, pid in self.cores.items():
            limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
            [line] = [line for line in limits.splitlines() if line.startswith("Max core file size")]
            self.assertEqual(["0", "0"], line.split()[4:6], store)

    def test_another_program_of_the_same_user_cannot_look_into_the_core(self):
        """Root may look anywhere, so that root becomes another user for this."""
        with nobody.Nobody(self.stage) as user:
            looked = user.run("head", "-c", "1", f"/proc/{user.bystander.pid}/environ")
            self.assertEqual(0, looked.returncode, looked.stderr)
            for name in ("environ", "mem", "maps", "auxv"):
                looked = user.run("head", "-c", "1", f"/proc/{user.core}/{name}")
                self.assertIn("ermission denied", looked.stderr, name)

    def need_memory(self):
        if stage.is_sanitized():
            self.skipTest("a sanitizer keeps freed memory to find mistakes in")
        if os.geteuid() != 0:
            self.skipTest("only root can look into the core")

    def test_memory_is_searched_where_it_is_used(self):
        """The searcher finds a word in a process that has it, or its silence means nothing."""
        self.need_memory()
        word = BY_PROFILE["secret"]
        program = "import sys; kept = [sys.argv[1][::-1]]; print(flush=True); sys.stdin.read()"
        holder = subprocess.Popen(["python3", "-c", program, word[::-1]], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        self.addCleanup(holder.communicate)
        holder.stdout.readline()
        found = memory.find(holder.pid, {"it": word.encode()})
        self.assertTrue(found)
        self.assertTrue(memory.around(holder.pid, word.encode(), found[0][1]))

    def test_what_the_core_does_not_need_any_more_is_wiped(self):
        """The person's own keys were needed to assume the role and to be proven, no longer."""
        self.need_memory()
        persons = {name: word for name, word in self.secrets().items() if "role" not in name}
        for store, pid in self.cores.items():
            self.assertEqual([], self.told(pid, persons), store)

    def test_what_the_core_still_needs_stands_on_guarded_pages_only(self):
        self.need_memory()
        kept = self.secrets() | {"the passphrase": b"correct horse battery staple"}
        for store, pid in self.cores.items():
            self.assertEqual([], self.told(pid, kept, guarded=False), store)

    def told(self, pid: int, words: dict[str, bytes], guarded: bool = True) -> list[str]:
        return [f"{name} in {region.name or 'anonymous memory'}: "
                f"{memory.around(pid, words[name], region)}"
                for name, region in memory.find(pid, words) if guarded or not region.guarded]


if __name__ == "__main__":
    tap.main()
