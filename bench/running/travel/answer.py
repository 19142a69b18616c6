"""What a worker answers for a parcel: a bundle, or why there is none."""

from __future__ import annotations

import platform
from typing import Literal

import msgspec
from msgspec import Struct, field

from bench.running.travel.bundle import BundleError, sealed, unsealed

Kind = Literal["done", "refused", "unfit", "stopped", "missing"]


class Answer(Struct, frozen=True, kw_only=True):
    """What a worker answers.

    Parameters
    ----------
    kind
        ``"done"``: here is the bundle; a failure of the job is a record, too. ``"refused"``: the worker has other code.
        ``"unfit"``: it can run no job now, as its disk is full. ``"stopped"``: the driver stopped the job, or is gone.
        ``"missing"``: it lacks files.
    reason
        In words; empty where it is done.
    bundle
        See `bench.running.travel.bundle`.
    missing
        The digests of the files that it lacks.
    host
        The worker's machine.
    """

    kind: Kind
    reason: str = ""
    bundle: bytes = b""
    missing: tuple[str, ...] = ()
    host: str = field(default_factory=platform.node)

    def encoded(self) -> bytes:
        """Return the answer as bytes, behind their SHA-256."""
        return sealed(msgspec.msgpack.encode(self))


def read_answer(content: bytes) -> Answer:
    """Read what `Answer.encoded` returned.

    Raises
    ------
    BundleError
        If it is damaged, or no answer.
    """
    try:
        return msgspec.msgpack.decode(unsealed(content), type=Answer)
    except msgspec.MsgspecError as error:
        raise BundleError(f"this is no answer of a worker ({error})") from error
