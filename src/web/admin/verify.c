/* verify: I9 the log's signed heads, a run over the whole log, and one entry's proof that stands without us.
 * Invariant: what the signatures do not cover is stated on every page here.
 */
#include "web/admin/admin_pages.h"

#include "engine/audit/audit_kept.h"

static struct str hex(struct arena *a, const void *bytes, size_t n) {
    struct buf b;
    buf_init(&b, a, 2 * n + 1, 2 * n + 1);
    buf_add_hex(&b, bytes, n);
    return buf_str(&b);
}

static void put_head(struct page *p, const struct audit_head *h) {
    struct val *v = val_map(p->a);
    val_put_i64(p->a, v, S("size"), (int64_t)h->size);
    val_put_str(p->a, v, S("root"), hex(p->a, h->root.v, sizeof h->root.v));
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, h->time_ms));
    val_put_str(p->a, v, S("key"), arena_fmt(p->a, "%08x", h->key_id));
    val_put_str(p->a, v, S("suite"), h->suite == SUITE_GM ? S("SM2 / SM3") : S("ECDSA P-256 / SHA-256"));
    val_put_str(p->a, v, S("signature"), hex(p->a, h->signature.ptr, h->signature.len));
    val_put_bool(p->a, v, S("genuine"), audit_head_genuine(h, page_head_key(p)));
    val_put(p->a, p->view, S("head"), v);
}

int admin_verify_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct audit_row newest;
    struct audit_head head = { 0 };
    struct audit_filter any = { 0 };
    size_t n = 0;
    int rc = audit_find(tx, page_realm(p)->home, &any, 0, &newest, 1, &n, e);
    if (rc) return rc;
    rc = audit_head_last(tx, page_realm(p)->home, &head, e);
    if (rc && rc != ERR_NOT_FOUND) return rc;
    if (!rc) put_head(p, &head);
    int64_t entries = n ? newest.number : 0;
    val_put_i64(p->a, p->view, S("entries"), entries);
    val_put_i64(p->a, p->view, S("unsealed"), entries > (int64_t)head.size ? entries - (int64_t)head.size : 0);
    return 0;
}

int admin_verify_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("日志校验"), S(""));
    val_put_str(p->a, p->view, S("run_href"), page_href(p, S("/admin/audit/verify/run")));
    val_put_str(p->a, p->view, S("head_href"), page_href(p, S("/admin/audit/verify/head")));
    p->template = S("admin/verify");
    return 0;
}

/* ---- the head, to be kept elsewhere ---- */

struct kept_head {
    uint64_t size;
    struct str line;
};

int admin_head_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct kept_head *own = arena_new(p->req->arena, struct kept_head);
    struct audit_head head = { 0 };
    struct buf b;
    if (!own) return err_set(e, ERR_MEMORY, NULL);
    int rc = audit_head_last(tx, page_realm(p)->home, &head, e);
    if (!rc) rc = staff_looked(tx, p, "audit.verify", "audit", (int64_t)head.size, 0, e);
    if (rc) return rc;
    buf_init(&b, p->req->arena, AUDIT_KEPT_LINE_BYTES_MAX, AUDIT_KEPT_LINE_BYTES_MAX);
    audit_kept_write(&b, &head);
    *own = (struct kept_head){ head.size, buf_str(&b) };
    p->own = own;
    return buf_ok(&b) ? 0 : err_set(e, ERR_MEMORY, NULL);
}

int admin_head_say(struct page *p, struct err *e) {
    struct http_reply *reply = arena_new(p->req->arena, struct http_reply);
    const struct kept_head *own = p->own;
    if (!reply) return err_set(e, ERR_MEMORY, NULL);
    page_header(p, S("Content-Disposition"),
                arena_fmt(p->req->arena, "attachment; filename=\"tongban-head-%llu.json\"", (unsigned long long)own->size));
    *reply = (struct http_reply){ .status = 200, .media_type = S("application/json"), .body = own->line };
    p->reply = reply;
    return 0;
}

/* ---- a run ---- */

static void run(struct page *p) {
    (void)page_audit_verify(p, p->own, &p->err);
}

/* The right is looked up first (look), since the run is long. */
int admin_run_ask(struct page *p, struct err *e) {
    p->own = arena_new(p->req->arena, struct audit_report);
    p->look = page_act_none;
    p->work = run;
    return p->own ? 0 : err_set(e, ERR_MEMORY, NULL);
}

