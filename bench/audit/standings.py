"""How far each record of a folder could be verified: what `recbench verify` finds, by record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.audit.verification import Verification
from bench.studies.board.standing import CHECKED, FAULTY, OPEN, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.data import Data
    from bench.records.record import Record


@dataclass(frozen=True, eq=False)
class Verified:
    """A folder of results after all checks.

    Parameters
    ----------
    records
        Those that could be read, by folder.
    standings
        Of these and of those that could not be read, by folder.
    """

    records: Mapping[str, Record]
    standings: Mapping[str, Standing]


def verified(folder: Path, data: Data, *, offline: bool = False) -> Verified:
    """Verify a folder, and say of each record how far that got.

    A damaged record may make the others look wrong, as where it names another task, or break a check before it comes to
    them. So the checks are done again without the damaged ones, until they find fault with no further record.

    Parameters
    ----------
    data, offline
        As for `bench.audit.verification.verify_results`.

    Raises
    ------
    RecbenchError
        As `bench.audit.verification.verify_results`.
    """
    first = last = _done(Verification(folder, data, offline=offline))
    against, new = dict[str, list[str]](), _against_records(first)
    while new:
        against |= new
        if not first.records.keys() - against.keys():
            break
        last = _done(Verification(folder, data, offline=offline, without=set(against)))
        new = {name: texts for name, texts in _against_records(last).items() if name not in against}
    of_all = tuple(last.ledger.against.get("", ()))
    names = dict.fromkeys((*first.records, *against))
    return Verified(first.records, {name: _standing((*against.get(name, ()), *of_all), last.missing) for name in names})


def _done(verification: Verification) -> Verification:
    for _ in verification.findings():
        pass
    return verification


def _against_records(verification: Verification) -> dict[str, list[str]]:
    return {name: texts for name, texts in verification.ledger.against.items() if name}


def _standing(problems: Sequence[str], missing: str | None) -> Standing:
    if problems:
        return Standing(FAULTY, tuple(dict.fromkeys(problems)))
    return Standing(CHECKED) if missing is None else Standing(OPEN, (missing,))
