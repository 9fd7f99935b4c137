/* item_guide: what one reads about an item before applying, by the elements of GB/T 39046-2020
 * table 4; see item.h. Invariants: an element that the item does not declare is absent from the
 * view, never an empty row; nothing here depends on who reads; the steps are read out of the
 * process itself.
 */
#include "engine/item/item_rows.h"

static struct str limit_text(const struct realm *r, struct str text, struct str lang,
                             struct arena *a) {
    static const struct str units[] = { S_INIT("个工作日"), S_INIT("日"), S_INIT("小时"),
                                        S_INIT("个月") };
    struct clock_limit l;
    if (text.len == 0 || clock_limit_parse(text, &l, NULL)) return S("");
    if (l.n == 0) return realm_text(r, lang, S("当场办结"));
    struct str unit = realm_text(r, lang, units[l.unit]);
    if (l.n == 1 && str_eq(lang, S("en")) && str_ends(unit, S("s")))
        unit.len--; /* "1 working day" */
    return arena_fmt(a, "%d %.*s", l.n, STR_ARG(unit));
}

/* ---- steps, out of the process ---- */

struct walking {
    const struct flow_model *m;
    int *rank;    /* steps of officers on the longest way here, loops left out; -1: not reached */
    char *on_way; /* of the walk: a step to one of these goes back */
};

static bool is_step(const struct flow_element *el) {
    return el->kind == FLOW_USER && !str_eq(el->role, S("applicant"));
}

static void walk(struct walking *w, int32_t at, int rank, int depth);

static void walk_out(struct walking *w, const struct flow_element *el, int rank, int depth) {
    for (size_t i = 0; i < el->n_out; i++) walk(w, w->m->edge[el->out[i]].to, rank, depth);
    for (size_t i = 0; i < el->n_boundary; i++) walk(w, el->boundary[i], rank, depth);
}

static void walk(struct walking *w, int32_t at, int rank, int depth) {
    const struct flow_element *el = &w->m->element[at];
    if (w->on_way[at] || w->rank[at] >= rank || depth > FLOW_ELEMENTS_MAX) return;
    w->rank[at] = rank;
    w->on_way[at] = 1;
    rank += is_step(el);
    if (el->kind == FLOW_SUB && el->inner >= 0) walk(w, el->inner, rank, depth + 1);
    else if (el->kind == FLOW_END && el->parent >= 0)
        walk_out(w, &w->m->element[el->parent], rank, depth + 1);
    else walk_out(w, el, rank, depth + 1);
    w->on_way[at] = 0;
}

/* Is it met only where a condition holds? Conditions of the flows that lead to it, through
 * gateways. */
static bool conditional(const struct walking *w, const struct flow_element *el) {
    bool all = el->n_in > 0;
    for (size_t i = 0; i < el->n_in; i++) {
        const struct flow_edge *in = &w->m->edge[el->in[i]];
        const struct flow_element *from = &w->m->element[in->from];
        if (w->rank[in->from] > w->rank[el->index] || (from->kind == FLOW_USER && !is_step(from)))
            continue; /* comes back */
        all &= in->condition.len > 0;
    }
    return all;
}

struct str item_role_title(const struct system *m, struct str role, struct str lang) {
    const struct access_role *roles;
    size_t n = access_roles(m->access, &roles);
    for (size_t i = 0; i < n; i++)
        if (str_eq(roles[i].id, role)) return system_text(m, lang, roles[i].title);
    for (size_t i = 0; i < m->n_needs; i++) {
        struct str title = item_role_title(m->needs[i], role, lang);
        if (title.len) return title;
    }
    return S("");
}

static void push_step(struct arena *a, struct val *row, struct str title, struct str by,
                      struct str limit, bool conditional_step) {
    struct val *v = val_map(a);
    val_put_str(a, v, S("title"), title);
    if (by.len) val_put_str(a, v, S("by"), by);
    if (limit.len) val_put_str(a, v, S("limit"), limit);
    if (conditional_step) val_put_bool(a, v, S("conditional"), true);
    val_push(a, row, v);
}

static void push_row(struct arena *a, struct val *rows, struct val *steps) {
    struct val *v = val_map(a);
    if (val_count(steps) == 0) return;
    val_put(a, v, S("steps"), steps);
    val_put_bool(a, v, S("together"), val_count(steps) > 1);
    val_push(a, rows, v);
}

static void push_one(struct arena *a, struct val *rows, struct str title, struct str by) {
    struct val *steps = val_list(a);
    push_step(a, steps, title, by, S(""), false);
    push_row(a, rows, steps);
}

/* [{steps: [{title, by, limit, conditional}], together}]: applying, the officers' steps, those that
 * go on together in one row, the end. */
