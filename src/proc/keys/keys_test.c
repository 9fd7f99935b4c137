/* keys: what it signs, what it refuses, what it remembers over a restart and a crash, and that damage is never
 * repaired silently. */
#include "os/os.h"
#include "proc/keys/keys_client.h"
#include "proc/keys/keys_log.h"
#include "proc/keys/keys_wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char dir[64];
    struct arena a;
    struct err e;
    struct keys *k;
    struct keys_client c;
};

static const char *in_dir(struct fixture *f, const char *name) {
    return arena_cstr(&f->a, arena_fmt(&f->a, "%s/%s", f->dir, name));
}

static void reopen(struct fixture *f, enum suite s) {
    keys_close(f->k);
    f->k = NULL;
    assert_int_equal(keys_open(f->dir, s, &f->k, &f->e), 0);
    keys_client_direct(&f->c, f->k);
    assert_int_equal(keys_client_certs(&f->c, &f->a, &f->e), 0);
}

static void begin(struct fixture *f, enum suite s) {
    memset(f, 0, sizeof *f);
    arena_init(&f->a, "keys test", 64 << 20);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/tongban-keys-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    reopen(f, s);
}

static void end(struct fixture *f) {
    struct str *names;
    size_t n;
    keys_close(f->k);
    assert_int_equal(os_list_dir(&f->a, f->dir, &names, &n, NULL), 0);
    for (size_t i = 0; i < n; i++) assert_int_equal(os_unlink(in_dir(f, arena_cstr(&f->a, names[i])), NULL), 0);
    assert_int_equal(rmdir(f->dir), 0);
    arena_done(&f->a);
}

/* The logs of the tests: stories that differ from their third entry on. */
static struct digest leaf(uint64_t i, uint8_t story) {
    struct digest d = { { (uint8_t)i, (uint8_t)(i >> 8), i < 2 ? 0 : story } };
    return d;
}

static struct merkle tree(enum suite s, uint64_t size, uint8_t story) {
    struct merkle m = { .suite = s };
    for (uint64_t i = 0; i < size; i++) {
        struct digest d = leaf(i, story);
        merkle_append(&m, &d);
    }
    return m;
}

static struct audit_head head(struct fixture *f, int64_t home, uint64_t size, uint8_t root) {
    struct audit_head h = { .home = { home }, .size = size, .time_ms = os_now_ms(), .suite = f->c.suite };
    struct merkle m = tree(f->c.suite, size, root);
    merkle_root(&m, &h.root);
    return h;
}

struct given {
    enum suite suite;
    uint8_t story;
};

static int given(void *context, uint64_t from, uint64_t to, struct digest *ret) {
    const struct given *g = context;
    struct merkle m = { .suite = g->suite };
    for (uint64_t i = from; i < to; i++) {
        struct digest d = leaf(i, g->story);
        merkle_append(&m, &d);
    }
    merkle_root(&m, ret);
    return 0;
}

/* The proof that the log continues what keys signed last, as the sequencer makes it. */
static struct audit_growth growth(struct fixture *f, int64_t home, uint64_t size, uint8_t story) {
    struct given told = { f->c.suite, story };
    struct audit_growth g = { .from = 0 };
    struct audit_head last;
    if (keys_client_last_head(&f->c, &f->a, (struct home_id){ home }, &last, &f->e)) return g;
    g.from = last.size;
    if (g.from <= size) assert_int_equal(merkle_consistency(size, g.from, given, &told, g.path, &g.path_n), 0);
    return g;
}

static int ask_head(struct fixture *f, int64_t home, uint64_t size, uint8_t root) {
    struct audit_head h = head(f, home, size, root);
    struct audit_growth g = growth(f, home, size, root);
    int rc = keys_client_sign_head(&f->c, &f->a, &h, &g, &f->e);
    if (rc == 0) assert_true(audit_head_genuine(&h, f->c.head_spki));
    return rc;
}

