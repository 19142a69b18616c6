"""The file of a study: every key is checked, and paths are relative to the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.studies.example import write_example
from bench.studies.study_file import read_study
from protocol.errors import ProtocolError, RecbenchError

WHOLE = """
recommenders = ["ease", "mine:a=1"]
plugins = ["my_model.py:Mine", "package.module:Other", "program.toml"]
seeds = "0-2"
baseline = "ease"
metric = "HR"
k = 5
view = "full"
patience = 3
threads = 1
timeout = 60
memory = "4GiB"
full_limit = 10
out = "results"

[labels]
ease = "EASE"

[tuning]
trials = 7
spaces = "spaces.toml"

[data]
negatives = 20
core = 5

[[datasets]]
dataset = "ml-100k"
core = 2

[[datasets]]
name = "mine"
dataset = "data/ratings.csv"
columns = { user = "who" }

[[datasets]]
dataset = "sequences:lines.txt"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "paper.toml"
    path.write_text(text)
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    study = read_study(written(tmp_path, WHOLE))
    assert study.recommenders == ("ease", "mine:a=1")
    assert study.plugins == (f"{tmp_path}/my_model.py:Mine", "package.module:Other", f"{tmp_path}/program.toml")
    assert (study.seeds, study.patience, study.threads, study.timeout) == ((0, 1, 2), 3, 1, 60.0)
    assert (study.memory, study.full_limit, study.labels) == (4 * 2**30, 10, {"ease": "EASE"})
    assert (study.compared.metric, study.compared.k, study.compared.view) == ("HR", 5, "full")
    assert study.compared.baseline == "ease"
    assert study.tuning is not None
    assert (study.tuning.trials, study.tuning.seconds, study.tuning.spaces) == (7, None, tmp_path / "spaces.toml")
    assert study.out == tmp_path / "results"
    named, mine, lines = study.datasets
    assert [each.name for each in study.datasets] == ["ml-100k", "mine", "sequences-lines"]
    assert (named.data.dataset, named.data.core, named.data.negatives) == ("ml-100k", 2, 20)
    assert (mine.data.dataset, mine.data.columns) == (f"{tmp_path}/data/ratings.csv", {"user": "who"})
    assert (mine.data.core, lines.data.dataset) == (5, f"sequences:{tmp_path}/lines.txt")
    assert study.folder_of(mine) == tmp_path / "results" / "mine"
    assert study.search_folder_of(mine) == tmp_path / "results" / "tuning" / "mine"


def test_the_least_that_a_file_may_say(tmp_path: Path) -> None:
    study = read_study(written(tmp_path, 'datasets = ["ml-100k", "synthetic:60x80x900"]'))
    assert study.recommenders is None
    assert study.tuning is None
    assert study.out == Path("runs/paper")
    assert (study.device, study.precision, study.keep_models, study.on) == ("auto", "float32", False, None)


def test_where_it_computes_and_whether_models_are_kept(tmp_path: Path) -> None:
    text = 'datasets = ["ml-100k"]\ndevice = "cuda:1"\nprecision = "bf16"\nkeep_models = true\non = "local:2"\n'
    study = read_study(written(tmp_path, text))
    assert (study.device, study.precision, study.keep_models, study.on) == ("cuda:1", "bf16", True, "local:2")


def test_a_file_beside_the_study_hides_a_name(tmp_path: Path) -> None:
    (tmp_path / "ratings").write_text("")
    (only,) = read_study(written(tmp_path, 'datasets = ["ratings"]')).datasets
    assert only.data.dataset == f"{tmp_path}/ratings"


