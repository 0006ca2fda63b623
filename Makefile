# Every target sets up what it needs in .venv; a change of pyproject.toml sets it up anew.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
HASH := $(shell cksum < pyproject.toml | cut -d' ' -f1)
READY := $(VENV)/.ready-$(HASH)
DEV := $(VENV)/.dev-$(HASH)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help demo test check lint types format docs dist bench setup clean

help:
	@echo "make demo    a sample company and its KPIs, in a few seconds"
	@echo "make test    all tests"
	@echo "make check   lint, types, docs and package"
	@echo "make format  format the code"
	@echo "make bench   the benchmarks, in full; about half an hour"
	@echo "make clean   remove what was built"

demo: $(READY)
	@$(BIN)/kraforge demo

test: $(DEV)
	@$(BIN)/python -m pytest

check: lint types docs dist

lint: $(DEV)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(DEV)
	@$(BIN)/mypy --strict

format: $(DEV)
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: $(DEV)
	@$(BIN)/python docs/generate.py --check
	@$(BIN)/zensical build --strict --clean

dist: $(DEV)
	@$(BIN)/python -m hatchling build

bench: $(DEV)
	@$(BIN)/python -m benchmarks

setup: $(DEV)

# The newest Python of 3.11 and later that has a name of its own, else python3; PYTHON=... chooses another.
$(VENV)/bin/python:
	@for python in $(PYTHON) python3.14 python3.13 python3.12 python3.11 python3; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "setting up $(VENV) with $$("$$python" --version)" >&2; \
	    exec "$$python" -m venv $(VENV); \
	  fi; \
	done; echo "Python 3.11 or later is needed" >&2; exit 1

$(READY): | $(VENV)/bin/python
	@$(PIP) --editable .
	@rm -f $(VENV)/.ready-* && touch $@

$(DEV): | $(VENV)/bin/python
	@$(PIP) --editable '.[dev]'
	@rm -f $(VENV)/.dev-* $(VENV)/.ready-* && touch $@ $(READY)

clean:
	@rm -rf $(VENV) dist site build .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache
