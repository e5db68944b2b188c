# make demo    set up what is missing, send a photo over the OFDM loopback, show where the report is
# make test    set up what is missing, run every check: the same thing CI runs
# make test-radios   install what the radio doubles need, and run the tests that use them
# make bench   longer measurements into docs/results/
# make clean   remove the environment and everything built

SHELL := /bin/bash
PYTHON := .venv/bin/python
SETUP := scripts/setup
OUT ?= out

# One thread each: with GNU Radio's threads beside them, spinning OpenMP threads slow everything down many times.
export OMP_NUM_THREADS ?= 1
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: demo test test-radios lint bench clean setup-demo setup-test

demo: setup-demo
	.venv/bin/semcom demo --out $(OUT)/demo

# Tests that load radio drivers run in a process of their own.
RADIO_TESTS := tests/flowgraphs/radios tests/flowgraphs/live/test_calibration.py tests/apps/commands/test_radio_commands.py
RADIO_PACKAGES := g++ libsoapysdr-dev uhd-soapysdr libiio0

test: setup-test lint
	.venv/bin/pytest $(addprefix --ignore=,$(RADIO_TESTS))
	scripts/radio_tests $(RADIO_TESTS)

test-radios:
	$(if $(filter 0,$(shell id -u)),,sudo) apt-get install -y --no-install-recommends $(RADIO_PACKAGES)
	$(MAKE) setup-test
	scripts/radio_tests $(RADIO_TESTS)

lint: setup-test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .

bench: setup-test
	$(PYTHON) -m semcom.experiments.end_to_end

setup-demo:
	@$(SETUP) demo

setup-test:
	@$(SETUP) demo,dev,radios

clean:
	rm -rf .venv build dist $(OUT)
