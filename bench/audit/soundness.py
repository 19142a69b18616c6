"""Refuse results in which ``recbench verify`` finds a fault, and records that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.audit.consistency import disagreeing
from bench.audit.judging import named
from bench.audit.plausibility import disagreements
from bench.audit.verification import verify_results
from bench.data import Data
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.records.record import Record


def check_sound(folder: Path) -> None:
    """Refuse a folder of results that does not pass ``recbench verify``; nothing is fetched for this.

    Raises
    ------
    ProtocolError
        Naming the faults and the damaged records; or if there are no records.
    """
    findings = verify_results(folder, Data(), offline=True)
    faults = [f"{finding.name}: {finding.message}" for finding in findings if finding.status == "fail"]
    if faults:
        raise ProtocolError(
            f"{folder} does not pass `recbench verify`: {named(faults)}; mend that first: what is damaged, remove, and "
            "run again"
        )


def check_together(records: Mapping[str, Record]) -> None:
    """Refuse records, each sound in its folder, that contradict each other.

    Parameters
    ----------
    records
        Of one task, by where they are.

    Raises
    ------
    ProtocolError
        Naming them.
    """
    problems = [*disagreeing(records), *(f"{name}: {text}" for name, text in disagreements(records))]
    if problems:
        raise ProtocolError(f"the records cannot be of one task and one code: {named(problems)}")
