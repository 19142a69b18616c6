"""What a job's process gets from its run: it asks for one part after the other (see `bench.running.handing`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bench.running.packing import is_sealed, unpack
from protocol.errors import RecbenchError
from protocol.tasks.task import Task
from protocol.types import Interactions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from bench.running.handing import Part

    Arrays = Mapping[str, npt.NDArray[Any]]
    Receive = Callable[[], tuple[Mapping[str, Any], list[int]]]


class Supply(Protocol):
    """Gives a job its data, each part once and in this order."""

    def validation(self) -> Task:
        """Return the task on which the number of epochs is chosen."""
        ...

    def train(self) -> Interactions:
        """Return the training interactions of the task."""
        ...

    def task(self) -> Task:
        """Return the task, with its candidates; call it once the recommender is fitted (P12)."""
        ...


class AskedFor:
    """The supply of a job in a process of its own.

    Parameters
    ----------
    ask
        Sends the name of a part to the run.
    receive
        Waits for the answer: a message, and the descriptors of its files.
    """

    def __init__(self, ask: Callable[[Part], None], receive: Receive) -> None:
        self._ask, self._receive = ask, receive
        self._train: Interactions | None = None

    def spec(self) -> Mapping[str, Any]:
        """Return what the job is to do (see `bench.running.plan.Job.spec`)."""
        return self._get("spec")[0]

    def validation(self) -> Task:
        """See `Supply`."""
        about, (train, evaluation) = self._get("validation")
        return _task(train.interactions(about), evaluation.arrays, about)

    def train(self) -> Interactions:
        """See `Supply`."""
        about, (train,) = self._get("train")
        self._train = train.interactions(about)
        return self._train

    def task(self) -> Task:
        """See `Supply`."""
        about, (evaluation,) = self._get("candidates")
        assert self._train is not None  # noqa: S101 - the run gives the candidates after the training interactions
        return _task(self._train, evaluation.arrays, about)

    def _get(self, part: Part) -> tuple[Mapping[str, Any], list[_Handed]]:
        """Ask for a part and wait for it.

        Raises
        ------
        RecbenchError
            If the run refuses it, or the files do not hold what the run packed.
        """
        self._ask(part)
        message, descriptors = self._receive()
        if "refused" in message:
            raise RecbenchError(f"the run did not hand over what the job asked for: {message['refused']}")
        try:
            files = [_handed(*file) for file in zip(descriptors, message["layouts"], strict=True)]
        except ValueError as error:
            raise RecbenchError(f"what the job was handed is damaged ({error}); run it again") from error
        return message["about"], files


@dataclass(frozen=True)
class _Handed:
    """The arrays of a file that the run handed over."""

    arrays: Arrays
    is_sealed: bool

    def interactions(self, sizes: Mapping[str, int]) -> Interactions:
        """Return the interactions that they are; those of a sealed file are as the run checked them."""
        return Interactions.of_arrays(self.arrays, sizes, unchanged=self.is_sealed)


def _handed(descriptor: int, layout: Mapping[str, Any]) -> _Handed:
    sealed = is_sealed(descriptor)
    return _Handed(unpack(descriptor, layout), sealed)


def _task(train: Interactions, evaluation: Arrays, about: Mapping[str, Any]) -> Task:
    """Return a task.

    Raises
    ------
    RecbenchError
        If its candidates are not those of its digest.
    """
    task = Task.of_arrays(train, evaluation, about)
    if task.candidates.digest != task.parts["candidates"]:
        raise RecbenchError("the candidates that the job was handed are not those of its task; run it again")
    return task
