/* desk: the routes of this portal, in one table. */
#include "web/desk/desk.h"
const struct route desk_routes[] = {
    { "desk-root", HTTP_GET, "/desk", page_ask_none, page_act_none, page_say_none, "page.public", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_OWN },
};
const size_t desk_n_routes = sizeof desk_routes / sizeof *desk_routes;
