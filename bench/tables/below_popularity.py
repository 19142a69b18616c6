"""A note about rows that knowing the users made worse: significantly below popularity, which is the same for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.tables.subject import primary_text
from bench.writing.text import enumerated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.summary import Summary
    from bench.records.recommender import RecordedRecommender

_POPULARITY = "recommenders.popularity:Popularity"

_NOT_PERSONALISED = (_POPULARITY, "recommenders.random:Random")
"""Built-ins that are not personalised; their earlier records do not say so."""


def below_popularity_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the personalised rows that the tests find below popularity."""
    recommenders = {row.label: row.recommender for row in summary.rows if not row.failed}
    popular = [label for label, one in recommenders.items() if one.reference == _POPULARITY]
    below = [
        worse
        for worse, better in _distinguished(summary)
        if better in popular and worse in recommenders and _is_personalised(recommenders[worse])
    ]
    if below:
        subject = "it is" if len(set(below)) == 1 else "they are"
        yield (
            "Below popularity",
            f"{enumerated(list(dict.fromkeys(below)))}: worse than popularity by the tests of {primary_text(summary)}, "
            f"though {subject} personalised; look for a fault, or for parameters that do not suit these data.",
        )


def _distinguished(summary: Summary) -> Iterable[tuple[str, str]]:
    """Yield the pairs of rows that the tests tell apart: the worse one, the better one."""
    for pair in summary.significance.pairs if summary.significance else ():
        if pair.distinguishable and pair.comparison.difference:
            yield (pair.ours, pair.theirs) if pair.comparison.difference < 0 else (pair.theirs, pair.ours)


def _is_personalised(recommender: RecordedRecommender) -> bool:
    return recommender.personalised and recommender.reference not in _NOT_PERSONALISED
