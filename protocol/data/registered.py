"""Datasets that are known by name: a new one is one entry here, and its papers in ``bench/references.bib``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Collection:
    """Datasets of one publisher under one set of terms.

    Parameters
    ----------
    name
        The collection's name in the literature: ``"MovieLens"``.
    publisher
        The group that serves the files.
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


@dataclass(frozen=True)
class PackagedCopy:
    """A copy of a dataset's file inside a wheel on the package index.

    Parameters
    ----------
    requirement
        The distribution with its exact version, as pip takes it.
    member
        The file inside the wheel. It has one header line above the original bytes.
    titles, titles_sha256
        The file of the items' titles inside the wheel, and its checksum; None where there is none.
    """

    requirement: str
    member: str
    titles: str | None = None
    titles_sha256: str = ""


@dataclass(frozen=True)
class RegisteredDataset:
    """A dataset that is known by name.

    Parameters
    ----------
    name
        What users write after ``--dataset``.
    collection
        Its terms and citations.
    n_users, n_items, n_interactions
        Its sizes after repeated pairs are collapsed.
    url
        The address of the publisher's zip archive.
    member
        The file of ratings inside that archive.
    sha256
        Checksum of the file of ratings if ``of_member``, else of the archive. The file with the checksum is kept.
    of_member
        Whether the file of ratings, and not the archive, has the checksum. Then any copy of that file can be checked.
    columns
        The file's own names of ``user``, ``item``, ``timestamp`` and ``rating``, where they are unusual. The format
        is recognised from the file (see `protocol.data.formats`).
    packaged
        A copy on the package index, used when the publisher cannot be reached. It needs ``of_member``.
    titles
        The file of the items' titles inside the publisher's archive; None where there is none. No run needs it.
    """

    name: str
    collection: Collection
    n_users: int
    n_items: int
    n_interactions: int
    url: str
    member: str
    sha256: str
    of_member: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    packaged: PackagedCopy | None = None
    titles: str | None = None

    @property
    def stored_name(self) -> str:
        """The name of the kept file."""
        return Path(self.member).name if self.of_member else f"{self.name}.zip"

    @property
    def inside(self) -> str | None:
        """The path of the ratings inside the kept file, if that is an archive."""
        return None if self.of_member else self.member


MOVIELENS = Collection(
    "MovieLens",
    publisher="GroupLens",
    terms="GroupLens: research use with acknowledgement, no redistribution",
    citations=("harper2015movielens",),
    copies=r"\bml-(\d|latest)|movielens",
)


def _movielens(
    name: str,
    sizes: tuple[int, int, int],
    ratings: str,
    sha256: str,
    titles: str,
    *,
    of_member: bool = False,
    packaged: PackagedCopy | None = None,
) -> RegisteredDataset:
    url = f"https://files.grouplens.org/datasets/movielens/{name}.zip"
    return RegisteredDataset(
        name,
        MOVIELENS,
        *sizes,
        url,
        f"{name}/{ratings}",
        sha256,
        of_member=of_member,
        packaged=packaged,
        titles=f"{name}/{titles}",
    )


# The checksum of ml-100k is the data file's own, so that any copy of it can be checked; the others are of GroupLens's
# archives. Several public projects that do not build on one another pin the same checksums (for ml-1m, say,
# TensorFlow's recommendation example and SecretFlow). For ml-1m, ml-20m and ml-25m such projects also record that the
# archive had the MD5 that GroupLens publishes beside it.
REGISTERED = {
    dataset.name: dataset
    for dataset in (
        _movielens(
            "ml-100k", (943, 1682, 100_000), "u.data",
            "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490",
            "u.item",
            of_member=True,
            packaged=PackagedCopy(
                "recbole==1.2.1",
                "recbole/dataset_example/ml-100k/ml-100k.inter",
                "recbole/dataset_example/ml-100k/ml-100k.item",
                "51d7cdf777ce5c0f5b32c1d947a4a81fe07d75e78abbe761e0cd4d0756064532",
            ),
        ),
        _movielens(
            "ml-1m", (6040, 3706, 1_000_209), "ratings.dat",
            "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20",
            "movies.dat",
        ),
        _movielens(
            "ml-20m", (138_493, 26_744, 20_000_263), "ratings.csv",
            "96f243c338a8665f6bcc89c53edf6ee39162a846940de6b7c8c48aeada765ff3",
            "movies.csv",
        ),
        _movielens(
            "ml-25m", (162_541, 59_047, 25_000_095), "ratings.csv",
            "8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa",
            "movies.csv",
        ),
        _movielens(
            "ml-32m", (200_948, 84_432, 32_000_204), "ratings.csv",
            "e4a68655d7386b8f95f2f2424b2ff975dfdd15ffd59e0d864a14dca43e99d6ee",
            "movies.csv",
        ),
    )
}  # fmt: skip
"""Every registered dataset by its name."""


def likely_collection(name: str) -> Collection | None:
    """Return the collection of a registered name, or the one whose copies usually have such a name; None if neither.

    ``ml-1m`` is registered, and ``ncf:ml-1m`` looks like a copy: both give MovieLens.
    """
    if name in REGISTERED:
        return REGISTERED[name].collection
    collections = {dataset.collection.name: dataset.collection for dataset in REGISTERED.values()}
    return next(
        (one for one in collections.values() if one.copies is not None and re.search(one.copies, name.lower())), None
    )
