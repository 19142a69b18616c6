"""Which device is taken, of none, one or two."""

from __future__ import annotations

import pytest
from fake_torch import fake_torch

from bench.machine.devices import seen
from bench.machine.devices.choosing import Asked, Placement, placement
from protocol.errors import RecommenderError


def place(n_devices: int, device: str, precision: str = "float32", *, takes_precision: bool = True) -> Placement:
    with fake_torch(n_devices):
        return placement(Asked(device, precision), takes_precision=takes_precision)


@pytest.mark.parametrize(
    ("n_devices", "asked", "taken"),
    [(0, "auto", "cpu"), (1, "auto", "cuda:0"), (2, "auto", "cuda:0"), (2, "cuda", "cuda:0"), (2, "cuda:1", "cuda:1"),
     (2, "cpu", "cpu")],
)  # fmt: skip
def test_the_device_that_is_taken(n_devices: int, asked: str, taken: str) -> None:
    where = place(n_devices, asked)
    assert where.arguments == {"device": taken, "precision": "float32"}
    assert where.is_plain == (taken == "cpu")


@pytest.mark.parametrize(
    ("n_devices", "asked", "expected"),
    [
        (0, "cuda", "there is no cuda here: PyTorch 2.9.0 sees no device; write --device cpu, or leave it out"),
        (0, "mps", "there is no mps here: PyTorch 2.9.0 sees no device"),
        (2, "cuda:7", r"there is no cuda:7 here; there are cuda:0 \(FAKE 0\), cuda:1 \(FAKE 1\), and cpu"),
        (1, "mps", r"there is no mps here; there are cuda:0 \(FAKE 0\), and cpu"),
    ],
)
def test_what_there_is_not_is_an_error_that_says_what_there_is(n_devices: int, asked: str, expected: str) -> None:
    with pytest.raises(RecommenderError, match=f"device: {expected}"):
        place(n_devices, asked)


def test_the_precision_is_given_to_those_who_take_it() -> None:
    assert place(1, "cuda", "bf16").arguments == {"device": "cuda:0", "precision": "bf16"}
    assert place(1, "cuda", "bf16", takes_precision=False).arguments == {"device": "cuda:0"}
    assert not place(0, "cpu", "bf16").is_plain


def test_tf32_is_the_device_s_and_not_the_recommender_s() -> None:
    where = place(1, "cuda", "tf32")
    assert (where.arguments["precision"], where.tf32) == ("float32", True)
    with pytest.raises(RecommenderError, match="precision: tf32 is arithmetic of CUDA devices, and cpu is none"):
        place(0, "auto", "tf32")


def test_for_the_processor_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "torch_seen", lambda: pytest.fail("it asked"))
    monkeypatch.setattr("bench.machine.devices.choosing.torch_seen", lambda: pytest.fail("it asked"))
    assert placement(Asked("cpu"), takes_precision=True).is_plain
