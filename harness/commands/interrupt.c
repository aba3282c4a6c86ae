/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/interrupt.h"

#include <stddef.h>

volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

void interrupt_catch(void)
{
	/* no SA_RESTART: poll() must return */
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction before;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}
