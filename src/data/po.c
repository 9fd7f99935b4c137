/* po: see po.h. A line-wise reader of the .po format (GNU gettext manual, "The Format of PO Files"), strict: an entry
 * out of order, a double entry or an unknown escape is an error with its line.
 *
 * Invariants
 *  1. An entry without context stands in `plain`, one with context in the table of its context; a stored form is
 *     never empty.
 *  2. Obsolete (#~) lines, fuzzy entries, the header entry and untranslated entries are read but not kept.
 */
#include "data/po_in.h"

#include "base/buf.h"

#include <string.h>

enum { PO_BYTES_MAX = 16 * 1024 * 1024, PO_ENTRIES_MAX = 100000, PO_FORMS_MAX = 6, PO_NAME_BYTES_MAX = 64 };

struct entry {
    struct str form[PO_FORMS_MAX];
    size_t n;
};

struct po {
    struct map plain;   /* msgid -> entry */
    struct map context; /* msgctxt -> map of msgid -> entry */
};

enum part { PART_NONE, PART_CTX, PART_ID, PART_PLURAL, PART_STR };

struct reader {
    struct arena *arena;
    struct str file;
    struct err *e;
    struct po *po;
    uint32_t line, entry_line;
    size_t entries;
    enum part part;
    size_t form;
    bool fuzzy, fuzzy_next, has_ctx, has_plural;
    struct buf ctx, id, plural, text[PO_FORMS_MAX];
};

static int fail(struct reader *r, const char *what) {
    return err_line(r->e, ERR_SYNTAX, r->file, r->line, "%s", what);
}

static void start(struct reader *r) {
    buf_init(&r->ctx, r->arena, 0, PO_BYTES_MAX);
    buf_init(&r->id, r->arena, 0, PO_BYTES_MAX);
    buf_init(&r->plural, r->arena, 0, PO_BYTES_MAX);
    for (size_t i = 0; i < PO_FORMS_MAX; i++) buf_init(&r->text[i], r->arena, 0, PO_BYTES_MAX);
    r->part = PART_NONE;
    r->form = 0;
    r->has_ctx = r->has_plural = r->fuzzy = false;
}

static struct map *table_of(struct reader *r) {
    if (!r->has_ctx || r->ctx.len == 0) return &r->po->plain;
    struct map *m = map_find(&r->po->context, buf_str(&r->ctx));
    if (m) return m;
    m = arena_new(r->arena, struct map);
    if (!m) return NULL;
    map_init(m, r->arena);
    return map_put(&r->po->context, buf_str(&r->ctx), m) ? m : NULL;
}

/* Ends the entry being read and keeps it when it is a whole translation. */
static int finish(struct reader *r) {
    if (r->part == PART_NONE) return 0;
    if (r->part != PART_STR) return fail(r, "缺少 msgstr");
    size_t n = r->form + 1;
    bool whole = r->id.len > 0 && !r->fuzzy;
    for (size_t i = 0; i < n; i++) whole = whole && r->text[i].len > 0;
    if (whole) {
        if (++r->entries > PO_ENTRIES_MAX) return err_line(r->e, ERR_LIMIT, r->file, r->line, "%d 条", PO_ENTRIES_MAX);
        struct map *m = table_of(r);
        struct entry *en = arena_new(r->arena, struct entry);
        if (!m || !en) return err_set(r->e, ERR_MEMORY, "内存不足");
        if (map_find(m, buf_str(&r->id))) {
            r->line = r->entry_line;
            return fail(r, "重复的 msgid");
        }
        en->n = n;
        for (size_t i = 0; i < n; i++) en->form[i] = buf_str(&r->text[i]);
        (void)map_put(m, buf_str(&r->id), en);
    }
    start(r);
    return 0;
}

static struct buf *current(struct reader *r) {
    switch (r->part) {
    case PART_CTX: return &r->ctx;
    case PART_ID: return &r->id;
    case PART_PLURAL: return &r->plural;
    case PART_STR: return &r->text[r->form];
    case PART_NONE: break;
    }
    return NULL;
}

/* One "quoted piece", the whole of `s`. */
static int quoted(struct reader *r, struct str s) {
    struct buf *b = current(r);
    if (!b) return fail(r, "这一行不属于任何条目");
    if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"') return fail(r, "文字须写在双引号里");
    s = str_sub(s, 1, s.len - 2);
    while (s.len) {
        size_t slash = str_find_char(s, '\\', 0);
        struct str run = str_sub(s, 0, slash);
        if (str_find_char(run, '"', 0) != SIZE_MAX) return fail(r, "文字里的双引号须写成 \\\"");
        buf_add(b, run);
        if (slash == SIZE_MAX) break;
        if (slash + 1 == s.len) return fail(r, "反斜线之后缺少字符");
        static const char from[] = "ntr\"\\", to[] = "\n\t\r\"\\";
        const char *known = memchr(from, s.ptr[slash + 1], sizeof from - 1);
        if (!known) return fail(r, "不认识的转义字符");
        buf_add_char(b, to[known - from]);
        s = str_sub(s, slash + 2, SIZE_MAX);
    }
    return 0;
}

static bool keyword(struct str *s, struct str word) {
    if (!str_starts(*s, word)) return false;
    struct str rest = str_sub(*s, word.len, SIZE_MAX);
    if (!rest.len || (rest.ptr[0] != ' ' && rest.ptr[0] != '\t' && rest.ptr[0] != '"')) return false;
    *s = str_trim(rest);
    return true;
}

