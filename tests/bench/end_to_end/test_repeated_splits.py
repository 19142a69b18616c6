"""`--repeat-splits` and the new splits from end to end (P26 to P28): run, stored, shown again, scored, exported."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import bench
from bench.cli.main import main
from bench.tables.results import to_frame
from protocol.data.loading import load_dataset
from protocol.errors import ProtocolError
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("jobs_here")

ROWS = ["popularity", "item_knn", "random"]
SPLITS = {
    "random:3": ["random:3", "random:4", "random:5"],
    "time:0.8,target=last": [f"time:{share},target=last" for share in ("0.8", "0.6", "0.4")],
    "last": ["protocol seed 0", "protocol seed 1", "protocol seed 2"],
}


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a file of 60 users, each with 8 to 20 of 50 items, the first ones liked best, at times of one clock."""
    rng = np.random.default_rng(1)
    liked = 1 / np.arange(1, 51)
    lines = [
        f"{user},{item},{rng.integers(0, 5000)}"
        for user in range(60)
        for item in rng.choice(50, size=rng.integers(8, 21), replace=False, p=liked / liked.sum())
    ]
    path = tmp_path_factory.mktemp("data") / "clocked.csv"
    path.write_text("\n".join(["user,item,timestamp", *lines, ""]))
    return str(path)


