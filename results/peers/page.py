"""The page ``results/peers.md``: each of our models beside other libraries' implementations of the same.

::

    python results/peers/page.py

It is a pure function of the records in ``tuned/`` and of ``tuning/tuned.toml``; `make peers` writes both.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tabulate import tabulate

from bench.captions import machine_lines, notes_of
from bench.comparison import compare_rows
from bench.comparison_table import p_text
from bench.sheet import accuracy_text, amount_text, difference_text, spread_text
from bench.significance import ALPHA
from bench.store import Record, Store
from bench.summary import Row, Summary, summarise
from protocol.errors import ProtocolError, RecbenchError
from protocol.statistics import Comparison, holm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
"""Ours, and who else has the model or its nearest relative; slim, p3alpha and rp3beta are nobody else's here."""

CLEARLY_SLOWER = 1.1
"""How many times as long as theirs ours must take to be said to lose: times of two fits differ by some per cent."""


@dataclass(frozen=True)
class Pair:
    """Ours and theirs, tuned with the same budget.

    Parameters
    ----------
    difference
        Ours minus theirs, of NDCG@10.
    p_holm
        Corrected over all pairs of the page.
    """

    ours: Row
    theirs: Row
    difference: Comparison
    p_holm: float

    @property
    def both(self) -> tuple[Row, Row]:
        """Ours and theirs."""
        return self.ours, self.theirs

    @property
    def title(self) -> str:
        """Who against whom."""
        return f"`{_name(self.ours)}` to `{_name(self.theirs)}`"


def pairs(records: Sequence[Record], summary: Summary) -> list[Pair]:
    """Return all pairs, in the order of `PAIRS`.

    Raises
    ------
    ProtocolError
        If one of a pair is not there, failed, or is there more than once.
    """
    named = [(_row(summary, ours), _row(summary, peer)) for ours, peers in PAIRS for peer in peers]
    found = [compare_rows(records, ours.label, theirs.label).slices[0].comparison for ours, theirs in named]
    corrected = holm([each.p_value for each in found]).tolist()
    return [Pair(*both, each, p) for both, each, p in zip(named, found, corrected, strict=True)]


def _row(summary: Summary, name: str) -> Row:
    found = [row for row in summary.rows if _name(row) == name and not row.failed]
    if len(found) != 1:
        labels = ", ".join(row.label for row in found)
        raise ProtocolError(
            f"{len(found)} rows of {name} came to their end{': ' if labels else ''}{labels}; expected one: remove "
            f"{HERE.name}/tuned and run `make peers`"
        )
    return found[0]


def page() -> str:
    """Return the page."""
    records = list(Store(HERE / "tuned").records())
    summary = summarise(records)
    selection = _selection(HERE / "tuning" / "tuned.toml")
    found = pairs(records, summary)
    parts = (_head(summary, selection), _table(found, selection), _losses(found), _machine(summary))
    return "\n".join(line for part in parts for line in part) + "\n"


def _selection(path: Path) -> Mapping[str, Any]:
    try:
        selection: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["selection"]
    except OSError as error:
        raise ProtocolError(f"{path} cannot be read: {error.strerror}; run `make peers`") from error
    return selection


