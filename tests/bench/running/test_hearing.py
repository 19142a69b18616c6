"""What a job's process writes is heard; what is no event is passed over."""

from __future__ import annotations

import io
from typing import Any

import pytest

from bench.running.hearing import LINE_LENGTH, Watch
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
        b"[" * 50_000 + b"\n",
        b'{"phase":' * 5_000 + b"\n",
        EPOCH.replace(b"30", b"1" + b"0" * 5000),
        EPOCH.replace(b"0.5", b"1e999"),
        EPOCH.replace(b"0.5", b"1" + b"0" * 400),
        EPOCH.replace(b"4", b"9007199254740993"),
        b"x" * 1_000_000 + b"\n",
        b'{"asks": "everything"}\n',
        b'{"asks": ["train"]}\n',
    ],
)
def test_what_a_recommender_writes_there_does_not_end_the_listening(junk: bytes) -> None:
    phase, events = heard(junk + EPOCH)
    assert phase == "while it was fitting, after epoch 4 of 30"
    assert len(events) == 1


def test_what_a_job_asks_for_is_passed_on() -> None:
    told = Reported()
    watch = Watch(None, told, told.asked.append)  # type: ignore[arg-type] - the job is only passed on
    watch.listen(io.BytesIO(b'{"asks": "spec"}\n{"asks": "nothing"}\n' + EPOCH + b'{"asks": "candidates"}\n'))
    assert told.asked == ["spec", "candidates"]
    assert len(told.events) == 1


def test_a_line_without_an_end_is_read_in_pieces() -> None:
    class Endless(io.RawIOBase):
        """Gives a line of 64 MiB to those who read a bounded piece at a time."""

        left = 2**26

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= LINE_LENGTH
            given = b"x" * min(size, self.left)
            self.left -= len(given)
            return given

    told = Reported()
    Watch(None, told, told.asked.append).listen(Endless())  # type: ignore[arg-type]
    assert told.events == []


def test_a_job_gets_its_data_where_nothing_can_be_shown_any_more() -> None:
    class Closed(Reported):
        def reported(self, job: Any, event: dict[str, Any]) -> None:
            super().reported(job, event)
            raise BrokenPipeError

    told = Closed()
    watch = Watch(None, told, told.asked.append)  # type: ignore[arg-type] - the job is only passed on
    watch.listen(io.BytesIO(EPOCH + EPOCH + b'{"asks": "candidates"}\n'))
    assert told.asked == ["candidates"]
    assert len(told.events) == 1
