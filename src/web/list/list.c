/* list: what is shown; see list.h. What is asked is list_asked.c, the file list_file.c. */
#include "web/list/list_impl.h"
#include "web/list/list_saved.h"

#include "data/write.h"

enum { ADDRESS_BYTES_MAX = 4096 };

/* ---- addresses ---- */

struct address {
    size_t order;
    bool back;
    const char *without;  /* a filter left out, or with this value in its place; NULL: none */
    struct str value;
    const char *by;       /* "after" or "before" a place */
    struct str place;
    struct str tail;      /* behind the path: "/export" */
    struct str as;        /* the kind of file; empty: CSV */
    bool bare;            /* without any filter */
};

static void add_field(struct buf *b, bool *first, struct str name, struct str value) {
    buf_add(b, *first ? S("?") : S("&"));
    buf_add(b, name);
    buf_add_char(b, '=');
    write_url_component(b, value);
    *first = false;
}

static void add_asked(struct buf *b, bool *first, const struct list_run *l, struct address x) {
    const struct list *of = l->of;
    for (size_t i = 0; i < of->n_filters && !x.bare; i++) {
        struct str value = of->filters[i].name == x.without ? x.value : list_value(l, of->filters[i].name);
        if (value.len) add_field(b, first, str_of(of->filters[i].name), value);
    }
    if (x.order || x.back) {
        add_field(b, first, S("sort"), str_of(of->orders[x.order].id));
        add_field(b, first, S("order"), of->orders[x.order].ascending != x.back ? S("asc") : S("desc"));
    }
    for (size_t i = 0; l->hidden && i < of->n_columns; i++)
        if (list_offered(&of->columns[i]) && list_column_shown(l, i)) add_field(b, first, S("col"), str_of(of->columns[i].key));
}

static struct str address(struct page *p, const struct list_run *l, struct address x) {
    struct buf b;
    bool first = true;
    buf_init(&b, p->a, 256, ADDRESS_BYTES_MAX);
    buf_add(&b, l->path);
    buf_add(&b, x.tail);
    add_asked(&b, &first, l, x);
    if (first && l->opens && !x.place.len) add_field(&b, &first, S("all"), S("1"));
    if (x.place.len) add_field(&b, &first, str_of(x.by), x.place);
    if (x.as.len) add_field(&b, &first, S("as"), x.as);
    return page_href(p, buf_str(&b));
}

static struct address here(const struct list_run *l) {
    return (struct address){ .order = l->order, .back = l->back };
}

struct str list_query(struct page *p, const struct list_run *l) {
    struct buf b;
    bool first = true;
    buf_init(&b, p->a, 256, ADDRESS_BYTES_MAX);
    add_asked(&b, &first, l, here(l));
    return str_sub(buf_str(&b), 1, SIZE_MAX);
}

struct str list_whole(struct page *p, const struct list_run *l) {
    struct list_run whole = { .of = l->of, .path = l->path, .opens = l->opens };
    return address(p, &whole, (struct address){ .bare = true });
}

/* ---- what is shown ---- */

static struct val *columns_view(struct page *p, const struct list_run *l) {
    const struct list *of = l->of;
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < of->n_columns; i++) {
        const struct list_column *c = &of->columns[i];
        struct val *v = val_map(p->a);
        struct str sorted = S(""), href = S("");
        if (c->cell == LIST_UNDER || !list_column_shown(l, i)) continue;
        for (size_t k = 0; c->order && k < of->n_orders; k++) {
            bool now = k == l->order;
            if (!str_eq(str_of(c->order), str_of(of->orders[k].id))) continue;
            if (now) sorted = of->orders[k].ascending != l->back ? S("ascending") : S("descending");
            href = address(p, l, (struct address){ .order = k, .back = now && !l->back });
        }
        val_put_str(p->a, v, S("title"), page_text(p, c->title));
        val_put_str(p->a, v, S("sorted"), sorted);
        val_put_str(p->a, v, S("sort_href"), href);
        val_push(p->a, list, v);
    }
    return list;
}

