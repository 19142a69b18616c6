"""Splits that need to know which interaction came first refuse data that do not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from protocol.data.dataset import Dataset


def refuse_without_times(dataset: Dataset) -> None:
    """Refuse data without times: which interaction is the latest is unknown, and a tie key must not make one up.

    Raises
    ------
    ProtocolError
        If the dataset has no times.
    """
    if dataset.times == "none":
        raise ProtocolError(
            f"{dataset.name} has no times, so that it is unknown which interaction of a user is the latest; expected "
            "times, or a split that needs none: leave out a random interaction of each user with --split random:0"
        )
