"""The note about cut-offs that lie beyond the rivals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.writing.text import count_text, enumerated
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.analysis.rivals import Rivals
    from bench.analysis.summary import Summary
    from bench.names import View


def cutoff_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say for which users a cut-off is beyond the rivals, and what the metrics are worth there."""
    yield from cutoff_notes(summary.rivals, summary.metrics, summary.ks)


def cutoff_notes(rivals: Mapping[View, Rivals], metrics: Sequence[str], ks: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Yield a note about users who have fewer rivals than a cut-off; views of which the same is true share one."""
    views: dict[str, list[str]] = {}
    for view, found in rivals.items():
        texts = [_beyond(found, metrics, k) for k in ks if found.n_users_below(k)]
        if found.n_users_below(1):
            texts.append(f"Without any rival, as for {_users(found, 1)}, every metric is 1 for every recommender.")
        if texts:
            views.setdefault(" ".join(texts), []).append(view)
    for text, alike in views.items():
        yield "Cut-off", f"{enumerated(alike)}: {text}"


def _beyond(rivals: Rivals, metrics: Sequence[str], k: int) -> str:
    """Return what is said about one cut-off of one view."""
    n_users = rivals.n_users_below(k)
    has_cutoff = [name for name in metrics if METRICS[name].has_cutoff]
    decided = [METRICS[name].label(k) for name in has_cutoff if rivals.n_decided(name, k) == n_users]
    others = [METRICS[name].label(k) for name in has_cutoff if METRICS[name].label(k) not in decided]
    parts = []
    if decided:
        parts.append(f"{enumerated(decided)} {'is' if len(decided) == 1 else 'are'} 1 for every recommender")
    if others:
        parts.append(f"{enumerated(others)} {'cuts' if len(others) == 1 else 'cut'} nothing off")
    have = "has" if n_users == 1 else "have"
    text = f"{_users(rivals, k)} {have} fewer than {count_text(k, 'rival')}"
    return f"{text}: there {' and '.join(parts)}." if parts else f"{text}."


def _users(rivals: Rivals, n_rivals: int) -> str:
    """Return the users with fewer rivals: ``3 of 30 users``, ``all 30 users``."""
    n_users, n_all = rivals.n_users_below(n_rivals), rivals.counts.size
    return f"all {count_text(n_all, 'user')}" if n_users == n_all > 1 else f"{n_users:,} of {count_text(n_all, 'user')}"
