/* scenario_want: what a step's `expect` says against what is (docs/systems.md, cases/). Invariant: what is not said is not compared. */
#include "app/demo.h"

int scenario_differs(struct err *e, const char *what, struct str want, struct str is) {
    return err_set(e, ERR_INPUT, "%s 应是 %.*s，实际是 %.*s", what, STR_ARG(want), STR_ARG(is));
}

static struct str truth(bool b) {
    return b ? S("true") : S("false");
}

int scenario_want_bool(const struct val *want, const char *key, bool is, struct err *e) {
    const struct val *v = val_get(want, str_of(key));
    bool wanted = val_get_bool(want, str_of(key), false);
    return !v || wanted == is ? 0 : scenario_differs(e, key, truth(wanted), truth(is));
}

int scenario_want_text(const struct val *want, const char *key, struct str is, struct err *e) {
    struct str wanted = val_get_str(want, str_of(key));
    return wanted.len == 0 || str_eq(wanted, is) ? 0 : scenario_differs(e, key, wanted, is);
}

static struct str joined(struct buf *b, const struct val *list) {
    buf_add_char(b, '[');
    for (size_t i = 0; i < val_count(list); i++) {
        if (i) buf_add(b, S(", "));
        buf_add(b, val_text(val_item(list, i)));
    }
    buf_add_char(b, ']');
    return buf_str(b);
}

static size_t times(const struct val *list, struct str word) {
    size_t n = 0;
    for (size_t i = 0; i < val_count(list); i++) n += str_eq(val_text(val_item(list, i)), word);
    return n;
}

/* The same words, each as often; their order does not count. */
int scenario_want_list(const struct val *wanted, const char *key, const struct val *is, struct err *e) {
    const struct val *want = val_get(wanted, str_of(key));
    struct arena a;
    struct buf b[2];
    bool same = !want || (want->kind == VAL_LIST && val_count(want) == val_count(is));
    for (size_t i = 0; want && same && i < val_count(want); i++)
        same = times(want, val_text(val_item(want, i))) == times(is, val_text(val_item(want, i)));
    if (same) return 0;
    arena_init(&a, "differs", 65536);
    for (size_t i = 0; i < 2; i++) buf_init(&b[i], &a, 256, 8192);
    int rc = scenario_differs(e, key, joined(&b[0], want), joined(&b[1], is));
    arena_done(&a);
    return rc;
}