static void each_suite(enum suite s) {
    struct fixture f;
    struct str cms, token, again;
    struct digest d;
    begin(&f, s);
    assert_int_equal(f.c.suite, s);
    hash(s, S("a paper"), &d);
    assert_int_equal(keys_client_sign_paper(&f.c, &f.a, S("t-1"), 42, S("licence"), &d, os_now_ms(), &cms, &f.e), 0);
    assert_int_equal(cms_verify(cms, f.c.root_der, &d, &f.e), 0);
    d.v[0] ^= 1;
    assert_int_equal(cms_verify(cms, f.c.root_der, &d, &f.e), ERR_DAMAGED);
    assert_int_equal(keys_client_sign_token(&f.c, &f.a, S("TB-7Q2"), &token, &f.e), 0);
    assert_true(keys_token_verify(f.c.token_spki, S("TB-7Q2"), token));
    assert_false(keys_token_verify(f.c.token_spki, S("TB-7Q3"), token));
    assert_false(keys_token_verify(f.c.head_spki, S("TB-7Q2"), token));
    assert_false(keys_token_verify(f.c.token_spki, S("TB-7Q2"), str_sub(token, 0, 63)));
    assert_int_equal(ask_head(&f, 1, 10, 1), 0);
    /* the folder opens again with the same keys, whatever suite the caller would begin with */
    struct str spki = f.c.head_spki, root = f.c.root_der;
    reopen(&f, s == SUITE_GM ? SUITE_INTL : SUITE_GM);
    assert_true(str_eq(spki, f.c.head_spki) && str_eq(root, f.c.root_der));
    assert_int_equal(f.c.suite, s);
    assert_true(keys_token_verify(f.c.token_spki, S("TB-7Q2"), token));
    assert_int_equal(keys_client_sign_token(&f.c, &f.a, S("TB-7Q2"), &again, &f.e), 0);
    end(&f);
}

static void intl(void **state) {
    (void)state;
    each_suite(SUITE_INTL);
}

static void gm(void **state) {
    (void)state;
    each_suite(SUITE_GM);
}

static void keyring_once(void **state) {
    (void)state;
    struct fixture f;
    struct keyring one, two;
    begin(&f, SUITE_INTL);
    assert_int_equal(keys_client_keyring(&f.c, &one, &f.e), 0);
    assert_int_equal(keys_client_keyring(&f.c, &two, &f.e), ERR_FORBIDDEN);
    keys_linked(f.k); /* a new application */
    assert_int_equal(keys_client_keyring(&f.c, &two, &f.e), 0);
    assert_memory_equal(one.kek, two.kek, KEY_BYTES);
    assert_memory_not_equal(one.kek, one.blind, KEY_BYTES);
    assert_memory_not_equal(one.row, one.token, KEY_BYTES);
    reopen(&f, SUITE_INTL);
    assert_int_equal(keys_client_keyring(&f.c, &two, &f.e), 0);
    assert_memory_equal(one.kek, two.kek, KEY_BYTES);
    assert_int_equal(one.key_id, two.key_id);
    end(&f);
}

static void last_head(void **state) {
    (void)state;
    struct fixture f;
    struct audit_head h;
    begin(&f, SUITE_INTL);
    assert_int_equal(keys_client_last_head(&f.c, &f.a, (struct home_id){ 1 }, &h, &f.e), ERR_NOT_FOUND);
    assert_int_equal(ask_head(&f, 1, 10, 1), 0);
    assert_int_equal(ask_head(&f, 1, 25, 1), 0);
    assert_int_equal(ask_head(&f, 2, 3, 9), 0);
    const struct audit_head wanted = head(&f, 1, 25, 1);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(keys_client_last_head(&f.c, &f.a, (struct home_id){ 1 }, &h, &f.e), 0);
        assert_true(h.size == 25 && digest_eq(&h.root, &wanted.root) && audit_head_genuine(&h, f.c.head_spki));
        reopen(&f, SUITE_INTL); /* remembered, and asking left no line */
    }
    assert_int_equal(keys_client_last_head(&f.c, &f.a, (struct home_id){ 3 }, &h, &f.e), ERR_NOT_FOUND);
    end(&f);
}

