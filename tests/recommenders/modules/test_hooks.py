"""What a module does itself; the empty methods of a library's base class do not count."""

from __future__ import annotations

from modules_to_train import OwnWay, TwoTower

from recommenders.modules.hooks import HOOKS, hooks_of


class LightningModule:
    __module__ = "lightning.pytorch.core.module"

    def training_step(self): ...
    def configure_optimizers(self): ...


class Mine(LightningModule):
    def training_step(self): ...


def test_own_methods_count_and_inherited_ones_of_the_author() -> None:
    assert hooks_of(OwnWay) == set(HOOKS)
    assert hooks_of(type("Derived", (OwnWay,), {})) == set(HOOKS)
    assert hooks_of(TwoTower) == set()


def test_those_of_a_library_do_not() -> None:
    assert hooks_of(Mine) == {"training_step"}
