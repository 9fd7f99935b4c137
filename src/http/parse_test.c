/* The parsers of http/ on their own: forms, cookies, ranges, multipart in every split, targets, and the route tree
 * against the plain rule.
 */
#include "http/cookie.h"
#include "http/form.h"
#include "http/guard.h"
#include "http/multipart.h"
#include "http/range.h"
#include "http/route.h"
#include "http/smtp.h"

#include "os/os.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena arena;
static struct http_limits limits;

static int fresh(void **state) {
    (void)state;
    arena_done(&arena);
    arena_init(&arena, "test", 16 * 1024 * 1024);
    limits = (struct http_limits){ 0 };
    http_limits_default(&limits);
    return 0;
}

static void forms(void **state) {
    struct http_field *f;
    size_t n;
    (void)state;
    assert_int_equal(http_form_parse(&arena, S("a=1&b=%E4%B8%AD+x&&c&=d&a=2%0D%0A"), &limits, false, &f, &n), 0);
    assert_int_equal(n, 5);
    assert_true(str_eq(f[1].value, S("中 x")) && str_eq(f[2].name, S("c")) && f[2].value.len == 0);
    assert_true(f[3].name.len == 0 && str_eq(f[4].value, S("2\r\n")));
    static const struct str bad[] = { S_INIT("a=%"),   S_INIT("a=%4"),     S_INIT("a=%4g"),       S_INIT("%00=1"),
                                      S_INIT("a=%ff"), S_INIT("a=%c0%80"), S_INIT("a=%ed%a0%80"), S_INIT("a=\x01"),
                                      S_INIT("a=%7f"), S_INIT("a=\xff"),   S_INIT("a=%1b[2J") };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(http_form_parse(&arena, bad[i], &limits, false, &f, &n), 400);
    limits.form_field_bytes = 3;
    assert_int_equal(http_form_parse(&arena, S("a=%41bc"), &limits, false, &f, &n), 0);
    assert_int_equal(http_form_parse(&arena, S("a=abcd"), &limits, false, &f, &n), 413);
    assert_int_equal(http_form_parse(&arena, S("abcd=a"), &limits, false, &f, &n), 413);
}

/* F8: what is typed is marked for its field, not refused with the whole form; names, and escapes that are none, still are. */
static void f8_values_of_a_body_are_marked(void **state) {
    struct http_field *f;
    size_t n;
    (void)state;
    limits = (struct http_limits){ 0 };
    http_limits_default(&limits);
    static const struct str bad[] = { S_INIT("b=x&a=1%00"), S_INIT("b=x&a=1%ff"), S_INIT("b=x&a=1%ed%a0%80"),
                                      S_INIT("b=x&a=1\x01"), S_INIT("b=x&a=1%7f") };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(http_form_parse(&arena, bad[i], &limits, true, &f, &n), 0);
        assert_true(n == 2 && str_eq(f[0].value, S("x")) && str_starts(f[1].value, S("1\xef\xbf\xbd")));
        assert_true(str_utf8_valid(f[1].value));
    }
    assert_int_equal(http_form_parse(&arena, S("a=%4g"), &limits, true, &f, &n), 400);
    assert_int_equal(http_form_parse(&arena, S("%00=1"), &limits, true, &f, &n), 400);
}

/* T20: strchr finds the NUL that ends its list. */
static void an_address_with_a_nul_is_none(void **state) {
    (void)state;
    assert_true(smtp_address_ok(S("a+b@example.cn")));
    assert_false(smtp_address_ok(S("a\0b@example.cn")));
    assert_false(smtp_address_ok(S("a@exa\0mple.cn")));
}

static void cookies(void **state) {
    struct http_field f[HTTP_COOKIES_MAX];
    struct http_req r = { .arena = &arena };
    size_t n = 0;
    struct buf many;
    (void)state;
    http_cookie_parse(S("a=1; b=\"two\";c=; =x; bad; d=a b; e=1,2; f=ok ;g=\x80"), f, &n);
    assert_int_equal(n, 4);
    assert_true(str_eq(f[1].value, S("two")) && f[2].value.len == 0 && str_eq(f[3].name, S("f")) &&
                str_eq(f[3].value, S("ok")));
    buf_init(&many, &arena, 4096, 65536);
    for (int i = 0; i < 200; i++) buf_add(&many, S("a=b;"));
    n = 0;
    http_cookie_parse(buf_str(&many), f, &n);
    assert_int_equal(n, HTTP_COOKIES_MAX);
    assert_true(str_eq(http_cookie_set(&r, S("s"), S("v"), -1), S("s=v; Path=/; HttpOnly; SameSite=Lax")));
    r.secure = true;
    assert_true(str_eq(http_cookie_set(&r, S("s"), S("v"), 60),
                       S("__Host-s=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60")));
    assert_int_equal(http_cookie_set(&r, S("s"), S("v;Domain=x"), -1).len, 0);
    assert_int_equal(http_cookie_set(&r, S("s"), S("a\r\nb"), -1).len, 0);
    assert_int_equal(http_cookie_set(&r, S("s="), S("v"), -1).len, 0);
}