static struct str fault_text(enum audit_fault_kind k) {
    switch (k) {
    case AUDIT_FAULT_MISSING: return S("缺少条目");
    case AUDIT_FAULT_ALTERED: return S("条目被改动");
    case AUDIT_FAULT_TREE: return S("哈希树与条目不符");
    case AUDIT_FAULT_HEAD: return S("树头与条目不符，之前的内容被改写");
    case AUDIT_FAULT_SIGNATURE: return S("树头签名不是可信密钥所签");
    case AUDIT_FAULT_ROLLBACK: return S("日志被回退");
    }
    return S("");
}

int admin_run_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct audit_report *r = p->own;
    struct val *v = val_map(p->a), *faults = val_list(p->a);
    struct act act;
    int rc = act_open(&act, tx, page_realm(p), p->who, S("audit.verify"), e);
    if (rc) return rc;
    for (size_t i = 0; i < r->n_faults; i++) {
        struct val *x = val_map(p->a);
        val_put_str(p->a, x, S("text"), page_text(p, fault_text(r->fault[i].kind)));
        val_put_i64(p->a, x, S("first"), (int64_t)r->fault[i].first);
        val_put_i64(p->a, x, S("last"), (int64_t)r->fault[i].last);
        val_push(p->a, faults, x);
    }
    val_put_i64(p->a, v, S("entries"), (int64_t)r->entries);
    val_put_i64(p->a, v, S("heads"), (int64_t)r->heads);
    val_put_i64(p->a, v, S("sealed"), (int64_t)r->sealed);
    val_put_str(p->a, v, S("sealed_at"), realm_time(page_realm(p), p->a, p->lang, r->sealed_ms));
    val_put_i64(p->a, v, S("unsealed"), (int64_t)r->unsealed);
    val_put_i64(p->a, v, S("pending"), (int64_t)r->pending);
    val_put_str(p->a, v, S("unsealed_from"), realm_time(page_realm(p), p->a, p->lang, r->unsealed_from_ms));
    val_put_bool(p->a, v, S("sound"), r->all_faults == 0);
    val_put_i64(p->a, v, S("n_faults"), (int64_t)r->all_faults);
    val_put(p->a, v, S("faults"), faults);
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, p->now_ms));
    val_put(p->a, p->view, S("report"), v);
    return act_close(&act, S("audit"), 0, 0,
                     arena_fmt(p->a, "%llu faults in %llu", (unsigned long long)r->all_faults,
                               (unsigned long long)r->entries),
                     e);
}

int admin_run_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("校验结果"), S(""));
    staff_crumb(p, S("日志校验"), S("/admin/audit/verify"));
    staff_crumb(p, S("校验结果"), S(""));
    val_put_str(p->a, p->view, S("run_href"), page_href(p, S("/admin/audit/verify/run")));
    p->template = S("admin/run");
    return 0;
}

/* ---- one entry ---- */

int admin_entry_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct audit_proof *proof = arena_new(p->a, struct audit_proof);
    struct val *path = val_list(p->a);
    int64_t number;
    if (!proof) return err_set(e, ERR_MEMORY, NULL);
    int rc = staff_id(p, "number", &number, e);
    if (!rc) rc = audit_prove(tx, page_realm(p)->home, number, proof, e);
    if (!rc) rc = staff_looked(tx, p, "audit.verify", "audit", number, 0, e);
    if (rc) return rc;
    for (size_t i = 0; i < proof->path_n; i++)
        val_push(p->a, path, val_str(p->a, hex(p->a, proof->path[i].v, sizeof proof->path[i].v)));
    put_head(p, &proof->head);
    val_put_i64(p->a, p->view, S("number"), number);
    val_put_i64(p->a, p->view, S("index"), (int64_t)proof->index);
    val_put_str(p->a, p->view, S("canonical"), proof->canonical);
    val_put(p->a, p->view, S("path"), path);
    val_put_bool(p->a, p->view, S("proved"), audit_proof_check(proof, page_head_key(p)));
    return 0;
}

int admin_entry_say(struct page *p, struct err *e) {
    struct str number = http_param(p->req, S("number"));
    (void)e;
    staff_title(p, S("一条日志的证明"), number);
    staff_crumb(p, S("审计日志"), S("/admin/audit"));
    staff_crumb(p, S("一条日志的证明"), S(""));
    p->template = S("admin/entry");
    return 0;
}
