"""Mistakes in files: what editors, exports, transfers and programs do to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

CHARACTERS = (
    '"', "'", "\r", "\n", "\t", ",", ";", ":", "|", " ", "\0", "\ufeff", "\x1b", "\u2028", "\x85", "\xa0", "\u200b",
    "\\", "#", "٣", "-", "+", "_", ".", "e", "0", "\udcff",
)  # fmt: skip
"""Characters that mean something to some reader."""

FIELDS = (
    "", " ", "NULL", r"\N", "None", "NA", "<NA>", "nan", "inf", "undefined", "-1", "+1", "01", "1.0", "1.5", "1_04",
    "1e3", "1.40E+09", "1,5", "٣", "0x10", "True", "9" * 19, "9" * 30, "9" * 5_000, "1" * 140_000, "-0", '"', '""',
    '"1"', "'1'", "1 ", " 1", "2001-01-01", "2001-01-01T00:00:00Z", "978300760", "978300760000", "1\r", "a;b",
    "ü", "x" * 200_000,
)  # fmt: skip
"""Fields that are no plain number, or may be taken for another one."""

APPENDED = (
    "\n\n",
    "end of file",
    '"',
    "1",
    "# 30 rows",
    "\x1a",
    "1,2",
    "<html>",
    "\n1,2,3,4,5,6,7\n",
    "\r",
    "Total,30,,",
)
"""What stands behind the last row."""


def mutated_text(text: str, separator: str, draw: random.Random) -> tuple[str, str]:
    """Return a text with one mistake, sometimes with more, and what they are."""
    told = []
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        change = draw.choice((_character, _field, _field, _fields, _lines, _appended, _whole))
        text, mistake = change(text, separator, draw)
        told.append(mistake)
    return text, " and ".join(told)


def mutated_bytes(content: bytes, draw: random.Random) -> tuple[bytes, str]:
    """Return a file with one mistake in its bytes, and what it is."""
    at = draw.randrange(len(content))
    kind = draw.choice(("flipped", "cut", "lost", "twice", "zeros"))
    if kind == "flipped":
        bit = 1 << draw.randrange(8)
        return content[:at] + bytes((content[at] ^ bit,)) + content[at + 1 :], f"bit {bit} of byte {at} flipped"
    if kind == "cut":
        return content[:at], f"cut after {at} bytes"
    end = at + draw.randint(1, 40)
    middle = {"lost": b"", "twice": 2 * content[at:end], "zeros": bytes(len(content[at:end]))}[kind]
    return content[:at] + middle + content[end:], f"bytes {at} to {end} {kind}"


def _character(text: str, _: str, draw: random.Random) -> tuple[str, str]:
    at, new = draw.randrange(len(text) + 1), draw.choice(CHARACTERS)
    kept = text[at + draw.randint(0, 1) :]
    return text[:at] + new + kept, f"{new!r} at character {at}"


def _field(text: str, separator: str, draw: random.Random) -> tuple[str, str]:
    lines = text.split("\n")
    row = draw.randrange(len(lines))
    fields = lines[row].split(separator)
    column, new = draw.randrange(len(fields)), draw.choice(FIELDS)
    fields[column] = new
    lines[row] = separator.join(fields)
    return "\n".join(lines), f"{new[:20]!r} in line {row + 1}, field {column + 1}"


def _fields(text: str, separator: str, draw: random.Random) -> tuple[str, str]:
    """Lose a field, repeat one, or exchange two: in one line, or in all."""
    lines = text.split("\n")
    chosen = set(range(len(lines))) if draw.random() < 0.2 else {draw.randrange(len(lines))}
    kind, one, other = draw.choice(("lost", "twice", "exchanged")), draw.randrange(4), draw.randrange(4)
    for row in chosen:
        fields = lines[row].split(separator)
        if max(one, other) >= len(fields):
            continue
        if kind == "exchanged":
            fields[one], fields[other] = fields[other], fields[one]
        else:
            fields[one : one + 1] = [] if kind == "lost" else [fields[one]] * 2
        lines[row] = separator.join(fields)
    where = "all lines" if len(chosen) > 1 else f"line {min(chosen) + 1}"
    return "\n".join(lines), f"field {one + 1} {kind} ({other + 1}) in {where}"


def _lines(text: str, _: str, draw: random.Random) -> tuple[str, str]:
    lines = text.split("\n")
    row, kind = draw.randrange(len(lines)), draw.choice(("lost", "twice", "empty", "joined", "moved", "a comment"))
    line = lines.pop(row)
    if kind == "twice":
        lines[row:row] = [line, line]
    elif kind == "empty":
        lines.insert(row, "")
    elif kind == "joined":
        lines[row : row + 1] = [line + "".join(lines[row : row + 1])]
    elif kind == "moved":
        lines.insert(draw.randrange(len(lines) + 1), line)
    elif kind == "a comment":
        lines[row:row] = ["# " + line, line]
    return "\n".join(lines), f"line {row + 1} {kind}"


def _appended(text: str, _: str, draw: random.Random) -> tuple[str, str]:
    new = draw.choice(APPENDED)
    return text + new, f"{new!r} behind the end"


def _whole(text: str, separator: str, draw: random.Random) -> tuple[str, str]:
    """Change the ends, the quoting or the separator of all lines."""
    kind = draw.choice(
        ("CRLF", "CR", "mixed ends", "quoted", "half quoted", "another separator", "a mark", "spaces", "sep=")
    )
    lines = text.split("\n")
    if kind in ("quoted", "half quoted"):
        every = 1 if kind == "quoted" else 2
        lines = [
            separator.join(f'"{field}"' for field in line.split(separator)) if line and row % every == 0 else line
            for row, line in enumerate(lines)
        ]
        return "\n".join(lines), kind
    ends = {"CRLF": "\r\n", "CR": "\r"}
    if kind in ends:
        return ends[kind].join(lines), kind
    if kind == "mixed ends":
        return "".join(line + draw.choice(("\n", "\r\n", "\r")) for line in lines[:-1]), kind
    if kind == "another separator":
        return text.replace(separator, draw.choice("\t,;| ")), kind
    if kind == "spaces":
        return text.replace(separator, f"{separator} "), kind
    return ("\ufeff" if kind == "a mark" else f"sep={separator}\n") + text, kind
