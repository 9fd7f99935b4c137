/* find: R1 the registries that one's role reaches, and their records: by what their type has searched (x-search), in one box, or by an
 * indexed element, exactly. Invariant: what was typed into the form stands in no address: it goes on sealed, or as its blind index.
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

/* The first choice: what is typed is looked for in all that is searched. No element has this name. */
#define SEARCHED S("any-of")

/* "姓名、公民身份号码": what is searched, and, `all`, what is found by its index alone. */
static struct str names(struct page *p, const struct record_registry *g, bool all) {
    struct buf b;
    buf_init(&b, p->a, 128, 4096);
    for (size_t i = 0; i < g->type->n_fields; i++) {
        if (!g->type->field[i].searched && !(all && findable(&g->type->field[i]))) continue;
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
        struct str path = ARENA_CAT(p->a, S("/desk/registry/"), g->type->id), by = names(p, g, true);
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

static bool is_searched(const struct record_registry *g, struct str by) {
    return g->type->n_searched && (by.len == 0 || str_eq(by, SEARCHED));
}

/* By what: all that is searched, and each element that is found by its index alone. */
static struct val *ways(struct page *p, const struct record_registry *g) {
    struct val *list = val_list(p->a);
    struct str chosen = question_again(p) ? page_in(p, S("by")) : http_query(p->req, S("by"));
    const bool searched = g->type->n_searched > 0;
    if (searched) (void)staff_choice(p, list, S("by"), SEARCHED, names(p, g, false), is_searched(g, chosen));
    for (size_t i = 0; i < g->type->n_fields; i++) {
        const struct record_field *f = &g->type->field[i];
        if (!searched && chosen.len == 0 && str_eq(f->name, g->type->key)) chosen = f->name;
        if (findable(f) && !f->searched)
            (void)staff_choice(p, list, S("by"), f->name, system_text(g->system, p->lang, f->title), str_eq(f->name, chosen));
    }
    return list;
}

/* What the box is called: what is looked for in, where that is all there is to choose. */
static struct str box_label(struct page *p, const struct record_registry *g) {
    return val_count(ways(p, g)) > 1 ? S("要查的内容") : names(p, g, false);
}

/* The form: by what, where there is a choice, and the value; empty where the type has nothing to find by. */
static void put_form(struct page *p, const struct record_registry *g) {
    static const char *const keys[] = { "type", "mode", "width", "complete", "before", "after", "readonly", NULL };
    struct val *by = question_plain(p, S("by"), S("按什么查"), S("")), *list = ways(p, g);
    const bool searched = g->type->n_searched > 0;
    if (val_count(list) == 0) return;
    val_put(p->a, by, S("choices"), list);
    val_put_str(p->a, by, S("inline"), S("1"));
    struct val *value = searched
        ? question_plain(p, S("value"), box_label(p, g),
                         S("姓名和名称写两个字以上，也可以写全拼或首字母；号码要写全，里面的空格和短横线会自动去掉"))
        : question_plain(p, S("value"), S("完整的内容"), S("只能按整个内容查：一个字都不能少。号码里的空格和短横线会自动去掉"));
    for (const char *const *k = keys; *k; k++) val_put_str(p->a, value, str_of(*k), S(""));
    val_put_str(p->a, value, S("complete"), S("off"));
    if (!question_again(p)) val_put_str(p->a, value, S("value"), val_get_str(p->view, S("typed")));
    if (val_count(list) > 1 || !searched) val_put(p->a, p->view, S("by_field"), by);
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
            if ((f->index || f->searched) && str_eq(f->name, g->type->key) == (key == 1)) ret[n++] = f;
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

/* `cut`: as many as may be were opened, and there may be more. */
static void put_pages(struct page *p, struct str first, struct str next, bool cut, size_t shown) {
    struct val *pages = val_map(p->a);
    bool whole = first.len == 0 && next.len == 0;
    struct str total = whole ? S("共 {n} 条登记") : cut ? S("找到 {n} 条，还没有找完，请接着往后翻") : S("这一页 {n} 条登记");
    val_put_str(p->a, p->view, S("total"), staff_fill(p, total, "n", (int64_t)shown));
    val_put_str(p->a, pages, S("next_href"), next.len ? page_href(p, next) : S(""));
    val_put_str(p->a, pages, S("previous_href"), first.len ? page_href(p, first) : S(""));
    val_put(p->a, pages, S("list"), val_list(p->a));
    if (!whole) val_put(p->a, p->view, S("pages"), pages);
}

/* ---- by what was typed ---- */

static const char *sought_on(struct page *p, const struct record_registry *g) {
    return arena_cstr(p->a, ARENA_CAT(p->a, S("desk/registry/"), g->type->id));
}

static struct str sought_path(struct page *p, struct str sealed, const struct record_found_at *at) {
    struct buf b;
    buf_init(&b, p->a, 256, 8192);
    buf_add(&b, registry_path(p, "?q="));
    write_url_component(&b, sealed);
    if (at && (at->pass || at->id)) buf_add_fmt(&b, "&pass=%lld&after=%lld", (long long)at->pass, (long long)at->id);
    return buf_str(&b);
}

/* The place in the address; false: it is none. */
static bool place_of(struct page *p, struct record_found_at *ret) {
    struct str pass = http_query(p->req, S("pass")), after = http_query(p->req, S("after"));
    if (pass.len == 0 && after.len == 0) return true;
    return str_to_i64(pass, &ret->pass) && str_to_i64(after, &ret->id) && ret->pass >= 0 && ret->pass < RECORD_PASSES && ret->id >= 0;
}

static int find_typed(struct store_tx *tx, struct page *p, const struct record_registry *g, struct str sealed, struct err *e) {
    const char *on = sought_on(p, g);
    struct record_typed q = { .max = PAGE_ROWS };
    struct val *found;
    if (!on) return err_set(e, ERR_MEMORY, NULL);
    if (!place_of(p, &q.at)) return err_set(e, ERR_NOT_FOUND, NULL);
    const bool begun = q.at.pass || q.at.id;
    int rc = staff_sought_read(p, on, sealed, &q.typed, e);
    if (!rc) rc = record_find_typed(tx, page_realm(p), p->who, g, &q, &found, e);
    if (rc) return rc;
    struct str next = q.at.pass || q.at.id ? sought_path(p, sealed, &q.at) : S("");
    put_table(p, g, found);
    put_pages(p, begun ? sought_path(p, sealed, NULL) : S(""), next, q.cut, val_count(found));
    val_put_str(p->a, p->view, S("typed"), q.typed);
    val_put_bool(p->a, p->view, S("near"), q.near);
    val_put_bool(p->a, p->view, S("nobody"), val_count(found) == 0 && !next.len && !begun);
    val_put_str(p->a, p->view, S("found_by"), S(""));
    return 0;
}

/* ---- by an index ---- */

/* What the address asks for: an element, and its value or, of a personal one, the blind index of it. */
static int find(struct store_tx *tx, struct page *p, const struct record_registry *g, struct err *e) {
    struct str sealed = http_query(p->req, S("q"));
    if (sealed.len && g->type->n_searched) return find_typed(tx, p, g, sealed, e);
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
    put_pages(p, after ? found_path(p, by, key, 0) : S(""), next ? found_path(p, by, key, next) : S(""), false, val_count(found));
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
    val_put_str(p->a, p->view, S("by_names"), names(p, &g, true));
    val_put_str(p->a, p->view, S("new_href"), may(p, "record.put", &g) ? page_href(p, registry_path(p, "/new")) : S(""));
    return 0;
}

static void put_nobody(struct page *p) {
    struct val *v = val_map(p->a), *args = val_map(p->a);
    struct str by = val_get_str(p->view, S("found_by"));
    val_put_str(p->a, args, S("by"), by);
    val_put_str(p->a, v, S("title"),
                by.len ? po_fill(p->a, page_text(p, S("按“{by}”没有找到登记")), args) : page_text(p, S("没有找到您可以看的登记")));
    val_put_str(p->a, v, S("text"),
                page_text(p, by.len ? S("请核对每一个字。您单位辖区以外的登记不会出现在这里。")
                                    : S("姓名至少要两个字，首字母至少三个（两个字的姓名两个），号码要写全。您单位辖区以外的登记不会出现在这里。")));
    val_put_str(p->a, v, S("href"), S(""));
    val_put_str(p->a, v, S("link"), S(""));
    val_put(p->a, p->view, S("empty"), v);
}

int registry_find_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    registry_frame(p, S("查登记"), S(""));
    page_form(p, registry_path(p, ""));
    if (val_get_bool(p->view, S("nobody"), false)) put_nobody(p);
    p->template = S("registry/find");
    return 0;
}

int registry_find_ask(struct page *p, struct err *e) {
    (void)e;
    p->has_key = false; /* finding changes nothing: the same may be asked again */
    return 0;
}

static int sought(struct page *p, const struct record_registry *g, struct str typed, struct err *e) {
    struct err why = { 0 };
    const char *on = sought_on(p, g);
    struct str label = box_label(p, g);
    if (!on) return err_set(e, ERR_MEMORY, NULL);
    if (typed.len == 0) return page_fault(p, S("value"), ERR_REQUIRED, label);
    if (str_utf8_count(typed) > RECORD_TYPED_MAX) return page_fault(p, S("value"), ERR_TOO_LONG, arena_i64(p->a, RECORD_TYPED_MAX));
    int rc = record_typed_check(p->a, g->type, typed, &why);
    if (rc) return page_fault(p, S("value"), rc, str_of(why.detail));
    p->location = sought_path(p, staff_sought(p, on, typed), NULL);
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
    if (is_searched(&g, page_in(p, S("by")))) return sought(p, &g, typed, e);
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
