/* audit_verify: reads a home's whole log and finds what was altered, removed, reordered, rewritten, forged or
 * rolled back.
 *
 * How: the tree is built again from the rows; on its way through each head's size the root must be the head's, and
 * the head the trusted key's. What each finding means: enum audit_fault_kind.
 * Invariants
 *  1. Nothing stored is believed: numbers are counted, leaves are hashed from the fields, roots are computed.
 *  2. Each slice is one READ job of at most SLICE entries, so that a long log holds no snapshot for long; the size
 *     to be reached is the tree's at the beginning, and entries that come meanwhile are left to the next
 *     verification.
 *  3. After a missing number the tree cannot be rebuilt: later heads are checked by signature only, and not counted
 *     as sealing.
 */
#include <string.h>

#include "engine/audit/audit.h"
#include "engine/audit/audit_kept.h"
#include "engine/audit/audit_store.h"

enum { SLICE = 1024, SLICE_BYTES = 32 * 1024 * 1024 };

/* All state between slices; a slice works on a copy, because its body may run again. */
struct check {
    struct home_id home;
    struct str key;
    const struct audit_kept *kept; /* NULL: none */
    size_t kept_at;                /* the next of them by size */
    struct merkle m;      /* rebuilt so far */
    struct merkle block;  /* the same since the last full block */
    struct merkle stored; /* frontier row as it was at the beginning */
    int64_t after;        /* key of the last row read */
    int64_t last;         /* no row beyond this one is read */
    uint64_t next;        /* number that must come next */
    uint64_t head_after;  /* size of the last head seen */
    uint64_t head_last;   /* size of the newest head at the beginning */
    uint64_t reach;       /* size of the largest genuine head: so many entries there were */
    int64_t pending_ms;   /* time of the oldest pending entry */
    bool begun, damaged_tree, broken, done;
    struct audit_report report;
};

const char *audit_fault_name(enum audit_fault_kind k) {
    switch (k) {
    case AUDIT_FAULT_MISSING: return "missing";
    case AUDIT_FAULT_ALTERED: return "altered";
    case AUDIT_FAULT_TREE: return "tree";
    case AUDIT_FAULT_HEAD: return "head";
    case AUDIT_FAULT_SIGNATURE: return "signature";
    case AUDIT_FAULT_ROLLBACK: return "rollback";
    }
    return "unknown";
}

static void fault(struct check *c, enum audit_fault_kind kind, uint64_t first, uint64_t last) {
    struct audit_report *r = &c->report;
    r->all_faults++;
    if (r->n_faults == AUDIT_FAULTS_MAX) return;
    r->fault[r->n_faults++] = (struct audit_fault){ .kind = kind, .first = first, .last = last };
}

/* A head whose size the rebuilt tree has just reached, or will never reach. */
static void meet_head(struct check *c, const struct audit_head *h) {
    struct digest root;
    c->report.heads++;
    c->head_after = h->size;
    if (h->size == 0 || h->suite != c->m.suite || !audit_head_genuine(h, c->key)) {
        fault(c, AUDIT_FAULT_SIGNATURE, h->size, h->size);
        return;
    }
    if (h->size > c->reach) c->reach = h->size;
    if (c->broken || h->size >= c->next) return; /* beyond what is there: conclude() says what is missing */
    merkle_root(&c->m, &root);
    if (c->m.n != h->size || !digest_eq(&root, &h->root)) {
        fault(c, AUDIT_FAULT_HEAD, c->report.sealed + 1, h->size);
        return;
    }
    c->report.sealed = h->size;
    c->report.sealed_ms = h->time_ms;
    c->report.unsealed_from_ms = c->pending_ms;
}

