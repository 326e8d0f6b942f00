/* The local time zone in Windows' terms. */
#pragma once

#include "nt/nt.h"

/* Fills in bias, names and the two changes of this year. */
void timezone_query(RTL_DYNAMIC_TIME_ZONE_INFORMATION *info);

/* UTC minus local time now, in 100 ns, and TIME_ZONE_ID_x. */
int64_t timezone_bias(unsigned int *id);
