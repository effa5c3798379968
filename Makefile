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

.PHONY: help build test check race prove sim sim-mutants soak compare comparetest bench fuzz docs dashboard clients proto generate fmt vet lint scoreboard chart cross release releasetest reproduce sizing

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# Without -trimpath, so that `go run` and `go test` share the build cache.
build: ## build bin/heyan and the plugin bin/heyan-provider-idcert
	$(GO) build -o $(BIN)/heyan ./cmd/heyan
	$(GO) build -o $(BIN)/heyan-provider-idcert ./plugins/idcert

test: ## run the tests in their short form; about 5 minutes from an empty cache
	$(GO) test $(TESTFLAGS) $(PACKAGES)

# The tests of the command line start hundreds of processes, which the race detector makes ten times slower, and share no
# memory with them: they run without it.
COMMANDS = ./cmd/heyan
race: ## run the tests with the race detector, those of the command line without
	$(GO) test -race -timeout 30m $(TESTFLAGS) $$($(GO) list $(PACKAGES) | grep -v '/cmd/heyan$$')
	$(GO) test -timeout 30m $(TESTFLAGS) $(COMMANDS)

prove: ## run models, simulations and kill tests in full; an hour or more
	HEYAN_PROVE=1 HEYAN_KILLS=1000 $(GO) test -count=1 -timeout 3h -v -run 'Model|Simulation|Outages|Kill|Torn|Mutants|Hostile|Postgres' $(PACKAGES)
	HEYAN_PROVE=1 $(GO) test -run NONE -bench 'Fleet|FrozenNode' -benchtime 1x ./engine/store/sqlstore

sim: ## simulate a year of the engine with failing vendors, nodes and stores; some minutes
	HEYAN_PROVE=1 $(GO) test -count=1 -timeout 2h -v -run TestEngineSimulation ./engine/simulation

# MUTANTS are folders of patches, each a bug that the simulation must find.
MUTANTS ?= engine/simulation/testdata/mutants engine/simulation/testdata/planted
sim-mutants: ## plant each bug of MUTANTS in the engine and expect the simulation to find it
	HEYAN_MUTANTS=$$(echo $(abspath $(MUTANTS)) | tr ' ' ':') $(GO) test -count=1 -timeout 2h -v -run TestMutantsAreFound ./engine/simulation

sizing: ## measure the figures of docs/operations.md
	$(GO) test -tags soak -count=1 -v -run TestSizing ./cmd/heyan

soak: ## run a daemon on SQLite under load for 30 minutes; its resident memory must stay flat
	TEST_SOAK=30m $(GO) test -tags soak -count=1 -timeout 1h -v -run MemoryIsFlat ./cmd/heyan

dashboard: ## test the dashboard, a module of its own
	cd docs/deploy/grafana && $(GO) test ./...

clients: $(LINT) ## test the Go client, a module of its own, and check the types of those in Node.js and Python
	cd docs/clients/go/heyan && $(GO) vet ./... && $(LINT) run ./... && $(GO) test -race ./...
	@if [ -x docs/clients/types/node_modules/.bin/tsc ]; then cd docs/clients/types && npm run --silent check; \
		else echo "the types of the Node.js and Python clients are not checked; run npm ci in docs/clients/types first"; fi

chart: ## test the Helm chart, a module of its own
	cd docs/deploy/helm && $(GO) test -timeout 30m ./...

cross: ## compile for every platform of a release, and the tests for Windows
	GOOS=windows GOARCH=amd64 $(GO) vet $(PACKAGES)
	@for platform in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64; do \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build -trimpath -ldflags='-s -w' -o /dev/null ./cmd/heyan || exit 1; \
	done

release: ## write archives, SBOMs and checksums for every platform to dist/; of a tag, in a clean checkout
	cd docs/deploy/release && $(GO) run . --repo ../../.. --out ../../../dist

releasetest: ## test the release, a module of its own: two builds in different folders are the same
	cd docs/deploy/release && $(GO) test -timeout 30m ./...

reproduce: ## build the release of every platform twice, with empty caches, and compare; half an hour
	cd docs/deploy/release && HEYAN_REPRODUCE=1 $(GO) test -count=1 -timeout 3h -v -run TestReproducible ./...

check: fmt vet lint race docs cross dashboard chart clients releasetest comparetest ## everything that must pass before a merge
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

# COMPARE is further flags, such as -rounds 1 or -only proxy,memory.
COMPARE ?=
compare: build ## load heyan and proxies in turns and write docs/benchmarks/README.md; 10 minutes
	cd docs/benchmarks && $(GO) run . -heyan $(BIN)/heyan -plugin $(BIN)/heyan-provider-idcert -page README.md -svg compare.svg $(COMPARE)

comparetest: $(LINT) ## test the comparison, a module of its own, without Caddy and Lura
	cd docs/benchmarks && $(GO) vet . && $(LINT) run . && $(GO) test .

# SCOREBOARD is further flags, such as -short or -stories stall,9999.
SCOREBOARD ?=
scoreboard: build ## run heyan and others through ten outages and write docs/scoreboard.md; 15 minutes
	$(GO) run ./cmd/internal/scoreboard -heyan $(BIN)/heyan -page docs/scoreboard.md -svg docs/scoreboard.svg $(SCOREBOARD)

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