static void put_cell(struct page *p, struct val *cells, const struct list_column *c, const struct val *row) {
    static const char *const kinds[] = { "tag", "clock" };
    struct val *v = val_map(p->a);
    const struct val *what = val_get(row, str_of(c->key));
    bool map = c->cell == LIST_TAG || c->cell == LIST_CLOCK;
    if (c->cell == LIST_UNDER) {
        struct val *above = val_count(cells) ? cells->u.list.item[val_count(cells) - 1] : v;
        val_put_str(p->a, above, S("under"), val_text(what));
        return;
    }
    val_put_str(p->a, v, S("text"), map ? S("") : val_text(what));
    val_put_str(p->a, v, S("under"), S(""));
    val_put_bool(p->a, v, S("head"), c->cell == LIST_HEAD);
    val_put_str(p->a, v, S("href"), c->cell == LIST_HEAD ? val_get_str(row, S("href")) : S(""));
    val_put_str(p->a, v, S("class"), c->cell == LIST_WHEN ? S("when") : S(""));
    val_put_str(p->a, v, S("label"), c->cell == LIST_FIGURE ? page_text(p, c->title) : S(""));
    for (size_t i = 0; i < 2; i++) {
        bool mine = map && val_count(what) && (c->cell == LIST_TAG) == (i == 0);
        if (mine) val_put(p->a, v, str_of(kinds[i]), val_copy(p->a, what));
        else val_put_bool(p->a, v, str_of(kinds[i]), false);
    }
    val_push(p->a, cells, v);
}

/* Cells beside the page's own keys, so that a list of its own shape reads the same rows. */
static void put_cells(struct page *p, const struct list_run *l) {
    for (size_t i = 0; i < val_count(l->rows); i++) {
        struct val *row = l->rows->u.list.item[i], *cells = val_list(p->a);
        for (size_t k = 0; k < l->of->n_columns; k++)
            if (list_column_shown(l, k)) put_cell(p, cells, &l->of->columns[k], row);
        val_put(p->a, row, S("cells"), cells);
    }
}

void list_choice(struct page *p, struct list_run *l, const struct list_filter *f, struct val *into, struct str value,
                 struct str title) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("value"), value);
    val_put_str(p->a, v, S("title"), title);
    val_put_bool(p->a, v, S("selected"), str_eq(value, list_value(l, f->name)));
    val_push(p->a, into, v);
}

void list_link(struct page *p, struct list_run *l, const struct list_filter *f, struct val *into, struct str value, struct str title,
               int64_t count) {
    struct address x = here(l);
    list_choice(p, l, f, into, value, title);
    struct val *v = into->u.list.item[val_count(into) - 1];
    x.without = f->name;
    x.value = val_get_bool(v, S("selected"), false) ? S("") : value;
    val_put_str(p->a, v, S("href"), address(p, l, x));
    val_put_str(p->a, v, S("count"), count < 0 ? S("") : arena_i64(p->a, count));
}

static void put_chip(struct page *p, const struct list_run *l, const struct list_filter *f, const struct val *options,
                     struct val *chips) {
    struct val *v = val_map(p->a);
    struct str value = list_value(l, f->name), shown = value;
    struct address x = here(l);
    if (value.len == 0) return;
    for (size_t i = 0; i < val_count(options); i++)
        if (val_get_bool(val_item(options, i), S("selected"), false)) shown = val_get_str(val_item(options, i), S("title"));
    x.without = f->name;
    val_put_str(p->a, v, S("title"), ARENA_CAT(p->a, page_text(p, f->title), page_text(p, S("：")), shown));
    val_put_str(p->a, v, S("href"), address(p, l, x));
    val_push(p->a, chips, v);
}

static void put_links(struct page *p, const struct list_run *l, const struct list_filter *f, struct val *options, struct val *facets) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, f->title));
    val_put_bool(p->a, v, S("open"), list_value(l, f->name).len > 0);
    val_put(p->a, v, S("options"), options);
    val_push(p->a, facets, v);
}

