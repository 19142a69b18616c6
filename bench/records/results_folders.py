"""What a folder of results holds: records, or folders that hold them, of repeated splits or of a study's datasets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.records.store import RECORDS, Store
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path

SPLITS = "splits"
"""The folder, in that of the results over repeated splits, with a folder of results for each split."""


def folder_of_split(folder: Path, split: str) -> Path:
    """Return the folder of one split's results, in the folder of all."""
    return folder / SPLITS / split_folder_name(split)


def split_folder_name(split: str) -> str:
    """Return what the folder of a split is called: ``time:0.9,target=last`` -> ``time-0.9-target-last``."""
    return re.sub(r"[:,= ]", "-", split)


def folders_of_splits(folder: Path) -> list[Path]:
    """Return the folders of the splits that a folder of repeated splits has; none where it is of something else."""
    return folders_of_results(folder / SPLITS)


def is_study(folder: Path) -> bool:
    """Return whether a folder holds folders of results, and no records itself."""
    return not (folder / RECORDS).exists() and bool(folders_of_results(folder))


def folders_of_results(folder: Path) -> list[Path]:
    """Return the folders with records that are in a folder."""
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    return [each for each in inside if (each / RECORDS).is_dir()]


def refuse_several(folder: Path) -> None:
    """Refuse a folder that holds folders of results in place of records.

    Raises
    ------
    ProtocolError
        Naming these folders.
    """
    if not Store(folder).is_empty:
        return
    for what, inside in (
        ("several splits", folders_of_splits(folder)),
        ("the datasets of a study", folders_of_results(folder)),
    ):
        if inside:
            raise ProtocolError(
                f"{folder} holds {what}, and this is about one; name the folder of one of them: "
                f"{', '.join(map(str, inside))}"
            )


def check_no_records(folder: Path, what: str) -> None:
    """Refuse a folder that has records of one task, which would hide what is in the folders beside them.

    Parameters
    ----------
    what
        What is to go there: ``"repeated splits"``.

    Raises
    ------
    ProtocolError
        If there are any.
    """
    if not Store(folder).is_empty:
        raise ProtocolError(
            f"{folder} holds the records of one split of one dataset; name another folder for {what} with --out"
        )


def check_no_splits(folder: Path) -> None:
    """Refuse a folder of repeated splits for the records of one split, which would hide them.

    Raises
    ------
    ProtocolError
        If it holds repeated splits.
    """
    if folders_of_splits(folder):
        raise ProtocolError(
            f"{folder} holds the records of repeated splits; name another folder for one split with --out, or add to "
            "these with --repeat-splits"
        )


def parts_of(folder: Path) -> dict[str, Path]:
    """Return the folders with records that a folder stands for, by their paths in it.

    Records of its own hide what lies beside them: ``{"": folder}``. Else these are ``splits/time-0.9`` and the like, or
    the datasets of a study, ``ml-100k``; nothing where there are no records.
    """
    if not Store(folder).is_empty:
        return {"": folder}
    inside = folders_of_splits(folder) or folders_of_results(folder)
    return {each.relative_to(folder).as_posix(): each for each in inside if not Store(each).is_empty}


def kind_of(part: str) -> str:
    """Return what a folder holds, in words, by the path of one of its parts (see `parts_of`)."""
    if not part:
        return "the records of one task"
    return "repeated splits" if part.startswith(f"{SPLITS}/") else "the datasets of a study"