/* msgstr[n]: forms come as 0, 1, 2... */
static int plural_form(struct reader *r, struct str s) {
    size_t close = str_find_char(s, ']', 0);
    uint64_t n;
    if (close == SIZE_MAX || close < 7 || !str_to_u64(str_sub(s, 7, close - 7), &n)) return fail(r, "msgstr[ ] 写法不对");
    bool first = r->part == PART_PLURAL && n == 0;
    bool next = r->part == PART_STR && r->has_plural && n == r->form + 1 && n < PO_FORMS_MAX;
    if (!first && !next) return fail(r, "msgstr[ ] 须接在 msgid_plural 之后，从 0 起依次排列");
    r->part = PART_STR;
    r->form = (size_t)n;
    return quoted(r, str_trim(str_sub(s, close + 1, SIZE_MAX)));
}

static int begin(struct reader *r) {
    int e = finish(r);
    r->fuzzy = r->fuzzy_next;
    r->fuzzy_next = false;
    r->entry_line = r->line;
    return e;
}

static int read_line(struct reader *r, struct str s) {
    int e = 0;
    if (!s.len) return 0;
    if (s.ptr[0] == '#') {
        if (str_starts(s, S("#,"))) {
            if ((e = finish(r)) < 0) return e;
            r->fuzzy_next = r->fuzzy_next || str_find(s, S("fuzzy"), 0) != SIZE_MAX;
        }
        return 0;
    }
    if (s.ptr[0] == '"') return quoted(r, s);
    if (keyword(&s, S("msgctxt"))) {
        if ((e = begin(r)) < 0) return e;
        r->part = PART_CTX;
        r->has_ctx = true;
        return quoted(r, s);
    }
    if (keyword(&s, S("msgid"))) {
        if (r->part != PART_CTX && (e = begin(r)) < 0) return e;
        r->part = PART_ID;
        return quoted(r, s);
    }
    if (keyword(&s, S("msgid_plural"))) {
        if (r->part != PART_ID) return fail(r, "msgid_plural 须接在 msgid 之后");
        r->part = PART_PLURAL;
        r->has_plural = true;
        return quoted(r, s);
    }
    if (keyword(&s, S("msgstr"))) {
        if (r->part != PART_ID) return fail(r, "msgstr 须接在 msgid 之后");
        r->part = PART_STR;
        return quoted(r, s);
    }
    if (str_starts(s, S("msgstr["))) return plural_form(r, s);
    return fail(r, "不认识的行");
}

int po_parse(struct arena *a, struct str file_name, struct str text, struct po **ret, struct err *e) {
    struct reader r = { .arena = a, .file = file_name, .e = e, .po = arena_new(a, struct po) };
    if (text.len > PO_BYTES_MAX) return err_line(e, ERR_LIMIT, file_name, 0, "%d 字节", PO_BYTES_MAX);
    if (!r.po) return err_set(e, ERR_MEMORY, "内存不足");
    map_init(&r.po->plain, a);
    map_init(&r.po->context, a);
    start(&r);
    if (str_starts(text, S("\xef\xbb\xbf"))) text = str_sub(text, 3, SIZE_MAX);
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        r.line++;
        if (!str_utf8_valid(line) || (line.len && memchr(line.ptr, 0, line.len))) return fail(&r, "不是有效的 UTF-8 文本");
        int code = read_line(&r, str_trim(line));
        if (code < 0) return code;
    }
    int code = finish(&r);
    if (code < 0) return code;
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, "内存不足");
    *ret = r.po;
    return 0;
}

static const struct entry *find(const struct po *po, struct str ctx, struct str id) {
    if (!po) return NULL;
    const struct map *m = ctx.len ? map_find(&po->context, ctx) : &po->plain;
    return m ? map_find(m, id) : NULL;
}

const struct map *po_entries(const struct po *po) {
    return &po->plain;
}

struct str po_get(const struct po *po, struct str ctx, struct str id) {
    const struct entry *en = find(po, ctx, id);
    return en ? en->form[0] : id;
}

struct str po_get_plural(const struct po *po, struct str ctx, struct str id, int64_t n) {
    const struct entry *en = find(po, ctx, id);
    if (!en) return id;
    return en->form[n != 1 && en->n > 1 ? 1 : 0];
}

bool po_has(const struct po *po, struct str ctx, struct str id) {
    return find(po, ctx, id) != NULL;
}

static bool name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

size_t po_placeholder(struct str s) {
    size_t i = 1;
    if (!s.len || s.ptr[0] != '{') return 0;
    while (i < s.len && i <= PO_NAME_BYTES_MAX && name_char(s.ptr[i])) i++;
    return i > 1 && i < s.len && s.ptr[i] == '}' ? i + 1 : 0;
}

struct str po_fill(struct arena *a, struct str text, const struct val *args) {
    if (str_find_char(text, '{', 0) == SIZE_MAX) return text;
    struct buf b;
    buf_init(&b, a, text.len + 64, PO_BYTES_MAX);
    while (text.len) {
        size_t brace = str_find_char(text, '{', 0);
        buf_add(&b, str_sub(text, 0, brace));
        if (brace == SIZE_MAX) break;
        text = str_sub(text, brace, SIZE_MAX);
        size_t n = po_placeholder(text);
        const struct val *v = n ? val_path(args, str_sub(text, 1, n - 2)) : NULL;
        if (n == 0) n = 1;
        buf_add(&b, v ? val_text(v) : str_sub(text, 0, n));
        text = str_sub(text, n, SIZE_MAX);
    }
    return buf_str(&b);
}
