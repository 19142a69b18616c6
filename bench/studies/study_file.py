"""The file of a study: TOML, of which each key is checked.

Paths are relative to the folder of the file. In a path, ``${NAME}`` is the value of an environment variable, so that a
file can be shared though the data lie elsewhere on each machine.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data import Data, DataOptions
from bench.names import file_name
from bench.options import read
from bench.studies.datasets import StudyDataset, check_distinct_datasets, default_name
from bench.studies.description import Compared, Study, Tuning
from bench.studies.variables import with_variables
from protocol.data.registered import REGISTERED
from protocol.errors import ProtocolError, RecbenchError
from protocol.folders import expanded
from recommenders.registry.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Reader = Callable[[Any, Path], Any]

_PLACES = ("sequences", "ncf")
"""What may be before the colon of a path to interactions."""


def read_study(path: Path) -> Study:
    """Read the file of a study. Relative paths in it are relative to its folder.

    Raises
    ------
    ProtocolError
        If it is not TOML, a key is unknown, or a value is of another kind; names the file and the key.
    OSError
        If it cannot be read.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(f"{path} is not TOML: {error}; `recbench study --new` writes an example") from error
    try:
        return _study(table, path.parent, path.stem)
    except RecbenchError as error:
        raise ProtocolError(f"{path}: {error}") from error


def _study(table: Mapping[str, Any], folder: Path, stem: str) -> Study:
    given = _checked(table, _KEYS, "", folder)
    if "datasets" not in given:
        raise ProtocolError("datasets is missing; write datasets = ['ml-100k'], or [[datasets]] with options")
    shared = given.pop("data", {})
    datasets = tuple(_dataset(each, shared, folder) for each in given.pop("datasets"))
    check_distinct_datasets(datasets)
    compared = Compared(**{name: given.pop(name) for name in ("metric", "k", "view", "baseline") if name in given})
    out = given.pop("out", Path("runs", file_name(stem)))
    return Study(datasets=datasets, compared=compared, out=out, **given)


def _checked(table: Mapping[str, Any], readers: Mapping[str, Reader], where: str, folder: Path) -> dict[str, Any]:
    """Return the values of a table as its readers take them.

    Parameters
    ----------
    where
        The name of the table, with a dot behind it; empty for the file.
    """
    check_keys(table, readers, where)
    found = {}
    for name, value in table.items():
        try:
            found[name] = readers[name](value, folder)
        except RecbenchError as error:
            raise ProtocolError(f"{where}{name}: {error}") from error
    return found


