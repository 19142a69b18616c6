"""Whether a record agrees with itself and with its task: a count that can be found twice is the same both times."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.audit.sampled_ranks import drawn_pairs, following
from bench.names import STAND_IN_NOTE
from bench.writing.text import count_text
from protocol.evaluation.evaluate import TOP_ITEMS
from protocol.tasks.counts import count_train
from protocol.tasks.split_rule import TIME, rule_of_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from bench.audit.sampled_ranks import Following
    from bench.records.record import Record
    from protocol.evaluation.ranking import Ranks
    from protocol.tasks.counts import TrainCounts
    from protocol.tasks.task import Task
    from protocol.types import IndexArray, Interactions


def contradictions(record: Record) -> Iterator[str]:
    """Yield the contradictions within a record; there are none in what `bench.running.measuring` returns."""
    task, parts = record.task, _stated(record)["parts"]
    if hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest() != task.digest:
        yield "the task's digest is not that of its parts"
    if task.purpose != task.parts.purpose:
        yield f"the task is for {task.purpose}, and by its parts for {task.parts.purpose}"
    if record.ranks is None or record.counts is None:
        return
    for what, found, stated in _counted(record, record.ranks, record.counts):
        if found != stated:
            yield f"{found:,} {what}, and {stated:,} by the document"
    yield from _rival_problems(record, record.ranks, record.counts)
    if record.top_items is not None:
        yield from _list_problems(record.top_items, record.counts.items.size)
    seconds, per_user = record.time.score_seconds, record.time.score_us_per_user
    if seconds is None or per_user is None:
        return
    if not math.isclose(per_user, 1e6 * seconds / record.ranks.n_better.size):
        yield f"{per_user:g} µs a user are not {seconds:g} s over all of them"


def _counted(record: Record, ranks: Ranks, counts: TrainCounts) -> Iterator[tuple[str, int, int]]:
    """Yield what is counted, its number in the arrays, and its number in the document."""
    facts = record.task.facts
    yield "evaluated users", ranks.n_better.size, facts.n_evaluated
    yield "items", counts.items.size, facts.n_items
    yield "training interactions", int(counts.items.sum()), facts.n_train
    yield "cold held-out items", int(np.count_nonzero(counts.heldout == 0)), facts.n_cold_heldout
    not_trained_on = facts.n_evaluated + facts.n_dropped_users + (facts.n_unused or 0)
    yield "interactions", facts.n_train + not_trained_on, facts.n_interactions


def _rival_problems(record: Record, ranks: Ranks, counts: TrainCounts) -> Iterator[str]:
    """Yield where the number of rivals is not what the task and the training interactions leave (P9 to P11, P16)."""
    full, split, n_negatives = record.full_ranks, record.task.parts.split, record.task.facts.n_negatives
    n_untrained = counts.items.size - counts.users - 1
    # What users touched from the cut on (P26) is no rival, and not in the record.
    fewest = n_untrained if rule_of_part(split).kind != TIME else np.zeros_like(n_untrained)
    if full is not None and ((full.n_rivals < fewest) | (full.n_rivals > n_untrained)).any():
        yield "the full ranking is not against all untouched items"
    if n_negatives == 0:
        low, high = fewest, n_untrained
    elif split == "imported":
        low, high = np.zeros_like(fewest), np.full_like(fewest, n_negatives)
    else:
        low, high = np.minimum(fewest, n_negatives), np.minimum(n_untrained, n_negatives)
    wrong = (ranks.n_rivals < low) | (ranks.n_rivals > high)
    if wrong.any():
        yield f"{np.count_nonzero(wrong):,} users have a number of rivals that the task does not give them"
    if n_negatives == 0 and full is not None and not same_ranks(ranks, full):
        yield "the full ranking is stored twice, and the two differ"


def same_ranks(one: Ranks, other: Ranks) -> bool:
    """Return whether two rankings are the same for every user, in all their counts."""
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("n_better", "n_tied", "n_rivals"))


def _list_problems(lists: IndexArray, n_items: int) -> Iterator[str]:
    """Yield what is wrong with lists of best items: int32, ``(n_eval, 100)`` or fewer columns, filled up with -1."""
    if lists.ndim != 2 or lists.shape[1] != min(TOP_ITEMS, n_items):
        yield f"the lists of best items have the shape {lists.shape}"
        return
    ascending = np.sort(lists, axis=1)
    if (ascending < -1).any() or (ascending >= n_items).any():
        yield "the lists of best items hold items that do not exist"
    if ((ascending[:, 1:] == ascending[:, :-1]) & (ascending[:, 1:] >= 0)).any():
        yield "the lists of best items hold an item twice"
    if ((lists[:, :-1] < 0) & (lists[:, 1:] >= 0)).any():
        yield "the lists of best items have gaps"


def agree(one: Record, other: Record) -> bool:
    """Return whether two records with ranks agree on everything that is counted of their task, not of a recommender."""
    facts, others = _facts(_stated(one)["facts"]), _facts(_stated(other)["facts"])
    return all(facts[name] == others[name] for name in facts.keys() & others.keys()) and all(
        np.array_equal(getattr(one.counts, name), getattr(other.counts, name)) for name in ("users", "heldout", "items")
    )


def disagreeing(records: Mapping[str, Record]) -> Iterator[str]:
    """Yield the records that do not agree with the first of their task on what is counted of it."""
    first_of: dict[str, str] = {}
    for name, record in records.items():
        if record.counts is not None:
            first = first_of.setdefault(record.task.digest, name)
            if not agree(records[first], record):
                yield f"{name}: its counts differ from those in {first}"


def _stated(record: Record) -> Mapping[str, Any]:
    """Return what a record's document says of its task: all of it, also fields that this recbench does not know."""
    stated: Mapping[str, Any] = record.document["task"]
    return stated


def _notes(record: Record) -> list[str]:
    """Return what was done to the data; not that they took the place of others, which is not so each time."""
    return [note for note in record.task.facts.notes if note != STAND_IN_NOTE]


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts without notes and reading, which may differ between records of one task."""
    return {name: value for name, value in facts.items() if name not in ("notes", "reading")}


class RemadeTask:
    """A task that was made again; what all its records are compared with is computed once.

    Parameters
    ----------
    task
        The task.

    Attributes
    ----------
    followed
        What `following` returned, by the record's key.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.counts = count_train(task.train, task.candidates)
        self.followed: dict[str, Following] = {}
        self._drawn = drawn_pairs(task.candidates, task.train.n_items)
        self._no_rivals = {
            "trained on": _pairs(task.train),
            "touched from the cut on": _pairs(task.later),
        }

    def following(self, record: Record) -> Following | None:
        """Return how many sampled ranks of a record follow from its lists (see `bench.audit.sampled_ranks`)."""
        found = following(record, self.task.candidates, self._drawn, self.task.train.n_items)
        if found is not None:
            self.followed[record.key] = found
        return found

    def non_rivals_in(self, lists: IndexArray) -> Iterator[str]:
        """Yield what users did with items in their lists of best items that are no rivals (P9, P26).

        Parameters
        ----------
        lists
            int32, ``(n_eval, n)``, filled up with -1.
        """
        listed = (self.task.candidates.users[:, None].astype(np.int64) * self.task.train.n_items + lists)[lists >= 0]
        for what, pairs in self._no_rivals.items():
            if pairs.size and (pairs.take(np.searchsorted(pairs, listed), mode="clip") == listed).any():
                yield what


def _pairs(interactions: Interactions) -> npt.NDArray[np.int64]:
    """Return the pairs of users and items, each as ``user * n_items + item``, in ascending order."""
    return np.sort(interactions.users.astype(np.int64) * interactions.n_items + interactions.items)


def differences(record: Record, remade: RemadeTask) -> Iterator[str]:
    """Yield where a record is not one of a task that was made again."""
    task, stated = remade.task, _stated(record)
    for name in sorted({*stated["parts"], *task.parts}):
        part, part_now = stated["parts"].get(name), task.parts.get(name)
        if part != part_now:
            yield f"its {name.replace('_', ' ')} is {_short(part)}, now {_short(part_now)}"
    before, now = _facts(stated["facts"]), _facts(task.facts)
    # An older recbench counted less, and a newer one may count more.
    for name in sorted(before.keys() & now.keys()):
        if before[name] != now[name]:
            yield f"{name} is {before[name]}, now {now[name]}"
    # Under another name, the same data may have been read from another file, in another way.
    if record.task.dataset == task.dataset and _notes(record) != list(task.facts["notes"]):
        yield f"its notes on the data are {_listed(_notes(record))}, now {_listed(task.facts['notes'])}"
    # The arrays of different tasks have different shapes, and cannot be compared.
    if record.task.digest != task.digest or record.ranks is None or record.counts is None:
        return
    for name in ("users", "heldout", "items"):
        if not np.array_equal(getattr(record.counts, name), getattr(remade.counts, name)):
            yield f"its counts of training interactions ({name}) differ from the task's"
    if not np.array_equal(record.ranks.n_rivals, task.n_rivals):
        yield "its numbers of rivals differ from the task's"
    if record.full_ranks is not None and not np.array_equal(record.full_ranks.n_rivals, task.n_untouched):
        yield "its numbers of untouched items differ from the task's"
    if record.full_ranks is not None and record.top_items is not None and len(record.top_items) == len(task.n_rivals):
        yield from _listed_problems(record.full_ranks, record.top_items, remade)
        found = remade.following(record)
        if found is not None and found.is_contradiction:
            yield f"its sampled ranks of {count_text(found.n_wrong, 'user')} contradict its lists of best items"


def _listed_problems(ranks: Ranks, lists: IndexArray, remade: RemadeTask) -> Iterator[str]:
    """Yield where lists of best items contradict what users trained on, or the ranks of their held-out items."""
    for what in remade.non_rivals_in(lists):
        yield f"its lists of best items hold items that their users {what}"
    places = lists == remade.task.candidates.heldout[:, None]
    listed = places.any(axis=1)
    place: npt.NDArray[np.int64] = np.where(listed, np.argmax(places, axis=1), lists.shape[1])
    last = ranks.n_better + ranks.n_tied
    if (listed & ((place < ranks.n_better) | (place > last)) | (~listed & (last < lists.shape[1]))).any():
        yield "its lists of best items place held-out items differently from its ranks"


def _listed(notes: Sequence[str]) -> str:
    return "; ".join(notes)[:200] or "none"


def _short(value: Any) -> str:
    """Return a part of a task, short enough for a message."""
    text = "none" if value is None else str(value)
    return text[:12] if len(text) >= 64 else text
