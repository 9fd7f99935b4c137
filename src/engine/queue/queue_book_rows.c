/* queue_book_rows: bookings as rows, and the slots that they take places of; see queue_book.h.
 * Invariant: what is read was checked against its MAC; a cancelled booking has a place below zero,
 * which is nobody else's, so that its slot's places are those that are held.
 */
#include "engine/queue/queue_rows.h"

#define BOOKING_COLUMNS \
    "id, account, hall, line, item, day, at_ms, until_ms, place, state, code, ticket, made_ms, " \
    "version, mac"
STORE_STMT(queue_booking_add, STORE_WRITES,
           "INSERT INTO queue_booking (home, " BOOKING_COLUMNS ") "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(queue_booking_set, STORE_WRITES,
           "UPDATE queue_booking SET day = ?, at_ms = ?, until_ms = ?, place = ?, state = ?, "
           "ticket = ?, version = ?, mac = ? WHERE home = ? AND id = ? AND version = ?");
STORE_STMT(queue_booking_by_id, STORE_READS,
           "SELECT " BOOKING_COLUMNS " FROM queue_booking WHERE home = ? AND id = ?");
STORE_STMT(queue_booking_of_code, STORE_READS,
           "SELECT " BOOKING_COLUMNS
           " FROM queue_booking WHERE home = ? AND hall = ? AND code = ?");
STORE_STMT(queue_booking_of_slot, STORE_READS,
           "SELECT place FROM queue_booking WHERE home = ? AND hall = ? AND line = ? AND at_ms = ? "
           "AND place > 0 ORDER BY place LIMIT ?");
STORE_STMT(queue_booking_slots, STORE_READS,
           "SELECT at_ms, COUNT(*) FROM queue_booking WHERE home = ? AND hall = ? AND line = ? "
           "AND at_ms >= ? AND at_ms < ? AND place > 0 GROUP BY at_ms ORDER BY at_ms LIMIT ?");
STORE_STMT(queue_booking_since, STORE_READS,
           "SELECT " BOOKING_COLUMNS
           " FROM queue_booking WHERE home = ? AND account = ? AND at_ms >= ? "
           "ORDER BY at_ms, id LIMIT ?");
STORE_STMT(queue_booking_own, STORE_READS,
           "SELECT " BOOKING_COLUMNS " FROM queue_booking WHERE home = ? AND account = ? "
           "ORDER BY at_ms DESC, id DESC LIMIT ?");
STORE_STMT(queue_booking_of_day, STORE_READS,
           "SELECT " BOOKING_COLUMNS " FROM queue_booking WHERE home = ? AND hall = ? AND day = ? "
           "ORDER BY at_ms, id LIMIT ?");

static struct str booking_mac(struct arena *a, const struct realm *r, const struct queue_booking *b,
                              uint8_t ret[ROW_MAC_BYTES]) {
    const int64_t numbers[] = { r->home.v,   b->id,     b->account, b->day,     b->at_ms,
                                b->until_ms, b->place,  b->ticket,  b->made_ms, b->version };
    struct buf n;
    buf_init(&n, a, 256, 256);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (i) buf_add_char(&n, ' ');
        buf_add_i64(&n, numbers[i]);
    }
    const struct str parts[] = { buf_str(&n), b->hall, b->line, b->item, b->state, b->code };
    return seal_row_mac(&r->keys, S("queue_booking"), 1, parts, sizeof parts / sizeof *parts, ret);
}

int queue_booking_insert(struct store_tx *tx, const struct realm *r, struct queue_booking *b,
                         struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    b->version = 1;
    struct str proof = booking_mac(store_arena(tx), r, b, d);
    return store_exec(tx, &queue_booking_add, NULL, e, SV_I(r->home.v), SV_I(b->id),
                      SV_I(b->account), SV_T(b->hall), SV_T(b->line), SV_T(b->item), SV_I(b->day),
                      SV_I(b->at_ms), SV_I(b->until_ms), SV_I(b->place), SV_T(b->state),
                      SV_T(b->code), SV_I(b->ticket), SV_I(b->made_ms), SV_I(b->version),
                      SV_B(proof));
}

int queue_booking_update(struct store_tx *tx, const struct realm *r, struct queue_booking *b,
                         struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    int64_t changed = 0, before = b->version++;
    struct str proof = booking_mac(store_arena(tx), r, b, d);
    int rc = store_exec(tx, &queue_booking_set, &changed, e, SV_I(b->day), SV_I(b->at_ms),
                        SV_I(b->until_ms), SV_I(b->place), SV_T(b->state), SV_I(b->ticket),
                        SV_I(b->version), SV_B(proof), SV_I(r->home.v), SV_I(b->id), SV_I(before));
    return rc ? rc : changed == 1 ? 0 : err_set(e, ERR_CONFLICT, "预约");
}

static int read_booking(struct arena *a, const struct realm *r, struct store_rows *rows,
                        struct queue_booking *b, struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    *b = (struct queue_booking){ .id = store_i64(rows, 0),
                                 .account = store_i64(rows, 1),
                                 .hall = store_text(rows, 2),
                                 .line = store_text(rows, 3),
                                 .item = store_text(rows, 4),
                                 .day = store_i64(rows, 5),
                                 .at_ms = store_i64(rows, 6),
                                 .until_ms = store_i64(rows, 7),
                                 .place = store_i64(rows, 8),
                                 .state = store_text(rows, 9),
                                 .code = store_text(rows, 10),
                                 .ticket = store_i64(rows, 11),
                                 .made_ms = store_i64(rows, 12),
                                 .version = store_i64(rows, 13) };
    return str_eq_secret(store_bytes(rows, 14), booking_mac(a, r, b, d))
               ? 0
               : err_set(e, ERR_DAMAGED, NULL);
}

