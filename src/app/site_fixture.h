/* site_fixture: the demo city of city_fixture served over HTTP, and visitors with a browser's memory: cookies, the last form's
 * token and key. Linked to tests only. No rate limits: tests ask faster than people.
 *
 *     static void test_x(void **state) { SITE(s); struct visitor v = { .site = s }; site_sign_in(&v, "company"); ... }
 *     int main(void) { const struct CMUnitTest tests[] = { ... }; return SITE_FIXTURE_RUN("name", tests); }     on both stores
 */
#ifndef APP_SITE_FIXTURE_H
#define APP_SITE_FIXTURE_H
#include "app/city_fixture.h"

struct http_server;
struct web;
struct site {
    struct city *city;
    struct arena arena; /* replies live until the site is closed */
    struct web *web;
    struct http_server *http;
};

#define SITE(s)              \
    struct site *s = *state; \
    if (!s) {                \
        skip();              \
        return;              \
    }
#define SITE_FIXTURE_RUN(name, tests)                                                              \
    (cmocka_run_group_tests_name(name ", SQLite", tests, site_fixture_sqlite, site_fixture_done) + \
     cmocka_run_group_tests_name(name ", PostgreSQL", tests, site_fixture_postgres, site_fixture_done))
int site_fixture_sqlite(void **state);
int site_fixture_postgres(void **state);
int site_fixture_done(void **state);

enum { VISITOR_COOKIES_MAX = 8 };
struct visitor {
    struct site *site;
    struct str cookie[VISITOR_COOKIES_MAX]; /* "name=value" */
    size_t n_cookies;
    struct str csrf, key, challenge; /* of the last page that had a form */
    const char *agent;      /* what the browser says it is; NULL: nothing */
};
/* The whole reply; paths with their language: "/zh/space". Redirects are not followed. */
struct str site_get(struct visitor *v, const char *path);
/* `fields` as form data ("note=...&level=1"); the last form's token and key go in front. */
struct str site_post(struct visitor *v, const char *path, const char *fields);
/* One file as multipart/form-data under `field`. */
struct str site_upload(struct visitor *v, const char *path, const char *field, const char *file_name, struct str bytes);
/* A demo account; ends the program if it does not work. */
void site_sign_in(struct visitor *v, const char *login);
/* Status, header field, and whether the text stands in the reply (if not, the reply is printed). */
int site_status(struct str reply);
struct str site_location(struct str reply);
/* The value of the hidden field `name`; empty where there is none (then the reply is printed). */
struct str site_hidden(struct site *s, struct str reply, const char *name);
bool site_has(struct str reply, const char *text);
bool site_lacks(struct str reply, const char *text);
#endif
