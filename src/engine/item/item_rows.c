/* item_rows: case rows and numbers; see item_rows.h. Every text that a person wrote is sealed before it gets here or here.
 * MAC of a case row: all its columns. Version 1, of rows written before, lacked due_ms (a cache, recomputed from the log).
 */
#include "engine/item/item_rows.h"

#include "engine/record/record.h"

STORE_STMT(item_case_insert, STORE_WRITES,
           "INSERT INTO item_case (home, id, number, system, item, release, state, result, channel, account, person, company, unit, division, "
           "created_ms, submitted_ms, accepted_ms, due_ms, ended_ms, version, body, mac) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(item_case_update, STORE_WRITES,
           "UPDATE item_case SET number = ?, state = ?, result = ?, account = ?, unit = ?, division = ?, submitted_ms = ?, "
           "accepted_ms = ?, due_ms = ?, ended_ms = ?, version = ?, body = ?, mac = ? WHERE home = ? AND id = ? AND version = ?");
STORE_STMT(item_case_by_id, STORE_READS,
           "SELECT number, system, item, release, state, result, channel, account, person, company, unit, division, created_ms, submitted_ms, "
           "accepted_ms, due_ms, ended_ms, version, body, mac FROM item_case WHERE home = ? AND id = ?");
STORE_STMT(item_case_is_draft, STORE_READS,
           "SELECT id FROM item_case WHERE home = ? AND id = ? AND account IN (?, ?) AND state = 'draft' AND item = ? AND person = ? "
           "AND company = ?");
STORE_STMT(item_case_by_number, STORE_READS, "SELECT id FROM item_case WHERE home = ? AND number = ? ORDER BY id LIMIT 1");
STORE_STMT(item_case_delete, STORE_WRITES, "DELETE FROM item_case WHERE home = ? AND id = ? AND version = ?");
STORE_STMT(item_number_get, STORE_READS, "SELECT last FROM item_number WHERE home = ? AND day = ?");
STORE_STMT(item_number_add, STORE_WRITES, "UPDATE item_number SET last = last + 1 WHERE home = ? AND day = ?");
STORE_STMT(item_number_first, STORE_WRITES, "INSERT INTO item_number (home, day, last) VALUES (?, ?, 1) ON CONFLICT (home, day) DO NOTHING");

enum { BODY_BYTES_MAX = 512 * 1024 };

int64_t item_owner(const struct item_case *c) {
    return c->company ? c->company : c->person ? c->person : c->account;
}

int item_key(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct data_key *ret, struct err *e) {
    if (!c->has_key) return record_key(tx, r, item_owner(c), false, ret, e);
    *ret = c->key;
    return 0;
}

static struct str place(struct arena *a, const struct realm *r, const struct item_case *c) {
    return arena_fmt(a, "item_case/%lld/%lld/%lld", (long long)r->home.v, (long long)c->id, (long long)c->version);
}

enum { MAC_VERSION = 2 };

static struct str row_mac(struct arena *a, const struct realm *r, const struct item_case *c, struct str body, unsigned version,
                          uint8_t ret[ROW_MAC_BYTES]) {
    const int64_t numbers[] = { r->home.v, c->id, c->release, c->account, c->person, c->company, c->unit, c->division, c->created_ms,
                                c->submitted_ms, c->accepted_ms, c->ended_ms, c->version };
    struct buf b;
    buf_init(&b, a, 288, 288); /* 13 numbers of 20 digits at most, and the blanks */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (i) buf_add_char(&b, ' ');
        buf_add_i64(&b, numbers[i]);
    }
    struct str parts[] = {
        buf_str(&b), c->number, c->system_id, c->item, c->state, c->result, c->channel, body,
        arena_fmt(a, "%lld", (long long)c->due_ms),
    };
    const size_t all = sizeof parts / sizeof *parts;
    return seal_row_mac(&r->keys, S("item_case"), version, parts, version == 1 ? all - 1 : all, ret);
}

static int sealed_body(struct store_tx *tx, const struct realm *r, const struct item_case *c, bool make_key, struct str *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct data_key key;
    int rc = c->has_key ? item_key(tx, r, c, &key, e) : record_key(tx, r, item_owner(c), make_key, &key, e);
    return rc ? rc : seal_val(a, &r->keys, &key, place(a, r, c), c->body, BODY_BYTES_MAX, ret, e);
}

int item_row_insert(struct store_tx *tx, const struct realm *r, struct item_case *c, struct err *e) {
    struct str body;
    uint8_t d[ROW_MAC_BYTES];
    c->version = 1;
    int rc = sealed_body(tx, r, c, true, &body, e);
    if (rc) return rc;
    struct str proof = row_mac(store_arena(tx), r, c, body, MAC_VERSION, d);
    return store_exec(tx, &item_case_insert, NULL, e, SV_I(r->home.v), SV_I(c->id), SV_T(c->number), SV_T(c->system_id), SV_T(c->item),
                      SV_I(c->release), SV_T(c->state), SV_T(c->result), SV_T(c->channel), SV_I(c->account), SV_I(c->person),
                      SV_I(c->company), SV_I(c->unit), SV_I(c->division), SV_I(c->created_ms), SV_I(c->submitted_ms),
                      SV_I(c->accepted_ms), SV_I(c->due_ms), SV_I(c->ended_ms), SV_I(c->version), SV_B(body), SV_B(proof));
}

