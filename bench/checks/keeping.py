"""What ``save`` writes gives a new recommender the same scores."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.checks.agreement import kind, require_alike
from bench.checks.check import Check, NotApplicableError, RefutedError
from bench.checks.determinism import TWICE
from bench.checks.subject import scores_of
from protocol.contract import Keepable

if TYPE_CHECKING:
    from bench.checks.subject import Subject

KEPT = "what save writes scores the same when it is loaded"


def _kept(subject: Subject) -> None:
    model, new = subject.model, subject.new()
    if not isinstance(model, Keepable) or not isinstance(new, Keepable):
        raise NotApplicableError("does not apply: it has no save and load")
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        if not any(Path(folder).iterdir()):
            raise RefutedError("save wrote nothing; write all that score needs into the folder that it gets")
        loaded = new.load(Path(folder))
    if loaded is not new:
        raise RefutedError(f"load returned {kind(loaded)}; return self")
    require_alike(
        scores_of(new, subject.users, subject.items),
        subject.scores,
        "loaded from what save wrote, it gives different scores",
        "let save write, and load read, all that fit has learned; after load, the folder may be gone",
    )


CHECKS = (Check(KEPT, _kept, needs=(TWICE,)),)
