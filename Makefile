# Everything a person needs to type. `make` or `make help` lists the targets.

BIN := .venv/bin
# Twice quiet leaves errors and takes away pip's remarks about its configuration.
PIP_INSTALL := $(BIN)/pip install --quiet --quiet -c constraints.txt
TORCH := torch==2.13.0
# As an installer does with a package: a shell with PYTHONDONTWRITEBYTECODE would have every process compile everything.
COMPILE := $(BIN)/python -m compileall -q -x node_modules deepracer_local
# matplotlib writes its font cache beside the environment, so a read-only home directory is no obstacle.
export MPLCONFIGDIR := $(CURDIR)/.venv/matplotlib
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

# What the dashboard is made of: when one of these changes, installing builds it anew.
DASHBOARD := $(shell find deepracer_local/dashboard -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f -print)

# A target that failed is not left half made.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help venv install dashboard demo serve test check format fuzz bench clean

help: ## list these targets
	@echo "usage: make TARGET [PYTHON=/path/to/python]"
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  %-9s %s\n", $$1, $$2}' Makefile

venv: $(BIN)/pip ## make the virtual environment .venv

install: .venv/.installed ## install the package and its tools into .venv, at the versions of constraints.txt

dashboard: .venv/.dashboard ## build the page, if its sources have changed; Node comes from a wheel

demo: .venv/.dashboard ## start the service, train a car, evaluate and download it, and end
	DEEPRACER_LOCAL_DATA_DIR=$(CURDIR)/.demo $(BIN)/deepracer-local demo --out $(CURDIR)/demo-model.tar.gz

serve: .venv/.dashboard ## start the service with the demo's model in it and print the link
	DEEPRACER_LOCAL_DATA_DIR=$(CURDIR)/.demo $(BIN)/deepracer-local serve

test: check ## run the checks and all tests
	$(BIN)/pytest -n 2

check: .venv/.dashboard ## check format, lint, types (of the dashboard when it is built) and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.installed ## write the format that check asks for
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

fuzz: .venv/.installed ## send 10,000 mutated reward functions through the check (COUNT=, SEED=)
	$(BIN)/python -m tests.corpus.fuzz --count $(or $(COUNT),10000) --seed $(or $(SEED),1)

bench: .venv/.installed-bench ## measure speed and memory, print a table, write JSON (TRAINED=all, UNSEEN=folder: what is learnt)
	$(BIN)/deepracer-local bench $(addprefix --trained ,$(TRAINED)) $(if $(UNSEEN),--unseen $(UNSEEN))

clean: ## remove the environment and all caches; runs/ stays
	rm -rf .venv build dist screenshots deepracer_local/dashboard/dist deepracer_local/dashboard/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find deepracer_local tests reward_functions -name __pycache__ -type d -prune -exec rm -rf {} +

# pip is the last thing that venv makes: a half-made environment is made again.
$(BIN)/pip:
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
	    if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	        echo "making .venv with $$("$$python" --version)"; \
	        exec "$$python" -m venv .venv; \
	    fi; \
	done; \
	echo "Expected Python 3.11, 3.12 or 3.13 on the PATH, found $$(python3 --version 2>/dev/null || echo none)." >&2; \
	echo "Install one of them, or say where it is: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; \
	exit 1

# torch goes first and alone: its wheel is the largest, and which build it is (CPU, CUDA) is pip's configuration.
.venv/.installed: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "installing, which takes a minute or a few"
	$(PIP_INSTALL) $(TORCH)
	$(PIP_INSTALL) -e '.[dev]'
	$(COMPILE)
	@touch $@

# The install builds the page too; this is for when only the page has changed since.
.venv/.dashboard: .venv/.installed $(DASHBOARD) hatch_build.py
	$(PIP_INSTALL) --no-deps -e .
	@touch $@

.venv/.installed-bench: .venv/.installed
	$(PIP_INSTALL) -e '.[bench]'
	@touch $@
