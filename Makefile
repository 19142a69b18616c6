# make bench   the comparison table on MovieLens-100K
# make test    the test suite
# make test-adapters  the tests of the adapters, with the libraries that they are of; make test-peers the rest of them
# make docs    the documentation, as pages in docs/_build/html that need no network
# make lint    style, types, import contracts
# make results remakes the committed reference results (see CONTRIBUTING.md); make report their page and pictures
# make timing  has anything become slower than results/timing/baseline.json? make timing-baseline renews it
# make peers   ours beside other libraries' recommenders, tuned and as they come
# make gpu     on a machine with a CUDA device: the tests that need one, then results/gpu.md (8 minutes)
# make campaign  does it hold? faults of many kinds (SCALE=0.1 for a tenth of the cases, MINUTES=12 to stop after them)
# make splits  how much the order of recommenders depends on the split: results/splits.md
# make defaults  do rules predict better defaults than constants? results/defaults.md (needs ML_1M and RECBENCH_DATA)
# make study   the default suite, tuned, on three datasets: results/study
# make performance measures speed against other libraries (ML_1M=PREFIX of the NCF paper's files)
# make dist    the wheel and the source distribution of a release (see CONTRIBUTING.md)

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --constraint constraints.txt

.DEFAULT_GOAL := bench
.PHONY: bench test test-adapters test-peers docs lint timing timing-baseline results report tune reproductions peers peers-ml-1m splits defaults study performance gpu campaign dist clean

bench: .venv/recbench
	$(BIN)/recbench run --dataset ml-100k $(ARGS)

# A process for each core, and in each one thread: more threads than cores would wait for each other. Neighbouring tests
# stay in one process, and with them what they share. Python keeps what it compiles, whatever the shell says: the tests
# start many processes.
PYTEST := PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/pytest --quiet
test: .venv/test
	$(PYTEST) --numprocesses auto --dist worksteal $(ARGS)

# `make test` skips what needs cornac, implicit, irspack, scikit-learn or skrecsys.
test-adapters: .venv/adapters
	$(PYTEST) --numprocesses auto tests/recommenders/adapters $(ARGS)

# What the reference environment does not hold: LensKit wants a pandas before 3, which .venv has afterwards, cornac's WMF
# wants TensorFlow (two gigabytes), and its LightGCN wants DGL (up to Python 3.11).
test-peers: .venv/peers
	$(PYTEST) tests/recommenders/adapters -k 'lenskit or wmf or lightgcn' $(ARGS)

# From the sources and the committed results. A warning is an error: of a link to nowhere, too.
docs: .venv/docs
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs . docs/_build/html $(ARGS)
	@echo "docs/_build/html/index.html"

lint: .venv/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

TIMING := $(BIN)/recbench timing tests/timing --baseline results/timing/baseline.json

timing: .venv/test
	$(TIMING) $(ARGS)

timing-baseline: .venv/test
	$(TIMING) --save $(ARGS)

# The parameters are frozen: this is the one command that scores the test task for results/. The tuned ones are the
# defaults; naming their file tells the table what it cost to find them.
BUILT_INS := random popularity item_knn ease als bpr mf gmf mlp neumf mlp_post torch.mlp_post
results: .venv/recbench
	rm -rf results/ml-100k
	$(BIN)/recbench run --dataset ml-100k --seeds 0-4 --params results/tuning/ml-100k/tuned.toml $(BUILT_INS:%=-r %) \
	  --out results/ml-100k > /dev/null
	$(BIN)/recbench table results/ml-100k --format github > results/ml-100k/table.md
	$(MAKE) report

