/* audit_head: heads of the tree, and the turn of the sequencer.
 *
 * A turn: [lease, batch, is a head due?] one BULK job -> [the proof that it continues the last one] a READ job -> ask `keys` (no
 * transaction is open) -> [store the head] one job. If the process dies between, the head is asked for again: `keys` signs the same size
 * and root again, or a larger one.
 * Invariant: what is signed was committed before it was asked for.
 */
#include <string.h>

#include "base/buf.h"
#include "engine/audit/audit.h"
#include "engine/audit/audit_store.h"

enum { LEASE_MS = 10000, TURN_BATCH = 250, JOB_BYTES = 8 * 1024 * 1024, PROOF_BYTES = 64 * 1024 * 1024 };

struct str audit_head_message(struct arena *a, const struct audit_head *h) {
    struct buf b;
    buf_init(&b, a, 256, 512);
    buf_add(&b, S("tongban audit head 1\nhome="));
    buf_add_i64(&b, h->home.v);
    buf_add(&b, S("\nsize="));
    buf_add_u64(&b, h->size);
    buf_add(&b, S("\nroot="));
    buf_add_hex(&b, h->root.v, DIGEST_BYTES);
    buf_add(&b, S("\ntime_ms="));
    buf_add_i64(&b, h->time_ms);
    buf_add(&b, S("\nsuite="));
    buf_add_u64(&b, h->suite);
    buf_add(&b, S("\nkey_id="));
    buf_add_u64(&b, h->key_id);
    buf_add_char(&b, '\n');
    return buf_ok(&b) ? buf_str(&b) : S("");
}

uint32_t audit_key_id(enum suite s, struct str public_spki_der) {
    struct digest d;
    hash(s, public_spki_der, &d);
    return (uint32_t)d.v[0] << 24 | (uint32_t)d.v[1] << 16 | (uint32_t)d.v[2] << 8 | d.v[3];
}

bool audit_head_genuine(const struct audit_head *h, struct str public_spki_der) {
    struct arena a;
    if (h->key_id != audit_key_id(h->suite, public_spki_der)) return false;
    arena_init(&a, "audit head", 4096);
    struct str message = audit_head_message(&a, h);
    bool ok = message.len && sign_verify(public_spki_der, message, h->signature);
    arena_done(&a);
    return ok;
}

int audit_head_due(struct store_tx *tx, struct home_id home, bool force, bool *ret_due, struct audit_head *ret,
                   struct err *e) {
    struct merkle m;
    struct audit_head last = { .size = 0 };
    bool found;
    int rc = audit_store_tree(tx, home, &m, &found, e);
    if (rc) return rc;
    rc = audit_store_head_last(tx, home, &last, NULL);
    if (rc && rc != ERR_NOT_FOUND) return err_set(e, rc, "audit head");
    int64_t now = store_now_ms(tx);
    uint64_t fresh = found && m.n > last.size ? m.n - last.size : 0;
    /* a clock that was set back must not stop the heads: any difference of a second counts */
    bool aged = now - last.time_ms >= AUDIT_HEAD_EVERY_MS || now < last.time_ms;
    *ret_due = fresh > 0 && (force || aged || fresh >= AUDIT_HEAD_EVERY_ENTRIES);
    memset(ret, 0, sizeof *ret);
    ret->home = home;
    ret->size = m.n;
    ret->suite = m.suite;
    ret->time_ms = now;
    merkle_root(&m, &ret->root);
    return 0;
}

int audit_head_put(struct store_tx *tx, const struct audit_head *h, struct err *e) {
    struct merkle m;
    struct digest root;
    bool found;
    int rc = audit_store_tree(tx, h->home, &m, &found, e);
    if (rc) return rc;
    merkle_root(&m, &root);
    if (h->size == 0 || m.n < h->size || (m.n == h->size && !digest_eq(&root, &h->root)))
        return err_set(e, ERR_CONFLICT, "audit head");
    return audit_store_head_put(tx, h, e);
}

