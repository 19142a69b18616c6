"""Names of used files that mean the same in another process, and hold no private folder."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recommenders.registry.locating import is_installed

if TYPE_CHECKING:
    from recommenders.registry.used.outcome import Root


@dataclass(frozen=True)
class Roots:
    """The folders from which the names of used files count.

    Parameters
    ----------
    plugin
        The plug-in's folder; None where there is none.
    current
        The current folder.
    path
        The folders of source from which Python imports, in its order.
    """

    plugin: Path | None
    current: Path
    path: tuple[Path, ...]

    @classmethod
    def here(cls, plugin: Path | None) -> Roots:
        """Return the roots as they are for a process that starts now in the current folder."""
        # A job does not inherit what this process added to its path, but the variable, which comes first.
        named = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
        found = dict.fromkeys(Path(folder).resolve() for folder in (*named, *sys.path) if folder)
        path = tuple(folder for folder in found if folder.is_dir() and not is_installed(folder))
        return cls(plugin.resolve() if plugin else None, Path.cwd().resolve(), path)

    def of_code(self, file: Path) -> tuple[Root, str]:
        """Return the root and the name of a file of code.

        A folder on Python's path comes first: with another path, another file is imported by the same name.
        """
        for root, folders in self._folders.items():
            for folder in folders:
                if file.is_relative_to(folder):
                    return root, file.relative_to(folder).as_posix()
        root, folder = ("plug-in", self.plugin) if self.plugin else ("current", self.current)
        return root, _relative(file, folder)

    def of_data(self, file: Path, *, from_current: bool) -> tuple[Root, str] | None:
        """Return the root and the name of a data file; None outside of the plug-in's and the current folder.

        Parameters
        ----------
        from_current
            Whether it was opened by a name that counts from the current folder.
        """
        order: tuple[tuple[Root, Path | None], ...] = (("plug-in", self.plugin), ("current", self.current))
        for root, folder in reversed(order) if from_current else order:
            if folder is not None and file.is_relative_to(folder):
                return root, file.relative_to(folder).as_posix()
        return None

    def find(self, root: Root, name: str) -> Path | None:
        """Return the file of a root and a name; None where there is none."""
        return next((path for folder in self._folders[root] if (path := folder / name).is_file()), None)

    @property
    def _folders(self) -> dict[Root, tuple[Path, ...]]:
        plugin = () if self.plugin is None else (self.plugin,)
        return {"path": self.path, "plug-in": plugin, "current": (self.current,)}

    @property
    def plugin_from_current(self) -> str:
        """The plug-in's folder as it is reached from the current folder; empty where there is none."""
        return "" if self.plugin is None else _relative(self.plugin, self.current)


def _relative(path: Path, folder: Path) -> str:
    """Return a path as it is reached from a folder; from another drive there is no such way, and it stays whole."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.as_posix()
