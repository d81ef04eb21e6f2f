# SPDX-License-Identifier: Apache-2.0
"""Installs the build into a folder and uses Escher from there, as a person after `make install`."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["ESCHER_BUILD"])
sys.path[:0] = [str(ROOT / "tests" / "support")]

import tap  # noqa: E402


def run(*command, stdin=None, **variables) -> subprocess.CompletedProcess:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **variables}
    return subprocess.run([str(word) for word in command], env=environment, text=True,
                          input=stdin, capture_output=True, timeout=6000, check=False)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="escher-install-"))
        options = json.loads(subprocess.run(
            ["meson", "introspect", BUILD, "--buildoptions"], check=True, text=True,
            capture_output=True).stdout)
        prefix = next(option["value"] for option in options if option["name"] == "prefix")
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
                        "--destdir", folder], check=True, stdout=subprocess.DEVNULL)
        cls.root = pathlib.Path(folder)
        cls.prefix = cls.root / prefix.lstrip("/")
        cls.program = cls.prefix / "bin" / "escher"
        (cls.root / "passphrase").write_text("correct horse battery staple\n")

    def escher(self, *words) -> subprocess.CompletedProcess:
        """The installed program in a home of its own, with the passphrase on its stdin."""
        return run(self.program, *words, stdin="correct horse battery staple\n",
                   ESCHER_HOME=str(self.root / "home"), ESCHER_PASSPHRASE_FD="0")

    def need(self, *words) -> str:
        done = self.escher(*words)
        self.assertEqual(0, done.returncode, (words, done.stdout, done.stderr))
        return done.stdout

    def test_1_help_and_version(self):
        self.assertIn("usage: escher VERB", self.need("--help"))
        self.assertRegex(self.need("--version"), r"^escher \d+\.\d+\.\d+$")
        server = run(self.prefix / "bin/escher-server", "--version")
        self.assertEqual(0, server.returncode, server.stderr)

    @unittest.skipUnless((ROOT / "build/share/minilm.escemb").exists(), "no weights")
    def test_2_a_store_an_import_and_a_find(self):
        self.need("init", "--keyring", "file")
        imported = self.need("estate", "import", ROOT / "demo/hostile.jsonl", "--inline", "--json")
        self.assertGreater(json.loads(imported)["imported"], 0)
        self.assertIn("pg-instance-main1", self.need("find", "pg-instance-main1", "--inline"))
        self.assertIn("aws_rds_stop_instance", self.need("playbooks", "--inline"))

    @unittest.skipUnless((ROOT / "build/share/minilm.escemb").exists(), "no weights")
    def test_3_the_example_finds_through_the_core(self):
        self.need("status")  # starts the core
        try:
            found = run(sys.executable, self.prefix / "share/doc/escher/examples/find.py",
                        "pg-instance-main1", ESCHER_HOME=str(self.root / "home"))
            self.assertEqual(0, found.returncode, found.stderr)
            self.assertIn("ec2_instance", found.stdout)
        finally:
            self.need("core", "stop")

    @unittest.skipUnless(shutil.which("man") and shutil.which("scdoc"), "no man or no scdoc")
    def test_the_man_page_renders_without_a_warning(self):
        page = self.prefix / "share/man/man1/escher.1"
        shown = run("man", "--warnings=w", "-l", page, MANWIDTH="80", MAN_KEEP_STDERR="1")
        self.assertEqual((0, ""), (shown.returncode, shown.stderr))
        for words in ("EXIT STATUS", "--passphrase-fd", "escher ask"):
            self.assertIn(words, shown.stdout)

    def completed(self, *words) -> list[str]:
        """What bash offers for the last word."""
        script = (f"set -eu; . {self.prefix}/share/bash-completion/completions/escher.bash; "
                  f"complete -p escher >/dev/null; "
                  f"COMP_WORDS=({' '.join(words)}); [ -n '{words[-1]}' ] || COMP_WORDS+=(''); "
                  f"COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _escher; "
                  f"printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        done = run("bash", "-c", script)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout.split()

    def test_bash_completes_verbs_and_options(self):
        self.assertEqual(["find"], self.completed("escher", "fin"))
        self.assertIn("--filter", self.completed("escher", "find", "--f"))
        self.assertNotIn("--filter", self.completed("escher", "sync", "--"))

    def test_zsh_and_fish_have_their_completions(self):
        zsh = (self.prefix / "share/zsh/site-functions/_escher").read_text()
        fish = (self.prefix / "share/fish/vendor_completions.d/escher.fish").read_text()
        self.assertTrue(zsh.startswith("#compdef escher\n"))
        self.assertIn("-a find", fish)
        for shell, text in (("zsh", zsh), ("fish", fish)):
            if shutil.which(shell):
                self.assertEqual("", run(shell, "-n", stdin=text).stderr)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd")
    def test_the_unit_is_one(self):
        text = (self.prefix / "lib/systemd/user/escher.service").read_text()
        program = text.partition("ExecStart=")[2].split()[0]
        unit = self.root / "escher.service"
        unit.write_text(text.replace(program, str(self.program)))
        checked = run("systemd-analyze", "--user", "--man=no", "verify", unit,
                      XDG_RUNTIME_DIR=str(self.root))
        self.assertNotIn("escher.service:", checked.stderr)

    def compiler(self, *packages) -> list[str]:
        found = list(self.prefix.rglob("escher-base.pc"))
        self.assertEqual(1, len(found))
        flags = run("pkg-config", f"--define-variable=prefix={self.prefix}", "--cflags", "--libs",
                    "--static", *packages, PKG_CONFIG_PATH=str(found[0].parent))
        self.assertEqual(0, flags.returncode, flags.stderr)
        return flags.stdout.split()

    def test_every_installed_header_compiles_alone_as_c11(self):
        headers = sorted((self.prefix / "include").rglob("*.h"))
        self.assertGreater(len(headers), 100)
        self.assertEqual([], [h for h in headers if h.name.endswith("_private.h")])
        for header in headers:
            done = run("cc", "-std=c11", "-D_GNU_SOURCE", "-fsyntax-only", "-xc", header,
                       "-I", self.prefix / "include")
            self.assertEqual(0, done.returncode, done.stderr)

    def build_example(self, name: str, package: str) -> pathlib.Path:
        """The example against the installed tree alone."""
        flags = self.compiler(package)
        source = self.prefix / f"share/doc/escher/examples/{name}.c"
        made = run("cc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-c",
                   source, "-o", self.root / f"{name}.o", *flags)
        self.assertEqual(0, made.returncode, made.stderr)
        # Warnings are the example's business; libraries of a release may be optimised anew here.
        made = run("cc", self.root / f"{name}.o", "-o", self.root / name, *flags)
        self.assertEqual(0, made.returncode, made.stderr)
        return self.root / name

    def with_passphrase(self, *command, stdin: bytes = b"") -> subprocess.CompletedProcess:
        """The command with the passphrase on its descriptor 3."""
        words = " ".join(f"'{word}'" for word in command)
        return subprocess.run(["sh", "-c", f"exec {words} 3<'{self.root}/passphrase'"],
                              input=stdin, capture_output=True, timeout=600, check=False)

    def test_the_store_example_keeps_notes_sealed(self):
        notebook, folder = self.build_example("notebook", "escher-store"), self.root / "notes"
        folder.mkdir()
        for key, text in (("first", "caribou"), ("second", "lighthouse")):
            done = self.with_passphrase(notebook, folder, "put", key, text)
            self.assertEqual((0, b""), (done.returncode, done.stderr))
        done = self.with_passphrase(notebook, folder, "list")
        self.assertEqual((0, b"first: caribou\nsecond: lighthouse\n"),
                         (done.returncode, done.stdout))
        for path in folder.iterdir():
            self.assertNotIn(b"caribou", path.read_bytes())
        (self.root / "passphrase").write_text("another\n")
        try:
            done = self.with_passphrase(notebook, folder, "list")
            self.assertEqual((9, b""), (done.returncode, done.stdout), done.stderr)
        finally:
            (self.root / "passphrase").write_text("correct horse battery staple\n")

    def test_the_sealing_example_gives_back_what_it_took_and_nothing_changed(self):
        envelope = self.build_example("envelope", "escher-crypt")
        plain = b"lighthouse " * 20_000
        sealed = self.with_passphrase(envelope, "close", stdin=plain)
        self.assertEqual((0, b""), (sealed.returncode, sealed.stderr))
        self.assertNotIn(b"lighthouse", sealed.stdout)
        opened = self.with_passphrase(envelope, "open", stdin=sealed.stdout)
        self.assertEqual((0, plain), (opened.returncode, opened.stdout))
        changed = bytearray(sealed.stdout)
        changed[100_000] ^= 1
        for wrong in (bytes(changed), sealed.stdout[:-1], sealed.stdout[:8]):
            opened = self.with_passphrase(envelope, "open", stdin=wrong)
            self.assertEqual(10, opened.returncode)
            self.assertTrue(plain.startswith(opened.stdout))

    def test_the_planner_example_is_built_against_the_installed_tree_and_plans(self):
        plan = self.build_example("plan", "escher-answer")
        said = run(plan, self.prefix / "share/doc/escher/examples/request.json",
                   ESCHER_SHARE=str(self.prefix / "share/escher"))
        self.assertEqual(0, said.returncode, said.stderr)
        answer = json.loads(said.stdout)
        self.assertEqual("plan", answer["kind"], answer)
        self.assertEqual("aws_rds_stop_instance", answer["playbook"]["id"])


if __name__ == "__main__":
    tap.main()
