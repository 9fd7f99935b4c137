/* item_log: the log of a case, its legal clock and its materials; see item_rows.h.
 * Invariants: 1. An event is never changed or removed; the clock is a function of events and calendar alone. 2. What stands in clear
 * beside a sealed text (moment, kind, reason; kind of material) is bound to it as its associated data, so that a row changed
 * behind the program's back does not open: ERR_DAMAGED.
 */
#include "engine/item/item_rows.h"

#include <string.h>

#include "engine/record/record.h"

STORE_STMT(item_event_insert, STORE_WRITES,
           "INSERT INTO item_event (home, case_id, id, at_ms, kind, part, task, unit, account, reason, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(item_event_list, STORE_READS,
           "SELECT id, at_ms, kind, part, task, unit, account, reason, body FROM item_event WHERE home = ? AND case_id = ? ORDER BY id LIMIT ?");
STORE_STMT(item_event_count, STORE_READS, "SELECT COUNT(*) FROM item_event WHERE home = ? AND case_id = ?");
STORE_STMT(item_material_count, STORE_READS, "SELECT COUNT(*) FROM item_material WHERE home = ? AND case_id = ?");
STORE_STMT(item_material_add, STORE_WRITES,
           "INSERT INTO item_material (home, case_id, id, material, file_name, media_type, size_bytes, blob, added_ms, account, "
           "owner, kind, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(item_material_list, STORE_READS,
           "SELECT id, material, file_name, media_type, size_bytes, added_ms, blob, account, owner, kind, origin FROM item_material "
           "WHERE home = ? AND case_id = ? ORDER BY id LIMIT ?");
STORE_STMT(item_material_one, STORE_READS,
           "SELECT material, file_name, media_type, blob, size_bytes, added_ms, account, owner, kind, origin FROM item_material "
           "WHERE home = ? AND case_id = ? AND id = ?");
STORE_STMT(item_material_blobs, STORE_READS, "SELECT blob FROM item_material WHERE home = ? AND case_id = ? ORDER BY id LIMIT ?");
STORE_STMT(item_material_remove, STORE_WRITES, "DELETE FROM item_material WHERE home = ? AND case_id = ? AND id = ?");
STORE_STMT(item_material_clear, STORE_WRITES, "DELETE FROM item_material WHERE home = ? AND case_id = ?");
STORE_STMT(item_event_clear, STORE_WRITES, "DELETE FROM item_event WHERE home = ? AND case_id = ?");

enum { EVENT_BYTES_MAX = 64 * 1024 };
/* Far beyond a life. A command that would pass them is refused before it is done; a list is read whole or not at all. */
enum { EVENTS_MAX = 5000, MATERIALS_MAX = 500, CLOCK_LOG_BYTES_MAX = 4 * 1024 * 1024 };

static struct str place(struct arena *a, const struct realm *r, const char *table, int64_t case_id, int64_t id) {
    return arena_fmt(a, "%s/%lld/%lld/%lld", table, (long long)r->home.v, (long long)case_id, (long long)id);
}

static struct str event_place(struct arena *a, const struct realm *r, int64_t case_id, int64_t id, int64_t at_ms,
                              const struct item_event *ev) {
    struct buf b;
    buf_init(&b, a, 256, 1024);
    buf_add(&b, S("item_event"));
    const int64_t numbers[] = { r->home.v, case_id, id, at_ms, ev->task, ev->unit, ev->account };
    const struct str texts[] = { ev->kind, ev->part, ev->reason };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) buf_add_char(&b, '/'), buf_add_i64(&b, numbers[i]);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) buf_add_char(&b, '/'), buf_add(&b, texts[i]);
    return buf_str(&b);
}

/* What stands of an event in clear, as item_events tells it. */
static struct val *event_head(struct arena *a, int64_t id, int64_t at_ms, const struct item_event *ev) {
    struct val *v = val_map(a);
    val_put_i64(a, v, S("id"), id);
    val_put_i64(a, v, S("at_ms"), at_ms);
    val_put_str(a, v, S("kind"), ev->kind);
    val_put_str(a, v, S("part"), ev->part);
    val_put_i64(a, v, S("task"), ev->task);
    val_put_i64(a, v, S("unit"), ev->unit);
    val_put_i64(a, v, S("account"), ev->account);
    val_put_str(a, v, S("reason"), ev->reason);
    return v;
}

