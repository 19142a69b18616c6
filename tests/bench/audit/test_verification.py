"""Stored results are whole and of their task, or `recbench verify` says what is wrong: any byte, any figure."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from resealed import reseal
from verified import BROKEN, found, message

import bench
from bench.cli.main import main
from bench.data import Data
from bench.records.manifest import read_manifest
from bench.records.store import ARRAYS, DOCUMENT, MANIFEST, Store, file_digest, manifest_text
from bench.tables.results import render
from protocol.data import fetching
from protocol.errors import DatasetError, ProtocolError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("jobs_here")

DATASET = "synthetic:60x80x900"


def make(folder: Path, recommenders: list[str], **options: Any) -> None:
    bench.run(Data(DATASET, negatives=20), recommenders, threads=1, out=folder, quiet=True, **options)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    plugin = tmp_path_factory.mktemp("plugin") / "broken.py"
    plugin.write_text(BROKEN)
    make(folder, ["popularity", "ease"], plugins=[str(plugin)])
    (folder / "table.md").write_text(render(bench.table(folder).records, "github"), encoding="utf-8")
    return folder


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "results"))


def test_what_a_run_leaves_is_in_order(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert set(found(results).values()) == {"ok"}
    assert main(["verify", str(results)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ok    records: 3 records, 1 failed" in lines
    assert "ok    keys: 3 keys computed again" in lines
    assert "ok    table: table.md made again byte for byte" in lines
    assert "ok    task: split, 60 users with 20 negatives each and counts made again from synthetic:60x80x900" in lines
    assert lines[-1] == "10 ok, 1 skip"


def test_keys_with_a_selection_take_the_validation_task(tmp_path: Path) -> None:
    make(tmp_path, ["bpr:epochs=2"], patience=1)
    statuses = found(tmp_path)
    assert set(statuses.values()) == {"ok"}
    assert "selected keys" in statuses
    change_document(tmp_path, lambda document: document.update(patience=2))
    assert found(tmp_path)["selected keys"] == "fail"


@pytest.mark.parametrize("file", [MANIFEST, DOCUMENT, ARRAYS, "table.md"])
def test_a_changed_byte_is_found_wherever_it_is(results: Path, file: str) -> None:
    """Also in blanks of JSON, and in what a zip file has that NumPy does not look at."""
    paths = sorted(results.rglob(file))
    chooser = random.Random(file)
    for _ in range(20):
        path = chooser.choice(paths)
        content = path.read_bytes()
        place = chooser.randrange(len(content))
        path.write_bytes(content[:place] + bytes([content[place] ^ 1 << chooser.randrange(8)]) + content[place + 1 :])
        assert "fail" in found(results, offline=True).values(), f"{path}, byte {place}"
        path.write_bytes(content)
    assert "fail" not in found(results, offline=True).values()


def test_a_changed_byte_is_exit_code_1(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = next(results.rglob(ARRAYS))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert main(["verify", str(results)]) == 1
    assert f"{path.relative_to(results).as_posix()} has changed since it was" in " ".join(
        capsys.readouterr().out.split()
    )


def test_files_missing_and_files_not_listed(results: Path) -> None:
    shutil.rmtree(next(results.glob("records/ease-*")))
    next(results.glob("records/popularity-*")).joinpath("notes.txt").write_text("mine")
    text = message(results, "files")
    assert text.count("is listed and missing") == 2
    assert "notes.txt is not listed" in text
    (results / MANIFEST).unlink()
    assert "manifest.json is missing" in message(results, "manifest")


def test_a_link_to_a_folder_is_no_way_around_the_manifest(results: Path, tmp_path: Path) -> None:
    """What it leads to would be read and shown as a record, listed nowhere."""
    place = next(results.glob("records/ease-*"))
    place.rename(tmp_path / place.name)
    sign_again(results)
    place.symlink_to(tmp_path / place.name, target_is_directory=True)
    assert f"records/{place.name} is not listed" in message(results, "files")


def test_what_a_finding_quotes_cannot_move_the_cursor(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    next(results.glob("records/ease-*")).joinpath("a\x1b[2Jb").write_text("mine")
    assert main(["verify", str(results), "--offline"]) == 1
    assert "\x1b" not in capsys.readouterr().out


def sign_again(folder: Path) -> None:
    """Bring digests up to date with files: what is left to find is what the files say."""
    for path in folder.rglob(DOCUMENT):
        reseal(path.parent)
    files = {path.relative_to(folder).as_posix(): file_digest(path) for path in folder.glob("records/*/*")}
    (folder / MANIFEST).write_text(manifest_text(files))


def change_document(folder: Path, change: Callable[[dict[str, Any]], Any], name: str = "*") -> None:
    path = next(folder.glob(f"records/{name}/{DOCUMENT}"))
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    sign_again(folder)


@pytest.mark.parametrize(
    ("change", "check", "expected"),
    [
        (lambda d: d.update(seed=7), "keys", "its key is not the hash"),
        (lambda d: d["recommender"]["parameters"].update(reg=9.0), "keys", "its key is not the hash"),
        (lambda d: d.update(key="0" * 64), "records", "holds the record ease-0000000000000000"),
        (lambda d: d.update(schema=2), "records", "newer recbench"),
        (lambda d: d.pop("status"), "records", "status"),
        (lambda d: d["task"]["facts"].update(n_train=5), "counts", "training interactions, and 5 by the document"),
        (lambda d: d["task"]["facts"].update(n_tied_users=59), "task", "n_tied_users is 59, now"),
        (
            lambda d: d["task"]["facts"].update(n_negatives=21),
            "counts",
            "a number of rivals that the task does not give them",
        ),
        (lambda d: d["task"]["parts"].update(candidates="0" * 64), "counts", "digest is not that of its parts"),
        (lambda d: d["time"].update(score_us_per_user=1e-3), "counts", "0.001 µs a user"),
        (lambda d: d["task"].update(digest="0" * 64), "one task", "of 2 different tasks"),
        (lambda d: d["recommender"].update(deterministic=False), "recommenders", "its deterministic is False, and by"),
        (lambda d: d["recommender"].update(label="als"), "outcomes", "it is labelled 'als', and is ease"),
        (lambda d: d["task"]["facts"].update(notes=["mine"]), "task", "its notes on the data are mine, now synthetic"),
        (lambda d: d.update(verified=True), "records", "has verified, which this recbench does not know"),
        (lambda d: d["time"].update(rest=1), "records", "has time.rest, which this recbench does not know"),
        (lambda d: d["time"].update(fit_seconds=-1.0), "records", "its time.fit_seconds: expected `float` >= 0.0"),
        (lambda d: d["memory"].update(peak_mib=1.0), "outcomes", "the peak of memory is 1 MiB"),
    ],
)
def test_a_document_that_was_signed_again_contradicts_itself(
    results: Path, change: Callable[[dict[str, Any]], Any], check: str, expected: str
) -> None:
    change_document(results, change, "ease-*")
    checks = bench.verify(results)
    assert checks.loc["files", "status"] == "ok"
    assert expected in checks.loc[check, "message"]


def change_arrays(folder: Path, **changes: Callable[[Any], Any]) -> None:
    path = next(folder.glob(f"records/ease-*/{ARRAYS}"))
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **{name: changes.get(name, lambda array: array)(array.copy()) for name, array in arrays.items()})
    sign_again(folder)


def one_place_better(n_better: Any) -> Any:
    n_better[np.argmax(n_better > 0)] -= 1
    return n_better


@pytest.mark.parametrize(
    ("name", "change", "check", "expected"),
    [
        ("n_better", lambda a: a * 0, "table", "is not what `recbench table"),
        ("n_rivals", lambda a: a + 1, "counts", "60 users have a number of rivals"),
        ("full_n_rivals", lambda a: a + 1, "counts", "not against all untouched items"),
        ("n_better", one_place_better, "task", "its sampled ranks of 1 user contradict its lists of best items"),
        ("full_n_better", lambda a: a * 0, "task", "held-out items differently from its ranks"),
        ("train_users", lambda a: a[::-1], "task", "counts of training interactions (users)"),
        ("train_items", lambda a: a[::-1], "counts", "its counts differ from those in"),
        ("top_items", lambda a: a[:, :-1], "counts", "lists of best items have the shape (60, 79)"),
        ("top_items", lambda a: a * 0, "counts", "hold an item twice"),
        ("top_items", lambda a: a[:, ::-1], "counts", "have gaps"),
        ("top_items", lambda a: a[::-1], "task", "that their users trained on"),
    ],
)
def test_arrays_that_were_signed_again_contradict_document_or_task(
    results: Path, name: str, change: Callable[[Any], Any], check: str, expected: str
) -> None:
    change_arrays(results, **{name: change})
    checks = bench.verify(results)
    assert checks.loc["files", "status"] == "ok"
    assert expected in checks.loc[check, "message"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04"])
def test_ranks_that_cannot_be_read_are_named_and_the_others_are_checked(
    results: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = next(results.glob(f"records/ease-*/{ARRAYS}"))
    path.write_bytes(content)
    sign_again(results)
    assert f"{path.parent.name}/{ARRAYS} is damaged" in message(results, "records")
    statuses = found(results)
    assert {statuses[check] for check in ("files", "keys", "task")} == {"ok"}
    assert main(["table", str(results)]) == 2
    assert f"{ARRAYS} is damaged" in capsys.readouterr().err


def test_ranks_that_changed_places_are_found_by_the_seal(results: Path) -> None:
    """Each file has the digest that its document says; the documents were not sealed with them."""
    places = [next(results.glob(f"records/{name}-*")) for name in ("ease", "popularity")]
    contents = [(place / ARRAYS).read_bytes() for place in places]
    for place, content in zip(places, reversed(contents), strict=True):
        (place / ARRAYS).write_bytes(content)
        document = json.loads((place / DOCUMENT).read_text())
        document["files"] = {ARRAYS: file_digest(place / ARRAYS)}
        (place / DOCUMENT).write_text(json.dumps(document))
    files = {path.relative_to(results).as_posix(): file_digest(path) for path in results.glob("records/*/*")}
    (results / MANIFEST).write_text(manifest_text(files))
    assert found(results)["files"] == "ok"
    assert message(results, "records").count("has the seal of other fields or ranks") == 2


def test_a_label_with_another_letter_is_found_and_shown_nowhere(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It fits every type and range; without the seal, commands would show it as the recommender's name."""
    path = next(results.glob(f"records/popularity-*/{DOCUMENT}"))
    path.write_text(path.read_text().replace('"label": "popularity"', '"label": "popqlarity"'))
    assert "has the seal of other fields or ranks" in message(results, "records")
    capsys.readouterr()
    place = str(results)
    plot = ("plot", "pareto", place, "--output", str(results / "chart.svg"))
    for command in (
        ("table", place),
        ("report", place),
        plot,
        ("compare", place, "ease", "popularity"),
        ("cite", place),
    ):
        assert main(list(command)) == 2
        told = capsys.readouterr()
        assert f"{DOCUMENT} is damaged (its fields are not those that it was written with" in told.err
        assert "popqlarity" not in told.out + told.err


