/* notify_delivery: see notify_out.h. Invariants: 1. Every row has a MAC over all that matters of
 * it; one that fails is neither sent nor shown. 2. A row's state changes only from what it was read
 * as, within one transaction with its entry in the outbox.
 */
#include "engine/notify/notify_impl.h"
#include "engine/record/record.h"

enum { SEALED_BYTES_MAX = 2048, OF_MESSAGE_MAX = 8, MAC_VERSION = 1 };
static const int64_t hour_ms = 3600000;

static const struct notify_word channels[] = {
#define NOTIFY_CHANNEL(name, word, title) { S_INIT(word), S_INIT(title), S_INIT("") },
#include "engine/notify/notify_words.h"
#undef NOTIFY_CHANNEL
};
static const struct notify_word lanes[] = {
#define NOTIFY_LANE(name, word, topic, hours, title) { S_INIT(word), S_INIT(title), S_INIT("") },
#include "engine/notify/notify_words.h"
#undef NOTIFY_LANE
};
static const struct {
    struct str topic;
    int64_t hours;
} roads[] = {
#define NOTIFY_LANE(name, word, topic, hours, title) { S_INIT(topic), hours },
#include "engine/notify/notify_words.h"
#undef NOTIFY_LANE
};
static const struct notify_word states[] = {
#define NOTIFY_STATE(name, word, tone, title) { S_INIT(word), S_INIT(title), S_INIT(tone) },
#include "engine/notify/notify_words.h"
#undef NOTIFY_STATE
};

const struct notify_word *notify_channel_word(enum notify_channel c) {
    return &channels[c];
}
const struct notify_word *notify_lane_word(enum notify_lane l) {
    return &lanes[l];
}
const struct notify_word *notify_state_word(enum notify_state s) {
    return &states[s];
}

static size_t find_word(const struct notify_word *w, size_t n, struct str word) {
    size_t i = 0;
    while (i < n && !str_eq(w[i].word, word)) i++;
    return i;
}
bool notify_channel_of(struct str word, enum notify_channel *ret) {
    size_t i = find_word(channels, NOTIFY_CHANNELS, word);
    *ret = (enum notify_channel)i;
    return i < NOTIFY_CHANNELS;
}
bool notify_lane_of(struct str word, enum notify_lane *ret) {
    size_t i = find_word(lanes, NOTIFY_LANES, word);
    *ret = (enum notify_lane)i;
    return i < NOTIFY_LANES;
}
bool notify_state_of(struct str word, enum notify_state *ret) {
    size_t i = find_word(states, NOTIFY_STATES, word);
    *ret = (enum notify_state)i;
    return i < NOTIFY_STATES;
}
bool notify_gateway(const struct realm *r, enum notify_channel c) {
    return r->gateways >> c & 1;
}

/* ---- the row ---- */