static void heads_only_grow(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, SUITE_INTL);
    assert_int_equal(ask_head(&f, 1, 10, 1), 0);
    assert_int_equal(ask_head(&f, 1, 10, 1), 0); /* the same again: the answer was lost */
    assert_int_equal(ask_head(&f, 1, 10, 2), ERR_CONFLICT);
    assert_int_equal(ask_head(&f, 1, 9, 1), ERR_CONFLICT);
    assert_int_equal(ask_head(&f, 2, 3, 9), 0); /* another home has its own */
    assert_int_equal(ask_head(&f, 1, 11, 2), ERR_CONFLICT); /* put back, and grown past what was signed */
    assert_int_equal(ask_head(&f, 1, 500, 2), ERR_CONFLICT);
    assert_int_equal(ask_head(&f, 1, 11, 1), 0);
    reopen(&f, SUITE_INTL); /* remembered */
    assert_int_equal(ask_head(&f, 1, 10, 1), ERR_CONFLICT);
    assert_int_equal(ask_head(&f, 1, 12, 3), ERR_CONFLICT);
    assert_int_equal(ask_head(&f, 2, 2, 9), ERR_CONFLICT);
    assert_int_equal(ask_head(&f, 1, 11, 1), 0);
    struct audit_growth g = growth(&f, 1, 12, 1);
    struct audit_head h = head(&f, 1, 0, 1);
    assert_int_equal(keys_client_sign_head(&f.c, &f.a, &h, &g, &f.e), ERR_SYNTAX);
    h = head(&f, 1, 12, 1);
    h.time_ms -= 3600000;
    assert_int_equal(keys_client_sign_head(&f.c, &f.a, &h, &g, &f.e), ERR_RANGE);
    h = head(&f, 1, 12, 1);
    h.suite = SUITE_GM;
    assert_int_equal(keys_client_sign_head(&f.c, &f.a, &h, &g, &f.e), ERR_SYNTAX);
    for (int64_t home = 3; home < 3 + KEYS_HOMES_MAX - 2; home++) assert_int_equal(ask_head(&f, home, 1, 1), 0);
    assert_int_equal(ask_head(&f, 999, 1, 1), ERR_LIMIT);
    end(&f);
}

/* The proof is believed in no part: a digest more, less or other, another beginning, the same proof for another head. */
static void a_tampered_proof(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, SUITE_INTL);
    assert_int_equal(ask_head(&f, 1, 300, 1), 0);
    const struct audit_growth good = growth(&f, 1, 1000, 1);
    struct audit_head h = head(&f, 1, 1000, 1), other = head(&f, 1, 1000, 2);
    assert_true(good.path_n > 4);
    assert_int_equal(keys_client_sign_head(&f.c, &f.a, &other, &good, &f.e), ERR_CONFLICT);
    for (size_t i = 0; i < good.path_n; i++) {
        struct audit_growth g = good;
        g.path[i].v[DIGEST_BYTES - 1] ^= 1;
        assert_int_equal(keys_client_sign_head(&f.c, &f.a, &h, &g, &f.e), ERR_CONFLICT);
        g = good;
        g.path_n = i;
        assert_int_equal(keys_client_sign_head(&f.c, &f.a, &h, &g, &f.e), ERR_CONFLICT);
    }
    struct audit_growth g = good;
    g.path[g.path_n++] = good.path[0];
    assert_int_equal(keys_client_sign_head(&f.c, &f.a, &h, &g, &f.e), ERR_CONFLICT);
    g = good;
    g.from = 299;
    assert_int_equal(keys_client_sign_head(&f.c, &f.a, &h, &g, &f.e), ERR_STATE);
    g = (struct audit_growth){ .from = 0 };
    assert_int_equal(keys_client_sign_head(&f.c, &f.a, &h, &g, &f.e), ERR_STATE);
    assert_int_equal(keys_client_sign_head(&f.c, &f.a, &h, &good, &f.e), 0);
    end(&f);
}

