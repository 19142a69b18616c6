"""The process of one job: ``python -m bench.running.job SPEC.json``.

One recommender, one training seed, one task. The process does what the spec says, writes the record, and reports each
phase and epoch on standard output, one JSON object a line; what the recommender prints goes to standard error. It exits
when its standard input closes, that is, when the runner is gone. On `STOP_SIGNAL`, or a crash, it prints its stack
traces and exits.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import IO, Any

from bench.machine.job_mark import MARK
from bench.records.store import write_record
from bench.running.used import run_and_note

STOP_SIGNAL = signal.SIGUSR1
"""A job's process that gets it prints where each of its threads is, and exits."""


def _end_with(stream: IO[bytes], mark: str) -> None:
    """Kill this process and its children as soon as a stream ends."""
    stream.read()
    # Here, because psutil would add 2 MiB to the memory that counts as the recommender's.
    from bench.machine.processes import end_all

    # The leader of a session has no keeper, which would end them (see `bench.machine.keeper`).
    if os.getsid(0) == os.getpid():
        end_all(os.getpid(), mark)
    os._exit(1)


def main() -> None:
    """Run the job of the spec that the command line names."""
    faulthandler.enable()
    # With chain=True it prints the stack traces, and then the signal ends the process as it does by default.
    faulthandler.register(STOP_SIGNAL, chain=True)
    # Standard input and output are the runner's: the recommender reads an empty input and prints to standard error.
    runner = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    threading.Thread(target=_end_with, args=(runner, os.environ.get(MARK, "")), daemon=True).start()
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def on_event(event: dict[str, Any]) -> None:
        print(json.dumps(event), file=events, flush=True)

    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    out = Path(spec["out"])
    record = run_and_note(spec, on_event)
    draft = out.with_name(f"{out.name}-draft")
    draft.mkdir()
    write_record(record, draft)
    draft.rename(out)
    # A recommender's threads, and its exit handlers, may not delay the result.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
