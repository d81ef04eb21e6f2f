# SPDX-License-Identifier: Apache-2.0
# The front door: every line a newcomer types. `make help` lists them; Meson does the work.

PRESET ?= debug
BUILD  := build/$(PRESET)
STORY  := $(CURDIR)/build/story

.PHONY: help run build test check bench demo demo-down fuzz coverage docs install server soak setup

help:           ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 20

run: build      ## the story: demo cloud, scan, find, plan, approve, run, verify
	@tools/run-story

test: build     ## every test; T=room/name runs one, PRESET=asan under the sanitizers
	@tools/run-tests $(BUILD) $(T)

build: setup    ## programs in build/bin/
	@tools/build $(PRESET)

setup:
	@tools/setup

check: setup    ## format, layers, words, headers alone, documents (seconds)
	@tools/check

bench: ; @$(MAKE) --no-print-directory build PRESET=release && tools/bench ## measured against peers, as ratios

demo: build     ## the demo cloud alone, left running; prints the lines to export
	@ESCHER_HOME=$(STORY) build/bin/escher demo up

demo-down:      ## ends the demo cloud
	@ESCHER_HOME=$(STORY) build/bin/escher demo down

fuzz: setup     ## T=name S=seconds
	@tools/fuzz $(T) $(S)

coverage: ; @$(MAKE) --no-print-directory test PRESET=coverage && ninja -C build/coverage coverage-html ## read the red lines

docs: build     ## man pages and the formats
	@ninja -C $(BUILD) docs

install: ; @$(MAKE) --no-print-directory build PRESET=release && meson install -C build/release ## into the system

server: build   ## the planner on loopback, with a token of its own
	@tools/run-server

soak: build     ## the long versions of the crash and fault tests
	@tools/soak
