# Two commands a fresh machine needs: make demo, make test. Each does its own set-up.
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test check docs clean

help: ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(VENV)/installed: setup.py pyproject.toml $(wildcard runtime/agent/recorder.py runtime/agent/*.px[di] runtime/agent/*.pyx runtime/agent/*.h) runtime/agent/lookout.c \
		runtime/agent/aside.c runtime/agent/entry.c runtime/agent/resting.c
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; set PYTHON=/path/to/python"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@# Where PYTHONDONTWRITEBYTECODE is set, each of the many processes to come would compile all of it.
	@$(BIN)/python -m compileall -q -j 0 api cli compiler examples grammar report runtime variants
	@touch $@

demo: $(VENV)/installed ## Watch a real program get faster while it runs (5 minutes)
	$(BIN)/selfsame demo --json

test: $(VENV)/installed ## Run the default test suite (about 10 minutes on two cores)
	$(BIN)/pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(VENV)/installed ## Types and style
	$(BIN)/python -m pip install --quiet --disable-pip-version-check mypy ruff scipy-stubs
	$(BIN)/python tests/link_package.py
	$(BIN)/mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check

docs: $(VENV)/installed ## Build the documentation into docs/_build
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build
	@echo "docs/_build/index.html"

clean: ## Remove everything that was made
	rm -rf $(VENV) docs/_build docs/_verbs.md .typed .tox build dist *.egg-info .mypy_cache .ruff_cache
	find . -name '*.so' -path './runtime/*' -delete
