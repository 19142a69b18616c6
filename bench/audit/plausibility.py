"""Whether what a record says of its run is possible: times, learning curves, memory, versions.

An impossible value is an error or tampering. A possible one may still be false: an invented time cannot be told from a
measured one.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import asdict

from bench.audit.consistency import same_ranks
from bench.choices import parse, value_text
from bench.names import CUTOFF, EXTERNAL
from bench.records.capping import MOST_EPOCHS
from bench.records.compared import compared_ranks
from protocol.errors import RecommenderError
from protocol.evaluation.metrics import hit_rate, ndcg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.records.outcome import EpochLine, Selection
    from bench.records.recommender import RecordedRecommender
    from bench.records.record import Record
    from protocol.evaluation.ranking import Ranks

FAILURES = ("raised", "timeout", "died", "scores", "memory", "device memory", "record", "lost")
"""Kinds of failures (see `bench.records.outcome.Failure`)."""

_VERSION = re.compile(r"\d[0-9A-Za-z.+_-]*")
_COMMIT = re.compile(r"[0-9a-f]{7,40}\+?")


def impossibilities(record: Record) -> Iterator[str]:
    """Yield what no record can say; there is nothing in what `bench.running` and `bench.exchange.external` make.

    Types and ranges of single fields are not looked at: reading a record refuses wrong ones
    (`bench.records.contents`).
    """
    yield from _environment_problems(record)
    yield from _label_problems(record.recommender)
    if record.failure is not None:
        if record.failure.kind not in FAILURES:
            yield f"it failed by {record.failure.kind!r}, expected one of {', '.join(FAILURES)}"
        return
    yield from _time_problems(record)
    yield from _memory_problems(record)
    yield from _curve_problems(record)
    if record.selection is not None and record.ranks is not None:
        yield from _selection_problems(record, record.selection, record.ranks)


def _environment_problems(record: Record) -> Iterator[str]:
    environment, origin = record.environment, record.recommender.origin
    for name, number in environment.versions.items():
        if not _VERSION.fullmatch(number):
            yield f"the version of {name} is {number!r}"
    if environment.commit is not None and not _COMMIT.fullmatch(environment.commit):
        yield f"the commit is {environment.commit!r}, expected hexadecimal digits"
    if environment.is_known == (origin == EXTERNAL):
        yield f"its origin is {origin}, and where it ran is {'known' if environment.is_known else 'not known'}"


def _label_problems(recommender: RecordedRecommender) -> Iterator[str]:
    """Yield where the row's label is of another recommender or of other parameters; the key does not cover it."""
    name, label = recommender.name, recommender.label
    if recommender.origin == EXTERNAL:
        if label != name:
            yield f"it is labelled {label!r}, and called {name!r}"
        return
    try:
        labelled, texts = parse(label)
    except RecommenderError as error:
        yield str(error)
        return
    if labelled != name:
        yield f"it is labelled {label!r}, and is {name}"
    for parameter, text in texts.items():
        value = recommender.parameters.get(parameter)
        if value_text(value) != text:
            yield f"it is labelled {label!r}, and its {parameter} is {value_text(value)}"


def _time_problems(record: Record) -> Iterator[str]:
    is_external = record.recommender.origin == EXTERNAL
    for name, value in asdict(record.time).items():
        if is_external and value is not None:
            yield f"{name} is {value:g}, and the times of scores from elsewhere are unknown"
        elif not is_external and value is None and name != "full_score_seconds":
            yield f"{name} is missing"


def _memory_problems(record: Record) -> Iterator[str]:
    memory = record.memory
    if memory is not None and not 0 < memory.before_fit_mib <= memory.peak_mib:
        yield (
            f"the peak of memory is {memory.peak_mib:g} MiB, and {memory.before_fit_mib:g} MiB before fitting; "
            "it cannot be below that"
        )


def _curve_problems(record: Record) -> Iterator[str]:
    """Yield where the learning curve does not belong to this fit."""
    curve, fit_seconds = record.curve, record.time.fit_seconds
    if not curve:
        return
    if not record.recommender.iterative:
        yield "it has a learning curve, and does not learn in epochs"
    yield from _epoch_problems("learning curve", curve)
    if fit_seconds is not None and curve[-1].seconds > fit_seconds:
        yield f"its last epoch ended after {curve[-1].seconds:g} s of fitting, and fitting took {fit_seconds:g} s"
    most = record.recommender.parameters.get("epochs")
    if isinstance(most, int) and curve[-1].epoch > most:
        yield f"it learned for {curve[-1].epoch} epochs, and may for {most}"


