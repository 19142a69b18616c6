"""Published figures, reproduced: our recommenders on the NCF paper's own split of MovieLens-1M.

::

    python results/reproductions/reproduce.py tune PREFIX  # choose unpublished parameters, on the validation task
    python results/reproductions/reproduce.py run PREFIX   # score the test task
    python results/reproductions/reproduce.py lists PREFIX  # SASRec without the items that its paper leaves out
    python results/reproductions/reproduce.py epochs PREFIX  # what choosing epochs on the test task adds
    python results/reproductions/reproduce.py pretrained PREFIX  # NeuMF from a GMF and an MLP of their own settings
    python results/reproductions/reproduce.py page         # write results/reproductions.md

PREFIX is a path without endings: ``PREFIX.train.rating``, ``PREFIX.test.rating`` and ``PREFIX.test.negative`` are the
files of https://github.com/hexiangnan/neural_collaborative_filtering (``Data/ml-1m``). The file
``published.toml`` names what is run and the published figures; ``spaces/`` holds the search spaces. The first two steps
continue where they were stopped; ``tune PREFIX --search deep`` makes one of the searches. ``citeulike.py`` writes the
records of the section about citeulike-a; ``ials.py`` has what is run for the one about irspack; ``sasrec_lists.py``,
``best_epochs.py`` and ``pretrained.py`` have the steps ``lists``, ``epochs`` and ``pretrained``.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import best_epochs
import citeulike
import ials
import pretrained
import sasrec_lists
from tabulate import tabulate

import bench
from bench.analysis.summary import Summary, summarise
from bench.choices import choose, parse, value_text
from bench.data import Data
from bench.records.store import Store
from bench.tables.machines import machine_lines
from bench.tuning.budget import Budget
from bench.tuning.tuned_file import Tuned
from bench.writing.text import accuracy_text, amount_text, spread_text
from protocol.drafts import write_output
from protocol.errors import DatasetError, ProtocolError, RecbenchError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.analysis.rows import Row

HERE = Path(__file__).parent
RECORDS, TUNING = HERE / "ml-1m", HERE / "tuning"
PAGE = HERE.parent / "reproductions.md"


@dataclass(frozen=True)
class Search:
    """How a file of ``spaces/`` is searched.

    Parameters
    ----------
    budget
        What each recommender may use; none if the file is a grid, which is tried in full.
    patience
        Epochs without a better one after which a training is stopped.
    """

    budget: Budget | None
    patience: int

    def options(self, space: Path) -> dict[str, Any]:
        """Return the options of `bench.tune` for a file of ``spaces/``.

        Trials run one at a time: then the same seed tries the same combinations. In a grid the order does not matter,
        and two run at once.
        """
        what = {"spaces": space, "jobs": 1, **asdict(self.budget)} if self.budget else {"grid": space, "jobs": 2}
        return {**what, "patience": self.patience}


BY_NAME = "sequences-bce"
"""The result of this search is named in ``published.toml``: that of ``sequences.toml`` has another loss."""

SEARCHES: Mapping[str, Search] = {
    "shallow": Search(Budget(trials=200, seconds=800.0), patience=5),
    "deep": Search(Budget(seconds=1200.0), patience=5),
    "ials": Search(Budget(trials=40), patience=3),
    "sequences": Search(None, patience=10),
    BY_NAME: Search(None, patience=10),
}
"""The searches by the name of their file in ``spaces/``.

