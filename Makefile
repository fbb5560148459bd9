# 兼听 Jianting. Needs Python ≥ 3.11 and make; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
# Rasa 3.6 runs under Python 3.10 at the newest: the one on the path, or the newest that pyenv has.
RASA_PYTHON ?= $(shell python3.10 -c 'import sys; print(sys.executable)' 2>/dev/null || \
	PYENV_VERSION=$$(pyenv versions --bare 2>/dev/null | grep '^3\.10\.' | sort -V | tail -n 1) pyenv which python3.10 2>/dev/null)

# Without byte code every start would compile every import anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install run demo test check format bench test-browser test-rasa docs lock clean

help: ## Show this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv installs from the same hashed list in a tenth of pip's time.
$(BIN)/uv: requirements/uv.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python is not installed; Jianting needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Jianting needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/uv.txt
	@touch $@

.venv/.run: $(BIN)/uv requirements/run.txt pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

install: .venv/.run ## Install what the service needs into .venv

run: .venv/.run ## Set everything up and start the service; it prints the page to open
	@$(BIN)/jianting serve

demo: .venv/.run ## Fill an empty ledger with invented cases and print how to sign in
	@$(BIN)/jianting demo

test: .venv/.dev ## Run every test that needs no extra server
	@$(BIN)/pytest -n auto

check: .venv/.dev ## Format, lint, types, import contracts
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache | tail -n 2

format: .venv/.dev ## Format and fix what can be fixed
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

bench: .venv/.dev ## Measure speed and memory; figures as ratios within one run
	@$(BIN)/python -m tests.bench

test-browser: .venv/.dev ## Drive the pages in a real headless Chromium (Debian: chromium chromium-driver)
	@$(BIN)/pytest -m browser

.venv-rasa/.run: $(BIN)/uv requirements/rasa.txt
	@python=$$(command -v "$(RASA_PYTHON)") || { echo "Rasa needs Python 3.10, and none was found; try: make $(MAKECMDGOALS) RASA_PYTHON=/path/to/python3.10"; exit 1; }; \
		"$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' || { echo "Rasa needs Python 3.10, and $$python is another."; exit 1; }; \
		test -x .venv-rasa/bin/python || "$$python" -m venv .venv-rasa
	@$(BIN)/uv pip install --quiet --python .venv-rasa/bin/python --require-hashes -r requirements/rasa.txt
	@touch $@

test-rasa: .venv/.dev .venv-rasa/.run ## Train, serve and ask a real Rasa, in an environment of its own (Python 3.10)
	@$(BIN)/pytest -m rasa tests/rasa

docs: .venv/.dev ## Write the generated reference pages anew
	@$(BIN)/python -m tests.generate

lock: $(BIN)/uv ## Pin the newest dependencies that fit, with hashes
	@for what in run dev; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-annotate --no-header $$(test $$what = dev && echo --group dev) pyproject.toml -o requirements/$$what.txt; done
	@$(BIN)/uv pip compile --quiet --upgrade --no-python-downloads --python-version 3.10 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header requirements/rasa.in -o requirements/rasa.txt

clean: ## Remove the environments and caches; data/ stays
	@rm -rf .venv .venv-rasa .pytest_cache .mypy_cache .ruff_cache .hypothesis
