# Works on a machine that has Python 3.11 to 3.13 (with venv) and make. Everything else is fetched into .venv.

.DEFAULT_GOAL := help
.PHONY: help setup demo test gate lint reference clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV_OF_LOCK = uv==$$(sed -n '/^name = "uv"$$/{n;s/version = "\(.*\)"/\1/p;}' uv.lock)
SUITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
export UV_PROJECT_ENVIRONMENT := $(VENV)
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1 \2/p' $(firstword $(MAKEFILE_LIST)) | awk '{ printf "%s %-10s", $$1, $$2; $$1 = $$2 = ""; print }'

setup: $(READY) ## put Python packages, Kafka's Java and ClickHouse into .venv, as uv.lock says

demo: $(READY) ## start the platform with the CDNOW history, show what it found, stay until Ctrl-C
	@exec $(BIN)/cdp demo

test: $(READY) ## run all tests, those against real Kafka and real ClickHouse included
	@$(BIN)/pytest

gate: $(READY) ## hold what the hot paths cost against deploy/bench/shares.json: one minute
	@$(BIN)/cdp bench gate

lint: $(READY) ## check style, format, types, the direction of imports, and the lock
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy --strict
	@$(BIN)/lint-imports
	@$(BIN)/uv lock --check --quiet

reference: $(READY) ## write what is generated from code: .env.example, docs/reference.md, schemas/json, the dashboard
	@$(BIN)/python -m schemas.env_example
	@$(BIN)/python -m tests.house.reference
	@$(BIN)/python -m schemas.export
	@$(BIN)/python -m deploy.monitoring.dashboard

clean: ## remove .venv and the tools' caches; data directories stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml uv.lock
	@set -e; \
	if ! $(BIN)/python -c '$(SUITS)' 2>/dev/null; then \
	  for each in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	    if "$$each" -c '$(SUITS)' >/dev/null 2>&1; then python=$$each; break; fi; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "No Python 3.11, 3.12 or 3.13 with venv was found. Install one (Debian: apt install python3 python3-venv;" >&2; \
	    echo "macOS: brew install python@3.13), or name it: make PYTHON=/path/to/python3.13 setup" >&2; \
	    exit 1; \
	  fi; \
	  echo "Setting up $(VENV) with $$("$$python" --version); the first time this fetches about 400 MB."; \
	  "$$python" -m venv --clear $(VENV); \
	fi; \
	uv=$$(command -v uv) || { \
	  [ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check "$(UV_OF_LOCK)"; \
	  uv=$(BIN)/uv; \
	}; \
	"$$uv" sync --frozen --all-extras --quiet --python $(BIN)/python; \
	touch $@
