#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs tests that share one demo cloud and one store (stage.shared) and prints TAP.

usage: one_world.py MODULE...        test_crash test_approval, for example
"""

import sys
import unittest

import stage
import tap


class Afterwards(unittest.TestCase):
    def test_no_process_is_left(self):
        shared = stage.shared()
        shared.stop_core()
        self.assertEqual({}, shared.processes())


if __name__ == "__main__":
    tap.main(*sys.argv[1:], "__main__")
