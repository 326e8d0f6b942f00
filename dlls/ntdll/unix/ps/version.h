/* The Windows that we say we are: 11, 24H2. One place. */
#pragma once

#define WINDOWS_MAJOR 10
#define WINDOWS_MINOR 0
#define WINDOWS_BUILD 26100
