"""Interactions of histories that are written down."""

from __future__ import annotations

import numpy as np

from protocol.types import Interactions


def in_order(histories: list[list[int]], n_items: int) -> Interactions:
    """Return the interactions of users whose items are these, oldest first."""
    lengths = [len(history) for history in histories]
    users = np.repeat(np.arange(len(histories)), lengths)
    times = np.concatenate([np.arange(length) for length in lengths])
    return Interactions(users, np.concatenate(histories).astype(int), times, len(histories), n_items)
