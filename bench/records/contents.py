"""The content of ``record.json``, read into types; anything that does not fit them is an error that says where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, ValidationError, convert

from bench.choices import FoundParameters
from bench.records.device import DeviceUse, RecordedDevice
from bench.records.environment import Environment
from bench.records.kept_model import KeptModel
from bench.records.outcome import Amount, EpochLine, Failure, Memory, Probed, Selection, Times, Usage
from bench.records.recommender import RecordedRecommender
from bench.records.task import Count, RecordedTask
from protocol.errors import ProtocolError
from recommenders.registry import Used

_MISSING = re.compile("Object missing required field `(.+)`")


class Contents(Struct, frozen=True, kw_only=True):
    """The input of a job, and its outcome.

    Fields without a default are in every record; those with one are missing in older records. Fields that a newer
    recbench adds are ignored here, and stay in the document.

    Parameters
    ----------
    key
        SHA-256, in hexadecimal, over all that decides the outcome (see `bench.records.inputs.job_key`).
    seed
        Of training.
    threads
        That the job could use; None for scores that another program computed.
    patience
        Of the selection of epochs; None where there was none.
    tuning_seconds
        What finding the parameters took; None where they were not searched for.
    found_parameters
        Where those parameters were found that a file gave; None where no file gave any, and in older records.
    device
        Where the job computes; None for the processor with ordinary arithmetic, and in older records.
    options
        Of the run, with their values as the command line takes them, where they are not the default and nothing else
        tells them (see `bench.running.given_options`); empty in older records.
    bibtex
        What the recommender's class asks to be cited.
    list_ties
        How the lists of best items order equal scores (see `protocol.evaluation.evaluate.LIST_TIES`); None where there
        are no lists, and where it was not recorded.
    used
        The files and libraries that the job used; None where that was not recorded: for built-ins, whose key names all
        that they use, for failures, for scores that another program computed, and in older records.
    curve
        Of fitting; empty where the recommender does not learn in epochs.
    time
        None for a failure.
    memory
        None where it was not measured.
    usage
        None where it was not measured.
    random_draws
        Whether fitting drew from the generator that it was given, or from a global one; None in older records, and for
        scores that another program computed.
    warnings
        What the recommender warned of (see `bench.running.warned`); empty in older records.
    device_use
        What held there; None where no device was used.
    probe
        None where nothing was scored again: for failures, choices of epochs, scores that another program computed, and
        in older records.
    model
        What is kept of the fitted model; None where it was not asked for, and in older records.
    files
        SHA-256 of each of the record's other files, by name; those of the model are in ``model``.
    seal
        SHA-256 over all other fields (see `bench.records.files.seal_of`).
    """

    key: str
    recommender: RecordedRecommender
    seed: Annotated[int, Meta(ge=0)]
    threads: Count | None
    patience: Count | None
    tuning_seconds: Amount | None = None
    found_parameters: FoundParameters | None = None
    task: RecordedTask
    environment: Environment
    device: RecordedDevice | None = None
    options: Mapping[str, str] = {}
    bibtex: str | None = None
    list_ties: str | None = None
    used: Used | None = None
    status: Literal["ok", "failed"]
    failure: Failure | None
    selection: Selection | None
    curve: Sequence[EpochLine]
    time: Times | None
    memory: Memory | None
    usage: Usage | None = None
    device_use: DeviceUse | None = None
    random_draws: bool | None = None
    warnings: Sequence[str] = ()
    probe: Probed | None = None
    model: KeptModel | None = None
    files: Mapping[str, str]
    seal: str | None = None

    def __post_init__(self) -> None:
        """Refuse a success without times, and a failure without its kind."""
        if self.status == "ok" and self.time is None:
            raise ValueError("it has no time, and did not fail")
        if self.status == "failed" and self.failure is None:
            raise ValueError("it has no failure, and its status is failed")


def read_contents(document: Mapping[str, Any]) -> Contents:
    """Return what a record's document says.

    Raises
    ------
    ProtocolError
        If a field is missing, or of another type or range than it must be; the message is the reason alone:
        ``"it has no time.fit_seconds"``.
    """
    try:
        return convert(document, Contents)
    except ValidationError as error:
        raise ProtocolError(_reason(str(error))) from error
    except UnicodeEncodeError as error:
        raise ProtocolError(f"{error.object!a} is no text, and is where a field expects another type") from error


def _reason(message: str) -> str:
    """Return msgspec's message with the field's path where a reader looks for it: in front."""
    reason, _, place = message.partition(" - at `$")
    path = place.removesuffix("`").removeprefix(".")
    missing = _MISSING.fullmatch(reason)
    if missing:
        return f"it has no {path}.{missing[1]}" if path else f"it has no {missing[1]}"
    return f"its {path}: {reason[0].lower()}{reason[1:]}" if path else reason
