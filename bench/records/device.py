"""The device that a job ran on, and what it found there, as its record says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from bench.records.outcome import Amount
from bench.records.task import Count


class RecordedDevice(Struct, frozen=True, omit_defaults=True):
    """Where a job computes and how; no record says so of a processor with ordinary arithmetic.

    Parameters
    ----------
    kind
        ``"cpu"``, ``"cuda"`` or ``"mps"``, as PyTorch calls it.
    index, name, memory_mib, runtime, driver
        See `bench.machine.devices.device.Device`; all None for a processor, which the environment describes.
    precision
        That the recommender was told; None for one that takes a device alone, and chooses itself.
    tf32
        Whether products might be rounded to TF32.
    """

    kind: str
    index: Count | None = None
    name: str | None = None
    memory_mib: Amount | None = None
    runtime: str | None = None
    driver: str | None = None
    precision: str | None = None
    tf32: bool = False

    @property
    def deciding(self) -> Mapping[str, Any]:
        """What may decide a figure, and so is in the record's key; not the index, as devices of one name are alike.

        Determinism is not here: every job is asked for deterministic algorithms, and whether they held (`DeviceUse`) is
        known only when it has ended.
        """
        found = {name: getattr(self, name) for name in ("kind", "name", "runtime", "precision", "tf32")}
        return found if self.driver is None else {**found, "driver": self.driver}

    @property
    def machine(self) -> str | None:
        """What times depend on, besides the machine; None for the processor, which is part of that."""
        return self.name if self.kind != "cpu" else None

    @property
    def options(self) -> Mapping[str, str]:
        """The options that ask for such a device; without those that are the default."""
        precision = "tf32" if self.tf32 else self.precision
        how = {} if precision in (None, "float32") else {"--precision": precision}
        return {"--device": self.kind, **how}

    @property
    def words(self) -> str:
        """What marks a row of this device: ``cuda``, ``cuda, bf16``."""
        how = "tf32" if self.tf32 else self.precision
        return self.kind if how in (None, "float32") else f"{self.kind}, {how}"


class DeviceUse(Struct, frozen=True, omit_defaults=True):
    """What held on the device while the job ran.

    Parameters
    ----------
    deterministic
        Whether PyTorch used deterministic algorithms to the end, and had one for every operation.
    tf32
        Whether products might be rounded to TF32 at the end: a recommender may have allowed it.
    peak_mib
        The most memory of the device that PyTorch had given out, of fitting and scoring, in MiB; None where the device
        does not count it.
    exceptions
        Operations without a deterministic algorithm.
    """

    deterministic: bool
    tf32: bool = False
    peak_mib: Amount | None = None
    exceptions: Sequence[str] = ()
