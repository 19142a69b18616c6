"""Records of repeated splits: tasks of one dataset that differ only in how they are split (P28)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.records.groups import check_same_task
from protocol.errors import ProtocolError
from protocol.tasks.repeated import differ_only_in_repetition, name_of
from protocol.tasks.split_rule import IMPORTED, SplitRule, rule_of_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.records.record import Record
    from bench.records.task import RecordedTask


@dataclass(frozen=True, eq=False)
class SplitRecords:
    """The records of one of several splits.

    Parameters
    ----------
    rule, protocol_seed
        Of the task.
    records
        All of one task.
    """

    rule: SplitRule
    protocol_seed: int
    records: tuple[Record, ...]

    @property
    def name(self) -> str:
        """What the split is called among the others: ``time:0.9``, ``random:3``, ``protocol seed 1``."""
        return name_of(self.rule, self.protocol_seed)

    @property
    def task(self) -> RecordedTask:
        """The task of the records."""
        return self.records[0].task


def records_by_split(records: Iterable[Record]) -> list[SplitRecords]:
    """Return the records of each split: by protocol seed, by seed, by share from the largest one down.

    Raises
    ------
    ProtocolError
        If there are fewer than two splits, or the tasks differ in more than a repetition (see
        `protocol.tasks.repeated.repeated`).
    """
    by_digest: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_digest[record.task.digest].append(record)
    splits = [_split_of(found) for found in by_digest.values()]
    if len(splits) < 2:
        raise ProtocolError("these records are of one split; repeated splits need two or more")
    check_repetitions([split.task for split in splits])
    return sorted(splits, key=_order)


def check_repetitions(tasks: Sequence[RecordedTask]) -> None:
    """Refuse tasks that are no repeated splits of one dataset, naming the parts that differ.

    Raises
    ------
    ProtocolError
        If they differ in more than that.
    """
    shared = {(task.purpose, task.parts.dataset, task.facts.n_negatives) for task in tasks}
    given = any(task.parts.split == IMPORTED for task in tasks)
    rules = [(rule_of_part(task.parts.split), int(task.parts.protocol_seed)) for task in tasks]
    if len(shared) > 1 or given or not differ_only_in_repetition(rules):
        check_same_task("the records are no repetitions of one split: they are", tasks)


def _split_of(records: Sequence[Record]) -> SplitRecords:
    """Return records of one digest as a split."""
    check_same_task("the records are", [record.task for record in records])
    parts = records[0].task.parts
    return SplitRecords(rule_of_part(parts.split), int(parts.protocol_seed), tuple(records))


def _order(split: SplitRecords) -> tuple[int, int, float]:
    return split.protocol_seed, split.rule.seed or 0, -float(split.rule.share or 0)
