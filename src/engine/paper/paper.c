/* paper: issue, finish, verify; see paper.h.
 * Row MAC: every column. Version 1, of rows written before, lacked holder and reason; such a row's holder follows from its person and
 * company and is held against them, its reason stands unproved until the row is written again.
 */
#include "engine/paper/paper.h"

#include <string.h>

#include "engine/record/record.h"

#define PAPER_COLUMNS                                                                                                       \
    "id, case_id, type, release, title, organ, number, state, person, company, holder_masked, code, issued_ms, valid_from_ms, " \
    "valid_until_ms, wait, view, blob, mac, holder, reason"
STORE_STMT(paper_insert, STORE_WRITES,
           "INSERT INTO paper (home, id, case_id, type, release, title, organ, number, state, person, company, holder, holder_masked, code, "
           "issued_ms, valid_from_ms, valid_until_ms, wait, reason, view, blob, mac) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'setting', ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?)");
STORE_STMT(paper_by_id, STORE_READS, "SELECT " PAPER_COLUMNS " FROM paper WHERE home = ? AND id = ?");
STORE_STMT(paper_by_verify_code, STORE_READS, "SELECT " PAPER_COLUMNS " FROM paper WHERE home = ? AND code = ?");
STORE_STMT(paper_case_list, STORE_READS, "SELECT " PAPER_COLUMNS " FROM paper WHERE home = ? AND case_id = ? ORDER BY id LIMIT ?");
/* A holder's, of one state or of all, valid until a day between two; newest or oldest first. */
#define HOLDER_LIST(name, state, sign, way) \
    STORE_STMT(name, STORE_READS, \
               "SELECT " PAPER_COLUMNS " FROM paper WHERE home = ? AND holder = ?" state " AND id " sign " ? " \
               "AND COALESCE(NULLIF(valid_until_ms, 0), 9223372036854775807) BETWEEN ? AND ? ORDER BY id " way " LIMIT ?")
HOLDER_LIST(paper_holder_list, "", "<", "DESC");
HOLDER_LIST(paper_holder_list_back, "", ">", "ASC");
HOLDER_LIST(paper_holder_state, " AND state = ?", "<", "DESC");
HOLDER_LIST(paper_holder_state_back, " AND state = ?", ">", "ASC");
STORE_STMT(paper_state_set, STORE_WRITES,
           "UPDATE paper SET state = ?, blob = ?, mac = ?, reason = ? WHERE home = ? AND id = ? AND state = ?");

enum { VIEW_BYTES_MAX = 128 * 1024 };
enum { MAC_VERSION = 2, OF_CASE_MAX = 1000 /* papers; shown whole or not at all */ };

struct full {
    struct paper_row row;
    int64_t holder; /* whose list it stands in: as owner_of */
    struct str view, blob, mac, reason;
};

static int64_t owner_of(const struct paper_row *p) {
    return p->company ? p->company : p->person;
}

static void read_full(struct store_rows *rows, struct full *f) {
    *f = (struct full){ .row = { .id = store_i64(rows, 0), .case_id = store_i64(rows, 1), .type = store_text(rows, 2),
                                 .release = store_i64(rows, 3), .title = store_text(rows, 4), .organ = store_text(rows, 5),
                                 .number = store_text(rows, 6), .state = store_text(rows, 7), .person = store_i64(rows, 8),
                                 .company = store_i64(rows, 9), .holder_masked = store_text(rows, 10), .code = store_text(rows, 11),
                                 .issued_ms = store_i64(rows, 12), .valid_from_ms = store_i64(rows, 13),
                                 .valid_until_ms = store_i64(rows, 14), .wait = store_i64(rows, 15) },
                        .view = store_bytes(rows, 16), .blob = store_bytes(rows, 17), .mac = store_bytes(rows, 18),
                        .holder = store_i64(rows, 19), .reason = store_text(rows, 20) };
    f->row.has_blob = f->blob.len == sizeof f->row.blob;
    if (f->row.has_blob) memcpy(f->row.blob, f->blob.ptr, sizeof f->row.blob);
}

static struct str full_mac(struct arena *a, const struct realm *r, const struct full *f, unsigned version, uint8_t ret[ROW_MAC_BYTES]) {
    const struct paper_row *p = &f->row;
    struct str parts[] = {
        arena_fmt(a, "%lld %lld %lld %lld %lld %lld %lld %lld %lld %lld", (long long)r->home.v, (long long)p->id, (long long)p->case_id,
                  (long long)p->release, (long long)p->person, (long long)p->company, (long long)p->issued_ms,
                  (long long)p->valid_from_ms, (long long)p->valid_until_ms, (long long)p->wait),
        p->type, p->title, p->organ, p->number, p->state, p->holder_masked, p->code, f->view, f->blob,
        arena_fmt(a, "%lld", (long long)f->holder), f->reason,
    };
    const size_t all = sizeof parts / sizeof *parts;
    return seal_row_mac(&r->keys, S("paper"), version, parts, version == 1 ? all - 2 : all, ret);
}

