/* act: the choke point. Nothing changes except through one act: one actor, one power, one transaction, one audit entry.
 *
 * A command of an engine opens an act, loads what it touches with the act's scope token, checks conditions, changes rows, and
 * closes the act; all in one transaction of the store.
 *
 *   act_open   -> right looked up, token made           (ERR_LOGIN, ERR_FORBIDDEN)
 *   act_check  -> conditions on the loaded object        (ERR_FORBIDDEN)
 *   act_emit   -> a message for the outbox, any number
 *   act_close  -> the audit entry
 *
 * Invariants
 *  1. Whatever changes rows closes its act in the same transaction. The store enforces it: act_guard makes it refuse the commit of
 *     every job, from a page, the command line or a worker, that changed rows and closed no act; what may change without one stands in
 *     act_exempt.h. tests/gates t60 compares the store before and after each step of every scenario besides.
 *  2. A refused attempt is an entry as well: act_refused runs in a transaction of its own after the rollback.
 *  3. The outbox row is committed with the change it tells of; who sends it, sends after the commit and may send twice, so every
 *     message has an id.
 */
#ifndef ENGINE_ACT_H
#define ENGINE_ACT_H
#include "engine/access/access.h"

struct act {
    struct store_tx *tx;
    const struct realm *realm;
    const struct actor *who;
    struct scope_token scope;
    struct str name;
    struct str purpose; /* why, where the law wants one; may be empty */
    int64_t release;    /* the model it was judged by; 0 if none */
    int64_t subject;    /* person record whose data is touched; 0 if none: shown to that person */
    bool open;
    int64_t in_place;   /* the account in whose place it is done (engine/deputy); 0: in one's own */
    uint32_t reached;   /* grants by which the object was reached; see struct scope_token */
};

/* Sets the store's commit guard; before its first job. */
void act_guard(struct store *s);

int act_open(struct act *a, struct store_tx *tx, const struct realm *r, const struct actor *who, struct str name, struct err *e);
int act_check(struct act *a, const struct val *object, struct err *e);
/* `detail` holds no personal content (it is never erased): ids, codes, states. */
int act_close(struct act *a, struct str object_kind, int64_t object, int64_t case_id, struct str detail, struct err *e);
/* For `refused` bodies of jobs: notes the attempt and why, with the act and the object that the body was at (access_attempt), so far
 * as it came; `name` where it opened no act. */
int act_refused(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str name, int code, struct err *e);

/* outbox: topics are words of the receiver ("paper.set", "mail"); `payload` is JSON without clear personal data beyond what the
 * receiver needs, and is dropped when done. */
int act_emit(struct act *a, struct str topic, int64_t object, struct str payload, struct err *e);
/* The same, not due before `due_ms`. */
int act_emit_at(struct act *a, struct str topic, int64_t object, struct str payload, int64_t due_ms, struct err *e);
struct act_message {
    int64_t id, object;
    struct str topic, payload;
    int64_t attempts;
    struct str request_id; /* of the act that caused it: who works on it says it on */
};
/* Messages of a topic that are due, oldest first. */
int act_messages_due(struct store_tx *tx, struct home_id home, struct str topic, struct act_message *out, size_t max, size_t *n,
                     struct err *e);
/* How many of a topic are not done, due or not. */
int act_messages_waiting(struct store_tx *tx, struct home_id home, struct str topic, int64_t *ret, struct err *e);
int act_message_done(struct store_tx *tx, struct home_id home, int64_t id, struct err *e);
/* The oldest that is not done, since when it is due; 0: none. */
int act_messages_oldest(struct store_tx *tx, struct home_id home, struct str topic, int64_t *ret_due_ms, struct err *e);
/* Taken by one worker of all nodes: its attempts are one more, and it is not due again for `lease_ms`, longer than the work takes, so that
 * nobody else works on it meanwhile, and what was under way when a process died comes back. ERR_CONFLICT: another was quicker. */
int act_message_claim(struct store_tx *tx, struct home_id home, struct act_message *m, int64_t lease_ms, struct err *e);
/* Those of a topic that failed and are not done, by when they are tried again; behind `at_ms` and `at` (0: from the start). */
struct act_failing_query {
    int64_t at_ms, at;
    bool back;
    size_t max;
};
struct act_failing {
    int64_t id, object, due_ms, attempts;
    struct str why;
};
int act_messages_failing(struct store_tx *tx, struct home_id home, struct str topic, const struct act_failing_query *q,
                         struct act_failing **ret, size_t *n, struct err *e);
/* One of them is due at once; within an act. ERR_NOT_FOUND: there is none such. */
int act_message_again(struct store_tx *tx, struct home_id home, struct str topic, int64_t id, struct err *e);
/* How long what failed is left alone: a delay that doubles from 1 s to 10 min. `attempts` are those before this one. */
int64_t act_again_ms(int64_t attempts);
/* Comes back after it. */
int act_message_retry(struct store_tx *tx, struct home_id home, int64_t id, int64_t attempts, struct str why, struct err *e);
/* One that was claimed and not tried: due again at `due_ms`, as if it had not been claimed. `attempts` are those before. */
int act_message_put_back(struct store_tx *tx, struct home_id home, int64_t id, int64_t attempts, int64_t due_ms, struct err *e);
#endif
