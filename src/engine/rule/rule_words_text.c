/* rule_words_text: the words on strings (DMN 1.5 section 10.3.4.3). Positions and lengths count code points, from
 * 1, from the end where negative.
 */
#include "data/fold.h"
#include "data/regex.h"
#include "engine/rule/rule_in.h"

#include <string.h>

enum { TEXT_BYTES_MAX = 1 << 20 };

/* Byte position of the n-th code point, or the length. */
static size_t byte_at(struct str s, int64_t n) {
    size_t at = 0;
    while (n-- > 0 && at < s.len) (void)str_utf8_next(s, &at);
    return at;
}

static bool whole(struct value v, int64_t *ret) {
    struct decimal d;
    return v.kind == V_NUM && decimal_round(v.u.num, 0, DECIMAL_DOWN, &d) && decimal_to_i64(d, ret);
}

static struct value w_substring(struct run *run, const struct value *a, size_t n, int form) {
    int64_t start, length;
    (void)run, (void)form;
    if (a[0].kind != V_STR || !whole(a[1], &start) || start == 0) return NULL_VALUE;
    if (n > 2 && (!whole(a[2], &length) || length < 1)) return NULL_VALUE;
    int64_t count = (int64_t)str_utf8_count(a[0].u.s);
    if (start > count || start < -count) return NULL_VALUE;
    size_t from = byte_at(a[0].u.s, start > 0 ? start - 1 : count + start);
    struct str rest = str_sub(a[0].u.s, from, a[0].u.s.len);
    return rule_value_str(n > 2 ? str_sub(rest, 0, byte_at(rest, length)) : rest);
}

static struct value w_string_length(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return a[0].kind == V_STR ? rule_value_i64((int64_t)str_utf8_count(a[0].u.s)) : NULL_VALUE;
}

static struct value w_upper_case(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return a[0].kind == V_STR ? rule_value_str(fold_upper(run->arena, a[0].u.s)) : NULL_VALUE;
}

static struct value w_lower_case(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return a[0].kind == V_STR ? rule_value_str(fold_lower(run->arena, a[0].u.s)) : NULL_VALUE;
}

static struct value w_substring_before(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    if (a[0].kind != V_STR || a[1].kind != V_STR) return NULL_VALUE;
    size_t at = str_find(a[0].u.s, a[1].u.s, 0);
    return rule_value_str(at == SIZE_MAX ? S("") : str_sub(a[0].u.s, 0, at));
}

static struct value w_substring_after(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    if (a[0].kind != V_STR || a[1].kind != V_STR) return NULL_VALUE;
    size_t at = str_find(a[0].u.s, a[1].u.s, 0);
    return rule_value_str(at == SIZE_MAX ? S("") : str_sub(a[0].u.s, at + a[1].u.s.len, a[0].u.s.len));
}

static struct value w_contains(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    if (a[0].kind != V_STR || a[1].kind != V_STR) return NULL_VALUE;
    return rule_value_bool(str_find(a[0].u.s, a[1].u.s, 0) != SIZE_MAX);
}

static struct value w_starts_with(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return a[0].kind == V_STR && a[1].kind == V_STR ? rule_value_bool(str_starts(a[0].u.s, a[1].u.s)) : NULL_VALUE;
}

static struct value w_ends_with(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return a[0].kind == V_STR && a[1].kind == V_STR ? rule_value_bool(str_ends(a[0].u.s, a[1].u.s)) : NULL_VALUE;
}

/* ---- patterns ---- */

static struct regex *pattern_of(const struct value *a, size_t flags_at, size_t n) {
    struct regex *r;
    struct str flags = { NULL, 0 };
    if (a[0].kind != V_STR || a[1].kind != V_STR) return NULL;
    if (n > flags_at) {
        if (a[flags_at].kind == V_STR) flags = a[flags_at].u.s;
        else if (a[flags_at].kind != V_NULL) return NULL;
    }
    return regex_new(a[1].u.s, flags, &r, NULL) == 0 ? r : NULL;
}

static struct value w_matches(struct run *run, const struct value *a, size_t n, int form) {
    size_t group[2 * REGEX_GROUPS_MAX];
    (void)run, (void)form;
    struct regex *r = pattern_of(a, 2, n);
    if (!r) return NULL_VALUE;
    int found = regex_exec(r, a[0].u.s, 0, group);
    regex_free(r);
    return found < 0 ? NULL_VALUE : rule_value_bool(found > 0);
}

/* XPath and XQuery Functions section 5.6.4: a $ names a group, and a backslash stands only before another or $. */
static bool replacement_fits(struct str to) {
    for (size_t i = 0; i < to.len; i++) {
        char next = i + 1 < to.len ? to.ptr[i + 1] : 0;
        if (to.ptr[i] == '$' && (next < '0' || next > '9')) return false;
        if (to.ptr[i] == '\\') {
            if (next != '\\' && next != '$') return false;
            i++;
        }
    }
    return true;
}

/* $n of XPath: as many digits as name a group. */
static void add_replacement(struct buf *b, struct str to, struct str s, const size_t *group, int groups) {
    for (size_t i = 0; i < to.len; i++) {
        if (to.ptr[i] == '\\' && i + 1 < to.len) {
            buf_add_char(b, to.ptr[++i]);
        } else if (to.ptr[i] == '$' && i + 1 < to.len && to.ptr[i + 1] >= '0' && to.ptr[i + 1] <= '9') {
            int k = to.ptr[++i] - '0';
            while (i + 1 < to.len && to.ptr[i + 1] >= '0' && to.ptr[i + 1] <= '9'
                && k * 10 + to.ptr[i + 1] - '0' < groups)
                k = k * 10 + to.ptr[++i] - '0';
            if (k < groups && group[2 * k] != SIZE_MAX) buf_add(b, str_sub(s, group[2 * k],
                group[2 * k + 1] - group[2 * k]));
        } else {
            buf_add_char(b, to.ptr[i]);
        }
    }
}

