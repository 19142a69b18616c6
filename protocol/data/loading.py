"""From what a user names to a dataset: registered names, ``synthetic``, ``ncf:``, files; then the filters (P4)."""

from __future__ import annotations

import difflib
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from protocol.data.datarec import PREFIX as DATAREC
from protocol.data.datarec import read_datarec
from protocol.data.dataset import NO_TIMES, Dataset
from protocol.data.fetching import fetch
from protocol.data.formats import SEQUENCES, read_file
from protocol.data.frames import NAME, read_frame
from protocol.data.registered import REGISTERED
from protocol.data.registered_files import hold_to_facts, read_registered
from protocol.data.sequences import PREFIX
from protocol.data.settled import Settled
from protocol.data.sources import source_of
from protocol.errors import DatasetError
from protocol.folders import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import pandas as pd

    from protocol.data.columns import Columns
    from protocol.data.registered import RegisteredDataset

log = logging.getLogger(__name__)


def _load_named(
    name: str,
    columns: Mapping[str, str],
    min_rating: float | None,
    core: int | None,
    data_dir: Path | None,
    encoding: str | None,
    settled: Settled,
) -> Dataset:
    """Return the dataset of a registered name, of a form such as ``synthetic:``, or of a path."""
    if name in ("synthetic", "ncf") or name.startswith(("synthetic:", "ncf:")):
        if columns or min_rating is not None or core is not None or encoding is not None or not settled.is_usual:
            raise DatasetError(
                f"{name} is taken as it is: columns, minimum rating, core, encoding, ids and missing values belong to "
                "files of ratings"
            )
        return _taken_as_it_is(name)
    read = _read(name, columns, data_dir, encoding, settled, with_ratings=min_rating is not None)
    known = REGISTERED.get(name)
    return _filtered(read, name if known or name.startswith(DATAREC) else _short(name), min_rating, core, known)


def _short(name: str) -> str:
    """Return what tables call a path: ``a/b.csv`` -> ``b.csv``, ``sequences:a/b.txt`` -> ``sequences:b.txt``."""
    prefix = PREFIX if name.startswith(PREFIX) else ""
    return prefix + Path(name.removeprefix(prefix)).name


def _load_frame(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    min_rating: float | None,
    core: int | None,
    name: str | None,
    settled: Settled,
) -> Dataset:
    """Return the dataset of a DataFrame, which no registered name may hide."""
    called = NAME if name is None else str(name)
    if not called.strip() or called in REGISTERED or called.startswith(("synthetic", "ncf:", DATAREC)):
        raise DatasetError(f"a DataFrame cannot have the name {called!r}: it is empty, or another dataset's")
    read = read_frame(frame, columns, with_ratings=min_rating is not None, settled=settled)
    return _filtered(read, called, min_rating, core)


def _filtered(
    read: Columns, name: str, min_rating: float | None, core: int | None, known: RegisteredDataset | None = None
) -> Dataset:
    """Return the dataset of some columns without what is rated lower, and of it the core."""
    if core is not None and core < 1:
        raise DatasetError(f"the core is {core}, expected 1 or more interactions of each user and item")
    notes: tuple[str, ...] = ()
    if read.reading is not None:
        log.info("%s is read as %s", name, read.reading.sentence())
    if min_rating is not None:
        read, note = _rated_at_least(read, min_rating)
        notes = (note,)
    dataset = Dataset.from_arrays(name, read.users, read.items, read.timestamps, notes=notes, reading=read.reading)
    if known is not None and min_rating is None:
        hold_to_facts(dataset, known)
    dataset = replace(dataset, times=read.times, notes=(*notes, *[NO_TIMES] * (read.times == "none")))
    return dataset if core is None else _core(dataset, core)


def _taken_as_it_is(name: str) -> Dataset:
    if name.startswith("ncf"):
        from protocol.data.ncf import read_ncf

        return read_ncf(name)
    from protocol.data.synthetic import generate

    return generate(name)


def _read(
    name: str,
    columns: Mapping[str, str],
    data_dir: Path | None,
    encoding: str | None,
    settled: Settled,
    *,
    with_ratings: bool,
) -> Columns:
    if name in REGISTERED or name.startswith(DATAREC):
        if columns or encoding or not settled.is_usual:
            raise DatasetError(
                f"how to read {name} is known; --columns, --encoding, --ids and --missing belong to files of your own"
            )
        if name.startswith(DATAREC):
            return read_datarec(name, with_ratings=with_ratings)
        return read_registered(fetch(name, data_dir), REGISTERED[name], with_ratings=with_ratings)
    form = SEQUENCES if name.startswith(PREFIX) else None
    path = expanded(name.removeprefix(PREFIX) if form else name)
    if source_of(path) is None:
        known = [*REGISTERED, "synthetic"]
        close = difflib.get_close_matches(name.lower(), known, n=1)
        hint = (
            f"did you mean {close[0]}?"
            if close
            else f"known names: {', '.join(known)}, ncf:PREFIX, {PREFIX}PATH, {DATAREC}NAME"
        )
        raise DatasetError(f"there is no file {path}, and no dataset of that name; {hint}")
    read = read_file(path, columns, with_ratings=with_ratings, encoding=encoding, form=form, settled=settled)
    return replace(read, times="order") if form is SEQUENCES else read


