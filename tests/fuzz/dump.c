/* fuzz dump: any records as a backup that restore and drill are given. The tail's digest is made right over whatever the records have become, as
 * who forges a backup makes it too. It is refused, and the store is as before; or refused half-way, which is said; or loaded whole: as
 * many rows as it had, and what is dumped then loads and dumps as the same. The mutator knows records: it changes one's payload and sets its
 * length and the counts right, so that what lies behind the walk is met. */
#include "app/generated.h"
#include "os/os.h"
#include "store/dump.h"
#include "store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

enum { BYTES_MAX = 1 << 20 };

/* Beside the store's own tables, which it cannot do without: every type, a key that is not in the order of the columns, what was added
 * later. */
static const char of_fuzz[] =
    "CREATE TABLE fuzz_row (home BIGINT NOT NULL, a TEXT NOT NULL, b BIGINT NOT NULL, c BYTES, PRIMARY KEY (home, b, a));\n"
    "CREATE TABLE fuzz_of (home BIGINT NOT NULL, id BIGINT NOT NULL, b BIGINT NOT NULL, a TEXT NOT NULL CHECK (a <> 'no'), PRIMARY KEY "
    "(home, id), FOREIGN KEY (home, b, a) REFERENCES fuzz_row (home, b, a));\n";
static const char more_fuzz[] = "ALTER TABLE fuzz_row ADD COLUMN d TEXT NOT NULL DEFAULT 'd';\n";

static struct {
    char dir[64], file[128], db[128], url[160];
    struct store_migration migration[64];
    size_t n_migrations;
    struct arena memory;
    struct str fresh, empty; /* the file of a store that holds nothing, and its dump */
    struct store *store;
} w;

static void leave(void) {
    store_close(w.store);
    arena_done(&w.memory);
    for (const char *const *end = (const char *const[]){ "", "-wal", "-shm", NULL }; *end; end++) {
        char path[160];
        (void)snprintf(path, sizeof path, "%s%s", w.db, *end);
        (void)os_unlink(path, NULL);
    }
    (void)os_unlink(w.file, NULL);
    (void)remove(w.dir);
}

/* A store that holds nothing, in place of what there is. */
static void renew(void) {
    struct store_config c = { .url = str_of(w.url), .migrations = w.migration, .n_migrations = w.n_migrations, .readers = 1 };
    struct err e;
    store_close(w.store);
    w.store = NULL;
    assert(!w.fresh.len || os_write_file(w.db, w.fresh, &e) == 0);
    assert(store_open(&c, &w.store, &e) == 0);
}

static int append(void *context, struct str piece, struct err *e) {
    (void)e;
    buf_add(context, piece);
    return 0;
}

static struct str dumped(struct arena *a) {
    struct buf b;
    struct err e;
    buf_init(&b, a, 16 * 1024, 16 * BYTES_MAX);
    assert(store_dump_to(w.store, append, &b, &e) == 0 && buf_ok(&b));
    return buf_str(&b);
}

static void begin(void) {
    struct err e;
    (void)snprintf(w.dir, sizeof w.dir, "%s/tongban-fuzz-dump-XXXXXX", os_kind("/dev/shm") == OS_DIR ? "/dev/shm" : "/tmp");
    assert(mkdtemp(w.dir));
    (void)snprintf(w.file, sizeof w.file, "%s/in", w.dir);
    (void)snprintf(w.db, sizeof w.db, "%s/store.db", w.dir);
    (void)snprintf(w.url, sizeof w.url, "sqlite:%s", w.db);
    for (size_t i = 0; i < n_migrations; i++)
        if (!strcmp(migrations[i].engine, "store") || !strcmp(migrations[i].engine, "define")) w.migration[w.n_migrations++] = migrations[i];
    w.migration[w.n_migrations++] = (struct store_migration){ "fuzz", 1, of_fuzz };
    w.migration[w.n_migrations++] = (struct store_migration){ "fuzz", 2, more_fuzz };
    arena_init(&w.memory, "fuzz", 16 << 20);
    renew();
    w.empty = dumped(&w.memory);
    store_close(w.store); /* its log is within the file then */
    w.store = NULL;
    assert(os_read_file(&w.memory, w.db, 8 << 20, &w.fresh, &e) == 0);
    renew();
    (void)atexit(leave);
}

/* ---- records ---- */

