/* queue_rows: tickets, counters, sums and history as rows; see queue_rows.h. Invariant: what is read from a row with a MAC was checked
 * against it. queue_line holds counters only: a number that was given stands on its ticket, and its unique key keeps it single.
 */
#include "engine/queue/queue_rows.h"

#define TICKET_COLUMNS \
    "id, hall, day, drawn, number, line, class, state, counter, account, place_ms, taken_ms, " \
    "called_ms, begun_ms, ended_ms, calls, missed, version, code, first_ms, mac"
STORE_STMT(queue_ticket_add, STORE_WRITES,
           "INSERT INTO queue_ticket (home, " TICKET_COLUMNS ") "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(queue_ticket_set, STORE_WRITES,
           "UPDATE queue_ticket SET line = ?, state = ?, counter = ?, account = ?, place_ms = ?, "
           "called_ms = ?, begun_ms = ?, ended_ms = ?, "
           "calls = ?, missed = ?, version = ?, first_ms = ?, mac = ? WHERE home = ? AND id = ? AND version = ?");
STORE_STMT(queue_ticket_by_id, STORE_READS,
           "SELECT " TICKET_COLUMNS " FROM queue_ticket WHERE home = ? AND id = ?");
STORE_STMT(queue_ticket_of_code, STORE_READS,
           "SELECT " TICKET_COLUMNS " FROM queue_ticket WHERE home = ? AND code = ?");
STORE_STMT(queue_ticket_next, STORE_READS,
           "SELECT " TICKET_COLUMNS
           " FROM queue_ticket WHERE home = ? AND hall = ? AND day = ? AND state = 'waiting' AND "
           "line = ? "
           "ORDER BY place_ms, id LIMIT 1");
STORE_STMT(queue_ticket_state, STORE_READS,
           "SELECT " TICKET_COLUMNS
           " FROM queue_ticket WHERE home = ? AND hall = ? AND day = ? AND state = ? "
           "ORDER BY line, place_ms, id LIMIT ?");
STORE_STMT(queue_ticket_waiting, STORE_READS,
           "SELECT COUNT(*) FROM queue_ticket WHERE home = ? AND hall = ? AND day = ? AND state "
           "= 'waiting'");
STORE_STMT(queue_ticket_lines, STORE_READS,
           "SELECT line, COUNT(*) FROM queue_ticket WHERE home = ? AND hall = ? AND day = ? AND "
           "state = 'waiting' GROUP BY line ORDER BY line LIMIT ?");
STORE_STMT(queue_ticket_places, STORE_READS,
           "SELECT place_ms FROM queue_ticket WHERE home = ? AND hall = ? AND day = ? AND state "
           "= 'waiting' AND line = ? "
           "ORDER BY place_ms, id LIMIT ?");
STORE_STMT(queue_ticket_tally, STORE_READS,
           "SELECT account, line, state, COUNT(*), "
           "CAST(SUM(CASE WHEN first_ms > 0 THEN first_ms ELSE called_ms END - taken_ms) AS BIGINT), "
           "CAST(SUM(ended_ms - begun_ms) AS BIGINT) FROM queue_ticket "
           "WHERE home = ? AND hall = ? AND day = ? "
           "GROUP BY account, line, state ORDER BY account, line, state LIMIT ?");
STORE_STMT(queue_line_get, STORE_READS,
           "SELECT last, served, served_ms, stopped FROM queue_line WHERE home = ? AND hall = ? "
           "AND day = ? AND line = ?");
STORE_STMT(queue_line_first, STORE_WRITES,
           "INSERT INTO queue_line (home, hall, day, line, last, served, served_ms, stopped) "
           "VALUES (?, ?, ?, ?, 0, 0, 0, 0) "
           "ON CONFLICT (home, hall, day, line) DO NOTHING");
STORE_STMT(queue_line_draw, STORE_WRITES,
           "UPDATE queue_line SET last = last + 1 WHERE home = ? AND hall = ? AND day = ? AND "
           "line = ?");
STORE_STMT(queue_line_serve, STORE_WRITES,
           "UPDATE queue_line SET served = served + 1, served_ms = served_ms + ? WHERE home = ? "
           "AND hall = ? AND day = ? AND line = ?");
STORE_STMT(queue_line_halt, STORE_WRITES,
           "UPDATE queue_line SET stopped = ? WHERE home = ? AND hall = ? AND day = ? AND line = "
           "?");
STORE_STMT(queue_counter_add, STORE_WRITES,
           "INSERT INTO queue_counter (home, hall, counter, day, account, ticket, since_ms, "
           "version, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(queue_counter_set, STORE_WRITES,
           "UPDATE queue_counter SET day = ?, account = ?, ticket = ?, since_ms = ?, version = "
           "?, mac = ? "
           "WHERE home = ? AND hall = ? AND counter = ? AND version = ?");
#define SEAT_COLUMNS "hall, counter, day, account, ticket, since_ms, version, mac"
STORE_STMT(queue_counter_of_hall, STORE_READS,
           "SELECT " SEAT_COLUMNS
           " FROM queue_counter WHERE home = ? AND hall = ? ORDER BY counter LIMIT ?");
STORE_STMT(queue_counter_one, STORE_READS,
           "SELECT " SEAT_COLUMNS
           " FROM queue_counter WHERE home = ? AND hall = ? AND counter = ?");
STORE_STMT(queue_counter_of_account, STORE_READS,
           "SELECT " SEAT_COLUMNS
           " FROM queue_counter WHERE home = ? AND account = ? AND day = ? ORDER BY hall, "
           "counter LIMIT 1");
STORE_STMT(queue_event_insert, STORE_WRITES,
           "INSERT INTO queue_event (home, ticket, id, kind, line, counter, account, at_ms, mac) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(queue_event_list, STORE_READS,
           "SELECT id, kind, line, counter, account, at_ms, mac FROM queue_event WHERE home = ? "
           "AND ticket = ? ORDER BY id LIMIT ?");

enum { EVENTS_MAX = 500 };

/* ---- tickets ---- */

enum { TICKET_MAC_VERSION = 2 };

/* Version 1 is of before there was first_ms. */
static struct str ticket_mac(struct arena *a, const struct realm *r, const struct queue_ticket *t,
                             unsigned version, uint8_t ret[ROW_MAC_BYTES]) {
    const int64_t numbers[] = { r->home.v,   t->id,       t->day,       t->number,   t->account,
                                t->place_ms, t->taken_ms, t->called_ms, t->begun_ms, t->ended_ms,
                                t->calls,    t->missed,   t->version };
    struct buf b;
    buf_init(&b, a, 288, 288);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (i) buf_add_char(&b, ' ');
        buf_add_i64(&b, numbers[i]);
    }
    const struct str parts[] = { buf_str(&b), t->hall,  t->drawn,   t->line,
                                 t->class,    t->state, t->counter, t->code,
                                 arena_i64(a, t->first_ms) };
    size_t n = sizeof parts / sizeof *parts;
    return seal_row_mac(&r->keys, S("queue_ticket"), version, parts, version == 1 ? n - 1 : n, ret);
}

