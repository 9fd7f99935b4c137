/* record: R2 one record, masked; R2u why it must be seen whole, and the whole for some minutes; R3 its versions. Invariant: a clear value
 * is in no address, and the whole record is shown to who said why, in the session in which he did.
 */
#include "engine/code/code_set.h"
#include "engine/identity/identity.h"
#include "web/question.h"
#include "web/registry/registry_pages.h"

/* The record that an element names, where this reader may see that registry. */
static struct str ref_href(struct page *p, const struct record_field *f, struct str value) {
    struct record_registry g;
    if (f->kind != RECORD_REF || value.len == 0) return S("");
    if (record_registry(page_realm(p), p->who, S("record.read"), f->ref, &g, NULL)) return S("");
    return page_href(p, ARENA_CAT(p->a, S("/desk/registry/"), f->ref, S("/"), value));
}

static void put_rows(struct page *p, const struct record_registry *g, const struct record *rec, bool clear) {
    struct val *rows = val_list(p->a);
    for (size_t i = 0; i < g->type->n_fields; i++) {
        const struct record_field *f = &g->type->field[i];
        struct str value = val_get_str(rec->values, f->name);
        const struct val *source = val_get(rec->sources, f->name);
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("label"), system_text(g->system, p->lang, f->title));
        val_put_str(p->a, v, S("value"), registry_value(p, g, f, value));
        val_put_str(p->a, v, S("href"), ref_href(p, f, value));
        val_put_bool(p->a, v, S("masked"), !clear && f->personal && value.len);
        val_put_str(p->a, v, S("source"), value.len ? system_text(g->system, p->lang, val_get_str(source, S("source"))) : S(""));
        val_put_str(p->a, v, S("as_of"), realm_day(page_realm(p), p->a, p->lang, val_get_i64(source, S("at_ms"), 0)));
        val_push(p->a, rows, v);
    }
    val_put(p->a, p->view, S("rows"), rows);
}

static bool may(const struct page *p, const char *act, const struct record_registry *g) {
    struct record_registry ignored;
    return record_registry(page_realm(p), p->who, str_of(act), g->type->id, &ignored, NULL) == 0;
}

static struct str link_if(struct page *p, bool given, int64_t id, const char *rest) {
    return given ? page_href(p, registry_record_path(p, id, rest)) : S("");
}

/* Registries of which an element names such a record: the way to a company's shareholders. */
static void put_related(struct page *p, const struct record_registry *g, int64_t id) {
    struct record_registry *all = arena_array(p->a, RECORD_REGISTRIES_MAX, sizeof *all);
    struct val *list = val_list(p->a);
    size_t n = all ? record_registries(page_realm(p), p->who, S("record.read"), all, RECORD_REGISTRIES_MAX) : 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i].type->n_indexes; k++) {
            const struct record_field *f = &all[i].type->field[all[i].type->index[k]];
            struct val *v = val_map(p->a);
            if (!str_eq(f->ref, g->type->id) || f->index != RECORD_PLAIN) continue;
            struct str title = system_text(all[i].system, p->lang, all[i].type->title), by = system_text(all[i].system, p->lang, f->title);
            val_put_str(p->a, v, S("title"), ARENA_CAT(p->a, title, page_text(p, S("：")), by));
            val_put_str(p->a, v, S("href"), page_href(p, arena_fmt(p->a, "/desk/registry/%.*s?by=%.*s&key=%lld", STR_ARG(all[i].type->id),
                                                                   STR_ARG(f->name), (long long)id)));
            val_push(p->a, list, v);
        }
    val_put(p->a, p->view, S("related"), list);
}

static void put_record(struct page *p, const struct record_registry *g, const struct record *rec) {
    bool active = str_eq(rec->state, S("active"));
    struct val *v = val_map(p->a);
    val_put_i64(p->a, v, S("id"), rec->id);
    val_put_i64(p->a, v, S("version"), rec->version);
    val_put_str(p->a, v, S("recorded"), realm_time(page_realm(p), p->a, p->lang, rec->recorded_ms));
    val_put_bool(p->a, v, S("ended"), !active);
    registry_state(p, v, rec->state);
    val_put_str(p->a, v, S("href"), page_href(p, registry_record_path(p, rec->id, "")));
    val_put_str(p->a, v, S("history_href"), link_if(p, may(p, "record.read", g), rec->id, "/history"));
    val_put_str(p->a, v, S("unmask_href"), link_if(p, g->type->purposes.len && may(p, "record.unmask", g), rec->id, "/unmask"));
    val_put_str(p->a, v, S("correct_href"), link_if(p, active && may(p, "record.put", g), rec->id, "/correct"));
    val_put_str(p->a, v, S("end_href"), link_if(p, active && may(p, "record.end", g), rec->id, "/end"));
    val_put(p->a, p->view, S("record"), v);
}

