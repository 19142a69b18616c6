"""Scores of other programs: the same ranks as in here, whole or not at all, and marked for what they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hand_made import EASE, RECORDS, record

import bench
from bench.analysis.summary import summarise
from bench.cli.main import main
from bench.exchange.external import external_record
from bench.records.store import Store
from bench.tables.results import render
from protocol.errors import DatasetError, ProtocolError, RecbenchError, RecbenchWarning, RecommenderError, ScoreError
from protocol.evaluation.evaluate import evaluate
from protocol.tasks.task import Task, build_task
from recommenders.popularity import Popularity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from protocol.data.dataset import Dataset

pytestmark = pytest.mark.usefixtures("few_users")

DATASET = "synthetic:60x80x900"


@pytest.fixture
def table(task: Task) -> pd.DataFrame:
    """Popularity's scores of all candidates, in an order of their own; there are ties among them."""
    model = Popularity().fit(task.train, rng=np.random.default_rng(0))
    scores = model.score(task.candidates.users, task.candidates.items)
    users = np.repeat(task.candidates.users, scores.shape[1])
    frame = pd.DataFrame({"user": users, "item": task.candidates.items.ravel(), "score": scores.ravel()})
    return frame.sample(frac=1, random_state=0)


def as_run(table: pd.DataFrame) -> str:
    return "".join(f"{user} Q0 {item}  1 {score!r}\ttag\n" for user, item, score in table.astype(object).to_numpy())


def as_folder(table: pd.DataFrame, path: Path) -> None:
    path.mkdir()
    table[:500].to_csv(path / "a.csv", index=False)
    table[500:].to_parquet(path / "b.parquet")
    (path / "_SUCCESS").touch()


WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "scores.csv": lambda table, path: table.to_csv(path, index=False),
    "scores.csv.gz": lambda table, path: table.to_csv(path, index=False),
    "scores.tsv": lambda table, path: table[["score", "user", "item"]].to_csv(path, sep="\t", index=False),
    "scores.parquet": lambda table, path: table.astype({"score": np.float32}).to_parquet(path),
    "integers.parquet": lambda table, path: table.astype({"score": np.int16}).to_parquet(path),
    "more.csv": lambda table, path: table.assign(rating=1, note="x").to_csv(path, index=False),
    "scores.run": lambda table, path: path.write_text(as_run(table)),
    "scores": as_folder,
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_ranks_are_those_of_scores_in_here(
    tmp_path: Path, dataset: Dataset, task: Task, table: pd.DataFrame, name: str
) -> None:
    WRITERS[name](table, tmp_path / name)
    found = external_record(tmp_path / name, dataset, task, "mine")
    model = Popularity().fit(task.train, rng=np.random.default_rng(0))
    expected = evaluate(model, task, full=False).ranks
    assert expected.n_tied.any()
    for counts in ("n_better", "n_tied", "n_rivals"):
        np.testing.assert_array_equal(getattr(found.ranks, counts), getattr(expected, counts))
    assert found.document["recommender"]["origin"] == "external"
    assert found.document["time"]["fit_seconds"] is None


def test_scores_are_read_to_the_last_bit(tmp_path: Path, dataset: Dataset, task: Task, table: pd.DataFrame) -> None:
    """Scores one bit apart are no tie."""
    heldout = set(zip(task.candidates.users.tolist(), task.candidates.heldout.tolist(), strict=True))
    is_heldout = [pair in heldout for pair in zip(table["user"], table["item"], strict=True)]
    table["score"] = np.where(is_heldout, np.nextafter(0.1, 1), 0.1)
    for name in ("scores.csv", "scores.run"):
        WRITERS[name](table, tmp_path / name)
        ranks = external_record(tmp_path / name, dataset, task, "mine").ranks
        assert not ranks.n_better.any()
        assert not ranks.n_tied.any()