int queue_ticket_insert(struct store_tx *tx, const struct realm *r, struct queue_ticket *t,
                        struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    t->version = 1;
    struct str proof = ticket_mac(store_arena(tx), r, t, TICKET_MAC_VERSION, d);
    return store_exec(tx, &queue_ticket_add, NULL, e, SV_I(r->home.v), SV_I(t->id), SV_T(t->hall),
                      SV_I(t->day), SV_T(t->drawn), SV_I(t->number), SV_T(t->line), SV_T(t->class),
                      SV_T(t->state), SV_T(t->counter), SV_I(t->account), SV_I(t->place_ms),
                      SV_I(t->taken_ms), SV_I(t->called_ms), SV_I(t->begun_ms), SV_I(t->ended_ms),
                      SV_I(t->calls), SV_I(t->missed), SV_I(t->version), SV_T(t->code),
                      SV_I(t->first_ms), SV_B(proof));
}

int queue_ticket_update(struct store_tx *tx, const struct realm *r, struct queue_ticket *t,
                        struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    int64_t changed = 0, before = t->version++;
    struct str proof = ticket_mac(store_arena(tx), r, t, TICKET_MAC_VERSION, d);
    int rc = store_exec(tx, &queue_ticket_set, &changed, e, SV_T(t->line), SV_T(t->state),
                        SV_T(t->counter), SV_I(t->account), SV_I(t->place_ms), SV_I(t->called_ms),
                        SV_I(t->begun_ms), SV_I(t->ended_ms), SV_I(t->calls), SV_I(t->missed),
                        SV_I(t->version), SV_I(t->first_ms), SV_B(proof), SV_I(r->home.v),
                        SV_I(t->id), SV_I(before));
    return rc ? rc : changed == 1 ? 0 : err_set(e, ERR_CONFLICT, "排队号");
}

