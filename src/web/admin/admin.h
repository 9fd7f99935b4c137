/* admin: the routes of this portal; see http/route.h for what a row is, web/page.h for what its functions share. */
#ifndef WEB_ADMIN_H
#define WEB_ADMIN_H
#include "web/page.h"
extern const struct route admin_routes[];
extern const size_t admin_n_routes;
#endif
