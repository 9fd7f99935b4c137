/* release: what a folder may hold, what the digest covers, bytes that come back as they went in, and that a case
 * keeps the release it was opened under; the stored half on both stores, in a city. */
#include "release/release.h"

#include "app/city_fixture.h"
#include "engine/form/form.h"
#include "engine/item/item.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HOUSE "systems/approval/residence-proof"
#define OLD_TITLE "核对您的登记信息"
#define NEW_TITLE "核对您的全部信息"

/* ---- folders ---- */

/* A fresh folder "t" with a small system below the city's own directory; *ret_file names `path` in it. */
static const char *folder(struct arena *a, const struct city *c) {
    const char *dir = arena_fmt(a, "%s/t", store_fixture_dir(c->fixture)).ptr;
    assert_non_null(dir);
    if (os_kind(dir) != OS_NONE) assert_int_equal(os_remove_tree(dir, NULL), 0);
    assert_int_equal(os_mkdir(arena_fmt(a, "%s/codes", dir).ptr, NULL), 0);
    assert_int_equal(os_write_file(arena_fmt(a, "%s/system.yaml", dir).ptr, S("id: t/t\nversion: 1\n"), NULL), 0);
    assert_int_equal(os_write_file(arena_fmt(a, "%s/codes/c.csv", dir).ptr, S("code,title,parent,from,to\n"), NULL),
                     0);
    return dir;
}

static void refuses(struct arena *a, const char *dir, const char *path) {
    struct release_files f;
    struct err e = { 0 };
    int rc = release_read_dir(a, dir, &f, &e);
    if (rc != ERR_SYSTEM) print_error("%s: %s\n", path, err_name(rc));
    assert_int_equal(rc, ERR_SYSTEM);
    assert_string_equal(e.field, path);
}

static void test_folders_hold_only_what_is_known(void **state) {
    CITY(c);
    static const char *const stray[] = { "run.sh",       "codes/c.yaml", "forms/a.csv",    "plugins/x.yaml",
                                         "codes/c.csv~", ".hidden",      "access.yaml.bak" };
    struct arena a;
    struct release_files f;
    arena_init(&a, "test", 1 << 26);
    assert_int_equal(release_read_dir(&a, folder(&a, c), &f, NULL), 0);
    assert_int_equal(f.n, 2);
    assert_true(str_eq(f.file[0].path, S("codes/c.csv")) && str_eq(f.file[1].path, S("system.yaml"))); /* sorted */
    for (size_t i = 0; i < sizeof stray / sizeof *stray; i++) {
        const char *dir = folder(&a, c), *full = arena_fmt(&a, "%s/%s", dir, stray[i]).ptr;
        size_t slash = str_find_char(str_of(stray[i]), '/', 0);
        if (slash != SIZE_MAX)
            assert_int_equal(os_mkdir(arena_fmt(&a, "%s/%.*s", dir, (int)slash, stray[i]).ptr, NULL), 0);
        assert_int_equal(os_write_file(full, S("x"), NULL), 0);
        refuses(&a, dir, stray[i]);
    }
    const char *dir = folder(&a, c);
    assert_int_equal(os_mkdir(arena_fmt(&a, "%s/codes/deep", dir).ptr, NULL), 0);
    refuses(&a, dir, "codes/deep");
    dir = folder(&a, c);
    assert_int_equal(symlink("system.yaml", arena_fmt(&a, "%s/access.yaml", dir).ptr), 0);
    refuses(&a, dir, "access.yaml");
    dir = folder(&a, c);
    assert_int_equal(symlink("c.csv", arena_fmt(&a, "%s/codes/d.csv", dir).ptr), 0);
    refuses(&a, dir, "codes/d.csv");
    dir = folder(&a, c);
    assert_int_equal(symlink("codes", arena_fmt(&a, "%s/forms", dir).ptr), 0);
    refuses(&a, dir, "forms");
    assert_int_not_equal(release_read_dir(&a, arena_fmt(&a, "%s/none", dir).ptr, &f, NULL), 0);
    arena_done(&a);
}

static bool same_digest(const struct release_files *f, const struct release_files *g) {
    struct digest d, h;
    release_digest(f, &d);
    release_digest(g, &h);
    return memcmp(d.v, h.v, DIGEST_BYTES) == 0;
}

