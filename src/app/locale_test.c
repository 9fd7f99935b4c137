/* Tests of locale/en.po against its sources: the tables, the templates carried inside, and the texts in the engines' and pages' code.
 * The tests run in the source folder, as meson starts them. Invariant: each scanner is seen to find a planted gap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/generated.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "data/po.h"
#include "os/os.h"

static struct arena arena;
static struct str source;
static struct po *en;

static int setup(void **state) {
    struct err e = { 0 };
    (void)state;
    arena_init(&arena, "locale test", (size_t)64 * 1024 * 1024);
    if (os_read_file(&arena, "locale/en.po", 4 * 1024 * 1024, &source, &e)) return -1;
    return po_parse(&arena, S("locale/en.po"), source, &en, &e);
}

static int teardown(void **state) {
    (void)state;
    arena_done(&arena);
    return 0;
}

static bool has_ideograph(struct str s) {
    for (size_t at = 0; at < s.len;) {
        int32_t cp = str_utf8_next(s, &at);
        if (cp >= 0x4e00 && cp <= 0x9fff) return true;
    }
    return false;
}

static unsigned missing(struct str id, const char *where) {
    if (!has_ideograph(id) || po_has(en, S(""), id) || str_eq(id, S("中文"))) return 0; /* a language is named in itself */
    if (str_ends(id, S(".pdf"))) return 0; /* the name of somebody's file */
    print_error("%s: no English for: %.*s\n", where, STR_ARG(id));
    return 1;
}

/* ---- tables ---- */

static void test_tables(void **state) {
    static const char *const sentences[] = {
#define ERR_ROW(name, kind, status, text) text,
#include "base/err_codes.h"
#undef ERR_ROW
#define ACT(name, object, effect, title) title,
#include "engine/access/access_words.h"
#undef ACT
#define FLOW_WORD(element, kind, shown, tb, children) shown,
#include "engine/flow/flow_words.h"
#undef FLOW_WORD
#define NOTIFY_CHANNEL(name, word, title) title,
#define NOTIFY_LANE(name, word, topic, hours, title) title,
#define NOTIFY_STATE(name, word, tone, title) title,
#include "engine/notify/notify_words.h"
#define HTTP_LIMIT(name, value, unit, counted, title, what) title, what,
#include "http/limits.h"
#undef HTTP_LIMIT
#define RATE_CLASS(name, cost_ns, burst, title, what) title, what,
#include "http/rate_classes.h"
#undef RATE_CLASS
#define KEY(section, name, kind, needed, of, title, help) title, help,
#include "release/release_keys.h"
#undef KEY
#define NOTICE_NAME(group, name, is, sample, what) sample, what,
#define NOTICE_SENT(id, groups, when) when,
#define PAPER_NAME(name, what) what,
#define RECEIPT_NAME(name, is, sample, what) sample, what,
#include "release/release_notices.h"
    };
    unsigned n = 0;
    (void)state;
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        n += missing(str_of(sentences[i]), "a table of words");
    assert_int_equal(n, 0);
}

/* ---- the file itself ---- */

/* Faults of a .po as text, which its parser lets pass: an entry without translation, fuzzy, or with other placeholders. */
static unsigned same_holes(struct str id, struct str text) {
    for (size_t at = 0; at < id.len; at++) {
        size_t n = po_placeholder(str_sub(id, at, id.len));
        if (n && str_find(text, str_sub(id, at, n), 0) == SIZE_MAX) return 1;
    }
    return 0;
}

static struct str quoted(struct str line) {
    size_t from = str_find_char(line, '"', 0), to = line.len;
    while (to > 0 && line.ptr[to - 1] != '"') to--;
    return from == SIZE_MAX || to < from + 2 ? S("") : str_sub(line, from + 1, to - from - 2);
}

static unsigned entry_faults(struct str text, bool say) {
    struct str line, id = S("");
    struct map seen;
    unsigned n = 0;
    map_init(&seen, &arena);
    while (str_cut(&text, '\n', &line)) {
        unsigned before = n;
        if (str_starts(line, S("#,")) && str_find(line, S("fuzzy"), 0) != SIZE_MAX) n++;
        if (str_starts(line, S("msgid "))) {
            id = quoted(line);
            n += id.len && map_find(&seen, id) != NULL;
            if (id.len) (void)map_put(&seen, id, &arena);
        }
        if (str_starts(line, S("msgstr")) && id.len) {
            struct str said = quoted(line);
            n += said.len == 0 || has_ideograph(said) || same_holes(id, said) || same_holes(said, id);
        }
        if (say && n > before) print_error("locale/en.po: %.*s\n", STR_ARG(line));
    }
    return n;
}

