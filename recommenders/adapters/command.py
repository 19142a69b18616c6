"""Any program as a recommender, by files that are exchanged: first ``fit``, then ``score`` (see ``COMMAND.md``)."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from protocol import environments
from protocol.errors import RecommenderError, ScoreError
from recommenders.adapters.passing_on import n_threads, seed_for
from recommenders.adapters.program import Program, read_program
from recommenders.parts.fitted import fitted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from protocol.types import IndexArray, Interactions, Scores

FORMAT = 1
"""Version of the exchange folder; it rises when a program for the old format would misread the new one."""

JOB, TRAIN, MODEL, CANDIDATES, SCORES = "job.json", "train.csv", "model", "candidates.csv", "scores.csv"

LOG_LENGTH = 4000
"""Number of characters kept of what a failed program printed, from its end."""


class Command:
    """A program that runs once to fit, and once for each block of candidates to score.

    Its time is that of the process, including its start and the reading and writing of files.

    Attributes
    ----------
    program
        The description of the program.
    """

    program: ClassVar[Program]
    deterministic: ClassVar[bool] = False

    def __init__(self, **parameters: Any) -> None:
        self.parameters = {**self.program.parameters, **parameters}
        self._folder: Path | None = None
        # pandas is imported now, because `fit` is timed.
        importlib.import_module("pandas")
        self._environment = self.prepare()

    @classmethod
    def prepare(cls) -> Path | None:
        """Build the program's environment, which takes long, if it has one; return its folder, or None.

        Raises
        ------
        RecommenderError
            If the environment cannot be built.
        """
        program = cls.program
        if not program.requirements:
            return None
        return environments.ready(program.requirements, program.python, program.name)

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Let the program learn from ``train``; the file of candidates does not exist yet."""
        self._folder = None
        place = Path(tempfile.mkdtemp(prefix="recbench-exchange-"))
        weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
        facts = {
            "format": FORMAT,
            "n_users": train.n_users,
            "n_items": train.n_items,
            "n_interactions": len(train),
            "seed": seed_for(self, rng),
            "threads": n_threads(),
            "parameters": self.parameters,
        }
        (place / JOB).write_text(json.dumps(facts), encoding="utf-8")
        (place / MODEL).mkdir()
        _write_csv(place / TRAIN, {"user": train.users, "item": train.items, "timestamp": train.timestamps})
        self._run("fit", self.program.fit, place)
        self._folder = place
        return self

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Let the program score candidates; return ``(n, n_candidates)``, float64."""
        place = fitted(self, self._folder)
        if items.size == 0:
            return np.empty(items.shape)
        (place / SCORES).unlink(missing_ok=True)
        _write_csv(place / CANDIDATES, {"user": np.repeat(users, items.shape[1]), "item": items.ravel()})
        self._run("score", self.program.score, place)
        return self._read_scores(place / SCORES, items.size).reshape(items.shape)

    def score_all(self, users: IndexArray) -> Scores:
        """Let the program score all items; return ``(n, n_items)``, float64."""
        n_items = json.loads((fitted(self, self._folder) / JOB).read_text(encoding="utf-8"))["n_items"]
        return self.score(users, np.tile(np.arange(n_items, dtype=np.int32), (users.size, 1)))

    def _run(self, phase: str, command: Sequence[str], place: Path) -> None:
        """Run a command in the folder of its TOML file, with the exchange folder as its last word.

        The program stays in this process's group, so that it ends when the group is ended.
        """
        variables = self._variables()
        folder = self.program.path.parent
        log = place / f"{phase}.log"
        with log.open("wb") as stream:
            try:
                done = subprocess.run(
                    [_executable(command[0], folder, variables), *command[1:], str(place)],
                    cwd=folder,
                    env=variables,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
            except OSError as error:
                raise RecommenderError(
                    f"{self.program.name}: {phase} cannot be started: {command[0]}: {error.strerror}; build or install "
                    f"it, or correct {self.program.path.name}"
                ) from error
        if done.returncode:
            raise self._failure(phase, done.returncode, log)

    def _variables(self) -> dict[str, str]:
        """Return the environment variables of the program: its own environment comes first on ``PATH``."""
        variables = dict(os.environ)
        if self._environment is None:
            return variables
        for name in ("PYTHONPATH", "PYTHONHOME"):
            variables.pop(name, None)
        path = os.pathsep.join((str(self._environment / "bin"), variables.get("PATH", os.defpath)))
        return {**variables, "VIRTUAL_ENV": str(self._environment), "PATH": path}

    def _failure(self, phase: str, code: int, log: Path) -> RecommenderError:
        text = log.read_text(encoding="utf-8", errors="replace")[-LOG_LENGTH:]
        last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it printed nothing")
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        error = RecommenderError(f"{self.program.name}: {phase} {how}: {last}")
        error.add_note(text)
        return error

    def _read_scores(self, path: Path, n_expected: int) -> npt.NDArray[np.float64]:
        """Return the scores of a file.

        Raises
        ------
        ScoreError
            If the file is missing, or does not hold one number for each candidate.
        """
        name = self.program.name
        if not path.is_file():
            raise ScoreError(f"{name}: score left no file {SCORES} in the folder it was given")
        with path.open(encoding="utf-8", errors="replace") as stream:
            header = stream.readline().strip().strip('"')
            if header != "score":
                raise ScoreError(f"{name}: {SCORES} begins with the line {header[:40]!r}, expected 'score'")
            with warnings.catch_warnings():
                # The error below reports a file without scores.
                warnings.filterwarnings("ignore", message=".*input contained no data.*")
                try:
                    scores = np.loadtxt(stream, dtype=np.float64, comments=None, ndmin=1)
                except ValueError as error:
                    raise ScoreError(
                        f"{name}: {SCORES} holds something that is not a number: {error} (line 2 is row 0)"
                    ) from error
        if scores.shape != (n_expected,):
            found = " x ".join(f"{length:,}" for length in scores.shape)
            raise ScoreError(
                f"{name}: {SCORES} has {found} scores, expected {n_expected:,}: one on each line, for that line of "
                f"{CANDIDATES}"
            )
        return scores


def program_class(path: Path) -> type[Command]:
    """Return a class that runs a program; the program's hyper-parameters are the constructor's parameters.

    Parameters
    ----------
    path
        The TOML file.

    Raises
    ------
    RecommenderError
        If the file does not describe a program.
    """
    program = read_program(path)
    attributes: dict[str, Any] = {
        "__doc__": program.summary or f"The program {program.name}.",
        "__signature__": inspect.Signature(
            [
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_default(value))
                for name, value in program.parameters.items()
            ]
        ),
        "program": program,
        "deterministic": program.deterministic,
        "bibtex": program.bibtex,
    }
    if program.search_space:
        attributes["search_space"] = classmethod(lambda cls: dict(cls.program.search_space))
    return type("Program", (Command,), attributes)


def _default(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _executable(name: str, folder: Path, variables: Mapping[str, str]) -> str:
    """Return the path of a command's program; a name with a slash is relative to the TOML file's folder."""
    if "/" in name:
        return str((folder / name).absolute())
    return shutil.which(name, path=variables.get("PATH")) or name


def _write_csv(path: Path, columns: Mapping[str, npt.NDArray[Any]]) -> None:
    import pandas as pd

    pd.DataFrame(columns).to_csv(path, index=False, lineterminator="\n")