static void test_digest_sees_a_moved_byte(void **state) {
    (void)state;
    struct release_file base[] = { { S("codes/a.csv"), S("one") }, { S("system.yaml"), S("two") } };
    struct release_file same[] = { { S("codes/a.csv"), S("one") }, { S("system.yaml"), S("two") } };
    const struct release_files f = { base, 2 }, g = { same, 2 };
    assert_true(same_digest(&f, &g));
    struct release_file moved[][2] = {
        { { S("codes/a.csv"), S("onet") }, { S("system.yaml"), S("wo") } },  /* over the border of two files */
        { { S("codes/a.csvo"), S("ne") }, { S("system.yaml"), S("two") } },  /* from the bytes into the path */
        { { S("codes/a.csv"), S("eno") }, { S("system.yaml"), S("two") } },
        { { S("codes/b.csv"), S("one") }, { S("system.yaml"), S("two") } },
        { { S("codes/a.csv"), S("one ") }, { S("system.yaml"), S("two") } },
        { { S("system.yaml"), S("two") }, { S("codes/a.csv"), S("one") } },
    };
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
        const struct release_files h = { moved[i], 2 };
        assert_false(same_digest(&f, &h));
    }
    const struct release_files fewer = { base, 1 };
    assert_false(same_digest(&f, &fewer));
}

/* ---- stored ---- */
struct work {
    const struct city *city;
    const struct actor *who;
    struct release_files files, got;
    const struct system *sys;
    const struct val *list;
    int64_t id, active, case_id;
    struct item_case rec;
    struct str system, word;
    int64_t found;
};

static int load_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return release_load(tx, &w->city->app->realm, w->who, &w->files, &w->id, e);
}
static int activate_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return release_activate(tx, &w->city->app->realm, w->who, w->sys, e);
}
static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *list;
    int rc = release_list(tx, &w->city->app->realm, &list, e);
    w->list = list;
    if (!rc) rc = release_active_id(tx, job->home, S("approval/residence-proof"), &w->active, e);
    return rc;
}
static int files_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return release_files_get(tx, job->home, w->id, &w->got, e);
}
static int case_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_case_get(tx, &w->city->app->realm, NULL, w->case_id, &w->rec, e);
}

static int find_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return release_by_word(tx, job->home, w->system, w->word, &w->found, e);
}

static struct str digest_of(const struct work *w, int64_t id) {
    for (size_t i = 0; i < val_count(w->list); i++)
        if (val_get_i64(val_item(w->list, i), S("id"), 0) == id) return val_get_str(val_item(w->list, i), S("digest"));
    return S("none");
}
static struct str state_of(const struct work *w, int64_t id) {
    for (size_t i = 0; i < val_count(w->list); i++)
        if (val_get_i64(val_item(w->list, i), S("id"), 0) == id) return val_get_str(val_item(w->list, i), S("state"));
    return S("none");
}
static void look(struct work *w) {
    assert_int_equal(city_fixture_read(w->city, look_body, w, NULL), 0);
}
static struct release_file *file_of(struct release_files *f, const char *path) {
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->file[i].path, str_of(path))) return &f->file[i];
    return NULL;
}
/* The file with every `from` replaced; there must be one. */
static void change(struct arena *a, struct release_files *f, const char *path, const char *from, const char *to) {
    struct release_file *x = file_of(f, path);
    assert_non_null(x);
    if (!x) return;
    size_t at = str_find(x->bytes, str_of(from), 0), len = strlen(from);
    assert_true(at != SIZE_MAX);
    x->bytes = ARENA_CAT(a, str_sub(x->bytes, 0, at), str_of(to), str_sub(x->bytes, at + len, x->bytes.len));
}
static void same_files(const struct release_files *f, const struct release_files *g) {
    assert_int_equal(f->n, g->n);
    for (size_t i = 0; i < f->n; i++) {
        assert_true(str_eq(f->file[i].path, g->file[i].path));
        assert_true(str_eq(f->file[i].bytes, g->file[i].bytes));
    }
}

