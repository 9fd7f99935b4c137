/* notify_out: how messages leave: contacts that were shown to be the person's own, what the person
 * chose, quiet hours, and a delivery for each message and channel, from the act that causes it to
 * what the provider says became of it.
 *
 * Invariants
 *  1. A delivery and its entry in the outbox are written in the transaction of the act that writes
 * the message (notify_send); none where this server has no gateway for the channel
 * (realm.gateways), the notice does not name it, or no contact is verified.
 *  2. An address is kept sealed under the person's key, and used for messages only after a code
 * that was sent there came back: six digits, NOTIFY_CODE_MS, five tries (identity_try). Lists show
 * it masked. A code leaves in the delivery that was made for it, and in no other.
 *  3. Each lane is a topic of the outbox, whose index begins with it: what waits in one is not
 * read, nor stepped over, to find what is due in another. What is urgent ignores quiet hours.
 *  4. A delivery is claimed before it is handed over (act_message_claim): two workers never hold
 * one, and a crash leaves it to come back. It may then leave twice: at least once, never less. Both
 * carry the same number (notify_letter.id: the Message-ID of mail, which receivers deduplicate by;
 * for SMS no standard lets them, so what was accepted is noted before anything else is done).
 *  5. What a notice must tell (`must`) or what is urgent cannot be switched off.
 * Enforced by notify_out_test.c, tests/faults/t09_outbox.pml.
 */
#ifndef ENGINE_NOTIFY_OUT_H
#define ENGINE_NOTIFY_OUT_H
#include "engine/notify/notify.h"

enum notify_channel {
#define NOTIFY_CHANNEL(name, word, title) NOTIFY_##name,
#include "engine/notify/notify_words.h"
#undef NOTIFY_CHANNEL
    NOTIFY_CHANNELS
};
enum notify_lane {
#define NOTIFY_LANE(name, word, topic, hours, title) NOTIFY_##name,
#include "engine/notify/notify_words.h"
#undef NOTIFY_LANE
    NOTIFY_LANES
};
enum notify_state {
#define NOTIFY_STATE(name, word, tone, title) NOTIFY_##name,
#include "engine/notify/notify_words.h"
#undef NOTIFY_STATE
    NOTIFY_STATES
};
enum {
    NOTIFY_CODE_MS = 10 * 60000,
    NOTIFY_CODE_TRIES = 5,
    NOTIFY_ATTEMPTS_MAX = 60,
    NOTIFY_LEASE_MS = 90000,
    NOTIFY_SMS_UNITS_MAX = 268
};

struct notify_word {
    struct str word, title, tone; /* title: Chinese source */
};
const struct notify_word *notify_channel_word(enum notify_channel c);
const struct notify_word *notify_lane_word(enum notify_lane l);
const struct notify_word *notify_state_word(enum notify_state s);
bool notify_channel_of(struct str word, enum notify_channel *ret);
bool notify_lane_of(struct str word, enum notify_lane *ret);
bool notify_state_of(struct str word, enum notify_state *ret);
/* Does this server hand over by the channel? */
bool notify_gateway(const struct realm *r, enum notify_channel c);

/* ---- contacts (notify_contact.c); each of the changes is an act, contact.put ---- */
struct notify_contact {
    struct str value, shown; /* verified: in clear, masked; empty: none */
    int64_t verified_ms;
    struct str pending, pending_shown; /* a code was sent there and is awaited; empty: none */
    int64_t until_ms;                  /* of the code */
};
/* One's own. */
int notify_contact_get(struct store_tx *tx, const struct realm *r, int64_t account,
                       enum notify_channel c, struct notify_contact *ret, struct err *e);
/* Sends a code to what was typed. ERR_FORMAT, ERR_DUPLICATE (verified already), ERR_LOCKED (too
 * many codes), ERR_STATE (no gateway). */
int notify_contact_put(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       enum notify_channel c, struct str typed, struct err *e);
/* ERR_PASSWORD: the code is wrong, or its time is over; count it (notify_contact_failed, for
 * `refused` bodies). ERR_LOCKED, ERR_STATE. */
int notify_contact_confirm(struct store_tx *tx, const struct realm *r, const struct actor *who,
                           enum notify_channel c, struct str code, struct err *e);
int notify_contact_failed(struct store_tx *tx, const struct realm *r, const struct actor *who,
                          enum notify_channel c, struct err *e);
/* Forgets it, verified or not. */
int notify_contact_drop(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        enum notify_channel c, struct err *e);

/* ---- codes by SMS for something else, within an open act: to go on with a draft (item_resume.c) ----
 * `owner` is an account or, of somebody who has none, his person record: its key seals what waits for the
 * code. One code of an owner is awaited at a time, for one `object`. */
/* As typed, cleaned and judged. ERR_FORMAT. */
int notify_phone(struct arena *a, struct str typed, struct str *ret, struct err *e);
/* ERR_LOCKED: too many were sent for the owner or to the phone. */
int notify_code_send(struct act *act, int64_t owner, int64_t object, struct str phone,
                     struct err *e);
