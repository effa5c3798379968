# heyan: `make help` lists the targets.

GO ?= go
LINT_VERSION = v2.15.0
BIN = $(CURDIR)/bin
# The linter is built once into bin/ and is not a dependency of the module.
LINT = $(shell command -v golangci-lint 2>/dev/null || echo $(BIN)/golangci-lint)
FUZZTIME ?= 10s
PACKAGES ?= ./...
# -short runs models, simulations and kill tests in a short form; `make prove` runs them in full.
TESTFLAGS ?= -short

.PHONY: help build test check race prove sim sim-mutants soak compare bench fuzz docs dashboard proto generate fmt vet lint

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# Without -trimpath, so that `go run` and `go test` share the build cache.
build: ## build bin/heyan and the plugin bin/heyan-provider-idcert
	$(GO) build -o $(BIN)/heyan ./cmd/heyan
	$(GO) build -o $(BIN)/heyan-provider-idcert ./plugins/idcert

test: ## run the tests in their short form; about 5 minutes from an empty cache
	$(GO) test $(TESTFLAGS) $(PACKAGES)

race: ## run the tests with the race detector
	$(GO) test -race -timeout 30m $(TESTFLAGS) $(PACKAGES)

prove: ## run models, simulations and kill tests in full; an hour or more
	HEYAN_PROVE=1 HEYAN_KILLS=1000 $(GO) test -count=1 -timeout 3h -v -run 'Model|Simulation|Outages|Kill|Torn|Mutants|Hostile' $(PACKAGES)

sim: ## simulate a year of the engine with failing vendors, nodes and stores; some minutes
	HEYAN_PROVE=1 $(GO) test -count=1 -timeout 2h -v -run TestEngineSimulation ./engine/simulation

# MUTANTS is a folder of patches, each a bug that the simulation must find.
MUTANTS ?= $(CURDIR)/engine/simulation/testdata/mutants
sim-mutants: ## plant each bug of MUTANTS in the engine and expect the simulation to find it
	HEYAN_MUTANTS=$(abspath $(MUTANTS)) $(GO) test -count=1 -timeout 2h -v -run TestMutantsAreFound ./engine/simulation

soak: ## run a daemon on SQLite under load for 30 minutes; its resident memory must stay flat
	TEST_SOAK=30m $(GO) test -tags soak -count=1 -timeout 1h -v -run MemoryIsFlat ./cmd/heyan

dashboard: ## test the dashboard, a module of its own
	cd docs/deploy/grafana && $(GO) test ./...

check: fmt vet lint race docs dashboard ## everything that must pass before a merge
	@git diff --exit-code -- docs README.md || { echo "the generated pages are stale; commit the changes of make docs"; exit 1; }

fmt:
	@files=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$files" || { echo "gofmt would change: $$files"; exit 1; }

vet:
	$(GO) vet $(PACKAGES)

lint: $(LINT)
	$(LINT) run $(PACKAGES)

$(BIN)/golangci-lint:
	GOBIN=$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

docs: ## generate the pages that come from the code
	$(GO) run ./cmd/heyan docs --dir docs

compare: ## compare a complete daemon with a plain reverse proxy
	$(GO) test -run '^$$' -bench '^BenchmarkCompare$$' -benchtime 40000x ./cmd/internal/daemon

bench: ## run the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem $(PACKAGES)

fuzz: ## run each fuzz target for FUZZTIME (10s)
	@for package in $$($(GO) list $(PACKAGES)); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$package || exit 1; \
		done; \
	done

proto: ## generate the Go code of the plugin protocol and of the API (needs protoc)
	sh plugins/proto/generate.sh
	sh cmd/internal/rpcapi/generate.sh

generate: ## generate the tables from their sources (needs npm)
	$(GO) generate ./...