/* An event was added: it stands where a reader would find it, by its id (another node's clock may be ahead of ours). */
static void keep_added(struct arena *a, struct item_case *c, int64_t id, int64_t at_ms, const struct item_event *ev) {
    struct val *v = event_head(a, id, at_ms, ev);
    for (size_t i = 0; i < val_pairs(ev->body); i++)
        val_put(a, v, arena_str(a, ev->body->u.map.pair[i].key), val_copy(a, ev->body->u.map.pair[i].value));
    val_push(a, c->events, v);
    for (size_t i = val_count(c->events); i > 1; i--) {
        struct val **at = &c->events->u.list.item[i - 1];
        if (val_get_i64(at[-1], S("id"), 0) < val_get_i64(at[0], S("id"), 0)) break;
        struct val *later = at[-1];
        at[-1] = at[0], at[0] = later;
    }
}

/* On PostgreSQL who puts in his row before he reads the page that it stands in does not meet the neighbour who does the same: so the
 * rows are counted afterwards. */
static int insert_event(struct store_tx *tx, const struct realm *r, struct item_case *c, const struct item_event *ev, struct err *e) {
    struct arena *a = store_arena(tx);
    int64_t id = store_new_id(tx), at_ms = store_now_ms(tx);
    struct data_key key;
    struct str body;
    int rc = item_key(tx, r, c, &key, e);
    if (!rc) rc = seal_val(a, &r->keys, &key, event_place(a, r, c->id, id, at_ms, ev), ev->body ? ev->body : val_map(a), EVENT_BYTES_MAX,
                           &body, e);
    if (rc) return rc;
    if (c->events) keep_added(a, c, id, at_ms, ev);
    return store_exec(tx, &item_event_insert, NULL, e, SV_I(r->home.v), SV_I(c->id), SV_I(id), SV_I(at_ms), SV_T(ev->kind), SV_T(ev->part),
                      SV_I(ev->task), SV_I(ev->unit), SV_I(ev->account), SV_T(ev->reason), SV_B(body));
}

static int count_events(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct err *e) {
    struct store_val of_case[] = { SV_I(r->home.v), SV_I(c->id) };
    int64_t n = c->events ? (int64_t)val_count(c->events) : 0;
    int rc = c->events ? 0 : store_one_i64(tx, &item_event_count, of_case, 2, &n, e);
    return !rc && n > EVENTS_MAX ? err_set(e, ERR_LIMIT, "%d", EVENTS_MAX) : rc;
}

int item_event_add(struct store_tx *tx, const struct realm *r, struct item_case *c, const struct item_event *ev, struct err *e) {
    int rc = insert_event(tx, r, c, ev, e);
    return rc ? rc : count_events(tx, r, c, e);
}

int item_event_add_keep(struct store_tx *tx, const struct realm *r, struct item_case *c, const struct item_event *ev, struct err *e) {
    int rc = insert_event(tx, r, c, ev, e);
    return rc ? rc : item_events_keep(tx, r, c, e);
}

/* Opens a sealed map and lays its pairs into `into`. */
static int open_into(struct arena *a, const struct realm *r, const struct data_key *key, struct str aad, struct str sealed, struct val *into,
                     struct err *e) {
    struct val *body;
    int rc = seal_val_open(a, &r->keys, key, aad, sealed, &body, e);
    for (size_t i = 0; !rc && i < val_pairs(body); i++) val_put(a, into, body->u.map.pair[i].key, body->u.map.pair[i].value);
    return rc;
}