static int read_ticket(struct arena *a, const struct realm *r, struct store_rows *rows,
                       struct queue_ticket *t, struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    *t = (struct queue_ticket){ .id = store_i64(rows, 0),
                                .hall = store_text(rows, 1),
                                .day = store_i64(rows, 2),
                                .drawn = store_text(rows, 3),
                                .number = store_i64(rows, 4),
                                .line = store_text(rows, 5),
                                .class = store_text(rows, 6),
                                .state = store_text(rows, 7),
                                .counter = store_text(rows, 8),
                                .account = store_i64(rows, 9),
                                .place_ms = store_i64(rows, 10),
                                .taken_ms = store_i64(rows, 11),
                                .called_ms = store_i64(rows, 12),
                                .begun_ms = store_i64(rows, 13),
                                .ended_ms = store_i64(rows, 14),
                                .calls = store_i64(rows, 15),
                                .missed = store_i64(rows, 16),
                                .version = store_i64(rows, 17),
                                .code = store_text(rows, 18),
                                .first_ms = store_i64(rows, 19) };
    struct str mac = store_bytes(rows, 20);
    unsigned version = seal_row_version(mac);
    bool sound = version >= 1 && version <= TICKET_MAC_VERSION && (version > 1 || !t->first_ms);
    return sound && str_eq_secret(mac, ticket_mac(a, r, t, version, d)) ? 0
                                                                         : err_set(e, ERR_DAMAGED, NULL);
}

