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
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from bench.comparison import compare_rows
from bench.sheet import accuracy_text, amount_text, difference_text, spread_text
from bench.store import Store
from bench.summary import Row, Summary, summarise
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
"""Ours, and who else has the model, named before anything was run; ``slim``, ``p3alpha`` and ``rp3beta`` have no peer."""

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
    def fit_ratio(self) -> float:
        """How many times as long as ours theirs takes to be fitted."""
        return _ratio(self.theirs.fit_seconds, self.ours.fit_seconds)

    @property
    def score_ratio(self) -> float:
        """How many times as long as ours theirs takes to score the candidates."""
        return _ratio(self.theirs.score_us_per_user, self.ours.score_us_per_user)


def _ratio(theirs: float | None, ours: float | None) -> float:
    assert theirs is not None
    assert ours is not None
    return theirs / ours


def pairs() -> list[Pair]:
    """Return all pairs, in the order of `PAIRS`."""
    records = list(Store(HERE / "tuned").records())
    rows = {row.recommender["name"]: row for row in summarise(records).rows}
    named = [(rows[ours], rows[peer]) for ours, peers in PAIRS for peer in peers]
    found = [compare_rows(records, ours.label, theirs.label).slices[0].comparison for ours, theirs in named]
    corrected = holm([each.p_value for each in found]).tolist()
    return [Pair(*both, each, p) for both, each, p in zip(named, found, corrected, strict=True)]


def page() -> str:
    """Return the page."""
    summary = summarise(list(Store(HERE / "tuned").records()))
    selection = tomllib.loads((HERE / "tuning" / "tuned.toml").read_text(encoding="utf-8"))["selection"]
    found = pairs()
    return "\n".join([*_head(summary, selection), *_table(found, selection), *_losses(found), *_machine(summary)]) + "\n"


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
    headers = ["ours", "theirs", "NDCG@10", "NDCG@10", "ours - theirs", "p", "trials", "fit s", "fit s", "score", "score"]
    rows = []
    for pair in found:
        difference = pair.difference
        names = [row.recommender["name"] for row in (pair.ours, pair.theirs)]
        rows.append(
            [
                *(f"`{name}`" for name in names),
                *(accuracy_text(row.accuracy["NDCG@10"].mean) for row in (pair.ours, pair.theirs)),
                f"{difference_text(difference.difference)} {spread_text(difference.high - difference.difference)}",
                _p_text(pair.p_holm),
                ", ".join(str(selection[name]["combinations"]) for name in names),
                *(amount_text(row.fit_seconds) for row in (pair.ours, pair.theirs)),
                *(amount_text(row.score_us_per_user) for row in (pair.ours, pair.theirs)),
            ]
        )
    yield tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True)
    yield ""
    yield (
        "Columns that are there twice: ours, then theirs. ± is half of the 95 % interval of the difference, about the "
        "algorithms: over users and training seeds. p is of a paired test, by Holm's correction over all "
        f"{len(found)} pairs. Trials is how many combinations the budget was enough for: where it was enough for few, "
        "as for whoever takes half of it for one training, a search found what chance gave it. Fit is seconds, score "
        "microseconds a user. `recbole` and `rectools` run as programs in an environment of their own: their times "
        "have in them what starting these, and reading and writing files, takes."
    )
    yield ""


def _losses(found: Sequence[Pair]) -> Iterator[str]:
    yield "## Where ours lose"
    yield ""
    worse = [
        f"`{_name(pair.ours)}` to `{_name(pair.theirs)}` by {accuracy_text(-pair.difference.difference)}"
        for pair in found
        if pair.p_holm < LEVEL and pair.difference.difference < 0
    ]
    lower = [
        f"`{_name(pair.ours)}` to `{_name(pair.theirs)}` by {accuracy_text(-pair.difference.difference)}"
        for pair in found
        if pair.p_holm >= LEVEL and pair.difference.difference < 0
    ]
    yield f"- NDCG@10, as far as can be told: {_listed(worse)}."
    yield f"- NDCG@10, lower here, which may be chance: {_listed(lower)}."
    for what, attribute in (("Fitting", "fit_ratio"), ("Scoring", "score_ratio")):
        slower = [
            f"`{_name(pair.ours)}` takes {1 / getattr(pair, attribute):.2g} times as long as `{_name(pair.theirs)}`"
            for pair in found
            if 1 / getattr(pair, attribute) > CLEARLY_SLOWER
        ]
        yield f"- {what}, each with what its own search chose: {_listed(slower)}."
    yield ""


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


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