#define COLUMNS NOTIFY_DELIVERY_COLUMNS
STORE_STMT(notify_delivery_insert, STORE_WRITES,
           "INSERT INTO notify_delivery (home, " COLUMNS
           ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(notify_delivery_get, STORE_READS,
           "SELECT " COLUMNS " FROM notify_delivery WHERE home = ? AND id = ?");
STORE_STMT(
    notify_delivery_settle, STORE_WRITES,
    "UPDATE notify_delivery SET state = ?, expires_ms = ?, attempts = ?, handed_ms = ?, ended_ms = ?, provider = ?, why = ?, mac = ? "
    "WHERE home = ? AND id = ?");
STORE_STMT(notify_delivery_said, STORE_READS,
           "SELECT " COLUMNS
           " FROM notify_delivery WHERE home = ? AND provider = ? ORDER BY id DESC LIMIT ?");
static struct str mac_of(struct arena *a, const struct realm *r, const struct notify_delivery *d,
                         uint8_t ret[ROW_MAC_BYTES]) {
    const struct str part[] = {
        arena_i64(a, r->home.v),
        arena_i64(a, d->id),
        arena_i64(a, d->account),
        arena_i64(a, d->message),
        d->channel,
        d->lane,
        d->state,
        d->body,
        arena_i64(a, d->made_ms),
        arena_i64(a, d->expires_ms),
        arena_i64(a, d->attempts),
        arena_i64(a, d->handed_ms),
        arena_i64(a, d->ended_ms),
        d->provider,
        d->why,
    };
    return seal_row_mac(&r->keys, S("notify_delivery"), MAC_VERSION, part,
                        sizeof part / sizeof *part, ret);
}

struct notify_delivery notify_delivery_row(struct store_rows *rows) {
    return (struct notify_delivery){ .id = store_i64(rows, 0),
                                     .account = store_i64(rows, 1),
                                     .message = store_i64(rows, 2),
                                     .channel = store_text(rows, 3),
                                     .lane = store_text(rows, 4),
                                     .state = store_text(rows, 5),
                                     .body = store_bytes(rows, 6),
                                     .made_ms = store_i64(rows, 7),
                                     .expires_ms = store_i64(rows, 8),
                                     .attempts = store_i64(rows, 9),
                                     .handed_ms = store_i64(rows, 10),
                                     .ended_ms = store_i64(rows, 11),
                                     .provider = store_text(rows, 12),
                                     .why = store_text(rows, 13),
                                     .mac = store_bytes(rows, 14) };
}

int notify_delivery_verify(struct arena *a, const struct realm *r, const struct notify_delivery *d,
                           struct err *e) {
    uint8_t mac[ROW_MAC_BYTES];
    return str_eq(mac_of(a, r, d, mac), d->mac)
               ? 0
               : err_set(e, ERR_DAMAGED, "notify_delivery %lld", (long long)d->id);
}

static int read_one(struct store_tx *tx, const struct realm *r, int64_t id,
                         struct notify_delivery *ret, struct err *e) {
    struct store_rows *rows;
    bool found = false;
    int rc = store_query(tx, &notify_delivery_get, &rows, e, SV_I(r->home.v), SV_I(id));
    if (rc) return rc;
    if (store_next(rows)) *ret = notify_delivery_row(rows), found = true;
    rc = store_end(rows, e);
    if (!rc && !found) rc = err_set(e, ERR_NOT_FOUND, NULL);
    return rc ? rc : notify_delivery_verify(store_arena(tx), r, ret, e);
}

static int write_state(struct store_tx *tx, const struct realm *r, struct notify_delivery *d,
                       enum notify_state state, struct err *e) {
    uint8_t mac[ROW_MAC_BYTES];
    d->state = states[state].word;
    d->ended_ms = state == NOTIFY_WAITING || state == NOTIFY_HANDED ? 0 : store_now_ms(tx);
    struct str m = mac_of(store_arena(tx), r, d, mac);
    return store_exec(tx, &notify_delivery_settle, NULL, e, SV_T(d->state), SV_I(d->expires_ms),
                      SV_I(d->attempts), SV_I(d->handed_ms), SV_I(d->ended_ms), SV_T(d->provider),
                      SV_T(d->why), SV_B(m), SV_I(r->home.v), SV_I(d->id));
}

/* ---- what leaves ---- */

struct str notify_delivery_place(struct arena *a, const struct realm *r, int64_t id) {
    return arena_fmt(a, "notify_delivery/%lld/%lld", (long long)r->home.v, (long long)id);
}

static int add(struct act *act, int64_t account, int64_t message, enum notify_channel c,
               enum notify_lane l, struct str shown, int64_t due_ms, int64_t *ret, struct err *e) {
    struct store_tx *tx = act->tx;
    struct arena *a = store_arena(tx);
    const struct realm *r = act->realm;
    struct val *v = val_map(a);
    struct data_key key;
    uint8_t mac[ROW_MAC_BYTES];
    struct notify_delivery d = { .id = store_new_id(tx),
                                 .account = account,
                                 .message = message,
                                 .channel = channels[c].word,
                                 .lane = lanes[l].word,
                                 .state = states[NOTIFY_WAITING].word,
                                 .made_ms = store_now_ms(tx),
                                 .expires_ms = due_ms + roads[l].hours * hour_ms,
                                 .provider = S(""),
                                 .why = S("") };
    if (message == 0) d.expires_ms = due_ms + NOTIFY_CODE_MS;
    if (ret) *ret = d.id;
    val_put_str(a, v, S("to"), shown);
    int rc = record_key(tx, r, account, true, &key, e);
    if (!rc)
        rc = seal_val(a, &r->keys, &key, notify_delivery_place(a, r, d.id), v, SEALED_BYTES_MAX,
                      &d.body, e);
    if (rc) return rc;
    struct str m = mac_of(a, r, &d, mac);
    rc = store_exec(tx, &notify_delivery_insert, NULL, e, SV_I(r->home.v), SV_I(d.id),
                    SV_I(account), SV_I(message), SV_T(d.channel), SV_T(d.lane), SV_T(d.state),
                    SV_B(d.body), SV_I(d.made_ms), SV_I(d.expires_ms), SV_I(0), SV_I(0), SV_I(0),
                    SV_T(d.provider), SV_T(d.why), SV_B(m));
    return rc ? rc : act_emit_at(act, roads[l].topic, d.id, S(""), due_ms, e);
}

int notify_out(struct act *act, const struct notice_type *t, int64_t account, int64_t message,
               struct err *e) {
    struct notify_choice choice;
    bool asked = false;
    int rc = 0;
    for (int c = 0; c < NOTIFY_CHANNELS && !rc; c++) {
        struct notify_contact to;
        if (!(t->channels >> c & 1) || !notify_gateway(act->realm, (enum notify_channel)c))
            continue;
        rc = notify_contact_get(act->tx, act->realm, account, (enum notify_channel)c, &to, e);
        if (rc || !to.value.len) continue;
        if (!asked) rc = notify_choice_get(act->tx, act->realm, account, &choice, e), asked = true;
        if (rc || (!t->must && !choice.on[c][t->lane])) continue;
        int64_t now = store_now_ms(act->tx),
                due = t->lane == NOTIFY_URGENT ? now : notify_quiet_until(act->realm, &choice, now);
        rc = add(act, account, message, (enum notify_channel)c, t->lane, to.shown, due, NULL, e);
    }
    return rc;
}

int notify_out_code(struct act *act, int64_t account, enum notify_channel c, struct str shown,
                    int64_t *ret, struct err *e) {
    return add(act, account, 0, c, NOTIFY_URGENT, shown, store_now_ms(act->tx), ret, e);
}

/* ---- handing over ---- */

int notify_due(struct store_tx *tx, const struct realm *r, enum notify_lane first,
               enum notify_lane last, bool *ret, struct err *e) {
    int rc = 0;
    *ret = false;
    for (int l = (int)first; l <= (int)last && !rc && !*ret; l++) {
        struct act_message one;
        size_t n;
        rc = act_messages_due(tx, r->home, roads[l].topic, &one, 1, &n, e);
        *ret = !rc && n;
    }
    return rc;
}

static struct str filled(struct arena *a, const struct realm *r, struct str lang,
                         struct str chinese, struct str name, struct str value) {
    struct val *args = val_map(a);
    val_put_str(a, args, name, value);
    return po_fill(a, realm_text(r, lang, chinese), args);
}

static int compose_message(struct store_tx *tx, const struct realm *r,
                           const struct notify_delivery *d, struct notify_letter *l,
                           struct err *e) {
    struct arena *a = store_arena(tx);
    struct notify_choice choice;
    struct notify_contact to;
    struct val *mine, *other;
    int rc = notify_contact_get(tx, r, d->account, l->channel, &to, e);
    if (!rc) rc = notify_choice_get(tx, r, d->account, &choice, e);
    struct str lang = rc ? S("zh") : choice.lang,
               second = str_eq(lang, S("en")) ? S("zh") : S("en");
    if (!rc) rc = notify_open(tx, r, d->account, d->message, lang, &mine, e);
    if (!rc) rc = notify_open(tx, r, d->account, d->message, second, &other, e);
    if (rc) return rc;
    l->to = to.value;
    l->subject = val_get_str(mine, S("title"));
    if (l->channel == NOTIFY_MAIL) {
        l->text = notify_mail_text(a, r, lang, mine, second, other);
        return 0;
    }
    l->text = notify_sms_text(a, r, lang, mine);
    return 0;
}

static int compose_code(struct store_tx *tx, const struct realm *r, const struct notify_delivery *d,
                        struct notify_letter *l, struct err *e) {
    struct arena *a = store_arena(tx);
    struct str code;
    int rc = notify_contact_code(tx, r, d->account, l->channel, d->id, &l->to, &code, e);
    if (rc || !l->to.len) return rc;
    static const struct str says =
        S_INIT("验证码 {code}，10 分钟内有效。不是您本人操作的，请不要理会，也不要告诉任何人。");
    l->subject = ARENA_CAT(a, realm_text(r, S("zh"), S("验证码")), S(" / "),
                           realm_text(r, S("en"), S("验证码")));
    l->text = ARENA_CAT(a, filled(a, r, S("zh"), says, S("code"), code), S("\n"),
                        filled(a, r, S("en"), says, S("code"), code));
    return 0;
}

static int end(struct store_tx *tx, const struct realm *r, struct notify_delivery *d,
               int64_t outbox, enum notify_state state, struct err *e) {
    int rc = write_state(tx, r, d, state, e);
    return rc ? rc : act_message_done(tx, r->home, outbox, e);
}

/* Tried again, or reached late in its lane, when it has become quiet for its receiver: *ret_ms, when that is over; 0: it may leave. */
static int still_quiet(struct store_tx *tx, const struct realm *r, const struct notify_delivery *d,
                       int64_t *ret_ms, struct err *e) {
    struct notify_choice choice;
    int64_t now = store_now_ms(tx);
    if (str_eq(d->lane, lanes[NOTIFY_URGENT].word)) return 0;
    int rc = notify_choice_get(tx, r, d->account, &choice, e);
    int64_t until = rc ? now : notify_quiet_until(r, &choice, now);
    if (until > now) *ret_ms = until;
    return rc;
}

/* One that is claimed: its letter, or its end where there is nothing to send any more. */
static int take_one(struct store_tx *tx, const struct realm *r, const struct act_message *m,
                    struct notify_letter *l, bool *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct notify_delivery d;
    *ret = false;
    *l = (struct notify_letter){ .outbox = *m, .delivery = m->object };
    int rc = read_one(tx, r, m->object, &d, e);
    if (rc) return rc;
    if (!str_eq(d.state, states[NOTIFY_WAITING].word))
        return act_message_done(tx, r->home, m->id, e);
    if (!notify_channel_of(d.channel, &l->channel)) return err_set(e, ERR_DAMAGED, "channel");
    if (d.expires_ms <= store_now_ms(tx)) return end(tx, r, &d, m->id, NOTIFY_EXPIRED, e);
    rc = d.message ? compose_message(tx, r, &d, l, e) : compose_code(tx, r, &d, l, e);
    if (rc) return rc;
    int64_t due = 0;
    rc = still_quiet(tx, r, &d, &due, e);
    if (rc || due) return rc ? rc : act_message_put_back(tx, r->home, m->id, m->attempts, due, e);
    if (!l->to.len) { /* taken back by the person meanwhile, or another address was typed */
        d.why = d.message ? S("no contact") : S("the code is not awaited");
        return end(tx, r, &d, m->id, NOTIFY_GIVEN_UP, e);
    }
    l->id = arena_fmt(a, "n%lld-%lld", (long long)r->home.v, (long long)d.id);
    l->date_ms = d.made_ms;
    d.attempts++;
    *ret = true;
    return write_state(tx, r, &d, NOTIFY_WAITING, e);
}

int notify_take(struct store_tx *tx, const struct realm *r, enum notify_lane first,
                enum notify_lane last, struct notify_letter *out, size_t max, size_t *n,
                struct err *e) {
    enum { TURN_MAX = 32 };
    struct act_message due[TURN_MAX];
    size_t found = 0;
    int rc = 0;
    *n = 0;
    for (int l = (int)first; l <= (int)last && !rc && !found; l++)
        rc = act_messages_due(tx, r->home, roads[l].topic, due, max < TURN_MAX ? max : TURN_MAX,
                              &found, e);
    for (size_t i = 0; i < found && !rc; i++) {
        bool ready;
        rc = act_message_claim(tx, r->home, &due[i], NOTIFY_LEASE_MS, e);
        if (rc == ERR_CONFLICT) { /* another node's */
            err_clear(e);
            rc = 0;
            continue;
        }
        if (!rc) rc = take_one(tx, r, &due[i], &out[*n], &ready, e);
        if (!rc && ready) ++*n;
        if (rc == ERR_DAMAGED || rc == ERR_NOT_FOUND) { /* told in `why`; the others go on, this one
                                                           comes back ever later */
            rc =
                act_message_retry(tx, r->home, due[i].id, due[i].attempts, str_of(err_name(rc)), e);
        }
    }
    return rc;
}

int notify_put_back(struct store_tx *tx, const struct realm *r, const struct notify_letter *l,
                    size_t n, struct err *e) {
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        struct notify_delivery d;
        rc = read_one(tx, r, l[i].delivery, &d, e);
        if (rc || !str_eq(d.state, states[NOTIFY_WAITING].word)) continue;
        d.attempts--;
        rc = write_state(tx, r, &d, NOTIFY_WAITING, e);
        if (!rc)
            rc = act_message_put_back(tx, r->home, l[i].outbox.id, l[i].outbox.attempts,
                                      store_now_ms(tx), e);
    }
    return rc;
}

