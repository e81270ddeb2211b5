# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The one front door for every chore. Each target calls a script in tools/.

PYTHON ?= python3
LAB_PORT ?= 8400
export LAB_PORT
# A file to which test and test-all add their totals.
CARRY ?=
TESTS = build/venv/test/bin/python tools/run_tests.py $(if $(CARRY),--carry $(CARRY))

.DEFAULT_GOAL := help
.PHONY: help demo demo-oauth demo-fleet dialects lab test test-all smtp-scenarios real-parts lint docs bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## Show the main job against an embedded console, from nothing
	@$(PYTHON) tools/bootstrap.py demo
	@build/venv/demo/bin/python tools/demo.py

demo-oauth: ## Show the same with OAuth in place of a password: consent, 80 days, renewal, 15 days, alert
	@$(PYTHON) tools/bootstrap.py demo
	@build/venv/demo/bin/python tools/demo_oauth.py

demo-fleet: ## Show a rollout to sixty targets: plan, approval, a stop by its budget, a killed job, and how it goes on
	@$(PYTHON) tools/bootstrap.py demo
	@build/venv/demo/bin/python tools/demo_fleet.py

lab: ## Run the embedded console in the foreground (LAB_PORT=8400); Ctrl-C ends it
	@$(PYTHON) tools/bootstrap.py demo
	@PYTHONPATH=lab exec build/venv/demo/bin/python -m cai_lab

test: ## Run the test suites that need Python packages only; the last line holds the totals
	@$(PYTHON) tools/bootstrap.py test lint
	@$(TESTS)

test-all: ## Run the test suites that need more: a browser, real servers, time
	@$(PYTHON) tools/bootstrap.py test lint
	@$(TESTS) --more

smtp-scenarios: ## Play the table of mail servers' behaviours against smtp_test; the last line holds the count
	@$(PYTHON) tools/bootstrap.py test
	@PYTHONPATH=build/collections:lab exec build/venv/test/bin/python -m tests.smtp

real-parts: ## Start Postfix, Dovecot, an OpenID provider and a browser in a temp folder, and check them
	@$(PYTHON) tools/bootstrap.py browser
	@PYTHONPATH=tests:lab:tools:build/collections build/venv/browser/bin/python -m real_parts check

dialects: ## Record each dialect of the embedded console in Chromium, learn it and drive it; the last line holds the count
	@$(PYTHON) tools/bootstrap.py browser
	@PYTHONPATH=build/collections:lab exec build/venv/browser/bin/python tests/browser/dialects.py

lint: ## Run the checks that only read the files
	@$(PYTHON) tools/bootstrap.py test lint
	@build/venv/test/bin/python tools/run_tests.py --suite lint


docs: ## Build the documentation site in build/docs/html
	@$(PYTHON) tools/bootstrap.py docs
	@build/venv/docs/bin/python tools/docs_site.py

bench: ## Measure a rollout against Ansible's own floor and plain recipes; ends with a table
	@$(PYTHON) tools/bootstrap.py demo
	@build/venv/demo/bin/python tests/benchmark/bench.py

clean: ## Remove what the other targets made
	@$(PYTHON) tools/clean.py
