"""`bench.recommend`: a user's latest items and what a row recommends, from stored lists or from a kept model."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from jobs_here import jobs_here

import bench
from bench.actions.recommend import recommendations
from bench.cli.main import main
from protocol.errors import DatasetError, ProtocolError, RecbenchError, RecbenchWarning, RecommenderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = """user,item,timestamp
ann,tea,1
ann,jam,2
ann,ham,3
ann,egg,4
bob,tea,1
bob,jam,2
bob,oat,5
cid,tea,1
cid,oat,2
cid,jam,3
cid,fig,4
dan,oat,1
dan,tea,2
"""
"""ann's egg, bob's oat and cid's fig are held out; dan has too few items. Trained on: tea 4, jam 3, oat 2, ham 1."""

TITLES = "item,title\ntea,Green Tea\njam,Jam\nham,Ham\noat,Oats\negg,An Egg\n"

BY_NAME = """
import numpy as np
print("this goes to standard error")
class ByName:
    deterministic = True
    def __init__(self, sign: float = 1.0):
        self.sign, self.n_items = sign, 0
    def fit(self, train, *, rng):
        self.n_items = train.n_items
        return self
    def score(self, users, items):
        return items * self.sign
    def save(self, folder):
        (folder / "n").write_text(str(self.n_items))
    def load(self, folder):
        self.n_items = int((folder / "n").read_text())
        return self
"""
"""Prefers the last items of the alphabet."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with data, titles, a plug-in, and the results of a run with its models and of one without."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "ratings.csv").write_text(ROWS)
    (folder / "titles.csv").write_text(TITLES)
    (folder / "by_name.py").write_text(BY_NAME)
    options: dict[str, Any] = {"dataset": folder / "ratings.csv", "negatives": 1, "quiet": True}
    with jobs_here():
        bench.run(
            recommenders=["popularity", "random", "by_name:sign=2"],
            plugins=[folder / "by_name.py"],
            seeds="3-4",
            keep_models=True,
            out=folder / "kept",
            **options,
        )
        bench.run(recommenders="by_name", plugins=[folder / "by_name.py"], out=folder / "bare", **options)
    return folder


@pytest.fixture
def data(home: Path) -> Iterator[dict[str, Any]]:
    return {"dataset": home / "ratings.csv"}


def items(found: pd.DataFrame, which: str = "recommended") -> list[str]:
    return found[found["list"] == which]["item"].tolist()


def test_the_stored_list_beside_the_latest_items(home: Path, data: dict[str, Any]) -> None:
    """ann trained on tea, jam and ham. Of what is left, oat has 2 users, egg and fig have none."""
    found = bench.recommend(home / "kept", "popularity", "ann", **data)
    assert isinstance(found, pd.DataFrame)
    assert items(found, "latest") == ["ham", "jam", "tea"]
    assert items(found)[0] == "oat"
    assert sorted(items(found)[1:]) == ["egg", "fig"]
    assert found[found["held_out"]]["item"].tolist() == ["egg"]
    assert set(found["source"].dropna()) == {"stored list"}
    assert found["user"].unique().tolist() == ["ann"]
    assert found["title"].isna().all()


def test_top_cuts_both_lists(home: Path, data: dict[str, Any]) -> None:
    found = bench.recommend(home / "kept", "popularity", ["ann", "cid"], top=1, **data)
    assert items(found, "latest") == ["ham", "jam"]
    assert found["user"].tolist() == ["ann", "ann", "cid", "cid"]
    assert found["rank"].tolist() == [1] * 4


def test_a_user_who_is_not_evaluated_is_served_by_the_kept_model(home: Path, data: dict[str, Any]) -> None:
    found = bench.recommend(home / "kept", "popularity", "dan", top=2, **data)
    assert items(found, "latest") == ["tea", "oat"]
    assert items(found)[0] == "jam"
    assert set(found["source"].dropna()) == {"kept model"}
    assert not found["held_out"].any()


@pytest.mark.parametrize("row", ["popularity", "random"])
def test_the_kept_model_recommends_what_the_stored_list_has(
    home: Path, data: dict[str, Any], row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items that are equally popular are in the same order, too."""
    users = ["ann", "bob", "cid"]
    stored = bench.recommend(home / "kept", row, users, **data)
    monkeypatch.setattr("bench.analysis.recommending.recommendation.stored_list", lambda *_: None)
    kept = bench.recommend(home / "kept", row, users, **data)
    pd.testing.assert_frame_equal(stored.drop(columns="source"), kept.drop(columns="source"))
    assert set(kept["source"].dropna()) == {"kept model"}


def test_a_seed_is_chosen(home: Path, data: dict[str, Any]) -> None:
    first, third, fourth = (
        bench.recommend(home / "kept", "random", ["ann", "bob", "cid", "dan"], seed=seed, **data)["item"].tolist()
        for seed in (None, 3, 4)
    )
    assert first == third != fourth