def check_keys(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Refuse keys that are not known.

    Raises
    ------
    ProtocolError
        With the nearest name.
    """
    names = dict.fromkeys(known)
    for name in table:
        if name in _NOT_OF_A_STUDY:
            raise ProtocolError(f"{name}: {_NOT_OF_A_STUDY[name]}")
        if name not in names:
            place = f"[{where.rstrip('.')}]" if where else "a study"
            raise ProtocolError(f"{place} has no key {name!r}{did_you_mean(name, names)}; it has {', '.join(names)}")


_NOT_OF_A_STUDY = {
    "repeat_splits": "a study measures each dataset on one split; for several, `recbench run --repeat-splits N` on one "
    "dataset",
    "slices": "a table over datasets has none; `recbench table STUDY/DATASET --slices` shows those of one dataset",
}
"""Options of a run that a study does not have, and what does."""


def _dataset(given: Any, shared: Mapping[str, Any], folder: Path) -> StudyDataset:
    """Return one dataset: a text, or a table with its options."""
    table = {"dataset": given} if isinstance(given, str) else given
    if not isinstance(table, dict):
        raise ProtocolError(f"datasets: {given!r} is no dataset; write 'ml-100k', or [[datasets]] with dataset = ...")
    check_keys(table, ("name", "dataset", *_DATA_KEYS), "datasets.")
    if "dataset" not in table:
        raise ProtocolError(
            "datasets: a dataset has no dataset = ...; write dataset = 'ml-100k', or the path of a file"
        )
    source = _text(table["dataset"], folder)
    options = {**shared, **_data_options({name: value for name, value in table.items() if name in _DATA_KEYS}, folder)}
    try:
        data = Data(_source(source, folder), **options)
    except RecbenchError as error:
        raise ProtocolError(f"datasets: {source}: {error}") from error
    return StudyDataset(_text(table["name"], folder) if "name" in table else default_name(data), data)


_DATA_KEYS = tuple(name for name in DataOptions.__annotations__ if name != "name")
"""The options of `bench.data.Data` that a dataset of a study may have."""


def _data_options(table: Any, folder: Path) -> dict[str, Any]:
    """Return the options of data, with their folder in its place; `bench.data.Data` reads the others."""
    if not isinstance(table, dict):
        raise ProtocolError(f"{table!r} is no table; write [data], then negatives = 100")
    check_keys(table, _DATA_KEYS, "data.")
    return {name: _path(value, folder) if name == "data_dir" else read(name, value) for name, value in table.items()}


def _tuning(table: Any, folder: Path) -> Tuning:
    if not isinstance(table, dict):
        raise ProtocolError(f"{table!r} is no table; write [tuning], then trials = 10")
    given = _checked(table, _TUNING_KEYS, "tuning.", folder)
    if given.get("trials") is None and given.get("seconds") is None:
        raise ProtocolError("a search needs a budget, found none; write trials = 10, seconds = 600 or both")
    return Tuning(**given)


def _source(text: str, folder: Path) -> str:
    """Return a dataset with its path, if it has one, in its place; a name stays.

    A registered name is one also where something beside the file has it: the results of a study may be there.
    """
    written = with_variables(text)
    if written in REGISTERED:
        return written
    before, colon, behind = written.partition(":")
    if colon and before in _PLACES:
        return f"{before}:{_in(folder, behind)}"
    place = _in(folder, written)
    is_path = not colon and ("/" in written or "." in written)
    return str(place) if is_path or place.exists() else written


def _plugin(text: str, folder: Path) -> str:
    """Return a plug-in with its file, if it is in one, in its place."""
    place, colon, name = text.partition(":")
    return f"{_path(place, folder)}{colon}{name}" if place.endswith((".py", ".toml")) else text


def _path(text: Any, folder: Path) -> Path:
    return _in(folder, with_variables(_text(text, folder)))


def _in(folder: Path, text: str) -> Path:
    return folder / expanded(text)


def _text(value: Any, _: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ProtocolError(f"{value!r} is no text; write a name or a path in quotation marks")
    return value


def _texts(value: Any, folder: Path) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise ProtocolError(f"{value!r} is no list; write texts in brackets, as in ['ease', 'als']")
    return tuple(_text(each, folder) for each in value)


def _datasets(value: Any, _: Path) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ProtocolError(f"{value!r} is no list of datasets; write ['ml-100k'], or [[datasets]] with options")
    return value


def _labels(value: Any, folder: Path) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ProtocolError(f"{value!r} is no table; write [labels], then ease = 'EASE (ours)'")
    return {row: _text(name, folder) for row, name in value.items()}


def _option(name: str) -> Reader:
    """Return the reader of an option that the command line has, too."""

    def reader(value: Any, _: Path) -> Any:
        try:
            return read(name, value)
        except ProtocolError as error:
            raise ProtocolError(str(error).removeprefix(f"{name}: ")) from error

    return reader


_TUNING_KEYS: dict[str, Reader] = {
    **{name: _option(name) for name in ("trials", "seconds", "search_seed", "seeds", "patience")},
    "spaces": _path,
}

_RUN_OPTIONS = [
    "seeds",
    "patience",
    "full_limit",
    "threads",
    "timeout",
    "memory",
    "device",
    "precision",
    "on",
    "same_machine",
    "keep_models",
    "go_on",
]

_KEYS: dict[str, Reader] = {
    "datasets": _datasets,
    "data": _data_options,
    "recommenders": _texts,
    "plugins": lambda value, folder: tuple(_plugin(text, folder) for text in _texts(value, folder)),
    "labels": _labels,
    **{name: _option(name) for name in _RUN_OPTIONS},
    "tuning": _tuning,
    "metric": _option("metric"),
    "k": _option("cutoff"),
    "view": _option("view"),
    "baseline": _text,
    "out": _path,
}
"""The keys of a study, each with what reads its value; paths are relative to the folder that it is given."""
