"""`--negatives 0` from end to end (P25): the full ranking is the measure, in every command, for every recommender."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hand_made import FACTS, record, task

import bench
from bench.analysis.head_to_head import compare_rows
from bench.analysis.summary import summarise
from bench.analysis.views import shown_views, user_values, views_of
from bench.audit.consistency import contradictions
from bench.cli.main import main
from bench.data import Data
from bench.exchange.external import external_record
from bench.records.store import Store
from bench.tables.results import render, to_frame
from protocol.data.loading import load_dataset
from protocol.errors import ProtocolError, ScoreError
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import hit_rate, ndcg
from protocol.tasks.task import Task, build_task, build_validation_task
from recommenders.popularity import Popularity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.records.store import Record
    from bench.running.plan import Job
    from protocol.data.dataset import Dataset

pytestmark = pytest.mark.usefixtures("jobs_here", "few_users")

DATASET = "synthetic:60x80x900"
OPTIONS = ["--dataset", DATASET, "--negatives", "0"]

# Scores pair by pair and has no score_all: the item's index, so that ranks are known.
PAIRWISE = """
class Pairwise:
    deterministic = True
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items * 1.0
"""

ALONE = task(facts=FACTS | {"n_negatives": 0})
MEASURED_SO = record("ease", [0], of=ALONE).task


def ranked(label: str, n_better: Sequence[int], **options: Any) -> Record:
    """Return a record of a task without negatives: these ranks among 1,000 untouched items."""
    made = record(label, [0] * len(n_better), full=n_better, of=ALONE, **options)
    return type(made)(made.document, made.full_ranks, made.full_ranks, made.top_items, made.counts)


ROWS = [ranked("ease", [0, 0, 1, 20], deterministic=True), ranked("als", [0, 9, 10, 500], deterministic=True)]


@pytest.fixture(scope="module")
def alone(dataset: Dataset) -> Task:
    return build_task(dataset, n_negatives=0)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run with a plug-in that cannot rank the catalogue at once, and early stopping."""
    folder = tmp_path_factory.mktemp("results")
    plugin = tmp_path_factory.mktemp("plugin") / "pairwise.py"
    plugin.write_text(PAIRWISE)
    bench.run(
        Data(DATASET, negatives=0),
        ["popularity", "als:epochs=3"],
        plugins=[str(plugin)],
        patience=1,
        threads=1,
        out=folder,
        quiet=True,
        full_limit=1,
    )
    return folder


def test_the_one_view_is_the_metric_of_the_ranks() -> None:
    """P25: users at the ranks 1, 10, 11 and 501 have hits 1, 1, 0, 0, and gains 1, 1/log2(11), 0, 0."""
    assert views_of(MEASURED_SO) == ("full",)
    values = user_values([ROWS[1]], "full", 10, ("HR", "NDCG"))
    assert values["HR"].tolist() == [[1, 1, 0, 0]]
    assert values["NDCG"].tolist() == [[1, pytest.approx(1 / np.log2(11)), 0, 0]]
    assert user_values(ROWS, "sampled", 10, ("HR",)) == user_values(ROWS, "expected", 10, ("HR",)) == {}


def test_views_that_the_task_lacks_are_left_out_and_never_all() -> None:
    assert shown_views(MEASURED_SO, ("sampled", "full")) == ("full",)
    assert shown_views(MEASURED_SO, ("sampled", "expected")) == ("full",)
    assert shown_views(record("ease", [0]).task, ("full", "sampled")) == ("full", "sampled")


def test_rows_are_sorted_tested_and_shown_by_the_full_ranking() -> None:
    """P24, P25: ease's NDCG@10 is (1 + 1 + 1/log2(3) + 0) / 4 = .6577, als's (1 + 1/log2(11)) / 4 = .3223."""
    summary = summarise(ROWS)
    assert [row.label for row in summary.rows] == ["ease", "als"]
    assert summary.significance is not None
    assert summary.significance.metric == "full NDCG@10"
    assert (summary.agreements, list(summary.rivals)) == ((), ["full"])
    text = " ".join(render(ROWS).split())
    assert "4 users, one held-out item each against every item the user never touched recommender full full" in text
    assert "ease .6577 ±.751 .7500 ±" in text
    assert "from the best row, ease, by full NDCG@10" in text
    assert "No negatives are drawn (--negatives 0), so there is no other view." in text
    assert "sampled" not in text
    assert "ranked against fewer negatives" not in text


@pytest.mark.parametrize("form", ["csv", "json"])
def test_files_of_figures_leave_the_other_views_empty(form: str) -> None:
    text = render(ROWS, form)  # type: ignore[arg-type]
    frame = pd.read_csv(io.StringIO(text)) if form == "csv" else pd.DataFrame(json.loads(text)["rows"])
    assert frame["full_NDCG@10"].tolist() == pytest.approx([(2 + 1 / np.log2(3)) / 4, (1 + 1 / np.log2(11)) / 4])
    assert frame[["HR@10", "NDCG@10", "expected_NDCG@10"]].isna().all().all()
    assert frame["compared_with"].tolist()[1] == "ease"


