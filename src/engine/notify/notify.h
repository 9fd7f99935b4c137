/* notify: messages to people. In-app inbox first; mail and SMS leave by the outbox (notify_out.h) and are the courier's.
 *
 * Invariants
 *  1. A message is written in the transaction of the act that causes it; it exists exactly if that act happened.
 *  2. Its text is made from notices.yaml of the case's own release, in both languages at once, so that the reader's choice is open.
 *  3. Text that may hold personal data is sealed under the receiver's account.
 *
 * notices.yaml:   id: {title: 已受理, text: '{{item}}（{{number}}）已受理，承诺 {{due}} 前办结。'}    # Mustache, text mode
 *   and, if it may leave: urgency (urgent, normal, bulk), must (true: cannot be switched off), channels ([mail, sms]; all if absent),
 *   sms (a text of its own where the long one does not fit)
 * A value may be a day: notify_day in the view, written as each language writes days.
 */
#ifndef ENGINE_NOTIFY_H
#define ENGINE_NOTIFY_H
#include "engine/act/act.h"

struct notice_type;
/* Compiles one entry of notices.yaml; bad templates are errors with the line. */
int notice_compile(struct arena *a, struct str file, struct str id, const struct val *yaml,
                   const struct notice_type **ret, struct err *e);

/* What was declared; borrowed. `channels`: bits of enum notify_channel (notify_out.h), by which it may leave. */
struct notice_parts {
    struct str id, title, text, sms;
    unsigned channels;
    bool must;
};
struct notice_parts notice_parts(const struct notice_type *t);
/* What people would get of a notice (notify_show.c), made by the functions that make what leaves: for who writes notices. `zh` and `en`:
 * its view in the words of either language. */
struct notify_shown {
    struct str title, text; /* the message in the receiver's space; title: of mail too */
    struct str mail, sms;
    bool brief; /* too long for SMS: that holds the title and where to read on */
};
int notify_show(struct arena *a, const struct realm *r, const struct system *m, const struct notice_type *t, struct str lang,
                const struct val *zh, const struct val *en, struct notify_shown *ret, struct err *e);

/* Within an open act. An unknown notice id is ERR_SYSTEM. account 0 sends nothing. */
int notify_send(struct act *act, const struct system *m, struct str notice, int64_t account, int64_t case_id, const struct val *view,
                struct err *e);
/* Words of the program's own, for a view: as each language says them. `zh`: their source. */
struct val *notify_words(struct arena *a, const struct realm *r, struct str zh);
/* The day of a moment, for a view; nothing for 0. */
struct val *notify_day(struct arena *a, int64_t ms);
enum notify_which { NOTIFY_ALL, NOTIFY_UNREAD, NOTIFY_READ };
struct notify_query {
    enum notify_which which;
    int64_t case_id; /* what is about this case alone, newest first, read or not; 0: of every kind */
    bool back;  /* oldest first */
    int64_t at; /* behind this message's id; 0: from the start */
    size_t max;
    bool counted;
    size_t total; /* set where `counted`: up to SCOPE_COUNT_MAX */
};
/* List of {id, case_id, title, text, at_ms, unread}. */
int notify_inbox(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str lang, struct notify_query *q,
                 struct val **ret, struct err *e);
/* What was sent about a case to this account: ids of notices, oldest first. ERR_LIMIT beyond NOTIFY_CASE_MAX. */
enum { NOTIFY_CASE_MAX = 500 };
int notify_of_case(struct store_tx *tx, const struct realm *r, int64_t account, int64_t case_id, struct val **ret, struct err *e);
int notify_unread(struct store_tx *tx, const struct realm *r, int64_t account, int64_t *ret, struct err *e);
/* Marks one message, or all with id 0. An act of its own. */
int notify_mark_read(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e);
#endif