def test_what_only_fitting_again_shows_is_named(results: Path) -> None:
    text = message(results, "not proven")
    assert text.startswith("the ranks and lists of the models (120 ranks, of which ")
    assert "; times, memory and learning curves; that 1 job failed, and why; on which machine" in text
    assert "without seal" not in text
    path = next(results.glob(f"records/ease-*/{DOCUMENT}"))
    document = json.loads(path.read_text())
    document.pop("seal")
    path.write_text(json.dumps(document))
    assert "which ranks belong to 1 record of an earlier recbench, without seal" in message(results, "not proven")


def test_what_a_stopped_writer_had_begun_is_no_damage(results: Path) -> None:
    """The record is the old one; new ranks lie beside it, and the manifest says that they were being written."""
    manifest = read_manifest(results)
    place = next(results.glob("records/ease-*"))
    (place / "ranks-0123456789abcdef.npz").write_bytes(b"half")
    begun = manifest.begun(place.name, {"ranks-0123456789abcdef.npz": "0" * 64, DOCUMENT: "0" * 64})
    (results / MANIFEST).write_text(begun.text())
    assert set(found(results).values()) == {"ok"}
    assert message(results, "manifest").endswith("; 1 record of a run that was stopped")
    Store(results).prepare()
    assert read_manifest(results) == manifest
    assert not (place / "ranks-0123456789abcdef.npz").exists()


