"""`--split time` from end to end (P26): what the table says of it, and that its results can be checked and selected."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hand_made import FACTS, record, task
from resealed import reseal

import bench
from bench.cli.main import main
from bench.data import Data
from bench.records.store import ARRAYS, DOCUMENT, MANIFEST, file_digest, manifest_text
from bench.tables.results import render
from bench.tables.subject import time_text
from protocol.data.loading import load_dataset
from protocol.errors import RecbenchWarning
from protocol.tasks.task import build_task, build_validation_task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Rows = Sequence[tuple[int, int, int]]

pytestmark = pytest.mark.usefixtures("jobs_here")

RULE = "time:0.7"

CUT_FACTS = FACTS | {
    "n_train": 90_000,
    "n_unused": 9_996,
    "n_short_users": 3,
    "cut_time": 891_382_309,
    "n_silent_users": 1,
    "n_new_users": 2,
    "n_new_items": 45,
}
CUT = task(parts=task()["parts"] | {"split": "time:0.9"}, facts=CUT_FACTS)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (891_382_309, "1998-03-31T22:11:49Z"),
        (100_000_000, "1973-03-03T09:46:40Z"),
        (99_999_999, "99999999"),
        (10_000_000_000, "10000000000"),
        (478, "478"),
        (-5, "-5"),
    ],
)
def test_times_that_look_like_unix_seconds_are_dates(time: int, text: str) -> None:
    assert time_text(time) == text


def test_the_table_says_where_it_cut_and_what_is_left_out() -> None:
    text = " ".join(render([record("ease", [0, 0, 1, 20], of=CUT)]).split())
    assert text.startswith("ml-100k, global time split: 4 users, one held-out item each against 100 drawn negatives")
    assert (
        "Time global time split (--split time:0.9): recommenders train on all interactions before "
        "1998-03-31T22:11:49Z, 90.0% of the data. Each evaluated user's first interaction from then on is held out; "
        "the other 9,996 from then on are not used. 45 of 1,682 items occur only from then on, and are ranked like "
        "all others. All times are assumed to be of one clock."
    ) in text
    assert "1 of 4 evaluated users (25.0%) have several items at the time of their held-out one" in text
    assert (
        "1 user without interactions from the cut on, and 3 users with fewer than 2 before it (2 with none), left out "
        "of the evaluation"
    ) in text
    assert "leave-last-out" not in text


def test_lists_are_said_to_be_without_what_was_touched_later() -> None:
    lists = {"top": [[0, 1], [1, 2]], "counts": ([2, 2], [1, 1], [2, 1, 1])}
    facts = CUT_FACTS | {"n_evaluated": 2, "n_items": 3}
    rows = [record("ease", [0, 0], of=task(parts=CUT["parts"], facts=facts), **lists)]
    text = " ".join(render(rows, ks=(2,), beyond_accuracy=True).split())
    assert "items of each user that are not in train, nor touched from the cut on, by these" in text


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a file of 60 users with 15 of 80 items each, at any of 10,000 seconds of one clock."""
    rng = np.random.default_rng(4)
    rows = [
        (user, item, rng.integers(10**9, 10**9 + 10_000)) for user in range(60) for item in rng.permutation(80)[:15]
    ]
    path = tmp_path_factory.mktemp("data") / "clocked.csv"
    path.write_text("\n".join(["user,item,timestamp", *(",".join(map(str, row)) for row in rows), ""]))
    return str(path)


