"""A digest of the code that a recommender consists of, so that a changed one is never answered by an old result."""

from __future__ import annotations

import ast
import hashlib
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders.adapters.program import read_program
from recommenders.registry.locating import find_module

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = "recommenders"

_INSTALLED = ("site-packages", "dist-packages")
"""Folders into which packages are installed."""


def digest_of(reference: str, folder: str = "") -> str:
    """Return the SHA-256, in hexadecimal, of the source that ``reference`` (``place:Name``) stands for.

    That is, found without running anything of it:

    - of a built-in: its module and all modules of this package that it imports, directly or not;
    - of a file, or a single module in no package: the same, and the modules and packages beside it that it imports;
    - of a program, described by a TOML file: that, what it names, and what here runs it;
    - of another package: all Python files of the package.

    Where the files lie has no influence, their names within the package have. Data files that it reads, and compiled
    modules, do not count.

    Parameters
    ----------
    folder
        Where a package is looked for, too (see `recommenders.registry.Entry`).

    Raises
    ------
    RecommenderError
        If there is no such source.
    """
    place = reference.rpartition(":")[0]
    if place.endswith(".py"):
        path = Path(place)
        files = _file_and_beside(path)
    elif place.endswith(".toml"):
        runner = f"{_OURS}.adapters.command"
        path = _module_file(runner)
        files = {runner: path} | _imported(path, runner) | read_program(Path(place)).source
    elif place.partition(".")[0] == _OURS:
        path = _module_file(place)
        files = {place: path} | _imported(path, place)
    else:
        files = _package_files(place.partition(".")[0], folder)
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{hashlib.sha256(_read(files[name])).hexdigest()}\n".encode())
    return total.hexdigest()


def _imported(path: Path, module: str = "", beside: Path | None = None) -> dict[str, Path]:
    """Return the modules of this package, and those in the folder ``beside``, that a file imports, by name.

    ``module`` is the file's own name; without one it is in no package.
    """
    found: dict[str, Path] = {}
    waiting = [(module, path)]
    while waiting:
        for name in _imported_names(*waiting.pop()):
            located = _locate(name, beside)
            if located is not None and name not in found:
                found[name] = located
                waiting.append((name, located))
    return found


def _imported_names(module: str, path: Path) -> Iterator[str]:
    """Yield every dotted name that may be a module imported by a file, wherever in it, and the packages it is in."""
    try:
        tree = ast.parse(_read(path))
    except (SyntaxError, ValueError):
        return  # It will not load either, so whatever it wants to import has no influence.
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = [*_base(package, node.level), *([node.module] if node.module else [])]
            names = [".".join([*origin, alias.name]) for alias in node.names]
        for name in names:
            yield from accumulate(name.split("."), "{}.{}".format)


def _base(package: str, level: int) -> list[str]:
    """Return the parts of the package that so many leading dots stand for: one is ``package``, two what it is in."""
    parts = package.split(".") if package and level else []
    return parts[: len(parts) - level + 1] if parts else []


def _locate(name: str, beside: Path | None) -> Path | None:
    """Return the file of a module of this package, or else of one in the folder ``beside``; None for all others."""
    folders = [Path(__file__).parents[2]] if name.partition(".")[0] == _OURS else []
    for folder in [*folders, *([beside] if beside else [])]:
        stem = folder.joinpath(*name.split("."))
        for candidate in (stem.with_name(f"{stem.name}.py"), stem / "__init__.py"):
            if candidate.is_file():
                return candidate
    return None


def _module_file(module: str) -> Path:
    located = _locate(module, None)
    if located is None:
        raise RecommenderError(f"there is no module {module}")
    return located


def _file_and_beside(path: Path) -> dict[str, Path]:
    return {path.name: path} | _imported(path, beside=path.parent)


def _package_files(package: str, folder: str) -> dict[str, Path]:
    spec = find_module(package, folder)
    if spec is None:
        raise RecommenderError(f"there is no package {package}; install it, or name a FILE.py")
    if spec.submodule_search_locations is None:
        path = Path(spec.origin) if spec.has_location and spec.origin else None
        if path is None:
            return {}
        # Beside an installed module lies everything else that is installed.
        return {path.name: path} if path.parent.name in _INSTALLED or path.suffix != ".py" else _file_and_beside(path)
    roots = [Path(location) for location in spec.submodule_search_locations]
    return {path.relative_to(root).as_posix(): path for root in roots for path in sorted(root.rglob("*.py"))}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecommenderError(f"{path} cannot be read: {error.strerror}") from error
