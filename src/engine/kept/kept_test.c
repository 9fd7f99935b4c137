/* kept: what came after the session ended: given back to that person in that browser on that page, and to nobody else; on both stores. */
#include "engine/kept/kept.h"

#include "app/city_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };

struct keeping {
    const struct realm *r;
    struct actor nobody, citizen, other;
    uint8_t session[IDENTITY_TOKEN_BYTES], token[KEPT_TOKEN_BYTES];
    struct kept_form form, got;
    const struct actor *who;
    const char *path;
    int64_t session_id;
    struct arena a;
    bool close;
};

static int sign_in(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct keeping *k = job->arg;
    struct identity_login login = { .account = k->citizen.account, .verified = true };
    int rc = identity_login_finish(tx, k->r, &k->nobody, &login, k->session, &k->session_id, e);
    if (!rc && k->close) {
        k->citizen.session = k->session_id;
        rc = identity_session_close(tx, k->r, &k->citizen, e);
    }
    return rc;
}

static int keep(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct keeping *k = job->arg;
    return kept_put(tx, k->r, &k->nobody, k->session, k->token, &k->form, e);
}

static int find(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct keeping *k = job->arg;
    return kept_find(tx, k->r, k->who, k->token, str_of(k->path), &k->a, &k->got, e);
}

static int drop(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct keeping *k = job->arg;
    return kept_drop(tx, k->r, k->token, e);
}

static void begin(const struct city *c, struct keeping *k, uint8_t mark) {
    *k = (struct keeping){ .r = &c->app->realm };
    arena_init(&k->a, "kept", 4 * 1024 * 1024);
    memset(k->session, mark, sizeof k->session);
    memset(k->token, mark + 1, sizeof k->token);
    city_fixture_actor(c, "citizen", &k->citizen);
    city_fixture_actor(c, "company", &k->other);
    k->nobody = (struct actor){ .request_id = S("r"), .peer = S("-"), .lang = S("zh") };
    struct val *fields = val_map(&k->a);
    val_put_str(&k->a, fields, S("address"), S("示例路 8 号"));
    val_put_str(&k->a, fields, S("new_password"), S("secret"));
    k->form = (struct kept_form){ .path = S("/zh/case/7/fill/premises"), .fields = fields, .files = true };
    k->who = &k->citizen;
    k->path = "/zh/case/7/fill/premises";
    os_clock_advance(1000);
}

static int code(const struct city *c, store_body *body, struct keeping *k) {
    return city_fixture_run(c, body, k, NULL);
}

static void test_same_person_same_page(void **state) {
    CITY(c);
    struct keeping k;
    begin(c, &k, 10);
    assert_int_equal(code(c, sign_in, &k), 0);
    os_clock_advance(IDENTITY_IDLE_MS + 1);
    assert_int_equal(code(c, keep, &k), 0);
    assert_int_equal(code(c, find, &k), 0);
    assert_true(str_eq(val_get_str(k.got.fields, S("address")), S("示例路 8 号")));
    assert_null(val_get(k.got.fields, S("new_password")));
    assert_true(k.got.files);
    k.path = "/zh/case/8/fill/premises";
    assert_int_equal(code(c, find, &k), ERR_NOT_FOUND);
    k.path = "/zh/case/7/fill/premises";
    k.token[0] ^= 1; /* another browser */
    assert_int_equal(code(c, find, &k), ERR_NOT_FOUND);
    k.token[0] ^= 1;
    k.who = &k.other;
    assert_int_equal(code(c, find, &k), ERR_NOT_FOUND);
    k.who = &k.nobody;
    assert_int_equal(code(c, find, &k), ERR_NOT_FOUND);
    k.who = &k.citizen;
    assert_int_equal(code(c, find, &k), 0);
    assert_int_equal(code(c, drop, &k), 0);
    assert_int_equal(code(c, find, &k), ERR_NOT_FOUND);
    arena_done(&k.a);
}

static void test_half_an_hour(void **state) {
    CITY(c);
    struct keeping k;
    begin(c, &k, 20);
    assert_int_equal(code(c, sign_in, &k), 0);
    os_clock_advance(IDENTITY_IDLE_MS + 1);
    assert_int_equal(code(c, keep, &k), 0);
    os_clock_advance(KEPT_MS - 1000);
    assert_int_equal(code(c, find, &k), 0);
    os_clock_advance(1000);
    assert_int_equal(code(c, find, &k), ERR_NOT_FOUND);
    arena_done(&k.a);
}

static void test_whose_it_is_must_be_known(void **state) {
    CITY(c);
    struct keeping k;
    begin(c, &k, 30);
    assert_int_equal(code(c, keep, &k), ERR_LOGIN); /* a token that never was */
    k.close = true;
    assert_int_equal(code(c, sign_in, &k), 0);
    assert_int_equal(code(c, keep, &k), ERR_LOGIN); /* who signed out left */
    assert_int_equal(code(c, find, &k), ERR_NOT_FOUND);
    arena_done(&k.a);
}

static void test_size(void **state) {
    CITY(c);
    struct keeping k;
    struct buf b;
    begin(c, &k, 40);
    assert_int_equal(code(c, sign_in, &k), 0);
    buf_init(&b, &k.a, KEPT_BYTES_MAX + 16, KEPT_BYTES_MAX + 16);
    for (int i = 0; i < KEPT_BYTES_MAX; i++) buf_add_char(&b, 'x');
    val_put_str(&k.a, (struct val *)k.form.fields, S("long"), buf_str(&b));
    assert_int_equal(code(c, keep, &k), ERR_LIMIT);
    assert_int_equal(code(c, find, &k), ERR_NOT_FOUND);
    arena_done(&k.a);
}

/* The table alone gives nothing away. */
static int look_into(struct store_tx *tx, struct store_job *job, struct err *e) {
    STORE_STMT(kept_test_bodies, STORE_READS, "SELECT body FROM kept_form WHERE home = ?");
    struct keeping *k = job->arg;
    struct store_rows *rows;
    int rc = store_query(tx, &kept_test_bodies, &rows, e, SV_I(k->r->home.v));
    if (rc) return rc;
    size_t n = 0;
    while (store_next(rows)) {
        n++;
        if (str_find(store_bytes(rows, 0), S("示例路"), 0) != SIZE_MAX)
            return err_set(e, ERR_DAMAGED, "in clear");
    }
    rc = store_end(rows, e);
    return rc ? rc : n ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

static void test_sealed_and_purged(void **state) {
    CITY(c);
    struct keeping k;
    begin(c, &k, 50);
    assert_int_equal(code(c, sign_in, &k), 0);
    assert_int_equal(code(c, keep, &k), 0);
    assert_int_equal(code(c, look_into, &k), 0);
    assert_int_equal(code(c, drop, &k), 0);
    os_clock_advance(DAY_MS);
    begin(c, &k, 60);
    assert_int_equal(code(c, sign_in, &k), 0);
    assert_int_equal(code(c, keep, &k), 0); /* and with it all that was over */
    assert_int_equal(code(c, drop, &k), 0);
    assert_int_equal(code(c, look_into, &k), ERR_NOT_FOUND);
    arena_done(&k.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_person_same_page),     cmocka_unit_test(test_half_an_hour),
        cmocka_unit_test(test_whose_it_is_must_be_known), cmocka_unit_test(test_size),
        cmocka_unit_test(test_sealed_and_purged),
    };
    return CITY_FIXTURE_RUN("kept", tests);
}
