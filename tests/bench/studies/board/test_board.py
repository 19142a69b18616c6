"""What counts on a board: one record of each job, one row of each name, no dataset twice, no protocol with another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import TIMEOUT, record
from studies import keyed, task_of

from bench.studies.board.board import Board, Protocol
from bench.studies.board.entries import Entry, one_of_each_job
from bench.studies.board.folders import SITE_MARK, results_below
from bench.studies.board.standing import AGAIN, CHECKED, FAULTY, OPEN, Kind, Standing

if TYPE_CHECKING:
    from bench.records.record import Record

N_USERS = 12


def entry(made: Record, source: str = "ann/one", kind: Kind = CHECKED) -> Entry:
    return Entry(source, Path(source), f"{made.recommender.name}-{made.key[:6]}", Standing(kind), made)


def made(label: str, of: dict[str, Any], place: int = 0, **options: Any) -> Record:
    counts = ([5] * N_USERS, [1] * N_USERS, [2, 1])
    return keyed(record(label, [place] * N_USERS, of=of, counts=counts, deterministic=True, **options))


def task(name: str, split: str = "leave-last-out", seed: str = "0", **facts: Any) -> dict[str, Any]:
    found = task_of(name, N_USERS, **facts)
    digest = f"{name}{split}{seed}".encode().hex().ljust(64, "0")[-64:]
    return {**found, "digest": digest, "parts": {**found["parts"], "split": split, "protocol_seed": seed}}


@pytest.mark.parametrize(
    ("of", "title"),
    [
        (task("one"), "last, 100 negatives"),
        (task("one", "random:3", seed="2"), "random:3, 100 negatives, protocol seed 2"),
        (task("one", n_negatives=0), "last, full ranking"),
        (task("one", "imported"), "imported, 100 negatives"),
    ],
)
def test_a_protocol_has_a_title(of: dict[str, Any], title: str) -> None:
    assert Protocol.of(made("ease", of).task).title == title


def test_of_each_job_the_strongest_counts() -> None:
    one = made("ease", task("one"))
    entries = [entry(one, "a", OPEN), entry(one, "b", AGAIN), entry(one, "c"), entry(one, "d", FAULTY)]
    assert [each.source for each in one_of_each_job(entries)] == ["b"]
    failure = keyed(record("ease", [], failure=TIMEOUT, of=task("one")))
    assert failure.key == one.key
    assert [each.source for each in one_of_each_job([entry(failure, "a", AGAIN), entry(one, "b", OPEN)])] == ["b"]


def test_no_dataset_counts_twice_and_no_protocol_with_another() -> None:
    tasks = [task("one"), task("one", "random:0"), task("two"), task("three", "random:1")]
    board = Board.of(entry(made(label, of, place)) for of in tasks for place, label in enumerate(("ease", "als")))
    assert {name: len(found) for name, found in board.datasets.items()} == {"one": 2, "three": 1, "two": 1}
    (found,) = board.comparisons
    assert (found.protocol.title, sorted(found.tasks)) == ("last, 100 negatives", ["one", "two"])
    assert [row.label for row in found.comparison.rows] == ["ease", "als"]


def test_ranks_have_one_row_of_each_name() -> None:
    """Other code of one name is another row: that with more seeds counts."""
    rows = [made("ease", task(name), 0, source=source, seed=seed)
            for name in ("one", "two") for source, seeds in (("5", (0,)), ("6", (0, 1))) for seed in seeds]  # fmt: skip
    board = Board.of(map(entry, rows))
    assert [len(each.summary.rows) for each in board.tasks] == [2, 2], "the pages of the datasets have both"
    (found,) = board.comparisons
    (row,) = found.comparison.rows
    assert row.label == "ease"
    assert {record.document["recommender"]["source_sha256"] for column in found.comparison.columns
            for record in column.rows["ease"].records} == {"6"}  # fmt: skip


def test_one_name_for_different_data_gets_digits_and_trials_are_left_out() -> None:
    first, second = task("one"), task("one")
    second = {**second, "digest": "f" * 64, "parts": {**second["parts"], "dataset": "e" * 64}}
    trial = {**task("two"), "purpose": "validation"}
    changed = entry(made("als", trial), kind=FAULTY)
    board = Board.of([*(entry(made("ease", of)) for of in (first, second, trial)), changed])
    assert list(board.datasets) == ["one #6f6e650", "one #eeeeeee"]
    assert (len(board.entries), board.n_trials) == (3, 1), "whose purpose may be what was changed is shown"


def test_a_dataset_that_was_filtered_in_two_ways_counts_once() -> None:
    filtered = task("one")
    filtered = {**filtered, "digest": "f" * 64, "parts": {**filtered["parts"], "dataset": "e" * 64}}
    more = made("als", filtered, 1)
    board = Board.of(map(entry, [more, *(made("ease", of) for of in (task("one"), filtered, task("two")))]))
    (found,) = board.comparisons
    assert sorted(found.tasks) == ["one #eeeeeee", "two"], "the one with most records"


def test_what_does_not_count_has_no_task() -> None:
    unreadable = Entry("ann/one", Path(), "ease-0", Standing(FAULTY, ("it is damaged",)), None)
    changed = entry(made("ease", task("one")), kind=FAULTY)
    board = Board.of([unreadable, changed])
    assert (board.tasks, board.recommenders, board.comparisons) == ((), {}, ())
    assert [board.task_of(each) for each in board.entries] == [None, None]


def test_folders_are_called_by_who_handed_them_in(tmp_path: Path) -> None:
    for place in ("board/ann/ml-100k", "board/bob/deep/ml-1m", "other/ann/ml-100k", "one"):
        (tmp_path / place / "records").mkdir(parents=True)
    board = tmp_path / "board"
    assert list(results_below([board / "ann", board / "bob", tmp_path / "one"])) == [
        "ann/ml-100k",
        "bob/deep/ml-1m",
        "one",
    ]
    same = results_below([board / "ann", tmp_path / "other" / "ann"])
    assert list(same) == [(tmp_path / each / "ann" / "ml-100k").as_posix() for each in ("board", "other")]


def test_an_earlier_site_is_no_folder_of_results(tmp_path: Path) -> None:
    """Its pages of records lie in a folder of that name."""
    for place in ("ann/ml-100k", "ann/site", "site"):
        (tmp_path / place / "records").mkdir(parents=True)
    for place in ("ann/site", "site"):
        (tmp_path / place / "index.html").write_text(SITE_MARK)
    with pytest.warns(match="site is a site, and left out"):
        assert list(results_below([tmp_path / "ann", tmp_path / "site"])) == ["ann/ml-100k"]