static void refusals(void **state) {
    (void)state;
    struct fixture f;
    struct str out;
    struct digest d = { { 1 } };
    int64_t now = os_now_ms();
    begin(&f, SUITE_INTL);
    assert_int_equal(keys_client_sign_paper(&f.c, &f.a, S("t-1"), 0, S("licence"), &d, now, &out, &f.e), ERR_SYNTAX);
    assert_int_equal(keys_client_sign_paper(&f.c, &f.a, S("t-1"), 1, S(""), &d, now, &out, &f.e), ERR_SYNTAX);
    assert_int_equal(keys_client_sign_paper(&f.c, &f.a, S("t-1"), 1, S("two words"), &d, now, &out, &f.e), ERR_SYNTAX);
    assert_int_equal(keys_client_sign_paper(&f.c, &f.a, S("t-1"), 1, S("line\nhead 1 99"), &d, now, &out, &f.e), ERR_SYNTAX);
    assert_int_equal(keys_client_sign_paper(&f.c, &f.a, S("t-1"), 1, S("licence"), &d, now - 86400000, &out, &f.e), ERR_RANGE);
    assert_int_equal(keys_client_sign_paper(&f.c, &f.a, S("t-1"), 1, S("licence"), &d, now + 86400000, &out, &f.e), ERR_RANGE);
    char long_text[600];
    memset(long_text, 'x', sizeof long_text);
    assert_int_equal(keys_client_sign_token(&f.c, &f.a, str_make(long_text, 513), &out, &f.e), ERR_SYNTAX);
    assert_int_equal(keys_client_sign_token(&f.c, &f.a, S(""), &out, &f.e), ERR_SYNTAX);
    struct ipc_call call = { .arena = &f.a, .body = S("") };
    assert_int_equal(keys_answer(f.k, 0, &call, &f.e), ERR_SYNTAX);
    assert_int_equal(keys_answer(f.k, 99, &call, &f.e), ERR_SYNTAX);
    /* every request with a byte too many or too few */
    struct buf b;
    buf_init(&b, &f.a, 256, 256);
    keys_put_u64(&b, 1);
    keys_put_u64(&b, (uint64_t)now);
    keys_put_bytes(&b, d.v, DIGEST_BYTES);
    keys_put_str(&b, S("licence"));
    for (size_t n = 0; n < buf_str(&b).len; n++) {
        call.body = str_sub(buf_str(&b), 0, n);
        assert_int_equal(keys_answer(f.k, KEYS_SIGN_PAPER, &call, &f.e), ERR_SYNTAX);
    }
    buf_add_char(&b, 'x');
    call.body = buf_str(&b);
    assert_int_equal(keys_answer(f.k, KEYS_SIGN_PAPER, &call, &f.e), ERR_SYNTAX);
    /* no kind of signature stands for another: the token key signs the head's very bytes, and it is no head */
    struct audit_head h = head(&f, 1, 5, 5);
    h.key_id = audit_key_id(h.suite, f.c.head_spki);
    assert_int_equal(keys_client_sign_token(&f.c, &f.a, audit_head_message(&f.a, &h), &out, &f.e), 0);
    h.signature = sign_from_raw(&f.a, (const uint8_t *)out.ptr);
    assert_false(audit_head_genuine(&h, f.c.token_spki));
    assert_false(audit_head_genuine(&h, f.c.head_spki));
    end(&f);
}

