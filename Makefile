# SPDX-License-Identifier: GPL-2.0-or-later
#
#	make			both programs, the emulator's plugin, the peers and the unit tests in build/
#	make O=DIR		the same in DIR
#	make SAN=address,undefined O=build/asan
#				with those sanitizers
#	make ARCH=arm64 SYSROOT=DIR
#				the driver for arm64 guests, in $O/arm64; bench/sysroot.sh makes DIR
#	make headers		does every header compile alone?
#	make power		what the judge's rules are worth, simulated: the table and plot of docs/power.md, in $O/power
#	make mutants		does the gate catch every planted regression of tests/mutants, and nothing else? docs/mutants.md
#	make clean
#
# A flag that changes rebuilds what depends on it; nothing else needs cleaning.

O ?= build
CC ?= gcc
CFLAGS ?= -O2 -g
SAN ?=

.DELETE_ON_ERROR:
.SUFFIXES:

DRIVER_PKGS := hwloc numa jansson
HARNESS_PKGS := hwloc jansson yaml-0.1 sqlite3 gsl libarchive libelf libgcrypt libzstd
PLUGIN_PKGS := capstone libzstd
ALL_PKGS := $(sort $(DRIVER_PKGS) $(HARNESS_PKGS) $(PLUGIN_PKGS))

warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
sanitize := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
version := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

# From the command line only: whoever builds kernels may well have an ARCH in the environment.
ifneq ($(origin ARCH),command line)
lib_cflags := $(shell pkg-config --cflags $(ALL_PKGS) 2>/dev/null)
driver_libs := $(shell pkg-config --libs $(DRIVER_PKGS) 2>/dev/null)
else ifneq ($(ARCH),arm64)
$(error ARCH=$(ARCH): the only other architecture is arm64)
else ifeq ($(wildcard $(SYSROOT)/usr/lib/aarch64-linux-gnu/libhwloc.a),)
$(error SYSROOT='$(SYSROOT)' holds no libraries for $(ARCH): bench/sysroot.sh $(ARCH) DIR makes one)
else
override O := $(O)/$(ARCH)
CC := aarch64-linux-gnu-gcc
lib_cflags := -isystem $(SYSROOT)/usr/include -isystem $(SYSROOT)/usr/include/aarch64-linux-gnu
driver_libs := -static -L$(SYSROOT)/usr/lib/aarch64-linux-gnu -lhwloc -lnuma -ljansson -lm
cross_src := bench/cross/udev.c
endif

all_cflags := -std=gnu11 -D_GNU_SOURCE -I. -pthread $(warnings) $(CFLAGS) $(sanitize) $(lib_cflags)
all_ldflags := -pthread $(LDFLAGS) $(sanitize)
harness_libs := $(shell pkg-config --libs $(HARNESS_PKGS) 2>/dev/null) -lm
plugin_libs := $(shell pkg-config --libs $(PLUGIN_PKGS) 2>/dev/null)

lib_src := $(sort $(wildcard lib/*.c))
driver_src := $(sort $(wildcard bench/*.c bench/workloads/*.c) $(cross_src))
harness_src := $(sort $(wildcard harness/*.c harness/*/*.c harness/report/html/*.c))
plugin_src := $(sort $(wildcard harness/count/plugin/*.c)) harness/count/zstream.c lib/alloc.c lib/buf.c lib/err.c
peer_src := $(sort $(wildcard bench/peers/*.c))
unit_src := $(sort $(wildcard tests/unit/test_*.c))
power_src := $(sort $(wildcard tests/power/*.c))
headers := $(sort $(wildcard lib/*.h bench/*.h bench/*/*.h harness/*.h harness/*/*.h harness/*/*/*.h))

objects = $(patsubst %.c,$(O)/%.o,$(1))
lib_obj := $(call objects,$(lib_src))
driver_obj := $(call objects,$(driver_src))
harness_obj := $(call objects,$(harness_src))
driver_parts := $(filter-out $(O)/bench/main.o,$(driver_obj))
harness_parts := $(filter-out $(O)/harness/main.o,$(harness_obj))
plugin_obj := $(patsubst %.c,$(O)/plugin/%.o,$(plugin_src))
plugin_parts := $(filter-out %/foliotrace.o,$(filter $(O)/harness/count/plugin/%,$(call objects,$(plugin_src))))

