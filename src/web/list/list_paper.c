/* list_paper: a list on paper: a PDF with a heading, what was chosen, when and by whom it was made, and the rows in a table whose head
 * stands on each sheet; set by the press as any paper. Invariant: all rows or none; what is too long is told before a reply begins.
 */
#include "data/tz.h"
#include "engine/paper/paper_layout.h"
#include "web/list/list_impl.h"

enum { JOB_BYTES = 64 * 1024 * 1024, KEPT_BYTES = 48 * 1024 * 1024 };
enum { SHEET_LONG = 29700, SHEET_SHORT = 21000, MARGIN = 1500 }; /* hundredths of a millimetre */
/* Likewise, in the type of a list: a character, a letter or digit, the most that a column and a word in it ask for, the blank beside. */
enum { WIDTH_HAN = 318, WIDTH_LETTER = 182, WIDTH_MOST = 5200, WIDTH_WORD = 4200, WIDTH_PAD = 250 };

struct list_paper {
    struct str message, pdf;
};

struct setting {
    struct page *p;
    const struct list *of;
    struct arena *keep;
    struct paper_tree tree;
    struct paper_node *table, *last_row;
    size_t columns[PAPER_COLUMNS_MAX], n_columns, n_rows;
    int32_t width[PAPER_COLUMNS_MAX], word[PAPER_COLUMNS_MAX]; /* of the longest text, and of the longest that is better not torn */
};

static struct paper_node *node(struct setting *s, struct paper_node ***at, struct paper_node n) {
    struct paper_node *ret = arena_new(s->keep, struct paper_node);
    if (!ret) return NULL;
    *ret = n;
    s->tree.n_nodes++;
    **at = ret;
    *at = &ret->next;
    return ret;
}

static void measure(struct setting *s, size_t column, struct str text) {
    int32_t all = 0, word = 0;
    for (size_t at = 0; at < text.len && all < WIDTH_MOST;) {
        int32_t cp = str_utf8_next(text, &at), width = cp >= 0x1100 ? WIDTH_HAN : WIDTH_LETTER;
        all += width;
        word = cp == ' ' || cp >= 0x1100 ? 0 : word + width;
        if (word > s->word[column]) s->word[column] = word < WIDTH_WORD ? word : WIDTH_WORD;
    }
    if (all > s->width[column]) s->width[column] = all;
}

static void put_cell(struct setting *s, struct paper_node ***at, size_t column, struct str text) {
    measure(s, column, text);
    (void)node(s, at, (struct paper_node){ .kind = PAPER_CELL, .text = arena_str(s->keep, text) });
}

static void put_head(struct setting *s) {
    struct paper_node **at = &s->table->first;
    s->last_row = node(s, &at, (struct paper_node){ .kind = PAPER_ROW, .level = 1 });
    if (!s->last_row) return;
    at = &s->last_row->first;
    for (size_t i = 0; i < s->n_columns; i++) put_cell(s, &at, i, page_text(s->p, s->of->columns[s->columns[i]].title));
}

static void put_row(struct setting *s, const struct val *row) {
    struct paper_node **at = &s->last_row->next, *before = s->last_row;
    s->last_row = node(s, &at, (struct paper_node){ .kind = PAPER_ROW });
    if (!s->last_row) {
        s->last_row = before; /* told by the arena */
        return;
    }
    at = &s->last_row->first;
    for (size_t i = 0; i < s->n_columns; i++) put_cell(s, &at, i, list_text(row, &s->of->columns[s->columns[i]]));
    s->n_rows++;
}

/* Every row, as the screen has them page after page. */
static int put_rows(struct store_tx *tx, struct setting *s, struct str path, struct err *e) {
    struct str place = { NULL, 0 };
    do {
        struct list_run l;
        int rc = list_piece(tx, s->p, s->of, path, place, &l, &place, e);
        if (rc) return rc;
        if (s->n_rows + val_count(l.rows) > LIST_PAPER_ROWS || (s->n_rows + val_count(l.rows) == LIST_PAPER_ROWS && place.len)) {
            struct str most = staff_fill(s->p, S("{n} 条（也可以导出 XLSX）"), "n", LIST_PAPER_ROWS);
            return err_set(e, ERR_LIMIT, "%.*s", STR_ARG(most));
        }
        for (size_t i = 0; i < val_count(l.rows); i++) put_row(s, val_item(l.rows, i));
    } while (place.len);
    return 0;
}

