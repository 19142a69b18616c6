"""The device in a job's process: set up before anything runs, awaited, and asked what held."""

from __future__ import annotations

import warnings

import pytest
from fake_torch import OutOfMemoryError, fake_torch

from bench.machine.devices.at_work import at_work, is_out_of_memory


def test_it_is_set_up_before_anything_runs() -> None:
    with fake_torch(2) as torch, at_work("cuda:1", tf32=False) as device:
        assert torch.calls == ["set_device 1", "zeros", "synchronize 1"]
        held = device.held()
        assert held is not None
        assert (held.deterministic, held.tf32, held.exceptions) == (True, False, ())
        assert torch.backends.cudnn.allow_tf32 is False


def test_tf32_is_on_where_it_is_asked_for() -> None:
    with fake_torch(1) as torch, at_work("cuda:0", tf32=True) as device:
        assert (device.held().tf32, torch.get_float32_matmul_precision()) == (True, "high")  # type: ignore[union-attr]


def test_what_a_recommender_changes_is_seen() -> None:
    with fake_torch(1) as torch, at_work("cuda:0", tf32=False) as device:
        torch.set_float32_matmul_precision("medium")
        torch.use_deterministic_algorithms(False)
        held = device.held()
        assert held is not None
        assert (held.deterministic, held.tf32) == (False, True)


def test_operations_without_a_deterministic_algorithm_are_noted_once_and_other_warnings_shown() -> None:
    shown: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_, **__: shown.append(str(message))
        with fake_torch(1) as torch, at_work("cuda:0", tf32=False) as device:
            torch.lack("kthvalue")
            torch.lack("cumsum_cuda_kernel")
            torch.lack("kthvalue")
            warnings.warn("another thing", stacklevel=1)
            held = device.held()
    assert held is not None
    assert (held.deterministic, held.exceptions) == (False, ("cumsum_cuda_kernel", "kthvalue"))
    assert shown == ["another thing"]


def test_the_peak_is_what_was_given_out_since_it_was_reset() -> None:
    with fake_torch(1) as torch, at_work("cuda:0", tf32=False) as device:
        torch.launch(mib=500)
        torch.free()
        device.reset_peak()
        torch.launch(mib=200)
        torch.free()
        assert device.peak_mib() == 200


def test_the_processor_is_never_awaited() -> None:
    with fake_torch(1) as torch, at_work("cpu", tf32=False) as device:
        device.synchronise()
        device.reset_peak()
        assert (device.held(), device.peak_mib(), torch.calls) == (None, None, [])


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"), True),
        (RuntimeError("CUDA error: device-side assert triggered"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_no_memory_is_known_by_what_libraries_raise(error: Exception, found: bool) -> None:
    assert is_out_of_memory(error) is found
    wrapped = ValueError("the step failed")
    wrapped.__cause__ = error
    assert is_out_of_memory(wrapped) is found
