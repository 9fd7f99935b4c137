/* fuzz supervise: any messages to the process that judges, each behind a byte that says which (a NUL parts them), and first any bytes as the file
 * of what it remembers. It answers in JSON, or refuses and remembers what it did: it goes on only by a question that it has answered. */
#include "proc/supervise/role.h"

#include "data/json.h"
#include "os/os.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static char dir[64], path[80];

static void leave(void) {
    (void)os_unlink(path, NULL);
    (void)remove(dir);
}

static int64_t at(struct supervise_memory *m, struct arena *a) {
    struct str reply;
    struct val *v;
    struct err e;
    assert(supervise_answer(m, SUPERVISE_AT, S(""), a, &reply, &e) == 0 && json_parse(a, reply, 100, &v, &e) == 0);
    return val_get_i64(v, S("number"), -1);
}

static void ask(struct supervise_memory *m, struct str message, struct arena *a, int64_t *asked) {
    struct err e = { 0 };
    struct str reply;
    struct val *v;
    enum supervise_type type = message.ptr[0] % 2 ? SUPERVISE_JUDGE : SUPERVISE_DONE;
    int64_t was = at(m, a);
    int rc = supervise_answer(m, type, str_sub(message, 1, message.len), a, &reply, &e);
    assert(rc == 0 || (rc == e.code && rc != ERR_DEFECT && str_utf8_valid(str_of(e.detail))));
    if (rc == 0) assert(json_parse(a, reply, SUPERVISE_NODES_MAX, &v, &e) == 0);
    if (type == SUPERVISE_DONE && rc == 0) assert(at(m, a) == *asked && *asked >= was);
    else assert(at(m, a) == was);
    if (type == SUPERVISE_JUDGE) *asked = rc == 0 ? val_get_i64(v, S("to"), -1) : -1;
    else if (rc == 0) *asked = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct arena a;
    struct supervise_memory *m = NULL;
    struct err e = { 0 };
    struct str in = str_make((const char *)bytes, n), piece;
    int64_t asked = -1;
    if (!dir[0]) {
        (void)snprintf(dir, sizeof dir, "%s/tongban-fuzz-supervise-XXXXXX", os_kind("/dev/shm") == OS_DIR ? "/dev/shm" : "/tmp");
        assert(mkdtemp(dir));
        (void)snprintf(path, sizeof path, "%s/memory", dir);
        (void)atexit(leave);
    }
    arena_init(&a, "fuzz", 256 << 20);
    (void)str_cut(&in, '\0', &piece);
    (void)os_unlink(path, NULL);
    if (piece.len) assert(os_write_file(path, piece, &e) == 0);
    int rc = supervise_memory_open(path, &m, &e);
    assert(rc == 0 || (rc == e.code && rc != ERR_DEFECT && piece.len));
    for (int i = 0; rc == 0 && i < 16 && str_cut(&in, '\0', &piece); i++)
        if (piece.len) ask(m, piece, &a, &asked);
    if (rc == 0) {
        int64_t was = at(m, &a);
        supervise_memory_close(m); /* what it answered is in its file */
        m = NULL;
        assert(supervise_memory_open(path, &m, &e) == 0 && at(m, &a) == was);
        supervise_memory_close(m);
    }
    arena_done(&a);
    return 0;
}
