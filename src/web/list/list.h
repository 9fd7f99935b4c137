/* list: what every list of a page has: sorting by headings that are links, filters as a form with what was chosen as removable
 * chips, a count, pages by key, a print view, an empty state that says what to do, and the whole filtered list as CSV or XLSX, or,
 * where it is not too long for paper, as PDF. A list is declared once; the page, the file and the tests read the declaration.
 *
 * Invariants
 *  1. The address says everything: filters, order, columns, place, language; one that says nothing is what its reader has chosen for it
 *     (list_saved.h), or the whole. An unknown order is the first one, an unknown choice finds nothing.
 *  2. The file has the rows of the screen, by the same function and the same rights, each of its pages judged when it is made; it is
 *     sent while it is made (page.h, `more`), so that its length costs no memory. Who may not see the list may not have its file.
 *  3. Pages go by key: a page costs what it shows, whichever it is and in whichever order (access.h, scope_walk).
 *
 * TO ADD A LIST: 1. a `struct list` with LIST_TABLES and its fetch; 2. in act: list_show, in the template: {{>list_top}},
 * {{>list_table}} (or rows of the page's own), {{>list_end}}; 3. a row of the table for the file with the functions list_file_*; 4. its
 * lines in tests/gates/rights.tsv.
 */
#ifndef WEB_LIST_LIST_H
#define WEB_LIST_LIST_H
#include "web/staff.h"

enum list_cell { LIST_TEXT, LIST_HEAD, LIST_UNDER, LIST_TAG, LIST_CLOCK, LIST_WHEN, LIST_SHOWN, LIST_FILE, LIST_FIGURE };
struct list_column {
    const char *key;   /* of the row: a text; LIST_TAG and LIST_CLOCK: a map with `text`;
                          LIST_FIGURE: a number or a day, which keeps its title beside it on a phone */
    struct str title;
    const char *order; /* id of the order that its heading offers; NULL: none */
    enum list_cell cell; /* HEAD names the row and links to its href; UNDER stands below the cell before; SHOWN only
                            on the page and on paper, FILE only in the file */
};
struct list_order {
    const char *id;
    struct str first, last; /* how it is told: "最紧急的在前", and turned round "最不紧急的在前" */
    bool ascending;         /* in its first direction */
};
enum list_kind {
    LIST_CHOICE,
    LIST_WORDS,
    LIST_DAY,
    LIST_LINKS,  /* its choices are links with counts (layout/facets) */
    LIST_CARRIED /* asked elsewhere on the page; it only stands in the addresses, and as a chip that takes it away */
};
struct list_filter {
    const char *name; /* in the address */
    struct str title;
    enum list_kind kind;
};

struct list;
struct list_run {
    const struct list *of;
    struct str path;  /* the page's, without language */
    struct val *chosen; /* name -> value, as asked */
    struct val *fault;  /* name -> text: list_wrong */
    size_t order;     /* of of->orders */
    bool back;        /* turned round */
    struct str place; /* rows behind it are wanted; empty: from the start */
    size_t max;
    bool counted;     /* is it shown how many there are? Not in the file */
    bool bare;        /* nothing was asked */
    bool opens;       /* the reader has chosen what the list opens with, so that the whole is asked for by ?all=1 */
    uint32_t hidden;  /* columns that are not wanted on the page: bits of of->columns */
    /* by fetch: */
    struct val *rows; /* each with `place`, `href` and the columns' keys; `pick` where it may be picked: {value, label} */
    struct str cut;   /* the search stopped at this place before all was looked at; empty: not */
    size_t total;     /* how many there are; SCOPE_COUNT_MAX: at least; SCOPE_UNCOUNTED: not known */
    bool whole;       /* that is how many, however many; else from SCOPE_COUNT_MAX on it is at least so many */
    bool least;       /* at least so many */
};
#define LIST_N(x) (sizeof(x) / sizeof *(x))
#define LIST_TABLES(c, o, f) \
    .columns = (c), .n_columns = LIST_N(c), .orders = (o), .n_orders = LIST_N(o), .filters = (f), .n_filters = LIST_N(f)
struct list {
    const char *name; /* of the file */
    struct str caption; /* what it is a list of: the heading of its PDF, and of its table where it has one order only */
    const struct list_column *columns;
    const struct list_order *orders;
    const struct list_filter *filters;
    size_t n_columns, n_orders, n_filters, page_rows;
    const char *pick_name, *pick_form;
    int (*fetch)(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
    bool no_file; /* there is no file of it */
    bool unsaved; /* it cannot be saved: its address serves for a while, or looking is noted */
    /* What a filter offers, by list_choice (links: list_link); one that offers fewer than two is not shown. */
    int (*choices)(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e);
};

struct str list_value(const struct list_run *l, const char *filter); /* what was chosen; empty: nothing */
bool list_narrowed(const struct list_run *l);
/* May its reader leave this column out? Not the one that names the row; one that stands below another goes with it. */
bool list_offered(const struct list_column *c);
bool list_column_shown(const struct list_run *l, size_t i);
void list_choice(struct page *p, struct list_run *l, const struct list_filter *f, struct val *into, struct str value,
                 struct str title);
/* `count`: how many it would leave; below 0: not known. */
void list_link(struct page *p, struct list_run *l, const struct list_filter *f, struct val *into, struct str value, struct str title,
               int64_t count);
/* "KEY.ID" and back; ERR_NOT_FOUND for a place that is none. */
struct str list_place(struct arena *a, int64_t key, int64_t id);
int list_place_read(struct str place, int64_t *key, int64_t *id, struct err *e);

/* For fetch, of rows that are few and all in hand: in the order of `by` (which need not know `back`), each with its rank in
 * that order as its place, those behind l->place, and how many there are. Sorts `found` where it stands. */
typedef int list_by(const struct list_run *l, const struct val *x, const struct val *y);
int list_by_time(const struct list_run *l, const struct val *x, const struct val *y); /* `at_ms`, the earliest first; then `id` */
int list_few(struct page *p, struct list_run *l, struct val *found, list_by *by, struct err *e);

/* Reads what is asked of the list at `path`. */
void list_read(struct page *p, const struct list *of, struct str path, struct list_run *ret);
/* The same of the query of an address, as list_query gives it; what is no query asks nothing. */
void list_read_query(struct page *p, const struct list *of, struct str path, struct str query, struct list_run *ret);
/* What is asked, without the place: one text for what is the same. Empty: nothing. */
struct str list_query(struct page *p, const struct list_run *l);
/* The whole list, in its first order. */
struct str list_whole(struct page *p, const struct list_run *l);
/* For act: puts `list` (its keys: layout/list_top, list_sorts, list_table) and `pages`, and `empty` where a filter finds
 * nothing. */
int list_show(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
/* A filter's value cannot be read: told at its field; the list is empty, 422. For fetch. */
void list_wrong(struct page *p, struct list_run *l, const char *filter, struct str text);
bool list_faulty(const struct list_run *l);
bool list_some(const struct page *p); /* was there a row to show? For say. */
/* For act of the row that gives the file: `p->more` writes it (page.h). `power` and `kind` as in staff_looked, which notes
 * that the file was taken; NULL where the list holds nothing but one's own. */
int list_file(struct store_tx *tx, struct page *p, struct list_run *l, const char *power, const char *kind, struct err *e);
int list_file_say(struct page *p, struct err *e);
#endif
