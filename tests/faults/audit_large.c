/* audit_large: a log as large as asked for, and how fast it is verified, for T62.
 *
 *   audit_large ENTRIES DIR [URL]   writes DIR/store.db (or into the empty database URL), DIR/key.der; prints one line
 *                                   "N entries, N rows/s"; exit 1 unless the log is sound
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/generated.h"
#include "engine/audit/audit_fixture.h"
#include "os/os.h"

int main(int argc, char **argv) {
    struct audit_fixture f;
    struct audit_report r;
    struct store *s;
    struct err e = { 0 };
    char path[600], key[600];
    if (argc < 3) return fprintf(stderr, "usage: see the head of audit_large.c\n"), 2;
    size_t n = (size_t)strtoul(argv[1], NULL, 10);
    (void)snprintf(path, sizeof path, "sqlite:%s/store.db", argv[2]);
    (void)snprintf(key, sizeof key, "%s/key.der", argv[2]);
    struct store_config c = {
        .url = str_of(argc > 3 ? argv[3] : path), .migrations = migrations, .n_migrations = n_migrations
    };
    if (store_open(&c, &s, &e) < 0) return fprintf(stderr, "%s\n", e.detail), 1;
    audit_fixture_init(&f, s, SUITE_INTL, 1);
    for (size_t i = 0; i < n; i += AUDIT_BATCH_MAX) {
        audit_fixture_note(&f, n - i < AUDIT_BATCH_MAX ? n - i : AUDIT_BATCH_MAX);
        audit_fixture_seal(&f, true);
    }
    int64_t start = os_mono_ns();
    audit_fixture_verify(&f, NULL, &r);
    double seconds = (double)(os_mono_ns() - start) / 1e9;
    (void)printf("%llu entries, %.0f rows/s\n", (unsigned long long)r.entries, (double)r.entries / seconds);
    bool sound = r.all_faults == 0 && r.entries == n && r.sealed == n && os_write_file(key, f.public_key, &e) == 0;
    audit_fixture_done(&f);
    store_close(s);
    return sound ? 0 : 1;
}
