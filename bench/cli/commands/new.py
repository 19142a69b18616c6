"""``recbench new``: begin a plug-in project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.parsing import EXIT_OK, add_command, examples

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "new [--torch] NAME",
        _run,
        "begin a recommender of your own, as a project with tests",
        "Write a project that is ready to run: pyproject.toml with the entry point by which recbench finds it, a\n"
        "small model to be replaced by yours, its test, the conformance suite, a benchmark, a README. The model is\n"
        "P3alpha, a plain class with fit and score; with --torch, it is a PyTorch module with forward(users, items)\n"
        "and nothing else: recbench draws negatives, makes batches, trains, scores and stores it.\n"
        "Nothing is ever overwritten.",
        examples(
            ("recbench new --torch my-model", "begin with a PyTorch module"),
            ("recbench new my-model", "into the folder my-model: package my_model, class MyModel"),
            ("cd my-model && pip install -e '.[test]'", "now `recbench list` shows my_model"),
            ("recbench run -r my_model -r ease", "the table"),
            ("pytest", "its tests"),
        )
        + "\n\nA single file is enough, too, with nothing to install: recbench run --plugin my_model.py",
    )
    parser.add_argument("name", metavar="NAME", help="letters and digits, with hyphens or underscores in between")
    parser.add_argument("--torch", action="store_true", help="begin with a PyTorch module")
    parser.add_argument(
        "--folder", type=Path, default=Path(), metavar="FOLDER", help="make it in there (default: the current folder)"
    )


def _run(arguments: argparse.Namespace) -> int:
    from bench.scaffold.project import PLAIN, TORCH, Project, write_project
    from protocol.installation import how_to_add, requirement

    project = Project(arguments.name)
    for file in write_project(arguments.name, arguments.folder, TORCH if arguments.torch else PLAIN):
        print(file)
    folder = arguments.folder / project.distribution
    print(
        f"\nNext:\n  cd {folder} && pip install -e '.[test]'\n  recbench run -r {project.recommender} -r ease\n  pytest"
    )
    if not requirement():
        print(f"\nIn another environment, install recbench first: {how_to_add('timing')}")
    return EXIT_OK