def _head(summary: Summary, selection: Mapping[str, Any]) -> Iterator[str]:
    facts = summary.task["facts"]
    yield "# Ours and other libraries', under the same candidates"
    yield ""
    yield (
        f"{summary.task['dataset']}, {facts['n_evaluated']:,} users, leave-last-out, {facts['n_negatives']} negatives "
        f"each (task `{summary.task['digest']}`), {len(summary.seeds)} training seeds, one thread. Written by "
        "`make peers`; nothing on this page is typed in but which models are the same."
    )
    yield ""
    yield (
        "- [**Tuned**](peers/tuned.md): every recommender searched by `recbench tune` on the validation task, ours and "
        f"theirs alike with a budget of {selection['budget']}, each where its own `search_space` says "
        "([what was tried](peers/tuning/trials.csv), [what came out](peers/tuning/tuned.toml))."
    )
    yield (
        "- [**As they come**](peers/defaults.md): everybody's defaults. Ours were chosen on this very dataset, and the "
        "table says of which; theirs were not, so that table is no comparison of models."
    )
    yield (
        "- A search begins with the defaults, as far as they lie in the space. Of ours, whoever learns in epochs stops "
        "early in each trial and so finds their number; of theirs it is one more thing to search for."
    )
    yield (
        "- Not here: `cornac.lightgcn`, which takes 6 s an epoch, so that the budget pays for no training, and what "
        "has nothing to choose or is a variant of what is here (`implicit.tfidf`, `lenskit.popularity`)."
    )
    yield ""


def _table(found: Sequence[Pair], selection: Mapping[str, Any]) -> Iterator[str]:
    yield "## One model, several implementations"
    yield ""
    yield tabulate(
        [_cells(pair, selection) for pair in found],
        headers=["ours", "theirs", "NDCG@10", "difference", "p", "trials", "fit s", "score µs/user"],
        tablefmt="github",
        disable_numparse=True,
    )
    yield ""
    yield (
        "Ours / theirs; the difference is ours minus theirs. ± is half of its 95 % interval, of each pair by itself, "
        "over users and, where training is random, training seeds; p is of a paired test, by Holm's correction over "
        f"these {len(found)} pairs. Trials are the combinations that the budget was enough for: where they are few, "
        "searching could change little. `recbole` and `rectools` run as programs: their times have in them what "
        "starting these, and reading and writing files, takes. `cornac` and `rectools` answer with all items of a "
        "user, of which the candidates are taken."
    )
    yield ""


def _cells(pair: Pair, selection: Mapping[str, Any]) -> list[str]:
    comparison = pair.difference
    return [
        *(f"`{_name(row)}`" for row in pair.both),
        " / ".join(accuracy_text(row.accuracy["NDCG@10"].mean) for row in pair.both),
        f"{difference_text(comparison.difference)} {spread_text(comparison.high - comparison.difference)}",
        p_text(pair.p_holm).removeprefix("p ").removeprefix("= "),
        " / ".join(str(selection[_name(row)]["combinations"]) for row in pair.both),
        " / ".join(amount_text(row.fit_seconds) for row in pair.both),
        " / ".join(amount_text(row.score_us_per_user) for row in pair.both),
    ]


def _losses(found: Sequence[Pair]) -> Iterator[str]:
    yield "## Where ours lose"
    yield ""
    lower = [pair for pair in found if difference_text(pair.difference.difference).startswith("-")]
    told = [_by(pair) for pair in lower if pair.p_holm <= ALPHA]
    untold = [_by(pair) for pair in lower if pair.p_holm > ALPHA]
    yield f"- NDCG@10, beyond chance: {_listed(told)}."
    yield f"- NDCG@10, lower here, which may be chance: {_listed(untold)}."
    yield f"- Fitting, each with what its own search chose: {_listed(_slower(found, 'fit_seconds'))}."
    yield f"- Scoring: {_listed(_slower(found, 'score_us_per_user'))}."
    yield ""


def _by(pair: Pair) -> str:
    return f"{pair.title} by {accuracy_text(-pair.difference.difference)}"


def _slower(found: Sequence[Pair], time: Literal["fit_seconds", "score_us_per_user"]) -> list[str]:
    ratios = {pair.title: getattr(pair.ours, time) / getattr(pair.theirs, time) for pair in found}
    return [f"{title}, {amount_text(ratio)} times as long" for title, ratio in ratios.items() if ratio > CLEARLY_SLOWER]


def _name(row: Row) -> str:
    return str(row.recommender["name"])


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
        PAGE.write_text(page(), encoding="utf-8")
    except RecbenchError as error:
        print(f"page: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
