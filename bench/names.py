"""Words that the command line, the functions and the table share; nothing heavy is imported for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

Format: TypeAlias = Literal["terminal", "github", "latex", "csv", "json", "html-fragment"]
FORMATS: tuple[Format, ...] = get_args(Format)

View: TypeAlias = Literal["sampled", "expected", "full"]
"""Of one fit: against the candidates, their expectation over all draws, against all untouched items (P16)."""
VIEWS: tuple[View, ...] = get_args(View)

DEFAULT_VIEWS: tuple[View, ...] = ("sampled", "full")
"""Which ones the table shows; the first with hit rate, NDCG and intervals, others with NDCG alone."""

Metric: TypeAlias = Literal["HR", "NDCG"]
METRICS: tuple[Metric, ...] = get_args(Metric)


def figure_name(view: View, metric: Metric, k: int) -> str:
    """Return what a figure is called: ``NDCG@10``, ``expected NDCG@10``, ``full HR@5``."""
    return f"{'' if view == 'sampled' else f'{view} '}{metric}@{k}"


def check_known(kind: str, name: str, known: Sequence[str]) -> None:
    """Refuse a word that is none of those known.

    Raises
    ------
    ProtocolError
        Naming what there is.
    """
    if name not in known:
        raise ProtocolError(f"unknown {kind} {name!r}; there are {', '.join(known)}")
