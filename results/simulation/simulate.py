"""Do the table's intervals and tests keep what they promise? Simulated from the per-user results of real records.

::

    python results/simulation/simulate.py results/ml-100k

writes ``simulation.md`` and ``simulation.csv`` beside itself. Users are drawn with replacement from those of the
records, each with all that two rows A and B made of them. What is then claimed by the very functions that the table
and `recbench compare` call is held against what is known of the users drawn from:

- *coverage*: how many of the 95 % intervals contain the true mean. It should be 95 %.
- *false alarms*: how many tests at 5 % find a difference where there is none: for each user drawn, A and B change
  places with probability 1/2. It should be 5 %.

*Seed effects*: a training seed moves all users at once, and each of them in a way of its own. A simulated training
takes for each user anew what one of the records' trainings, set to one mean, made of that user, and moves everybody by
one normal draw on top. Its standard deviation for A - B is the one that the records show (by the method of moments, so
it may be 0), and, as a harder case, .006.

Then come whole tables of equal rows, and for contrast what would come of training again if one did not count it, and of
equal rows if only the tests against the best were counted.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from bench.analysis.significance import ALPHA, Sample, paired, run_tests
from bench.analysis.views import user_values
from bench.names import value_name
from bench.records.groups import check_label, group_records
from bench.records.store import Store
from bench.writing.csv import csv_text
from protocol.drafts import write_output
from protocol.errors import ProtocolError, RecbenchError
from protocol.evaluation.intervals import mean_interval
from protocol.evaluation.statistics import LEAST_SEEDS, comparison_of_differences, holm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from bench.records.groups import Group

    Values = npt.NDArray[np.float64]

N_USERS = (100, 943, 6040)
"""A small sample, and the evaluated users of MovieLens-100K and 1M."""

N_SEEDS = (LEAST_SEEDS, 5)

FAMILY_USERS = 943

HARDER_SPREAD = 0.006

TOLERANCE = 0.01

CUTOFF = 10

METRICS = ("NDCG", "HR")


@dataclass(frozen=True)
class Training:
    """How training again is simulated: with how many seeds, and the standard deviation of what each does to A - B."""

    n_seeds: int
    spread: float


@dataclass(frozen=True)
class Outcome:
    """What became of one claim.

    Parameters
    ----------
    promise
        ``"exactly"``: coverage 95 % and false alarms 5 %; ``"at most"`` 5 % false alarms; ``"none"``, for contrast.
    seed_spread
        Standard deviation of what a training seed does to A - B for everybody; None where one model is spoken of.
    coverage, false_alarms
        Shares of the repetitions; None where there is nothing to count.
    """

    claim: str
    promise: Literal["exactly", "at most", "none"]
    figure: str
    n_users: int
    n_seeds: int
    seed_spread: float | None
    coverage: float | None
    false_alarms: float | None

    @property
    def verdict(self) -> str:
        """Say whether what was promised is kept within one percentage point."""
        if self.promise == "none":
            return "(contrast)"
        missed = 0.0 if self.coverage is None else abs(self.coverage - (1 - ALPHA))
        excess = 0.0 if self.false_alarms is None else self.false_alarms - ALPHA
        off = max(missed, excess if self.promise == "at most" else abs(excess))
        return "yes" if round(off, 6) <= TOLERANCE else "NO"


def mean_coverage(values: Values, n_users: int, repetitions: int, rng: np.random.Generator) -> float:
    """Return how often `mean_interval` of ``n_users`` drawn from ``values``, ``(n,)``, contains their mean."""
    truth, hits = values.mean(), 0
    for _ in range(repetitions):
        interval = mean_interval(values[rng.integers(values.size, size=n_users)])
        hits += interval.low <= truth <= interval.high
    return float(hits / repetitions)


def difference_rates(
    differences: Values,
    n_users: int,
    repetitions: int,
    rng: np.random.Generator,
    training: Training | None = None,
    *,
    counted: bool = True,
) -> tuple[float, float]:
    """Return coverage and false alarms of `comparison_of_differences`.

    Parameters
    ----------
    differences
        A minus B, float64, ``(n_seeds, n)``: seeds by users.
    training
        None for trained models that stay as they are.
    counted
        Whether to speak of the algorithms where training varies: one must.
    """
    given = differences if training is None else with_one_mean(differences)
    truth, hits, alarms = given.mean(), 0, 0
    for _ in range(repetitions):
        users = rng.integers(given.shape[1], size=n_users)
        drawn, moved = given[:, users], np.zeros(1)
        if training:
            drawn = trained_again(given, users, training, rng)
            moved = rng.normal(scale=training.spread, size=(training.n_seeds, 1))
        swapped = drawn * rng.choice((-1.0, 1.0), size=n_users)
        claims = training is not None and counted
        found = comparison_of_differences(drawn + moved, about_algorithms=claims)
        hits += found.low <= truth <= found.high
        alarms += comparison_of_differences(swapped + moved, about_algorithms=claims).p_value <= ALPHA
    return float(hits / repetitions), float(alarms / repetitions)


def with_one_mean(values: Values) -> Values:
    """Return values, ``(n_seeds, n)``, with what a seed does to everybody taken out."""
    return values - values.mean(axis=1, keepdims=True) + values.mean()


def trained_again(values: Values, users: npt.NDArray[np.int64], training: Training, rng: np.random.Generator) -> Values:
    """Return what trainings make of users, ``(training.n_seeds, n_users)``: for each one of its ``values``."""
    return values[rng.integers(len(values), size=(training.n_seeds, users.size)), users]


def seed_spread_of(differences: Values) -> float:
    """Return the standard deviation of what a training seed does to everybody, by the method of moments; 0 or more."""
    n_seeds, n_users = differences.shape
    of_seeds, of_users, mean = differences.mean(axis=1), differences.mean(axis=0), differences.mean()
    rest = differences - of_seeds[:, None] - of_users + mean
    of_rest = np.sum(rest**2) / ((n_seeds - 1) * (n_users - 1))
    return float(np.sqrt(max(0.0, np.var(of_seeds, ddof=1) - of_rest / n_users)))


def family_rates(
    samples: Sequence[Sample],
    n_users: int,
    repetitions: int,
    rng: np.random.Generator,
    training: Training | None = None,
) -> tuple[float, float]:
    """Return how often any of several equal rows is told apart, and how often if only the best's pairs were counted.

    The rows of each user drawn change places at random. The first is the table's rule: Holm's correction over all
    pairs.

    Parameters
    ----------
    training
        Of all rows; None for trained models that stay as they are.
    """
    given = [with_one_mean(sample.values) if training else sample.values.mean(axis=0)[None] for sample in samples]
    how = training or Training(1, 0.0)
    any_pair, with_best = 0, 0
    for _ in range(repetitions):
        users = rng.integers(given[0].shape[1], size=n_users)
        drawn = np.array([trained_again(values, users, how, rng) for values in given])
        places = rng.permuted(np.tile(np.arange(len(drawn)), (n_users, 1)), axis=1).T
        moved = rng.normal(scale=how.spread / 2**0.5, size=(len(drawn), how.n_seeds, 1))
        rows = np.take_along_axis(drawn, places[:, None], axis=0) + moved
        order = np.argsort(-rows.mean(axis=(1, 2)))
        found = run_tests([Sample(str(row), rows[row], deterministic=training is None) for row in order], "")
        pairs = found.pairs if found else ()
        any_pair += any(pair.distinguishable for pair in pairs)
        best = [pair.comparison.p_value for pair in pairs if pair.theirs == str(order[0])]
        with_best += bool(np.any(holm(best) <= ALPHA))
    return any_pair / repetitions, with_best / repetitions


def simulate(groups: Mapping[str, Group], pair: tuple[str, str], repetitions: int, seed: int) -> Iterator[Outcome]:
    """Yield the outcome of each claim."""
    rng = np.random.default_rng(seed)
    for metric in METRICS:
        yield from _of_pair(groups, pair, metric, repetitions, rng)
    yield from _families_and_contrasts(groups, pair, repetitions, rng)


def _of_pair(
    groups: Mapping[str, Group], pair: tuple[str, str], metric: str, repetitions: int, rng: np.random.Generator
) -> Iterator[Outcome]:
    """Yield what the table and `recbench compare` claim of two rows, by one metric."""
    ours, theirs = (sample_of(groups[label], metric) for label in pair)
    differences = np.subtract(*paired(ours, theirs))
    spreads = dict.fromkeys((round(seed_spread_of(differences), 4), HARDER_SPREAD))
    figure = value_name("sampled", metric, CUTOFF)
    for n_users in N_USERS:
        coverage = mean_coverage(ours.values.mean(axis=0), n_users, repetitions, rng)
        yield Outcome("A, these trained models", "exactly", figure, n_users, len(ours.values), None, coverage, None)
        rates = difference_rates(differences[:1], n_users, repetitions, rng)
        yield Outcome("A - B, these trained models", "exactly", figure, n_users, 1, None, *rates)
        for n_seeds, spread in itertools.product(N_SEEDS, spreads):
            rates = difference_rates(differences, n_users, repetitions, rng, Training(n_seeds, spread))
            yield Outcome("A - B, the algorithms", "exactly", figure, n_users, n_seeds, spread, *rates)


def _families_and_contrasts(
    groups: Mapping[str, Group], pair: tuple[str, str], repetitions: int, rng: np.random.Generator
) -> Iterator[Outcome]:
    """Yield what becomes of whole tables, and what the table's rules are there for."""
    figure = value_name("sampled", "NDCG", CUTOFF)
    differences = np.subtract(*paired(*(sample_of(groups[label], "NDCG") for label in pair)))
    training = Training(LEAST_SEEDS, HARDER_SPREAD)
    samples = [sample_of(group, "NDCG") for group in groups.values()]
    rows = f"any mark wrong, {len(samples)} equal rows"
    any_pair, with_best = family_rates(samples, FAMILY_USERS, repetitions, rng)
    yield Outcome(f"{rows}, all pairs", "at most", figure, FAMILY_USERS, 1, None, None, any_pair)
    for n_users in N_USERS:
        alarms, _ = family_rates(samples, n_users, repetitions, rng, training)
        yield Outcome(f"{rows}, all pairs", "at most", figure, n_users, LEAST_SEEDS, HARDER_SPREAD, None, alarms)
    yield Outcome(f"{rows}, the best's pairs", "none", figure, FAMILY_USERS, 1, None, None, with_best)
    for n_users in N_USERS:
        rates = difference_rates(differences, n_users, repetitions, rng, training, counted=False)
        yield Outcome("A - B, training not counted", "none", figure, n_users, LEAST_SEEDS, HARDER_SPREAD, *rates)


