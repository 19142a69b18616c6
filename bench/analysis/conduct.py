"""What a row's records say against its figures: how its recommender behaved, and what ran beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.records.conditions import jobs_at_once
from bench.writing.text import amount_text
from protocol.evaluation.probing import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.records.record import Record


_OTHERWISE = "in another order and with fewer candidates"


@dataclass(frozen=True)
class Fault:
    """A way to behave, or to be measured, that a reader has to know of.

    Parameters
    ----------
    mark
        A word or two behind the row's label.
    keyword, text
        Of the note that names the rows.
    is_in
        Whether a record, of a job that did not fail, shows it.
    place
        Where in a record it is, for the note; empty where there is nothing to add.
    """

    mark: str
    keyword: str
    text: str
    is_in: Callable[[Record], bool]
    place: Callable[[Record], str] = lambda _: ""

    def places(self, records: Sequence[Record]) -> list[str]:
        """Return where the fault is in a row's records, each place once."""
        return list(dict.fromkeys(filter(None, map(self.place, records))))


def faults_in(records: Sequence[Record]) -> tuple[Fault, ...]:
    """Return the faults that at least one of a row's records shows."""
    return tuple(fault for fault in FAULTS if any(map(fault.is_in, records)))


def _warns(record: Record) -> bool:
    return bool(record.warnings)


def _warnings(record: Record) -> str:
    return "; ".join(record.warnings)


def _loses_its_loss(record: Record) -> bool:
    return bool(_lost_losses(record))


def _lost_losses(record: Record) -> str:
    """Return the first epoch without a finite loss, of the selection and of fitting: ``epoch 3``."""
    curves = (("of the selection", record.selection.curve if record.selection else ()), ("of fitting", record.curve))
    lost = [(what, next((line.epoch for line in curve if line.loss is None), None)) for what, curve in curves]
    return " and ".join(f"epoch {epoch} {what}" for what, epoch in lost if epoch is not None)


def _moves(record: Record) -> bool:
    return record.probe is not None and (record.probe.moved or 0.0) > TOLERANCE


def _disagrees(record: Record) -> bool:
    return record.probe is not None and (record.probe.disagreement or 0.0) > TOLERANCE


def _has_no_second_answer(record: Record) -> bool:
    return record.probe is not None and record.probe.problem is not None


def _works_after_fit(record: Record) -> bool:
    return record.usage is not None and bool(record.usage.works_after_fit)


def _is_shared(record: Record) -> bool:
    return bool(_neighbours(record))


def _neighbours(record: Record) -> str:
    """Return how many jobs the machine worked on at once: ``4 at once``; empty for one, and where it is not known."""
    at_once = jobs_at_once(record) or 1
    return f"{at_once} at once" if at_once > 1 else ""


def _draws(record: Record) -> bool:
    return record.recommender.deterministic and bool(record.random_draws)


def _stood_still(record: Record) -> bool:
    return bool(_standstill(record))


def _standstill(record: Record) -> str:
    """Return for how long a job stood still at the most: ``25.3 s``; empty where it did not."""
    seconds = record.usage.standstill_seconds if record.usage else 0.0
    return f"{amount_text(seconds)} s" if seconds else ""


TIMES_SHARED = Fault(
    "times shared",
    "Shared",
    "so many jobs ran on the machine at the same time (--on, --jobs). They share its caches and its memory bandwidth, "
    "so times may be longer than alone, and cannot be compared with those of jobs that ran alone.",
    _is_shared,
    _neighbours,
)
"""Its rows were timed while their machine ran other jobs."""

FAULTS = (
    Fault(
        "scores moved",
        "Moved",
        f"some users were scored once more at the end, {_OTHERWISE}, and got other scores. A score must depend on its "
        "user and its item alone; one that depends on the other candidates, or on earlier calls, can make figures too "
        "high. `recbench check` says more.",
        _moves,
    ),
    Fault(
        "no second answer",
        "No answer",
        f"some users were to be scored once more at the end, {_OTHERWISE}, and that failed: probe.problem in the "
        "record says how. Whether these scores depend on their user and their item alone is not known.",
        _has_no_second_answer,
    ),
    Fault(
        "score_all disagrees",
        "Disagrees",
        "score_all gives other scores than score, so the sampled and the full figures are of two models.",
        _disagrees,
    ),
    Fault(
        "works after fit",
        "After fit",
        "threads or processes that fit started went on working after it had returned, so fit, cpu and peak may leave "
        "out a part of the training.",
        _works_after_fit,
    ),
    Fault(
        "not deterministic",
        "Random",
        "the class says `deterministic = True`, and fit drew random numbers. One training seed is then not enough: "
        "remove the attribute, and more seeds are run.",
        _draws,
    ),
    Fault(
        "loss not finite",
        "Loss",
        "the loss of that epoch was NaN or infinite. Training stops there (not in records of an earlier recbench), and "
        "a selection chooses among the epochs before it. Training has probably diverged; try a lower learning rate.",
        _loses_its_loss,
        _lost_losses,
    ),
    Fault(
        "warned",
        "Warned",
        "the recommender, or what recbench trained it with, warned of this while the job ran.",
        _warns,
        _warnings,
    ),
    TIMES_SHARED,
    Fault(
        "stood still",
        "Standstill",
        "the job did not run for so long at the most, as when Slurm suspends it. That time may be in fit, score and "
        "the others, so they are not valid, and cannot be compared with times of other jobs; with --refit the job runs "
        "again.",
        _stood_still,
        _standstill,
    ),
)
"""In the order of their marks."""