def test_a_plugin_that_cannot_rank_all_items_is_served_by_its_kept_model(home: Path, data: dict[str, Any]) -> None:
    """Its score prefers the last of tea, oat, jam, ham, fig and egg."""
    problem = r"by_name:sign=2 has no stored lists: .*, and by_name:sign=2 is a plug-in's: give its file with --plugin$"
    with pytest.raises(RecommenderError, match=problem):
        bench.recommend(home / "kept", "by_name:sign=2", "bob", **data)
    found = bench.recommend(home / "kept", "by_name:sign=2", "bob", plugins=home / "by_name.py", **data)
    assert items(found) == ["oat", "ham", "fig", "egg"]


def test_a_plugin_whose_code_has_changed_is_refused(home: Path, data: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "by_name.py").write_text(BY_NAME.replace("items * self.sign", "-items * self.sign"))
    with pytest.raises(RecommenderError, match="the code of by_name:sign=2 has changed since its model was kept"):
        bench.recommend(home / "kept", "by_name:sign=2", "bob", plugins=tmp_path / "by_name.py", **data)


def test_without_a_list_and_without_a_model_it_says_what_to_do(home: Path, data: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=r"by_name has no stored lists.* is not kept; `recbench run --keep-models`"):
        bench.recommend(home / "bare", "by_name", "bob", plugins=home / "by_name.py", **data)


@pytest.mark.parametrize(
    ("row", "user", "options", "error", "problem"),
    [
        ("popularity", "anne", {}, DatasetError, r"no user 'anne' \(closest: ann"),
        ("popularity", "", {}, DatasetError, "4 users have texts as ids, such as ann, bob, cid"),
        ("popularty", "ann", {}, ProtocolError, r"no row is called 'popularty' \(did you mean 'popularity'\?\)"),
        ("random", "ann", {"seed": 5}, ProtocolError, "the row random has no training seed 5; it has 3, 4"),
        ("popularity", "ann", {"top": 0}, ProtocolError, "top: 0 is no whole number above 0"),
        ("popularity", [], {}, ProtocolError, "no user is named"),
        ("popularity", b"ann", {}, ProtocolError, "users: b'ann' is a bytes, expected an id as the data have it"),
        ("popularity", ["ann", b"bob"], {}, ProtocolError, "users: b'bob' is a bytes"),
        ("popularity", {"ann": 1}, {}, ProtocolError, "users: {'ann': 1} is a dict"),
    ],
)
def test_bad_input(
    home: Path, data: dict[str, Any], row: str, user: Any, options: dict[str, Any], error: type, problem: str
) -> None:
    with pytest.raises(error, match=problem):
        bench.recommend(home / "kept", row, user, **options, **data)


def test_the_data_must_be_there_and_those_of_the_run(home: Path, tmp_path: Path) -> None:
    with pytest.raises(RecbenchError, match=r"the records are of ratings\.csv; say where it is with --dataset"):
        bench.recommend(home / "kept", "popularity", "ann")
    (tmp_path / "ratings.csv").write_text(ROWS.replace("dan,tea,2", "dan,fig,2"))
    with pytest.raises(ProtocolError, match=r"not the data of the record: they differ in dataset"):
        bench.recommend(home / "kept", "popularity", "ann", dataset=tmp_path / "ratings.csv")


def test_a_changed_model_is_not_loaded(home: Path, data: dict[str, Any]) -> None:
    (path,) = (home / "kept").glob("records/by_name-*/model-*/n")
    before = path.read_text()
    path.write_text("7")
    try:
        with pytest.raises(
            ProtocolError, match="is missing, or has changed since the model of by_name:sign=2 was kept"
        ):
            bench.recommend(home / "kept", "by_name:sign=2", "bob", plugins=home / "by_name.py", **data)
    finally:
        path.write_text(before)


def test_titles_of_a_file(home: Path, data: dict[str, Any], tmp_path: Path) -> None:
    found = bench.recommend(home / "kept", "popularity", "ann", titles=home / "titles.csv", **data)
    assert dict(found.dropna(subset="title")[["item", "title"]].itertuples(index=False)) == {
        "ham": "Ham", "jam": "Jam", "tea": "Green Tea", "oat": "Oats", "egg": "An Egg",
    }  # fmt: skip
    (tmp_path / "other.csv").write_text("item,title\n1,One\n")
    with pytest.raises(ProtocolError, match=r"other\.csv has titles of 1 items, such as '1', and none is an item of"):
        bench.recommend(home / "kept", "popularity", "ann", titles=tmp_path / "other.csv", **data)