def test_foreign_lists_with_repeats(tmp_path: Path) -> None:
    """P11: a pair that occurs twice in a list has one score."""
    (tmp_path / "x.train.rating").write_text("1\t10\t1\t0\n2\t11\t1\t0\n")
    (tmp_path / "x.test.rating").write_text("1\t12\t1\t1\n2\t12\t1\t1\n")
    (tmp_path / "x.test.negative").write_text("(1,12)\t13\t13\t12\n(2,12)\t13\t14\t15\n")
    pairs = [(1, 12, 1.0), (1, 13, 2.0), (2, 12, 1.0), (2, 13, 1.0), (2, 14, 0.0), (2, 15, 3.0)]
    scores = tmp_path / "scores.csv"
    pd.DataFrame(pairs, columns=["user", "item", "score"]).to_csv(scores, index=False)
    bench.score(scores, f"ncf:{tmp_path / 'x'}", out=tmp_path / "out")
    (found,) = bench.table(tmp_path / "out").records
    assert found.ranks.n_better.tolist() == [1, 1]
    assert found.ranks.n_tied.tolist() == [0, 1]
    assert found.ranks.n_rivals.tolist() == [1, 3]
    assert set(bench.verify(tmp_path / "out", f"ncf:{tmp_path / 'x'}")["status"]) == {"ok", "skip"}


def test_filters_and_short_users_are_followed_by_verify(tmp_path: Path, dataset: Dataset) -> None:
    given = dataset.interactions
    frame = pd.DataFrame({"user": given.users, "item": given.items, "timestamp": given.timestamps})
    data, scores = str(tmp_path / "mine.csv"), tmp_path / "scores.parquet"
    frame.assign(rating=frame.index % 5).to_csv(data, index=False)
    every_pair = pd.MultiIndex.from_product([range(60), range(80)], names=["user", "item"]).to_frame(index=False)
    every_pair.assign(score=0.0).to_parquet(scores)
    options = {"negatives": 66, "short_users": "drop", "protocol_seed": 3}
    with pytest.warns(RecbenchWarning, match="passed over"):
        bench.score(scores, data, min_rating=1, core=2, out=tmp_path / "out", **options)
    assert bench.table(tmp_path / "out").records[0].document["task"]["facts"]["n_dropped_users"] > 0
    assert set(bench.verify(tmp_path / "out", data, min_rating=1, core=2)["status"]) == {"ok", "skip"}
    assert bench.verify(tmp_path / "out", data, min_rating=2, core=2).loc["task", "status"] == "fail"
    assert "give the same --min-rating and --core" in bench.verify(tmp_path / "out", data).loc["task", "message"]


def test_ids_are_text_where_the_data_have_text(tmp_path: Path) -> None:
    """007 stays text; and a file in which all ids happen to be integers is read as the dataset has them."""
    rows = [f"{u},{i},{t}" for u in ("007", "70", "8") for t, i in enumerate(("1", "2", "x", "3"))]
    (tmp_path / "mine.csv").write_text("\n".join(("user,item,timestamp", *rows, "9,4,0", "9,5,0", "10,3,0")) + "\n")
    for number, user in enumerate(("007", "70", "8")):
        (tmp_path / "scores").mkdir(exist_ok=True)
        (tmp_path / "scores" / f"{number}.run").write_text(
            f"{user} Q0 3 1 {number} t\n{user} Q0 4 2 1 t\n{user} Q0 5 3 1 t\n"
        )
    bench.score(tmp_path / "scores", str(tmp_path / "mine.csv"), negatives=2, out=tmp_path / "out")
    (found,) = bench.table(tmp_path / "out").records
    assert found.ranks.n_better.tolist() == [2, 0, 0]
    assert found.ranks.n_tied.tolist() == [0, 2, 0]


