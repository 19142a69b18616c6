"""Datasets that are known by name, of one table: a new one is a row of ``registered.toml``.

The table is read when this module is imported, which only the commands that need it do.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from protocol.data.dataset import Times

TABLE = Path(__file__).with_suffix(".toml")


class Collection(Struct, frozen=True, forbid_unknown_fields=True):
    """Datasets of one publisher under one set of terms.

    Parameters
    ----------
    name
        The collection's name in the literature: ``"MovieLens"``.
    publisher
        The group that made the data.
    terms
        The publisher's conditions, in a few words.
    citations
        Keys of ``bench/references.bib``.
    may_be_passed_on
        Whether the terms allow users to give copies to others.
    copies
        A pattern of names, in small letters, that copies of the data usually have. Users are reminded of the terms
        when they export data of such a name.
    """

    name: str
    publisher: str
    terms: str
    citations: tuple[str, ...]
    may_be_passed_on: bool = False
    copies: str | None = None


class Source(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place that has a dataset's file: an address, or a wheel on the package index.

    Parameters
    ----------
    place
        What messages call it: ``"GroupLens"``.
    url
        The address of the file, or of a zip archive with ``member`` in it.
    package
        The distribution with its exact version, as pip takes it; in place of an address.
    member
        The file inside the archive or wheel. In a wheel it has one header line above the original bytes.
    titles, titles_sha256
        The file of the items' titles inside the wheel, and its checksum; None where there is none.
    """

    place: str
    url: str = ""
    package: str = ""
    member: str = ""
    titles: str | None = None
    titles_sha256: str = ""

    def __post_init__(self) -> None:
        if bool(self.url) == bool(self.package):
            raise ValueError("a source has either url or package")
        if self.package and not self.member:
            raise ValueError("a package has the dataset's file in a member")

    def __str__(self) -> str:
        """Return where the file is, in words: the address or package, and what to take out of it."""
        inside = f" ({self.member})" if self.member else ""
        return f"{self.url or self.package}{inside}"


class RegisteredDataset(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    rename={"n_users": "users", "n_items": "items", "n_interactions": "interactions", "n_rows": "rows"},
):
    """A dataset that is known by name.

    Parameters
    ----------
    name
        What users write after ``--dataset``.
    collection
        Its terms and citations.
    file
        The name of the file that is kept.
    sha256
        Its checksum, whichever source it came from.
    size
        Its size in bytes.
    sources
        Where it can be had, tried in order.
    n_users, n_items, n_interactions
        What it has, each (user, item) pair counted once; every load is held to these.
    n_rows
        The rows of the file; None if each is a pair of its own.
    inside
        The path of the interactions inside the kept file, if that is a zip archive.
    form
        ``"sequences"`` for lines of a user and the user's items; None to recognise the format from the file.
    columns
        The file's own names of ``user``, ``item``, ``timestamp`` and ``rating``, where they are unusual.
    times
        See `protocol.data.dataset.Dataset.times`.
    ratings
        Whether it has ratings, which a minimum can be asked of.
    titles
        The file of the items' titles inside the publisher's archive; None where there is none. No run needs it.
    papers
        Keys of ``bench/references.bib`` beside those of the collection.
    remark
        What a user should know.
    """

    name: str
    collection: Collection
    file: str
    sha256: str
    size: int
    sources: tuple[Source, ...]
    n_users: int
    n_items: int
    n_interactions: int
    n_rows: int | None = None
    inside: str | None = None
    form: Literal["sequences"] | None = None
    columns: Mapping[str, str] = {}
    times: Times = "clock"
    ratings: bool = False
    titles: str | None = None
    papers: tuple[str, ...] = ()
    remark: str = ""

    @property
    def citations(self) -> tuple[str, ...]:
        """All that is to be cited: keys of ``bench/references.bib``."""
        return (*self.collection.citations, *self.papers)


def read_table(text: str) -> tuple[dict[str, Collection], dict[str, RegisteredDataset]]:
    """Return the collections and the datasets of a table, by name.

    Parameters
    ----------
    text
        TOML; ``registered.toml`` says what a row has.

    Raises
    ------
    ValueError
        If a row lacks a key, has an unknown one or a wrong value, or names an unknown collection.
    """
    table = tomllib.loads(text)
    collections = {key: _row(key, row, Collection) for key, row in table["collections"].items()}
    datasets = {}
    for name, row in table["datasets"].items():
        if row.get("collection") not in collections:
            raise ValueError(f"{name}: its collection is {row.get('collection')!r}; expected {', '.join(collections)}")
        whole = {**row, "name": name, "collection": collections[row["collection"]]}
        datasets[name] = _row(name, whole, RegisteredDataset)
    return collections, datasets


def _row(name: str, row: Mapping[str, Any], kind: type[Any]) -> Any:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {error}") from error


COLLECTIONS, REGISTERED = read_table(TABLE.read_text(encoding="utf-8"))
"""Every collection by its key, and every registered dataset by its name."""

MOVIELENS = COLLECTIONS["movielens"]


def likely_collection(name: str) -> Collection | None:
    """Return the collection of a registered name, or the one whose copies usually have such a name; None if neither.

    ``ml-1m`` is registered, and ``ncf:ml-1m`` looks like a copy: both give MovieLens.
    """
    if name in REGISTERED:
        return REGISTERED[name].collection
    found = (one for one in COLLECTIONS.values() if one.copies is not None and re.search(one.copies, name.lower()))
    return next(found, None)
