"""Options about jobs: what they may take, and where they run."""

from __future__ import annotations

from typing import Any

from bench.cli.options import option
from bench.machine.devices.words import AUTO, FLOAT32, PRECISIONS
from bench.options import DEFAULT_TIMEOUT


def add_machine_options(parser: Any, threads: int | None = None) -> None:
    """Add the options about threads, time and memory; without ``threads``, the default is of the place of the jobs."""
    default = "the physical cores it may use; 1 for --on with another place than local" if threads is None else threads
    parser.add_argument(
        "--threads",
        type=option("threads"),
        default=threads,
        metavar="N",
        help=f"threads of a job (default: {default})",
    )
    add_timeout_option(parser)
    parser.add_argument(
        "--memory",
        type=option("memory"),
        metavar="SIZE",
        help="stop a job whose processes are seen to hold more, as in 4GiB or 500MB (default: no limit)",
    )


def add_timeout_option(parser: Any) -> None:
    """Add ``--timeout``."""
    parser.add_argument(
        "--timeout",
        type=option("timeout"),
        default=DEFAULT_TIMEOUT,
        metavar="SECONDS",
        help=f"stop a job that takes longer (default: {DEFAULT_TIMEOUT:g})",
    )


def add_device_options(parser: Any) -> None:
    """Add the options about where recommenders compute that can compute elsewhere than on the processor."""
    parser.add_argument(
        "--device",
        type=option("device"),
        default=AUTO,
        metavar="DEVICE",
        help="auto, cpu, cuda, cuda:1 or mps: where recommenders compute that take a device; all others compute on the "
        "processor (default: auto, the best one that there is)",
    )
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default=FLOAT32,
        help=f"{'; '.join(f'{name}: {meaning}' for name, meaning in PRECISIONS.items())} (default: {FLOAT32})",
    )


def add_place_option(parser: Any) -> None:
    """Add ``--on`` and ``--same-machine``."""
    parser.add_argument(
        "--on",
        type=option("on"),
        metavar="PLACE",
        help="where jobs run: local; local:N, N at once here, each on cores of its own with one thread, their times "
        "marked as shared; dask:ADDRESS, the workers of a dask scheduler; slurm:partition=NAME,gpus=1,..., jobs of "
        "Slurm (default: local)",
    )
    parser.add_argument(
        "--same-machine",
        action="store_true",
        help="let all jobs run on one kind of machine, the kind that most workers have, so that times can be compared",
    )


def add_go_on_option(parser: Any) -> None:
    """Add ``--go-on``."""
    parser.add_argument(
        "--go-on",
        action="store_true",
        help="where recommenders cannot fit into the free memory, or into --memory, run the others, and make those "
        "rows that say so (default: an error before anything is fitted; `recbench estimate` shows what each needs)",
    )


def add_keep_models_option(parser: Any) -> None:
    """Add ``--keep-models``."""
    parser.add_argument(
        "--keep-models",
        action="store_true",
        help="store each fitted model, too, for `recbench recommend`; fits anew what is stored without one",
    )
