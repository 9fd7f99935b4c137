/* paper_layout: compiles papers/NAME.xml. The tables below are the whole vocabulary; see paper_layout.h for
 * its meaning.
 *
 * Invariants: an element or attribute that is not in a table is an error that names it; every text has been
 * compiled once as a template, so that a paper that compiles can always be bound.
 */
#include "engine/paper/paper_layout.h"

#include <string.h>

#include "data/tpl.h"
#include "data/xml.h"
#include "engine/paper/paper_private.h"

#define ATTRS(...) (const char *const[]){ __VA_ARGS__, NULL }

/* TO ADD AN ELEMENT: 1. a kind in paper_layout.h, 2. a row here, 3. binding, HTML and text, 4. the press, 5.
 * a test in each. */
static const struct element {
    const char *name;
    uint8_t kind;
    const char *const *attrs;
    const char *const *needed;
} elements[] = {
    { "title", PAPER_TITLE, ATTRS("level", "align", "if"), ATTRS(NULL) },
    { "para", PAPER_PARA, ATTRS("align", "indent", "size", "weight", "font", "if"), ATTRS(NULL) },
    { "field", PAPER_FIELD, ATTRS("label", "span", "if"), ATTRS("label") },
    { "table", PAPER_TABLE, ATTRS("rows", "caption", "if"), ATTRS("rows") },
    { "image", PAPER_IMAGE, ATTRS("src", "alt", "width", "height", "x", "y", "align", "if"),
      ATTRS("src", "alt", "width") },
    { "qr", PAPER_QR, ATTRS("text", "size", "caption", "x", "y", "align", "if"), ATTRS("text", "caption") },
    { "seal", PAPER_SEAL, ATTRS("organisation", "text", "date", "size", "align", "x", "y", "if"),
      ATTRS("organisation", "date") },
    { "rule", PAPER_RULE, ATTRS("kind", "if"), ATTRS(NULL) },
    { "space", PAPER_SPACE, ATTRS("height", "if"), ATTRS("height") },
};
static const struct element page_element = { "page", PAPER_PAGE, ATTRS("if"), ATTRS(NULL) };
static const struct element column_element = { "column", PAPER_CELL, ATTRS("title", "width", "align"),
                                               ATTRS("title") };
static const struct element paper_element = {
    "paper", 0, ATTRS("id", "title", "lang", "size", "orientation", "margin", "style",
                          "kind"),
    ATTRS("id", "title", "style")
};

struct compiler {
    struct arena *arena;
    struct str file;
    struct paper *paper;
    struct err *e;
};

static int fail(struct compiler *c, const struct xml_node *n, const char *what, struct str which) {
    return err_line(c->e, ERR_SYSTEM, c->file, n->line, "<%.*s> %s %.*s", STR_ARG(n->name), what,
                    STR_ARG(which));
}

static bool in(const char *const *list, struct str name) {
    for (; *list; list++)
        if (str_eq(str_of(*list), name)) return true;
    return false;
}

static int check_attrs(struct compiler *c, const struct xml_node *n, const struct element *el) {
    for (size_t i = 0; i < n->n_attr; i++)
        if (n->attr[i].ns.len || !in(el->attrs, n->attr[i].name))
            return fail(c, n, "没有这个属性：", n->attr[i].name);
    for (const char *const *need = el->needed; *need; need++)
        if (!xml_attr(n, S(""), str_of(*need)).ptr) return fail(c, n, "缺少属性：", str_of(*need));
    return 0;
}

/* Millimetres with up to two decimals, 0..600, to hundredths. */
bool paper_length(struct str s, int32_t *ret) {
    struct str whole, rest = s;
    uint64_t mm, hundredths = 0;
    size_t dot = str_find_char(s, '.', 0);
    whole = dot == SIZE_MAX ? s : str_sub(s, 0, dot);
    if (!str_to_u64(whole, &mm) || mm > PAPER_SIDE_MAX / 100) return false;
    if (dot != SIZE_MAX) {
        rest = str_sub(s, dot + 1, s.len);
        if (rest.len < 1 || rest.len > 2 || !str_to_u64(rest, &hundredths)) return false;
        if (rest.len == 1) hundredths *= 10;
    }
    *ret = (int32_t)(mm * 100 + hundredths);
    return *ret <= PAPER_SIDE_MAX;
}

static int length_attr(struct compiler *c, const struct xml_node *n, struct str name, int32_t *ret) {
    struct str s = xml_attr(n, S(""), name);
    if (s.ptr && !paper_length(s, ret)) return fail(c, n, "长度应为毫米数：", name);
    return 0;
}

