# The two builds. Included by the Makefile that configure makes; needs GNU make.
#
#   oriel                     ELF: everything below dlls/ntdll/unix
#   x86_64-windows/NAME.dll   PE:  dlls/NAME/*.c *.S and dlls/NAME/NAME.def (its one list of exports)
#   x86_64-windows/libNAME.a  the import library of the same .def
#   obj/tests/NAME_test.exe   tests/NAME/*.c, winetest format
#   obj/tests/unit/NAME       tests/unit/NAME.c, a Linux program over obj/libvm.a
#
# A folder may have a build.mk of its own that sets NAME_IMPORTS (our import libraries to link with;
# the default is ntdll kernelbase), NAME_LDLIBS, NAME_CFLAGS.

Q = $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' $(1) $(2))

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
.SECONDARY:
.SUFFIXES:

# ---- ELF -----------------------------------------------------------------------
unix_dir = $(srcdir)/dlls/ntdll/unix
UNIX_CPPFLAGS = -D_GNU_SOURCE -I$(unix_dir) -I$(srcdir)/include -Iobj/gen
WIN_ON_ELF = -isystem $(WINE_HEADERS)/windows
UNIX_CFLAGS = -std=gnu11 -fPIE -pthread -fcf-protection=none -fno-strict-aliasing $(WARNINGS)

vm_src := $(wildcard $(unix_dir)/vm/*.c $(unix_dir)/host/*.c)
unix_src := $(wildcard $(unix_dir)/*.c $(unix_dir)/nt/*.c $(unix_dir)/ob/*.c $(unix_dir)/ps/*.c $(unix_dir)/io/*.c)
unix_asm := $(wildcard $(unix_dir)/*.S $(unix_dir)/ps/*.S)
to_obj = $(patsubst $(srcdir)/%,obj/%.o,$(1))
vm_obj = $(call to_obj,$(vm_src))
obj/dlls/ntdll/unix/main.c.o: UNIX_CPPFLAGS += -DORIEL_VERSION='"$(PACKAGE_VERSION)"'
unix_obj = $(call to_obj,$(unix_src) $(unix_asm)) obj/gen/syscall_table.o obj/gen/status_names.o

# vm/ and host/ are plain Linux: no Windows header is on their path.
$(vm_obj): obj/%.c.o: $(srcdir)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$*.c)
	$(Q)$(CC) $(UNIX_CFLAGS) $(UNIX_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@
$(call to_obj,$(unix_src)): obj/%.c.o: $(srcdir)/%.c | obj/gen/syscalls.h
	@mkdir -p $(@D)
	$(call say,CC,$*.c)
	$(Q)$(CC) $(UNIX_CFLAGS) $(UNIX_CPPFLAGS) $(WIN_ON_ELF) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@
$(call to_obj,$(unix_asm)): obj/%.S.o: $(srcdir)/%.S | obj/gen/syscalls.h
	@mkdir -p $(@D)
	$(call say,AS,$*.S)
	$(Q)$(CC) $(UNIX_CPPFLAGS) -MMD -MP -c $< -o $@
obj/gen/status_names.c: $(WINE_HEADERS)/windows/ntstatus.h $(srcdir)/tools/gen-status
	@mkdir -p obj/gen
	$(call say,GEN,$@)
	$(Q)$(SHELL) $(srcdir)/tools/gen-status $< > $@.tmp && mv $@.tmp $@
obj/gen/syscall_table.o obj/gen/status_names.o: obj/gen/%.o: obj/gen/%.c
	$(call say,CC,$<)
	$(Q)$(CC) $(UNIX_CFLAGS) $(UNIX_CPPFLAGS) $(WIN_ON_ELF) $(CFLAGS) -c $< -o $@

obj/libvm.a: $(vm_obj)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

oriel: $(unix_obj) obj/libvm.a
	$(call say,LINK,$@)
	$(Q)$(CC) -pie -pthread $(CFLAGS) $(LDFLAGS) $^ -ldl -o $@

# ---- the one table of Nt calls -------------------------------------------------
syscalls_tab = $(srcdir)/dlls/ntdll/syscalls.tab
obj/gen/syscalls.h obj/gen/syscall_table.c obj/gen/syscall_stubs.S obj/gen/syscalls.def: obj/gen/.stamp ;
obj/gen/.stamp: $(syscalls_tab) $(srcdir)/tools/gen-syscalls
	@mkdir -p obj/gen
	$(call say,GEN,obj/gen)
	$(Q)$(SHELL) $(srcdir)/tools/gen-syscalls $(syscalls_tab) obj/gen && touch $@

# ---- PE ------------------------------------------------------------------------
PE_CPPFLAGS = -D__WINESRC__ -D_WIN32_WINNT=0x0A00 -I$(srcdir)/include -Iobj/gen -isystem $(WINE_HEADERS)/windows
PE_CFLAGS = -std=gnu11 -fno-strict-aliasing -fcf-protection=none -fno-ident -fno-builtin-printf -ffunction-sections \
	-mno-red-zone -ffile-prefix-map=$(srcdir)/= $(WARNINGS)
PE_LDFLAGS = -shared -nostdlib -nodefaultlibs -Wl,--file-alignment,4096 -Wl,--section-alignment,4096 \
	-Wl,--no-insert-timestamp -Wl,--disable-stdcall-fixup -Wl,--kill-at -Wl,--gc-sections -Wl,--enable-reloc-section

pe_names := $(sort $(patsubst $(srcdir)/dlls/%/,%,$(dir $(wildcard $(srcdir)/dlls/*/*.def))))
-include $(wildcard $(srcdir)/dlls/*/build.mk)
-include $(wildcard $(srcdir)/tests/*/build.mk)