def test_a_data_frame_has_the_columns_of_the_table() -> None:
    frame = to_frame(ROWS)
    assert list(frame.columns[:3]) == ["full_NDCG@10", "full_HR@10", "distinguishable"]


def test_two_rows_are_compared_by_the_full_ranking() -> None:
    found = compare_rows(ROWS, "ease", "als")
    assert found.figure == "full NDCG@10"
    assert (found.slices[0].wins, found.slices[0].ties, found.slices[0].losses) == (2, 2, 0)
    with pytest.raises(ProtocolError, match="no sampled view: its task draws no negatives; compare by --view full"):
        compare_rows(ROWS, "ease", "als", view="sampled")


def test_the_limit_of_pairs_is_for_rankings_beside_candidates(plan: Callable[..., list[Job]], alone: Task) -> None:
    """P16, P25: without negatives there is no row without a full ranking, whatever the limit and the recommender."""
    assert [job.full for job in plan(["ease"], full_limit=1)] == [False]
    assert [job.full for job in plan(["ease", "popularity"], full_limit=1, task=alone)] == [True, True]


def test_a_run_ranks_every_recommender_against_all_items(results: Path, alone: Task, dataset: Dataset) -> None:
    """P25: above the limit, without score_all; and the epochs are chosen by the full ranking of the validation task."""
    records = {record.document["recommender"]["name"]: record for record in bench.table(results).records}
    assert {record.document["task"]["digest"] for record in records.values()} == {alone.digest}
    indices = np.arange(80)
    trained = alone.train.to_csr().toarray() > 0
    for row, (user, heldout) in enumerate(zip(alone.candidates.users, alone.candidates.heldout, strict=True)):
        better = int(np.count_nonzero((indices > heldout) & ~trained[user]))
        assert records["pairwise"].ranks.n_better[row] == records["pairwise"].full_ranks.n_better[row] == better
    selection = records["als"].document["selection"]
    ndcgs = [line["NDCG@10"] for line in selection["curve"]]
    assert selection["best_epoch"] == 1 + int(np.argmax(ndcgs))
    # Against a mean of some 60 untouched items no NDCG is what it is against none.
    assert 0 < max(ndcgs) < 0.9
    assert build_validation_task(dataset, n_negatives=0).is_full_ranking


