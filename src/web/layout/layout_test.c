/* Tests of the layout: every template compiles in both languages and has its English; the sample pages of
 * tests/layout render whole (one h1, no id twice, no tag left open); the rail says in words what it draws. With
 * TONGBAN_SAMPLE_DIR set, the sample pages are written there, to be looked at.
 */
#include "data/json.h"
#include "data/qr.h"
#include "data/tpl.h"
#include "os/os.h"
#include "web/layout/rail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;
static struct po *english;

static struct str read_text(struct str path) {
    struct str text;
    if (os_read_file(&arena, path.ptr, 1 << 20, &text, &err) < 0) fail_msg("%s: %s", path.ptr, err.detail);
    return text;
}

static struct tpl *compile(struct str path, const struct po *texts) {
    struct tpl *t = NULL;
    if (tpl_compile(&arena, path, read_text(path), TPL_HTML, texts, &t, &err) < 0)
        fail_msg("%s:%u: %s", path.ptr, err.line, err.detail);
    return t;
}

/* Partials by the name of their file, for one language. */
static void load(struct map *parts, const struct po *texts) {
    struct str *names;
    size_t n;
    map_init(parts, &arena);
    assert_int_equal(os_list_dir(&arena, "src/web/layout", &names, &n, &err), 0);
    for (size_t i = 0; i < n; i++)
        if (str_ends(names[i], S(".html")))
            (void)map_put(parts, str_sub(names[i], 0, names[i].len - 5),
                          compile(arena_fmt(&arena, "src/web/layout/%.*s", STR_ARG(names[i])), texts));
    assert_true(parts->n > 40);
}

static const struct tpl *find_part(void *context, struct str name) {
    const struct tpl *t = map_find(context, name);
    if (!t) fail_msg("no partial %.*s", STR_ARG(name));
    return t;
}

static void test_english(void **state) {
    (void)state;
    struct str *names, text, open = S("{{_ ");
    size_t n, found = 0;
    assert_int_equal(os_list_dir(&arena, "src/web/layout", &names, &n, &err), 0);
    for (size_t i = 0; i < n; i++) {
        if (!str_ends(names[i], S(".html"))) continue;
        text = read_text(arena_fmt(&arena, "src/web/layout/%.*s", STR_ARG(names[i])));
        for (size_t at = str_find(text, open, 0); at != SIZE_MAX; at = str_find(text, open, at + 1)) {
            size_t end = str_find(text, S("}}"), at);
            if (str_starts(str_sub(text, end, 3), S("}}}"))) end++;
            struct str id = str_trim(str_sub(text, at + open.len, end - at - open.len));
            if (!po_has(english, S(""), id)) fail_msg("%.*s: no English for: %.*s", STR_ARG(names[i]), STR_ARG(id));
            found++;
        }
    }
    assert_true(found > 60);
    for (int s = 0; s < RAIL_STATES; s++) assert_true(po_has(english, S(""), rail_state_text((enum rail_state)s)));
}

static bool is_void(struct str tag) {
    static const char *const names[] = { "meta", "link", "input", "br", "img", "hr", "path", "circle", "rect", NULL };
    for (size_t i = 0; names[i]; i++)
        if (str_eq(tag, str_of(names[i]))) return true;
    return false;
}

/* Every element that is opened is closed, in order. */
static void assert_balanced(const char *page, struct str html) {
    struct str stack[64];
    size_t depth = 0;
    for (size_t at = str_find_char(html, '<', 0); at != SIZE_MAX; at = str_find_char(html, '<', at)) {
        bool closing = html.ptr[++at] == '/';
        if (html.ptr[at] == '!') continue;
        if (closing) at++;
        size_t end = at;
        while (end < html.len && !strchr(" />\n", html.ptr[end])) end++;
        struct str tag = str_sub(html, at, end - at);
        if (is_void(tag)) continue;
        if (!closing) {
            assert_true(depth < 64);
            stack[depth++] = tag;
        } else if (!depth || !str_eq(stack[--depth], tag))
            fail_msg("%s: </%.*s> at %zu closes something else", page, STR_ARG(tag), at);
    }
    if (depth) fail_msg("%s: <%.*s> is left open", page, STR_ARG(stack[depth - 1]));
}

static size_t count(struct str html, struct str what) {
    size_t n = 0;
    for (size_t at = str_find(html, what, 0); at != SIZE_MAX; at = str_find(html, what, at + 1)) n++;
    return n;
}

