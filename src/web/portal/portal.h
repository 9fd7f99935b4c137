/* portal: the routes of this portal; see http/route.h for what a row is, web/page.h for what its functions share. */
#ifndef WEB_PORTAL_H
#define WEB_PORTAL_H
#include "web/page.h"
extern const struct route portal_routes[];
extern const size_t portal_n_routes;
#endif