/* A paper of a release that is gone was a notice: nothing is then claimed of it. */
static void put_kind(const struct realm *r, struct paper_row *p) {
    const struct system *m = r->systems.by_release(r->systems.context, p->release);
    const struct paper *declared = m ? system_find(m, SYSTEM_PAPER, p->type) : NULL;
    p->is = declared ? paper_is(declared) : PAPER_IS_NOTICE;
}

static int check(struct arena *a, const struct realm *r, const struct full *f, struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    unsigned version = seal_row_version(f->mac);
    bool sound = version >= 1 && version <= MAC_VERSION && f->holder == owner_of(&f->row);
    return sound && str_eq_secret(f->mac, full_mac(a, r, f, version, d)) ? 0 : err_set(e, ERR_DAMAGED, NULL);
}

static struct str view_place(struct arena *a, const struct realm *r, int64_t id) {
    return arena_fmt(a, "paper/%lld/%lld/view", (long long)r->home.v, (long long)id);
}

static struct str file_place(struct arena *a, const struct realm *r, int64_t id) {
    return arena_fmt(a, "paper/%lld/%lld/file", (long long)r->home.v, (long long)id);
}

/* 80 bits in Crockford's base 32 (no I L O U), in groups that people can read out: XXXX-XXXX-XXXX-XXXX. */
static struct str verify_code(struct arena *a, const struct realm *r, int64_t id) {
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    struct digest d;
    struct str parts[] = { S("paper-code"), arena_fmt(a, "%lld/%lld", (long long)r->home.v, (long long)id) };
    struct buf b;
    mac(r->keys.suite, r->keys.token, parts, 2, &d);
    buf_init(&b, a, 24, 24);
    for (unsigned i = 0; i < 16; i++) {
        unsigned bit = i * 5, word = (unsigned)d.v[bit / 8] << 8 | d.v[bit / 8 + 1];
        if (i && i % 4 == 0) buf_add_char(&b, '-');
        buf_add_char(&b, alphabet[word >> (11 - bit % 8) & 31]);
    }
    return buf_str(&b);
}

int paper_issue(struct act *act, const struct paper_new *p, int64_t *ret_id, struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct realm *r = act->realm;
    struct data_key key;
    uint8_t d[ROW_MAC_BYTES];
    struct full f = { .row = { .id = store_new_id(act->tx), .case_id = p->case_id, .type = p->type, .release = p->system->release,
                               .title = p->title, .organ = p->organ, .number = p->number, .state = S("setting"), .person = p->person,
                               .company = p->company, .holder_masked = p->holder_masked, .issued_ms = store_now_ms(act->tx),
                               .valid_from_ms = p->valid_from_ms, .valid_until_ms = p->valid_until_ms, .wait = p->wait } };
    if (!system_find(p->system, SYSTEM_PAPER, p->type)) return err_set(e, ERR_SYSTEM, "没有这个文书：%.*s", STR_ARG(p->type));
    f.row.code = verify_code(a, r, f.row.id);
    f.holder = owner_of(&f.row);
    struct val *view = val_copy(a, p->view);
    val_put_str(a, view, S("code"), f.row.code);
    val_put_str(a, view, S("verify_url"), ARENA_CAT(a, r->base_url, S("/v/"), f.row.code));
    val_put_str(a, view, S("number"), p->number);
    int rc = p->key ? 0 : record_key(act->tx, r, owner_of(&f.row), true, &key, e);
    if (!rc) rc = seal_val(a, &r->keys, p->key ? p->key : &key, view_place(a, r, f.row.id), view, VIEW_BYTES_MAX, &f.view, e);
    if (rc) return rc;
    struct str proof = full_mac(a, r, &f, MAC_VERSION, d);
    rc = store_exec(act->tx, &paper_insert, NULL, e, SV_I(r->home.v), SV_I(f.row.id), SV_I(p->case_id), SV_T(p->type),
                    SV_I(p->system->release), SV_T(p->title), SV_T(p->organ), SV_T(p->number), SV_I(p->person), SV_I(p->company),
                    SV_I(f.holder), SV_T(p->holder_masked), SV_T(f.row.code), SV_I(f.row.issued_ms), SV_I(p->valid_from_ms),
                    SV_I(p->valid_until_ms), SV_I(p->wait), SV_B(f.view), SV_B(f.blob), SV_B(proof));
    *ret_id = f.row.id;
    return rc ? rc : act_emit(act, S("paper.set"), f.row.id, S("{}"), e);
}

