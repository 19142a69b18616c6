"""The list of datasets, with their terms, and all that is known of one."""

from __future__ import annotations

import difflib
import textwrap
from typing import TYPE_CHECKING, Any

from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from protocol.data.registered import RegisteredDataset

WIDTH = 80
"""Of the texts here, in columns; addresses may be longer."""

_ALSO = (
    ("synthetic:UxIxN", "generated, U users, I items and N interactions: synthetic:200x100x5000"),
    ("PATH", "a file of interactions: CSV, TSV, ::, RecBole's .inter, JSON, Parquet or Feather; packed or not"),
    ("sequences:PATH", "lines of a user and the user's items in the order of time"),
    (
        "datarec:NAME",
        "a dataset of the library DataRec, which recbench installs apart; datarec:NAME:VERSION for a version",
    ),
    ("ncf:PREFIX", "the NCF paper's PREFIX.train.rating, PREFIX.test.rating and PREFIX.test.negative"),
)
"""What else ``--dataset`` takes."""

_TIMES = {
    "clock": "of one clock",
    "order": "the order of each user's interactions only; --split time is refused",
    "none": "none; --split last and --split time are refused, --split random:0 needs none",
}


def dataset_rows(name: str | None = None) -> list[dict[str, Any]]:
    """Return one dictionary per named dataset, or that of one, for a data frame.

    Raises
    ------
    DatasetError
        If no dataset has the name.
    """
    from protocol.data.available import available_datasets
    from protocol.data.registered import REGISTERED

    wanted = None if name is None else _known(name).name
    return [
        {
            "name": info.name,
            "users": info.n_users,
            "items": info.n_items,
            "interactions": info.n_interactions,
            "at_hand": info.path is not None,
            "path": None if info.path is None else str(info.path),
            "source": info.source,
            "terms": info.terms,
            "times": REGISTERED[info.name].times,
            "ratings": REGISTERED[info.name].ratings,
            "bytes": REGISTERED[info.name].size,
            "sha256": REGISTERED[info.name].sha256,
            "citations": " ".join(REGISTERED[info.name].citations),
        }
        for info in available_datasets()
        if wanted in (None, info.name)
    ]


def dataset_text(width: int | None = None) -> str:
    """Return the datasets for a terminal of this width, and what else ``--dataset`` takes; None for `WIDTH`."""
    from tabulate import tabulate

    from protocol.data.synthetic import DEFAULT_SIZE

    rows = dataset_rows()
    body = [
        [row["name"], *_sizes(row), row["times"], "on this machine" if row["at_hand"] else "to be fetched"]
        for row in rows
    ]
    default = dict(zip(("users", "items", "interactions"), DEFAULT_SIZE, strict=True))
    body.append(["synthetic", *_sizes(default), "clock", "generated"])
    table = tabulate(
        body,
        headers=["name", "users", "items", "interactions", "times", "where"],
        tablefmt="simple",
        colalign=("left", "right", "right", "right", "left", "left"),
        disable_numparse=True,
    )
    room = min(WIDTH, width or WIDTH)
    terms = [_filled(_names_under(rows, text), text, room) for text in dict.fromkeys(row["terms"] for row in rows)]
    indent = max(len(form) for form, _ in _ALSO) + 4
    also = [_filled(form, what, room, indent) for form, what in _ALSO]
    closing = _paragraph(
        "--split time needs times that all users share. ncf:, sequences: and datasets with the times order have none, "
        "and those with the times none have no latest interaction either. recbench datasets NAME shows all that is "
        "known of one.",
        room,
    )
    return "\n".join((table, "", "Terms", *terms, "", "--dataset also takes", *also, closing, ""))


def dataset_card(name: str, references: Mapping[str, str], width: int | None = None) -> str:
    """Return all that is known of a named dataset: facts, times, terms, sources, and what to cite.

    Parameters
    ----------
    references
        BibTeX entries by key.
    width
        Of the terminal, in columns; None for `WIDTH`.

    Raises
    ------
    DatasetError
        If no dataset has the name.
    """
    from protocol.data.fetching import find

    known = _known(name)
    lines = list(_facts(known, find(name)))
    indent = max(len(keyword) for keyword, _ in lines) + 2
    facts = [
        _paragraph(text, min(WIDTH, width or WIDTH), f"{keyword:{indent}}", " " * indent) for keyword, text in lines
    ]
    entries = [f"\n{references[key]}" for key in known.citations]
    return "\n".join((f"{name}: {known.collection.name}", "", *facts, *entries, ""))


def _known(name: str) -> RegisteredDataset:
    from protocol.data.registered import REGISTERED

    if name not in REGISTERED:
        close = difflib.get_close_matches(name.lower(), REGISTERED, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known names: {', '.join(REGISTERED)}"
        raise DatasetError(f"there is no dataset called {name!r} in the registry; {hint}")
    return REGISTERED[name]


def _facts(known: RegisteredDataset, path: Path | None) -> Iterator[tuple[str, str]]:
    rows = known.n_rows or known.n_interactions
    repeated = f" ({rows:,} rows; the others repeat a pair)" if rows > known.n_interactions else ""
    yield "users", f"{known.n_users:,}"
    yield "items", f"{known.n_items:,}"
    yield "interactions", f"{known.n_interactions:,}{repeated}"
    yield "times", _TIMES[known.times]
    yield "ratings", "yes; --min-rating leaves lower ones out" if known.ratings else "none; --min-rating is refused"
    if known.remark:
        yield "remark", known.remark
    yield "publisher", known.collection.publisher
    yield "licence", known.collection.terms
    for number, source in enumerate(known.sources, start=1):
        yield f"source {number}" if len(known.sources) > 1 else "source", f"{source.place}: {source}"
    inside = f", with {known.inside} in it" if known.inside else ""
    yield "file", f"{known.file}{inside}, {known.size:,} bytes"
    yield "SHA-256", known.sha256
    yield "where", "to be fetched" if path is None else str(path)
    yield "cite", ", ".join(known.citations)


def _sizes(row: Mapping[str, Any]) -> list[str]:
    return [f"{row[size]:,}" for size in ("users", "items", "interactions")]


def _names_under(rows: Sequence[Mapping[str, Any]], terms: str) -> str:
    return ", ".join(row["name"] for row in rows if row["terms"] == terms)


def _filled(name: str, text: str, width: int, indent: int = 0) -> str:
    """Return an indented line of a name and a text; further lines are indented more."""
    first = f"  {name}".ljust(indent) if indent else f"  {name}: "
    return _paragraph(text, width, first, " " * (indent or 4))


def _paragraph(text: str, width: int, first: str = "", others: str = "") -> str:
    return textwrap.fill(
        text, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
