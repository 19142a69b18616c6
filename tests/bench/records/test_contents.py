"""What a record's document says is read into types; anything that does not fit is refused, with its path."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hand_made
import pytest
from msgspec import to_builtins

from bench.records.contents import read_contents
from bench.records.outcome import EpochLine
from bench.records.record import Record
from bench.records.store import DOCUMENT, read_record, write_record
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

DIGESTS = re.compile(r'(?<="files": )\{[^}]*\}|,\n "seal": "[0-9a-f]{64}"')
COMMITTED = sorted((Path(__file__).parents[3] / "results").glob("**/records/*/record.json"))


def without_digests(text: str) -> str:
    """Return the text of a document without what is computed when it is written: older ones have no seal."""
    return DIGESTS.sub("", text)


def document() -> dict[str, Any]:
    """Return the document of a fit of two epochs, both chosen on the validation task."""
    curve = [{"epoch": epoch, "loss": 1.0, "seconds": epoch / 2, "HR@10": 0.1, "NDCG@10": 0.05} for epoch in (1, 2)]
    selection = {"best_epoch": 2, "seconds": 1.5, "curve": curve, "patience": 3}
    made = copy.deepcopy(dict(hand_made.record("bpr", [0], selection=selection, tuning=2.0).document))
    return made | {"curve": [{"epoch": 1, "loss": None, "seconds": 0.5}]}


def test_what_a_document_says_has_names_and_types() -> None:
    record = Record(document())
    assert (record.recommender.label, record.seed, record.patience, record.tuning_seconds) == ("bpr", 0, 3, 2.0)
    assert (record.task.parts.split, record.task.facts.n_negatives) == ("leave-last-out", 100)
    assert record.environment.versions == {"python": "3.11", "numpy": "2.4.6"}
    assert (record.time.fit_seconds, record.memory.peak_mib) == (1.0, 234.5)
    assert record.selection.curve[1] == EpochLine(2, 1.0, 1.0, hit_rate=0.1, ndcg=0.05)
    assert list(record.curve) == [EpochLine(1, None, 0.5)]
    assert (record.failed, record.failure, record.bibtex) == (False, None, None)


def test_a_failure_has_no_times() -> None:
    record = Record({**document(), "status": "failed", "failure": hand_made.TIMEOUT, "time": None})
    assert record.failure.message == "stopped after 60 s, in epoch 3 of 30"
    assert record.failure.seconds is None
    assert record.time.fit_seconds is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d.pop("key"), "it has no key"),
        (lambda d: d["time"].pop("fit_seconds"), "it has no time.fit_seconds"),
        (lambda d: d["task"]["facts"].pop("n_train"), "it has no task.facts.n_train"),
        (lambda d: d["task"]["facts"].update(n_train=-1), "its task.facts.n_train: expected `int` >= 0"),
        (lambda d: d["task"]["facts"].update(n_train=1.5), "its task.facts.n_train: expected `int`, got `float`"),
        (lambda d: d["task"]["facts"].update(notes=[1]), "its task.facts.notes[0]: expected `str`, got `int`"),
        (
            lambda d: d["task"]["parts"].update(split="time:0.9"),
            "its task: a split at a point in time has facts.",
        ),
        (lambda d: d.update(seed=True), "its seed: expected `int`, got `bool`"),
        (lambda d: d.update(patience=-1), "its patience: expected `int` >= 0"),
        (lambda d: d.update(tuning_seconds="3"), "its tuning_seconds: expected `float | null`, got `str`"),
        (lambda d: d.update(tuning_seconds=float("inf")), "its tuning_seconds: expected `float` <= "),
        (lambda d: d["time"].update(fit_seconds=-1.0), "its time.fit_seconds: expected `float` >= 0.0"),
        (lambda d: d["time"].update(fit_seconds=float("nan")), "its time.fit_seconds: expected `float` >= 0.0"),
        (lambda d: d["memory"].update(peak_mib=None), "its memory.peak_mib: expected `float`, got `null`"),
        (lambda d: d.update(curve=["junk"]), "its curve[0]: expected `object`, got `str`"),
        (lambda d: d["curve"][0].update(seconds="0.5"), "its curve[0].seconds: expected `float`, got `str`"),
        (lambda d: d["curve"][0].pop("loss"), "it has no curve[0].loss"),
        (lambda d: d["selection"]["curve"][1].update({"HR@10": []}), "its selection.curve[1].HR@10: expected"),
        (lambda d: d["selection"]["curve"].append(None), "its selection.curve[2]: expected `object`, got `null`"),
        (lambda d: d["environment"].pop("versions"), "its environment: it has no versions"),
        (lambda d: d["environment"].pop("cpu"), "its environment: it has no cpu"),
        (lambda d: d.update(bibtex=7), "its bibtex: expected `str | null`, got `int`"),
        (lambda d: d["recommender"].update(libraries={"torch": 2}), "its recommender.libraries[...]: expected `str`"),
        (lambda d: d.update(status="done"), "its status: invalid enum value 'done'"),
        (lambda d: d.update(time=None), "it has no time, and did not fail"),
        (lambda d: d.update(status="failed"), "it has no failure, and its status is failed"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(change: Callable[[dict[str, Any]], Any], expected: str) -> None:
    read_contents(document())
    wrong = document()
    change(wrong)
    with pytest.raises(ProtocolError) as refused:
        read_contents(wrong)
    assert str(refused.value).startswith(expected)


def test_fields_of_a_newer_recbench_are_kept_and_ignored(tmp_path: Path) -> None:
    newer = Record(document() | {"energy": 5, "time": {**document()["time"], "idle_seconds": 0.1}})
    write_record(newer, tmp_path)
    stored = json.loads((tmp_path / DOCUMENT).read_text())
    assert (stored["energy"], stored["time"]["idle_seconds"]) == (5, 0.1)
    assert newer.time.fit_seconds == 1.0


def test_an_older_record_lacks_what_was_added_since() -> None:
    older = document()
    older.pop("tuning_seconds")
    assert Record(older).tuning_seconds is None


@pytest.mark.skipif(not COMMITTED, reason="the committed results are not part of an installation")
def test_committed_records_are_read_whole_and_written_back_byte_for_byte(tmp_path: Path) -> None:
    for path in COMMITTED:
        record = read_record(path.parent)
        for name in ("recommender", "task", "environment", "selection", "curve", "time", "memory", "failure"):
            assert to_builtins(getattr(record.contents, name)) == record.document[name], f"{path}: {name}"
        write_record(Record(record.document), tmp_path)
        expected, found = (one.read_text(encoding="utf-8") for one in (path, tmp_path / DOCUMENT))
        assert without_digests(found) == without_digests(expected), path