/* Used up by that. ERR_PASSWORD: it is wrong, over, or none was sent; the caller counts it. */
int notify_code_use(struct store_tx *tx, const struct realm *r, int64_t owner, int64_t object,
                    struct str phone, struct str code, struct err *e);

/* ---- choices ---- */
enum { NOTIFY_QUIET_DEFAULT = -1, NOTIFY_QUIET_NEVER = -2, NOTIFY_DAY_MINUTES = 24 * 60 };
struct notify_choice {
    struct str lang;                        /* "zh", "en": of what leaves */
    bool on[NOTIFY_CHANNELS][NOTIFY_LANES]; /* of what may be switched off; URGENT is always on */
    int quiet_from, quiet_until; /* minutes of the day; quiet_from may be NOTIFY_QUIET_... */
};
int notify_choice_get(struct store_tx *tx, const struct realm *r, int64_t account,
                      struct notify_choice *ret, struct err *e);
int notify_choice_put(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      const struct notify_choice *c, struct err *e);
/* The administration's own quiet hours (code set quiet_hours of an active system); false: none. */
bool notify_quiet_default(const struct realm *r, int *from, int *until);
/* When what is ready at `ms` may leave: at once, or when the quiet hours end, in the
 * administration's zone. */
int64_t notify_quiet_until(const struct realm *r, const struct notify_choice *c, int64_t ms);

/* ---- deliveries (notify_delivery.c) ---- */
/* What is to be handed over, in the memory of the job. */
struct notify_letter {
    struct act_message outbox;
    int64_t delivery;
    enum notify_channel channel;
    struct str to, subject, text;
    struct str id; /* [a-z0-9-]: the same for every attempt */
    int64_t date_ms;
};
/* Is anything due in the lanes from `first` to `last`? READ job. */
int notify_due(struct store_tx *tx, const struct realm *r, enum notify_lane first,
               enum notify_lane last, bool *ret, struct err *e);
/* Claims at most `max` of what is due, lane by lane in their order, none of a later lane as long as
 * an earlier one has any. What has expired, lost its contact or cannot be sent is ended here. */
int notify_take(struct store_tx *tx, const struct realm *r, enum notify_lane first,
                enum notify_lane last, struct notify_letter *out, size_t max, size_t *n,
                struct err *e);
/* What was taken and is not handed over now, since its claim might run out meanwhile: due again at once,
 * as if it had not been taken. */
int notify_put_back(struct store_tx *tx, const struct realm *r, const struct notify_letter *l,
                    size_t n, struct err *e);
enum notify_outcome { NOTIFY_WENT, NOTIFY_LATER, NOTIFY_REFUSED };
/* What became of a hand-over. `provider`: its number there, `why`: its words, of which what names
 * people is not kept; both may be empty. */
int notify_settle(struct store_tx *tx, const struct realm *r, const struct notify_letter *l,
                  enum notify_outcome outcome, struct str provider, struct str why, struct err *e);
/* What the provider says later of what it took (`state`: DELIVERED, FAILED or EXPIRED).
 * ERR_NOT_FOUND. */
int notify_receipt(struct store_tx *tx, const struct realm *r, enum notify_channel c,
                   struct str provider, enum notify_state state, struct str why, struct err *e);
/* Of one message, oldest first: list of {channel, to, state, tone, at_ms}; `lang` for the words.
 * The reader is its receiver. */
int notify_deliveries_of(struct store_tx *tx, const struct realm *r, int64_t message,
                         struct str lang, struct val **ret, struct err *e);
/* For the operator (act message.deliveries): newest first, list of {id, channel, lane, state, tone,
 * to, made_ms, handed_ms, ended_ms, attempts, why, dead}. Addresses are masked; of the text nothing
 * is shown. */
struct notify_delivery_query {
    struct str state, channel; /* words; empty: all */
    bool back;
    int64_t at; /* behind this one */
    size_t max;
    bool counted;
    size_t total; /* set where `counted`: up to SCOPE_COUNT_MAX */
};
int notify_deliveries(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      struct notify_delivery_query *q, struct str lang, struct val **ret,
                      struct err *e);
/* One that failed, expired or was given up is tried anew: an act, message.resend. ERR_NOT_FOUND,
 * ERR_STATE. */
int notify_resend(struct store_tx *tx, const struct realm *r, const struct actor *who,
                  int64_t delivery, struct err *e);
/* What waits, by lane, and since when the oldest is due (0: nothing). */
struct notify_counts {
    int64_t waiting[NOTIFY_LANES], oldest_ms[NOTIFY_LANES];
};
int notify_count(struct store_tx *tx, const struct realm *r, struct notify_counts *ret,
                 struct err *e);

/* ---- for notify.c ---- */
struct notice_type;
/* Of the message that an open act has just written. */
int notify_out(struct act *act, const struct notice_type *t, int64_t account, int64_t message,
               struct err *e);
/* A code for an address that is not verified yet; its delivery. */
int notify_out_code(struct act *act, int64_t account, enum notify_channel c, struct str shown,
                    int64_t *ret, struct err *e);
#endif
