# make demo    set up what is missing, send a photo over the OFDM loopback, show where the report is
# make test    set up what is missing, run the checks: format, lint, documentation, all tests but the long ones
# make test-long   the long ones: installations, and at full size what short ones show
# make test-all    both: the same thing CI runs (CI also accepts no skipped test)
# make docs    set up what is missing, build this documentation and the API reference into build/docs
# make bench   longer measurements into docs/results/
# make clean   remove the environment and everything built

SHELL := /bin/bash
PYTHON := .venv/bin/python
SETUP := scripts/setup
OUT ?= out

# One thread each: with GNU Radio's threads beside them, spinning OpenMP threads slow everything down many times.
export OMP_NUM_THREADS ?= 1
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: demo test test-long test-all lint docs bench clean setup-demo setup-test setup-docs

demo: setup-demo
	.venv/bin/semcom demo --out $(OUT)/demo

# Tests that load radio drivers run in processes of their own, a file each.
RADIO_TESTS := tests/flowgraphs/radios tests/flowgraphs/live/test_calibration.py tests/apps/commands/test_radio_commands.py

# Two processes take half the time; files stay whole, so that what a file shares is made once.
# In their own order those that start processes come first, and many short ones last: no processor waits for the other.
TEST_PROCESSES ?= 2

PYTEST := .venv/bin/pytest -n $(TEST_PROCESSES) --dist loadfile $(addprefix --ignore=,$(RADIO_TESTS))

test: setup-test lint docs
	$(PYTEST) --no-loadscope-reorder -m "not long"
	TEST_PROCESSES=$(TEST_PROCESSES) scripts/radio_tests $(RADIO_TESTS)

test-long: setup-test
	$(PYTEST) -m long

test-all: test
	$(MAKE) test-long

lint: setup-test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .

docs: setup-docs
	$(PYTHON) -m sphinx -W --keep-going -q -b html docs build/docs
	@echo "build/docs/index.html"

bench: setup-test
	$(PYTHON) -m semcom.experiments.end_to_end
	$(PYTHON) -m semcom.experiments.services.service_faults --minutes 5 --out docs/results

setup-demo:
	@$(SETUP) demo

# The last ones are packages of the distribution; where they cannot be installed, tests skip and say the command.
setup-test:
	@$(SETUP) demo,dev,docs,radios,pretrained,doubles,browser,sweep

setup-docs:
	@$(SETUP) demo,docs

clean:
	rm -rf .venv build dist docs/api/generated $(OUT)