static struct val *steps_view(const struct realm *r, const struct system *m,
                              const struct item_type *t, struct str lang, struct arena *a) {
    const struct flow_model *flow = system_find(m, SYSTEM_FLOW, t->flow);
    struct walking w = { flow, arena_array(a, flow->n_element + 1, sizeof *w.rank),
                         arena_array(a, flow->n_element + 1, 1) };
    struct val *rows = val_list(a);
    int last = 0;
    if (!w.rank || !w.on_way) return rows;
    for (size_t i = 0; i < flow->n_element; i++) w.rank[i] = -1;
    walk(&w, flow->start, 0, 0);
    for (size_t i = 0; i < flow->n_element; i++)
        if (w.rank[i] > last) last = w.rank[i];
    push_one(a, rows, realm_text(r, lang, S("提交申请")), realm_text(r, lang, S("申请人")));
    for (int rank = 0; rank <= last; rank++) {
        struct val *steps = val_list(a);
        for (size_t i = 0; i < flow->n_element; i++) {
            const struct flow_element *el = &flow->element[i];
            if (w.rank[i] == rank && is_step(el))
                push_step(a, steps, system_text(m, lang, el->name), item_role_title(m, el->role, lang),
                          limit_text(r, el->limit, lang, a), conditional(&w, el));
        }
        push_row(a, rows, steps);
    }
    push_one(a, rows, realm_text(r, lang, S("办结，取得结果")), realm_text(r, lang, S("申请人")));
    return rows;
}

/* ---- materials, results ---- */

static void put_text(const struct system *m, const struct val *about, const char *key,
                     struct str lang, struct val *v, struct arena *a) {
    struct str text = system_text(m, lang, val_get_str(about, str_of(key)));
    if (text.len) val_put_str(a, v, str_of(key), text);
}

static struct str copies_text(const struct realm *r, const struct val *about, struct str lang,
                              struct arena *a) {
    int64_t originals = val_get_i64(about, S("originals"), 0),
            copies = val_get_i64(about, S("copies"), 0);
    struct val *v = val_map(a);
    val_put_str(a, v, S("originals"), arena_fmt(a, "%lld", (long long)originals));
    val_put_str(a, v, S("copies"), arena_fmt(a, "%lld", (long long)copies));
    struct str text = originals && copies ? S("原件 {originals} 份，复印件 {copies} 份")
                      : copies            ? S("复印件 {copies} 份")
                      : originals         ? S("原件 {originals} 份")
                                          : S("");
    return text.len ? po_fill(a, realm_text(r, lang, text), v) : text;
}

static struct val *materials_view(const struct realm *r, const struct system *m,
                                  const struct item_type *t, struct str lang, struct arena *a) {
    static const char *const texts[] = { "name", "hint",   "form",    "source",
                                         "use",  "exempt", "missing", NULL };
    struct val *list = val_list(a);
    for (size_t i = 0; i < t->n_materials; i++) {
        const struct item_material *x = &t->material[i];
        struct val *v = val_map(a);
        struct str copies = copies_text(r, x->about, lang, a);
        for (const char *const *k = texts; *k; k++) put_text(m, x->about, *k, lang, v, a);
        if (copies.len) val_put_str(a, v, S("count"), copies);
        val_put_str(a, v, S("id"), x->id);
        item_when_put(r, m, t, x, lang, v, a);
        val_put_bool(a, v, S("blank"), val_get_str(x->about, S("blank")).len > 0);
        val_put_bool(a, v, S("sample"), val_get_str(x->about, S("sample")).len > 0);
        val_push(a, list, v);
    }
    return list;
}

static struct val *parts_view(const struct system *m, const struct item_type *t, struct str lang,
                              struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < t->n_parts; i++) {
        struct val *v = val_map(a);
        val_put_str(a, v, S("id"), t->part[i].id);
        put_text(m, t->part[i].about, "title", lang, v, a);
        put_text(m, t->part[i].about, "basis", lang, v, a);
        put_text(m, t->part[i].about, "conditions", lang, v, a);
        put_text(m, t->part[i].about, "reason", lang, v, a);
        val_put_bool(a, v, S("sample"), t->part[i].paper.len > 0);
        val_push(a, list, v);
    }
    return list;
}

/* A list of {texts} out of the declaration. */
static struct val *list_view(const struct system *m, const struct val *about, const char *key,
                             const char *const *texts, struct str lang, struct arena *a) {
    const struct val *from = val_get(about, str_of(key));
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(from); i++) {
        struct val *v = val_map(a);
        for (const char *const *k = texts; *k; k++) put_text(m, val_item(from, i), *k, lang, v, a);
        val_push(a, list, v);
    }
    return list;
}

/* ---- the whole ---- */

/* Values of a facet in one text. */
static void put_facet(const struct realm *r, const struct system *m, const struct item_type *t,
                      enum item_facet f, const char *key, struct str lang, struct val *v,
                      struct arena *a) {
    struct item_hit h = { .system = m, .type = t };
    struct str out[ITEM_VALUES_MAX];
    struct buf b;
    size_t n = item_facet_values(&h, f, out);
    buf_init(&b, a, 128, 8192);
    for (size_t i = 0; i < n; i++) {
        if (i) buf_add(&b, realm_text(r, lang, S("、")));
        buf_add(&b, item_facet_text(r, &h, f, out[i], lang));
    }
    if (b.len) val_put_str(a, v, str_of(key), buf_str(&b));
}

