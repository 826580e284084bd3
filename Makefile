# Makefile: one non-recursive build of everything, called through ./dev.
#
#   make [BUILD=debug|asan|tsan|release|fuzz] [OUT=build] [CC=gcc|clang] [TARGET]
#
#   all      $(B)/libbihuan.a (everything but cli/main.c) and $(B)/bihuan
#   gen      only the generated C, in $(OUT)/gen
#   unit     every tests/unit/test_*.c as a program in $(B)/unit
#   torture  the same for tests/torture, bench: bench/*.c, fuzz: tests/fuzz/fuzz_*.c (BUILD=fuzz)
#   replay   the fuzz targets without a fuzzer, for the committed corpus
#
# Sources are found by wildcard: a new file needs no line here. A room that does
# not exist yet is simply absent. Generated files are written only when their text
# changes, and each generator leaves a stamp: an unchanged query recompiles nothing.
# Every object waits for the generators (order-only), then -MMD knows the rest.

BUILD ?= debug
OUT ?= build
PYTHON ?= /usr/bin/python3
B := $(OUT)/$(BUILD)
GEN := $(OUT)/gen
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
# A tree without generated sources must not make a wildcard target of "all".
.DEFAULT_GOAL := all

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(BUILD),fuzz)
CC := clang
endif
CLANG := $(findstring clang,$(CC))

# ---- flags ------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wformat=2 -Werror

ifneq ($(CLANG),)
WARN += -Wno-string-conversion	# assert(!"why this cannot be")
endif

# trust.md section 2.E; clang 14 still hides the last one behind a second option.
HARDEN := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection -fPIE
ifeq ($(CLANG),)
HARDEN += -ftrivial-auto-var-init=zero
endif
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

FLAGS_debug := -Og -g -DBUILD_DEBUG
FLAGS_asan := -O1 -g -DBUILD_DEBUG $(SAN)
FLAGS_tsan := -O1 -g -DBUILD_DEBUG -fsanitize=thread
FLAGS_fuzz := -O1 -g -DBUILD_DEBUG $(SAN) -fsanitize=fuzzer-no-link
FLAGS_release := -O2 -g $(HARDEN)
LINK_asan := $(SAN)
LINK_tsan := -fsanitize=thread
LINK_fuzz := $(SAN)
LINK_release := -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifeq ($(FLAGS_$(BUILD)),)
$(error BUILD=$(BUILD) is none of debug, asan, tsan, release, fuzz)
endif

# The libraries of the adapters; the writers of PDF and XLSX only once they exist.
LIBS := sqlite3 libmicrohttpd libsodium yaml-0.1 jansson libutf8proc libzip expat libqrencode
LIBS += $(if $(wildcard src/report/pdf.c),pangocairo cairo)
LIBS += $(if $(wildcard src/report/xlsx.c),xlsxwriter)
LIBS += $(if $(wildcard src/store/store_pg.c),libpq)
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(LIBS)))
PKG_LIBS := $(shell pkg-config --libs $(LIBS))
ifeq ($(strip $(PKG_LIBS)),)
$(error the libraries are missing: ./dev build installs them)
endif

CFLAGS := -std=gnu17 -D_GNU_SOURCE -pthread $(WARN) $(FLAGS_$(BUILD)) -Isrc -I$(OUT) \
	$(PKG_CFLAGS) -include base/banned.h -ffile-prefix-map=$(CURDIR)/= $(EXTRA_CFLAGS)
LDFLAGS := -pthread $(LINK_$(BUILD)) -Wl,--as-needed $(EXTRA_LDFLAGS)
LDLIBS := $(PKG_LIBS) -lm

# ---- generated sources ------------------------------------------------------