/* All rows of a query, at most `max`. */
static int read_tickets(struct store_tx *tx, const struct realm *r, struct store_rows *rows,
                        struct queue_ticket *out, size_t max, size_t *n, struct err *e) {
    int rc = 0;
    *n = 0;
    while (!rc && *n < max && store_next(rows))
        rc = read_ticket(store_arena(tx), r, rows, &out[(*n)++], e);
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

int queue_ticket_get(struct store_tx *tx, const struct realm *r, int64_t id,
                     struct queue_ticket *ret, struct err *e) {
    struct store_rows *rows;
    size_t n;
    int rc = store_query(tx, &queue_ticket_by_id, &rows, e, SV_I(r->home.v), SV_I(id));
    if (!rc) rc = read_tickets(tx, r, rows, ret, 1, &n, e);
    return rc || n ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

int queue_ticket_by_code(struct store_tx *tx, const struct realm *r, struct str code,
                         struct queue_ticket *ret, struct err *e) {
    struct store_rows *rows;
    size_t n;
    int rc = store_query(tx, &queue_ticket_of_code, &rows, e, SV_I(r->home.v), SV_T(code));
    if (!rc) rc = read_tickets(tx, r, rows, ret, 1, &n, e);
    return rc || n ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

int queue_ticket_first(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                       int64_t day, struct str line, struct queue_ticket *ret, struct err *e) {
    struct store_rows *rows;
    size_t n;
    *ret = (struct queue_ticket){ 0 };
    int rc = store_query(tx, &queue_ticket_next, &rows, e, SV_I(r->home.v), SV_T(h->id), SV_I(day),
                         SV_T(line));
    return rc ? rc : read_tickets(tx, r, rows, ret, 1, &n, e);
}

int queue_ticket_lost(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                      int64_t day, struct queue_ticket *ret, struct err *e) {
    struct str lost[QUEUE_LINES_MAX];
    struct store_rows *rows;
    size_t n = 0;
    *ret = (struct queue_ticket){ 0 };
    int rc = store_query(tx, &queue_ticket_lines, &rows, e, SV_I(r->home.v), SV_T(h->id), SV_I(day),
                         SV_I(QUEUE_LINES_MAX * 2));
    if (rc) return rc;
    while (store_next(rows))
        if (n < QUEUE_LINES_MAX && !queue_line_find(h, store_text(rows, 0)))
            lost[n++] = arena_str(store_arena(tx), store_text(rows, 0));
    rc = store_end(rows, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct queue_ticket x;
        rc = queue_ticket_first(tx, r, h, day, lost[i], &x, e);
        if (!rc && x.id && (ret->id == 0 || x.place_ms < ret->place_ms)) *ret = x;
    }
    return rc;
}

int queue_tickets_in(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                     int64_t day, struct str state, struct queue_ticket *out, size_t max, size_t *n,
                     struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &queue_ticket_state, &rows, e, SV_I(r->home.v), SV_T(h->id), SV_I(day),
                         SV_T(state), SV_I(max));
    return rc ? rc : read_tickets(tx, r, rows, out, max, n, e);
}

int queue_waiting_count(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                        int64_t day, int64_t *ret, struct err *e) {
    struct store_val v[] = { SV_I(r->home.v), SV_T(h->id), SV_I(day) };
    return store_one_i64(tx, &queue_ticket_waiting, v, 3, ret, e);
}

int queue_place_of(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                   int64_t day, struct str line, int64_t nth, int64_t *ret_ms, struct err *e) {
    struct store_rows *rows;
    *ret_ms = 0;
    int rc = store_query(tx, &queue_ticket_places, &rows, e, SV_I(r->home.v), SV_T(h->id),
                         SV_I(day), SV_T(line), SV_I(nth));
    if (rc) return rc;
    while (store_next(rows)) *ret_ms = store_i64(rows, 0);
    return store_end(rows, e);
}

int queue_tally(struct store_tx *tx, const struct realm *r, const struct queue_hall *h, int64_t day,
                int64_t account, struct queue_done *out, size_t *n, struct err *e) {
    struct store_rows *rows;
    int64_t read = 0;
    *n = 0;
    int rc = store_query(tx, &queue_ticket_tally, &rows, e, SV_I(r->home.v), SV_T(h->id), SV_I(day),
                         SV_I(QUEUE_DONE_MAX + 1));
    if (rc) return rc;
    while (store_next(rows)) {
        int64_t by = store_i64(rows, 0), count = store_i64(rows, 3);
        struct str line = store_text(rows, 1), state = store_text(rows, 2);
        if (++read > QUEUE_DONE_MAX) break;
        if (account && by != account) continue;
        struct queue_done *d = *n ? &out[*n - 1] : NULL;
        if (!d || d->account != by || !str_eq(d->line, line)) {
            d = &out[(*n)++];
            *d = (struct queue_done){ .account = by, .line = line };
        }
        if (str_eq(state, S("finished"))) {
            d->finished = count;
            d->waited_ms = store_i64(rows, 4);
            d->served_ms = store_i64(rows, 5);
        } else if (str_eq(state, S("missed"))) d->missed = count;
        else d->open += count;
    }
    rc = store_end(rows, e);
    return rc || read <= QUEUE_DONE_MAX ? rc : err_set(e, ERR_LIMIT, "%d", QUEUE_DONE_MAX);
}

/* ---- counters ---- */

static struct str seat_mac(struct arena *a, const struct realm *r, struct str hall,
                           const struct queue_seat *s, uint8_t ret[ROW_MAC_BYTES]) {
    const struct str parts[] = { arena_fmt(a, "%lld %lld %lld %lld %lld %lld", (long long)r->home.v,
                                           (long long)s->day, (long long)s->account,
                                           (long long)s->ticket, (long long)s->since_ms,
                                           (long long)s->version),
                                 hall, s->counter };
    return seal_row_mac(&r->keys, S("queue_counter"), 1, parts, sizeof parts / sizeof *parts, ret);
}

static int read_seat(struct arena *a, const struct realm *r, struct store_rows *rows,
                     struct str *hall, struct queue_seat *s, struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    *hall = store_text(rows, 0);
    *s = (struct queue_seat){ .counter = store_text(rows, 1),
                              .day = store_i64(rows, 2),
                              .account = store_i64(rows, 3),
                              .ticket = store_i64(rows, 4),
                              .since_ms = store_i64(rows, 5),
                              .version = store_i64(rows, 6) };
    return str_eq_secret(store_bytes(rows, 7), seat_mac(a, r, *hall, s, d))
               ? 0
               : err_set(e, ERR_DAMAGED, NULL);
}

int queue_seats(struct store_tx *tx, const struct realm *r, const struct queue_hall *h, int64_t day,
                struct queue_seat *out, size_t *n, struct err *e) {
    struct store_rows *rows;
    *n = h->n_counters;
    for (size_t i = 0; i < h->n_counters; i++)
        out[i] = (struct queue_seat){ .counter = h->counter[i].id, .day = day };
    int rc = store_query(tx, &queue_counter_of_hall, &rows, e, SV_I(r->home.v), SV_T(h->id),
                         SV_I(QUEUE_COUNTERS_MAX * 4));
    if (rc) return rc;
    while (!rc && store_next(rows)) {
        struct queue_seat s;
        struct str hall;
        rc = read_seat(store_arena(tx), r, rows, &hall, &s, e);
        for (size_t i = 0; !rc && i < h->n_counters; i++)
            if (str_eq(h->counter[i].id, s.counter) && s.day == day) out[i] = s;
    }
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

/* The first row of a query, if any. */
static int one_seat(struct store_tx *tx, const struct realm *r, struct store_rows *rows,
                    struct str *hall, struct queue_seat *ret, struct err *e) {
    int rc = store_next(rows) ? read_seat(store_arena(tx), r, rows, hall, ret, e) : 0;
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

int queue_seat_get(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                   struct str counter, struct queue_seat *ret, struct err *e) {
    struct store_rows *rows;
    struct str hall;
    *ret = (struct queue_seat){ .counter = counter };
    int rc = store_query(tx, &queue_counter_one, &rows, e, SV_I(r->home.v), SV_T(h->id),
                         SV_T(counter));
    return rc ? rc : one_seat(tx, r, rows, &hall, ret, e);
}

int queue_seat_of(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t day,
                  struct str *ret_hall, struct queue_seat *ret, struct err *e) {
    struct store_rows *rows;
    *ret = (struct queue_seat){ 0 };
    *ret_hall = S("");
    if (who->account == 0) return 0;
    int rc = store_query(tx, &queue_counter_of_account, &rows, e, SV_I(r->home.v),
                         SV_I(who->account), SV_I(day));
    return rc ? rc : one_seat(tx, r, rows, ret_hall, ret, e);
}

int queue_seat_put(struct store_tx *tx, const struct realm *r, struct str hall, struct queue_seat *s,
                   struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    int64_t changed = 0, before = s->version++;
    struct str proof = seat_mac(store_arena(tx), r, hall, s, d);
    int rc = before
                 ? store_exec(tx, &queue_counter_set, &changed, e, SV_I(s->day), SV_I(s->account),
                              SV_I(s->ticket), SV_I(s->since_ms), SV_I(s->version), SV_B(proof),
                              SV_I(r->home.v), SV_T(hall), SV_T(s->counter), SV_I(before))
                 : store_exec(tx, &queue_counter_add, &changed, e, SV_I(r->home.v), SV_T(hall),
                              SV_T(s->counter), SV_I(s->day), SV_I(s->account), SV_I(s->ticket),
                              SV_I(s->since_ms), SV_I(s->version), SV_B(proof));
    return rc ? rc : changed == 1 ? 0 : err_set(e, ERR_CONFLICT, "窗口");
}

/* ---- a line's sums of the day ---- */

int queue_sum_get(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                  int64_t day, struct str line, struct queue_sum *ret, struct err *e) {
    struct store_rows *rows;
    *ret = (struct queue_sum){ 0 };
    int rc = store_query(tx, &queue_line_get, &rows, e, SV_I(r->home.v), SV_T(h->id), SV_I(day),
                         SV_T(line));
    if (rc) return rc;
    if (store_next(rows))
        *ret = (struct queue_sum){ store_i64(rows, 0), store_i64(rows, 1), store_i64(rows, 2),
                                   store_i64(rows, 3) != 0, true };
    return store_end(rows, e);
}

static int sum_row(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                   int64_t day, struct str line, struct err *e) {
    return store_exec(tx, &queue_line_first, NULL, e, SV_I(r->home.v), SV_T(h->id), SV_I(day),
                      SV_T(line));
}

int queue_number_next(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                      int64_t day, const struct queue_line *line, bool booked, int64_t *ret,
                      struct err *e) {
    struct queue_sum sum;
    int rc = sum_row(tx, r, h, day, line->id, e);
    if (!rc)
        rc = store_exec(tx, &queue_line_draw, NULL, e, SV_I(r->home.v), SV_T(h->id), SV_I(day),
                        SV_T(line->id));
    if (!rc) rc = queue_sum_get(tx, r, h, day, line->id, &sum, e);
    if (rc) return rc;
    *ret = sum.last;
    if (booked) return 0;
    if (sum.stopped) return err_set(e, ERR_STATE, "这条队列今天已停止取号");
    return sum.last <= line->most ? 0 : err_set(e, ERR_STATE, "这条队列今天的号已经取完");
}

int queue_sum_add(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                  int64_t day, struct str line, int64_t visit_ms, struct err *e) {
    int rc = sum_row(tx, r, h, day, line, e);
    return rc ? rc
              : store_exec(tx, &queue_line_serve, NULL, e, SV_I(visit_ms), SV_I(r->home.v),
                           SV_T(h->id), SV_I(day), SV_T(line));
}

int queue_stop_put(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                   int64_t day, struct str line, bool stop, struct err *e) {
    int rc = sum_row(tx, r, h, day, line, e);
    return rc ? rc
              : store_exec(tx, &queue_line_halt, NULL, e, SV_I(stop), SV_I(r->home.v), SV_T(h->id),
                           SV_I(day), SV_T(line));
}

/* ---- history ---- */

struct happened {
    int64_t id, account, at_ms;
    struct str kind, line, counter;
};

static struct str event_mac(struct arena *a, const struct realm *r, int64_t ticket,
                            const struct happened *x, uint8_t ret[ROW_MAC_BYTES]) {
    const struct str parts[] = { arena_fmt(a, "%lld %lld %lld %lld %lld", (long long)r->home.v,
                                           (long long)ticket, (long long)x->id,
                                           (long long)x->account, (long long)x->at_ms),
                                 x->kind, x->line, x->counter };
    return seal_row_mac(&r->keys, S("queue_event"), 1, parts, sizeof parts / sizeof *parts, ret);
}

int queue_event_add(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    const struct queue_ticket *t, struct str kind, struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    const struct happened x = { store_new_id(tx), who->account, store_now_ms(tx), kind,
                                t->line,          t->counter };
    struct str proof = event_mac(store_arena(tx), r, t->id, &x, d);
    return store_exec(tx, &queue_event_insert, NULL, e, SV_I(r->home.v), SV_I(t->id), SV_I(x.id),
                      SV_T(x.kind), SV_T(x.line), SV_T(x.counter), SV_I(x.account), SV_I(x.at_ms),
                      SV_B(proof));
}

int queue_events(struct store_tx *tx, const struct realm *r, int64_t ticket, struct val **ret,
                 struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    uint8_t d[ROW_MAC_BYTES];
    *ret = val_list(a);
    int rc = store_query(tx, &queue_event_list, &rows, e, SV_I(r->home.v), SV_I(ticket),
                         SV_I(EVENTS_MAX));
    if (rc) return rc;
    while (!rc && store_next(rows)) {
        const struct happened x = { store_i64(rows, 0),  store_i64(rows, 4),  store_i64(rows, 5),
                                    store_text(rows, 1), store_text(rows, 2), store_text(rows, 3) };
        struct val *v = val_map(a);
        if (!str_eq_secret(store_bytes(rows, 6), event_mac(a, r, ticket, &x, d)))
            rc = err_set(e, ERR_DAMAGED, NULL);
        val_put_str(a, v, S("kind"), x.kind);
        val_put_str(a, v, S("line"), x.line);
        val_put_str(a, v, S("counter"), x.counter);
        val_put_i64(a, v, S("account"), x.account);
        val_put_i64(a, v, S("at_ms"), x.at_ms);
        val_push(a, *ret, v);
    }
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}
