/* cookie: the Cookie field in, Set-Cookie out (RFC 6265 sections 4.1, 5.4; RFC 6265bis for prefixes). */
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H
#include "http/http.h"
enum { HTTP_COOKIES_MAX = 64, HTTP_COOKIE_BYTES_MAX = 4096 };
/* Borrowed pieces of `value`; a pair that is not name=value of cookie-octets is left out. Stops at HTTP_COOKIES_MAX.
 * `ret` has room for that many less *n, and *n grows. */
void http_cookie_parse(struct str value, struct http_field *ret, size_t *n);
/* "__Host-" before `name` where the request is secure: the name under which to set and to read it. In the request's
 * arena. */
struct str http_cookie_name(struct http_req *r, struct str name);
/* One Set-Cookie value: Path=/; HttpOnly; SameSite=Lax; Secure where the request is. max_age_s < 0: until the browser
 * closes; 0: delete. Empty on a value that is not made of cookie-octets, or on overflow. */
struct str http_cookie_set(struct http_req *r, struct str name, struct str value, int64_t max_age_s);
#endif
