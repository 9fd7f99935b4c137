/* guard: the refusals that libmicrohttpd leaves to us (RFC 9112 sections 2.2, 3, 5, 6.3, 11.2), as pure functions. */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H
#include "http/http.h"

/* Where the pieces of a request lie in the bytes as received; see guard.c. `fields` untrimmed, in order of arrival. */
struct guard_layout {
    const char *method, *target, *version;
    size_t method_len, target_len, header_bytes;
    const struct http_field *fields;
    size_t n_fields;
};
/* True if every line of the head ended in CRLF, no field was folded, and no piece holds a NUL. */
bool guard_lines(const struct guard_layout *l);
/* 0, or 400 411 413 501: names are tokens, values without controls, Host and Content-Length at most once, no transfer
 * coding. */
int guard_fields(const struct http_field *fields, size_t n, bool version_1_1, struct str *ret_host,
                 uint64_t *ret_length);
/* Splits the target, decodes the path once. 0 or 400. `host` is for the absolute form, which must name the same. */
int guard_target(struct arena *a, struct str target, struct str host, struct str *ret_path, struct str *ret_query);
#endif
