"""The page ``results/defaults.md``: whether rules from the data's own facts predict better defaults than constants.

::

    python results/defaults.py run ml-100k filmtrust ml-1m=ncf:Data/ml-1m    score each combination of `EXPERIMENTS`
    python results/defaults.py page                                          the page, from what was scored

Everything is scored on validation tasks. ``run`` writes ``results/defaults/DATASET.json`` for each dataset, and leaves
out datasets that have such a file. The page is a pure function of these files: each rule has one constant, which is
chosen on all datasets but one, and is judged on the one that had no part in the choice.
"""

from __future__ import annotations

import argparse
import json
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
from protocol.errors import ProtocolError
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import ndcg
from protocol.tasks.compared import compared_users
from recommenders import registry
from recommenders.als import ALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from protocol.tasks.task import Task

HERE = Path(__file__).parent
SCORED = HERE / "defaults"
PAGE = HERE / "defaults.md"

SPLITS = {"lastfm-2k": "random:0", "filmtrust": "random:0"}
"""The split of datasets without times; the others have the default one."""

N_CONSTANTS = 60
"""So many constants of a rule are tried, in equal steps on a logarithmic scale."""


@dataclass(frozen=True)
class Experiment:
    """Two hyper-parameters of a recommender and the values that are scored, each with each.

    Parameters
    ----------
    ruled
        The one that rules predict, and its values, ascending.
    constant
        The other one; every rule has one value of it for all data.
    """

    recommender: str
    ruled: tuple[str, Sequence[float]]
    constant: tuple[str, Sequence[float]]


