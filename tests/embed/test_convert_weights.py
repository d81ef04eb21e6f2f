# SPDX-License-Identifier: Apache-2.0
"""escher-convert-weights: what it makes, leaves alone and refuses; prints TAP.

usage: test_convert_weights.py PROGRAM
"""
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
WEIGHTS = pathlib.Path(os.environ["ESCHER_SOURCE"]) / "build/weights"
MODEL, VOCAB = WEIGHTS / "model.safetensors", WEIGHTS / "vocab.txt"
HERE = MODEL.exists() and VOCAB.exists()


def run(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def wrong_usage_is_answered_with_the_right_one(_):
    code, _, err = run("a", "b")
    assert code == 2 and "usage: escher-convert-weights" in err, (code, err)


def a_missing_file_is_named(folder):
    code, _, err = run(folder / "none", folder / "none", folder / "out")
    assert code == 3 and "none" in err, (code, err)


def a_file_that_is_not_the_pinned_one_is_refused(folder):
    (folder / "other").write_bytes(b"\2\0\0\0\0\0\0\0{}")
    code, _, err = run(folder / "other", folder / "other", folder / "out")
    assert code == 2 and "is not the pinned file: its SHA-256 is" in err, (code, err)
    assert not (folder / "out").exists()


def another_model_must_be_meant_and_is_still_checked(folder):
    (folder / "other").write_bytes(b"\2\0\0\0\0\0\0\0{}")
    code, _, err = run("--any-model", folder / "other", folder / "other", folder / "out")
    assert code == 2 and "0 layers" in err, (code, err)
    assert not (folder / "out").exists()


def the_pinned_files_are_converted_once(folder):
    code, said, err = run(MODEL, VOCAB, folder / "out")
    assert code == 0 and "minilm-l6-v2/53aa51172d142c89/t" in said, (code, err)
    made = (folder / "out").stat()
    code, said, err = run(MODEL, VOCAB, folder / "out")
    assert code == 0 and said == "", (code, said, err)
    again = (folder / "out").stat()
    assert (made.st_ino, made.st_mtime_ns) == (again.st_ino, again.st_mtime_ns)


def a_damaged_result_is_made_again(folder):
    with open(folder / "out", "r+b") as file:
        file.seek(50_000_000)
        file.write(b"damage")
    code, said, err = run(MODEL, VOCAB, folder / "out")
    assert code == 0 and said != "", (code, err)


def main():
    tests = [wrong_usage_is_answered_with_the_right_one, a_missing_file_is_named,
             a_file_that_is_not_the_pinned_one_is_refused,
             another_model_must_be_meant_and_is_still_checked]
    real = [the_pinned_files_are_converted_once, a_damaged_result_is_made_again]
    failed = False
    print(f"1..{len(tests + real)}")
    with tempfile.TemporaryDirectory() as name:
        for number, test in enumerate(tests + real, 1):
            if test in real and not HERE:
                print(f"ok {number} - {test.__name__} # SKIP no weights in build/weights")
                continue
            try:
                test(pathlib.Path(name))
                print(f"ok {number} - {test.__name__}")
            except AssertionError as error:
                failed = True
                print(f"not ok {number} - {test.__name__}\n# {error}")
    return 1 if failed else 0


sys.exit(main())