/* One of the words, by number; 0 if absent. */
static int word_attr(struct compiler *c, const struct xml_node *n, struct str name, const char *const *words,
                     uint8_t *ret) {
    struct str s = xml_attr(n, S(""), name);
    if (!s.ptr) return 0;
    for (uint8_t i = 0; words[i]; i++)
        if (str_eq(str_of(words[i]), s)) {
            *ret = i;
            return 0;
        }
    return fail(c, n, "不认识这个取值：", s);
}

static bool is_blank(char ch) {
    return ch == ' ' || ch == '\n' || ch == '\t' || ch == '\r';
}

/* Line breaks of the file are layout of the source, not of the paper: they vanish next to Chinese, and are a
 * blank between Latin words. */
struct str paper_normalise(struct arena *a, struct str s) {
    s = str_trim(s);
    char *out = arena_alloc(a, s.len + 1);
    if (!out) return S("");
    size_t n = 0;
    for (size_t i = 0; i < s.len;) {
        size_t j = i;
        bool broken = false;
        while (j < s.len && is_blank(s.ptr[j])) broken |= s.ptr[j++] == '\n';
        if (!broken) {
            for (j = j > i ? j : i + 1; i < j; i++) out[n++] = s.ptr[i];
            continue;
        }
        if (n && !(out[n - 1] & 0x80) && j < s.len && !(s.ptr[j] & 0x80)) out[n++] = ' ';
        i = j;
    }
    return str_make(out, n);
}

int paper_template(struct arena *a, struct str name, struct str source, const struct tpl **ret, struct err *e) {
    struct tpl *t;
    int r = tpl_compile(a, name, source, TPL_PLAIN, NULL, &t, e);
    if (!r) *ret = t;
    return r;
}

static int take_text(struct compiler *c, const struct xml_node *n, struct str text, struct paper_text *ret) {
    ret->source = paper_normalise(c->arena, text);
    struct err inner = { 0 };
    int r = paper_template(c->arena, c->file, ret->source, &ret->tpl, &inner);
    if (r) return err_line(c->e, ERR_SYSTEM, c->file, n->line, "<%.*s> %s", STR_ARG(n->name), inner.detail);
    struct paper *p = c->paper;
    if (ret->source.len == 0) return 0;
    if (p->n_texts == PAPER_TEXTS_MAX)
        return err_line(c->e, ERR_SYSTEM, c->file, n->line, "文字超过 %d 段", PAPER_TEXTS_MAX);
    p->text[p->n_texts++] = ret->source;
    return 0;
}

static int attr_text(struct compiler *c, const struct xml_node *n, struct str name, struct paper_text *ret) {
    return take_text(c, n, xml_attr(n, S(""), name), ret);
}

static const char *const align_words[] = { "left", "center", "right", NULL };
static const char *const size_words[] = { "normal", "small", "large", "huge", NULL };
static const char *const rule_words[] = { "thin", "thick", "double", NULL };
static const char *const weight_words[] = { "normal", "bold", NULL };
static const char *const font_words[] = { "serif", "sans", NULL };
static const char *const span_words[] = { "whole", "half", NULL };
static const char *const level_words[] = { "", "1", "2", "3", NULL };

/* Attributes that several elements share. */
static int common_attrs(struct compiler *c, const struct xml_node *n, struct paper_part *p) {
    uint8_t bold = 0, sans = 0, half = 0;
    int r = word_attr(c, n, S("align"), align_words, &p->box.align);
    if (!r) r = word_attr(c, n, S("weight"), weight_words, &bold);
    if (!r) r = word_attr(c, n, S("font"), font_words, &sans);
    if (!r) r = word_attr(c, n, S("span"), span_words, &half);
    if (!r) r = length_attr(c, n, S("x"), &p->box.x);
    if (!r) r = length_attr(c, n, S("y"), &p->box.y);
    if (!r) r = length_attr(c, n, S("width"), &p->box.w);
    if (!r) r = length_attr(c, n, S("height"), &p->box.h);
    if (!r && (p->box.kind == PAPER_QR || p->box.kind == PAPER_SEAL))
        r = length_attr(c, n, S("size"), &p->box.w);
    if (r) return r;
    p->box.bold = bold;
    p->box.sans = sans;
    p->box.half = half;
    bool x = xml_attr(n, S(""), S("x")).ptr != NULL, y = xml_attr(n, S(""), S("y")).ptr != NULL;
    if (x != y) return fail(c, n, "缺少属性：", x ? S("y") : S("x"));
    p->box.placed = x;
    struct str cond = xml_attr(n, S(""), S("if"));
    p->unless = str_starts(cond, S("!"));
    p->cond = str_sub(cond, p->unless ? 1 : 0, cond.len);
    return 0;
}

