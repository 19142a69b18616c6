"""The process of one job, started by `bench.running.supervisor`.

One recommender, one training seed, one task. The process asks its run for what it is to do, and for each part of its
data when it is due (see `bench.running.handing`); the answers come on standard input, which is a socket. It writes the
record and then, if it is to keep it, the model. It reports each phase and epoch on standard output, one JSON object a
line; what the recommender prints goes to standard error. It exits when its standard input closes, that is, when the run
is gone. On `STOP_SIGNAL`, or a crash, it prints its stack traces and exits.

A process that had to compile the kernels of a built-in holds the compiler, which would count as the recommender's
memory. The job then begins anew in the same process, and finds all in the cache. On macOS, where the peak of a process
outlasts that, the peak still counts the compiler.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from bench.machine.job_mark import MARK
from bench.records.files import write_record
from bench.running.channel import receive
from bench.running.keeping import keep
from bench.running.measuring import forget
from bench.running.supply import AskedFor
from bench.running.used import run_and_note
from recommenders import registry

if TYPE_CHECKING:
    from bench.running.keeping import Measured

Answer = tuple[dict[str, Any], list[int]]
"""A message of the run, and the descriptors of its files."""

STOP_SIGNAL = signal.SIGUSR1
"""A job's process that gets it prints where each of its threads is, and exits."""


_ANEW = "anew"
"""The argument of a job that begins anew."""


def _listen(channel: socket.socket, answers: SimpleQueue[Answer], mark: str) -> None:
    """Keep the answers of the run; kill this process and its children as soon as the run is gone."""
    while (answer := receive(channel)) is not None:
        answers.put(answer)
    # Into the log of the job, by its number: a recommender may have closed or replaced Python's stream.
    with contextlib.suppress(OSError):
        os.write(2, b"\nrecbench: the run of this job is gone (its standard input has closed), so the job ends\n")
    # Here, because psutil would add 2 MiB to the memory that counts as the recommender's.
    from bench.machine.processes import end_all

    # The leader of a session has no keeper, which would end them (see `protocol.processes.keeper`).
    if os.getsid(0) == os.getpid():
        end_all(os.getpid(), mark)
    os._exit(1)


def _has_compiled() -> bool:
    """Return whether this process has compiled something of ours."""
    if "numba" not in sys.modules:
        return False
    from protocol.compiled import compiled_here  # Here, because it loads numba.

    return compiled_here()


def _begin_anew(channel: socket.socket, events: TextIO) -> NoReturn:
    """Run this program again in this process, with the streams that it began with."""
    os.dup2(channel.fileno(), sys.stdin.fileno())
    os.dup2(events.fileno(), sys.stdout.fileno())
    os.execv(sys.executable, [*sys.orig_argv, _ANEW])  # noqa: S606 - there is no shell to need


def main() -> None:
    """Run the job that the run hands to this process."""
    # Here, off the clock: `Interactions.to_csr` would load it while the recommender fits.
    import scipy.sparse  # noqa: F401

    faulthandler.enable()
    # With chain=True it prints the stack traces, and then the signal ends the process as it does by default.
    faulthandler.register(STOP_SIGNAL, chain=True)
    # Standard input and output are the run's: the recommender reads an empty input and prints to standard error.
    channel, answers = socket.socket(fileno=os.dup(sys.stdin.fileno())), SimpleQueue[Answer]()
    threading.Thread(target=_listen, args=(channel, answers, os.environ.get(MARK, "")), daemon=True).start()
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def on_event(event: dict[str, Any]) -> None:
        # The recommender may have begun a line in any open file.
        print(f"\n{json.dumps(event)}", file=events, flush=True)

    asked: list[str] = []

    def ask(part: str) -> None:
        asked.append(part)
        on_event({"asks": part})

    supply = AskedFor(ask, answers.get)
    spec = supply.spec()
    entry = registry.Entry(**spec["entry"])
    may_begin_anew = entry.origin == registry.BUILT_IN and _ANEW not in sys.argv
    del sys.argv[1:]

    def on_loaded() -> None:
        if may_begin_anew and asked == ["spec"] and _has_compiled():
            _begin_anew(channel, events)

    # As in an inspection: an edit within a second that keeps the size of a file would find the old bytecode.
    if not registry.is_ours(entry.origin):
        sys.dont_write_bytecode = True
    os.chdir(spec["view"]["folder"])
    out = Path(spec["out"])
    measured: list[Measured] = []
    record = run_and_note(spec, supply, on_event, measured.append if spec["keep"] else forget, on_loaded)
    draft = out.with_name(f"{out.name}-draft")
    draft.mkdir()
    write_record(record, draft)
    draft.rename(out)
    if measured and not record.failed:
        on_event({"phase": "save"})
        keep(measured[0], Path(spec["keep"]))
    # A recommender's threads, and its exit handlers, may not delay the result.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
