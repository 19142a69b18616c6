"""A record as bytes: there and back it is the same, and any damage is found."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.records.kept_model import KeptFile, KeptModel
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.travel import bundle as bundling
from bench.running.travel.bundle import BundleError, bundle, sealed, unbundled, unsealed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]


@pytest.fixture
def record(plan: Plan, tmp_path: Path, in_this_process: None) -> Record:
    return run_jobs(plan(["popularity"]), Store(tmp_path / "store"), timeout=60, progress=Silence())[0]


def with_model(record: Record, folder: Path, content: bytes = b"weights") -> Record:
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "weights.npz").write_bytes(content)
    file = KeptFile(len(content), hashlib.sha256(content).hexdigest())
    return record.with_model(KeptModel({"inner/weights.npz": file}))


def test_there_and_back_it_is_the_same_record_with_its_model(record: Record, tmp_path: Path) -> None:
    sent = with_model(record, tmp_path / "model")
    there, model = unbundled(bundle(sent, tmp_path / "model"), tmp_path / "models")
    assert (there.ranks.n_better == record.ranks.n_better).all()
    assert (there.top_items == record.top_items).all()
    changed = {"files", "seal", "model"}
    assert {k: v for k, v in there.document.items() if k not in changed} == {
        k: v for k, v in record.document.items() if k not in changed
    }
    assert model == tmp_path / "models" / record.key
    assert (model / "inner" / "weights.npz").read_bytes() == b"weights"


def test_a_failure_travels_too(plan: Plan) -> None:
    (job,) = plan(["popularity"])
    there, model = unbundled(bundle(failed_record(job.document, Failure("died", "it died \ud800 there"))))
    assert there.failure == Failure("died", "it died \ud800 there")
    assert model is None


def test_any_flipped_bit_and_any_cut_is_found(record: Record) -> None:
    content = bundle(record)

    @settings(max_examples=60)
    @given(bit=st.integers(0, 8 * len(content) - 1), length=st.integers(0, len(content) - 1))
    def damage(bit: int, length: int) -> None:
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        for damaged in (bytes(flipped), content[:length]):
            with pytest.raises(BundleError):
                unbundled(damaged)

    damage()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=50))
def test_what_was_sealed_is_unsealed(content: bytes) -> None:
    assert unsealed(sealed(content)) == content


@pytest.mark.parametrize("content", [b"\x80\x04.", b"", msgspec.msgpack.encode({"files": {}}), b"\xc1" * 50])
def test_bytes_with_a_right_seal_that_are_no_bundle_are_refused(content: bytes) -> None:
    with pytest.raises(BundleError):
        unbundled(sealed(content))


def test_no_file_gets_out_of_its_folder(record: Record) -> None:
    found = msgspec.msgpack.decode(unsealed(bundle(record)))
    found["files"]["../evil"] = b""
    with pytest.raises(BundleError, match=r"a record has no file '\.\./evil'"):
        unbundled(sealed(msgspec.msgpack.encode(found)))


def test_a_model_is_of_the_files_that_its_record_names(record: Record, tmp_path: Path) -> None:
    sent = with_model(record, tmp_path / "model")
    found = msgspec.msgpack.decode(unsealed(bundle(sent, tmp_path / "model")))
    found["model"]["inner/weights.npz"] = b"others!"
    with pytest.raises(BundleError, match="not those that its record names"):
        unbundled(sealed(msgspec.msgpack.encode(found)), tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_model_that_is_too_large_stays_there_and_the_record_says_so(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundling, "MOST_MODEL_BYTES", 3 * 2**20)
    sent = with_model(record, tmp_path / "model", bytes(5 * 2**20))
    there, model = unbundled(bundle(sent, tmp_path / "model"), tmp_path / "models")
    assert model is None
    assert there.model == KeptModel(problem="it has 5 MiB, and at most 3 MiB travel from another machine")
