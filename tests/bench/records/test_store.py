"""Records on disk: whole or not at all, known by what went into them, and damage is noticed."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hand_made
import numpy as np
import pytest
from resealed import reseal

from bench.records.files import read_document
from bench.records.store import ARRAYS, DOCUMENT, Record, Store
from protocol.errors import ProtocolError
from protocol.evaluation.ranking import Ranks
from protocol.tasks.counts import TrainCounts

if TYPE_CHECKING:
    from pathlib import Path

KEY = "0123456789abcdef" * 4


def record(key: str = KEY, *, name: str = "ease", seconds: float = 1.5, failed: bool = False) -> Record:
    failure = {"kind": "raised", "message": "no luck", "detail": ""} if failed else None
    document = {**hand_made.record(name, [0], fit=seconds, failure=failure).document, "key": key}
    document["recommender"] = {**document["recommender"], "name": name}
    if failed:
        return Record(document)
    nobody = np.zeros(3, np.int32)
    return Record(
        document,
        Ranks(np.array([0, 5, 99]), nobody, nobody + 100),
        Ranks(np.array([0, 50, 40_000]), nobody + 1, nobody + 50_000),
        np.array([[3, 1, -1], [2, 40_001, 7], [0, 1, 2]], np.int32),
        TrainCounts(np.array([2, 9, 40_000]), np.array([0, 1, 70_000]), np.array([0, 1, 70_000])),
    )


def assert_same(found: Record, expected: Record) -> None:
    written = {"files": None, "seal": None}
    assert {**found.document, **written} == {**expected.document, **written}
    for name in ("ranks", "full_ranks"):
        for count in ("n_better", "n_tied", "n_rivals"):
            np.testing.assert_array_equal(getattr(getattr(found, name), count), getattr(getattr(expected, name), count))
    for name in ("users", "heldout", "items"):
        np.testing.assert_array_equal(getattr(found.counts, name), getattr(expected.counts, name))
    np.testing.assert_array_equal(found.top_items, expected.top_items)
    assert found.top_items.dtype == np.int32


def test_what_is_added_is_found(tmp_path: Path) -> None:
    store = Store(tmp_path / "results")
    store.add(record())
    assert_same(store.find(KEY), record())
    (only,) = store.records()
    assert_same(only, record())
    assert store.find("f" * 64) is None


def test_a_failure_has_no_arrays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(record(failed=True))
    (found,) = store.records()
    assert found.failed
    assert found.ranks is None
    assert [path.name for path in next((tmp_path / "records").iterdir()).iterdir()] == ["record.json"]


def test_the_same_key_replaces_and_leaves_nothing_behind(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(record())
    store.add(record(failed=True))
    store.add(record(seconds=9.0))
    (found,) = store.records()
    assert found.time.fit_seconds == 9.0
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "manifest.json", "records"]


def test_the_manifest_has_the_digest_of_every_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(record(failed=True))
    store.add(record())
    store.add(record("f" * 64, name="../als: x"))
    listed = json.loads((tmp_path / "manifest.json").read_text())["files"]
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != tmp_path]
    assert listed == {
        path.relative_to(tmp_path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    assert sorted(listed) == [
        "records/als-x-ffffffffffffffff/ranks.npz",
        "records/als-x-ffffffffffffffff/record.json",
        "records/ease-0123456789abcdef/ranks.npz",
        "records/ease-0123456789abcdef/record.json",
    ]


WRITER = """
import json
import sys
from pathlib import Path
from bench.records.store import Record, Store
document = json.loads(sys.argv[3])
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 20):
    document["recommender"]["name"], document["key"] = f"model{number}", f"{number:016d}"
    Store(Path(sys.argv[1])).add(Record(document))
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    document = json.dumps(record(failed=True).document)
    writers = [subprocess.Popen([*command, start, document]) for start in ("100", "200")]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(Store(tmp_path).records()) == 40
    assert len(json.loads((tmp_path / "manifest.json").read_text())["files"]) == 40


