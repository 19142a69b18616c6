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
from typing import TYPE_CHECKING, Any, Literal

from tabulate import tabulate

from bench.analysis.head_to_head import compare_rows
from bench.analysis.significance import ALPHA
from bench.analysis.summary import Summary, summarise
from bench.records.compared import n_compared
from bench.records.store import Record, Store
from bench.tables.machines import machine_lines
from bench.tables.notes import notes_of
from bench.writing.text import accuracy_text, amount_text, difference_text, p_text, spread_text
from protocol.drafts import write_output
from protocol.errors import ProtocolError, RecbenchError
from protocol.evaluation.statistics import Comparison, holm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.analysis.rows import Row
    from bench.records.record import Record

HERE = Path(__file__).parent
PAGE = HERE.parent / "peers.md"

PAIRS = (
    ("item_knn", ("implicit.cosine", "implicit.bm25", "lenskit.item_knn")),
    ("user_knn", ("lenskit.user_knn",)),
    ("ease", ("cornac.ease", "recbole.EASE")),
    ("pure_svd", ("sklearn.truncated_svd",)),
    ("als", ("implicit.als", "lenskit.implicit_mf", "cornac.wmf")),
    ("bpr", ("implicit.bpr", "cornac.bpr", "recbole.BPR")),
    ("mf", ("implicit.lmf",)),
    ("gmf", ("cornac.gmf",)),
    ("mlp", ("cornac.mlp",)),
    ("neumf", ("cornac.neumf", "recbole.NeuMF")),
    ("multi_vae", ("cornac.vaecf", "recbole.MultiVAE")),
    ("light_gcn", ("recbole.LightGCN",)),
    ("sasrec", ("rectools.SASRec",)),
)
"""Our model, and the same or the nearest one of other libraries; none of these has slim, p3alpha or rp3beta."""

CLEARLY_SLOWER = 1.1
"""Ours loses if it takes more than this many times as long as theirs: times of equal fits differ by some per cent."""


@dataclass(frozen=True)
class Pair:
    """Ours and theirs, tuned with the same budget.

    Parameters
    ----------
    as_they_come
        NDCG@10 of both at their defaults.
    difference
        Ours minus theirs, of NDCG@10.
    p_holm
        Corrected over all pairs of the page.
    """

    ours: Row
    theirs: Row
    as_they_come: tuple[float, float]
    difference: Comparison
    p_holm: float

    @property
    def both(self) -> tuple[Row, Row]:
        """Ours and theirs."""
        return self.ours, self.theirs

    @property
    def title(self) -> str:
        """Our model against theirs."""
        return f"`{_name(self.ours)}` to `{_name(self.theirs)}`"


def pairs(records: Sequence[Record], summary: Summary, defaults: Summary) -> list[Pair]:
    """Return all pairs, in the order of `PAIRS`.

    Parameters
    ----------
    records, summary
        With tuned parameters.
    defaults
        The same recommenders with their defaults.

    Raises
    ------
    ProtocolError
        If a recommender of a pair is missing, failed, or has more than one row.
    """
    names = [(ours, peer) for ours, peers in PAIRS for peer in peers]
    named = [(_row(summary, ours), _row(summary, peer)) for ours, peer in names]
    plain = [(_ndcg(_row(defaults, ours)), _ndcg(_row(defaults, peer))) for ours, peer in names]
    found = [compare_rows(records, ours.label, theirs.label).slices[0].comparison for ours, theirs in named]
    corrected = holm([each.p_value for each in found]).tolist()
    return [Pair(*both, *rest) for both, *rest in zip(named, plain, found, corrected, strict=True)]


def _row(summary: Summary, name: str) -> Row:
    found = [row for row in summary.rows if _name(row) == name and not row.failed]
    if len(found) != 1:
        labels = ", ".join(row.label for row in found)
        raise ProtocolError(
            f"{len(found)} rows of {name} were fitted{': ' if labels else ''}{labels}; expected one: remove "
            f"{HERE.name}/tuned and {HERE.name}/defaults, and run `make peers`"
        )
    return found[0]


def _ndcg(row: Row) -> float:
    return row.accuracy["NDCG@10"].mean


