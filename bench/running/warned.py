"""What a recommender warns of while a job runs: its record keeps it, so that the table can say it."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def noted_warnings() -> Iterator[list[str]]:
    """Yield a list that gets the text of each `RecbenchWarning` given meanwhile, each text once.

    All warnings are shown as before.
    """
    noted: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", RecbenchWarning)
        show = warnings.showwarning

        def note_and_show(message: Any, category: type[Warning], *about: Any, **where: Any) -> None:
            if issubclass(category, RecbenchWarning) and str(message) not in noted:
                noted.append(str(message))
            show(message, category, *about, **where)

        warnings.showwarning = note_and_show
        yield noted
