# SPDX-License-Identifier: Apache-2.0
"""A user without rights who has a core, and a bystander: another program of the same user."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import stage

UID = 65534
OF_STORE = ("--profile", "nobody")


class Nobody:
    """Root becomes nobody for this; anybody else stays who they are."""

    def __init__(self, on: stage.Stage):
        self.on = on
        self.become = [] if os.geteuid() else [
            "setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"]

    def __enter__(self):
        if self.become and not shutil.which("setpriv"):
            raise unittest.SkipTest("no setpriv to become nobody with")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="escher-nobody-"))
        if self.become:
            os.chown(self.folder, UID, UID)
        self.environment = self.on.environment | {
            "ESCHER_HOME": str(self.folder / "home"), "HOME": str(self.folder),
            "TMPDIR": str(self.folder)}
        self.bystander = subprocess.Popen([*self.become, "sleep", "3600"], env=self.environment)
        try:
            self.start_core()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start_core(self) -> None:
        for verb in (["init", "--keyring", "file"], ["status"]):
            made = self.run("escher", *verb, *OF_STORE, "--passphrase-fd", "0",
                            input="correct horse battery staple")
            if "ermission denied" in made.stderr:
                raise unittest.SkipTest(f"nobody may not run it here: {made.stderr.strip()}")
            assert made.returncode == 0, made.stderr
        self.core = self.on.pid_of("escher core --profile nobody")

    def run(self, *command: str, **streams) -> subprocess.CompletedProcess:
        return subprocess.run([*self.become, *command], env=self.environment, cwd=self.folder,
                              capture_output=True, text=True, timeout=stage.PATIENCE_S, **streams)

    def __exit__(self, *_):
        self.run("escher", "core", "stop", *OF_STORE)
        self.bystander.kill()
        self.bystander.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
