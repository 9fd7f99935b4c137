/* xml_write: see xml_write.h. Invariants: every spot lies within the document, behind the one before;
 * what is written is read back as the same text.
 */
#include "data/xml_write.h"

#include "base/buf.h"

enum { NAME_BYTES_MAX = 256, ENTITY_BYTES_MAX = 10, GROWS_MAX = 1024 * 1024 };

struct scan {
    struct arena *a;
    struct str bytes;
    size_t at;
    uint32_t line;
    struct xml_spot *spot;
    size_t n;
    struct err *e;
};

static int broken(struct scan *s, const char *what) {
    return err_line(s->e, ERR_SYNTAX, S("xml"), s->line, "%s", what);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool here(const struct scan *s, struct str mark) {
    return str_starts(str_sub(s->bytes, s->at, mark.len), mark);
}

static void move(struct scan *s, size_t to) {
    for (; s->at < to && s->at < s->bytes.len; s->at++) s->line += s->bytes.ptr[s->at] == '\n';
}

/* Behind the next `mark`; false: there is none. */
static bool behind(struct scan *s, struct str mark) {
    size_t found = str_find(s->bytes, mark, s->at);
    if (found == SIZE_MAX) return false;
    move(s, found + mark.len);
    return true;
}

static void skip_blanks(struct scan *s) {
    size_t to = s->at;
    while (to < s->bytes.len && is_blank(s->bytes.ptr[to])) to++;
    move(s, to);
}

static struct str take_name(struct scan *s) {
    size_t from = s->at, to = from;
    while (to < s->bytes.len && !is_blank(s->bytes.ptr[to]) &&
           str_find_char(S("=/>"), s->bytes.ptr[to], 0) == SIZE_MAX)
        to++;
    move(s, to);
    return str_sub(s->bytes, from, to - from);
}

/* ---- entities ---- */

static bool code_point(struct str name, uint32_t *ret) {
    static const struct {
        struct str name;
        char is;
    } five[] = { { S_INIT("amp"), '&' },
                 { S_INIT("lt"), '<' },
                 { S_INIT("gt"), '>' },
                 { S_INIT("quot"), '"' },
                 { S_INIT("apos"), '\'' } };
    uint64_t n = 0;
    for (size_t i = 0; i < sizeof five / sizeof *five; i++)
        if (str_eq(five[i].name, name)) {
            *ret = (uint32_t)five[i].is;
            return true;
        }
    const bool hex = str_starts(name, S("#x"));
    struct str digits = str_sub(name, hex ? 2 : 1, name.len);
    if (!str_starts(name, S("#")) || (hex ? !str_hex_to_u64(digits, &n) : !str_to_u64(digits, &n)) ||
        n == 0 || n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff))
        return false;
    *ret = (uint32_t)n;
    return true;
}

/* As the parser gives it: a line break within an attribute is a blank. */
static int text_of(struct scan *s, struct str raw, bool attr, struct str *ret) {
    struct buf b;
    buf_init(&b, s->a, raw.len + 1, raw.len + 1);
    for (size_t i = 0; i < raw.len; i++) {
        uint32_t cp;
        if (raw.ptr[i] != '&') {
            buf_add_char(&b, attr && is_blank(raw.ptr[i]) ? ' ' : raw.ptr[i]);
            continue;
        }
        size_t end = str_find_char(raw, ';', i);
        if (end == SIZE_MAX || end - i > ENTITY_BYTES_MAX ||
            !code_point(str_sub(raw, i + 1, end - i - 1), &cp))
            return broken(s, "&");
        buf_add_utf8(&b, cp);
        i = end;
    }
    *ret = buf_str(&b);
    return buf_ok(&b) ? 0 : err_set(s->e, ERR_MEMORY, "xml");
}

/* ---- spots ---- */

static int add(struct scan *s, struct str element, struct str attr, size_t at, size_t len, char quote,
               uint32_t line) {
    struct xml_spot *spot = &s->spot[s->n];
    if (s->n == XML_SPOTS_MAX) return err_set(s->e, ERR_LIMIT, "%d", XML_SPOTS_MAX);
    *spot = (struct xml_spot){
        .element = element, .attr = attr, .at = at, .len = len, .quote = quote, .line = line
    };
    s->n++;
    return text_of(s, str_sub(s->bytes, at, len), quote != 0, &spot->text);
}

