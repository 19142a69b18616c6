"""The page ``results/peers.md``: each of our models beside implementations of the same model in other libraries.

::

    python results/peers/page.py

It is a pure function of the records in ``tuned/`` and ``defaults/`` and of ``tuning/tuned.toml``, which `make peers`
writes.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pairs import Pair, accuracy_cells, compared, listed, losses, name_of, ndcg_of, time_cells
from tabulate import tabulate

from bench.analysis.summary import Summary, summarise
from bench.records.compared import n_compared
from bench.records.store import Record, Store
from bench.tables.machines import machine_lines
from bench.tables.notes import notes_of
from bench.writing.text import accuracy_text, amount_text
from protocol.drafts import write_output
from protocol.errors import ProtocolError, RecbenchError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bench.analysis.rows import Row
    from bench.records.record import Record

HERE = Path(__file__).parent
PAGE = HERE.parent / "peers.md"
SECOND = HERE / "ml-1m.md"
"""The page that ``ml_1m.py`` writes."""

PAIRS = (
    (
        "item_knn",
        (
            "implicit.cosine", "implicit.bm25", "irspack.item_knn", "lenskit.item_knn", "lenskit2026.item_knn",
            "skrecsys.bm25", "skrecsys.item_knn",
        ),
    ),
    ("user_knn", ("irspack.user_knn", "lenskit.user_knn", "lenskit2026.user_knn")),
    ("p3alpha", ("irspack.p3alpha",)),
    ("rp3beta", ("irspack.rp3beta", "skrecsys.rp3beta")),
    ("ease", ("cornac.ease", "irspack.ease", "lenskit.ease", "lenskit2026.ease", "recbole.EASE", "skrecsys.ease")),
    ("slim", ("irspack.slim", "lenskit.slim", "lenskit2026.slim", "skrecsys.slim")),
    ("pure_svd", ("sklearn.truncated_svd",)),
    ("als", ("implicit.als", "irspack.ials", "lenskit.implicit_mf", "lenskit2026.implicit_mf", "cornac.wmf")),
    ("bpr", ("implicit.bpr", "cornac.bpr", "recbole.BPR", "skrecsys.bpr")),
    ("mf", ("implicit.lmf",)),
    ("gmf", ("cornac.gmf",)),
    ("mlp", ("cornac.mlp",)),
    ("neumf", ("cornac.neumf", "recbole.NeuMF")),
    ("multi_vae", ("cornac.vaecf", "recbole.MultiVAE")),
    ("light_gcn", ("recbole.LightGCN",)),
    ("sasrec", ("rectools.SASRec",)),
)  # fmt: skip
"""Our model, and the same or the nearest one of other libraries."""


@dataclass(frozen=True)
class TunedPair(Pair):
    """Ours and theirs, tuned with the same budget.

    Parameters
    ----------
    as_they_come
        NDCG@10 of both at their defaults.
    """

    as_they_come: tuple[float, float]


def tuned_pairs(
    records: Sequence[Record], summary: Summary, defaults: Summary, tuned: Collection[str]
) -> list[TunedPair]:
    """Return the pairs whose recommenders were tuned, in the order of `PAIRS`.

    Parameters
    ----------
    records, summary
        With tuned parameters.
    defaults
        The same recommenders with their defaults.
    tuned
        The names of those that were tuned.

    Raises
    ------
    ProtocolError
        If a recommender of a pair is missing, failed, or has more than one row.
    """
    names = [(ours, peer) for ours, peers in PAIRS for peer in peers if peer in tuned]
    named = [(_row(summary, ours), _row(summary, peer)) for ours, peer in names]
    plain = [(ndcg_of(_row(defaults, ours)), ndcg_of(_row(defaults, peer))) for ours, peer in names]
    found = compared(records, named)
    return [
        TunedPair(pair.ours, pair.theirs, pair.difference, pair.p_holm, both)
        for pair, both in zip(found, plain, strict=True)
    ]


def _row(summary: Summary, name: str) -> Row:
    found = [row for row in summary.rows if name_of(row) == name and not row.failed]
    if len(found) != 1:
        labels = ", ".join(row.label for row in found)
        raise ProtocolError(
            f"{len(found)} rows of {name} were fitted{': ' if labels else ''}{labels}; expected one: remove "
            f"{HERE.name}/tuned and {HERE.name}/defaults, and run `make peers`"
        )
    return found[0]


def page() -> str:
    """Return the page."""
    records = list(Store(HERE / "tuned").records())
    summary, defaults = summarise(records), summarise(Store(HERE / "defaults").records())
    selection = _selection(HERE / "tuning" / "tuned.toml")
    found = tuned_pairs(records, summary, defaults, selection)
    ours_lose = losses(found, "each with its own tuned parameters")
    parts = (_head(summary, selection), _table(found, selection), ours_lose, _second(), _machine(summary))
    return "\n".join(line for part in parts for line in part) + "\n"


def _selection(path: Path) -> Mapping[str, Any]:
    try:
        selection: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["selection"]
    except OSError as error:
        raise ProtocolError(f"{path} cannot be read: {error.strerror}; run `make peers`") from error
    return selection


def _head(summary: Summary, selection: Mapping[str, Any]) -> Iterator[str]:
    facts, n_users = summary.task.facts, n_compared(summary.task, summary.primary_view)
    yield "# Our models and those of other libraries, on the same candidates"
    yield ""
    yield (
        f"{summary.task.dataset}, {n_users:,} users, leave-last-out, {facts.n_negatives} negatives "
        f"each (task `{summary.task.digest}`), {len(summary.seeds)} training seeds, one thread. `make peers` "
        "writes this page; no number in the tables is typed in."
    )
    yield ""
    yield (
        "- [**Tuned**](peers/tuned.md): `recbench tune` searched the parameters of every recommender on the validation "
        f"task. Ours and theirs have the same budget: {selection['budget']}. Each is searched in its own "
        "`search_space` ([all trials](peers/tuning/trials.csv), [the chosen parameters](peers/tuning/tuned.toml)). No "
        "trial begins after the budget is used up, but a trial that has begun is finished."
    )
    yield (
        "- [**Defaults**](peers/defaults.md): every recommender with its defaults, one training seed. Our defaults, "
        "except those of `sasrec`, were chosen on this dataset (the table says which); theirs were not. So that table "
        "does not compare the models."
    )
    yield (
        "- A search begins with the defaults, as far as they are in the search space. So ours begin where an earlier "
        "search on this dataset ended: a head start if the budget allows only a few trials. Our models that learn in "
        "epochs stop early in each trial, which finds the number of epochs; for their models, the number of epochs is "
        "one more parameter to search."
    )
    yield (
        "- The searches and the fits with tuned parameters were made on a machine at rest. The defaults, of which only "
        "the accuracy counts, were fitted beside other work."
    )
    yield (
        "- Left out: `cornac.lightgcn`, which takes about 6 s per epoch (`recbench run -r "
        "cornac.lightgcn:num_epochs=5 --threads 1`), too long to train within the budget; and recommenders that have "
        "no parameters to tune or are a variant of one that is here (`implicit.tfidf`, `lenskit.popularity`)."
    )
    later = [f"`{peer}`" for _, peers in PAIRS for peer in peers if peer not in selection]
    if later:
        yield f"- Adapters that came after these records, and are in the next: {', '.join(later)}."
    yield ""


def _table(found: Sequence[TunedPair], selection: Mapping[str, Any]) -> Iterator[str]:
    yield "## The same model, or the nearest one, in several libraries"
    yield ""
    yield tabulate(
        [_cells(pair, selection) for pair in found],
        headers=["ours", "theirs", "NDCG@10", "difference", "p", "defaults", "trials", "search s", "fit s", "score µs"],
        tablefmt="github",
        disable_numparse=True,
    )
    yield ""
    yield (
        "Cells with two values show ours / theirs. The difference is ours minus theirs; ± is half of its 95 % "
        "interval, for this pair alone, over users and, if training is random, over training seeds. p is from a paired "
        f"test, with Holm's correction over these {len(found)} pairs. With so few training seeds, such tests detect "
        "only large differences. Defaults is NDCG@10 with default parameters. Trials counts the different combinations "
        "tried: if there are few, the search could change little. Score is the time per user. `lenskit2026`, "
        "`recbole` and `rectools` run as programs, so their times include starting these programs, and reading and "
        "writing files. `cornac` and `rectools` score all items of a user, and the scores of the candidates are taken "
        "from these."
    )
    yield ""
    worse = [name_of(pair.theirs) for pair in found if ndcg_of(pair.theirs) < pair.as_they_come[1]]
    yield f"Better with defaults than tuned, by chance or because the budget was too small: {listed(worse)}."
    yield ""


def _cells(pair: TunedPair, selection: Mapping[str, Any]) -> list[str]:
    return [
        *(f"`{name_of(row)}`" for row in pair.both),
        *accuracy_cells(pair),
        " / ".join(accuracy_text(value) for value in pair.as_they_come),
        " / ".join(str(selection[name_of(row)]["combinations"]) for row in pair.both),
        " / ".join(amount_text(selection[name_of(row)]["seconds"]) for row in pair.both),
        *time_cells(pair),
    ]


def _second() -> Iterator[str]:
    """Yield where the page over the other dataset is, if it was made."""
    if SECOND.is_file():
        yield f"On MovieLens-1M, with published parameters: [{SECOND.name}](peers/{SECOND.name}) has its own such list."
        yield ""


def _machine(summary: Summary) -> Iterator[str]:
    yield "## Machine and libraries"
    yield ""
    yield from machine_lines(summary)
    yield from (
        f"- {keyword}: {text}" for keyword, text in notes_of(summary) if keyword in ("Libraries", "Environment")
    )


def main() -> int:
    """Write the page."""
    try:
        write_output(PAGE, page().encode())
    except RecbenchError as error:
        print(f"page: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