static struct value w_replace(struct run *run, const struct value *a, size_t n, int form) {
    size_t group[2 * REGEX_GROUPS_MAX], at = 0;
    struct buf b;
    (void)form;
    bool literal = n > 3 && a[3].kind == V_STR && str_find_char(a[3].u.s, 'q', 0) != SIZE_MAX;
    if (a[2].kind != V_STR || (!literal && !replacement_fits(a[2].u.s))) return NULL_VALUE;
    struct regex *r = pattern_of(a, 3, n);
    if (!r) return NULL_VALUE;
    if (regex_exec(r, S(""), 0, group) > 0) { /* a pattern that matches nothing at all is an error */
        regex_free(r);
        return NULL_VALUE;
    }
    struct str s = a[0].u.s;
    buf_init(&b, run->arena, s.len + 16, TEXT_BYTES_MAX);
    int groups = 0;
    for (size_t from = 0; from <= s.len && buf_ok(&b); ) {
        groups = regex_exec(r, s, from, group);
        if (groups <= 0) break;
        buf_add(&b, str_sub(s, at, group[0] - at));
        if (literal) buf_add(&b, a[2].u.s);
        else add_replacement(&b, a[2].u.s, s, group, groups);
        at = group[1];
        from = at;
        if (group[1] == group[0]) { /* an empty match, of a look at a word's end, moves on by one character */
            if (at >= s.len) break;
            (void)str_utf8_next(s, &from);
            buf_add(&b, str_sub(s, at, from - at));
            at = from;
        }
    }
    regex_free(r);
    if (groups < 0) return NULL_VALUE;
    buf_add(&b, str_sub(s, at, s.len));
    return buf_ok(&b) ? rule_value_str(buf_str(&b)) : rule_run_fail(run, ERR_LIMIT, "1 MiB");
}

static struct value w_split(struct run *run, const struct value *a, size_t n, int form) {
    size_t group[2 * REGEX_GROUPS_MAX], at = 0;
    struct vec out = { .run = run };
    (void)form;
    struct regex *r = pattern_of(a, 2, n > 2 ? 2 : n);
    if (!r) return NULL_VALUE;
    struct str s = a[0].u.s;
    for (size_t from = 0; from <= s.len && run->rc == 0;) {
        if (regex_exec(r, s, from, group) <= 0) break;
        if (group[1] == group[0]) {
            if (group[0] >= s.len) break;
            if (group[0] == at) {
                from = group[0];
                (void)str_utf8_next(s, &from);
                continue;
            }
        }
        rule_vec_add(&out, rule_value_str(str_sub(s, at, group[0] - at)));
        at = from = group[1];
    }
    regex_free(r);
    rule_vec_add(&out, rule_value_str(str_sub(s, at, s.len)));
    return rule_vec_list(&out);
}

static struct value w_string_join(struct run *run, const struct value *a, size_t n, int form) {
    struct buf b;
    struct value one = a[0];
    (void)form;
    struct list single = { &one, 1 };
    const struct list *l = a[0].kind == V_LIST ? a[0].u.list : &single;
    if (a[0].kind == V_NULL || (n > 1 && a[1].kind != V_STR && a[1].kind != V_NULL)) return NULL_VALUE;
    bool any = false;
    buf_init(&b, run->arena, 64, TEXT_BYTES_MAX);
    for (size_t i = 0; i < l->n; i++) {
        if (l->item[i].kind == V_NULL) continue;
        if (l->item[i].kind != V_STR) return NULL_VALUE;
        if (any && n > 1 && a[1].kind == V_STR) buf_add(&b, a[1].u.s);
        buf_add(&b, l->item[i].u.s);
        any = true;
    }
    return buf_ok(&b) ? rule_value_str(buf_str(&b)) : rule_run_fail(run, ERR_LIMIT, "1 MiB");
}

/* Columns: see rule_words_number.c. */
const struct word rule_words_text[] = {
    { "substring", w_substring, { { { "string", "start position", "length" }, 3, 2, false } }, 1, 0 },
    { "string length", w_string_length, { { { "string" }, 1, 1, false } }, 1, 0 },
    { "upper case", w_upper_case, { { { "string" }, 1, 1, false } }, 1, 0 },
    { "lower case", w_lower_case, { { { "string" }, 1, 1, false } }, 1, 0 },
    { "substring before", w_substring_before, { { { "string", "match" }, 2, 2, false } }, 1, 0 },
    { "substring after", w_substring_after, { { { "string", "match" }, 2, 2, false } }, 1, 0 },
    { "contains", w_contains, { { { "string", "match" }, 2, 2, false } }, 1, 0 },
    { "starts with", w_starts_with, { { { "string", "match" }, 2, 2, false } }, 1, 0 },
    { "ends with", w_ends_with, { { { "string", "match" }, 2, 2, false } }, 1, 0 },
    { "matches", w_matches, { { { "input", "pattern", "flags" }, 3, 2, false } }, 1, 0 },
    { "replace", w_replace, { { { "input", "pattern", "replacement", "flags" }, 4, 3, false } }, 1, 0 },
    { "split", w_split, { { { "string", "delimiter" }, 2, 2, false } }, 1, 0 },
    { "string join", w_string_join, { { { "list", "delimiter" }, 2, 1, false } }, 1, 1 },
};
const size_t rule_n_words_text = sizeof rule_words_text / sizeof *rule_words_text;
