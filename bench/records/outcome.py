"""The outcome of a job in its record: times, memory and learning curves, or the failure."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct, field

from bench.names import CUTOFF
from bench.records.task import Count

Amount = Annotated[float, Meta(ge=0, le=sys.float_info.max)]
"""A finite number, 0 or more."""


class Failure(Struct, frozen=True, omit_defaults=True):
    """The failure of a job.

    Parameters
    ----------
    kind
        ``"raised"``, ``"timeout"``, ``"died"``, ``"scores"``, ``"memory"``, ``"device memory"``,
        ``"record"``: what its process wrote cannot be true; or ``"lost"``: its workers died.
    message
        One line.
    seconds
        How long the job had run; only where it was stopped for its time or its memory.
    detail
        The traceback, or the last lines that the process printed; capped (see `bench.records.capping`).
    """

    kind: str
    message: str
    seconds: Amount | None = None
    detail: str | None = None


class EpochLine(Struct, frozen=True, omit_defaults=True):
    """One epoch of a learning curve.

    Parameters
    ----------
    epoch
        From 1.
    loss
        As the recommender reports it; None where it is not finite.
    seconds
        Of training, from the first epoch to the end of this one.
    hit_rate, ndcg
        HR@10 and NDCG@10 on the validation task; in the curve of a selection only.
    """

    epoch: Count
    loss: float | None
    seconds: Amount
    hit_rate: Amount | None = field(default=None, name=f"HR@{CUTOFF}")
    ndcg: Amount | None = field(default=None, name=f"NDCG@{CUTOFF}")


class Selection(Struct, frozen=True, omit_defaults=True):
    """A number of epochs that was chosen on the validation task (P21).

    Parameters
    ----------
    best_epoch
        The first one after which NDCG@10 was highest.
    seconds
        Of training and scoring together.
    curve
        All epochs, those after the best one included.
    n_users
        The users over whom the curve's HR@10 and NDCG@10 are (P7); None in records of earlier versions: all that are
        evaluated.
    """

    best_epoch: Count
    seconds: Amount
    curve: Sequence[EpochLine]
    n_users: Count | None = None


class Times(Struct, frozen=True):
    """The times of fitting and scoring.

    Parameters
    ----------
    fit_seconds, score_seconds
        None for scores that another program computed.
    score_us_per_user
        Microseconds.
    full_score_seconds
        Of ranking the whole catalogue; None where that was not done.
    """

    fit_seconds: Amount | None
    score_seconds: Amount | None
    score_us_per_user: Amount | None
    full_score_seconds: Amount | None = None


UNKNOWN_TIMES = Times(None, None, None)
"""The times of scores that another program computed, and of a failure."""


class Memory(Struct, frozen=True):
    """Memory of the job's processes while fitting, in MiB.

    Parameters
    ----------
    peak_mib
        The highest of two: the most that any one of them had resident, and the most that all together were seen to
        hold, pages that they share counted once. Records without a `Usage` have the first alone.
    before_fit_mib
        What the job's first process had resident just before fitting.
    """

    peak_mib: Amount
    before_fit_mib: Amount


class Probed(Struct, frozen=True):
    """What came of scoring some users once more, in another way (see `protocol.evaluation.probing`).

    Parameters
    ----------
    n_users
        Who were scored again.
    moved, disagreement
        See `protocol.evaluation.probing.Probe`; None where there was nothing to compare.
    problem
        What went wrong, in one line; None where the recommender answered as it must.
    """

    n_users: Count
    moved: Amount | None = None
    disagreement: Amount | None = None
    problem: str | None = None


_MEASURED_WITHIN = 1.05, 0.05
"""The share, and the seconds, by which processor time may be above what so many threads can use: clocks differ."""


class Usage(Struct, frozen=True):
    """What a job and all processes that it started used besides.

    Parameters
    ----------
    build_seconds
        Of the constructor, with what it imports itself.
    fit_cpu_seconds
        Processor time while fitting.
    scoring_seconds, scoring_cpu_seconds
        Time and processor time from the end of fitting to the end of scoring and ranking.
    scoring_peak_mib
        Memory in this time, as `Memory.peak_mib` is of fitting.
    cores
        The number of logical cores that the job could use; None where the system does not say.
    works_after_fit
        Whether threads or processes that fitting started went on working after it had returned; None where the system
        does not tell, and in older records.
    ranking_mib
        What recbench itself loaded to rank all items; it is not in ``scoring_peak_mib``.
    at_once
        How many jobs its run, or its place, let the machine work on at the same time; 0 where the place does not know,
        None in older records.
    standstill_seconds
        For how long the job did not run at the most, as while Slurm has suspended it; it may be in the times.
    """

    build_seconds: Amount
    fit_cpu_seconds: Amount
    scoring_seconds: Amount
    scoring_cpu_seconds: Amount
    scoring_peak_mib: Amount
    cores: int | None
    works_after_fit: bool | None = None
    ranking_mib: Amount = 0.0
    at_once: int | None = None
    standstill_seconds: Amount = 0.0

    def exceeds(self, threads: int, fit_seconds: float) -> bool:
        """Whether more was used, while fitting or scoring, than so many threads can use in the time that it took."""
        share, seconds = _MEASURED_WITHIN
        phases = ((self.fit_cpu_seconds, fit_seconds), (self.scoring_cpu_seconds, self.scoring_seconds))
        return any(used > share * threads * took + seconds for used, took in phases)