static int read_bookings(struct store_tx *tx, const struct realm *r, struct store_rows *rows,
                         struct queue_booking *out, size_t max, size_t *n, struct err *e) {
    int rc = 0;
    *n = 0;
    while (!rc && *n < max && store_next(rows))
        rc = read_booking(store_arena(tx), r, rows, &out[(*n)++], e);
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

static int one_booking(struct store_tx *tx, const struct realm *r, struct store_rows *rows,
                       struct queue_booking *ret, struct err *e) {
    size_t n;
    int rc = read_bookings(tx, r, rows, ret, 1, &n, e);
    return rc || n ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

int queue_booking_get(struct store_tx *tx, const struct realm *r, int64_t id,
                      struct queue_booking *ret, struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &queue_booking_by_id, &rows, e, SV_I(r->home.v), SV_I(id));
    return rc ? rc : one_booking(tx, r, rows, ret, e);
}

int queue_booking_by_code(struct store_tx *tx, const struct realm *r, struct str hall,
                          struct str code, struct queue_booking *ret, struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &queue_booking_of_code, &rows, e, SV_I(r->home.v), SV_T(hall),
                         SV_T(code));
    return rc ? rc : one_booking(tx, r, rows, ret, e);
}

int queue_bookings_since(struct store_tx *tx, const struct realm *r, int64_t account,
                         int64_t from_ms, struct queue_booking *out, size_t max, size_t *n,
                         struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &queue_booking_since, &rows, e, SV_I(r->home.v), SV_I(account),
                         SV_I(from_ms), SV_I(max));
    return rc ? rc : read_bookings(tx, r, rows, out, max, n, e);
}

int queue_bookings_newest(struct store_tx *tx, const struct realm *r, int64_t account,
                          struct queue_booking *out, size_t max, size_t *n, struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &queue_booking_own, &rows, e, SV_I(r->home.v), SV_I(account),
                         SV_I(max));
    return rc ? rc : read_bookings(tx, r, rows, out, max, n, e);
}

int queue_bookings_on(struct store_tx *tx, const struct realm *r, struct str hall, int64_t day,
                      struct queue_booking *out, size_t max, size_t *n, struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &queue_booking_of_day, &rows, e, SV_I(r->home.v), SV_T(hall),
                         SV_I(day), SV_I(max));
    return rc ? rc : read_bookings(tx, r, rows, out, max, n, e);
}

int queue_place_free(struct store_tx *tx, const struct realm *r, struct str hall,
                     const struct queue_line *l, int64_t at_ms, int64_t *ret, struct err *e) {
    struct store_rows *rows;
    int64_t held = 0; /* also beyond `places`, where the hall has fewer than it had */
    *ret = 1;
    int rc = store_query(tx, &queue_booking_of_slot, &rows, e, SV_I(r->home.v), SV_T(hall),
                         SV_T(l->id), SV_I(at_ms), SV_I(l->places));
    if (rc) return rc;
    for (; store_next(rows); held++)
        if (store_i64(rows, 0) == *ret) ++*ret;
    rc = store_end(rows, e);
    return rc || held < l->places ? rc : err_set(e, ERR_STATE, "这个时段刚刚约满，请另选时段");
}

/* ---- slots ---- */

/* The slots of a day, those that are over or have begun left out. */
static void slots_of_day(const struct realm *r, const struct queue_hall *h,
                         const struct queue_line *l, struct civil_date day, int64_t now_ms,
                         struct queue_slot *out, size_t *n) {
    const int32_t length = (int32_t)h->booked.minutes;
    struct civil_time t = { 0 };
    unsigned month, dom;
    if (!l->hours.every_day && !(r->calendar && clock_is_workday(r->calendar, day))) return;
    civil_split(day, &t.year, &month, &dom);
    t.month = (uint8_t)month, t.day = (uint8_t)dom;
    for (size_t i = 0; i < l->hours.n; i++)
        for (int32_t m = l->hours.span[i].from_min; m + length <= l->hours.span[i].to_min; m += length) {
            t.hour = (uint8_t)(m / 60), t.minute = (uint8_t)(m % 60);
            int64_t at = tz_instant_ms(r->tz, &t);
            if (at > now_ms && *n < QUEUE_SLOTS_MAX)
                out[(*n)++] = (struct queue_slot){ at, at + (int64_t)length * 60000, l->places };
        }
}

int queue_slots(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                const struct queue_line *l, struct queue_slot **ret, size_t *n, struct err *e) {
    struct queue_slot *out = arena_array(store_arena(tx), QUEUE_SLOTS_MAX, sizeof *out);
    struct store_rows *rows;
    int64_t now = store_now_ms(tx);
    struct civil_date day = tz_date(r->tz, now);
    size_t at = 0;
    *n = 0;
    *ret = out;
    if (!out) return err_set(e, ERR_MEMORY, NULL);
    for (int64_t i = 0; h->booked.minutes && l->places && i <= h->booked.days; i++, day.day++)
        slots_of_day(r, h, l, day, now, out, n);
    if (*n == 0) return 0;
    int rc = store_query(tx, &queue_booking_slots, &rows, e, SV_I(r->home.v), SV_T(h->id),
                         SV_T(l->id), SV_I(out[0].at_ms), SV_I(out[*n - 1].at_ms + 1),
                         SV_I(QUEUE_SLOTS_MAX));
    if (rc) return rc;
    while (store_next(rows)) {
        int64_t ms = store_i64(rows, 0), taken = store_i64(rows, 1);
        while (at < *n && out[at].at_ms < ms) at++;
        if (at < *n && out[at].at_ms == ms) out[at].free = taken < l->places ? l->places - taken : 0;
    }
    return store_end(rows, e);
}
