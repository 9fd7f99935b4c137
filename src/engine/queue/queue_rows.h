/* queue_rows: the rows of this engine, shared by its own files only. */
#ifndef ENGINE_QUEUE_ROWS_H
#define ENGINE_QUEUE_ROWS_H
#include "engine/identity/identity.h"
#include "engine/queue/queue_book.h"

/* A counter as it stands; without a row, or with one of another day, nobody sits there. */
struct queue_seat {
    struct str counter;
    int64_t day, account, ticket, since_ms, version; /* version 0: no row yet */
};
/* Of a line today; zeroes where nothing happened yet. */
struct queue_sum {
    int64_t last, served, served_ms;
    bool stopped, known; /* known: there is a row */
};

int queue_ticket_insert(struct store_tx *tx, const struct realm *r, struct queue_ticket *t,
                        struct err *e);
/* The next version of the row; ERR_CONFLICT if another was first. */
int queue_ticket_update(struct store_tx *tx, const struct realm *r, struct queue_ticket *t,
                        struct err *e);
int queue_ticket_by_code(struct store_tx *tx, const struct realm *r, struct str code,
                         struct queue_ticket *ret, struct err *e);
/* The first of a line that waits; 0 in ret->id: nobody. */
int queue_ticket_first(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                       int64_t day, struct str line, struct queue_ticket *ret, struct err *e);
/* The same of whoever waits in lines that the hall has no more. */
int queue_ticket_lost(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                      int64_t day, struct queue_ticket *ret, struct err *e);
/* Those of a hall in a state, by line and place; at most `max`, ERR_LIMIT beyond QUEUE_WAITING_MAX
 * is never reached: taking stops there. */
int queue_tickets_in(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                     int64_t day, struct str state, struct queue_ticket *out, size_t max, size_t *n,
                     struct err *e);
int queue_waiting_count(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                        int64_t day, int64_t *ret, struct err *e);
/* Of a line, the place of the n-th that waits (from 1), or of the last; 0 if nobody does. */
int queue_place_of(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                   int64_t day, struct str line, int64_t nth, int64_t *ret_ms, struct err *e);

int queue_seats(struct store_tx *tx, const struct realm *r, const struct queue_hall *h, int64_t day,
                struct queue_seat *out, size_t *n,
                struct err *e); /* one for each counter of the hall, in its order */
int queue_seat_of(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t day,
                  struct str *ret_hall, struct queue_seat *ret,
                  struct err *e); /* ret->version 0: none */
int queue_seat_get(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                   struct str counter, struct queue_seat *ret, struct err *e);
int queue_seat_put(struct store_tx *tx, const struct realm *r, struct str hall, struct queue_seat *s,
                   struct err *e);

int queue_sum_get(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                  int64_t day, struct str line, struct queue_sum *ret, struct err *e);
/* `booked`: also where the line was stopped or has given all its numbers of the day. */
int queue_number_next(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                      int64_t day, const struct queue_line *line, bool booked, int64_t *ret,
                      struct err *e);
int queue_sum_add(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                  int64_t day, struct str line, int64_t visit_ms, struct err *e);
int queue_stop_put(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                   int64_t day, struct str line, bool stop, struct err *e);

int queue_event_add(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    const struct queue_ticket *t, struct str kind, struct err *e);
/* List of {kind, line, counter, account, at_ms}, oldest first. */
int queue_events(struct store_tx *tx, const struct realm *r, int64_t ticket, struct val **ret,
                 struct err *e);

/* ---- queue_book_rows.c ---- */
int queue_booking_insert(struct store_tx *tx, const struct realm *r, struct queue_booking *b,
                         struct err *e);
int queue_booking_update(struct store_tx *tx, const struct realm *r, struct queue_booking *b,
                         struct err *e);
int queue_booking_by_code(struct store_tx *tx, const struct realm *r, struct str hall,
                          struct str code, struct queue_booking *ret, struct err *e);
/* An account's that are for this moment or later, by time. */
int queue_bookings_since(struct store_tx *tx, const struct realm *r, int64_t account,
                         int64_t from_ms, struct queue_booking *out, size_t max, size_t *n,
                         struct err *e);
int queue_bookings_newest(struct store_tx *tx, const struct realm *r, int64_t account,
                          struct queue_booking *out, size_t max, size_t *n, struct err *e);
int queue_bookings_on(struct store_tx *tx, const struct realm *r, struct str hall, int64_t day,
                      struct queue_booking *out, size_t max, size_t *n, struct err *e);
/* The smallest number of a place that is free; ERR_STATE: none is. */
int queue_place_free(struct store_tx *tx, const struct realm *r, struct str hall,
                     const struct queue_line *l, int64_t at_ms, int64_t *ret, struct err *e);

/* ---- queue_act.c, for what is booked ---- */
/* Opens an act in the hall's unit; see there. */
int queue_begin_act(struct act *act, struct store_tx *tx, const struct realm *r,
                    const struct actor *who, const struct queue_hall *h, struct str name,
                    struct err *e);
/* A new ticket that waits at this place, of an open act, which it closes. `booked`: the line's
 * limit of the day, and that it was stopped, do not count. */
int queue_draw(struct act *act, const struct queue_hall *h, const struct queue_line *l,
               struct str class, int64_t place_ms, bool booked, struct queue_ticket *ret,
               struct err *e);

/* ---- queue_offer.c ---- */
/* Whom the next one finds before the counter must not see what was offered to the one before. */
int queue_offer_end(struct store_tx *tx, const struct realm *r, const struct queue_hall *h, struct str counter,
                    struct err *e);

/* ---- queue_wait.c: the expected wait, played through ---- */
struct queue_play {
    const struct queue_hall *hall;
    int64_t now_ms;
    struct queue_ticket *waiting; /* by place, then id */
    size_t n_waiting;
    struct queue_seat *seat; /* one for each counter of the hall */
    int64_t free_ms[QUEUE_COUNTERS_MAX];
    int64_t visit_ms[QUEUE_LINES_MAX]; /* expected length of one visit */
    int64_t served[QUEUE_LINES_MAX];   /* of how many today it was measured */
};
struct queue_wait {
    int64_t wait_ms; /* -1: no open counter serves the line */
    int64_t ahead;   /* who is called before, by counters that serve the line */
    int64_t counters;
};
/* Reads what is needed of the hall now. */
int queue_play_begin(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                     int64_t now_ms, struct queue_play *ret, struct err *e);
struct queue_place {
    int64_t place_ms, id; /* id INT64_MAX: whoever takes a ticket now */
};
/* Of each line of the hall, the wait of whoever waits there at this place, all by one play, whose
 * steps it returns: one for each ticket and counter at most. Pure. */
size_t queue_waits(const struct queue_play *p, const struct queue_place *at, struct queue_wait *ret);
/* {wait_ms, wait, why, ahead} into `v`. */
void queue_wait_put(const struct realm *r, const struct queue_play *p, size_t line,
                    struct queue_wait w, struct str lang, struct val *v, struct arena *a);
#endif
