# The only commands a newcomer needs. What is missing on a Debian or Ubuntu is installed by .ci/setup.
# make test     every test
# make check    format, lints, dependency directions, stale generated files
# make licences writes THIRD-PARTY-LICENSES.md and docs/sbom.cdx.json anew
# make fmt      formats

CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
export CARGO_TARGET_DIR ?= $(CACHE)/meguri/target

.PHONY: help test check licences fmt

help:
	@sed -n 's/^# //p' Makefile

test:
	@.ci/setup build test
	@.ci/stage "rust: build tests" cargo build --workspace --tests --locked --quiet
	@.ci/stage "rust: tests" .ci/rust-tests
	@.ci/stage "golden: second implementation" .ci/golden-python

check:
	@.ci/setup build
	@.ci/stage "rust: format" cargo fmt --all --check
	@.ci/stage "structure" node .ci/structure.mjs
	@.ci/stage "licences" node .ci/licences.mjs --check
	@.ci/stage "rust: lints" cargo clippy --workspace --all-targets --locked --quiet -- -D warnings

licences:
	node .ci/licences.mjs

fmt:
	cargo fmt --all
