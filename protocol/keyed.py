"""Random numbers as a pure function of a key and a counter: the same on every machine, in any order, in any release.

NumPy's generators may change their streams between releases, so the protocol does not use them.
The function is SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014),
read at any position instead of stepped: output ``c`` of key ``k`` is ``mix64(k + (c + 1) * GOLDEN_GAMMA)``.
Key ``k`` therefore gives the published SplitMix64 stream of seed ``k``.

Keys are derived from named parts, not from the order of calls: ``derive(root_key(0, "candidates"), user_key)``.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Keys: TypeAlias = npt.NDArray[np.uint64]

GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
_LOW_32 = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)


def mix64(values: npt.ArrayLike) -> Keys:
    """Return SplitMix64's finaliser of each value (a bijection of 64-bit words); uint64, any shape."""
    mixed = np.array(values, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(30)
    mixed *= MIX_1
    mixed ^= mixed >> np.uint64(27)
    mixed *= MIX_2
    mixed ^= mixed >> np.uint64(31)
    return mixed


def text_key(text: str) -> np.uint64:
    """Return the first eight bytes, little-endian, of the SHA-256 of ``text`` in UTF-8."""
    return np.uint64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little"))


def id_keys(raw_ids: npt.NDArray[Any]) -> Keys:
    """Return one key per raw id, ``(n,)``: an integer itself (modulo 2^64), text by `text_key`."""
    if np.issubdtype(raw_ids.dtype, np.integer):
        return raw_ids.astype(np.int64).view(np.uint64)
    return np.array([text_key(str(raw_id)) for raw_id in raw_ids], dtype=np.uint64)


def root_key(seed: int, purpose: str) -> Keys:
    """Return the key of a named purpose under a protocol seed; uint64, shape ``()``."""
    return derive(mix64(np.uint64(seed % 2**64)), text_key(purpose))


def derive(key: npt.ArrayLike, part: npt.ArrayLike) -> Keys:
    """Return the sub-key of ``key`` for ``part``; uint64, broadcast over both."""
    with np.errstate(over="ignore"):
        return mix64(np.asarray(key, np.uint64) ^ mix64(np.asarray(part, np.uint64) + GOLDEN_GAMMA))


def words(keys: npt.ArrayLike, counters: npt.ArrayLike) -> Keys:
    """Return the 64-bit word at each counter of each key's stream; uint64, broadcast over both."""
    with np.errstate(over="ignore"):
        steps = np.asarray(counters, np.uint64) + _ONE
        return mix64(np.asarray(keys, np.uint64) + steps * GOLDEN_GAMMA)


def bounded(keys: npt.ArrayLike, counters: npt.ArrayLike, bounds: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return one integer, uniform on ``0 .. bound - 1``, per key and counter; int64, broadcast over all three.

    Lemire's multiplication ("Fast random integer generation in an interval", ACM TOMACS 2019) on the word's upper
    32 bits: exact, because the words that would favour some results are rejected. Attempt ``a`` reads position
    ``counter + a * 2^32`` of the stream, so a rejection moves no other draw.

    Parameters
    ----------
    keys, counters
        uint64; counters below 2^32.
    bounds
        Integers within ``1 .. 2^32 - 1``.
    """
    keys, counters, bounds = np.broadcast_arrays(
        np.asarray(keys, np.uint64), np.asarray(counters, np.uint64), np.asarray(bounds, np.uint64)
    )
    products = np.asarray((words(keys, counters) >> np.uint64(32)) * bounds)
    rejected = _rejected(products, bounds)
    attempt = 0
    while rejected.any():
        attempt += 1
        again = counters[rejected] + np.uint64(attempt << 32)
        retried = (words(keys[rejected], again) >> np.uint64(32)) * bounds[rejected]
        products[rejected] = retried
        rejected[rejected] = _rejected(retried, bounds[rejected])
    return (products >> np.uint64(32)).astype(np.int64)


def _rejected(products: Keys, bounds: Keys) -> npt.NDArray[np.bool_]:
    """Return which products fall into the part of the range that cannot be divided evenly among the results."""
    low = products & _LOW_32
    # 2^32 mod bound is below bound, so only a low half below bound needs the costly division.
    suspects = low < bounds
    rejected = np.zeros(products.shape, dtype=np.bool_)
    rejected[suspects] = low[suspects] < (np.uint64(2**32) - bounds[suspects]) % bounds[suspects]
    return rejected
