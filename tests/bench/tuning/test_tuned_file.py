"""The file of a search: what is written, and that files of earlier versions are read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bench.tuning.trials import Best
from bench.tuning.tuned_file import Tuned, check_names, header_of
from protocol.errors import RecommenderError

COMMITTED = sorted((Path(__file__).parents[3] / "results").glob("**/tuned.toml"))

ABOUT = {
    "dataset": "ml-100k",
    "validation_task": "f" * 64,
    "sampler": "grid",
    "budget": "every combination of the grid",
    "seeds": [0, 1],
    "patience": 5,
}

MLP = Best("mlp", {"reg": 0.1, "epochs": 12}, 0.55, 0.35, (10, 13), 3, 1, 7.5)
MINE = Best("my.model", {"layers": (64, 32), "loss": 'a"b\x7f', "share": True, "size": None}, 0.3, 0.1, (), 1, 0, 1.5)


def test_the_file_says_what_was_found_and_how() -> None:
    found = tomllib.loads(Tuned.of([MLP, MINE], ABOUT).text())
    assert found == {
        "selection": {
            **ABOUT,
            "mlp": {
                "HR@10": 0.55,
                "NDCG@10": 0.35,
                "combinations": 3,
                "failed": 1,
                "seconds": 7.5,
                "best_epochs": [10, 13],
            },
            "my.model": {
                "HR@10": 0.3,
                "NDCG@10": 0.1,
                "combinations": 1,
                "failed": 0,
                "seconds": 1.5,
                "best_epochs": [],
            },
        },
        "mlp": {"reg": 0.1, "epochs": 12},
        "my.model": {"layers": [64, 32], "loss": 'a"b\x7f', "share": True, "size": "None"},
    }, "TOML has no null: a parameter that is None is written as text, and is not its default again"


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = Tuned.of([MLP], ABOUT)
    written.write(tmp_path / "tuned.toml")
    read = Tuned.read(tmp_path / "tuned.toml")
    assert read == written
    assert (read.dataset, read.validation_task, read.seconds("mlp"), read.seconds("als")) == (
        "ml-100k",
        "f" * 64,
        7.5,
        None,
    )
    assert (tmp_path / "tuned.toml").read_text().startswith("# Written by `recbench tune`: for each recommender")


EARLIER = """\
# Written by `recbench select`: for each recommender the parameters with the highest mean NDCG@10 over seeds
# on the validation task. Where it learns in epochs, `epochs` is the rounded mean of the seeds' best epochs.

[selection]
dataset = "ml-100k"
validation_task = "abc"
seeds = [0, 1]
patience = 5

[selection.mlp]
"HR@10" = 0.5
"NDCG@10" = 0.25
combinations = 2
failed = 0
seconds = 3
best_epochs = [4, 6]

[mlp]
layers = [64, 32]
epochs = 5
"""


def test_what_an_earlier_version_wrote_of_a_grid_is_read(tmp_path: Path) -> None:
    (tmp_path / "selected.toml").write_text(EARLIER)
    read = Tuned.read(tmp_path / "selected.toml")
    assert read.parameters == {"mlp": {"layers": [64, 32], "epochs": 5}}
    assert read.about == {"dataset": "ml-100k", "validation_task": "abc", "seeds": [0, 1], "patience": 5}
    assert read.seconds("mlp") == 3


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_the_committed_files_are_read_and_would_be_written_with_the_same_values(path: Path) -> None:
    assert tomllib.loads(Tuned.read(path).text()) == tomllib.loads(path.read_text(encoding="utf-8"))


def test_a_file_of_parameters_alone_is_read(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[ease]\nreg = 7\n")
    read = Tuned.read(tmp_path / "mine.toml")
    assert (read.parameters, read.dataset, read.validation_task) == ({"ease": {"reg": 7}}, None, None)


def test_a_name_that_the_file_uses_itself_is_refused() -> None:
    check_names(["mlp", "my.model"], ABOUT)
    for name in ("selection", "seeds"):
        with pytest.raises(RecommenderError, match=f"a recommender called '{name}' cannot be tuned"):
            check_names(["mlp", name], ABOUT)


def test_a_header_quotes_a_name_that_needs_it() -> None:
    assert [header_of(name) for name in ("ease", "implicit.als")] == ["[ease]", '["implicit.als"]']


def test_a_dataset_whose_name_is_not_utf_8_is_named_by_numbers(tmp_path: Path) -> None:
    Tuned.of([MLP], ABOUT | {"dataset": "a\udcff.csv"}).write(tmp_path / "tuned.toml")
    assert Tuned.read(tmp_path / "tuned.toml").dataset == "a\\udcff.csv"


def test_a_parameter_that_toml_cannot_hold_is_an_error_and_the_old_file_stays(tmp_path: Path) -> None:
    place = tmp_path / "tuned.toml"
    Tuned.of([MLP], ABOUT).write(place)
    before = place.read_bytes()
    odd = Best("mine", {"path": "a\udcff.csv"}, 0.3, 0.1, (), 1, 0, 1.5)
    with pytest.raises(RecommenderError, match=r"tuned\.toml cannot be written: '\\udcff' in a parameter"):
        Tuned.of([odd], ABOUT).write(place)
    assert place.read_bytes() == before
