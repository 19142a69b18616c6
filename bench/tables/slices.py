"""The note about slices of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.slices import FEWEST_USERS
from bench.writing.text import enumerated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.summary import Summary


def slices_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say what the slices are, how many users each has, and that they are no tests."""
    if summary.slices is None:
        return
    if not summary.slices:
        yield (
            "Slices",
            "not known: no record holds the counts of training interactions, which an older recbench did not store. "
            "`recbench run --refit` makes the records again.",
        )
        return
    n_users = {each.title: each.n_users for each in summary.slices}
    sizes = enumerated([f"{title}: {number:,}" for title, number in n_users.items()])
    known = {each.label for each in summary.slices}
    unknown = [row.label for row in summary.rows if not row.failed and row.label not in known]
    yield (
        "Slices",
        f"{summary.primary} of the users in quarters, by training interactions of the user (activity) and of the "
        "held-out item (popularity); cold items have no training interactions. Users with equal counts stay together. "
        f"Users of each slice: {sizes}. Slices are explored, not tested; files have an interval of each slice of "
        f"{FEWEST_USERS} or more users."
        + (f" The records of {enumerated(unknown)} do not have the slices." if unknown else ""),
    )
