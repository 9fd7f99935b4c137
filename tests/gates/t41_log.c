/* t41_log: the refusals of the gate's own requests, held against the audit log: each 403 and 404 that
 * somebody signed in got for an object which the address names is an entry of that very request, refused,
 * with that object and its kind. Invariant: nothing here asks the product what an address names.
 */
#include "t41.h"

#include "engine/audit/audit.h"
#include "http/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 1 << 17, PRINTED_MAX = 20, NOBODY_ASKED_FOR = 987654321 };

struct entry {
    char request[40], kind[24];
    int64_t object;
};
struct log {
    struct home_id home;
    struct entry *entry;
    size_t n;
    int64_t after;
    bool more;
    int64_t object; /* counted by audit_find */
    size_t found;
};

/* What an address names last is what was asked for. */
static bool named(const struct t41_cell *c, const char **kind, int64_t *object) {
    static const struct {
        const char *part, *kind;
    } parts[] = { { "{file}", "material" },    { "{paper}", "paper" },          { "/task/{id}", "task" },
                  { "/users/{id}", "account" }, { "/posts/{login}/{id}", "post" }, { "/systems/{id}", "release" },
                  { "/draft/{id}", "draft" },
                  { "{case}", "case" } };
    for (size_t i = 0; c->object && i < sizeof parts / sizeof *parts; i++) {
        if (!strstr(c->route->path, parts[i].part)) continue;
        *kind = parts[i].kind;
        *object = i == 0 ? c->object->file : !strcmp(*kind, "case") ? c->object->case_id : c->object->id;
        return true;
    }
    return false;
}

static int by_request(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->request, ((const struct entry *)b)->request);
}

static int read_page(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct log *l = job->arg;
    struct audit_row *rows = arena_array(store_arena(tx), AUDIT_PAGE_MAX, sizeof *rows);
    size_t n = 0;
    int rc = rows ? audit_seq_after(tx, l->home, l->after, rows, AUDIT_PAGE_MAX, &n, e) : ERR_MEMORY;
    l->more = !rc && n == AUDIT_PAGE_MAX;
    for (size_t i = 0; !rc && i < n; i++) {
        struct entry *x = &l->entry[l->n];
        l->after = rows[i].number;
        if (rows[i].outcome != AUDIT_REFUSED || l->n == ENTRIES_MAX) continue;
        (void)snprintf(x->request, sizeof x->request, "%.*s", STR_ARG(rows[i].entry.request_id));
        (void)snprintf(x->kind, sizeof x->kind, "%.*s", STR_ARG(rows[i].entry.object_kind));
        x->object = rows[i].entry.object_id;
        l->n++;
    }
    return rc;
}

static int count_object(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct log *l = job->arg;
    struct audit_row *rows = arena_array(store_arena(tx), AUDIT_PAGE_MAX, sizeof *rows);
    const struct audit_filter f = { .object_id = l->object };
    return rows ? audit_find(tx, l->home, &f, 0, rows, AUDIT_PAGE_MAX, &l->found, e) : ERR_MEMORY;
}

/* NULL: the entry is there and names it. */
static const char *wrong(const struct log *l, const struct t41_cell *c) {
    const char *kind;
    int64_t object;
    struct entry key;
    if ((c->got != 'F' && c->got != 'N') || c->who->dead || c->who->cookie.len == 0) return NULL;
    if (!named(c, &kind, &object)) return NULL;
    memcpy(key.request, c->request, sizeof key.request);
    const struct entry *x = bsearch(&key, l->entry, l->n, sizeof *x, by_request);
    if (!x) return "no entry";
    if (x->object != object) return "an entry of another object";
    return strcmp(x->kind, kind) ? "an entry of another kind" : NULL;
}

static unsigned count(const struct log *l, const struct t41_cell *cell, size_t n, bool print, unsigned *asked) {
    unsigned failed = 0;
    *asked = 0;
    for (size_t i = 0; i < n; i++) {
        const struct t41_cell *c = &cell[i];
        const char *kind, *why = wrong(l, c);
        int64_t object;
        *asked += (c->got == 'F' || c->got == 'N') && !c->who->dead && c->who->cookie.len && named(c, &kind, &object);
        if (why && print && failed < PRINTED_MAX)
            (void)printf("%s %s%s as %s on %s: %c, and in the log %s\n", c->method, c->lang, c->route->path, c->who->name, c->object->name,
                         c->got, why);
        failed += why != NULL;
    }
    return failed;
}

unsigned t41_log_judge(struct t41_city *t, const struct t41_cell *cell, size_t n, unsigned *passed) {
    struct log l = { .home = t->city->app->realm.home, .entry = calloc(ENTRIES_MAX + 1, sizeof *l.entry) };
    struct err e = { 0 };
    unsigned asked, less;
    bool found = true;
    if (!l.entry) t41_stop("log", &(struct err){ .code = ERR_MEMORY });
    do {
        if (app_sequence(t->city->app, true, &e)) t41_stop("sequence", &e);
        if (city_fixture_read(t->city, read_page, &l, &e)) t41_stop("log", &e);
    } while (l.more);
    qsort(l.entry, l.n, sizeof *l.entry, by_request);
    unsigned failed = count(&l, cell, n, true, &asked);
    /* Controls: an entry less, another object in one, and an object nobody asked for. */
    for (size_t i = 0; i < n && found; i += n / 16) {
        const char *kind;
        struct entry key, was, *x = NULL;
        for (size_t k = i; k < n && !x; k++) {
            if (wrong(&l, &cell[k]) || !named(&cell[k], &kind, &key.object) || (cell[k].got != 'N' && cell[k].got != 'F')) continue;
            memcpy(key.request, cell[k].request, sizeof key.request);
            x = bsearch(&key, l.entry, l.n, sizeof *x, by_request);
        }
        if (!x) break;
        was = *x;
        x->object++;
        found = count(&l, cell, n, false, &less) > failed;
        *x = was;
        x->kind[0] ^= 1;
        found &= count(&l, cell, n, false, &less) > failed;
        *x = was;
    }
    l.object = NOBODY_ASKED_FOR;
    if (city_fixture_read(t->city, count_object, &l, &e)) t41_stop("log", &e);
    (void)printf("log: %u refusals of an object that the address names, %u without their entry; controls: a changed entry is %s, of an "
                 "object nobody asked for there %s\n", asked, failed, found ? "found" : "NOT FOUND", l.found ? "ARE" : "are none");
    bool sound = found && l.found == 0 && asked > 1000;
    *passed += asked - failed + sound;
    free(l.entry);
    return failed + !sound;
}
