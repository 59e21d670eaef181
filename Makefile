# Layerscope. `make` alone lists what can be done.

SHELL = /bin/sh
.DEFAULT_GOAL = help
.NOTPARALLEL:
.PHONY: help run test test-slow lint setup setup-test screenshot samples builtin bench package test-frozen \
	clean distclean

# An interpreter of your choice: make PYTHON=python3.12 run
PYTHON ?=
# Another build of torch for the package, as pip understands it: make package TORCH=path/to/torch.whl
TORCH ?=
# More words for the program: make run ARGS="picture.jpg --model resnet18"
ARGS ?=

VENV = .venv/bin
# No display is needed; a test marked x11 starts an X server of its own.
PYTEST = QT_QPA_PLATFORM=offscreen $(VENV)/python -m pytest
STEP = @printf '\n==> %s\n'

# A waiting OpenMP thread sleeps instead of spinning; the program does the same for itself.
export OMP_WAIT_POLICY = PASSIVE
# Packages of another Python must not leak into .venv.
unexport PYTHONPATH PYTHONHOME

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 20

run: setup ## set up what is missing and open the window
	@$(VENV)/layerscope $(ARGS)

test: setup-test lint ## set up what is missing, then check style and types and run every test but the slow ones
	$(STEP) 'Tests of the core, in a process that cannot import Qt; then all the others'
	@status=0; \
	$(PYTEST) -p tests.helpers.no_qt -p no:pytest-qt -m "not slow" tests/core || status=1; \
	$(PYTEST) -m "not slow" --ignore=tests/core || status=1; \
	exit $$status

test-slow: setup-test ## the tests that take long, and those of properties with new examples
	@status=0; \
	$(PYTEST) -m slow || status=1; \
	$(PYTEST) -m "hypothesis and not slow" --hypothesis-profile search || status=1; \
	exit $$status

lint: setup-test ## style (ruff), types (mypy), who may import whom (import-linter)
	$(STEP) 'Style, types and imports'
	@$(VENV)/python -m ruff check .
	@$(VENV)/python -m mypy
	@$(VENV)/lint-imports

setup: ## make .venv with what the program needs
	@PYTHON="$(PYTHON)" sh tools/setup.sh run

setup-test: ## the same, with the tools of the tests
	@PYTHON="$(PYTHON)" sh tools/setup.sh test

screenshot: setup ## draw the pictures of the README anew
	@$(VENV)/layerscope --screenshot docs/screenshot.png --layer features.8 --panel why $(ARGS)
	@$(VENV)/layerscope --screenshot docs/crops.png --protocol multi-crop --scales 160 resources/samples/6_mushroom.jpg
	@$(VENV)/layerscope --screenshot docs/dense.png --protocol dense --scales 224 resources/samples/6_mushroom.jpg

samples: setup ## render the sample pictures anew
	@$(VENV)/python tools/render_samples.py $(ARGS)

builtin: setup ## train the built-in model anew (hours)
	@$(VENV)/python tools/make_builtin.py --data ../shared/data/tiny-imagenet-102.zip $(ARGS)

bench: setup-test ## run every benchmark
	@for file in bench/*.py; do \
		printf '\n==> %s\n' "$$file"; \
		QT_QPA_PLATFORM=offscreen $(VENV)/python "$$file" $(ARGS) || exit; \
	done

package: ## build the program that needs no Python: dist/layerscope and its archive
	@PYTHON="$(PYTHON)" TORCH="$(TORCH)" sh tools/setup.sh package
	@build/package-venv/bin/python tools/package/build.py $(ARGS)

# The archive is no part of the tests, and takes longer than they do.
test-frozen: ARGS = --no-archive
test-frozen: package setup-test ## build the package and test it: every command, every view
	@$(PYTEST) tests/test_frozen*.py tests/e2e/test_real_drag_x11.py

clean: ## remove what was built, but not .venv nor build/builtin
	@rm -rf dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@if [ -d build ]; then find build -mindepth 1 -maxdepth 1 ! -name builtin -exec rm -rf {} +; fi
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv too
	@rm -rf .venv
