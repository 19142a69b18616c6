"""Records that pass all checks, fitted anew: their standing is then what that showed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.audit.reproducing import Refitting, has_a_fit
from bench.studies.board.standing import AGAIN, CHECKED, MOVED, Standing
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.audit.reproduction import Reproduction
    from bench.audit.standings import Verified
    from bench.data import Data
    from bench.running.progress.listening import Progress
    from recommenders import registry

_NOT_TRIED = "not made again"


def made_again(
    found: Verified,
    data: Data,
    plugins: Mapping[str, registry.Entry],
    *,
    offline: bool,
    timeout: float,
    progress: Progress,
) -> Verified:
    """Fit what passed all checks anew; a record that cannot be fitted here stays checked, with the reason.

    Parameters
    ----------
    data, plugins, offline
        As for `bench.audit.reproducing.Refitting.of`.
    timeout, progress
        As for `bench.audit.reproducing.Refitting.fit`.
    """
    standings = dict(found.standings)
    checked = [name for name, record in found.records.items() if standings[name].kind is CHECKED and has_a_fit(record)]
    if not checked:
        return found
    try:
        refitting = Refitting.of(found.records[checked[0]].task, data, plugins, offline=offline)
    except RecbenchError as error:
        return replace(found, standings=standings | {name: _not_tried(error) for name in checked})
    fitted = []
    for name in checked:
        try:
            refitting.job(found.records[name])
        except RecbenchError as error:
            standings[name] = _not_tried(error)
        else:
            fitted.append(name)
    if fitted:
        made = refitting.fit([found.records[name] for name in fitted], timeout=timeout, progress=progress)
        standings |= {name: _standing(one) for name, one in zip(fitted, made, strict=True)}
    return replace(found, standings=standings)


def _not_tried(error: RecbenchError) -> Standing:
    return Standing(CHECKED, (f"{_NOT_TRIED}: {error}",))


def _standing(one: Reproduction) -> Standing:
    return Standing(AGAIN) if one.is_equal else Standing(MOVED, (one.judgement()[1],))