static void files(void **state) {
    (void)state;
    struct fixture f;
    struct str bytes, sealed;
    struct stat st;
    begin(&f, SUITE_INTL);
    static const char *const names[] = { "master.key", "keys.sealed", "ca.sealed", "signed.log" };
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(stat(in_dir(&f, names[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    /* the CA's key can leave the machine */
    assert_int_equal(os_unlink(in_dir(&f, "ca.sealed"), NULL), 0);
    reopen(&f, SUITE_INTL);
    keys_close(f.k);
    f.k = NULL;
    const char *path = in_dir(&f, "keys.sealed");
    assert_int_equal(os_read_file(&f.a, path, 65536, &sealed, NULL), 0);
    char *bad = arena_alloc(&f.a, sealed.len);
    for (size_t i = 0; i < sealed.len; i += 37) {
        memcpy(bad, sealed.ptr, sealed.len);
        bad[i] = (char)(uint8_t)((uint8_t)bad[i] ^ 0x10u);
        assert_int_equal(os_write_file(path, str_make(bad, sealed.len), NULL), 0);
        assert_int_equal(keys_open(f.dir, SUITE_INTL, &f.k, &f.e), ERR_DAMAGED);
    }
    assert_int_equal(os_unlink(path, NULL), 0); /* gone: not made anew */
    assert_int_equal(keys_open(f.dir, SUITE_INTL, &f.k, &f.e), ERR_DAMAGED);
    assert_int_equal(os_kind(path), OS_NONE);
    assert_int_equal(os_write_file(path, sealed, NULL), 0);
    assert_int_equal(os_read_file(&f.a, in_dir(&f, "master.key"), 65, &bytes, NULL), 0);
    assert_int_equal(os_unlink(in_dir(&f, "master.key"), NULL), 0);
    assert_int_equal(keys_open(f.dir, SUITE_INTL, &f.k, &f.e), ERR_DAMAGED);
    assert_int_equal(os_write_file(in_dir(&f, "master.key"), S("short"), NULL), 0);
    assert_int_equal(keys_open(f.dir, SUITE_INTL, &f.k, &f.e), ERR_DAMAGED);
    assert_int_equal(os_write_file(in_dir(&f, "master.key"), bytes, NULL), 0);
    f.k = NULL;
    reopen(&f, SUITE_INTL);
    end(&f);
}

/* Each single fault of the first start: it fails or is whole, and the next start succeeds. */
static void first_start_broken_off(void **state) {
    (void)state;
    static const enum os_call calls[] = { OS_OPEN, OS_WRITE, OS_FSYNC, OS_RENAME };
    for (size_t c = 0; c < 4; c++) {
        bool failed = true;
        for (unsigned n = 1; failed && n < 40; n++) {
            struct fixture f;
            memset(&f, 0, sizeof f);
            arena_init(&f.a, "keys test", 16 << 20);
            (void)snprintf(f.dir, sizeof f.dir, "/tmp/tongban-keys-XXXXXX");
            assert_non_null(mkdtemp(f.dir));
            os_fault(calls[c], n, EIO, true);
            failed = keys_open(f.dir, SUITE_INTL, &f.k, &f.e) != 0;
            os_fault(calls[c], 0, 0, false);
            if (failed) f.k = NULL;
            reopen(&f, SUITE_INTL);
            assert_int_equal(ask_head(&f, 1, 1, 1), 0);
            end(&f);
        }
        assert_false(failed); /* the loop went past the last call */
    }
}

static void log_tampering(void **state) {
    (void)state;
    struct fixture f;
    struct str log, out;
    struct digest d = { { 7 } };
    begin(&f, SUITE_GM);
    assert_int_equal(ask_head(&f, 1, 10, 1), 0);
    assert_int_equal(keys_client_sign_paper(&f.c, &f.a, S("t-1"), 42, S("licence"), &d, os_now_ms(), &out, &f.e), 0);
    assert_int_equal(ask_head(&f, 1, 20, 1), 0);
    keys_close(f.k);
    f.k = NULL;
    const char *path = in_dir(&f, "signed.log");
    assert_int_equal(os_read_file(&f.a, path, 65536, &log, NULL), 0);
    assert_true(str_starts(log, S("head 1 10 ")) && str_find(log, S("\npaper 42 licence 07"), 0) != SIZE_MAX);
    char *bad = arena_alloc(&f.a, log.len);
    for (size_t i = 0; i + 1 < log.len; i += 3) {
        memcpy(bad, log.ptr, log.len);
        bad[i] = (char)(uint8_t)((uint8_t)bad[i] ^ 1u);
        assert_int_equal(os_write_file(path, str_make(bad, log.len), NULL), 0);
        assert_int_equal(keys_open(f.dir, SUITE_GM, &f.k, &f.e), ERR_DAMAGED);
    }
    /* a line out of the middle, and lines in another order */
    size_t one = str_find_char(log, '\n', 0) + 1, two = str_find_char(log, '\n', one) + 1;
    struct str a = str_sub(log, 0, one), b = str_sub(log, one, two - one), c = str_sub(log, two, SIZE_MAX);
    assert_int_equal(os_write_file(path, ARENA_CAT(&f.a, a, c), NULL), 0);
    assert_int_equal(keys_open(f.dir, SUITE_GM, &f.k, &f.e), ERR_DAMAGED);
    assert_int_equal(os_write_file(path, ARENA_CAT(&f.a, a, c, b), NULL), 0);
    assert_int_equal(keys_open(f.dir, SUITE_GM, &f.k, &f.e), ERR_DAMAGED);
    /* a crash within the last append: the line is dropped, what was before it holds */
    for (size_t n = two; n < log.len; n += 11) {
        assert_int_equal(os_write_file(path, str_sub(log, 0, n), NULL), 0);
        f.k = NULL;
        reopen(&f, SUITE_GM);
        assert_int_equal(ask_head(&f, 1, 9, 1), ERR_CONFLICT);
        assert_int_equal(ask_head(&f, 1, 10, 1), 0);
        reopen(&f, SUITE_GM);
        keys_close(f.k);
    }
    f.k = NULL;
    end(&f);
}

/* A disk that fails: no signature leaves, also not after the disk is well again, until a new start has read what
 * is there. */
static void log_faults(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, SUITE_INTL);
    assert_int_equal(ask_head(&f, 1, 10, 1), 0);
    os_fault(OS_FSYNC, 1, EIO, false);
    assert_int_equal(ask_head(&f, 1, 11, 1), ERR_IO);
    assert_int_equal(ask_head(&f, 1, 12, 1), ERR_IO);
    reopen(&f, SUITE_INTL);
    assert_int_equal(ask_head(&f, 1, 9, 1), ERR_CONFLICT);
    assert_int_equal(ask_head(&f, 1, 12, 1), 0);
    end(&f);
}

static void log_turns_over(void **state) {
    (void)state;
    struct fixture f;
    static struct keys_log l;
    uint8_t key[KEY_BYTES] = { 5 };
    struct digest root = { { 1 } };
    struct str text;
    begin(&f, SUITE_INTL);
    const char *path = in_dir(&f, "own.log");
    assert_int_equal(keys_log_open(&l, path, SUITE_INTL, key, &f.e), 0);
    assert_int_equal(keys_log_head(&l, 1, 5, &root, 1, &f.e), 0);
    assert_int_equal(keys_log_head(&l, 2, 6, &root, 1, &f.e), 0);
    l.bytes = KEYS_LOG_BYTES_MAX + 1; /* as if it had grown */
    assert_int_equal(keys_log_head(&l, 1, 7, &root, 1, &f.e), 0);
    assert_true(l.bytes < 1000);
    assert_int_equal(os_kind(in_dir(&f, "own.log.1")), OS_FILE);
    assert_int_equal(os_read_file(&f.a, path, 65536, &text, NULL), 0);
    assert_true(str_starts(text, S("head 1 5 ")));
    assert_int_equal(keys_log_open(&l, path, SUITE_INTL, key, &f.e), 0);
    assert_int_equal(keys_log_check_head(&l, 1, 6, &root, &f.e), ERR_CONFLICT);
    assert_int_equal(keys_log_check_head(&l, 2, 5, &root, &f.e), ERR_CONFLICT);
    assert_int_equal(keys_log_check_head(&l, 1, 7, &root, &f.e), 0);
    end(&f);
}

/* In the fences of the role's row everything still works: OpenSSL, the log, its turning over. */
static int fenced(struct fixture *f) {
    struct sandbox box = { .may = SANDBOX_FILES | SANDBOX_WRITE | SANDBOX_SECRET };
    struct sandbox_path path = { .path = f->dir, .write = true };
    struct digest d = { { 7 } };
    struct str out;
    unsigned held = 0;
    if (sandbox_enter(&box, &path, 1, &held, &f->e)) return 2;
    struct audit_head h = head(f, 1, 5, 1);
    struct audit_growth g = growth(f, 1, 5, 1);
    if (keys_client_sign_head(&f->c, &f->a, &h, &g, &f->e)) return 3;
    if (keys_client_sign_paper(&f->c, &f->a, S("t-1"), 42, S("licence"), &d, os_now_ms(), &out, &f->e)) return 4;
    if (keys_client_sign_token(&f->c, &f->a, S("x"), &out, &f->e)) return 5;
    h = head(f, 1, 4, 1);
    return keys_client_sign_head(&f->c, &f->a, &h, &g, &f->e) == ERR_CONFLICT ? 0 : 6;
}

static void in_the_sandbox(void **state) {
    (void)state;
    struct fixture f;
    int status = 0;
    begin(&f, SUITE_GM);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(fenced(&f));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    reopen(&f, SUITE_GM); /* what the child remembered */
    assert_int_equal(ask_head(&f, 1, 4, 1), ERR_CONFLICT);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intl),
        cmocka_unit_test(gm),
        cmocka_unit_test(keyring_once),
        cmocka_unit_test(last_head), cmocka_unit_test(heads_only_grow), cmocka_unit_test(a_tampered_proof),
        cmocka_unit_test(refusals),
        cmocka_unit_test(files),
        cmocka_unit_test(first_start_broken_off),
        cmocka_unit_test(log_tampering),
        cmocka_unit_test(log_faults),
        cmocka_unit_test(log_turns_over),
        cmocka_unit_test(in_the_sandbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