SASRec has the most patience: with 3, its trainings stopped much too early. Deep recommenders have more seconds, because
one training takes minutes.
"""

N_SEEDS = {"mf": 4, "sasrec": 1}
"""Trainings of some recommenders, with seeds 0, 1, ...: fewer of what takes longest."""

OTHERS = 3
"""Trainings of the others."""

CHANGED = {"p3alpha": {"neighbors_of"}, "rp3beta": {"neighbors_of"}}
"""Hyper-parameters whose default is not what recommenders did before they had them."""

CONTENTS = {
    "train.rating": "94e7617cb4c78011159470243b1a83b539107743c2929ef00ea45470a1a8d101",
    "test.rating": "3cbab4095b68720ee92af10bd5d2635f646d3cf76a25f0cdca4652d5e97e0c85",
    "test.negative": "2d32451f8f8db53d2759d85dd89bdbe07b0863add4943aee1d2c0d59d14f4334",
}
"""SHA-256 of the first two columns of the rating files, and of the whole file of lists; lines sorted as bytes."""


@dataclass(frozen=True)
class Figure:
    """One published pair of figures, and our recommender for it.

    Parameters
    ----------
    HR, NDCG
        At 10, with the digits published.
    ours
        ``NAME`` if its parameters were tuned, else ``NAME:param=value,...``.
    """

    model: str
    HR: str
    NDCG: str
    ours: str
    goal: Literal["equal", "at least"]
    settings: str
    source: str
    deviations: str


def tuned() -> Mapping[str, Mapping[str, Any]]:
    """Return the parameters that were chosen on the validation task, by recommender."""
    return {name: each for path in tuned_files() for name, each in Tuned.read(path).parameters.items()}


def tuned_files() -> list[Path]:
    """Return the files whose parameters are used where ``published.toml`` gives none."""
    return [tuned_file(search) for search in SEARCHES if search != BY_NAME]


def tuned_file(search: str) -> Path:
    """Return the file that `tune` writes for a search."""
    return TUNING / search / "tuned.toml"


def published() -> list[Figure]:
    """Return the figures of ``published.toml``."""
    tables = tomllib.loads((HERE / "published.toml").read_text(encoding="utf-8"))["figure"]
    return [Figure(**table) for table in tables]


def text_of(model: str) -> str:
    """Return what is run for a model of ``published.toml``."""
    return next(figure.ours for figure in published() if figure.model == model)


def content_digest(path: Path) -> str:
    """Return the digest of a file, as in `CONTENTS`."""
    lines = path.read_bytes().splitlines()
    if path.suffix == ".rating":
        lines = [b"\t".join(line.split(b"\t")[:2]) for line in lines]
    return hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()


def check_files(prefix: str) -> None:
    """Refuse files other than those of the published figures.

    Raises
    ------
    DatasetError
        Naming the first file that is missing or differs.
    """
    for ending, expected in CONTENTS.items():
        path = Path(f"{prefix}.{ending}")
        if not path.is_file():
            raise DatasetError(f"there is no file {path}; PREFIX is a path without endings, such as Data/ml-1m")
        if content_digest(path) != expected:
            raise DatasetError(f"{path} is not the NCF paper's file of MovieLens-1M: its contents have another SHA-256")


def data_of(prefix: str) -> Data:
    """Return the files, with a validation task that has as many negatives as their lists."""
    return Data(f"ncf:{prefix}", negatives=99)


def tune(prefix: str, names: Iterable[str]) -> None:
    """Choose on the validation task, with the same budget for every recommender of a file of ``spaces/``."""
    for name in names:
        search = SEARCHES[name]
        bench.tune(
            data_of(prefix),
            **search.options(HERE / "spaces" / f"{name}.toml"),
            threads=1,
            timeout=7200,
            out=TUNING / name,
        )


def run(prefix: str) -> None:
    """Fit all that ``published.toml`` names, and score the test task."""
    for text in dict.fromkeys(figure.ours for figure in published()):
        run_one(prefix, text)
    ials.run(data_of(prefix))


def run_one(prefix: str, text: str) -> None:
    """Fit what a text of ``published.toml`` names, with each of its seeds, and score the test task."""
    bench.run(
        data_of(prefix),
        [text],
        params=next((path for path in tuned_files() if text in Tuned.read(path).parameters), None),
        seeds=range(N_SEEDS.get(parse(text)[0], OTHERS)),
        full_limit=1,
        timeout=7200,
        out=RECORDS,
    )


def page() -> str:
    """Return the page: a pure function of the records, ``tuned.toml`` and ``published.toml``."""
    summary = summarise(list(Store(RECORDS).records()))
    chosen, remedy = tuned(), "reproduce.py run PREFIX"
    figures = [(figure, row_of(figure.ours, summary, chosen, remedy)) for figure in published()]
    theirs = {figure.model: (figure.HR, figure.NDCG) for figure, _ in figures}
    best = best_epochs.section(theirs, chosen, "reproduce.py epochs PREFIX")
    parts = (
        _head(summary),
        _table(figures),
        _reading(figures),
        best,
        pretrained.section(theirs["NeuMF, pre-trained"], chosen, "reproduce.py pretrained PREFIX"),
        ials.section(),
        sasrec_lists.section(theirs["SASRec"], text_of("SASRec"), "reproduce.py lists PREFIX"),
        citeulike.section(),
        _remake(),
        _machine(summary),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def row_of(text: str, summary: Summary, chosen: Mapping[str, Mapping[str, Any]], remedy: str) -> Row:
    """Return the row of what was run, with the parameters that the text gives or those that were chosen.

    Parameters
    ----------
    text
        ``NAME`` or ``NAME:param=value,...``.
    chosen
        Tuned parameters by recommender.
    remedy
        What to run if there is no such row.

    Raises
    ------
    ProtocolError
        If it failed or is missing.
    """
    (choice,) = choose([text])
    name, given = choice.entry.name, choice.parameters or chosen.get(text, {})
    known = registry.required_description_of(choice.entry).parameters
    asked = _texts(given).items()
    expected = _texts({parameter: about.default for parameter, about in known.items()} | dict(given)).items()
    for row in summary.rows:
        # A record may lack a hyper-parameter that is younger, unless the default changed with it.
        found = _texts(row.recommender.parameters).items()
        is_whole = CHANGED.get(name, set()) <= row.recommender.parameters.keys()
        if row.recommender.name == name and asked <= found <= expected and is_whole and not row.failed:
            return row
    raise ProtocolError(f"there is no fitted record of {text}; run `{remedy}`")


def _texts(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return parameters as they are written; JSON and TOML make lists of tuples."""
    return {name: value_text(tuple(value) if isinstance(value, list) else value) for name, value in parameters.items()}


