"""The figures of one record alone, as ``recbench show`` has them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.analysis.rows import peak_mib
from bench.analysis.slices import slice_accuracies
from bench.analysis.views import user_values, views_of
from bench.names import CUTOFF, value_name
from bench.records.groups import Group
from bench.writing.text import finite
from protocol.evaluation.intervals import mean_interval
from protocol.evaluation.metrics import default_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.analysis.slices import SliceAccuracy
    from bench.names import View
    from bench.records.record import Record
    from protocol.evaluation.intervals import Interval


@dataclass(frozen=True, eq=False)
class ShownRecord:
    """A record, and what its row is called.

    Parameters
    ----------
    label
        Of the row.
    place
        The folder of the record.
    """

    label: str
    record: Record
    place: Path

    @property
    def views(self) -> tuple[View, ...]:
        """The views that its task has; the first is the measure."""
        return views_of(self.record.task)

    @cached_property
    def accuracy(self) -> Mapping[View, Mapping[str, Interval]]:
        """The mean of each metric at `CUTOFF` in each view, with its interval over users; empty for a failure."""
        if self.record.failed:
            return {}
        found = {view: user_values([self.record], view, CUTOFF, default_metrics()) for view in self.views}
        return {
            view: {metric: mean_interval(np.mean(each, axis=0)) for metric, each in values.items()}
            for view, values in found.items()
            if values
        }

    @cached_property
    def slices(self) -> Mapping[str, Sequence[SliceAccuracy]]:
        """For each metric, its mean over each slice of users, in the first view; empty for a failure."""
        if self.record.failed:
            return {}
        alone = Group(self.label, (self.record,), ())
        return {metric: slice_accuracies([alone], metric, self.views[0], CUTOFF) for metric in default_metrics()}

    @property
    def peak_mib(self) -> float | None:
        """The highest memory of fitting and scoring; None where it was not measured."""
        return peak_mib(self.record) if self.record.memory else None

    def values(self) -> dict[str, Any]:
        """Return what a line of a list has, by the names that CSV, JSON and frames share."""
        record, view = self.record, self.views[0]
        failure, means = record.failure, self.accuracy.get(view, {})
        return {
            "recommender": self.label,
            "seed": record.seed,
            "status": "failed" if failure else "ok",
            **{
                value_name(view, name, CUTOFF): finite(means[name].mean) if name in means else None
                for name in default_metrics()
            },
            "fit_seconds": record.time.fit_seconds,
            "score_us_per_user": record.time.score_us_per_user,
            "peak_mib": self.peak_mib,
            "device": record.device.words if record.device else None,
            "model_is_kept": bool(record.model and record.model.files),
            "failure": failure.kind if failure else None,
            "message": failure.message if failure else None,
            "record": self.place.name,
        }

    def document(self) -> dict[str, Any]:
        """Return all figures, and the stored document, in JSON's types."""
        return {
            **self.values(),
            "folder": str(self.place),
            "accuracy": {
                value_name(view, metric, CUTOFF): {
                    "mean": finite(interval.mean),
                    "low": finite(interval.low),
                    "high": finite(interval.high),
                }
                for view, means in self.accuracy.items()
                for metric, interval in means.items()
            },
            "slices": [
                {
                    "slice": one.title,
                    "users": one.n_users,
                    "metric": value_name(self.views[0], metric, CUTOFF),
                    "mean": finite(one.interval.mean),
                    "low": finite(one.interval.low),
                    "high": finite(one.interval.high),
                }
                for metric, slices in self.slices.items()
                for one in slices
            ],
            "document": dict(self.record.document),
        }