int notify_settle(struct store_tx *tx, const struct realm *r, const struct notify_letter *l,
                  enum notify_outcome outcome, struct str provider, struct str why, struct err *e) {
    struct notify_delivery d;
    int rc = read_one(tx, r, l->delivery, &d, e);
    if (rc) return rc;
    d.why = notify_said(store_arena(tx), l->to, why);
    if (outcome == NOTIFY_WENT) {
        d.handed_ms = store_now_ms(tx);
        d.provider = provider;
        return end(tx, r, &d, l->outbox.id, NOTIFY_HANDED, e);
    }
    if (outcome == NOTIFY_REFUSED) return end(tx, r, &d, l->outbox.id, NOTIFY_FAILED, e);
    if (d.attempts >= NOTIFY_ATTEMPTS_MAX) return end(tx, r, &d, l->outbox.id, NOTIFY_GIVEN_UP, e);
    rc = write_state(tx, r, &d, NOTIFY_WAITING, e);
    return rc ? rc : act_message_retry(tx, r->home, l->outbox.id, l->outbox.attempts, d.why, e);
}

int notify_receipt(struct store_tx *tx, const struct realm *r, enum notify_channel c,
                   struct str provider, enum notify_state state, struct str why, struct err *e) {
    struct store_rows *rows;
    struct notify_delivery d, found = { 0 };
    if (!provider.len) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = store_query(tx, &notify_delivery_said, &rows, e, SV_I(r->home.v), SV_T(provider),
                         SV_I(OF_MESSAGE_MAX));
    if (rc) return rc;
    while (store_next(rows)) {
        d = notify_delivery_row(rows);
        if (!found.id && str_eq(d.channel, channels[c].word)) found = d;
    }
    rc = store_end(rows, e);
    if (!rc && !found.id) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = notify_delivery_verify(store_arena(tx), r, &found, e);
    if (rc || !str_eq(found.state, states[NOTIFY_HANDED].word))
        return rc; /* the first word stands */
    found.why = notify_said(store_arena(tx), S(""), why);
    return write_state(tx, r, &found, state, e);
}

