/* list_file: a list as CSV (RFC 4180): the rows of the screen under the same filter and order, page after page until the end. A
 * spreadsheet gets a mark for UTF-8, nothing that it would compute, and long numbers as text; ?plain=1 is for programs: no mark, and
 * numbers as they are. Invariant: what cannot be made ends the reply unfinished; a part never passes for the whole.
 */
#include "web/list/list.h"

#include "data/write.h"

#include <string.h>

enum { DIGITS_MAX = 15, PLACE_BYTES_MAX = 400 }; /* what a spreadsheet's number holds; a login at most */

struct file {
    const struct list *of;
    struct str path;
    char place[PLACE_BYTES_MAX];
    size_t place_len;
    bool plain, begun;
};

static bool long_number(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return s.len > DIGITS_MAX;
}

static void put_field(struct buf *b, struct str s, bool plain) {
    if (!plain && long_number(s)) buf_add_char(b, '\'');
    write_csv_field(b, s);
}

static void put_head(struct page *p, const struct file *f, struct buf *b) {
    if (!f->plain) buf_add(b, S("\xEF\xBB\xBF"));
    for (size_t i = 0, n = 0; i < f->of->n_columns; i++) {
        if (f->of->columns[i].cell == LIST_SHOWN) continue;
        if (n++) buf_add_char(b, ',');
        put_field(b, page_text(p, f->of->columns[i].title), f->plain);
    }
    buf_add(b, S("\r\n"));
}

static void put_row(const struct file *f, const struct val *row, struct buf *b) {
    for (size_t i = 0, n = 0; i < f->of->n_columns; i++) {
        const struct list_column *c = &f->of->columns[i];
        const struct val *v = val_get(row, str_of(c->key));
        if (c->cell == LIST_SHOWN) continue;
        if (n++) buf_add_char(b, ',');
        put_field(b, v && v->kind == VAL_MAP ? val_get_str(v, S("text")) : val_text(v), f->plain);
    }
    buf_add(b, S("\r\n"));
}

/* The next page of it; `*last` where there is none behind. */
static int more(struct store_tx *tx, struct page *p, struct buf *b, bool *last, struct err *e) {
    struct file *f = p->own;
    struct list_run l;
    list_read(p, f->of, f->path, &l);
    l.place = arena_str(p->a, str_make(f->place, f->place_len));
    l.max = f->of->page_rows; /* what fits a page of the screen fits a job */
    int rc = f->of->fetch(tx, p, &l, e);
    if (!rc && list_faulty(&l)) rc = err_set(e, ERR_INPUT, "filter");
    if (rc) return rc;
    size_t n = val_count(l.rows);
    if (!f->begun) put_head(p, f, b);
    f->begun = true;
    for (size_t i = 0; i < n; i++) put_row(f, val_item(l.rows, i), b);
    struct str next = n == l.max ? val_get_str(val_item(l.rows, n - 1), S("place")) : l.cut;
    *last = next.len == 0;
    if (next.len > sizeof f->place) return err_set(e, ERR_LIMIT, "%d", PLACE_BYTES_MAX);
    f->place_len = next.len;
    if (next.len) memcpy(f->place, next.ptr, next.len);
    return 0;
}

int list_file(struct store_tx *tx, struct page *p, struct list_run *l, const char *power, const char *kind, struct err *e) {
    struct file *f = arena_new(p->req->arena, struct file);
    if (!f) return err_set(e, ERR_MEMORY, NULL);
    l->max = 1; /* what cannot be read is refused before a file begins */
    int rc = l->of->fetch(tx, p, l, e);
    if (!rc && list_faulty(l)) rc = err_set(e, ERR_INPUT, "filter");
    if (rc) return rc;
    *f = (struct file){ .of = l->of, .path = arena_str(p->req->arena, l->path), .plain = page_in(p, S("plain")).len > 0 };
    p->own = f;
    p->more = more;
    return power ? staff_looked(tx, p, power, kind, 0, 0, e) : 0;
}

int list_file_say(struct page *p, struct err *e) {
    const struct file *f = p->own;
    struct http_reply *reply = arena_new(p->req->arena, struct http_reply);
    if (!reply || !f) return err_set(e, ERR_MEMORY, NULL);
    page_header(p, S("Content-Disposition"),
                arena_fmt(p->req->arena, "attachment; filename=\"%s.csv\"", f->of->name));
    *reply = (struct http_reply){ .status = 200, .media_type = S("text/csv; charset=utf-8") };
    p->reply = reply;
    return 0;
}
