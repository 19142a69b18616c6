"""The commands that make tables over splits and over datasets again, as the command line reads them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import record
from splits_by_hand import hits, of, table
from studies import dataset_of

from bench.analysis.over_splits import summarise_splits
from bench.cli.main import make_parser
from bench.studies.columns import Figure
from bench.studies.comparison import compare_over_datasets
from bench.tables.split_notes import notes_over_splits
from bench.tables.study_notes import study_notes

if TYPE_CHECKING:
    from collections.abc import Iterable

ROWS = {"a": [hits(9), hits(3), hits(9)], "b": [hits(5), hits(6), hits(4)]}


def again(notes: Iterable[tuple[str, str]]) -> list[str]:
    return [text for keyword, text in notes if keyword == "Again"]


def parsed(command: str) -> Any:
    return make_parser().parse_args(shlex.split(command)[1:])


@pytest.mark.parametrize(
    ("splits", "rule"),
    [
        (("random:7", "random:8", "random:9"), "random:7"),
        (("time:0.9", "time:0.675", "time:0.45"), "time:0.9"),
    ],
)
def test_repeated_splits_are_one_command(splits: tuple[str, ...], rule: str) -> None:
    (text,) = again(notes_over_splits(summarise_splits(table(splits, **ROWS))))
    found = parsed(text.partition("recbench ")[1] + text.partition("recbench ")[2])
    assert (str(found.split), found.repeat_splits, found.recommenders) == (rule, 3, ["a", "b"])


def test_repeated_splits_have_each_training_seed_once() -> None:
    splits = [
        record("a", hits(9), seed=seed, of=of("last", protocol_seed=protocol_seed))
        for protocol_seed in (4, 5)
        for seed in (0, 1, 2)
    ]
    (text,) = again(notes_over_splits(summarise_splits(splits)))
    assert "--protocol-seed 4 --repeat-splits 2 --seeds 0-2 " in text


def test_other_splits_have_no_common_command() -> None:
    (text,) = again(notes_over_splits(summarise_splits(table(("random:1", "random:3"), a=[hits(9), hits(3)]))))
    assert "recbench" not in text
    assert "the table of each split says how" in text


def test_each_dataset_has_a_command_and_the_table_is_made_of_all() -> None:
    """Parameters that a search found on one dataset have the name of the row over datasets."""
    datasets = [dataset_of(name, {"ease": [0] * 12, "als": [2] * 12}) for name in ("one", "two")]
    found = {"names": ["reg"], "dataset": "two", "validation_task": "b" * 64, "own_validation_task": "b" * 64}
    for made in datasets[1].records:
        if made.document["recommender"]["name"] == "als":
            made.document["recommender"] |= {"label": "als:reg=3", "parameters": {"reg": 3}}
            made.document["found_parameters"] = found
    notes = again(study_notes(compare_over_datasets(datasets, Figure("NDCG", 10, "sampled"))))
    commands = [text[text.index("recbench") :] for text in notes]
    assert [parsed(each).recommenders for each in commands[:2]] == [["als", "ease"], ["als:reg=3", "ease"]]
    assert [parsed(each).labels for each in commands[:2]] == [[], ["als:reg=3=als"]]
    assert [str(parsed(each).out) for each in commands[:2]] == ["again/one", "again/two"]
    assert commands[2] == "recbench table again/one again/two"
