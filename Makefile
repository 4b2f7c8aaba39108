# make demo   a live order book in the terminal, no keys, no network but the package index
# make test   everything that CI runs
# Both make their own environment in .venv; PYTHON=/path/to/python picks another interpreter.

SECONDS ?= 30
ROUNDS ?= 50
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= auto
# What an installation is made of; the rest of declconn is read where it lies.
INSTALLED := pyproject.toml hatch_build.py declconn/book/native_side.pyx scripts/venv.sh

.PHONY: help demo test quick lint format schema bench build clean

help:  ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/ready  ## watch an order book of a local venue live: make demo SECONDS=10
	@$(BIN)/declconn demo --seconds $(SECONDS)

test: $(VENV)/ready-dev lint  ## style, types, floors and all tests
	$(BIN)/pytest -n $(WORKERS) --cov --cov-report=term:skip-covered

quick: $(VENV)/ready-dev  ## the fast tests only
	$(BIN)/pytest -n $(WORKERS) -m 'not slow'

lint: $(VENV)/ready-dev  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/ready-dev  ## let ruff write the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(VENV)/ready-dev  ## write schema/ anew from the models
	$(BIN)/declconn schema --write

bench: $(VENV)/ready-bench  ## the way of a frame beside floors and peers: make bench ROUNDS=50
	$(BIN)/python -m bench --rounds $(ROUNDS)

build: $(VENV)/ready-dev  ## wheel and sdist into dist/
	$(BIN)/python -m build

clean:  ## remove the environment and everything that was generated
	rm -rf $(VENV) dist build .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -f declconn/book/*.so

$(VENV)/ready: $(INSTALLED)
	@PYTHON="$(PYTHON)" scripts/venv.sh $(VENV)
	@echo "installing declconn into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/ready-dev: $(INSTALLED)
	@PYTHON="$(PYTHON)" scripts/venv.sh $(VENV)
	@echo "installing declconn and what its tests need into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/ready

$(VENV)/ready-bench: $(VENV)/ready-dev
	@echo "installing the peers that are measured into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@
