# The one door. `make chat` talks to Echo, `make test` proves it; everything else is for later.
# What is built and fetched is said on stderr, so that `make -s chat < words.txt` prints replies only.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
FIND_PYTHON = for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done
# A GPU is used when its compiler and its driver are both there.
CUDA = $$(command -v nvcc >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1 && echo "-DGGML_CUDA=on")
PIP = $(PY) -m pip install --quiet --disable-pip-version-check --no-warn-script-location
ARGS ?=

.PHONY: chat boot insight test lint format bench brains docs locale lock faults clean
.DEFAULT_GOAL := chat

chat boot insight: $(VENV)/.run
	@exec $(PY) -m echo $@ $(ARGS)

test: $(VENV)/.dev
	@exec $(PY) -m pytest $(ARGS)

lint: $(VENV)/.dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m tools.docs --check

format: $(VENV)/.dev
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: $(VENV)/.dev
	@$(PY) -m bench.startup && $(PY) -m bench.turn && $(PY) -m bench.boot && $(PY) -m bench.append \
		&& $(PY) -m bench.fit && $(PY) -m bench.recall && $(PY) -m bench.korean

# Every point at which the plug can be pulled, and every error a disk can give: an hour or two.
faults: $(VENV)/.dev
	@exec $(PY) -m tests.faults $(ARGS)

# Trains the seed brains again, from nothing, on the CPU: up to an hour on two cores.
brains: $(VENV)-brains/.ready
	@$(VENV)-brains/bin/python -m tools.seed_brains $(ARGS)

docs: $(VENV)/.dev
	@$(PY) -m tools.docs

locale: $(VENV)/.dev
	@$(PY) -m tools.messages $(ARGS)

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv" >&2; exit 1; }
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header pyproject.toml -o requirements.txt
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --group dev -c requirements.txt pyproject.toml \
		-o requirements-dev.txt

clean:
	rm -rf $(VENV) $(VENV)-brains build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@python=$$($(FIND_PYTHON)); \
	[ -n "$$python" ] || { echo "Echo needs Python 3.11 or newer; none was found." >&2; exit 1; }; \
	echo "Making $(VENV) with $$($$python --version) …" >&2; \
	$$python -m venv $(VENV) >&2 || { echo "Python's venv module is missing: on Debian and Ubuntu, apt install python3-venv." >&2; exit 1; }

$(VENV)/.run: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing, the first time some minutes: llama.cpp is compiled for this machine …" >&2
	@CMAKE_ARGS="-DLLAVA_BUILD=OFF $(CUDA) $$CMAKE_ARGS" $(PIP) --require-hashes -r requirements.txt >&2
	@$(PIP) --no-deps -e . >&2
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@$(PIP) --require-hashes -r requirements-dev.txt >&2
	@touch $@

$(VENV)-brains/.ready: tools/seed_brains/requirements.txt
	@python=$$($(FIND_PYTHON)); $$python -m venv $(VENV)-brains >&2
	@$(VENV)-brains/bin/python -m pip install --quiet -r $< >&2
	@touch $@
