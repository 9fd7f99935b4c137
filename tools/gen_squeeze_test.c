/* Tests of gen_squeeze: what goes, what stays, and what it refuses. */
#include "gen_squeeze.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *in, *out; /* NULL: refused */
} rows[] = {
    { "/* a */\nconst a = 1; // b\nlet b;\n", "const a=1;let b;" },
    { "f(\n  a,\n  b\n);\n", "f(a,b);" },
    { "if (a) {\n  b();\n}\nelse c();\n", "if(a){b();}\nelse c();" },
    /* a line end that ends a statement, or begins one that would go on */
    { "a = b\n(c)\n", "a=b\n(c)" },
    { "return\na\n", "return\na" },
    { "a\n++b\n", "a\n++b" },
    { "x = {}\n[1].f()\n", "x={}\n[1].f()" },
    { "a = b /* one\ntwo */ c\n", "a=b\nc" },
    /* blanks between what would be one */
    { "a + +b - -c + ++d", "a+ +b- -c+ ++d" },
    { "typeof x in y", "typeof x in y" },
    { "1 .toFixed()", "1 .toFixed()" },
    { "a-- > b; c < !d", "a-- >b;c< !d" },
    { "a / b / c", "a/ b/ c" },
    { "async () => x", "async()=>x" },
    /* what is quoted stays as it is */
    { "\"a  // b\" + 'c /* d */' + `e  \n  f`", "\"a  // b\"+'c /* d */'+`e  \n  f`" },
    { "\"a\\\"  b\" ; '\\\\'  ;", "\"a\\\"  b\";'\\\\';" },
    { "s.match(/a  [/\"]  b/g)", "s.match(/a  [/\"]  b/g)" },
    { "/x  y/ in z", "/x  y/ in z" },
    { "case\n/a  b/:", "case\n/a  b/:" },
    { "return /\\/  \"/ ;", "return/\\/  \"/;" },
    { "a = (b) / c; d = e[0] / 2; // \"", "a=(b)/ c;d=e[0]/ 2;" },
    { "x = \xe4\xb8\xad + y", "x=\xe4\xb8\xad+y" },
    { "", "" },
    { "`a ${b} c`", NULL },
    { "a = \"b\nc\"", NULL },
    { "a = `b", NULL },
    { "/* a", NULL },
    { "f(/a\n/)", NULL },
};

static void test_rows(void **state) {
    char out[256];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = 0;
        const char *why = NULL;
        char *got = gen_squeeze(rows[i].in, strlen(rows[i].in), out, &n, &why);
        if (!rows[i].out) {
            if (got || !why) fail_msg("taken: %s", rows[i].in);
            continue;
        }
        if (!got) fail_msg("refused: %s: %s", rows[i].in, why);
        if (n != strlen(rows[i].out) || strncmp(out, rows[i].out, n) != 0) fail_msg("%s: %.*s", rows[i].in, (int)n, out);
    }
}

/* What came out goes through as it is. */
static void test_twice(void **state) {
    char out[256], again[256];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n, m;
        const char *why;
        if (!rows[i].out) continue;
        assert_non_null(gen_squeeze(rows[i].in, strlen(rows[i].in), out, &n, &why));
        assert_non_null(gen_squeeze(out, n, again, &m, &why));
        assert_int_equal(n, m);
        assert_memory_equal(out, again, n);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_twice) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
