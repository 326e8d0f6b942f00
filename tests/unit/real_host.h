/* The real host under the names that model.h and vm_model.c use of the simulated one. What a page holds is its first
 * four bytes. */
#pragma once

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "host/host.h"

#define SIM_PAGE  0x1000u
#define SIM_PAGES 16384u
#define SIM_BASE  0x110000000000ull             /* where no sanitizer has its shadow */
#define SIM_END   (SIM_BASE + (uint64_t)SIM_PAGES * SIM_PAGE)
#define SIM_FILE_PAGES 2048u

static uint64_t sim_memory_limit_bytes = 72ull << 20;
static long sim_fail_at;
static bool sim_failed;
static struct host_ops sim_host;
static sigjmp_buf sim_escape;

static uint64_t sim_memory_limit(void)
{
    return sim_memory_limit_bytes;
}

static vm_status sim_file_grow(int fd, uint64_t old_size, uint64_t new_size)
{
    if (new_size > (uint64_t)SIM_FILE_PAGES * SIM_PAGE) return STATUS_DISK_FULL;
    return host_linux.file_grow(fd, old_size, new_size);
}

static vm_status sim_lock(uintptr_t addr, size_t size, bool on_touch)
{
    /* The limit on locked memory is not the subject: what is beyond it counts as locked, once it was touched. */
    if (vm_success(host_linux.lock(addr, size, on_touch)) || on_touch) return STATUS_SUCCESS;
    for (size_t i = 0; i < size; i += SIM_PAGE)
    {
        if (sigsetjmp(sim_escape, 1)) continue;
        __atomic_fetch_add((uint32_t *)(addr + i), 0, __ATOMIC_RELAXED);
    }
    return STATUS_SUCCESS;
}

static void sim_signal(int sig)
{
    siglongjmp(sim_escape, sig);
}

static void sim_start(void)
{
    struct sigaction action = { .sa_handler = sim_signal, .sa_flags = SA_NODEFER };

    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    sim_host = host_linux;
    sim_host.memory_limit = sim_memory_limit;
    sim_host.file_grow = sim_file_grow;
    sim_host.lock = sim_lock;
}

/* When the kernel drops a page is not for a test to say. */
static bool sim_drop(uint32_t page)
{
    (void)page;
    return false;
}

/* Keeping does not fail here. */
static bool sim_holds(uint32_t page)
{
    (void)page;
    return true;
}

static int sim_open_new(uint64_t size)
{
    int fd = memfd_create("model", MFD_CLOEXEC);

    if (fd < 0 || ftruncate(fd, size)) abort();
    return fd;
}

static void sim_file_close(int fd)
{
    close(fd);
}

static void sim_occupy(uint32_t page)
{
    if (mmap((void *)(SIM_BASE + (uintptr_t)page * SIM_PAGE), SIM_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
        abort();
}

/* Is a host mapping there? */
static bool sim_mapped(uint32_t page)
{
    unsigned char present;

    return !mincore((void *)(SIM_BASE + (uintptr_t)page * SIM_PAGE), SIM_PAGE, &present);
}

static void sim_check_files(void)
{
}

static bool sim_allows_only(uint32_t page, bool reads, bool writes, bool is_private)
{
    (void)page; (void)reads; (void)writes; (void)is_private;
    return true;                                /* not seen from here */
}

enum sim_touch { SIM_OK, SIM_SEGV, SIM_BUS };

static enum sim_touch sim_read(uintptr_t addr, uint32_t *tag)
{
    int sig = sigsetjmp(sim_escape, 1);

    if (sig) return sig == SIGBUS ? SIM_BUS : SIM_SEGV;
    *tag = *(volatile uint32_t *)addr;
    return SIM_OK;
}

static enum sim_touch sim_write(uintptr_t addr, uint32_t tag)
{
    int sig = sigsetjmp(sim_escape, 1);

    if (sig) return sig == SIGBUS ? SIM_BUS : SIM_SEGV;
    *(volatile uint32_t *)addr = tag;
    return SIM_OK;
}
