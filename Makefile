# Everything here sets itself up: a fresh machine needs only make and Python 3.11 or newer with its venv module.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PHOTOS ?=
PRINTS ?= prints
WORKERS ?=
COUNT ?= 60
SEEDS ?= 1000
PROCESSES ?= 3
MINUTES ?= 20
SEED ?= 1
FOLDERS ?= /usr/share
NODE ?=

.DEFAULT_GOAL := help
.PHONY: help demo page page-watch screenshots serve wheel servers test test-all cover test-fast simulate chaos upgrade fuzz corpora lint lint-page format docs dev up down bench bench-eta bench-images bench-page bench-fair clean

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# --no-deps: the lock files name everything. Left to resolve, pip asks for the newest of a package that another one wants
# with an extra, and then refuses it because its hash is not in the lock file.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

$(VENV)/runtime.stamp: requirements.lock pyproject.toml
	@sh deploy/make-environment.sh "$(PYTHON)" "$(VENV)"
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@$(PIP_INSTALL) --no-build-isolation -e . 2>/dev/null || $(PIP_INSTALL) -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/runtime.stamp requirements-dev.lock
	@echo "Adding the development tools to $(VENV) (once)"
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# A leading ~ reaches make as it is where the shell does not expand it after PHOTOS=.
OWN_PHOTOS := $(if $(filter ~/%,$(firstword $(PHOTOS))),$(HOME)$(patsubst ~%,%,$(PHOTOS)),$(PHOTOS))

photos/.$(COUNT).stamp: $(VENV)/runtime.stamp
	@$(BIN)/python -m examples.sample_photographs photos --count $(COUNT)
	@touch $@

demo: $(VENV)/runtime.stamp $(if $(PHOTOS),,photos/.$(COUNT).stamp)  ## Develop a folder of photographs: PHOTOS=folder for your own, COUNT=n samples otherwise
	@status=0; $(BIN)/darkroom develop "$(or $(OWN_PHOTOS),photos)" --out "$(PRINTS)" || status=$$?; \
	  echo "Next, the server and its page: make serve    then open http://127.0.0.1:8000"; exit $$status

# The page is built with the Node of a wheel in an environment of its own, or with the program that NODE names.
PAGE := services/gateway/page
NODE_STAMP := $(if $(NODE),,var/node/.stamp)
WITH_NODE := cd $(PAGE) && PATH="$(if $(NODE),$(dir $(NODE)),$(CURDIR)/var/node/bin):$$PATH"

var/node/.stamp: requirements-page.lock | $(VENV)/runtime.stamp
	@echo "Installing Node into var/node, to build the page with (once, 60 MB)"
	@PYTHON=$(BIN)/python sh deploy/install-node.sh var/node
	@touch $@

$(PAGE)/node_modules/.runtime.stamp: $(PAGE)/package-lock.json $(NODE_STAMP)
	@$(WITH_NODE) npm ci --omit=dev --silent
	@touch $@

$(PAGE)/node_modules/.dev.stamp: $(PAGE)/package-lock.json $(NODE_STAMP)
	@$(WITH_NODE) npm ci --silent
	@touch $(PAGE)/node_modules/.runtime.stamp $@

PAGE_SOURCES := $(shell find $(PAGE)/src -type f 2>/dev/null) $(PAGE)/index.html $(PAGE)/build.mjs $(PAGE)/jsx.mjs

$(PAGE)/built/manifest.json: $(PAGE)/node_modules/.runtime.stamp $(PAGE_SOURCES)
	@$(WITH_NODE) node build.mjs

page: $(PAGE)/built/manifest.json  ## Build the page for people, which the server answers at /
	@:

page-watch: page  ## Build the page again after each change of its source
	@$(WITH_NODE) node build.mjs --watch

# A machine that reaches no npm registry can serve the API all the same.
serve: $(VENV)/runtime.stamp  ## Run gateway and services in one process on http://127.0.0.1:8000; OPEN=1 opens the browser
	@$(MAKE) --no-print-directory page || echo "The page could not be built, see above; the API works without it." >&2
	@$(BIN)/darkroom serve $(if $(OPEN),--open)

wheel: $(VENV)/dev.stamp page  ## Build the wheel, page included, into dist/
	@rm -rf build  # setuptools would pack what an earlier one left there
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

servers: $(VENV)/dev.stamp
	@bash deploy/install-test-servers.sh

var/clients/.stamp: requirements-clients.lock
	@echo "Installing generators of clients into var/clients (once)"
	@PYTHON=$(BIN)/python sh deploy/install-locked.sh requirements-clients.lock var/clients
	@touch $@

