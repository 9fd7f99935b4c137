/* record_keep: what those who keep a registry do with its records: find, look, see in clear, register, correct, end; see record.h.
 * Invariants
 *  1. Each begins with the grants of the system that declares the type and is judged on the record as it stands; what is not reached is
 *     ERR_NOT_FOUND, as what does not exist.
 *  2. Each person whose data is shown, masked or not, is the subject of an entry.
 *  3. The log holds no value: types, names of elements, the title of a purpose, a commitment to free words.
 */
#include "data/plain.h"
#include "engine/audit/audit.h"
#include "engine/code/code_set.h"
#include "engine/record/record_impl.h"

enum { WORDS_BYTES_MAX = 4096 };

STORE_STMT(record_look_insert, STORE_WRITES,
           "INSERT INTO record_look (home, id, type, record, account, session, purpose, until_ms, body) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(record_look_open, STORE_READS,
           "SELECT purpose, until_ms FROM record_look WHERE home = ? AND record = ? AND account = ? AND session = ? AND until_ms > ? "
           "AND type = ? ORDER BY until_ms DESC, id DESC LIMIT 1");

/* ---- which registries ---- */

size_t record_registries(const struct realm *r, const struct actor *who, struct str act, struct record_registry *ret, size_t max) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all), found = 0;
    for (size_t i = 0; i < n; i++) {
        struct scope_token ignored;
        const struct map *types = &all[i]->part[SYSTEM_RECORD];
        if (types->n == 0 || access_may_of(r, who, act, all[i], &ignored, NULL)) continue;
        for (size_t k = 0; k < types->n && found < max; k++)
            ret[found++] = (struct record_registry){ all[i], types->entry[k].value };
    }
    return found;
}

int record_registry(const struct realm *r, const struct actor *who, struct str act, struct str type, struct record_registry *ret,
                    struct err *e) {
    struct scope_token ignored;
    *ret = (struct record_registry){ 0 };
    ret->type = realm_find(r, SYSTEM_RECORD, type, &ret->system);
    bool reached = ret->type && access_may_of(r, who, act, ret->system, &ignored, NULL) == 0;
    return reached ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

bool record_personal(const struct record_type *t) {
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->field[i].personal) return true;
    return false;
}

/* Whose record it is: his own; or, of a type without personal elements, whom it cannot be without: an allowance, a kinship, a share is
 * somebody's, and a company is not its legal person's. Of two such the first. 0: nobody's. */
static int64_t subject_of(const struct realm *r, const struct record_registry *g, int64_t id, const struct val *values) {
    int64_t person = 0;
    if (record_personal(g->type)) return id;
    for (size_t i = 0; i < g->type->n_fields && person == 0; i++) {
        const struct record_field *f = &g->type->field[i];
        const struct record_type *t = f->kind == RECORD_REF && f->required ? realm_find(r, SYSTEM_RECORD, f->ref, NULL) : NULL;
        if (t && record_personal(t) && !str_to_i64(val_get_str(values, f->name), &person)) person = 0;
    }
    return person;
}

struct str record_source(const struct record_registry *g, size_t i) {
    const struct code_set *set = g->type->sources.len ? system_find(g->system, SYSTEM_CODE, g->type->sources) : NULL;
    const struct code *c = set && i && i <= code_set_count(set) ? code_set_row(set, i - 1) : NULL;
    return i == 0 ? g->type->source : c ? c->title : S("");
}

/* ---- opening, judging, closing ---- */

static int judge_by(const struct scope_token *t, const struct record_registry *g, struct str state, int64_t division, struct arena *a,
                    struct err *e) {
    struct val *object = val_map(a), *systems = val_list(a);
    int rc = access_covers(t, division, e);
    if (rc) return rc;
    val_push(a, systems, val_str(a, g->system->id));
    val_put(a, object, S("systems"), systems);
    val_put_str(a, object, S("type"), g->type->id);
    val_put_str(a, object, S("system"), g->system->id);
    val_put_str(a, object, S("state"), state);
    val_put_i64(a, object, S("division"), division);
    return access_check(t, t->who, object, a, e);
}

/* What a condition takes away is not there either: the page would tell of a person's record that it exists. */
int record_judge(struct act *act, const struct record_registry *g, struct str state, int64_t division, struct err *e) {
    return judge_by(&act->scope, g, state, division, store_arena(act->tx), NULL) ? err_set(e, ERR_NOT_FOUND, NULL) : 0;
}

