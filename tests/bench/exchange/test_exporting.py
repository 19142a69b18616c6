"""A task as other programs read it: the same candidates come back, and foreign metrics are ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import pytrec_eval

import bench
from bench.cli.main import main
from bench.exchange.exporting import terms_of
from protocol.data.loading import load_dataset
from protocol.errors import DatasetError, ProtocolError, RecbenchWarning
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import METRICS, hit_rate, ndcg
from protocol.tasks.task import Task, build_task
from recommenders.ease import EASE

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.dataset import Dataset

DATASET, NAME = "synthetic:60x80x900", "synthetic-60x80x900"


def scored(task: Task, scores: Any) -> pd.DataFrame:
    """Return scores, shaped as the candidates, as a table."""
    users = np.repeat(task.candidates.users, scores.shape[1])
    return pd.DataFrame({"user": users, "item": task.candidates.items.ravel(), "score": scores.ravel()})


@pytest.fixture
def untied(tmp_path: Path, task: Task) -> tuple[Path, Path, dict[str, Any]]:
    """Return qrels and a run in which nothing is tied (others rank the tied by id), and each user's metrics."""
    model = EASE(reg=10).fit(task.train, rng=np.random.default_rng(0))
    scores = model.score(task.candidates.users, task.candidates.items)
    # trec_eval compares in float32.
    assert all(len(set(row)) == len(row) for row in scores.astype(np.float32).tolist())
    scored(task, scores).to_parquet(tmp_path / "scores.parquet")
    qrels, run = bench.export("trec", tmp_path, DATASET, negatives=20, scores=tmp_path / "scores.parquet")
    assert run.read_text().splitlines()[0].split()[1::2] == ["Q0", "1", "scores.parquet"]
    ranks = evaluate(model, task, full=False).ranks
    own = {f"HR@{k}": hit_rate(ranks, k) for k in (5, 10)} | {f"NDCG@{k}": ndcg(ranks, k) for k in (5, 10)}
    return qrels, run, {**own, "MRR": METRICS["MRR"].values(ranks, 21)}


def test_pytrec_eval_has_the_metrics_of_every_user(untied: tuple[Path, Path, dict[str, Any]], task: Task) -> None:
    qrels_file, run_file, own = untied
    with qrels_file.open() as qrels, run_file.open() as run:
        read_qrels, read_run = pytrec_eval.parse_qrel(qrels), pytrec_eval.parse_run(run)
    evaluator = pytrec_eval.RelevanceEvaluator(read_qrels, {"success.5,10", "ndcg_cut.5,10", "recip_rank"})
    foreign = evaluator.evaluate(read_run)
    assert len(foreign) == task.candidates.n_evaluated == 60
    names = {"HR@5": "success_5", "HR@10": "success_10", "NDCG@5": "ndcg_cut_5", "NDCG@10": "ndcg_cut_10"}
    for metric, values in own.items():
        found = [foreign[str(user)][names.get(metric, "recip_rank")] for user in task.candidates.users]
        np.testing.assert_allclose(found, values, atol=1e-12)


RANX = """
import json, sys
import ranx
qrels, run, *metrics = sys.argv[1:]
run = ranx.Run.from_file(run, kind="trec")
ranx.evaluate(ranx.Qrels.from_file(qrels, kind="trec"), run, metrics, threads=1)
print(json.dumps({metric: {user: float(value) for user, value in run.scores[metric].items()} for metric in metrics}))
"""


@pytest.mark.slow
def test_ranx_has_the_metrics_of_every_user(
    untied: tuple[Path, Path, dict[str, Any]], task: Task, tmp_path: Path
) -> None:
    """Interpreted: what numba takes to compile ranx is many times what so few users take."""
    # In HOME its import would make folders.
    environment = {**os.environ, "HOME": str(tmp_path), "NUMBA_DISABLE_JIT": "1"}
    qrels_file, run_file, own = untied
    names = {"HR@5": "hit_rate@5", "HR@10": "hit_rate@10", "NDCG@5": "ndcg@5", "NDCG@10": "ndcg@10", "MRR": "mrr"}
    command = [sys.executable, "-c", RANX, qrels_file, run_file, *names.values()]
    scores = json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout)
    for metric, values in own.items():
        found = scores[names[metric]]
        assert len(found) == task.candidates.n_evaluated == 60
        np.testing.assert_allclose([found[str(user)] for user in task.candidates.users], values, atol=1e-12)


