/* page_read: what came with a request, as the pages see it. */
#include "data/plain.h"
#include "web/page_impl.h"

/* Every field once; those that came twice as a list. Our own two stay out. */
struct val *page_read_in(struct page *p) {
    const struct http_req *r = p->req;
    const struct http_field *f = r->method == HTTP_POST ? r->form : r->query;
    size_t n = r->method == HTTP_POST ? r->n_form : r->n_query;
    struct val *in = val_map(p->a);
    for (size_t i = 0; i < n; i++) {
        if (str_eq(f[i].name, S("_csrf")) || str_eq(f[i].name, S("_key"))) continue;
        const struct val *old = val_get(in, f[i].name);
        struct val *text = val_str(p->a, f[i].value);
        if (!old) {
            val_put(p->a, in, f[i].name, text);
            continue;
        }
        struct val *list = val_list(p->a);
        for (size_t k = 0; k < val_many(old); k++) val_push(p->a, list, val_str(p->a, val_text(val_nth(old, k))));
        val_push(p->a, list, text);
        val_put(p->a, in, f[i].name, list);
    }
    return in;
}

/* Whatever the form is for, no field of it may hold what people cannot read: noted at the field, and shown marked. */
void page_read_characters(struct page *p) {
    for (size_t i = 0; i < val_count(p->in); i++) {
        struct val_pair *pair = &p->in->u.map.pair[i];
        bool plain = true;
        for (size_t k = 0; k < val_many(pair->value); k++) {
            struct val *v = pair->value->kind == VAL_LIST ? pair->value->u.list.item[k] : pair->value;
            if (plain_text(v->u.s, true)) continue;
            v->u.s = plain_mark(p->a, v->u.s);
            plain = false;
        }
        if (!plain) (void)page_fault(p, pair->key, ERR_CHARACTERS, S(""));
    }
}

/* ---- stages that a row does not have ---- */

int page_ask_none(struct page *p, struct err *e) {
    (void)p;
    (void)e;
    return 0;
}

int page_act_none(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)p;
    (void)e;
    return 0;
}

int page_say_none(struct page *p, struct err *e) {
    (void)p;
    (void)e;
    return 0;
}
