/* find: R1 the registries that one's role reaches, and their records found by an indexed element, exactly. Invariant: what was typed into
 * the form stands in no address: a personal value is carried on as its blind index.
 */
#include "data/write.h"
#include "engine/code/code_check.h"
#include "web/question.h"
#include "web/registry/registry_pages.h"

enum { PAGE_ROWS = 20, COLUMNS_MAX = 4, VALUE_CHARS_MAX = 200 };

/* May it be typed to find by? A reference to another record is followed from that record's page. */
static bool findable(const struct record_field *f) {
    return f->index && f->kind != RECORD_REF;
}

/* "姓名、公民身份号码" */
static struct str names(struct page *p, const struct record_registry *g) {
    struct buf b;
    buf_init(&b, p->a, 128, 4096);
    for (size_t i = 0; i < g->type->n_fields; i++) {
        if (!findable(&g->type->field[i])) continue;
        if (b.len) buf_add(&b, str_eq(p->lang, S("en")) ? S(", ") : S("、"));
        buf_add(&b, system_text(g->system, p->lang, g->type->field[i].title));
    }
    return buf_str(&b);
}

static bool may(const struct page *p, const char *act, const struct record_registry *g) {
    struct record_registry ignored;
    return record_registry(page_realm(p), p->who, str_of(act), g->type->id, &ignored, NULL) == 0;
}

/* ---- R1 ---- */

int registry_list_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry *all = arena_array(p->a, RECORD_REGISTRIES_MAX, sizeof *all);
    struct val *list = val_list(p->a);
    (void)tx;
    if (!all) return err_set(e, ERR_MEMORY, NULL);
    size_t n = record_registries(page_realm(p), p->who, S("record.read"), all, RECORD_REGISTRIES_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct record_registry *g = &all[i];
        struct val *v = val_map(p->a);
        struct str path = ARENA_CAT(p->a, S("/desk/registry/"), g->type->id), by = names(p, g);
        val_put_str(p->a, v, S("title"), system_text(g->system, p->lang, g->type->title));
        val_put_str(p->a, v, S("system"), system_text(g->system, p->lang, g->system->title));
        val_put_str(p->a, v, S("source"), system_text(g->system, p->lang, g->type->source));
        val_put_str(p->a, v, S("by"), by);
        val_put_str(p->a, v, S("href"), page_href(p, path));
        val_put_str(p->a, v, S("new_href"), may(p, "record.put", g) ? page_href(p, ARENA_CAT(p->a, path, S("/new"))) : S(""));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("registries"), list);
    return 0;
}

int registry_list_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("登记库"), S(""));
    p->template = S("registry/list");
    return 0;
}

/* ---- R1-find ---- */

/* The form: by what, and the value; empty where the type has no element to find by. */
static void put_form(struct page *p, const struct record_registry *g) {
    struct val *by = question_plain(p, S("by"), S("按什么查"), S("")), *value, *list = val_list(p->a);
    struct str chosen = question_again(p) ? page_in(p, S("by")) : http_query(p->req, S("by"));
    for (size_t i = 0; i < g->type->n_fields; i++) {
        const struct record_field *f = &g->type->field[i];
        if (chosen.len == 0 && str_eq(f->name, g->type->key)) chosen = f->name;
        if (findable(f)) (void)staff_choice(p, list, S("by"), f->name, system_text(g->system, p->lang, f->title), str_eq(f->name, chosen));
    }
    val_put(p->a, by, S("choices"), list);
    if (val_count(list) == 0) return;
    val_put_str(p->a, by, S("inline"), S("1"));
    value = question_plain(p, S("value"), S("完整的内容"),
                           S("只能按整个内容查：一个字都不能少。号码里的空格和短横线会自动去掉"));
    static const char *const keys[] = { "type", "mode", "width", "complete", "before", "after", "readonly", NULL };
    for (const char *const *k = keys; *k; k++) val_put_str(p->a, value, str_of(*k), S(""));
    val_put_str(p->a, value, S("complete"), S("off"));
    val_put(p->a, p->view, S("by_field"), by);
    val_put(p->a, p->view, S("value_field"), value);
}

static struct val *cell(struct page *p, struct val *cells, struct str text, struct str link, bool head) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("text"), text);
    val_put_str(p->a, v, S("link"), link);
    val_put_bool(p->a, v, S("head"), head);
    val_put_bool(p->a, v, S("state"), false);
    val_push(p->a, cells, v);
    return v;
}

/* The key first, then the other elements that one finds by. */
static size_t columns_of(const struct record_registry *g, const struct record_field **ret) {
    size_t n = 0;
    for (int key = 1; key >= 0; key--)
        for (size_t i = 0; i < g->type->n_fields && n < COLUMNS_MAX; i++) {
            const struct record_field *f = &g->type->field[i];
            if (f->index && str_eq(f->name, g->type->key) == (key == 1)) ret[n++] = f;
        }
    return n;
}

static void put_table(struct page *p, const struct record_registry *g, const struct val *found) {
    const struct record_field *f[COLUMNS_MAX];
    size_t n = columns_of(g, f);
    struct val *table = val_map(p->a), *columns = val_list(p->a), *rows = val_list(p->a);
    for (size_t i = 0; i <= n; i++) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), i < n ? system_text(g->system, p->lang, f[i]->title) : page_text(p, S("状态")));
        val_push(p->a, columns, v);
    }
    for (size_t i = 0; i < val_count(found); i++) {
        const struct val *rec = val_item(found, i), *values = val_get(rec, S("values"));
        struct val *v = val_map(p->a), *cells = val_list(p->a);
        struct str href = page_href(p, registry_record_path(p, val_get_i64(rec, S("id"), 0), ""));
        for (size_t k = 0; k < n; k++)
            (void)cell(p, cells, registry_value(p, g, f[k], val_get_str(values, f[k]->name)), k ? S("") : href, k == 0);
        registry_state(p, cell(p, cells, S(""), S(""), false), val_get_str(rec, S("state")));
        val_put(p->a, v, S("cells"), cells);
        val_push(p->a, rows, v);
    }
    val_put_str(p->a, table, S("id"), S("found"));
    val_put_str(p->a, table, S("caption"), page_text(p, S("找到的登记，个人信息已遮盖")));
    val_put(p->a, table, S("columns"), columns);
    val_put(p->a, table, S("rows"), rows);
    val_put_str(p->a, table, S("pick_name"), S(""));
    if (val_count(found)) val_put(p->a, p->view, S("table"), table);
}

