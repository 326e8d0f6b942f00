/* Where processes meet over the name of a pipe or a mailslot.
 *
 * Every process that has instances of a name listens on an abstract socket, oriel-UID-pipe-HASH-N (oriel-UID-mailslot-HASH-N), N being the first
 * number that is free; HASH is of the name without regard to case and of ORIEL_RUNTIME. The kernel takes the socket away
 * with the process, however that ends, so there is nothing to clean up and no name that outlives its pipe. Who looks for a
 * pipe tries all numbers; who creates an instance does so while it holds the name oriel-UID-pipe-HASH, so that two
 * processes cannot both have made the first.
 *
 * A listener is served by the epoll thread, which runs no Windows code: it answers while all Windows threads are
 * suspended. A connection is one request and one reply; the reply brings the client's end of a new connection. Other users
 * are told apart by SO_PEERCRED, on both sides; what is no request ends the connection.
 */
#pragma once

#include "io/pipe.h"

enum pipe_request_kind { PIPE_REQUEST_LOOK, PIPE_REQUEST_OPEN, PIPE_REQUEST_MAILSLOT };

enum meeting_place { MEETING_PIPES, MEETING_MAILSLOTS };

struct pipe_reply
{
    uint32_t magic;
    int32_t  status;            /* of PIPE_REQUEST_OPEN; LOOK: STATUS_SUCCESS or STATUS_OBJECT_NAME_NOT_FOUND */
    uint32_t type, sharing, max_instances, instances, inbound_quota, outbound_quota;
    int64_t  timeout;
    uint32_t listening;         /* instances that are */
    uint32_t server_id;         /* Windows' process id; set by who asked, from what the kernel says */
};

/* Asks one process after the other, this one excepted, and tells answer() what it said; answer() returns whether to go on.
 * fds: the client's end (OPEN; pipe.h), -1 otherwise; what answer() keeps it sets to -1.
 * Anything but STATUS_SUCCESS: the thread is to end. Under no lock. */
NTSTATUS pipe_ask(enum meeting_place place, const WCHAR *name, size_t length, enum pipe_request_kind kind, ACCESS_MASK access,
                  bool (*answer)(const struct pipe_reply *reply, int fds[PIPE_FDS], void *arg), void *arg);

/* All that other processes know of a name; instances 0: there is none. */
NTSTATUS pipe_look(const WCHAR *name, size_t length, struct pipe_reply *all);

/* Excludes other processes from creating instances of this name. -1: could not be had within two seconds. */
int  pipe_meet_lock(enum meeting_place place, const WCHAR *name, size_t length);
void pipe_meet_unlock(int lock);

/* From here on other processes find the name, until unpublish (NULL is allowed). May be called under pipe_lock; does not
 * wait. STATUS_RETRY: as many processes as can have it do, or a process that has just closed it starts another. */
NTSTATUS meeting_publish(enum meeting_place place, const WCHAR *name, size_t length, struct meeting **meeting);
void     meeting_unpublish(struct meeting *meeting);

/* Of what meeting_publish() said: waits a moment and says STATUS_RETRY, or after some time that it is no use. Under no lock.
 * *tries: 0 at first. */
NTSTATUS meeting_retry(NTSTATUS status, unsigned int *tries);

/* Provided by pipe.c: answers a request of process_id. fds: the client's end, for the caller to send and close. */
void pipe_serve(const WCHAR *name, size_t length, enum pipe_request_kind kind, ACCESS_MASK access, uint32_t process_id,
                struct pipe_reply *reply, int fds[PIPE_FDS]);

/* Provided by mailslot.c: the same for PIPE_REQUEST_MAILSLOT; fds[0] is the socket to write to, inbound_quota the longest
 * message (0: any). */
void mailslot_serve(const WCHAR *name, size_t length, struct pipe_reply *reply, int fds[PIPE_FDS]);