def test_the_results_of_a_study_beside_its_file_hide_no_registered_name(tmp_path: Path) -> None:
    (tmp_path / "lastfm-2k" / "records").mkdir(parents=True)
    (only,) = read_study(written(tmp_path, 'datasets = ["lastfm-2k"]\nout = "."')).datasets
    assert only.data.dataset == "lastfm-2k"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('recomenders = ["ease"]', "a study has no key 'recomenders' (did you mean 'recommenders'?); it has datasets"),
        ('datasets = ["x"]\ndevice = "gpu"', "device: 'gpu' is no device; write auto, cpu, cuda, cuda:1 or mps"),
        ('datasets = ["x"]\nkeep_models = "no"', "keep_models: 'no' is neither True nor False"),
        ("repeat_splits = 3", "repeat_splits: a study measures each dataset on one split; for several, `recbench run"),
        ("[data]\nrepeat_splits = 3", "repeat_splits: a study measures each dataset on one split"),
        ("slices = true", "slices: a table over datasets has none; `recbench table STUDY/DATASET --slices` shows"),
        ("[tuning]\ntrails = 3", "[tuning] has no key 'trails' (did you mean 'trials'?)"),
        ("[data]\nnegativs = 3", "[data] has no key 'negativs' (did you mean 'negatives'?)"),
        ('[[datasets]]\ndataset = "x"\nnam = "y"', "[datasets] has no key 'nam' (did you mean 'name'?)"),
        ('recommenders = ["ease"]', "datasets is missing; write datasets = ['ml-100k']"),
        ('datasets = "ml-100k"', "datasets: 'ml-100k' is no list of datasets; write ['ml-100k']"),
        ("datasets = []", "[] is no list of datasets"),
        ("datasets = [3]", "3 is no dataset"),
        ('[[datasets]]\nname = "x"', "a dataset has no dataset = ..."),
        ('[[datasets]]\ndataset = ""', "'' is no text"),
        ('datasets = ["ml-100k", "ml-100k"]', "the dataset ml-100k is given twice"),
        ('datasets = ["a/r.csv", "b/../a/r.csv"]', "would have one name, r, and one folder of results"),
        ('datasets = ["a/r.csv", "b/r.csv"]', "give each dataset a name of its own (name = ...)"),
        ('datasets = ["tuning"]', "a dataset cannot be called 'tuning'"),
        ('datasets = ["x"]\nseeds = "one"', "seeds: 'one' is no list of seeds; write 0 or 0,1,2 or 0-2"),
        ('datasets = ["x"]\nseeds = true', "seeds: True is no list of seeds"),
        ('datasets = ["x"]\nmetric = "NDGC"', "metric: unknown metric 'NDGC'"),
        ('datasets = ["x"]\nview = "sampled,full"', "view: 'sampled,full' are 2 views, expected one"),
        ('datasets = ["x"]\nk = "5,10"', "are 2 cut-offs, expected one"),
        ('datasets = ["x"]\nrecommenders = 3', "recommenders: 3 is no list"),
        ('datasets = ["x"]\nrecommenders = [3]', "recommenders: 3 is no text"),
        ('datasets = ["x"]\nlabels = "EASE"', "labels: 'EASE' is no table"),
        ('datasets = ["x"]\ntuning = 3', "tuning: 3 is no table; write [tuning], then trials = 10"),
        ('datasets = ["x"]\n[tuning]\nseeds = 0', "a search needs a budget, found none; write trials = 10"),
        ('datasets = ["x"]\n[tuning]\ntrials = 0', "tuning.trials: 0 is no whole number above 0"),
        ('datasets = ["x"]\n[data]\nnegatives = -1', "data: negatives: -1 is no whole number above 0, nor 0"),
        ('[[datasets]]\ndataset = "x"\nsplit = "soon"', "write last"),
        ("datasets = [", "is not TOML"),
    ],
)
def test_a_wrong_file_is_one_message_that_names_it(tmp_path: Path, text: str, expected: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RecbenchError) as error:
        read_study(path)
    assert str(error.value).startswith(str(path))
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_one_file_by_two_paths_is_one_dataset(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    with pytest.raises(ProtocolError, match=r"b.csv is given twice \(as a and as b\)"):
        read_study(written(tmp_path, 'datasets = ["a.csv", "b.csv"]'))
    text = '[[datasets]]\ndataset = "a.csv"\n[[datasets]]\ndataset = "b.csv"\ncore = 2'
    assert len(read_study(written(tmp_path, text)).datasets) == 2, "another core makes other interactions"


def test_the_example_is_a_study_and_all_its_comments_are(tmp_path: Path) -> None:
    """Every line that begins with # and a key is one that can be added."""
    path = tmp_path / "study.toml"
    write_example(path)
    study = read_study(path)
    assert [each.name for each in study.datasets] == ["ml-100k", "ml-latest-small"]
    assert study.datasets[1].data.dataset == f"{tmp_path}/ml-latest-small/ratings.csv"
    lines = path.read_text().splitlines()
    added = "\n".join(
        line[2:] if line.startswith("# ") and (" = " in line or line[2] == "[") else line for line in lines
    )
    path.write_text(added)
    everything = read_study(path)
    assert everything.tuning is not None
    assert (everything.threads, everything.compared.view, everything.labels) == (
        2,
        "full",
        {"my_model": "My model (ours)"},
    )
    with pytest.raises(ProtocolError, match="exists already and was not changed"):
        write_example(path)
    assert path.read_text() == added
