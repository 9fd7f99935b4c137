/* xml: see xml.h. libxml2's SAX2 interface with our own handlers, so that no libxml2 tree, DTD or entity table is
 * ever built.
 *
 * Invariants
 *  1. The first byte of a document type declaration stops the parser: no entity can be declared, so none can grow or
 *     fetch.
 *  2. All character data of the document lies in one buffer in document order; the text of an element is a slice of
 *     it, so that `text` costs nothing per level. Character data is never longer than its source (a reference is
 *     longer than what it stands for, line ends only shrink), so the buffer is as large as the input.
 *  3. After the first failure (`state.code`) every handler returns at once.
 */
#include "data/xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

enum { XML_DEPTH_MOST = 64, XML_NODES_MOST = 100000, XML_BYTES_MOST = 4 * 1024 * 1024, XML_ATTRIBUTES_MOST = 256 };

struct state {
    struct arena *arena;
    xmlParserCtxtPtr ctxt;
    struct str file;
    struct err *e;
    int code; /* first failure, or 0 */
    struct xml_node *root;
    struct {
        struct xml_node *node, *last;
    } open[XML_DEPTH_MOST];
    size_t depth, nodes;
    char *text; /* invariant 2 */
    size_t text_len, text_cap;
};

static uint32_t line_of(const struct state *s) {
    return s->ctxt->input && s->ctxt->input->line > 0 ? (uint32_t)s->ctxt->input->line : 1;
}

/* Records the first failure and stops the parser. */
static void fail(struct state *s, int code, const char *what) {
    if (s->code) return;
    s->code = err_line(s->e, code, s->file, line_of(s), "%s", what);
    xmlStopParser(s->ctxt);
}

static struct str copy(struct state *s, const xmlChar *p, size_t len) {
    return arena_str(s->arena, str_make((const char *)p, len));
}

static struct str copy_z(struct state *s, const xmlChar *p) {
    return p ? copy(s, p, strlen((const char *)p)) : (struct str){ 0 };
}

/* A new last child of the open element (or the root); NULL after a failure. */
static struct xml_node *add_node(struct state *s) {
    if (++s->nodes > XML_NODES_MOST) {
        fail(s, ERR_LIMIT, "XML 节点 100000 个");
        return NULL;
    }
    struct xml_node *n = arena_new(s->arena, struct xml_node);
    if (!n) {
        fail(s, ERR_MEMORY, "");
        return NULL;
    }
    n->line = line_of(s);
    if (s->depth == 0) {
        s->root = n;
        return n;
    }
    n->parent = s->open[s->depth - 1].node;
    if (s->open[s->depth - 1].last) s->open[s->depth - 1].last->next = n;
    else n->parent->first = n;
    s->open[s->depth - 1].last = n;
    return n;
}

static void on_start(void *p, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_ns,
                     const xmlChar **ns, int n_attr, int n_default, const xmlChar **attr) {
    struct state *s = p;
    (void)n_ns, (void)ns, (void)n_default;
    if (s->code) return;
    if (s->depth == XML_DEPTH_MOST) {
        fail(s, ERR_LIMIT, "XML 嵌套 64 层");
        return;
    }
    struct xml_node *n = add_node(s);
    if (!n) return;
    n->name = copy_z(s, name);
    n->prefix = copy_z(s, prefix);
    n->ns = n->parent && str_eq(n->parent->ns, str_of((const char *)uri)) ? n->parent->ns : copy_z(s, uri);
    n->text = str_make(s->text + s->text_len, 0);
    if (n_attr > 0) {
        n->n_attr = (size_t)n_attr;
        s->nodes += n->n_attr;
        n->attr = arena_array(s->arena, n->n_attr, sizeof *n->attr);
        if (!n->attr) {
            fail(s, ERR_MEMORY, "");
            return;
        }
    }
    for (size_t i = 0; i < n->n_attr; i++) {
        const xmlChar **a = attr + i * 5; /* local name, prefix, namespace, first byte of the value, byte behind it */
        n->attr[i] = (struct xml_attr){ copy_z(s, a[2]), copy_z(s, a[0]), copy(s, a[3], (size_t)(a[4] - a[3])) };
    }
    s->open[s->depth].node = n;
    s->open[s->depth++].last = NULL;
}

static void on_end(void *p, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    struct state *s = p;
    (void)name, (void)prefix, (void)uri;
    if (s->code || s->depth == 0) return;
    struct xml_node *n = s->open[--s->depth].node;
    n->text.len = (size_t)(s->text + s->text_len - n->text.ptr);
}

/* Characters, blanks and CDATA; a run that arrives in pieces is one text node. */
static void on_text(void *p, const xmlChar *bytes, int len) {
    struct state *s = p;
    if (s->code || s->depth == 0 || len <= 0) return;
    size_t n = (size_t)len;
    if (n > s->text_cap - s->text_len) {
        fail(s, ERR_LIMIT, "XML 文本 4 MiB");
        return;
    }
    struct xml_node *t = s->open[s->depth - 1].last;
    if (!t || t->name.len) {
        t = add_node(s);
        if (!t) return;
        t->text = str_make(s->text + s->text_len, 0);
    }
    memcpy(s->text + s->text_len, bytes, n);
    s->text_len += n;
    t->text.len += n;
}

static void on_doctype(void *p, const xmlChar *name, const xmlChar *external, const xmlChar *system) {
    (void)name, (void)external, (void)system;
    fail(p, ERR_SYNTAX, "不接受文档类型声明（DOCTYPE），请删去");
}