static void test_a_folder_comes_back_byte_for_byte(void **state) {
    CITY(c);
    struct arena a;
    struct release_files back;
    struct err e = { 0 };
    arena_init(&a, "test", 1 << 26);
    struct work w = { .city = c, .who = &c->app->worker };
    assert_int_equal(release_read_dir(&a, HOUSE, &w.files, NULL), 0);
    look(&w);
    assert_int_equal(city_fixture_run(c, load_body, &w, NULL), 0);
    assert_int_equal(w.id, w.active); /* the same folder is the same release */
    int64_t first = w.id;
    assert_int_equal(city_fixture_run(c, load_body, &w, NULL), 0);
    assert_int_equal(w.id, first);
    assert_int_equal(city_fixture_read(c, files_body, &w, NULL), 0);
    same_files(&w.files, &w.got);
    const char *out = arena_fmt(&a, "%s/export", store_fixture_dir(c->fixture)).ptr;
    assert_int_equal(release_write_dir(&w.got, out, &e), 0);
    assert_int_equal(release_read_dir(&a, out, &back, NULL), 0);
    same_files(&w.files, &back);
    assert_int_equal(release_write_dir(&w.got, out, &e), ERR_STATE); /* never over what is there */
    w.id = 4711;
    assert_int_equal(city_fixture_read(c, files_body, &w, NULL), ERR_NOT_FOUND);
    arena_done(&a);
}

static void first_title(struct work *w, const char *title) {
    assert_int_equal(city_fixture_read(w->city, case_body, w, NULL), 0);
    const struct form *f = system_find(w->rec.system, SYSTEM_FORM, S("apply"));
    assert_non_null(f);
    if (!str_eq(f->page[0].title, str_of(title))) print_error("%.*s\n", STR_ARG(f->page[0].title));
    assert_true(str_eq(f->page[0].title, str_of(title)));
}

static void play(const struct city *c, const char *steps, int64_t *case_id) {
    struct err e = { 0 };
    int rc = city_fixture_play(c, steps, case_id, &e);
    if (rc) print_error("%s %s %s\n", err_name(rc), e.field, e.detail);
    assert_int_equal(rc, 0);
}

/* A bad release is taken back: the retired one is activated again, by whom the act is granted to, found by its version or digest. */
static void take_back(struct work *w, int64_t before, const struct actor *citizen) {
    const struct city *c = w->city;
    struct err e = { 0 };
    w->sys = releases_get(c->app->releases, before, NULL);
    assert_non_null(w->sys);
    w->system = w->sys->id;
    w->word = w->sys->version;
    assert_int_equal(city_fixture_read(c, find_body, w, &e), ERR_STATE); /* both have the same version: it must be the digest */
    w->word = S("no-such");
    assert_int_equal(city_fixture_read(c, find_body, w, &e), ERR_NOT_FOUND);
    w->word = digest_of(w, before);
    assert_int_equal(city_fixture_read(c, find_body, w, &e), 0);
    assert_int_equal(w->found, before);
    w->word = str_sub(w->word, 0, 7); /* too short to be meant */
    assert_int_equal(city_fixture_read(c, find_body, w, &e), ERR_NOT_FOUND);
    const struct actor *worker = w->who;
    w->who = citizen;
    assert_int_equal(city_fixture_run(c, activate_body, w, &e), ERR_FORBIDDEN);
    w->who = worker;
    assert_int_equal(city_fixture_run(c, activate_body, w, &e), 0);
    assert_int_equal(app_refresh(c->app, NULL), 0);
    look(w);
    assert_int_equal(w->active, before);
    assert_true(str_eq(state_of(w, before), S("active")) && str_eq(state_of(w, w->id), S("retired")));
}