def test_a_writer_that_dies_leaves_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.add(record())

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", die)
    with pytest.raises(KeyboardInterrupt):
        store.add(record(seconds=9.0))
    assert_same(store.find(KEY), record())
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "manifest.json", "records"]


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"holds no records .*`recbench run --out"):
        Store(tmp_path / "nowhere").records()


@pytest.mark.parametrize(
    ("file", "damage", "expected"),
    [
        ("ranks.npz", lambda content: content[:-40], "ranks.npz is damaged"),
        ("ranks.npz", lambda content: content[:60] + bytes([content[60] ^ 1]) + content[61:], "its SHA-256 begins"),
        ("ranks.npz", lambda content: b"", "ranks.npz is damaged"),
        ("record.json", lambda content: content[:-20], "record.json is damaged"),
        ("record.json", lambda content: b"[]", "does not say which schema it has"),
        ("record.json", lambda content: b'{"schema": 1, "key": ""}', r"\(it has no recommender\)"),
        (
            "record.json",
            lambda content: content.replace(b'"fit_seconds"', b'"fit"'),
            r"\(it has no time\.fit_seconds\)",
        ),
        ("record.json", lambda content: content.replace(b'"seed": 0', b'"seed": "0"'), "its seed: expected `int`"),
        ("record.json", lambda content: content.replace(b'"n_users": 5,', b""), r"it has no task\.facts\.n_users"),
        ("record.json", lambda content: b"[" * 100_000, "is damaged"),
        ("record.json", lambda content: content.replace(b'"seed": 0', b'"seed": 0, "x": [NaN]'), "NaN is no finite"),
        (
            "record.json",
            lambda content: content.replace(b'"seed": 0', b'"seed": 0, "x": -1e999'),
            "-1e999 is no finite",
        ),
        (
            "record.json",
            lambda content: content.replace(b'"seed": 0', b'"seed": "\\ud800"'),
            r"'\\ud800' is no text, and is where a field expects another type",
        ),
        ("record.json", lambda content: content.replace(b'"schema": 1', b'"schema": 2'), "newer recbench; upgrade"),
        ("record.json", lambda content: content.replace(b'"schema": 1', b'"schema": 0'), "older recbench; run again"),
    ],
)
def test_damage_is_an_error_that_says_where(tmp_path: Path, file: str, damage: Any, expected: str) -> None:
    store = Store(tmp_path)
    store.add(record())
    (folder,) = (tmp_path / "records").iterdir()
    (folder / file).write_bytes(damage((folder / file).read_bytes()))
    with pytest.raises(ProtocolError, match=expected):
        store.find(KEY)


def test_a_changed_letter_is_damage_whatever_it_says(tmp_path: Path) -> None:
    """A label with another letter would be shown as if it were right."""
    store = Store(tmp_path)
    store.add(record())
    (path,) = tmp_path.rglob(DOCUMENT)
    content = path.read_bytes()
    for at in [found.start() for found in re.finditer(rb'(?<=": ")[a-z]', content)]:
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        for read in (store.records, lambda: store.find(KEY), lambda: read_document(path.parent)):
            with pytest.raises(ProtocolError, match=r"record\.json is damaged \(.+\); remove its folder"):
                read()


def test_a_document_without_a_seal_is_of_an_earlier_recbench_and_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(record())
    (path,) = tmp_path.rglob(DOCUMENT)
    document = json.loads(path.read_text())
    del document["seal"]
    path.write_text(json.dumps(document, sort_keys=True))
    assert store.find(KEY) is not None


def test_a_record_that_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    wrong = record()
    with pytest.raises(ProtocolError, match="its seed: expected `int` >= 0"):
        Store(tmp_path).add(replace(wrong, document={**wrong.document, "seed": -1}))
    assert not list((tmp_path / "records").rglob("*"))


def npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.arange(3))
    return stream.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:60],
        lambda content: content[: len(content) // 2],
        lambda content: content[:70] + b"\xff" * 9 + content[79:],
        lambda content: content.replace(b"PK\x01\x02-\x03-\x00\x00", b"PK\x01\x02-\x03-\x00\x01"),
        lambda content: npy(),
    ],
)
def test_a_damaged_file_whose_digest_was_made_to_fit_is_an_error_too(tmp_path: Path, damage: Any) -> None:
    Store(tmp_path).add(record())
    (path,) = tmp_path.rglob(ARRAYS)
    content = path.read_bytes()
    path.write_bytes(damage(content))
    assert path.read_bytes() != content
    reseal(path.parent)
    with pytest.raises(ProtocolError, match=r"ranks\.npz is damaged \(.+\); remove its folder"):
        Store(tmp_path).records()


def test_missing_ranks_are_damage(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(record())
    next((tmp_path / "records").rglob("ranks.npz")).unlink()
    with pytest.raises(ProtocolError, match=r"ranks\.npz is damaged"):
        store.records()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"train_users": None}, "it lacks train_users"),
        ({"train_items": None, "train_heldout": None}, "it lacks train_heldout, train_items"),
        ({"n_tied": None}, "it lacks n_tied"),
        ({"full_n_tied": None}, "it lacks full_n_tied"),
        ({"top_items": None}, "it lacks top_items"),
        ({"extra": np.zeros(3)}, "it holds the unknown extra"),
        ({"train_users": np.zeros(2, int)}, r"counts of users \(2,\), held-out items \(3,\)"),
        (
            {"train_users": np.zeros(2, int), "train_heldout": np.zeros(2, int)},
            "it holds arrays of 2 different numbers of users",
        ),
        ({"top_items": np.zeros((4, 3), int)}, "it holds arrays of 2 different numbers of users"),
        ({"train_heldout": np.array([0, 0, 70_001])}, "a held-out item has more training interactions than any item"),
    ],
)
def test_arrays_that_do_not_make_a_record_are_damage(tmp_path: Path, change: dict[str, Any], expected: str) -> None:
    """Even with the SHA-256 of the file in order: an older recbench, say, or another hand."""
    store = Store(tmp_path)
    store.add(record())
    (folder,) = (tmp_path / "records").iterdir()
    with np.load(folder / ARRAYS) as arrays:
        changed = {name: array for name, array in {**arrays, **change}.items() if array is not None}
    np.savez_compressed(folder / ARRAYS, **changed)
    reseal(folder)
    with pytest.raises(ProtocolError, match=rf"ranks\.npz is damaged \({expected}"):
        store.records()


def test_a_record_without_full_ranking_is_whole(tmp_path: Path) -> None:
    whole = record()
    Store(tmp_path).add(Record(whole.document, whole.ranks, counts=whole.counts))
    (found,) = Store(tmp_path).records()
    assert found.full_ranks is None
    assert found.top_items is None
    assert found.counts.heldout.tolist() == [0, 1, 70_000]


def test_text_that_utf_8_cannot_hold_comes_back(tmp_path: Path) -> None:
    odd = record(failed=True)
    Store(tmp_path).add(
        Record({**odd.document, "failure": {"kind": "raised", "message": "not UTF-8: \udcff, but µ is"}})
    )
    (found,) = Store(tmp_path).records()
    assert found.failure.message == "not UTF-8: \udcff, but µ is"


@pytest.mark.parametrize(
    ("wrong", "error", "expected"),
    [
        (record(seconds=float("nan")), ProtocolError, "its time.fit_seconds: expected `float` >= 0"),
        (
            Record(record(failed=True).document | {"curve": [{"epoch": 1, "loss": float("nan"), "seconds": 1.0}]}),
            ValueError,
            "not JSON compliant",
        ),
    ],
)
def test_figures_that_json_cannot_hold_are_refused(
    tmp_path: Path, wrong: Record, error: type[Exception], expected: str
) -> None:
    with pytest.raises(error, match=expected):
        Store(tmp_path).add(wrong)
    assert not list((tmp_path / "records").rglob("*"))