static int para_attrs(struct compiler *c, const struct xml_node *n, struct paper_part *p) {
    uint64_t indent = 0;
    struct str s = xml_attr(n, S(""), S("indent"));
    if (s.ptr && (!str_to_u64(s, &indent) || indent > 8))
        return fail(c, n, "缩进应为 0 到 8 个字：", S("indent"));
    p->box.indent = (uint8_t)indent;
    return word_attr(c, n, S("size"), size_words, &p->box.level);
}

/* What has no elements below it; and no text either, where nobody would see it. */
static int check_below(struct compiler *c, const struct xml_node *n, bool text) {
    for (const struct xml_node *k = n->first; k; k = k->next)
        if (k->name.len) return fail(c, k, "不认识这个元素：", k->name);
    struct str stray = str_utf8_whole(str_sub(str_trim(n->text), 0, 30));
    return text || !stray.len ? 0 : fail(c, n, "文字须放在 para 等元素中：", stray);
}

static int columns(struct compiler *c, const struct xml_node *n, struct paper_part *table) {
    struct paper_part **at = &table->first;
    size_t count = 0;
    for (const struct xml_node *k = n->first; k; k = k->next) {
        if (!k->name.len && !str_trim(k->text).len) continue;
        if (k->ns.len || !str_eq(k->name, S("column"))) return fail(c, k->name.len ? k : n, "不能放在表格中：", k->name);
        if (++count > PAPER_COLUMNS_MAX) return fail(c, k, "列数超过", S("12"));
        struct paper_part *p = arena_new(c->arena, struct paper_part);
        if (!p) return err_set(c->e, ERR_MEMORY, "paper");
        p->box.kind = PAPER_CELL;
        int r = check_attrs(c, k, &column_element);
        if (!r) r = check_below(c, k, true);
        if (!r) r = common_attrs(c, k, p);
        if (!r) r = attr_text(c, k, S("title"), &p->label);
        if (!r) r = take_text(c, k, k->text, &p->text);
        if (r) return r;
        *at = p;
        at = &p->next;
    }
    if (!count) return fail(c, n, "缺少", S("column"));
    table->rows = xml_attr(n, S(""), S("rows"));
    return attr_text(c, n, S("caption"), &table->label);
}

/* What each kind has of its own. */
static int own_attrs(struct compiler *c, const struct xml_node *n, struct paper_part *p) {
    int r = 0;
    switch (p->box.kind) {
    case PAPER_TITLE:
        p->box.level = 1;
        r = word_attr(c, n, S("level"), level_words, &p->box.level);
        if (!r && p->box.level == 0) r = fail(c, n, "不认识这个取值：", S("level"));
        if (!xml_attr(n, S(""), S("align")).ptr && p->box.level == 1) p->box.align = PAPER_CENTER;
        return r ? r : take_text(c, n, n->text, &p->text);
    case PAPER_PARA: r = para_attrs(c, n, p); return r ? r : take_text(c, n, n->text, &p->text);
    case PAPER_FIELD:
        r = attr_text(c, n, S("label"), &p->label);
        return r ? r : take_text(c, n, n->text, &p->text);
    case PAPER_TABLE: return columns(c, n, p);
    case PAPER_IMAGE: p->rows = xml_attr(n, S(""), S("src")); return attr_text(c, n, S("alt"), &p->label);
    case PAPER_QR:
        if (!p->box.w) p->box.w = 2600;
        r = attr_text(c, n, S("text"), &p->text);
        return r ? r : attr_text(c, n, S("caption"), &p->label);
    case PAPER_SEAL:
        if (!p->box.w) p->box.w = 4000;
        if (!xml_attr(n, S(""), S("align")).ptr) p->box.align = PAPER_RIGHT;
        r = attr_text(c, n, S("organisation"), &p->label);
        if (!r) r = attr_text(c, n, S("text"), &p->text);
        return r ? r : attr_text(c, n, S("date"), &p->date);
    case PAPER_RULE: return word_attr(c, n, S("kind"), rule_words, &p->box.level);
    default: return 0;
    }
}

static const struct element *element_find(struct str name) {
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (str_eq(str_of(elements[i].name), name)) return &elements[i];
    return NULL;
}