static void assert_whole(const char *page, struct str html) {
    struct map ids;
    map_init(&ids, &arena);
    assert_balanced(page, html);
    if (count(html, S("<h1")) != 1) fail_msg("%s: %zu h1", page, count(html, S("<h1")));
    assert_true(count(html, S("{{")) == 0);
    for (size_t at = str_find(html, S(" id=\""), 0); at != SIZE_MAX; at = str_find(html, S(" id=\""), at)) {
        at += 5;
        struct str id = str_sub(html, at, str_find_char(html, '"', at) - at);
        if (!id.len || map_find(&ids, id)) fail_msg("%s: id %.*s twice or empty", page, STR_ARG(id));
        (void)map_put(&ids, id, &ids);
    }
    assert_true(count(html, S(" style=")) == 0 && count(html, S(" onclick=")) == 0);
}

static struct val *rail_value(const struct po *texts) {
    static const struct rail_step steps[] = {
        { S_INIT("提交申请"), RAIL_DONE, S_INIT("11月3日 09:12"), S_INIT("本人"), S_INIT("") },
        { S_INIT("受理"), RAIL_DONE, S_INIT("11月4日 10:30"), S_INIT("综合窗口"), S_INIT("") },
        { S_INIT("审查"), RAIL_CURRENT, S_INIT("11月5日起"), S_INIT("许可科"), S_INIT("") },
        { S_INIT("决定"), RAIL_TODO, S_INIT("承诺 11月14日前"), S_INIT(""), S_INIT("") },
        { S_INIT("领取结果"), RAIL_TODO, S_INIT(""), S_INIT(""), S_INIT("") },
    };
    struct buf b;
    buf_init(&b, &arena, 4096, 1 << 16);
    rail_html(&b, texts, S("办理进度"), steps, sizeof steps / sizeof *steps);
    return val_html(&arena, buf_str(&b));
}

static struct val *read_json(struct str path) {
    struct val *v = NULL;
    if (json_parse(&arena, read_text(path), 0, &v, &err) < 0) fail_msg("%s:%u: %s", path.ptr, err.line, err.detail);
    return v;
}

struct variant {
    const char *name;
    bool english, dark, large;
};

static void render_page(struct str name, const struct variant *v, struct map *parts) {
    struct buf b, qr;
    struct qr code;
    struct str path = arena_fmt(&arena, "tests/layout/%.*s.html", STR_ARG(name));
    struct val *view = read_json(arena_fmt(&arena, "tests/layout/%.*s.json", STR_ARG(name)));
    struct val *page = read_json(S("tests/layout/frame.json"));
    const struct val *own = val_get(view, S("page"));
    for (size_t i = 0; i < val_count(own); i++) val_put(&arena, page, own->u.map.pair[i].key, own->u.map.pair[i].value);
    if (v->english) val_put_str(&arena, page, S("lang"), S("en"));
    if (v->dark) val_put_str(&arena, page, S("theme"), S("dark"));
    val_put_bool(&arena, page, S("large"), v->large);
    val_put(&arena, view, S("page"), page);
    val_put(&arena, view, S("rail"), rail_value(v->english ? english : NULL));
    struct val *q = val_copy(&arena, val_get(view, S("qr")));
    if (q) {
        buf_init(&qr, &arena, 4096, 1 << 18);
        assert_int_equal(qr_make(&arena, S("https://example.cn/v/7K2M9P"), &code, &err), 0);
        qr_svg(&qr, &code, S("核验二维码"));
        val_put(&arena, q, S("svg"), val_html(&arena, buf_str(&qr)));
        val_put(&arena, view, S("qr"), q);
    }
    buf_init(&b, &arena, 1 << 16, 1 << 20);
    tpl_render(compile(path, v->english ? english : NULL), view, find_part, parts, &b);
    assert_true(buf_ok(&b));
    assert_whole(path.ptr, buf_str(&b));
    /* A list's items must not take what they lack from one another or from the page. */
    if (str_eq(name, S("home"))) assert_int_equal(count(buf_str(&b), S("aria-current=\"page\"")), 1);
    if (str_eq(name, S("desk"))) assert_int_equal(count(buf_str(&b), S("aria-current=\"page\"")), 4);
    const char *dir = getenv("TONGBAN_SAMPLE_DIR");
    if (dir)
        assert_int_equal(
            os_write_file(arena_fmt(&arena, "%s/%.*s-%s.html", dir, STR_ARG(name), v->name).ptr, buf_str(&b), &err),
            0);
}

