/* admin: the routes of this portal, in one table. */
#include "web/admin/admin.h"
const struct route admin_routes[] = {
    { "admin-root", HTTP_GET, "/admin", page_ask_none, page_act_none, page_say_none, "page.public", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_OWN },
};
const size_t admin_n_routes = sizeof admin_routes / sizeof *admin_routes;
