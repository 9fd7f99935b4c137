/* fuzz paper: any bytes as papers/NAME.xml, which editors write too. What compiles holds no element out of the vocabulary; bound to a view
 * that has whatever it asks for, and to one that has nothing, it stays within the limits, shows no markup that a value brought, and reads
 * back from the press's message as it was. Its own texts said again leave the file as it is. Setting type is pango's: fuzz press. */
#include "data/xml.h"
#include "engine/paper/paper_layout.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct str value = S_INIT("张<u\"&'>三");

struct view {
    struct arena *a;
    struct val *map;
    size_t names;
};

/* The map at a dotted path but for its last name, which is left in `name`; NULL where a text stands in the way. */
static struct val *map_at(struct arena *a, struct val *map, struct str *name) {
    struct str piece, rest = *name;
    size_t dot;
    while (map && (dot = str_find_char(rest, '.', 0)) != SIZE_MAX) {
        piece = str_sub(rest, 0, dot);
        rest = str_sub(rest, dot + 1, rest.len);
        if (!val_get(map, piece)) val_put(a, map, piece, val_map(a));
        const struct val *v = val_get(map, piece);
        map = v && v->kind == VAL_MAP ? (struct val *)(uintptr_t)v : NULL;
    }
    *name = rest;
    return map;
}

/* Gives the paper what it asks for: lists of two, texts otherwise. */
static void give(void *context, struct str name, struct str rows, bool lists) {
    struct view *w = context;
    if (++w->names > 400) return;
    if (rows.len) name = ARENA_CAT(w->a, S("row."), name);
    struct val *map = map_at(w->a, w->map, &name);
    if (!map || val_get(map, name)) return;
    if (!lists) {
        val_put_str(w->a, map, name, value);
        return;
    }
    struct val *list = val_list(w->a);
    for (int i = 0; i < 2; i++) {
        struct val *row = val_map(w->a);
        val_put_str(w->a, row, S("name"), value);
        val_push(w->a, list, row);
    }
    val_put(w->a, map, name, list);
}

static void check_elements(const struct xml_node *n, unsigned depth) {
    for (const struct xml_node *k = n->first; k; k = k->next) {
        if (!k->name.len) continue;
        assert(!k->ns.len);
        if (depth == 0) assert(str_eq(k->name, S("page")));
        else assert(depth == 1 || (depth == 2 && str_eq(k->name, S("column")) && str_eq(n->name, S("table"))));
        check_elements(k, depth + 1);
    }
}

static void check_tree(struct arena *a, const struct paper_tree *t) {
    struct buf html, text, wire, back;
    struct paper_tree *again;
    struct err e;
    assert(t->n_nodes <= PAPER_NODES_MAX);
    buf_init(&html, a, 4096, 16u << 20);
    buf_init(&text, a, 4096, 16u << 20);
    paper_html(&html, t);
    paper_text(&text, t);
    assert(str_find(buf_str(&html), S("<u"), 0) == SIZE_MAX); /* no element of ours begins so */
    buf_init(&wire, a, 4096, PAPER_MESSAGE_BYTES_MAX);
    buf_init(&back, a, 4096, PAPER_MESSAGE_BYTES_MAX);
    if (paper_tree_write(&wire, t, &e)) {
        assert(e.code == ERR_LIMIT);
        return;
    }
    assert(paper_tree_read(a, buf_str(&wire), &again, &e) == 0);
    assert(paper_tree_write(&back, again, &e) == 0 && str_eq(buf_str(&wire), buf_str(&back)));
}

static void check_words(struct arena *a, const struct paper *p, struct str file) {
    struct paper_words *words;
    struct str *text, said, had;
    struct err e;
    size_t n, texts = 0;
    if (paper_words(a, file, &words, &n, &e)) {
        assert(e.code != ERR_SYNTAX); /* a parser has taken it */
        return;
    }
    while (paper_text_at(p, texts, &had)) texts++;
    assert((text = arena_array(a, n + 1, sizeof *text)) != NULL);
    for (size_t i = 0; i < n; i++) text[i] = words[i].text;
    assert(n <= texts); /* but what stands beside a comment or as CDATA */
    assert(paper_reword(a, file, words, text, n, &said, &e) == 0 && str_eq(said, file));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct arena a;
    struct paper *p;
    struct paper_tree *t;
    struct xml_node *root;
    struct err e = { 0 };
    struct str file = str_make((const char *)bytes, n);
    arena_init(&a, "fuzz", 128u << 20);
    int rc = paper_compile(&a, S("fuzz.xml"), file, &p, &e);
    assert(rc == 0 || (rc == e.code && rc != ERR_DEFECT && str_utf8_valid(str_of(e.detail))));
    if (rc == 0 && xml_parse(&a, S("fuzz.xml"), file, &root, &e) == 0) {
        struct view w = { .a = &a, .map = val_map(&a) };
        assert(!root->ns.len);
        check_elements(root, 0);
        check_words(&a, p, file);
        paper_names(p, &a, give, &w);
        for (int full = 0; full < 2; full++) {
            rc = paper_bind(p, full ? w.map : val_map(&a), NULL, S("zh-CN"), &a, &t, &e);
            assert(rc == 0 || rc == ERR_LIMIT);
            if (rc == 0) check_tree(&a, t);
        }
    }
    arena_done(&a);
    return 0;
}
