# SPDX-License-Identifier: Apache-2.0
"""The checks of tools/ accept a small sound tree and refuse it once one thing is wrong."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support")]

import tap  # noqa: E402

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
ARCHITECTURE = """# Architecture

## Rooms

| room | uses | subject |
| --- | --- | --- |
| base | – | errors |
| model | base | nouns |
| store | base model | rows |
| find | base | names |

Doors (the only files that may include a dependency): SQLite `store/db.c`; jansson `base/json.c`; libuv `loop/*`.

## Threads
"""
SOUND = {
    "ARCHITECTURE.md": ARCHITECTURE,
    "escher/base/json.h": SPDX + "#pragma once\n",
    "escher/base/json.c": SPDX + '#include "escher/base/json.h"\n#include <jansson.h>\n',
    "escher/model/arn.h": SPDX + "#pragma once\n",
    "escher/model/arn.c": SPDX + '#include "escher/model/arn.h"\n#include "escher/base/json.h"\n',
    "escher/store/db.c": SPDX + '#include <sqlite3.h>\n#include "escher/model/arn.h"\n',
    "escher/find/names.c": SPDX + "/* malloc() in a comment and \"gets()\" in text are fine */\n"
                                  'static const char *text = "system(1)";\n',
}


class Tree:
    """A project of its own in a temporary folder, with copies of the tools."""

    def __init__(self, files: dict[str, str]):
        self.folder = tempfile.TemporaryDirectory(prefix="escher-check-")
        root = pathlib.Path(self.folder.name)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        (root / "tools").mkdir()
        for name in ("check-layers", "check-words"):
            shutil.copy(ROOT / "tools" / name, root / "tools")
        for arguments in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *arguments], cwd=root, check=True)

    def check(self, tool: str) -> tuple[int, str]:
        done = subprocess.run([f"{self.folder.name}/tools/{tool}"], text=True,
                              capture_output=True, check=False)
        return done.returncode, done.stderr


class Checks(unittest.TestCase):
    def refuse(self, tool: str, message: str, **changes: str) -> None:
        """The sound tree with these files changed or added."""
        tree = Tree({**SOUND, **changes})
        code, said = tree.check(tool)
        self.assertEqual(code, 1, said)
        self.assertIn(message, said)
        tree.folder.cleanup()

    def test_a_sound_tree_is_accepted(self):
        tree = Tree(SOUND)
        self.assertEqual(tree.check("check-layers"), (0, ""))
        self.assertEqual(tree.check("check-words"), (0, ""))
        tree.folder.cleanup()

    def test_a_room_may_not_use_one_that_is_not_in_its_row(self):
        self.refuse("check-layers", "escher/find/names.c: find may not use model",
                    **{"escher/find/names.c": SPDX + '#include "escher/model/arn.h"\n'})
        self.refuse("check-layers", "escher/base/json.c: base may not use model",
                    **{"escher/base/json.c": SPDX + '#include "escher/model/arn.h"\n'})

    def test_a_room_that_is_not_in_the_table_is_refused(self):
        self.refuse("check-layers", "the room `cellar` is not in ARCHITECTURE.md",
                    **{"escher/cellar/wine.c": SPDX})

    def test_what_is_private_to_a_room_stays_there(self):
        self.refuse("check-layers", "arn_private.h is private to model",
                    **{"escher/model/arn_private.h": SPDX + "#pragma once\n",
                       "escher/store/db.c": SPDX + '#include "escher/model/arn_private.h"\n'})

    def test_a_library_stays_behind_its_door(self):
        self.refuse("check-layers", "escher/store/rows.c: <sqlite3.h> outside the door of SQLite",
                    **{"escher/store/rows.c": SPDX + "#include <sqlite3.h>\n"})
        self.refuse("check-layers", "<uv.h> outside the door of libuv",
                    **{"escher/find/names.c": SPDX + "#include <uv.h>\n"})

    def test_rooms_that_go_in_a_circle_are_refused(self):
        circle = ARCHITECTURE.replace("| base | – |", "| base | store |")
        self.refuse("check-layers", "the rooms go in a circle", **{"ARCHITECTURE.md": circle})

    def test_a_file_name_stands_once_in_the_tree(self):
        self.refuse("check-layers", "arn.c stands 2 times in the tree",
                    **{"escher/find/arn.c": SPDX})

    def test_words_that_have_a_better_one_are_refused(self):
        for word in ("strcpy(a, b)", "sprintf(a, b)", "system(a)", "popen(a, b)", "atoi(a)"):
            self.refuse("check-words", f"escher/find/names.c:2: {word.split('(')[0]}() has",
                        **{"escher/find/names.c": SPDX + f"int x(void) {{ return {word}; }}\n"})

    def test_memory_and_environment_are_asked_in_base_only(self):
        for word in ("malloc(1)", "getenv(a)", "time(a)", "realloc (a, 1)"):
            source = SPDX + f"void *x(void) {{ return {word}; }}\n"
            self.refuse("check-words", "escher/find/names.c:2: ", **{"escher/find/names.c": source})
            tree = Tree({**SOUND, "escher/base/alloc.c": source})
            self.assertEqual(tree.check("check-words"), (0, ""))
            tree.folder.cleanup()

    def test_a_file_without_its_licence_line_is_refused(self):
        self.refuse("check-words", "escher/find/names.c:1: the SPDX line is missing",
                    **{"escher/find/names.c": "int x;\n"})

    def test_what_calls_itself_unfinished_is_refused(self):
        self.refuse("check-words", "escher/find/names.c:2: unfinished by its own word",
                    **{"escher/find/names.c": SPDX + "/* TO" "DO: later */\n"})

    def test_attributes_are_spelled_in_one_place(self):
        self.refuse("check-words", "attributes are spelled in base/attr.h",
                    **{"escher/find/names.c": SPDX + "__attribute__((unused)) static int x;\n"})


if __name__ == "__main__":
    tap.main()
