/* item_apply: what the applicant does: materials, submit, supplement, withdraw; see item.h. The draft is item_draft.c, answers are in
 * item_answer.c, the rating in item_rating.c.
 * Each command is one act. A draft is seen by its account through the scope row of the person or company that it is for.
 */
#include "engine/item/item_rows.h"

#include "data/write.h"
#include "engine/notify/notify.h"
#include "engine/record/record.h"
#include "engine/rule/rule.h"

int item_open(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who,
              struct str name, int64_t case_id, struct item_case *c, struct err *e) {
    int rc = act_open(act, tx, r, who, name, e);
    if (!rc) rc = item_case_get(tx, r, &act->scope, case_id, c, e);
    if (!rc && who->only) rc = item_must_be(c, S("draft"), e); /* a case that was handed in is behind a sign-in */
    if (rc) return rc;
    act->release = c->release;
    act->subject = c->person;
    return 0;
}

int item_must_be(const struct item_case *c, struct str state, struct err *e) {
    return str_eq(c->state, state) ? 0 : err_set(e, ERR_STATE, "这个办件已不在可修改的状态，请查看办件进度");
}

bool item_sees(const struct val *parts, struct str part) {
    if (!parts || part.len == 0) return true;
    for (size_t i = 0; i < val_count(parts); i++)
        if (str_eq(val_text(val_item(parts, i)), part)) return true;
    return false;
}

/* ---- what the answers decide ---- */

static struct val *list_of_texts(struct arena *a, const struct val *v) {
    struct val *out = val_list(a);
    if (v && v->kind == VAL_LIST)
        for (size_t i = 0; i < val_count(v); i++) {
            const struct val *x = val_item(v, i);
            /* A table with one output may give {name: value}. */
            if (x->kind == VAL_MAP && val_count(x) == 1) x = x->u.map.pair[0].value;
            val_push(a, out, val_str(a, val_text(x)));
        }
    else if (val_text(v).len) val_push(a, out, val_str(a, val_text(v)));
    return out;
}

static int decide_list(struct arena *a, const struct item_case *c, struct str decision, const struct val *input, struct val **ret,
                       struct err *e) {
    const struct model *model = system_find(c->system, SYSTEM_RULE, decision);
    struct val *result = NULL;
    int rc = model ? dmn_decide(model, decision, input, a, &result, NULL, e) : err_set(e, ERR_DEFECT, "%.*s", STR_ARG(decision));
    if (!rc) *ret = list_of_texts(a, result);
    return rc;
}

