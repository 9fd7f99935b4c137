/* audit_kept: a head written and read again is the same; what is no head, changed or another's is told apart; every kept head is held
 * against the log, on both stores. */
#include "engine/audit/audit_fixture.h"
#include "engine/audit/audit_kept.h"
#include "store/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { HEADS = 4, EACH = 7 };

static struct audit_kept *grow(struct audit_fixture *f) {
    struct audit_kept *kept = arena_new(&f->arena, struct audit_kept);
    assert_non_null(kept);
    for (int i = 0; i < HEADS; i++) {
        audit_fixture_note(f, EACH);
        audit_fixture_seal(f, true);
        struct audit_head h = audit_fixture_head(f);
        assert_int_equal(audit_kept_add(kept, &h, NULL), 0);
    }
    return kept;
}

static struct str written(struct audit_fixture *f, const struct audit_kept *kept) {
    struct buf b;
    buf_init(&b, &f->arena, 4096, AUDIT_KEPT_BYTES_MAX);
    for (size_t i = kept->n; i-- > 0;) audit_kept_write(&b, &kept->head[i]); /* the newest first */
    return buf_str(&b);
}

static void held(struct store *s, void *arg) {
    struct audit_fixture f, g;
    struct audit_report r;
    struct audit_kept *read;
    (void)arg;
    audit_fixture_init(&f, s, SUITE_INTL, 1);
    struct audit_kept *kept = grow(&f);
    struct str text = written(&f, kept);
    assert_non_null(read = arena_new(&f.arena, struct audit_kept));
    assert_int_equal(audit_kept_read(&f.arena, ARENA_CAT(&f.arena, S("\n"), text, S(" \n\n")), read, NULL), 0);
    assert_int_equal(read->n, HEADS);
    for (size_t i = 0; i < HEADS; i++) {
        assert_int_equal(read->head[i].size, EACH * (i + 1)); /* by size */
        assert_int_equal(audit_kept_judge(&read->head[i], f.home, f.public_key), AUDIT_KEPT_OURS);
    }
    assert_true(str_eq(written(&f, read), text));
    assert_int_equal(audit_verify(s, f.home, f.public_key, read, &r, NULL), 0);
    assert_true(r.all_faults == 0 && r.kept == HEADS && r.kept_held == HEADS);

    /* one that is genuine, of another root: a log rewritten with all its heads; and one beyond the end */
    for (int i = 0; i < 2; i++) {
        struct audit_head lie = kept->head[1];
        if (i) lie.size = (uint64_t)EACH * HEADS + 5;
        else lie.root.v[0] ^= 1;
        assert_int_equal(audit_fixture_sign(&f, &f.arena, &lie, NULL), 0);
        *read = *kept;
        assert_int_equal(audit_kept_add(read, &lie, NULL), 0);
        assert_int_equal(audit_verify(s, f.home, f.public_key, read, &r, NULL), 0);
        assert_true(r.all_faults == 1 && r.fault[0].kind == AUDIT_FAULT_ROLLBACK && r.kept == HEADS + 1 && r.kept_held == HEADS);
        assert_int_equal(r.fault[0].first, i ? EACH * HEADS + 1 : 1);
    }
    kept->head[0].time_ms++;
    assert_int_equal(audit_kept_judge(&kept->head[0], f.home, f.public_key), AUDIT_KEPT_CHANGED);
    assert_int_equal(audit_kept_judge(&kept->head[1], (struct home_id){ 2 }, f.public_key), AUDIT_KEPT_FOREIGN);
    audit_fixture_init(&g, s, SUITE_INTL, 1);
    assert_int_equal(audit_kept_judge(&kept->head[1], f.home, g.public_key), AUDIT_KEPT_FOREIGN);
    audit_fixture_done(&g);
    audit_fixture_done(&f);
}

static void test_held(void **state) {
    (void)state;
    store_fixture_each(held, NULL);
}

static void test_malformed(void **state) {
    static const char good[] = "{\"home\":1,\"size\":5,\"root\":\"%s\",\"time_ms\":9,\"suite\":1,\"key_id\":7,\"signature\":\"00ff\"}";
    static const struct {
        const char *from, *to;
    } bad[] = { { "\"size\":5", "\"size\":0" },  { "\"size\":5", "\"size\":-5" },    { "\"size\":5", "\"size\":5.5" },
                { "\"suite\":1", "\"suite\":3" }, { "\"key_id\":7", "\"key_id\":4294967296" }, { "00ff", "00f" },
                { "00ff", "" },                    { "00ff", "00fg" },                  { "\"home\":1,", "" },
                { "}", "" },                       { "ab", "a" } };
    struct arena a;
    struct audit_kept *k;
    struct err e = { 0 };
    char hex[2 * DIGEST_BYTES + 1];
    (void)state;
    arena_init(&a, "test", 16 << 20);
    for (size_t i = 0; i + 1 < sizeof hex; i += 2) memcpy(hex + i, "ab", 3);
    struct str fine = str_of(arena_fmt(&a, good, hex).ptr);
    assert_non_null(k = arena_new(&a, struct audit_kept));
    assert_int_equal(audit_kept_read(&a, fine, k, &e), 0);
    assert_int_equal(audit_kept_read(&a, S(" \n\n"), k, &e), 0);
    assert_int_equal(k->n, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t at = str_find(fine, str_of(bad[i].from), 0);
        assert_true(at != SIZE_MAX);
        struct str line = ARENA_CAT(&a, S("\n"), str_sub(fine, 0, at), str_of(bad[i].to),
                                    str_sub(fine, at + str_of(bad[i].from).len, SIZE_MAX));
        assert_int_equal(audit_kept_read(&a, line, k, &e), ERR_SYNTAX);
        assert_int_equal(e.line, 2);
    }
    struct buf many;
    buf_init(&many, &a, 65536, 1 << 20);
    for (int i = 0; i <= AUDIT_KEPT_MAX; i++) buf_add(&many, fine), buf_add_char(&many, '\n');
    assert_int_equal(audit_kept_read(&a, buf_str(&many), k, &e), ERR_LIMIT);
    assert_int_equal(e.line, AUDIT_KEPT_MAX + 1);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_held), cmocka_unit_test(test_malformed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
