"""The name of a row over datasets, though a search gave it other parameters on each."""

from __future__ import annotations

from hand_made import record

from bench.records.groups import group_records
from bench.studies.row_names import names_over_datasets


def found(label: str, *names: str, display_name: str | None = None):
    made = record(label, [0, 1], source=label)
    if names:
        made.document["found_parameters"] = {"names": list(names), "dataset": "d", "validation_task": "v"}
    if display_name:
        made.document["recommender"]["display_name"] = display_name
    return made


def names(*columns: list) -> list[dict[str, str]]:
    return names_over_datasets([group_records(records) for records in columns])


def test_parameters_of_a_search_are_left_out_and_given_ones_stay() -> None:
    first, second = names(
        [found("ease:reg=320", "reg"), found("als:reg=1,embedding_size=8", "reg"), found("bpr:reg=2")],
        [found("ease", "reg"), found("als:reg=3,embedding_size=8", "reg"), found("bpr:reg=2")],
    )
    assert first == {
        "ease:reg=320": "ease",
        "als:reg=1,embedding_size=8": "als:embedding_size=8",
        "bpr:reg=2": "bpr:reg=2",
    }
    assert second == {"ease": "ease", "als:reg=3,embedding_size=8": "als:embedding_size=8", "bpr:reg=2": "bpr:reg=2"}


def test_a_tuned_row_beside_a_plain_one_says_so_on_every_dataset() -> None:
    first, second = names([found("ease:reg=320", "reg"), found("ease")], [found("ease:reg=7", "reg")])
    assert first == {"ease:reg=320": "ease (tuned)", "ease": "ease"}
    assert second == {"ease:reg=7": "ease (tuned)"}


def test_two_rows_that_a_search_made_alike_keep_their_labels() -> None:
    (only,) = names([found("ease:reg=1", "reg"), found("ease:reg=2", "reg")])
    assert only == {"ease:reg=1": "ease:reg=1", "ease:reg=2": "ease:reg=2"}


def test_a_name_that_the_user_gave_stays() -> None:
    (only,) = names([found("ease:reg=1", "reg", display_name="EASE (ours)")])
    assert only == {"EASE (ours)": "EASE (ours)"}


def test_a_label_of_another_program_may_be_any_text() -> None:
    (only,) = names([found("scores: of, mine", "reg")])
    assert only == {"scores: of, mine": "scores: of, mine"}
