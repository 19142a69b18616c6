"""Runs with the parameters of a file: which are taken, what is warned of, and what tuning took."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Recbench: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.usefixtures("no_processes")

TUNED = '[selection]\ndataset = "ml-100k"\nvalidation_task = "abcdef0123456789"\n\n[ease]\nreg = 7.5\n'


def test_parameters_of_other_data_are_taken_with_a_warning(here: Path, recbench: Recbench) -> None:
    (here / "tuned.toml").write_text(TUNED)
    command = ["run", "--params", "tuned.toml", "-r", "ease", "-r", "popularity"]
    code, out, err = recbench(*command)
    assert code == 0
    assert "recbench: warning: tuned.toml was chosen on ml-100k (validation task abcdef012345), and this run is" in err
    assert "ease:reg=7.5" in out
    assert "popularity" in out
    _, out, _ = recbench("run", "--params", "tuned.toml", "-r", "ease:reg=3")
    assert "ease:reg=3" in out
    assert "7.5" not in out, "a given parameter wins over the file"
    (here / "tuned.toml").write_text("[ease]\nreg = 7.5\n")
    _, _, err = recbench(*command)
    assert "tuned.toml does not say on which data its parameters were chosen" in err


def test_where_parameters_were_found_is_in_the_record_and_in_the_note_of_the_row(
    here: Path, recbench: Recbench
) -> None:
    (here / "tuned.toml").write_text(TUNED + "[selection.ease]\nseconds = 5\n")
    tuned_run = ["run", "--out", "results", "--params", "tuned.toml", "-r", "ease", "--format", "json"]
    plain_run = ["run", "--out", "results", "-r", "ease:reg=7.5", "--format", "json"]
    for command in (tuned_run, plain_run, ["table", "results", "--format", "json"]):
        _, out, _ = recbench(*command)
        document = json.loads(out)
        (note,) = notes(document, "Parameters")
        assert note.startswith(
            "ease:reg=7.5 (reg): found on ml-100k, validation task abcdef012345, not on the validation"
        )
        assert "ease:reg=7.5 is not known to be on these data" in notes(document, "Cost")[0]
        assert "on the validation task took" not in notes(document, "Cost")[0]
        assert document["rows"][0]["parameters_found_on"] == "ml-100k, validation task abcdef012345"
    found = only_record(here)["found_parameters"]
    own = found.pop("own_validation_task")
    assert found == {"names": ["reg"], "dataset": "ml-100k", "validation_task": "abcdef0123456789"}

    (here / "tuned.toml").write_text(TUNED.replace("abcdef0123456789", own) + "[selection.ease]\nseconds = 6\n")
    _, out, err = recbench(*tuned_run)
    assert err.endswith("no jobs to run\n")
    assert "warning" not in err
    (note,) = notes(json.loads(out), "Parameters")
    assert note == (
        "ease:reg=7.5 (reg): found on the validation task of these data, as the file with them says (--params)."
    )
    assert (only_record(here)["tuning_seconds"], only_record(here)["found_parameters"]["validation_task"]) == (6, own)

    (here / "tuned.toml").write_text("[ease]\nreg = 7.5\n")
    _, out, _ = recbench(*tuned_run)
    (note,) = notes(json.loads(out), "Parameters")
    assert note.startswith("ease:reg=7.5 (reg): taken from a file that does not say on which data")
    assert only_record(here)["tuning_seconds"] is None
    assert recbench("verify", "results", "--offline")[0] == 0


def notes(document: Any, keyword: str) -> list[str]:
    return [note["text"] for note in document["notes"] if note["about"] == keyword]


def only_record(here: Path) -> Any:
    (folder,) = (here / "results" / "records").iterdir()
    return json.loads((folder / "record.json").read_text())


@pytest.mark.parametrize(
    ("given", "names"), [("", ["reg", "epochs"]), (":reg=0.25", ["epochs"]), (":reg=0.25,epochs=2", None)]
)
def test_only_parameters_that_the_file_gave_are_recorded_as_found(
    here: Path, recbench: Recbench, given: str, names: list[str] | None
) -> None:
    (here / "tuned.toml").write_text("[als]\nreg = 0.5\nepochs = 1\n")
    assert recbench("run", "--out", "results", "-r", f"als{given}", "--params", "tuned.toml")[0] == 0
    found = only_record(here).get("found_parameters")
    assert (found and found["names"]) == names


def test_the_tuning_time_is_added_to_a_record_that_was_there(here: Path, recbench: Recbench) -> None:
    (here / "tuned.toml").write_text("[ease]\nreg = 7\n[selection.ease]\nseconds = 12.5\n")
    data = ["--out", "results", "--format", "json"]
    assert recbench("run", *data, "-r", "ease:reg=7")[0] == 0
    (folder,) = (here / "results" / "records").iterdir()
    ranks = (folder / "ranks.npz").read_bytes()
    tuned_run = ["run", *data, "--params", "tuned.toml", "-r", "ease"]
    plain_run = ["run", *data, "-r", "ease:reg=7"]
    for command in (tuned_run, ["table", "results", "--format", "json"], plain_run):
        _, out, err = recbench(*command)
        assert [(row["recommender"], row["selection_s"]) for row in json.loads(out)["rows"]] == [("ease:reg=7", 12.5)]
        assert err.endswith("no jobs to run\n") or command[0] == "table", "tuned and plain run have the same key"
    assert [path.name for path in (here / "results" / "records").iterdir()] == [folder.name]
    assert (folder / "ranks.npz").read_bytes() == ranks
    assert recbench("verify", "results", "--offline")[0] == 0


def rows_of(recbench: Recbench, *arguments: str) -> dict[str, float | None]:
    """Return the seconds that finding the parameters of each row took."""
    code, out, err = recbench("run", *arguments, "--format", "json")
    assert code == 0, err
    return {row["recommender"]: row["selection_s"] for row in json.loads(out)["rows"]}


def test_a_recommender_whose_defaults_were_found_has_its_plain_name(here: Path, recbench: Recbench) -> None:
    text = "[selection.ease]\nseconds = 3\n[selection.als]\nseconds = 4\n[ease]\nreg = 200\n[als]\nreg = 0.5\n"
    defaults = registry.describe(registry.load_class(registry.find("als")), {}).parameters
    (here / "tuned.toml").write_text(f"{text}embedding_size = {defaults['embedding_size'].default}\nepochs = 2\n")
    run = ["--out", "results", "-r", "ease", "-r", "als", "-r", "random"]
    assert recbench("run", "--out", "results", "-r", "ease", "-r", "random")[0] == 0
    found = rows_of(recbench, *run, "--params", "tuned.toml")
    assert found == {"ease": 3.0, "als:reg=0.5,epochs=2": 4.0, "random": None}
    assert len(list((here / "results" / "records").iterdir())) == 3, "the keys of a plain run"


@pytest.mark.parametrize(
    ("given", "is_tuned"),
    [("", True), (":reg=0.5", True), (":reg=0.25", False), (":unobserved_weight=0.75", False)],
)
def test_a_parameter_that_the_search_did_not_find_makes_a_row_untuned(
    here: Path, recbench: Recbench, given: str, is_tuned: bool
) -> None:
    """The search left all other parameters at their defaults."""
    (here / "tuned.toml").write_text("[als]\nreg = 0.5\nepochs = 1\n[selection.als]\nseconds = 4\n")
    found = rows_of(recbench, "-r", f"als{given}", "--params", "tuned.toml")
    assert list(found.values()) == [4.0 if is_tuned else None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TUNED, "tuned.toml has parameters of ease; this run has popularity"),
        ("[ease]\nrag = 1\n", "tuned.toml: ease has no parameter 'rag' (did you mean 'reg'?)"),
        ('[ease]\nreg = "high"\n', "tuned.toml: ease: reg=high is not a finite number"),
        ("[mine]\nreg = 1\n", "tuned.toml: no recommender is called 'mine'"),
        ("[selection]\n", "tuned.toml has parameters of no recommender"),
        ("reg = 1\n", "tuned.toml has reg outside of any table"),
        (
            "[ease]\nreg = 1\n[selection.ease]\nseconds = -1\n",
            "tuned.toml: [selection.ease] seconds is -1, expected a finite number, 0 or more",
        ),
        (
            "[ease]\nreg = 1\n[selection]\nvalidation_task = 5\n",
            "tuned.toml: [selection] validation_task is 5, expected text",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_an_error(here: Path, recbench: Recbench, text: str, expected: str) -> None:
    (here / "tuned.toml").write_text(text)
    code, out, err = recbench("run", "--params", "tuned.toml", "-r", "popularity")
    assert (code, out) == (2, "")
    assert err.startswith("recbench: error: ")
    assert expected in err
