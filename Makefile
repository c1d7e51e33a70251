# Drydock's commands. `make` alone lists them.
.DEFAULT_GOAL := help
# Without compiled files every program that starts compiles its libraries again: some of them for seconds.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup setup-dev lab test test-all test-kernels test-fast lint format lock bench clean bench-grading book

BIN := .venv/bin
# Two processors are the least there is; a test is timed by nothing but its own deadlines.
TWO := --numprocesses 2 --dist loadgroup --no-loadscope-reorder
FAST := not live and not host and not browser and not wall and not nightly

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv/ ready (done once; the second time takes no time)
	@scripts/setup

setup-dev:
	@scripts/setup dev

lab: setup ## open JupyterLab on the course, with a Docker engine for the lessons
	@$(BIN)/drydock lab $(ARGS)

test: setup-dev ## run every test, two at a time
	@$(BIN)/python -m pytest $(TWO) $(ARGS)

test-all: setup-dev ## the same, and what takes longer than a coffee
	@$(BIN)/python -m pytest $(TWO) -m "" $(ARGS)

test-kernels: setup-dev ## run the tests of live machines on either kernel (this compiles one: minutes)
	@for kernel in debian compiled; do DRYDOCK_KERNEL=$$kernel $(BIN)/drydock machine build \
	    && DRYDOCK_KERNEL=$$kernel $(BIN)/python -m pytest $(TWO) -m "live and not nightly" $(ARGS) || exit 1; done

test-fast: setup-dev ## run the tests that need no machine, no daemon and no browser
	@$(BIN)/python -m pytest $(TWO) -m "$(FAST)" $(ARGS)

lint: setup-dev ## check style, types and the other habits
	@$(BIN)/python -m pytest -q tests/habits $(ARGS)

format: setup-dev ## put code and notebooks into the form that lint asks for
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/python -m scripts.notebooks

lock: setup ## solve for exact versions again (ARGS=--upgrade for newer ones)
	@scripts/lock $(ARGS)

bench: setup ## measure the machine, and the Docker of this computer and QEMU beside it
	@$(BIN)/drydock machine bench --all $(ARGS)

bench-grading: setup ## measure grading beside nbgrader as it comes, on the Docker of this computer
	@$(BIN)/python -m scripts.bench_grading $(ARGS)

book: setup-dev ## play the lessons and make the book of them in docs/book/ (ARGS="--lesson 00_first_run" for one)
	@$(BIN)/python -m scripts.book $(ARGS)

clean: ## remove what can be made again here (machines stay: drydock clean)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