# Processes with servers of their own, more than two cores seem to need: most tests wait more than they compute.
SHARED_OUT := --numprocesses $(PROCESSES) --dist worksteal

test: servers var/clients/.stamp page  ## Run the tests, real servers included, without what only goes through more of the same
	@$(BIN)/python -m pytest $(SHARED_OUT) -m "not exhaustive"

test-all: servers var/clients/.stamp page  ## Run every test, exhaustive ones included
	@$(BIN)/python -m pytest $(SHARED_OUT)

cover: servers var/clients/.stamp page  ## Run every test, and fail if fewer than 95 % of the product's branches ran
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(SHARED_OUT)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
	@$(BIN)/python -m tests.branches

test-fast: $(VENV)/dev.stamp  ## Run the unit tests: no servers, no chaos, no simulation
	@$(BIN)/python -m pytest --quiet $(SHARED_OUT) tests/unit

screenshots: servers page  ## Take a picture of each view of the page, in three sizes, both themes and languages
	@$(BIN)/python -m tests.browser.screenshots && ls var/screens

simulate: $(VENV)/dev.stamp  ## Run SEEDS=n schedules of faults through the real handlers, in virtual time
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS)

chaos: servers  ## Break real servers and processes for MINUTES=n, by SEED=n, while clients upload
	@$(BIN)/python -m tests.chaos --minutes $(MINUTES) --seed $(SEED)

upgrade: servers  ## Upgrade a working system from the commit FROM=rev, step by step, and back
	@$(BIN)/python -m tests.upgrade --from "$(FROM)"

fuzz: $(VENV)/dev.stamp  ## Develop damaged files for MINUTES=n, by SEED=n, in a capped child
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES) --seed $(SEED)

corpora: $(VENV)/dev.stamp  ## Develop every file below FOLDERS="one other" in a capped child
	@$(BIN)/python -m tests.corpora $(FOLDERS)

lint: $(VENV)/dev.stamp lint-page  ## Check style, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# The API's types are made anew each time: a field that the page misspells, or the API loses, is an error.
lint-page: $(VENV)/runtime.stamp $(PAGE)/node_modules/.dev.stamp  ## Check style and types of the page, against the present API
	@mkdir -p var/page && $(BIN)/darkroom openapi > var/page/openapi.json
	@$(WITH_NODE) npm run --silent check

format: $(VENV)/dev.stamp $(PAGE)/node_modules/.dev.stamp  ## Bring the code into shape
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@$(WITH_NODE) npm run --silent format

docs: $(VENV)/runtime.stamp  ## Write docs/recipes.md and docs/settings.md from their models
	@$(BIN)/darkroom recipes reference > docs/recipes.md.new && mv docs/recipes.md.new docs/recipes.md
	@$(BIN)/darkroom settings > docs/settings.md.new && mv docs/settings.md.new docs/settings.md

dev: $(VENV)/dev.stamp  ## Set up for development: tools and the commit hook
	@$(BIN)/pre-commit install
	@echo "Ready: make test, make lint, $(BIN)/darkroom serve"

up:  ## Start the whole system in containers: WORKERS=n for more workers; ends with the addresses
	@WORKERS="$(WORKERS)" sh deploy/up.sh

down:  ## Stop the containers; data is kept
	@docker compose down

bench: servers  ## Measure against a bare process pool and the Celery design, on real servers
	@$(BIN)/python -m bench

var/bench/engines/.stamp: requirements-bench.lock
	@sh deploy/install-bench-engines.sh var/bench/engines
	@touch $@

bench-eta: $(VENV)/dev.stamp  ## Measure how true the time left is, in virtual time
	@$(BIN)/python -m bench.eta

bench-images: $(VENV)/dev.stamp var/bench/engines/.stamp  ## Measure the image engine against naive Pillow, libvips and Thumbor
	@$(BIN)/python -m bench.images

bench-page: servers page  ## Measure the page in Chromium: first sight, 100,000 images, uploads beside curl
	@$(BIN)/python -m bench.page

bench-fair: servers  ## Measure small batches behind large ones, on real servers: QUICK=1, WORKERS=n, AGAINST=rev
	@$(BIN)/python -m bench.fair $(if $(QUICK),--quick) $(if $(WORKERS),--workers $(WORKERS)) \
		$(if $(AGAINST),--against $(AGAINST))

clean:  ## Remove what make has made; photos/ and prints/ stay
	rm -rf $(VENV) var build dist *.egg-info $(PAGE)/node_modules $(PAGE)/built
