"""Why rows have no figure of the full ranking, which tables show as a dash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.names import value_name
from bench.options import DEFAULT_FULL_LIMIT
from bench.tables.subject import is_full_ranking
from bench.writing.text import NOTHING, enumerated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary


def missing_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows without a full ranking, and say why they have none."""
    for labels, reason in unranked(summary):
        yield "Missing", f"{NOTHING} under full and expected: {enumerated(labels)} {reason}."


def unranked(summary: Summary) -> Iterable[tuple[list[str], str]]:
    """Yield rows without a full ranking beside the candidates, each with the reason as words that follow the names."""
    if is_full_ranking(summary.task):
        return
    name = value_name("full", summary.primary_metric, summary.ks[0])
    fitted = [row for row in summary.rows if not row.failed]
    without = [row for row in fitted if name not in row.accuracy]
    external = [row.label for row in without if row.external]
    if external:
        yield external, f"{_have(external)} scores of the candidates alone"
    ours = [row.label for row in without if not row.external]
    if ours:
        yield ours, _reason(summary, ours, [row for row in fitted if row not in without])


def _reason(summary: Summary, labels: Sequence[str], ranked: Sequence[Row]) -> str:
    """Return why rows were not ranked, as far as the records tell: they hold no ``--full-limit``."""
    facts = summary.task.facts
    n_pairs = facts.n_evaluated * facts.n_items
    no_score_all = f"{_have(labels)} no score_all, so no full ranking"
    if ranked:
        return no_score_all
    if n_pairs > DEFAULT_FULL_LIMIT:
        return f"{_have(labels)} no full ranking: its {n_pairs:,} pairs are above --full-limit"
    return f"{no_score_all} (or --full-limit was below {n_pairs:,})"


def _have(labels: Sequence[str]) -> str:
    return "has" if len(labels) == 1 else "have"
