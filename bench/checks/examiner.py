"""The process that runs the checks: ``python -m bench.checks.examiner FOLDER DESCRIPTOR``.

The folder holds the request; each check's name, and then its result, is written to the open file of that number, one
JSON object a line. The process ends when its standard input closes, that is, when the one that asked is gone.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bench.checks.apart import PLACES, REQUEST, WHERE_SIGNAL
from bench.checks.check import CheckResult
from bench.checks.examination import CHECKS, Examination
from bench.machine.devices.at_work import at_work
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping


def _end_with(stream: IO[bytes]) -> None:
    stream.read()
    os._exit(1)


def main(folder: Path, descriptor: int) -> None:
    """Run the checks that have no result yet."""
    threading.Thread(target=_end_with, args=(os.fdopen(os.dup(0), "rb"),), daemon=True).start()
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    request = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    sys.argv[1:] = []  # The arguments are not the recommender's.
    known = {name: CheckResult(name, *result) for name, result in request["known"].items()}
    placement = request["placement"]
    examination = Examination(registry.Entry(**request["entry"]), request["parameters"], known, placement)
    with (
        (folder / PLACES).open("w", encoding="utf-8") as places,
        os.fdopen(descriptor, "w", encoding="utf-8") as out,
        at_work(placement["device"], tf32=request["tf32"]),
    ):
        faulthandler.register(WHERE_SIGNAL, file=places)
        for name in (name for name in CHECKS if name not in known):
            _tell(out, {"name": name})
            result = examination.result(name)
            _tell(out, {"name": name, "result": [result.status, result.message]})
    # Threads and exit handlers of the recommender are not waited for.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _tell(out: IO[str], event: Mapping[str, Any]) -> None:
    # The recommender may have begun a line in any open file.
    out.write(f"\n{json.dumps(event)}\n")
    out.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