int record_reached(struct store_tx *tx, const struct realm *r, const struct scope_token *t, struct str type, int64_t id, struct err *e) {
    struct record_registry g = { 0 };
    struct record rec;
    uint32_t reached = 0;
    struct scope_token mine = *t;
    mine.reached = &reached;
    g.type = realm_find(r, SYSTEM_RECORD, type, &g.system);
    if (!g.type) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = record_get(tx, r, g.type, id, &rec, e);
    return rc ? rc : judge_by(&mine, &g, rec.state, rec.division, store_arena(tx), e);
}

int record_begin(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                 struct str name, struct err *e) {
    int rc = act_open(act, tx, r, who, name, e);
    if (!rc) rc = access_may_of(r, who, name, g->system, &act->scope, e);
    act->scope.reached = &act->reached;
    return rc;
}

/* The act with its record as it stands. */
static int begin_on(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                    struct str name, int64_t id, struct record *ret, struct err *e) {
    access_asked(tx, S("record"), id, 0);
    int rc = record_begin(act, tx, r, who, g, name, e);
    if (!rc) rc = record_get(tx, r, g->type, id, ret, e);
    if (!rc) rc = record_judge(act, g, ret->state, ret->division, e);
    if (!rc) act->subject = subject_of(r, g, id, ret->values);
    return rc;
}

static int finish(struct act *act, int64_t id, struct str detail, struct err *e) {
    return act_close(act, S("record"), id, 0, detail, e);
}

/* ---- find and look ---- */

struct val *record_row(struct arena *a, const struct record_registry *g, const struct record *rec) {
    struct val *v = val_map(a);
    val_put_i64(a, v, S("id"), rec->id);
    val_put_i64(a, v, S("version"), rec->version);
    val_put_str(a, v, S("state"), rec->state);
    val_put(a, v, S("values"), record_masked(a, g->type, rec->values));
    return v;
}

int record_note(struct act *act, const struct record_registry *g, const struct val *found, struct str detail, struct err *e) {
    const struct str purpose = act->purpose;
    int rc = 0;
    for (size_t k = 0; !rc && k < val_count(found); k++) {
        int64_t id = val_get_i64(val_item(found, k), S("id"), 0);
        if (k) rc = record_begin(act, act->tx, act->realm, act->who, g, S("record.read"), e);
        act->purpose = purpose;
        if (!rc) act->subject = subject_of(act->realm, g, id, val_get(val_item(found, k), S("values")));
        if (!rc) rc = finish(act, id, detail, e);
    }
    return rc || val_count(found) ? rc : finish(act, 0, detail, e);
}

int record_search(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                  const struct record_field *f, struct str token, int64_t after, size_t max, struct val **ret, int64_t *ret_next,
                  struct err *e) {
    struct arena *a = store_arena(tx);
    struct str detail = ARENA_CAT(a, S("find "), g->type->id, S("."), f->name);
    int64_t ids[RECORD_LOOKED_MAX + 1];
    size_t n, i = 0;
    struct act act;
    *ret = val_list(a);
    *ret_next = 0;
    int rc = record_begin(&act, tx, r, who, g, S("record.read"), e);
    if (!rc) rc = record_find_token(tx, r, g->type, f, token, after, ids, RECORD_LOOKED_MAX + 1, &n, e);
    for (; !rc && i < n && i < RECORD_LOOKED_MAX && val_count(*ret) < max; i++) {
        struct record rec = { 0 };
        rc = record_get(tx, r, g->type, ids[i], &rec, e);
        if (rc || record_judge(&act, g, rec.state, rec.division, NULL)) continue;
        val_push(a, *ret, record_row(a, g, &rec));
    }
    if (!rc && i < n && i) *ret_next = ids[i - 1];
    return rc ? rc : record_note(&act, g, *ret, detail, e);
}

int record_look(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g, int64_t id,
                struct record *ret, struct err *e) {
    struct act act;
    int rc = begin_on(&act, tx, r, who, g, S("record.read"), id, ret, e);
    if (!rc) ret->values = record_masked(store_arena(tx), g->type, ret->values);
    return rc ? rc : finish(&act, id, g->type->id, e);
}