static int page(struct compiler *c, const struct xml_node *n, struct paper_part *page_part) {
    struct paper_part **at = &page_part->first;
    for (const struct xml_node *k = n->first; k; k = k->next) {
        if (!k->name.len) {
            if (str_trim(k->text).len)
                return fail(c, n, "文字须放在 para 等元素中：", str_utf8_whole(str_sub(str_trim(k->text), 0, 30)));
            continue;
        }
        const struct element *el = k->ns.len ? NULL : element_find(k->name);
        if (!el) return fail(c, k, "不认识这个元素：", k->name);
        struct paper_part *p = arena_new(c->arena, struct paper_part);
        if (!p) return err_set(c->e, ERR_MEMORY, "paper");
        p->box.kind = el->kind;
        bool says = p->box.kind == PAPER_TITLE || p->box.kind == PAPER_PARA || p->box.kind == PAPER_FIELD;
        int r = check_attrs(c, k, el);
        if (!r && p->box.kind != PAPER_TABLE) r = check_below(c, k, says);
        if (!r) r = common_attrs(c, k, p);
        if (!r) r = own_attrs(c, k, p);
        if (r) return r;
        *at = p;
        at = &p->next;
    }
    return 0;
}

static int sheet(struct compiler *c, const struct xml_node *n) {
    static const char *const sizes[] = { "A4", "A5", NULL }, *const turns[] = { "portrait", "landscape",
                                                                                NULL };
    static const char *const styles[] = { "licence", "notice", "receipt", NULL };
    static const char *const kinds[] = { "", "licence", "decision", "notice", NULL };
    static const int32_t side[2][2] = { { 21000, 29700 }, { 14800, 21000 } };
    struct paper *p = c->paper;
    uint8_t size = 0, turn = 0;
    int r = word_attr(c, n, S("size"), sizes, &size);
    if (!r) r = word_attr(c, n, S("orientation"), turns, &turn);
    if (!r) r = word_attr(c, n, S("style"), styles, &p->style);
    if (!r) r = word_attr(c, n, S("kind"), kinds, &p->is);
    if (r) return r;
    if (!p->is) p->is = p->style == PAPER_LICENCE ? PAPER_IS_LICENCE : PAPER_IS_NOTICE;
    p->w = side[size][turn];
    p->h = side[size][!turn];
    for (int i = 0; i < 4; i++) p->margin[i] = 2500;
    struct str margin = xml_attr(n, S(""), S("margin")), piece;
    int i = 0;
    for (; margin.ptr && str_cut(&margin, ' ', &piece) && i <= 4; i++)
        if (i == 4 || !paper_length(piece, &p->margin[i]) || p->margin[i] > 6000)
            return fail(c, n, "不认识这个取值：", S("margin"));
    if (i != 0 && i != 4) return fail(c, n, "应为“上 右 下 左”四个毫米数：", S("margin"));
    p->id = xml_attr(n, S(""), S("id"));
    p->lang = xml_attr(n, S(""), S("lang"));
    if (!p->lang.len) p->lang = S("zh-CN");
    return attr_text(c, n, S("title"), &p->title);
}

int paper_compile(struct arena *a, struct str file, struct str bytes, struct paper **ret, struct err *e) {
    struct xml_node *root;
    int r = xml_parse(a, file, bytes, &root, e);
    if (r) return r;
    struct paper *p = arena_new(a, struct paper);
    if (!p) return err_set(e, ERR_MEMORY, "paper");
    struct compiler c = { a, file, p, e };
    if (root->ns.len || !str_eq(root->name, S("paper"))) return fail(&c, root, "根元素应为：", S("paper"));
    r = check_attrs(&c, root, &paper_element);
    if (!r) r = sheet(&c, root);
    if (r) return r;
    struct paper_part **at = &p->first;
    for (const struct xml_node *k = root->first; k; k = k->next) {
        if (!k->name.len && !str_trim(k->text).len) continue;
        if (k->ns.len || !str_eq(k->name, S("page"))) return fail(&c, k->name.len ? k : root, "不认识这个元素：", k->name);
        struct paper_part *part = arena_new(a, struct paper_part);
        if (!part) return err_set(e, ERR_MEMORY, "paper");
        part->box.kind = PAPER_PAGE;
        r = check_attrs(&c, k, &page_element);
        if (!r) r = common_attrs(&c, k, part);
        if (!r) r = page(&c, k, part);
        if (r) return r;
        *at = part;
        at = &part->next;
    }
    if (!p->first) return fail(&c, root, "缺少", S("page"));
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, "paper");
    *ret = p;
    return 0;
}

struct str paper_id(const struct paper *p) {
    return p->id;
}

enum paper_is paper_is(const struct paper *p) {
    return (enum paper_is)p->is;
}

struct str paper_title(const struct paper *p) {
    return p->title.source;
}

bool paper_text_at(const struct paper *p, size_t i, struct str *ret) {
    if (i >= p->n_texts) return false;
    *ret = p->text[i];
    return true;
}
