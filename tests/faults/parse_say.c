/* parse_say: says what our parsers make of inputs, for t21_agree.py, which asks others the same. In: for each input a letter, its length (four
 * bytes, the lowest first) and its bytes. Out: a line each, "no", or "yes" and what was understood: of JSON (J) the value as our writer
 * writes it; of XML (X) the elements as "(namespace}name attribute=value ... text )", every text in hexadecimal.
 */
#include <stdio.h>

#include "data/json.h"
#include "data/write.h"
#include "data/xml.h"

enum { INPUT_MOST = 1 << 20, SAID_MOST = 8 << 20 };

static void add_hex(struct buf *b, struct str s) {
    for (size_t i = 0; i < s.len; i++) buf_add_fmt(b, "%02x", (unsigned char)s.ptr[i]);
}

static void open_element(struct buf *b, const struct xml_node *n) {
    buf_add(b, S("("));
    add_hex(b, n->ns);
    buf_add(b, S("}"));
    add_hex(b, n->name);
    for (size_t i = 0; i < n->n_attr; i++) {
        buf_add(b, S(" "));
        add_hex(b, n->attr[i].ns);
        buf_add(b, S("}"));
        add_hex(b, n->attr[i].name);
        buf_add(b, S("="));
        add_hex(b, n->attr[i].value);
    }
    buf_add(b, S(" "));
}

static void say_tree(struct buf *b, const struct xml_node *root) {
    for (const struct xml_node *n = root; n;) { /* depth first, without recursion */
        if (n->name.len) open_element(b, n);
        else add_hex(b, n->text);
        if (n->first) {
            n = n->first;
            continue;
        }
        if (n->name.len) buf_add(b, S(")"));
        while (n && !n->next) {
            n = n == root ? NULL : n->parent;
            if (n) buf_add(b, S(")"));
        }
        if (n) n = n->next;
    }
}

static void say(int kind, struct str in) {
    struct arena a;
    struct buf b;
    struct err e = { 0 };
    struct val *v = NULL;
    struct xml_node *root = NULL;
    arena_init(&a, "say", (size_t)128 << 20);
    buf_init(&b, &a, 4096, SAID_MOST);
    int r = kind == 'J' ? json_parse(&a, in, 0, &v, &e) : xml_parse(&a, S("input"), in, &root, &e);
    if (r == 0 && v) write_json(&b, v);
    else if (r == 0) say_tree(&b, root);
    if (r == 0) printf("yes %.*s\n", STR_ARG(buf_str(&b)));
    else printf("no\n");
    arena_done(&a);
}

int main(void) {
    static char in[INPUT_MOST];
    for (int kind = getchar(); kind == 'J' || kind == 'X'; kind = getchar()) {
        unsigned char n[4];
        if (fread(n, 1, 4, stdin) != 4) return 2;
        size_t len = (size_t)n[0] | (size_t)n[1] << 8 | (size_t)n[2] << 16 | (size_t)n[3] << 24;
        if (len > sizeof in || fread(in, 1, len, stdin) != len) return 2;
        say(kind, str_make(in, len));
    }
    return 0;
}
