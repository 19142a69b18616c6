"""The page ``results/peers.md``: each of our models beside other libraries' implementations of the same.

::

    python results/peers/page.py

It is a pure function of the records in ``tuned/`` and of ``tuning/tuned.toml``; `make peers` writes both.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tabulate import tabulate

from bench.comparison import compare_rows
from bench.sheet import accuracy_text, amount_text, difference_text, spread_text
from bench.store import Record, Store
from bench.summary import Row, Summary, summarise
from protocol.errors import ProtocolError
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
"""Ours, and who else has the model; slim, p3alpha and rp3beta are nobody else's here."""

LEVEL = 0.05
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
        If one of a pair is missing or failed.
    """
    rows = {_name(row): row for row in summary.rows if not row.failed}
    missing = [name for ours, peers in PAIRS for name in (ours, *peers) if name not in rows]
    if missing:
        raise ProtocolError(f"no record of {', '.join(missing)} came to its end; run `make peers`")
    named = [(rows[ours], rows[peer]) for ours, peers in PAIRS for peer in peers]
    found = [compare_rows(records, ours.label, theirs.label).slices[0].comparison for ours, theirs in named]
    corrected = holm([each.p_value for each in found]).tolist()
    return [Pair(*both, each, p) for both, each, p in zip(named, found, corrected, strict=True)]


def page() -> str:
    """Return the page."""
    records = list(Store(HERE / "tuned").records())
    summary = summarise(records)
    selection = tomllib.loads((HERE / "tuning" / "tuned.toml").read_text(encoding="utf-8"))["selection"]
    found = pairs(records, summary)
    parts = (_head(summary, selection), _table(found, selection), _losses(found), _machine(summary))
    return "\n".join(line for part in parts for line in part) + "\n"


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
        "Ours / theirs; the difference is ours minus theirs. ± is half of its 95 % interval, over users and training "
        f"seeds; p is of a paired test, by Holm's correction over these {len(found)} pairs. Trials are the "
        "combinations that the budget was enough for: of a few, whose training takes much of it, the best is not far "
        "from the first. `recbole` and `rectools` run as programs: their times have in them what starting these, and "
        "reading and writing files, takes."
    )
    yield ""


def _cells(pair: Pair, selection: Mapping[str, Any]) -> list[str]:
    comparison = pair.difference
    return [
        *(f"`{_name(row)}`" for row in pair.both),
        " / ".join(accuracy_text(row.accuracy["NDCG@10"].mean) for row in pair.both),
        f"{difference_text(comparison.difference)} {spread_text(comparison.high - comparison.difference)}",
        _p_text(pair.p_holm),
        " / ".join(str(selection[_name(row)]["combinations"]) for row in pair.both),
        " / ".join(amount_text(row.fit_seconds) for row in pair.both),
        " / ".join(amount_text(row.score_us_per_user) for row in pair.both),
    ]


def _losses(found: Sequence[Pair]) -> Iterator[str]:
    yield "## Where ours lose"
    yield ""
    lower = [pair for pair in found if pair.difference.difference < 0]
    told = [_by(pair) for pair in lower if pair.p_holm < LEVEL]
    untold = [_by(pair) for pair in lower if pair.p_holm >= LEVEL]
    yield f"- NDCG@10, beyond chance: {_listed(told)}."
    yield f"- NDCG@10, lower here, which may be chance: {_listed(untold)}."
    yield f"- Fitting, each with what its own search chose: {_listed(_slower(found, 'fit_seconds'))}."
    yield f"- Scoring: {_listed(_slower(found, 'score_us_per_user'))}."
    yield ""


def _by(pair: Pair) -> str:
    return f"{pair.title} by {accuracy_text(-pair.difference.difference)}"


def _slower(found: Sequence[Pair], time: Literal["fit_seconds", "score_us_per_user"]) -> list[str]:
    ratios = {pair.title: getattr(pair.ours, time) / getattr(pair.theirs, time) for pair in found}
    return [f"{title}, {ratio:.2g} times as long" for title, ratio in ratios.items() if ratio > CLEARLY_SLOWER]


def _name(row: Row) -> str:
    return str(row.recommender["name"])


def _listed(texts: Sequence[str]) -> str:
    return "; ".join(texts) or "nowhere"


def _p_text(p_value: float) -> str:
    return "< .001" if p_value < 0.001 else f"{p_value:.3f}".removeprefix("0")


def _machine(summary: Summary) -> Iterator[str]:
    yield "## Machine"
    yield ""
    for one in summary.environments:
        versions = ", ".join(f"{name} {version}" for name, version in one["versions"].items())
        yield f"- {one['cpu']}, {one['cores']} cores, {one['memory_gib']} GiB, {one['system']}; {versions}; "
        yield f"  commit {one['commit']}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