static int put_filters(struct store_tx *tx, struct page *p, struct list_run *l, struct val *list, struct err *e) {
    struct val *filters = val_list(p->a), *chips = val_list(p->a), *facets = val_list(p->a), *carried = val_list(p->a);
    int rc = 0;
    for (size_t i = 0; !rc && i < l->of->n_filters; i++) {
        const struct list_filter *f = &l->of->filters[i];
        struct val *v = val_map(p->a), *options = val_list(p->a);
        bool typed = f->kind == LIST_WORDS || f->kind == LIST_DAY;
        if (!typed) rc = l->of->choices(tx, p, l, f, options, e);
        put_chip(p, l, f, options, chips);
        if (f->kind == LIST_CARRIED) staff_field(p, carried, str_of(f->name), list_value(l, f->name));
        if (f->kind == LIST_LINKS && val_count(options)) put_links(p, l, f, options, facets);
        if (f->kind == LIST_CARRIED || f->kind == LIST_LINKS) continue;
        if (f->kind == LIST_CHOICE && val_count(options) < 2 && list_value(l, f->name).len == 0) continue;
        val_put_str(p->a, v, S("name"), str_of(f->name));
        val_put_str(p->a, v, S("title"), page_text(p, f->title));
        val_put_str(p->a, v, S("value"), list_value(l, f->name));
        val_put_str(p->a, v, S("fault"), val_get_str(l->fault, str_of(f->name)));
        val_put_bool(p->a, v, S("choice"), f->kind == LIST_CHOICE);
        val_put_bool(p->a, v, S("day"), f->kind == LIST_DAY);
        val_put(p->a, v, S("options"), options);
        val_push(p->a, filters, v);
    }
    val_put(p->a, list, S("filters"), filters);
    val_put(p->a, list, S("carried"), carried);
    val_put(p->a, list, S("facets"), facets);
    val_put_bool(p->a, list, S("narrowable"), val_count(filters) > 0);
    val_put(p->a, list, S("chosen"), chips);
    struct address x = here(l);
    x.bare = true;
    val_put_str(p->a, list, S("clear_href"), val_count(chips) ? address(p, l, x) : S(""));
    return rc;
}

int list_chosen(struct store_tx *tx, struct page *p, struct list_run *l, struct val **ret, struct err *e) {
    struct val *list = val_map(p->a);
    int rc = put_filters(tx, p, l, list, e);
    *ret = (struct val *)val_get(list, S("chosen"));
    return rc;
}

/* The columns to choose from, and what else is asked, for a form of their own. */
static void put_columns(struct page *p, const struct list_run *l, struct val *list) {
    struct val *columns = val_list(p->a), *kept = val_list(p->a), *picked = val_list(p->a);
    for (size_t i = 0; i < l->of->n_columns; i++) {
        const struct list_column *c = &l->of->columns[i];
        struct val *v = val_map(p->a);
        if (!list_offered(c)) continue;
        val_put_str(p->a, v, S("key"), str_of(c->key));
        val_put_str(p->a, v, S("title"), page_text(p, c->title));
        val_put_bool(p->a, v, S("selected"), list_column_shown(l, i));
        val_push(p->a, columns, v);
        if (l->hidden && list_column_shown(l, i)) staff_field(p, picked, S("col"), str_of(c->key));
    }
    for (size_t i = 0; i < val_pairs(l->chosen); i++)
        staff_field(p, kept, l->chosen->u.map.pair[i].key, val_text(l->chosen->u.map.pair[i].value));
    if (l->order || l->back) {
        staff_field(p, kept, S("sort"), str_of(l->of->orders[l->order].id));
        staff_field(p, kept, S("order"), l->of->orders[l->order].ascending != l->back ? S("asc") : S("desc"));
    }
    val_put(p->a, list, S("selectable"), val_count(columns) > 1 ? columns : val_list(p->a));
    val_put(p->a, list, S("kept"), kept);
    val_put(p->a, list, S("picked"), picked);
}

