"""The record of one job: its document, which is read into types, and its arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import structs, to_builtins

from bench.records.contents import Contents, read_contents
from bench.records.outcome import UNKNOWN_TIMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.choices import FoundParameters
    from bench.records.device import DeviceUse, RecordedDevice
    from bench.records.environment import Environment
    from bench.records.kept_model import KeptModel
    from bench.records.outcome import EpochLine, Failure, Memory, Probed, Selection, Times, Usage
    from bench.records.recommender import RecordedRecommender
    from bench.records.task import RecordedTask
    from protocol.evaluation.ranking import Ranks
    from protocol.tasks.counts import TrainCounts
    from protocol.types import IndexArray
    from recommenders.registry import Used


@dataclass(frozen=True, eq=False)
class Record:
    """Figures and, unless the job failed, ranks.

    Parameters
    ----------
    document
        In JSON's types, as ``record.json`` has it: with every field, also those that this recbench does not know.
        What it says is read with the properties below; writing it gives the same file again.
    ranks
        Against the candidates; where none are drawn (P25), against all untouched items.
    full_ranks, top_items
        See `protocol.evaluation.evaluate.Evaluation`.
    counts
        Of the task's training interactions. The interactions themselves are not kept: only their owners may pass
        them on.
    """

    document: Mapping[str, Any]
    ranks: Ranks | None = None
    full_ranks: Ranks | None = None
    top_items: IndexArray | None = None
    counts: TrainCounts | None = None

    @cached_property
    def contents(self) -> Contents:
        """The content of the document (see `bench.records.contents`).

        Raises
        ------
        ProtocolError
            If it does not have the form that it must have.
        """
        return read_contents(self.document)

    @property
    def key(self) -> str:
        """SHA-256 over all that decides the outcome."""
        return self.contents.key

    @property
    def recommender(self) -> RecordedRecommender:
        """The recommender that was measured."""
        return self.contents.recommender

    @property
    def seed(self) -> int:
        """The training seed."""
        return self.contents.seed

    @property
    def title(self) -> str:
        """The row and, where it changes the outcome, the training seed."""
        name = self.recommender.row_name
        return name if self.recommender.deterministic else f"{name}, seed {self.seed}"

    @property
    def threads(self) -> int | None:
        """The number of threads that the job could use; None for scores that another program computed."""
        return self.contents.threads

    @property
    def patience(self) -> int | None:
        """The patience with which the number of epochs was chosen; None where it was not chosen."""
        return self.contents.patience

    @property
    def tuning_seconds(self) -> float | None:
        """Seconds that finding the parameters took; None where they were not searched for."""
        return self.contents.tuning_seconds

    @property
    def found_parameters(self) -> FoundParameters | None:
        """Where those parameters were found that a file gave; None where no file gave any, or it was not recorded."""
        return self.contents.found_parameters

    @property
    def options(self) -> Mapping[str, str]:
        """Options of the run that nothing else here tells (see `bench.running.given_options`)."""
        return self.contents.options

    @property
    def task(self) -> RecordedTask:
        """The task that the recommender was measured on."""
        return self.contents.task

    @property
    def environment(self) -> Environment:
        """The machine and the software that the job ran with."""
        return self.contents.environment

    @property
    def device(self) -> RecordedDevice | None:
        """The device that the job ran on; None for the processor with ordinary arithmetic."""
        return self.contents.device

    @property
    def device_use(self) -> DeviceUse | None:
        """What held on the device while the job ran; None where it used none."""
        return self.contents.device_use

    @property
    def machine(self) -> tuple[str | int | None, ...]:
        """What the times of the job depend on: the machine and, where it used one, the device."""
        return (*self.environment.machine, self.device.machine if self.device else None)

    @property
    def bibtex(self) -> str | None:
        """The BibTeX entries that the recommender's class asks to cite."""
        return self.contents.bibtex

    @property
    def used(self) -> Used | None:
        """The files and libraries that the job used; None where that was not recorded."""
        return self.contents.used

    @property
    def failed(self) -> bool:
        """Whether there is a failure instead of ranks."""
        return self.contents.status == "failed"

    @property
    def failure(self) -> Failure | None:
        """The failure of the job; None if it did not fail."""
        return self.contents.failure

    @property
    def selection(self) -> Selection | None:
        """The choice of the number of epochs; None where it was not chosen."""
        return self.contents.selection

    @property
    def curve(self) -> Sequence[EpochLine]:
        """The learning curve of fitting; empty where the recommender does not learn in epochs."""
        return self.contents.curve

    @property
    def time(self) -> Times:
        """The times of fitting and scoring; all unknown for a failure."""
        return self.contents.time or UNKNOWN_TIMES

    @property
    def memory(self) -> Memory | None:
        """The memory that fitting took; None if it was not measured."""
        return self.contents.memory

    @property
    def usage(self) -> Usage | None:
        """What the job used besides its times and its memory while fitting; None if it was not measured."""
        return self.contents.usage

    @property
    def random_draws(self) -> bool | None:
        """Whether fitting drew random numbers; None where that was not recorded."""
        return self.contents.random_draws

    @property
    def warnings(self) -> Sequence[str]:
        """What the recommender warned of while the job ran."""
        return self.contents.warnings

    @property
    def probe(self) -> Probed | None:
        """What came of scoring some users once more; None if that was not done."""
        return self.contents.probe

    @property
    def model(self) -> KeptModel | None:
        """What is kept of the fitted model; None where it was not asked for."""
        return self.contents.model

    def with_model(self, model: KeptModel | None) -> Record:
        """Return the record with this to say of its fitted model."""
        said = {} if model is None else {"model": to_builtins(model)}
        document = {name: value for name, value in self.document.items() if name != "model"}
        return replace(self, document={**document, **said})

    def named(self, display_name: str | None) -> Record:
        """Return the record with the name that the user gave to its row; as it is without one."""
        if display_name is None:
            return self
        recommender = {**self.document["recommender"], "display_name": display_name}
        return replace(self, document={**self.document, "recommender": recommender})

    def with_neighbours(self, at_once: int | None) -> Record:
        """Return the record with how many jobs its machine ran at once, None for not known; a failure as it is."""
        usage = self.usage
        if usage is None:
            return self
        usage = structs.replace(usage, at_once=at_once or 0)
        return replace(self, document={**self.document, "usage": to_builtins(usage)})
