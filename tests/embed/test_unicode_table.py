# SPDX-License-Identifier: Apache-2.0
"""The committed character tables are what tools/unicode-generate writes; prints TAP."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(os.environ["ESCHER_SOURCE"])
NAME = "the_character_tables_are_those_of_their_generator"

if not pathlib.Path("/usr/share/unicode/UnicodeData.txt").exists():
    print(f"ok 1 - {NAME} # SKIP no unicode-data")
    sys.exit(0)
status = subprocess.run([sys.executable, ROOT / "tools/unicode-generate", "--check"]).returncode
print("ok" if status == 0 else "not ok", "1 -", NAME)
sys.exit(status)
