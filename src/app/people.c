/* people: who is there when an installation begins: the government's units, and the three administrators, who are three people. Invariant:
 * nobody gets a password that is known to anybody but who runs the command, and that one serves once (identity.h).
 */
#include "app/app.h"

#include "data/csv.h"
#include "engine/identity/identity.h"
#include "os/os.h"

enum { ADMINISTRATORS = 3, GROUPS = 4, GROUP = 4 };
static const struct str roles[ADMINISTRATORS] = { S_INIT("system-admin"), S_INIT("security-admin"), S_INIT("audit-admin") };

/* Four groups of four of 32 letters and digits that are not taken for one another: 80 bits. */
struct str app_password_draw(struct arena *a) {
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    _Static_assert(sizeof letters == 33, "5 bits a letter");
    uint8_t bytes[GROUPS * GROUP];
    struct buf b;
    os_random(bytes, sizeof bytes);
    buf_init(&b, a, 32, 32);
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i && i % GROUP == 0) buf_add_char(&b, '-');
        buf_add_char(&b, letters[bytes[i] & 31]);
    }
    explicit_bzero(bytes, sizeof bytes);
    return buf_str(&b);
}

int app_put_units(struct store_tx *tx, struct app *app, const struct val *rows, struct err *e) {
    const struct realm *r = &app->realm;
    int rc = 0;
    for (size_t i = 0; !rc && i < val_count(rows); i++) {
        const struct val *v = val_item(rows, i);
        int64_t id;
        if (identity_unit_by_code_find(tx, r, val_get_str(v, S("code")), &id, NULL) == 0) continue;
        rc = identity_unit_put(tx, r, &app->worker, val_get_str(v, S("code")), val_get_str(v, S("title")), val_get_str(v, S("parent")),
                               realm_division(val_get_str(v, S("division"))), &id, e);
    }
    return rc;
}

/* ---- the three ---- */

struct beginning {
    struct app *app;
    const struct val *units, *people; /* units: NULL: one, for the administrators */
    struct str password[ADMINISTRATORS], hash[ADMINISTRATORS];
};

static int fault(struct err *e, size_t row, const char *text) {
    return err_line(e, ERR_INPUT, S("--administrators"), (uint32_t)row + 2, "%s", text);
}

static int check_people(const struct val *people, struct err *e) {
    unsigned seen = 0;
    for (size_t i = 0; i < val_count(people); i++) {
        const struct val *v = val_item(people, i);
        struct str login = val_get_str(v, S("login")), role = val_get_str(v, S("role"));
        size_t k = 0;
        while (k < ADMINISTRATORS && !str_eq(roles[k], role)) k++;
        if (!identity_login_ok(login)) return fault(e, i, "a login is 3 to 32 of a-z, 0-9, dot, hyphen and underscore");
        if (!val_get_str(v, S("name")).len) return fault(e, i, "a name is missing");
        if (k == ADMINISTRATORS) return fault(e, i, "the role is one of system-admin, security-admin, audit-admin");
        if (seen & 1U << k) return fault(e, i, "each of the three roles is given once");
        seen |= 1U << k;
        for (size_t j = 0; j < i; j++)
            if (str_eq(login, val_get_str(val_item(people, j), S("login")))) 
                return fault(e, i, "the three administrators are three people");
    }
    if (seen == (1U << ADMINISTRATORS) - 1) return 0;
    return fault(e, val_count(people), "all of system-admin, security-admin and audit-admin are needed");
}

static int put_people(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct beginning *x = job->arg;
    const struct realm *r = &x->app->realm;
    int64_t own = 0, unit, id;
    int rc = x->units ? app_put_units(tx, x->app, x->units, e)
                      : identity_unit_put(tx, r, &x->app->worker, S("administration"), S("系统管理机构"), S(""), 0, &own, e);
    for (size_t i = 0; !rc && i < val_count(x->people); i++) {
        const struct val *v = val_item(x->people, i);
        unit = own;
        if (!own) rc = identity_unit_by_code_find(tx, r, val_get_str(v, S("unit")), &unit, NULL);
        if (rc) return fault(e, i, "with --units, the column unit names one of its codes");
        rc = identity_account_create(tx, r, &x->app->worker, val_get_str(v, S("login")), val_get_str(v, S("name")), x->hash[i],
                                     0, false, &id, e);
        if (!rc) rc = identity_post_grant(tx, r, &x->app->worker, id, val_get_str(v, S("role")), unit, e);
    }
    return rc;
}

int app_begin_people(struct app *app, struct arena *a, struct str administrators, struct str units, struct buf *out, struct err *e) {
    struct beginning x = { .app = app };
    struct val *people, *rows = NULL;
    struct arena work;
    int rc = csv_table(a, administrators, &people, e);
    if (!rc) rc = check_people(people, e);
    if (!rc && units.len) rc = csv_table(a, units, &rows, e);
    if (rc) return rc;
    x.people = people;
    x.units = rows;
    for (size_t i = 0; !rc && i < ADMINISTRATORS; i++) {
        x.password[i] = app_password_draw(a);
        rc = password_hash(a, x.password[i], &x.hash[i], e);
    }
    arena_init(&work, "people", 16 * 1024 * 1024);
    if (!rc) rc = app_job(app, STORE_INTERACTIVE, &work, put_people, &x, e);
    arena_done(&work);
    for (size_t i = 0; !rc && i < ADMINISTRATORS; i++) {
        const struct val *v = val_item(people, i);
        buf_add_fmt(out, "  %-16.*s %-16.*s %.*s\n", STR_ARG(val_get_str(v, S("login"))), STR_ARG(val_get_str(v, S("role"))),
                    STR_ARG(x.password[i]));
    }
    return rc;
}

/* ---- one who is locked out ---- */

struct resetting {
    struct app *app;
    const struct actor *who;
    struct str login, hash;
};

static int reset_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct resetting *x = job->arg;
    int64_t account = 0;
    int rc = identity_account_by_login(tx, &x->app->realm, x->login, &account, e);
    return rc ? rc : identity_password_reset(tx, &x->app->realm, x->who, account, x->hash, e);
}

int app_reset_password(struct app *app, const struct actor *who, struct arena *a, struct str login, struct str *ret, struct err *e) {
    struct resetting x = { .app = app, .who = who, .login = login };
    struct str password = app_password_draw(a);
    struct arena work;
    int rc = password_hash(a, password, &x.hash, e);
    arena_init(&work, "password", 1024 * 1024);
    if (!rc) rc = app_act(app, who, &work, reset_body, &x, e);
    arena_done(&work);
    if (!rc) *ret = password;
    return rc;
}
