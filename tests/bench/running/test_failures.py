"""What is made of an exception that ended a job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fake_torch import OutOfMemoryError, fake_torch

import bench
from bench.checks import CHECKS, check_recommender
from bench.cli.main import main
from bench.machine.devices.at_work import Processor, at_work
from bench.records.outcome import EpochLine
from bench.running.failures import failure_of, naming_the_loss
from protocol.errors import ScoreError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAKE = {"kind": "cuda", "index": 0, "name": "FAKE 0", "memory_mib": 81920.0}


def test_a_device_without_memory_says_what_was_taken_and_what_there_is() -> None:
    with fake_torch(1) as torch, at_work("cuda:0", tf32=False) as device:
        torch.launch(mib=600)
        failure = failure_of(OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB."), device, FAKE)
    assert failure.kind == "device memory"
    assert failure.message == (
        "no memory left on FAKE 0, which has 80 GiB, the job had taken 600 MiB: OutOfMemoryError: CUDA out of memory. "
        "Tried to allocate 2 GiB.; smaller batches or fewer parameters need less"
    )
    assert failure.detail is not None
    assert "OutOfMemoryError" in failure.detail


def test_on_the_processor_the_same_exception_is_none_of_the_device() -> None:
    assert failure_of(OutOfMemoryError("out of memory"), Processor(), {}).kind == "raised"
    assert failure_of(MemoryError(), Processor(), {}).kind == "memory"


def test_who_takes_a_gpu_by_itself_hears_how_to_take_one() -> None:
    message = failure_of(RuntimeError("No CUDA GPUs are available"), Processor(), {}).message
    assert "by a parameter `device` of its constructor" in message


def test_scores_that_are_not_finite_name_the_epoch_whose_loss_was_not() -> None:
    curve = [EpochLine(1, 0.5, 1.0), EpochLine(2, None, 2.0)]
    with pytest.raises(ScoreError, match="some are NaN; the loss of epoch 2 was NaN or inf"), naming_the_loss(curve):
        raise ScoreError("some are NaN")
    with pytest.raises(ScoreError, match=r"^some are NaN$"), naming_the_loss(curve[:1]):
        raise ScoreError("some are NaN")


LOSSES = """
import numpy as np

class Losses:
    def __init__(self, at: int = 2, epochs: int = 5, spoils: bool = False, loss: str = "nan"):
        self.at, self.epochs, self.spoils, self.loss = at, epochs, spoils, loss

    def fit_epochs(self, train, *, rng):
        self.weights = rng.random(train.n_items)
        for epoch in range(1, self.epochs + 1):
            if epoch == self.at and self.spoils:
                self.weights[:] = np.nan
            yield float(self.loss) if epoch == self.at else 1.0 / epoch

    def fit(self, train, *, rng):
        for _ in self.fit_epochs(train, rng=rng):
            pass
        return self

    def score(self, users, items):
        return self.weights[items]
"""


@pytest.mark.usefixtures("in_this_process")
def test_a_row_whose_loss_was_not_finite_is_named_and_its_training_stops_there(
    plugin: Callable[[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[Any] = ["run", "--dataset", "synthetic:40x200x600", "--plugin", plugin(LOSSES), "--format", "github"]
    rows = ("losses", "losses:loss=inf,at=3", "losses:spoils=true", "losses:at=9")
    options = [part for row in rows for part in ("-r", row)]
    assert main([*given, *options, "--out", str(tmp_path / "out")]) == 1
    table = capsys.readouterr().out
    assert "losses (at=2, spoils=False, loss=nan) (loss not finite)" in table
    assert "losses:loss=inf,at=3 (at=3, spoils=False, loss=inf) (loss not finite)" in table
    assert "losses (epoch 2 of fitting)" in table
    assert "losses:loss=inf,at=3 (epoch 3 of fitting)" in table
    assert "losses:at=9 (at=9, spoils=False, loss=nan) †" in table
    assert "losses:at=9 (epoch" not in table
    assert "scores are not finite (some are NaN), expected numbers; the loss of epoch 2 was NaN or infinite" in table
    assert not (bench.verify(tmp_path / "out", offline=True)["status"] == "fail").any()


@pytest.mark.usefixtures("in_this_process")
def test_a_selection_with_such_a_loss_is_no_suspicious_record(plugin: Callable[[str], str], tmp_path: Path) -> None:
    found = bench.run(
        "synthetic:40x200x600", "losses:at=3", plugins=plugin(LOSSES), patience=5, out=tmp_path / "out", quiet=True
    )
    (record,) = found.records
    assert record.selection is not None
    assert [line.epoch for line in record.selection.curve] == [1, 2, 3]
    assert record.selection.best_epoch in (1, 2)
    assert not (bench.verify(tmp_path / "out", offline=True)["status"] == "fail").any()
    document = json.loads(found.render("json"))
    assert "losses:at=3 (epoch 3 of the selection)" in json.dumps(document)


@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")
def test_a_tensor_of_scores_needs_no_conversion(plugin: Callable[[str], str]) -> None:
    pytest.importorskip("torch")
    source = """
import numpy as np

class Tensors:
    def fit(self, train, *, rng):
        import torch
        self.weights = torch.nn.Parameter(torch.as_tensor(rng.random(train.n_items)))
        return self

    def score(self, users, items):
        return self.weights[np.asarray(items)]

    def score_all(self, users):
        return self.weights.expand(len(users), -1)
"""
    results = list(check_recommender(registry.plugin_entry(f"{plugin(source)}:Tensors")))
    assert len(results) == len(CHECKS)
    assert [result for result in results if result.status == "fail"] == []
