/* flow_replay: history back into tokens. The proof that nothing moves beside the history.
 * Invariants: pure; one pass over the history; the live set is at most FLOW_TOKENS_MAX; whatever the history should
 * not say is ERR_DAMAGED with its number.
 */
#include "engine/flow/flow_model.h"

struct live {
    int64_t id, scope_id;
    struct str element; /* empty: on its way */
    bool incident;
};
struct replay {
    struct live live[FLOW_TOKENS_MAX + 1];
    size_t n;
    enum flow_instance_state state;
    bool started, paused;
};

static struct live *find(struct replay *p, int64_t id) {
    for (size_t i = 0; i < p->n; i++)
        if (p->live[i].id == id) return &p->live[i];
    return NULL;
}

/* One row about a token; false: it cannot be. */
static bool on_token(struct replay *p, const struct flow_history *h) {
    struct live *t = find(p, h->token_id);
    if (str_eq(h->what, S("enter"))) {
        if (!t) {
            if (p->n > FLOW_TOKENS_MAX) return false;
            t = &p->live[p->n++];
        } else if (t->element.len && !t->incident) {
            return false; /* it never left */
        }
        *t = (struct live){ h->token_id, h->scope_id, h->element, false };
        return h->scope_id == 0 || find(p, h->scope_id);
    }
    if (!t || t->scope_id != h->scope_id) return false;
    if (str_eq(h->what, S("leave"))) {
        if (!str_eq(t->element, h->element)) return false;
        t->element = (struct str){ 0 };
    } else if (str_eq(h->what, S("end")) || str_eq(h->what, S("cancel"))) {
        *t = p->live[--p->n];
    } else if (str_eq(h->what, S("incident"))) {
        /* A limit can stop a token on its way, where it was to enter. */
        t->element = h->element;
        t->incident = true;
    } else {
        return t->element.len && flow_word_in(flow_history_words, h->what);
    }
    return true;
}

static bool on_instance(struct replay *p, struct str what) {
    if (str_eq(what, S("start"))) p->started = true, p->state = FLOW_ACTIVE;
    else if (str_eq(what, S("suspend"))) p->state = FLOW_SUSPENDED;
    else if (str_eq(what, S("resume"))) p->state = FLOW_ACTIVE;
    else if (str_eq(what, S("completed"))) p->state = FLOW_COMPLETED;
    else if (str_eq(what, S("withdraw"))) p->state = FLOW_WITHDRAWN, p->paused = false;
    else if (str_eq(what, S("pause"))) p->paused = true;
    else if (str_eq(what, S("unpause"))) p->paused = false;
    else return false;
    return true;
}

int flow_replay(struct arena *scratch, const struct flow_history *h, size_t n_history,
                const struct flow_instance *instance, const struct flow_token *t, size_t n_token, struct err *e) {
    struct replay *p = arena_new(scratch, struct replay);
    if (!p) return err_set(e, ERR_MEMORY, "%s", "");
    int64_t seq = 0;
    for (size_t i = 0; i < n_history; i++) {
        if (h[i].instance_id != instance->id) continue;
        if (h[i].seq != ++seq)
            return err_set(e, ERR_DAMAGED, "history %lld is not %lld", (long long)h[i].seq, (long long)seq);
        bool ended = p->state == FLOW_COMPLETED || p->state == FLOW_WITHDRAWN;
        bool may = p->started == (seq > 1) && !ended;
        if (!may || !(h[i].token_id ? on_token(p, &h[i]) : on_instance(p, h[i].what)))
            return err_set(e, ERR_DAMAGED, "history %lld: %.*s %.*s", (long long)seq, STR_ARG(h[i].what),
                           STR_ARG(h[i].element));
    }
    if (!p->started || seq != instance->history_n || p->state != instance->state ||
        p->paused != (instance->paused_ms != 0))
        return err_set(e, ERR_DAMAGED, "%s", "instance");
    if (p->n != n_token) return err_set(e, ERR_DAMAGED, "%zu tokens, history says %zu", n_token, p->n);
    for (size_t i = 0; i < n_token; i++) {
        const struct live *live = find(p, t[i].id);
        bool incident = t[i].state == FLOW_TOKEN_INCIDENT || t[i].state == FLOW_TOKEN_INCIDENT_LEAVE;
        if (!live || live->scope_id != t[i].scope_id || !str_eq(live->element, t[i].element->id) ||
            live->incident != incident)
            return err_set(e, ERR_DAMAGED, "token %lld", (long long)t[i].id);
    }
    return 0;
}
