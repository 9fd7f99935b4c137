/* Tests of yaml_write: it is the parser's inverse, and an edit keeps everything else where it
 * stands, comments too. */
#include "data/yaml_write.h"

#include "data/json.h"
#include "data/write.h"
#include "data/yaml.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;

static struct val *parse(struct str text) {
    struct val *v = NULL;
    if (yaml_parse(&arena, S("x.yaml"), text, &v, &err))
        fail_msg("refused: %.*s: line %u %s", STR_ARG(text), err.line, err.detail);
    return v;
}

static struct val *json(struct str text) {
    struct val *v = NULL;
    assert_int_equal(json_parse(&arena, text, 100000, &v, &err), 0);
    return v;
}

static void expect_over(struct str old, struct str now, struct str text) {
    struct str got;
    if (yaml_write_over(&arena, old, json(now), &got, &err))
        fail_msg("%.*s: %s", STR_ARG(now), err.detail);
    if (!str_eq(got, text)) fail_msg("gave\n%.*s\ninstead of\n%.*s", STR_ARG(got), STR_ARG(text));
}

static void test_edits_keep_the_rest(void **state) {
    static const struct str old =
        S_INIT("# head\nname: 旧名   # 名称\n\n# limits\nlimits: {law: 3 working days, promise: '1 "
               "working day'}\nlist:\n  # first\n"
               "  - {id: a, t: \"1\"}\n  # second\n  - id: b # bee\n    t: x\nlast: |\n  一\n  "
               "二\n# end\n");
    (void)state;
    expect_over(S("a: 1\n"), S("{\"a\":1}"), S("a: 1\n"));
    expect_over(old,
                S("{\"name\":\"新名\",\"limits\":{\"law\":\"3 working days\",\"promise\":\"2 "
                  "working days\"},\"list\":[{\"id\":\"a\",\"t\":\"1\"},"
                  "{\"id\":\"b\",\"t\":\"x\"}],\"last\":\"一\\n二\\n\"}"),
                S("# head\nname: 新名   # 名称\n\n# limits\nlimits: {law: 3 working days, promise: "
                  "2 working days}\nlist:\n  # first\n"
                  "  - {id: a, t: \"1\"}\n  # second\n  - id: b # bee\n    t: x\nlast: |\n  一\n  "
                  "二\n# end\n"));
    /* moved, changed, added, removed */
    expect_over(
        old,
        S("{\"name\":\"旧名\",\"list\":[{\"id\":\"b\",\"t\":\"y: "
          "z\"},{\"id\":\"a\",\"t\":\"1\"},{\"id\":\"c\"}],\"last\":\"一\\n二\\n\",\"k\":[]}"),
        S("# head\nname: 旧名   # 名称\nlist:\n  # first\n  - id: b # bee\n    t: \"y: z\"\n  - "
          "{id: a, t: \"1\"}\n  - {id: c}\n"
          "last: |\n  一\n  二\nk: []\n# end\n"));
    expect_over(S("m: []\nn: 1\n"), S("{\"m\":[{\"id\":\"x\"}],\"n\":1}"),
                S("m: [{id: x}]\nn: 1\n"));
    expect_over(S("\xEF\xBB\xBF" "名: 一 # 甲\nm: 二\n"),
                S("{\"名\":\"一\",\"m\":\"三\"}"), S("\xEF\xBB\xBF" "名: 一 # 甲\nm: 三\n"));
    expect_over(S("\xEF\xBB\xBF" "- 一"), S("[\"一\"]"), S("\xEF\xBB\xBF" "- 一")); /* nothing changed: no byte either */
    expect_over(S("\xEF\xBB\xBF" "-"), S("[\"一\"]"), S("\xEF\xBB\xBF" "- 一"));
    expect_over(S("m:\n- a\n- b\n"), S("{\"m\":[\"a\"]}"), S("m:\n- a\n"));
}

/* A tree of any shape, with texts that other readers would take for something else. */
static struct val *draw(unsigned depth) {
    static const struct str texts[] = { S_INIT(""),
                                        S_INIT("a"),
                                        S_INIT("中文：全角"),
                                        S_INIT("- a"),
                                        S_INIT("a: b"),
                                        S_INIT("a #b"),
                                        S_INIT("true"),
                                        S_INIT("007"),
                                        S_INIT("1e3"),
                                        S_INIT("\n"),
                                        S_INIT(" a "),
                                        S_INIT("a\tb\\\""),
                                        S_INIT("{{x}}"),
                                        S_INIT("|"),
                                        S_INIT("---"),
                                        S_INIT("..."),
                                        S_INIT("\xe2\x80\xa8"),
                                        S_INIT("\x01"),
                                        S_INIT("~"),
                                        S_INIT("1-5, [x]"),
                                        S_INIT("a\nb\n\nc"),
                                        S_INIT("%TAG"),
                                        S_INIT("&a *b !c") };
    uint8_t r[2];
    os_random(r, sizeof r);
    const size_t kinds = depth < 4 ? 6 : 4, n = r[1] % 5;
    switch (r[0] % kinds) {
    case 0: return val_bool(&arena, r[1] & 1);
    case 1: return val_null(&arena);
    case 2: return val_i64(&arena, (int64_t)r[1] - 100);
    case 3: return val_str(&arena, texts[r[1] % (sizeof texts / sizeof *texts)]);
    case 4: {
        struct val *v = val_list(&arena);
        for (size_t i = 0; i < n; i++) val_push(&arena, v, draw(depth + 1));
        return v;
    }
    default: {
        struct val *v = val_map(&arena);
        for (size_t i = 0; i < n; i++)
            val_put(&arena, v, texts[(r[1] + 7 * i) % (sizeof texts / sizeof *texts)],
                    draw(depth + 1));
        return v;
    }
    }
}

