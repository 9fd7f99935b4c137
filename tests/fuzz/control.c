/* Fuzz target of the control socket: any bytes as a question's head, as a packed folder, and as what a server answers to the command
 * line. What unpacks packs to the same bytes; nothing else than a refusal comes of the rest.
 */
#include "app/control.h"
#include "os/proc.h"
#include "proc/ipc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void as_folder(struct str bytes) {
    struct arena a;
    struct release_files files;
    struct buf b;
    arena_init(&a, "fuzz", 4 << 20);
    if (release_unpack(&a, bytes, &files, NULL) == 0) {
        buf_init(&b, &a, bytes.len + 1, bytes.len);
        if (release_pack(&files, &b, NULL) || !str_eq(buf_str(&b), bytes)) abort();
        for (size_t i = 0; i < files.n; i++)
            if (!release_path_ok(files.file[i].path) || str_find(files.file[i].path, S("../"), 0) != SIZE_MAX) abort();
    }
    arena_done(&a);
}

static void as_question(struct str bytes) {
    struct ipc_header h;
    if (bytes.len < sizeof h) return;
    memcpy(&h, bytes.ptr, sizeof h);
    const struct ipc_op *op = ipc_check(&control_table, &h, true, NULL);
    if (op && (h.length > op->in_max || h.kind != IPC_QUESTION)) abort();
}

/* No part is empty or longer than the table says. */
static int take(void *context, struct str bytes, struct err *e) {
    (void)context;
    (void)e;
    if (bytes.len == 0 || bytes.len > CONTROL_PART_BYTES_MAX) abort();
    return 0;
}

static void as_answer(struct str bytes) {
    int pair[2];
    struct arena a;
    struct err e;
    if (bytes.len > 60000 || proc_socketpair(false, pair, &e)) return;
    if (send(pair[1], bytes.ptr, bytes.len, MSG_NOSIGNAL) != (ssize_t)bytes.len) abort();
    (void)shutdown(pair[1], SHUT_WR);
    arena_init(&a, "fuzz", 65536);
    struct ipc_request r = { .type = CONTROL_STATUS, .arena = &a };
    int rc = ipc_ask_on(&control_table, pair[0], &r, take, NULL, &e);
    if (rc == 0 && r.reply.len > 1) abort();
    proc_close(&pair[0]);
    proc_close(&pair[1]);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    struct str bytes = str_make((const char *)data + 1, size - 1);
    switch (data[0] % 3) {
    case 0: as_folder(bytes); break;
    case 1: as_question(bytes); break;
    default: as_answer(bytes); break;
    }
    return 0;
}