def page() -> str:
    """Return the page."""
    records = list(Store(HERE / "tuned").records())
    summary, defaults = summarise(records), summarise(Store(HERE / "defaults").records())
    selection = _selection(HERE / "tuning" / "tuned.toml")
    found = pairs(records, summary, defaults)
    parts = (_head(summary, selection), _table(found, selection), _losses(found), _machine(summary))
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
        "- [**Defaults**](peers/defaults.md): every recommender with its defaults. Our defaults, except those of "
        "`sasrec`, were chosen on this dataset (the table says which); theirs were not. So that table does not compare "
        "the models."
    )
    yield (
        "- A search begins with the defaults, as far as they are in the search space. So ours begin where an earlier "
        "search on this dataset ended: a head start if the budget allows only a few trials. Our models that learn in "
        "epochs stop early in each trial, which finds the number of epochs; for their models, the number of epochs is "
        "one more parameter to search."
    )
    yield (
        "- Left out: `cornac.lightgcn`, which takes about 6 s per epoch (`recbench run -r "
        "cornac.lightgcn:num_epochs=5 --threads 1`), too long to train within the budget; and recommenders that have "
        "no parameters to tune or are a variant of one that is here (`implicit.tfidf`, `lenskit.popularity`)."
    )
    yield ""


def _table(found: Sequence[Pair], selection: Mapping[str, Any]) -> Iterator[str]:
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
        "tried: if there are few, the search could change little. Score is the time per user. `recbole` and "
        "`rectools` run as programs, so their times include starting these programs, and reading and writing files. "
        "`cornac` and `rectools` score all items of a user, and the scores of the candidates are taken from these."
    )
    yield ""
    worse = [_name(pair.theirs) for pair in found if _ndcg(pair.theirs) < pair.as_they_come[1]]
    yield f"Better with defaults than tuned, by chance or because the budget was too small: {_listed(worse)}."
    yield ""


def _cells(pair: Pair, selection: Mapping[str, Any]) -> list[str]:
    comparison = pair.difference
    return [
        *(f"`{_name(row)}`" for row in pair.both),
        " / ".join(accuracy_text(_ndcg(row)) for row in pair.both),
        f"{difference_text(comparison.difference)} {spread_text(comparison.high - comparison.difference)}",
        p_text(pair.p_holm),
        " / ".join(accuracy_text(value) for value in pair.as_they_come),
        " / ".join(str(selection[_name(row)]["combinations"]) for row in pair.both),
        " / ".join(amount_text(selection[_name(row)]["seconds"]) for row in pair.both),
        " / ".join(amount_text(row.fit_seconds) for row in pair.both),
        " / ".join(amount_text(row.score_us_per_user) for row in pair.both),
    ]


def _losses(found: Sequence[Pair]) -> Iterator[str]:
    yield "## Where our models lose"
    yield ""
    lower = [pair for pair in found if difference_text(pair.difference.difference).startswith("-")]
    tested = [pair for pair in lower if pair.p_holm <= ALPHA]
    alone = [pair for pair in lower if pair.p_holm > ALPHA and pair.difference.high < 0]
    others = [pair for pair in lower if pair not in tested and pair not in alone]
    for what, some in (
        ("by the corrected test", tested),
        ("by the uncorrected interval only", alone),
        ("lower here, possibly by chance", others),
    ):
        yield f"- NDCG@10, {what}: {_listed([_by(pair) for pair in some])}."
    yield "- Times, each with its own tuned parameters:"
    yield f"  - fitting: {_listed(_slower(found, 'fit_seconds'))};"
    yield f"  - scoring: {_listed(_slower(found, 'score_us_per_user'))}."
    yield ""


def _by(pair: Pair) -> str:
    return f"{pair.title} by {accuracy_text(-pair.difference.difference)}"


def _slower(found: Sequence[Pair], time: Literal["fit_seconds", "score_us_per_user"]) -> list[str]:
    ratios = {pair.title: getattr(pair.ours, time) / getattr(pair.theirs, time) for pair in found}
    return [f"{title}, {amount_text(ratio)} times as long" for title, ratio in ratios.items() if ratio > CLEARLY_SLOWER]


def _name(row: Row) -> str:
    return row.recommender.name


def _listed(texts: Sequence[str]) -> str:
    return "; ".join(texts) or "nowhere"


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