static void on_error(void *p, xmlErrorPtr x) {
    struct state *s = p;
    if (s->code || !x || x->level == XML_ERR_WARNING || x->level == XML_ERR_NONE) return;
    struct str what = str_utf8_whole(str_trim(str_of(x->message))); /* the parser cuts what it quotes at bytes */
    s->code = err_line(s->e, x->code == XML_ERR_NO_MEMORY ? ERR_MEMORY : ERR_SYNTAX, s->file,
                       x->line > 0 ? (uint32_t)x->line : line_of(s), "XML 有误：%.*s", STR_ARG(what));
    xmlStopParser(s->ctxt);
}

/* libxml2 compares each attribute of an element with all others before it tells us of one: 300,000 take it half a
 * minute. So they are counted beforehand, as far as the text is well formed; where it is not, the parser stops.
 * The line of an element that has too many; 0: none. */
static uint32_t crowded_element(struct str s) {
    static const struct {
        struct str begin, end;
    } aside[] = { { S_INIT("<!--"), S_INIT("-->") }, { S_INIT("<![CDATA["), S_INIT("]]>") }, { S_INIT("<?"), S_INIT("?>") } };
    for (size_t at = str_find_char(s, '<', 0); at < s.len; at = str_find_char(s, '<', at)) {
        size_t k = 0, n = 0;
        char quote = 0;
        while (k < 3 && !str_starts(str_sub(s, at, s.len), aside[k].begin)) k++;
        if (k < 3) {
            at = str_find(s, aside[k].end, at + aside[k].begin.len);
            if (at == SIZE_MAX) return 0;
            continue;
        }
        for (; at < s.len && (quote || s.ptr[at] != '>'); at++) {
            char c = s.ptr[at];
            if (quote) quote = c == quote ? 0 : quote;
            else if (c == '"' || c == '\'') quote = c;
            else if (c == '=') n++;
        }
        if (n <= XML_ATTRIBUTES_MOST) continue;
        uint32_t line = 1;
        for (size_t i = 0; i < at && i < s.len; i++) line += s.ptr[i] == '\n';
        return line;
    }
    return 0;
}

int xml_parse(struct arena *a, struct str file_name, struct str bytes, struct xml_node **ret_root, struct err *e) {
    if (bytes.len > XML_BYTES_MOST) return err_line(e, ERR_LIMIT, file_name, 0, "XML 4 MiB");
    /* Declared encodings are not followed: text is UTF-8, and what is not is refused here, before libxml2 guesses. */
    if (!str_utf8_valid(bytes)) return err_line(e, ERR_SYNTAX, file_name, 0, "XML 必须是 UTF-8 编码");
    /* Behind the last element libxml2 takes a NUL for the end, and would not look at what follows. */
    if (bytes.len && memchr(bytes.ptr, 0, bytes.len)) return err_line(e, ERR_SYNTAX, file_name, 0, "XML 里有 NUL 字符");
    if (str_trim(bytes).len == 0) return err_line(e, ERR_SYNTAX, file_name, 1, "XML 内容为空");
    uint32_t crowded = crowded_element(bytes);
    if (crowded) return err_line(e, ERR_LIMIT, file_name, crowded, "一个 XML 元素的属性 256 个");
    struct state s = { .arena = a, .file = file_name, .e = e, .text_cap = bytes.len };
    s.text = arena_alloc(a, bytes.len + 1);
    if (!s.text) return err_line(e, ERR_MEMORY, file_name, 0, "%s", "");
    s.ctxt = xmlCreateMemoryParserCtxt(bytes.ptr, (int)bytes.len);
    if (!s.ctxt) return err_line(e, ERR_MEMORY, file_name, 0, "%s", "");
    /* NOENT puts the five predefined entities in place also inside attributes; invariant 1 leaves no others. */
    (void)xmlCtxtUseOptions(s.ctxt, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC | XML_PARSE_NOXINCNODE);
    *s.ctxt->sax = (xmlSAXHandler){ .initialized = XML_SAX2_MAGIC, .startElementNs = on_start, .endElementNs = on_end,
        .characters = on_text, .ignorableWhitespace = on_text, .cdataBlock = on_text, .internalSubset = on_doctype,
        .serror = on_error };
    s.ctxt->userData = &s;
    (void)xmlParseDocument(s.ctxt);
    if (!s.code && (!s.ctxt->wellFormed || !s.ctxt->nsWellFormed || !s.root || s.depth)) fail(&s, ERR_SYNTAX, "XML 有误");
    if (!s.code && arena_overflowed(a)) s.code = err_line(e, ERR_MEMORY, file_name, 0, "%s", "");
    xmlFreeDoc(s.ctxt->myDoc);
    s.ctxt->myDoc = NULL;
    xmlFreeParserCtxt(s.ctxt);
    if (s.code) return s.code;
    *ret_root = s.root;
    return 0;
}

static bool matches(const struct xml_node *n, struct str ns, struct str name) {
    return n->name.len && (ns.len == 0 || str_eq(n->ns, ns)) && (name.len == 0 || str_eq(n->name, name));
}

const struct xml_node *xml_child(const struct xml_node *parent, struct str ns, struct str name) {
    const struct xml_node *n = parent ? parent->first : NULL;
    while (n && !matches(n, ns, name)) n = n->next;
    return n;
}

const struct xml_node *xml_next(const struct xml_node *sibling, struct str ns, struct str name) {
    const struct xml_node *n = sibling ? sibling->next : NULL;
    while (n && !matches(n, ns, name)) n = n->next;
    return n;
}

struct str xml_attr(const struct xml_node *n, struct str ns, struct str name) {
    if (n)
        for (size_t i = 0; i < n->n_attr; i++)
            if (str_eq(n->attr[i].ns, ns) && str_eq(n->attr[i].name, name)) {
                struct str v = n->attr[i].value; /* present but empty keeps a pointer, so that it differs from absent */
                return v.ptr ? v : S("");
            }
    return (struct str){ 0 };
}
