# Every target works on a fresh clone. `make` alone prints the targets from their `## ` comments.
.DEFAULT_GOAL := help
.PHONY: bench chaos demo mutants run new-migration help ready python-ready check test conformance soak
SHELL := /bin/bash
BIN := .venv/bin
# The first Python on the PATH that is new enough; bootstrap says so when there is none.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; \
  done)
T ?= tests

help:
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; \
	  do printf '  make %-16s %s\n' "$$name" "$$what"; done

BOOTSTRAP = @$(or $(PYTHON),python3) -m deploy.bootstrap

ready:
	$(BOOTSTRAP)

python-ready:
	$(BOOTSTRAP) --without-browser-code

run: ready ## Set up what is missing, then databases, web, workers and ticker together
	@$(BIN)/wareflow up

check: python-ready ## Format, lint, types, architecture: the fast gate
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/pytest -q tests/architecture

test: ready check ## Everything CI runs; T=path for one test
	-@$(BIN)/python -m deploy.packages tests/oracles tenants/demo
	CHROMIUM_PATH="$$($(BIN)/python -m deploy.chromium)" || exit 1; export CHROMIUM_PATH; \
	  $(BIN)/pytest -n 2 -m 'not soak and not chaos' $(T)

conformance: python-ready ## The suites that others wrote, one line each; fails where they are absent
	@$(BIN)/python -m deploy.packages tests/oracles
	CI_REQUIRE_SHARED=1 $(BIN)/python -m tests.conformance.report

bench: python-ready ## Us and the peers in one run: ratios, what moved, docs/benchmarks.md
	$(BIN)/python -m bench.run

demo: ready ## Four years of real orders through a sandbox; FAULTS=1 breaks things meanwhile
	@$(BIN)/python -m deploy.packages tenants/demo
	@$(BIN)/wareflow demo $(if $(FAULTS),--faults)

chaos: python-ready ## 200 backorders while processes are killed; CHAOS_SEED=7 chooses whom
	$(BIN)/pytest -q -rP -m chaos tests/chaos

mutants: ready ## Break one promise at a time: a named test must notice each
	$(BIN)/python -m tests.mutants.run

new-migration: python-ready ## NAME="reservations expire": the next number, the template, one idea
	@$(BIN)/python -m migrations.new $(NAME)
	@$(BIN)/ruff format -q migrations/versions

soak: ready ## The long forms: a million hostile expressions, thousands of random tables and charts
	@$(BIN)/python -m deploy.packages tests/oracles
	$(BIN)/python -m tests.soak
	$(BIN)/pytest -m soak $(T)