static void ranges(void **state) {
    static const struct {
        struct str value;
        uint64_t size;
        enum http_range how;
        uint64_t offset, length;
    } rows[] = {
        { S_INIT("bytes=0-0"), 10, HTTP_RANGE_PART, 0, 1 },   { S_INIT("bytes=5-"), 10, HTTP_RANGE_PART, 5, 5 },
        { S_INIT("Bytes= 9-20 "), 10, HTTP_RANGE_PART, 9, 1 }, { S_INIT("bytes=-4"), 10, HTTP_RANGE_PART, 6, 4 },
        { S_INIT("bytes=-40"), 10, HTTP_RANGE_PART, 0, 10 },  { S_INIT("bytes=10-"), 10, HTTP_RANGE_OUTSIDE, 0, 0 },
        { S_INIT("bytes=-0"), 10, HTTP_RANGE_OUTSIDE, 0, 0 }, { S_INIT("bytes=0-"), 0, HTTP_RANGE_OUTSIDE, 0, 0 },
        { S_INIT("bytes=4-3"), 10, HTTP_RANGE_WHOLE, 0, 0 },  { S_INIT("bytes=a-3"), 10, HTTP_RANGE_WHOLE, 0, 0 },
        { S_INIT("bytes=1-2,3-4"), 10, HTTP_RANGE_WHOLE, 0, 0 }, { S_INIT("items=1-2"), 10, HTTP_RANGE_WHOLE, 0, 0 },
        { S_INIT("bytes=0-18446744073709551615"), 10, HTTP_RANGE_PART, 0, 10 },
        { S_INIT("bytes=0-18446744073709551616"), 10, HTTP_RANGE_WHOLE, 0, 0 },
        { S_INIT("bytes=18446744073709551615-"), 10, HTTP_RANGE_OUTSIDE, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t offset = 0, length = 0;
        assert_int_equal(http_range(rows[i].value, rows[i].size, &offset, &length), rows[i].how);
        if (rows[i].how == HTTP_RANGE_PART) assert_true(offset == rows[i].offset && length == rows[i].length);
    }
}

/* ---- multipart ---- */

#define PART "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
#define FILE_PART \
    "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
static const struct str boundary = S_INIT("multipart/form-data; boundary=b");

static int parse(struct str type, struct str body, size_t step, struct http_field **f, size_t *n_f,
                 struct http_upload **u, size_t *n_u) {
    struct multipart *m = multipart_new(&arena, type, &limits, NULL);
    if (!m) return 400;
    for (size_t i = 0; i < body.len; i += step) (void)multipart_feed(m, str_sub(body, i, step));
    int status = multipart_end(m, f, n_f, u, n_u);
    multipart_done(m);
    return status;
}

static void multipart_in_every_split(void **state) {
    struct str body = S(PART "one\r\n--c\r\n-\r\n" FILE_PART "\0\r\n--\r\r\n--a\r\n" PART "\r\n--b--\r\n");
    struct http_field *f;
    struct http_upload *u;
    size_t n_f, n_u;
    (void)state;
    for (size_t step = 1; step <= body.len; step++) {
        arena_reset(&arena);
        int status = parse(boundary, body, step, &f, &n_f, &u, &n_u);
        assert_int_equal(status, 0);
        if (status) return;
        assert_int_equal(n_f, 2);
        assert_int_equal(n_u, 1);
        assert_true(str_eq(f[0].value, S("one\r\n--c\r\n-")) && f[1].value.len == 0);
        assert_true(str_eq(u[0].bytes, S("\0\r\n--\r\r\n--a")) && str_eq(u[0].file_name, S("x.pdf")) &&
                    str_eq(u[0].field, S("f")));
    }
}

static void multipart_is_strict(void **state) {
    static const struct {
        struct str type, body;
        int status;
    } rows[] = {
        { S_INIT("multipart/form-data; boundary=\"b\""), S_INIT(PART "x\r\n--b--"), 0 },
        { S_INIT("multipart/form-data; charset=utf-8; boundary=b"), S_INIT(PART "x\r\n--b--\r\n"), 0 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\ncontent-disposition:form-data;name=a;filename=\"a\\\"b\"\r\n\r\nx\r\n--b--"), 0 },
        { S_INIT("multipart/form-data"), S_INIT(PART "x\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary="), S_INIT(PART "x\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b; boundary=c"), S_INIT(PART "x\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=\"b"), S_INIT(PART "x\r\n--b--"), 400 },
        { S_INIT(
              "multipart/form-data; boundary=1234567890123456789012345678901234567890123456789012345678901234567890b"),
          S_INIT(PART), 400 },
        { S_INIT("multipart/mixed; boundary=b"), S_INIT(PART "x\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(""), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT("--b--"), 0 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT("preamble\r\n" PART "x\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "x\r\n--b--\r\nepilogue"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "x\r\n--b--\r\n\r\n"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "x\r\n--b--\r"), 400 },
        /* T21: an empty part, or data that begin with the boundary; readers differ */
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "--b\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "--c\r\n--b--"), 0 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "\r\n--b--"), 0 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "x\r\n--b"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "x\r\n--b-"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "x\r\n--bc\r\n"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "x\r\n--b \r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT("--b\nContent-Disposition: form-data; name=a\n\nx\n--b--"),
          400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT("--b\r\n\r\nx\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
          400 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\nContent-Disposition: form-data; name=a; filename*=utf-8''x\r\n\r\nx\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
                 "name=b\r\n\r\nx\r\n--b--"),
          400 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\nContent-Disposition: form-data; name=a\r\n ; filename=x\r\n\r\nx\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\nContent-Disposition : form-data; name=a\r\n\r\nx\r\n--b--"), 400 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "x\0y\r\n--b--"), 0 },
        { S_INIT("multipart/form-data; boundary=b"), S_INIT(PART "\xe4\xb8\r\n--b--"), 0 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT(
              "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b--"),
          400 },
        { S_INIT("multipart/form-data; boundary=b"),
          S_INIT("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: multipart/mixed; "
                 "boundary=c\r\n\r\nx\r\n--b--"),
          400 },
    };
    struct http_field *f = NULL;
    struct http_upload *u = NULL;
    size_t n_f = 0, n_u = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int whole = parse(rows[i].type, rows[i].body, rows[i].body.len + 1, &f, &n_f, &u, &n_u);
        int bytes = parse(rows[i].type, rows[i].body, 1, &f, &n_f, &u, &n_u);
        if (whole != rows[i].status || bytes != whole)
            fail_msg("%zu: %d %d: %.*s", i, whole, bytes, STR_ARG(rows[i].body));
        for (size_t k = 0; k < n_f; k++) /* what is no text is marked for its field (F8) */
            assert_true(str_utf8_valid(f[k].value) && str_find_char(f[k].value, '\0', 0) == SIZE_MAX);
    }
    struct str empty =
        S(FILE_PART "\r\n--b\r\nContent-Disposition: form-data; name=\"g\"; filename=\"\"\r\n\r\n\r\n--b--");
    assert_int_equal(parse(boundary, empty, 7, &f, &n_f, &u, &n_u), 0);
    assert_int_equal(n_u, 1); /* a file of no bytes counts, a field where none was chosen does not */
}

