/* multipart: multipart/form-data (RFC 7578 over RFC 2046 section 5.1) as it streams in, any split of the bytes giving
 * the same result. Strict: CRLF line ends, a boundary of 1..70 characters, a Content-Disposition of form-data with one
 * name in each part, no nested multipart, no Content-Transfer-Encoding (RFC 7578 section 4.7), no preamble, no
 * epilogue, no data that begin with the boundary (an empty part to some readers). Parts without filename are fields;
 * parts with one are uploads, kept in memory up to a threshold and then in
 * a file of their own.
 */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H
#include "http/http.h"

enum { MULTIPART_HEADER_BYTES = 2048, MULTIPART_MEMORY_BYTES = 65536, MULTIPART_BOUNDARY_BYTES = 70 };
struct multipart;
/* `content_type` is the request's whole field value. NULL when its boundary is missing or malformed, or on overflow. */
struct multipart *multipart_new(struct arena *a, struct str content_type, const struct http_limits *limits,
                                const char *upload_dir);
/* 0, or the status to refuse the request with: 400 malformed, 413 a limit, 500/507 the disk. Sticky. */
int multipart_feed(struct multipart *m, struct str piece);
/* At the end of the body: 400 unless the closing boundary was seen. Gives fields and uploads, borrowed from the arena.
 */
int multipart_end(struct multipart *m, struct http_field **fields, size_t *n_fields, struct http_upload **uploads,
                  size_t *n_uploads);
/* Removes the temporary files. Accepts NULL. */
void multipart_done(struct multipart *m);
#endif
