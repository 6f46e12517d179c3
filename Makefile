# Two commands do everything on a fresh Debian 12 with Python 3.11: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.PHONY: demo test check bench bench-ham screenshots catalogues system-test clean

demo: $(VENV)/.demo
	$(BIN)/mailwatch demo --out mailwatch-demo

test: $(VENV)/.test system-test
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile

check: $(VENV)/.check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test system-bench
	$(BIN)/python -m benchmarks

# What is read and linked of real mail, which npm fetches once into ~/.cache/mailwatch (or $MAILWATCH_HAM).
bench-ham: $(VENV)/.test
	@[ -n "$$MAILWATCH_HAM" ] || command -v npm >/dev/null || $(MAKE) --no-print-directory need PACKAGES=npm
	$(BIN)/python -m benchmarks.quotes
	$(BIN)/python -m benchmarks.linking
	$(BIN)/python -m benchmarks.detection_lists

screenshots: $(VENV)/.test system-screens
	$(BIN)/python tests/screens/make_screenshots.py

catalogues: $(VENV)/.test
	$(BIN)/python tests/catalogues.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; $(PYTHON) is older. Name one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory need PACKAGES=python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/.test: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/.check: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,check]'
	@touch $@

# What the tests and benchmarks need beside Python: Debian packages, installed when they are missing.
.PHONY: need system-bench system-screens
system-test:
	@command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] \
	  || $(MAKE) --no-print-directory need PACKAGES="dovecot-imapd dovecot-lmtpd"
	@$(MAKE) --no-print-directory system-screens
	@[ "$$CI" != true ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
	  || $(MAKE) --no-print-directory need PACKAGES=postgresql

system-bench: system-test
	@command -v mbsync >/dev/null && command -v notmuch >/dev/null \
	  || $(MAKE) --no-print-directory need PACKAGES="isync notmuch"

system-screens:
	@command -v chromium >/dev/null || $(MAKE) --no-print-directory need PACKAGES=chromium

need:
	@if [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; then \
	  $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq $(PACKAGES); \
	else \
	  echo "This needs: apt-get install $(PACKAGES)   (run it as root, then try again)"; exit 1; \
	fi

clean:
	rm -rf $(VENV) build *.egg-info mailwatch-demo artefacts
