"""The committed reference results are what the tool makes of their records, and the defaults are what was selected."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bench.store import read_records
from bench.table import render
from recommenders import registry

RESULTS = Path(__file__).parents[1] / "results"
SELECTED = tomllib.loads((RESULTS / "selection" / "ml-100k" / "selected.toml").read_text())


def test_the_table_is_remade_byte_for_byte() -> None:
    remade = render(read_records(RESULTS / "ml-100k"), "github")
    assert remade.encode() == (RESULTS / "ml-100k" / "table.md").read_bytes()


def test_every_builtin_has_its_row_with_three_seeds_unless_deterministic() -> None:
    seeds: dict[str, list[int]] = {}
    for record in read_records(RESULTS / "ml-100k"):
        assert record.document["status"] == "ok"
        seeds.setdefault(record.document["recommender"]["label"], []).append(record.document["seed"])
    expected = {
        name: [0] if registry.describe(registry.load_class(entry), entry.preset).deterministic else [0, 1, 2]
        for name, entry in registry.entries().items()
        if entry.origin == "built-in"
    }
    assert {label: sorted(found) for label, found in seeds.items()} == expected


@pytest.mark.parametrize("name", sorted(SELECTED.keys() - {"selection"}))
def test_defaults_are_what_was_selected_on_validation(name: str) -> None:
    entry = registry.find(name)
    parameters = registry.describe(registry.load_class(entry), entry.preset).parameters
    assert {key: parameters[key].default for key in SELECTED[name]} == SELECTED[name]
