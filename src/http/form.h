/* form: application/x-www-form-urlencoded (WHATWG URL section 5.1), also the query of a target. Strict: a '%' without
 * two hex digits, bytes outside UTF-8, and NUL or other controls than tab, CR, LF are refused, not repaired. Order and
 * repeats are kept.
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H
#include "http/http.h"
/* Decoded copies in `a`. 0, or the status: 400 malformed, 413 over form_fields or form_field_bytes, 503 no memory. */
int http_form_parse(struct arena *a, struct str raw, const struct http_limits *limits, struct http_field **ret,
                    size_t *n);
#endif
