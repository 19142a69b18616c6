"""The most that a record keeps of what a recommender can make as long as it likes: messages, tracebacks and curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.records.outcome import EpochLine, Failure, Selection

MESSAGE_LENGTH = 500
"""The most characters of a failure's message."""

DETAIL_LENGTH = 20_000
"""The most characters of a failure's detail, its beginning and its end, beside the words that say what is left out."""

MOST_WARNINGS = 10
"""The most warnings, each with as many characters as a failure's message."""

MOST_EPOCHS = 5_000
"""The most epochs of a curve."""


def capped_failure(failure: Failure) -> Failure:
    """Return a failure with the beginning of its message, and the beginning and the end of its detail."""
    detail = None if failure.detail is None else capped_text(failure.detail)
    return structs.replace(failure, message=failure.message[:MESSAGE_LENGTH], detail=detail)


def capped_warnings(texts: Sequence[str]) -> list[str]:
    """Return the first warnings, each with its beginning."""
    return [text[:MESSAGE_LENGTH] for text in texts[:MOST_WARNINGS]]


def capped_text(text: str) -> str:
    """Return a text whole or, if it is too long, its beginning and its end, with how much is left out in between."""
    if len(text) <= DETAIL_LENGTH:
        return text
    half = DETAIL_LENGTH // 2
    return f"{text[:half]}\n[... {len(text) - DETAIL_LENGTH:,} characters are left out ...]\n{text[-half:]}"


def capped_curve(curve: Sequence[EpochLine], best_epoch: int | None = None) -> list[EpochLine]:
    """Return a curve whole or, if it is too long, epochs evenly spread over it, with the first, the best and the last.

    Each line has the number of its epoch, so that a reader sees which ones are left out.
    """
    if len(curve) <= MOST_EPOCHS:
        return [*curve]
    places = {int(place) for place in np.linspace(0, len(curve) - 1, MOST_EPOCHS - 1).round()}
    places |= {place for place, line in enumerate(curve) if line.epoch == best_epoch}
    return [curve[place] for place in sorted(places)]


def capped_selection(selection: Selection) -> Selection:
    """Return a selection with a curve that is not too long."""
    return structs.replace(selection, curve=capped_curve(selection.curve, selection.best_epoch))