static int meet_block(struct store_tx *tx, struct check *c, struct err *e) {
    struct digest root, ours;
    size_t n = 0;
    if (c->block.n < AUDIT_BLOCK) return 0;
    uint64_t number = c->m.n / AUDIT_BLOCK - 1;
    merkle_root(&c->block, &ours);
    int rc = audit_store_blocks(tx, c->home, number, &root, 1, &n, e);
    if (rc == 0 && (n == 0 || !digest_eq(&root, &ours)))
        fault(c, AUDIT_FAULT_TREE, number * AUDIT_BLOCK + 1, (number + 1) * AUDIT_BLOCK);
    c->block = (struct merkle){ .suite = c->m.suite };
    return rc;
}

/* Heads kept elsewhere whose size the rebuilt tree has just reached. */
static void meet_kept(struct check *c) {
    struct digest root;
    for (; c->kept && c->kept_at < c->kept->n && c->kept->head[c->kept_at].size <= c->m.n; c->kept_at++) {
        const struct audit_head *h = &c->kept->head[c->kept_at];
        if (h->size != c->m.n || audit_kept_judge(h, c->home, c->key) != AUDIT_KEPT_OURS) continue; /* conclude() tells */
        merkle_root(&c->m, &root);
        if (digest_eq(&root, &h->root) && h->suite == c->m.suite) c->report.kept_held++;
        else fault(c, AUDIT_FAULT_ROLLBACK, 1, h->size);
    }
}

static int meet_entry(struct store_tx *tx, struct check *c, const struct audit_row *r, struct err *e) {
    struct digest leaf;
    c->after = r->number;
    c->report.entries++;
    if (r->number < 1) { /* no sequencer gives such a number */
        fault(c, AUDIT_FAULT_ALTERED, 0, 0);
        return 0;
    }
    uint64_t number = (uint64_t)r->number;
    if (number != c->next) {
        fault(c, AUDIT_FAULT_MISSING, c->next, number - 1);
        c->broken = true;
    }
    c->next = number + 1;
    struct str bytes = audit_canonical(store_arena(tx), c->home, r);
    merkle_leaf(c->m.suite, bytes, &leaf);
    if (!digest_eq(&leaf, &r->leaf)) fault(c, AUDIT_FAULT_ALTERED, number, number);
    if (!c->report.unsealed_from_ms || r->time_ms < c->report.unsealed_from_ms)
        c->report.unsealed_from_ms = r->time_ms; /* taken back when a head seals it */
    if (c->broken) return 0;
    merkle_append(&c->m, &leaf);
    merkle_append(&c->block, &leaf);
    meet_kept(c);
    return meet_block(tx, c, e);
}

/* Everything that must be seen in one snapshot: how far the log reaches. */
static int begin(struct store_tx *tx, struct check *c, struct err *e) {
    struct audit_head head = { .size = 0 };
    struct audit_row beyond;
    bool found;
    int64_t pending, oldest;
    size_t n = 0;
    int rc = audit_store_tree(tx, c->home, &c->stored, &found, NULL);
    if (rc && rc != ERR_DAMAGED) return err_set(e, rc, "audit tree");
    c->damaged_tree = rc == ERR_DAMAGED;
    c->last = c->damaged_tree ? INT64_MAX : (int64_t)c->stored.n;
    rc = audit_store_head_last(tx, c->home, &head, NULL);
    if (rc && rc != ERR_NOT_FOUND) return err_set(e, rc, "audit head");
    rc = audit_store_after(tx, c->home, c->last, &beyond, 1, &n, e);
    if (rc == 0) rc = audit_waiting(tx, c->home, &pending, &oldest, e);
    if (rc) return rc;
    if (c->damaged_tree) fault(c, AUDIT_FAULT_TREE, 1, 1);
    if (n) fault(c, AUDIT_FAULT_TREE, c->stored.n + 1, (uint64_t)beyond.number);
    c->m.suite = c->block.suite = c->stored.suite == SUITE_GM ? SUITE_GM : SUITE_INTL;
    c->head_last = head.size;
    if (head.size && audit_head_genuine(&head, c->key)) c->reach = head.size;
    c->report.pending = (uint64_t)pending;
    c->report.unsealed_from_ms = c->pending_ms = oldest;
    c->after = INT64_MIN;
    c->next = 1;
    c->begun = true;
    return 0;
}