static int get_full(struct store_tx *tx, const struct realm *r, int64_t id, struct full *f, struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &paper_by_id, &rows, e, SV_I(r->home.v), SV_I(id));
    if (rc) return rc;
    bool found = store_next(rows);
    if (found) read_full(rows, f);
    rc = store_end(rows, e);
    if (rc) return rc;
    if (found) put_kind(r, &f->row);
    return found ? check(store_arena(tx), r, f, e) : err_set(e, ERR_NOT_FOUND, NULL);
}

int paper_get(struct store_tx *tx, const struct realm *r, int64_t id, struct paper_row *ret, struct err *e) {
    struct full f;
    int rc = get_full(tx, r, id, &f, e);
    if (!rc) *ret = f.row;
    return rc;
}

int paper_view(struct store_tx *tx, const struct realm *r, const struct paper_row *p, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct full f;
    struct data_key key;
    int rc = get_full(tx, r, p->id, &f, e);
    if (!rc) rc = record_key(tx, r, owner_of(p), false, &key, e);
    return rc ? rc : seal_val_open(a, &r->keys, &key, view_place(a, r, p->id), f.view, ret, e);
}

static int set_state(struct act *act, struct full *f, struct str state, struct str reason, struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct str before = f->row.state;
    uint8_t d[ROW_MAC_BYTES];
    int64_t changed = 0;
    f->row.state = state;
    f->reason = reason;
    int rc = store_exec(act->tx, &paper_state_set, &changed, e, SV_T(state), SV_B(f->blob),
                        SV_B(full_mac(a, act->realm, f, MAC_VERSION, d)), SV_T(reason), SV_I(act->realm->home.v),
                        SV_I(f->row.id), SV_T(before));
    return rc ? rc : changed == 1 ? 0 : err_set(e, ERR_CONFLICT, "文书");
}

int paper_finish(struct act *act, int64_t id, const uint8_t blob[32], struct err *e) {
    struct full f;
    int rc = get_full(act->tx, act->realm, id, &f, e);
    if (rc) return rc;
    if (!str_eq(f.row.state, S("setting"))) return err_set(e, ERR_STATE, "文书已经制成");
    f.blob = str_make((const char *)blob, 32);
    return set_state(act, &f, S("valid"), S(""), e);
}

int paper_revoke(struct act *act, int64_t id, struct str reason, struct err *e) {
    struct full f;
    int rc = get_full(act->tx, act->realm, id, &f, e);
    if (rc) return rc;
    if (!str_eq(f.row.state, S("valid"))) return err_set(e, ERR_STATE, "只有有效的证照可以撤销");
    if (reason.len == 0) return err_field(e, ERR_REQUIRED, S("reason"), "撤销理由");
    return set_state(act, &f, S("revoked"), reason, e);
}

static struct str state_now(const struct paper_row *p, int64_t now_ms) {
    if (str_eq(p->state, S("valid")) && p->valid_until_ms && p->valid_until_ms < now_ms) return S("expired");
    return p->state;
}

static struct val *row_view(struct arena *a, const struct paper_row *p, int64_t now_ms) {
    struct val *v = val_map(a);
    struct str state = state_now(p, now_ms);
    val_put_i64(a, v, S("id"), p->id);
    val_put_i64(a, v, S("case_id"), p->case_id);
    val_put_i64(a, v, S("release"), p->release);
    val_put_str(a, v, S("title"), p->title);
    val_put_str(a, v, S("organ"), p->organ);
    val_put_str(a, v, S("number"), p->number);
    val_put_str(a, v, S("state"), state);
    val_put_bool(a, v, S("is_licence"), p->is == PAPER_IS_LICENCE);
    val_put_bool(a, v, S("is_valid"), str_eq(state, S("valid")));
    val_put_bool(a, v, S("is_setting"), str_eq(state, S("setting")));
    val_put_str(a, v, S("code"), p->code);
    val_put_i64(a, v, S("issued_ms"), p->issued_ms);
    if (p->valid_until_ms) val_put_i64(a, v, S("valid_until_ms"), p->valid_until_ms);
    return v;
}

