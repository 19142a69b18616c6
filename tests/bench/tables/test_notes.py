"""The title and the notes of a table, on hand-made records."""

from __future__ import annotations

import json

from hand_made import EASE, FACTS, RECORDS, TIMEOUT, record, task

from bench.names import STAND_IN_NOTE
from bench.records.groups import group_records
from bench.records.record import Record
from bench.tables.results import render, to_frame
from protocol.evaluation.evaluate import LIST_TIES


def test_the_notes_below_a_table() -> None:
    text = " ".join(render(RECORDS).split())
    for sentence in (
        "als (seed 0): stopped after 60 s, in epoch 3 of 30",
        "± is half of the 95 % interval over users. It is about these trained models and does not include the "
        "variation between trainings.",
        "sampled ranks each held-out item against 100 drawn negatives;",
        "full ranks it against every item the user never touched;",
        "expected is the exact mean of HR and NDCG over all draws of 100 untouched items, without the noise of one "
        "draw but with the bias of sampling.",
        "If items tie, a metric is the mean over all their orders.",
        "fit and score are times on this machine, without imports, loading and evaluation, as means over seeds.",
        "(Ji et al. 2023)",
        "5 users, 1,682 items, 100,000 interactions",
        "1 of 4 evaluated users (25.0%) have several items at their latest time",
        "7 repeated pairs collapsed",
        "1 user with fewer than 3 items left out of the evaluation",
        "0 held-out items never seen in training",
        "min rating 4: 17,480 rows left out",
        "protocol seed 0; training seeds 0, 1",
        "deterministic, so run once: ease:reg=500",
        "a" * 64,
        "numpy 2.4.6",
    ):
        assert sentence in text


def test_synthetic_data_say_so_in_the_title() -> None:
    named = task(dataset="synthetic:60x40x900")
    assert render([record("ease", [0, 1], of=named)]).startswith("SYNTHETIC DATA (synthetic:60x40x900): ")
    stand_in = task(dataset="synthetic", facts=FACTS | {"notes": [STAND_IN_NOTE]})
    title = render([record("ease", [0, 1], of=stand_in)]).splitlines()[0]
    assert title.startswith(
        "SYNTHETIC DATA (synthetic), because no dataset was named and ml-100k could not be loaded: "
    )


def test_a_note_says_how_the_file_was_read() -> None:
    reading = {
        "form": "Parquet",
        "columns": {"timestamp": "when"},
        "unit": "no clock",
        "first_time": 1,
        "last_time": 2314,
    }
    of = task(dataset="mine", facts=FACTS | {"reading": reading})
    text = " ".join(render([record("ease", [0, 1], of=of)]).split())
    assert "Reading mine was read as Parquet; timestamp=when (no clock, 1 to 2,314)." in text
    assert "Reading" not in render(RECORDS)


def test_a_validation_table_says_so() -> None:
    assert render([record("ease", [0, 1], of=task(purpose="validation"))]).startswith("Validation task of ml-100k: ")


def test_imported_lists_are_called_given() -> None:
    imported = task(parts=task()["parts"] | {"split": "imported"})
    text = render([record("ease", [0, 1], of=imported)])
    assert "against 100 given negatives" in text
    assert "leave-last-out" not in text


def test_a_note_names_the_chosen_epochs() -> None:
    selection = {"patience": 5, "best_epoch": 12, "seconds": 8.0, "validation_digest": "v", "curve": []}
    chosen = record("mlp", [0, 0, 1, 20], selection=selection)
    text = " ".join(render([chosen]).split())
    assert "epochs were chosen on the validation task (patience 5), then a fresh model was fitted: mlp 12." in text
    assert json.loads(render([chosen], "json"))["rows"][0]["best_epochs"] == [12]


def test_frame_keeps_the_notes_of_every_failure() -> None:
    notes = to_frame([*RECORDS, record("gmf", [], failure=TIMEOUT)]).attrs["notes"]
    assert [line.split(" ")[0] for line in notes["Failed"].splitlines()] == ["als", "gmf"]


def test_notes_name_libraries_and_programs() -> None:
    theirs, program = record("implicit.als", [0, 1, 2, 3]), record("mine", [0, 2, 2, 3])
    theirs.document["recommender"]["libraries"] = {"implicit": "0.7.3"}
    program.document["recommender"] |= {"reference": "mine.toml:Program", "requirements": ["torch==2.13.0", "numpy"]}
    notes = to_frame([*RECORDS, theirs, program]).attrs["notes"]
    assert notes["Libraries"] == "implicit 0.7.3."
    assert notes["Programs"].startswith("mine: run in processes of their own. The times include")
    assert notes["Environment"] == "mine: built from torch==2.13.0, numpy."
    assert not {"Libraries", "Programs", "Environment"} & set(to_frame(RECORDS).attrs["notes"])