/* Every order as a link, for lists without headings. */
static struct val *sorts_view(struct page *p, const struct list_run *l) {
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < l->of->n_orders; i++)
        for (int turn = 0; turn < 2; turn++) {
            struct val *v = val_map(p->a);
            val_put_str(p->a, v, S("title"), page_text(p, turn ? l->of->orders[i].last : l->of->orders[i].first));
            val_put_str(p->a, v, S("href"), address(p, l, (struct address){ .order = i, .back = turn }));
            val_put_bool(p->a, v, S("current"), i == l->order && turn == l->back);
            val_push(p->a, list, v);
        }
    return list;
}

static struct str count_text(struct page *p, const struct list_run *l, bool whole) {
    int64_t n = (int64_t)val_count(l->rows);
    if (l->least && l->total) return staff_fill(p, S("{n} 条以上"), "n", (int64_t)l->total);
    if (!l->least && (l->whole || l->total < SCOPE_COUNT_MAX)) return staff_fill(p, S("共 {n} 条"), "n", (int64_t)l->total);
    if (l->total == SCOPE_COUNT_MAX) return staff_fill(p, S("{n} 条以上"), "n", SCOPE_COUNT_MAX);
    if (whole) return staff_fill(p, S("共 {n} 条"), "n", n);
    return staff_fill(p, l->cut.len ? S("找到 {n} 条，还没有找完，请接着往后翻") : S("本页 {n} 条"), "n", n);
}

static void put_pages(struct page *p, const struct list_run *l, struct str next, struct str previous) {
    struct val *pages = val_map(p->a);
    struct address x = here(l);
    x.by = "after", x.place = next;
    val_put_str(p->a, pages, S("next_href"), next.len ? address(p, l, x) : S(""));
    x.by = "before", x.place = previous;
    val_put_str(p->a, pages, S("previous_href"), previous.len ? address(p, l, x) : S(""));
    x.place = (struct str){ NULL, 0 };
    val_put_str(p->a, pages, S("first_href"), previous.len ? address(p, l, x) : S(""));
    val_put(p->a, pages, S("list"), val_list(p->a));
    if (next.len || previous.len) val_put(p->a, p->view, S("pages"), pages);
}

/* ---- one page ---- */

static struct str place_of(const struct list_run *l, size_t i) {
    return val_get_str(val_item(l->rows, i), S("place"));
}

static struct val *part(struct arena *a, const struct val *rows, size_t from, size_t n, bool turned) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < n; i++) val_push(a, list, rows->u.list.item[from + (turned ? n - 1 - i : i)]);
    return list;
}

/* One row more than the page has tells whether there is a next one. `before` walks the other way and turns the rows. */
static int fetch_page(struct store_tx *tx, struct page *p, struct list_run *l, struct str *next, struct str *previous, struct err *e) {
    struct str after = page_in(p, S("after")), before = page_in(p, S("before"));
    const size_t want = l->of->page_rows;
    int rc;
    *next = *previous = (struct str){ NULL, 0 };
    l->max = want + 1;
    if (before.len) {
        l->back = !l->back;
        l->place = before;
        rc = l->of->fetch(tx, p, l, e);
        l->back = !l->back;
        size_t n = val_count(l->rows);
        if (rc) return rc;
        if (n > want || l->cut.len) { /* else the first page stands here, from its start */
            l->rows = part(p->a, l->rows, 0, n < want ? n : want, true);
            n = val_count(l->rows);
            *previous = n ? place_of(l, 0) : l->cut;
            *next = n ? place_of(l, n - 1) : before;
            l->cut = (struct str){ NULL, 0 };
            return 0;
        }
        l->rows = val_list(p->a);
    } else {
        l->place = after;
    }
    if (before.len) l->place = (struct str){ NULL, 0 };
    rc = l->of->fetch(tx, p, l, e);
    size_t n = val_count(l->rows);
    if (n > want) l->rows = part(p->a, l->rows, 0, want, false);
    if (n > want) *next = place_of(l, want - 1);
    else *next = l->cut;
    if (l->place.len) *previous = n ? place_of(l, 0) : l->place;
    if (n > want) l->cut = (struct str){ NULL, 0 };
    return rc;
}