static void test_entries(void **state) {
    (void)state;
    assert_int_equal(entry_faults(source, true), 0);
    assert_true(entry_faults(S("msgid \"一 {n}\"\nmsgstr \"one {m}\"\n"), false) > 0);
    assert_true(entry_faults(S("msgid \"一\"\nmsgstr \"\"\n"), false) > 0);
    assert_true(entry_faults(S("#, fuzzy\nmsgid \"一\"\nmsgstr \"one\"\n"), false) > 0);
    assert_true(entry_faults(S("msgid \"一\"\nmsgstr \"one\"\n\nmsgid \"一\"\nmsgstr \"an\"\n"), false) > 0);
    assert_int_equal(entry_faults(S("msgid \"一 {n}\"\nmsgstr \"one {n}\"\n"), false), 0);
}

/* ---- templates: {{_ text }} ---- */

/* The text ends at the first }} that does not close a {name} of it. */
static unsigned template_gaps(struct str t, const char *where) {
    unsigned n = 0;
    for (size_t at = 0; (at = str_find(t, S("{{_"), at)) != SIZE_MAX;) {
        size_t from = at + 3, i = from;
        while (i + 1 < t.len && !(t.ptr[i] == '}' && t.ptr[i + 1] == '}')) {
            size_t hole = po_placeholder(str_sub(t, i, t.len));
            i += hole ? hole : 1;
        }
        n += missing(str_trim(str_sub(t, from, i - from)), where);
        at = i;
    }
    return n;
}

static void test_templates(void **state) {
    unsigned n = 0;
    (void)state;
    for (size_t i = 0; i < n_embedded; i++)
        if (str_ends(embedded[i].path, S(".html")))
            n += template_gaps(embedded[i].bytes, arena_cstr(&arena, embedded[i].path));
    assert_int_equal(n, 0);
    assert_int_equal(template_gaps(S("<p>{{_ 从未译过 {n}}}</p>{{_ 登录}}"), "planted, to be found"), 1);
}

/* ---- code: literals that people read ---- */

/* Texts for those who write systems are filled by printf; po_said finds the English of what was made: tried with a word in each hole. */
static bool for_makers(struct str statement) {
    static const struct str marks[] = { S_INIT("ERR_SYSTEM"), S_INIT("ERR_SYNTAX"), S_INIT("ERR_LIMIT"), S_INIT("ERR_MEMORY"),
                                        S_INIT("FOUND"),      S_INIT("DOUBT"),      S_INIT("fail("),     S_INIT("_fail("),
                                        S_INIT("err_line"),   S_INIT("missing(file"), S_INIT("check_part("), S_INIT("release_find") };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_find(statement, marks[i], 0) != SIZE_MAX) return true;
    return false;
}

/* "缺少 %.*s" as "缺少 x"; a text that ends in a colon is completed by what follows. */
static struct str with_words(struct str format) {
    struct buf b;
    buf_init(&b, &arena, 256, 4096);
    for (size_t i = 0; i < format.len; i++) {
        char c = format.ptr[i];
        if (c == '\\' && i + 1 < format.len) c = format.ptr[++i];
        if (c != '%' || i + 1 == format.len || format.ptr[i + 1] == '%') {
            buf_add_char(&b, c);
            i += c == '%';
            continue;
        }
        while (i + 1 < format.len && !strchr("sduxzc", format.ptr[i + 1])) i++;
        while (i + 2 < format.len && format.ptr[i + 1] == 'z') i++;
        i++;
        buf_add_char(&b, 'x');
    }
    if (str_ends(format, S("："))) buf_add_char(&b, 'x');
    return buf_str(&b);
}

static unsigned missing_finding(struct str literal, const char *where) {
    if (!has_ideograph(literal) || !has_ideograph(po_said(en, &arena, with_words(literal)))) return 0;
    print_error("%s: no English for: %.*s\n", where, STR_ARG(literal));
    return 1;
}

static unsigned code_gaps(struct str code, const char *where) {
    unsigned n = 0;
    size_t statement = 0;
    for (size_t i = 0; i < code.len; i++) {
        if (code.ptr[i] == ';' || code.ptr[i] == '{' || code.ptr[i] == '}') statement = i;
        if (str_starts(str_sub(code, i, code.len), S("/*"))) {
            i = str_find(code, S("*/"), i);
            if (i == SIZE_MAX) break;
        } else if (code.ptr[i] == '\'') {
            i += i + 1 < code.len && code.ptr[i + 1] == '\\' ? 3 : 2;
        } else if (code.ptr[i] == '"') {
            size_t from = ++i;
            while (i < code.len && code.ptr[i] != '"') i += code.ptr[i] == '\\' ? 2 : 1;
            struct str literal = str_sub(code, from, i - from);
            bool makers = for_makers(str_sub(code, statement, from - statement));
            bool format = str_find_char(literal, '%', 0) != SIZE_MAX; /* else of a language's own writing, as of dates */
            n += makers ? missing_finding(literal, where) : format ? 0 : missing(literal, where);
        }
    }
    return n;
}

