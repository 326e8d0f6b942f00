/* What a debuggee tells its debugger.
 *
 * Each debuggee has a channel of its own: a SOCK_SEQPACKET socket pair, one end in the debuggee, the other with the debug
 * object in the debugger. One struct debug_message an event goes one way; the answer is a request to the debuggee's control
 * thread (PEER_DEBUG_CONTINUE). An end that closes tells the other side that this one is gone, however it died.
 */
#pragma once

#include "nt/nt.h"

#define DEBUG_MAGIC 0x3147424fu         /* "OBG1": goes up when the structure changes */

enum debug_kind
{
    DEBUG_CREATE_PROCESS, DEBUG_CREATE_THREAD, DEBUG_EXIT_THREAD, DEBUG_EXIT_PROCESS, DEBUG_LOAD_DLL, DEBUG_UNLOAD_DLL,
    DEBUG_EXCEPTION,
    DEBUG_CHILD,                        /* no event: a child is debugged, too; its channel goes along */
    DEBUG_KINDS
};

struct debug_message
{
    uint32_t magic, kind;
    uint32_t tid;                       /* Windows id of the thread that tells it; of a child: its Linux id */
    uint32_t value;                     /* exit status; exception: first chance */
    uint64_t address;                   /* base of the image */
    uint64_t start;                     /* of the thread */
    uint64_t name;                      /* where the address of the image's name is */
    EXCEPTION_RECORD record;
};

/* How a process is attached to: flags of PEER_DEBUG_ATTACH and PEER_DEBUG_SET. */
#define DEBUGGEE_KILL       1u          /* it ends with its debugger */
#define DEBUGGEE_NO_INHERIT 2u          /* its children are not debugged */
#define DEBUGGEE_NEW        4u          /* attach: it has run nothing yet, and tells everything itself */
#define DEBUGGEE_FLAGS      7u

#define DEBUGGEE_ALL_THREADS (~0u)      /* continue: what attaching stopped */