int item_decide(struct arena *a, struct item_case *c, struct err *e) {
    struct val *input = item_flow_vars(c, a), *parts = val_list(a), *needed = val_list(a), *materials = val_list(a), *against = NULL;
    int rc = 0;
    if (c->type->decide_obstacles.len) rc = decide_list(a, c, c->type->decide_obstacles, input, &against, e);
    if (rc) return rc;
    if (against) val_put(a, c->body, S("obstacles"), against);
    if (c->type->decide_parts.len) rc = decide_list(a, c, c->type->decide_parts, input, &parts, e);
    else
        for (size_t i = 0; i < c->type->n_parts; i++) val_push(a, parts, val_str(a, c->type->part[i].id));
    if (rc) return rc;
    val_put(a, input, S("parts"), parts);
    if (c->type->decide_materials.len) rc = decide_list(a, c, c->type->decide_materials, input, &needed, e);
    else
        for (size_t i = 0; i < c->type->n_materials; i++)
            if (c->type->material[i].required) val_push(a, needed, val_str(a, c->type->material[i].id));
    if (rc) return rc;
    for (size_t i = 0; i < val_count(needed); i++)
        if (item_material(c->type, val_text(val_item(needed, i)))) val_push(a, materials, needed->u.list.item[i]);
    val_put(a, c->body, S("parts"), parts);
    val_put(a, c->body, S("materials"), materials);
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

/* ---- materials ---- */

bool item_material_asked(const struct item_case *c, struct str material, const struct val *files) {
    const struct val *asked = val_get(c->body, S("materials"));
    if (!c->type->decide_materials.len) return true; /* what is not required may be given as well */
    for (size_t i = 0; i < val_count(asked); i++)
        if (str_eq(val_text(val_item(asked, i)), material)) return true;
    for (size_t i = 0; i < val_count(files); i++)
        if (str_eq(val_get_str(val_item(files, i), S("material")), material)) return true;
    return false;
}

int item_material_place(struct store_tx *tx, const struct realm *r, struct item_case *c, struct str material,
                        const struct item_material **ret, struct err *e) {
    struct val *files;
    *ret = item_material(c->type, material);
    if (!*ret) return err_field(e, ERR_NOT_FOUND, material, NULL);
    int rc = item_materials_of(tx, r, c, &files, e);
    if (!rc && str_eq(c->state, S("draft"))) rc = item_decide(store_arena(tx), c, e); /* none was decided before the first answer */
    if (rc || item_material_asked(c, material, files)) return rc;
    return err_field(e, ERR_NOT_FOUND, material, "按现在的回答，不要这份材料");
}

int item_material_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str material,
                      const struct item_file *f, struct err *e) {
    struct act act;
    struct item_case c;
    const struct item_material *m;
    int rc = item_open(&act, tx, r, who, S("case.draft"), case_id, &c, e);
    if (!rc) rc = item_material_place(tx, r, &c, material, &m, e);
    if (rc) return rc;
    if (!str_eq(c.state, S("supplement")) && (rc = item_must_be(&c, S("draft"), e)) != 0) return rc;
    if (!item_material_open(tx, &c, m)) return err_set(e, ERR_STATE, "这份材料现在不用补，请只补一次性告知要补的材料");
    if (f->size_bytes == 0) return err_field(e, ERR_INPUT, S("file"), "文件是空的，请重新选择");
    if (f->size_bytes > m->size_bytes_max) return err_field(e, ERR_LIMIT, S("file"), "%lld MB", (long long)(m->size_bytes_max >> 20));
    int64_t id = 0;
    if (f->origin.len) act.purpose = S("同意使用以前交过的材料或者已有的证照");
    rc = item_material_insert(tx, r, &c, who, material, f, &id, e);
    return rc ? rc : act_close(&act, S("material"), id, c.id, material, e);
}

int item_material_drop(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, int64_t id, struct err *e) {
    struct act act;
    struct item_case c;
    access_asked(tx, S("material"), id, case_id);
    int rc = item_open(&act, tx, r, who, S("case.draft"), case_id, &c, e);
    if (!rc) rc = item_must_be(&c, S("draft"), e);
    if (!rc) rc = item_material_delete(&act, c.id, id, e);
    return rc ? rc : act_close(&act, S("material"), id, c.id, S("dropped"), e);
}

static struct str file_place(struct arena *a, const struct realm *r, int64_t case_id) {
    return arena_fmt(a, "item_file/%lld/%lld", (long long)r->home.v, (long long)case_id);
}

int item_file_key(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct data_key *ret, struct err *e) {
    return record_key(tx, r, item_owner(c), false, ret, e);
}

int item_file_seal(const struct realm *r, int64_t case_id, const struct data_key *key, struct str clear, struct arena *a, struct str *ret,
                   struct err *e) {
    *ret = seal(a, &r->keys, key, file_place(a, r, case_id), clear);
    return ret->len ? 0 : err_set(e, ERR_MEMORY, NULL);
}

int item_seal_file(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str clear, struct str *ret, struct err *e) {
    struct data_key key;
    int rc = item_file_key(tx, r, c, &key, e);
    return rc ? rc : item_file_seal(r, c->id, &key, clear, store_arena(tx), ret, e);
}

int item_file_open(struct store_tx *tx, const struct realm *r, const struct item_case *c, const uint8_t blob[32], struct arena *a,
                   struct str *ret, struct err *e) {
    enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };
    struct data_key key;
    struct str sealed;
    int rc = item_key(tx, r, c, &key, e);
    if (!rc) rc = blobs_get(r->blobs, blob, a, FILE_BYTES_MAX, &sealed, e);
    return rc ? rc : seal_open(a, &r->keys, &key, file_place(a, r, c->id), sealed, ret, e);
}