def test_run_table_and_verify(clocked: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    options = ["--dataset", clocked, "--split", RULE, "--negatives", "20", "--threads", "1", "--out", out]
    assert main(["run", "-r", "popularity", "-r", "ease", "--notes", *options]) == 0
    first = capsys.readouterr().out
    facts = build_task(load_dataset(clocked), n_negatives=20, split=RULE).facts
    assert facts["n_evaluated"] > 50
    assert first.startswith(f"clocked.csv, global time split: {facts['n_evaluated']} users")
    assert time_text(facts["cut_time"]) in first
    assert main(["table", out, "--notes"]) == 0
    assert capsys.readouterr().out == first
    assert main(["compare", out, "ease", "popularity"]) == 0
    assert capsys.readouterr().out.startswith("clocked.csv, global time split: ease (A)")
    assert main(["verify", out, "--dataset", clocked]) == 0
    *checks, unproven, _ = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok ") for line in checks)
    assert unproven.startswith("skip  not proven: ")


def test_by_default_results_lie_beside_those_of_the_other_split(clocked: str) -> None:
    dataset = load_dataset(clocked)
    folders = {
        Data(clocked, split=split).folder(dataset, build_task(dataset, n_negatives=20, split=split)).name
        for split in ("last", "time:0.7", "time:0.8")
    }
    assert len(folders) == 3
    assert "clocked" in folders


def test_a_position_is_no_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{user},{user + place},{place}" for user in range(5) for place in range(1, 7)]
    (tmp_path / "order.csv").write_text("\n".join(["user,item,timestamp", *rows, ""]))
    options = ["--dataset", str(tmp_path / "order.csv"), "--negatives", "2", "-r", "random"]
    assert main(["run", *options, "--split", "time"]) == 2
    assert "every user's times are 1, 2, 3, ..." in capsys.readouterr().err


def test_an_export_says_what_ncf_files_do_not(clocked: str, tmp_path: Path) -> None:
    """A warning is an error in tests, so that the other two exports give none."""
    later = build_task(load_dataset(clocked), n_negatives=20, split=RULE).later
    text = (
        rf"what users touched from the cut on beside their held-out item \({len(later):,} interactions\) is in none of"
    )
    with pytest.warns(RecbenchWarning, match=text):
        bench.export("ncf", tmp_path / "ncf", clocked, negatives=20, split=RULE)
    bench.export("ncf", tmp_path / "last", clocked, negatives=20, split="last")
    bench.export("parquet", tmp_path / "parquet", clocked, negatives=20, split=RULE)


@pytest.fixture(scope="module")
def made(clocked: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    options: dict[str, Any] = {"negatives": 20, "split": RULE, "threads": 1, "patience": 1, "out": folder}
    bench.run(clocked, ["ease", "als:epochs=3"], **options)
    return folder


def test_keys_with_a_selection_are_computed_again(clocked: str, made: Path) -> None:
    found = bench.verify(made, clocked)
    assert set(found["status"]) == {"ok", "skip"}
    assert "selected keys" in found.index


def test_another_cut_or_another_number_of_rivals_is_found(clocked: str, made: Path, tmp_path: Path) -> None:
    """P18, P26: with every digest in the folder made to fit, the data tell."""
    for number, change in enumerate((_later_cut, _more_rivals)):
        folder = tmp_path / str(number)
        shutil.copytree(made, folder)
        for place in (folder / "records").iterdir():
            change(place)
        files = [path for path in (folder / "records").rglob("*") if path.is_file()]
        listed = {path.relative_to(folder).as_posix(): file_digest(path) for path in files}
        (folder / MANIFEST).write_text(manifest_text(listed))
        found = bench.verify(folder, clocked)
        assert found.loc["files", "status"] == "ok"
        assert found.loc["task", "status"] == "fail"
        assert ("cut_time is", "numbers of untouched items differ from the task's")[number] in found.loc[
            "task", "message"
        ]


def _later_cut(place: Path) -> None:
    def later(document: dict[str, Any]) -> None:
        document["task"]["facts"]["cut_time"] += 1

    reseal(place, later)


def _more_rivals(place: Path) -> None:
    with np.load(place / ARRAYS) as stored:
        arrays = dict(stored)
    # Users who touched something after their held-out item have fewer rivals than all that they did not train on.
    arrays["full_n_rivals"] = arrays["train_items"].size - 1 - arrays["train_users"]
    np.savez(place / ARRAYS, **arrays)
    reseal(place)


def test_a_record_that_does_not_say_where_it_cut_is_damaged(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(made, tmp_path / "made")
    place = next((tmp_path / "made" / "records").iterdir()) / DOCUMENT
    document = json.loads(place.read_text())
    del document["task"]["facts"]["cut_time"]
    place.write_text(json.dumps(document))
    assert main(["table", str(tmp_path / "made")]) == 2
    assert "its task: a split at a point in time has facts.cut_time, and it is missing" in capsys.readouterr().err


def test_the_lists_hold_nothing_touched_later(clocked: str, made: Path) -> None:
    """P26: and the ranks are among what is left."""
    built = build_task(load_dataset(clocked), n_negatives=20, split=RULE)
    touched_later = set(zip(built.later.users.tolist(), built.later.items.tolist(), strict=True))
    for one in bench.table(made).records:
        assert one.top_items is not None
        assert one.full_ranks is not None
        listed = {
            (user, item)
            for user, items in zip(built.candidates.users.tolist(), one.top_items.tolist(), strict=True)
            for item in items
        }
        assert touched_later
        assert not listed & touched_later
        np.testing.assert_array_equal(one.full_ranks.n_rivals, built.n_untouched)


def rows_with(future: Rows) -> str:
    rng = np.random.default_rng(5)
    past = [(user, int(item), int(rng.integers(0, 100))) for user in range(30) for item in rng.permutation(40)[:8]]
    return "\n".join(["user,item,timestamp", *(",".join(map(str, row)) for row in (*past, *future)), ""])


@pytest.mark.parametrize("negatives", [0, 20])
def test_a_selection_finds_the_same_whatever_the_future_is(tmp_path: Path, negatives: int) -> None:
    """P8, P21, P26: from the cut at 200 on everybody does something else, and the trials are the same."""
    futures = {
        "one": [(user, 40 + user % 7, 200 + user) for user in range(30)],
        "other": [(user + 10, 50 + user, 200 + user) for user in range(30)],
    }
    (tmp_path / "grid.toml").write_text("[als]\nembedding_size = 4\nepochs = 4\n\n[ease]\nreg = [10, 1000]\n")
    found = {}
    for name, future in futures.items():
        place = tmp_path / name
        place.mkdir()
        (place / "ratings.csv").write_text(rows_with(future))
        data = {"negatives": negatives, "split": "time:0.889"}
        trials = bench.tune(
            str(place / "ratings.csv"), grid=tmp_path / "grid.toml", threads=1, out=place / "out", **data
        )
        dataset = load_dataset(place / "ratings.csv")
        assert build_task(dataset, n_negatives=negatives, split="time:0.889").facts["cut_time"] == 200
        digest = build_validation_task(dataset, n_negatives=negatives, split="time:0.889").digest
        found[name] = (digest, trials.frame.drop(columns="seconds").to_csv())
    assert found["one"] == found["other"]
