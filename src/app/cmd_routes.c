/* cmd_routes: the table of pages and calls as text, one row a line, for whoever must look at all of them from outside (the browser's
 * tests). Invariant: what is printed is the very table that the server answers from.
 */
#include <stdio.h>

#include "app/cmd.h"
#include "app/routes.h"

int cmd_routes(int argc, char **argv) {
    static const char *const kinds[] = {
        [ROUTE_PAGE] = "page", [ROUTE_ACTION] = "action", [ROUTE_FILE] = "file", [ROUTE_STREAM] = "stream",
    };
    (void)argc, (void)argv;
    struct arena a;
    struct rate *rate;
    struct metrics *metrics;
    struct err e = { 0 };
    arena_init(&a, "routes", 64 * 1024 * 1024);
    int rc = routes_guard(&a, &rate, &metrics, &e);
    for (size_t i = 0; !rc && i < app_n_routes; i++) {
        const struct route *r = &app_routes[i];
        printf("%s\t%s\t%s\t%s\t%s\n", r->id, r->method == HTTP_GET ? "GET" : "POST", r->path, kinds[r->kind], r->power);
    }
    if (rc) (void)cmd_fail("routes", &e);
    arena_done(&a);
    return rc ? 1 : 0;
}