/* ---- R2 ---- */

/* What was done just now, where the address says so. */
static void put_done(struct page *p) {
    static const struct {
        struct str done, text;
    } words[] = { { S_INIT("put"), S_INIT("已登记。") },
                  { S_INIT("correct"), S_INIT("已更正，原来的内容在变更历史里。") },
                  { S_INIT("end"), S_INIT("已注销，登记和历史都保留。") } };
    struct str done = http_query(p->req, S("done"));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(words[i].done, done)) val_put_str(p->a, p->view, S("done"), page_text(p, words[i].text));
}

int registry_record_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    struct record rec;
    int64_t id;
    int rc = registry_of(p, &g, e);
    if (!rc) rc = staff_id(p, "id", &id, e);
    if (!rc) rc = record_look(tx, page_realm(p), p->who, &g, id, &rec, e);
    if (rc) return rc;
    put_record(p, &g, &rec);
    put_rows(p, &g, &rec, false);
    put_related(p, &g, id);
    put_done(p);
    return 0;
}

static struct str number_of(struct page *p) {
    return staff_fill(p, S("登记号 {n}"), "n", val_get_i64(val_get(p->view, S("record")), S("id"), 0));
}

int registry_record_say(struct page *p, struct err *e) {
    (void)e;
    registry_frame(p, val_get_str(val_get(p->view, S("type")), S("title")), number_of(p));
    p->template = S("registry/record");
    return 0;
}

/* ---- R2u ---- */

int registry_unmask_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *purpose, *why, *list = val_list(p->a);
    struct record_registry g;
    int rc = registry_of(p, &g, e);
    const struct code_set *set = !rc && g.type->purposes.len ? system_find(g.system, SYSTEM_CODE, g.type->purposes) : NULL;
    if (!rc && !set) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = registry_record_act(tx, p, e);
    if (rc) return rc;
    for (size_t i = 0; i < code_set_count(set); i++) {
        const struct code *c = code_set_row(set, i);
        (void)staff_choice(p, list, S("purpose"), c->code, system_text(g.system, p->lang, c->title),
                           str_eq(c->code, page_in(p, S("purpose"))));
    }
    purpose = question_plain(p, S("purpose"), S("查看目的"), S(""));
    val_put(p->a, purpose, S("choices"), list);
    val_put(p->a, p->view, S("purpose_field"), purpose);
    why = question_plain(p, S("why"), S("具体事由"), S("例如办件编号、来访情况。加密保存，只供审计核对"));
    val_put_str(p->a, why, S("max"), S("200"));
    val_put_str(p->a, why, S("rows"), S("3"));
    val_put(p->a, p->view, S("why_field"), why);
    return 0;
}

int registry_unmask_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    registry_frame(p, S("查看完整信息"), page_text(p, S("查看完整信息")));
    page_form(p, registry_record_path(p, val_get_i64(val_get(p->view, S("record")), S("id"), 0), "/unmask"));
    p->template = S("registry/unmask");
    return 0;
}

int registry_unmask_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    struct str purpose = page_in(p, S("purpose")), why = str_trim(page_in(p, S("why")));
    int64_t id;
    int rc = registry_of(p, &g, e);
    if (!rc) rc = staff_id(p, "id", &id, e);
    if (!rc) rc = record_unmask(tx, page_realm(p), p->who, &g, id, purpose, why, e);
    if (!rc) p->location = registry_record_path(p, id, "/clear");
    return registry_fault(p, rc, e, S("purpose"), S("查看目的"), S("具体事由"));
}

