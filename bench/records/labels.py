"""The names that a user gives to rows: ``--label ROW=NAME``, or a mapping in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders.registry.suggestions import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Labels: TypeAlias = Mapping[str, str] | str | Iterable[str]
    """Names by row, or ``"ROW=NAME"``, one or several."""

MOST_LETTERS = 60
"""Of a name: a longer one leaves no room for the figures of its row."""


def row_name(name: str) -> str:
    """Return the name of a row without blanks around it.

    Raises
    ------
    RecommenderError
        If it is no text, empty, longer than `MOST_LETTERS`, or has characters that cannot be printed on one line.
    """
    if not isinstance(name, str):
        raise RecommenderError(
            f"the label is {name!r}, of type {type(name).__name__}; expected a name, such as 'EASE (tuned)'"
        )
    if not name.strip():
        raise RecommenderError("the label is empty; expected a name, such as 'EASE (tuned)'")
    if not name.isprintable():
        raise RecommenderError(f"the label {name!a} has characters that cannot be printed on one line; leave them out")
    if len(name.strip()) > MOST_LETTERS:
        raise RecommenderError(f"the label {name!r} has {len(name.strip())} letters; expected {MOST_LETTERS} at most")
    return name.strip()


def names_of_rows(labels: Labels, rows: Mapping[str, str]) -> dict[str, str]:
    """Return the given names by the label of their row; rows without one are left out.

    Worked: of ``"ease=EASE"`` and the rows ``{"ease:reg=500": "ease", "bpr": "bpr"}``, ``{"ease:reg=500": "EASE"}``.

    Parameters
    ----------
    labels
        A row is given by its label or, where the recommender has no other row, by the recommender's name. In text, the
        longest one that fits counts, as ``=`` may be in labels and in names.
    rows
        By the label of each row, the name of its recommender.

    Raises
    ------
    RecommenderError
        If there is no such row, one gets two names, a name is not fit for a table, or two rows would have one name.
    """
    texts = [labels] if isinstance(labels, str) else labels
    known = {*rows, *rows.values()}
    pairs = texts.items() if isinstance(texts, Mapping) else [_pair(text, known) for text in texts]
    names: dict[str, str] = {}
    for given, name in pairs:
        label = _row(given, rows)
        if label in names:
            raise RecommenderError(f"the row {label} is given two names, {names[label]!r} and {name!r}; leave one out")
        names[label] = row_name(name)
    check_distinct(names.get(label, label) for label in rows)
    return names


def _pair(text: str, known: Iterable[str]) -> tuple[str, str]:
    """Split ``ROW=NAME``."""
    if not isinstance(text, str) or "=" not in text:
        raise RecommenderError(f"{text!r} is no row with its name; write ROW=NAME, such as 'ease:reg=500=EASE'")
    fitting = [row for row in known if text.startswith(f"{row}=")]
    row = max(fitting, key=len) if fitting else text.partition("=")[0]
    return row, text[len(row) + 1 :]


def _row(given: str, rows: Mapping[str, str]) -> str:
    """Return the label of the row that a label or a recommender's name means."""
    if given in rows:
        return given
    found = [label for label, recommender in rows.items() if recommender == given]
    if len(found) > 1:
        raise RecommenderError(f"{len(found)} rows are of {given}: {', '.join(found)}; name one of them")
    if not found:
        hint = did_you_mean(str(given), rows)
        raise RecommenderError(f"no row is called {given!r}{hint}; there are {listed(rows)}")
    return found[0]


def check_distinct(names: Iterable[str]) -> None:
    """Refuse one name for two rows.

    Raises
    ------
    RecommenderError
        If a name comes twice.
    """
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise RecommenderError(f"two rows would be called {twice!r}; give each a name of its own")
