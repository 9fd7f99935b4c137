/* routes: every page of every portal in one table, and the hooks by which the pages' dispatcher reaches identity, access and act. */
#ifndef APP_ROUTES_H
#define APP_ROUTES_H
#include "app/app.h"
#include "app/generated.h"
#include "web/page.h"

extern const struct route *app_routes;
extern size_t app_n_routes;
extern const struct web_hooks app_hooks;
/* The table, rate limits and metrics, in `a`; the table is there as long as that. */
int routes_guard(struct arena *a, struct rate **rate, struct metrics **metrics, struct err *e);
#endif
