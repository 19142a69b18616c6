"""A board: its entries by task, and the tasks by dataset and by protocol."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bench.analysis.summary import summarise
from bench.names import CUTOFF
from bench.records.groups import group_records
from bench.records.lists import with_lists
from bench.studies.board.entries import one_of_each_job
from bench.studies.board.standing import KINDS, weakest
from bench.studies.collecting import figure_of
from bench.studies.columns import DatasetRecords
from bench.studies.comparison import compare_over_datasets
from bench.studies.row_names import shared_name
from protocol.evaluation.metrics import PRIMARY
from protocol.tasks.split_rule import IMPORTED, rule_of_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.analysis.summary import Summary
    from bench.records.groups import Group
    from bench.records.record import Record
    from bench.records.task import RecordedTask
    from bench.studies.board.entries import Entry
    from bench.studies.comparison import StudyComparison

LEAST_DATASETS = 2
"""The fewest datasets of one protocol that ranks are compared over."""

_DIGITS = 7
"""Of the digest behind a name that different data share."""


@dataclass(frozen=True)
class Protocol:
    """What tasks on several datasets have in common: the split rule, the number of negatives, and the protocol seed."""

    split: str
    n_negatives: int
    seed: str

    @classmethod
    def of(cls, task: RecordedTask) -> Protocol:
        """Return the protocol of a task."""
        part = task.parts.split
        split = part if part == IMPORTED else str(rule_of_part(part))
        return cls(split, task.facts.n_negatives, task.parts.protocol_seed)

    @property
    def title(self) -> str:
        """What it is called: ``last, 100 negatives``, ``time:0.9, full ranking, protocol seed 2``."""
        against = f"{self.n_negatives} negatives" if self.n_negatives else "full ranking"
        seed = "" if self.seed == "0" else f", protocol seed {self.seed}"
        return f"{self.split}, {against}{seed}"


@dataclass(frozen=True, eq=False)
class BoardTask:
    """A dataset with a split.

    Parameters
    ----------
    dataset
        What the board calls the dataset.
    task
        The task.
    entries
        All of the task that count, also those of one job.
    """

    dataset: str
    task: RecordedTask
    entries: tuple[Entry, ...]

    @cached_property
    def protocol(self) -> Protocol:
        """Its protocol."""
        return Protocol.of(self.task)

    @property
    def title(self) -> str:
        """The dataset and the protocol."""
        return f"{self.dataset}: {self.protocol.title}"

    @cached_property
    def counted(self) -> tuple[Entry, ...]:
        """One entry of each job."""
        return one_of_each_job(self.entries)

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The records of the entries of each job."""
        return tuple(entry.record for entry in self.counted if entry.record is not None)

    @cached_property
    def summary(self) -> Summary:
        """The values of its table."""
        return summarise(self.records, (CUTOFF,))

    @property
    def has_figures(self) -> bool:
        """Whether any row has the figure that sorts the rows."""
        return any(self.summary.primary in row.accuracy for row in self.summary.rows)

    def one_of_each_name(self) -> tuple[Record, ...]:
        """Return the records without those of rows that another row of their name outdoes: people run one model each.

        The row with most training seeds counts; of equal ones that with the strongest standing, then the first.
        """
        best: dict[tuple[str, bool], Group] = {}
        for group in group_records(self.records):
            before = best.setdefault(shared_name(group), group)
            if self._weight(group) > self._weight(before):
                best[shared_name(group)] = group
        return tuple(record for group in best.values() for record in (*group.fitted, *group.failed))

    def _weight(self, group: Group) -> tuple[int, int]:
        entries = self.entries_of((*group.fitted, *group.failed))
        return len(group.fitted), KINDS.index(weakest(entry.standing for entry in entries))

    def records_with_lists(self) -> list[Record]:
        """Return the records with their lists of best items, read from their folders where they are left out."""
        return [record for entry in self.counted if entry.record for record in with_lists([entry.record], entry.folder)]

    def entries_of(self, records: Iterable[Record]) -> list[Entry]:
        """Return the entries of some records, such as those that a row pools."""
        keys = {record.key for record in records}
        return [entry for entry in self.counted if entry.record is not None and entry.record.key in keys]