int registry_clear_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    struct record rec;
    struct str purpose;
    int64_t id = 0, until;
    struct val *v = val_map(p->a);
    int rc = registry_of(p, &g, e);
    if (!rc) rc = staff_id(p, "id", &id, e);
    if (!rc) rc = record_clear(tx, page_realm(p), p->who, &g, id, &rec, &purpose, &until, e);
    if (rc == ERR_STATE) {
        p->location = registry_record_path(p, id, g.type->purposes.len ? "/unmask" : "");
        return 0;
    }
    if (rc) return rc;
    put_record(p, &g, &rec);
    put_rows(p, &g, &rec, true);
    val_put_str(p->a, v, S("purpose"), system_text(g.system, p->lang, purpose));
    val_put_str(p->a, v, S("until"), realm_time(page_realm(p), p->a, p->lang, until));
    val_put(p->a, p->view, S("clear"), v);
    return 0;
}

int registry_clear_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    registry_frame(p, S("完整信息"), page_text(p, S("完整信息")));
    p->template = S("registry/record");
    return 0;
}

/* ---- R3 ---- */

/* One element that a version changed: what it was and what it became, both masked. */
static struct val *change_row(struct page *p, const struct record_registry *g, const struct record_field *f, const struct val *before,
                              const struct val *now) {
    struct val *v = val_map(p->a);
    struct str was = registry_value(p, g, f, val_get_str(before, f->name)), is = registry_value(p, g, f, val_get_str(now, f->name));
    bool hidden = f->personal && str_eq(was, is); /* the masks are alike, the values were not */
    val_put_str(p->a, v, S("label"), system_text(g->system, p->lang, f->title));
    val_put_str(p->a, v, S("was"), was);
    val_put_str(p->a, v, S("is"), hidden ? page_text(p, S("已变更（内容已遮盖）")) : is);
    val_put_bool(p->a, v, S("hidden"), hidden);
    return v;
}

static int version_row(struct store_tx *tx, struct page *p, const struct record_registry *g, const struct val *before,
                       const struct val *now, struct val *list, struct err *e) {
    struct val *v = val_map(p->a), *rows = val_list(p->a);
    const struct val *changed = val_get(now, S("changed"));
    struct actor by;
    int rc = identity_actor_of(tx, page_realm(p), val_get_i64(now, S("by"), 0), &by, e);
    if (rc && rc != ERR_NOT_FOUND && rc != ERR_LOGIN) return rc;
    struct str unit = !rc && by.n_posts ? realm_words(page_realm(p), p->lang, by.posts[0].unit_title) : S("");
    bool ended = str_eq(val_get_str(now, S("state")), S("ended"));
    for (size_t i = 0; before && i < val_count(changed); i++)
        val_push(p->a, rows, change_row(p, g, record_field(g->type, val_text(val_item(changed, i))), val_get(before, S("values")),
                                        val_get(now, S("values"))));
    val_put_i64(p->a, v, S("version"), val_get_i64(now, S("version"), 0));
    val_put_str(p->a, v, S("what"), page_text(p, ended ? S("注销") : before ? S("更正") : S("新登记")));
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(now, S("recorded_ms"), 0)));
    val_put_str(p->a, v, S("who"), unit.len ? ARENA_CAT(p->a, unit, S(" "), by.name) : page_text(p, S("系统自动处理")));
    val_put_str(p->a, v, S("source"), system_text(g->system, p->lang, val_get_str(now, S("source"))));
    val_put_str(p->a, v, S("why"), val_get_str(now, S("why")));
    val_put(p->a, v, S("changes"), rows);
    val_push(p->a, list, v);
    return 0;
}

int registry_history_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    struct val *versions, *list = val_list(p->a), *v = val_map(p->a);
    int64_t id;
    int rc = registry_of(p, &g, e);
    if (!rc) rc = staff_id(p, "id", &id, e);
    if (!rc) rc = record_look_back(tx, page_realm(p), p->who, &g, id, &versions, e);
    for (size_t i = rc ? 0 : val_count(versions); !rc && i-- > 0;)
        rc = version_row(tx, p, &g, i ? val_item(versions, i - 1) : NULL, val_item(versions, i), list, e);
    if (rc) return rc;
    val_put_i64(p->a, v, S("id"), id);
    val_put_str(p->a, v, S("href"), page_href(p, registry_record_path(p, id, "")));
    val_put(p->a, p->view, S("record"), v);
    val_put(p->a, p->view, S("versions"), list);
    val_put_str(p->a, p->view, S("total"), staff_fill(p, S("共 {n} 个版本，新的在前"), "n", (int64_t)val_count(list)));
    return 0;
}

int registry_history_say(struct page *p, struct err *e) {
    (void)e;
    registry_frame(p, S("变更历史"), page_text(p, S("变更历史")));
    p->template = S("registry/history");
    return 0;
}
