/* queue: halls where people wait to be served: lines, tickets, counters. Which hall, which lines and who serves them are a system's to
 * say; nothing here knows what people come for.
 *
 * A ticket lives:  waiting -> called -> serving -> finished
 *   queue_take     (none -> waiting)      a number of its line, dense within the day; the line of hours when it is open
 *   queue_call     (waiting -> called)    the counter's next one
 *   queue_again    (called -> called)     called once more
 *   queue_missed   (called -> missed)     nobody came, after so many calls as the hall says
 *   queue_back     (missed -> waiting)    behind so many of its line, so many times at most
 *   queue_begin    (called -> serving)
 *   queue_hand     (called|serving -> waiting)  to another line, in its old place: nobody waits twice from the end
 *   queue_finish   (serving -> finished)
 * What was not finished when its day ends has lapsed: a state that is told, not written.
 * What is booked beforehand is queue_book.h's; whoever comes with it takes a ticket (queue_check_in) like everybody else.
 *
 * Invariants
 *  1. A ticket belongs to a hall and a day of its zone; nothing of another day is called, counted or changed (ERR_STATE).
 *  2. Order is by place: the moment a ticket was taken, less the head start of its class. A class with a head start of 20 minutes goes
 *     before whoever came less than 20 minutes earlier, and behind whoever has waited longer than that: priority without starvation.
 *     Of a ticket that was booked the moment is the one that it was booked for.
 *  3. A ticket stands at one counter at most, a counter has one ticket at most; two that call at once get two tickets, or one of them none.
 *  4. Every move is an act with its entry, and a row of the ticket's history; rows carry the MAC over all their columns.
 *  5. A ticket says nothing of who holds it; whoever holds it knows its code, which is drawn at random and opens its standing alone.
 *  6. The expected wait is played through (queue_wait): the counters that are open, what each serves, how long a visit has taken
 *     today; it is told with what it was made of.
 *
 * queues/HALL.yaml: docs/systems.md. Only active releases are looked at: a hall is as it is declared now.
 */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H
#include "engine/act/act.h"
#include "engine/clock/clock.h"

enum {
    QUEUE_LINES_MAX = 26,
    QUEUE_CLASSES_MAX = 8,
    QUEUE_COUNTERS_MAX = 100,
    QUEUE_HOURS_MAX = 4,
    QUEUE_WAITING_MAX = 1000, /* in a hall: more cannot take a ticket */
    QUEUE_NUMBER_MAX = 999    /* of a line on a day */
};

struct queue_hours {
    bool every_day; /* else on working days */
    size_t n;
    struct {
        int32_t from_min, to_min; /* after midnight */
    } span[QUEUE_HOURS_MAX];
};
struct queue_line {
    struct str id, title, note, prefix;
    const struct val *items; /* ids of what is dealt with; may be NULL */
    int64_t visit_ms;        /* what one visit takes, as long as nothing was measured */
    int64_t most;            /* tickets a day */
    int64_t places;          /* how many may be booked for the same time; 0: none */
    struct queue_hours hours;
};
/* What may be booked beforehand, and how: queue_book.h. */
struct queue_booked {
    int64_t minutes; /* of one slot; 0: nothing may be booked in this hall */
    int64_t days;    /* how far ahead, today not counted */
    int64_t change_ms, early_ms, late_ms; /* before it: the last change, the first ticket; after it: the last ticket */
    int64_t most;    /* of one person at the same time */
    int64_t missed_times, missed_days; /* who missed so many within so many days books none */
    struct str class; /* of the ticket that one gets for it; offered to nobody else */
};
struct queue_class {
    struct str id, title;
    int64_t ahead_ms;
};
struct queue_counter {
    struct str id, title;
    uint32_t lines; /* bits: which of the hall's */
};
struct queue_hall {
    struct str id, title, unit, address, phone;
    struct queue_line line[QUEUE_LINES_MAX];
    size_t n_lines;
    struct queue_class class[QUEUE_CLASSES_MAX];
    size_t n_classes;
    struct queue_counter counter[QUEUE_COUNTERS_MAX];
    size_t n_counters;
    int64_t missed_calls, missed_behind, missed_times;
    struct queue_booked booked;
    const struct system *system; /* that declares it: its grants say who may */
};

/* Compiles queues/ID.yaml of `m`. */
int queue_compile(struct arena *a, struct str file, struct str id, const struct val *yaml,
                  const struct system *m, const struct queue_hall **ret, struct err *e);
/* NULL if no active system declares it. */
const struct queue_hall *queue_hall_find(const struct realm *r, struct str id);
/* All halls of the active systems, in their order; at most `max`. */
size_t queue_halls(const struct realm *r, const struct queue_hall **ret, size_t max);
const struct queue_line *queue_line_find(const struct queue_hall *h, struct str id);
const struct queue_counter *queue_counter_find(const struct queue_hall *h, struct str id);
/* May a ticket be taken now, by the hours? */
bool queue_hours_open(const struct realm *r, const struct queue_hours *h, int64_t now_ms);
/* "工作日 09:00—12:00、13:30—17:00" in the reader's language. */
struct str queue_hours_text(const struct realm *r, const struct queue_hours *h, struct str lang,
                            struct arena *a);

enum { QUEUE_CODE_CHARS = 20 };
struct queue_ticket {
    int64_t id, day, number, account, place_ms, taken_ms, called_ms, begun_ms, ended_ms, calls,
        missed, version, first_ms; /* called_ms: the last time, first_ms: the first, at this counter */
    struct str hall, drawn, line, class, state, counter, code;
};
/* "A012": the prefix of the line it was drawn for, and its number. */
struct str queue_ticket_label(struct arena *a, const struct queue_hall *h,
                              const struct queue_ticket *t);
