/* receipt: B13's PDF: what was received, when and by whom, for the applicant's own files. It is set when it is asked for, from the case as it
 * was submitted, and kept nowhere. Invariant: the press is asked on the pool, in no transaction.
 */
#include "engine/identity/identity.h"
#include "web/portal/portal.h"
#include "web/user.h"

#include <string.h>

enum { RECEIPT_ARENA_BYTES = 48 * 1024 * 1024 };

struct receipt {
    const struct paper *paper;
    struct val *view;
    int64_t at_ms;
    struct str pdf;
};

const struct paper *portal_receipt_of(const struct item_case *c) {
    return c->submitted_ms ? system_find(c->system, SYSTEM_PAPER, S("receipt")) : NULL;
}

static struct val *files_of(struct arena *a, const struct val *materials) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(materials); i++) {
        const struct val *files = val_get(val_item(materials, i), S("files"));
        for (size_t k = 0; k < val_count(files); k++) {
            struct val *v = val_map(a);
            val_put_i64(a, v, S("place"), (int64_t)val_count(list) + 1);
            val_put_str(a, v, S("name"), val_get_str(val_item(materials, i), S("name")));
            val_put_str(a, v, S("file"), val_get_str(val_item(files, k), S("file_name")));
            val_push(a, list, v);
        }
    }
    return list;
}

static int look(struct store_tx *tx, struct page *p, struct err *e) {
    struct receipt *x = p->own;
    struct arena *a = store_arena(tx);
    struct item_case c;
    struct val *view, *v = val_map(a);
    struct str organ = S("");
    int rc = portal_case(tx, p, "case.read", &c, e);
    if (rc) return rc;
    x->paper = portal_receipt_of(&c);
    if (!x->paper) return err_set(e, ERR_NOT_FOUND, NULL);
    rc = item_case_view(tx, page_realm(p), &c, S(""), S("zh"), &view, e);
    if (!rc) rc = identity_unit_title(tx, page_realm(p), c.unit, S("zh"), &organ, e);
    if (rc) return rc;
    const struct val *guide = item_brief_view(page_realm(p), c.system, c.type, S("zh"), a);
    struct str progress = ARENA_CAT(a, S("/zh/progress?number="), c.number);
    val_put_str(a, v, S("number"), c.number);
    val_put_str(a, v, S("item"), c.type->name);
    val_put_str(a, v, S("applicant"), val_get_str(view, S("applicant")));
    val_put_str(a, v, S("submitted"), val_get_str(view, S("submitted")));
    val_put_str(a, v, S("organ"), organ);
    val_put_str(a, v, S("limit"), val_get_str(guide, S("limit_promise")));
    val_put_str(a, v, S("phone"), val_get_str(guide, S("phone")));
    val_put_str(a, v, S("complaint_phone"), val_get_str(guide, S("complaint_phone")));
    val_put_str(a, v, S("progress_url"), ARENA_CAT(a, page_realm(p)->base_url, progress));
    val_put(a, v, S("materials"), files_of(a, val_get(view, S("materials"))));
    x->view = val_copy(p->req->arena, v);
    x->at_ms = c.submitted_ms;
    return x->view ? 0 : err_set(e, ERR_MEMORY, NULL);
}

static void set(struct page *p) {
    struct receipt *x = p->own;
    p->req->arena->limit_bytes = RECEIPT_ARENA_BYTES; /* until the request is over */
    int rc = page_pdf(p, x->paper, x->view, x->at_ms, S(""), p->req->arena, &x->pdf, &p->err);
    if (rc) p->err.code = rc;
}

int receipt_ask(struct page *p, struct err *e) {
    p->own = arena_new(p->req->arena, struct receipt);
    p->look = look;
    p->work = set;
    return p->own ? 0 : err_set(e, ERR_MEMORY, NULL);
}

int receipt_say(struct page *p, struct err *e) {
    const struct receipt *x = p->own;
    struct http_reply *r = arena_new(p->req->arena, struct http_reply);
    if (!r) return err_set(e, ERR_MEMORY, NULL);
    *r = (struct http_reply){ .status = 200, .media_type = S("application/pdf"), .body = x->pdf };
    p->reply = r;
    return 0;
}
