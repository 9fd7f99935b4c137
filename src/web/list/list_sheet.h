/* list_sheet: a list as a workbook (ECMA-376, SpreadsheetML) of one sheet, written while it is sent:
 * texts are texts, whatever a spreadsheet might read in them (numbers of cases, "=1+1"); what is a day
 * or a time on the page is one in the file.
 */
#ifndef WEB_LIST_LIST_SHEET_H
#define WEB_LIST_LIST_SHEET_H
#include "data/zip.h"
#include "web/list/list.h"

#define LIST_SHEET_MEDIA "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
struct list_sheet {
    struct zip zip;
    size_t rows;
};
/* Each writes the next bytes of the file. ERR_LIMIT past the rows that a sheet has. */
int list_sheet_begin(struct list_sheet *s, struct page *p, const struct list *of, struct buf *b, struct err *e);
int list_sheet_rows(struct list_sheet *s, struct page *p, const struct list *of, const struct val *rows, struct buf *b, struct err *e);
int list_sheet_end(struct list_sheet *s, struct buf *b, struct err *e);
#endif
