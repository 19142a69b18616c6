"""The fitted model of a record: the files that are kept of it beside the record's own, or why there are none.

They lie in a folder within the record's, which is named for what they hold, so that the files of an old and of a new
model can lie side by side.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct, to_builtins

from bench.records.reading import digest_of
from bench.records.task import Count

if TYPE_CHECKING:
    from pathlib import Path

GONE = "its files are gone"
"""The problem of a model whose files were missing when its record was written again."""

_FOLDER = re.compile(r"model-[0-9a-f]{16}")


class KeptFile(Struct, frozen=True):
    """A file of a model.

    Parameters
    ----------
    bytes
        Its size.
    sha256
        In hexadecimal.
    """

    bytes: Count
    sha256: str


class KeptModel(Struct, frozen=True, omit_defaults=True):
    """A fitted model that is kept, or the reason why it is not.

    Parameters
    ----------
    files
        By their paths within the model's folder, with ``/`` between folders.
    problem
        Why nothing is kept, in one line; None where something is.
    """

    files: Mapping[str, KeptFile] = {}
    problem: str | None = None

    def __post_init__(self) -> None:
        """Refuse a path that leads out of the folder, and a model that is neither kept nor has a problem."""
        for name in self.files:
            if not is_path_within(name):
                raise ValueError(f"{name!a} is no path of a file within a folder")
        if bool(self.files) == (self.problem is not None):
            raise ValueError("it has neither files nor a problem, or both")

    @property
    def folder(self) -> str:
        """The name of its folder within the record's."""
        digest = hashlib.sha256(json.dumps(to_builtins(self.files), sort_keys=True).encode()).hexdigest()
        return f"model-{digest[:16]}"

    @property
    def n_bytes(self) -> int:
        """The size of its files together."""
        return sum(file.bytes for file in self.files.values())

    @property
    def listed(self) -> dict[str, str]:
        """The SHA-256 of each file, by its path within the record's folder."""
        return {f"{self.folder}/{name}": file.sha256 for name, file in self.files.items()}

    def is_in(self, folder: Path) -> bool:
        """Return whether a record's folder has all files in their sizes; `changed_in` reads their content."""
        return all(
            (path := folder / self.folder / name).is_file() and path.stat().st_size == file.bytes
            for name, file in self.files.items()
        )

    def changed_in(self, folder: Path) -> list[Path]:
        """Return the files that are missing from a record's folder, or are there with other content.

        Raises
        ------
        NotReadableError
            If the system does not let this process read one.
        """
        paths = {folder / self.folder / name: file.sha256 for name, file in self.files.items()}
        return [path for path, sha256 in paths.items() if digest_of(path) != sha256]


def is_model_folder(name: str) -> bool:
    """Return whether a folder within a record's may hold a model, by its name."""
    return _FOLDER.fullmatch(name) is not None


def is_path_within(name: str) -> bool:
    """Return whether a text is the path of a file within a folder, in its only spelling."""
    parts = PurePosixPath(name).parts
    is_plain = name.isprintable() and "\\" not in name and str(PurePosixPath(name)) == name
    return bool(parts) and is_plain and parts[0] != "/" and not {".", ".."} & set(parts)
