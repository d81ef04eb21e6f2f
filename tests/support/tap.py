# SPDX-License-Identifier: Apache-2.0
"""Runs the unittest cases of a module and prints TAP, one line a test, as our C tests do.

    if __name__ == "__main__":
        tap.main()
"""

import importlib
import sys
import unittest


class Lines(unittest.TestResult):
    """Prints each result as it comes; the traces go to stderr."""

    def __init__(self):
        super().__init__()
        self.number = 0

    def line(self, word: str, test, remark: str = "") -> None:
        self.number += 1
        name = getattr(test, "_testMethodName", str(test)).removeprefix("test_")
        print(f"{word} {self.number} - {name}{remark}", flush=True)

    def failure(self, test, err) -> None:
        self.line("not ok", test)
        print(self._exc_info_to_string(err, test), file=sys.stderr, flush=True)

    def addSuccess(self, test):
        self.line("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line("ok", test, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failure(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.failure(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failure(test, err)


def main(*modules: str) -> None:
    """Runs the tests of these modules, or of the program itself."""
    suite = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(name))
        for name in modules or ["__main__"])
    result = Lines()
    suite.run(result)
    print(f"1..{result.number}")
    sys.exit(0 if result.wasSuccessful() and result.number else 1)
