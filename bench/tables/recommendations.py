"""What a row recommends, as a text for people, a table of any format, and a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.writing.filling import filled
from bench.writing.formats import Writable, write
from bench.writing.sheet import Block, Cell, Line, Sheet
from bench.writing.text import printable, unicode_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from bench.analysis.recommending.recommendation import Recommendation
    from bench.names import Format

LATEST, RECOMMENDED = "latest", "recommended"
HELD_OUT = "held out"

WIDTH = 80
"""In columns, where the terminal does not say; wider ones gain nothing, as titles are short."""

_LEAST_TITLE = 20
_COLUMNS = ("user", "list", "rank", "item", "title", "held_out", "source")


def to_frame(found: Sequence[Recommendation], titles: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per item: ``user``, ``list`` (latest or recommended), ``rank``, ``item``, ``title``, ...

    ``held_out`` says whether the item is the one that was held out, ``source`` where a list comes from. The title is
    missing where it is not known.
    """
    import pandas as pd

    return pd.DataFrame(unicode_values(_values(found, titles)), columns=list(_COLUMNS))


def render(
    found: Sequence[Recommendation], titles: Mapping[str, str], title: str, form: Format, width: int | None
) -> str:
    """Return recommendations as text.

    Parameters
    ----------
    title
        What they are, in a line.
    width
        Of the terminal; None for `WIDTH`.
    """
    if form == "terminal":
        room = width or WIDTH
        return "\n".join([filled(title, room), *(line for one in found for line in _lines(one, titles, room)), ""])
    return write(
        Writable(
            sheet=lambda: _sheet(found, titles, title),
            values=lambda: _values(found, titles),
            document=lambda: _document(found, titles, title),
        ),
        form,
    )


def _values(found: Sequence[Recommendation], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "user": one.user,
            "list": name,
            "rank": rank,
            "item": item,
            "title": titles.get(str(item)),
            "held_out": item == one.heldout,
            "source": one.source if name == RECOMMENDED else None,
        }
        for one in found
        for name, items in ((LATEST, one.latest), (RECOMMENDED, one.items))
        for rank, item in enumerate(items, 1)
    ]


def _document(found: Sequence[Recommendation], titles: Mapping[str, str], title: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "title": title,
        "users": [
            {
                "user": one.user,
                "n_trained": one.n_trained,
                "source": one.source,
                "held_out": None if one.heldout is None else _named(one.heldout, titles),
                "held_out_rank": one.heldout_places and one.heldout_places[0],
                "held_out_last_rank": one.heldout_places and one.heldout_places[1],
                "n_ranked": one.n_ranked,
                LATEST: [_named(item, titles) for item in one.latest],
                RECOMMENDED: [_named(item, titles) for item in one.items],
            }
            for one in found
        ],
    }


def _named(item: int | str, titles: Mapping[str, str]) -> dict[str, Any]:
    return {"item": item, "title": titles.get(str(item))}


def _sheet(found: Sequence[Recommendation], titles: Mapping[str, str], title: str) -> Sheet:
    headers = ("item", *(("title",) if titles else ()), HELD_OUT)
    blocks = tuple(
        Block(
            tuple((header, "") for header in (f"user {one.user}, {name}", *headers)),
            tuple(
                Line(str(rank), tuple(Cell(text) for text in _cells(item, one.heldout, titles)))
                for rank, item in enumerate(items, 1)
            ),
        )
        for one in found
        for name, items in ((f"{LATEST} training items", one.latest), (RECOMMENDED, one.items))
    )
    return Sheet(title, blocks, tuple((f"User {one.user}", f"{_heldout_text(one, titles)}.") for one in found))


def _cells(item: int | str, heldout: int | str | None, titles: Mapping[str, str]) -> Iterator[str]:
    yield str(item)
    if titles:
        yield titles.get(str(item), "")
    yield "yes" if item == heldout else ""


def _lines(one: Recommendation, titles: Mapping[str, str], width: int) -> Iterator[str]:
    yield ""
    yield f"User {printable(str(one.user))}"
    yield f"  {min(len(one.latest), one.n_trained)} latest of {one.n_trained:,} training items, newest first"
    yield from _items(one.latest, titles, None, width)
    yield f"  recommended, from the {one.source}"
    yield from _items(one.items, titles, one.heldout, width)
    yield filled(_heldout_text(one, titles), width, "  ", "    ")


def _items(items: Sequence[int | str], titles: Mapping[str, str], heldout: Any, width: int) -> Iterator[str]:
    """Yield a line for each item: its place, its id, its title as far as there is room, and whether it was held out."""
    from rich.cells import cell_len, set_cell_size

    ids = [printable(str(item)) for item in items]
    room = max(map(cell_len, ids), default=0)
    left = max(_LEAST_TITLE, width - room - len("  100  ") - len("  ") - len(f"  {HELD_OUT}") - 1)
    for rank, (item, shown) in enumerate(zip(items, ids, strict=True), 1):
        title = printable(titles.get(str(item), ""))
        if cell_len(title) > left:
            title = f"{set_cell_size(title, left - 1).rstrip()}…"
        mark = HELD_OUT if item == heldout else ""
        named = set_cell_size(title, left) if title or mark else ""
        shown = " " * (room - cell_len(shown)) + shown
        yield f"  {rank:3}  {shown}  {named}  {mark}".rstrip()


def _heldout_text(one: Recommendation, titles: Mapping[str, str]) -> str:
    if one.heldout is None:
        return "No item of this user is held out"
    title = titles.get(str(one.heldout))
    name = f"{one.heldout} ({title})" if title else str(one.heldout)
    if one.heldout_places is None:
        return f"Held out: {printable(name)}, not among these"
    first, last = one.heldout_places
    places = f"at place {first:,}" if first == last else f"at places {first:,} to {last:,}"
    among = "" if one.n_ranked is None else f" of {one.n_ranked:,} untouched items"
    return f"Held out: {printable(name)}, {places}{among}{'' if first == last else ' (tied)'}"