def test_a_run_has_a_tag_whatever_its_scores_are_called(
    tmp_path: Path, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my scores").mkdir()
    scored(task, np.ones(task.candidates.items.shape)).to_parquet(tmp_path / "my scores" / "a.parquet")
    monkeypatch.chdir(tmp_path / "my scores")
    _, run_file = bench.export("trec", tmp_path / "out", DATASET, negatives=20, scores=".")
    assert {line.split()[-1] for line in run_file.read_text().splitlines()} == {"my-scores"}


def test_ncf_files_come_back_as_the_same_candidates(tmp_path: Path, dataset: Dataset, task: Task) -> None:
    files = bench.export("ncf", tmp_path, DATASET, negatives=20)
    endings = ("train.rating", "test.rating", "test.negative")
    assert [file.name for file in files] == [f"{NAME}.{ending}" for ending in endings]
    again = build_task(load_dataset(f"ncf:{tmp_path / NAME}"))
    assert again.candidates.digest == task.candidates.digest
    # Rows of one user and one time are a set.
    assert (again.train.to_csr() != task.train.to_csr()).nnz == 0
    np.testing.assert_array_equal(again.train.timestamps, task.train.timestamps)
    first = files[1].read_text().splitlines()[0].split("\t")
    heldout = task.candidates.heldout[0]
    of_user = dataset.interactions.users == task.candidates.users[0]
    (time,) = dataset.interactions.timestamps[of_user & (dataset.interactions.items == heldout)]
    assert first == [str(task.candidates.users[0]), str(heldout), "1", str(time)]


def test_users_with_few_untouched_items_keep_the_rivals_they_have(tmp_path: Path) -> None:
    task = build_task(load_dataset(DATASET), n_negatives=65, short_users="all")
    assert not task.candidates.is_rival.all()
    bench.export("ncf", tmp_path, DATASET, negatives=65, short_users="all")
    again = build_task(load_dataset(f"ncf:{tmp_path / NAME}"))
    assert again.candidates.digest == task.candidates.digest
    np.testing.assert_array_equal(again.candidates.is_rival, task.candidates.is_rival)


def test_parquet_tables(tmp_path: Path, dataset: Dataset, task: Task) -> None:
    train, heldout, candidates = map(pd.read_parquet, bench.export("parquet", tmp_path, DATASET, negatives=20))
    assert list(train.columns) == list(heldout.columns) == ["user", "item", "timestamp"]
    assert train["item"].tolist() == dataset.item_ids[task.train.items].tolist()
    assert heldout["item"].tolist() == dataset.item_ids[task.candidates.heldout].tolist()
    assert len(candidates) == 60 * 21
    for row, (_, of_user) in enumerate(candidates.groupby("user")):
        assert of_user["item"].tolist() == sorted(task.candidates.items[row].tolist())


def text_ids(tmp_path: Path, blank: str = "") -> str:
    rows = [f"u{u},i{blank}{(u + t) % 9},{t}" for u in range(5) for t in range(4)]
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(("user,item,timestamp", *rows)) + "\n")
    return str(path)


def test_ids_that_are_text(tmp_path: Path) -> None:
    mine = text_ids(tmp_path)
    with pytest.raises(DatasetError, match=r"user ids like 'u0'; NCF files hold integers"):
        bench.export("ncf", tmp_path / "out", mine, negatives=2)
    assert bench.export("trec", tmp_path / "out", mine, negatives=2)[0].read_text().startswith("u0 0 i3 1\n")
    assert pd.read_parquet(bench.export("parquet", tmp_path / "out", mine, negatives=2)[1])["user"][0] == "u0"
    with pytest.raises(DatasetError, match="item ids with blanks, such as 'i 0'"):
        bench.export("trec", tmp_path / "blank", text_ids(tmp_path, " "), negatives=2)
    assert not (tmp_path / "blank").exists()


def test_nothing_is_overwritten_and_nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.export("trec", tmp_path, DATASET, negatives=20)
    with pytest.raises(ProtocolError, match=r"\.qrels is there already"):
        bench.export("trec", tmp_path, DATASET, negatives=20)
    monkeypatch.setattr("bench.exchange.exporting._negative_lines", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bench.export("ncf", tmp_path / "new", DATASET, negatives=20)
    assert list((tmp_path / "new").iterdir()) == []


def test_movielens_data_may_not_be_passed_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = text_ids(tmp_path)
    assert main(["export", "--format", "trec", "-o", str(tmp_path / "out"), "--dataset", path, "--negatives", "2"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{tmp_path / 'out' / 'mine.qrels'}\n"
    assert captured.err.splitlines() == [
        "mine.csv is read as text separated by commas, with a header; user=user (text), item=item (text), "
        "timestamp=timestamp (no clock, 0 to 3)"
    ]
    (tmp_path / "mine.csv").rename(tmp_path / "MovieLens.csv")
    with pytest.warns(RecbenchWarning, match=r"may not be passed on \(GroupLens: research use"):
        bench.export("trec", tmp_path / "out", str(tmp_path / "MovieLens.csv"), negatives=2)


@pytest.mark.parametrize(
    ("name", "said"), [("ml-100k", True), ("ncf:ml-1m", True), ("html-1", False), (DATASET, False)]
)
def test_which_names_are_movielens(name: str, said: bool, dataset: Dataset) -> None:
    from dataclasses import replace

    assert (terms_of(replace(dataset, name=name)) is not None) == said


def test_scores_have_a_place_in_trec_alone(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="scores become a run of --format trec"):
        bench.export("ncf", tmp_path, DATASET, negatives=20, scores=tmp_path / "scores.csv")
    with pytest.raises(ProtocolError, match="unknown export format 'csv'; there are ncf, parquet, trec"):
        bench.export("csv", tmp_path, DATASET, negatives=20)  # type: ignore[arg-type]
