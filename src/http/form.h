/* form: application/x-www-form-urlencoded (WHATWG URL section 5.1), also the query of a target. Strict: a '%' without
 * two hex digits is refused, and so are, in names and in queries, bytes outside UTF-8 and NUL or other controls than
 * tab, CR, LF. In the values of a body these are marked instead (U+FFFD, as WHATWG decodes): what a person typed is
 * refused at its field, where the rest of the form is kept, and not by a page that has lost it. Order and repeats are
 * kept.
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H
#include "http/http.h"
/* Decoded copies in `a`. 0, or the status: 400 malformed, 413 over form_fields or form_field_bytes, 503 no memory. */
int http_form_parse(struct arena *a, struct str raw, const struct http_limits *limits, bool mark,
                    struct http_field **ret, size_t *n);
/* A value of a body, of either encoding: itself, or marked. */
struct str http_form_marked(struct arena *a, struct str value);
#endif
