/* list_impl: what the files of this folder share. Not for others. */
#ifndef WEB_LIST_IMPL_H
#define WEB_LIST_IMPL_H
#include "web/list/list.h"

/* What stands in a cell, as text. */
struct str list_text(const struct val *row, const struct list_column *c);
/* The rows of one page of the list from `place` on, without counting; `next` is the place behind them, empty at the end. */
int list_piece(struct store_tx *tx, struct page *p, const struct list *of, struct str path, struct str place, struct list_run *l,
               struct str *next, struct err *e);
/* What was chosen, for people: [{title, href}]. */
int list_chosen(struct store_tx *tx, struct page *p, struct list_run *l, struct val **ret, struct err *e);

/* As a PDF (list_paper.c): act gathers the rows, the pool has them set (page.h, `make`). ERR_LIMIT: more than LIST_PAPER_ROWS. */
enum { LIST_PAPER_ROWS = 1000 };
struct list_paper;
int list_paper(struct store_tx *tx, struct page *p, struct list_run *l, struct list_paper **ret, struct err *e);
struct list_paper *list_paper_of(const struct page *p); /* the one whose file this page gives */
struct str list_paper_bytes(const struct list_paper *paper);
#endif
