/* edit: the editor of systems (I1): the table of its pages, joined in app/routes.c. */
#ifndef WEB_EDIT_H
#define WEB_EDIT_H
#include "http/route.h"
extern const struct route edit_routes[];
extern const size_t edit_n_routes;
#endif
