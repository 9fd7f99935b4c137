/* act: see act.h. Thin on purpose: the right is access's, the entry is audit's, the transaction is the store's; here they meet.
 * Invariants: `open` is true exactly between act_open and act_close. Only what has written its entry accounts for a transaction.
 */
#include "engine/act/act.h"

#include "engine/audit/audit.h"

/* Whether a statement may change rows where no act is closed. */
static bool exempt(const struct store_stmt *st) {
    static const struct str names[] = {
#define EXEMPT(statement, reason) S_INIT(statement),
#include "engine/act/act_exempt.h"
#undef EXEMPT
    };
    const struct str name = str_of(st->name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(names[i], name)) return true;
    return false;
}

void act_guard(struct store *s) {
    store_guard(s, exempt);
}

/* The entry, and with it the account for what this transaction changes. */
static int note(struct store_tx *tx, const struct realm *r, const struct audit_entry *entry, struct err *e) {
    int64_t id;
    int rc = audit_note(tx, r->home, entry, &id, e);
    if (!rc) store_account(tx);
    return rc;
}

int act_open(struct act *a, struct store_tx *tx, const struct realm *r, const struct actor *who, struct str name, struct err *e) {
    *a = (struct act){ .tx = tx, .realm = r, .who = who, .name = name };
    access_tried(tx, name);
    int rc = access_may(r, who, name, &a->scope, e);
    a->scope.reached = &a->reached;
    a->open = rc == 0;
    return rc;
}

int act_check(struct act *a, const struct val *object, struct err *e) {
    return access_check(&a->scope, a->who, object, store_arena(a->tx), e);
}

static struct audit_entry entry_of(const struct actor *who, struct str name) {
    return (struct audit_entry){
        .actor = who->account, .on_behalf = who->on_behalf, .act = name, .request_id = who->request_id, .source = who->peer,
    };
}

int act_close(struct act *a, struct str object_kind, int64_t object, int64_t case_id, struct str detail, struct err *e) {
    struct audit_entry entry = entry_of(a->who, a->name);
    if (!a->open) return err_set(e, ERR_DEFECT, "%.*s: closed without being open", STR_ARG(a->name));
    if (a->in_place) entry.on_behalf = a->in_place;
    entry.role = access_role_of(&a->scope);
    entry.purpose = a->purpose;
    entry.object_kind = object_kind;
    entry.object_id = object;
    entry.case_id = case_id;
    entry.subject_person = a->subject;
    entry.data_class = a->subject ? S("personal") : S("");
    if (a->release) entry.release_id = arena_fmt(store_arena(a->tx), "%lld", (long long)a->release);
    entry.detail = detail;
    a->open = false;
    access_settled(a->tx);
    return note(a->tx, a->realm, &entry, e);
}

int act_refused(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str name, int code, struct err *e) {
    const struct access_attempt *at = access_attempt(tx);
    struct audit_entry entry = entry_of(who, at->act[0] ? str_of(at->act) : name);
    entry.object_kind = at->kind[0] ? str_of(at->kind) : access_act_kind(name);
    entry.object_id = at->object;
    entry.case_id = at->case_id;
    entry.role = who->n_posts ? who->posts[0].role : who->account ? S("person") : S("anyone");
    entry.result = AUDIT_REFUSED;
    entry.error = code;
    return note(tx, r, &entry, e);
}

STORE_STMT(act_outbox_insert, STORE_WRITES,
           "INSERT INTO act_outbox (home, id, topic, object, payload, due_ms, attempts, done_ms, why, request_id) "
           "VALUES (?, ?, ?, ?, ?, ?, 0, 0, '', ?)");
STORE_STMT(act_outbox_due_list, STORE_READS,
           "SELECT id, object, payload, attempts, request_id FROM act_outbox WHERE home = ? AND topic = ? AND done_ms = 0 AND due_ms <= ? "
           "ORDER BY due_ms, id LIMIT ?");
STORE_STMT(act_outbox_waiting, STORE_READS, "SELECT COUNT(*) FROM act_outbox WHERE home = ? AND topic = ? AND done_ms = 0");
STORE_STMT(act_outbox_oldest, STORE_READS,
           "SELECT due_ms FROM act_outbox WHERE home = ? AND topic = ? AND done_ms = 0 ORDER BY due_ms, id LIMIT 1");
STORE_STMT(act_outbox_claim, STORE_WRITES,
           "UPDATE act_outbox SET due_ms = ?, attempts = ? WHERE home = ? AND id = ? AND done_ms = 0 AND attempts = ? AND due_ms <= ?");
STORE_STMT(act_outbox_done, STORE_WRITES,
           "UPDATE act_outbox SET done_ms = ?, payload = '' WHERE home = ? AND id = ? AND done_ms = 0");
STORE_STMT(act_outbox_retry, STORE_WRITES,
           "UPDATE act_outbox SET due_ms = ?, attempts = ?, why = ? WHERE home = ? AND id = ? AND done_ms = 0");

#define FAILING "SELECT id, object, due_ms, attempts, why FROM act_outbox WHERE home = ? AND topic = ? AND done_ms = 0 AND attempts > 0 "
STORE_STMT(act_outbox_failing, STORE_READS, FAILING "AND (due_ms, id) > (?, ?) ORDER BY due_ms, id LIMIT ?");
STORE_STMT(act_outbox_failing_back, STORE_READS, FAILING "AND (due_ms, id) < (?, ?) ORDER BY due_ms DESC, id DESC LIMIT ?");
STORE_STMT(act_outbox_sooner, STORE_WRITES,
           "UPDATE act_outbox SET due_ms = ? WHERE home = ? AND id = ? AND topic = ? AND done_ms = 0 AND attempts > 0");