def _epoch_problems(what: str, curve: Sequence[EpochLine]) -> Iterator[str]:
    epochs = [line.epoch for line in curve]
    if len(curve) < MOST_EPOCHS - 1 and epochs != list(range(1, len(curve) + 1)):
        yield f"the epochs of its {what} are not 1 to {len(curve)}"
    # A longer curve is capped.
    if epochs and (epochs[0] != 1 or sorted(set(epochs)) != epochs):
        yield f"the epochs of its {what} do not rise from 1"
    if any(later.seconds < one.seconds for one, later in itertools.pairwise(curve)):
        yield f"the seconds of its {what} do not rise from 0"


def _selection_problems(record: Record, selection: Selection, ranks: Ranks) -> Iterator[str]:
    """Yield where the number of epochs is not what the selection's own curve and patience choose."""
    curve, best, patience = selection.curve, selection.best_epoch, record.patience
    yield from _epoch_problems("selection", curve)
    if patience is None or not curve:
        yield "its epochs were chosen, and it has no patience, or no curve"
        return
    # An epoch whose loss is not finite ends the search, and is not scored.
    *_, last = curve
    scored = curve[:-1] if last.loss is None and last.ndcg is None else curve
    gains = [line.ndcg for line in scored if line.ndcg is not None]
    if not gains or len(gains) < len(scored):
        yield f"its selection has epochs without NDCG@{CUTOFF}"
        return
    chosen = curve[gains.index(max(gains))]
    if best != chosen.epoch:
        yield f"its best epoch is {best}, and validation NDCG@{CUTOFF} is highest after {chosen.epoch}"
    if curve[-1].epoch > best + patience:
        yield f"its selection ran {curve[-1].epoch - best} epochs after the best one, and its patience is {patience}"
    if selection.seconds < curve[-1].seconds:
        yield f"its selection took {selection.seconds:g} s, and its epochs {curve[-1].seconds:g} s"
    if record.task.purpose == "validation":
        compared = compared_ranks(record) or ranks
        if selection.n_users not in (None, compared.n_better.size):
            yield f"its epochs were chosen over {selection.n_users} users, expected {compared.n_better.size} (P7)"
        # In records of earlier versions the figures are over all users.
        yield from _best_epoch_problems(chosen, ranks if selection.n_users is None else compared)
    elif record.curve and record.curve[-1].epoch > best:
        yield f"it was refitted for {record.curve[-1].epoch} epochs, and {best} were chosen"


def _best_epoch_problems(line: EpochLine, ranks: Ranks) -> Iterator[str]:
    """Yield where the best epoch's figures are not those of the ranks, which are of the same model and task."""
    for name, value, metric in (("HR", line.hit_rate, hit_rate), ("NDCG", line.ndcg, ndcg)):
        mean = float(np.mean(metric(ranks, CUTOFF)))
        if value is None or not math.isclose(value, mean):
            said = "missing" if value is None else f"{value:g}"
            yield f"its best epoch's {name}@{CUTOFF} is {said}, and by its ranks {mean:g}"


def _ranked_alike(one: Record, other: Record) -> bool:
    """Return whether two records have the same ranks, in each view that both have."""
    pairs = ((one.ranks, other.ranks), (one.full_ranks, other.full_ranks))
    return all(same_ranks(ours, theirs) for ours, theirs in pairs if ours is not None and theirs is not None)


def disagreements(records: Mapping[str, Record]) -> Iterator[tuple[str, str]]:
    """Yield trainings of a deterministic recommender with several seeds whose ranks differ: it is not deterministic.

    Each is a record's folder, and what is wrong with it.
    """
    first_of: dict[str, str] = {}
    for name, record in records.items():
        recommender = record.recommender
        if record.ranks is None or not recommender.deterministic:
            continue
        alike = (
            *(recommender.name, recommender.source_sha256, recommender.parameters),
            # On another machine the last bits of scores may differ, and with them ranks.
            *(record.threads, record.patience, record.environment),
            record.task.digest,
        )
        first = first_of.setdefault(repr(alike), name)
        if not _ranked_alike(record, records[first]):
            yield name, f"it is deterministic, and its ranks differ from those of {first}"
