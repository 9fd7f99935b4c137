/* desk: the routes of this portal; see http/route.h for what a row is, web/page.h for what its functions share. */
#ifndef WEB_DESK_H
#define WEB_DESK_H
#include "web/page.h"
extern const struct route desk_routes[];
extern const size_t desk_n_routes;
#endif