def test_the_row_is_marked_and_is_in_the_table_with_the_others(
    tmp_path: Path, table: pd.DataFrame, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table.to_csv("mine.csv", index=False)
    options = ["--dataset", DATASET, "--negatives", "20"]
    bench.run(DATASET, ["popularity"], negatives=20, threads=1)
    capsys.readouterr()
    assert main(["score", "mine.csv", *options, "--label", "my model", "--notes"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "\nmy model (external)" in captured.out
    assert "my model: another program wrote the scores." in " ".join(captured.out.split())
    assert "training seed 0.\n" in captured.out
    (results,) = (tmp_path / "runs").iterdir()
    frame = bench.table(results).to_frame(every_figure=True)
    assert frame.loc["my model", "NDCG@10"] == frame.loc["popularity", "NDCG@10"]
    assert frame["origin"].to_dict() == {"my model": "external", "popularity": "built-in"}
    assert np.isnan(frame.loc["my model", "fit_s"])
    assert set(bench.verify(results)["status"]) == {"ok", "skip"}
    assert bench.compare(results, "my model", "popularity").frame["difference"].iloc[0] == 0
    for form in ("github", "latex", "csv", "json", "html-fragment"):
        assert main(["table", str(results), "--format", form, "--beyond-accuracy"]) == 0
        assert "my model" in capsys.readouterr().out

    assert main(["score", "mine.csv", *options, "--label", "my model"]) == 0
    assert len(bench.table(results).records) == 2, "the same scores under the same name are one row"
    table.assign(score=-table["score"]).to_csv("mine.csv", index=False)
    assert main(["score", "mine.csv", *options, "--label", "my model"]) == 0
    assert len(bench.table(results).records) == 3, "other scores replace no row"
    assert capsys.readouterr().out.count("(external)") == 1 + 2


def test_a_table_of_nothing_but_scores(tmp_path: Path, table: pd.DataFrame) -> None:
    table.to_csv(tmp_path / "mine.v2.csv", index=False)
    frame = bench.score(tmp_path / "mine.v2.csv", DATASET, negatives=20, out=tmp_path / "out").frame
    assert list(frame.index) == ["mine"]
    assert frame["peak_mib"].isna().all()
    assert "Machine" not in frame.attrs["notes"]
    assert frame.attrs["notes"]["Seeds"] == "protocol seed 0."


def test_pairs_that_are_no_candidates_are_passed_over(tmp_path: Path, table: pd.DataFrame) -> None:
    more = pd.DataFrame({"user": [0, 9999], "item": [9999, 0], "score": [1.0, 1.0]})
    pd.concat([table, more]).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.warns(RecbenchWarning, match="2 scores of pairs that are no candidates passed over"):
        bench.score(tmp_path / "mine.csv", DATASET, negatives=20, out=tmp_path / "out")


def without_user(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["user"] != 3]


def with_score(value: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.assign(score=[value, *table["score"][1:]])


@pytest.mark.parametrize(
    ("change", "error", "expected"),
    [
        (without_user, ScoreError, "1 of 60 evaluated users have no scores, such as user 3; every user's candidates"),
        (lambda t: t[1:], ScoreError, "no score of 1 candidate, such as item"),
        (lambda t: t[:0], DatasetError, "has a header and no rows"),
        (lambda t: t.assign(user=t["user"] + 1000), ScoreError, "60 of 60 evaluated users have no scores"),
        (lambda t: pd.concat([t, t[5:8]]), ScoreError, "3 pairs have a second score, such as item"),
        (with_score(np.nan), DatasetError, r"line 2: the score is .*expected a finite number"),
        (with_score(np.inf), DatasetError, "line 2: the score is 'inf', expected a finite number"),
        (with_score("high"), DatasetError, "line 2: the score is 'high', expected a finite number"),
        (lambda t: t.assign(score=t["score"].astype(int) + 2**53), ScoreError, r"integer scores lie beyond 2\^53"),
        (lambda t: t.rename(columns={"score": "points"}), DatasetError, "no column 'score'; it has user, item, points"),
        (lambda t: t.rename(columns={"user": "who"}), DatasetError, "no column 'user'; it has who, item, score"),
    ],
)
def test_scores_that_are_not_in_order_are_an_error_and_nothing_is_written(
    tmp_path: Path, table: pd.DataFrame, change: Any, error: type[RecbenchError], expected: str
) -> None:
    change(table).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(error, match=expected):
        bench.score(tmp_path / "mine.csv", DATASET, negatives=20, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"0 Q0 1 1 0.5 tag\n0 Q0 2 2 0.25\n", "line 2: 5 fields, expected six: user Q0 item rank score tag"),
        (b"0 Q0 1 1 nan tag\n", "line 1: the score is 'nan', expected a finite number"),
        (b"0 Q0 1 1 0.5 tag\n0 Q0 2 2 0.25 \xff\n", "is not UTF-8 text"),
        (b"", "is empty"),
    ],
)
def test_a_run_that_is_not_in_order(tmp_path: Path, text: bytes, expected: str) -> None:
    (tmp_path / "mine.run").write_bytes(text)
    with pytest.raises(DatasetError, match=expected):
        bench.score(tmp_path / "mine.run", DATASET, negatives=20, out=tmp_path / "out")


def test_what_an_error_quotes_cannot_move_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "scores.csv").write_text("\x1b[2Jowner,item,score\n1,2,3\n")
    assert main(["score", str(tmp_path / "scores.csv"), "--dataset", DATASET, "--negatives", "20"]) == 2
    error = capsys.readouterr().err
    assert "\x1b" not in error
    assert r"it has \x1b[2Jowner, item, score" in error


def test_an_empty_folder_no_label_and_an_unknown_baseline(tmp_path: Path, table: pd.DataFrame) -> None:
    (tmp_path / "scores").mkdir()
    with pytest.raises(DatasetError, match="holds no files"):
        bench.score(tmp_path / "scores", DATASET, negatives=20)
    table.to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(ProtocolError, match="no row is called 'ease'; there are mine"):
        bench.score(tmp_path / "mine.csv", DATASET, negatives=20, baseline="ease", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(RecommenderError, match="the label is empty"):
        bench.score(tmp_path / "mine.csv", DATASET, negatives=20, label=" ")


def test_results_of_another_task_are_not_added_to(tmp_path: Path, dataset: Dataset, table: pd.DataFrame) -> None:
    table.to_csv(tmp_path / "mine.csv", index=False)
    bench.score(tmp_path / "mine.csv", DATASET, negatives=20, out=tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*") if path.is_file()}
    other = build_task(dataset, n_negatives=10)
    users, items = np.repeat(other.candidates.users, 11), other.candidates.items.ravel()
    pd.DataFrame({"user": users, "item": items, "score": 0.5}).to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(ProtocolError, match="of 2 different tasks"):
        bench.score(tmp_path / "other.csv", DATASET, negatives=10, out=tmp_path / "out")
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*") if path.is_file()} == before


def hand_made_external() -> Any:
    found = record("theirs", [0, 0, 0, 0])
    recommender = {**found.document["recommender"], "origin": "external"}
    times = dict.fromkeys(found.document["time"])
    nothing = {"environment": {}, "threads": None, "memory": None, "time": times, "recommender": recommender}
    return record_with(found, nothing)


def record_with(found: Any, changes: dict[str, Any]) -> Any:
    from dataclasses import replace

    return replace(found, document={**found.document, **changes})


def test_what_is_not_known_of_it_is_no_figure() -> None:
    summary = summarise([*RECORDS, hand_made_external()])
    row = next(row for row in summary.rows if row.label == "theirs")
    assert (row.fit_seconds, row.score_us_per_user, row.peak_mib) == (None, None, None)
    assert summary.threads == (2,)
    assert len(summary.environments) == 1
    assert summary.seeds == (0, 1)
    assert "theirs: seed" not in render([*RECORDS, hand_made_external()])


def test_no_note_asks_for_more_seeds_of_an_external_row() -> None:
    text = " ".join(render([EASE, hand_made_external()]).split())
    assert "fewer than 3 training seeds: theirs. Tests with this row are about these trained models only." in text
    assert "--seeds" not in text


def test_a_folder_is_called_by_its_name_wherever_one_stands(
    tmp_path: Path, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    table.to_csv(tmp_path / "mine" / "a.csv", index=False)
    monkeypatch.chdir(tmp_path / "mine")
    bench.score(".", DATASET, negatives=20, out=tmp_path / "out")
    (document,) = (each.document for each in Store(tmp_path / "out").records())
    assert (document["recommender"]["label"], document["recommender"]["reference"]) == ("mine", "mine:scores")


def test_no_place_of_a_file_is_stored(tmp_path: Path, table: pd.DataFrame) -> None:
    table.to_csv(tmp_path / "mine.csv", index=False)
    bench.score(tmp_path / "mine.csv", DATASET, negatives=20, out=tmp_path / "out")
    (document,) = (each.document for each in Store(tmp_path / "out").records())
    assert str(tmp_path) not in json.dumps(document)
    assert document["recommender"]["reference"] == "mine.csv:scores"