def test_machines_that_read_the_same_are_named_once() -> None:
    again, elsewhere = record("als", [0, 1, 2, 3]), record("mf", [0, 1, 2, 3])
    again.document["environment"] = {**EASE.document["environment"], "commit": "f" * 12}
    elsewhere.document["environment"] = {**EASE.document["environment"], "cpu": "Another"}
    assert "\n" not in to_frame([EASE, again]).attrs["notes"]["Machine"]
    notes = to_frame([EASE, again, elsewhere]).attrs["notes"]
    assert [line.partition(";")[0] for line in notes["Machine"].splitlines()][1:] == ["Another"]
    assert "\n" not in notes["Versions"]


def test_notes_say_which_defaults_were_chosen_on_this_dataset() -> None:
    here, elsewhere, tuned = (record(name, [0, 1, 2, 3]) for name in ("gmf", "mf", "neumf"))
    here.document["recommender"]["chosen_on"] = tuned.document["recommender"]["chosen_on"] = "ml-100k"
    elsewhere.document["recommender"]["chosen_on"] = "ml-1m"
    tuned.document["tuning_seconds"] = 3.0
    notes = to_frame([*RECORDS, here, elsewhere, tuned]).attrs["notes"]
    assert notes["Defaults"].startswith("gmf: defaults that were chosen on ml-100k, on the validation task")
    assert "Defaults" not in to_frame([*RECORDS, elsewhere, tuned]).attrs["notes"]


def test_defaults_are_chosen_ones_too_where_the_epochs_were_chosen_again_but_not_of_failures() -> None:
    stopped, failed = record("gmf", [0, 1, 2, 3]), record("mf", [], failure=TIMEOUT)
    for one in (stopped, failed):
        one.document["recommender"]["chosen_on"] = "ml-100k"
    stopped.document["selection"] = {"best_epoch": 2, "seconds": 3.0, "curve": []}
    stopped.document["patience"] = 5
    notes = to_frame([*RECORDS, stopped, failed]).attrs["notes"]
    assert notes["Defaults"].startswith("gmf: defaults")


def test_the_note_about_lists_says_how_equal_scores_are_ordered() -> None:
    counts = [3, 3], [1, 1], [2, 2, 2]
    new, old = (
        record(name, [0, 1], full=[0, 1], top=[[0, 1], [1, 2]], counts=counts, list_ties=ties)
        for name, ties in (("mf", LIST_TIES), ("gmf", None))
    )
    said = "Items with equal scores are ordered by a keyed hash of user and item, another order for each user."
    missing = "is not recorded for gmf: an older recbench made them"
    for records, expected in (([new], [True, False]), ([new, old], [True, True])):
        note = to_frame(records, beyond_accuracy=True, ks=(2,)).attrs["notes"]["Lists"]
        assert [said in note, missing in note] == expected
    note = to_frame([old], beyond_accuracy=True, ks=(2,)).attrs["notes"]["Lists"]
    assert said not in note
    assert "is not recorded for any row" in note


def test_rows_that_depend_on_the_processor_are_named() -> None:
    """Where records do not say, nothing is said: they are older than the field."""

    def recorded(name: str, seed: int, independent: bool, instructions: str | None):
        one = record(name, [0, 1], seed=seed)
        one.document["environment"] |= {"instructions": instructions} if instructions else {}
        one.document["recommender"] |= {"processor_independent": True} if independent else {}
        return Record(one.document, one.ranks)

    both = [recorded("als", 0, True, "x86-64-v4, znver4"), recorded("ease", 0, False, "x86-64-v4, znver4")]
    text = " ".join(render(both).split())
    assert "ease: figures may differ on another processor" in text
    assert "(here x86-64-v4, znver4)" in text
    assert "another processor" not in render([recorded("als", 0, True, "x86-64-v4, znver4")])
    assert "another processor" not in render([recorded("ease", 0, False, None)])


def test_records_of_two_processors_are_pooled_only_where_these_do_not_matter() -> None:
    def labels(independent: bool) -> int:
        records = []
        for seed, instructions in enumerate(("x86-64-v3", "x86-64-v4")):
            one = record("als", [0, 1], seed=seed)
            one.document["environment"]["instructions"] = instructions
            one.document["recommender"]["processor_independent"] = independent
            records.append(Record(one.document, one.ranks))
        return len(group_records(records))

    assert labels(independent=True) == 1
    assert labels(independent=False) == 2
