# Two commands do everything on a machine with Python 3.11 to 3.13, make and git:
#
#   make lab         JupyterLab on your copy of the lessons (my-lessons/), with the panel open
#   make test        every test: Python, notebooks, TypeScript, browser
#
# and while working:
#
#   make quick       at most three minutes: lint, types, layers, laws at a small profile, one notebook
#   make test-full   long searches too
#   make bench       the benchmarks, each beside its peer
#   make lint types repo python notebooks typescript browser     one part of `make test` alone
#   make setup       the virtual environment and the built panel, nothing else
#   make reference   solved notebooks with their outputs, made anew
#   make lock        exact pins, made anew from pyproject.toml
#   make clean       away with everything that the above made, but for my-lessons/
#
# PYTHON=/path/to/python3.12 picks the interpreter, ARGS="..." is handed on to `chunkscope lab`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
# Stamps say what has been done; they live where the thing lives, so that both go together.
STAMPS := $(VENV)/.stamps
EXTENSION := labextension
BUNDLE := $(EXTENSION)/chunkscope_lab/labextension/package.json
SOURCES := $(wildcard $(EXTENSION)/package.json $(EXTENSION)/yarn.lock $(EXTENSION)/tsconfig*.json) \
  $(shell find $(EXTENSION)/src $(EXTENSION)/style $(EXTENSION)/schema $(EXTENSION)/maintain widgets/src -type f 2>/dev/null)
SHARED := $(wildcard $(EXTENSION)/install.json $(EXTENSION)/jupyter-config/server-config/*.json)

# All tools come from the virtual environment; a Node in it wins over the machine's.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
unexport PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
PIP := python -m pip --quiet

ARGS ?=
LESSONS := my-lessons

.PHONY: help setup panel lab test quick test-full bench reference lock clean
.PHONY: lint types repo python notebooks typescript browser
help:
	@awk '!/^#/ {exit} {sub(/^# ?/, ""); print}' Makefile

setup: $(STAMPS)/linked

lab: setup
	chunkscope lab --dir $(LESSONS) $(ARGS)

test: setup
	python -m tests.run default

quick: setup
	python -m tests.run quick

test-full: setup
	python -m tests.run full

lint types repo: $(STAMPS)/installed
	python -m tests.run default $@

python notebooks typescript browser: setup
	python -m tests.run default $@

panel: setup

bench: $(STAMPS)/bench
	python -m tests.benchmarks $(ARGS)

reference: setup
	python -m tests.lessons.reference $(ARGS)

# --- the virtual environment ------------------------------------------------------------------------------------

$(STAMPS)/venv:
	@.ci/make-venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/locked: requirements/lock.txt $(STAMPS)/venv
	@echo "Installing the pinned packages into $(VENV) (a minute or two the first time)."
	$(PIP) install --requirement requirements/lock.txt
	@touch $@

# The project itself, editable. The panel is built by the rules below and not by pip, hence the variable.
$(STAMPS)/installed: pyproject.toml $(SHARED) $(STAMPS)/locked
	HATCH_JUPYTER_BUILDER_SKIP_NPM=1 $(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(STAMPS)/bench: requirements/bench.txt $(STAMPS)/installed
	$(PIP) install --requirement requirements/bench.txt
	@touch $@

# --- Node and the panel -----------------------------------------------------------------------------------------

$(STAMPS)/node: requirements/node.txt $(STAMPS)/locked
	@if ! .ci/node-is-good; then echo "No Node of 20.19 or later: installing one from a wheel."; \
	  $(PIP) install --requirement requirements/node.txt; fi
	@touch $@

$(EXTENSION)/node_modules/.installed: $(EXTENSION)/package.json $(EXTENSION)/yarn.lock $(STAMPS)/node
	@echo "Installing the panel's packages (one to three minutes the first time)."
	cd $(EXTENSION) && jlpm install --immutable
	@touch $@

$(BUNDLE): $(SOURCES) $(EXTENSION)/node_modules/.installed
	cd $(EXTENSION) && jlpm run build:prod
	@touch $@

# A link and not a copy, so that JupyterLab serves what was built last.
$(STAMPS)/linked: $(BUNDLE) $(STAMPS)/installed
	@mkdir -p $(VENV)/share/jupyter/labextensions
	@rm -rf $(VENV)/share/jupyter/labextensions/chunkscope-lab
	@ln -s $(CURDIR)/$(dir $(BUNDLE)) $(VENV)/share/jupyter/labextensions/chunkscope-lab
	@touch $@

# --- upkeep -----------------------------------------------------------------------------------------------------

lock: $(STAMPS)/installed
	.ci/lock

clean:
	rm -rf $(VENV) $(EXTENSION)/node_modules $(EXTENSION)/lib $(dir $(BUNDLE)) widgets/chunkscope_widgets/static
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results build dist
