# SPDX-License-Identifier: Apache-2.0
"""Runs a test in a D-Bus session and on a display of its own, or says loudly why it cannot.

usage: with_display.py ESCHER_DESKTOP COMMAND...      ESCHER_DESKTOP comes in the environment, too
"""
import os
import subprocess
import sys

import session
import steer


def main():
    display = steer.Display()
    try:
        return subprocess.run(sys.argv[2:], env={**os.environ, "DISPLAY": display.name,
                                                 "ESCHER_DESKTOP": os.path.abspath(sys.argv[1])}
                              ).returncode
    finally:
        display.stop()


session.enter()
sys.exit(main())
