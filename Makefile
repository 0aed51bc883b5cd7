# Every target works on a fresh clone. `make` alone prints the targets from their `## ` comments.
.DEFAULT_GOAL := help
.PHONY: help check
SHELL := /bin/bash
BIN := .venv/bin

help:
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; \
	  do printf '  make %-16s %s\n' "$$name" "$$what"; done

check: ## Format, lint, types, architecture: the fast gate
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/pytest -q tests/architecture
