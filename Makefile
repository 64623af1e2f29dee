# Navette: build, run, test. `make help` lists the targets.
# Needed: Go and make; git only names the version. CONTRIBUTING.md says the rest.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X navette/internal/cli.version=$(VERSION)
PORT    ?= 20000
AGENTS  ?= 1000
LINT    := go tool -modfile=tools/go.mod

.PHONY: help run build check test bench clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

run: build ## build everything and run the demo (PORT=20000, AGENTS=1000; it keeps its state in .demo)
	bin/navette demo --dir .demo --agents $(AGENTS) --port-base $(PORT)

build: ## leave the program in bin/navette
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/navette ./cmd/navette

# The dependency-direction test (internal/archtest) is run here as well as by `make test`: it is quick, and who only
# checks should see it. `tsc --noEmit` joins with the first TypeScript.
check: ## formatting, vet, linters, the direction of imports
	@out=$$(gofmt -l .); [ -z "$$out" ] || { echo "gofmt -w is due:"; echo "$$out"; exit 1; }
	@go vet ./...
	@$(LINT) staticcheck ./...
	@$(LINT) golangci-lint run --show-stats=false ./...
	@go test -vet=off ./internal/archtest
	@echo "check: clean"

test: ## every test, quietly (as root on Debian: installs the peers that are missing)
	@test/run

bench: build ## measure Navette and Debian's Dovecot in turns (see bench/README.md)
	bench/run

clean: ## remove what was built and the demo's state
	rm -rf bin .demo
