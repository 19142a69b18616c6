"""Earlier records of a recommender with the same parameters: what it needed then, and what that says about now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bench.records.files import DOCUMENT, name_part, read_document
from bench.records.manifest import RECORDS
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job
    from protocol.train_facts import TrainFacts

_WHERE = (RECORDS, f"*/{RECORDS}", f"*/*/{RECORDS}", f"*/*/*/{RECORDS}")
"""Where records are below a folder: in results, in a folder of results, in splits, in searches."""

_ORDER = ("about", "at least", "at most")


@dataclass(frozen=True)
class Earlier:
    """What an earlier job says about one on data of other sizes.

    Parameters
    ----------
    bound
        ``"about"`` for data of the same sizes, ``"at least"`` for less data, ``"at most"`` for more.
    n_bytes
        The most memory that it held.
    seconds
        Of fitting and scoring; None where it ran on another processor, or with another number of threads.
    source
        Which record it is.
    """

    bound: Literal["about", "at least", "at most"]
    n_bytes: int
    seconds: float | None
    source: str


def earlier_of(job: Job, facts: TrainFacts, folders: Sequence[Path]) -> Earlier | None:
    """Return what the most telling earlier job says: one of the same sizes, else the largest smaller one, ...

    ... else the smallest larger one. Data of which one size is smaller and another one larger say nothing.

    Parameters
    ----------
    folders
        With results, and folders of such folders.
    """
    found = []
    for record, path in _records_of(job, folders):
        bound = _bound(_sizes(record), (facts.n_users, facts.n_items, facts.n_interactions))
        if bound is not None:
            sign = -1 if bound == "at least" else 1
            found.append(((_ORDER.index(bound), sign * _sizes(record)[2], str(path)), bound, record, path))
    if not found:
        return None
    _, bound, record, path = min(found, key=lambda one: one[0])
    return Earlier(bound, _peak_bytes(record), _seconds(record, job), f"{record.task.dataset}, {path}")


def _records_of(job: Job, folders: Sequence[Path]) -> Iterator[tuple[Record, Path]]:
    """Yield the records of the same recommender, with the same code and parameters, that hold what was used."""
    pattern = f"{name_part(job.choice.entry.name)}-*/{DOCUMENT}"
    places = {path.parent for folder in folders for where in _WHERE for path in folder.glob(f"{where}/{pattern}")}
    for folder in sorted(places):
        try:
            record = read_document(folder)
        except (
            ProtocolError,
            OSError,
        ):  # A damaged record is no witness; `recbench verify` says what is wrong with it.
            continue
        same = record.recommender.name, record.recommender.parameters, record.recommender.source_sha256
        if same == (job.choice.entry.name, job.parameters, job.source_sha256) and _has_peaks(record):
            yield record, folder


def _has_peaks(record: Record) -> bool:
    return not record.failed and record.memory is not None and record.usage is not None


def _sizes(record: Record) -> tuple[int, int, int]:
    facts = record.task.facts
    return facts.n_users, facts.n_items, facts.n_train


def _bound(then: Sequence[int], now: Sequence[int]) -> Any:
    pairs = [*zip(then, now, strict=True)]
    if all(before == after for before, after in pairs):
        return "about"
    if all(before <= after for before, after in pairs):
        return "at least"
    return "at most" if all(before >= after for before, after in pairs) else None


def _peak_bytes(record: Record) -> int:
    memory, usage = record.memory, record.usage
    assert memory is not None and usage is not None  # noqa: S101, PT018 - `_records_of` yields no others
    return round(max(memory.peak_mib, usage.scoring_peak_mib + usage.ranking_mib) * 2**20)


def _seconds(record: Record, job: Job) -> float | None:
    is_same_machine = record.environment.cpu == job.environment.get("cpu")
    if not is_same_machine or record.threads != job.threads or record.time.fit_seconds is None:
        return None
    return record.time.fit_seconds + (record.usage.scoring_seconds if record.usage else 0.0)
