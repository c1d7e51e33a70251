# Drydock's commands. `make` alone lists them.
.DEFAULT_GOAL := help
# Without compiled files every program that starts compiles its libraries again: some of them for seconds.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup setup-dev lab test test-all test-kernels test-fast lint format lock bench clean bench-grading book

BIN := .venv/bin
# Tests with machines mostly wait, so four share two processors; each needs up to 2 GB of memory.
WORKERS ?= 4
PARALLEL := --dist loadgroup --no-loadscope-reorder --numprocesses
FAST := not live and not host and not browser and not isolation and not slow and not nightly

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## create .venv/ (the first time takes a minute)
	@scripts/setup

setup-dev: ## the same for contributors, with tests, linters and the book
	@scripts/setup dev

lab: setup ## open JupyterLab on the course, with a Docker engine for the lessons
	@$(BIN)/drydock lab $(ARGS)

test: setup-dev ## run the tests of each change (15 minutes; docs/testing.md)
	@$(BIN)/python -m pytest $(PARALLEL) $(WORKERS) $(ARGS)

test-all: setup-dev ## run all tests, with every variant (5 hours; goes on after an interruption)
	@echo "All tests, with every variant: about 5 hours on two processors. The tests of each change: make test."
	@DRYDOCK_RUN_AGAIN=1 $(BIN)/python -m pytest $(PARALLEL) $(WORKERS) -m "" --resume $(ARGS)

test-kernels: setup-dev ## run the tests of machines with both kernels (compiling one takes minutes)
	@for kernel in debian compiled; do DRYDOCK_KERNEL=$$kernel $(BIN)/drydock machine build \
	    && DRYDOCK_KERNEL=$$kernel $(BIN)/python -m pytest $(PARALLEL) $(WORKERS) -m "live and not nightly" $(ARGS) || exit 1; done

test-fast: setup-dev ## run the tests that need no machine, no daemon and no browser (2 minutes)
	@$(BIN)/python -m pytest $(PARALLEL) 2 -m "$(FAST)" $(ARGS)

lint: setup-dev ## check style, types and architecture
	@$(BIN)/python -m pytest -q tests/architecture $(ARGS)

format: setup-dev ## format code and notebooks
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/python -m scripts.notebooks

lock: setup ## update the locks (ARGS=--upgrade for newer versions)
	@scripts/lock $(ARGS)

bench: setup ## measure a machine beside this computer's Docker and QEMU
	@$(BIN)/drydock machine bench --all $(ARGS)

bench-grading: setup ## measure grading beside plain nbgrader, on this computer's Docker
	@$(BIN)/python -m scripts.bench_grading $(ARGS)

book: setup-dev ## run the lessons and build the book in docs/book/ (ARGS="--lesson 00_first_run" for one)
	@$(BIN)/python -m scripts.book $(ARGS)

clean: ## remove .venv/ and the tools' caches (machines stay; before: drydock machine rm NAME)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