def sample_of(group: Group, metric: str) -> Sample:
    """Return a row's values of a metric."""
    return Sample(group.label, user_values(group.fitted, "sampled", CUTOFF, (metric,))[metric], group.deterministic)


def choose_pair(groups: Mapping[str, Group], labels: Sequence[str]) -> tuple[str, str]:
    """Return the two rows named or, if none are, the two best random ones by NDCG@10 with `LEAST_SEEDS` or more.

    Raises
    ------
    ProtocolError
        If there are no such rows.
    """
    for label in labels:
        check_label(label, list(groups))
    means = {label: -sample_of(group, "NDCG").values.mean() for label, group in groups.items()}
    enough = [label for label in groups if len(groups[label].seeds) >= LEAST_SEEDS]
    chosen = labels or sorted(enough, key=means.__getitem__)[:2]
    if len(chosen) != 2 or not set(chosen) <= set(enough):
        raise ProtocolError(
            f"the simulation needs two rows with {LEAST_SEEDS} training seeds or more; run with "
            f"--seeds 0-{LEAST_SEEDS - 1}"
        )
    return chosen[0], chosen[1]


def markdown(outcomes: Sequence[Outcome], about: str) -> str:
    """Return the outcomes as a table, with what was simulated above it, and what came of it."""
    lines = [
        "# Do the intervals and tests keep what they promise?",
        "",
        *textwrap.wrap(about, 120),
        "",
        *textwrap.wrap(conclusion(outcomes), 120),
        "",
        "| claim | figure | users | seeds | seed spread | coverage | false alarms | within ±1 % |",
        "|:--|:--|--:|--:|--:|--:|--:|:--|",
    ]
    for one in outcomes:
        spread = "-" if one.seed_spread is None else f"{one.seed_spread:.4f}"
        coverage, alarms = ("-" if rate is None else f"{rate:.1%}" for rate in (one.coverage, one.false_alarms))
        cells = (one.claim, one.figure, f"{one.n_users:,}", one.n_seeds, spread, coverage, alarms, one.verdict)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, ""])


