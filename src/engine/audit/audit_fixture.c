/* audit_fixture: see audit_fixture.h. Invariant: whatever fails here ends the program, so that no test passes by
 * accident. */
#include "engine/audit/audit_fixture.h"

#include <assert.h>
#include <string.h>

#include "engine/audit/audit_kept.h"

int audit_fixture_sign(struct audit_fixture *f, struct arena *a, struct audit_head *h, struct err *e) {
    f->signed_heads++;
    h->key_id = audit_key_id(h->suite, f->public_key);
    return sign(a, f->key, audit_head_message(a, h), &h->signature, e);
}

static int last_head(void *context, struct arena *a, struct home_id home, struct audit_head *ret, struct err *e) {
    struct audit_fixture *f = context;
    (void)a, (void)home;
    if (f->last.size == 0) return err_set(e, ERR_NOT_FOUND, "head");
    *ret = f->last;
    return 0;
}

/* As `keys` does (keys.c), which is above this layer. */
static int sign_head(void *context, struct arena *a, struct audit_head *h, const struct audit_growth *g, struct err *e) {
    struct audit_fixture *f = context;
    if (f->refuse_to_sign) return err_set(e, ERR_PEER, "keys");
    if (g->from != f->last.size) return err_set(e, ERR_STATE, "another head was the last");
    if (g->from && !merkle_verify_consistency(h->suite, g->from, h->size, &f->last.root, &h->root, g->path, g->path_n))
        return err_set(e, ERR_CONFLICT, "not a continuation");
    f->last = *h;
    return audit_fixture_sign(f, a, h, e);
}

void audit_fixture_init(struct audit_fixture *f, struct store *s, enum suite suite, int64_t home) {
    struct err e;
    memset(f, 0, sizeof *f);
    f->store = s;
    f->home.v = home;
    arena_init(&f->arena, "audit fixture", 64 << 20);
    assert(sign_key_new(suite, &f->key, &e) == 0);
    f->public_key = sign_key_public(&f->arena, f->key);
    f->sequencer = (struct audit_sequencer){
        .store = s, .home = f->home, .suite = suite, .holder = S("test/1"), .sign = sign_head, .last = last_head,
        .context = f
    };
}

void audit_fixture_done(struct audit_fixture *f) {
    sign_key_free(f->key);
    arena_done(&f->arena);
}

enum store_outcome audit_fixture_run(struct audit_fixture *f, enum store_queue q, store_body *body, void *arg,
                                     struct err *e) {
    struct store_job job = { .home = f->home, .queue = q, .arena = &f->arena, .body = body, .arg = arg };
    struct arena a;
    arena_init(&a, "audit job", 16 << 20);
    job.arena = &a;
    enum store_outcome o = store_run(f->store, &job);
    if (e) *e = job.err;
    arena_done(&a);
    return o;
}

static int note_one(struct store_tx *tx, struct store_job *job, size_t i, struct err *e) {
    struct arena *a = store_arena(tx);
    struct audit_entry t = {
        .actor = 1000 + (int64_t)(i % 5),
        .on_behalf = i % 4 ? 0 : 77,
        .role = S("clerk"),
        .act = i % 2 ? S("case_accept") : S("record_read"),
        .purpose = S("licence"),
        .object_kind = S("case"),
        .object_id = 500 + (int64_t)(i % 7),
        .case_id = 300 + (int64_t)(i % 3),
        .result = i % 10 == 9 ? AUDIT_REFUSED : AUDIT_OK,
        .error = i % 10 == 9 ? ERR_FORBIDDEN : 0,
        .request_id = arena_fmt(a, "r-%zu", i),
        .source = S("192.0.2.7"),
        .detail = S("step one"),
        .subject_person = i % 2 ? 0 : 9001 + (int64_t)(i % 4),
        .data_class = i % 2 ? S("") : S("personal"),
        .release_id = S("release-1"),
    };
    return audit_note(tx, job->home, &t, NULL, e);
}

static int note(struct store_tx *tx, struct store_job *job, struct err *e) {
    size_t n = *(size_t *)job->arg;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) rc = note_one(tx, job, i, e);
    return rc;
}

void audit_fixture_note(struct audit_fixture *f, size_t n) {
    assert(audit_fixture_run(f, STORE_INTERACTIVE, note, &n, NULL) == STORE_OK);
}

void audit_fixture_seal(struct audit_fixture *f, bool head) {
    bool more = true;
    struct err e;
    f->refuse_to_sign = !head;
    while (more) {
        int rc = audit_sequencer_turn(&f->sequencer, head, &more, &e);
        assert(rc == 0 || (!head && rc == ERR_PEER));
    }
    f->refuse_to_sign = false;
}

void audit_fixture_verify(struct audit_fixture *f, const struct audit_head *kept, struct audit_report *r) {
    struct err e;
    struct arena a;
    arena_init(&a, "kept", 1 << 20);
    struct audit_kept *one = arena_new(&a, struct audit_kept);
    assert(one);
    if (kept) assert(audit_kept_add(one, kept, &e) == 0);
    assert(audit_verify(f->store, f->home, f->public_key, one, r, &e) == 0);
    arena_done(&a);
}

bool audit_fixture_has(const struct audit_report *r, enum audit_fault_kind k) {
    for (size_t i = 0; i < r->n_faults; i++)
        if (r->fault[i].kind == k) return true;
    return false;
}

struct head_arg {
    struct arena *a;
    struct audit_head h;
};

static int newest(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct head_arg *arg = job->arg;
    int rc = audit_head_last(tx, job->home, &arg->h, e);
    if (rc == 0) arg->h.signature = arena_str(arg->a, arg->h.signature);
    return rc;
}

struct audit_head audit_fixture_head(struct audit_fixture *f) {
    struct head_arg arg = { .a = &f->arena };
    assert(audit_fixture_run(f, STORE_READ, newest, &arg, NULL) == STORE_OK);
    return arg.h;
}