static void same(const struct val *x, struct str text) {
    struct buf b[2];
    const struct val *v[2] = { x, parse(text) };
    for (int i = 0; i < 2; i++)
        buf_init(&b[i], &arena, 256, 1 << 20), write_json(&b[i], v[i]); /* with the order of keys */
    if (!str_eq(buf_str(&b[0]), buf_str(&b[1])))
        fail_msg("%.*s\nbecame\n%.*s\nby\n%.*s", STR_ARG(buf_str(&b[0])), STR_ARG(buf_str(&b[1])),
                 STR_ARG(text));
}

static void test_inverse(void **state) {
    (void)state;
    os_seed(7, 0);
    for (int i = 0; i < 3000; i++) {
        struct val *x = draw(0), *y = draw(0);
        struct buf b;
        struct str over;
        buf_init(&b, &arena, 256, 1 << 20);
        assert_int_equal(yaml_write(&b, x, &err), 0);
        same(x, buf_str(&b));
        assert_int_equal(yaml_write_over(&arena, buf_str(&b), y, &over, &err), 0);
        same(y, over);
        assert_int_equal(yaml_write_over(&arena, over, y, &over, &err), 0);
        same(y, over);
        arena_reset(&arena);
    }
}

/* Each text in `v`, changed alone, changes no other line of `text`. */
static void each_text(struct str text, const struct val *root, struct val *v) {
    for (size_t i = 0; (v->kind == VAL_LIST || v->kind == VAL_MAP) && i < val_count(v); i++)
        each_text(text, root, v->kind == VAL_MAP ? v->u.map.pair[i].value : v->u.list.item[i]);
    if (v->kind != VAL_STR || str_find_char(v->u.s, '\n', 0) != SIZE_MAX) return;
    const struct str was = v->u.s;
    struct arena a;
    struct str now;
    size_t front = 0, back = 0;
    arena_init(&a, "one text", 64u << 20);
    v->u.s = S("改了：'\"# -");
    assert_int_equal(yaml_write_over(&a, text, root, &now, &err), 0);
    while (front < text.len && front < now.len && text.ptr[front] == now.ptr[front]) front++;
    while (back + front < text.len && back + front < now.len &&
           text.ptr[text.len - back - 1] == now.ptr[now.len - back - 1])
        back++;
    struct str middle = str_sub(text, front, text.len - front - back);
    if (str_find_char(middle, '\n', 0) != SIZE_MAX && middle.len > was.len + 8)
        fail_msg("changing %.*s changed %.*s", STR_ARG(was), STR_ARG(middle));
    v->u.s = was;
    arena_done(&a);
}

/* Every declaration of ours: nothing changed leaves every byte; one value changed leaves every
 * other line. */
static void test_systems(void **state) {
    static const char *const files[] = {
        "systems/approval/restaurant/items/restaurant.yaml",
        "systems/approval/restaurant/forms/apply.yaml",
        "systems/approval/restaurant/notices.yaml",
        "systems/common/notices.yaml",
        "systems/common/access.yaml",
        "systems/approval/residence-proof/items/residence-proof.yaml"
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct str text, same_text, changed, line, was = S("");
        assert_int_equal(os_read_file(&arena, files[i], 1 << 20, &text, &err), 0);
        struct val *v = parse(text);
        assert_int_equal(yaml_write_over(&arena, text, v, &same_text, &err), 0);
        assert_true(str_eq(text, same_text));
        each_text(text, v, v);
        val_put_str(&arena, v, S("z-new"), S("新"));
        assert_int_equal(yaml_write_over(&arena, text, v, &changed, &err), 0);
        if (!str_starts(changed, text))
            fail_msg("%s: not the same before what was added", files[i]);
        for (struct str rest = changed; str_cut(&rest, '\n', &line);)
            if (line.len) was = line;
        assert_true(str_eq(was, S("z-new: 新")));
        arena_reset(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_edits_keep_the_rest),
                                        cmocka_unit_test(test_inverse),
                                        cmocka_unit_test(test_systems) };
    arena_init(&arena, "yaml write test", (size_t)64 << 20);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return rc;
}
