/* route: one row per page or call; a row with an empty column does not build (route_check, run at start and in the
 * tests). Matching: literal segments before parameters; "{name}" takes one segment. A path may start with a language
 * ("/zh", "/en"), which the router takes off and keeps in `lang`.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H
#include "http/http.h"

struct page;     /* web/page.h: what the three functions share */
struct store_tx;
typedef int route_ask(struct page *p, struct err *e); /* what they said: on the HTTP thread, no store */
typedef int route_act(struct store_tx *tx, struct page *p, struct err *e);   /* in the job: may run again */
typedef int route_say(struct page *p, struct err *e);                        /* after it is durable: renders */

enum route_rate { ROUTE_RATE_PAGE = 1, ROUTE_RATE_FORM, ROUTE_RATE_LOGIN, ROUTE_RATE_UPLOAD, ROUTE_RATE_ASSET };
enum route_audit { ROUTE_AUDIT_NONE = 1, ROUTE_AUDIT_READ, ROUTE_AUDIT_ACT };
enum route_data { ROUTE_DATA_PUBLIC = 1, ROUTE_DATA_OWN, ROUTE_DATA_CASE, ROUTE_DATA_PERSONAL };
enum route_kind { ROUTE_PAGE = 1, ROUTE_ACTION, ROUTE_FILE, ROUTE_STREAM };

struct route {
    const char *id;       /* page of ux.md section 3: "A8"; unique together with the method */
    enum http_method method;
    const char *path;     /* without language: "/guide/{item}" */
    route_ask *ask;
    route_act *act;
    route_say *say;
    const char *power;    /* the act that access must grant; "public" for everybody */
    size_t body_bytes_max;/* 0 for GET */
    enum route_kind kind;
    enum route_rate rate;
    enum route_audit audit;
    enum route_data data;
};
struct route_match {
    const struct route *route;
    unsigned allowed; /* methods of rows whose path fits, for 405 */
    struct str lang;  /* "zh", "en" or empty */
};
/* The rows as a tree of path segments, made once: a look-up costs the segments of the path, not the number of rows.
 * Lives in `a`; rows are borrowed. ERR_MEMORY. HEAD finds GET rows. Both finders fill r->param and r->route's match;
 * route_find walks all rows and is the plain statement of the rule, which the tests hold the tree against. */
struct route_tree;
int route_tree_make(struct arena *a, const struct route *rows, size_t n, struct route_tree **ret, struct err *e);
struct route_match route_tree_find(const struct route_tree *t, struct http_req *r);
struct route_match route_find(const struct route *rows, size_t n, struct http_req *r);
/* ERR_SYSTEM with the row's id in `field` and what is wrong in `detail`. */
int route_check(const struct route *rows, size_t n, struct err *e);
/* "GET, HEAD" for the Allow field (RFC 9110 section 10.2.1). */
struct str route_allow(struct arena *a, unsigned methods);
#endif
