/* po_write: see po_write.h. Invariant: what is handed on was read again, and says what was put into
 * it. */
#include "data/po_write.h"

#include "base/buf.h"

enum { TEXT_BYTES_MAX = 16 * 1024 * 1024 };

static struct str escaped(struct arena *a, struct str s) {
    struct buf b;
    buf_init(&b, a, s.len + 16, TEXT_BYTES_MAX);
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];
        if (c == '\n') buf_add(&b, S("\\n"));
        else if (c == '\t') buf_add(&b, S("\\t"));
        else if (c == '\r') buf_add(&b, S("\\r"));
        else {
            if (c == '"' || c == '\\') buf_add_char(&b, '\\');
            buf_add_char(&b, c);
        }
    }
    return buf_str(&b);
}

/* What stands between the quotes of a line that ends in them. */
static bool quoted(struct str line, struct str *ret) {
    struct str s = str_trim(line);
    if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"') return false;
    *ret = str_sub(s, 1, s.len - 2);
    return true;
}

/* Where the msgstr of the entry stands: from the start of its line to the end of its last. */
static bool find(struct arena *a, struct str text, struct str id, size_t *from, size_t *to) {
    struct str rest = text, line, piece;
    bool in_id = false, in_str = false, context = false;
    struct buf b;
    buf_init(&b, a, 256, TEXT_BYTES_MAX);
    while (str_cut(&rest, '\n', &line)) {
        const size_t at = (size_t)(line.ptr - text.ptr);
        if (str_starts(line, S("msgctxt"))) context = true;
        else if (str_starts(line, S("msgid "))) {
            buf_clear(&b);
            if (quoted(str_sub(line, 6, line.len), &piece)) buf_add(&b, piece);
            if (in_str) return true;
            in_id = true;
        } else if (str_starts(line, S("msgstr"))) {
            in_id = false;
            if (!context && str_eq(buf_str(&b), id)) {
                *from = at;
                *to = at + line.len;
                in_str = true;
            }
            context = false;
        } else if (quoted(line, &piece)) {
            if (in_id) buf_add(&b, piece);
            if (in_str) *to = at + line.len;
        } else if (in_str) return true;
    }
    return in_str;
}

int po_put(struct arena *a, struct str text, struct str id, struct str said, struct str *ret,
           struct err *e) {
    struct buf b;
    size_t from = text.len, to = text.len;
    struct po *po;
    struct err why = { 0 };
    if (!str_utf8_valid(id) || !str_utf8_valid(said)) return err_set(e, ERR_SYNTAX, "UTF-8");
    const struct str key = escaped(a, id);
    buf_init(&b, a, text.len + key.len + said.len + 64, TEXT_BYTES_MAX);
    if (find(a, text, key, &from, &to)) {
        buf_add(&b, str_sub(text, 0, from));
    } else {
        buf_add(&b, text);
        if (text.len && text.ptr[text.len - 1] != '\n') buf_add_char(&b, '\n');
        buf_add_fmt(&b, "%smsgid \"", text.len ? "\n" : "");
        buf_add(&b, key);
        buf_add(&b, S("\"\n"));
    }
    buf_add(&b, S("msgstr \""));
    buf_add(&b, escaped(a, said));
    buf_add_char(&b, '"');
    buf_add(&b, to < text.len ? str_sub(text, to, text.len) : S("\n"));
    *ret = buf_str(&b);
    if (!buf_ok(&b)) return err_set(e, ERR_LIMIT, "%d", TEXT_BYTES_MAX);
    if (po_parse(a, S("po"), *ret, &po, &why) || !str_eq(po_get(po, S(""), id), said))
        return err_set(e, ERR_SYNTAX, "msgid \"%.*s\"", STR_ARG(key));
    return 0;
}
