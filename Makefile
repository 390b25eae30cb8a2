# The only commands a newcomer needs. What is missing on a Debian or Ubuntu is installed by .ci/setup.
# make run      the demo region: the nurse's window, or her screens in a browser where there is no display;
#               AS=doctor, AS=pharmacist beside it, RESET=1 makes it anew
# make dev      the same window with screens that change while they are edited
# make test     every test
# make bench    the promises of speed and size, measured; PEERS=1 with other products beside it (docs/bench.md)
# make check    format, lints, dependency directions, stale generated files, what the window's binary exports
# make shots    every screen in every state and frame as contact sheets, with axe on each
# make licences writes THIRD-PARTY-LICENSES.md and docs/sbom.cdx.json anew
# make fmt      formats

CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
export CARGO_TARGET_DIR ?= $(CACHE)/meguri/target
UI_READY := ui/node_modules/.meguri-ready

.PHONY: help run dev test check bench shots licences fmt

help:
	@sed -n 's/^# //p' Makefile

# A display, or a system that always has one.
SHOWS := $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname))

run: $(UI_READY)
	@.ci/setup build $(if $(SHOWS),window)
	@npm --prefix ui run --silent build >/dev/null
	@cargo build --locked --quiet -p meguri-cli -p meguri-relay $(if $(SHOWS),-p meguri-app)
	@SHOWS=$(SHOWS) .ci/demo

# The window's program is told where its screens are when it is built.
dev: export DEV_URL := http://127.0.0.1:5173
dev: export TAURI_CONFIG := {"build":{"devUrl":"$(DEV_URL)"}}
dev: $(UI_READY)
	@.ci/setup build $(if $(SHOWS),window)
	@npm --prefix ui run --silent build >/dev/null
	@cargo build --locked --quiet -p meguri-cli -p meguri-relay $(if $(SHOWS),-p meguri-app)
	@SHOWS=$(SHOWS) .ci/demo dev

test:
	@.ci/setup build test window driver journeys
	@.ci/stage "screens: install" $(MAKE) --no-print-directory $(UI_READY)
	@.ci/stage "screens: build" npm --prefix ui run --silent build
	@.ci/stage "rust: build tests" cargo build --workspace --tests --locked --quiet
	@.ci/stage "rust: tests" .ci/rust-tests
	@.ci/stage "window: journey" .ci/window
	@.ci/stage "golden: second implementation" .ci/golden-python
	@.ci/stage "screens: tests" npm --prefix ui run --silent test
	@.ci/stage "screens: journeys" node ui/journeys/run.mjs

check:
	@.ci/setup build window
	@.ci/stage "rust: format" cargo fmt --all --check
	@.ci/stage "structure" node .ci/structure.mjs
	@.ci/stage "screens: install" $(MAKE) --no-print-directory $(UI_READY)
	@.ci/stage "licences" node .ci/licences.mjs --check
	@.ci/stage "screens: lint" npm --prefix ui run --silent lint
	@.ci/stage "screens: build" npm --prefix ui run --silent build
	@.ci/stage "generated files" cargo test --workspace --locked --quiet --test list -- what_is_generated
	@.ci/stage "window: symbols" .ci/symbols
	@.ci/stage "rust: lints" cargo clippy --workspace --all-targets --locked --quiet -- -D warnings

bench:
	@.ci/setup build
	@cargo build --release --locked --quiet -p meguri-bench
	@node tests/bench/run.mjs $(CARGO_TARGET_DIR)/release/meguri-bench $(CACHE)/meguri/bench

shots: $(UI_READY)
	@.ci/setup journeys
	@node ui/shots/run.mjs $(CACHE)/meguri/shots

licences: $(UI_READY)
	node .ci/licences.mjs

fmt:
	cargo fmt --all

$(UI_READY): ui/package.json ui/package-lock.json
	npm --prefix ui ci --no-audit --no-fund --loglevel=error
	@touch $@