/* Days since 1970 in the realm's zone. */
int64_t queue_day(const struct realm *r, int64_t now_ms);

/* ---- acts; the hall's unit must be within the reach of the grant, which its own system gives ---- */
/* ticket.take. `class` empty: none. ERR_CODE: no such line or class; ERR_STATE: closed, stopped, or full. */
int queue_take(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, struct str line, struct str class,
               struct queue_ticket *ret, struct err *e);
/* counter.open: the actor sits down at it. ERR_STATE: somebody else sits there, or he sits at another (that is still declared). */
int queue_counter_open(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       const struct queue_hall *h, struct str counter, struct err *e);
/* The counter at which he sits; ERR_STATE while a ticket stands there. */
int queue_counter_close(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        const struct queue_hall *h, struct err *e);
/* hall.manage: somebody else's counter; the ticket that stands there waits again in its old place. */
int queue_counter_clear(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        const struct queue_hall *h, struct str counter, struct err *e);
/* hall.manage: no more tickets of this line today, or again. */
int queue_line_stop(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    const struct queue_hall *h, struct str line, bool stop, struct err *e);
/* ticket.call, at the actor's own counter. ERR_STATE: he sits at none, has a ticket before him, or nobody waits. */
int queue_call(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, struct queue_ticket *ret, struct err *e);
/* ticket.call, of the ticket before him. */
int queue_again(struct store_tx *tx, const struct realm *r, const struct actor *who,
                const struct queue_hall *h, struct err *e);
int queue_missed(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 const struct queue_hall *h, struct err *e);
/* ticket.serve */
int queue_begin(struct store_tx *tx, const struct realm *r, const struct actor *who,
                const struct queue_hall *h, struct err *e);
int queue_finish(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 const struct queue_hall *h, struct err *e);
/* ticket.move: any missed ticket of the hall; the ticket before him, to another line. */
int queue_back(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, int64_t ticket, struct err *e);
int queue_hand(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, struct str line, struct err *e);

/* counter.offer, at the actor's own counter: its second screen shows `what` for QUEUE_OFFER_MS, or until somebody else is called.
 * ERR_STATE: he sits at none. */
enum { QUEUE_OFFER_MAX = 100, QUEUE_OFFER_MS = 5 * 60000 };
int queue_offer(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct queue_hall *h, struct str what,
                struct err *e);
/* counter.show: what that screen shows now; empty: nothing. ERR_NOT_FOUND: the hall has no such counter. */
int queue_offered(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct queue_hall *h, struct str counter,
                  struct str *ret, struct err *e);

/* ---- looking ---- */
/* May the actor do this act in the hall? ERR_FORBIDDEN, ERR_NOT_FOUND as an act of it would say. */
int queue_may(struct store_tx *tx, const struct realm *r, const struct actor *who,
              const struct queue_hall *h, struct str act, struct err *e);
/* What everybody may see of a hall now: {id, title, address, phone, open, waiting, lines [{id, title, note, prefix, hours, open, stopped,
 * waiting, counters, wait_ms (-1: nobody serves it), wait, why, items [id]}], counters [{id, title, open, label, state,
 * state_text}], called [{label, counter_title, text, at_ms}] newest first, classes [{id, title}]}. */
int queue_hall_view(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                    struct str lang, struct val **ret, struct err *e);
/* The ticket of a code, of any day: {hall, hall_title, label, line_title, class_title, state, state_text, ended, ahead, wait_ms, wait, why,
 * counter_title, taken_ms, events [{at_ms, text}]}. ERR_NOT_FOUND. */
int queue_ticket_view(struct store_tx *tx, const struct realm *r, struct str code, struct str lang,
                      struct val **ret, struct err *e);
/* What a clerk works with, by ticket.call: {counter (absent: he sits at none), ticket {id, label, ...}, waiting [{id, label, line_title,
 * class_title, taken_ms, wait_text, mine}], missed [..], counters [{id, title, lines, free, by}], may_miss, calls_left, lines [{id,
 * title}]}. */
int queue_desk_view(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    const struct queue_hall *h, struct str lang, struct val **ret, struct err *e);
/* The hall and counter at which the actor sits today; `*ret_hall` NULL if at none. */
int queue_seat(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall **ret_hall, const struct queue_counter **ret,
               int64_t *ret_ticket, struct err *e);
struct str queue_state(size_t i); /* the words of states; empty behind the last */
struct str queue_state_text(const struct realm *r, struct str lang, struct str state);

/* A ticket as it stands; nothing is judged. ERR_NOT_FOUND. */
int queue_ticket_get(struct store_tx *tx, const struct realm *r, int64_t id,
                     struct queue_ticket *ret, struct err *e);
/* What was done in a hall on a day, for each clerk and line: nothing but numbers. `account` 0: by nobody yet, or not at all. */
struct queue_done {
    int64_t account, finished, missed, open; /* open: waiting, called, being served; lapsed once the day is over */
    int64_t waited_ms, served_ms;            /* sums over the finished ones: until they were called, and at the counter */
    struct str line;
};
enum { QUEUE_DONE_MAX = 2000 };
/* Of this account only (0: of all). ERR_LIMIT beyond QUEUE_DONE_MAX. */
int queue_tally(struct store_tx *tx, const struct realm *r, const struct queue_hall *h, int64_t day,
                int64_t account, struct queue_done *out, size_t *n, struct err *e);
#endif
