"""The titles of items, from files of the kinds that come with datasets: for readers, never for a recommender.

``1|Toy Story (1995)|...`` (MovieLens-100K), ``1::Toy Story (1995)::...`` (MovieLens-1M), comma-separated with a header
(later MovieLens, and files of your own), and tab-separated with types in the header (RecBole).
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocol.data.files import DataFile

SEPARATORS = ("::", "\t", "|", ";", ",")
"""The first of these that the first line has separates the columns."""

ID_NAMES = ("item", "item_id", "itemid", "movie_id", "movieid", "id", "asin", "product_id")
TITLE_NAMES = ("title", "movie_title", "name", "item_name", "product_name")
"""What headers call the two columns, in small letters; without one of them the first and the second column are."""

YEAR_NAMES = ("release_year",)
"""What headers call a column of years, which are put behind the titles, as in MovieLens's own files."""


def read_titles(file: DataFile) -> dict[str, str]:
    """Return the titles in a file by the ids of their items, both as the file spells them, without blanks around them.

    Raises
    ------
    DatasetError
        If the file cannot be read, has no second column, or no title at all.
    """
    rows = list(_rows(_text(file)))
    if not rows:
        raise DatasetError(f"{file} has no titles: it is empty; expected lines of an item's id and its title")
    header = [cell.partition(":")[0].strip().casefold() for cell in rows[0]]
    id_column, title_column = _column(header, ID_NAMES), _column(header, TITLE_NAMES)
    year_column = _column(header, YEAR_NAMES)
    if id_column is not None and title_column is not None:
        del rows[0]
    else:
        id_column, title_column, year_column = 0, 1, None
    last = max(id_column, title_column)
    titles = {
        row[id_column].strip(): " ".join(f"{row[title_column]} {_year(row, year_column)}".split())
        for row in rows
        if len(row) > last
    }
    if not any(titles.values()):
        raise DatasetError(
            f"{file} has no titles; expected lines of an item's id and its title, with one of "
            f"{', '.join(repr(separator) for separator in SEPARATORS)} between them, or columns called item and title"
        )
    return titles


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _year(row: Sequence[str], column: int | None) -> str:
    year = row[column].strip() if column is not None and len(row) > column else ""
    return f"({year})" if year else ""


def _text(file: DataFile) -> str:
    content = file.content()
    try:
        return content.decode(file.encoding or "utf-8-sig")
    except UnicodeDecodeError:
        # The older files of MovieLens; each byte is a letter in it.
        return content.decode("latin-1")


def _rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of each line."""
    lines = text.splitlines()
    separator = next((one for one in SEPARATORS if lines and one in lines[0]), ",")
    if separator in (",", ";"):
        try:
            yield from (row for row in csv.reader(lines, delimiter=separator) if row)
        except csv.Error as error:
            raise DatasetError(f"the titles are no table with {separator!r} between its columns ({error})") from error
    else:
        yield from (line.split(separator) for line in lines if line.strip())
