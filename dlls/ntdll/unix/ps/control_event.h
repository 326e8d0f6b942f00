/* Linux signals of the terminal and of who wants us to end, as console control events. */
#pragma once

#include "nt/nt.h"

/* From now on they make a thread at routine. May be called again; the first routine stays. */
NTSTATUS control_events_enable(uint64_t routine);

/* Ctrl-C is nothing to this process, until the events are enabled. */
void control_events_ignore(void);

/* GenerateConsoleCtrlEvent: to all that share our console, or to those of one group of it. */
NTSTATUS control_event_send(uint32_t event, uint32_t group);

/* The signal of the last event; SIGINT if there was none. */
int control_event_signal(void);
