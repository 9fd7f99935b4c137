/* pdf_read: the part of ISO 32000-1 section 7 that an incremental update needs: tokens, dictionaries,
 * cross-reference tables.
 *
 * Invariants: a position never passes the end; values nest at most PDF_DEPTH_MAX; each section is read once.
 */
#include "data/pdf_private.h"

#include <string.h>

static bool is_space(char c) {
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_delimiter(char c) {
    return memchr("()<>[]{}/%", c, 10) != NULL;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void skip_space(struct str s, size_t *at) {
    while (*at < s.len) {
        if (s.ptr[*at] == '%')
            while (*at < s.len && s.ptr[*at] != '\n' && s.ptr[*at] != '\r') ++*at;
        else if (is_space(s.ptr[*at]))
            ++*at;
        else
            return;
    }
}

static bool skip_string(struct str s, size_t *at) {
    int depth = 0;
    for (; *at < s.len; ++*at) {
        char c = s.ptr[*at];
        if (c == '\\')
            ++*at;
        else if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0) {
            ++*at;
            return true;
        }
    }
    *at = s.len;
    return false;
}

static bool skip_word(struct str s, size_t *at) {
    size_t from = *at;
    while (*at < s.len && !is_space(s.ptr[*at]) && !is_delimiter(s.ptr[*at])) ++*at;
    return *at > from;
}

static bool get_u64(struct str s, size_t *at, uint64_t *ret) {
    size_t from = *at;
    while (*at < s.len && is_digit(s.ptr[*at])) ++*at;
    return str_to_u64(str_sub(s, from, *at - from), ret);
}

/* "12 0 R" from the first digit on. */
static bool skip_ref(struct str s, size_t *at, struct pdf_ref *ret) {
    size_t i = *at;
    uint64_t number, generation;
    if (!get_u64(s, &i, &number)) return false;
    skip_space(s, &i);
    if (!get_u64(s, &i, &generation)) return false;
    skip_space(s, &i);
    if (i >= s.len || s.ptr[i] != 'R' || number > PDF_OBJECTS_MAX || generation > 65535) return false;
    *at = i + 1;
    *ret = (struct pdf_ref){ (uint32_t)number, (uint32_t)generation };
    return true;
}

/* Moves over one value of any kind. Arrays and dictionaries are counted, not recursed into. */
static bool skip_value(struct str s, size_t *at) {
    int depth = 0;
    do {
        skip_space(s, at);
        if (*at >= s.len) return false;
        char c = s.ptr[*at];
        bool twice = *at + 1 < s.len && s.ptr[*at + 1] == c;
        struct pdf_ref ref;
        if (c == '[' || (c == '<' && twice)) {
            *at += c == '[' ? 1 : 2;
            if (++depth > PDF_DEPTH_MAX) return false;
        } else if (c == ']' || (c == '>' && twice)) {
            if (--depth < 0) return false;
            *at += c == ']' ? 1 : 2;
        } else if (c == '(') {
            if (!skip_string(s, at)) return false;
        } else if (c == '<') {
            size_t end = str_find_char(s, '>', *at);
            if (end == SIZE_MAX) return false;
            *at = end + 1;
        } else if (c == '/') {
            ++*at;
            (void)skip_word(s, at);
        } else if (!(is_digit(c) && skip_ref(s, at, &ref)) && !skip_word(s, at))
            return false;
    } while (depth > 0);
    return true;
}

bool pdf_dict_next(struct str dict, size_t *at, struct str *key, struct str *value) {
    if (*at == 0) {
        if (!str_starts(dict, S("<<"))) return false;
        *at = 2;
    }
    skip_space(dict, at);
    if (*at >= dict.len || dict.ptr[*at] != '/') return false;
    size_t from = (*at)++;
    (void)skip_word(dict, at);
    *key = str_sub(dict, from, *at - from);
    skip_space(dict, at);
    from = *at;
    if (!skip_value(dict, at)) return false;
    *value = str_sub(dict, from, *at - from);
    return true;
}

struct str pdf_dict_find(struct str dict, struct str key) {
    struct str k, v;
    for (size_t at = 0; pdf_dict_next(dict, &at, &k, &v);)
        if (str_eq(k, key)) return v;
    return S("");
}

bool pdf_is_ref(struct str value, struct pdf_ref *ret) {
    size_t at = 0;
    return skip_ref(value, &at, ret) && at == value.len;
}

bool pdf_array_u64(struct str array, size_t i, uint64_t *ret) {
    if (!str_starts(array, S("["))) return false;
    size_t at = 1;
    for (size_t k = 0; k <= i; k++) {
        skip_space(array, &at);
        if (at >= array.len || !get_u64(array, &at, ret)) return false;
    }
    return true;
}

struct str pdf_object(const struct pdf_file *f, uint32_t number) {
    uint64_t n, g;
    if (number >= f->n_objects || f->offset[number] == 0) return S("");
    size_t at = f->offset[number];
    if (!get_u64(f->bytes, &at, &n) || n != number) return S("");
    skip_space(f->bytes, &at);
    if (!get_u64(f->bytes, &at, &g)) return S("");
    skip_space(f->bytes, &at);
    if (!str_starts(str_sub(f->bytes, at, 3), S("obj"))) return S("");
    at += 3;
    skip_space(f->bytes, &at);
    size_t from = at;
    if (!skip_value(f->bytes, &at)) return S("");
    return str_sub(f->bytes, from, at - from);
}

static int bad(struct err *e, size_t at) {
    return err_set(e, ERR_FORMAT, "PDF 1.4，位置 %zu", at);
}

/* One table: "xref" { first count { entry } } "trailer" << >>. Entries already known from a newer section
 * stay. */
static int section(struct pdf_file *f, size_t at, struct str *trailer, struct err *e) {
    struct str s = f->bytes;
    if (at >= s.len || !str_starts(str_sub(s, at, 4), S("xref"))) return bad(e, at);
    at += 4;
    for (;;) {
        skip_space(s, &at);
        if (str_starts(str_sub(s, at, 7), S("trailer"))) break;
        uint64_t first, count;
        if (at >= s.len || !get_u64(s, &at, &first)) return bad(e, at);
        skip_space(s, &at);
        if (!get_u64(s, &at, &count)) return bad(e, at);
        if (first > f->cap || count > f->cap - first) return err_set(e, ERR_LIMIT, "%d", PDF_OBJECTS_MAX);
        for (uint64_t i = first; i < first + count; i++) {
            uint64_t offset, generation;
            skip_space(s, &at);
            if (at >= s.len || !get_u64(s, &at, &offset)) return bad(e, at);
            skip_space(s, &at);
            if (!get_u64(s, &at, &generation) || generation > 65535) return bad(e, at);
            skip_space(s, &at);
            char type = at < s.len ? s.ptr[at++] : 0;
            if ((type != 'n' && type != 'f') || offset >= s.len) return bad(e, at);
            if (f->offset[i] == 0 && f->generation[i] == 0) {
                f->offset[i] = type == 'n' ? offset : 0;
                /* A newer free entry hides an older one in use. */
                f->generation[i] =
                    type == 'n' && generation == 0 ? 0 : (uint16_t)(generation ? generation : 1);
            }
        }
    }
    at += 7;
    skip_space(s, &at);
    size_t from = at;
    if (!str_starts(str_sub(s, at, 2), S("<<")) || !skip_value(s, &at)) return bad(e, at);
    *trailer = str_sub(s, from, at - from);
    return 0;
}

static size_t last_startxref(struct str s) {
    size_t from = s.len > 1024 ? s.len - 1024 : 0, found = SIZE_MAX;
    for (size_t at = from; (at = str_find(s, S("startxref"), at)) != SIZE_MAX; at++) found = at;
    return found;
}

int pdf_open(struct arena *a, struct str bytes, struct pdf_file *ret, struct err *e) {
    if (bytes.len > PDF_BYTES_MAX) return err_set(e, ERR_LIMIT, "%d MiB", PDF_BYTES_MAX >> 20);
    size_t at = last_startxref(bytes);
    uint64_t xref, size;
    if (!str_starts(bytes, S("%PDF-1.")) || at == SIZE_MAX) return bad(e, 0);
    at += 9;
    skip_space(bytes, &at);
    if (!get_u64(bytes, &at, &xref)) return bad(e, at);
    struct pdf_file f = { .bytes = bytes, .last_xref = xref };
    /* An object and its entry take more than ten bytes: a short file cannot make us hold a long table. */
    f.cap = bytes.len / 10 + 1 < PDF_OBJECTS_MAX ? bytes.len / 10 + 1 : PDF_OBJECTS_MAX;
    f.offset = arena_array(a, f.cap, sizeof *f.offset);
    f.generation = arena_array(a, f.cap, sizeof *f.generation);
    if (!f.offset || !f.generation) return err_set(e, ERR_MEMORY, "pdf");
    for (int i = 0;; i++) {
        struct str trailer, prev;
        if (i == PDF_SECTIONS_MAX) return err_set(e, ERR_LIMIT, "%d", PDF_SECTIONS_MAX);
        int r = section(&f, xref, &trailer, e);
        if (r) return r;
        if (i == 0) f.trailer = trailer;
        prev = pdf_dict_find(trailer, S("/Prev"));
        if (!prev.len) break;
        if (!str_to_u64(prev, &xref)) return bad(e, xref);
    }
    if (pdf_dict_find(f.trailer, S("/Encrypt")).len || pdf_dict_find(f.trailer, S("/XRefStm")).len)
        return bad(e, f.last_xref);
    if (!str_to_u64(pdf_dict_find(f.trailer, S("/Size")), &size) || size < 1 || size > f.cap)
        return bad(e, f.last_xref);
    f.n_objects = size;
    *ret = f;
    return 0;
}
