"""The doctor: every finding has a verdict, and a bad one fails the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fake_torch import fake_torch

from bench.cli.main import main
from bench.diagnosis import installation
from bench.diagnosis.self_proof import Proof

if TYPE_CHECKING:
    from bench.findings import Judgement


def test_this_installation_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0, lines
    named = [line[6:].split(":")[0] for line in lines if line.startswith(("ok ", "warn "))]
    assert named == ["python", "packages", "threads", "devices", "memory", "cache", "data", "recommenders", "pipeline"]
    pipeline = next(line for line in lines if "pipeline" in line)
    assert "constant HR@10 is 0.09901, expected 0.09901;" in pipeline
    assert "constant NDCG@10 is 0.04499, expected 0.04499;" in pipeline
    assert "expected 0.09901 +- 0.069" in pipeline
    assert "oracle NDCG@10 is 1.00000, expected 1.00000" in pipeline


@pytest.mark.parametrize(
    ("n_devices", "expected"),
    [
        (0, "the processor alone: PyTorch 2.9.0 sees no device"),
        (1, "PyTorch 2.9.0 sees cuda:0 (FAKE 0, 1 GiB, CUDA 12.8, driver 550.1)"),
        (
            2,
            "PyTorch 2.9.0 sees cuda:0 (FAKE 0, 1 GiB, CUDA 12.8, driver 550.1); "
            "cuda:1 (FAKE 1, 1 GiB, CUDA 12.8, driver 550.1)",
        ),
    ],
)
def test_it_says_which_devices_there_are(n_devices: int, expected: str) -> None:
    with fake_torch(n_devices):
        assert installation._devices() == ("ok", expected)


def test_what_breaks_is_a_finding_and_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Judgement:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(installation, "_EXAMINATIONS", {"luck": broken, "python": installation._python})
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fail  luck"
    assert lines[1].strip() == "RuntimeError: no such luck"
    assert lines[2].startswith("ok    python: ")
    assert lines[3] == "1 ok, 1 fail"


def test_one_wrong_figure_fails_and_is_named() -> None:
    right, wrong = Proof("constant HR@10", 0.1, 0.1, 1e-12), Proof("oracle HR@10", 0.9, 1.0, 1e-12)
    assert installation.judge([right]) == ("ok", "constant HR@10 is 0.10000, expected 0.10000")
    status, message = installation.judge([right, wrong])
    assert status == "fail"
    assert message.startswith("oracle HR@10 is 0.90000, expected 1.00000; this installation does not measure")


def test_an_old_python_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "MIN_PYTHON", (99, 0))
    status, message = installation._python()
    assert status == "fail"
    assert "install Python 99.0 or newer" in message