EXPERIMENTS = (
    Experiment(
        "als",
        ("unobserved_weight", (3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 1.0)),
        ("reg", (0.003, 0.01, 0.03, 0.1)),
    ),
    Experiment("item_knn", ("neighbors", (5, 10, 20, 40, 80, 160, 320)), ("shrinkage", (0.0, 2.0, 5.0, 20.0, 50.0))),
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
    "in proportion to the density": lambda facts: facts.density,
    "to its square root": lambda facts: facts.density**0.5,
    "to 1 / items": lambda facts: 1 / facts.items,
    "to 1 / sqrt(items)": lambda facts: facts.items**-0.5,
    "to 1 / (users + items)": lambda facts: 1 / (facts.users + facts.items),
    "to interactions per item": lambda facts: facts.interactions / facts.items,
    "to interactions per user": lambda facts: facts.interactions / facts.users,
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

    def relative(self, ruled: float, constant: float) -> float:
        """Return NDCG@10 over the highest one; between values that were scored, by interpolation on a log scale."""
        values = sorted({one for one, _ in self.figures})
        figures = [self.figures[value, constant] for value in values]
        return float(np.interp(np.log(ruled), np.log(values), figures)) / self.best


@dataclass(frozen=True)
class HeldOut:
    """How a rule does on a dataset that had no part in the choice of its constant.

    Parameters
    ----------
    ruled, constant
        What the rule, with its constant, gives for this dataset.
    relative
        NDCG@10 over the highest one.
    """

    ruled: float
    constant: float
    relative: float


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


def read(recommender: str) -> list[Scored]:
    """Return what was scored of a recommender, by dataset, the densest one first.

    Raises
    ------
    ProtocolError
        If fewer than three datasets were scored: nothing could be held out.
    """
    found = []
    for path in sorted(SCORED.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        figures = {(ruled, constant): figure for ruled, constant, figure in document[recommender]}
        found.append(Scored(path.stem, Facts(**document["facts"]), document["popularity"], figures))
    if len(found) <= 2:
        raise ProtocolError(f"{SCORED} has {len(found)} datasets, expected 3 or more; run `make defaults`")
    return sorted(found, key=lambda scored: -scored.facts.density)


def held_out(rule: Callable[[Facts], float], scored: Sequence[Scored]) -> list[HeldOut]:
    """Return how a rule does on each dataset, with constants that were chosen on the others."""
    return [_on(rule, left_out, [one for one in scored if one is not left_out]) for left_out in scored]


def _on(rule: Callable[[Facts], float], left_out: Scored, others: Sequence[Scored]) -> HeldOut:
    values = {ruled for one in others for ruled, _ in one.figures}
    constants = {constant for one in others for _, constant in one.figures}
    scales = [rule(one.facts) for one in others]
    factors = np.geomspace(min(values) / max(scales), max(values) / min(scales), N_CONSTANTS)

    def mean(choice: tuple[float, float]) -> float:
        factor, constant = choice
        return fmean(one.relative(factor * scale, constant) for one, scale in zip(others, scales, strict=True))

    factor, constant = max(product(factors.tolist(), sorted(constants)), key=mean)
    ruled = factor * rule(left_out.facts)
    return HeldOut(ruled, constant, left_out.relative(ruled, constant))


def page() -> str:
    """Return the page: a pure function of the files of `SCORED`."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Defaults: constants or rules?"
    yield ""
    yield (
        "Written by `make defaults`. The defaults of the built-ins were chosen on MovieLens-100K. Would a rule from "
        "the data's own sizes choose better ones for other data? Each rule makes one hyper-parameter proportional to "
        "a fact about the training interactions. Its factor, and the value of a second hyper-parameter, are chosen on "
        "all datasets but one, and judged on the one that is left out. A figure is NDCG@10 on the validation task "
        "(seed 0, 100 drawn negatives) over the highest NDCG@10 of all combinations on these data: 1 is the best that "
        "could be chosen. No test task was scored."
    )
    for experiment in EXPERIMENTS:
        yield from _section(experiment, read(experiment.recommender))
    yield ""
    yield (
        "Between the values that were scored, figures are interpolated. One seed is scored for each combination, and "
        "the datasets are few: differences of .01 between two rules say little."
    )


def _section(experiment: Experiment, scored: Sequence[Scored]) -> Iterator[str]:
    (ruled, values), (constant, others) = experiment.ruled, experiment.constant
    found = {name: held_out(rule, scored) for name, rule in RULES.items()}
    means = {name: fmean(one.relative for one in results) for name, results in found.items()}
    best = max(means, key=lambda name: means[name])
    yield f"\n## {experiment.recommender}: `{ruled}`\n"
    yield (
        f"Values of `{ruled}`: {_listed(values)}; of `{constant}`: {_listed(others)}. The column of a dataset is about "
        "that dataset left out; the last rows were not held out."
    )
    yield ""
    rows = [[name, *_figures([one.relative for one in results])] for name, results in found.items()]
    for title, setting in IN_USE[experiment.recommender].items():
        rows.append([title, *_figures([one.relative(*setting(one.facts)) for one in scored])])
    yield _table([f"`{ruled}`", "mean", *(one.name for one in scored)], rows)
    yield f"\nThe best held-out rule: {best}. It gives:\n"
    headers = ["data", "users", "items", "density", f"`{ruled}`", f"`{constant}`"]
    headers += ["NDCG@10", "of the best combination", "of popularity"]
    yield _table(headers, [_given(one, result) for one, result in zip(scored, found[best], strict=True)])


def _figures(relative: Sequence[float]) -> list[str]:
    """Return the mean, and each."""
    return [accuracy_text(fmean(relative)), *map(accuracy_text, relative)]


def _given(scored: Scored, result: HeldOut) -> list[str]:
    """Return the row of what a rule gives for a dataset."""
    facts = scored.facts
    sizes = [f"{facts.users:,}", f"{facts.items:,}", f"{facts.density:.2g}"]
    figures = result.relative * scored.best, scored.best, scored.popularity
    return [scored.name, *sizes, f"{result.ruled:.2g}", f"{result.constant:g}", *map(accuracy_text, figures)]


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True)


def _default(recommender: str, parameter: str) -> Any:
    return registry.describe(registry.load_class(registry.find(recommender)), {}).parameters[parameter].default


def _of_als(facts: Facts) -> tuple[float, float]:
    return ALS().weight_for(facts.users, facts.items, facts.interactions), _default("als", "reg")


IN_USE: dict[str, dict[str, Callable[[Facts], tuple[float, float]]]] = {
    "als": {
        'the default, `"auto"`': _of_als,
        "what was the default, .2": lambda _: (0.2, _default("als", "reg")),
    },
    "item_knn": {"the default": lambda _: (_default("item_knn", "neighbors"), _default("item_knn", "shrinkage"))},
}
"""What recbench has or had, as both hyper-parameters on data of these facts; chosen on all of the data."""


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def main(argv: Sequence[str] | None = None) -> None:
    """Score or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("run", "page"))
    parser.add_argument("datasets", nargs="*", metavar="DATASET", help="NAME, or NAME=DATASET; not needed for page")
    arguments = parser.parse_args(argv)
    if arguments.step == "run":
        run(arguments.datasets)
    else:
        write_output(PAGE, page().encode())


if __name__ == "__main__":
    main()
