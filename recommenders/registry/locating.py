"""Finding the source of a module without running anything of it."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

INSTALLED = ("site-packages", "dist-packages")
"""Folders into which packages are installed."""


def is_installed(path: Path) -> bool:
    """Return whether a file or folder belongs to an installed package, to Python or to its virtual environment.

    What pip has checked out below the environment's folder ``src`` is source.
    """
    if any(name in path.parts for name in INSTALLED) or any(path.is_relative_to(home) for home in _libraries()):
        return True
    is_own = sys.prefix != sys.base_prefix and path.is_relative_to(sys.prefix)
    return is_own and not path.is_relative_to(Path(sys.prefix, "src"))


@cache
def _libraries() -> tuple[Path, ...]:
    """Return the folders of Python's own library."""
    import sysconfig

    return tuple({Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")})


def find_module(name: str, folder: str = "") -> ModuleSpec | None:
    """Return where a module is; None if there is no such module.

    Unlike `importlib.util.find_spec`, this imports none of the packages that contain the module.

    Parameters
    ----------
    name
        ``package.module``.
    folder
        A folder to look in for what is not on the path.
    """
    top, *inner = name.split(".")
    spec = _on_path(top) or (_within(top, [folder]) if folder else None)
    for depth in range(len(inner)):
        if spec is None or spec.submodule_search_locations is None:
            return None
        within = ".".join((top, *inner[: depth + 1]))
        spec = _within(within, spec.submodule_search_locations)
    return spec


_OUR_PACKAGES = ("bench", "protocol", "recommenders")


def name_clash(module: str) -> str:
    """Return what to do if a module that cannot be imported has the name of one of our packages; else nothing."""
    package = module.partition(".")[0]
    if package not in _OUR_PACKAGES:
        return ""
    return f"; here, {package} is recbench's package: if you mean one of your own, give it another name"


def root_of(spec: ModuleSpec) -> Path | None:
    """Return the folder that contains a top-level module or package; None for one without files."""
    locations = list(spec.submodule_search_locations or ())
    place = locations[0] if locations else spec.origin if spec.has_location else None
    return Path(place).resolve().parent if place else None


def _on_path(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):
        # A module without a spec, such as __main__, cannot be imported again.
        return None


def _within(name: str, folders: Iterable[str]) -> ModuleSpec | None:
    """Return a module in one of some folders, or the folders that make it a namespace package.

    `importlib.machinery.PathFinder` would import the package that contains it.
    """
    portions: list[str] = []
    for folder in folders:
        spec = FileFinder(
            folder, (ExtensionFileLoader, EXTENSION_SUFFIXES), (SourceFileLoader, SOURCE_SUFFIXES)
        ).find_spec(name)
        if spec is not None and spec.loader is not None:
            return spec
        portions += (spec.submodule_search_locations or []) if spec else []
    if not portions:
        return None
    namespace = ModuleSpec(name, None, is_package=True)
    namespace.submodule_search_locations = portions
    return namespace
