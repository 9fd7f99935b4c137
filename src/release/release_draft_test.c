/* Tests of release_draft on both stores: the whole walk to an active release, four eyes, nothing
 * lost between two who write, and a draft whose base was replaced. */
#include "release/release_draft.h"

#include "app/city_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define HOUSE S("approval/residence-proof")
#define ITEM S("items/residence-proof.yaml")

struct work {
    const struct city *city;
    struct actor who;
    int64_t id, version, due_ms, active;
    enum release_draft_move move;
    struct str reason;
    struct release_file file;
    struct release_draft draft;
    struct release_files files;
    struct val *steps;
};

static const struct realm *realm_of(const struct work *w) {
    return &w->city->app->realm;
}
static int begin(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return release_draft_begin(tx, realm_of(w), &w->who, HOUSE, &w->id, e);
}
static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    int rc = release_draft_find(tx, realm_of(w), w->id, &w->draft, e);
    if (!rc) rc = release_draft_files(tx, realm_of(w), &w->draft, &w->files, e);
    if (!rc) rc = release_draft_steps(tx, realm_of(w), w->id, &w->steps, e);
    if (!rc) rc = release_active_id(tx, job->home, HOUSE, &w->active, e);
    w->version = w->draft.version;
    return rc;
}
static int put(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    const struct release_files one = { &w->file, 1 };
    return release_draft_write(tx, realm_of(w), &w->who, w->id, w->version, &one, w->file.path, e);
}
static int move(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return release_draft_move(tx, realm_of(w), &w->who, w->id, w->version, w->move, w->reason.len ? w->reason : S("理由"), e);
}
static int publish(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return release_draft_release(tx, realm_of(w), &w->who, w->id, w->version, w->due_ms, e);
}
static int now(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    (void)e;
    w->due_ms = store_now_ms(tx);
    return 0;
}

static void as(struct work *w, const char *who) {
    city_fixture_actor(w->city, who, &w->who);
}
static void seen(struct work *w) {
    assert_int_equal(city_fixture_read(w->city, look, w, NULL), 0);
}
static int act(struct work *w, store_body *body) {
    struct err e = { 0 };
    return city_fixture_run(w->city, body, w, &e);
}
static struct str text_of(const struct work *w, struct str path) {
    for (size_t i = 0; i < w->files.n; i++)
        if (str_eq(w->files.file[i].path, path)) return w->files.file[i].bytes;
    return S("");
}
/* The item's file with its fee changed to `fee`. */
static void fee(struct work *w, struct arena *a, const char *to) {
    seen(w);
    struct str text = text_of(w, ITEM), was = S("fee: 不收费");
    size_t at = str_find(text, was, 0);
    assert_true(at != SIZE_MAX);
    w->file = (struct release_file){ ITEM, ARENA_CAT(a, str_sub(text, 0, at), str_of(to),
                                                     str_sub(text, at + was.len, text.len)) };
}
static void propose(struct work *w) {
    w->move = DRAFT_PROPOSE;
    seen(w);
    assert_int_equal(act(w, move), 0);
    seen(w);
    assert_true(str_eq(w->draft.state, S("proposed")));
}

