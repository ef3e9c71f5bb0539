# make book   builds the HTML from nothing and prints where it is
# make test   runs every test, browser included
# make check  runs the quick ones
# make oldest [PYTHON=python3.11]   tests the library on the oldest versions it admits
# make lab [LAB="--no-browser ..."]   opens the chapters in JupyterLab
# make refresh [CHAPTERS="03_one_neuron ..."]   runs notebooks afresh, tidied
# make shake [CHAPTERS=...] [SETTINGS=starts,...]  other processors: what would change?
# make bench  times training beside the peers; writes chapters/speed.json
# make bench-sliders  times the sliders, in the built book and with a kernel
# make lock [UPGRADE="--upgrade-package sympy"]   writes the pins from their ranges
# make clean  removes what was built

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help book test check oldest lab refresh shake bench bench-sliders lock clean

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OLDEST := .venv-oldest
PEERS := .venv-bench
ROOT := $(abspath .)

# The chapters' kernel is this environment's, and sums add up in one order.
export JUPYTER_PREFER_ENV_PATH := 1
# The book's Jupyter settings are defaults: what you have changed goes before them.
export JUPYTER_CONFIG_PATH := $(ROOT)/book_ext$(if $(JUPYTER_CONFIG_PATH),:$(JUPYTER_CONFIG_PATH))
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1

help:
	@sed -n 's/^# make/make/p' Makefile

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "The book needs Python 3.11 or newer; this is " + sys.version.split()[0] + \
	  ". Name another one with: make PYTHON=python3.12 ...")'
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@touch $@

book: $(READY)
	rm -rf _build
	$(BIN)/jupyter-book build . -n -W --keep-going
	@test -f _build/html/index.html
	@echo "$(ROOT)/_build/html/index.html"

# A file's tests stay on one worker (a notebook's cells share a kernel), and the longest
# files come first.
test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
	  --nbval --doctest-modules --durations 10 \
	  tests/test_book.py chapters tests backprop_lib

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest -n $(WORKERS) -q -m 'not slow and not browser' tests

$(OLDEST)/.ready: tests/requirements-oldest.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and \
	  "The oldest versions go with Python 3.11; this is " + sys.version.split()[0] + \
	  ". Name one with: make oldest PYTHON=python3.11")'
	test -x $(OLDEST)/bin/pip || $(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/pip install --quiet --disable-pip-version-check -r $<
	$(OLDEST)/bin/pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@touch $@

oldest: $(OLDEST)/.ready
	$(OLDEST)/bin/pytest -n $(WORKERS) --dist loadfile -q --doctest-modules \
	  -m 'not slow and not browser' tests backprop_lib

lab: $(READY)
	$(BIN)/jupyter lab chapters $(LAB)

refresh: $(READY)
	$(BIN)/python tools/refresh_notebooks.py $(CHAPTERS)

shake: $(READY)
	$(BIN)/python -m tools.shake --workers $(WORKERS) --settings "$(SETTINGS)" $(CHAPTERS)

$(PEERS)/.ready: benchmarks/requirements.txt
	test -x $(PEERS)/bin/pip || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench: $(PEERS)/.ready
	$(PEERS)/bin/python -m benchmarks.bench_speed

bench-sliders: book
	$(BIN)/python benchmarks/bench_sliders.py

# Pins that their ranges still admit stay, without UPGRADE. uv writes these commands into
# the files, where who updates them reads the options: each stands on one line.
COMPILE := $(BIN)/uv --quiet pip compile
PORTABLE := --universal --python-version 3.11.5 --generate-hashes

lock: $(READY)
	$(COMPILE) $(PORTABLE) --output-file requirements.txt requirements.in $(UPGRADE)
	$(COMPILE) $(PORTABLE) --resolution lowest-direct --extra book --output-file tests/requirements-oldest.txt tests/requirements-oldest.in pyproject.toml $(UPGRADE)

clean:
	rm -rf _build .pytest_cache .ruff_cache .hypothesis
	find . \( -path ./$(VENV) -o -path ./$(OLDEST) -o -path ./$(PEERS) \) -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) \
	  -type d -print0 | xargs -0 rm -rf
