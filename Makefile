# The project's commands; each installs what it needs into this folder first.

BIN := .venv/bin
# What takes longest is begun first; tests/conftest.py says what is shared between the processes.
LONGEST := tests/end_to_end/ tests/layers/
SUITES := $(LONGEST) $(filter-out $(LONGEST) tests/benchmarks/ tests/chaos/ tests/__pycache__/,$(wildcard tests/*/))
PYTEST := $(BIN)/python -m pytest --numprocesses auto --no-loadscope-reorder

export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help run test unit lint bench load crash-test faults mutants chaos fuzz reference lock vendor pictures build clean install

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | sort | awk -F '\t' '{printf "make %-8s %s\n", $$1, $$2}'

install: .venv/complete ## install into .venv and .venv-cloud

.venv/complete: pyproject.toml $(wildcard requirements/*.txt)
	@$(MAKE) --no-print-directory -C requirements install

run: install ## build, start the local cloud, deploy, play the example; Ctrl-C ends it
	@$(BIN)/python -m countersign.local run

test: lint ## every check and every test
	@$(PYTEST) $(SUITES)

unit: install ## the fast tests
	@$(PYTEST) tests/unit

lint: install ## style, types, import directions, template
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sam validate --lint

bench: install ## measure
	@$(BIN)/python -m tests.benchmarks

load: install ## load the local stack, and compare the first tenth with the last [COUNT=100000]
	@$(BIN)/python -m tests.benchmarks.flat --count $(or $(COUNT),100000)

crash-test: install ## live through seeds of faults [SECONDS=60] [SEED=n] [JOBS=2]
	@$(BIN)/python -m tests.crash --seconds $(or $(SECONDS),60) --jobs $(or $(JOBS),2) \
		$(if $(SEED),--seed $(SEED))

faults: install ## plant faults in a copy of the package; each must be caught [JOBS=2]
	@$(BIN)/python -m tests.crash.plant --jobs $(or $(JOBS),2)

mutants: install ## change the code at random in copies; the fast tests must fail [SEED=n] [COUNT=60] [JOBS=2]
	@$(BIN)/python -m tests.mutants --seed $(or $(SEED),0) --count $(or $(COUNT),60) \
		--jobs $(or $(JOBS),2)

chaos: install ## break the local stack while webhooks come, and count
	@$(BIN)/python -m tests.chaos

fuzz: install ## 10,000 mutated messages of every provider
	@$(BIN)/python -m pytest -p tests.fuzz_progress tests/unit/providers \
		-k "events_or_a_refusal or minor_member" --hypothesis-profile=thorough

reference: install ## write docs/reference.md and docs/reference.de.md from the code
	@$(BIN)/python -m countersign.cli.reference > docs/reference.md.new
	@mv docs/reference.md.new docs/reference.md
	@$(BIN)/python -m countersign.cli.reference de > docs/reference.de.md.new
	@mv docs/reference.de.md.new docs/reference.de.md

build: install ## build the layers and functions for the cloud into .aws-sam
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m countersign.local.progress building -- sam build
	@echo "built into .aws-sam; sam deploy --guided takes it from there"

pictures: install ## take the docs' pictures of the console that `make run` serves in another terminal
	@$(BIN)/python -m tests.end_to_end.console.pictures

vendor: install ## write the console's vendored file anew, by the versions in its vendor.toml (needs npm)
	@$(BIN)/python functions/serve_console/vendor.py

lock: install ## pin the newest versions that pyproject.toml allows
	@$(MAKE) --no-print-directory -C requirements lock

clean: ## remove all that can be made again
	rm -rf .aws-sam .local .venv .venv-cloud .benchmarks .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	find functions layers tests -name __pycache__ -prune -exec rm -rf {} +