@dataclass(frozen=True, eq=False)
class BoardComparison:
    """Recommenders over the datasets of one protocol; figures of different protocols are never put together.

    Parameters
    ----------
    protocol
        That the tasks share.
    tasks
        By dataset.
    """

    protocol: Protocol
    tasks: Mapping[str, BoardTask]

    @cached_property
    def comparison(self) -> StudyComparison:
        """Ranks over the datasets, of one row of each name on each dataset (see `BoardTask.one_of_each_name`)."""
        datasets = [
            DatasetRecords(name, task.one_of_each_name(), task.counted[0].folder) for name, task in self.tasks.items()
        ]
        return compare_over_datasets(datasets, figure_of(datasets, PRIMARY, CUTOFF, None))


@dataclass(frozen=True, eq=False)
class Board:
    """Everything on a board.

    Parameters
    ----------
    entries
        All, in the order of the folders.
    tasks
        Those of the entries that count, by dataset and protocol.
    n_trials
        Records of searches on validation tasks, which are left out.
    """

    entries: tuple[Entry, ...]
    tasks: tuple[BoardTask, ...]
    n_trials: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Board:
        """Return the board of some entries."""
        every = list(entries)
        kept = tuple(entry for entry in every if not _is_trial(entry))
        by_task: dict[str, list[Entry]] = defaultdict(list)
        for entry in kept:
            if entry.record is not None and entry.standing.counts:
                by_task[entry.record.task.digest].append(entry)
        first = {digest: found[0].record.task for digest, found in by_task.items() if found[0].record is not None}
        names = _names_of_datasets(first.values())
        tasks = [BoardTask(names[task.parts.dataset], task, tuple(by_task[digest])) for digest, task in first.items()]
        tasks.sort(key=lambda each: (each.dataset, each.protocol.title, each.task.digest))
        return cls(kept, tuple(tasks), len(every) - len(kept))

    @cached_property
    def datasets(self) -> dict[str, tuple[BoardTask, ...]]:
        """The tasks of each dataset, by what the board calls it."""
        found: dict[str, list[BoardTask]] = defaultdict(list)
        for task in self.tasks:
            found[task.dataset].append(task)
        return {name: tuple(tasks) for name, tasks in found.items()}

    @cached_property
    def comparisons(self) -> tuple[BoardComparison, ...]:
        """Ranks over datasets, for each protocol that several share; those over most datasets first.

        No dataset counts twice, such as one that was filtered in two ways: of several tasks with one protocol and one
        recorded name of the dataset, the one with most records counts.
        """
        found: dict[Protocol, dict[str, BoardTask]] = defaultdict(dict)
        for task in self.tasks:
            of_protocol = found[task.protocol]
            before = of_protocol.get(task.task.dataset)
            if task.has_figures and (before is None or len(task.counted) > len(before.counted)):
                of_protocol[task.task.dataset] = task
        several = [
            BoardComparison(each, {task.dataset: task for task in tasks.values()})
            for each, tasks in found.items()
            if len(tasks) >= LEAST_DATASETS
        ]
        return tuple(sorted(several, key=lambda each: (-len(each.tasks), each.protocol.title)))

    @cached_property
    def recommenders(self) -> dict[str, tuple[Entry, ...]]:
        """The entries that count of each recommender, by its name, in the order of the names."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.record is not None and entry.standing.counts:
                found[entry.record.recommender.name].append(entry)
        return {name: tuple(found[name]) for name in sorted(found)}

    def task_of(self, entry: Entry) -> BoardTask | None:
        """Return the task of an entry; None of one that does not count."""
        return self._task_by_place.get(entry.place)

    @cached_property
    def _task_by_place(self) -> dict[tuple[str, str], BoardTask]:
        return {entry.place: task for task in self.tasks for entry in task.entries}


def _is_trial(entry: Entry) -> bool:
    """Return whether a record is of a search; of a faulty one that is not known, and it is shown."""
    return entry.record is not None and entry.standing.counts and entry.record.task.purpose != "test"


def _names_of_datasets(tasks: Iterable[RecordedTask]) -> dict[str, str]:
    """Return what to call each dataset, by its content; one name for different data gets the digest behind it."""
    names = {task.parts.dataset: task.dataset for task in tasks}
    count = Counter(names.values())
    return {content: name if count[name] == 1 else f"{name} #{content[:_DIGITS]}" for content, name in names.items()}
