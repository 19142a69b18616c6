"""The page ``results/defaults.md``: whether rules from the data's own facts predict better defaults than constants.

::

    python results/defaults.py run ml-100k filmtrust ml-1m=ncf:Data/ml-1m    score each combination of `EXPERIMENTS`
    python results/defaults.py page                                          the page, from what was scored

Everything is scored on validation tasks. ``run`` writes ``results/defaults/DATASET.json`` for each dataset, and leaves
out datasets that have such a file. The page is a pure function of these files.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np
from tabulate import tabulate

from bench.choices import choose_one
from bench.data import Data
from bench.names import CUTOFF, file_name
from bench.running.training import training_rng
from bench.writing.text import accuracy_text
from protocol.drafts import write_output
from protocol.errors import ProtocolError, RecbenchError
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import ndcg
from protocol.tasks.compared import compared_users
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Self, TypeAlias

    from protocol.tasks.task import Task

    Rule: TypeAlias = "Callable[[Facts], float]"

HERE = Path(__file__).parent
SCORED = HERE / "defaults"
PAGE = HERE / "defaults.md"

SPLITS = {"lastfm-2k": "random:0", "filmtrust": "random:0"}
"""The split of datasets without times; the others have the default one."""

N_FACTORS = 60
"""So many factors of a rule are tried, in equal steps on a logarithmic scale."""


@dataclass(frozen=True)
class Experiment:
    """Two hyper-parameters of a recommender and the values that are scored, each with each.

    Parameters
    ----------
    ruled
        The one that rules predict, and its values, ascending.
    constant
        The other one; every rule has one value of it for all data.
    tuned
        Both values as they were tuned on `HOME`.
    default
        The rule of `RULES` that the default follows, with the factor that gives the tuned value on `HOME`.
    """

    recommender: str
    ruled: tuple[str, Sequence[float]]
    constant: tuple[str, Sequence[float]]
    tuned: tuple[float, float]
    default: str


HOME = "ml-100k"

EXPERIMENTS = (
    Experiment(
        "als",
        ("unobserved_weight", (3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 1.0)),
        ("reg", (0.003, 0.01, 0.03, 0.1)),
        tuned=(0.2, 0.01),
        default="sqrt(density)",
    ),
    Experiment(
        "item_knn",
        ("neighbors", (5, 10, 20, 40, 80, 160, 320)),
        ("shrinkage", (0.0, 2.0, 5.0, 20.0, 50.0)),
        tuned=(10, 5.0),
        default="1 / density",
    ),
)


@dataclass(frozen=True)
class Facts:
    """Sizes of a dataset's training interactions.

    Parameters
    ----------
    users, items
        The sizes of the index spaces.
    """

    users: int
    items: int
    interactions: int

    @property
    def density(self) -> float:
        """The share of the pairs of users and items that are interactions."""
        return self.interactions / (self.users * self.items)


RULES: dict[str, Callable[[Facts], float]] = {
    "a constant": lambda _: 1.0,
    "density": lambda facts: facts.density,
    "sqrt(density)": lambda facts: facts.density**0.5,
    "1 / density": lambda facts: 1 / facts.density,
    "1 / sqrt(density)": lambda facts: facts.density**-0.5,
    "items": lambda facts: facts.items,
    "1 / items": lambda facts: 1 / facts.items,
    "users + items": lambda facts: facts.users + facts.items,
    "1 / (users + items)": lambda facts: 1 / (facts.users + facts.items),
    "interactions per item": lambda facts: facts.interactions / facts.items,
    "interactions per user": lambda facts: facts.interactions / facts.users,
}
"""What the value of a hyper-parameter may be in proportion to."""


@dataclass(frozen=True)
class Scored:
    """NDCG@10 of each combination on a dataset's validation task.

    Parameters
    ----------
    figures
        By the values of both parameters, ``{(ruled, constant): NDCG@10}``.
    popularity
        NDCG@10 of popularity.
    """

    name: str
    facts: Facts
    popularity: float
    figures: Mapping[tuple[float, float], float]

    @property
    def best(self) -> float:
        """The highest NDCG@10."""
        return max(self.figures.values())

    @property
    def values(self) -> list[float]:
        """The values of the ruled parameter that were scored, ascending."""
        return sorted({one for one, _ in self.figures})

    def relative(self, ruled: float, constant: float) -> float:
        """Return NDCG@10 over the highest one; between values that were scored, by interpolation on a log scale."""
        values = self.values
        figures = [self.figures[value, constant] for value in values]
        return float(np.interp(np.log(ruled), np.log(values), figures)) / self.best


@dataclass(frozen=True)
class Outcome:
    """What a rule gives for a dataset, and how well that does.

    Parameters
    ----------
    ruled, constant
        The values of both hyper-parameters; beyond the values that were scored, the nearest of them.
    relative
        NDCG@10 over the highest one.
    """

    ruled: float
    constant: float
    relative: float

    @classmethod
    def of(cls, scored: Scored, ruled: float, constant: float) -> Self:
        """Return the outcome of a value on a dataset."""
        clipped = min(max(ruled, scored.values[0]), scored.values[-1])
        return cls(clipped, constant, scored.relative(clipped, constant))


def run(datasets: Sequence[str]) -> None:
    """Score all combinations of `EXPERIMENTS` on the validation task of each dataset that has no file yet.

    Parameters
    ----------
    datasets
        As ``--dataset`` takes them, or ``NAME=DATASET``, for the name that the page is to have.
    """
    for dataset in datasets:
        name, _, source = dataset.rpartition("=")
        name = name or file_name(source)
        path = SCORED / f"{name}.json"
        if not path.exists():
            data = Data(source, split=SPLITS.get(name, "last"))
            task = data.validation_task(data.load())
            path.parent.mkdir(exist_ok=True)
            write_output(path, (json.dumps(_scored(task), indent=1) + "\n").encode())
            print(path, flush=True)


def _scored(task: Task) -> dict[str, Any]:
    train = task.train
    found: dict[str, Any] = {
        "validation_task": task.digest,
        "facts": {"users": train.n_users, "items": train.n_items, "interactions": len(train)},
        "popularity": _figure("popularity", {}, task),
    }
    for experiment in EXPERIMENTS:
        (ruled, values), (constant, others) = experiment.ruled, experiment.constant
        found[experiment.recommender] = [
            [value, other, _figure(experiment.recommender, {ruled: value, constant: other}, task)]
            for value, other in product(values, others)
        ]
    return found


def _figure(name: str, parameters: Mapping[str, Any], task: Task) -> float:
    """Return NDCG@10 of a recommender with seed 0, its other hyper-parameters as they come."""
    model = registry.load_class(choose_one(name).entry)(**parameters)
    model.fit(task.train, rng=training_rng(0, "fit"))
    ranks = evaluate(model, task, full=False, name=name).ranks.of(compared_users(task))
    return float(np.mean(ndcg(ranks, CUTOFF)))


def read(experiment: Experiment) -> list[Scored]:
    """Return what was scored of an experiment, by dataset, the densest one first.

    Raises
    ------
    ProtocolError
        If fewer than three datasets were scored: nothing could be held out. If a file has other combinations.
    """
    found = []
    for path in sorted(SCORED.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        figures = {(ruled, constant): figure for ruled, constant, figure in document[experiment.recommender]}
        if list(figures) != list(product(experiment.ruled[1], experiment.constant[1])):
            raise ProtocolError(
                f"{path} has other combinations of {experiment.recommender} than are asked for; remove it, and run "
                "`make defaults`"
            )
        found.append(Scored(path.stem, Facts(**document["facts"]), document["popularity"], figures))
    if len(found) <= 2:
        raise ProtocolError(f"{SCORED} has {len(found)} datasets, expected 3 or more; run `make defaults`")
    return sorted(found, key=lambda scored: -scored.facts.density)


def held_out(rule: Rule, scored: Sequence[Scored]) -> list[Outcome]:
    """Return how a rule does on each dataset, with factor and second value chosen on the others."""
    return [_on(rule, left_out, [one for one in scored if one is not left_out]) for left_out in scored]


def _on(rule: Rule, left_out: Scored, others: Sequence[Scored]) -> Outcome:
    constants = {constant for one in others for _, constant in one.figures}
    scales = [rule(one.facts) for one in others]
    lowest, highest = min(one.values[0] for one in others), max(one.values[-1] for one in others)
    factors = np.geomspace(lowest / max(scales), highest / min(scales), N_FACTORS)

    def mean(choice: tuple[float, float]) -> float:
        factor, constant = choice
        return fmean(one.relative(factor * scale, constant) for one, scale in zip(others, scales, strict=True))

    factor, constant = max(product(factors.tolist(), sorted(constants)), key=mean)
    return Outcome.of(left_out, factor * rule(left_out.facts), constant)


def from_home(rule: Rule, experiment: Experiment, scored: Sequence[Scored]) -> list[Outcome]:
    """Return how a rule does on each dataset, with the factor that gives the tuned value on `HOME`."""
    (home,) = (one for one in scored if one.name == HOME)
    ruled, constant = experiment.tuned
    return [Outcome.of(one, ruled * rule(one.facts) / rule(home.facts), constant) for one in scored]


def page() -> str:
    """Return the page: a pure function of the files of `SCORED`."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Defaults: constants or rules?"
    yield ""
    yield (
        "Written by `make defaults`. Most defaults of the built-ins were chosen on MovieLens-100K. Would a rule from "
        "the data's own sizes choose better ones for other data? Each rule makes one hyper-parameter proportional to "
        "a fact about the training interactions. A figure is NDCG@10 on the validation task (seed 0, 100 drawn "
        "negatives) over the highest NDCG@10 of all combinations that were scored on these data: 1 is the best that "
        "could be chosen. No test task was scored."
    )
    for experiment in EXPERIMENTS:
        yield from _section(experiment, read(experiment))
    yield ""
    yield (
        "Between the values that were scored, figures are interpolated; beyond them, the nearest value counts. One "
        "seed is scored for each combination, and the datasets are few: differences of .01 between two rules say "
        "little, and the best of several rules is named by these very figures."
    )


