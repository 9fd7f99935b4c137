/* item_handover: what a case came to reaches whom it is for (结果送达): it is fetched at a window, or sent by post, once. What is handed
 * over are the papers that the case issued, printed, and the originals that it kept.
 *
 *   item_handover_settle   (of the process)  a case that ended and whose item says so waits to be fetched
 *   item_handover_find     case.handover     which case: its number, a code that was scanned, a name and a phone
 *   item_handover_view     case.handover     what there is to hand over, or what was, to whom, by whom; noted
 *   item_handover_code     case.handover     a code to the applicant's phone, by which he acknowledges
 *   item_handover_put      case.handover     handed over or sent: one act, one event of the case, a message to the applicant
 *   item_handovers         case.handover     what waits and for how long, what was fetched, what was sent
 *   item_handover_remind   handover.remind   (topic item_remind_topic) whoever did not come by then is told, once
 *
 * Invariants
 *  1. A case is handed over once; nothing takes it back. It has ended before, and something is named that is given.
 *  2. Whoever fetches it is the applicant, somebody with a mandate in force for this matter, or somebody with a letter that the clerk
 *     has seen and keeps. Of the last two name and number stand in the case's log, sealed like the case.
 *  3. It is acknowledged by a signature on the delivery receipt, or by a code that went to the applicant's own phone: the one that he
 *     showed to be his, else that of the population registry; never one that is typed at the window.
 *  4. A clerk hands over what lies in the area of his unit, of the systems that his grant reaches; who is bound to the applicant
 *     (item_recuse.c) hands over nothing.
 *  5. A list shows names masked and costs what it shows; what is typed to find a case stands in no address.
 */
#ifndef ENGINE_ITEM_ITEM_HANDOVER_H
#define ENGINE_ITEM_ITEM_HANDOVER_H
#include "engine/item/item.h"

enum { ITEM_HANDOVER_THINGS_MAX = 64, ITEM_HANDOVER_TEXT_MAX = 200, ITEM_HANDOVER_NAME_MAX = 50 };

/* ---- finding ---- */
struct item_handover_asked {
    struct str typed;       /* a number, or the address that stands in the receipt's code */
    struct str name, phone; /* or both of these */
};
/* Faults at `q`, `name`, `phone`. */
int item_handover_find(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_handover_asked *q,
                       int64_t *ret_case, struct err *e);

/* ---- one case ---- */
/* What item_head_view of item_rows.h says, and {person (who submitted it, in clear: it is compared with a document), id_masked, days (since
 * it ended), things [{id, title, note}], may_post, address (to send it to, as registered), over (bool: who submitted it acts for the
 * company no more), phone (masked; empty: a code cannot be sent), others [item_head_view] that wait for the same applicant;
 * rated (bool); handed (absent: not yet) {way, posted, state_text, at, by, to, relation, id_masked, things, ack, is_signed, carrier,
 * tracking, address}}.
 * ERR_NOT_FOUND outside the clerk's area; ERR_STATE where it has not ended. */
int item_handover_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str lang,
                       struct val **ret, struct item_case *ret_case, struct err *e);
/* ERR_STATE: no gateway, no phone; ERR_LOCKED: too many were sent. */
int item_handover_code(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct err *e);

struct item_handover {
    struct str way;                  /* "window" "post" */
    const struct val *things;        /* ids of item_handover_view: one text, or a list */
    /* window */
    struct str receiver;             /* "self" "mandate" "letter" (which the clerk has seen and keeps) */
    struct str name, citizen_id;     /* of who fetches it for another */
    struct str ack;                  /* "signature" (it stands on the delivery receipt) "code" */
    struct str code;
    /* post */
    struct str carrier, tracking, address;
};
/* ERR_INPUT with *errors (id of a field -> {code, detail}), all at once; ERR_PASSWORD where nothing but the code is wrong: counted by
 * item_handover_failed, for `refused` bodies. ERR_STATE: it was handed over already. */
int item_handover_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, const struct item_handover *h,
                      struct val **errors, struct err *e);
int item_handover_failed(struct store_tx *tx, const struct realm *r, int64_t case_id, struct err *e);

/* ---- rating on the spot (item_rating_code.c) ---- */
/* Without signing in, by a code that whoever fetched the result was given with it (item_rating_code.c): for one case, until
 * ITEM_RATING_CODE_DAYS after that, and for nothing else. Empty: this case has none. _open: ERR_NOT_FOUND (nobody's code), ERR_STATE
 * (its time is over, or the officer who asks is one who hands over); `*rated`: it was rated already. */
enum { ITEM_RATING_CODE_DAYS = 7 };
struct str item_rating_code(struct arena *a, const struct realm *r, const struct item_case *c);
/* For who hands over: the code of a case within his reach, and nothing else of it. ERR_STATE: it has none. */
int item_rating_code_of(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str *ret,
                        struct err *e);
int item_rating_code_open(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str code, struct item_case *ret,
                          bool *rated, struct err *e);
int item_rate_by_code(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str code, const struct item_rating *g,
                      struct val **errors, struct err *e);

/* ---- many ---- */
bool item_handover_waits(const struct item_case *c); /* what it came to lies at a window */
/* The states of the list: "waits" "fetched" "posted"; empty behind the last. And what people read. */
struct str item_handover_state(size_t i);
struct str item_handover_state_text(const struct realm *r, struct str lang, struct str state);
struct item_handover_query {
    struct str state, item; /* empty: all */
    bool back;              /* newest first; else whoever waits longest is first */
    size_t max;
    struct item_place at;   /* as in item_task_query, as is total */
    size_t total;
};
/* [{id, key, number, item, item_id, applicant (masked), since_ms, days, reminded_ms, state, state_text, tone}] */
int item_handovers(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_handover_query *q, struct str lang,
                   struct val **ret, struct err *e);
/* How many were handed over or sent on a day by the clerks of a unit (`account` 0: by all). ERR_LIMIT beyond ITEM_HANDED_MAX. */
enum { ITEM_HANDED_MAX = 1000 };
struct item_handed {
    int64_t account, n;
    struct str way;
};
int item_handed_on(struct store_tx *tx, const struct realm *r, int64_t unit, int64_t day, int64_t account, struct item_handed *out,
                   size_t *n, struct err *e);

/* ---- the reminder ---- */
extern const struct str item_remind_topic;
struct act_message;
int item_handover_remind(struct store_tx *tx, const struct realm *r, const struct actor *worker, struct act_message *m, bool *ret_sent,
                         struct err *e);
#endif