def test_a_pipe_among_the_records_is_named_and_not_opened(results: Path) -> None:
    place = next(results.glob("records/ease-*"))
    (place / DOCUMENT).unlink()
    os.mkfifo(place / DOCUMENT)
    assert f"{place.name}/{DOCUMENT} has changed" in message(results, "files")
    assert f"{DOCUMENT} is damaged (it is no regular file)" in message(results, "records")


def test_files_called_like_those_of_a_search_beside_records_of_a_run_are_not_looked_at(results: Path) -> None:
    (results / "tuned.toml").write_text("mine")
    assert set(found(results).values()) == {"ok"}
    assert "search" not in found(results)


def test_records_of_two_tasks_are_never_merged(results: Path, tmp_path: Path) -> None:
    bench.run(
        Data(DATASET, negatives=20, protocol_seed=1), ["popularity"], threads=1, out=tmp_path / "other", quiet=True
    )
    other = next((tmp_path / "other").glob("records/*"))
    shutil.copytree(other, results / "records" / other.name)
    sign_again(results)
    text = message(results, "one task")
    assert "of 2 different tasks" in text
    assert "protocol seed (0 against 1)" in text
    assert "not checked" in message(results, "task")


def test_other_data_are_not_those_of_the_records(results: Path) -> None:
    text = message(results, "task", dataset="synthetic:60x81x900")
    assert "its dataset is" in text
    assert "its candidates is" in text
    assert "n_items is 80, now 81" in text


