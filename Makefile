# Everything a day's work needs. The build itself is cargo's; this adds what cargo cannot know of:
# DuckDB's library, the dashboard's packages, the browser.

# Handed to the program: make run ARGS="--http 127.0.0.1:8080"
ARGS ?=
# Cargo features of the program: FEATURES=bundled compiles DuckDB in instead of fetching its library.
FEATURES ?=

PITWALL := target/release/pitwall
ifneq ($(CARGO_TARGET_DIR),)
PITWALL := $(CARGO_TARGET_DIR)/release/pitwall
endif

# What the dashboard is built from. Its API types are generated from openapi.json by every build and check.
WEB_SOURCES := $(shell find web -name node_modules -prune -o -path web/dist -prune -o \
	-path web/src/api/schema.ts -prune -o -type f -print 2>/dev/null)

# Folders with npm packages of their own.
NPM_FOLDERS := web e2e clients/typescript

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests web build run demo test test-long fuzz check fmt bench
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build everything, then serve this machine's history on http://127.0.0.1:4318
	$(PITWALL) serve $(ARGS)

demo: build ## the same with a made-up organization, in a data directory of its own
	$(PITWALL) demo $(ARGS)

test: setup setup-tests ## every check and every test: Rust, dashboard, clients, browser
	@MAKE="$(MAKE)" sh scripts/test.sh

# Megabytes of the made-up Claude directories that are compared with their truth.
CORPORA := 50 500 1000

test-long: setup ## what takes longer: a server killed 200 times while data comes in; large Claude directories against their truth
	PITWALL_TEST_KILLS=200 cargo nextest run --profile long --package pitwall crashes::
	PITWALL_CORPORA=$$(sh scripts/corpora.sh $(CORPORA)) \
		cargo nextest run --profile long -p pitwall corpora::corpora_that_are_named

# Seconds that each fuzz target takes.
FUZZ_SECONDS := 600

fuzz: ## foreign bytes made up at random, ten minutes for each of four readers; needs cargo-fuzz
	sh scripts/fuzz.sh $(FUZZ_SECONDS)

check: setup ## the fast look while working: format, types, lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

fmt: ## format Rust and, where npm is there, the dashboard
	cargo fmt --all
	@if command -v npm >/dev/null 2>&1; then $(MAKE) --no-print-directory fmt-web; fi

bench: setup ## every benchmark there is
	cargo bench --workspace $(ARGS)

web: web/dist/index.html ## build the dashboard, when its sources changed

setup: ## fetch DuckDB's library, once
ifeq ($(filter bundled,$(FEATURES)),)
	@sh scripts/duckdb.sh
endif

setup-tests: $(NPM_FOLDERS:%=%/node_modules/.package-lock.json) ## what the tests need besides
	@sh scripts/setup-tests.sh

# Without npm the program still builds and works; only the dashboard is missing from it.
build: setup
	@if command -v npm >/dev/null 2>&1; then $(MAKE) --no-print-directory web; \
	else echo "make: npm is not installed, so this build has no dashboard; install Node.js to get it" >&2; fi
	cargo build --release --package pitwall $(if $(FEATURES),--features $(FEATURES))

.PHONY: fmt-web
fmt-web: web/node_modules/.package-lock.json clients/typescript/node_modules/.package-lock.json
	cd web && npm run --silent format
	cd clients/typescript && npm run --silent format

web/dist/index.html: $(WEB_SOURCES) web/node_modules/.package-lock.json
	cd web && npm run --silent build

# npm keeps a copy of the lock file beside the packages it installed: newer than ours means up to date.
%/node_modules/.package-lock.json: %/package-lock.json
	@command -v npm >/dev/null 2>&1 || { echo "make: npm is not installed; install Node.js 20 or later" >&2; exit 1; }
	cd $* && npm ci
	@touch $@
