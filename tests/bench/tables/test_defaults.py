"""Notes and marks of rows whose defaults were chosen on other data."""

from __future__ import annotations

import pytest
from hand_made import FACTS, record, task
from splits_by_hand import hits, table
from studies import dataset_of

from bench.analysis.recommending.printed_rows import label_of
from bench.analysis.summary import summarise
from bench.records.groups import group_records
from bench.studies.columns import Figure
from bench.studies.comparison import compare_over_datasets
from bench.tables import over_splits
from bench.tables.defaults import tune_command
from bench.tables.results import render, to_frame
from bench.tables.study import render as render_study
from bench.writing.sheet import UNTUNED

ELSEWHERE = task(dataset="ml-1m")


def chosen(label: str, on: str | None = "ml-100k", *, of: dict | None = None, **about: object):
    made = record(label, [0, 1, 2, 3], of=of or ELSEWHERE)
    if on is not None:
        made.document["recommender"]["chosen_on"] = on
    made.document.update(about)
    return made


OWN = {"names": ["reg"], "dataset": "ml-1m", "validation_task": "v", "own_validation_task": "v"}
FOREIGN = OWN | {"validation_task": "w"}


def test_defaults_of_other_data_are_marked_and_the_note_has_the_command_that_tunes_them() -> None:
    records = [chosen("als"), chosen("mlp"), chosen("popularity", None), chosen("bpr", found_parameters=OWN)]
    notes = to_frame(records).attrs["notes"]
    assert notes["Not tuned"] == (
        f"{UNTUNED} als and mlp: defaults of ml-100k, not tuned here; `recbench tune --dataset ml-1m -r als -r mlp "
        "--trials 30`, or `recbench run` with --tune 30."
    )
    lines = render(records).splitlines()
    marked = {line.split()[0] for line in lines if line.split()[1:2] == [UNTUNED]}
    assert marked == {"als", "mlp"}
    assert f"{UNTUNED}: defaults of ml-100k, not tuned on these data." in " ".join(
        render(records, "latex").split()
    ).replace(r"\ddag{}", UNTUNED)
    assert label_of(f"als {UNTUNED}", group_records(records)) == "als"


@pytest.mark.parametrize(
    "row",
    [
        chosen("als", of=task()),
        chosen("als", None),
        chosen("als", found_parameters=OWN),
        chosen("als", tuning_seconds=3.0),
        chosen("als", found_parameters=FOREIGN),
    ],
    ids=["chosen here", "not known", "found here", "tuned by an earlier version", "of a file: it has a note"],
)
def test_other_rows_are_not_marked(row) -> None:
    assert summarise([row]).untuned == {}
    assert "Not tuned" not in to_frame([row]).attrs["notes"]
    assert UNTUNED not in render([row])


def test_the_command_has_the_protocol_of_the_table() -> None:
    parts = task()["parts"] | {"split": "random:3", "protocol_seed": "7"}
    of = task(dataset="my ratings.csv", parts=parts, facts=FACTS | {"n_negatives": 20})
    (summary,) = [summarise([chosen("als", of=of)])]
    assert tune_command(summary.task, ["als"]) == (
        "recbench tune --dataset 'my ratings.csv' --split random:3 --negatives 20 --protocol-seed 7 -r als --trials 30"
    )


def test_tables_over_splits_and_over_datasets_say_so_too() -> None:
    records = table(("random:0", "random:1"), als=[hits(9), hits(3)], ease=[hits(5), hits(6)])
    for one in records:
        one.document["recommender"]["chosen_on"] = (
            "ml-1m" if one.document["recommender"]["name"] == "als" else "ml-100k"
        )
    text = " ".join(over_splits.render(records).split())
    assert f"Not tuned {UNTUNED} als: defaults of ml-1m, not tuned here" in text
    assert f"als {UNTUNED}" in text
    datasets = [dataset_of(name, {"als": [0] * 12, "ease": [1] * 12}) for name in ("ml-100k", "one", "two")]
    for dataset in datasets:
        for one in dataset.records:
            one.document["recommender"]["chosen_on"] = (
                "ml-100k" if one.document["recommender"]["name"] == "als" else None
            )
    found = compare_over_datasets(datasets, Figure("NDCG", 10, "sampled"))
    text = " ".join(render_study(found).split())
    assert "Not tuned als: defaults of ml-100k, not tuned on one and two; --tune 30 with `recbench run`" in text
    brief = " ".join(render_study(found, brief=True).split())
    assert "defaults not chosen on these data: als on one and als on two." in brief
