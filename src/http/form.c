/* form: see form.h. One pass that decodes into a buffer as long as the input (decoding never grows), after one that
 * counts. Invariants: output is valid UTF-8; a field is at most form_field_bytes long as it was sent (a mark may take more).
 */
#include "http/form.h"

#include "data/plain.h"

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool is_clean(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f) return false;
    }
    return str_utf8_valid(s);
}

struct str http_form_marked(struct arena *a, struct str value) {
    return is_clean(value) ? value : plain_mark(a, value);
}

/* Decodes one name or value to *out and moves it on. */
static bool decode(struct str raw, char **out, struct str *ret) {
    char *to = *out;
    for (size_t i = 0; i < raw.len; i++) {
        int c = (unsigned char)raw.ptr[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            if (raw.len - i < 3) return false;
            int high = hex_digit(raw.ptr[i + 1]), low = hex_digit(raw.ptr[i + 2]);
            if (high < 0 || low < 0) return false;
            c = high * 16 + low;
            i += 2;
        }
        *to++ = (char)c;
    }
    *ret = str_make(*out, (size_t)(to - *out));
    *out = to;
    return true;
}

int http_form_parse(struct arena *a, struct str raw, const struct http_limits *limits, bool mark,
                    struct http_field **ret, size_t *n) {
    size_t pieces = 1, found = 0;
    *ret = NULL;
    *n = 0;
    if (raw.len == 0) return 0;
    for (size_t i = 0; i < raw.len; i++) pieces += raw.ptr[i] == '&';
    if (!http_within(limits, HTTP_BOUND_form_fields, pieces)) return 413;
    struct http_field *field = arena_array(a, pieces, sizeof *field);
    char *out = arena_alloc(a, raw.len);
    if (!field || !out) return 503;
    struct str piece;
    while (str_cut(&raw, '&', &piece)) {
        if (piece.len == 0) continue;
        size_t equals = str_find_char(piece, '=', 0);
        struct str value = equals == SIZE_MAX ? (struct str){ NULL, 0 } : str_sub(piece, equals + 1, piece.len);
        if (!decode(str_sub(piece, 0, equals), &out, &field[found].name) || !is_clean(field[found].name)) return 400;
        if (!decode(value, &out, &field[found].value) || (!mark && !is_clean(field[found].value))) return 400;
        size_t name = field[found].name.len, length = field[found].value.len;
        if (!http_within(limits, HTTP_BOUND_form_field_bytes, name > length ? name : length)) return 413;
        if (mark) field[found].value = http_form_marked(a, field[found].value);
        found++;
    }
    *ret = field;
    *n = found;
    return 0;
}