int act_emit_at(struct act *a, struct str topic, int64_t object, struct str payload, int64_t due_ms, struct err *e) {
    return store_exec(a->tx, &act_outbox_insert, NULL, e, SV_I(a->realm->home.v), SV_I(store_new_id(a->tx)), SV_T(topic),
                      SV_I(object), SV_T(payload), SV_I(due_ms), SV_T(a->who->request_id));
}

int act_emit(struct act *a, struct str topic, int64_t object, struct str payload, struct err *e) {
    return act_emit_at(a, topic, object, payload, store_now_ms(a->tx), e);
}

int act_messages_due(struct store_tx *tx, struct home_id home, struct str topic, struct act_message *out, size_t max, size_t *n,
                     struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &act_outbox_due_list, &rows, e, SV_I(home.v), SV_T(topic), SV_I(store_now_ms(tx)), SV_I(max));
    *n = 0;
    if (rc) return rc;
    while (store_next(rows))
        if (*n < max)
            out[(*n)++] = (struct act_message){ .id = store_i64(rows, 0), .object = store_i64(rows, 1), .topic = topic,
                                                .payload = store_text(rows, 2), .attempts = store_i64(rows, 3),
                                                .request_id = store_text(rows, 4) };
    return store_end(rows, e);
}

int act_messages_waiting(struct store_tx *tx, struct home_id home, struct str topic, int64_t *ret, struct err *e) {
    struct store_val v[] = { SV_I(home.v), SV_T(topic) };
    return store_one_i64(tx, &act_outbox_waiting, v, 2, ret, e);
}

int act_messages_oldest(struct store_tx *tx, struct home_id home, struct str topic, int64_t *ret_due_ms, struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &act_outbox_oldest, &rows, e, SV_I(home.v), SV_T(topic));
    *ret_due_ms = 0;
    if (rc) return rc;
    if (store_next(rows)) *ret_due_ms = store_i64(rows, 0);
    return store_end(rows, e);
}

int act_message_claim(struct store_tx *tx, struct home_id home, struct act_message *m, int64_t lease_ms, struct err *e) {
    int64_t now = store_now_ms(tx), changed = 0;
    int rc = store_exec(tx, &act_outbox_claim, &changed, e, SV_I(now + lease_ms), SV_I(m->attempts + 1), SV_I(home.v), SV_I(m->id),
                        SV_I(m->attempts), SV_I(now));
    return rc ? rc : changed ? 0 : err_set(e, ERR_CONFLICT, NULL);
}

int act_messages_failing(struct store_tx *tx, struct home_id home, struct str topic, const struct act_failing_query *q,
                         struct act_failing **ret, size_t *n, struct err *e) {
    struct store_rows *rows;
    bool end = q->back && q->at == 0;
    *n = 0;
    *ret = arena_array(store_arena(tx), q->max + 1, sizeof **ret);
    if (!*ret) return err_set(e, ERR_MEMORY, "outbox");
    int rc = store_query(tx, q->back ? &act_outbox_failing_back : &act_outbox_failing, &rows, e, SV_I(home.v), SV_T(topic),
                         SV_I(end ? INT64_MAX : q->at_ms), SV_I(end ? INT64_MAX : q->at), SV_I(q->max));
    if (rc) return rc;
    while (store_next(rows))
        if (*n < q->max)
            (*ret)[(*n)++] = (struct act_failing){ .id = store_i64(rows, 0), .object = store_i64(rows, 1), .due_ms = store_i64(rows, 2),
                                                   .attempts = store_i64(rows, 3), .why = store_text(rows, 4) };
    return store_end(rows, e);
}

int act_message_again(struct store_tx *tx, struct home_id home, struct str topic, int64_t id, struct err *e) {
    int64_t changed = 0;
    int rc = store_exec(tx, &act_outbox_sooner, &changed, e, SV_I(store_now_ms(tx)), SV_I(home.v), SV_I(id), SV_T(topic));
    return rc ? rc : changed ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

int act_message_done(struct store_tx *tx, struct home_id home, int64_t id, struct err *e) {
    return store_exec(tx, &act_outbox_done, NULL, e, SV_I(store_now_ms(tx)), SV_I(home.v), SV_I(id));
}

int64_t act_again_ms(int64_t attempts) {
    const int64_t most_ms = 600000;
    int64_t wait_ms = attempts > 9 ? most_ms : (int64_t)1000 << attempts;
    return wait_ms > most_ms ? most_ms : wait_ms;
}

int act_message_retry(struct store_tx *tx, struct home_id home, int64_t id, int64_t attempts, struct str why, struct err *e) {
    return store_exec(tx, &act_outbox_retry, NULL, e, SV_I(store_now_ms(tx) + act_again_ms(attempts)), SV_I(attempts + 1), SV_T(why),
                      SV_I(home.v), SV_I(id));
}

int act_message_put_back(struct store_tx *tx, struct home_id home, int64_t id, int64_t attempts, int64_t due_ms, struct err *e) {
    return store_exec(tx, &act_outbox_retry, NULL, e, SV_I(due_ms), SV_I(attempts), SV_T(S("")), SV_I(home.v), SV_I(id));
}
