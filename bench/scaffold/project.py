"""A plug-in project, written from the templates beside this file: model, entry point, conformance test, benchmark."""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

from protocol.drafts import drafts
from protocol.errors import RecommenderError
from protocol.installation import requirement
from recommenders import registry

_COMMON = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    "src/$package/__init__.py": "init.py",
    "tests/test_conformance.py": "test_conformance.py",
    "tests/test_timing.py": "test_timing.py",
}
"""The files that all projects have, each with its template, ``template/common/NAME.in``."""

_OF_THE_MODEL = {"src/$package/model.py": "model.py", "tests/test_model.py": "test_model.py"}
"""The files that differ by the kind of model, each with its template, ``template/KIND/NAME.in``."""

TEST_REQUIREMENTS = ("pytest>=8.2", "pytest-benchmark[histogram]>=5.2")
"""What the tests of a project need beside recbench; the same as our extra ``timing``."""

_INCLUDED = "recbench comes from the address that it was installed from when this project was written."

_NOT_INCLUDED = (
    "Install recbench first, from its clone or Git address: on the package index, its name belongs to another project."
)


@dataclass(frozen=True)
class Kind:
    """A kind of model that a project begins with.

    Parameters
    ----------
    folder
        The folder of its templates.
    begins_as
        What the model is, as the project's README says it.
    dependencies
        What the package needs.
    short_training
        What tests add to the recommender so that they train for a moment only.
    """

    folder: str
    begins_as: str
    dependencies: tuple[str, ...]
    short_training: str = ""


PLAIN = Kind("plain", "P3alpha, a random walk of three steps (Cooper et al., WWW 2014)", ("numpy>=2.0", "scipy>=1.13"))
"""A plain class with ``fit`` and ``score``."""

TORCH = Kind(
    "torch", "matrix factorisation with biases, a bare PyTorch module", ("torch>=2.4",), short_training=", epochs=4"
)
"""A PyTorch module with ``forward``, and nothing else."""


@dataclass(frozen=True)
class Project:
    """The names in a project, all made from one.

    ``my-model`` has the package ``my_model``, the class ``MyModel`` and the recommender ``my_model``; ``p3-gamma`` has
    the package ``p3_gamma``, the class ``P3Gamma`` and the recommender ``p3gamma``.

    Parameters
    ----------
    name
        Words of letters and digits, joined by single hyphens or underscores.
    """

    name: str

    @property
    def distribution(self) -> str:
        """The name for pip, and of the folder."""
        return self.name.lower().replace("_", "-")

    @property
    def package(self) -> str:
        """The name of the package."""
        return self.name.lower().replace("-", "_")

    @property
    def class_name(self) -> str:
        """The name of the class."""
        return "".join(word[:1].upper() + word[1:] for word in re.split("[-_]", self.name))

    @property
    def recommender(self) -> str:
        """The name of the recommender in tables: that of its class, as for a plug-in that is not installed."""
        return registry.name_of_class(self.class_name)


def write_project(name: str, folder: Path, kind: Kind = PLAIN) -> list[Path]:
    """Write a project into a new folder within ``folder`` and return its files; after an error, nothing is left.

    Parameters
    ----------
    kind
        `PLAIN` or `TORCH`: the model that the project begins with.

    Raises
    ------
    RecommenderError
        If the name is not valid, or a module, a recommender or a file has it already.
    """
    project = Project(name)
    _check(project)
    place = folder / project.distribution
    if place.exists() or place.is_symlink():
        raise RecommenderError(f"{place} exists already and was not changed; choose another name or --folder")
    if not folder.is_dir():
        raise RecommenderError(f"there is no folder {folder}; create it, or pass another as --folder")
    templates = {place: f"common/{name}" for place, name in _COMMON.items()}
    templates |= {place: f"{kind.folder}/{name}" for place, name in _OF_THE_MODEL.items()}
    with drafts(folder) as draft:
        root = draft / "project"
        files = [_write(project, kind, root, *entry) for entry in templates.items()]
        root.rename(place)
    return [place / file for file in files]


def _write(project: Project, kind: Kind, root: Path, place: str, template: str) -> Path:
    """Write one file below ``root``; return its path within it."""
    recbench = requirement()
    names = {
        "name": project.recommender,
        "distribution": project.distribution,
        "package": project.package,
        "class_name": project.class_name,
        "begins_as": kind.begins_as,
        "methods": Template(_text(f"{kind.folder}/methods.md")).substitute(name=project.recommender),
        "short_training": kind.short_training,
        "dependencies": json.dumps(kind.dependencies),
        "about_recbench": _INCLUDED if recbench else _NOT_INCLUDED,
        "test_requirements": json.dumps([*filter(None, [recbench]), *TEST_REQUIREMENTS], ensure_ascii=False),
    }
    file = Path(Template(place).substitute(names))
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(Template(_text(template)).substitute(names), encoding="utf-8")
    return file


def _text(template: str) -> str:
    return Path(__file__).with_name("template").joinpath(f"{template}.in").read_text(encoding="utf-8")


def _check(project: Project) -> None:
    """Raise `RecommenderError` if a project cannot have this name."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*", project.name):
        raise RecommenderError(
            f"{project.name!r} is not a valid name for a project; begin with a letter, go on with letters and digits, "
            "and join words by single hyphens or underscores, as in my-model"
        )
    for name in (project.package, project.class_name):
        if keyword.iskeyword(name):
            raise RecommenderError(f"{name!r} is a keyword of Python; choose another name")
    known = registry.entries().get(project.recommender)
    if known is not None:
        raise RecommenderError(
            f"a recommender is called {project.recommender!r} already: {known.reference} ({known.origin}); choose "
            "another name"
        )
    if registry.is_module(project.package):
        raise RecommenderError(
            f"a module is called {project.package!r} already, and Python could import only one of the two; choose "
            "another name"
        )