/* ---- for the operator ---- */

int notify_resend(struct store_tx *tx, const struct realm *r, const struct actor *who,
                  int64_t delivery, struct err *e) {
    struct act act;
    struct notify_delivery d;
    enum notify_state s;
    access_asked(tx, S("delivery"), delivery, 0);
    int rc = act_open(&act, tx, r, who, S("message.resend"), e);
    if (!rc) rc = read_one(tx, r, delivery, &d, e);
    if (rc) return rc;
    size_t lane = find_word(lanes, NOTIFY_LANES, d.lane);
    if (!notify_state_of(d.state, &s) || lane == NOTIFY_LANES)
        return err_set(e, ERR_DAMAGED, "notify_delivery");
    if (!d.message || s < NOTIFY_FAILED) return err_set(e, ERR_STATE, "只有没有送出的消息才能重发");
    int64_t now = store_now_ms(tx);
    d.expires_ms = now + roads[lane].hours * hour_ms;
    d.attempts = 0;
    d.why = S("");
    rc = write_state(tx, r, &d, NOTIFY_WAITING, e);
    if (!rc) rc = act_emit(&act, roads[lane].topic, d.id, S(""), e);
    return rc ? rc : act_close(&act, S("delivery"), delivery, 0, S("resent"), e);
}

int notify_count(struct store_tx *tx, const struct realm *r, struct notify_counts *ret,
                 struct err *e) {
    int rc = 0;
    for (size_t l = 0; l < NOTIFY_LANES && !rc; l++) {
        rc = act_messages_waiting(tx, r->home, roads[l].topic, &ret->waiting[l], e);
        if (!rc) rc = act_messages_oldest(tx, r->home, roads[l].topic, &ret->oldest_ms[l], e);
    }
    return rc;
}
