/* cmd_make: an installation that is whole or not there; see cmd.h.
 *
 * Invariants
 *  1. What is being made lies in DIR.new, with the file `unfinished` in it and a lock that ends with the process. Only a folder with that
 *     file, which nobody holds, is taken away: any other is somebody's.
 *  2. DIR appears by one rename, when everything in it is there and `installed` with it.
 */
#include <stdio.h>

#include "app/cmd.h"
#include "os/local.h"
#include "os/os.h"
#include "os/proc.h"

#define UNFINISHED "unfinished"

static const char *in(struct arena *a, const char *dir, const char *name) {
    return arena_fmt(a, "%s/%s", dir, name).ptr;
}

/* Free to be made: not there, or an empty folder. */
static int look(struct arena *a, const char *dir, struct err *e) {
    struct str *names;
    size_t n = 0;
    enum os_kind kind = os_kind(dir);
    if (kind == OS_NONE) return 0;
    if (kind != OS_DIR) return err_field(e, ERR_STATE, str_of(dir), "it is there and is no folder; nothing was changed");
    int rc = os_list_dir(a, dir, &names, &n, e);
    if (rc || !n) return rc;
    if (os_kind(in(a, dir, "installed")) != OS_NONE)
        return err_field(e, ERR_STATE, str_of(dir), "it is an installation already; nothing was changed");
    return err_field(e, ERR_STATE, str_of(dir), "it holds other files; nothing was changed. Name a folder that is not there or empty");
}

/* What a command that was killed left is taken away. */
static int clear(struct arena *a, const char *made, struct err *e) {
    int lock = -1;
    if (os_kind(made) == OS_NONE) return 0;
    if (os_kind(in(a, made, UNFINISHED)) != OS_FILE)
        return err_field(e, ERR_STATE, str_of(made), "it is in the way and was not left by init or restore; move it elsewhere");
    int rc = local_lock(made, &lock, e);
    if (!rc) rc = os_remove_tree(made, e);
    proc_close(&lock);
    if (!rc) fprintf(stderr, "%s was left by an init or restore that did not end, and is gone now\n", made);
    return rc;
}

int making_begin(struct arena *a, const char *dir, struct making *ret, struct err *e) {
    struct str name = str_of(dir);
    while (name.len > 1 && str_ends(name, S("/"))) name.len--;
    struct making m = { .dir = arena_cstr(a, name), .lock = -1 };
    m.made = arena_fmt(a, "%.*s.new", STR_ARG(name)).ptr;
    if (!m.dir || !m.made) return err_set(e, ERR_MEMORY, "%s", dir);
    int rc = look(a, m.dir, e);
    if (!rc) rc = clear(a, m.made, e);
    if (!rc) rc = os_mkdir(m.made, e);
    if (!rc) rc = local_lock(m.made, &m.lock, e);
    if (!rc) rc = os_write_file(in(a, m.made, UNFINISHED), S("init or restore\n"), e);
    if (!rc) *ret = m;
    else proc_close(&m.lock);
    return rc;
}

int making_end(struct making *m, struct arena *a, int rc, struct err *e) {
    if (!rc) rc = os_rename(m->made, m->dir, e);
    if (rc) (void)os_remove_tree(m->made, NULL);
    else rc = os_unlink(in(a, m->dir, UNFINISHED), e);
    proc_close(&m->lock);
    return rc;
}
