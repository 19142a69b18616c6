"""What a job's process writes is heard; what is no event is passed over."""

from __future__ import annotations

import io
from typing import Any

import pytest

from bench.running.hearing import Watch
from bench.running.progress.listening import Silence


class Reported(Silence):
    """Keeps the events that reach the progress."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.asked: list[str] = []

    def reported(self, job: Any, event: dict[str, Any]) -> None:
        self.events.append(event)


def heard(lines: bytes) -> tuple[str, list[dict[str, Any]]]:
    told = Reported()
    watch = Watch(None, told, told.asked.append)  # type: ignore[arg-type] - the job is only passed on
    watch.listen(io.BytesIO(lines))
    return watch.phase, told.events


EPOCH = b'{"phase": "fit", "epochs": 30, "epoch": 4, "loss": 0.5, "seconds": 1.5}\n'


def test_an_epoch_says_where_the_job_is() -> None:
    phase, events = heard(b'{"phase": "fit"}\n' + EPOCH)
    assert phase == "while it was fitting, after epoch 4 of 30"
    assert [event.get("epoch") for event in events] == [None, 4]


@pytest.mark.parametrize(
    "junk",
    [
        b"words\n",
        b"3\n",
        b"[1]\n",
        b"\xff\xfe\n",
        b'{"phase": "nonsense"}\n',
        b'{"phase": ["fit"]}\n',
        b"{}\n",
        b'{"phase": "fit", "epoch": 1}\n',
        EPOCH.replace(b'"epoch": 4', b'"epoch": 0'),
        EPOCH.replace(b"0.5", b'"z"'),
        EPOCH.replace(b"1.5", b"NaN"),
        EPOCH[:-10] + b"\n",
    ],
)
def test_what_a_recommender_writes_there_does_not_end_the_listening(junk: bytes) -> None:
    phase, events = heard(junk + EPOCH)
    assert phase == "while it was fitting, after epoch 4 of 30"
    assert len(events) == 1
