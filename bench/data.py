"""The data of a run: where the interactions come from, and how they are split."""

from __future__ import annotations

import difflib
import inspect
import warnings
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from bench.names import STAND_IN_NOTE, file_name
from bench.options import READERS, read
from protocol.data.sequences import PREFIX as SEQUENCES
from protocol.data.sources import is_pipe
from protocol.errors import DatasetError, ProtocolError, RecbenchWarning
from protocol.tasks.repeated import name_of, repeated
from protocol.tasks.split_rule import LAST, TIME, parse_rule
from protocol.tasks.task import Task, build_task, build_validation_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    import pandas as pd

    from protocol.data.dataset import Dataset
    from protocol.tasks.candidates import ShortUsers

    Source: TypeAlias = "str | Path | pd.DataFrame"

DEFAULT_DATASET, STAND_IN = "ml-100k", "synthetic"
READING_OPTIONS = ("columns", "min_rating", "core", "encoding", "ids", "missing", "name")
"""The options of `Data` that say how a dataset is read."""


class SourceOptions(TypedDict, total=False):
    """The options of `Data` that say which interactions to read."""

    columns: Mapping[str, str] | str | None
    min_rating: float | None
    core: int | None
    data_dir: Path | str | None
    encoding: str | None
    ids: str | None
    missing: str
    name: str | None


class DataOptions(SourceOptions, total=False):
    """The options of `Data` but the first, for every function that takes a dataset."""

    protocol_seed: int
    negatives: int
    short_users: ShortUsers
    split: str


