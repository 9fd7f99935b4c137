/* limits: every bound of the HTTP door, one row each; the defaults of struct http_limits, the documentation and test T26 are made from it.
 * HTTP_LIMIT(name, default, unit, what it bounds). A bound is the greatest value that is still served; one more is refused.
 * Statuses: url_bytes 414, header_* 431, the rest 413.
 * TO ADD A LIMIT: 1. a row here, 2. the member in http.h, 3. n and n+1 in server_test.c.
 */
HTTP_LIMIT(header_bytes, 8192, "bytes", "request line and header fields together")
HTTP_LIMIT(header_fields, 100, "fields", "header fields of one request")
HTTP_LIMIT(url_bytes, 4096, "bytes", "request target")
HTTP_LIMIT(form_fields, 512, "fields", "fields of one query or one form")
HTTP_LIMIT(form_field_bytes, 65536, "bytes", "one decoded form field")
HTTP_LIMIT(multipart_parts, 64, "parts", "parts of one multipart/form-data body")
HTTP_LIMIT(upload_bytes, 20971520, "bytes", "one uploaded file")
HTTP_LIMIT(request_arena_bytes, 4194304, "bytes", "memory of one request with its reply")
HTTP_LIMIT(connections, 4000, "connections", "open connections; near it those make room that ask for nothing")
HTTP_LIMIT(idle_s, 30, "seconds", "a connection on which nothing moves")
HTTP_LIMIT(threads, 0, "threads", "HTTP threads; 0: one for each core")
