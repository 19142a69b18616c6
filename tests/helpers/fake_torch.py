"""A stand-in for PyTorch with CUDA devices, for machines without one.

Work is handed to a device by ``torch.launch`` and takes its time only when it is awaited, as CUDA's does: a clock that
is read without ``torch.cuda.synchronize`` does not see it.
"""

from __future__ import annotations

import sys
import time
import warnings
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench.machine.devices import seen
from bench.machine.devices.device import Device

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY_MIB = 1024.0
"""Of each device."""


class OutOfMemoryError(RuntimeError):
    """As PyTorch raises it."""


class FakeTorch(ModuleType):
    """What the harness, and a recommender of a test, use of PyTorch.

    Attributes
    ----------
    calls
        What was asked of it, in order.
    waited
        Seconds of work that were awaited.
    """

    def __init__(self, n_devices: int) -> None:
        super().__init__("torch")
        self.__spec__ = ModuleSpec("torch", None, is_package=True)
        self.__spec__.submodule_search_locations = ["nowhere"]
        self.calls: list[str] = []
        self.waited = self._pending = 0.0
        self._taken = self._peak = 0.0
        self._deterministic, self._products = False, "high"
        self.Tensor = type("Tensor", (), {})  # SciPy asks whether its arrays are some.
        self.version = SimpleNamespace(cuda="12.8", hip=None)
        self.backends = SimpleNamespace(
            cudnn=SimpleNamespace(allow_tf32=True), mps=SimpleNamespace(is_available=lambda: False)
        )
        self.cuda = SimpleNamespace(
            OutOfMemoryError=OutOfMemoryError,
            is_available=lambda: n_devices > 0,
            is_initialized=lambda: "zeros" in self.calls,
            get_rng_state_all=lambda: [self.get_rng_state()],
            device_count=lambda: n_devices,
            get_device_properties=lambda index: SimpleNamespace(name=f"FAKE {index}", total_memory=MEMORY_MIB * 2**20),
            set_device=lambda index: self.calls.append(f"set_device {index}"),
            synchronize=self._synchronize,
            reset_peak_memory_stats=self._reset_peak,
            max_memory_allocated=lambda index: round(self._peak * 2**20),
        )

    def launch(self, seconds: float = 0.0, mib: float = 0.0) -> None:
        """Hand work to the device, which takes memory at once and time later."""
        if self._taken + mib > MEMORY_MIB:
            raise OutOfMemoryError(f"CUDA out of memory. Tried to allocate {mib:g} MiB.")
        self._pending += seconds
        self._taken += mib
        self._peak = max(self._peak, self._taken)

    def free(self) -> None:
        """Give all memory back."""
        self._taken = 0.0

    def lack(self, operation: str) -> None:
        """Warn as PyTorch does of an operation without a deterministic algorithm."""
        warnings.warn(f"{operation} does not have a deterministic implementation, but you set ...", stacklevel=2)

    def _synchronize(self, index: int) -> None:
        self.calls.append(f"synchronize {index}")
        self.waited, self._pending = self.waited + self._pending, 0.0

    def _reset_peak(self, index: int) -> None:
        self._peak = self._taken

    def zeros(self, *_: Any, **__: Any) -> None:
        """Wake the device."""
        self.calls.append("zeros")

    def use_deterministic_algorithms(self, mode: bool, *, warn_only: bool = False) -> None:
        """As PyTorch's, and so for the others."""
        self._deterministic = mode

    def are_deterministic_algorithms_enabled(self) -> bool:
        return self._deterministic

    def set_float32_matmul_precision(self, precision: str) -> None:
        self._products = precision

    def get_float32_matmul_precision(self) -> str:
        return self._products

    def manual_seed(self, seed: int) -> None:
        self.calls.append(f"seed {seed}")

    def get_rng_state(self) -> Any:
        return SimpleNamespace(numpy=lambda: np.zeros(1))


@contextmanager
def fake_torch(n_devices: int = 1, problem: str = "PyTorch 2.9.0 sees no device") -> Iterator[FakeTorch]:
    """Let PyTorch be the stand-in, which the harness sees without starting a process; its work moves the clock."""
    torch, real = FakeTorch(n_devices), time.perf_counter
    devices = [Device("cuda", index, f"FAKE {index}", MEMORY_MIB, "CUDA 12.8", "550.1") for index in range(n_devices)]
    found = seen.Torch("2.9.0", tuple(devices), "" if devices else problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "torch", torch)
        patch.setattr(time, "perf_counter", lambda: real() + torch.waited)
        patch.setattr(seen, "_no_device", lambda *_: "")
        patch.setattr(seen, "_asked", lambda _: found)
        seen.torch_seen.cache_clear()
        try:
            yield torch
        finally:
            seen.torch_seen.cache_clear()
