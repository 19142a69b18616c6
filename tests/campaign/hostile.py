"""Plug-ins that misbehave: each costs no more than its own row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import product
from textwrap import indent
from typing import TYPE_CHECKING

from cases import Case, Kind, require
from checks import announced, figures, no_traceback, same_accuracy, verified
from honest import HONEST, RUN, Stored, stored
from misbehaviours import ANSWERS, CLASSES, MOMENTS, NO_RECOMMENDERS, OTHER_SCORES, STATEMENTS
from pace import pace
from sandbox import Finished, Sandbox

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT = 4
"""The seconds that a job may take on a quiet machine."""

IMPORTING = 20
"""The seconds that recbench gives a plug-in to be imported where it has to look at it."""

GRACE = 5
"""The seconds that may pass beyond a time-out."""


@dataclass(frozen=True)
class Plugin:
    """A plug-in: what it does wrong, and what comes of it.

    Its row may have the honest figures, has none, or others; or the plug-in is refused before anything runs.
    """

    name: str
    source: str
    row: str = "may be right"


HEAD = "import os, resource, signal, subprocess, sys, threading, time\nimport atexit\n"


def _doing(moment: str, name: str, statement: str) -> Plugin:
    """Return the plug-in that does a statement at a moment."""
    call = {"at exit": "atexit.register(misbehave)", "in a thread": "threading.Thread(target=misbehave).start()"}
    at = "fit" if moment in call else moment
    hook = call.get(moment, "misbehave()")
    odd = "def misbehave():\n" + indent(statement, "    ") + "\n"
    methods = {
        "__init__": "self",
        "fit": "self, train, *, rng",
        "score": "self, users, items",
        "score_all": "self, users",
    }
    source = HEAD + HONEST.replace("class Mine", f"{odd}\nclass Mine")
    if moment == "import":
        return Plugin(f"{name} ({moment})", f"{source}\nmisbehave()\n")
    if at == "__init__":
        return Plugin(f"{name} ({moment})", f"{source}\n    def __init__(self):\n        {hook}\n")
    signature = f"def {at}({methods[at]}):\n"
    return Plugin(f"{name} ({moment})", source.replace(signature, f"{signature}        {hook}\n"))


def _answering(name: str, expression: str) -> Plugin:
    wrong = (
        f"def score(self, users, items):\n    honest = -((items * 7919) % 997).astype(float)\n    return {expression}"
    )
    return Plugin(f"answers {name}", f"{HONEST}\n{indent(wrong, '    ')}\n", "fails")


def _odd_class(name: str, members: str) -> Plugin:
    row = "other" if name in OTHER_SCORES else "refused" if name in NO_RECOMMENDERS else "may be right"
    return Plugin(name, f"{HONEST}\n{indent(members, '    ')}\n", row)


@cache
def plugins() -> tuple[Plugin, ...]:
    """Return all plug-ins."""
    return (
        *(_answering(*answer) for answer in ANSWERS.items()),
        *(_odd_class(*members) for members in CLASSES.items()),
        *(_doing(moment, *statement) for statement, moment in product(STATEMENTS.items(), MOMENTS)),
    )


def run_plugin(case: Case) -> str:
    """Run a plug-in beside popularity, whose record is there, and `random`, which is fitted after it."""
    order = list(plugins())
    _shuffle(case, order)
    plugin = order[case.number % len(order)]
    results: Stored = case.prepared
    place = Sandbox(case.folder)
    results.copy_to(place)
    (place.work / "mine.py").write_text(plugin.source)
    timeout = math.ceil(TIMEOUT * pace())
    command = (*RUN, "-r", "popularity", "-r", "mine", "-r", "random", "--plugin", "mine.py", "--timeout", str(timeout))
    limit = 3 * results.seconds + timeout + IMPORTING + GRACE
    try:
        finished = place.start(command).wait(limit)
        _check(plugin, results, finished)
        place.check_nothing_left(folders=plugin.name.startswith("writes temporary") is False)
        verified(place.work / "results")
    except Exception as error:
        error.args = (f"[{plugin.name}] {error}",)
        raise
    if plugin.row == "refused":
        return "it was refused in words before anything ran"
    return "its row failed, the others are right" if finished.code else "all rows are right"


def _shuffle(case: Case, order: list[Plugin]) -> None:
    Case(case.seed, case.kind, 0, case.folder).draw().shuffle(order)


def _check(plugin: Plugin, results: Stored, finished: Finished) -> None:
    no_traceback_of_ours(finished)
    if plugin.row == "refused":
        require(finished.code == 2, f"exit code {finished.code}: {finished.said()}")
        require("mine.py defines no class with fit and score" in finished.err, f"other words: {finished.said()}")
        require(not announced(finished.err), "recommenders were fitted")
        return
    require(finished.code in (0, 1), f"exit code {finished.code}: {finished.said()}")
    found = figures(finished.out)
    require(found.keys() >= {"popularity", "random"}, f"lost rows: only {sorted(found)} have figures")
    require(plugin.row != "fails" or "mine" not in found, f"it has figures: {found.get('mine')}")
    require(("mine" in found) == (finished.code == 0), f"exit code {finished.code} with rows {sorted(found)}")
    if plugin.row == "other":
        found.pop("mine", None)
    same_accuracy(found, results.reference)
    require("popularity" not in announced(finished.err), "popularity was fitted again")


def no_traceback_of_ours(finished: Finished) -> None:
    """Check that there is no traceback on standard error; the table of failures may hold what a job said."""
    no_traceback(Finished(finished.code, "", finished.err, finished.seconds))


def prepare(folder: Path) -> Stored:
    """Return results with the accuracy of all rows and the record of popularity."""
    whole = stored(folder / "whole")
    popularity = stored(folder / "popularity", "-r", "popularity")
    return Stored(popularity.folder, whole.reference, whole.seconds)


KINDS = (
    Kind(
        "plug-in",
        250,
        f"Drawn from {len(plugins())}: "
        f"{len(STATEMENTS)} misbehaviours at {len(MOMENTS)} moments, {len(ANSWERS)} answers that cannot be ranked, "
        f"{len(CLASSES)} odd classes. The row of the plug-in fails, or has the figures of the same plug-in without the "
        f"fault; the other rows are right. A file without a class that has both fit and score is refused before "
        f"anything runs. It ends within the time-out and {GRACE} s ({IMPORTING} s more where "
        "importing hangs). No process and no folder is left behind; `verify` passes.",
        run_plugin,
        prepare,
    ),
)