int item_row_update(struct store_tx *tx, const struct realm *r, struct item_case *c, struct err *e) {
    struct str body;
    uint8_t d[ROW_MAC_BYTES];
    int64_t changed = 0, before = c->version++;
    int rc = sealed_body(tx, r, c, false, &body, e);
    if (rc) return rc;
    rc = store_exec(tx, &item_case_update, &changed, e, SV_T(c->number), SV_T(c->state), SV_T(c->result), SV_I(c->account),
                    SV_I(c->unit), SV_I(c->division), SV_I(c->submitted_ms), SV_I(c->accepted_ms), SV_I(c->due_ms), SV_I(c->ended_ms),
                    SV_I(c->version), SV_B(body),
                    SV_B(row_mac(store_arena(tx), r, c, body, MAC_VERSION, d)), SV_I(r->home.v), SV_I(c->id), SV_I(before));
    return rc ? rc : changed == 1 ? 0 : err_set(e, ERR_CONFLICT, "办件");
}

static int check(struct arena *a, const struct realm *r, const struct item_case *c, struct str body, struct str stored_mac,
                 struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    unsigned version = seal_row_version(stored_mac);
    bool sound = version >= 1 && version <= MAC_VERSION;
    return sound && str_eq_secret(stored_mac, row_mac(a, r, c, body, version, d)) ? 0 : err_set(e, ERR_DAMAGED, NULL);
}

static int open_body(struct store_tx *tx, const struct realm *r, struct item_case *c, struct str body, struct err *e) {
    struct arena *a = store_arena(tx);
    struct data_key key;
    int rc = record_key(tx, r, item_owner(c), false, &key, e);
    if (!rc) c->key = key, c->has_key = true;
    if (!rc) rc = seal_val_open(a, &r->keys, &key, place(a, r, c), body, &c->body, e);
    if (!rc && item_consent_typed(c)) c->form = c->form->typed;
    return rc;
}

static int pin(const struct realm *r, struct item_case *c, struct err *e) {
    c->system = r->systems.by_release(r->systems.context, c->release);
    if (!c->system) return err_set(e, ERR_DEFECT, "release %lld", (long long)c->release);
    c->type = system_find(c->system, SYSTEM_ITEM, c->item);
    c->form = c->type ? system_find(c->system, SYSTEM_FORM, c->type->form) : NULL;
    return c->form ? 0 : err_set(e, ERR_DEFECT, "release %lld", (long long)c->release);
}

struct val *item_case_object(struct arena *a, const struct item_case *c) {
    struct val *v = val_map(a), *systems = val_list(a);
    val_push(a, systems, val_str(a, c->system_id));
    for (size_t i = 0; c->system && i < c->system->n_needs; i++) val_push(a, systems, val_str(a, c->system->needs[i]->id));
    val_put(a, v, S("systems"), systems);
    val_put_str(a, v, S("state"), c->state);
    val_put_str(a, v, S("system"), c->system_id);
    val_put_str(a, v, S("item"), c->item);
    val_put_i64(a, v, S("account"), c->account);
    val_put_i64(a, v, S("owner"), item_owner(c));
    val_put_i64(a, v, S("unit"), c->unit);
    val_put_i64(a, v, S("division"), c->division);
    return v;
}

int item_case_get(struct store_tx *tx, const struct realm *r, const struct scope_token *token, int64_t id, struct item_case *ret,
                  struct err *e) {
    struct store_rows *rows;
    struct str body = S(""), stored_mac = S("");
    struct scope_token mine;
    uint32_t reached = 0;
    if (token) {
        mine = *token;
        if (!mine.reached) mine.reached = &reached;
    }
    int rc = token ? scope_reaches(tx, &mine, S("case"), id, e) : 0;
    if (!rc) rc = store_query(tx, &item_case_by_id, &rows, e, SV_I(r->home.v), SV_I(id));
    if (rc) return rc;
    bool found = store_next(rows);
    if (found) {
        *ret = (struct item_case){ .id = id, .number = store_text(rows, 0), .system_id = store_text(rows, 1), .item = store_text(rows, 2),
                                   .release = store_i64(rows, 3), .state = store_text(rows, 4), .result = store_text(rows, 5),
                                   .channel = store_text(rows, 6), .account = store_i64(rows, 7), .person = store_i64(rows, 8),
                                   .company = store_i64(rows, 9), .unit = store_i64(rows, 10), .division = store_i64(rows, 11),
                                   .created_ms = store_i64(rows, 12), .submitted_ms = store_i64(rows, 13),
                                   .accepted_ms = store_i64(rows, 14), .due_ms = store_i64(rows, 15), .ended_ms = store_i64(rows, 16),
                                   .version = store_i64(rows, 17) };
        ret->was = ret->state;
        body = store_bytes(rows, 18);
        stored_mac = store_bytes(rows, 19);
    }
    rc = store_end(rows, e);
    if (rc) return rc;
    if (!found) return err_set(e, ERR_NOT_FOUND, NULL);
    rc = check(store_arena(tx), r, ret, body, stored_mac, e);
    if (!rc) rc = pin(r, ret, e);
    if (!rc && token && token->who) rc = access_check(&mine, token->who, item_case_object(store_arena(tx), ret), store_arena(tx), e);
    return rc ? rc : open_body(tx, r, ret, body, e);
}

