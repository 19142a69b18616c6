"""Scores that are tensors are taken as they are."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.evaluation.tensors import as_array


class OnADevice:
    """A tensor as `as_array` sees it: on a device, with a gradient; it counts what was done before ``numpy``."""

    dtype = "torch.float32"

    def __init__(self, steps: tuple[str, ...] = ()) -> None:
        self.steps = steps

    def detach(self) -> OnADevice:
        return OnADevice((*self.steps, "detach"))

    def cpu(self) -> OnADevice:
        return OnADevice((*self.steps, "cpu"))

    def numpy(self) -> np.ndarray:
        if self.steps != ("detach", "cpu"):
            raise TypeError("can't convert cuda:0 device type tensor to numpy")
        return np.ones((1, 2), dtype=np.float32)


def test_a_tensor_of_another_device_is_fetched_without_its_gradient() -> None:
    assert as_array(OnADevice()).tolist() == [[1, 1]]


def test_every_type_of_float_is_taken_exactly() -> None:
    torch = pytest.importorskip("torch")
    for dtype, found in (
        (torch.float32, np.float32),
        (torch.float64, np.float64),
        (torch.bfloat16, np.float32),
        (torch.float16, np.float32),
    ):
        array = as_array(torch.tensor([[0.5, -3.0]], dtype=dtype, requires_grad=True))
        assert (array.dtype, array.tolist()) == (found, [[0.5, -3.0]])


def test_all_else_stays_what_it_is() -> None:
    array = np.zeros((1, 2))
    assert as_array(array) is array
    answer = [[1.0, 2.0]]
    assert as_array(answer) is answer