@dataclass(frozen=True)
class Data:
    """The source of the interactions, and the options of the protocol that splits them.

    ``bench.run(dataset=bench.Data("ratings.csv", core=5))`` and ``bench.run("ratings.csv", core=5)`` are the same.

    Parameters
    ----------
    dataset
        A name that `bench.datasets` shows, a path as `protocol.data.loading.load_dataset` takes it, or a pandas
        DataFrame with the columns user, item and timestamp. None for ml-100k and, if that cannot be found, for
        synthetic data, as the title of the table says.
    columns
        The names of the columns ``user``, ``item``, ``timestamp`` and ``rating`` where they differ from these:
        ``{"user": "who"}``. In text without a header, their positions, from 0; in JSON, nested names with dots.
    min_rating
        Interactions rated lower are left out.
    core
        Users and items keep at least this many interactions each; the others are left out.
    data_dir
        A folder to look for named datasets in before anywhere else.
    protocol_seed
        Decides the order of ties, the candidates, and random targets of a time split.
    negatives
        How many untouched items each held-out item is ranked against; 0 for all of them.
    short_users
        What happens to users with fewer untouched items than that: ``"error"``, ``"drop"`` or ``"all"``.
    split
        ``"last"``, ``"time:0.8"``, ``"time:0.8,target=last"`` or ``"random:3"``; see
        `protocol.tasks.split_rule.parse_rule`.
    encoding
        How text is encoded, by Python's names; None for UTF-8.
    ids
        ``"text"`` or ``"number"`` where it is in doubt what an id is, as with ``NA``, or ``7`` and ``007``.
    missing
        ``"drop"`` to leave out rows that lack a value.
    name
        What tables call a DataFrame.

    Raises
    ------
    ProtocolError
        If an option does not take the value.
    """

    dataset: Source | None = None
    columns: Mapping[str, str] | None = None
    min_rating: float | None = None
    core: int | None = None
    data_dir: Path | None = None
    protocol_seed: int = 0
    negatives: int = 100
    short_users: ShortUsers = "error"
    split: str = "last"
    encoding: str | None = None
    ids: str | None = None
    missing: str = "error"
    name: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name in READERS:
                object.__setattr__(self, field.name, read(field.name, getattr(self, field.name)))
        if isinstance(self.dataset, Path):
            object.__setattr__(self, "dataset", str(self.dataset))
        if self.data_dir is not None:
            object.__setattr__(self, "data_dir", Path(self.data_dir))
        if isinstance(self.dataset, str) and self.dataset.startswith(SEQUENCES) and _needs_clock(self.split):
            raise ProtocolError(
                f"split: {self.dataset} has positions for times, which are of no clock; write {LAST}, or random"
            )

    def load(self) -> Dataset:
        """Read the dataset.

        Raises
        ------
        DatasetError
            If a dataset that was named cannot be found, or does not hold what was asked for.
        """
        from protocol.data.loading import load_dataset

        options = {option: getattr(self, option) for option in READING_OPTIONS}
        source = DEFAULT_DATASET if self.dataset is None else self.dataset
        try:
            return load_dataset(source, data_dir=self.data_dir, **options)
        except DatasetError as error:
            # A dataset that was named, or one with options of how to read it, is never replaced by another.
            usual = Data()
            if self.dataset is not None or any(value != getattr(usual, option) for option, value in options.items()):
                raise
            message = f"{error}\nNo dataset was named, so this goes on with SYNTHETIC DATA."
            warnings.warn(message, RecbenchWarning, stacklevel=2)
        dataset = load_dataset(STAND_IN)
        return replace(dataset, notes=(*dataset.notes, STAND_IN_NOTE))

    def repeated(self, dataset: Dataset, n_splits: int) -> dict[str, Data]:
        """Return the data of each repeated split by its name (P28); the first one is the split as given.

        Raises
        ------
        ProtocolError
            If the dataset comes with a split of its own, or as `protocol.tasks.repeated.repeated`.
        """
        if dataset.imported is not None:
            raise ProtocolError(
                f"{dataset.name} comes with a split of its own, so there is nothing to repeat; leave out "
                "--repeat-splits"
            )
        splits = repeated(parse_rule(self.split), self.protocol_seed, n_splits)
        return {name_of(rule, seed): replace(self, split=str(rule), protocol_seed=seed) for rule, seed in splits}

    def named(self) -> Data:
        """Return these data with the default by its name: synthetic data never replace it then."""
        return self if self.dataset is not None else replace(self, dataset=DEFAULT_DATASET)

    def test_task(self, dataset: Dataset) -> Task:
        """Return the task that is scored once."""
        return build_task(dataset, **self._protocol())

    def validation_task(self, dataset: Dataset) -> Task:
        """Return the task for everything that selects."""
        return build_validation_task(dataset, **self._protocol())

    def _protocol(self) -> dict[str, Any]:
        return {
            "protocol_seed": self.protocol_seed,
            "n_negatives": self.negatives,
            "short_users": self.short_users,
            "split": self.split,
        }

    def folder(self, dataset: Dataset, task: Task) -> Path:
        """Return where results go by default: named for the dataset and, off the default protocol, for the task.

        DataFrames and pipes share a name easily, so that theirs always ends in the task's digest.
        """
        path = file_name(dataset.name)
        is_named = self.dataset is None or (isinstance(self.dataset, str) and not is_pipe(Path(self.dataset)))
        is_usual = is_named and self == Data(dataset=self.dataset, data_dir=self.data_dir)
        return Path("runs") / (path if is_usual else f"{path}-{task.digest[:8]}")


def _needs_clock(split: str) -> bool:
    """Return whether a split needs times that all users share."""
    return parse_rule(split).kind == TIME


def data_of(
    function: Callable[..., object],
    dataset: Source | Data | None,
    options: DataOptions | SourceOptions | Mapping[str, Any],
    known: type = DataOptions,
) -> Data:
    """Return the data that the caller of a public function means.

    Parameters
    ----------
    function
        Which one was called; errors name its options.
    dataset
        What to read, or `Data`, of which ``options`` replace some.
    options
        What the function was given beside its own options.
    known
        `DataOptions`, or `SourceOptions` for a function that takes the protocol from elsewhere.

    Raises
    ------
    TypeError
        If there is no option of a name.
    ProtocolError
        If an option does not take the value.
    """
    for name in options:
        if name not in known.__annotations__:
            raise TypeError(_unknown_option(function, name, known))
    given: dict[str, Any] = dict(options)
    return replace(dataset, **given) if isinstance(dataset, Data) else Data(dataset, **given)


def _unknown_option(function: Callable[..., object], name: str, known: type) -> str:
    own = [option for option, one in inspect.signature(function).parameters.items() if one.kind != one.VAR_KEYWORD]
    options = [*own, *known.__annotations__]
    close = difflib.get_close_matches(name, options, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(options)}"
    return f"{function.__name__} has no option {name!r}; {hint}"
