/* moves: I6, which limits of cases under way would end on another day if this draft's holidays were in
 * force, counted as it will be done (item_recount.h), before anybody approves it. Invariant: a dry run:
 * nothing is written.
 */
#include "web/calendar.h"

#include "web/edit/edit_pages.h"

enum { LOOKED_MAX = 1000, ROWS_MAX = 200, DIFFERENT_MAX = 32, PAGE = 100 };

struct trial {
    struct page *p;
    struct item_recount order;
    struct val *rows;
    size_t looked, moved;
    int64_t days[DIFFERENT_MAX], cases[DIFFERENT_MAX]; /* by how many days, how many cases */
    size_t n;
    bool more;
};

static void count(struct trial *t, int64_t days) {
    for (size_t i = 0; i < t->n; i++)
        if (t->days[i] == days) {
            t->cases[i]++;
            return;
        }
    if (t->n == DIFFERENT_MAX) return;
    t->days[t->n] = days;
    t->cases[t->n++] = 1;
}

static struct str by_days(struct page *p, int64_t days) {
    if (days == 1) return page_text(p, S("晚 1 天"));
    if (days == -1) return page_text(p, S("早 1 天"));
    return days > 0 ? staff_fill(p, S("晚 {n} 天"), "n", days) : staff_fill(p, S("早 {n} 天"), "n", -days);
}

static void put(struct trial *t, const struct item_moved *m) {
    struct page *p = t->p;
    const struct tz *tz = page_realm(p)->tz;
    const int64_t days = tz_date(tz, m->now_ms - 1).day - tz_date(tz, m->was_ms - 1).day;
    if (m->was_ms == m->now_ms) return;
    t->moved++;
    count(t, days);
    if (val_count(t->rows) == ROWS_MAX) return;
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("number"), arena_str(p->a, m->number));
    val_put_str(p->a, v, S("item"), system_text(m->system, p->lang, m->item));
    val_put_str(p->a, v, S("was"), realm_day(page_realm(p), p->a, p->lang, m->was_ms - 1));
    val_put_str(p->a, v, S("now"), realm_day(page_realm(p), p->a, p->lang, m->now_ms - 1));
    val_put_str(p->a, v, S("days"), by_days(p, days));
    val_push(p->a, t->rows, v);
}

static int try(struct store_tx *tx, struct trial *t, struct err *e) {
    int64_t ids[PAGE], keys[PAGE], key = 0, at = 0;
    size_t n = PAGE;
    int rc = 0;
    while (!rc && n == PAGE && t->looked < LOOKED_MAX) {
        rc = item_open_cases(tx, page_realm(t->p), key, at, ids, keys, PAGE, &n, e);
        for (size_t i = 0; !rc && i < n; i++, t->looked++) {
            struct item_moved m;
            rc = item_recount_look(tx, page_realm(t->p), ids[i], &t->order, &m, e);
            if (!rc) put(t, &m);
        }
        if (n) key = keys[n - 1], at = ids[n - 1];
    }
    t->more = n == PAGE;
    return rc;
}

static void put_sums(struct trial *t) {
    struct page *p = t->p;
    struct val *sums = val_list(p->a);
    for (size_t i = 0; i < t->n; i++) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("days"), by_days(p, t->days[i]));
        val_put_str(p->a, v, S("cases"), t->cases[i] == 1 ? page_text(p, S("1 件"))
                                                          : staff_fill(p, S("{n} 件"), "n", t->cases[i]));
        val_push(p->a, sums, v);
    }
    val_put(p->a, p->view, S("sums"), sums);
    val_put(p->a, p->view, S("rows"), t->rows);
    val_put_i64(p->a, p->view, S("looked"), (int64_t)t->looked);
    val_put_i64(p->a, p->view, S("moved"), (int64_t)t->moved);
    val_put_bool(p->a, p->view, S("more"), t->more);
    val_put_bool(p->a, p->view, S("cut"), t->moved > val_count(t->rows));
}

int edit_moves_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct release_draft d;
    struct release_files now, was;
    struct clock_calendar *before = NULL, *after = NULL;
    struct trial t = { .p = p, .rows = val_list(p->a) };
    int rc = edit_find(tx, p, &d, e);
    if (!rc) rc = release_draft_files(tx, page_realm(p), &d, &now, e);
    if (!rc) rc = edit_calendar_of(p->a, &now, &after, e);
    if (!rc) rc = release_files_get(tx, page_realm(p)->home, d.base, &was, e);
    if (!rc) rc = edit_calendar_of(p->a, &was, &before, e);
    if (rc) return rc;
    val_put_bool(p->a, p->view, S("known"), before && after);
    val_put_i64(p->a, p->view, S("draft"), d.id);
    val_put_str(p->a, p->view, S("draft_system"), d.system);
    if (!before || !after) return 0;
    t.order = (struct item_recount){ .before = before, .after = after };
    rc = try(tx, &t, e);
    if (!rc) put_sums(&t);
    return rc;
}

int edit_moves_say(struct page *p, struct err *e) {
    struct release_draft d = { .id = val_get_i64(p->view, S("draft"), 0),
                               .system = val_get_str(p->view, S("draft_system")) };
    (void)e;
    edit_title(p, S("启用后哪些期限会变"), &d);
    staff_crumb(p, S("启用后哪些期限会变"), S(""));
    p->template = S("edit/moves");
    return 0;
}