static struct str found_path(struct page *p, struct str by, struct str key, int64_t after) {
    struct buf b;
    buf_init(&b, p->a, 256, 8192);
    buf_add(&b, registry_path(p, "?by="));
    write_url_component(&b, by);
    buf_add(&b, S("&key="));
    write_url_component(&b, key);
    if (after) buf_add_fmt(&b, "&after=%lld", (long long)after);
    return buf_str(&b);
}

static void put_pages(struct page *p, struct str by, struct str key, int64_t after, int64_t next, size_t shown) {
    struct val *pages = val_map(p->a);
    bool whole = !after && !next;
    val_put_str(p->a, p->view, S("total"),
                staff_fill(p, whole ? S("共 {n} 条登记") : S("这一页 {n} 条登记"), "n", (int64_t)shown));
    val_put_str(p->a, pages, S("next_href"), next ? page_href(p, found_path(p, by, key, next)) : S(""));
    val_put_str(p->a, pages, S("previous_href"), after ? page_href(p, found_path(p, by, key, 0)) : S(""));
    val_put(p->a, pages, S("list"), val_list(p->a));
    if (!whole) val_put(p->a, p->view, S("pages"), pages);
}

/* What the address asks for: an element, and its value or, of a personal one, the blind index of it. */
static int find(struct store_tx *tx, struct page *p, const struct record_registry *g, struct err *e) {
    struct str by = http_query(p->req, S("by")), key = http_query(p->req, S("key")), token = key;
    const struct record_field *f = record_field(g->type, by);
    int64_t after = 0, next;
    struct val *found;
    if (by.len == 0 || key.len == 0) return 0;
    bool ok = f && f->index && (f->index == RECORD_PLAIN || crypto_base64url_decode(p->a, key, &token));
    struct str from = http_query(p->req, S("after"));
    if (!ok || (from.len && (!str_to_i64(from, &after) || after < 0))) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = record_search(tx, page_realm(p), p->who, g, f, token, after, PAGE_ROWS, &found, &next, e);
    if (rc) return rc;
    put_table(p, g, found);
    put_pages(p, by, key, after, next, val_count(found));
    val_put_bool(p->a, p->view, S("nobody"), val_count(found) == 0);
    val_put_str(p->a, p->view, S("found_by"), system_text(g->system, p->lang, f->title));
    return 0;
}

int registry_find_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    int rc = registry_of(p, &g, e);
    if (!rc && !question_again(p)) rc = find(tx, p, &g, e);
    if (rc) return rc;
    put_form(p, &g);
    val_put_str(p->a, p->view, S("by_names"), names(p, &g));
    val_put_str(p->a, p->view, S("new_href"), may(p, "record.put", &g) ? page_href(p, registry_path(p, "/new")) : S(""));
    return 0;
}

int registry_find_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    registry_frame(p, S("查登记"), S(""));
    page_form(p, registry_path(p, ""));
    if (val_get_bool(p->view, S("nobody"), false)) {
        struct val *v = val_map(p->a), *args = val_map(p->a);
        val_put_str(p->a, args, S("by"), val_get_str(p->view, S("found_by")));
        val_put_str(p->a, v, S("title"), po_fill(p->a, page_text(p, S("按“{by}”没有找到登记")), args));
        val_put_str(p->a, v, S("text"), page_text(p, S("请核对每一个字。您单位辖区以外的登记不会出现在这里。")));
        val_put_str(p->a, v, S("href"), S(""));
        val_put_str(p->a, v, S("link"), S(""));
        val_put(p->a, p->view, S("empty"), v);
    }
    p->template = S("registry/find");
    return 0;
}

int registry_find_ask(struct page *p, struct err *e) {
    (void)e;
    p->has_key = false; /* finding changes nothing: the same may be asked again */
    return 0;
}

int registry_find_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    struct err why = { 0 };
    (void)tx;
    int rc = registry_of(p, &g, e);
    if (rc) return rc;
    const struct record_field *f = record_field(g.type, page_in(p, S("by")));
    struct str typed = str_trim(page_in(p, S("value")));
    if (!f || !findable(f)) (void)page_fault(p, S("by"), f ? ERR_CODE : ERR_REQUIRED, S("按什么查"));
    if (typed.len == 0) (void)page_fault(p, S("value"), ERR_REQUIRED, S("完整的内容"));
    if (str_utf8_count(typed) > VALUE_CHARS_MAX) (void)page_fault(p, S("value"), ERR_TOO_LONG, S("200"));
    if (p->n_faults) return err_set(e, ERR_INPUT, NULL);
    struct str value = record_clean(p->a, f, typed);
    rc = f->format.len ? code_check(f->format, value, &why) : 0;
    if (rc) return page_fault(p, S("value"), rc, str_of(why.detail));
    struct str key = record_token(p->a, page_realm(p), g.type, f, value);
    if (f->index == RECORD_BLIND) key = crypto_base64url(p->a, key);
    p->location = found_path(p, f->name, key, 0);
    return 0;
}
