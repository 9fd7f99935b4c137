/* local: the one who serves a folder, and its socket there. A folder is locked by its server (or by a command that works on it alone)
 * for as long as the process lives; the socket beside the data is reached by path only, so never from the network.
 *
 * Invariants
 *  1. One process at a time holds a folder; the kernel gives it free when that process ends, however it ends.
 *  2. Only the holder makes the socket, so what stands there before is a dead process's and may go.
 *  3. The socket is mode 0600 before anybody can connect; who connects is asked for its uid besides (local_peer).
 */
#ifndef OS_LOCAL_H
#define OS_LOCAL_H

#include "base/err.h"

#include <sys/types.h>

/* Locks the folder; the descriptor is the lock, close it with proc_close. ERR_BUSY: another process has it. ERR_NOT_FOUND, ERR_IO. */
int local_lock(const char *dir, int *ret_dir, struct err *e);
/* A listening stream socket `name` in a folder that is locked; a stale one is replaced. ERR_STATE when something else than a socket
 * stands there. ERR_IO. */
int local_listen(int dir, const char *name, int *ret, struct err *e);
/* Takes the socket away, for who still may. */
void local_remove(int dir, const char *name);
/* Connects, as a blocking socket. ERR_NOT_FOUND: there is none, or nobody listens. ERR_FORBIDDEN: not this user's. ERR_IO. */
int local_connect(const char *dir, const char *name, int *ret, struct err *e);
/* One connection of a listening socket, not waiting: blocking itself, with a limit for each read and write. -1: none now. */
int local_accept(int listening, int64_t timeout_ms);
/* Who is at the other end of a connected socket, by the kernel's word. */
bool local_peer(int fd, uid_t *uid);
/* The same user as this process, or root. */
bool local_peer_may(uid_t uid);

#endif
