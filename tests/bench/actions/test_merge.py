"""Folders of results become one that `recbench verify` passes, or nothing is written and a message says why."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from jobs_here import jobs_here
from verified import found

import bench
from bench.cli.main import main
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.records.store import ARRAYS, DOCUMENT, RECORDS, Store
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATASET = "synthetic:60x80x900"


def make(folder: Path, recommenders: list[str], dataset: str = DATASET, **options: Any) -> Path:
    bench.run(dataset, recommenders, negatives=20, threads=1, out=folder, quiet=True, **options)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folders of two people, and one of another task."""
    place = tmp_path_factory.mktemp("made")
    with jobs_here():
        return {
            "a": make(place / "a", ["popularity", "random"], keep_models=True),
            "b": make(place / "b", ["ease"]),
            "other": make(place / "other", ["popularity"], "synthetic:60x80x800"),
        }


@pytest.fixture
def folders(made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with copies of those folders."""
    for name, folder in made.items():
        shutil.copytree(folder, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name.rpartition("-")[0] for path in (folder / RECORDS).iterdir())


def sound(folder: Path) -> bool:
    return set(found(folder).values()) <= {"ok", "warn"}


def test_two_folders_become_one_and_the_table_has_all_rows(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merge", "a", "b", "--out", "c"]) == 0
    assert capsys.readouterr().out == "c: 3 records, new are 2 of a; 1 of b\n"
    assert names(folders / "c") == ["ease", "popularity", "random"]
    assert sound(folders / "c")
    for name in "ab":
        for path in (folders / name / RECORDS).rglob("*.*"):
            if path.name in (DOCUMENT, ARRAYS):
                assert (folders / "c" / path.relative_to(folders / name)).read_bytes() == path.read_bytes()
    rows = [record.recommender.name for record in bench.table("c").records]
    assert sorted(rows) == ["ease", "popularity", "random"]


def test_kept_models_travel(folders: Path) -> None:
    bench.merge(["b", "a"], "c")
    kept = sorted(path.relative_to(folders / "a") for path in (folders / "a").rglob("state*"))
    assert len(kept) == 2
    for path in kept:
        assert (folders / "c" / path).read_bytes() == (folders / "a" / path).read_bytes()
    (popularity,) = (one for one in Store(folders / "c").documents() if one.recommender.name == "popularity")
    assert popularity.model.is_in(Store(folders / "c").folder_of(popularity))


def test_again_nothing_is_new(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench.merge(["a", "b"], "c")
    before = {path: path.read_bytes() for path in (folders / "c").rglob("*") if path.is_file()}
    assert main(["merge", "a", "b", "c", "--out", "c"]) == 0
    assert capsys.readouterr().out == "c: 3 records, new are none\n"
    assert {path: path.read_bytes() for path in (folders / "c").rglob("*") if path.is_file()} == before


def test_a_folder_of_results_takes_more(folders: Path) -> None:
    done = bench.merge("b", out="a")
    assert done.n_records == 3
    assert {str(folder): number for folder, number in done.n_written.items()} == {"b": 1}
    assert names(folders / "a") == ["ease", "popularity", "random"]
    assert sound(folders / "a")


def test_a_success_takes_the_place_of_a_failure(folders: Path) -> None:
    (ease,) = Store(folders / "b").documents()
    inputs = {name: ease.document[name] for name in ease.document if name not in ("probe", "random_draws", "list_ties")}
    Store(folders / "a").add(failed_record(inputs, Failure("timeout", "stopped after 1 s", 1.0)))
    bench.merge(["a", "b"], "c")
    bench.merge(["b"], "a")
    for folder in ("a", "c"):
        (stored,) = (one for one in Store(folders / folder).documents() if one.recommender.name == "ease")
        assert not stored.failed
        assert sound(folders / folder)


def test_two_different_records_of_a_job_are_an_error_that_names_both(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with jobs_here():
        make(folders / "again", ["popularity"])
    assert main(["merge", "a", "again", "--out", "c"]) == 2
    said = capsys.readouterr().err
    assert "popularity, seed 0: a/records/popularity-" in said
    assert " and again/records/popularity-" in said
    assert "time.fit_seconds" in said
    assert "--prefer a or --prefer again" in said
    assert said.count("\n") == 1
    assert not (folders / "c").exists()
    assert main(["merge", "a", "again", "--out", "c", "--prefer", "again"]) == 0
    assert "warning: of 1 jobs" in capsys.readouterr().err
    (stored,) = (one for one in Store(folders / "c").documents() if one.recommender.name == "popularity")
    (expected,) = Store(folders / "again").documents()
    assert stored.document == expected.document
    assert sound(folders / "c")


def bad_byte(folder: Path) -> None:
    path = next(folder.rglob(ARRAYS))
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def stray(folder: Path) -> None:
    next(folder.rglob(ARRAYS)).with_name("notes.txt").write_text("mine")


@pytest.mark.parametrize(
    ("arguments", "damage", "expected"),
    [
        (["a", "b", "--out", "c"], bad_byte, "b does not pass `recbench verify`: files: records/ease-"),
        (["a", "b", "--out", "c"], stray, "notes.txt is not listed"),
        (["a", "--out", "b"], bad_byte, "b does not pass `recbench verify`"),
        (["a", "nowhere", "--out", "c"], None, "nowhere holds no records"),
        (["a", "other", "--out", "c"], None, "a and other hold records of 2 different tasks"),
        (["a", "other", "--out", "c"], None, "they differ in candidates ("),
        (["a", "--out", "other"], None, "other and a hold records of 2 different tasks"),
        (["a", "b", "--out", "c", "--prefer", "d"], None, "--prefer d is none of the folders; name one of a, b, c"),
        (["a", "b", "--out", "."], None, ". holds the datasets of a study, and a holds the records of one task"),
        (["a", "b"], None, "required: --out/-o"),
        (["--out", "c"], None, "required: RESULTS"),
    ],
)
def test_what_cannot_be_merged_is_a_message_and_nothing_is_written(
    folders: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    damage: Callable[[Path], None] | None,
    expected: str,
) -> None:
    if damage is not None:
        damage(folders / "b")
    before = {path: path.read_bytes() for path in folders.rglob("*") if path.is_file()}
    try:
        code = main(["merge", *arguments])
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.startswith("recbench: error: ")
    assert expected in said.err
    assert {path: path.read_bytes() for path in folders.rglob("*") if path.is_file()} == before
    assert not (folders / "c").exists()


def test_a_folder_with_other_things_is_no_place(folders: Path) -> None:
    (folders / "c").mkdir()
    (folders / "c" / "thesis.tex").write_text("mine")
    with pytest.raises(ProtocolError, match="c is there, and holds no results; name a new folder"):
        bench.merge(["a", "b"], "c")


def test_a_committed_table_is_not_made_a_wrong_one(folders: Path) -> None:
    (folders / "a" / "table.md").write_text(bench.render("a", "github"))
    with pytest.raises(ProtocolError, match=r"a/table\.md is the table of the records that are there now; remove it"):
        bench.merge("b", out="a")
    (folders / "a" / "table.md").unlink()
    bench.merge("b", out="a")


def test_a_search_is_not_torn_apart(folders: Path) -> None:
    (folders / "grid.toml").write_text("[ease]\nreg = [10, 1000]\n")
    with jobs_here():
        bench.tune(DATASET, grid="grid.toml", negatives=20, threads=1, out="tuning")
    with pytest.raises(ProtocolError, match="tuning holds a search for parameters"):
        bench.merge(["tuning"], "c")


def test_what_is_stopped_is_whole_and_goes_on(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a kill: the second record has its files, and the manifest says that it is being written."""
    settle, calls = Store._settle, []

    def killed(store: Store, manifest: Any) -> Any:
        calls.append(manifest)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return settle(store, manifest)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            bench.merge(["a", "b"], "c")
    assert sound(folders / "c")
    assert bench.merge(["a", "b"], "c").n_records == 3
    assert sound(folders / "c")


def test_studies_are_merged_dataset_by_dataset(folders: Path) -> None:
    for study, name, source in (("s", "one", "a"), ("t", "one", "b"), ("t", "two", "other")):
        shutil.copytree(folders / source, folders / study / name)
    done = bench.merge(["s", "t"], "c")
    assert done.n_records == 4
    assert names(folders / "c" / "one") == ["ease", "popularity", "random"]
    assert names(folders / "c" / "two") == ["popularity"]
    assert sound(folders / "c" / "one")
    assert [each.name for each in bench.table("c").datasets] == ["one", "two"]
    with pytest.raises(ProtocolError, match="s holds the datasets of a study, and a holds the records of one task"):
        bench.merge(["s", "a"], "d")
    shutil.copytree(folders / "other", folders / "u" / "one")
    with pytest.raises(ProtocolError, match="s/one and u/one hold records of 2 different tasks"):
        bench.merge(["s", "u"], "d")


def test_repeated_splits_are_merged_split_by_split(folders: Path) -> None:
    with jobs_here():
        make(folders / "s", ["popularity"], repeat_splits=2)
        make(folders / "t", ["ease"], repeat_splits=2)
    assert bench.merge(["s", "t"], "c").n_records == 4
    assert len(bench.table("c").records) == 4
    assert str(bench.table("c"))


def test_records_that_contradict_each_other_are_refused(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.audit.soundness.disagreeing", lambda records: [f"{len(records)} records"])
    with pytest.raises(ProtocolError, match="cannot be of one task and one code: 3 records"):
        bench.merge(["a", "b"], "c")


def test_a_model_that_changed_meanwhile_is_noticed(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.records.kept_model.KeptModel.changed_in", lambda *_: ["state"])
    with pytest.raises(ProtocolError, match="has changed while folders were merged; merge again"):
        bench.merge(["a", "b"], "c")


def test_one_job_with_two_names_of_its_row_is_a_difference(folders: Path) -> None:
    shutil.copytree(folders / "b", folders / "named")
    with jobs_here():
        make(folders / "named", ["ease"], labels="ease=EASE")
    with pytest.raises(ProtocolError, match=r"they differ in recommender\.display_name;"):
        bench.merge(["b", "named"], "c")
    with pytest.warns(RecbenchWarning, match="those of named count"):
        bench.merge(["b", "named"], "c", prefer="named")
    assert "EASE" in str(bench.table("c"))
