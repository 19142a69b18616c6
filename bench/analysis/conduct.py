"""What a row's records say against its figures: how its recommender behaved while it was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.records.record import Record


@dataclass(frozen=True)
class Fault:
    """A way to behave that a reader has to know of.

    Parameters
    ----------
    mark
        A word or two behind the row's label.
    keyword, text
        Of the note that names the rows.
    is_in
        Whether a record, of a job that did not fail, shows it.
    """

    mark: str
    keyword: str
    text: str
    is_in: Callable[[Record], bool]


def faults_in(records: Sequence[Record]) -> tuple[Fault, ...]:
    """Return the faults that at least one of a row's records shows."""
    return tuple(fault for fault in FAULTS if any(map(fault.is_in, records)))


def _loses_its_loss(record: Record) -> bool:
    curves = (record.curve, record.selection.curve if record.selection else ())
    return any(line.loss is None for curve in curves for line in curve)


FAULTS = (
    Fault(
        "loss not finite",
        "Loss",
        "the loss of an epoch was NaN or infinite. Training has probably diverged; try a lower learning rate.",
        _loses_its_loss,
    ),
)
"""In the order of their marks."""
