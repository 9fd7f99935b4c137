/* list_file: a list as CSV (RFC 4180), as a workbook (list_sheet.c) or on paper (list_paper.c): the rows of the screen under the same
 * filter and order, page after page until the end. As CSV a spreadsheet gets a mark for UTF-8, nothing that it would compute, and long
 * numbers as text; ?plain=1 is for programs: no mark, and numbers as they are. Invariant: what cannot be made ends the reply
 * unfinished; a part never passes for the whole.
 */
#include "web/list/list_sheet.h"

#include "data/write.h"
#include "web/list/list_impl.h"

#include <string.h>

enum { DIGITS_MAX = 15, PLACE_BYTES_MAX = 400 }; /* what a spreadsheet's number holds; a login at most */

struct file {
    const struct list *of;
    struct str path;
    char place[PLACE_BYTES_MAX];
    size_t place_len;
    bool plain, begun, sheet;
    struct list_sheet book;
    struct list_paper *paper;
};

struct str list_text(const struct val *row, const struct list_column *c) {
    const struct val *v = val_get(row, str_of(c->key));
    return v && v->kind == VAL_MAP ? val_get_str(v, S("text")) : val_text(v);
}

static bool long_number(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return s.len > DIGITS_MAX;
}

static void put_field(struct buf *b, struct str s, bool plain) {
    if (!plain && long_number(s)) buf_add_char(b, '\'');
    write_csv_field(b, s);
}

static int put_head(struct page *p, struct file *f, struct buf *b, struct err *e) {
    if (f->sheet) return list_sheet_begin(&f->book, p, f->of, b, e);
    if (!f->plain) buf_add(b, S("\xEF\xBB\xBF"));
    for (size_t i = 0, n = 0; i < f->of->n_columns; i++) {
        if (f->of->columns[i].cell == LIST_SHOWN) continue;
        if (n++) buf_add_char(b, ',');
        put_field(b, page_text(p, f->of->columns[i].title), f->plain);
    }
    buf_add(b, S("\r\n"));
    return 0;
}

static void put_row(const struct file *f, const struct val *row, struct buf *b) {
    for (size_t i = 0, n = 0; i < f->of->n_columns; i++) {
        if (f->of->columns[i].cell == LIST_SHOWN) continue;
        if (n++) buf_add_char(b, ',');
        put_field(b, list_text(row, &f->of->columns[i]), f->plain);
    }
    buf_add(b, S("\r\n"));
}

int list_piece(struct store_tx *tx, struct page *p, const struct list *of, struct str path, struct str place, struct list_run *l,
               struct str *next, struct err *e) {
    list_read(p, of, path, l);
    l->place = place;
    l->max = of->page_rows; /* what fits a page of the screen fits a job */
    int rc = of->fetch(tx, p, l, e);
    if (!rc && list_faulty(l)) rc = err_set(e, ERR_INPUT, "筛选条件有误，请改正后再导出");
    if (rc) return rc;
    size_t n = val_count(l->rows);
    *next = n == l->max ? val_get_str(val_item(l->rows, n - 1), S("place")) : l->cut;
    return 0;
}

/* The next page of it; `*last` where there is none behind. */
static int more(struct store_tx *tx, struct page *p, struct buf *b, bool *last, struct err *e) {
    struct file *f = p->own;
    struct list_run l;
    struct str next;
    int rc = list_piece(tx, p, f->of, f->path, arena_str(p->a, str_make(f->place, f->place_len)), &l, &next, e);
    if (rc) return rc;
    if (!f->begun) rc = put_head(p, f, b, e);
    f->begun = true;
    if (f->sheet && !rc) rc = list_sheet_rows(&f->book, p, f->of, l.rows, b, e);
    for (size_t i = 0; i < val_count(l.rows) && !f->sheet; i++) put_row(f, val_item(l.rows, i), b);
    *last = next.len == 0;
    if (*last && f->sheet && !rc) rc = list_sheet_end(&f->book, b, e);
    if (rc) return rc;
    if (next.len > sizeof f->place) return err_set(e, ERR_LIMIT, "%d", PLACE_BYTES_MAX);
    f->place_len = next.len;
    if (next.len) memcpy(f->place, next.ptr, next.len);
    return 0;
}

struct list_paper *list_paper_of(const struct page *p) {
    const struct file *f = p->own;
    return f->paper;
}

int list_file(struct store_tx *tx, struct page *p, struct list_run *l, const char *power, const char *kind, struct err *e) {
    struct file *f = arena_new(p->req->arena, struct file);
    if (!f) return err_set(e, ERR_MEMORY, NULL);
    l->max = 1; /* what cannot be read is refused before a file begins */
    int rc = l->of->fetch(tx, p, l, e);
    if (!rc && list_faulty(l)) rc = err_set(e, ERR_INPUT, "筛选条件有误，请改正后再导出");
    if (rc) return rc;
    *f = (struct file){ .of = l->of, .path = arena_str(p->req->arena, l->path), .plain = page_in(p, S("plain")).len > 0,
                        .sheet = str_eq(page_in(p, S("as")), S("xlsx")) };
    p->own = f;
    if (str_eq(page_in(p, S("as")), S("pdf"))) rc = list_paper(tx, p, l, &f->paper, e);
    else p->more = more;
    if (rc) return rc;
    return power ? staff_looked(tx, p, power, kind, 0, 0, e) : 0;
}

int list_file_say(struct page *p, struct err *e) {
    const struct file *f = p->own;
    struct http_reply *reply = arena_new(p->req->arena, struct http_reply);
    if (!reply || !f) return err_set(e, ERR_MEMORY, NULL);
    const char *as = f->paper ? "pdf" : f->sheet ? "xlsx" : "csv";
    page_header(p, S("Content-Disposition"), arena_fmt(p->req->arena, "attachment; filename=\"%s.%s\"", f->of->name, as));
    *reply = (struct http_reply){ .status = 200, .media_type = f->paper   ? S("application/pdf")
                                                               : f->sheet ? S(LIST_SHEET_MEDIA)
                                                                          : S("text/csv; charset=utf-8") };
    if (f->paper) reply->body = list_paper_bytes(f->paper);
    p->reply = reply;
    return 0;
}
