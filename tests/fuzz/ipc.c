/* Fuzz target of ipc: any bytes on a link, as an answerer and as a reader of refusals and orders, never do more than end the link. */
#include "os/proc.h"
#include "proc/ipc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int handle(struct ipc_call *c, struct err *e) {
    if (c->body.len && c->body.ptr[0] == 'r') return err_field(e, ERR_STATE, c->body, "refused");
    c->reply = arena_str(c->arena, c->body);
    return 0;
}

static const struct ipc_op ops[] = { { 1, "any", 0, 4096, 4096, handle, 0 }, { 2, "some", 4, 8, 4, handle, 0 } };
static const struct ipc_table table = { "peer", ops, 2, 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int pair[2], fd = -1;
    struct err e;
    struct arena a;
    struct ipc_control order;
    bool open = true;
    if (size > 8192 || proc_socketpair(false, pair, &e)) return 0;
    arena_init(&a, "fuzz", 1 << 16);
    if (send(pair[0], data, size, MSG_NOSIGNAL) != (ssize_t)size) abort();
    (void)shutdown(pair[0], SHUT_WR);
    for (int i = 0; open && i < 8192; i++) {
        if (ipc_answer(&table, pair[1], &a, NULL, &open, &e)) break;
    }
    proc_close(&pair[0]);
    proc_close(&pair[1]);
    arena_done(&a);
    if (ipc_refusal(str_make((const char *)data, size), &e) >= 0) abort();
    if (size && size < 200 && proc_socketpair(true, pair, &e) == 0) {
        if (proc_send(pair[0], data, size, -1, &e) == 0 && ipc_control_recv(pair[1], true, &order, &fd, &open, &e) == 0 && fd >= 0)
            abort(); /* a link without a descriptor */
        proc_close(&pair[0]);
        proc_close(&pair[1]);
    }
    return 0;
}