int audit_head_last(struct store_tx *tx, struct home_id home, struct audit_head *ret, struct err *e) {
    return audit_store_head_last(tx, home, ret, e);
}

/* ---- the turn ---- */

struct turn {
    struct audit_sequencer *q;
    bool force, idle, due;
    size_t n;
    int64_t fence;
    struct audit_head head;
    struct audit_growth growth;
};

/* READ: is there anything to do? So that an idle home costs no write. */
static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct turn *t = job->arg;
    struct audit_row one;
    size_t n = 0;
    int rc = audit_store_pending(tx, job->home, &one, 1, &n, e);
    if (rc == 0) rc = audit_head_due(tx, job->home, t->force, &t->due, &t->head, e);
    t->idle = n == 0 && !t->due;
    return rc;
}

static int batch(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct turn *t = job->arg;
    int rc = store_lease_take(tx, S("audit"), t->q->holder, LEASE_MS, &t->fence, e);
    if (rc == 0) rc = audit_sequence(tx, job->home, t->q->suite, TURN_BATCH, &t->n, e);
    /* while a backlog is being numbered a head is due only by count, or each would cost a signature */
    if (rc == 0) rc = audit_head_due(tx, job->home, t->force && t->n < TURN_BATCH, &t->due, &t->head, e);
    return rc;
}

static int keep(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct turn *t = job->arg;
    int rc = store_lease_check(tx, S("audit"), t->fence, e);
    return rc ? rc : audit_head_put(tx, &t->head, e);
}

static int prove(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct turn *t = job->arg;
    return audit_prove_growth(tx, job->home, t->head.size, t->q->signed_size, &t->growth, e);
}

static int run(struct turn *t, struct arena *a, enum store_queue queue, store_body *body, struct err *e) {
    struct store_job job = { .home = t->q->home, .queue = queue, .arena = a, .body = body, .arg = t };
    return store_do(t->q->store, &job, e);
}

/* What was signed last is asked for once, and again when anything went wrong. That `keys` refuses is not another node's turn, whatever
 * its code. */
static int get_signed(struct turn *t, struct arena *a, struct err *e) {
    struct audit_sequencer *q = t->q;
    struct audit_head last = { .size = 0 };
    struct arena proof;
    int rc = q->knows ? 0 : q->last(q->context, a, q->home, &last, e);
    if (rc == ERR_NOT_FOUND) rc = 0;
    if (rc) return rc;
    if (!q->knows) q->signed_size = last.size;
    q->knows = false;
    arena_init(&proof, "audit proof", PROOF_BYTES);
    rc = run(t, &proof, STORE_READ, prove, e);
    arena_done(&proof);
    if (!rc) rc = q->sign(q->context, a, &t->head, &t->growth, e);
    if (rc == ERR_CONFLICT) {
        struct err why = *e;
        return err_set(e, ERR_DAMAGED, "keys refuses to sign: %s", why.detail);
    }
    if (!rc) q->knows = true, q->signed_size = t->head.size;
    return rc;
}

int audit_sequencer_turn(struct audit_sequencer *q, bool force_head, bool *ret_more, struct err *e) {
    struct turn t = { .q = q, .force = force_head, .fence = q->fence };
    struct arena work, signature;
    arena_init(&work, "audit turn", JOB_BYTES);
    arena_init(&signature, "audit head", 65536); /* outlives the jobs, which reset theirs */
    *ret_more = false;
    int rc = run(&t, &work, STORE_READ, look, e);
    if (rc == 0 && !t.idle) {
        rc = run(&t, &work, STORE_BULK, batch, e);
        q->fence = t.fence;
        *ret_more = rc == 0 && t.n == TURN_BATCH;
        if (rc == 0 && t.due) {
            rc = get_signed(&t, &signature, e);
            if (rc == 0) rc = run(&t, &work, STORE_BULK, keep, e);
        }
    }
    arena_done(&work);
    arena_done(&signature);
    return rc;
}
