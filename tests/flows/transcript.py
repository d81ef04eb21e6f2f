# SPDX-License-Identifier: Apache-2.0
"""Transcripts: prose with indented commands and what they print.

    world: small            header lines, before anything else
    after: synced           the transcript that goes before this one

    Text at the left margin is for the reader. What is indented is the terminal:

        $ escher find pg-main1          a command for the shell
        NAME  TYPE …                    what it prints, on either stream
        [exit 4]                        its exit code, when it is not 0

Within a line `…` stands for any text, and a line that is only `…` for any number of lines.
`{hash}` takes what stands there and means the same text from then on, in commands too. A line
`> text` is typed at a terminal once all before it has been printed.
"""

import dataclasses
import re

PROMPT, TYPED, INDENT = "$ ", "> ", "    "
EXIT = re.compile(r"\[exit (\d+)\]")
NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Wrong(Exception):
    """A transcript that cannot be read."""


@dataclasses.dataclass
class Command:
    """One command; `printed` and `typed` take turns, printed first and last."""

    line: int
    text: str
    printed: list[list[str]]
    typed: list[str]
    exit: int = 0


@dataclasses.dataclass
class Transcript:
    title: str
    header: dict[str, list[str]]
    commands: list[Command]


def read(text: str) -> Transcript:
    header: dict[str, list[str]] = {}
    commands: list[Command] = []
    title = ""
    blank = 0  # blank lines that belong to the output only if output goes on
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            blank += 1
            continue
        if line.startswith(INDENT):
            take(commands, number, line[len(INDENT):].rstrip(), blank)
        elif not commands:
            found = re.fullmatch(r"([a-z]+): +(\S.*)", line)
            if found:
                header.setdefault(found[1], []).append(found[2].strip())
            elif not title:
                title = line.lstrip("# ")
        blank = 0 if line.startswith(INDENT) else -1000  # after prose, output does not go on
    if not commands:
        raise Wrong("there is no command")
    return Transcript(title, header, commands)


def take(commands: list[Command], number: int, line: str, blank: int) -> None:
    """Adds an indented line to the commands."""
    if line.startswith(PROMPT):
        commands.append(Command(number, line[len(PROMPT):], [[]], []))
        return
    if not commands:
        raise Wrong(f"line {number}: output before any command")
    command = commands[-1]
    found = EXIT.fullmatch(line)
    if found:
        command.exit = int(found[1])
    elif command.text.endswith("\\") and command.printed == [[]]:
        command.text += "\n" + line
    elif line.startswith(TYPED):
        command.typed.append(line[len(TYPED):])
        command.printed.append([])
    else:
        command.printed[-1] += [""] * max(blank, 0) + [line]


def pattern(lines: list[str], known: dict[str, str]) -> str:
    """A regular expression for the whole of what @p lines describe."""
    parts = []
    new: set[str] = set()
    for line in lines:
        parts.append(r"(?:[^\n]*\n)*?" if line.strip() == "…"
                     else line_pattern(line, known, new) + r"\n")
    return "".join(parts)


def line_pattern(line: str, known: dict[str, str], new: set[str]) -> str:
    result = ""
    # Blanks at the end are not compared, so one before the last dots may be missing too.
    line, end = (line[:-2], r"(?: [^\n]*?)?") if line.endswith(" …") else (line, "")
    for piece in re.split(r"(…|\{[a-z][a-z0-9_]*\})", line):
        found = NAME.fullmatch(piece)
        if piece == "…":
            result += r"[^\n]*?"
        elif found and found[1] in known:
            result += re.escape(known[found[1]])
        elif found and found[1] in new:
            result += f"(?P={found[1]})"
        elif found:
            new.add(found[1])
            result += f"(?P<{found[1]}>[0-9A-Za-z_.:/-]+)"
        else:
            result += re.escape(piece)
    return result + end


def plain(output: str) -> str:
    """Output as it is compared: Unix lines without blanks at their ends, the last one ended."""
    lines = [line.rstrip() for line in output.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(line + "\n" for line in lines)


def match(lines: list[str], output: str, known: dict[str, str]) -> bool:
    """Whether the output is what the lines describe; new names then stand in @p known."""
    found = re.fullmatch(pattern(lines, known), plain(output))
    if found:
        known.update(found.groupdict())
    return found is not None


def fill(text: str, known: dict[str, str]) -> str:
    """A command with the known names put in; other braces are the shell's."""
    return NAME.sub(lambda found: known.get(found[1], found[0]), text)


def difference(lines: list[str], output: str, known: dict[str, str]) -> str:
    """Both sides, with a mark at the first expected line that nothing printed fits."""
    good = 0
    while good < len(lines) and re.match(pattern(lines[:good + 1], known), plain(output)):
        good += 1
    shown = ["expected:"]
    shown += [("  > " if at == good else "    ") + fill(line, known)
              for at, line in enumerate(lines)]
    if good == len(lines):
        shown.append("  > (nothing more)")
    return "\n".join(shown + ["printed:"] + ["    " + line for line in plain(output).splitlines()])