def test_what_a_run_leaves_is_in_order(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert summarise(bench.table(results).records).rivals["full"].asked is None
    assert set(bench.verify(results)["status"]) == {"ok", "skip"}
    assert main(["verify", str(results)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"ok    task: split, 60 users with no negatives each and counts made again from {DATASET}" in lines
    assert "ok    selected keys: 1 key computed again with the validation task" in lines


def test_a_full_ranking_that_is_not_what_it_says_is_found(results: Path) -> None:
    (popularity,) = (one for one in bench.table(results).records if one.document["recommender"]["name"] == "popularity")
    assert list(contradictions(popularity)) == []
    ranks, full = popularity.ranks, popularity.full_ranks
    assert ranks is not None
    assert full is not None
    worse = type(ranks)(ranks.n_better + (ranks.n_better < 5), ranks.n_tied * 0, ranks.n_rivals)
    fewer = type(ranks)(ranks.n_better * 0, ranks.n_tied * 0, ranks.n_rivals - 1)
    for changed, problem in (
        (worse, "is stored twice, and the two differ"),
        (fewer, "60 users have a number of rivals that"),
    ):
        found = type(popularity)(popularity.document, changed, full, popularity.top_items, popularity.counts)
        assert any(problem in text for text in contradictions(found))


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ["run", *OPTIONS, "-r", "popularity", "-r", "ease", "--threads", "1", "--out", str(tmp_path / "out")]
    assert main(run) == 0
    first = capsys.readouterr().out
    assert first.startswith(f"SYNTHETIC DATA ({DATASET}): 60 users, one held-out item each against every item")
    assert main(["table", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == first
    assert main(["table", str(tmp_path / "out"), "--view", "sampled", "--beyond-accuracy", "--format", "github"]) == 0
    text = capsys.readouterr().out
    assert "full HR@10" in text
    assert "coverage@10 of items" in text
    assert main(["compare", str(tmp_path / "out"), "ease", "popularity"]) == 0
    assert "by full NDCG@10" in capsys.readouterr().out.splitlines()[0]
    assert main(["compare", str(tmp_path / "out"), "ease", "popularity", "--view", "expected"]) == 2
    assert "draws no negatives" in capsys.readouterr().err
    # Records of both tasks are not put into one table.
    assert main(["20" if option == "0" else option for option in run]) == 2
    assert "they differ in candidates" in capsys.readouterr().err


def test_a_grid_is_tried_on_the_full_ranking_of_the_validation_task(tmp_path: Path, dataset: Dataset) -> None:
    """P21, P25."""
    (tmp_path / "grid.toml").write_text("[popularity]\n\n[als]\nepochs = 2\n")
    trials = bench.tune(DATASET, grid=tmp_path / "grid.toml", negatives=0, threads=1, out=tmp_path / "out")
    validation = build_validation_task(dataset, n_negatives=0)
    ranks = evaluate(Popularity().fit(validation.train, rng=np.random.default_rng(0)), validation).ranks
    found = trials.frame.set_index("recommender")
    assert found.loc["popularity", "HR@10"] == pytest.approx(hit_rate(ranks, 10).mean())
    assert found.loc["popularity", "NDCG@10"] == pytest.approx(ndcg(ranks, 10).mean())
    assert set(bench.verify(tmp_path / "out")["status"]) == {"ok", "skip"}
    assert f'validation_task = "{validation.digest}"' in (tmp_path / "out" / "tuned.toml").read_text()


def scores_of_all(alone: Task) -> pd.DataFrame:
    """Return Popularity's scores of every user's held-out item and untouched items."""
    trained = alone.train.to_csr().toarray() > 0
    users, items = np.nonzero(~trained[alone.candidates.users])
    users = alone.candidates.users[users]
    model = Popularity().fit(alone.train, rng=np.random.default_rng(0))
    scores = model.score(users, items[:, None].astype(np.int32))[:, 0]
    return pd.DataFrame({"user": users, "item": items, "score": scores})


def test_scores_of_other_programs_are_ranked_against_all_items(tmp_path: Path, dataset: Dataset, alone: Task) -> None:
    """P25: the same ranks as in here; a missing score is an error."""
    table = scores_of_all(alone)
    table.to_csv(tmp_path / "mine.csv", index=False)
    expected = evaluate(Popularity().fit(alone.train, rng=np.random.default_rng(0)), alone).ranks
    found = external_record(tmp_path / "mine.csv", dataset, alone, "mine").ranks
    for name in ("n_better", "n_tied", "n_rivals"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    frame = bench.score(tmp_path / "mine.csv", DATASET, negatives=0, out=tmp_path / "out").frame
    assert frame.loc["mine", "full_NDCG@10"] == pytest.approx(ndcg(expected, 10).mean())
    assert set(bench.verify(tmp_path / "out")["status"]) == {"ok", "skip"}
    table[1:].to_csv(tmp_path / "short.csv", index=False)
    with pytest.raises(ScoreError, match="no score of 1 candidate"):
        external_record(tmp_path / "short.csv", dataset, alone, "mine")


def test_exported_candidates_are_all_that_is_ranked(tmp_path: Path, alone: Task) -> None:
    """P25: the tables hold every pair to be scored, and no place tells the held-out one."""
    files = {file.name.split(".")[1]: file for file in bench.export("parquet", tmp_path, DATASET, negatives=0)}
    candidates = pd.read_parquet(files["candidates"])
    wanted = scores_of_all(alone)[["user", "item"]]
    pd.testing.assert_frame_equal(candidates, wanted, check_dtype=False)
    assert len(pd.read_parquet(files["heldout"])) == 60


def test_exported_ncf_files_come_back_to_the_same_ranks(tmp_path: Path, alone: Task) -> None:
    """P11, P25: as lists of all untouched items, and as the full ranking of a split that is brought along."""
    bench.export("ncf", tmp_path, DATASET, negatives=0)
    again = load_dataset(f"ncf:{tmp_path / 'synthetic-60x80x900'}")
    expected = evaluate(Popularity().fit(alone.train, rng=np.random.default_rng(0)), alone).ranks
    for n_negatives in (100, 0):
        listed = build_task(again, n_negatives=n_negatives)
        found = evaluate(Popularity().fit(listed.train, rng=np.random.default_rng(0)), listed).ranks
        np.testing.assert_array_equal(found.n_better, expected.n_better)
        np.testing.assert_array_equal(found.n_rivals, expected.n_rivals)


def test_a_run_of_all_items_is_exported(tmp_path: Path, alone: Task) -> None:
    scores_of_all(alone).to_csv(tmp_path / "mine.csv", index=False)
    files = bench.export("trec", tmp_path / "out", DATASET, negatives=0, scores=tmp_path / "mine.csv")
    assert len(files[1].read_text().splitlines()) == int((alone.n_rivals + 1).sum())


def test_the_store_holds_no_record_without_its_full_ranking(results: Path) -> None:
    assert all(record.full_ranks is not None for record in Store(results).records())