def printed(home: Path, capsys: pytest.CaptureFixture[str], *words: str, row: str = "popularity") -> str:
    data = ["--dataset", str(home / "ratings.csv"), "--titles", str(home / "titles.csv")]
    assert main(["recommend", str(home / "kept"), row, *data, *words]) == 0
    return capsys.readouterr().out


def test_it_is_printed_within_80_columns(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(home, capsys, "--user", "ann", "--user", "dan")
    assert "User ann\n  3 latest of 3 training items, newest first\n    1  ham  Ham\n" in text
    assert "recommended, from the stored list\n    1  oat  Oats\n" in text
    assert "egg  An Egg" in text
    (marked,) = [line for line in text.splitlines() if line.endswith("  held out")]
    assert marked.split()[1:4] == ["egg", "An", "Egg"]
    assert "Held out: egg (An Egg), at place 2 of 3 untouched items" in text
    assert "User dan" in text
    assert "No item of this user is held out" in text
    assert max(map(len, text.splitlines())) <= 80


def test_every_format(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--user", "ann", "--format")
    document = json.loads(printed(home, capsys, *words, "json"))
    assert document["users"][0]["recommended"][0] == {"item": "oat", "title": "Oats"}
    assert document["users"][0]["held_out"] == {"item": "egg", "title": "An Egg"}
    lines = printed(home, capsys, *words, "csv").splitlines()
    assert lines[0] == "user,list,rank,item,title,held_out,source"
    assert lines[4] == "ann,recommended,1,oat,Oats,False,stored list"
    assert re.search(r"\| +oat \| +Oats \| +\|", printed(home, capsys, *words, "github"))
    assert "Green Tea" in printed(home, capsys, *words, "latex")
    assert "Green Tea" in printed(home, capsys, *words, "html-fragment")


def test_what_a_plugin_prints_is_not_in_the_table(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = str(home / "by_name.py")
    text = printed(home, capsys, "--user", "bob", "--plugin", plugin, "--format", "csv", row="by_name:sign=2")
    assert text.startswith("user,list,")
    assert "this goes" not in text


def test_bad_input_ends_with_code_2_and_no_traceback(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["recommend", str(home / "kept"), "popularity", "--dataset", str(home / "ratings.csv")]
    assert main([*words, "--user", "eve"]) == 2
    assert "\nrecbench: error: ratings.csv has no user 'eve'" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(words)


TIED = """
import numpy as np
class Tied:
    deterministic = True
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return np.zeros(items.shape)
    def score_all(self, users):
        return np.zeros((len(users), 6))
"""


@pytest.fixture(scope="module")
def tied(home: Path) -> Path:
    """Return the results of a recommender that scores all items alike: of each user's 3 none is ahead."""
    (home / "tied.py").write_text(TIED)
    options: dict[str, Any] = {"dataset": home / "ratings.csv", "negatives": 1, "quiet": True}
    with jobs_here():
        bench.run(recommenders="tied", plugins=[home / "tied.py"], out=home / "tied", **options)
    return home / "tied"


@pytest.mark.parametrize("top", [1, 2, 3])
def test_of_tied_items_the_place_is_that_of_the_list_or_behind_it(
    home: Path, tied: Path, data: dict[str, Any], top: int
) -> None:
    """With one place left, it is the last one."""
    users = ["ann", "bob", "cid"]
    shown = recommendations(tied, "tied", users, bench.Data(**data), top=top, seed=None, titles=None, plugins=())
    for one in shown.found:
        listed = [f"at place {place} of" for place, item in enumerate(one.items, 1) if item == one.heldout]
        n = one.n_ranked
        behind = f"at place {n} of" if top + 1 == n else f"at places {top + 1} to {n} of {n} untouched items (tied)"
        text = next(line for line in shown.render().split(f"User {one.user}")[1].splitlines() if "Held out" in line)
        assert (listed or [behind])[0] in text
        places = json.loads(shown.render("json"))["users"]
        assert all(1 <= user["held_out_rank"] <= user["held_out_last_rank"] <= user["n_ranked"] for user in places)


def test_titles_that_were_not_asked_for_cost_no_answer(home: Path, tmp_path: Path) -> None:
    """A file that only has the name of one with titles is named; one that was asked for is an error."""
    (tmp_path / "ratings.csv").write_text(ROWS)
    (tmp_path / "movies.csv").write_text("nothing\n")
    with pytest.warns(RecbenchWarning, match=r"shown without titles: .*movies\.csv has no titles"):
        found = bench.recommend(home / "kept", "popularity", "ann", dataset=tmp_path / "ratings.csv")
    assert items(found)[0] == "oat"
    assert found["title"].isna().all()
    with pytest.raises(DatasetError, match=r"movies\.csv has no titles"):
        bench.recommend(
            home / "kept", "popularity", "ann", dataset=tmp_path / "ratings.csv", titles=tmp_path / "movies.csv"
        )
