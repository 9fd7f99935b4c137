/* proc: processes, signals and the sockets between them. What is passed to a child is one socket (PROC_CONTROL_FD) and its
 * arguments; every other descriptor is closed on exec.
 */
#ifndef OS_PROC_H
#define OS_PROC_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

enum { PROC_CONTROL_FD = 3 };

/* A connected pair of local sockets, closed on exec; packets keep their bounds if `packets`. ERR_IO. */
int proc_socketpair(bool packets, int ret[2], struct err *e);
/* Starts this very program (/proc/self/exe) with `argv` (NULL at the end), `control` as PROC_CONTROL_FD, standard output and error
 * kept, standard input empty, and only the variables of the environment that a role may see. `control` stays the caller's. */
int proc_spawn(const char *const *argv, int control, pid_t *ret, struct err *e);
/* Kills the child unless it is ending by itself, and waits. Returns its exit code, or 128 + signal. */
int proc_reap(pid_t pid, bool kill_first);
/* Blocks SIGTERM, SIGINT and SIGHUP for this and all later threads and gives a descriptor that becomes readable on each.
 * SIGPIPE is ignored. Close it with proc_close. */
int proc_signals(int *ret, struct err *e);
int proc_signal_take(int fd); /* the next signal's number, or 0 */
/* A role's own setting: signals of the terminal are the parent's business; and it dies with its parent. */
void proc_child_of(pid_t parent);

/* One packet with at most one descriptor (fd -1: none). proc_recv: *len is what was there, 0 at end of file; never blocks when
 * `wait` is false (ERR_BUSY then). The received descriptor is the caller's to close. */
int proc_send(int fd, const void *bytes, size_t len, int pass_fd, struct err *e);
int proc_recv(int fd, void *bytes, size_t cap, bool wait, size_t *len, int *ret_fd, struct err *e);
void proc_close(int *fd); /* closes once and sets -1; fine with -1 */

/* A listening TCP socket at a numeric address ("127.0.0.1:8080", "[::1]:0"), for a role that listens: made before its sandbox
 * closes. ERR_FORMAT, ERR_BUSY (in use), ERR_IO. */
int proc_listen(struct str address, int *ret, struct err *e);

/* Gives the tree under `path` to uid and gid `uid`; symbolic links are not followed. The top changes last, so that an
 * interrupted walk is repeated; a tree whose top is right already is left alone. */
int proc_give_tree(const char *path, uid_t uid, struct err *e);
/* True if a stranger's uid can walk to `path`: every directory above it lets others through. */
bool proc_reachable(const char *path);
bool proc_is_root(void);
/* "HOST:/absolute/path": where on which machine a folder is, for people and for telling two of them apart. In the arena. */
struct str proc_place(struct arena *a, const char *path);
/* Gives up root for good: uid, gid and groups. ERR_FORBIDDEN if the kernel refuses. */
int proc_drop_to(uid_t uid, struct err *e);

#endif
