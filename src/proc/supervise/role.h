/* supervise, as a process: judges what the audit log says, by rules that are data, and remembers
 * what it has read and ordered. Nobody whom it watches has a way to it: it is asked by `app` alone,
 * in typed messages, under its own user, with its own folder.
 *
 * Invariants
 *  1. It reads the log's numbers dense from 1: what leaves one out is refused (ERR_CONFLICT), and
 * so is a log whose last entry read is not the one it remembers: it was put back, or rewritten.
 *  2. It goes on only when told that what it ordered is done (supervise_done), and a card that the
 * log does not show within SUPERVISE_UNSEEN_MAX further entries is ordered again: nothing is lost
 * with a process that dies, nor by one that forgets.
 *  3. What it remembers is on stable storage before it answers.
 */
#ifndef PROC_SUPERVISE_ROLE_H
#define PROC_SUPERVISE_ROLE_H
#include "data/val.h"
#include "proc/role.h"

enum supervise_type { SUPERVISE_AT = 1, SUPERVISE_JUDGE, SUPERVISE_DONE };
enum {
    SUPERVISE_MESSAGE_BYTES_MAX = 16 * 1024 * 1024,
    SUPERVISE_NODES_MAX = 2000000,
    SUPERVISE_ORDERED_MAX = 4096,
    SUPERVISE_UNSEEN_MAX = 2000
};
/* Bodies are JSON. AT: nothing -> {number, leaf}. JUDGE: supervise_gather's question, with `leaf`
 * of its entry `number` and of each entry -> {cards, looks}. DONE: {number}: of the last question,
 * all was done -> {}. */
extern const struct ipc_table supervise_table;
int supervise_main(struct role_context *c);

/* The same in this process, where nobody serves: what it knows, in memory, and, with a path, in
 * that file. */
struct supervise_memory;
int supervise_memory_open(const char *path, struct supervise_memory **ret, struct err *e);
void supervise_memory_close(struct supervise_memory *m); /* accepts NULL */
int supervise_answer(struct supervise_memory *m, enum supervise_type type, struct str body,
                     struct arena *a, struct str *ret, struct err *e);
#endif
