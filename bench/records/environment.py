"""The machine and the software that a record was made with."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from bench.records.task import Count


class Environment(Struct, frozen=True, omit_defaults=True):
    """The machine and the software of a job (see `bench.machine.environment`); empty for scores of another program.

    Parameters
    ----------
    cores
        Physical cores that the job could use.
    memory_gib
        Of the machine, in GiB.
    instructions
        That numerical code used (see `bench.machine.instructions`); None in older records.
    versions
        Of Python and of the packages that can change a figure, by name.
    commit
        Of recbench, with a ``+`` where its code was changed; None where it is not known.
    """

    cpu: str | None = None
    cores: Count | None = None
    memory_gib: Count | None = None
    system: str | None = None
    blas: str | None = None
    instructions: str | None = None
    versions: Mapping[str, str] = {}
    commit: str | None = None

    def __post_init__(self) -> None:
        """Refuse a machine without processor or versions."""
        if self.is_known and (self.cpu is None or not self.versions):
            raise ValueError(f"it has no {'versions' if self.cpu else 'cpu'}")

    @property
    def machine(self) -> tuple[str | int | None, ...]:
        """What times depend on, besides versions: processor, cores, memory, system and BLAS."""
        return self.cpu, self.cores, self.memory_gib, self.system, self.blas

    @property
    def is_known(self) -> bool:
        """Whether anything is known of the machine."""
        return any(getattr(self, name) for name in self.__struct_fields__)
