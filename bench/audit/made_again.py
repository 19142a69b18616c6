"""Records that pass all checks, fitted anew: their standing is then what that showed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.analysis.recommending.restoring import entry_of
from bench.audit.reproducing import Refitting, has_a_fit
from bench.studies.board.standing import AGAIN, CHECKED, MOVED, Standing
from protocol.errors import RecbenchError, RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.audit.reproduction import Reproduction
    from bench.audit.standings import Verified
    from bench.data import Data
    from bench.records.record import Record
    from bench.running.progress.listening import Progress

_NOT_MADE = "not made again"


def made_again(
    found: Verified,
    data: Data,
    plugins: Mapping[str, registry.Entry],
    *,
    offline: bool,
    timeout: float,
    progress: Progress,
) -> Verified:
    """Fit what passed all checks anew; what cannot be fitted here, or fails here, stays checked, with the reason.

    Records of searches for parameters are left out.

    Parameters
    ----------
    data, plugins, offline
        As for `bench.audit.reproducing.Refitting.of`.
    timeout, progress
        As for `bench.audit.reproducing.Refitting.fit`.
    """
    standings = dict(found.standings)
    checked = [
        name
        for name, record in found.records.items()
        if standings[name].kind is CHECKED and has_a_fit(record) and record.task.purpose == "test"
    ]
    if not checked:
        return found
    try:
        refitting = Refitting.of(found.records[checked[0]].task, data, plugins, offline=offline)
    except RecbenchError as error:
        return replace(found, standings=standings | {name: _not_made(error) for name in checked})
    fitted = []
    for name in checked:
        try:
            _check_code(found.records[name], plugins)
            refitting.job(found.records[name])
        except RecbenchError as error:
            standings[name] = _not_made(error)
        else:
            fitted.append(name)
    if fitted:
        made = refitting.fit([found.records[name] for name in fitted], timeout=timeout, progress=progress)
        standings |= {name: _standing(one) for name, one in zip(fitted, made, strict=True)}
    return replace(found, standings=standings)


def _not_made(why: object) -> Standing:
    return Standing(CHECKED, (f"{_NOT_MADE}: {why}",))


def _check_code(record: Record, plugins: Mapping[str, registry.Entry]) -> None:
    """Refuse other code for a plug-in: plug-ins of two people may have one name."""
    if record.recommender.origin != "file":
        return
    if registry.source_digest(entry_of(record, plugins)) != record.recommender.source_sha256:
        raise RecommenderError(f"the plug-in {record.recommender.name} that was given has other code than the record's")


def _standing(one: Reproduction) -> Standing:
    if one.is_equal:
        return Standing(AGAIN)
    text = one.judgement()[1]
    return _not_made(text) if one.now.failed else Standing(MOVED, (text,))
