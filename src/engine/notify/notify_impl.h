/* notify_impl: what the chapters of notify share. */
#ifndef ENGINE_NOTIFY_IMPL_H
#define ENGINE_NOTIFY_IMPL_H
#include "engine/notify/notify_out.h"

struct notice_type {
    struct str id, title, text, sms;
    struct str file;
    enum notify_lane lane;
    bool must;
    unsigned channels; /* bits of enum notify_channel */
};

/* Title and text of a message in a language, and the short text ("" where the notice has none);
 * ERR_NOT_FOUND. */
int notify_open(struct store_tx *tx, const struct realm *r, int64_t account, int64_t id,
                struct str lang, struct val **ret, struct err *e);
/* The code that is awaited, with the address it goes to; both empty: none, or another delivery
 * carries it, since an address was typed again before this one left. */
int notify_contact_code(struct store_tx *tx, const struct realm *r, int64_t account,
                        enum notify_channel c, int64_t delivery, struct str *ret_to,
                        struct str *ret_code, struct err *e);

/* Title, text and short text of a notice in both languages, as a message's body holds them: {"zh": [title, text, sms], "en": ...}. */
int notify_body(struct arena *a, const struct realm *r, const struct system *m,
                const struct notice_type *t, const struct val *view, struct val **ret, struct err *e);
/* One language of it into a map {title, text, sms}. */
void notify_body_in(struct arena *a, const struct val *body, struct str lang, struct val *into);
/* What leaves of two such maps, the reader's language first. */
struct str notify_mail_text(struct arena *a, const struct realm *r, struct str lang,
                            const struct val *mine, struct str second, const struct val *other);
struct str notify_sms_text(struct arena *a, const struct realm *r, struct str lang,
                           const struct val *mine);

/* A row of notify_delivery, as its columns stand. */
struct notify_delivery {
    int64_t id, account, message, made_ms, expires_ms, attempts, handed_ms, ended_ms;
    struct str channel, lane, state, body, provider, why, mac;
};
#define NOTIFY_DELIVERY_COLUMNS                                                                    \
    "id, account, message, channel, lane, state, body, made_ms, expires_ms, attempts, handed_ms, " \
    "ended_ms, provider, why, mac"
struct notify_delivery notify_delivery_row(struct store_rows *rows);
/* ERR_DAMAGED. */
int notify_delivery_verify(struct arena *a, const struct realm *r, const struct notify_delivery *d,
                           struct err *e);
/* What a provider answered about a message to `to`, as it is kept and shown: without addresses and
 * numbers of telephones, in UTF-8, of a bounded length. */
struct str notify_said(struct arena *a, struct str to, struct str said);
/* What the masked address of a row is bound to. */
struct str notify_delivery_place(struct arena *a, const struct realm *r, int64_t id);
#endif