programs := $(O)/foliobench $(if $(cross_src),,$(O)/foliogate)
plugin := $(if $(cross_src)$(SAN),,$(O)/libfoliotrace.so)
peers := $(patsubst bench/peers/%.c,$(O)/peers/%,$(peer_src))
units := $(patsubst tests/unit/%.c,$(O)/tests/%,$(unit_src))

all: $(programs) $(plugin) $(if $(cross_src),,$(peers))
tests: $(units) $(O)/power/simulate

$(O)/foliobench: $(driver_obj) $(lib_obj)
	$(CC) $(all_ldflags) -o $@ $^ $(driver_libs)

$(O)/foliogate: $(harness_obj) $(lib_obj)
	$(CC) $(all_ldflags) -o $@ $^ $(harness_libs)

# Loaded into QEMU, whose own symbols must not meet ours.
$(O)/libfoliotrace.so: $(plugin_obj)
	$(CC) -shared -pthread $(LDFLAGS) -Wl,-Bsymbolic -o $@ $^ $(plugin_libs)

$(O)/plugin/%.o: %.c $(O)/.flags
	@mkdir -p $(@D)
	$(CC) $(filter-out $(sanitize),$(all_cflags)) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<

# The peers stand alone: a bare loop must not owe its speed, or its lack, to our code.
$(O)/peers/%: bench/peers/%.c $(O)/.flags
	@mkdir -p $(@D)
	$(CC) $(all_cflags) $(all_ldflags) -o $@ $<

# A unit test may look at the parts of either program and of the plugin; what it does not name is not linked in.
$(O)/parts.a: $(lib_obj) $(driver_parts) $(harness_parts) $(plugin_parts)
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/tests/%: $(O)/tests/unit/%.o $(O)/parts.a
	$(CC) $(all_ldflags) -o $@ $^ $(driver_libs) $(harness_libs) $(plugin_libs) -lcmocka

$(O)/power/simulate: $(call objects,$(power_src)) $(O)/parts.a
	@mkdir -p $(@D)
	$(CC) $(all_ldflags) -o $@ $^ $(driver_libs) $(harness_libs) $(plugin_libs)

power: $(O)/power/simulate
	$< $(O)/power >$(O)/power/tables.md
	cat $(O)/power/tables.md
	gnuplot -d -c plots/power.gp $(O)/power/power.data $(O)/power/power.svg

# Builds a kernel, and that with each patch, where the cache has them not: half an hour.
mutants: all
	O=$(O) tests/mutants/run

$(O)/%.o: %.c $(O)/.flags
	@mkdir -p $(@D)
	$(CC) $(all_cflags) -MMD -MP -c -o $@ $<

# Which take these in as they are.
$(O)/harness/report/html/page.o: harness/report/html/page.css harness/report/html/page.js

$(O)/bench/main.o $(O)/harness/main.o: all_cflags += -DVERSION='"$(version)"'
$(O)/bench/main.o $(O)/harness/main.o: $(O)/.version

# Stamps that change only when what they hold does.
$(O)/.flags: force
	@mkdir -p $(O)
	@echo '$(CC) $(all_cflags) $(all_ldflags)' | cmp -s - $@ || echo '$(CC) $(all_cflags) $(all_ldflags)' > $@
$(O)/.version: force
	@mkdir -p $(O)
	@echo '$(version)' | cmp -s - $@ || echo '$(version)' > $@

headers: $(patsubst %,$(O)/headers/%.ok,$(headers))
$(O)/headers/%.ok: % $(O)/.flags
	@mkdir -p $(@D)
	$(CC) $(all_cflags) -Werror -fsyntax-only -x c $<
	@touch $@

clean:
	rm -rf $(O)

.PHONY: all tests headers power mutants clean force
.PRECIOUS: $(O)/%.o $(O)/tests/unit/%.o

-include $(patsubst %.o,%.d,$(lib_obj) $(driver_obj) $(harness_obj) $(plugin_obj) $(plugin_parts) \
	$(call objects,$(unit_src) $(power_src)))