def conclusion(outcomes: Sequence[Outcome]) -> str:
    """Say how many claims keep their promise, and for the others which, and how far they are off."""
    promised = [one for one in outcomes if one.promise != "none"]
    broken = [one for one in promised if one.verdict == "NO"]
    text = f"{len(promised) - len(broken)} of {len(promised)} claims keep within one percentage point what they promise"
    kinds = dict.fromkeys((one.claim, one.n_seeds) for one in broken)
    parts = [_how_far(kind, [one for one in promised if (one.claim, one.n_seeds) == kind]) for kind in kinds]
    return f"{text}. Not always: {'; '.join(parts)}." if parts else f"{text}."


def _how_far(kind: tuple[str, int], outcomes: Sequence[Outcome]) -> str:
    """Return the ranges that all cases of a claim with a number of seeds lie in."""
    claim, n_seeds = kind
    parts = [f"{claim}, with {n_seeds} seed{'' if n_seeds == 1 else 's'}"]
    for name in ("coverage", "false_alarms"):
        rates = [rate for one in outcomes if (rate := getattr(one, name)) is not None]
        if rates:
            parts.append(f"{name.replace('_', ' ')} {min(rates):.1%} to {max(rates):.1%}")
    return ", ".join(parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Simulate, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, metavar="RESULTS", help="an --out folder, with three seeds or more")
    parser.add_argument("rows", nargs="*", metavar="A B", help="two rows (default: the two best random ones)")
    parser.add_argument("--repetitions", type=int, default=10_000, metavar="N", help="of each claim (default: 10000)")
    parser.add_argument("--seed", type=int, default=0, help="of the simulation (default: 0)")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, metavar="FOLDER", help="where results go")
    arguments = parser.parse_args(argv)
    try:
        groups = {group.label: group for group in group_records(Store(arguments.results).records()) if group.fitted}
        pair = choose_pair(groups, arguments.rows)
    except RecbenchError as error:
        print(f"simulate: error: {error}", file=sys.stderr)
        return 2
    outcomes = []
    for outcome in simulate(groups, pair, arguments.repetitions, arguments.seed):
        print(f"{outcome.claim}, {outcome.figure}, {outcome.n_users:,} users", file=sys.stderr, flush=True)
        outcomes.append(outcome)
    task = groups[pair[0]].fitted[0].task
    seeds = ", ".join(map(str, groups[pair[0]].seeds))
    about = (
        f"A is {pair[0]}, B is {pair[1]}, training seeds {seeds}, on {task.dataset} (task `{task.digest}`). "
        f"Each claim was made {arguments.repetitions:,} times (simulation seed {arguments.seed}) by "
        "`results/simulation/simulate.py`, which says what is simulated; the standard error of a share of 5 % is "
        f"{(ALPHA * (1 - ALPHA) / arguments.repetitions) ** 0.5:.1%}."
    )
    text = markdown(outcomes, about)
    write_output(arguments.out / "simulation.md", text.encode())
    rows = [{**asdict(outcome), "within_1_percent": outcome.verdict} for outcome in outcomes]
    write_output(arguments.out / "simulation.csv", csv_text(rows).encode())
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