# --image-base: ld takes the .def's BASE too late for __ImageBase.
define pe_rules
$(1)_src := $$(wildcard $$(srcdir)/dlls/$(1)/*.c $$(srcdir)/dlls/$(1)/*.S) $$(wildcard $$($(1)_EXTRA_SRC))
$(1)_obj := $$(patsubst $$(srcdir)/dlls/%,obj/pe/$(1)/%.o,$$($(1)_src)) $(if $(filter ntdll,$(1)),obj/pe/ntdll/syscall_stubs.o) \
	obj/pe/$(1)/version_resource.o
$(1)_imports := $$(if $$(filter undefined,$$(origin $(1)_IMPORTS)),kernelbase ntdll,$$($(1)_IMPORTS))
$(1)_def := $(if $(filter ntdll,$(1)),obj/gen/ntdll.def,$$(srcdir)/dlls/$(1)/$(1).def)
$$(filter %.c.o,$$($(1)_obj)): obj/pe/$(1)/%.o: $$(srcdir)/dlls/% | obj/gen/syscalls.h
	@mkdir -p $$(@D)
	$$(call say,PECC,dlls/$$*)
	$$(Q)$$(MINGW_CC) $$(PE_CFLAGS) $$(PE_CPPFLAGS) $$(MINGW_CFLAGS) -I$$(srcdir)/dlls/$(1) $$($(1)_CFLAGS) -MMD -MP -c $$< -o $$@
$$(filter %.S.o,$$($(1)_obj)): obj/pe/$(1)/%.o: $$(srcdir)/dlls/%
	@mkdir -p $$(@D)
	$$(call say,PEAS,dlls/$$*)
	$$(Q)$$(MINGW_CC) $$(PE_CPPFLAGS) -I$$(srcdir)/dlls/$(1) -MMD -MP -c $$< -o $$@
obj/pe/$(1)/version_resource.o: $$(srcdir)/dlls/version.S
	@mkdir -p $$(@D)
	$$(Q)$$(MINGW_CC) -DDLL_FILE='"$(or $($(1)_FILE),$(1).dll)"' -c $$< -o $$@
x86_64-windows/lib$(1).a: $$($(1)_def)
	@mkdir -p $$(@D)
	$$(call say,DLLTOOL,$$@)
	$$(Q)$$(MINGW_DLLTOOL) -m i386:x86-64 -d $$< -D $(or $($(1)_FILE),$(1).dll) -l $$@.tmp && mv $$@.tmp $$@
x86_64-windows/$(or $($(1)_FILE),$(1).dll): $$($(1)_obj) $$($(1)_def) $$(patsubst %,x86_64-windows/lib%.a,$$($(1)_imports))
	@mkdir -p $$(@D)
	$$(call say,PELINK,$$@)
	$$(Q)$$(MINGW_CC) $$(PE_LDFLAGS) -Wl,-e,$$(or $$($(1)_ENTRY),0) \
	   -Wl,--image-base,$$$$(sed -n 's/^LIBRARY.*BASE=//p' $$($(1)_def)) $$($(1)_obj) $$($(1)_def) -Lx86_64-windows \
	   $$(patsubst %,-l%,$$($(1)_imports)) $$($(1)_LDLIBS) -lgcc -o $$@.tmp && mv $$@.tmp $$@
pe_files += x86_64-windows/$(or $($(1)_FILE),$(1).dll) x86_64-windows/lib$(1).a
endef
$(foreach n,$(pe_names),$(eval $(call pe_rules,$(n))))

obj/gen/ntdll.def: $(srcdir)/dlls/ntdll/ntdll.def obj/gen/syscalls.def
	$(Q)cat $^ > $@
obj/pe/ntdll/syscall_stubs.o: obj/gen/syscall_stubs.S
	@mkdir -p $(@D)
	$(call say,PEAS,$<)
	$(Q)$(MINGW_CC) -c $< -o $@

# ---- PE programs: tests and examples; built as a user would, with the C runtime of mingw-w64 -----
# Import libraries are named as files: with -L ours would take the place of mingw-w64's libmsvcrt.a, which also
# holds its static half.
PROG_CFLAGS = -std=gnu11 -fcf-protection=none -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
test_names := $(filter-out unit wine apps loader,$(sort $(patsubst $(srcdir)/tests/%/,%,$(dir $(wildcard $(srcdir)/tests/*/*.c)))))
# -O1: the tests fault on purpose, in accesses which -O2 may move or merge.
define test_rules
$(1)_test_src := $$(wildcard $$(srcdir)/tests/$(1)/*.c)
$(1)_test_obj := $$(patsubst $$(srcdir)/tests/%,obj/tests/%.o,$$($(1)_test_src)) obj/tests/$(1)/testlist.o
$$(filter %.c.o,$$($(1)_test_obj)): obj/tests/%.o: $$(srcdir)/tests/%
	@mkdir -p $$(@D)
	$$(call say,PECC,tests/$$*)
	$$(Q)$$(MINGW_CC) $$(PROG_CFLAGS) $$(PE_CPPFLAGS) $$(MINGW_CFLAGS) -O1 $$($(1)_TEST_CFLAGS) -MMD -MP -c $$< -o $$@
obj/tests/$(1)/testlist.o: $$($(1)_test_src) $$(srcdir)/tools/gen-testlist
	@mkdir -p $$(@D)
	$$(Q)$$(SHELL) $$(srcdir)/tools/gen-testlist $$($(1)_test_src) > obj/tests/$(1)/testlist.c
	$$(Q)$$(MINGW_CC) $$(PROG_CFLAGS) $$(PE_CPPFLAGS) $$(MINGW_CFLAGS) -c obj/tests/$(1)/testlist.c -o $$@
obj/tests/$(1)_test.exe: $$($(1)_test_obj) | $$(patsubst %,x86_64-windows/lib%.a,$$($(1)_TEST_IMPORTS))
	$$(call say,PELINK,$$@)
	$$(Q)$$(MINGW_CC) $$(MINGW_CFLAGS) $$^ $$(patsubst %,x86_64-windows/lib%.a,$$($(1)_TEST_IMPORTS)) $$($(1)_TEST_LIBS) -o $$@
test_files += obj/tests/$(1)_test.exe
endef
$(foreach n,$(test_names),$(eval $(call test_rules,$(n))))

example_src := $(wildcard $(srcdir)/examples/*.c)
example_files := $(patsubst $(srcdir)/examples/%.c,obj/examples/%.exe,$(example_src))
obj/examples/%.exe: $(srcdir)/examples/%.c x86_64-windows/libkernelbase.a
	@mkdir -p $(@D)
	$(call say,PROGRAM,$@)
	$(Q)$(MINGW_CC) $(PROG_CFLAGS) -I$(srcdir)/include $(MINGW_CFLAGS) $< x86_64-windows/libkernelbase.a -o $@

# programs that tests/loader's scripts run; a .def beside one lists functions to import from nowhere; what kernel32
# does not have comes from our kernelbase
loader_src := $(wildcard $(srcdir)/tests/loader/*.c)
loader_files := $(patsubst $(srcdir)/tests/loader/%.c,obj/tests/loader/%.exe,$(loader_src))
obj/tests/loader/%.exe: $(srcdir)/tests/loader/%.c $(wildcard $(srcdir)/tests/loader/*.def $(srcdir)/tests/loader/*.h) | x86_64-windows/libkernelbase.a
	@mkdir -p $(@D)
	$(call say,PROGRAM,$@)
	$(Q)if test -f $(srcdir)/tests/loader/$*.def; then \
	  $(MINGW_DLLTOOL) -m i386:x86-64 -d $(srcdir)/tests/loader/$*.def -l obj/tests/loader/lib$*-extra.a && extra=obj/tests/loader/lib$*-extra.a; fi; \
	$(MINGW_CC) $(PROG_CFLAGS) -I$(srcdir)/include $(MINGW_CFLAGS) $< $$extra -lkernel32 x86_64-windows/libkernelbase.a -o $@

# ---- unit tests: Linux programs over libvm.a -----------------------------------------------------
unit_src := $(wildcard $(srcdir)/tests/unit/*.c)
unit_files := $(patsubst $(srcdir)/tests/unit/%.c,obj/tests/unit/%,$(unit_src))
# Those about cells and handles need Windows' types and a part of ob/; they bring the rest along.
ob_unit_obj = $(patsubst %,obj/dlls/ntdll/unix/ob/%.c.o,cell cell_area robust slab runtime name_file name_make name_lock name_flight name_park name_path name_object completion keyed_event timer dispatcher transfer object handle name directory symbolic_link upcase security token memory_condition partition)
obj/libob.a: $(ob_unit_obj)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
ob_unit_files = $(filter obj/tests/unit/ob_%,$(unit_files))
$(ob_unit_files): obj/libob.a
$(ob_unit_files): UNIT_LIBS = $(WIN_ON_ELF) obj/libob.a
# Those about the peer protocol need all of it but main().
peer_unit_files = $(filter obj/tests/unit/peer_%,$(unit_files))
peer_unit_obj = $(filter-out %/unix/main.c.o,$(unix_obj))
$(peer_unit_files): $(peer_unit_obj)
$(peer_unit_files): UNIT_LIBS = $(WIN_ON_ELF) $(peer_unit_obj) -ldl
obj/tests/unit/%: $(srcdir)/tests/unit/%.c obj/libvm.a $(wildcard $(srcdir)/tests/unit/*.h)
	@mkdir -p $(@D)
	$(call say,UNIT,$*)
	$(Q)$(CC) $(UNIT_VARIANT) $(UNIX_CFLAGS) $(UNIX_CPPFLAGS) $(CFLAGS) $< $(UNIT_LIBS) obj/libvm.a -pthread -o $@

oriel-all: oriel $(pe_files)
.PHONY: oriel-tests
oriel-tests: oriel-all $(test_files) $(example_files) $(loader_files) $(unit_files)

-include $(shell find obj -name '*.d' 2>/dev/null)