static void test_pages(void **state) {
    (void)state;
    static const struct variant variants[] = { { "zh", false, false, false },
                                               { "en", true, false, false },
                                               { "dark", false, true, false },
                                               { "large", false, false, true } };
    struct map chinese_parts, english_parts;
    struct str *names;
    size_t n, pages = 0;
    load(&chinese_parts, NULL);
    load(&english_parts, english);
    assert_int_equal(os_list_dir(&arena, "tests/layout", &names, &n, &err), 0);
    for (size_t i = 0; i < n; i++) {
        if (!str_ends(names[i], S(".html"))) continue;
        for (size_t k = 0; k < sizeof variants / sizeof *variants; k++)
            render_page(str_sub(names[i], 0, names[i].len - 5), &variants[k],
                        variants[k].english ? &english_parts : &chinese_parts);
        pages++;
    }
    assert_true(pages >= 4);
}

/* An entry of a repeating group said "第 步，共 步": it is no step of its own. */
static void test_a_page_that_is_no_step_names_only_its_section(void **state) {
    (void)state;
    struct val *view = val_map(&arena);
    struct buf b;
    const struct tpl *t = compile(S("src/web/layout/stepper.html"), english);
    val_put_str(&arena, view, S("step"), S(""));
    val_put_str(&arena, view, S("section"), S("Staff"));
    buf_init(&b, &arena, 0, 4096);
    tpl_render(t, view, find_part, NULL, &b);
    assert_int_equal(count(buf_str(&b), S("<p class=\"stepper\">Staff</p>")), 1);
    val_put_i64(&arena, view, S("step"), 2);
    val_put_i64(&arena, view, S("steps"), 6);
    buf_clear(&b);
    tpl_render(t, view, find_part, NULL, &b);
    assert_int_equal(count(buf_str(&b), S("Step 2 of 6 · Staff")), 1);
}

static void test_rail(void **state) {
    (void)state;
    static const struct rail_step steps[] = { { S_INIT("<甲>"), RAIL_REFUSED, S_INIT("11月3日"), S_INIT("许&可"), S_INIT("") },
                                              { S_INIT("乙"), RAIL_PAUSED, S_INIT(""), S_INIT(""), S_INIT("") },
                                              { S_INIT("丙"), RAIL_WAITING, S_INIT(""), S_INIT(""), S_INIT("等您<补正>") } };
    struct buf b;
    buf_init(&b, &arena, 0, 1 << 16);
    rail_html(&b, NULL, S("进\"度"), steps, 3);
    struct str html = buf_str(&b);
    assert_balanced("rail", html);
    assert_int_equal(count(html, S("<li ")), 3);
    assert_int_equal(count(html, S("aria-current=\"step\"")), 3);
    assert_int_equal(
        count(html,
              S("<b>&lt;甲&gt;</b><span class=\"state\">未通过</span><span>11月3日</span><span>许&amp;可</span>")),
        1);
    assert_int_equal(count(html, S("<b>乙</b><span class=\"state\">已暂停</span></li>")), 1);
    assert_int_equal(count(html, S("<b>丙</b><span class=\"state\">等您&lt;补正&gt;</span></li>")), 1);
    assert_int_equal(count(html, S("aria-label=\"进&quot;度\"")), 1);
    buf_clear(&b);
    rail_html(&b, english, S("x"), steps, 1);
    assert_int_equal(count(buf_str(&b), S("未通过")), 0);
    buf_clear(&b);
    rail_html(&b, NULL, S("x"), steps, 0);
    assert_int_equal(b.len, 0);
}

static void test_budget(void **state) {
    (void)state;
    assert_true(read_text(S("assets/style.css")).len < 50 * 1024); /* 9.7 kB packed, of 12; scripts: app/assets_test.c */
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_english), cmocka_unit_test(test_pages),
                                        cmocka_unit_test(test_a_page_that_is_no_step_names_only_its_section),
                                        cmocka_unit_test(test_rail), cmocka_unit_test(test_budget) };
    arena_init(&arena, "test", 128 << 20);
    if (po_parse(&arena, S("locale/en.po"), read_text(S("locale/en.po")), &english, &err) < 0) return 1;
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