static void put_codes(const struct system *m, const struct val *about, struct str lang,
                      struct val *v, struct arena *a) {
    static const struct {
        const char *key, *code, *set;
    } rows[] = { { "type", "type_code", "item_type" },
                 { "level", "level_code", "exercise_level" },
                 { "case_type", "case_type_code", "case_type" },
                 { "organ_kind", "organ_kind_code", "body_nature" },
                 { "scope", "scope_code", "handling_scope" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str text =
            item_code_text(m, str_of(rows[i].set), val_get_str(about, str_of(rows[i].code)), lang);
        if (text.len) val_put_str(a, v, str_of(rows[i].key), text);
    }
    struct str organ = val_get_str(about, S("organ_code")),
               level = val_get_str(about, S("level_code")),
               basic = val_get_str(about, S("basic_code"));
    if (basic.len) val_put_str(a, v, S("basic_code"), basic);
    if (organ.len && level.len && basic.len)
        val_put_str(a, v, S("implement_code"), ARENA_CAT(a, organ, level, basic));
}

/* How it is dealt with beside the counter: what is said yes to. */
static struct val *ways_view(const struct realm *r, const struct val *about, struct str lang,
                             struct arena *a) {
    static const struct {
        struct str key, text;
    } ways[] = { { S_INIT("booking"), S_INIT("可以预约") },
                 { S_INIT("express"), S_INIT("结果可以快递送达") },
                 { S_INIT("machine"), S_INIT("可以在自助机办理") },
                 { S_INIT("online_pay"), S_INIT("可以网上缴费") } };
    const struct val *handling = val_get(about, S("handling"));
    struct val *list = val_list(a);
    bool online = false;
    for (size_t i = 0; i < val_count(handling); i++) {
        struct str code = val_text(val_item(handling, i));
        online |= str_eq(code, S("2")) || str_eq(code, S("3"));
    }
    if (online) val_push(a, list, val_str(a, realm_text(r, lang, S("可以网上办理"))));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (val_get_bool(about, ways[i].key, false))
            val_push(a, list, val_str(a, realm_text(r, lang, ways[i].text)));
    return list;
}

struct val *item_brief_view(const struct realm *r, const struct system *m,
                            const struct item_type *t, struct str lang, struct arena *a) {
    static const char *const texts[] = { "name",            "summary", "organ", "fee",   "phone",
                                         "complaint_phone", "remedy",  "place", "hours", NULL };
    struct val *v = val_map(a);
    val_put_str(a, v, S("id"), t->id);
    for (const char *const *k = texts; *k; k++) put_text(m, t->about, *k, lang, v, a);
    val_put_str(a, v, S("limit_promise"), limit_text(r, t->limit_promise, lang, a));
    val_put_bool(a, v, S("for_person"), t->for_person);
    val_put_bool(a, v, S("for_company"), t->for_company);
    return v;
}

struct val *item_guide_view(const struct realm *r, const struct system *m,
                            const struct item_type *t, struct str lang, struct arena *a) {
    static const char *const texts[] = { "basis",     "conditions", "process",   "result_name",
                                         "fee_basis", "visits",     "co_organs", "handler",
                                         "quantity",  "intermediary", NULL },
                             *const faq[] = { "question", "answer", NULL },
                             *const pause[] = { "title", "basis", "max", NULL };
    struct val *v = item_brief_view(r, m, t, lang, a);
    val_put_str(a, v, S("system"), m->id);
    for (const char *const *k = texts; *k; k++) put_text(m, t->about, *k, lang, v, a);
    put_codes(m, t->about, lang, v, a);
    put_facet(r, m, t, ITEM_BY_TOPIC, "topics", lang, v, a);
    put_facet(r, m, t, ITEM_BY_FORM, "handling", lang, v, a);
    put_facet(r, m, t, ITEM_BY_DIVISION, "divisions", lang, v, a);
    struct str law = limit_text(r, t->limit_law, lang, a);
    if (law.len) val_put_str(a, v, S("limit_law"), law);
    val_put(a, v, S("ways"), ways_view(r, t->about, lang, a));
    val_put(a, v, S("materials"), materials_view(r, m, t, lang, a));
    val_put(a, v, S("parts"), parts_view(m, t, lang, a));
    val_put_bool(a, v, S("joint"), t->n_parts > 1);
    val_put(a, v, S("pauses"), list_view(m, t->about, "pauses", pause, lang, a));
    val_put(a, v, S("faq"), list_view(m, t->about, "faq", faq, lang, a));
    val_put(a, v, S("rows"), steps_view(r, m, t, lang, a));
    return v;
}
