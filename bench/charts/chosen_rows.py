"""Which rows of a table a chart shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.records.groups import check_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def chosen_rows(wanted: Sequence[str] | None, recommenders: Mapping[str, str]) -> frozenset[str]:
    """Return the labels of the rows that are asked for; of all rows if none are.

    Parameters
    ----------
    wanted
        Labels of rows, or names of recommenders, each of which is all its rows.
    recommenders
        By the label of each row: the name of its recommender.

    Raises
    ------
    ProtocolError
        If no row is called so.
    """
    if wanted is None:
        return frozenset(recommenders)
    found = set()
    for name in wanted:
        of_recommender = [label for label, recommender in recommenders.items() if recommender == name]
        if not of_recommender:
            check_label(name, list(recommenders))
        found |= {name} if name in recommenders else set(of_recommender)
    return frozenset(found)