@pytest.fixture(scope="module", params=SPLITS)
def made(request: pytest.FixtureRequest, clocked: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    options: dict[str, Any] = {"negatives": 20, "threads": 1, "quiet": True, "keep_models": True}
    out = tmp_path_factory.mktemp("made") / "out"
    return request.param, bench.run(clocked, ROWS, split=request.param, repeat_splits=3, out=out, **options)


def test_the_means_are_those_of_the_tables_of_the_splits(made: tuple[str, Any], clocked: str) -> None:
    """P18, P28: three tasks with digests of their own, in folders of their own, which `bench.table` shows."""
    split, results = made
    frame = results.frame
    assert list(frame.attrs["tasks"]) == SPLITS[split]
    assert len(set(frame.attrs["tasks"].values())) == 3
    folders = sorted((results.folder / "splits").iterdir())
    assert len(folders) == 3
    parts = [to_frame(bench.table(folder).records) for folder in folders]
    assert {part.attrs["task"] for part in parts} == set(frame.attrs["tasks"].values())
    for label in ROWS:
        values = [part.loc[label, "NDCG@10"] for part in parts]
        assert frame.loc[label, "NDCG@10"] == pytest.approx(np.mean(values))
        assert frame.loc[label, "NDCG@10_sd"] == pytest.approx(np.std(values, ddof=1))
    assert set(bench.verify(folders[-1], clocked)["status"]) <= {"ok", "skip"}


def test_the_table_says_which_splits_they_are_and_how_the_order_changes(made: tuple[str, Any]) -> None:
    split, results = made
    text = " ".join(results.render().split())
    first, second, third = SPLITS[split]
    assert text.startswith(f"clocked.csv: means over 3 splits ({first}, {second} and {third}), ")
    for name, digest in results.frame.attrs["tasks"].items():
        assert f"{name} (" in text
        assert digest[:12] in text
    assert "Kendall's tau between the orders of two splits by NDCG@10: " in text
    assert "the correction of Nadeau and Bengio (2003)" in text
    assert ("cut at " in text) == split.startswith("time")


def test_a_folder_is_shown_again_in_every_format(made: tuple[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    _, results = made
    again = bench.table(results.folder)
    assert again.render() == results.render()
    assert again.frame.equals(results.frame)
    assert main(["table", str(results.folder), "--format", "csv"]) == 0
    lines = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert list(lines[0])[:6] == ["recommender", "NDCG@10", "HR@10", "full_NDCG@10", "NDCG@10_sd", "places"]
    reference = lines[0]["recommender"]
    assert [line["compared_with"] for line in lines] == ["", reference, reference]
    assert f"CSV has the tests against {reference}, JSON those of all pairs." in results.frame.attrs["notes"]["Tests"]
    document = json.loads(again.render("json"))
    assert {name: each["task"] for name, each in document["splits"].items()} == results.frame.attrs["tasks"]
    assert len(document["agreements"]) == 3
    tested = {frozenset((pair["recommender"], pair["compared_with"])) for pair in document["tests"]["pairs"]}
    assert len(tested) == 3, "all pairs, and not those with the best row alone"
    of_pairs = {pair["recommender"]: pair for pair in document["tests"]["pairs"] if pair["compared_with"] == reference}
    for line in lines[1:]:
        same = of_pairs[line["recommender"]]
        for name in ("difference", "difference_low", "difference_high", "effect_size", "p_holm"):
            assert float(line[name]) == same[name]
        assert (line["claim"], line["distinguishable"]) == (same["claim"], str(same["distinguishable"]))
    for form in ("github", "latex", "html-fragment"):
        assert "popularity" in again.render(form)
    named = bench.table(results.folder, labels={"item_knn": "Neighbours"}, baseline="Neighbours", metrics="HR")
    assert "distinguishable from the baseline, Neighbours, by HR@10" in " ".join(named.render().split()) or (
        "every row is distinguishable from Neighbours by HR@10" in " ".join(named.render().split())
    )
    narrow = again.render(width=70)
    assert max(map(len, narrow.splitlines())) <= 70


def test_what_is_about_one_split_names_the_folders(made: tuple[str, Any], tmp_path: Path) -> None:
    _, results = made
    for refused in (
        lambda: bench.compare(results.folder, "item_knn", "popularity"),
        lambda: bench.plot("forest", results, tmp_path / "forest.svg"),
    ):
        with pytest.raises(ProtocolError, match=r"holds several splits, and this is about one; name .*splits/"):
            refused()
    assert "nadeau2003inference" in bench.cite(results.folder)
    for refused, text in {"beyond_accuracy": "does not show coverage", "slices": "does not show slices"}.items():
        with pytest.raises(ProtocolError, match=text):
            bench.table(results.folder, **{refused: True}).render()


def test_the_report_is_a_page_over_the_splits_and_one_for_each(
    made: tuple[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of a split is the one that its own folder has."""
    _, results = made
    monkeypatch.setattr("bench.charts.library.javascript", lambda: "window.vegaEmbed = null;")
    monkeypatch.setattr("bench.page.page.javascript", lambda: "window.vegaEmbed = null;")
    assert main(["report", str(results.folder), "-o", str(tmp_path / "page.html"), "--baseline", "popularity"]) == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "How does the order change between splits?" in text
    assert "distinguishable from the baseline, popularity" in text or "distinguishable from popularity by" in text
    folders = sorted((results.folder / "splits").iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *(f"page-{folder.name}.html" for folder in folders), "page.html",
    ]  # fmt: skip
    for folder in folders:
        assert f'<a href="page-{folder.name}.html">' in text
        alone = bench.report(folder, tmp_path / "alone.html", baseline="popularity")
        assert alone.read_bytes() == (tmp_path / f"page-{folder.name}.html").read_bytes()


def test_each_split_keeps_its_models(made: tuple[str, Any], clocked: str) -> None:
    _, results = made
    for folder in sorted((results.folder / "splits").iterdir()):
        kept = sorted(path.parent.name.split("-")[0] for path in folder.glob("records/*/model-*"))
        assert kept == sorted(ROWS)
        lists = bench.recommend(folder, "popularity", [0], top=3, dataset=clocked)["list"].tolist()
        assert lists.count("recommended") == 3


def test_a_repeated_run_fits_only_what_is_missing(clocked: str, tmp_path: Path, monkeypatch: Any) -> None:
    """P28: the first split is the one as given, so that more splits fit only the new ones, and one more row its own."""
    from bench.running.supervisor import Supervisor

    fitted: list[tuple[str, str]] = []
    real = Supervisor.run

    def counted(supervisor: Supervisor, job: Any) -> Any:
        fitted.append((job.title, job.task.parts["split"]))
        return real(supervisor, job)

    monkeypatch.setattr(Supervisor, "run", counted)
    options: dict[str, Any] = {"negatives": 20, "threads": 1, "quiet": True, "out": tmp_path / "out", "split": "random"}
    bench.run(clocked, ["popularity"], repeat_splits=2, **options)
    assert fitted == [("popularity", "random:0"), ("popularity", "random:1")]
    bench.run(clocked, ["popularity"], repeat_splits=3, **options)
    assert fitted[2:] == [("popularity", "random:2")]
    bench.run(clocked, ["popularity", "item_knn"], repeat_splits=2, **options)
    assert fitted[3:] == [("item_knn", "random:0"), ("item_knn", "random:1")]


def test_a_recommender_that_fails_in_one_split_costs_its_row(clocked: str, tmp_path: Path) -> None:
    (tmp_path / "picky.py").write_text(
        "import numpy as np\n\n\nclass Picky:\n    def fit(self, train, rng):\n"
        "        if train.items[train.users == 0].sum() != FIRST:\n            raise ValueError('not this one')\n"
        "        return self\n\n    def score(self, users, items):\n        return -np.asarray(items, dtype=float)\n"
    )
    task = build_task(load_dataset(clocked), n_negatives=20, split="random:3")
    path = tmp_path / "picky.py"
    path.write_text(path.read_text().replace("FIRST", str(int(task.train.items[task.train.users == 0].sum()))))
    code = main(
        ["run", "--dataset", clocked, "--negatives", "20", "--split", "random:3", "--repeat-splits", "4", "-r",
         "popularity", "-r", "item_knn", "--plugin", str(path), "-r", "picky", "--out", str(tmp_path / "out")]
    )  # fmt: skip
    results = bench.table(tmp_path / "out")
    failed = sum(record.failed for record in results.records)
    assert code == (1 if failed else 0)
    assert 0 < failed < 4
    text = " ".join(results.render().split())
    assert "Incomplete picky has NDCG@10 in random:3" in text
    assert "not this one" in text
    assert pd.isna(results.frame.loc["picky", "NDCG@10"])
    assert results.frame.loc["popularity", "NDCG@10"] > 0
    assert {pair.ours for pair in _pairs(results)} | {pair.theirs for pair in _pairs(results)} == {
        "popularity", "item_knn",
    }  # fmt: skip


def _pairs(results: Any) -> Any:
    from bench.analysis.over_splits import summarise_splits

    significance = summarise_splits(results.records).significance
    assert significance is not None
    return significance.pairs


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--repeat-splits", "1"], "'1' is no number of splits; write a whole number from 2 to 1,000"),
        (["--repeat-splits", "two"], "'two' is no number of splits"),
        (["--split", "time:0.00001", "--repeat-splits", "900"], "cannot be told apart"),
        (["--split", "time:0.02", "--repeat-splits", "2"], "the split time:0.02: clocked.csv: none of the "),
        (["--repeat-splits", "2", "--beyond-accuracy"], "does not show coverage, popularity and novelty"),
        (["--repeat-splits", "2", "--slices"], "does not show slices of users"),
        (["--repeat-splits", "2", "--dry-run"], "--dry-run cannot count the jobs of --repeat-splits before"),
        (["--split", "random:x"], "'random:x' is no split; write last, or time:SHARE"),
    ],
)
def test_bad_input_is_refused_before_anything_is_fitted(
    clocked: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    out = tmp_path / "out"
    begin = ["run", "--dataset", clocked, "--negatives", "20", "-r", "random", "--out", str(out)]
    try:
        code = main([*begin, *options])
    except SystemExit as error:
        code = error.code
    assert code == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_of_one_split_takes_no_repetitions(clocked: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"negatives": 20, "threads": 1, "quiet": True, "out": tmp_path / "out"}
    bench.run(clocked, ["random"], **options)
    with pytest.raises(ProtocolError, match="holds the records of one split of one dataset; name another folder"):
        bench.run(clocked, ["random"], repeat_splits=2, **options)


@pytest.mark.parametrize("split", ["time:0.7,target=last", "time:0.7,target=random", "random:4"])
def test_scores_of_another_program_get_the_ranks_of_a_run(clocked: str, tmp_path: Path, split: str) -> None:
    """P26, P27: train and candidates are exported, popularity is counted from them, and its scores are ranked alike."""
    options: dict[str, Any] = {"negatives": 20, "split": split}
    bench.export("parquet", tmp_path / "tables", clocked, **options)
    train, candidates = (
        pd.read_parquet(tmp_path / "tables" / f"clocked.{name}.parquet") for name in ("train", "candidates")
    )
    counts = train["item"].value_counts()
    scores = candidates.assign(score=candidates["item"].map(counts).fillna(0).astype(float))
    scores.to_csv(tmp_path / "counted.csv", index=False)
    out = tmp_path / "out"
    bench.run(clocked, ["popularity"], threads=1, quiet=True, out=out, **options)
    frame = bench.score(tmp_path / "counted.csv", clocked, out=out, **options).frame
    assert frame.loc["counted", "NDCG@10"] == pytest.approx(frame.loc["popularity", "NDCG@10"])


@pytest.mark.parametrize(
    ("split", "title", "note"),
    [
        (
            "time:0.7,target=last",
            "clocked.csv, global time split, last target: ",
            "evaluated user's last interaction from",
        ),
        (
            "time:0.7,target=random",
            "clocked.csv, global time split, random target: ",
            "drawn by a keyed hash, from then on",
        ),
        ("random:4", "clocked.csv, random one held out (seed 4): ", "a random interaction of each user is held out"),
    ],
)
def test_the_table_of_one_split_says_what_is_held_out(
    clocked: str, tmp_path: Path, split: str, title: str, note: str
) -> None:
    options: dict[str, Any] = {"negatives": 20, "threads": 1, "quiet": True, "out": tmp_path / "out", "split": split}
    text = " ".join(bench.run(clocked, ["popularity"], **options).render().split())
    assert text.startswith(title)
    assert note in text
    assert ("have several items at" in text) == (split == "time:0.7,target=last")


def test_a_split_that_comes_with_the_data_is_not_repeated(tmp_path: Path) -> None:
    """P11, P28."""
    (tmp_path / "ml.train.rating").write_text("".join(f"{u}\t{i}\t1\t{i}\n" for u in range(12) for i in range(3)))
    (tmp_path / "ml.test.rating").write_text("".join(f"{u}\t3\t1\t9\n" for u in range(12)))
    (tmp_path / "ml.test.negative").write_text("".join(f"({u},3)\t4\t5\n" for u in range(12)))
    with pytest.raises(ProtocolError, match="comes with a split of its own, so there is nothing to repeat"):
        bench.run(f"ncf:{tmp_path / 'ml'}", ["random"], repeat_splits=2, out=tmp_path / "out", quiet=True)


def test_positions_can_be_split_at_random_and_not_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "baskets.txt").write_text("".join(f"{u} {u} {u + 1} {u + 2} {u + 3}\n" for u in range(20)))
    assert bench.Data(f"sequences:{tmp_path / 'baskets.txt'}", split="random:1").split == "random:1"
    with pytest.raises(ProtocolError, match="has positions for times, which are of no clock; write last, or random"):
        bench.Data(f"sequences:{tmp_path / 'baskets.txt'}", split="time:0.9,target=last")
