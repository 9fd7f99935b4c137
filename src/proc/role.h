/* role: what every process of the installation has in common: how it is called, what it was told, how it closes its sandbox, answers
 * questions and stops. A role's folder has role.h with `int NAME_main(struct role_context *)` and its table of operations.
 *
 * A role's life: role_enter (own uid, arguments) -> NAME_main: reads what it needs, role_lock -> role_serve until told to stop -> 0.
 * In `--single` the same function runs as a thread, without uid and sandbox.
 */
#ifndef PROC_ROLE_H
#define PROC_ROLE_H

#include "os/sandbox.h"
#include "proc/ipc.h"

enum { ROLE_ARGS_MAX = 32 };

struct role;
struct role_context {
    const struct role *role;
    int control_fd;
    bool single;              /* a thread beside the others: no sandbox, no own uid */
    unsigned without;         /* of what its row says that it may (SANDBOX_...): what it does without as it is configured */
    const char *const *arg;   /* "key=value", as given to parent_run */
    size_t n_arg;
    void (*on_link)(void *context); /* role_serve calls it when a new asker is linked; may be NULL */
};
/* Returns the exit code: 0 when told to stop. Any other end is an accident and the parent starts the role again. */
typedef int role_main(struct role_context *c);

/* One row of the table that src/app joins.
 * TO ADD A ROLE: 1. its folder src/proc/NAME with role.h; 2. a row in the table of src/app; 3. its sandbox in the row, with a probe
 * in tests that a path, a socket and a program outside it are refused. */
struct role {
    const char *name;     /* at most 15 bytes */
    role_main *main;
    bool hub;             /* the one that asks: the others each get a link to it */
    bool first;           /* the hub cannot begin without it; the others are started when the hub works */
    unsigned uid;         /* own user where root allows; 0: the parent's */
    const char *owns;     /* folder under the data directory that becomes this uid's: "" is all of it, NULL nothing */
    struct sandbox sandbox;
};

/* The value of argument `key`, or the empty str. */
struct str role_config(const struct role_context *c, struct str key);
/* Closes the sandbox of the role's row around this process, with these paths. Call before the second thread starts. Does nothing in
 * `--single`. What the kernel lacks is logged. */
int role_lock(struct role_context *c, const struct sandbox_path *path, size_t n, struct err *e);
/* Tells the parent that the role works. role_serve does it itself. */
void role_ready(struct role_context *c);
/* Answers questions until told to stop (0) or until the link is misused (1): the exit code of NAME_main. */
int role_serve(struct role_context *c, const struct ipc_table *t, void *context);

/* What main does when argv[1] is ROLE_ARGUMENT: becomes the role named by argv[2]. */
#define ROLE_ARGUMENT "@role"
int role_enter(const struct role *roles, size_t n, int argc, char **argv);

#endif
