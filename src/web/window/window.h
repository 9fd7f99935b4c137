/* window: the service hall's pages: queues for everybody, kiosk and screen, the window clerk's desk. Layer: web. */
#ifndef WEB_WINDOW_WINDOW_H
#define WEB_WINDOW_WINDOW_H
#include "http/route.h"
extern const struct route window_routes[];
extern const size_t window_n_routes;
#endif
