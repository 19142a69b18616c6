"""The environment variables of a process that computes on a device, or must not."""

from __future__ import annotations

HIDDEN = {"CUDA_VISIBLE_DEVICES": "-1", "HIP_VISIBLE_DEVICES": "-1"}
"""A job on the processor sees no device, so that its record is true: many libraries take one where they see it."""

DETERMINISTIC = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
"""Without it NVIDIA's products of matrices may differ from one call to the next."""


def device_variables(*, on_device: bool) -> dict[str, str]:
    """Return the variables to set in a process before it starts."""
    return DETERMINISTIC if on_device else HIDDEN
