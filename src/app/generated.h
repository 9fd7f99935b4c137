/* generated: tables that tools/gen writes at build from their only homes: the .sql files of the engines, and the texts that the
 * program carries inside (templates, styles, scripts, icons, translations).
 */
#ifndef APP_GENERATED_H
#define APP_GENERATED_H
#include "base/str.h"
#include "store/store.h"
struct embedded {
    struct str path; /* "assets/style.css", "src/web/portal/home.html", "locale/en.po" */
    struct str bytes;
};
extern const struct embedded embedded[];
extern const size_t n_embedded;
extern const struct store_migration migrations[]; /* by engine name, then number */
extern const size_t n_migrations;
#endif