static void test_from_draft_to_release(void **state) {
    CITY(c);
    struct arena a;
    struct work w = { .city = c };
    size_t n;
    arena_init(&a, "draft test", 1 << 26);
    as(&w, "citizen");
    assert_int_equal(act(&w, begin), ERR_FORBIDDEN);
    as(&w, "editor");
    assert_int_equal(act(&w, begin), 0);
    seen(&w);
    const int64_t before = w.active;
    assert_int_equal(w.draft.base, before);
    assert_true(str_find(text_of(&w, S("system.yaml")), S("version:"), 0) != SIZE_MAX);
    fee(&w, &a, "fee: 10元 # 改了");
    assert_int_equal(act(&w, put), 0);
    assert_int_equal(act(&w, put), ERR_CONFLICT); /* the version that it saw is over */
    seen(&w);
    assert_true(str_find(text_of(&w, ITEM), S("fee: 10元 # 改了"), 0) != SIZE_MAX);
    assert_int_equal(w.active, before);
    propose(&w);
    assert_int_equal(act(&w, put), ERR_STATE);
    assert_int_equal(act(&w, publish), ERR_FORBIDDEN); /* an editor approves nothing */
    as(&w, "system");
    w.move = DRAFT_RETURN;
    char reason[1500]; /* as long as the page takes one: it was cut within a character, and refused for that */
    for (size_t i = 0; i < sizeof reason; i++) reason[i] = "字"[i % 3];
    w.reason = str_make(reason, sizeof reason);
    assert_int_equal(act(&w, move), 0);
    seen(&w);
    assert_true(str_eq(val_get_str(val_item(w.steps, val_count(w.steps) - 1), S("detail")), w.reason));
    w.reason = S("");
    as(&w, "editor");
    propose(&w);
    as(&w, "system");
    assert_int_equal(city_fixture_read(c, now, &w, NULL), 0);
    w.due_ms += 3600 * 1000;
    assert_int_equal(act(&w, publish), 0);
    seen(&w);
    assert_true(str_eq(w.draft.state, S("released")) && w.draft.release);
    assert_int_equal(app_activate_drafts(c->app, &n, NULL), 0);
    assert_int_equal(n, 0); /* its hour has not come */
    os_clock_advance(2 * 3600 * 1000);
    assert_int_equal(app_activate_drafts(c->app, &n, NULL), 0);
    assert_int_equal(n, 1);
    seen(&w);
    assert_int_equal(w.active, w.draft.release);
    assert_true(w.active != before);
    assert_int_equal(realm_system(&c->app->realm, HOUSE)->release, w.active);
    static const char *const words[] = { "begin",   "write",   "propose", "return",
                                         "propose", "release", "activate" };
    assert_int_equal(val_count(w.steps), sizeof words / sizeof *words);
    for (size_t i = 0; i < val_count(w.steps); i++)
        assert_true(str_eq(val_get_str(val_item(w.steps, i), S("word")), str_of(words[i])));
    assert_int_equal(app_activate_drafts(c->app, &n, NULL), 0);
    assert_int_equal(n, 0);
    arena_done(&a);
}

/* Who holds both posts still needs another's eyes: it is the person who counts, not the role. */
static void test_four_eyes(void **state) {
    CITY(c);
    struct arena a;
    struct work w = { .city = c };
    arena_init(&a, "draft test", 1 << 26);
    city_fixture_change(c, "systems/common", "access.yaml",
                        "{role: item-editor, may: [draft.read, release.draft], scope: all}",
                        "{role: system-admin, may: [draft.read, release.draft], scope: all}");
    as(&w, "system");
    assert_int_equal(act(&w, begin), 0);
    propose(&w);
    assert_int_equal(act(&w, publish), ERR_FORBIDDEN);
    seen(&w);
    assert_true(str_eq(w.draft.state, S("proposed")));
    city_fixture_change(c, "systems/common", "access.yaml", "item-editor: {title: 事项编辑}",
                        "item-editor: {title: 事项编辑}"); /* as it was */
    arena_done(&a);
}

static void test_a_replaced_base(void **state) {
    CITY(c);
    struct work w = { .city = c }, x = { .city = c };
    size_t n;
    as(&w, "editor");
    as(&x, "editor");
    assert_int_equal(act(&w, begin), 0);
    assert_int_equal(act(&x, begin), 0);
    propose(&w);
    propose(&x);
    as(&w, "system");
    as(&x, "system");
    assert_int_equal(city_fixture_read(c, now, &w, NULL), 0);
    x.due_ms = w.due_ms;
    assert_int_equal(act(&x, publish), 0); /* both stand on the same base still */
    assert_int_equal(app_activate_drafts(c->app, &n, NULL), 0);
    assert_int_equal(n, 1);
    assert_int_equal(act(&w, publish), ERR_STATE);
    seen(&w);
    assert_true(str_eq(w.draft.state, S("proposed")));
    w.move = DRAFT_RETURN;
    assert_int_equal(act(&w, move), 0);
    as(&w, "editor");
    w.move = DRAFT_DROP;
    seen(&w);
    assert_int_equal(act(&w, move), 0);
    seen(&w);
    assert_int_equal(act(&w, move), ERR_STATE);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_from_draft_to_release),
                                        cmocka_unit_test(test_a_replaced_base),
                                        cmocka_unit_test(test_four_eyes) };
    return CITY_FIXTURE_RUN("release_draft", tests);
}
