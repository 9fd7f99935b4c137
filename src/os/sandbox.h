/* sandbox: what a process may still ask of the kernel once it has what it needs. Three fences, each kept where the kernel has it:
 * seccomp (which system calls: an allow-list, the rest fail with EPERM), Landlock (which paths), resource limits.
 *
 * Invariants
 *  1. sandbox_enter only takes away; nothing gives back (no_new_privs is set first).
 *  2. No profile has ptrace, mount, a module, a key ring, another process's memory or a new namespace; only SANDBOX_SPAWN, the
 *     parent's, can start programs. Its filter refuses just these, because its children inherit it beside their own.
 *  3. Without SANDBOX_FILES no path can be opened; without SANDBOX_CONNECT no socket can be made.
 *  4. No capability is left to root, but the parent's few for giving users and folders away.
 *  5. A kernel without Landlock still gets the other two fences; the result says so and the caller logs it.
 */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "base/err.h"

enum sandbox_may {
    SANDBOX_FILES = 1,    /* open the paths of the list, and no others */
    SANDBOX_WRITE = 2,    /* and change those marked `write` */
    SANDBOX_LISTEN = 4,   /* accept on sockets made before */
    SANDBOX_CONNECT = 8,  /* make sockets and connect (TCP, UDP for names, local) */
    SANDBOX_SECRET = 16,  /* no core file, not readable by a debugger */
    SANDBOX_SPAWN = 32    /* the parent: everything but invariant 2; no path fence */
};

struct sandbox_path {
    const char *path;
    bool write;
};

struct sandbox {
    unsigned may;
    size_t memory_bytes; /* address space; 0: no limit (sanitizers need none and get none) */
    unsigned files;      /* open descriptors; 0: as it is */
};

enum sandbox_held { SANDBOX_SECCOMP = 1, SANDBOX_LANDLOCK = 2 }; /* the fences that stand */

/* Fences this process in. Call it before the second thread starts: Landlock holds the caller and those it starts later.
 * Paths that do not exist are skipped. `*held` tells what stands. ERR_IO when a fence that the kernel has could not be put up:
 * the caller must then end. */
int sandbox_enter(const struct sandbox *s, const struct sandbox_path *path, size_t n, unsigned *held, struct err *e);

#endif