def _section(experiment: Experiment, scored: Sequence[Scored]) -> Iterator[str]:
    (ruled, values), (constant, others) = experiment.ruled, experiment.constant
    tuned, second = experiment.tuned
    yield f"\n## {experiment.recommender}: `{ruled}`\n"
    yield (
        f"Values of `{ruled}`: {_listed(values)}; of `{constant}`: {_listed(others)}. Held out: the factor of the "
        f"rule, and one value of `{constant}`, are chosen on all datasets but one, and judged on the one of the column."
    )
    yield ""
    held = {name: held_out(rule, scored) for name, rule in RULES.items()}
    headers = [f"`{ruled}` in proportion to", "mean", *(one.name for one in scored)]
    yield _table(headers, [[name, *_figures(outcomes)] for name, outcomes in held.items()])
    yield ""
    yield (
        f"From {HOME} alone: the factor gives `{ruled}` {tuned:g} there, as it was tuned, and `{constant}` is "
        f"{second:g}; the mean is that of the other datasets. The row *a constant* is the former default, the same for "
        f'all data; the default is now `"auto"`, in proportion to {experiment.default}.'
    )
    yield ""
    anchored = {name: from_home(rule, experiment, scored) for name, rule in RULES.items()}
    yield _table(headers, [[name, *_figures(outcomes, scored)] for name, outcomes in anchored.items()])
    yield "\nWhat this rule gives; `auto` rounds it, and NDCG@10 is interpolated:\n"
    headers = ["data", "users", "items", "density", f"`{ruled}`"]
    headers += ["NDCG@10", "of the best combination", "of popularity"]
    yield _table(headers, [_given(*pair) for pair in zip(scored, anchored[experiment.default], strict=True)])


