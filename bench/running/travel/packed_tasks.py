"""Tasks that travel: their arrays as blobs, which jobs of one machine map and so share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bench.running.packing import Packed, pack, unpack
from protocol.errors import ProtocolError
from protocol.tasks.task import Task
from protocol.types import Interactions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.running.travel.blobs import Blobs


class PackedArrays(Struct, frozen=True):
    """Arrays in a blob.

    Parameters
    ----------
    blob
        Its SHA-256.
    layout
        See `bench.running.packing.Packed`.
    """

    blob: str
    layout: Mapping[str, Any]

    def opened(self, blobs: Blobs) -> Packed:
        """Open the blob for reading.

        Raises
        ------
        BlobError
            If it is missing or damaged.
        """
        return Packed(os.open(blobs.get(self.blob), os.O_RDONLY | os.O_CLOEXEC), self.layout)


class PackedTask(Struct, frozen=True):
    """A task whose arrays are blobs.

    Parameters
    ----------
    digest
        Of the task.
    about, sizes
        See `Task.about` and `Interactions.sizes`.
    """

    digest: str
    about: Mapping[str, Any]
    sizes: Mapping[str, int]
    train: PackedArrays
    evaluation: PackedArrays

    @property
    def blobs(self) -> Iterator[str]:
        """The digests of the blobs."""
        yield self.train.blob
        yield self.evaluation.blob


def pack_task(task: Task, blobs: Blobs) -> PackedTask:
    """Keep the arrays of a task as blobs."""
    train, evaluation = (_kept(arrays, blobs) for arrays in (task.train.arrays, task.evaluation_arrays))
    return PackedTask(task.digest, task.about, task.train.sizes, train, evaluation)


def unpack_task(packed: PackedTask, blobs: Blobs) -> Task:
    """Return a task; its arrays are mapped, and not copied.

    Raises
    ------
    BlobError
        If a blob is missing or damaged.
    ProtocolError
        If the arrays are not those of the task.
    """
    train, evaluation = (_arrays(part.opened(blobs)) for part in (packed.train, packed.evaluation))
    task = Task.of_arrays(Interactions.of_arrays(train, packed.sizes), evaluation, packed.about)
    if task.digest != packed.digest or task.candidates.digest != task.parts["candidates"]:
        raise ProtocolError(f"the arrays of the task {packed.digest[:12]} are those of another one; send it again")
    return task


def _kept(arrays: Mapping[str, Any], blobs: Blobs) -> PackedArrays:
    packed = pack(arrays)
    try:
        return PackedArrays(blobs.put_open(packed.descriptor), packed.layout)
    finally:
        packed.close()


def _arrays(packed: Packed) -> dict[str, Any]:
    try:
        return unpack(packed.descriptor, packed.layout)
    except ValueError as error:
        raise ProtocolError(f"the arrays of a task are damaged ({error}); send it again") from error