/* After the last row: what is stored about the whole must fit what was read. */
static void conclude(struct check *c) {
    struct digest ours, stored;
    struct audit_report *r = &c->report;
    uint64_t count = c->next - 1;
    if (!c->damaged_tree && count < c->stored.n) fault(c, AUDIT_FAULT_MISSING, count + 1, c->stored.n);
    merkle_root(&c->m, &ours);
    merkle_root(&c->stored, &stored);
    if (!c->damaged_tree && !c->broken && count == c->stored.n && !digest_eq(&ours, &stored))
        fault(c, AUDIT_FAULT_TREE, r->sealed + 1, count);
    if (c->reach > count) fault(c, AUDIT_FAULT_MISSING, count + 1, c->reach);
    for (size_t i = 0; c->kept && i < c->kept->n; i++) {
        const struct audit_head *h = &c->kept->head[i];
        r->kept++;
        if (audit_kept_judge(h, c->home, c->key) != AUDIT_KEPT_OURS) fault(c, AUDIT_FAULT_SIGNATURE, h->size, h->size);
        else if (h->size > count) fault(c, AUDIT_FAULT_ROLLBACK, count + 1, h->size);
    }
    r->unsealed = count > r->sealed ? count - r->sealed : 0;
    c->done = true;
}

static int slice(struct store_tx *tx, struct check *c, struct err *e) {
    struct arena *a = store_arena(tx);
    struct audit_row *rows = arena_array(a, SLICE, sizeof *rows);
    struct audit_head *heads = arena_array(a, SLICE, sizeof *heads);
    size_t n = 0, n_heads = 0, h = 0;
    if (!rows || !heads) return err_set(e, ERR_MEMORY, "audit");
    int rc = c->begun ? 0 : begin(tx, c, e);
    if (rc == 0) rc = audit_store_after(tx, c->home, c->after, rows, SLICE, &n, e);
    if (rc == 0) rc = audit_store_heads(tx, c->home, c->head_after, heads, SLICE, &n_heads, e);
    bool more = n == SLICE;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (rows[i].number > c->last) {
            more = false;
            break;
        }
        rc = meet_entry(tx, c, &rows[i], e);
        /* a head in a gap of the numbers is met late, and found unfit by its root */
        for (; rc == 0 && h < n_heads && heads[h].size < c->next; h++) meet_head(c, &heads[h]);
    }
    if (rc || more) return rc;
    for (; h < n_heads && heads[h].size <= c->head_last; h++) meet_head(c, &heads[h]);
    conclude(c);
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, "audit") : 0;
}

struct slice_arg {
    struct check before, after;
};

static int slice_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct slice_arg *arg = job->arg;
    arg->after = arg->before;
    return slice(tx, &arg->after, e);
}

int audit_verify(struct store *s, struct home_id home, struct str trusted_public_spki, const struct audit_kept *kept,
                 struct audit_report *report, struct err *e) {
    struct arena own, work;
    arena_init(&own, "audit verify", 65536);
    struct slice_arg *arg = arena_new(&own, struct slice_arg);
    if (!arg) return err_set(e, ERR_MEMORY, "audit");
    arg->before = (struct check){ .home = home, .key = trusted_public_spki, .kept = kept };
    arena_init(&work, "audit slice", SLICE_BYTES);
    int rc = 0;
    while (rc == 0 && !arg->before.done) { /* ends: each slice moves `after` on, up to `last` */
        struct store_job job = { .home = home, .queue = STORE_READ, .arena = &work, .body = slice_body, .arg = arg };
        rc = store_do(s, &job, e);
        arg->before = arg->after;
    }
    if (rc == 0) *report = arg->before.report;
    arena_done(&work);
    arena_done(&own);
    return rc;
}
