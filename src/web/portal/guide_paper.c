/* guide_paper: the papers of a guide: A8f, the form to fill in by hand (the item's own, or a
 * material's), and A8s, a specimen of what comes out or of a material filled in. Set when first
 * asked for, then kept. Invariants: nothing in them is anybody's; a specimen is not signed, says so
 * across every page in both languages, and its code leads to the guide. The press is asked on the
 * pool, in no transaction.
 */
#include "web/portal/portal.h"
#include "web/user.h"

enum { ARENA_BYTES = 48 * 1024 * 1024 };

struct guide_paper {
    const struct system *system;
    const struct item_type *type;
    const struct item_part *part; /* of a specimen of a result */
    struct str paper, key, pdf;   /* paper: name of the layout; empty: the item's own form */
    bool sample;
    int64_t at_ms;
};

/* Which paper is asked for: `of` names a part or a material. */
static bool find_paper(struct guide_paper *x, struct str of) {
    const struct item_material *material = item_material(x->type, of);
    if (material) {
        x->paper = val_get_str(material->about, x->sample ? S("sample") : S("blank"));
        return x->paper.len > 0;
    }
    if (!x->sample) return of.len == 0;
    for (size_t i = 0; i < x->type->n_parts && !x->part; i++) {
        const struct item_part *p = &x->type->part[i];
        if (p->paper.len && (of.len == 0 || str_eq(p->id, of))) x->part = p;
    }
    x->paper = x->part ? x->part->paper : S("");
    return x->part != NULL;
}

static void set(struct page *p) {
    struct guide_paper *x = p->own;
    struct arena *a = p->req->arena;
    const struct paper *paper =
        x->paper.len ? system_find(x->system, SYSTEM_PAPER, x->paper) : NULL;
    struct val *view = val_map(a);
    int rc = 0;
    a->limit_bytes = ARENA_BYTES; /* until the request is over */
    if (x->sample) {
        struct str path = ARENA_CAT(a, S("/zh/guide/"), x->type->id);
        view = item_sample_view(page_realm(p), x->system, x->type, x->part,
                                ARENA_CAT(a, page_realm(p)->base_url, path), a);
    } else if (!x->paper.len) rc = item_form_paper(x->system, x->type, a, &paper, &view, &p->err);
    if (!rc && !paper) rc = err_set(&p->err, ERR_NOT_FOUND, NULL);
    if (!rc)
        rc = page_pdf(p, paper, view, x->at_ms, x->sample ? item_sample_mark() : S(""), a, &x->pdf,
                      &p->err);
    if (rc) p->err.code = rc;
    else page_keep(p, x->key, x->pdf);
}

static int look(struct store_tx *tx, struct page *p, struct err *e) {
    struct guide_paper *x = p->own;
    int rc = portal_item(p, &x->system, &x->type, e);
    if (rc) return rc;
    struct str of = http_query(p->req, S("of"));
    if (!find_paper(x, of)) return err_set(e, ERR_NOT_FOUND, NULL);
    struct str what = x->paper.len ? x->paper : S("-");
    x->at_ms = store_now_ms(tx);
    x->key = arena_fmt(p->req->arena, "%s %lld %.*s %.*s", x->sample ? "sample" : "blank",
                       (long long)x->system->release, STR_ARG(x->type->id), STR_ARG(what));
    if (!page_kept(p, x->key, &x->pdf)) p->work = set;
    return 0;
}

static int ask(struct page *p, bool sample) {
    struct guide_paper *x = arena_new(p->req->arena, struct guide_paper);
    if (!x) return ERR_MEMORY;
    x->sample = sample;
    p->own = x;
    p->look = look;
    return 0;
}

int guide_form_ask(struct page *p, struct err *e) {
    int rc = ask(p, false);
    return rc ? err_set(e, rc, NULL) : 0;
}

int guide_sample_ask(struct page *p, struct err *e) {
    int rc = ask(p, true);
    return rc ? err_set(e, rc, NULL) : 0;
}

int guide_paper_say(struct page *p, struct err *e) {
    const struct guide_paper *x = p->own;
    struct http_reply *r = arena_new(p->req->arena, struct http_reply);
    if (!r) return err_set(e, ERR_MEMORY, NULL);
    *r = (struct http_reply){ .status = 200, .media_type = S("application/pdf"), .body = x->pdf };
    p->reply = r;
    return 0;
}
