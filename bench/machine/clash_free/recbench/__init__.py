"""recbench's packages under names that no other project has: ``from recbench.bench.checks import conformance_tests``.

A project may have a package ``bench``, ``protocol`` or ``recommenders``, too, and Python may import it instead of ours.
`recbench.bench`, `recbench.protocol` and `recbench.recommenders` are always ours: the same files, loaded once more, and
importing each other under these names. ``import bench`` imports what it did before.

setuptools installs this folder as the package ``recbench`` (see ``pyproject.toml``).
"""

from __future__ import annotations

import builtins
import importlib
import sys
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec

OURS = ("bench", "protocol", "recommenders")
"""The names of our packages."""

_HOME = next(folder for folder in Path(__file__).resolve().parents if (folder / "bench" / "api.py").is_file())
"""The folder that our packages are in."""


def _is_ours(name: str) -> bool:
    """Return whether one of our files is the module of this name, ``bench.checks``."""
    path = _HOME.joinpath(*name.split("."))
    return name.partition(".")[0] in OURS and (path.is_dir() or path.with_name(f"{path.name}.py").is_file())


def _import(
    name: str,
    variables: Mapping[str, object] | None = None,
    local: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """Do what an ``import`` statement in one of our modules does: import ours for our names."""
    top = name.partition(".")[0]
    if level or top not in OURS:
        module = builtins.__import__(name, variables, local, fromlist or (), level)
        return _own_importlib if module is importlib else module
    module = builtins.__import__(f"{__name__}.{name}", variables, local, fromlist or (), 0)
    return module if fromlist else sys.modules[f"{__name__}.{top}"]


class _OwnImportlib(ModuleType):
    """The module ``importlib`` as our modules see it: the names of our modules, given as texts, are those of ours."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib, name)

    @staticmethod
    def import_module(name: str, package: str | None = None) -> ModuleType:
        """Import a module: ours, if it is one of ours."""
        return importlib.import_module(f"{__name__}.{name}" if _is_ours(name) else name, package)


_own_importlib = _OwnImportlib("importlib")

_BUILTINS = {**vars(builtins), "__import__": _import}
"""What our modules have as builtins: an ``import`` statement calls ``__import__`` of them."""


class _Loader(SourceFileLoader):
    """Loads one of our files."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the file, with our meaning of ``import``."""
        vars(module)["__builtins__"] = _BUILTINS
        super().exec_module(module)


class _Finder:
    """Finds our files as modules of this package."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how to load a module of this package; None for all other modules."""
        package, _, own_name = name.partition(".")
        if package != __name__ or own_name.partition(".")[0] not in OURS:
            return None
        spec = PathFinder.find_spec(name, [str(_HOME)] if own_name in OURS else path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(name, spec.loader.path)
        return spec


sys.meta_path.insert(0, _Finder())
