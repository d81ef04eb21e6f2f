# SPDX-License-Identifier: Apache-2.0
# The front door: every line a newcomer types. `make help` lists them; Meson does the work.

PRESET ?= debug
BUILD  := build/$(PRESET)
STORY  := $(CURDIR)/build/story

.PHONY: help run build test check bench demo demo-down fuzz coverage docs api install server soak clean \
	setup page page-tested ui screenshots

.NOTPARALLEL:

help:           ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 20

run: page build ## the story: demo cloud, scan, find, plan, approve, run, verify
	@tools/run-story

test: page-tested build ## every test; T=room/name runs one, PRESET=asan under the sanitizers
	@tools/run-tests $(BUILD) $(T)

build: setup    ## programs in build/bin/
	@tools/build $(PRESET)

setup:
	@tools/setup

page: setup
	@tools/ready-page $(if $(DISPLAY)$(WAYLAND_DISPLAY),desktop)

page-tested: setup
	@tools/ready-page desktop

check: setup    ## format, layers, words, headers alone, documents (seconds)
	@tools/check

bench: ; @$(MAKE) --no-print-directory build PRESET=release && tools/bench ## measured against peers, as ratios

demo: build     ## the demo cloud alone, left running; prints the lines to export
	@ESCHER_HOME=$(STORY) build/bin/escher demo up

demo-down:      ## ends the demo cloud, and the core that looks at it
	@ESCHER_HOME=$(STORY) build/bin/escher core stop --quiet
	@ESCHER_HOME=$(STORY) build/bin/escher demo down

fuzz: setup     ## T=name S=seconds
	@tools/fuzz $(T) $(S)

coverage: ; @$(MAKE) --no-print-directory test PRESET=coverage; tools/coverage $(ROOM) ## lines the tests run, by room; ROOM=exec lists those they do not

ui:             ## the page, into ui/dist; the next build puts it into the programs
	@tools/build-page

screenshots: ui ## every view in both themes and two sizes, into build/screenshots/
	@tools/take-screenshots

docs: build     ## the man page and the completions, from the option table
	@ninja -C $(BUILD) docs && ls $(BUILD)/apps/cli/escher.1 $(BUILD)/apps/cli/_escher

install: ; @$(MAKE) --no-print-directory page build PRESET=release && tools/install '$(PREFIX)' '$(DESTDIR)' ## into PREFIX (/usr/local) below DESTDIR

api: build      ## what follows from the routes and formats: openapi.json, the page's types, docs
	@tools/api-generate $(BUILD)/apps/describe/describe-api

server: build   ## the planner on loopback, with a token of its own
	@tools/run-server

soak: build     ## the long versions of the crash and fault tests
	@tools/soak $(S)

clean:          ## what was built; not the downloads, the demo or the story
	@rm -rf $(addprefix build/,debug release asan tsan fuzz coverage bench bin share)
