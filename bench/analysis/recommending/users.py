"""Find users by the ids that the data have."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.errors import DatasetError

if TYPE_CHECKING:
    from protocol.data.dataset import Dataset
    from protocol.data.indexing import RawIds

N_NAMED = 3
"""The number of ids that an error shows."""

_MOST_COMPARED = 20_000
"""The most texts that are compared with a misspelt id, which takes about a second."""


_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,40}")
"""Of no other digits, and without the underscores and blanks that Python reads in numbers."""


def user_index(dataset: Dataset, user: object) -> int:
    """Return the index of a user.

    Parameters
    ----------
    user
        The id as the data have it; a text of digits where the data have whole numbers.

    Raises
    ------
    DatasetError
        If there is no such user; it names the closest ids, and says what ids look like.
    """
    ids = dataset.user_ids
    place = np.searchsorted(ids, wanted) if (wanted := _as_id(user, ids)) is not None else ids.size
    if place < ids.size and ids[place] == wanted:
        return int(place)
    shown = ", ".join(map(str, ids[:N_NAMED]))
    kind = "whole numbers" if _are_numbers(ids) else "texts"
    raise DatasetError(
        f"{dataset.name} has no user {user!r}{_closest(user, ids)}; its {ids.size:,} users have {kind} as ids, such as "
        f"{shown}"
    )


def _are_numbers(ids: RawIds) -> bool:
    return bool(np.issubdtype(ids.dtype, np.integer))


def _as_id(user: object, ids: RawIds) -> Any:
    """Return an id in the type of the data's; None where it cannot be one of them."""
    if not _are_numbers(ids):
        return str(user)
    if not _WHOLE_NUMBER.fullmatch(text := str(user)):
        return None
    number = int(text)
    limits = np.iinfo(ids.dtype)
    return number if limits.min <= number <= limits.max else None


def _closest(user: object, ids: RawIds) -> str:
    """Return `` (closest: 12, 14)``; empty where no id is close."""
    wanted = _as_id(user, ids)
    if wanted is None:
        return ""
    if _are_numbers(ids):
        place = int(np.searchsorted(ids, wanted))
        close = [str(one) for one in ids[max(0, place - 1) : place + 1]]
    else:
        close = difflib.get_close_matches(wanted, ids[:_MOST_COMPARED].tolist(), n=N_NAMED)
    return f" (closest: {', '.join(close)})" if close else ""