# From the records alone, the same bytes each time.
report: .venv/test
	$(BIN)/recbench report results/ml-100k
	$(BIN)/recbench plot pareto results/ml-100k --output results/ml-100k/pareto.svg
	$(BIN)/recbench plot forest results/ml-100k --output results/ml-100k/forest.svg
	$(if $(wildcard results/study/*/records),$(BIN)/recbench report results/study)

# How the defaults of the built-ins were chosen: on the validation task, never on the test task. First those of the
# default suite, then others.
TUNE := $(BIN)/recbench tune --dataset ml-100k --trials 12 --seeds 0,1 --patience 10 --threads 1
ON_REQUEST := user_knn p3alpha rp3beta slim pure_svd multi_vae light_gcn
tune: .venv/test
	$(TUNE) --jobs 2 --out results/tuning/ml-100k
	$(TUNE) $(ON_REQUEST:%=-r %) --out results/tuning/ml-100k-on-request

# Published figures on MovieLens-1M, remade: make reproductions NCF=path/to/Data/ml-1m (takes hours)
reproductions: .venv/adapters
	$(BIN)/python results/reproductions/reproduce.py tune $(NCF)
	$(BIN)/python results/reproductions/reproduce.py run $(NCF)
	$(BIN)/python results/reproductions/reproduce.py lists $(NCF)
	$(BIN)/python results/reproductions/reproduce.py epochs $(NCF)
	$(BIN)/python results/reproductions/reproduce.py pretrained $(NCF)
	$(BIN)/python results/reproductions/reproduce.py page

# Ours and other libraries' under the same candidates, on a quiet machine (takes about two hours): each tuned with the same
# budget, and once more as it comes, with one seed: of that only the accuracy counts.
# cornac.lightgcn is not among them: an epoch takes it 6 s, and its default is a thousand. With ML_1M=path/to/Data/ml-1m
# (the NCF paper's files) also with published parameters on MovieLens-1M.
PEERS := popularity item_knn user_knn p3alpha rp3beta ease slim pure_svd als bpr mf gmf mlp neumf multi_vae light_gcn \
  sasrec \
  $(addprefix implicit.,als bpr lmf cosine bm25) $(addprefix cornac.,mf bpr ease wmf gmf mlp neumf vaecf) \
  $(addprefix irspack.,ials ease slim p3alpha rp3beta item_knn user_knn) \
  $(addprefix lenskit.,implicit_mf ease slim item_knn user_knn) $(addprefix sklearn.,nmf truncated_svd) \
  $(addprefix skrecsys.,ease slim rp3beta item_knn bm25 bpr) \
  $(addprefix lenskit2026.,implicit_mf ease slim item_knn user_knn) \
  $(addprefix recbole.,NeuMF BPR LightGCN MultiVAE EASE) rectools.SASRec
PEERS_SECONDS ?= 60
PEERS_RUN := $(BIN)/recbench run --dataset ml-100k --threads 1 $(PEERS:%=-r %)
peers: .venv/peers
	$(BIN)/recbench tune --dataset ml-100k $(patsubst %,-r %,$(filter-out popularity,$(PEERS))) --trials 20 --seconds $(PEERS_SECONDS) \
	  --timeout 400 --threads 1 --out results/peers/tuning
	$(PEERS_RUN) --seeds 0-2 --params results/peers/tuning/tuned.toml --out results/peers/tuned > /dev/null
	$(BIN)/recbench table results/peers/tuned --format github > results/peers/tuned.md
	$(PEERS_RUN) --seeds 0 --out results/peers/defaults > /dev/null
	$(BIN)/recbench table results/peers/defaults --format github > results/peers/defaults.md
	$(if $(ML_1M),$(MAKE) peers-ml-1m)
	$(BIN)/python results/peers/page.py

peers-ml-1m: .venv/peers
	$(if $(ML_1M),,$(error name the NCF paper's files: make peers-ml-1m ML_1M=path/to/Data/ml-1m))
	$(BIN)/python results/peers/ml_1m.py tune $(ML_1M)
	$(BIN)/python results/peers/ml_1m.py run $(ML_1M)
	$(BIN)/python results/peers/ml_1m.py page

# The default suite under every split of the protocol, three seeds each (RECBENCH_DATA: see CONTRIBUTING.md).
SPLITS_DATA ?= ml-100k ml-latest-small=$(RECBENCH_DATA)/ml-latest-small/ratings.csv
splits: .venv/test
	$(BIN)/python results/splits.py run $(SPLITS_DATA) $(ARGS)
	$(BIN)/python results/splits.py page

# Validation tasks of seven datasets, some ten minutes (ML_1M as for peers; RECBENCH_DATA: see CONTRIBUTING.md).
DEFAULTS_DATA ?= ml-100k ml-1m=ncf:$(ML_1M) ml-latest-small=$(RECBENCH_DATA)/ml-latest-small/ratings.csv filmtrust lastfm-2k \
  amazon-beauty amazon-grocery
defaults: .venv/test
	$(if $(ML_1M),,$(error name the NCF paper's files: make defaults ML_1M=path/to/Data/ml-1m))
	$(BIN)/python results/defaults.py run $(DEFAULTS_DATA)
	$(BIN)/python results/defaults.py page

# What results/study/study.toml describes (RECBENCH_DATA: see CONTRIBUTING.md). Stopped and started again, it does only what
# is missing.
study: .venv/test
	$(BIN)/recbench study results/study/study.toml > /dev/null
	$(BIN)/recbench table results/study --format github > results/study/table.md
	$(BIN)/recbench report results/study

# A release: what is to be attached to the tag. The commit is in both, and `recbench --version` says it.
dist: .venv/test
	rm -rf build dist
	$(BIN)/python -c 'from setuptools import build_meta as build; build.build_sdist("dist"); build.build_wheel("dist")'
	$(PYTEST) tests/bench/end_to_end/test_distributions.py

# On a quiet machine.
performance: .venv/performance
	$(BIN)/python results/performance/measure.py $(if $(ML_1M),--data $(ML_1M)) $(ARGS)

# What only a real device shows, and how fast torch.neumf learns there at the size of MovieLens-20M.
gpu: .venv/test
	$(PYTEST) -m gpu tests/gpu $(ARGS)
	$(BIN)/python tests/gpu/throughput.py --out results/gpu.md

# Kills, hostile plug-ins, broken files, damaged records, hard places (Linux, hours): results/reliability.md. With ARGS, as
# in ARGS='--kind kill --number 3', the cases asked for, and no file is written.
SCALE ?= 1
MINUTES ?= inf
campaign: .venv/test
	$(BIN)/python tests/campaign/campaign.py $(if $(ARGS),$(ARGS),--scale $(SCALE) --minutes $(MINUTES) --jobs 2 \
	  --out results/reliability.md)

clean:
	rm -rf .venv build dist docs/_build docs/made *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/python:
	@$(PYTHON) -c 'import sys; v = "%d.%d" % sys.version_info[:2]; sys.exit(sys.version_info < (3, 11) and "recbench needs Python 3.11 or newer, found " + v + "; name one: make PYTHON=python3.12")'
	@echo "Setting up .venv (once; a few minutes with a cold cache) ..."
	$(PYTHON) -m venv .venv
	@touch $@

.venv/recbench: .venv/python pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

.venv/test: .venv/recbench
	$(PIP) --editable '.[test]'
	@touch $@

.venv/docs: .venv/recbench
	$(PIP) --editable '.[docs,report]'
	@touch $@

# With the libraries of the tests, whose types mypy reads.
.venv/lint: .venv/test
	$(PIP) --editable '.[lint]'
	@touch $@

.venv/adapters: .venv/test
	$(PIP) --editable '.[cornac,implicit,irspack,sklearn,skrecsys]'
	@touch $@

.venv/peers: .venv/adapters
	$(BIN)/pip --disable-pip-version-check install --quiet --editable '.[lenskit,cornac-wmf,cornac-lightgcn]'
	@touch $@

.venv/performance: .venv/recbench
	$(PIP) --editable '.[performance]'
	@touch $@