/* Heading, what was chosen, and who made it when: paper goes from hand to hand. */
static void put_top(struct setting *s, struct paper_node ***at, const struct val *chosen) {
    struct page *p = s->p;
    struct buf b;
    buf_init(&b, s->keep, 256, 16384);
    for (size_t i = 0; i < val_count(chosen); i++) {
        if (i) buf_add(&b, page_text(p, S("；")));
        buf_add(&b, val_get_str(val_item(chosen, i), S("title")));
    }
    (void)node(s, at, (struct paper_node){ .kind = PAPER_TITLE, .level = 1, .text = s->tree.title });
    if (val_count(chosen)) (void)node(s, at, (struct paper_node){ .kind = PAPER_PARA, .sans = true, .text = buf_str(&b) });
    struct str when = realm_time(page_realm(p), s->keep, p->lang, p->now_ms);
    struct str count = staff_fill(p, S("共 {n} 条"), "n", (int64_t)s->n_rows);
    struct str made = ARENA_CAT(s->keep, count, S("    "), page_text(p, S("生成时间：")), when);
    if (p->who && p->who->name.len) made = ARENA_CAT(s->keep, made, S("    "), page_text(p, S("生成人：")), p->who->name);
    (void)node(s, at, (struct paper_node){ .kind = PAPER_PARA, .sans = true, .level = PAPER_SMALL, .text = made });
}

/* As wide as they need, on a sheet that lies where that is much; where even that is too narrow, what goes beyond the words is shared. */
static void put_widths(struct setting *s) {
    int32_t all = 0, words = 0;
    size_t i = 0;
    for (size_t k = 0; k < s->n_columns; k++) {
        s->word[k] += WIDTH_PAD + WIDTH_HAN;
        s->width[k] += WIDTH_PAD;
        if (s->width[k] < s->word[k]) s->width[k] = s->word[k];
        all += s->width[k], words += s->word[k];
    }
    bool lies = all > SHEET_SHORT - 2 * MARGIN;
    s->tree.w = lies ? SHEET_LONG : SHEET_SHORT;
    s->tree.h = lies ? SHEET_SHORT : SHEET_LONG;
    int32_t room = s->tree.w - 2 * MARGIN;
    for (struct paper_node *c = s->table->first->first; c; c = c->next, i++) {
        int64_t beyond = s->width[i] - s->word[i];
        c->w = all <= room || words >= room ? (int32_t)((int64_t)s->width[i] * room / all)
                                            : s->word[i] + (int32_t)(beyond * (room - words) / (all - words));
    }
}

static void begin(struct setting *s, const struct list_run *l) {
    struct page *p = s->p;
    struct buf made;
    buf_init(&made, s->keep, 40, 40);
    tz_write_iso(&made, page_realm(p)->tz, p->now_ms / 1000 * 1000); /* whole seconds, as a PDF's dates are */
    s->tree = (struct paper_tree){ .id = arena_str(s->keep, str_of(s->of->name)), .title = arena_str(s->keep, page_text(p, s->of->caption)),
                                   .lang = str_eq(p->lang, S("zh")) ? S("zh-CN") : p->lang,
                                   .footer = arena_str(s->keep, page_text(p, S("第 {n} 页，共 {m} 页"))), .void_mark = S(""),
                                   .made = buf_str(&made), .style = PAPER_LIST,
                                   .margin = { MARGIN, MARGIN, MARGIN, MARGIN } };
    for (size_t i = 0; i < s->of->n_columns && s->n_columns < PAPER_COLUMNS_MAX; i++)
        if (list_column_shown(l, i)) s->columns[s->n_columns++] = i; /* for people, as the page is */
}

static void set_paper(struct page *p) {
    struct list_paper *paper = list_paper_of(p);
    int rc = page_press(p, p->req->arena, paper->message, &paper->pdf, &p->err);
    if (rc) p->err.code = rc;
}

int list_paper(struct store_tx *tx, struct page *p, struct list_run *l, struct list_paper **ret, struct err *e) {
    struct setting s = { .p = p, .of = l->of, .keep = p->req->arena };
    struct paper_node **page = &s.tree.first, **at, *sheet;
    struct val *chosen;
    s.keep->limit_bytes = KEPT_BYTES; /* until the request is over */
    store_arena(tx)->limit_bytes = JOB_BYTES;
    int rc = list_chosen(tx, p, l, &chosen, e);
    if (rc) return rc;
    begin(&s, l);
    s.table = arena_new(s.keep, struct paper_node);
    sheet = node(&s, &page, (struct paper_node){ .kind = PAPER_PAGE });
    *ret = arena_new(s.keep, struct list_paper);
    if (!s.table || !sheet || !*ret) return err_set(e, ERR_MEMORY, "list");
    *s.table = (struct paper_node){ .kind = PAPER_TABLE };
    put_head(&s);
    if (s.last_row) rc = put_rows(tx, &s, arena_str(s.keep, l->path), e);
    if (rc) return rc;
    at = &sheet->first;
    put_top(&s, &at, chosen);
    *at = s.table;
    s.tree.n_nodes++;
    struct buf message;
    buf_init(&message, s.keep, 256 * 1024, PAPER_MESSAGE_BYTES_MAX);
    if (arena_overflowed(s.keep)) return err_set(e, ERR_MEMORY, "list");
    put_widths(&s);
    rc = paper_tree_write(&message, &s.tree, e);
    (*ret)->message = buf_str(&message);
    p->make = set_paper;
    return rc;
}

struct str list_paper_bytes(const struct list_paper *paper) {
    return paper->pdf;
}