def _head(summary: Summary) -> Iterator[str]:
    facts = summary.task.facts
    yield "# Published figures, reproduced"
    yield ""
    yield (
        f"Leave-last-out on MovieLens-1M exactly as the NCF paper split it: {facts.n_evaluated:,} users, "
        f"{facts.n_train:,} training interactions, the paper's own lists of 99 negatives "
        f"(task `{summary.task.digest}`). `results/reproductions/reproduce.py` writes this page from the records in "
        "`results/reproductions/ml-1m`; only the published figures and the deviations are typed in."
    )
    yield ""


def _table(figures: Sequence[tuple[Figure, Row]]) -> Iterator[str]:
    rows = []
    for figure, row in figures:
        cells = [figure.model, f"`{row.label}`", len(row.seeds)]
        for metric, theirs in (("HR", figure.HR), ("NDCG", figure.NDCG)):
            ours = row.accuracy[f"{metric}@10"]
            cells += [f"{accuracy_text(ours.mean)} {spread_text(ours.half_width)}", theirs.removeprefix("0")]
        rows.append([*cells, _verdict(figure, row), amount_text(row.fit_seconds)])
    headers = ["model", "ours", "seeds", "HR@10", "published", "NDCG@10", "published", "goal", "fit s"]
    yield tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True)
    yield ""
    yield (
        "± is half of the 95 % interval over users, for these trained models. fit is the mean time of one training. "
        "Seeds is the number of trainings; deterministic recommenders need only one. The goal is to be *equal* in all "
        "published digits, or *at least* as high. Times are wall-clock times with nothing else at work. The "
        "searches below ran beside one another: read their seconds as an upper bound."
    )
    yield ""


def _verdict(figure: Figure, row: Row) -> str:
    """Say whether the goal is reached, and if not, by how much it is missed."""
    gaps = []
    for metric, theirs in (("HR", figure.HR), ("NDCG", figure.NDCG)):
        digits = len(theirs.partition(".")[2])
        gap = round(row.accuracy[f"{metric}@10"].mean, digits) - float(theirs)
        if round(abs(gap) if figure.goal == "equal" else max(0.0, -gap), digits) > 0:
            gaps.append(f"{metric} {gap:+.{digits}f}")
    return f"{figure.goal}: " + (f"**no** ({', '.join(gaps)})" if gaps else "yes")


