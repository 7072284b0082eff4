# The one door: CI runs these commands, and so does everybody else.

CARGO ?= cargo

.PHONY: help demo up down build check test test-long bench bench-long bench-compare counts \
	performance-page \
	prerequisites test-prerequisites clean

help:
	@echo "make demo   install what is missing, build, set up a CA, tell the whole story, stop"
	@echo "make up     the same set-up; the daemons stay (shell variables in demo/env)"
	@echo "make down   stop them"
	@echo "make check  format, clippy, docs, licences and advisories"
	@echo "make bench  measure the shipped build: table, JSON, CSV and SVG in target/bench"
	@echo "make bench-long          the same with more connections and databases"
	@echo "make bench-compare BASE=REVISION   measure two revisions in turns"
	@echo "make performance-page    the last run becomes docs/performance.md"
	@echo "make counts heap allocations and instructions of the hot paths; UPDATE=1 writes their bounds"
	@echo "make test   install what the tests need and run them all"
	@echo "make test-long   the tests that take many minutes: a random walk of 100,000 steps"

prerequisites:
	@scripts/install-prerequisites.sh build

test-prerequisites:
	@scripts/install-prerequisites.sh test

build: prerequisites
	$(CARGO) build --locked --workspace --bins

demo: build
	@demo/demo.sh

up: build
	@demo/up.sh

down:
	@demo/down.sh

check: prerequisites
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps
	scripts/check-dependencies.sh

# The whole workspace at once, always: a part of it would build dependencies with other features.
test: test-prerequisites
	$(CARGO) build --locked --workspace --bins
	$(CARGO) nextest run --locked --workspace

test-long: test-prerequisites
	$(CARGO) nextest run --locked --workspace --run-ignored only --no-capture \
		-E 'binary(walk)'

# What is shipped is measured. Machines are noisy: nothing else should run.
BENCH = target/dist/bench
REVISION = $(shell git describe --always --dirty)

bench bench-long: test-prerequisites
	$(CARGO) build --locked --profile dist --workspace --bins
	$(BENCH) run --binaries target/dist --out target/bench --revision $(REVISION) \
		$(if $(filter bench-long,$@),--long)

# The figures of the last `make bench` or `make bench-long`, as they are published.
performance-page:
	cp target/bench/figures.json docs/performance.json
	$(BENCH) page docs/performance.json --out docs/performance.md

bench-compare: test-prerequisites
	scripts/bench-compare.sh "$(BASE)" $(COMPARE)

# Instructions as shipped; the bounds are of the build that the tests check.
counts: test-prerequisites
	$(CARGO) run --locked --package counts --example counts $(if $(UPDATE),-- --update,--release)

clean:
	$(CARGO) clean
	rm -rf demo/run demo/env .venv
