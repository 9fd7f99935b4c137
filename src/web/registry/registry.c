/* registry: the table of the registries' pages, and what its chapters share. Invariant: no page names a registry; what there is to see, to
 * find by and to ask for comes from the record type.
 */
#include "web/registry/registry_pages.h"

#include "data/tz.h"
#include "engine/code/code_set.h"
#include "web/question.h"
#include "web/registry/registry.h"

enum { FORM_BYTES_MAX = 65536 };

#define ROW(id, path, act, say, power, audit, data) \
    { id, HTTP_GET, path, page_ask_none, act, say, power, 0, ROUTE_PAGE, ROUTE_RATE_PAGE, audit, data }
#define SHOWN(id, path, act, say, power) ROW(id, path, act, say, power, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC)
#define LOOKED(id, path, act, say, power) ROW(id, path, act, say, power, ROUTE_AUDIT_READ, ROUTE_DATA_PERSONAL)
#define CHANGE(id, path, ask, act, say, power) \
    { id, HTTP_POST, path, ask, act, say, power, FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_PERSONAL }

/* clang-format off */
const struct route registry_routes[] = {
    SHOWN("R1", "/desk/registry", registry_list_act, registry_list_say, "record.read"),
    LOOKED("R1-find", "/desk/registry/{type}", registry_find_act, registry_find_say, "record.read"),
    CHANGE("R1-find", "/desk/registry/{type}", registry_find_ask, registry_find_post_act, registry_find_say, "record.read"),
    SHOWN("R4-new", "/desk/registry/{type}/new", registry_new_act, registry_new_say, "record.put"),
    CHANGE("R4-new", "/desk/registry/{type}/new", registry_change_ask, registry_new_post_act, registry_new_say, "record.put"),
    LOOKED("R2", "/desk/registry/{type}/{id}", registry_record_act, registry_record_say, "record.read"),
    LOOKED("R2u", "/desk/registry/{type}/{id}/unmask", registry_unmask_act, registry_unmask_say, "record.unmask"),
    CHANGE("R2u", "/desk/registry/{type}/{id}/unmask", page_ask_none, registry_unmask_post_act, registry_unmask_say, "record.unmask"),
    LOOKED("R2-clear", "/desk/registry/{type}/{id}/clear", registry_clear_act, registry_clear_say, "record.unmask"),
    LOOKED("R3", "/desk/registry/{type}/{id}/history", registry_history_act, registry_history_say, "record.read"),
    LOOKED("R4", "/desk/registry/{type}/{id}/correct", registry_correct_act, registry_correct_say, "record.put"),
    CHANGE("R4", "/desk/registry/{type}/{id}/correct", registry_change_ask, registry_correct_post_act, registry_correct_say, "record.put"),
    LOOKED("R5", "/desk/registry/{type}/{id}/end", registry_end_act, registry_end_say, "record.end"),
    CHANGE("R5", "/desk/registry/{type}/{id}/end", page_ask_none, registry_end_post_act, registry_end_say, "record.end"),
};
/* clang-format on */
const size_t registry_n_routes = sizeof registry_routes / sizeof *registry_routes;

int registry_of(struct page *p, struct record_registry *g, struct err *e) {
    int rc = record_registry(page_realm(p), p->who, str_of(p->route->power), http_param(p->req, S("type")), g, e);
    if (rc) return rc;
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("id"), g->type->id);
    val_put_str(p->a, v, S("title"), system_text(g->system, p->lang, g->type->title));
    val_put_str(p->a, v, S("system"), system_text(g->system, p->lang, g->system->title));
    val_put(p->a, p->view, S("type"), v);
    return 0;
}

struct str registry_path(struct page *p, const char *rest) {
    return ARENA_CAT(p->a, S("/desk/registry/"), http_param(p->req, S("type")), str_of(rest));
}

struct str registry_record_path(struct page *p, int64_t id, const char *rest) {
    return ARENA_CAT(p->a, registry_path(p, "/"), arena_i64(p->a, id), str_of(rest));
}

struct str registry_value(struct page *p, const struct record_registry *g, const struct record_field *f, struct str value) {
    const struct code_set *set = f->code.len ? system_find(g->system, SYSTEM_CODE, f->code) : NULL;
    struct civil_date day;
    struct civil_time noon = { .hour = 12 };
    if (set && code_set_find(set, value)) return system_text(g->system, p->lang, code_set_title(set, value));
    if (f->kind == RECORD_FLAG && value.len) return page_text(p, str_eq(value, S("yes")) ? S("是") : S("否"));
    if (f->kind != RECORD_DATE || !civil_parse(value, &day)) return value;
    unsigned month, of_month;
    civil_split(day, &noon.year, &month, &of_month);
    noon.month = (uint8_t)month, noon.day = (uint8_t)of_month;
    return realm_day(page_realm(p), p->a, p->lang, tz_instant_ms(page_realm(p)->tz, &noon));
}

void registry_state(struct page *p, struct val *into, struct str state) {
    struct val *v = val_map(p->a);
    bool ended = str_eq(state, S("ended"));
    val_put_str(p->a, v, S("text"), page_text(p, ended ? S("已注销") : S("有效")));
    val_put_str(p->a, v, S("kind"), ended ? S("warn") : S("ok"));
    val_put(p->a, into, S("state"), v);
}

void registry_frame(struct page *p, struct str title, struct str here) {
    struct str type = val_get_str(val_get(p->view, S("type")), S("title"));
    staff_title(p, title, type);
    staff_crumb(p, S("登记库"), S("/desk/registry"));
    staff_crumb(p, type, here.len ? registry_path(p, "") : S(""));
    if (here.len) staff_crumb(p, here, S(""));
}

void registry_reasons(struct page *p, const struct record_registry *g, struct str why_label) {
    struct val *source = question_plain(p, S("source"), S("信息来源"), S("")), *list = val_list(p->a), *why;
    for (size_t i = 0; record_source(g, i).len; i++) {
        struct str of = record_source(g, i);
        (void)staff_choice(p, list, S("source"), of, system_text(g->system, p->lang, of), str_eq(of, page_in(p, S("source"))));
    }
    val_put(p->a, source, S("choices"), list);
    val_put(p->a, p->view, S("source_field"), source);
    if (why_label.len == 0) return;
    why = question_plain(p, S("why"), why_label, S("写明事由和依据的文书，会保存在变更历史里"));
    val_put_str(p->a, why, S("max"), S("200"));
    val_put_str(p->a, why, S("rows"), S("3"));
    val_put(p->a, p->view, S("why_field"), why);
}

int registry_fault(struct page *p, int rc, const struct err *e, struct str field, struct str label, struct str why_label) {
    if (!rc || !e->field[0]) return rc;
    if (page_in(p, field).len == 0) (void)page_fault(p, field, ERR_REQUIRED, label);
    if (str_trim(page_in(p, S("why"))).len == 0) (void)page_fault(p, S("why"), ERR_REQUIRED, why_label);
    return p->n_faults ? rc : staff_fault(p, rc, e);
}
