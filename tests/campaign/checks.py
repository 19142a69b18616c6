"""What has to be true after every case."""

from __future__ import annotations

import contextlib
import io
import json
import re
import time
from typing import TYPE_CHECKING, TypeAlias

from cases import CampaignError, require

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Finished

    Figures: TypeAlias = dict[str, dict[str, float]]

DATA = ("--dataset", "synthetic:60x80x900", "--negatives", "20")
"""The data of all runs of the campaign, and how they are ranked."""

ACCURACY = ("HR@10", "NDCG@10", "expected_HR@10", "expected_NDCG@10", "full_HR@10", "full_NDCG@10")

_ANNOUNCED = re.compile(r"^\[\d+/\d+\] (.+?): NDCG@10 ", re.MULTILINE)


def no_traceback(finished: Finished) -> None:
    """Check that recbench told what was wrong in its own words."""
    for text in (finished.err, finished.out):
        found = text.find("Traceback (most recent call last)")
        # Whole lines alone: half a path would not be known as one of this machine.
        lines = "\n".join(text[found:].splitlines()[-8:])
        require(found < 0, f"a traceback: {lines}")


def python_was_starting(finished: Finished) -> bool:
    """Return whether Ctrl-C came before Python had begun to run recbench: nothing but its own start is on the stack."""
    _, begun, stack = finished.err.partition("Traceback (most recent call last)")
    files = re.findall(r'^  File "([^"]+)"', stack, re.MULTILINE)
    return bool(begun and files) and all(file.startswith("<frozen ") for file in files)


def figures(out: str) -> Figures:
    """Return the accuracy of each row that has figures, from ``--format json``."""
    try:
        rows = json.loads(out)["rows"]
    except ValueError:
        raise CampaignError(f"what was printed is no JSON: {out[:200]!r}") from None
    return {
        row["recommender"]: {name: row[name] for name in ACCURACY} for row in rows if row.get("NDCG@10") is not None
    }


def same_accuracy(found: Figures, reference: Figures) -> None:
    """Check that each row that has figures has those of the reference."""
    for name, row in found.items():
        require(name in reference, f"a row that should not be there: {name}")
        wrong = {
            metric: (row[metric], reference[name][metric]) for metric in row if row[metric] != reference[name][metric]
        }
        require(not wrong, f"{name} has a wrong figure, found and expected: {wrong}")


def announced(err: str) -> set[str]:
    """Return the jobs that a command said were finished."""
    return set(_ANNOUNCED.findall(err))


def in_process(*arguments: str) -> Finished:
    """Run a command of recbench in this process; an exception that leaves it is a traceback."""
    from sandbox import Finished

    from bench.cli.main import main

    started, out, err = time.monotonic(), io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(list(arguments))
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 2
        except BaseException as error:
            raise CampaignError(
                f"a traceback of {' '.join(arguments[:1])}: {type(error).__name__}: {str(error)[:300]}"
            ) from error
    finished = Finished(code, out.getvalue(), err.getvalue(), time.monotonic() - started)
    no_traceback(finished)
    return finished


def verified(results: Path) -> None:
    """Check that ``recbench verify`` finds nothing wrong."""
    finished = in_process("verify", str(results), "--offline")
    failed = [line for line in finished.out.splitlines() if line.lower().startswith("fail")]
    require(finished.code == 0, f"verify ended with {finished.code}: {failed or finished.said()}")
