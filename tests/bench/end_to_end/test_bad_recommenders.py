"""Recommenders that misbehave, each in its own way: the table comes out, and its row and record say what happened."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.cli.main import main
from bench.records.store import Store
from bench.running.hearing import LOG_LENGTH

if TYPE_CHECKING:
    from bench.records.store import Record

BAD = """
import os, subprocess, sys, time
from pathlib import Path
import numpy as np

class Mute(Exception):
    def __str__(self):
        raise ValueError("no text")

class Base(BaseException):
    pass

class Bad:
    def __init__(self, how: str):
        self.how = how
    def fit(self, train, *, rng):
        if self.how == "train":
            train.items[0] = 1
        if self.how == "exit":
            sys.exit("enough")
        if self.how == "usage":
            import argparse
            parser = argparse.ArgumentParser(prog="research")
            parser.add_argument("--data", required=True)
            parser.parse_args([])
        if self.how == "mute":
            raise Mute()
        if self.how == "base":
            raise Base("neither an Exception nor an exit")
        if self.how == "interrupt":
            raise KeyboardInterrupt
        if self.how == "module":
            import nothing_like_it
        if self.how == "loud":
            for line in range(3000):
                print(line, "x" * 1000)
            os._exit(3)
        if self.how == "memory":
            greedy = subprocess.Popen([sys.executable, "-c", "x = b'x' * 400_000_000; import time; time.sleep(600)"])
            Path(__file__).with_name("pids").write_text(f"{os.getpid()} {greedy.pid}")
            time.sleep(600)
        return self
    def score(self, users, items):
        if self.how == "arguments":
            items[:, 0] = 0
        scores = -items.astype(float)
        answers = {"shape": scores[:, 1:], "nan": scores * np.nan, "list": scores.tolist(), "integers": -items}
        return answers.get(self.how, scores)
"""

METHODS = """
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return -items
"""

FILES = {
    "bad.py": BAD,
    "needs_more.py": f"import nothing_like_it\nclass NeedsMore:{METHODS}",
    "raises.py": f"raise ValueError('at import')\nclass Raises:{METHODS}",
    "quits.py": f"import sys\nsys.exit(5)\nclass Quits:{METHODS}",
    "no_python.py": "def (:\n",
    "reads_arguments.py": (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--data', required=True)\n"
        f"parser.parse_args()\nclass ReadsArguments:{METHODS}"
    ),
    "optional_arguments.py": (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--dim', type=int, default=8)\n"
        f"arguments = parser.parse_args()\nclass OptionalArguments:{METHODS}"
    ),
    "dies.py": f"import os\nprint('farewell', flush=True)\nos._exit(0)\nclass Dies:{METHODS}",
}

FAILURES = {
    "bad:how=shape": ("scores", "scores have shape (60, 20), expected (60, 21)", "protocol/evaluation/ranking.py"),
    "bad:how=nan": ("scores", "1260 of 1260 scores are not finite (some are NaN)", "protocol/evaluation/ranking.py"),
    "bad:how=list": ("scores", "scores are a builtins.list, expected a NumPy array", "protocol/evaluation/ranking.py"),
    "bad:how=train": ("raised", "ValueError: assignment destination is read-only", "train.items[0] = 1"),
    "bad:how=arguments": ("raised", "ValueError: assignment destination is read-only", "items[:, 0] = 0"),
    "bad:how=exit": ("raised", "SystemExit: enough", 'sys.exit("enough")'),
    "bad:how=usage": (
        "raised",
        "SystemExit: 2; the last line it printed: research: error: the following arguments are required: --data",
        "usage: research [-h] --data DATA",
    ),
    "bad:how=mute": (
        "raised",
        "Mute: (what it says cannot be shown, because its str() raised ValueError)",
        "raise Mute",
    ),
    "bad:how=base": ("raised", "Base: neither an Exception nor an exit", 'raise Base("neither'),
    "bad:how=interrupt": ("raised", "KeyboardInterrupt", "raise KeyboardInterrupt"),
    "bad:how=module": ("raised", "ModuleNotFoundError: No module named 'nothing_like_it'", "import nothing_like_it"),
    "bad:how=loud": ("died", "its process ended with exit code 3, while it was fitting", f"2999 {'x' * 1000}"),
    "bad:how=memory": ("memory", "over the limit of 381 MiB, while it was fitting", 'bad.py", line'),
    "needs_more": ("raised", "No module named 'nothing_like_it' (line 1)", "import nothing_like_it"),
    "raises": ("raised", "ValueError: at import (line 1)", "raise ValueError('at import')"),
    "quits": ("raised", "SystemExit: 5 (line 2)", "sys.exit(5)"),
    "reads_arguments": (
        "raised",
        "SystemExit: 2 (line 4); the last line it printed: reads_arguments.py: error: the following arguments are "
        "required: --data",
        "usage: reads_arguments.py [-h] --data DATA",
    ),
    "no_python": ("raised", "SyntaxError: invalid syntax", "def (:"),
    "dies": ("died", "its process ended with exit code 0, while it was starting", "farewell"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, dict[str, Record], Path]:
    """Return what one run of all of them leaves: its exit code, its table, its records by label, its folder."""
    folder = tmp_path_factory.mktemp("bad")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    options = [
        "--dataset",
        "synthetic:60x80x900",
        "--negatives",
        "20",
        "--threads",
        "1",
        "--memory",
        "400MB",
        "--notes",
    ]
    options += [word for name in FILES for word in ("--plugin", str(folder / name))]
    recommenders = ["popularity", "bad:how=integers", *(label for label in FAILURES if label.startswith("bad:"))]
    options += [word for label in recommenders for word in ("-r", label)]
    with contextlib.redirect_stdout(io.StringIO()) as table:
        code = main(["run", *options, "--out", str(folder / "results")])
    records = {record.recommender.label: record for record in Store(folder / "results").records()}
    return code, table.getvalue(), records, folder


def test_the_table_comes_out(run: tuple[int, str, dict[str, Record], Path]) -> None:
    code, table, records, _ = run
    assert code == 1
    assert set(records) == {"popularity", "bad:how=integers", "optional_arguments", *FAILURES}
    rows = {line.split()[0] for line in table.splitlines() if line}
    assert set(records) <= rows


@pytest.mark.parametrize("label", FAILURES)
def test_the_row_says_what_happened_and_the_record_where(
    run: tuple[int, str, dict[str, Record], Path], label: str
) -> None:
    _, table, records, _ = run
    kind, message, where = FAILURES[label]
    failure = records[label].failure
    assert failure.kind == kind
    assert message in failure.message
    assert where in failure.detail
    assert " ".join(failure.message.split())[:60] in " ".join(table.split())


def test_integers_are_scores(run: tuple[int, str, dict[str, Record], Path]) -> None:
    assert not run[2]["bad:how=integers"].failed


def test_of_megabytes_the_end_is_kept(run: tuple[int, str, dict[str, Record], Path]) -> None:
    assert len(run[2]["bad:how=loud"].failure.detail) == LOG_LENGTH


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_no_process_is_left(run: tuple[int, str, dict[str, Record], Path]) -> None:
    for pid in (run[3] / "pids").read_text().split():
        with contextlib.suppress(OSError):
            assert "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
        assert pid != str(os.getpid())
