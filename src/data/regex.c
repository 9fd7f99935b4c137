/* regex: see regex.h. Invariants: no JIT (the processes forbid writable code), a match limit and a heap limit on
 * every match, subjects are checked for UTF-8 before PCRE2 is told not to.
 */
#include "data/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_BYTES_MAX = 4096, STEPS_MAX = 200000, DEPTH_MAX = 2000, HEAP_KIB_MAX = 4096 };

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

/* XPath has no (?...) but for (?:...). */
static bool beyond_xpath(struct str p) {
    for (size_t i = 0; i + 2 < p.len; i++) {
        if (p.ptr[i] == '\\') {
            i++;
            continue;
        }
        if (p.ptr[i] == '(' && (p.ptr[i + 1] == '*' || (p.ptr[i + 1] == '?' && p.ptr[i + 2] != ':'))) return true;
    }
    return false;
}

/* A pattern of XPath in PCRE2's terms: with flag x blanks outside of classes go (and # is a plain character); a
 * class less another, [a-z-[aeiou]], becomes a class behind a negative look. `out` has room for twice the pattern
 * and 16 bytes. */
static size_t translate(struct str p, bool no_blanks, char *out) {
    size_t n = 0, class_at = 0, depth = 0;
    for (size_t i = 0; i < p.len; i++) {
        char c = p.ptr[i];
        if (c == '\\' && i + 1 < p.len) {
            out[n++] = c;
            out[n++] = p.ptr[++i];
        } else if (depth == 0 && no_blanks && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
            continue;
        } else if (depth == 0 && c == '[') {
            depth = 1;
            class_at = n;
            out[n++] = c;
            if (i + 1 < p.len && p.ptr[i + 1] == '^') out[n++] = p.ptr[++i];
        } else if (depth == 1 && c == '-' && i + 1 < p.len && p.ptr[i + 1] == '[') {
            size_t end = str_find(p, S("]]"), i + 2);
            if (end == SIZE_MAX) return SIZE_MAX;
            struct str less = str_sub(p, i + 1, end - i);
            /* What follows needs as many bytes again as the pattern has left, and those around the two classes. */
            if (n + less.len + 9 + (p.len - end) > 2 * p.len + 16) return SIZE_MAX;
            size_t size = n - class_at, extra = less.len + 7;
            memmove(out + class_at + extra, out + class_at, size);
            memcpy(out + class_at, "(?:(?!", 6);
            memcpy(out + class_at + 6, less.ptr, less.len);
            out[class_at + 6 + less.len] = ')';
            n += extra;
            out[n++] = ']';
            out[n++] = ')';
            i = end + 1;
            depth = 0;
        } else {
            if (c == ']') depth = 0;
            out[n++] = c;
        }
    }
    return n;
}

static bool read_flags(struct str flags, uint32_t *options, bool *no_blanks) {
    for (size_t i = 0; i < flags.len; i++) switch (flags.ptr[i]) {
        case 's': *options |= PCRE2_DOTALL; break;
        case 'm': *options |= PCRE2_MULTILINE; break;
        case 'i': *options |= PCRE2_CASELESS; break;
        case 'x': *no_blanks = true; break;
        case 'q': *options |= PCRE2_LITERAL; break;
        default: return false;
        }
    /* A literal pattern has no use for the others but i. */
    if (*options & PCRE2_LITERAL) *options &= PCRE2_LITERAL | PCRE2_CASELESS;
    return true;
}

int regex_new(struct str pattern, struct str flags, struct regex **ret, struct err *e) {
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
    int number;
    size_t at;
    if (pattern.len > PATTERN_BYTES_MAX) return err_set(e, ERR_LIMIT, "%d", PATTERN_BYTES_MAX);
    uint32_t given = 0;
    bool no_blanks = false;
    if (!str_utf8_valid(pattern) || !read_flags(flags, &given, &no_blanks)) return err_set(e, ERR_SYNTAX, "regex");
    if (!(given & PCRE2_LITERAL)) {
        if (beyond_xpath(pattern)) return err_set(e, ERR_SYNTAX, "regex");
        options |= PCRE2_UCP;
    } else {
        options &= ~PCRE2_DOLLAR_ENDONLY & ~PCRE2_NEVER_BACKSLASH_C;
    }
    char text[2 * PATTERN_BYTES_MAX + 16];
    size_t n = given & PCRE2_LITERAL ? pattern.len : translate(pattern, no_blanks, text);
    if (n == SIZE_MAX) return err_set(e, ERR_SYNTAX, "regex");
    if (given & PCRE2_LITERAL && n) memcpy(text, pattern.ptr, n);
    struct regex *r = calloc(1, sizeof *r);
    if (!r) return err_set(e, ERR_MEMORY, NULL);
    r->code = pcre2_compile((PCRE2_SPTR)text, n, options | given, &number, &at, NULL);
    if (!r->code) {
        free(r);
        return err_set(e, ERR_SYNTAX, "regex (%zu)", at + 1);
    }
    r->data = pcre2_match_data_create(REGEX_GROUPS_MAX, NULL);
    r->context = pcre2_match_context_create(NULL);
    if (!r->data || !r->context) {
        regex_free(r);
        return err_set(e, ERR_MEMORY, NULL);
    }
    (void)pcre2_set_match_limit(r->context, STEPS_MAX);
    (void)pcre2_set_depth_limit(r->context, DEPTH_MAX);
    (void)pcre2_set_heap_limit(r->context, HEAP_KIB_MAX);
    *ret = r;
    return 0;
}

void regex_free(struct regex *r) {
    if (!r) return;
    pcre2_match_context_free(r->context);
    pcre2_match_data_free(r->data);
    pcre2_code_free(r->code);
    free(r);
}

int regex_exec(const struct regex *r, struct str subject, size_t from, size_t group[2 * REGEX_GROUPS_MAX]) {
    if (from > subject.len || !str_utf8_valid(subject)) return 0;
    int n = pcre2_match(r->code, (PCRE2_SPTR)(subject.len ? subject.ptr : ""), subject.len, from,
        PCRE2_NO_UTF_CHECK, r->data,
                        r->context);
    if (n == PCRE2_ERROR_NOMATCH) return 0;
    if (n < 0) return ERR_LIMIT;
    if (n == 0) n = REGEX_GROUPS_MAX;
    const size_t *v = pcre2_get_ovector_pointer(r->data);
    for (int i = 0; i < 2 * REGEX_GROUPS_MAX; i++) group[i] = i < 2 * n ? v[i] : SIZE_MAX;
    return n;
}
