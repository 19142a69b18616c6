"""Stored results that are damaged or made up: flipped bytes, and records whose contents were changed."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from cases import Case, Kind, require
from checks import figures, in_process, same_accuracy
from honest import Stored, stored
from sandbox import Sandbox

if TYPE_CHECKING:
    import random
    from pathlib import Path

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 0.5, 2**31, 10**40, 10**400, 1e308, float("nan"), float("inf"), "", "x", "\ud800", "\x1b[2J",
    "../..", "x" * 100_000, [], [None], [[]], {}, {"x": None}, {"": {}},
)  # fmt: skip
"""Values that another value of a record is replaced by."""


def flip(case: Case) -> str:
    """Flip a bit of a stored file: ``verify`` finds it, and no command shows another figure."""
    draw, results = case.draw(), _results(case)
    path = draw.choice(sorted(path for path in results.rglob("*") if path.is_file() and path.name != ".lock"))
    content = bytearray(path.read_bytes())
    at, bit = draw.randrange(len(content)), 1 << draw.randrange(8)
    content[at] ^= bit
    path.write_bytes(content)
    told = f"bit {bit} of byte {at} of {path.relative_to(results)}"
    finished = in_process("verify", str(results), "--offline")
    require(finished.code in (1, 2), f"{told}: verify ended with {finished.code}")
    _check_table(case, results, told)
    return f"found in {path.name.partition('-')[0]}"


def change(case: Case) -> str:
    """Change a value in a record's document, signed anew or not."""
    draw, results = case.draw(), _results(case)
    path = draw.choice(sorted(results.rglob("record.json")))
    document = json.loads(path.read_text(encoding="utf-8"))
    told = _change(document, draw)
    signed = draw.random() < 0.5
    if signed:
        document = _signed(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    if signed:
        _list_again(results)
    told = f"{path.parent.name}: {told}{', signed' if signed else ''}"
    finished = in_process("verify", str(results), "--offline")
    require(signed or finished.code in (1, 2), f"{told}: verify ended with {finished.code}")
    for command in (("table", str(results), "--format", "json"), ("report", str(results))):
        shown = in_process(*command)
        require(shown.code in (0, 1, 2), f"{told}: {command[0]} ended with {shown.code}")
        require(len(shown.err) < 10_000, f"{told}: {command[0]} said {len(shown.err):,} characters")
    if not signed:
        return "not signed: found"
    return "signed anew: " + ("found by verify" if finished.code else "plausible to verify")


def _results(case: Case) -> Path:
    results: Stored = case.prepared
    return results.copy_to(Sandbox(case.folder))


def _check_table(case: Case, results: Path, told: str) -> None:
    shown = in_process("table", str(results), "--format", "json")
    require(shown.code in (0, 1, 2), f"{told}: table ended with {shown.code}")
    if shown.code < 2:
        same_accuracy(figures(shown.out), case.prepared.reference)


def _change(document: dict[str, Any], draw: random.Random) -> str:
    """Change one value of a document, at any depth; return what was done."""
    place: Any = document
    path = ""
    while True:
        key = draw.choice(sorted(place)) if isinstance(place, dict) else draw.randrange(len(place))
        path += f".{key}"
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or draw.random() < 0.15:
            break
        place = inner
    kind = draw.choice(("replaced", "replaced", "replaced", "removed", "added", "nested", "a bit more"))
    if kind == "a bit more" and isinstance(inner, int | float):
        place[key] = inner + draw.choice((1, -1, 0.001))
    elif kind == "removed":
        del place[key]
    elif kind == "added" and isinstance(place, dict):
        place["new"] = draw.choice(ODD)
    elif kind == "nested":
        for _ in range(900):
            inner = [inner]
        place[key] = inner
    else:
        kind, new = "replaced", draw.choice([odd for odd in ODD if odd is not inner])
        place[key] = new
        return f"{path} is {repr(new)[:30]}"
    return f"{path} {kind}"


def _signed(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with the seal that it would have."""
    from bench.records.files import SEAL, seal_of

    unsealed = {name: value for name, value in copy.copy(document).items() if name != SEAL}
    return unsealed | {SEAL: seal_of(unsealed)}


def _list_again(results: Path) -> None:
    """Write the manifest anew, from the files as they are."""
    from bench.records.files import content_digest
    from bench.records.manifest import MANIFEST, manifest_text

    files = {
        str(path.relative_to(results)): content_digest(path.read_bytes())
        for path in sorted((results / "records").rglob("*"))
        if path.is_file()
    }
    (results / MANIFEST).write_text(manifest_text(files), encoding="utf-8")


def prepare(folder: Path, *more: str) -> Stored:
    """Return results, and import once what the commands need."""
    results = stored(folder, "-r", "popularity", "-r", "random", *more)
    in_process("verify", str(folder / "work" / "results"), "--offline")
    return results


def _with_curve(folder: Path) -> Stored:
    return prepare(folder, "-r", "bpr:epochs=2")


KINDS = (
    Kind(
        "flipped-bit",
        2_000,
        "A bit of a stored file is flipped. `verify` finds it; `table` refuses them, or shows the right figures.",
        flip,
        prepare,
        batch=20,
    ),
    Kind(
        "changed-record",
        500,
        "A value of a record is replaced, removed or added. `verify` finds it, unless seal and manifest are made anew; "
        "`table` and `report` show it or refuse it, without a traceback.",
        change,
        _with_curve,
        batch=20,
    ),
)
