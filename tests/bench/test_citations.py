"""What to cite: every built-in is known, BibTeX reads all of it, and a plug-in's own text breaks nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import ALS, CUT, EASE, record, task

from bench.citations import LIBRARIES, bibtex_text, references, split_entries
from bench.cli.main import main
from recommenders import registry
from recommenders.libraries import EXTRAS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.records.store import Record
    from bench.running.plan import Job

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

REQUIRED = {
    "article": {"author", "title", "journal", "year", "volume", "pages"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "incollection": {"author", "title", "booktitle", "publisher", "year"},
    "misc": {"author", "title", "year"},
}

MINE = "@article{me2026mine,\n  author = {Me},\n  title = {Mine {and} Yours},\n  journal = {J},\n  year = 2026\n}"


def plugged(bibtex: Any, name: str = "mine", label: str | None = None, **more: Any) -> Record:
    found = record(label or name, [0, 1, 2, 3])
    recommender = found.document["recommender"] | {"name": name, "origin": "file"} | more
    return replace(found, document={**found.document, "recommender": recommender, "bibtex": bibtex})


def adapted(name: str) -> Record:
    """Return a record as the adapter of this name leaves it."""
    entry = registry.find(name)
    libraries = dict.fromkeys(registry.describe(registry.load_class(entry), {}).libraries, "1.0")
    return plugged(None, name, origin=entry.origin, **({"libraries": libraries} if libraries else {}))


def comment_of(text: str, subject: str) -> str:
    (line,) = (line for line in text.splitlines() if line.startswith(f"% {subject}:"))
    return line.removeprefix(f"% {subject}:").strip()


def fields_of(entry: str) -> dict[str, str]:
    return dict(re.findall(r"^ +(\w+) += +\{(.*?)\},?$", entry, re.MULTILINE | re.DOTALL))


def test_everything_of_this_package_names_its_papers_and_every_key_exists() -> None:
    papers = {entry.name: entry.papers for entry in registry.entries().values() if registry.is_ours(entry.origin)}
    without = {name for name, keys in papers.items() if not keys}
    of_no_paper = {"random", *(name for name in papers if name.rpartition(".")[2] == "popularity")}
    # A program has its library's among its own.
    assert without == of_no_paper - {"lenskit2026.popularity"}
    assert set(EXTRAS) == LIBRARIES.keys()
    assert {key for keys in (*papers.values(), *LIBRARIES.values()) for key in keys} <= references().keys()


def test_every_entry_has_what_its_type_needs_and_can_be_found() -> None:
    for key, entry in references().items():
        fields = fields_of(entry)
        assert REQUIRED[entry[1 : entry.index("{")]] <= fields.keys(), key
        assert re.fullmatch(r"(19|20)\d\d", fields["year"])
        assert key in ("recbench", "holm1979simple") or fields.keys() & {"doi", "eprint", "url"}, key
        assert key == "recbench" or fields["year"] in key
        assert re.fullmatch(r"10\.\d{4,}/\S+", fields.get("doi", "10.1145/1"))
        assert re.fullmatch(r"\d{4}\.\d{4,5}", fields.get("eprint", "1205.2618"))
    dois = [doi for entry in references().values() if (doi := fields_of(entry).get("doi"))]
    assert len(dois) == len(set(dois))


def test_no_entry_of_the_file_is_lost() -> None:
    text = (ROOT / "bench" / "references.bib").read_text()
    assert len(re.findall("^@", text, re.MULTILINE)) == len(references())


def test_the_version_is_this_one() -> None:
    assert f"version {VERSION}" in references()["recbench"]
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {VERSION}\n" in citation
    assert f'\ntitle: "{fields_of(references()["recbench"])["title"]}"\n' in citation


def test_the_sources_of_a_table() -> None:
    text = bibtex_text([EASE, ALS])
    assert comment_of(text, "ml-100k") == r"\cite{harper2015movielens}"
    assert comment_of(text, "ease") == r"\cite{steck2019embarrassingly}"
    assert comment_of(text, "als") == r"\cite{hu2008collaborative,rendle2022revisiting}"
    assert comment_of(text, "leave-last-out") == r"\cite{he2017neural}"
    assert set(split_entries(text)) == {key for keys in re.findall(r"\\cite\{(.*?)\}", text) for key in keys.split(",")}
    for absent in ("ning2011slim", "ferraridacrema2021troubling", "ge2010beyond"):
        assert absent not in text


def test_other_protocols_have_other_sources() -> None:
    parts, facts = task()["parts"], task()["facts"]
    at_time = task(parts=parts | {"split": "time:0.9"}, facts=facts | {"n_negatives": 0, **CUT})
    text = bibtex_text([record("ease", [0, 1], of=at_time)])
    assert comment_of(text, "global time split") == r"\cite{ji2023critical,meng2020exploring}"
    assert "krichene2020sampled" not in text
    assert "gusak2025time" not in text
    to_the_last = task(parts=parts | {"split": "time:0.9,target=last"}, facts=facts | CUT)
    assert comment_of(bibtex_text([record("ease", [0, 1], of=to_the_last)]), "its target") == r"\cite{gusak2025time}"
    at_random = task(parts=parts | {"split": "random:3"})
    text = bibtex_text([record("ease", [0, 1], of=at_random)])
    assert comment_of(text, "leave a random one out") == r"\cite{meng2020exploring}"
    assert comment_of(text, "its leak of the future") == r"\cite{ji2023critical}"
    imported = task(parts=parts | {"split": "imported"}, dataset="ncf:data/ml-1m")
    text = bibtex_text([record("ease", [0, 1], of=imported)])
    assert comment_of(text, "split and candidates as given") == r"\cite{he2017neural}"
    assert comment_of(text, "ncf:data/ml-1m") == "recbench does not know its source; cite it"


def test_tuning_and_lists_have_sources_where_they_are_shown() -> None:
    assert "ferraridacrema2021troubling" in bibtex_text([record("ease", [0, 1], tuning=2.5)])
    assert comment_of(bibtex_text([EASE], beyond_accuracy=True), "novelty") == r"\cite{zhou2010solving,vargas2011rank}"


def test_without_results_all_built_ins_are_there() -> None:
    text = bibtex_text()
    for name, entry in registry.entries().items():
        if entry.origin == "built-in":
            assert comment_of(text, name)


def test_what_a_plugin_declares_is_there_once() -> None:
    text = bibtex_text([plugged(MINE), plugged(MINE, label="mine:reg=1"), EASE])
    assert comment_of(text, "mine") == r"\cite{me2026mine}"
    assert text.count(MINE) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("implicit.als", "hu2008collaborative,takacs2011applications,frederickson2016implicit"),
        ("cornac.vaecf", "liang2018variational,salah2020cornac"),
        ("lenskit.popularity", "ekstrand2020lenskit"),
        ("sklearn.truncated_svd", "cremonesi2010performance,halko2011finding,pedregosa2011scikit"),
        ("recbole.NeuMF", "he2017neural,zhao2021recbole,xu2023towards"),
        ("lenskit2026.popularity", "ekstrand2020lenskit"),
    ],
)
def test_other_libraries_are_cited_beside_the_models_paper(name: str, expected: str) -> None:
    text = bibtex_text([adapted(name), EASE])
    assert comment_of(text, name) == rf"\cite{{{expected}}}"
    assert set(expected.split(",")) <= set(split_entries(text))


def test_a_plugin_made_of_a_library_cites_it_too() -> None:
    libraries = {"cornac": "3.0.1", "torch": "2.13.0"}
    text = bibtex_text([plugged(MINE, libraries=libraries)])
    assert comment_of(text, "mine") == r"\cite{salah2020cornac,me2026mine}"
    again = bibtex_text([plugged(references()["salah2020cornac"], libraries=libraries)])
    assert comment_of(again, "mine") == r"\cite{salah2020cornac}"


def test_the_name_of_an_adapter_makes_no_plugin_one() -> None:
    assert comment_of(bibtex_text([plugged(MINE, "implicit.als")]), "implicit.als") == r"\cite{me2026mine}"


@pytest.mark.parametrize(
    ("bibtex", "expected"),
    [
        (None, "declares nothing to cite (a class attribute, bibtex, would)"),
        (" \n", "declares nothing to cite (a class attribute, bibtex, would)"),
        ("see my thesis", "its bibtex holds no BibTeX entry"),
        ("@article{open, title = {never closed}", "its bibtex holds no BibTeX entry"),
        ("@article{holm1979simple, title = {Mine}}", "its own holm1979simple left out: another entry has that key"),
    ],
)
def test_a_plugin_without_a_usable_entry_has_a_line_that_says_so(bibtex: Any, expected: str) -> None:
    text = bibtex_text([plugged(bibtex)])
    assert comment_of(text, "mine") == expected
    assert set(split_entries(text)) <= set(references())


def test_no_name_begins_an_entry_or_moves_the_cursor() -> None:
    text = bibtex_text([plugged(MINE.replace("Mine", "Mi\x1b[2Jne"), name="@misc{x,\n\x1b[31m")])
    assert "\x1b" not in text
    comments = text[: text.index("\n\n")]
    assert "@" not in comments
    assert all(line.startswith("%") for line in comments.splitlines())


def test_entries_are_parted_by_their_braces() -> None:
    text = '@misc{a, title = {x {y} z}} words @Article { b:c-2 , title = "q" }\n@misc{a, title = {again}}'
    assert split_entries(text) == {"a": "@misc{a, title = {x {y} z}}", "b:c-2": '@Article { b:c-2 , title = "q" }'}


SOURCE = """
class {name}:{line}
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items.astype(float)
"""


def test_a_run_remembers_what_its_plugin_declares(plugin: Callable[..., str], plan: Callable[..., list[Job]]) -> None:
    (job,) = plan(plugins=[plugin(SOURCE.format(name="Mine", line=f'\n    bibtex = """{MINE}"""'))])
    assert job.document["bibtex"] == MINE
    (job,) = plan(plugins=[plugin(SOURCE.format(name="Plain", line=""), "plain.py")])
    assert "bibtex" not in job.document


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", str(ROOT / "results" / "ml-100k")]) == 0
    text = capsys.readouterr().out
    assert comment_of(text, "neumf") == r"\cite{he2017neural}"
    assert text.endswith("}\n")


@pytest.mark.parametrize("text", [bibtex_text([plugged(MINE)]), "\n\n".join(references().values())], ids=["own", "all"])
def test_bibtex_reads_it_without_a_warning(text: str, tmp_path: Path) -> None:
    if shutil.which("bibtex") is None:
        pytest.skip("bibtex is not installed (Debian: texlive-binaries)")
    (tmp_path / "paper.bib").write_text(text)
    (tmp_path / "paper.aux").write_text("\\citation{*}\n\\bibstyle{plain}\n\\bibdata{paper}\n")
    done = subprocess.run(["bibtex", "paper"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
    assert "Warning" not in done.stdout, done.stdout
    assert (tmp_path / "paper.bbl").read_text().count(r"\bibitem") == len(split_entries(text))