def _rated_at_least(read: Columns, min_rating: float) -> tuple[Columns, str]:
    """Return the rows rated ``min_rating`` or higher, and a note."""
    ratings = np.asarray(read.ratings)
    kept = ratings >= min_rating
    if not kept.any():
        raise DatasetError(f"no rating is {min_rating:g} or higher (the highest is {ratings.max():g})")
    note = f"minimum rating {min_rating:g}: {np.count_nonzero(~kept):,} lower ratings left out"
    return read.where(kept), note


def _core(dataset: Dataset, core: int) -> Dataset:
    """Leave out users and items with fewer than ``core`` interactions, again and again until none is left."""
    interactions = dataset.interactions
    kept = np.ones(len(interactions), dtype=np.bool_)
    while True:
        sparse = _sparse(interactions.users, kept, core) | _sparse(interactions.items, kept, core)
        if not (sparse & kept).any():
            break
        kept &= ~sparse
    if not kept.any():
        raise DatasetError(f"{dataset.name}: nothing is left of a {core}-core; ask for a smaller one")
    note = f"{core}-core: {np.count_nonzero(~kept):,} interactions left out"
    return replace(
        dataset.restricted_to(interactions.where(kept)),
        n_duplicates=dataset.n_duplicates,
        notes=(*dataset.notes, note),
    )


def _sparse(indices: npt.NDArray[np.int32], kept: npt.NDArray[np.bool_], core: int) -> npt.NDArray[np.bool_]:
    """Return which rows belong to a user (or item) with fewer than ``core`` kept rows."""
    counts = np.bincount(indices[kept], minlength=int(indices.max()) + 1)
    return np.asarray(counts[indices] < core)


def load_dataset(
    source: str | Path | pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    min_rating: float | None = None,
    core: int | None = None,
    data_dir: Path | None = None,
    name: str | None = None,
    encoding: str | None = None,
    ids: str | None = None,
    missing: str = "error",
) -> Dataset:
    """Return a dataset by its name, its ``synthetic:`` or ``ncf:`` form, the path of a file, or from a DataFrame.

    Files are text with separators, RecBole's ``.inter``, JSON (an object a line, or an array of objects), Parquet, and
    Feather; plain, in gzip, bzip2, xz or Zstandard, or in a zip archive (``ARCHIVE.zip/FILE`` if it has several
    files). A path may name a folder of parts, a FIFO, or ``/dev/stdin``, too. ``sequences:PATH`` is a file of lines
    ``user item item ...``, with the items in the order of time. ``datarec:NAME[:VERSION]`` is a dataset of the library
    DataRec (see `protocol.data.datarec`).

    Parameters
    ----------
    source
        A name, a path, or a DataFrame with the columns user, item and timestamp, one interaction a row.
    columns
        The names that the columns ``user``, ``item``, ``timestamp`` and ``rating`` have where these are unusual, or
        where it is in doubt which is which: ``{"user": "reviewerID"}``, in JSON with dots for nested values. In text
        without a header positions, from 0.
    min_rating
        Rows rated lower are left out.
    core
        Users and items with fewer interactions than this are left out, until none is left to leave out.
    data_dir
        A folder to look for named datasets in before anywhere else.
    name
        What a table calls the DataFrame; ``DataFrame`` by default. Other datasets have a name already.
    encoding
        How a file of text is encoded, by Python's names, such as ``"latin-1"``; UTF-8 by default.
    ids
        ``"text"`` takes each id as it is spelled, so that ``NA`` is one, and ``7`` and ``007`` are two. ``"number"``
        takes whole numbers only, so that these two are one. None refuses what is in doubt.
    missing
        ``"drop"`` leaves out rows without a user, an item, a time or, if it is needed, a rating, and counts them;
        ``"error"`` refuses them.

    Raises
    ------
    DatasetError
        If the data cannot be found, read or trusted.
    """
    settled = Settled(ids, missing)
    if not isinstance(source, str | Path):
        if encoding is not None:
            raise DatasetError(f"encoding={encoding!r} is of a file of text, and a DataFrame has none: leave it out")
        return _load_frame(source, columns or {}, min_rating, core, name, settled)
    if name is not None:
        raise DatasetError(f"name={name!r} names a DataFrame; the dataset {source} has a name already: leave it out")
    return _load_named(str(source), columns or {}, min_rating, core, data_dir, encoding, settled)