static void multipart_limits(void **state) {
    struct http_field *f;
    struct http_upload *u;
    size_t n_f, n_u;
    struct buf b;
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        buf_init(&b, &arena, 8192, 65536);
        for (size_t i = 0; i < limits.multipart_parts + extra; i++) buf_add(&b, i ? S("\r\n" PART) : S(PART));
        buf_add(&b, S("\r\n--b--"));
        assert_int_equal(parse(boundary, buf_str(&b), 100, &f, &n_f, &u, &n_u), extra ? 413 : 0);
        limits.upload_bytes = 5 - extra;
        assert_int_equal(parse(boundary, S(FILE_PART "12345\r\n--b--"), 3, &f, &n_f, &u, &n_u), extra ? 413 : 0);
        limits.form_field_bytes = 5 - extra;
        assert_int_equal(parse(boundary, S(PART "12345\r\n--b--"), 3, &f, &n_f, &u, &n_u), extra ? 413 : 0);
        limits.form_field_bytes = 65536;
        buf_init(&b, &arena, 8192, 65536);
        buf_add(&b, S("--b\r\nContent-Disposition: form-data; name=a\r\nX: "));
        for (size_t i = strlen("Content-Disposition: form-data; name=a\r\nX: \r\n\r\n");
             i < MULTIPART_HEADER_BYTES + extra; i++)
            buf_add_char(&b, 'x');
        buf_add(&b, S("\r\n\r\n\r\n--b--"));
        assert_int_equal(parse(boundary, buf_str(&b), 100, &f, &n_f, &u, &n_u), extra ? 413 : 0);
    }
}