@pytest.mark.parametrize("offline", [False, True])
def test_without_data_it_says_what_was_not_checked(
    results: Path, monkeypatch: pytest.MonkeyPatch, offline: bool
) -> None:
    def nowhere(*_: object) -> Path:
        assert not offline or _[0].name == "ml-100k"
        raise UnavailableError("not today")

    for place in ("_in_named_folder", "_in_cache", "_from_address", "_from_package_index"):
        monkeypatch.setattr(fetching, place, nowhere)
    for name in ("ease-*", "popularity-*", "broken-*"):
        change_document(results, lambda d: d["task"].update(dataset="ml-100k"), name)
    (results / "table.md").unlink()
    findings = bench.verify(results, offline=offline)
    assert findings.loc["task", "status"] == "warn"
    assert findings.loc["task", "message"].startswith("not checked, neither candidates nor counts: ml-100k ")
    assert set(findings["status"]) == {"ok", "warn", "skip"}
    assert findings.loc["not proven", "message"].startswith("split, candidates and counts of the data; the ranks")
    with pytest.raises(DatasetError, match="ml-100k"):
        bench.verify(results, "ml-100k", offline=offline)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda task: task.update(dataset="mine.csv"), "say where it is with --dataset"),
        (lambda task: task["facts"].update(notes=["5-core: 3 left out"]), "give the same --min-rating and --core"),
    ],
)
def test_what_records_do_not_tell_has_to_be_said(
    results: Path, change: Callable[[dict[str, Any]], Any], expected: str
) -> None:
    for name in ("ease-*", "popularity-*", "broken-*"):
        change_document(results, lambda d: change(d["task"]), name)
    assert found(results)["task"] == "warn"
    assert expected in message(results, "task")


def test_a_protocol_seed_that_is_no_number_is_named(results: Path) -> None:
    for name in ("ease-*", "popularity-*", "broken-*"):
        change_document(results, lambda d: d["task"]["parts"].update(protocol_seed=""), name)
    assert message(results, "task").startswith("not checked: the records name no protocol that can be followed (inv")


def test_a_folder_without_records_is_no_results(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="holds no records"):
        bench.verify(tmp_path)
