# Two commands: `make lab` and `make test`. Everything goes into .venv and node_modules.

VENV     ?= .venv
BIN      := $(VENV)/bin
PYTHON   ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
LAB_ARGS ?=
LAB      ?= 4.4
# What the tools of the build ask for.
NODE_FITS = const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)
ROOT     := $(if $(filter 0,$(shell id -u)),--allow-root,)
SOURCES  := $(shell find src labextension/style labextension/schema labextension/icons -type f 2>/dev/null) tsconfig.json package.json

export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: lab test test-lab bench build lint clean
.DELETE_ON_ERROR:

lab: build
	@echo "==> JupyterLab on binder/quickstart.ipynb"
	$(BIN)/jupyter lab binder/quickstart.ipynb $(ROOT) $(LAB_ARGS)

build: $(VENV)/.installed labextension/dist/.built

$(VENV)/.created:
	@echo "==> An environment in $(VENV), with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "JupyterLab needs Python 3.11 or newer here; say which with: make PYTHON=/path/to/python3.11")'
	@node -e '$(NODE_FITS)' 2>/dev/null || { echo "Building the front end needs node 20.19, 22.12 or newer; here is $$(node --version 2>/dev/null || echo none). Install it, then run make again."; exit 1; }
	@# Debian's Python has what brings pip along only with python3-venv; its own pip does as well.
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); else \
	  $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; fi
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"
	@touch $@

$(VENV)/.installed: pyproject.toml python/dasklab/jupyter-config/dasklab.json $(VENV)/.created
	@echo "==> dasklab and what it needs (a few minutes the first time)"
	$(BIN)/python -m pip install --editable ".[lab,dev]"
	$(BIN)/jupyter labextension develop . --overwrite
	@touch labextension/dist/.built $@

labextension/dist/.built: $(SOURCES) | $(VENV)/.installed
	@echo "==> The front end"
	jlpm install
	jlpm build:prod
	@touch $@

lint: build
	tests/run lint

test: build
	tests/run

# The browser suite in another JupyterLab: make test-lab LAB=4.5 SPECS="panel plots"
test-lab: build
	LAB=$(LAB) SPECS="$(SPECS)" tests/run lab

bench: build
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) node_modules labextension/dist labextension/lib python/dasklab/static python/dasklab/_version.py
