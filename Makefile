# The only commands a newcomer needs. What is missing on a Debian or Ubuntu is installed by .ci/setup.
# make run · test · check · bench · dev · shots

CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
export CARGO_TARGET_DIR ?= $(CACHE)/meguri/target
export CARGO_TERM_COLOR ?= auto
UI_READY := ui/node_modules/.meguri-ready
UI_SOURCES := $(shell find ui/src ui/index.html ui/vite.config.ts -type f 2>/dev/null)

.PHONY: help test check fmt ui clean-ui

help:
	@sed -n 's/^# make //p' Makefile; echo "See README.md."

# Every test: Rust, golden vectors by a second implementation, screens.
test:
	@.ci/setup build test
	@.ci/stage "screens: build" $(MAKE) --no-print-directory ui
	@.ci/stage "rust: build tests" cargo test --workspace --locked --no-run --quiet
	@.ci/stage "rust: tests" .ci/rust-tests
	@.ci/stage "golden: second implementation" .ci/golden-python
	@.ci/stage "screens: tests" npm --prefix ui run --silent test

# Format, lints, dependency directions, stale generated files, one crypto library.
check:
	@.ci/setup build
	@.ci/stage "rust: format" cargo fmt --all --check
	@.ci/stage "structure" node .ci/structure.mjs
	@.ci/stage "screens: install" $(MAKE) --no-print-directory $(UI_READY)
	@.ci/stage "screens: types and lints" npm --prefix ui run --silent lint
	@.ci/stage "rust: lints" cargo clippy --workspace --all-targets --locked --quiet -- -D warnings

fmt:
	cargo fmt --all

ui: ui/dist/index.html

$(UI_READY): ui/package.json ui/package-lock.json
	npm --prefix ui ci --no-audit --no-fund --loglevel=error
	@touch $@

ui/dist/index.html: $(UI_READY) $(UI_SOURCES)
	npm --prefix ui run --silent build
	@touch $@
