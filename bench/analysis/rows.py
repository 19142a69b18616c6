"""The rows of a table: each is one recommender, pooled over its training seeds, or its failure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.beyond_accuracy import beyond_accuracy_values
from bench.analysis.conduct import faults_in
from bench.names import EXTERNAL
from protocol.evaluation.intervals import Interval, mean_interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from bench.analysis.conduct import Fault
    from bench.choices import FoundParameters
    from bench.records.device import RecordedDevice
    from bench.records.groups import Group
    from bench.records.recommender import RecordedRecommender
    from bench.records.record import Record


@dataclass(frozen=True)
class Row:
    """One recommender with one set of hyper-parameters, or its failure.

    Parameters
    ----------
    label
        Name and parameters as the user gave them; unique within a summary.
    seeds
        The training seeds that the row pools, ascending.
    accuracy
        ``"HR@10"``, ``"expected NDCG@10"``, ``"full HR@10"``, ...: mean over users of the per-user values (averaged
        over training seeds first), with the interval over users. Empty for a failure. Without ``expected`` and
        ``full`` if the recommender does not rank the whole catalogue.
    beyond_accuracy
        ``"coverage@10"``, ``"gini@10"``, ...: see `bench.analysis.beyond_accuracy`.
    fit_seconds, score_us_per_user
        Means over seeds; None if they are not known.
    selection_seconds
        The time of choosing on the validation task: all of the tuning that found the parameters, and choosing the
        epochs, as a mean over seeds. None if nothing was chosen, or the time is not known.
    is_tuned
        Whether its parameters are known to come from a search.
    build_seconds, cpu_seconds
        Of the constructor, and the processor time of fitting; means over seeds, None if they are not known.
    exceeds_threads
        Whether a job used more processor time than its threads can.
    peak_mib
        The highest over seeds, of fitting and scoring.
    device_peak_mib
        Of the device's memory, the highest over seeds; None where none was used, or it does not count.
    best_epochs
        Per seed, if the number of epochs was chosen on the validation task.
    failure_kind, failure
        One word for the kind, and one line for the message; None if the row did not fail.
    records
        The records that the row pools, one for each seed; none for a failure.
    failed_records
        The records of a failure, one for each seed.
    shares_name
        Whether other rows have the same name, so that the label ends with digits.
    """

    label: str
    recommender: RecordedRecommender
    seeds: tuple[int, ...]
    accuracy: Mapping[str, Interval] = field(default_factory=dict)
    beyond_accuracy: Mapping[str, float] = field(default_factory=dict)
    fit_seconds: float | None = None
    score_us_per_user: float | None = None
    build_seconds: float | None = None
    cpu_seconds: float | None = None
    exceeds_threads: bool = False
    peak_mib: float | None = None
    device_peak_mib: float | None = None
    selection_seconds: float | None = None
    is_tuned: bool = False
    best_epochs: tuple[int, ...] = ()
    failure_kind: str | None = None
    failure: str | None = None
    records: tuple[Record, ...] = field(default=(), repr=False, compare=False)
    failed_records: tuple[Record, ...] = field(default=(), repr=False, compare=False)
    shares_name: bool = False

    @property
    def failed(self) -> bool:
        """Whether the row is a failure."""
        return self.failure_kind is not None

    @property
    def every_record(self) -> tuple[Record, ...]:
        """The records that the row is made of, whether it failed or not."""
        return (*self.records, *self.failed_records)

    @property
    def device(self) -> RecordedDevice | None:
        """The device of the row; None for the processor with ordinary arithmetic.

        Where its seeds ran on several, these differ in nothing that may decide a figure, and this is the first one.
        """
        return self.every_record[0].device if self.every_record else None

    @property
    def devices(self) -> tuple[RecordedDevice, ...]:
        """All devices on which its seeds ran, each once; empty for the processor with ordinary arithmetic."""
        return tuple(dict.fromkeys(record.device for record in self.every_record if record.device is not None))

    @property
    def found_parameters(self) -> tuple[FoundParameters, ...]:
        """Where those parameters were found that files gave, each origin once; empty where none is recorded."""
        return tuple(dict.fromkeys(record.found_parameters for record in self.records if record.found_parameters))

    @property
    def has_foreign_parameters(self) -> bool:
        """Whether parameters come from a search that is not known to have been on the data of this row."""
        return any(not found.is_own for found in self.found_parameters)

    @property
    def chosen_defaults(self) -> str | None:
        """The dataset on which its parameters were chosen as defaults; None where they are no such defaults.

        None, too, where a search found the same parameters on the data of this row.
        """
        is_tuned_here = (self.is_tuned or bool(self.found_parameters)) and not self.has_foreign_parameters
        return None if self.failed or is_tuned_here else self.recommender.chosen_on

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What its records say against its figures."""
        return faults_in(self.records)

    @property
    def has_notable_build(self) -> bool:
        """Whether building took more than a twentieth of fitting, and 0.01 s."""
        return self.build_seconds is not None and self.build_seconds > max(0.05 * (self.fit_seconds or 0.0), 0.01)

    @property
    def has_notable_cpu(self) -> bool:
        """Whether the processor time of fitting is not its time: by more than a tenth, and 0.1 s."""
        if self.cpu_seconds is None or self.fit_seconds is None:
            return False
        return abs(self.cpu_seconds - self.fit_seconds) > max(0.1 * self.fit_seconds, 0.1)

    @property
    def external(self) -> bool:
        """Whether the row comes from another program's scores (see `bench.exchange.external`)."""
        return self.recommender.origin == EXTERNAL