def _figures(outcomes: Sequence[Outcome], scored: Sequence[Scored] = ()) -> list[str]:
    """Return the mean, without that of `HOME` where the datasets are named, and the figure of each."""
    names = [one.name for one in scored] or [""] * len(outcomes)
    judged = [outcome.relative for name, outcome in zip(names, outcomes, strict=True) if name != HOME]
    return [accuracy_text(fmean(judged)), *(accuracy_text(outcome.relative) for outcome in outcomes)]


def _given(scored: Scored, outcome: Outcome) -> list[str]:
    """Return the row of what a rule gives for a dataset."""
    facts = scored.facts
    sizes = [f"{facts.users:,}", f"{facts.items:,}", f"{facts.density:.2g}"]
    figures = outcome.relative * scored.best, scored.best, scored.popularity
    return [scored.name, *sizes, f"{outcome.ruled:.3g}", *map(accuracy_text, figures)]


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def main(argv: Sequence[str] | None = None) -> int:
    """Score or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("run", "page"))
    parser.add_argument("datasets", nargs="*", metavar="DATASET", help="NAME, or NAME=DATASET; not needed for page")
    arguments = parser.parse_args(argv)
    try:
        if arguments.step == "run":
            run(arguments.datasets)
        else:
            write_output(PAGE, page().encode())
    except RecbenchError as error:
        print(f"defaults: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
