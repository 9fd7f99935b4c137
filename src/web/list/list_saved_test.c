/* Lists under a name, over HTTP on both stores: saved from the list's own link, counted, opened first, shared with a unit, changed and
 * removed; columns left out; a form that is refused comes back with what was typed. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PROOF \
    "- {who: citizen, do: apply, item: residence-proof}\n" \
    "- {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n" \
    "- {who: citizen, do: submit}\n"

static void submit(struct site *s) {
    struct err e = { 0 };
    int64_t id = 0;
    if (city_fixture_play(s->city, PROOF, &id, &e)) fail_msg("%s %s", e.field, e.detail);
}

/* The address of the first link that holds `mark`, as it may be asked for. */
static const char *link_with(struct visitor *v, struct str page, const char *mark) {
    size_t at = str_find(page, str_of(mark), 0), from = at;
    struct buf b;
    if (at == SIZE_MAX) fail_msg("no link with %s", mark);
    while (from && page.ptr[from - 1] != '"') from--;
    struct str text = str_sub(page, from, str_find_char(page, '"', from) - from);
    buf_init(&b, &v->site->arena, 256, 4096);
    for (size_t i = 0; i < text.len; i++) {
        buf_add_char(&b, text.ptr[i]);
        if (str_starts(str_sub(text, i, 5), S("&amp;"))) i += 4;
    }
    return arena_cstr(&v->site->arena, buf_str(&b));
}

static struct str at(struct visitor *v, struct str path) {
    return site_get(v, arena_cstr(&v->site->arena, path));
}

static void test_save_open_change(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, citizen = { .site = s };
    submit(s);
    submit(s);
    site_sign_in(&v, "police");
    struct str page = site_get(&v, "/zh/desk");
    assert_true(site_status(page) == 200 && site_lacks(page, "/lists/new") && site_lacks(page, "保存的筛选"));
    page = site_get(&v, "/zh/desk?item=residence-proof&sort=received&order=desc");
    (void)site_get(&v, link_with(&v, page, "/lists/new?"));
    page = site_post(&v, "/zh/lists/new", "of=/desk&as=item%3Dresidence-proof%26sort%3Dreceived%26order%3Ddesc&name=&opens=yes");
    assert_true(site_status(page) == 422 && site_has(page, "name-error") && site_has(page, "value=\"yes\" checked"));
    assert_true(site_has(page, "name=\"as\" value=\"item=residence-proof&amp;sort=received&amp;order=desc\""));
    page = site_post(&v, "/zh/lists/new", "of=/desk&as=item%3Dresidence-proof%26sort%3Dreceived%26order%3Ddesc&name=证明&opens=yes");
    assert_int_equal(site_status(page), 303);
    assert_true(str_eq(site_location(page), S("/zh/desk?item=residence-proof&sort=received&order=desc")));
    page = at(&v, site_location(page));
    assert_true(site_has(page, "aria-current=\"true\">证明<span class=\"count\">2</span>") && site_lacks(page, "/lists/new"));
    page = site_get(&v, "/zh/desk"); /* opens with it, and every link says so */
    assert_true(site_has(page, "aria-current=\"true\">证明") && site_has(page, "最近收到的在前") && site_has(page, "/zh/desk?all=1"));
    assert_true(site_has(page, "/zh/desk/export?item=residence-proof&amp;sort=received"));
    page = site_get(&v, "/zh/desk?all=1");
    assert_true(site_has(page, "aria-current=\"true\">全部") && site_has(page, "最紧急的在前"));
    page = site_get(&v, "/zh/desk?item="); /* the filter's form with nothing chosen asks for the whole, too */
    assert_true(site_has(page, "aria-current=\"true\">全部"));
    page = site_get(&v, "/zh/desk/mine"); /* another list */
    assert_true(site_lacks(page, "证明<span"));

    page = site_get(&v, "/zh/lists");
    assert_true(site_status(page) == 200 && site_has(page, "打开清单时先看它") && site_has(page, "不共享"));
    const char *change = link_with(&v, page, "/zh/lists/");
    page = site_get(&v, change);
    assert_true(site_status(page) == 200 && site_has(page, "value=\"证明\"") && site_has(page, "打开这个清单"));
    site_sign_in(&citizen, "citizen");
    assert_int_equal(site_status(site_get(&citizen, change)), 404);
    (void)site_get(&citizen, "/zh/lists/new?of=/desk&as=due%3Dlate");
    assert_int_equal(site_status(site_post(&citizen, change, "drop=yes")), 404);
    page = site_get(&v, change);
    page = site_post(&v, change, "drop=yes");
    assert_int_equal(site_status(page), 303);
    assert_true(site_has(site_get(&v, "/zh/lists"), "还没有保存的筛选"));
    assert_true(site_has(site_get(&v, "/zh/desk"), "最紧急的在前"));
}

static void test_same_name(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "food");
    (void)site_get(&v, "/zh/lists/new?of=/desk&as=due%3Dlate");
    assert_int_equal(site_status(site_post(&v, "/zh/lists/new", "of=/desk&as=due%3Dlate&name=急")), 303);
    (void)site_get(&v, "/zh/lists/new?of=/desk&as=due%3Dsoon");
    struct str page = site_post(&v, "/zh/lists/new", "of=/desk&as=due%3Dsoon&name=急");
    assert_true(site_status(page) == 422 && site_has(page, "已经有一个叫这个名字的筛选"));
    page = site_get(&v, "/en/lists/new");
    assert_true(site_status(page) == 200 && site_has(page, "There is nothing to save yet."));
}

static void test_columns(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    submit(s);
    site_sign_in(&v, "police");
    struct str page = site_get(&v, "/zh/desk?all=1");
    assert_true(site_has(page, "<th scope=\"col\">签收</th>") && site_has(page, "id=\"col-holder\""));
    page = site_get(&v, "/zh/desk?col=clock&col=title");
    assert_true(site_lacks(page, "<th scope=\"col\">签收</th>") && site_has(page, "<th scope=\"col\">环节</th>"));
    assert_true(site_has(page, "<th scope=\"col\">编号</th>")); /* what names the row stays */
    assert_true(site_has(page, "as=col%3Dclock%26col%3Dtitle"));
    page = site_get(&v, "/zh/desk?col=clock&col=title&col=applicant&col=made&col=holder"); /* all: nothing is left out */
    assert_true(site_has(page, "<th scope=\"col\">签收</th>") && site_lacks(page, "/lists/new"));
    page = site_get(&v, "/zh/desk?col=nonsense");
    assert_true(site_has(page, "<th scope=\"col\">签收</th>"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_save_open_change),
        cmocka_unit_test(test_same_name),
        cmocka_unit_test(test_columns),
    };
    return SITE_FIXTURE_RUN("list_saved", tests);
}
