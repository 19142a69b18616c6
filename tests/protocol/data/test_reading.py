"""What a reader found out: in words, and kept with the dataset."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from protocol.data.loading import load_dataset
from protocol.data.reading import Reading
from protocol.errors import DatasetError
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [f"u{row % 4},{row % 3},{10**9 + row}" for row in range(12)]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "a.csv",
            "\n".join(("who,item,when", *ROWS)),
            "text separated by commas, with a header; user=who (text), item=item (whole numbers), timestamp=when "
            "(Unix seconds, 2001-09-09 to 2001-09-09)",
        ),
        (
            "b.tsv",
            "\n".join(row.replace(",", "\t") for row in ROWS),
            "text separated by tabs, without a header (columns counted from 0); user=0 (text), item=1 (whole numbers), "
            "timestamp=2 (Unix seconds, 2001-09-09 to 2001-09-09)",
        ),
        (
            "c.csv",
            "\n".join(('user;"item";time', *(row.replace(",", ';"', 1).replace(",", '";') for row in ROWS))),
            "text separated by semicolons, with a header, quotation marks around fields; user=user (text), item=item "
            "(whole numbers), timestamp=time (Unix seconds, 2001-09-09 to 2001-09-09)",
        ),
    ],
)  # fmt: skip
def test_one_line_says_how_a_file_was_read(
    name: str, content: str, sentence: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / name).write_text(content)
    names = {"user": "who", "timestamp": "when"} if "who" in content else {}
    with caplog.at_level(logging.INFO):
        dataset = load_dataset(tmp_path / name, columns=names, core=2)
    assert caplog.messages == [f"{name} is read as {sentence}"]
    assert dataset.reading is not None
    assert dataset.reading.sentence() == sentence


def test_a_frame_and_parquet_say_it_too(tmp_path: Path) -> None:
    frame = pd.DataFrame({"user": [1, 1, 2], "item": ["a", "b", "a"], "time": pd.to_datetime([1, 2, 3], unit="D")})
    frame.to_parquet(tmp_path / "a.parquet")
    columns = (
        "user=user (whole numbers), item=item (text), timestamp=time (Unix microseconds, 1970-01-02 to 1970-01-04)"
    )
    found = [load_dataset(source).reading for source in (frame, tmp_path / "a.parquet")]
    assert [reading and reading.sentence() for reading in found] == [f"DataFrame; {columns}", f"Parquet; {columns}"]


def test_a_task_tells_its_record_how_the_data_were_read() -> None:
    frame = pd.DataFrame({"user": [u for u in range(9) for _ in range(5)], "item": list(range(15)) * 3})
    dataset = load_dataset(frame.assign(time=range(45)))
    task = build_task(dataset, n_negatives=5)
    assert task.facts["reading"]["columns"] == {"user": "user", "item": "item", "timestamp": "time"}
    assert task.facts["reading"]["unit"] == "no clock"
    assert task.facts["reading"]["last_time"] == 44


def test_what_has_a_fixed_layout_says_nothing() -> None:
    dataset = load_dataset("synthetic:60x80x900")
    task = build_task(dataset, n_negatives=5)
    assert dataset.reading is None
    assert "reading" not in task.facts


def test_names_are_shown_in_short_and_without_marks_of_control() -> None:
    reading = Reading(form="text", columns={"user": "\x1b[2J" + "u" * 100})
    assert reading.sentence() == f"text; user=\\x1b[2J{'u' * 56}..."


@pytest.mark.parametrize("kind", ["ratings", "seconds and milliseconds", "null", "two spellings"])
def test_a_frame_is_in_doubt_as_a_file_is(kind: str) -> None:
    users, times = [row % 4 for row in range(40)], [10**9 + row for row in range(40)]
    frames = {
        "ratings": ({"user": users, "time": [row % 5 for row in range(40)]}, "neither a clock nor an order"),
        "seconds and milliseconds": ({"user": users, "time": [*times[:-1], 10**12]}, "looks like Unix milliseconds"),
        "null": ({"user": ["NULL", *map(str, users[1:])], "time": times}, "iloc 0: the user is missing"),
        "two spellings": ({"user": ["01", *map(str, users[1:])], "time": times}, "the same number"),
    }
    columns, answer = frames[kind]
    with pytest.raises(DatasetError, match=answer):
        load_dataset(pd.DataFrame({"item": range(40), **columns}))


def test_naming_the_column_of_times_settles_its_doubt() -> None:
    frame = pd.DataFrame(
        {"user": [row % 4 for row in range(40)], "item": range(40), "time": [row % 5 for row in range(40)]}
    )
    assert len(load_dataset(frame, columns={"timestamp": "time"}).interactions) == 40