int item_file_get(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct scope_token *token, int64_t case_id,
                  int64_t material_row, struct arena *a, struct str *ret, struct str *media_type, struct str *file_name, struct err *e) {
    struct item_case c;
    struct str material;
    uint8_t blob[32];
    access_asked(tx, S("material"), material_row, case_id);
    int rc = item_case_get(tx, r, token, case_id, &c, e);
    if (!rc) rc = item_material_blob(tx, r, &c, material_row, blob, &material, media_type, file_name, e);
    if (rc) return rc;
    const struct item_material *m = item_material(c.type, material);
    bool own = item_owner(&c) == actor_owner(who), seen = own || !m || !m->parts;
    for (size_t i = 0; !seen && i < c.type->n_parts; i++)
        seen = access_holds(who, c.type->part[i].role) && item_sees(m->parts, c.type->part[i].id);
    return seen ? item_file_open(tx, r, &c, blob, a, ret, e) : err_set(e, ERR_NOT_FOUND, NULL);
}

/* ---- submit ---- */

static int complete_enough(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct val *needed = val_get(c->body, S("materials"));
    const struct form_page *open = form_open_page(c->form, val_get(c->body, S("answers")), a);
    struct val *have;
    if (item_consent_open(c)) return err_field(e, ERR_REQUIRED, S("consent"), "决定是否使用登记信息");
    if (open) return err_field(e, ERR_REQUIRED, open->id, "%.*s", STR_ARG(open->title));
    int rc = item_materials_of(tx, r, c, &have, e);
    for (size_t i = 0; !rc && i < val_count(needed); i++) {
        struct str id = val_text(val_item(needed, i));
        bool found = item_received(c, id);
        for (size_t k = 0; k < val_count(have); k++) found |= str_eq(val_get_str(val_item(have, k), S("material")), id);
        const struct item_material *m = item_material(c->type, id);
        if (!found && m) rc = err_field(e, ERR_REQUIRED, id, "%.*s", STR_ARG(m->name));
    }
    return rc;
}

/* The division of the matter: the answers `division` or `district` if the form asks for one, else where the applicant lives or sits. */
int64_t item_division_of(const struct val *answers, const struct val *prefill) {
    const struct val *places[] = { val_get(answers, S("division")), val_get(answers, S("district")),
                                   val_path(prefill, S("company.division_code")), val_path(prefill, S("applicant.division_code")) };
    int64_t d = 0;
    for (size_t i = 0; i < 4 && d == 0; i++) d = realm_division(val_text(places[i]));
    return d;
}

int item_submitted_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct err *e) {
    int64_t path[16];
    size_t n;
    int rc = identity_unit_path(tx, r, c->unit, path, 16, &n, e);
    if (!rc) rc = item_case_list_put(tx, r, c, r->home.v, e);
    for (size_t i = 0; !rc && i < n; i++) rc = item_case_list_put(tx, r, c, path[i], e);
    if (!rc) rc = item_case_words_put(tx, r, c, r->home.v, e);
    for (size_t i = 0; !rc && i < n; i++) rc = item_case_words_put(tx, r, c, path[i], e);
    return rc;
}

