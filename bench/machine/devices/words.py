"""The words for devices and precisions; nothing is imported for them."""

from __future__ import annotations

AUTO, CPU, CUDA, MPS = "auto", "cpu", "cuda", "mps"

FLOAT32, TF32, BF16 = "float32", "tf32", "bf16"
PRECISIONS = {
    FLOAT32: "every product in full",
    TF32: "float32 whose products a CUDA device rounds to 10 bits before it multiplies",
    BF16: "products in bfloat16, by PyTorch's autocast",
}
"""Of a module's arithmetic, each with its meaning."""
