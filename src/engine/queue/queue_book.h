/* queue_book: appointments: a time in a hall, booked beforehand, with which one takes a ticket that
 * is called before others.
 *
 * What may be booked is data of the hall (`booked`, and `places` of its lines, docs/systems.md):
 * slots of so many minutes within the hours of the line, on its days; so many people at once; how
 * far ahead; until when one may change it.
 *
 * A booking lives:  booked -> arrived
 *   queue_book         (none -> booked)       a place of a slot, and a code
 *   queue_book_move    (booked -> booked)     another slot of the line
 *   queue_book_cancel  (booked -> cancelled)
 *   queue_check_in     (booked -> arrived)    a ticket of the hall's class for it, in the place of
 *   the time that was booked
 * Who did not come has missed it: a state that is told, not written. So many of them within so many
 * days, and one books no more there.
 *
 * Invariants
 *  1. A place of a slot is held by one booking: the places of a slot are numbered, a booking has a
 *     number, and that key is single. Two who reach for the last place: one has it, the other is
 *     told.
 *  2. A booking is its account's alone: nobody else sees, moves or cancels it; the hall's own
 *     people see those of a day, the names masked.
 *  3. Every move is an act with its entry and a message to the account, and rows carry the MAC over
 *     all their columns.
 *  4. The day before there is a message more (topic queue.remind of the outbox), if the booking
 *     still stands as it stood.
 */
#ifndef ENGINE_QUEUE_BOOK_H
#define ENGINE_QUEUE_BOOK_H
#include "engine/queue/queue.h"

enum {
    QUEUE_SLOTS_MAX = 2000,   /* of a line, from today to the last day that may be booked */
    QUEUE_PLACES_MAX = 10000, /* in them */
    QUEUE_DAY_BOOKED_MAX = 5000, /* of a hall on a day */
    QUEUE_OWN_MAX = 500       /* of a person, in his list */
};

struct queue_booking {
    int64_t id, account, day, at_ms, until_ms, place, ticket, made_ms, version;
    struct str hall, line, item, state, code;
};
struct queue_slot {
    int64_t at_ms, until_ms, free;
};

struct str queue_booking_state(size_t i); /* the words of states; empty behind the last */
struct str queue_booking_state_text(const struct realm *r, struct str lang, struct str state);

/* The slots of a line that may be booked from now on, by time, with the places left in each; at
 * most QUEUE_SLOTS_MAX. */
int queue_slots(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                const struct queue_line *l, struct queue_slot **ret, size_t *n, struct err *e);
/* "09:00—09:30" */
struct str queue_slot_text(const struct realm *r, struct arena *a, int64_t at_ms, int64_t until_ms);

/* ---- acts ---- */
/* booking.make. `item` may be empty; else one of the line's. ERR_CODE at its field: no such line,
 * item or slot; ERR_STATE: nothing left, too many of one's own, the same time twice, too often not
 * come. */
int queue_book(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, struct str line, struct str item, int64_t at_ms,
               struct queue_booking *ret, struct err *e);
/* booking.make, of one's own that stands. ERR_NOT_FOUND, ERR_STATE: too late. */
int queue_book_move(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                    int64_t at_ms, struct err *e);
int queue_book_cancel(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      int64_t id, struct err *e);
/* ticket.take, for whoever came with this code, or (0: none) for the booking. ERR_INPUT at the
 * field `code`: nothing of today in this hall; ERR_STATE: too early, too late, taken already. */
int queue_check_in(struct store_tx *tx, const struct realm *r, const struct actor *who,
                   const struct queue_hall *h, struct str code, int64_t id,
                   struct queue_ticket *ret, struct err *e);
/* booking.remind, by the worker: the message of the day before, for one entry of the outbox, which
 * is then done. False in *ret_sent where the booking does not stand so any more. ERR_CONFLICT:
 * another worker has it. */
int queue_remind(struct store_tx *tx, const struct realm *r, const struct actor *worker,
                 struct act_message *m, bool *ret_sent, struct err *e);
extern const struct str queue_remind_topic;

/* ---- looking ---- */
int queue_booking_get(struct store_tx *tx, const struct realm *r, int64_t id,
                      struct queue_booking *ret, struct err *e);
/* One's own, by booking.read: {id, hall, hall_title, address, phone, line, line_title, item (id),
 * at_ms, time, code, state, state_text, stands (it may still be come to), may_change,
 * change_until_ms, early_ms, late_ms (when a ticket is given for it), ticket_code}. ERR_NOT_FOUND.
 * */
int queue_booking_view(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       int64_t id, struct str lang, struct val **ret, struct err *e);
/* One's own, the latest time first, as above; the last QUEUE_OWN_MAX of them. */
int queue_bookings_own(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       struct str lang, struct val **ret, struct err *e);
/* Of a hall on a day, by time, by booking.list: {id, at_ms, time, line, line_title, item (id), name
 * (masked), state, state_text, may_check_in}. Those that were cancelled are not among them.
 * ERR_LIMIT beyond QUEUE_DAY_BOOKED_MAX. */
int queue_bookings_of(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      const struct queue_hall *h, int64_t day, struct str lang, struct val **ret,
                      struct err *e);
#endif
