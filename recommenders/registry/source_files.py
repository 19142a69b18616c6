"""Which files the source of a recommender consists of; found without running anything of it."""

from __future__ import annotations

import ast
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders.adapters.program import read_program
from recommenders.registry.code_digest import parse
from recommenders.registry.locating import INSTALLED, find_module, is_installed

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = "recommenders"

_NAME_LENGTH = 255
"""The longest text that is taken for the name of a file."""


def source_files(reference: str, folder: str = "") -> dict[str, Path]:
    """Return the files of the source that ``reference`` (``place:Name``) names, by their names within it.

    - A built-in: its module and all modules of this package that it imports, directly or not.
    - A file, or a single module in no package: the same, and the modules and packages beside it that it imports.
    - A program, described by a TOML file: that file, the files it names, and what runs it here.
    - Another package: all its Python files.
    - Where a file, a module or a package of others imports torch: also what trains a bare PyTorch module here.

    Data files that a recommender reads, and compiled modules, are not among them.

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
        return _with_trainer(_file_and_beside(Path(place)))
    if place.endswith(".toml"):
        runner = f"{_OURS}.adapters.command"
        path = _module_file(runner)
        return {runner: path} | _imported(path, runner) | read_program(Path(place)).source
    if place.partition(".")[0] == _OURS:
        path = _module_file(place)
        return {place: path} | _imported(path, place)
    return _with_trainer(_package_files(place.partition(".")[0], folder))


def read(path: Path) -> bytes:
    """Return what a file of the source holds.

    Raises
    ------
    RecommenderError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecommenderError(f"{path} cannot be read: {error.strerror}") from error


def source_folder(reference: str, folder: str = "") -> Path | None:
    """Return the folder of the source that ``reference`` names; None where that holds the sources of others, too.

    That of a file is the folder it is in; that of a package is the package's own.
    """
    place = reference.rpartition(":")[0]
    if place.endswith((".py", ".toml")):
        return Path(place).parent
    spec = find_module(place.partition(".")[0], folder)
    if spec is None:
        return None
    if spec.submodule_search_locations is not None:
        return next((Path(location) for location in spec.submodule_search_locations), None)
    home = Path(spec.origin).parent if spec.has_location and spec.origin else None
    return None if home is None or is_installed(home) else home


def imported_packages(path: Path) -> set[str]:
    """Return the top-level packages that a Python file may import, anywhere in it; those of relative imports not."""
    statements = _import_statements(read(path))
    absolute = [node for node in statements if isinstance(node, ast.Import)]
    origins = [node.module for node in statements if isinstance(node, ast.ImportFrom) and not node.level]
    names = [*(alias.name for node in absolute for alias in node.names), *(name for name in origins if name)]
    return {name.partition(".")[0] for name in names}


def texts_in(path: Path) -> set[str]:
    """Return the texts of one line that a Python file writes out, which may be names of files."""
    tree = parse(read(path))
    constants = (node.value for node in (ast.walk(tree) if tree else ()) if isinstance(node, ast.Constant))
    return {
        text for text in constants if isinstance(text, str) and text.isprintable() and 0 < len(text) <= _NAME_LENGTH
    }


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
    """Yield every dotted name that a file may import as a module, anywhere in it, and the packages that hold it."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in _import_statements(read(path)):
        origin = []
        if isinstance(node, ast.ImportFrom):
            origin = [*_base(package, node.level), *([node.module] if node.module else [])]
        for alias in node.names:
            yield from accumulate(".".join([*origin, alias.name]).split("."), "{}.{}".format)


@lru_cache(maxsize=1024)  # Recommenders share most of their files.
def _import_statements(source: bytes) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Return what a file imports; nothing where it is not Python, as it does not load either."""
    tree = parse(source)
    nodes = ast.walk(tree) if tree else ()
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


def _base(package: str, level: int) -> list[str]:
    """Return the parts of the package that ``level`` leading dots mean: one is ``package``, two is its parent."""
    parts = package.split(".") if package and level else []
    return parts[: len(parts) - level + 1] if parts else []


def _locate(name: str, beside: Path | None) -> Path | None:
    """Return the file of a module of this package or, failing that, of the folder ``beside``; None for all others."""
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


def _with_trainer(files: dict[str, Path]) -> dict[str, Path]:
    """Add what trains a bare PyTorch module to a source that imports torch, and so may define one."""
    if not any(path.suffix == ".py" and "torch" in imported_packages(path) for path in files.values()):
        return files
    trainer = f"{_OURS}.modules.wrapping"
    path = _module_file(trainer)
    return files | {trainer: path} | _imported(path, trainer)


def _package_files(package: str, folder: str) -> dict[str, Path]:
    spec = find_module(package, folder)
    if spec is None:
        raise RecommenderError(f"there is no package {package}; install it, or name a FILE.py")
    if spec.submodule_search_locations is None:
        path = Path(spec.origin) if spec.has_location and spec.origin else None
        if path is None:
            return {}
        # The folder of an installed module holds everything else that is installed, too.
        return {path.name: path} if path.parent.name in INSTALLED or path.suffix != ".py" else _file_and_beside(path)
    roots = [Path(location) for location in spec.submodule_search_locations]
    return {path.relative_to(root).as_posix(): path for root in roots for path in sorted(root.rglob("*.py"))}