/* Those of the kind (0: any) of the rows, at most `max` of all, into `list`; how many rows were read, and the last one's id. */
static int list_of(struct store_tx *tx, const struct realm *r, struct store_rows *rows, enum paper_is is, size_t max, struct val *list,
                   size_t *n, int64_t *last, struct err *e) {
    struct arena *a = store_arena(tx);
    int rc = 0;
    *n = 0;
    while (!rc && store_next(rows)) {
        struct full f;
        if (val_count(list) == max) continue;
        read_full(rows, &f);
        put_kind(r, &f.row);
        rc = check(a, r, &f, e);
        *last = f.row.id;
        ++*n;
        if (!is || is == f.row.is) val_push(a, list, row_view(a, &f.row, store_now_ms(tx)));
    }
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

int paper_of_case(struct store_tx *tx, const struct realm *r, int64_t case_id, struct val **ret, struct err *e) {
    struct store_rows *rows;
    size_t n = 0;
    int64_t last;
    *ret = val_list(store_arena(tx));
    int rc = store_query(tx, &paper_case_list, &rows, e, SV_I(r->home.v), SV_I(case_id), SV_I(OF_CASE_MAX + 1));
    if (!rc) rc = list_of(tx, r, rows, 0, OF_CASE_MAX + 1, *ret, &n, &last, e);
    return rc ? rc : n > OF_CASE_MAX ? err_set(e, ERR_LIMIT, "%d", OF_CASE_MAX) : 0;
}

int paper_of_holder(struct store_tx *tx, const struct realm *r, int64_t holder, struct paper_query *q, struct val **ret, struct err *e) {
    bool expired = str_eq(q->state, S("expired")), valid = str_eq(q->state, S("valid"));
    const int64_t now = store_now_ms(tx), from = valid ? now : 0, to = expired ? now - 1 : INT64_MAX;
    int64_t place = q->at ? q->at : q->back ? 0 : INT64_MAX;
    const struct str state = expired ? S("valid") : q->state;
    const size_t each = q->max < PAPER_LOOK_MAX ? q->max : PAPER_LOOK_MAX;
    size_t looked = 0, n = each;
    int rc = 0;
    *ret = val_list(store_arena(tx));
    while (!rc && n == each && val_count(*ret) < q->max && looked < PAPER_LOOK_MAX) {
        struct store_rows *rows;
        rc = state.len ? store_query(tx, q->back ? &paper_holder_state_back : &paper_holder_state, &rows, e, SV_I(r->home.v),
                                     SV_I(holder), SV_T(state), SV_I(place), SV_I(from), SV_I(to), SV_I(each))
                       : store_query(tx, q->back ? &paper_holder_list_back : &paper_holder_list, &rows, e, SV_I(r->home.v),
                                     SV_I(holder), SV_I(place), SV_I(from), SV_I(to), SV_I(each));
        if (!rc) rc = list_of(tx, r, rows, q->is, q->max, *ret, &n, &place, e);
        looked += n;
    }
    q->cut = n == each && val_count(*ret) < q->max ? place : 0;
    return rc;
}

int paper_by_code(struct store_tx *tx, const struct realm *r, struct str code, struct paper_row *ret, struct err *e) {
    struct store_rows *rows;
    struct full f;
    int rc = store_query(tx, &paper_by_verify_code, &rows, e, SV_I(r->home.v), SV_T(code));
    if (rc) return rc;
    bool found = store_next(rows);
    if (found) read_full(rows, &f);
    rc = store_end(rows, e);
    if (rc) return rc;
    if (!found) return err_set(e, ERR_NOT_FOUND, NULL);
    rc = check(store_arena(tx), r, &f, e);
    put_kind(r, &f.row);
    *ret = f.row;
    ret->state = state_now(&f.row, store_now_ms(tx));
    return rc;
}

int paper_seal_file(struct store_tx *tx, const struct realm *r, const struct paper_row *p, struct str clear, struct str *ret, struct err *e) {
    struct data_key key;
    int rc = record_key(tx, r, owner_of(p), false, &key, e);
    if (rc) return rc;
    *ret = seal(store_arena(tx), &r->keys, &key, file_place(store_arena(tx), r, p->id), clear);
    return ret->len ? 0 : err_set(e, ERR_MEMORY, NULL);
}

int paper_file(struct store_tx *tx, const struct realm *r, const struct paper_row *p, struct arena *a, struct str *ret, struct err *e) {
    enum { FILE_BYTES_MAX = 16 * 1024 * 1024 };
    struct data_key key;
    struct str sealed;
    if (!p->has_blob) return err_set(e, ERR_STATE, "文书还在制作，请稍后再看");
    int rc = record_key(tx, r, owner_of(p), false, &key, e);
    if (!rc) rc = blobs_get(r->blobs, p->blob, a, FILE_BYTES_MAX, &sealed, e);
    return rc ? rc : seal_open(a, &r->keys, &key, file_place(a, r, p->id), sealed, ret, e);
}