static void a_full_disk_refuses_and_leaves_nothing(void **state) {
    struct http_field *f;
    struct http_upload *u;
    size_t n_f, n_u, n_names;
    struct str *names;
    char dir[] = "/tmp/parse_test_XXXXXX";
    struct err e;
    (void)state;
    assert_non_null(mkdtemp(dir));
    for (unsigned k = 0; k < 4; k++) {
        struct multipart *m = multipart_new(&arena, boundary, &limits, dir);
        os_fault(k == 0 ? OS_OPEN : OS_WRITE, k == 0 ? 1 : k, ENOSPC, false);
        (void)multipart_feed(m, S(FILE_PART));
        for (int i = 0; i < 300; i++)
            (void)multipart_feed(m, S("0123456789012345678901234567890123456789012345678901234567890123456789"
                                      "0123456789012345678901234567890123456789012345678901234567890123456789"
                                      "0123456789012345678901234567890123456789012345678901234567890123456789"
                                      "0123456789012345678901234567890123456789012345678901234567890123456789"));
        assert_int_equal(multipart_end(m, &f, &n_f, &u, &n_u), 507);
        os_fault(OS_WRITE, 0, 0, false);
        multipart_done(m);
        assert_int_equal(os_list_dir(&arena, dir, &names, &n_names, &e), 0);
        assert_int_equal(n_names, 0);
    }
    (void)rmdir(dir);
}

/* ---- routes ---- */

static int none_ask(struct page *p, struct err *e) {
    (void)p;
    (void)e;
    return 0;
}
static int none_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)p;
    (void)e;
    return 0;
}
#define ROW(id, method, path)                                                                              \
    {                                                                                                      \
        id, method, path, none_ask, none_act, none_ask, "public", method == HTTP_GET ? 0 : 10, ROUTE_PAGE, \
            ROUTE_RATE_PAGE, method == HTTP_GET ? ROUTE_AUDIT_NONE : ROUTE_AUDIT_ACT, ROUTE_DATA_PUBLIC    \
    }
static const struct route table[] = {
    ROW("A1", HTTP_GET, "/"),
    ROW("A2", HTTP_GET, "/guide/{item}"),
    ROW("A3", HTTP_GET, "/guide/new"),
    ROW("A3", HTTP_POST, "/guide/new"),
    ROW("A4", HTTP_GET, "/{x}/{y}/end"),
    ROW("A5", HTTP_GET, "/guide/{z}/{w}"),
    ROW("A6", HTTP_POST, "/guide/{item}"),
    ROW("A7", HTTP_PUT, "/a/b"),
};
enum { ROWS = sizeof table / sizeof table[0] };

static void routes(void **state) {
    static const struct {
        enum http_method method;
        const char *path, *id, *lang, *param, *value;
        const char *allow;
    } rows[] = {
        { HTTP_GET, "/", "A1", "", "", "", "" },
        { HTTP_GET, "/zh", "A1", "zh", "", "", "" },
        { HTTP_GET, "/en/", "A1", "en", "", "", "" },
        { HTTP_HEAD, "/zh/guide/new", "A3", "zh", "", "", "" },
        { HTTP_POST, "/guide/new", "A3", "", "", "", "" },
        { HTTP_POST, "/guide/old", "A6", "", "item", "old", "" },
        { HTTP_GET, "/en/guide/食品", "A2", "en", "item", "食品", "" },
        { HTTP_GET, "/guide/a/end", "A5", "", "w", "end", "" },
        { HTTP_GET, "/other/a/end", "A4", "", "y", "a", "" },
        { HTTP_PUT, "/guide/new", NULL, "", "", "", "GET, HEAD, POST" },
        { HTTP_GET, "/a/b", NULL, "", "", "", "PUT" },
        { HTTP_GET, "/guide", NULL, "", "", "", "" },
        { HTTP_GET, "/guide/", NULL, "", "", "", "" },
        { HTTP_GET, "/guide/new/", NULL, "", "", "", "" },
        { HTTP_GET, "/zhx", NULL, "", "", "", "" },
    };
    struct route_tree *t;
    struct err e;
    (void)state;
    assert_int_equal(route_tree_make(&arena, table, ROWS, &t, &e), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_req r = { .method = rows[i].method, .path = str_of(rows[i].path) };
        struct route_match m = route_tree_find(t, &r);
        if ((m.route ? strcmp(m.route->id, rows[i].id ? rows[i].id : "-") != 0 : rows[i].id != NULL))
            fail_msg("%s gave %s", rows[i].path, m.route ? m.route->id : "none");
        if (m.route) assert_true(str_eq(m.lang, str_of(rows[i].lang)));
        if (rows[i].param[0]) assert_true(str_eq(http_param(&r, str_of(rows[i].param)), str_of(rows[i].value)));
        if (!m.route) assert_true(str_eq(route_allow(&arena, m.allowed), str_of(rows[i].allow)));
    }
}

