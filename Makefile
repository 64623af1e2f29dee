# Navette: build, run, test. `make help` lists the targets.
# Needed: Go, Node.js and make; git only names the version. CONTRIBUTING.md says the rest.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X navette/internal/cli.version=$(VERSION)
PORT    ?= 20000
AGENTS  ?= 1000
LINT    := go tool -modfile=tools/go.mod
NPM     := npm --prefix web --loglevel=error
PAGES   := $(shell find web/src web/*.html web/*.json web/*.ts -type f)

.PHONY: help run build pages check test bench clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

run: build ## build everything and run the demo (PORT=20000, AGENTS=1000; it keeps its state in .demo)
	bin/navette demo --dir .demo --agents $(AGENTS) --port-base $(PORT)

build: pages ## leave the program in bin/navette
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/navette ./cmd/navette

pages: web/dist/portal.html ## build the pages into web/dist, which the program embeds

web/dist/portal.html: web/node_modules/.package-lock.json $(PAGES)
	@$(NPM) run --silent build -- --logLevel warn

# Playwright drives the machine's own Chromium: it shall fetch none.
web/node_modules/.package-lock.json: web/package-lock.json
	@PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 $(NPM) ci --silent

# The dependency-direction test (internal/archtest) is run here as well as by `make test`: it is quick, and who only
# checks should see it.
check: web/node_modules/.package-lock.json ## formatting, vet, linters, types of the pages, the direction of imports
	@out=$$(gofmt -l .); [ -z "$$out" ] || { echo "gofmt -w is due:"; echo "$$out"; exit 1; }
	@go vet ./...
	@$(LINT) staticcheck ./...
	@$(LINT) golangci-lint run --show-stats=false ./...
	@$(NPM) run --silent check
	@go test -vet=off ./internal/archtest
	@echo "check: clean"

test: pages ## every test, quietly (as root on Debian: installs the peers that are missing)
	@test/run

bench: build ## measure Navette and Debian's Dovecot in turns (see bench/README.md)
	bench/run

clean: ## remove what was built and the demo's state
	rm -rf bin .demo
