"""Runs the blocks of a page one after the other in one folder, as a reader would, on small data."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from markdown_pages import COMMANDS, DATA, ROOT, file_of
from msgspec import structs

from bench.cli.main import main, make_parser
from protocol.data.loading import load_dataset
from protocol.data.registered import REGISTERED

if TYPE_CHECKING:
    import pytest
    from markdown_pages import Block

SIZES = (70, 220, 1800)
LAST_USER = 196
"""The raw id that pages ask about."""

SHELL = re.compile(r"[|&;<>$`]")
"""What only a shell understands."""


class PageFolder:
    """A folder for the blocks of a page; it is the current one.

    Parameters
    ----------
    folder
        Empty; small data take the place of the registered datasets in it, and of the files that pages speak of. The
        reference results are there as in a clone, to be read.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._names: dict[str, Any] = {"__name__": "page"}
        self._printed = ""
        rows = _rows()
        _register(rows, folder / "data", patch)
        _write_files(rows, folder)
        shutil.copytree(ROOT / "results" / "ml-100k", folder / "results" / "ml-100k")
        patch.chdir(folder)
        patch.setenv("COLUMNS", "100")

    def run(self, block: Block) -> None:
        """Run a block, write it where it is a file, or compare it where it is an output."""
        if block.file:
            place = self.folder / block.file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(block.text)
        if block.language in COMMANDS:
            self._run_commands(block)
        elif block.language in DATA:
            (yaml.safe_load if block.language == "yaml" else tomllib.loads)(block.text)
        elif block.language == "python":
            self._run_python(block)
        else:
            self._compare(block)

    def _run_commands(self, block: Block) -> None:
        self._printed = ""
        for command in block.commands:
            if block.mark:
                check_command(command)
            else:
                self._printed += self._run_command(command)

    def _run_command(self, command: str) -> str:
        if SHELL.search(command) or not command.startswith("recbench "):
            return _in_a_shell(command)
        out, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            code = main(shlex.split(command)[1:])
        assert code == 0, f"{command}\n{out.getvalue()}\n{error.getvalue()}"
        return out.getvalue()

    def _run_python(self, block: Block) -> None:
        code = compile(block.text, block.file or "page", "exec")
        if not block.file:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                exec(code, self._names)

    def _compare(self, block: Block) -> None:
        if block.mark:
            return
        shown, printed = comparable(block.text), comparable(self._printed)
        assert shown == printed[: len(shown)], self._printed


def check_command(command: str) -> None:
    """Parse a command that is not run: its words, and of ours also the options."""
    subprocess.run(["bash", "-n", "-c", command], check=True)
    words = shlex.split(command)
    if words[0].endswith("recbench"):
        make_parser().parse_args(words[1:])


def comparable(text: str) -> list[list[str]]:
    """Return the words of each line that are the same on every machine and at every width.

    Kept are words and figures of accuracy, which begin with a point: ``.3764``, ``±.022``. Not kept are all other
    numbers, and the heads of tables, as there are columns that depend on times.
    """
    lines: list[list[str]] = []
    for line in text.splitlines():
        words = line.split()
        if words and all(set(word) == {"-"} for word in words):
            while lines and lines[-1]:
                lines.pop()
            continue
        lines.append([word for word in words if not re.fullmatch(r"<?\d[\d.,]*", word)])
    return [words for words in lines if words]


def _in_a_shell(command: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command],
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


Row = tuple[int, int, int, int]
"""User, item, rating, seconds."""


def _rows() -> list[Row]:
    own = load_dataset(f"synthetic:{'x'.join(map(str, SIZES))}").interactions
    users = (own.users + LAST_USER + 1 - SIZES[0]).tolist()
    return [
        (user, item, 4 + item % 2, time)
        for user, item, time in zip(users, own.items.tolist(), own.timestamps.tolist(), strict=True)
    ]


def _register(rows: list[Row], folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Put small data in place of every registered dataset; no two are equal, as a study refuses that."""
    folder.mkdir()
    plain = {"inside": None, "form": None, "columns": {}, "times": "clock", "ratings": True, "titles": None}
    for number, (name, known) in enumerate(REGISTERED.items()):
        sources = tuple(structs.replace(each, titles=None) for each in known.sources)
        file, own = f"{name}.data", rows[number:]
        content = "".join("\t".join(map(str, row)) + "\n" for row in own).encode()
        small = structs.replace(known, file=file, sources=sources, **_facts(own, content), **plain)
        patch.setitem(REGISTERED, name, small)
        (folder / file).write_bytes(content)
    patch.setenv("RECBENCH_DATA", str(folder))


def _facts(rows: list[Row], content: bytes) -> dict[str, Any]:
    return {
        "n_users": len({row[0] for row in rows}),
        "n_items": len({row[1] for row in rows}),
        "n_interactions": len(rows),
        "n_rows": None,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _write_files(rows: list[Row], folder: Path) -> None:
    """Write the files that pages speak of as the reader's."""
    (folder / "my_recommender.py").write_text(file_of("docs/bring-your-model.md", "my_recommender.py"))
    dated = [(user, item, rating, datetime.fromtimestamp(time, UTC).isoformat()) for user, item, rating, time in rows]
    lines = [",".join(map(str, row)) for row in dated]
    (folder / "ratings.csv").write_text("\n".join(["uid,isbn,rating,date", *lines, ""]))
    plain = "".join(",".join(map(str, row)) + "\n" for row in rows)
    (folder / "ratings.csv.gz").write_bytes(gzip.compress(plain.encode()))
    reviews = [{"reviewerID": f"A{row[0]}", "asin": f"B{row[1]}", "unixReviewTime": row[3]} for row in rows]
    (folder / "reviews.json.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, reviews)).encode()))