static void put_empty(struct page *p, const struct list_run *l) {
    struct val *v = val_map(p->a);
    struct address x = here(l);
    x.bare = true;
    val_put_str(p->a, v, S("title"), page_text(p, S("没有符合条件的")));
    val_put_str(p->a, v, S("text"), page_text(p, S("可以去掉一些条件再看。")));
    val_put_str(p->a, v, S("href"), address(p, l, x));
    val_put_str(p->a, v, S("link"), page_text(p, S("清除条件")));
    val_put(p->a, p->view, S("empty"), v);
}

bool list_some(const struct page *p) {
    return val_get_bool(val_get(p->view, S("list")), S("some"), false);
}

/* Is it known to be short enough? Where it is not, narrowing it helps. */
static bool on_paper(const struct list_run *l, struct str next, struct str previous) {
    return l->total <= LIST_PAPER_ROWS || (next.len == 0 && previous.len == 0);
}

int list_show(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct val *list = val_map(p->a);
    struct str next, previous;
    struct list_saved *saved;
    int rc = list_saved_open(tx, p, l, &saved, e);
    l->counted = true;
    if (!rc) rc = fetch_page(tx, p, l, &next, &previous, e);
    if (!rc) rc = put_filters(tx, p, l, list, e);
    if (!rc) rc = list_saved_put(tx, p, l, saved, list, e);
    if (rc) return rc;
    put_cells(p, l);
    struct address file = here(l);
    file.tail = S("/export");
    bool some = val_count(l->rows) > 0;
    val_put_str(p->a, list, S("id"), str_of(l->of->name));
    val_put_str(p->a, list, S("caption"),
                l->of->n_orders ? page_text(p, l->back ? l->of->orders[l->order].last : l->of->orders[l->order].first)
                                : page_text(p, l->of->caption));
    val_put(p->a, list, S("columns"), columns_view(p, l));
    val_put(p->a, list, S("sorts"), sorts_view(p, l));
    put_columns(p, l, list);
    val_put(p->a, list, S("rows"), l->rows);
    val_put_bool(p->a, list, S("some"), some);
    val_put_bool(p->a, list, S("shown"), some || list_narrowed(l) || previous.len);
    val_put_str(p->a, list, S("pick_name"), str_of(l->of->pick_name ? l->of->pick_name : ""));
    val_put_str(p->a, list, S("pick_form"), str_of(l->of->pick_form ? l->of->pick_form : ""));
    val_put_str(p->a, list, S("total"), count_text(p, l, next.len == 0 && previous.len == 0));
    val_put_str(p->a, list, S("action"), page_href(p, l->path));
    val_put_str(p->a, list, S("sort"), l->order || l->back ? str_of(l->of->orders[l->order].id) : S(""));
    val_put_str(p->a, list, S("order"),
                !l->order && !l->back                              ? S("")
                : l->of->orders[l->order].ascending != l->back ? S("asc")
                                                                   : S("desc"));
    val_put_str(p->a, list, S("export_href"), some && !l->of->no_file ? address(p, l, file) : S(""));
    file.as = S("xlsx");
    val_put_str(p->a, list, S("sheet_href"), some && !l->of->no_file ? address(p, l, file) : S(""));
    file.as = S("pdf");
    val_put_str(p->a, list, S("paper_href"), some && !l->of->no_file && on_paper(l, next, previous) ? address(p, l, file) : S(""));
    val_put(p->a, p->view, S("list"), list);
    put_pages(p, l, next, previous);
    if (!some && (list_narrowed(l) || previous.len)) put_empty(p, l);
    if (list_faulty(l)) p->status = 422;
    return 0;
}