static unsigned folder_gaps(const char *dir, int depth) {
    /* Chinese that is data (words a limit is written with), or stands on papers, which are Chinese for everybody. */
    static const struct str others[] = { S_INIT("clock_limit.c"), S_INIT("item_paper.c"), S_INIT("rule_check.c") };
    struct str *names, code;
    size_t n = 0;
    unsigned gaps = 0;
    if (depth > 4 || os_list_dir(&arena, dir, &names, &n, NULL)) return 0;
    for (size_t i = 0; i < n; i++) {
        const char *path = arena_fmt(&arena, "%s/%.*s", dir, STR_ARG(names[i])).ptr;
        bool skip = str_ends(names[i], S("_test.c")) || str_ends(names[i], S("_fixture.c"));
        for (size_t k = 0; k < sizeof others / sizeof *others; k++) skip |= str_eq(names[i], others[k]);
        if (!path || skip) continue;
        if (os_kind(path) == OS_DIR) gaps += folder_gaps(path, depth + 1);
        else if (str_ends(names[i], S(".c")) &&
                 os_read_file(&arena, path, 1024 * 1024, &code, NULL) == 0)
            gaps += code_gaps(code, path);
    }
    return gaps;
}

static void test_code(void **state) {
    (void)state;
    assert_int_equal(folder_gaps("src/engine", 0) + folder_gaps("src/web", 0), 0);
    assert_int_equal(folder_gaps("src/release", 0) + folder_gaps("src/data", 0), 0);
    static const char *const others[] = { "src/app/scenario.c", "src/app/scenario_record.c", "src/app/app_systems.c",
                                          "src/app/cmd_system.c", "src/app/cmd_case.c", "src/release/release_kinds.h" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct str code;
        assert_int_equal(os_read_file(&arena, others[i], 1024 * 1024, &code, NULL), 0);
        assert_int_equal(code_gaps(code, others[i]), 0);
    }
    struct str planted = S("f('\"', S(\"从未译过\")); /* S(\"从未译过\") */ g(ERR_SYSTEM, \"从未译过\"); h(\"登录\");");
    assert_int_equal(code_gaps(planted, "planted, to be found"), 2);
    assert_int_equal(code_gaps(S("release_find(f, \"没有英文翻译：%.*s\", STR_ARG(x));"), "found by its words"), 0);
}

/* F32: what stands as a heading, the name of a column or of a field begins with a capital in English. */
static unsigned small_headings(struct str html, const char *where) {
    static const char *const before[] = { "<th scope=\"col\">{{_ ", "<th scope=\"col\" class=\"right\">{{_ ", "<dt>{{_ ", "<h1>{{_ ", "<h2>{{_ ",
                                          "<h3>{{_ ", "<legend>{{_ " };
    unsigned n = 0;
    for (size_t at = 0; at < html.len; at++) {
        struct str rest = str_sub(html, at, html.len);
        size_t skip = 0;
        for (size_t k = 0; k < sizeof before / sizeof *before && !skip; k++)
            if (str_starts(rest, str_of(before[k]))) skip = strlen(before[k]);
        if (!skip && str_starts(rest, S("<label for=\"")) && str_find(rest, S(">{{_ "), 0) < 60) skip = str_find(rest, S(">{{_ "), 0) + 5;
        if (!skip) continue;
        rest = str_sub(rest, skip, rest.len);
        struct str said = po_get(en, S(""), str_sub(rest, 0, str_find(rest, S("}}"), 0)));
        if (said.len && said.ptr[0] >= 'a' && said.ptr[0] <= 'z') {
            if (where) print_error("%s: begins small: %.*s\n", where, STR_ARG(said));
            n++;
        }
    }
    return n;
}

static void test_f32_headings_begin_with_a_capital(void **state) {
    unsigned n = 0, seen = 0;
    (void)state;
    for (size_t i = 0; i < n_embedded; i++)
        if (str_ends(embedded[i].path, S(".html"))) {
            n += small_headings(embedded[i].bytes, arena_cstr(&arena, embedded[i].path));
            seen++;
        }
    assert_true(seen > 50);
    assert_int_equal(n, 0);
    assert_int_equal(small_headings(S("<th scope=\"col\">{{_ 个工作日}}</th>"), NULL), 1); /* planted: "working days" */
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_tables),
                                        cmocka_unit_test(test_entries),
                                        cmocka_unit_test(test_templates),
                                        cmocka_unit_test(test_code),
                                        cmocka_unit_test(test_f32_headings_begin_with_a_capital) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
