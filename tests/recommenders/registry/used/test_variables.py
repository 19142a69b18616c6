"""The environment variables that code reads are found in it, and a change of a value is known without the value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommenders.registry.used.outcome import ABSENT
from recommenders.registry.used.variables import digest_of_variable, variables_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "code",
    [
        'os.environ["SIGN"]',
        'os.environ.get("SIGN", "1")',
        'os.getenv("SIGN")',
        'getenv("SIGN", 1)',
        '"SIGN" in environ',
        'def later():\n    return float(os.environ["SIGN"])',
    ],
)
def test_each_way_to_read_a_variable_is_found(code: str, tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(code)
    assert variables_in(tmp_path / "code.py") == {"SIGN"}


@pytest.mark.parametrize(
    "code",
    [
        'os.environ["SIGN"] = "1"',
        "os.environ[name]",
        'settings.get("SIGN")',
        'os.environ["OMP_NUM_THREADS"]',
        'os.getenv("TMPDIR")',
        "no python",
    ],
)
def test_what_is_no_reading_or_differs_in_each_job_is_not_found(code: str, tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(code)
    assert variables_in(tmp_path / "code.py") == set()


def test_a_digest_tells_values_apart_and_does_not_show_them() -> None:
    digest = digest_of_variable("KEY", {"KEY": "secret"})
    assert digest == digest_of_variable("KEY", {"KEY": "secret"})
    assert digest != digest_of_variable("KEY", {"KEY": ""})
    assert "secret" not in digest
    assert digest_of_variable("KEY", {}) == ABSENT