static size_t length_at(const uint8_t *p) {
    return (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
}

/* Behind the record at `at`, or 0 where there is none whole. */
static size_t behind(const uint8_t *data, size_t size, size_t at) {
    if (at > size || size - at < DUMP_HEAD_BYTES) return 0;
    size_t len = length_at(data + at);
    return len > size - at - DUMP_HEAD_BYTES ? 0 : at + DUMP_HEAD_BYTES + len;
}

static size_t count(const uint8_t *data, size_t size, char kind) {
    size_t n = 0;
    for (size_t at = DUMP_MAGIC_BYTES, next; (next = behind(data, size, at)) != 0; at = next) n += data[at] == (uint8_t)kind;
    return n;
}

static void mend_counts(uint8_t *data, size_t size) {
    uint64_t rows = 0;
    for (size_t at = DUMP_MAGIC_BYTES, next; (next = behind(data, size, at)) != 0; at = next) {
        if (data[at] == 'R') rows++;
        if (data[at] != 'E' || next - at != DUMP_HEAD_BYTES + 8) continue;
        for (size_t i = 0; i < 8; i++) data[at + DUMP_HEAD_BYTES + i] = (uint8_t)(rows >> (56 - 8 * i));
        rows = 0;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed) {
    size_t n = 0, at = DUMP_MAGIC_BYTES, next;
    for (size_t i = at; (i = behind(data, size, i)) != 0;) n++;
    if (seed % 8 == 0 || n == 0) return LLVMFuzzerMutate(data, size, max);
    for (size_t i = (seed >> 3) % n; i > 0; i--) at = behind(data, size, at);
    next = behind(data, size, at);
    size_t len = next - at, rest = size - next, room = max > size ? max - size : 0;
    uint8_t *tail = malloc(len + rest + 1); /* from this record on */
    assert(tail);
    memcpy(tail, data + at, len + rest);
    if (seed % 8 == 1 && len <= room) { /* the record twice */
        memcpy(data + next, tail, len + rest);
        size += len;
    } else if (seed % 8 == 2) { /* without it */
        memcpy(data + at, tail + len, rest);
        size -= len;
    } else {
        size_t had = len - DUMP_HEAD_BYTES, has = had + room ? LLVMFuzzerMutate(data + at + DUMP_HEAD_BYTES, had, had + room) : 0;
        for (size_t i = 0; i < 4; i++) data[at + 1 + i] = (uint8_t)(has >> (24 - 8 * i));
        memcpy(data + at + DUMP_HEAD_BYTES + has, tail + len, rest);
        size += has - had;
    }
    free(tail);
    if (seed >> 16 & 7) mend_counts(data, size);
    return size;
}

/* ---- the target ---- */

static void write_backup(struct arena *a, struct str records) {
    struct digest d = { { 0 } };
    struct buf b;
    struct err e;
    for (size_t at = 0; at < records.len; at += DUMP_BLOCK_BYTES) store_dump_chain(&d, str_sub(records, at, DUMP_BLOCK_BYTES));
    buf_init(&b, a, records.len + DUMP_TAIL_BYTES, records.len + DUMP_TAIL_BYTES);
    buf_add(&b, records);
    buf_add(&b, str_make("D\0\0\0\x20", DUMP_HEAD_BYTES));
    buf_add(&b, str_make((const char *)d.v, sizeof d.v));
    assert(buf_ok(&b) && os_write_file(w.file, buf_str(&b), &e) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct arena a;
    struct err e = { 0 };
    if (n > BYTES_MAX) return 0;
    if (!w.store) begin();
    arena_init(&a, "fuzz", 128 << 20);
    write_backup(&a, str_make((const char *)bytes, n));
    int rc = store_load(w.store, w.file, &e);
    if (rc < 0 && !strstr(e.detail, "half loaded")) {
        assert(rc != ERR_DEFECT && e.code == rc && e.detail[0]);
        assert(str_eq(dumped(&a), w.empty));
    } else if (rc < 0) {
        assert(rc != ERR_DEFECT && e.code == rc);
        renew();
    } else {
        struct str first = dumped(&a);
        assert(count((const uint8_t *)first.ptr, first.len, 'R') == count(bytes, n, 'R'));
        renew();
        write_backup(&a, str_sub(first, 0, first.len - DUMP_TAIL_BYTES));
        assert(store_load(w.store, w.file, &e) == 0);
        assert(str_eq(dumped(&a), first));
        renew();
    }
    arena_done(&a);
    return 0;
}
