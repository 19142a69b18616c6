"""Where the pages of a board are, and how they link to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from bench.names import distinct_names

if TYPE_CHECKING:
    from bench.studies.board.board import Board, BoardTask
    from bench.studies.board.entries import Entry

INDEX = "index.html"

FOLDERS = DATASETS, REPORTS, RECOMMENDERS, RECORDS = "datasets", "reports", "recommenders", "records"
"""The folders of pages beside the index."""

_LONGEST_NAME = 80


@dataclass(frozen=True, eq=False)
class Places:
    """The place of each page, relative to the index or, with ``up``, to a page in a folder beside it."""

    board: Board
    up: str = ""

    @property
    def inside(self) -> Places:
        """The places as pages in folders link to them."""
        return replace(self, up="../")

    @property
    def index(self) -> str:
        """The page over all."""
        return f"{self.up}{INDEX}"

    def dataset(self, name: str) -> str:
        """Return the page of a dataset, by what the board calls it."""
        return self._place(DATASETS, self._datasets[name])

    def report(self, task: BoardTask) -> str:
        """Return the full report of a task."""
        return self._place(REPORTS, self._reports[task.task.digest])

    def recommender(self, name: str) -> str:
        """Return the page of a recommender."""
        return self._place(RECOMMENDERS, self._recommenders[name])

    def record(self, entry: Entry) -> str:
        """Return the page of a record."""
        return self._place(RECORDS, self._records[entry.place])

    def _place(self, folder: str, name: str) -> str:
        return f"{self.up}{folder}/{name}.html"

    @cached_property
    def _datasets(self) -> dict[str, str]:
        return distinct_names({name: _safe(name) for name in self.board.datasets})

    @cached_property
    def _reports(self) -> dict[str, str]:
        return distinct_names(
            {task.task.digest: f"{_safe(task.dataset)}-{_safe(task.protocol.split)}" for task in self.board.tasks}
        )

    @cached_property
    def _recommenders(self) -> dict[str, str]:
        return distinct_names({name: _safe(name) for name in self.board.recommenders})

    @cached_property
    def _records(self) -> dict[tuple[str, str], str]:
        return distinct_names({entry.place: _safe(entry.name) for entry in self.board.entries})


def _safe(text: str) -> str:
    """Return a text as part of an address that needs no quoting: letters, digits, ``.``, ``_`` and ``-``."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:_LONGEST_NAME] or "unnamed"
