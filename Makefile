# Thin on purpose: each target is one line of something that can be run by hand as well.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check format bench bench-masking demo-model screenshots package package-test clean setup

setup: $(STAMP)

$(STAMP): pyproject.toml installer/system_libraries.sh
	sh installer/system_libraries.sh
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --upgrade "pip>=25.1"
	@echo "依存パッケージを入れています（初回は llama.cpp のビルドに10分ほどかかります）"
	$(BIN)/pip install -q -e . --group dev
	touch $@

# The window; where there is no display, one draft in the terminal.
run: $(STAMP)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then exec $(BIN)/kian; else exec $(BIN)/kian draft --example --yes; fi

test: check
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q -n 2 --dist loadfile

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(STAMP)
	$(BIN)/python tests/benchmarks/run.py

bench-masking: $(STAMP)
	$(BIN)/python tests/benchmarks/bench_masking.py

demo-model: $(STAMP)
	$(BIN)/pip install -q --group demo && $(BIN)/python -m models.demo.rebuild --output build/demo-model

screenshots: $(STAMP)
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/screenshots.py docs/images

clean:
	rm -rf $(VENV) build dist
