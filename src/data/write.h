/* write: the append-only writer that JSON, HTML, CSV and URLs share: each function appends one value, escaped for its
 * place. */
#ifndef DATA_WRITE_H
#define DATA_WRITE_H
#include "base/buf.h"
#include "data/val.h"

void write_json_str(struct buf *b,
                    struct str s); /* with quotes; U+2028/2029 and < > & escaped, so it is safe inside HTML too */
void write_json(struct buf *b, const struct val *v);
/* Canonical form for digests: RFC 8785 key order (UTF-16 code units), no blanks. */
void write_json_canonical(struct buf *b, const struct val *v);
void write_html_text(struct buf *b, struct str s); /* & < > */
/* As text of a page in another language: what is Chinese in it stands in <bdi lang="zh-CN"> (WCAG 2.2, 3.1.2). */
void write_html_foreign(struct buf *b, struct str s);
/* The same for text that takes no elements: is it Chinese, more than it is of another language? */
bool write_is_chinese(struct str s);
void write_html_attr(struct buf *b, struct str s); /* & < > " ' */
void write_url_component(struct buf *b, struct str s); /* RFC 3986 unreserved kept */
/* One CSV field, RFC 4180; first character = + - @ TAB CR gets a leading ' so that no spreadsheet runs it. */
void write_csv_field(struct buf *b, struct str s);
#endif