int item_submit_case(struct act *act, struct item_case *c, bool declared, struct str *ret_number, struct err *e) {
    struct store_tx *tx = act->tx;
    const struct realm *r = act->realm;
    struct arena *a = store_arena(tx);
    struct val *prefill, *answers;
    if (!declared) return err_field(e, ERR_INPUT, S("declared"), "请勾选承诺");
    int rc = item_decide(a, c, e);
    if (!rc) rc = complete_enough(tx, r, c, e);
    if (!rc) rc = item_known(tx, r, c, &prefill, e);
    if (rc) return rc;
    item_lay_typed(c, prefill, a);
    answers = form_freeze(c->form, val_get(c->body, S("answers")), prefill, a);
    val_put(a, c->body, S("answers"), answers);
    val_put(a, c->body, S("prefill"), prefill);
    c->division = item_division_of(answers, prefill);
    rc = identity_unit_find(tx, r, c->type->unit_kind, c->division, &c->unit, NULL, e);
    if (rc) return rc == ERR_NOT_FOUND ? err_set(e, ERR_STATE, "这个地址还没有受理单位，请拨打服务电话") : rc;
    rc = item_number_next(tx, r, &c->number, e);
    if (rc) return rc;
    c->state = S("submitted");
    c->submitted_ms = store_now_ms(tx);
    rc = item_submitted_put(tx, r, c, e);
    if (!rc) rc = item_event_add(tx, r, c, &(struct item_event){ .kind = S("submit"), .account = act->who->account }, e);
    if (!rc) rc = item_flow_begin(act, c, e);
    *ret_number = c->number;
    return rc;
}

int item_submit(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, bool declared, struct str *ret_number,
                struct err *e) {
    struct act act;
    struct item_case c;
    int rc = item_open(&act, tx, r, who, S("case.submit"), case_id, &c, e);
    if (!rc) rc = item_must_be(&c, S("draft"), e);
    if (!rc) rc = item_submit_case(&act, &c, declared, ret_number, e);
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, c.number, e);
}

/* ---- afterwards ---- */

/* Is there an answer to what was asked: words, or a file or a change of the application since then? */
static int something_given(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str note, bool *ret,
                           struct err *e) {
    struct flow_task *tasks;
    struct val *files, *events;
    size_t n;
    int64_t asked_ms = INT64_MAX;
    *ret = str_trim(note).len > 0;
    int rc = flow_tasks_of(tx, c->id, &tasks, &n, e);
    if (!rc) rc = item_materials_of(tx, r, c, &files, e);
    if (!rc) rc = item_events(tx, r, c, &events, e);
    if (rc) return rc;
    for (size_t i = 0; i < n; i++)
        if (tasks[i].state == FLOW_TASK_READY && str_eq(tasks[i].role, S("applicant")) && tasks[i].made_ms < asked_ms)
            asked_ms = tasks[i].made_ms;
    for (size_t i = 0; i < val_count(files); i++) *ret |= val_get_i64(val_item(files, i), S("added_ms"), 0) >= asked_ms;
    for (size_t i = 0; i < val_count(events); i++)
        *ret |= str_eq(val_get_str(val_item(events, i), S("kind")), S("change")) &&
                val_get_i64(val_item(events, i), S("at_ms"), 0) >= asked_ms;
    return 0;
}

int item_supplement_give(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str note, struct err *e) {
    struct act act;
    struct item_case c;
    int rc = item_open(&act, tx, r, who, S("case.supplement"), case_id, &c, e);
    if (rc) return rc;
    if (!str_eq(c.state, S("supplement"))) return err_set(e, ERR_STATE, "现在没有需要补正的内容");
    if (str_utf8_count(note) > 500) return err_field(e, ERR_TOO_LONG, S("note"), "500");
    bool given;
    rc = something_given(tx, r, &c, note, &given, e);
    if (!rc && !given) rc = err_field(e, ERR_INPUT, S("note"), "请先补传材料，或写明补正了什么");
    if (!rc) rc = item_flow_supplemented(&act, &c, note, e);
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, S("supplement"), e);
}

int item_withdraw(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct str reason, struct err *e) {
    struct act act;
    struct item_case c;
    int rc = item_open(&act, tx, r, who, S("case.withdraw"), case_id, &c, e);
    if (rc) return rc;
    if (c.submitted_ms == 0 || c.ended_ms) return err_set(e, ERR_STATE, "只有正在办理的办件可以撤回");
    if (str_utf8_count(reason) > 500) return err_field(e, ERR_TOO_LONG, S("reason"), "500");
    rc = item_flow_withdraw(&act, &c, reason, e);
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, S("withdrawn"), e);
}
