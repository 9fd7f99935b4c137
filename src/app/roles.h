/* roles: the processes of this program, one row each; see proc/role.h. */
#ifndef APP_ROLES_H
#define APP_ROLES_H
#include "proc/role.h"
extern const struct role app_roles[];
extern const size_t app_n_roles;
int app_main(struct role_context *c); /* cmd_serve.c */
#endif
