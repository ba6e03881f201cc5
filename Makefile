# Thin on purpose: each target is one line of something that can be run by hand as well.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check format bench bench-masking demo-model demo-eval screenshots package package-test clean setup

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

demo-eval: $(STAMP)
	$(BIN)/python tests/benchmarks/demo_eval.py
	$(BIN)/python tests/benchmarks/demo_changes.py

screenshots: $(STAMP)
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/screenshots.py docs/images

.PHONY: package-test-windows package-windows bundle release

# SERVER=1 makes packages that can use an inference server in the building (dist/server/).
export KIAN_SERVER := $(SERVER)
# GPU=1 makes packages that can use a GPU through Vulkan (dist/gpu/).
export KIAN_GPU := $(GPU)

# The .deb (dist/). The packaging environment is made below build/; nothing of .venv goes in.
package:
	sh installer/system_libraries.sh && $(PYTHON) installer/linux/build.py

# Install, draft without network, upgrade and remove in a clean Debian (root, debootstrap).
package-test: package
	sh installer/linux/test_package.sh "$$(ls -t dist/kian_*_amd64.deb | head -1)"

# The MSI and the trial zip, built on Linux (mingw-w64, wixl, faketime).
package-windows:
	sh installer/windows/build.sh "$(PYTHON)"

# The same under Wine 10 in a clean Debian 13 (root, debootstrap).
package-test-windows: package-windows
	sh installer/wine/test_msi.sh

# The offline bundle of what lies in dist/; KEY=private.pem signs it. MODELS="FOLDER ..." (each made by
# `kian models bundle`) and TEMPLATES="FILE.kianpack ..." go with it.
bundle:
	"$$($(PYTHON) installer/packaging_environment.py | tail -1)" installer/bundle/make.py \
		$(if $(KEY),--key "$(KEY)") $(foreach path,$(MODELS),--model "$(path)") $(foreach path,$(TEMPLATES),--templates "$(path)")

# All of it for this commit, each package tried before it goes into the bundle (root; 25 minutes on two quiet cores).
release: package-test package-test-windows bundle

clean:
	rm -rf $(VENV) build dist
