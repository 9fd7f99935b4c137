/* A9: may I apply, and with what? What is told before signing in is what the same answers lead to
 * in an application; a draft takes the answers where it has none; a declaration that asks too much,
 * or who somebody is, is refused. On both stores. */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "data/yaml.h"

#include <setjmp.h>
#include <stdarg.h>

#include <string.h>

#include <cmocka.h>

static struct val *answers_of(struct arena *a, const char *kind, const char *area, const char *gas,
                              const char *sign) {
    struct val *v = val_map(a), *kinds = val_list(a);
    val_push(a, kinds, val_str(a, str_of(kind)));
    val_put(a, v, S("kinds"), kinds);
    val_put_str(a, v, S("area"), str_of(area));
    val_put_str(a, v, S("uses_gas"), str_of(gas));
    val_put_str(a, v, S("outdoor_sign"), str_of(sign));
    return v;
}

static struct str ids_of(struct arena *a, const struct val *list) {
    struct buf b;
    buf_init(&b, a, 256, 4096);
    for (size_t i = 0; i < val_count(list); i++) {
        if (i) buf_add_char(&b, ' ');
        buf_add(&b, val_item(list, i)->kind == VAL_MAP ? val_get_str(val_item(list, i), S("id"))
                                                       : val_text(val_item(list, i)));
    }
    return buf_str(&b);
}

static void is(struct str got, const char *want) {
    if (!str_eq(got, str_of(want))) fail_msg("got %.*s, want %s", STR_ARG(got), want);
}

static void test_what_is_told(void **state) {
    static const struct {
        const char *kind, *area, *gas, *sign;
        bool company, may;
        const char *parts, *materials, *basis;
    } cases[] = {
        { "1", "60", "no", "no", true, true, "food", "floor-plan health-certificate", "" },
        { "1", "199", "yes", "yes", true, true, "food sign",
          "floor-plan health-certificate sign-picture", "" },
        { "1", "200", "yes", "yes", true, true, "food fire sign",
          "floor-plan health-certificate fire-statement gas-contract sign-picture", "" },
        { "6", "60", "no", "no", true, false, "food", "floor-plan health-certificate",
          "《食品安全法》第三十五条" },
        { "1", "60", "no", "no", false, false, "food", "floor-plan health-certificate",
          "《食品安全法》第三十五条；《消防法》第十五条；《城市市容和环境卫生管理条例》第十一条" },
    };
    CITY(c);
    const struct system *m;
    const struct item_type *t = realm_find(&c->app->realm, SYSTEM_ITEM, S("restaurant"), &m);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a;
        struct err e = { 0 };
        struct val *v;
        arena_init(&a, "check", 4 * 1024 * 1024);
        struct val *answers =
            answers_of(&a, cases[i].kind, cases[i].area, cases[i].gas, cases[i].sign);
        assert_int_equal(
            item_check_view(&c->app->realm, m, t, cases[i].company, answers, S("zh"), &a, &v, &e),
            0);
        assert_int_equal(val_get_bool(v, S("may"), !cases[i].may), cases[i].may);
        is(ids_of(&a, val_get(v, S("parts"))), cases[i].parts);
        is(ids_of(&a, val_get(v, S("materials"))), cases[i].materials);
        is(val_text(val_path(v, S("reasons.0.basis"))), cases[i].basis);
        arena_done(&a);
    }
}

struct laying {
    const struct realm *r;
    struct actor who;
    int64_t case_id;
    struct val *answers;
    struct str kinds, area, gas, parts;
};

static int lay(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct laying *x = job->arg;
    return item_check_lay(tx, x->r, &x->who, x->case_id, x->answers, e);
}

static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct laying *x = job->arg;
    struct item_case c;
    int rc = item_case_get(tx, x->r, NULL, x->case_id, &c, e);
    if (rc) return rc;
    const struct val *answers = val_get(c.body, S("answers"));
    x->kinds = ids_of(store_arena(tx), val_get(answers, S("kinds")));
    x->area = val_get_str(answers, S("area"));
    x->gas = val_get_str(answers, S("uses_gas"));
    x->parts = ids_of(store_arena(tx), val_get(c.body, S("parts")));
    return 0;
}

static void test_a_draft_takes_them(void **state) {
    CITY(c);
    struct laying x = { .r = &c->app->realm };
    struct arena a;
    struct err e = { 0 };
    arena_init(&a, "check", 1024 * 1024);
    assert_int_equal(city_fixture_play(c,
                                       CITY_SHOP_APPLY
                                       "  - {who: company, do: answer, page: premises, with: "
                                       "{district: '120101', address: 样路, area: '60'}}\n",
                                       &x.case_id, &e),
                     0);
    city_fixture_actor(c, "company", &x.who);
    x.answers = answers_of(&a, "2", "300", "perhaps", "yes");
    assert_int_equal(city_fixture_run(c, lay, &x, &e), 0);
    assert_int_equal(city_fixture_read(c, look, &x, &e), 0);
    is(x.kinds, "2");
    is(x.area, "60"); /* what stands is not overwritten */
    is(x.gas, "");    /* and what is no answer is left out */
    is(x.parts, "food sign");
    /* nobody else's, and nothing that was submitted */
    city_fixture_actor(c, "citizen", &x.who);
    assert_int_equal(city_fixture_run(c, lay, &x, &e), ERR_NOT_FOUND);
    arena_done(&a);
}

static void test_declarations(void **state) {
    static const struct {
        const char *to, *says;
    } wrong[] = {
        { "check: [kinds, area, uses_gas, outdoor_sign, district]", "至多" },
        { "check: [kinds, shop]", "没有这个问题" },
        { "check: [manager_id]", "登录前不能问" },
        { "check: [shop_name]", "登录前不能问" },
        { "check: [company_legal]", "登录前不能问" },
        { "check: kinds", "应写成" },
    };
    CITY(c);
    const struct system *m;
    const struct item_type *t = realm_find(&c->app->realm, SYSTEM_ITEM, S("restaurant"), &m), *ret;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct arena a;
        struct err e = { 0 };
        struct val *yaml = NULL;
        arena_init(&a, "check", 4 * 1024 * 1024);
        struct str text = arena_fmt(&a,
                                    "name: x\nform: apply\nflow: approve\nunit: "
                                    "service-centre\napplicants: [company]\n%s\n",
                                    wrong[i].to);
        assert_int_equal(yaml_parse(&a, S("items/x.yaml"), text, &yaml, &e), 0);
        assert_int_equal(item_compile(&a, S("items/x.yaml"), S("x"), yaml, m, &ret, &e),
                         ERR_SYSTEM);
        if (!strstr(e.detail, wrong[i].says)) fail_msg("%s: %s", wrong[i].to, e.detail);
        arena_done(&a);
    }
    assert_int_equal(t->check->n_questions, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_is_told),
                                        cmocka_unit_test(test_a_draft_takes_them),
                                        cmocka_unit_test(test_declarations) };
    return CITY_FIXTURE_RUN("check", tests);
}
