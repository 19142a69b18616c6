"""The same code at both ends, or none."""

from __future__ import annotations

import pytest
from msgspec import structs

from bench.running.travel.identity import OtherCodeError, check_same, differences, identity


def test_this_process_is_the_same_as_itself_on_any_machine() -> None:
    check_same(identity(), structs.replace(identity(), host="another"))


@pytest.mark.parametrize("name", ["python", "numpy", "recbench", "msgspec", "pandas", "safetensors"])
def test_both_versions_of_what_differs_are_named(name: str) -> None:
    ours = structs.replace(identity(), host="login1")
    theirs = structs.replace(ours, host="node7", versions={**ours.versions, name: "0.0.1"}, code="0" * 64)
    with pytest.raises(OtherCodeError) as refused:
        check_same(ours, theirs)
    was = ours.versions[name]
    assert f"{name} is {was} at the driver (login1) and 0.0.1 at the worker (node7)" in str(refused.value)


def test_a_library_that_one_side_lacks_is_a_difference() -> None:
    ours = identity()
    theirs = structs.replace(ours, versions={k: v for k, v in ours.versions.items() if k != "numpy"})
    (said,) = differences(ours, theirs)
    assert said.startswith(f"numpy is {ours.versions['numpy']} at the driver")
    assert "not installed at the worker" in said


def test_other_code_of_one_version_is_a_difference() -> None:
    (said,) = differences(identity(), structs.replace(identity(), code="f" * 64))
    assert "ffffffffffff at the worker" in said
    assert "although the versions are the same" in said