static void test_a_case_keeps_its_release(void **state) {
    CITY(c);
    static const char apply[] = "  - {who: citizen, do: apply, item: residence-proof}\n"
                                "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"
                                "  - {who: citizen, do: submit, expect: {state: accepted}}\n";
    struct arena a;
    struct actor citizen;
    arena_init(&a, "test", 1 << 26);
    struct work w = { .city = c, .who = &c->app->worker };
    int64_t old_case = 0, new_case = 0;
    play(c, apply, &old_case);
    w.case_id = old_case;
    first_title(&w, OLD_TITLE);
    look(&w);
    int64_t before = w.active;
    assert_int_equal(release_read_dir(&a, HOUSE, &w.files, NULL), 0);
    change(&a, &w.files, "forms/apply.yaml", OLD_TITLE, NEW_TITLE);
    city_fixture_actor(c, "citizen", &citizen);
    w.who = &citizen;
    assert_int_equal(city_fixture_run(c, load_body, &w, NULL), ERR_FORBIDDEN);
    w.who = &c->app->worker;
    assert_int_equal(city_fixture_run(c, load_body, &w, NULL), 0);
    assert_int_not_equal(w.id, before);
    look(&w);
    assert_int_equal(w.active, before); /* a draft changes nothing */
    assert_true(str_eq(state_of(&w, w.id), S("draft")) && str_eq(state_of(&w, before), S("active")));
    w.sys = releases_get(c->app->releases, w.id, NULL);
    assert_non_null(w.sys);
    w.who = &citizen;
    assert_int_equal(city_fixture_run(c, activate_body, &w, NULL), ERR_FORBIDDEN);
    w.who = &c->app->worker;
    assert_int_equal(city_fixture_run(c, activate_body, &w, NULL), 0);
    assert_int_equal(app_refresh(c->app, NULL), 0);
    look(&w);
    assert_int_equal(w.active, w.id);
    assert_true(str_eq(state_of(&w, w.id), S("active")) && str_eq(state_of(&w, before), S("retired")));
    first_title(&w, OLD_TITLE);
    assert_int_equal(w.rec.system->release, before);
    play(c, apply, &new_case);
    w.case_id = new_case;
    first_title(&w, NEW_TITLE);
    assert_int_equal(w.rec.system->release, w.id);
    /* and it is decided under the release that it began with */
    play(c, "  - {who: police-officer, do: decide, task: confirm, move: approve}\n"
            "  - {do: set-papers, expect: {state: ended, result: granted, papers: 1}}\n", &old_case);
    w.case_id = old_case;
    first_title(&w, OLD_TITLE);
    take_back(&w, before, &citizen);
    /* New cases are opened under what was before, the one opened under the bad release keeps that. */
    int64_t third_case = 0;
    w.case_id = new_case;
    first_title(&w, NEW_TITLE);
    play(c, apply, &third_case);
    w.case_id = third_case;
    first_title(&w, OLD_TITLE);
    assert_int_equal(w.rec.system->release, before);
    arena_done(&a);
}

static bool found(const struct release_findings *f, const char *file, const char *text) {
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->list[i].file, str_of(file)) && str_find(f->list[i].text, str_of(text), 0) != SIZE_MAX)
            return f->list[i].line > 0;
    return false;
}

static void test_check_finds_a_missing_translation(void **state) {
    CITY(c);
    struct arena a;
    struct release_files f;
    arena_init(&a, "test", 1 << 27);
    const struct system *needs[] = { realm_system(&c->app->realm, S("common")),
                                     realm_system(&c->app->realm, S("registry/population")) };
    for (int changed = 0; changed < 2; changed++) {
        struct release_findings findings = { .arena = &a };
        assert_int_equal(release_read_dir(&a, HOUSE, &f, NULL), 0);
        if (changed) change(&a, &f, "forms/apply.yaml", OLD_TITLE, NEW_TITLE);
        const struct system *m = release_compile(&a, &f, 99, needs, 2, &findings);
        assert_non_null(m);
        release_check(m, &f, &findings);
        for (size_t i = 0; i < findings.n && !changed; i++)
            print_error("%.*s:%u %.*s\n", STR_ARG(findings.list[i].file), findings.list[i].line,
                        STR_ARG(findings.list[i].text));
        assert_int_equal(findings.n, changed);
        assert_int_equal(found(&findings, "forms/apply.yaml", NEW_TITLE), changed);
    }
    /* What does not compile is no system; each fault is named. */
    struct release_findings findings = { .arena = &a };
    change(&a, &f, "forms/apply.yaml", "kind: choice", "kind: chioce");
    change(&a, &f, "system.yaml", "template: true", "tempalte: true");
    assert_null(release_compile(&a, &f, 99, needs, 2, &findings));
    assert_true(found(&findings, "forms/apply.yaml", "chioce") && found(&findings, "system.yaml", "tempalte"));
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folders_hold_only_what_is_known),
        cmocka_unit_test(test_digest_sees_a_moved_byte),
        cmocka_unit_test(test_a_folder_comes_back_byte_for_byte),
        cmocka_unit_test(test_check_finds_a_missing_translation),
        cmocka_unit_test(test_a_case_keeps_its_release),
    };
    return CITY_FIXTURE_RUN("release", tests);
}
