"""Numbers in text that are not written as Python writes them: ``True`` and ``False``, and decimal commas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Values = npt.NDArray[Any]

_TRUTH = {"true": 1.0, "false": 0.0}
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_PLAIN = re.compile(r"[+-]?[0-9]+")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")


def plain_numbers(values: Values, column: str, place: Callable[[int], str]) -> Values:
    """Return a column with numbers in place of ``True`` and ``False`` (1 and 0) or of numbers with a decimal comma.

    Every value has to be of the one kind; other columns are returned as they are.

    Parameters
    ----------
    values
        ``(n_rows,)``; looked at if they are objects.
    column
        ``"rating"`` or ``"timestamp"``; times are never ``True``.
    place
        Names a row in messages.

    Raises
    ------
    DatasetError
        If commas could part thousands as well: ``1,250``.
    """
    if values.dtype != object:
        return values
    import pandas as pd

    codes, distinct = pd.factorize(values)
    texts = [str(value).strip() for value in distinct]
    if (codes < 0).any() or not texts:
        return values
    if column == "rating" and all(text.lower() in _TRUTH for text in texts):
        return np.array([_TRUTH[text.lower()] for text in texts])[codes]
    with_comma = [text for text in texts if _COMMA.fullmatch(text)]
    if not with_comma or not all(_COMMA.fullmatch(text) or _PLAIN.fullmatch(text) for text in texts):
        return values
    if all(_THOUSANDS.fullmatch(text) for text in with_comma):
        row = int(np.argmax(np.isin(codes, [texts.index(with_comma[0])])))
        raise DatasetError(
            f"{place(row)}: the {column} {with_comma[0]!r} may be a decimal number or thousands; "
            "write it with a decimal point, or without the comma"
        )
    return np.array([float(text.replace(",", ".")) for text in texts])[codes]
