"""The base of the adapters of libraries: which class of the library they build, imported late."""

from __future__ import annotations

from typing import Any, ClassVar

from recommenders.libraries import load
from recommenders.parts.model import Model


class LibraryModel(Model):
    """A model of another library. Hyper-parameters have the library's own names.

    Attributes
    ----------
    libraries
        The distributions that it needs; the last one is the library itself.
    module, model
        The library's class, and the module to import it from.
    """

    libraries: ClassVar[tuple[str, ...]]
    module: ClassVar[str]
    model: ClassVar[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        # The library is imported now, because `fit` is timed.
        self.library_class()

    @classmethod
    def library_class(cls) -> Any:
        """Import the class of the library, and return it."""
        return getattr(load(cls.module, cls.libraries[-1]), cls.model)
