/* registry: the pages of those who keep a registry, for any record type; see http/route.h for what a row is. */
#ifndef WEB_REGISTRY_H
#define WEB_REGISTRY_H
#include "web/page.h"
extern const struct route registry_routes[];
extern const size_t registry_n_routes;
#endif
