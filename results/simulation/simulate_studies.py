"""Do the marks over datasets keep what they promise? Simulated with exchangeable recommenders.

::

    python results/simulation/simulate_studies.py

writes ``studies.md`` and ``studies.csv`` beside itself. The rows of a simulated study are equal: on each dataset their
figures are one draw each from one distribution, continuous or with ties. What is then claimed by the very functions
that the table over datasets calls is counted:

- *any mark wrong*: how many studies have two rows that Nemenyi's critical difference tells apart.
- *Friedman*: how many tests at 5 % find that the rows differ.

Both should be 5 % at most. With few datasets only few mean ranks are possible, and the shares are far below.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.significance import ALPHA
from bench.studies.over_datasets import critical_difference, shuffled_p_value
from bench.studies.ranking import ranks_of
from bench.writing.csv import csv_text
from protocol.drafts import write_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

N_ROWS = (3, 5, 11, 40)

N_DATASETS = (2, 3, 5, 10, 20)

TOLERANCE = 0.01

FRIEDMAN_SHARE, FRIEDMAN_MOST = 5, 25
"""Friedman's p-value takes some milliseconds: one of so many studies is tested, without ties and of few ranks."""


@dataclass(frozen=True)
class Outcome:
    """What became of one claim: its share of false alarms."""

    claim: str
    n_rows: int
    n_datasets: int
    ties: bool
    repetitions: int
    false_alarms: float

    @property
    def verdict(self) -> str:
        """Say whether there are at most 5 % false alarms, within one percentage point."""
        return "yes" if self.false_alarms - ALPHA <= TOLERANCE else "NO"


def simulate(repetitions: int, seed: int) -> Iterator[Outcome]:
    """Yield the outcome of each claim."""
    stream = np.random.default_rng(seed)
    for n_rows, n_datasets, ties in itertools.product(N_ROWS, N_DATASETS, (False, True)):
        figures = stream.normal(size=(repetitions, n_datasets, n_rows))
        ranks = ranks_of(figures.round() if ties else figures)
        of_rows = ranks.mean(axis=1)
        apart = np.ptp(of_rows, axis=1) >= critical_difference(n_rows, n_datasets) - 1e-9
        yield Outcome("any mark wrong", n_rows, n_datasets, ties, repetitions, float(apart.mean()))
        if ties or n_rows * n_datasets > FRIEDMAN_MOST:
            continue
        tested = ranks[::FRIEDMAN_SHARE]
        alarms = float(np.mean([shuffled_p_value(one) <= ALPHA for one in tested]))
        yield Outcome("Friedman", n_rows, n_datasets, ties, len(tested), alarms)


def markdown(outcomes: Sequence[Outcome], seed: int) -> str:
    """Return the outcomes as a table, with what was simulated above it, and what came of it."""
    kept = sum(one.verdict == "yes" for one in outcomes)
    about = (
        f"Each claim was made over studies of exchangeable recommenders (simulation seed {seed}) by "
        "`results/simulation/simulate_studies.py`, which says what is simulated. The standard error of a share of 5 % "
        f"is {_error(outcomes, 'any mark wrong'):.1%} for marks and {_error(outcomes, 'Friedman'):.1%} for Friedman's "
        "test."
    )
    lines = [
        "# Do the marks over datasets keep what they promise?",
        "",
        *textwrap.wrap(about, 120),
        "",
        f"{kept} of {len(outcomes)} claims have at most 5 % false alarms, within one percentage point.",
        "",
        "| claim | recommenders | datasets | ties | studies | false alarms | at most 5 ± 1 % |",
        "|:--|--:|--:|:--|--:|--:|:--|",
    ]
    for one in outcomes:
        ties = "yes" if one.ties else "no"
        cells = (one.claim, one.n_rows, one.n_datasets, ties, f"{one.repetitions:,}", f"{one.false_alarms:.1%}")
        lines.append(f"| {' | '.join(map(str, cells))} | {one.verdict} |")
    return "\n".join([*lines, ""])


def _error(outcomes: Sequence[Outcome], claim: str) -> float:
    repetitions = next(one.repetitions for one in outcomes if one.claim == claim)
    return float((ALPHA * (1 - ALPHA) / repetitions) ** 0.5)


def main(argv: Sequence[str] | None = None) -> int:
    """Simulate, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=20_000, metavar="N", help="studies (default: 20000)")
    parser.add_argument("--seed", type=int, default=0, help="of the simulation (default: 0)")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, metavar="FOLDER", help="where results go")
    arguments = parser.parse_args(argv)
    outcomes = []
    for outcome in simulate(arguments.repetitions, arguments.seed):
        print(f"{outcome.claim}, {outcome.n_rows} rows, {outcome.n_datasets} datasets", file=sys.stderr, flush=True)
        outcomes.append(outcome)
    text = markdown(outcomes, arguments.seed)
    write_output(arguments.out / "studies.md", text.encode())
    rows = [{**asdict(outcome), "at_most_5_percent": outcome.verdict} for outcome in outcomes]
    write_output(arguments.out / "studies.csv", csv_text(rows).encode())
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
