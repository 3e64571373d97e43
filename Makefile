# `make demo` and `make test` are the two commands to know; `make` alone lists the rest.
# Needed: Python >= 3.11 with venv, and make. PYTHON=... picks the Python, ARGS=... goes on to the command.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
PYTHON ?=
UV ?= uv
ARGS ?=
BIN := .venv/bin
DEVELOPMENT := CLAIMS_ENVIRONMENT=development
CHECKS := lint-code lint-types lint-imports lint-openapi lint-policies lint-migrations lint-locks
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11

# $(call timed,what,command): runs it and says how long it took, whether it went well or not.
timed = @begin=$$(date +%s); $(2); code=$$?; echo "make $(1): $$(($$(date +%s) - begin)) s"; exit $$code

.PHONY: help setup demo serve test lint $(CHECKS) format bench openapi lock clean

help: ## this list
	@echo "usage: make TARGET [ARGS='...'] [PYTHON=python3.12]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## make .venv from requirements.lock (every target does, when it is not up to date)
	@PYTHON='$(PYTHON)' sh tools/venv.sh

demo: setup ## start a Postgres and the service, play the demo over HTTP, stop both
	$(call timed,$@,$(DEVELOPMENT) $(BIN)/claims-api demo $(ARGS))

serve: setup ## start a Postgres and the service and keep running; prints a first call
	@$(DEVELOPMENT) $(BIN)/claims-api serve --try-out $(ARGS)

test: setup ## run the tests; ARGS='tests/domain -k money' for some of them
	$(call timed,$@,$(BIN)/python -m pytest $(ARGS))

lint: setup ## everything that can be said without running it: style, types, imports, OpenAPI, migrations, locks
	$(call timed,$@,$(MAKE) --keep-going $(CHECKS))

lint-code: setup
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check || { echo "Run 'make format'."; exit 1; }

lint-types: setup
	@$(BIN)/mypy

lint-imports: setup
	@out=$$($(BIN)/lint-imports 2>&1) || { echo "$$out"; exit 1; }; echo "$$out" | grep '^Contracts:'

lint-openapi: setup
	@$(DEVELOPMENT) $(BIN)/claims-api openapi --check openapi/openapi.json

lint-policies: setup
	@$(BIN)/claims-api policies lint

# Every migration as SQL, judged by squawk; docs/migrations.md.
lint-migrations: setup
	@$(BIN)/python -m tools.lint_migrations

# The smaller locks are parts of the big one, and what is installed satisfies pyproject.toml.
lint-locks: setup
	@for lock in requirements-runtime.lock requirements-build.lock; do \
		grep -vxF -f requirements.lock $$lock; [ $$? -eq 1 ] || { echo "$$lock is not in requirements.lock: run 'make lock'."; exit 1; }; \
	done
	@if [ -x $(BIN)/pip ]; then $(BIN)/pip check; else $(UV) pip check --python $(BIN)/python; fi \
		|| { echo "requirements.lock does not fit pyproject.toml: run 'make lock'."; exit 1; }

format: setup ## put the code into shape
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

bench: setup ## measure it against bare FastAPI and bare Postgres
	$(call timed,$@,$(DEVELOPMENT) $(BIN)/python -m benchmarks $(ARGS))

openapi: setup ## write openapi/openapi.json anew
	@$(DEVELOPMENT) $(BIN)/claims-api openapi --write openapi/openapi.json

lock: ## resolve pyproject.toml anew; ARGS=--upgrade takes new versions (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or name it with UV=..."; exit 1; }
	$(COMPILE) --all-extras $(ARGS) pyproject.toml -o requirements.lock
	$(COMPILE) --constraints requirements.lock pyproject.toml -o requirements-runtime.lock
	echo hatchling | $(COMPILE) --constraints requirements.lock - -o requirements-build.lock

clean: ## remove .venv, caches and builds; the data in .claims-data stays
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find benchmarks migrations src tests tools -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