def pooled_row(group: Group, values: Mapping[str, npt.NDArray[np.float64]], ks: Sequence[int]) -> Row:
    """Return the row of the records that did not fail.

    Parameters
    ----------
    values
        For each name in `Row.accuracy`: float64, ``(n_seeds, n_eval)``.
    """
    return Row(
        label=group.label,
        recommender=group.recommender,
        seeds=group.seeds,
        accuracy={name: mean_interval(np.mean(of_seeds, axis=0)) for name, of_seeds in values.items()},
        beyond_accuracy={name: value for k in ks for name, value in beyond_accuracy_values(group.fitted, k).items()},
        fit_seconds=_mean(record.time.fit_seconds for record in group.fitted),
        score_us_per_user=_mean(record.time.score_us_per_user for record in group.fitted),
        build_seconds=_mean(record.usage.build_seconds if record.usage else None for record in group.fitted),
        cpu_seconds=_mean(record.usage.fit_cpu_seconds if record.usage else None for record in group.fitted),
        exceeds_threads=any(map(_exceeds_threads, group.fitted)),
        peak_mib=max((peak_mib(record) for record in group.fitted if record.memory), default=None),
        device_peak_mib=max(filter(None, map(_device_peak_mib, group.fitted)), default=None),
        selection_seconds=_selection_seconds(group.fitted),
        is_tuned=any(record.tuning_seconds is not None for record in group.fitted),
        best_epochs=tuple(record.selection.best_epoch for record in group.fitted if record.selection),
        records=tuple(group.fitted),
        shares_name=group.shares_name,
    )


def are_of_several_machines(rows: Iterable[Row]) -> bool:
    """Return whether rows come from different machines, so that their times cannot be compared."""
    environments = (record.environment for row in rows for record in row.every_record)
    return len({environment.machine for environment in environments if environment.is_known}) > 1


def _exceeds_threads(record: Record) -> bool:
    usage, threads, fit_seconds = record.usage, record.threads, record.time.fit_seconds
    return bool(usage and threads and fit_seconds is not None and usage.exceeds(threads, fit_seconds))


def peak_mib(record: Record) -> float:
    """Return the highest peak of fitting and scoring, as far as they were measured."""
    fitting = record.memory.peak_mib if record.memory else 0.0
    return max(fitting, record.usage.scoring_peak_mib if record.usage else 0.0)


def _device_peak_mib(record: Record) -> float | None:
    return record.device_use.peak_mib if record.device_use else None


def _selection_seconds(records: Sequence[Record]) -> float | None:
    """Return the time of choosing: tuning runs once for all seeds, choosing the epochs once for each seed."""
    tuning = [record.tuning_seconds for record in records if record.tuning_seconds is not None]
    epochs = [record.selection.seconds for record in records if record.selection]
    parts = ([max(tuning)] if tuning else []) + ([float(np.mean(epochs))] if epochs else [])
    return sum(parts) if parts else None


def _mean(values: Iterable[float | None]) -> float | None:
    """Return the mean; None where a value is unknown."""
    found = list(values)
    known = [value for value in found if value is not None]
    return float(np.mean(known)) if len(known) == len(found) else None


def failed_rows(group: Group) -> list[Row]:
    """Return one row for each kind and message of failure, in the order of seeds."""
    alike: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in group.failed:
        if record.failure is not None:
            alike[record.failure.kind, record.failure.message].append(record)
    return [
        Row(
            group.label,
            group.recommender,
            tuple(record.seed for record in found),
            failure_kind=kind,
            failure=message,
            failed_records=tuple(found),
            shares_name=group.shares_name,
        )
        for (kind, message), found in alike.items()
    ]
