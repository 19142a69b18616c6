"""The machines and versions that the values come from; where there are several, each line names its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.writing.text import count_text, enumerated

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.records.environment import Environment


def machines_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name machines and versions, each once, even if commits differ."""
    machines = _rows_by(summary, lambda environment: environment.machine)
    for rows in machines:
        threads = {record.threads for row in rows for record in row.every_record if record.threads is not None}
        jobs = " or ".join(count_text(number, "thread") for number in sorted(threads))
        name = machine_of(rows[0]) if len(machines) > 1 else _environment(rows[0]).cpu
        yield "Machine", f"{name}; {jobs} per job{_of(rows, machines)}."
    versions = _rows_by(summary, lambda environment: tuple(sorted(environment.versions.items())))
    for rows in versions:
        yield "Versions", f"{versions_text(_environment(rows[0]).versions)}{_of(rows, versions)}."


def machine_of(row: Row) -> str | None:
    """Return the machine of a row: the processor, and what else tells it from others; None if it is not known."""
    environment = _environment(row)
    return machine_text(environment) if environment.is_known else None


def machine_text(environment: Environment) -> str:
    """Return a machine: the processor, and what else tells it from others."""
    cores, memory = environment.cores, environment.memory_gib
    parts = (
        environment.cpu,
        None if cores is None else count_text(cores, "core"),
        None if memory is None else f"{memory} GiB",
        environment.system,
        environment.blas,
    )
    return ", ".join(part for part in parts if part is not None)


def rows_of_environments(summary: Summary) -> list[tuple[Mapping[str, Any], list[str]]]:
    """Return each environment of a summary with the labels of the rows that it made."""
    found = []
    for one in summary.environments:
        rows = [row for row in summary.rows if one in [each.document["environment"] for each in row.every_record]]
        found.append((one, _labels(rows)))
    return found


def machine_lines(summary: Summary) -> Iterable[str]:
    """Yield a list in Markdown of the machines that a page's values come from."""
    for one, labels in rows_of_environments(summary):
        cores = count_text(one["cores"], "core")
        yield f"- {one['cpu']}, {cores}, {one['memory_gib']} GiB, {one['system']}; {versions_text(one['versions'])};"
        yield f"  commit {one['commit']}" + (f"; {enumerated(labels)}" if summary.has_several_machines else "")


def _rows_by(summary: Summary, part: Callable[[Environment], Hashable]) -> list[list[Row]]:
    """Return the rows of each value that a part of the environments has."""
    found: dict[Hashable, list[Row]] = {}
    for row in summary.rows:
        environment = _environment(row)
        if environment.is_known:
            found.setdefault(part(environment), []).append(row)
    return list(found.values())


def _environment(row: Row) -> Environment:
    """Return the environment of a row: its records share machine and versions (see `bench.records.groups`)."""
    return row.every_record[0].environment


def versions_text(versions: Mapping[str, str]) -> str:
    """Return versions by name: ``python 3.11.7, numpy 2.4.6``."""
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _of(rows: Sequence[Row], others: Sequence[Sequence[Row]]) -> str:
    """Return which rows a line is about, where it is not about all."""
    return f": {enumerated(_labels(rows))}" if len(others) > 1 else ""


def _labels(rows: Sequence[Row]) -> list[str]:
    """Return the label of each row once: one that failed for some seeds has two rows."""
    return list(dict.fromkeys(row.label for row in rows))
