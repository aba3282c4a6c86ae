/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/incident_headline.h"

#include <fnmatch.h>

#define HEX "[0-9a-f]"
/* What ends the line of every die() on x86: "...: 0002 [#1] PREEMPT SMP". */
#define DIED ": " HEX HEX HEX HEX " \\[#[0-9]*\\]*"

/* The first that fits counts. */
static const struct incident_headline headlines[] = {
	/* x86-64 faults; before 6.10 without "Oops: " in the line with the number. */
	{ "Oops: int3" DIED, INCIDENT_EMULATOR, ENDS_WITH_MARK },
	{ "int3" DIED, INCIDENT_EMULATOR, ENDS_WITH_MARK },
	{ "BUG: kernel NULL pointer dereference, *", INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "BUG: unable to handle *", INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "BUG: * stack guard page was hit at *", INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "BUG: invalid or fatal FRED event; *", INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "kernel tried to execute NX-protected page *", INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "unable to execute userspace code (SMEP?) *", INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "*PANIC: double fault*", INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "PANIC: early exception *", INCIDENT_OOPS, ENDS_WITH_PANIC },
	{ "CFI failure at *", INCIDENT_OOPS, ENDS_WITH_MARK },

	/* arm64 faults */
	{ "Unable to handle kernel * at virtual address *", INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "Insufficient stack space to handle exception!*", INCIDENT_OOPS, ENDS_WITH_PANIC },
	{ "Unhandled * exception on CPU[0-9]*, ESR *", INCIDENT_OOPS, ENDS_WITH_PANIC },
	{ "SError Interrupt on CPU[0-9]*", INCIDENT_OOPS, ENDS_WITH_PANIC },
	{ "Internal error: Oops - BUG: *\\[#[0-9]*\\]*", INCIDENT_BUG, ENDS_WITH_MARK },
	{ "Internal error: Oops - KASAN: *\\[#[0-9]*\\]*", INCIDENT_SANITIZER, ENDS_WITH_MARK },
	{ "Internal error: UBSAN: *\\[#[0-9]*\\]*", INCIDENT_SANITIZER, ENDS_WITH_MARK },
	{ "Internal error: *\\[#[0-9]*\\]*", INCIDENT_OOPS, ENDS_WITH_MARK },

	{ "BUG: KASAN: *", INCIDENT_SANITIZER, ENDS_WITH_RULER },
	{ "BUG: KFENCE: *", INCIDENT_SANITIZER, ENDS_WITH_RULER },
	{ "BUG: KCSAN: *", INCIDENT_SANITIZER, ENDS_WITH_RULER },
	{ "BUG: KMSAN: *", INCIDENT_SANITIZER, ENDS_WITH_RULER },
	{ "UBSAN: * in *:[0-9]*:[0-9]*", INCIDENT_SANITIZER, ENDS_WITH_MARK },

	/* Lockdep, and the checks of context beside it. */
	{ "WARNING: possible circular locking dependency detected*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: possible recursive locking detected*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: possible irq lock inversion dependency detected*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: *-safe -> *-unsafe lock order detected*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: inconsistent lock state*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: suspicious RCU usage*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: Nested lock was not taken*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: bad unlock balance detected!*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: bad contention detected!*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: held lock freed!*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: */[0-9]* still has locks held!*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: lock held when returning to user space!*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "WARNING: chain_key collision*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "\\[ BUG: Invalid wait context \\]*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "INFO: trying to register non-static key.*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "BUG: key * has not been registered!*", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "BUG: looking up invalid subclass: *", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "BUG: sleeping function called from invalid context at *", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "BUG: assuming atomic context at *", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "BUG: assuming non migratable context at *", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	{ "BUG: using *() in preemptible *", INCIDENT_LOCKDEP, ENDS_WITH_TRACE },
	/* Lockdep has filled its tables and ends: the debug kernel is too small, nothing went wrong. */
	{ "BUG: MAX_* too low!*", INCIDENT_NONE, ENDS_WITH_TRACE },

	{ "WARNING: CPU: [0-9]* PID: [0-9]* at *", INCIDENT_WARN, ENDS_WITH_MARK },
	{ "WARNING: *:[0-9]* at *, CPU#[0-9]*: *", INCIDENT_WARN, ENDS_WITH_MARK },	/* since 6.19 */
	{ "WARNING: at *, CPU#[0-9]*: *", INCIDENT_WARN, ENDS_WITH_MARK },

	{ "watchdog: BUG: soft lockup - CPU#[0-9]*", INCIDENT_SOFT_LOCKUP, ENDS_WITH_TRACE },
	{ "BUG: soft lockup - CPU#[0-9]*", INCIDENT_SOFT_LOCKUP, ENDS_WITH_TRACE },
	{ "Watchdog detected hard LOCKUP on cpu *", INCIDENT_HARD_LOCKUP, ENDS_WITH_TRACE },
	{ "*watchdog: Watchdog detected hard LOCKUP on cpu *", INCIDENT_HARD_LOCKUP, ENDS_WITH_TRACE },
	{ "*CPU[0-9]*: Watchdog detected hard LOCKUP on cpu *", INCIDENT_HARD_LOCKUP, ENDS_WITH_TRACE },
	{ "INFO: task *:[0-9]* blocked * than * seconds*", INCIDENT_HUNG_TASK, ENDS_WITH_TRACE },
	{ "rcu: INFO: * self-detected stall on CPU*", INCIDENT_RCU_STALL, ENDS_WITH_TRACE },
	{ "rcu: INFO: * detected *stall* on *", INCIDENT_RCU_STALL, ENDS_WITH_TRACE },
	{ "INFO: rcu_* detected stall*", INCIDENT_RCU_STALL, ENDS_WITH_TRACE },

	{ "* invoked oom-killer: gfp_mask=*", INCIDENT_OOM, ENDS_WITH_KILL },
	{ "Out of memory: Killed process [0-9]*", INCIDENT_OOM, ENDS_WITH_KILL },
	{ "Out of memory (*): Killed process [0-9]*", INCIDENT_OOM, ENDS_WITH_KILL },
	{ "Memory cgroup out of memory: Killed process [0-9]*", INCIDENT_OOM, ENDS_WITH_KILL },

	{ "kernel BUG at *", INCIDENT_BUG, ENDS_WITH_MARK },
	{ "Kernel BUG at *", INCIDENT_BUG, ENDS_WITH_MARK },
	{ "BUG: *", INCIDENT_BUG, ENDS_WITH_TRACE },
	{ "BUG *(Not tainted): *", INCIDENT_BUG, ENDS_WITH_TRACE },	/* SLUB: "BUG kmalloc-64 (...): ..." */
	{ "BUG *(Tainted: *): *", INCIDENT_BUG, ENDS_WITH_TRACE },

	{ "Oops: *" DIED, INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "*" DIED, INCIDENT_OOPS, ENDS_WITH_MARK },
	{ "Kernel panic - not syncing: *", INCIDENT_PANIC, ENDS_WITH_PANIC },
};

const struct incident_headline *incident_headline(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(headlines) / sizeof(headlines[0]); i++)
		if (!fnmatch(headlines[i].pattern, text, 0))
			return headlines[i].kind == INCIDENT_NONE ? NULL : &headlines[i];
	return NULL;
}
