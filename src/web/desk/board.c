/* board: E6 the board of a joint case, E9 the drawing of its process, and the case as an office may see it. */
#include "web/desk/desk_pages.h"

void desk_board_events(struct page *p, const struct val *events) {
    struct val *list = val_list(p->a);
    for (size_t i = val_count(events); i-- > 0;) {
        const struct val *ev = val_item(events, i);
        struct val *v = val_map(p->a);
        struct str basis = val_get_str(ev, S("basis")), text = val_get_str(ev, S("text")), by = val_get_str(ev, S("by")),
                   kind = val_get_str(ev, S("kind"));
        if (basis.len) text = ARENA_CAT(p->a, text, text.len ? S(" ") : S(""), S("（"), basis, S("）"));
        val_put_str(p->a, v, S("title"), val_get_str(ev, S("title")));
        val_put_str(p->a, v, S("who"), ARENA_CAT(p->a, val_get_str(ev, S("unit")), by.len ? S(" ") : S(""), by));
        val_put_str(p->a, v, S("at"), val_get_str(ev, S("at")));
        val_put_str(p->a, v, S("at_iso"), val_get_str(ev, S("at_iso")));
        val_put_str(p->a, v, S("text"), text);
        val_put_bool(p->a, v, S("typed"), val_get_bool(ev, S("typed"), false));
        val_put_str(p->a, v, S("kind"), str_eq(kind, S("pause")) ? S("warn") : str_eq(kind, S("finish")) ? S("ok") : S(""));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("timeline"), list);
}

void desk_board_answers(struct page *p, const struct val *c) {
    static const char *const group[] = { "columns", "entries", "none", NULL };
    const struct val *pages = val_get(c, S("pages"));
    struct val *list = val_list(p->a);
    if (val_get(c, S("consent"))) val_put(p->a, p->view, S("consent"), (struct val *)val_get(c, S("consent")));
    for (size_t i = 0; i < val_count(pages); i++) {
        const struct val *page = val_item(pages, i), *rows = val_get(page, S("rows"));
        struct val *v = val_map(p->a), *out = val_list(p->a);
        for (size_t k = 0; k < val_count(rows); k++) {
            const struct val *row = val_item(rows, k);
            struct val *x = val_map(p->a);
            struct str text = val_get_str(row, S("text"));
            val_put_str(p->a, x, S("label"), val_get_str(row, S("title")));
            val_put_str(p->a, x, S("value"), text.len ? text : S("—"));
            val_put_bool(p->a, x, S("masked"), val_get_bool(row, S("masked"), false));
            val_put_bool(p->a, x, S("registry"), val_get_bool(row, S("registry"), false));
            val_put_str(p->a, x, S("source"), val_get_str(row, S("source")));
            val_put_str(p->a, x, S("as_of"), realm_day(page_realm(p), p->a, p->lang, val_get_i64(row, S("as_of_ms"), 0)));
            val_push(p->a, out, x);
        }
        val_put_str(p->a, v, S("title"), val_get_str(page, S("title")));
        val_put(p->a, v, S("rows"), out);
        for (const char *const *k = group; *k; k++)
            val_put(p->a, v, str_of(*k), (struct val *)val_get(page, str_of(*k)));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("answers"), list);
}

/* ---- E6 ---- */

/* Each row of what others have open leads to urging them. */
static void put_urging(struct page *p, const struct val *board) {
    static const char *const tables[] = { "parts", "common" };
    struct scope_token ignored;
    bool may = access_may(page_realm(p), p->who, S("task.urge"), &ignored, NULL) == 0;
    for (size_t i = 0; i < 2; i++) {
        const struct val *rows = val_get(board, str_of(tables[i]));
        for (size_t k = 0; k < val_count(rows); k++) {
            struct val *row = rows->u.list.item[k];
            int64_t task = val_get_i64(row, S("task"), 0);
            bool urge = may && task && !val_get_bool(row, S("mine"), false);
            val_put_str(p->a, row, S("urge_href"), urge ? page_href(p, arena_fmt(p->a, "/desk/task/%lld/urge", (long long)task)) : S(""));
        }
    }
}

int desk_board_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *board;
    int64_t id;
    int rc = staff_id(p, "case", &id, e);
    if (!rc) rc = item_board_view(tx, page_realm(p), p->who, id, p->lang, &board, e);
    if (rc) return rc;
    put_urging(p, board);
    val_put(p->a, p->view, S("board"), board);
    val_put_str(p->a, p->view, S("diagram_href"), page_href(p, arena_fmt(p->a, "/desk/case/%lld/diagram", (long long)id)));
    return 0;
}

int desk_board_say(struct page *p, struct err *e) {
    struct str number = val_get_str(val_get(p->view, S("board")), S("number"));
    (void)e;
    staff_title(p, S("并联审批看板"), number);
    staff_crumb(p, S("我的工作"), S("/desk"));
    staff_crumb(p, S("并联审批看板"), S(""));
    p->template = S("desk/board");
    return 0;
}

/* ---- E9 ---- */

int desk_diagram_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *v;
    int64_t id;
    int rc = staff_id(p, "case", &id, e);
    if (!rc) rc = item_diagram_view(tx, page_realm(p), p->who, id, p->lang, &v, e);
    if (rc) return rc;
    val_put(p->a, p->view, S("diagram"), v);
    val_put_str(p->a, p->view, S("board_href"), page_href(p, arena_fmt(p->a, "/desk/case/%lld/board", (long long)id)));
    return 0;
}

int desk_diagram_say(struct page *p, struct err *e) {
    struct str number = val_get_str(val_get(p->view, S("diagram")), S("number"));
    (void)e;
    staff_title(p, S("流程图"), number);
    staff_crumb(p, S("我的工作"), S("/desk"));
    staff_crumb(p, S("流程图"), S(""));
    p->template = S("desk/diagram");
    return 0;
}

/* ---- the case ---- */

int desk_office_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *c;
    int64_t id;
    int rc = staff_id(p, "case", &id, e);
    if (!rc) rc = item_case_office_view(tx, page_realm(p), p->who, id, p->lang, &c, e);
    if (rc) return rc;
    staff_rail(p, val_get(c, S("rail")));
    desk_board_answers(p, c);
    desk_board_events(p, val_get(c, S("events")));
    val_put(p->a, p->view, S("case_of"), c);
    val_put_str(p->a, p->view, S("board_href"), page_href(p, arena_fmt(p->a, "/desk/case/%lld/board", (long long)id)));
    return desk_put_follow(tx, p, id, 0, e);
}

int desk_office_say(struct page *p, struct err *e) {
    struct str number = val_get_str(val_get(p->view, S("case_of")), S("number"));
    (void)e;
    staff_title(p, S("办件"), number);
    staff_crumb(p, S("查办件"), S("/desk/find"));
    staff_crumb(p, number, S(""));
    page_form(p, S(""));
    p->template = S("desk/case");
    return 0;
}
