"""``recbench plan``: write the jobs of a run into a folder, for a scheduler of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.job_options import add_device_options, add_keep_models_option, add_machine_options
from bench.cli.options import (
    add_data_options,
    add_label_option,
    add_measuring_options,
    add_params_option,
    add_recommender_options,
    add_seeds_option,
    data_from,
    values_of,
)
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.cli.streams import plugins_aside

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "plan --out DIR",
        _run,
        "write the jobs of a run into a folder, for a cluster",
        "Write the jobs of a run into a folder: a specification for each, the arrays of the tasks, the files of\n"
        "plug-ins. The folder holds no path of this machine. `recbench work DIR` runs a job of it, on any machine\n"
        "that has the folder and the same recbench; `recbench collect DIR` prints the table. Your scheduler schedules.",
        examples(
            ("recbench plan --out plan -r als -r bpr --seeds 0-4", "ten jobs, with the indices 0 to 9"),
            ("sbatch --array=0-9 --wrap 'recbench work plan'", "each element of a job array of Slurm runs one"),
            ("recbench work plan --index all", "or one process runs all; several may share the work"),
            ("recbench collect plan", "vet the records, say what is missing, print the table"),
        ),
    )
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="the folder of the plan")
    add_data_options(parser, default="ml-100k")
    add_recommender_options(parser)
    add_params_option(parser)
    add_label_option(parser, "kept with the records")
    group = parser.add_argument_group("running")
    add_seeds_option(group)
    add_measuring_options(group)
    add_machine_options(group, threads=1)
    add_device_options(group)
    add_keep_models_option(group)


_OPTIONS = (
    "out",
    "plugins",
    "params",
    "labels",
    "seeds",
    "patience",
    "full_limit",
    "threads",
    "timeout",
    "memory",
    "device",
    "precision",
    "repeat_splits",
    "keep_models",
)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    with plugins_aside():
        plan = api.plan(
            data_from(arguments),
            arguments.recommenders or None,
            **values_of(arguments, _OPTIONS),
        )
    folder, last = plan.folder, len(plan.jobs) - 1
    n_done = len(plan.jobs) - len(plan.missing)
    print(
        f"{folder} holds {last + 1:,} job{'s' if last else ''}, {n_done:,} of them with records\n\n"
        f"Next, on one machine or many that have this folder:\n"
        f"  recbench work {folder} --index all\n"
        f"or one job each, as in\n"
        f"  sbatch --array=0-{last} --wrap 'recbench work {folder}'\n"
        f"and then\n"
        f"  recbench collect {folder}"
    )
    return EXIT_OK