static int take_attr(struct scan *s, struct str element) {
    struct str name = take_name(s);
    const uint32_t line = s->line;
    skip_blanks(s);
    if (!name.len || name.len > NAME_BYTES_MAX || !here(s, S("="))) return broken(s, "=");
    move(s, s->at + 1);
    skip_blanks(s);
    if (s->at >= s->bytes.len) return broken(s, "\"");
    const char quote = s->bytes.ptr[s->at];
    const size_t from = s->at + 1;
    const size_t to = quote == '"' || quote == '\'' ? str_find_char(s->bytes, quote, from) : SIZE_MAX;
    if (to == SIZE_MAX) return broken(s, "\"");
    move(s, to + 1);
    return add(s, element, name, from, to - from, quote, line);
}

/* A start tag; and where nothing but characters follow up to its end, these. */
static int take_tag(struct scan *s) {
    const uint32_t line = s->line;
    move(s, s->at + 1);
    struct str element = take_name(s);
    int rc = 0;
    if (!element.len || element.len > NAME_BYTES_MAX) return broken(s, "<");
    for (skip_blanks(s); !rc && s->at < s->bytes.len && !here(s, S(">")) && !here(s, S("/>"));
         skip_blanks(s))
        rc = take_attr(s, element);
    if (rc) return rc;
    if (s->at >= s->bytes.len) return broken(s, ">");
    const bool alone = here(s, S("/>"));
    move(s, s->at + (alone ? 2 : 1));
    const size_t end = alone ? SIZE_MAX : str_find_char(s->bytes, '<', s->at);
    if (end == SIZE_MAX || !str_starts(str_sub(s->bytes, end, 2), S("</"))) return 0;
    return add(s, element, S(""), s->at, end - s->at, 0, line);
}

int xml_spots(struct arena *a, struct str bytes, struct xml_spot **ret, size_t *n, struct err *e) {
    struct scan s = { .a = a, .bytes = bytes, .line = 1, .e = e };
    int rc = 0;
    *n = 0;
    s.spot = *ret = arena_array(a, XML_SPOTS_MAX, sizeof **ret);
    if (!s.spot) return err_set(e, ERR_MEMORY, "xml");
    while (!rc && s.at < bytes.len) {
        size_t next = str_find_char(bytes, '<', s.at);
        if (next == SIZE_MAX) break;
        move(&s, next);
        if (here(&s, S("<!--"))) rc = behind(&s, S("-->")) ? 0 : broken(&s, "-->");
        else if (here(&s, S("<![CDATA["))) rc = behind(&s, S("]]>")) ? 0 : broken(&s, "]]>");
        else if (here(&s, S("<?"))) rc = behind(&s, S("?>")) ? 0 : broken(&s, "?>");
        else if (here(&s, S("</")) || here(&s, S("<!"))) rc = behind(&s, S(">")) ? 0 : broken(&s, ">");
        else rc = take_tag(&s);
    }
    *n = rc ? 0 : s.n;
    return rc;
}

/* ---- writing ---- */

static void put_text(struct buf *b, struct str text, char quote) {
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c == '&') buf_add(b, S("&amp;"));
        else if (c == '<') buf_add(b, S("&lt;"));
        else if (c == '>' && !quote) buf_add(b, S("&gt;"));
        else if (c == '"' && quote == '"') buf_add(b, S("&quot;"));
        else if (c == '\'' && quote == '\'') buf_add(b, S("&apos;"));
        else if (is_blank(c) && quote) buf_add_char(b, ' ');
        else buf_add_char(b, c);
    }
}

/* XML 1.0, section 2.2: of control characters only these. */
static bool holds(struct str text) {
    for (size_t i = 0; i < text.len;) {
        const int32_t cp = str_utf8_next(text, &i);
        if ((cp < ' ' && cp != '\t' && cp != '\n') || cp == 0xfffe || cp == 0xffff) return false;
    }
    return str_utf8_valid(text);
}

int xml_say(struct arena *a, struct str bytes, const struct xml_spot *spot, const struct str *said,
            size_t n, struct str *ret, struct err *e) {
    struct buf b;
    size_t at = 0;
    buf_init(&b, a, bytes.len + 256, bytes.len + GROWS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (!said[i].ptr) continue;
        if (!holds(said[i])) return err_set(e, ERR_SYNTAX, "xml");
        buf_add(&b, str_sub(bytes, at, spot[i].at - at));
        put_text(&b, said[i], spot[i].quote);
        at = spot[i].at + spot[i].len;
    }
    buf_add(&b, str_sub(bytes, at, SIZE_MAX));
    *ret = buf_str(&b);
    return buf_ok(&b) ? 0 : err_set(e, ERR_LIMIT, "%d KiB", GROWS_MAX / 1024);
}
