/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/pmu.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* With PERF_FORMAT_TOTAL_TIME_*, what read() gives. */
struct reading {
	uint64_t count, enabled_ns, running_ns;
};

static struct perf_event_attr attributes(enum pmu_event event)
{
	struct perf_event_attr a = {
		.size = sizeof(a), .type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_CPU_CYCLES,
		.disabled = 1, .exclude_hv = 1,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};

	a.exclude_kernel = event != PMU_CYCLES_KERNEL;
	a.exclude_user = event == PMU_CYCLES_KERNEL;
	if (event == PMU_PAGE_FAULTS) {
		a.type = PERF_TYPE_SOFTWARE;
		a.config = PERF_COUNT_SW_PAGE_FAULTS;
	}
	return a;
}

/* A few microseconds in the kernel and outside it, and one page fault at least. */
static void work(void)
{
	volatile unsigned spin;
	char *page;
	int i;

	for (i = 0; i < 1000; i++)
		syscall(SYS_getppid);
	for (spin = 0; spin < 100000; spin++)
		;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page != MAP_FAILED) {
		*(volatile char *)page = 1;
		munmap(page, 4096);
	}
}

struct pmu_trial pmu_try(enum pmu_event event)
{
	struct perf_event_attr a = attributes(event);
	struct pmu_trial t = { PMU_REFUSED, 0 };
	struct reading r = { 0 };
	int fd = (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0) {
		t.error = errno;
		return t;
	}
	if (ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)) {
		t.error = errno;
		goto out;
	}
	work();
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	if (read(fd, &r, sizeof(r)) != (ssize_t)sizeof(r)) {
		t.error = errno;	/* 0 where the event fell into its error state: read() then gives no bytes */
		goto out;
	}
	if (!r.running_ns)
		t.state = PMU_NOT_RUN;
	else
		t.state = r.count ? PMU_COUNTS : PMU_ZERO;
out:
	close(fd);
	return t;
}