int item_events(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    struct data_key key;
    *ret = c->events ? c->events : val_list(a);
    if (c->events) return 0;
    int rc = item_key(tx, r, c, &key, e);
    if (!rc) rc = store_query(tx, &item_event_list, &rows, e, SV_I(r->home.v), SV_I(c->id), SV_I(EVENTS_MAX + 1));
    if (rc) return rc;
    while (!rc && store_next(rows)) {
        if (val_count(*ret) == EVENTS_MAX) {
            rc = err_set(e, ERR_LIMIT, "%d", EVENTS_MAX);
            break;
        }
        const int64_t id = store_i64(rows, 0), at_ms = store_i64(rows, 1);
        const struct item_event ev = { .kind = store_text(rows, 2), .part = store_text(rows, 3), .task = store_i64(rows, 4),
                                       .unit = store_i64(rows, 5), .account = store_i64(rows, 6), .reason = store_text(rows, 7) };
        struct val *v = event_head(a, id, at_ms, &ev);
        rc = open_into(a, r, &key, event_place(a, r, c->id, id, at_ms, &ev), store_bytes(rows, 8), v, e);
        val_push(a, *ret, v);
    }
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

int item_events_keep(struct store_tx *tx, const struct realm *r, struct item_case *c, struct err *e) {
    struct val *events;
    int rc = item_events(tx, r, c, &events, e);
    if (!rc) c->events = events;
    return rc;
}

static bool clock_kind(struct str kind, enum clock_event_kind *ret) {
    static const struct str names[] = { S_INIT("accept"), S_INIT("pause"), S_INIT("resume"), S_INIT("extend"), S_INIT("finish") };
    for (unsigned i = 0; i < 5; i++)
        if (str_eq(kind, names[i])) {
            *ret = (enum clock_event_kind)i;
            return true;
        }
    return false;
}

/* Pauses of parallel parts may overlap: the clock stands from the first to the last, each day for the reason of the oldest that
 * still stands. `open` holds events of kind pause, oldest first. */
struct standing {
    const struct val *open[CLOCK_PAUSES_MAX];
    size_t n;
};

static struct clock_event clock_event_of(const struct item_case *c, const struct val *v, enum clock_event_kind kind, int64_t at_ms) {
    struct str reason = val_get_str(v, S("reason")), basis = val_get_str(v, S("basis"));
    if (basis.len == 0) basis = val_get_str(item_pause(c->type, reason), S("basis"));
    return (struct clock_event){ .at_ms = at_ms, .kind = kind, .reason = reason, .basis = basis };
}

static bool same_pause(const struct val *a, const struct val *b) {
    return val_get_i64(a, S("task"), 0) == val_get_i64(b, S("task"), 0) && str_eq(val_get_str(a, S("part")), val_get_str(b, S("part"))) &&
           str_eq(val_get_str(a, S("reason")), val_get_str(b, S("reason")));
}

/* What the clock is told of one event: nothing, the event, or that another reason goes on. At most 2. */
static size_t clock_tell(struct standing *s, const struct item_case *c, const struct val *v, enum clock_event_kind kind,
                         struct clock_event *out) {
    int64_t at_ms = val_get_i64(v, S("at_ms"), 0);
    size_t i = 0;
    if (kind == CLOCK_PAUSE) {
        if (s->n == CLOCK_PAUSES_MAX) return 0;
        s->open[s->n++] = v;
        if (s->n > 1) return 0;
    } else if (kind == CLOCK_RESUME) {
        while (i < s->n && !same_pause(s->open[i], v)) i++;
        if (i == s->n) return 0;
        for (size_t k = i + 1; k < s->n; k++) s->open[k - 1] = s->open[k];
        s->n--;
        if (i > 0) return 0;
        out[0] = clock_event_of(c, v, CLOCK_RESUME, at_ms);
        if (s->n == 0) return 1;
        out[1] = clock_event_of(c, s->open[0], CLOCK_PAUSE, at_ms);
        return 2;
    }
    out[0] = clock_event_of(c, v, kind, at_ms);
    return 1;
}

int item_clock(const struct realm *r, const struct item_case *c, const struct val *events, bool law, int64_t now_ms, struct arena *trace,
               struct clock_result *ret, struct err *e) {
    const size_t n_events = val_count(events), n_reasons = val_count(c->type->pauses);
    struct arena own; /* the log as the clock reads it: all of it, however long (item_events has the limit) */
    struct clock_rules rules = { .warn = 3 };
    struct clock_limit limit;
    struct standing standing = { .n = 0 };
    enum clock_event_kind kind;
    size_t n = 0;
    struct str text = law || c->type->limit_promise.len == 0 ? c->type->limit_law : c->type->limit_promise;
    if (text.len == 0) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = clock_limit_parse(text, &limit, e);
    if (rc) return rc;
    arena_init(&own, "clock log", CLOCK_LOG_BYTES_MAX);
    struct clock_event *log = arena_array(&own, 2 * n_events + 1, sizeof *log);
    struct str *reasons = arena_array(&own, n_reasons + 1, sizeof *reasons);
    if (!log || !reasons) {
        arena_done(&own);
        return err_set(e, ERR_LIMIT, "%zu", n_events);
    }
    rules.pause_reason = rules.extend_reason = reasons;
    for (size_t i = 0; i < n_reasons; i++)
        reasons[rules.n_pause_reason++] = val_get_str(val_item(c->type->pauses, i), S("id"));
    rules.n_extend_reason = rules.n_pause_reason;
    for (size_t i = 0; i < n_events; i++)
        if (clock_kind(val_get_str(val_item(events, i), S("kind")), &kind))
            n += clock_tell(&standing, c, val_item(events, i), kind, log + n);
    rc = clock_count(r->calendar, r->tz, limit, &rules, log, n, now_ms, trace, ret, e);
    arena_done(&own);
    return rc;
}

const struct val *item_stands(const struct item_case *c) {
    const struct val *v = val_get(c->body, S("stands"));
    return c->accepted_ms && !c->ended_ms && val_count(v) ? v : NULL;
}

struct str item_stands_text(const struct realm *r, const struct item_case *c, struct str lang, struct arena *a) {
    const struct val *v = item_stands(c);
    struct val *args = val_map(a);
    if (!v) return S("");
    struct str title = val_get_str(item_pause(c->type, val_get_str(v, S("reason"))), S("title"));
    val_put_str(a, args, S("reason"), system_text(c->system, lang, title));
    val_put_str(a, args, S("since"), realm_time(r, a, lang, val_get_i64(v, S("at_ms"), 0)));
    return po_fill(a, realm_text(r, lang, S("计时暂停：{reason}，{since} 起")), args);
}

static void stands_cache(struct arena *a, struct item_case *c, const struct val *events) {
    struct standing s = { .n = 0 };
    struct clock_event out[2];
    enum clock_event_kind kind;
    struct val *v = val_map(a);
    for (size_t i = 0; i < val_count(events); i++)
        if (clock_kind(val_get_str(val_item(events, i), S("kind")), &kind)) (void)clock_tell(&s, c, val_item(events, i), kind, out);
    if (s.n) {
        val_put_str(a, v, S("reason"), val_get_str(s.open[0], S("reason")));
        val_put_str(a, v, S("part"), val_get_str(s.open[0], S("part")));
        val_put_i64(a, v, S("at_ms"), val_get_i64(s.open[0], S("at_ms"), 0));
    }
    val_put(a, c->body, S("stands"), v);
}

int item_clock_cache(struct store_tx *tx, const struct realm *r, struct item_case *c, struct err *e) {
    struct val *events;
    struct clock_result res;
    int rc = item_events(tx, r, c, &events, e);
    if (rc) return rc;
    item_holds_cache(store_arena(tx), c, events);
    stands_cache(store_arena(tx), c, events);
    rc = item_clock(r, c, events, false, store_now_ms(tx), NULL, &res, e);
    if (rc == ERR_NOT_FOUND) return 0;
    if (!rc) c->due_ms = res.state == CLOCK_NOT_STARTED ? 0 : res.due_ms;
    return rc;
}

/* A file's row: what stands in clear is bound to the sealed name, as its place (crypto.h). */
struct material_row {
    int64_t id, size_bytes, added_ms, account, owner;
    struct str material, media_type, blob, kind, origin;
};

/* What it held has grown: rows written before it held size, time and account, or owner, kind and origin, open by what it held then. */
enum material_held { HELD_FIRST, HELD_ACCOUNT, HELD_ALL };

static struct str material_place(struct arena *a, const struct realm *r, int64_t case_id, const struct material_row *m,
                                 enum material_held held) {
    struct buf hex;
    buf_init(&hex, a, 65, 65);
    buf_add_hex(&hex, m->blob.ptr, m->blob.len == 32 ? 32 : 0);
    struct str most = ARENA_CAT(a, place(a, r, "item_material", case_id, m->id), S("/"), m->material, S("/"), m->media_type, S("/"),
                                buf_str(&hex));
    if (held == HELD_FIRST) return most;
    most = ARENA_CAT(a, most, arena_fmt(a, "/%lld/%lld/%lld", (long long)m->size_bytes, (long long)m->added_ms, (long long)m->account));
    if (held == HELD_ACCOUNT) return most;
    return ARENA_CAT(a, most, arena_fmt(a, "/%lld/", (long long)m->owner), m->kind, S("/"), m->origin);
}

static int material_name(struct arena *a, const struct realm *r, const struct data_key *key, int64_t case_id, const struct material_row *m,
                         struct str sealed, struct str *ret, struct err *e) {
    int rc = ERR_DAMAGED;
    for (int held = HELD_ALL; held >= HELD_FIRST && rc == ERR_DAMAGED; held--)
        rc = seal_open(a, &r->keys, key, material_place(a, r, case_id, m, (enum material_held)held), sealed, ret, e);
    return rc;
}

int item_material_insert(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct actor *who, struct str material,
                         const struct item_file *f, int64_t *ret_id, struct err *e) {
    const struct item_material *as = item_material(c->type, material);
    struct arena *a = store_arena(tx);
    struct data_key key;
    struct store_val of_case[] = { SV_I(r->home.v), SV_I(c->id) };
    int64_t n = 0, id = store_new_id(tx);
    int rc = store_one_i64(tx, &item_material_count, of_case, 2, &n, e);
    if (!rc && n >= MATERIALS_MAX) rc = err_set(e, ERR_LIMIT, "%d", MATERIALS_MAX);
    if (!rc) rc = item_key(tx, r, c, &key, e);
    if (rc) return rc;
    *ret_id = id;
    const struct material_row m = { .id = id, .size_bytes = f->size_bytes, .added_ms = store_now_ms(tx), .account = who->account,
                                    .material = material, .media_type = f->media_type, .blob = str_make((const char *)f->blob, 32),
                                    .owner = item_owner(c), .kind = as ? as->kind : S(""), .origin = f->origin };
    struct str name = seal(a, &r->keys, &key, material_place(a, r, c->id, &m, HELD_ALL), f->name);
    return store_exec(tx, &item_material_add, NULL, e, SV_I(r->home.v), SV_I(c->id), SV_I(id), SV_T(material), SV_B(name),
                      SV_T(m.media_type), SV_I(m.size_bytes), SV_B(m.blob), SV_I(m.added_ms), SV_I(m.account), SV_I(m.owner),
                      SV_T(m.kind), SV_T(m.origin));
}

/* Whoever begins a backup now may still want the bytes; a day later nobody does. */
enum { LET_GO_MS = 24 * 3600 * 1000 };

static int let_go(struct act *act, int64_t case_id, struct str blob, struct err *e) {
    struct buf hex;
    buf_init(&hex, store_arena(act->tx), 64, 64);
    buf_add_hex(&hex, blob.ptr, blob.len);
    return act_emit_at(act, ITEM_FILE_LET_GO, case_id, buf_str(&hex), store_now_ms(act->tx) + LET_GO_MS, e);
}

int item_material_delete(struct act *act, int64_t case_id, int64_t id, struct err *e) {
    const struct store_val at[] = { SV_I(act->realm->home.v), SV_I(case_id), SV_I(id) };
    struct store_rows *rows;
    int rc = store_query(act->tx, &item_material_one, &rows, e, at[0], at[1], at[2]);
    if (rc) return rc;
    bool found = store_next(rows);
    struct str blob = found ? store_bytes(rows, 3) : S("");
    if ((rc = store_end(rows, e)) != 0) return rc;
    if (!found) return err_set(e, ERR_NOT_FOUND, NULL);
    rc = let_go(act, case_id, blob, e);
    return rc ? rc : store_exec(act->tx, &item_material_remove, NULL, e, at[0], at[1], at[2]);
}

int item_log_clear(struct act *act, int64_t case_id, struct err *e) {
    const struct store_val home = SV_I(act->realm->home.v);
    struct str blobs[MATERIALS_MAX];
    struct store_rows *rows;
    size_t n = 0;
    int rc = store_query(act->tx, &item_material_blobs, &rows, e, home, SV_I(case_id), SV_I(MATERIALS_MAX + 1));
    if (rc) return rc;
    while (store_next(rows) && n < MATERIALS_MAX) blobs[n++] = store_bytes(rows, 0);
    rc = store_end(rows, e);
    for (size_t i = 0; !rc && i < n; i++) rc = let_go(act, case_id, blobs[i], e);
    if (!rc) rc = store_exec(act->tx, &item_material_clear, NULL, e, home, SV_I(case_id));
    return rc ? rc : store_exec(act->tx, &item_event_clear, NULL, e, home, SV_I(case_id));
}

int item_materials_of(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    struct data_key key;
    *ret = val_list(a);
    int rc = item_key(tx, r, c, &key, e);
    if (!rc) rc = store_query(tx, &item_material_list, &rows, e, SV_I(r->home.v), SV_I(c->id), SV_I(MATERIALS_MAX + 1));
    if (rc) return rc;
    while (!rc && store_next(rows)) {
        if (val_count(*ret) == MATERIALS_MAX) {
            rc = err_set(e, ERR_LIMIT, "%d", MATERIALS_MAX);
            break;
        }
        struct val *v = val_map(a);
        const struct material_row m = { .id = store_i64(rows, 0), .material = store_text(rows, 1), .media_type = store_text(rows, 3),
                                        .size_bytes = store_i64(rows, 4), .added_ms = store_i64(rows, 5), .blob = store_bytes(rows, 6),
                                        .account = store_i64(rows, 7), .owner = store_i64(rows, 8), .kind = store_text(rows, 9),
                                        .origin = store_text(rows, 10) };
        int64_t bytes = m.size_bytes;
        struct str name;
        rc = material_name(a, r, &key, c->id, &m, store_bytes(rows, 2), &name, e);
        if (rc) break;
        val_put_i64(a, v, S("id"), m.id);
        val_put_str(a, v, S("material"), m.material);
        val_put_str(a, v, S("file_name"), name);
        val_put_str(a, v, S("media_type"), m.media_type);
        val_put_str(a, v, S("size"), bytes < 1024 * 1024 ? arena_fmt(a, "%lld KB", (long long)(bytes + 1023) / 1024)
                                                         : arena_fmt(a, "%.1f MB", (double)bytes / 1048576));
        val_put_i64(a, v, S("added_ms"), m.added_ms);
        val_put_str(a, v, S("origin"), m.origin);
        val_push(a, *ret, v);
    }
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

int item_material_blob(struct store_tx *tx, const struct realm *r, const struct item_case *c, int64_t id, uint8_t blob[32],
                       struct str *material, struct str *media_type, struct str *file_name, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    struct data_key key;
    struct material_row m = { .id = id };
    struct str sealed = S("");
    int rc = store_query(tx, &item_material_one, &rows, e, SV_I(r->home.v), SV_I(c->id), SV_I(id));
    if (rc) return rc;
    bool found = store_next(rows);
    if (found) {
        *material = m.material = store_text(rows, 0);
        sealed = store_bytes(rows, 1);
        *media_type = m.media_type = store_text(rows, 2);
        m.blob = store_bytes(rows, 3);
        m.size_bytes = store_i64(rows, 4), m.added_ms = store_i64(rows, 5), m.account = store_i64(rows, 6);
        m.owner = store_i64(rows, 7), m.kind = store_text(rows, 8), m.origin = store_text(rows, 9);
    }
    rc = store_end(rows, e);
    if (rc) return rc;
    if (!found || m.blob.len != 32) return err_set(e, ERR_NOT_FOUND, NULL);
    memcpy(blob, m.blob.ptr, 32);
    rc = item_key(tx, r, c, &key, e);
    return rc ? rc : material_name(a, r, &key, c->id, &m, sealed, file_name, e);
}
