# The only menu. Each goal first brings .venv to what it needs; run again, that takes no time.
# Relative paths alone, so that the clone may lie in a folder with spaces in its name.

SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check fault bench docs python run-environment dev-environment

help:
	@echo 'make demo    set up, book a portfolio, close it day by day, explain one account'
	@echo 'make test    set up, run every test; make test ARGS="tests/kernel" for some'
	@echo 'make fault   set up, kill closes, servers and connections at every commit and many moments more'
	@echo 'make check   set up, lint, types, import contracts, tidiness'
	@echo 'make bench   set up, measure; prints a table, writes build/bench.json'
	@echo 'make docs    set up, write the generated pages of docs/reference and docs/rights, and the schemas'

demo: run-environment
	@"$(BIN)/arrears" demo $(ARGS)

test: dev-environment
	@"$(BIN)/python" -m pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

fault: dev-environment
	@ARREARS_FAULTS=full "$(BIN)/python" -m pytest -q tests/fault $(ARGS)

check: dev-environment
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check --quiet .
	@"$(BIN)/mypy"
	@"$(BIN)/lint-imports"
	@"$(BIN)/python" -m pytest -q tests/tidy

bench: dev-environment
	@"$(BIN)/python" bench/run.py $(ARGS)

docs: dev-environment
	@"$(BIN)/python" tools/error_reference.py
	@"$(BIN)/python" tools/schema_files.py
	@"$(BIN)/python" tools/rights_pages.py

run-environment dev-environment: python
	@"$(PYTHON)" tools/environment.py "$(subst -environment,,$@)"

python:
	@[ "$$("$(PYTHON)" -c 'print(1)' 2>/dev/null)" = 1 ] || { \
	  echo 'Arrears needs make, and Python 3.11 or newer with its venv module.'; \
	  echo '  found     no Python that runs as $(PYTHON)'; \
	  echo '  to mend   apt-get install python3 python3-venv make'; \
	  exit 1; } >&2