int item_row_delete(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct err *e) {
    int64_t changed = 0;
    int rc = store_exec(tx, &item_case_delete, &changed, e, SV_I(r->home.v), SV_I(c->id), SV_I(c->version));
    return rc ? rc : changed ? 0 : err_set(e, ERR_CONFLICT, NULL);
}

/* What `who` owns, or acts for the owner of, and stands in this state or one of the others, newest first. */
static int owned(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct str *states, size_t n_states,
                 int64_t *ids, size_t max, size_t *n, struct err *e) {
    struct scope_token t = { .home = r->home, .id = { actor_owner(who) }, .n = 1 };
    const struct scope_order in_states = { .facet = SCOPE_B, .value = states[0], .or_value = states + 1, .n_or = n_states - 1 };
    int64_t keys[SCOPE_PAGE_MAX];
    *n = 0;
    if (max > SCOPE_PAGE_MAX) max = SCOPE_PAGE_MAX;
    return t.id[0] ? scope_page(tx, &t, S("case"), &in_states, 0, 0, ids, keys, max, n, e) : 0;
}

int item_row_open_draft(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str item, int64_t *ret, struct err *e) {
    static const struct str draft = S_INIT("draft");
    const int64_t before = who->for_person ? who->account : 0; /* begun at a window, when he had no account */
    int64_t ids[SCOPE_PAGE_MAX];
    size_t n;
    int rc = owned(tx, r, who, &draft, 1, ids, SCOPE_PAGE_MAX, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct store_val v[] = { SV_I(r->home.v), SV_I(ids[i]), SV_I(who->account), SV_I(before), SV_T(item),
                                 SV_I(actor_applicant(who)), SV_I(actor_company(who)) };
        rc = store_one_i64(tx, &item_case_is_draft, v, 7, ret, e);
        if (rc != ERR_NOT_FOUND) return rc;
        rc = 0;
    }
    return rc ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

int item_row_by_number(struct store_tx *tx, const struct realm *r, struct str number, int64_t *ret, struct err *e) {
    struct store_val v[] = { SV_I(r->home.v), SV_T(number) };
    return store_one_i64(tx, &item_case_by_number, v, 2, ret, e);
}

static const struct str open_states[] = { S_INIT("draft"), S_INIT("submitted"), S_INIT("accepted"), S_INIT("supplement") };
enum { OPEN_STATES = sizeof open_states / sizeof *open_states };

int item_rows_open(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t *ids, size_t max, size_t *n,
                   struct err *e) {
    return owned(tx, r, who, open_states, OPEN_STATES, ids, max, n, e);
}

void item_rows_open_walk(struct scope_walk *w, const struct realm *r, const struct actor *who, size_t max) {
    const struct scope_token t = { .home = r->home, .id = { actor_owner(who) }, .n = 1 };
    scope_walk_begin(w, &t, S("case"), 0, 0, max, true);
    w->order = (struct scope_order){ .facet = SCOPE_B, .value = open_states[0], .or_value = open_states + 1, .n_or = OPEN_STATES - 1 };
}

/* 办件编号: day of submission, six digits in order of the day, and a check digit (ISO 7064 MOD 11,10, as in GS 15) so that a slip
 * of one digit or a swap of two neighbours is seen at once: 20261121-000123-4. */
int item_number_next(struct store_tx *tx, const struct realm *r, struct str *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct civil_date d = tz_date(r->tz, store_now_ms(tx));
    int32_t year;
    unsigned month, day;
    int64_t changed = 0, last = 1;
    int rc = store_exec(tx, &item_number_add, &changed, e, SV_I(r->home.v), SV_I(d.day));
    if (rc) return rc;
    if (changed == 0) {
        rc = store_exec(tx, &item_number_first, &changed, e, SV_I(r->home.v), SV_I(d.day));
        if (rc || changed == 0) return rc ? rc : err_set(e, ERR_CONFLICT, "办件编号");
    } else {
        struct store_val v[] = { SV_I(r->home.v), SV_I(d.day) };
        rc = store_one_i64(tx, &item_number_get, v, 2, &last, e);
        if (rc) return rc;
    }
    civil_split(d, &year, &month, &day);
    struct str digits = arena_fmt(a, "%04d%02u%02u%06lld", year, month, day, (long long)last);
    int p = 10;
    for (size_t i = 0; i < digits.len; i++) {
        p = (p + digits.ptr[i] - '0') % 10;
        p = (p ? p : 10) * 2 % 11;
    }
    *ret = arena_fmt(a, "%.*s-%.*s-%d", STR_ARG(str_sub(digits, 0, 8)), STR_ARG(str_sub(digits, 8, 32)), (11 - p) % 10);
    return 0;
}