QUERY := $(wildcard src/store/query/*.sql)
SCHEMA := $(wildcard src/store/schema/*.sql)
HTML := $(wildcard src/web/html/*.html)
ASSET := $(wildcard src/web/asset/*)
PACK := $(shell [ -d packs ] && find packs -type f)
# A folder's own time stamp changes when a file comes or goes.
PACK_DIR := $(shell [ -d packs ] && find packs -type d)
DEMO := $(shell [ -d src/cli/demo/data ] && find src/cli/demo/data)

GEN_C :=
STAMP :=
ifneq ($(wildcard tools/gen_queries.py),)
GEN_C += $(QUERY:src/store/query/%.sql=$(GEN)/q_%.c) $(GEN)/statements.c $(GEN)/schema.c
STAMP += $(GEN)/queries.stamp
$(GEN)/queries.stamp: tools/gen_queries.py tools/sqltext.py tools/genfile.py $(QUERY) $(SCHEMA) \
		$(wildcard src/store/query src/store/schema) | $(GEN)
	$(PYTHON) tools/gen_queries.py $(GEN)
	@touch $@
$(GEN)/q_%.c $(GEN)/q_%.h: $(GEN)/queries.stamp ; @:
$(addprefix $(GEN)/,statements.c statements.h schema.c schema.h): $(GEN)/queries.stamp ; @:
endif
ifneq ($(wildcard tools/gen_templates.py),)
GEN_C += $(HTML:src/web/html/%.html=$(GEN)/html_%.c)
STAMP += $(GEN)/templates.stamp
$(GEN)/templates.stamp: tools/gen_templates.py tools/htmlstate.py tools/genfile.py $(HTML) $(wildcard src/web/html) | $(GEN)
	$(PYTHON) tools/gen_templates.py $(GEN)
	@touch $@
$(GEN)/html_%.c $(GEN)/html_%.h: $(GEN)/templates.stamp ; @:
endif
ifneq ($(wildcard tools/gen_assets.py),)
GEN_C += $(GEN)/assets.c $(GEN)/packs.c $(GEN)/demo.c
STAMP += $(GEN)/assets.stamp
$(GEN)/assets.stamp: tools/gen_assets.py tools/gen_templates.py tools/genfile.py tools/assets.list $(HTML) $(ASSET) $(PACK) $(PACK_DIR) $(DEMO) \
		$(wildcard src/web/html src/web/asset) node_modules/.package-lock.json | $(GEN)
	$(PYTHON) tools/gen_assets.py $(GEN)
	@touch $@
$(addprefix $(GEN)/,assets.c assets.h packs.c packs.h demo.c demo.h): $(GEN)/assets.stamp ; @:
endif

# npm names this file last: it is younger than the lock once everything is there.
node_modules/.package-lock.json: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# ---- library and program ----------------------------------------------------

SRC := $(sort $(shell find src -name '*.c'))
MAIN := src/cli/main.c
OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out $(MAIN),$(SRC))) $(patsubst $(OUT)/gen/%.c,$(B)/gen/%.o,$(GEN_C))
LIB := $(B)/libbihuan.a
BIN := $(if $(wildcard $(MAIN)),$(B)/bihuan)

.PHONY: all gen unit torture bench fuzz replay property clean
all: $(LIB) $(BIN)
gen: $(STAMP)

# Only the base layer may call what banned.h withholds from the others.
$(B)/src/base/%.o: CFLAGS += -DBASE_ADAPTER
$(B)/src/%.o: src/%.c | $(STAMP)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/gen/%.o: $(GEN)/%.c | $(STAMP)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# Written anew: `ar r` would keep objects of files that are gone.
$(LIB): $(OBJ)
	@mkdir -p $(@D) && rm -f $@
	ar rcs $@ $(OBJ)
$(B)/bihuan: $(B)/src/cli/main.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# ---- programs of the tests and the bench ------------------------------------

TESTLIB := $(patsubst tests/lib/%.c,$(B)/tests/lib/%.o,$(wildcard tests/lib/*.c))
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
TORTURE := $(patsubst tests/torture/%.c,$(B)/torture/%,$(wildcard tests/torture/test_*.c))
BENCH := $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/*.c))
REPLAY := $(patsubst tests/fuzz/%.c,$(B)/replay/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
PROPERTY := $(patsubst tests/property/%.c,$(B)/property/%,$(wildcard tests/property/*.c))
unit: $(UNIT)
torture: $(TORTURE)
bench: $(BENCH)
fuzz: $(FUZZ)
replay: $(REPLAY)
property: $(PROPERTY)

$(B)/tests/%.o $(B)/bench/%.o: CFLAGS += -DBASE_ADAPTER -Itests
$(B)/tests/%.o: tests/%.c | $(STAMP)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/bench/%.o: bench/%.c | $(STAMP)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/unit/%: $(B)/tests/unit/%.o $(TESTLIB) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka
$(B)/torture/%: $(B)/tests/torture/%.o $(TESTLIB) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(TORTURE_LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka
$(B)/property/%: $(B)/tests/property/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka
$(B)/bench/%: $(B)/bench/%.o $(TESTLIB) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)
$(B)/replay/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
# Objects of the tests are worth keeping between runs.
.SECONDARY:

$(GEN):
	@mkdir -p $@
clean:
	rm -rf $(OUT)

-include $(shell [ -d $(B) ] && find $(B) -name '*.d')