int record_look_back(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g, int64_t id,
                     struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct record now;
    struct act act;
    int rc = begin_on(&act, tx, r, who, g, S("record.read"), id, &now, e);
    if (!rc) rc = record_history(tx, r, g->type, id, ret, e);
    const struct val *before = NULL;
    for (size_t i = 0; !rc && i < val_count(*ret); i++) {
        struct val *v = (*ret)->u.list.item[i], *changed = val_list(a);
        const struct val *values = val_get(v, S("values"));
        for (size_t k = 0; k < g->type->n_fields; k++) {
            struct str name = g->type->field[k].name;
            if (!str_eq(val_get_str(before, name), val_get_str(values, name))) val_push(a, changed, val_str(a, name));
        }
        before = values;
        val_put(a, v, S("changed"), changed); /* found in clear: two values may have one mask */
        val_put(a, v, S("values"), record_masked(a, g->type, values));
    }
    return rc ? rc : finish(&act, id, ARENA_CAT(a, S("history "), g->type->id), e);
}

/* ---- in clear ---- */

static int check_words(struct str field, struct str title, struct str words, struct err *e) {
    if (words.len == 0) return err_field(e, ERR_REQUIRED, field, "%.*s", STR_ARG(title));
    if (str_utf8_count(words) > RECORD_WORDS_MAX) return err_field(e, ERR_TOO_LONG, field, "%d", RECORD_WORDS_MAX);
    return plain_text(words, true) ? 0 : err_field(e, ERR_CHARACTERS, field, NULL);
}

/* The words, sealed under the record's key with the salt that proves them. */
static int seal_words(struct store_tx *tx, const struct realm *r, int64_t record, int64_t look, struct str why, struct str *ret_commitment,
                      struct str *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *body = val_map(a);
    struct data_key key;
    struct buf hex;
    uint8_t salt[16];
    *ret_commitment = audit_commitment(a, r->keys.suite, why, salt);
    buf_init(&hex, a, 2 * sizeof salt, 2 * sizeof salt);
    buf_add_hex(&hex, salt, sizeof salt);
    val_put_str(a, body, S("why"), why);
    val_put_str(a, body, S("salt"), buf_str(&hex));
    int rc = record_key(tx, r, record, false, &key, e);
    struct str place = arena_fmt(a, "record_look/%lld/%lld", (long long)r->home.v, (long long)look);
    return rc ? rc : seal_val(a, &r->keys, &key, place, body, WORDS_BYTES_MAX, ret, e);
}

int record_unmask(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g, int64_t id,
                  struct str purpose, struct str why, struct err *e) {
    const struct code_set *set = g->type->purposes.len ? system_find(g->system, SYSTEM_CODE, g->type->purposes) : NULL;
    struct record rec = { 0 };
    struct act act;
    struct str commitment, body;
    int64_t look = store_new_id(tx), until = store_now_ms(tx) + RECORD_LOOK_MS;
    int rc = begin_on(&act, tx, r, who, g, S("record.unmask"), id, &rec, e);
    if (!rc && !set) rc = err_set(e, ERR_STATE, "没有规定查看完整信息的目的");
    if (!rc && purpose.len == 0) rc = err_field(e, ERR_REQUIRED, S("purpose"), "查看目的");
    if (!rc && !code_set_find(set, purpose)) rc = err_field(e, ERR_CODE, S("purpose"), NULL);
    if (!rc) rc = check_words(S("why"), S("具体事由"), why, e);
    if (!rc) rc = seal_words(tx, r, id, look, why, &commitment, &body, e);
    if (!rc)
        rc = store_exec(tx, &record_look_insert, NULL, e, SV_I(r->home.v), SV_I(look), SV_T(g->type->id), SV_I(id), SV_I(who->account),
                        SV_I(who->session), SV_T(purpose), SV_I(until), SV_B(body));
    if (rc) return rc;
    act.purpose = code_set_title(set, purpose);
    return finish(&act, id, ARENA_CAT(store_arena(tx), g->type->id, S(" "), commitment), e);
}