def _reading(figures: Sequence[tuple[Figure, Row]]) -> Iterator[str]:
    yield "## Settings and deviations"
    yield ""
    for figure, _ in figures:
        chosen = " Our parameters were chosen on the validation task." if figure.ours in tuned() else ""
        yield f"- **{figure.model}**, {figure.source}. Published with: {figure.settings}.{chosen} "
        yield f"  Deviations: {figure.deviations}"
    yield ""
    searches = {
        search: tomllib.loads(tuned_file(search).read_text(encoding="utf-8"))["selection"] for search in SEARCHES
    }
    yield (
        f"The searches on the validation task (`{searches[BY_NAME]['validation_task']}`, which knows no test item) "
        "used early stopping. In the folders of `results/reproductions/tuning/`, `tuned.toml` has the chosen "
        "parameters and `trials.csv` has all trials:"
    )
    yield ""
    found = [
        (search, about, name, entry)
        for search, about in searches.items()
        for name, entry in about.items()
        if isinstance(entry, dict)
    ]
    rows = [
        [search, name, about["budget"], about["patience"], entry["combinations"], *_accuracy_texts(entry)]
        for search, about, name, entry in found
    ]
    headers = ["folder", "recommender", "budget", "patience", "combinations tried"]
    headers += ["validation HR@10", "validation NDCG@10"]
    yield tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True)
    yield ""
    edges = [f"- `{name}` ({search}): {edge}." for search, _, name, entry in found for edge in entry.get("at_edge", ())]
    if edges:
        yield from ("At the edge of what was searched, so that more may be better:", "", *edges, "")


def _accuracy_texts(entry: Mapping[str, float]) -> list[str]:
    return [accuracy_text(entry[metric]) for metric in ("HR@10", "NDCG@10")]


def _remake() -> Iterator[str]:
    yield "## How to make this page again"
    yield ""
    yield "The files are `Data/ml-1m.*` of <https://github.com/hexiangnan/neural_collaborative_filtering>:"
    yield ""
    yield "    make reproductions NCF=path/to/Data/ml-1m"
    yield ""
    yield (
        "The script reads only users, items and each user's order in time. It checks these SHA-256 digests of the "
        "first two columns of the rating files, and of the whole file of lists, with lines sorted as bytes and joined "
        "by newlines:"
    )
    yield ""
    for ending, digest in CONTENTS.items():
        yield f"- `ml-1m.{ending}`: `{digest}`"
    yield ""
    yield (
        "In our copy of `ml-1m.train.rating`, times are positions in a user's order. With Unix times, the protocol "
        "orders ties among a user's latest training interactions, so the validation task may hold out another item and "
        "tuning may choose other parameters. Where the seconds of a budget are used up first, tuning may also choose "
        "other parameters on a faster or slower machine. Deterministic recommenders with the published settings stay "
        "the same."
    )
    yield ""
    yield (
        "For citeulike-a, `python results/reproductions/citeulike.py FILE`, where FILE is `data/citeulike-a.npz` of "
        f"<https://github.com/tebesu/CollaborativeMemoryNetwork> (SHA-256 `{citeulike.SHA256}`), and then "
        "`python results/reproductions/reproduce.py page`."
    )
    yield ""


def _machine(summary: Summary) -> Iterator[str]:
    yield "## Machine"
    yield ""
    yield from machine_lines(summary)


def main(argv: Sequence[str] | None = None) -> int:
    """Tune, run or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("tune", "run", "lists", "epochs", "pretrained", "page"))
    parser.add_argument("--search", choices=SEARCHES, help="which search tune makes; all by default")
    parser.add_argument("prefix", nargs="?", metavar="PREFIX", help="path without endings; not needed for page")
    arguments = parser.parse_args(argv)
    if arguments.step != "page" and not arguments.prefix:
        parser.error(f"{arguments.step} needs PREFIX, the path of the NCF paper's files without endings")
    if arguments.search and arguments.step != "tune":
        parser.error("--search is only for tune")
    try:
        if arguments.step == "page":
            write_output(PAGE, page().encode())
        else:
            check_files(arguments.prefix)
            if arguments.step == "tune":
                tune(arguments.prefix, [arguments.search] if arguments.search else SEARCHES)
            elif arguments.step == "run":
                run(arguments.prefix)
            elif arguments.step == "lists":
                sasrec_lists.run(data_of(arguments.prefix), text_of("SASRec"))
            else:
                steps = {"epochs": best_epochs, "pretrained": pretrained}
                steps[arguments.step].run(data_of(arguments.prefix), tuned())
    except RecbenchError as error:
        print(f"reproduce: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
