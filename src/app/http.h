/* http: the pages of an app behind a server, as the role `app` and the measurements start them. */
#ifndef APP_HTTP_H
#define APP_HTTP_H
#include "app/app.h"
#include "http/http.h"
#include "web/page.h"

/* Compiles the pages into `a` and serves them at `address` (or on the bound socket `fd`; -1: none). `uploads` is a folder for temporary
 * files. Stop with http_stop, then web_stop. */
int app_http_start(struct app *app, struct arena *a, struct str address, int fd, const char *uploads, struct web **web,
                   struct http_server **http, struct err *e);
#endif