int record_clear(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g, int64_t id,
                 struct record *ret, struct str *ret_purpose, int64_t *ret_until_ms, struct err *e) {
    const struct code_set *set = g->type->purposes.len ? system_find(g->system, SYSTEM_CODE, g->type->purposes) : NULL;
    struct store_rows *rows;
    struct act act;
    struct str code = S("");
    /* The power to unmask may have been taken since; what is written is the look. */
    int rc = begin_on(&act, tx, r, who, g, S("record.unmask"), id, ret, e);
    if (!rc) rc = begin_on(&act, tx, r, who, g, S("record.read"), id, ret, e);
    if (!rc)
        rc = store_query(tx, &record_look_open, &rows, e, SV_I(r->home.v), SV_I(id), SV_I(who->account), SV_I(who->session),
                         SV_I(store_now_ms(tx)), SV_T(g->type->id));
    if (rc) return rc;
    bool open = store_next(rows);
    if (open) code = store_text(rows, 0), *ret_until_ms = store_i64(rows, 1);
    rc = store_end(rows, e);
    if (!rc && !open) rc = err_set(e, ERR_STATE, "查看完整信息的时间已过，请重新说明目的");
    if (rc) return rc;
    *ret_purpose = set ? code_set_title(set, code) : code;
    act.purpose = *ret_purpose;
    return finish(&act, id, ARENA_CAT(store_arena(tx), S("clear "), g->type->id), e);
}

/* ---- changes ---- */

static int check_source(const struct record_registry *g, struct str source, struct err *e) {
    if (source.len == 0) return err_field(e, ERR_REQUIRED, S("source"), "信息来源");
    for (size_t i = 0; record_source(g, i).len; i++)
        if (str_eq(record_source(g, i), source)) return 0;
    return err_field(e, ERR_CODE, S("source"), NULL);
}

/* What the change would make of the record is within the keeper's reach as well: nobody registers what he may not see. */
static int judge_new(struct act *act, const struct record_registry *g, const struct val *values, struct err *e) {
    const struct val *given = val_get(values, S("division"));
    if (!given && act->reached) return 0; /* reached as it stood, and stays there */
    if (record_judge(act, g, S("active"), realm_division(val_text(given)), NULL) == 0) return 0;
    if (!record_field(g->type, S("division"))) return err_set(e, ERR_FORBIDDEN, "%s", "登记");
    return err_field(e, ERR_INPUT, S("division"), "应在您单位的辖区内");
}

static struct str names_of(struct arena *a, const struct record_registry *g, const struct val *values) {
    struct buf b;
    buf_init(&b, a, 128, 2048);
    buf_add(&b, g->type->id);
    for (size_t i = 0; i < val_pairs(values); i++) {
        buf_add_char(&b, ' ');
        buf_add(&b, values->u.map.pair[i].key);
    }
    return buf_str(&b);
}

static int unchanged(const struct record_change *c, const struct record *rec, struct err *e) {
    if (!str_eq(rec->state, S("active"))) return err_set(e, ERR_STATE, "该登记已注销");
    return rec->version == c->version ? 0 : err_set(e, ERR_CONFLICT, "登记");
}

int record_keep(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                const struct record_change *c, int64_t *ret_id, struct err *e) {
    struct record rec = { 0 };
    struct act act;
    int rc = c->id ? begin_on(&act, tx, r, who, g, S("record.put"), c->id, &rec, e) : record_begin(&act, tx, r, who, g, S("record.put"), e);
    if (!rc && c->id) rc = unchanged(c, &rec, e);
    if (!rc) rc = check_source(g, c->source, e);
    if (!rc && c->id) rc = check_words(S("why"), S("变更原因"), c->why, e);
    if (!rc) rc = judge_new(&act, g, c->values, e);
    if (!rc) rc = record_write(&act, g->type, g->system, c, S("active"), ret_id, e);
    if (!rc && !act.subject) act.subject = subject_of(r, g, *ret_id, c->values);
    return rc ? rc : act_close(&act, S("record"), *ret_id, c->case_id, names_of(store_arena(tx), g, c->values), e);
}

int record_end(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
               const struct record_change *c, struct err *e) {
    struct record rec = { 0 };
    struct act act;
    int64_t id;
    int rc = begin_on(&act, tx, r, who, g, S("record.end"), c->id, &rec, e);
    if (!rc) rc = unchanged(c, &rec, e);
    if (!rc) rc = check_source(g, c->source, e);
    if (!rc) rc = check_words(S("why"), S("注销原因"), c->why, e);
    if (!rc) rc = record_write(&act, g->type, g->system, c, S("ended"), &id, e);
    return rc ? rc : act_close(&act, S("record"), c->id, c->case_id, g->type->id, e);
}
