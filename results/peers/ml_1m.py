"""Our models and those of other libraries on the NCF paper's split of MovieLens-1M, with published parameters.

::

    python results/peers/ml_1m.py tune PREFIX  # those of ml-1m.toml that name no parameters, on the validation task
    python results/peers/ml_1m.py run PREFIX   # score the test task
    python results/peers/ml_1m.py page         # write results/peers/ml-1m.md

PREFIX is a path without endings, as for ``results/reproductions/reproduce.py``, whose published figures are meant. The
first two steps continue where they were stopped.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pairs import Pair, accuracy_cells, compared, losses, time_cells
from tabulate import tabulate

import bench
from bench.analysis.summary import Summary, summarise
from bench.records.store import Store
from bench.tables.machines import machine_lines
from bench.tables.notes import notes_of
from bench.tuning.tuned_file import Tuned
from protocol.drafts import write_output
from protocol.errors import RecbenchError
from recommenders.registry.python_file import load_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


HERE = Path(__file__).parent
CONTESTS, RECORDS, TUNING, PAGE = HERE / "ml-1m.toml", HERE / "ml-1m", HERE / "ml-1m-tuning", HERE / "ml-1m.md"
REMEDY = "make peers-ml-1m ML_1M=path/to/Data/ml-1m"

reproduce = load_file(HERE.parent / "reproductions" / "reproduce.py")
"""The published figures, on the same files."""

SEEDS = (0, 1, 2)

SECONDS = 100.0
"""The budget of each search: the slowest to fit, ``lenskit.implicit_mf``, tries a few combinations within it."""

PATIENCE = 3
"""Epochs without a better one after which a search stops a training."""


@dataclass(frozen=True)
class Contest:
    """One of ours and the same model of other libraries, each as ``NAME`` or ``NAME:param=value,...``.

    Parameters
    ----------
    figure
        The model of the published figure whose settings these are; empty if all are tuned.
    """

    ours: str
    theirs: tuple[str, ...]
    note: str
    figure: str = ""


def contests() -> list[Contest]:
    """Return what ``ml-1m.toml`` names."""
    tables = tomllib.loads(CONTESTS.read_text(encoding="utf-8"))["contest"]
    return [Contest(**{**table, "theirs": tuple(table["theirs"])}) for table in tables]


def texts() -> list[str]:
    """Return what is run, each once."""
    return list(dict.fromkeys(text for contest in contests() for text in (contest.ours, *contest.theirs)))


def to_tune() -> list[str]:
    """Return the names of those without published parameters."""
    return [text for text in texts() if ":" not in text]


def tune(prefix: str) -> None:
    """Choose on the validation task, with the same budget for each."""
    bench.tune(
        reproduce.data_of(prefix),
        to_tune(),
        seconds=SECONDS,
        patience=PATIENCE,
        threads=1,
        jobs=2,
        timeout=3600,
        out=TUNING,
    )


def run(prefix: str) -> None:
    """Fit all with one thread, and score the test task."""
    data, tuned = reproduce.data_of(prefix), TUNING / "tuned.toml"
    for text in texts():
        params = None if ":" in text else tuned
        bench.run(data, [text], params=params, seeds=SEEDS, threads=1, full_limit=1, timeout=7200, out=RECORDS)


def page() -> str:
    """Return the page: a pure function of the records, ``ml-1m.toml``, what was tuned and the published figures."""
    records = list(Store(RECORDS).records())
    summary, tuned = summarise(records), Tuned.read(TUNING / "tuned.toml")
    named = [(contest, text) for contest in contests() for text in contest.theirs]
    rows = [
        tuple(reproduce.row_of(each, summary, tuned.parameters, REMEDY) for each in (contest.ours, text))
        for contest, text in named
    ]
    found = compared(records, rows)
    figures = {figure.model: figure for figure in reversed(reproduce.published())}
    parts = (
        _head(summary),
        _table([(contest, pair) for (contest, _), pair in zip(named, found, strict=True)], figures),
        losses(found, "with the parameters above"),
        _settings(figures, tuned),
        _machine(summary),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(summary: Summary) -> Iterator[str]:
    facts = summary.task.facts
    yield "# Our models and those of other libraries on MovieLens-1M, with published parameters"
    yield ""
    yield (
        f"The NCF paper's split: {facts.n_evaluated:,} users, {facts.n_train:,} training interactions, the paper's own "
        f"lists of 99 negatives (task `{summary.task.digest}`), {len(SEEDS)} training seeds, one thread. "
        "`make peers-ml-1m` writes this page; only the settings, their sources and the notes are typed in. The [page "
        "over MovieLens-100K](../peers.md) has more models, each tuned."
    )
    yield ""


def _table(found: Sequence[tuple[Contest, Pair]], figures: Mapping[str, Any]) -> Iterator[str]:
    yield tabulate(
        [
            [
                *(f"`{row.label}`" for row in pair.both),
                figures[contest.figure].NDCG.removeprefix("0") if contest.figure else "-",
                *accuracy_cells(pair),
                *time_cells(pair),
            ]
            for contest, pair in found
        ],
        headers=["ours", "theirs", "published", "NDCG@10", "difference", "p", "fit s", "score µs"],
        tablefmt="github",
        disable_numparse=True,
    )
    yield ""
    yield (
        "Cells with two values show ours / theirs. Published is the NDCG@10 that came with the settings. The "
        "difference is ours minus theirs; ± is half of its 95 % interval, for this pair alone. p is from a paired "
        f"test, with Holm's correction over these {len(found)} pairs. Score is the time per user. `recbole` runs as a "
        "program: its times include starting it, and reading and writing files."
    )
    yield ""


def _settings(figures: Mapping[str, Any], tuned: Tuned) -> Iterator[str]:
    yield "## Where the settings are from"
    yield ""
    for contest in contests():
        figure = figures.get(contest.figure)
        source = f"{figure.source}: {figure.settings}." if figure else "Tuned."
        peers = ", ".join(f"`{text.partition(':')[0]}`" for text in contest.theirs)
        yield f"- `{contest.ours.partition(':')[0]}` and {peers}: {source} {contest.note}"
    yield ""
    yield (
        f"Tuned: each with the same budget, {tuned.about['budget']}, in its own `search_space`, on the validation task "
        f"(`{tuned.about['validation_task']}`, which knows no test item)."
    )
    yield ""


def _machine(summary: Summary) -> Iterator[str]:
    yield "## Machine and libraries"
    yield ""
    yield from machine_lines(summary)
    yield from (
        f"- {keyword}: {text}" for keyword, text in notes_of(summary) if keyword in ("Libraries", "Environment")
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Tune, run or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("tune", "run", "page"))
    parser.add_argument("prefix", nargs="?", metavar="PREFIX", help="path without endings; not needed for page")
    arguments = parser.parse_args(argv)
    if arguments.step != "page" and not arguments.prefix:
        parser.error(f"{arguments.step} needs PREFIX, the path of the NCF paper's files without endings")
    try:
        if arguments.step == "page":
            write_output(PAGE, page().encode())
        else:
            reproduce.check_files(arguments.prefix)
            {"tune": tune, "run": run}[arguments.step](arguments.prefix)
    except RecbenchError as error:
        print(f"ml_1m: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
