# Two commands are all a newcomer needs: make demo, make test.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := $(VENV)/.demo-ready
DEV    := $(VENV)/.dev-ready
LINE   := $(VENV)/.line-ready
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: demo test check fmt nightly mutants docs line lock stubs clean

demo: $(DEMO)
	@$(BIN)/rapport demo $(if $(ONCE),--once)

test: $(DEV) check
	$(BIN)/python -m pytest -q --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(DEV) stubs
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/basedpyright --level error -p pyright.host.json
	$(BIN)/basedpyright --level error -p pyright.firmware.json
	$(BIN)/lint-imports

fmt: $(DEV)
	$(BIN)/ruff format -q .
	$(BIN)/ruff check -q --fix .

# The long sweeps: the same tests with a larger N.
nightly: $(DEV)
	N=20000 $(BIN)/python -m pytest -q --timeout 3600 $(ARGS)

# Planted faults in what may not be wrong; fails when the tests miss more than one in ten.
mutants: $(DEV)
	rm -rf mutants
	$(BIN)/mutmut run
	$(BIN)/python -m tests.mutants

# The docs as a site, in build/site.
docs: $(DEV)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict -q
	@echo "build/site/index.html"

# For who makes devices: what builds images and speaks to boards.
line: $(LINE)

$(LINE): requirements-factory.lock pyproject.toml | $(VENV)/bin/python
	@$(PIP) install --require-hashes -r requirements-factory.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

# Newest versions that fit pyproject.toml, with hashes, for every platform.
lock: $(VENV)/bin/python
	@$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --extra bench pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --extra bench --extra factory pyproject.toml -o requirements-factory.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --extra dev pyproject.toml -o requirements-dev.lock

stubs: .stubs/.ready

# MicroPython's own type stubs: kept out of the environment, where they would shadow the host's.
.stubs/.ready: requirements-stubs.lock | $(DEV)
	@rm -rf .stubs
	@$(PIP) install --target .stubs --no-deps --require-hashes -r requirements-stubs.lock
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Rapport needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(DEMO): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Setting up (once, about a minute) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Setting up for development (once, about two minutes) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --editable .
	@touch $@ $(DEMO)

clean:
	rm -rf $(VENV) .stubs build *.egg-info
