"""Which interactions, and by which protocol they are split."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.names import STAND_IN_NOTE, file_name
from protocol.errors import DatasetError
from protocol.tasks.task import Task, build_task, build_validation_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocol.data.dataset import Dataset
    from protocol.tasks.candidates import ShortUsers

DEFAULT_DATASET, STAND_IN = "ml-100k", "synthetic"


@dataclass(frozen=True)
class Data:
    """Which interactions, and by which protocol they are split: options of the command line, by their names.

    Parameters
    ----------
    dataset
        A name or a path; None for the default, with leave to go on with synthetic data.
    columns, min_rating, core, data_dir
        See `protocol.data.loading.load_dataset`.
    protocol_seed, negatives, short_users, split
        See `protocol.tasks.task.build_task`.
    """

    dataset: str | None = None
    columns: Mapping[str, str] | None = None
    min_rating: float | None = None
    core: int | None = None
    data_dir: Path | None = None
    protocol_seed: int = 0
    negatives: int = 100
    short_users: ShortUsers = "error"
    split: str = "last"

    def load(self) -> Dataset:
        """Read the dataset.

        Raises
        ------
        DatasetError
            If a dataset that was named cannot be had, or does not hold what was asked for.
        """
        from protocol.data.loading import load_dataset

        options: dict[str, Any] = {"columns": self.columns, "min_rating": self.min_rating, "core": self.core}
        try:
            name = DEFAULT_DATASET if self.dataset is None else self.dataset
            return load_dataset(name, data_dir=self.data_dir, **options)
        except DatasetError as error:
            # Whoever named a dataset, or says how to read one, does not mean another.
            if self.dataset is not None or any(value is not None for value in options.values()):
                raise
            print(f"{error}\nNo dataset was named, so this goes on with SYNTHETIC DATA.", file=sys.stderr)
        dataset = load_dataset(STAND_IN)
        return replace(dataset, notes=(*dataset.notes, STAND_IN_NOTE))

    def named(self) -> Data:
        """Return these data with the default by its name: synthetic data do not stand in for it then."""
        return replace(self, dataset=DEFAULT_DATASET if self.dataset is None else self.dataset)

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
        """Return where results go by default: named for the dataset and, off the default protocol, for the task."""
        path = file_name(dataset.name)
        usual = Data(dataset=self.dataset, data_dir=self.data_dir)
        return Path("runs") / (path if self == usual else f"{path}-{task.digest[:8]}")
