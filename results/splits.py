"""The page ``results/splits.md``: how much the order of recommenders depends on the split.

::

    python results/splits.py run ml-100k ml-latest-small=data/ratings.csv    the default suite under each split
    python results/splits.py page                                            the page, from the records alone

The records of each dataset and split are in ``results/splits/DATASET/SPLIT``; the page is a pure function of them.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scipy.stats import kendalltau
from tabulate import tabulate

import bench
from bench.analysis.summary import Summary, summarise
from bench.names import file_name
from bench.records.compared import n_compared
from bench.records.results_folders import split_folder_name
from bench.records.store import Store
from bench.writing.text import accuracy_text
from protocol.drafts import write_output
from protocol.errors import ProtocolError
from protocol.tasks.split_rule import rule_of_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
RECORDS = HERE / "splits"
PAGE = HERE / "splits.md"

SPLITS = ("last", "random:0", "random:1", "time:0.9", "time:0.9,target=last", "time:0.9,target=random")
"""Two seeds of the random split show how well a split agrees with its own kind."""

SEEDS = "0-2"
NAME = "NDCG@10"


@dataclass(frozen=True)
class Order:
    """The means of one dataset under one split, and in the full ranking.

    Parameters
    ----------
    split
        As users write it.
    means
        NDCG@10 of each recommender that has it, by its label.
    failed
        The labels of recommenders without a figure.
    """

    split: str
    n_users: int
    means: Mapping[str, float]
    failed: tuple[str, ...] = ()


def run(datasets: Sequence[str], recommenders: Sequence[str], out: Path, **options: Any) -> None:
    """Run recommenders on each dataset under each of `SPLITS`; what is stored already is not run again.

    Parameters
    ----------
    datasets
        As ``--dataset`` takes them, or ``NAME=DATASET``, for the name that the page is to have.
    """
    for dataset, split in itertools.product(datasets, SPLITS):
        name, _, source = dataset.rpartition("=")
        place = out / (name or file_name(source)) / split_folder_name(split)
        bench.run(source, recommenders or None, split=split, seeds=SEEDS, out=place, **options)


def orders(folder: Path, name: str) -> list[Order]:
    """Return the means of a dataset under each split that its folder has, in the order of `SPLITS`.

    Parameters
    ----------
    name
        Of the mean: `NAME`, or ``full`` and that.

    Raises
    ------
    ProtocolError
        If there is none, or the splits are of different data.
    """
    found = [summarise(Store(place).records()) for place in sorted(folder.iterdir()) if place.is_dir()]
    if len({summary.task.parts.dataset for summary in found}) != 1:
        raise ProtocolError(f"{folder} holds no records, or records of several datasets; run `make splits` again")
    by_split = {str(rule_of_part(summary.task.parts.split)): _order(summary, name) for summary in found}
    return [by_split[split] for split in SPLITS if split in by_split]


def _order(summary: Summary, name: str) -> Order:
    means = {row.label: row.accuracy[name].mean for row in summary.rows if name in row.accuracy}
    users = n_compared(summary.task, "full" if name.startswith("full") else summary.primary_view)
    failed = tuple(sorted({row.label for row in summary.rows} - means.keys()))
    return Order(str(rule_of_part(summary.task.parts.split)), users, means, failed)


def taus(found: Sequence[Order]) -> dict[tuple[str, str], float]:
    """Return Kendall's tau-b between each two splits, over the recommenders that have a figure in both."""
    values = {}
    for one, other in itertools.combinations(found, 2):
        labels = sorted(one.means.keys() & other.means.keys())
        tau = kendalltau([one.means[label] for label in labels], [other.means[label] for label in labels]).statistic
        values[one.split, other.split] = float(tau)
    return values


def page(folder: Path) -> str:
    """Return the page on the datasets of a folder."""
    return "\n".join(_lines(folder)) + "\n"


def _lines(folder: Path) -> Iterator[str]:
    yield "# How much the order of recommenders depends on the split"
    yield ""
    yield (
        f"Written by `make splits`; a pure function of the records in `results/splits/`. The default suite with its "
        f"defaults, seeds {SEEDS}, under each split of the protocol (clauses P5, P26 and P27 of `protocol/README.md`). "
        f"Each split is a task of its own: its figures say nothing about those of another split, and only the orders "
        f"are compared, by Kendall's tau-b over the recommenders that have a figure under both."
    )
    for place in sorted(each for each in folder.iterdir() if each.is_dir()):
        for name, against in ((NAME, "against 100 drawn negatives"), (f"full {NAME}", "in the full ranking")):
            yield from _section(place.name, orders(place, name), against)


def _section(dataset: str, found: Sequence[Order], against: str) -> Iterator[str]:
    splits = [order.split for order in found]
    labels = sorted({label for order in found for label in order.means}, key=lambda label: -_first(found, label))
    yield f"\n## {dataset}, {NAME} {against}\n"
    body = [[label, *(_figure(order, label) for order in found)] for label in labels]
    users = ["users", *(f"{order.n_users:,}" for order in found)]
    yield _table([*body, users], ["recommender", *splits])
    yield "\nThe place of each figure in its column is in brackets. Kendall's tau between each two splits:\n"
    values = taus(found)
    matrix = [[one, *(_tau(values, one, other) for other in splits)] for one in splits]
    yield _table(matrix, ["", *splits])
    failed = [f"{', '.join(order.failed)} under {order.split}" for order in found if order.failed]
    if failed:
        yield f"\nWithout a figure: {'; '.join(failed)}."


def _first(found: Sequence[Order], label: str) -> float:
    return found[0].means.get(label, -1.0)


def _figure(order: Order, label: str) -> str:
    if label not in order.means:
        return "-"
    place = 1 + sum(other > order.means[label] for other in order.means.values())
    return f"{accuracy_text(order.means[label])} ({place})"


def _tau(values: Mapping[tuple[str, str], float], one: str, other: str) -> str:
    if one == other:
        return "1"
    return f"{values.get((one, other), values.get((other, one), float('nan'))):.2f}"


def _table(body: Sequence[Sequence[str]], headers: Sequence[str]) -> str:
    return tabulate(body, headers, tablefmt="github", disable_numparse=True)


def main() -> None:
    """Run, or write the page."""
    parser = argparse.ArgumentParser(description="how much the order of recommenders depends on the split")
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run")
    runner.add_argument("datasets", nargs="+", metavar="[NAME=]DATASET")
    runner.add_argument("-r", "--recommender", action="append", default=[], dest="recommenders")
    for each in (runner, commands.add_parser("page")):
        each.add_argument("--records", type=Path, default=RECORDS)
    commands.choices["page"].add_argument("--output", type=Path, default=PAGE)
    arguments = parser.parse_args()
    if arguments.command == "run":
        run(arguments.datasets, arguments.recommenders, arguments.records)
    else:
        write_output(arguments.output, page(arguments.records).encode())


if __name__ == "__main__":
    main()