/* Every path of up to four segments from a small set, by both finders. */
static void the_tree_says_what_the_rule_says(void **state) {
    static const char *const word[] = { "", "/guide", "/new", "/end", "/a", "/b", "/zh", "/" };
    static const enum http_method method[] = { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE };
    struct route_tree *t;
    struct err e;
    char path[64];
    (void)state;
    assert_int_equal(route_tree_make(&arena, table, ROWS, &t, &e), 0);
    for (unsigned k = 0; k < 8 * 8 * 8 * 8 * 5; k++) {
        (void)snprintf(path, sizeof path, "%s%s%s%s", word[k % 8], word[k / 8 % 8], word[k / 64 % 8],
                       word[k / 512 % 8]);
        struct http_req r = { .method = method[k / 4096], .path = str_of(path) }, s = r;
        struct route_match m = route_tree_find(t, &r), n = route_find(table, ROWS, &s);
        if (m.route != n.route || (!m.route && m.allowed != n.allowed) || r.n_param != s.n_param) fail_msg("%s", path);
    }
}

static void a_table_with_a_hole_is_refused(void **state) {
    struct err e;
    (void)state;
    assert_int_equal(route_check(table, ROWS, &e), 0);
    struct route bad[2] = { table[0], table[1] };
    struct { size_t at, size;
    } column[] = {
#define COLUMN(name) { offsetof(struct route, name), sizeof(((struct route *)NULL)->name) }
        COLUMN(id),    COLUMN(method), COLUMN(path), COLUMN(ask),   COLUMN(act),  COLUMN(say),
        COLUMN(power), COLUMN(kind),   COLUMN(rate), COLUMN(audit), COLUMN(data),
    };
    for (size_t i = 0; i < sizeof column / sizeof column[0]; i++) {
        bad[1] = table[1];
        memset((char *)&bad[1] + column[i].at, 0, column[i].size);
        assert_int_equal(route_check(bad, 2, &e), ERR_SYSTEM);
    }
    bad[1] = table[0];
    assert_int_equal(route_check(bad, 2, &e), ERR_SYSTEM); /* twice the same */
    bad[0] = (struct route)ROW("B1", HTTP_GET, "/x/{a}"), bad[1] = (struct route)ROW("B2", HTTP_GET, "/x/{b}");
    assert_int_equal(route_check(bad, 2, &e), ERR_SYSTEM);
    bad[0] = (struct route)ROW("B1", HTTP_POST, "/x");
    bad[0].audit = ROUTE_AUDIT_NONE;
    assert_int_equal(route_check(bad, 1, &e), ERR_SYSTEM);
    bad[0] = (struct route)ROW("B1", HTTP_GET, "/x");
    bad[0].data = ROUTE_DATA_PERSONAL;
    assert_int_equal(route_check(bad, 1, &e), ERR_SYSTEM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(forms, fresh),
        cmocka_unit_test_setup(f8_values_of_a_body_are_marked, fresh),
        cmocka_unit_test_setup(an_address_with_a_nul_is_none, fresh), cmocka_unit_test_setup(cookies, fresh),
        cmocka_unit_test_setup(ranges, fresh),
        cmocka_unit_test_setup(multipart_in_every_split, fresh),
        cmocka_unit_test_setup(multipart_is_strict, fresh),
        cmocka_unit_test_setup(multipart_limits, fresh),
        cmocka_unit_test_setup(a_full_disk_refuses_and_leaves_nothing, fresh),
        cmocka_unit_test_setup(routes, fresh),
        cmocka_unit_test_setup(the_tree_says_what_the_rule_says, fresh),
        cmocka_unit_test_setup(a_table_with_a_hole_is_refused, fresh),
    };
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
