/* t41: every route for every principal on every object, through the real server with real sessions,
 * against a reviewed table.
 *
 *   gate-t41     compares with tests/gates/rights.tsv; ends with "N passed, N failed"
 *
 * A cell is one request: a row of the program's route table, one who asks (t41_people.c), one thing
 * asked for of the kind that the row's rule is about (t41_objects.c, t41_systems.c), by GET and HEAD or
 * POST below "/zh"; and once for each row and principal below "/en" and without a language. For methods
 * that a path has no row for, one cell for each principal.
 *
 * Principals: nobody; sessions that are over; citizens; companies by their legal person; who acts by a
 * mandate (each standing, for a company and for a person; one for a single matter); an officer of every
 * role of every system in the tree, of those that t41_objects.c is about also in another district, above,
 * with a post that has ended, with an account that is locked. A role or standing that a loaded system
 * declares and no principal has fails (t41_roles.c). Objects: a case and tasks of every system that is
 * applied to, what the other systems keep, a draft that was thrown away, what never was. Not there: cases
 * about a bad rating; labels that seal an object from who would reach it by his unit, which the program
 * has none of.
 * Letters:
 *   Y the right is there (shown, done, or refused for its content or state)    L sent to sign in
 *   F refused 403    N not found 404    M no such method 405    E anything else
 *   R sent on to the address with a language
 * Then the log of refusals (t41_log.c) and what lists show (t41_lists.c).
 * What is expected is worked out from the table alone (t41_table.c). A route, a principal or an
 * object without a line, or a line without one, fails. Negative controls: each line of the table
 * taken away in turn must be missed, and a flipped cell found.
 */
#include "t41.h"

#include "app/routes.h"
#include "http/http_test_client.h"
#include "os/os.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_MAX = 1 << 18, ASKERS = 6, PRINTED_MAX = 60, CELLS_LEAST = 5000,
       FLIP_EVERY = 97, TRIES = 5 };
static const char *const languages[] = { "/zh", "/en", "" };

struct gate {
    struct t41_city t;
    struct t41_table table;
    unsigned port;
    struct t41_cell *cell;
    size_t n_cells, turn;
    _Atomic size_t next;
};

_Noreturn void t41_stop(const char *what, const struct err *e) {
    (void)printf("%s: %s %s %s\n0 passed, 1 failed\n", what, err_name(e->code), e->field,
                 e->detail);
    exit(2);
}

/* ---- one request ---- */

static struct str param_of(struct arena *a, struct str name, const struct t41_cell *c) {
    const struct t41_object *o = c->object;
    if (str_eq(name, S("case"))) return arena_fmt(a, "%lld", (long long)o->case_id);
    if (str_eq(name, S("id")) || str_eq(name, S("paper")) || str_eq(name, S("mandate")) || str_eq(name, S("booking")) ||
        str_eq(name, S("saved")) || str_eq(name, S("deputy")))
        return arena_fmt(a, "%lld", (long long)o->id);
    if (str_eq(name, S("file"))) return arena_fmt(a, "%lld", (long long)o->file);
    if (str_eq(name, S("item"))) return str_of(o->item);
    if (str_eq(name, S("page"))) return str_of(o->page);
    if (str_eq(name, S("material"))) return str_of(o->material);
    if (str_eq(name, S("entry"))) return arena_fmt(a, "%d", c->who->entry);
    if (str_eq(name, S("counter"))) return S("1");
    if (str_eq(name, S("form"))) return S("apply"); /* of a draft */
    return str_of(o->text); /* number, code, role, login, type */
}

static struct str path_of(struct arena *a, const struct t41_cell *c) {
    struct str s = str_of(c->route->path), out = str_of(c->lang);
    for (size_t at = 0; at < s.len;) {
        size_t open = str_find_char(s, '{', at), close = SIZE_MAX;
        if (open != SIZE_MAX) close = str_find_char(s, '}', open);
        if (close == SIZE_MAX) return ARENA_CAT(a, out, str_sub(s, at, SIZE_MAX));
        struct str name = str_sub(s, open + 1, close - open - 1);
        struct str v = c->object ? param_of(a, name, c) : S("1");
        out = ARENA_CAT(a, out, str_sub(s, at, open - at), v);
        at = close + 1;
    }
    return out;
}

static struct str csrf(struct gate *g, struct arena *a, struct str session) {
    struct digest d;
    const struct str kind = session.len ? S("session\n") : S("visitor\n");
    const struct str parts[] = { S("csrf\n"), kind, session.len ? session : S("abcdef") };
    mac(g->t.city->app->realm.keys.suite, g->t.city->app->realm.keys.token, parts, 3, &d);
    return crypto_base64url(a, str_make((const char *)d.v, sizeof d.v));
}

/* Fields that a form needs to be read at all; the version makes sure that no task is decided. */
#define FIELDS \
    "&do=hold&reason=none&note=x&pick=1.1&for=0&move=refuse&opinion=x&basis=x&version=999&name=x&role=window-clerk" \
    "&unit=1&to=active&act=copy&text=x&current=not-the-password&password=long-enough-2026&password-again=long-enough-2026"
#define UPLOAD_TOP "--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n"
#define UPLOAD_REST \
    "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n" \
    "Content-Type: application/pdf\r\n\r\n%PDF-1.4\n%%EOF\n\r\n--b--\r\n"

static struct str request_of(struct gate *g, struct arena *a, const struct t41_cell *c,
                             struct str session) {
    bool post = !strcmp(c->method, "POST"), upload = post && c->route->rate == ROUTE_RATE_UPLOAD;
    struct str head = arena_fmt(
        a, "%s %.*s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\nCookie: %s%.*s\r\n",
        c->method, STR_ARG(path_of(a, c)), g->port, session.len ? "session=" : "visitor=abcdef",
        STR_ARG(session));
    if (!post) return ARENA_CAT(a, head, S("\r\n"));
    struct str token = csrf(g, a, session);
    /* Who asks to sign in is one who may not in any case, and has no password: to try one on a name that is not there costs a real hash. */
    bool door = str_eq(str_of(c->route->path), S("/sign-in"));
    struct str body = upload ? ARENA_CAT(a, S(UPLOAD_TOP), token, S(UPLOAD_REST))
                             : ARENA_CAT(a, S("_csrf="), token, S(FIELDS), door ? S("&login=locked") : S("&login=nobody-here"));
    const char *type = upload ? "multipart/form-data; boundary=b"
                              : "application/x-www-form-urlencoded";
    return arena_fmt(a, "%.*sContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%.*s", STR_ARG(head),
                     type, body.len, STR_ARG(body));
}

static char letter(struct arena *a, const struct t41_cell *c, struct str reply) {
    struct str to = client_field(reply, S("Location"));
    switch (client_status(reply)) {
    case 200: case 204: case 400: case 409: case 415: case 422: return 'Y';
    case 429: return 'Y'; /* the act was reached: one name, wrong five times, is locked */
    case 303:
        if (str_find(to, S("/identity?for="), 0) != SIZE_MAX) return 'N'; /* not in this standing */
        if (str_find(to, S("/sign-in"), 0) != SIZE_MAX && str_find(to, S("?back="), 0) != SIZE_MAX)
            return 'L';
        if (*c->lang || !strcmp(c->method, "POST")) return 'Y';
        return str_eq(to, ARENA_CAT(a, S("/zh"), path_of(a, c))) ? 'R' : 'Y';
    case 403: return 'F';
    case 404: return 'N';
    case 405: return 'M';
    default: return 'E';
    }
}

static char ask_once(struct gate *g, struct arena *a, struct t41_cell *c) {
    arena_reset(a);
    /* What ends or turns a session has one of its own. */
    bool turns = !strcmp(c->method, "POST") && str_starts(str_of(c->route->power), S("session.")) &&
                 !c->who->dead;
    struct str session = turns ? t41_sign_in(&g->t, c->who, a) : c->who->cookie;
    int fd = client_connect(g->port);
    bool closed;
    if (fd < 0) return 'E';
    bool sent = client_send(fd, request_of(g, a, c, session));
    struct str reply = sent ? client_read_all(a, fd, &closed) : S("");
    (void)close(fd);
    (void)snprintf(c->request, sizeof c->request, "%.*s", STR_ARG(client_field(reply, S("X-Request-Id"))));
    return letter(a, c, reply);
}

/* A machine that is too busy (503, or no answer in time) has said nothing about the right: asked again. */
static char ask(struct gate *g, struct arena *a, struct t41_cell *c) {
    char got = 'E';
    for (int i = 0; got == 'E' && i < TRIES; i++) got = ask_once(g, a, c);
    return got;
}

/* ---- the cells ---- */

static void add(struct gate *g, struct t41_cell c) {
    if (g->n_cells == CELLS_MAX) t41_stop("too many cells", &(struct err){ .code = ERR_LIMIT });
    g->cell[g->n_cells++] = c;
}

static const char *method_of(const struct route *r) {
    return r->method == HTTP_POST ? "POST" : "GET";
}

static struct str rule_of(const struct t41_table *t, const struct route *r) {
    const struct t41_line *l = t41_table_find(t, "route", method_of(r), r->path);
    return l && l->n > 3 ? l->field[3] : S("?");
}

/* One row and one method for all principals and objects: the first object in every language, the
 * others in one. */
static void add_row(struct gate *g, const struct route *r, const char *method, struct str kind,
                    size_t turn) {
    bool head = !strcmp(method, "HEAD");
    for (size_t p = 0; p < g->t.n_principals; p++) {
        bool first = true;
        for (size_t o = 0; o <= g->t.n_objects; o++) {
            bool none = o == g->t.n_objects;
            if (none ? kind.len != 0 : !str_eq(kind, str_of(g->t.object[o].kind))) continue;
            bool once = !none && g->t.object[o].once && r->method == HTTP_POST;
            for (size_t l = 0; l < (first && !head && !once ? 3 : 1); l++)
                add(g, (struct t41_cell){ .route = r, .who = &g->t.principal[p], .method = method,
                                      .object = none ? NULL : &g->t.object[o], .turn = turn,
                                      .lang = languages[l] });
            first = false;
        }
    }
}

static bool path_has(const struct route *r, enum http_method method) {
    for (size_t i = 0; i < app_n_routes; i++)
        if (app_routes[i].method == method && !strcmp(app_routes[i].path, r->path)) return true;
    return false;
}

/* Methods that the path has no row for; said once for each path. */
static void add_missing(struct gate *g, const struct route *r, const struct t41_object *o) {
    static const struct {
        const char *name;
        enum http_method method;
    } methods[] = { { "GET", HTTP_GET },
                    { "POST", HTTP_POST },
                    { "PUT", HTTP_PUT },
                    { "DELETE", HTTP_DELETE } };
    for (const struct route *other = app_routes; other < r; other++)
        if (!strcmp(other->path, r->path)) return;
    for (size_t m = 0; m < sizeof methods / sizeof *methods; m++)
        for (size_t p = 0; p < g->t.n_principals && !path_has(r, methods[m].method); p++)
            add(g, (struct t41_cell){ .route = r, .who = &g->t.principal[p], .object = o,
                                  .method = methods[m].name, .lang = "/zh" });
}

/* Reading first, then what changes, in the order of the table's lines: what a right is does not
 * depend on what an earlier change left. */
static void make_cells(struct gate *g) {
    for (size_t i = 0; i < app_n_routes; i++) {
        const struct route *r = &app_routes[i];
        struct str kind = t41_table_kind(&g->table, rule_of(&g->table, r));
        const struct t41_object *first = NULL;
        for (size_t o = 0; o < g->t.n_objects && !first; o++)
            if (str_eq(kind, str_of(g->t.object[o].kind))) first = &g->t.object[o];
        if (r->method != HTTP_POST) add_row(g, r, "GET", kind, 0);
        if (r->method != HTTP_POST) add_row(g, r, "HEAD", kind, 0);
        add_missing(g, r, first);
    }
    for (size_t l = 0, turn = 1; l < g->table.n; l++)
        for (size_t i = 0; i < app_n_routes; i++)
            if (app_routes[i].method == HTTP_POST &&
                &g->table.line[l] == t41_table_find(&g->table, "route", "POST", app_routes[i].path))
                add_row(g, &app_routes[i], "POST",
                        t41_table_kind(&g->table, rule_of(&g->table, &app_routes[i])), turn++);
}

static char expect(const struct t41_table *t, const struct t41_cell *c) {
    bool get = strcmp(c->method, "POST") != 0;
    if (!path_has(c->route, !strcmp(c->method, "PUT")      ? HTTP_PUT
                            : !strcmp(c->method, "DELETE") ? HTTP_DELETE
                            : get                          ? HTTP_GET
                                                           : HTTP_POST))
        return 'M';
    if (get && !*c->lang && c->route->kind == ROUTE_PAGE) return 'R';
    return t41_table_expect(t, rule_of(t, c->route), c->who->name, c->object);
}

static void *asker(void *arg) {
    struct gate *g = arg;
    struct arena a;
    arena_init(&a, "request", 4 << 20);
    for (size_t i; (i = g->next++) < g->n_cells;)
        if (g->cell[i].turn == g->turn) g->cell[i].got = ask(g, &a, &g->cell[i]);
    arena_done(&a);
    return NULL;
}

static void measure(struct gate *g) {
    for (g->turn = 0; g->turn <= g->cell[g->n_cells - 1].turn; g->turn++) {
        pthread_t thread[ASKERS];
        g->next = 0;
        for (size_t i = 0; i < ASKERS; i++)
            if (pthread_create(&thread[i], NULL, asker, g))
                t41_stop("thread", &(struct err){ .code = ERR_SYSTEM });
        for (size_t i = 0; i < ASKERS; i++) (void)pthread_join(thread[i], NULL);
    }
}

/* ---- judging ---- */

static void print_cell(const struct t41_cell *c, char want) {
    (void)printf("%s %s%s as %s on %s: want %c, got %c%s\n", c->method, c->lang, c->route->path,
                 c->who->name, c->object ? c->object->name : "-", want, c->got,
                 c->got == 'Y' ? "  UNEXPECTED ALLOW" : "");
}

static unsigned count_wrong(const struct gate *g, const struct t41_table *t, bool print,
                            unsigned *allowed) {
    unsigned wrong = 0;
    *allowed = 0;
    for (size_t i = 0; i < g->n_cells; i++) {
        const struct t41_cell *c = &g->cell[i];
        char want = expect(t, c);
        if (want == c->got) continue;
        *allowed += c->got == 'Y';
        if (wrong++ < PRINTED_MAX && print) print_cell(c, want);
    }
    return wrong;
}

static bool has_thing(const struct gate *g, const struct t41_line *l) {
    for (size_t i = 0; i < app_n_routes && str_eq(l->field[0], S("route")); i++)
        if (l->n > 2 && str_eq(l->field[1], str_of(method_of(&app_routes[i]))) &&
            str_eq(l->field[2], str_of(app_routes[i].path)))
            return true;
    for (size_t i = 0; i < g->t.n_principals && str_eq(l->field[0], S("who")); i++)
        if (str_eq(l->field[1], str_of(g->t.principal[i].name))) return true;
    for (size_t i = 0; i < g->t.n_objects && str_eq(l->field[0], S("object")); i++)
        if (l->n > 2 && str_eq(l->field[1], str_of(g->t.object[i].kind)) &&
            str_eq(l->field[2], str_of(g->t.object[i].name)))
            return true;
    return str_eq(l->field[0], S("rule"));
}

/* Lines of the table for which the program has nothing. */
static unsigned count_idle(const struct gate *g, const struct t41_table *t) {
    unsigned idle = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct t41_line *l = &t->line[i];
        if (l->n > 1 && has_thing(g, l)) continue;
        idle++;
        (void)printf("a line for nothing: %.*s %.*s %.*s\n", STR_ARG(l->field[0]),
                     STR_ARG(l->field[1]), STR_ARG(l->n > 2 ? l->field[2] : S("")));
    }
    return idle;
}

/* Each line taken away must be missed; and each of some cells, had it come out otherwise. What is expected of a cell changes only with
 * the lines it rests on, so a line's cells are asked again, not all of them. */
static unsigned controls(struct gate *g, unsigned *passed) {
    unsigned flips = 0, found = 0, flipped_found = 0;
    bool *missed = calloc(g->table.n, sizeof *missed); /* that it is gone */
    if (!missed) t41_stop("controls", &(struct err){ .code = ERR_MEMORY });
    for (size_t i = 0; i < g->n_cells; i++) {
        struct t41_cell *c = &g->cell[i];
        bool right = expect(&g->table, c) == c->got;
        const struct t41_line *rests[T41_RESTS_MAX] = { t41_table_find(&g->table, "route", method_of(c->route), c->route->path) };
        t41_table_rests(&g->table, rule_of(&g->table, c->route), c->who->name, c->object, &rests[1]);
        for (size_t l = 0; l < T41_RESTS_MAX && right; l++) {
            if (!rests[l] || missed[rests[l] - g->table.line]) continue;
            g->table.gone = rests[l];
            missed[rests[l] - g->table.line] = expect(&g->table, c) != c->got;
            g->table.gone = NULL;
        }
        if (i % FLIP_EVERY) continue;
        flips++;
        flipped_found += (expect(&g->table, c) == (c->got == 'Y' ? 'N' : 'Y')) != right;
    }
    for (size_t l = 0; l < g->table.n; found += missed[l++])
        if (!missed[l])
            (void)printf("control: nothing misses line %zu of the table (%.*s)\n", l + 1, STR_ARG(g->table.line[l].field[1]));
    free(missed);
    (void)printf("controls: %u of %zu lines taken away were missed, %u of %u flipped cells found\n",
                 found, g->table.n, flipped_found, flips);
    *passed += found + flipped_found;
    return (unsigned)g->table.n - found + flips - flipped_found;
}

static unsigned judge(struct gate *g, unsigned *passed) {
    unsigned allowed, wrong = count_wrong(g, &g->table, true, &allowed);
    unsigned failed = wrong + count_idle(g, &g->table);
    (void)printf(
        "%zu cells, %u unexpected, %u of them allowed; %zu principals, %zu objects, %zu routes\n",
        g->n_cells, wrong, allowed, g->t.n_principals, g->t.n_objects, app_n_routes);
    *passed = (unsigned)g->n_cells - wrong;
    if (g->n_cells < CELLS_LEAST) failed++, (void)printf("fewer than %d cells\n", CELLS_LEAST);
    return failed + controls(g, passed);
}

/* ---- the server ---- */

static void serve(struct gate *g, struct arena *a, struct web **web, struct http_server **http) {
    struct app *app = g->t.city->app;
    struct rate *rate;
    struct metrics *metrics;
    struct err e = { 0 };
    struct web_file *files = arena_array(a, n_embedded, sizeof *files);
    if (!files || routes_guard(a, &rate, &metrics, &e)) t41_stop("routes", &e);
    for (size_t i = 0; i < n_embedded; i++)
        files[i] = (struct web_file){ embedded[i].path, embedded[i].bytes };
    /* No rate: the gate asks faster than people. */
    struct web_config c = { .app = app, .store = app->store, .home = app->realm.home,
                            .keys = &app->realm.keys, .rows = app_routes, .n_rows = app_n_routes,
                            .files = files, .n_files = n_embedded, .en = app->realm.en,
                            .hooks = app_hooks, .sign_in = "/sign-in", .metrics = metrics };
    if (web_new(a, &c, web, &e)) t41_stop("web_new", &e);
    struct http_config h = { .address = S("127.0.0.1:0"), .route = web_route, .handler = web_handle,
                             .body_limit = web_body_limit, .refusal = web_refusal,
                             .context = *web, .listen_fd = -1 };
    if (http_start(&h, http, &e)) t41_stop("http_start", &e);
    g->port = http_port(*http);
}

int main(void) {
    static struct gate g;
    struct arena a;
    struct err e = { 0 };
    struct web *web;
    struct http_server *http;
    struct str text;
    void *state = NULL;
    unsigned passed = 0;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    arena_init(&a, "gate", (size_t)256 << 20);
    arena_init(&g.t.a, "city", 64 << 20);
    g.cell = arena_array(&a, CELLS_MAX, sizeof *g.cell);
    if (!g.cell || city_fixture_open(&state, false)) t41_stop("city", &e);
    g.t.city = state;
    if (os_read_file(&a, "tests/gates/rights.tsv", 1 << 20, &text, &e))
        t41_stop("tests/gates/rights.tsv", &e);
    t41_table_read(text, &g.table);
    t41_people_make(&g.t);
    t41_objects_make(&g.t);
    t41_sessions_make(&g.t);
    if (app_sequence(g.t.city->app, true, &e)) t41_stop("sequence", &e);
    serve(&g, &a, &web, &http);
    make_cells(&g);
    measure(&g);
    unsigned failed = judge(&g, &passed);
    failed += t41_log_judge(&g.t, g.cell, g.n_cells, &passed);
    failed += t41_lists_judge(&g.t, g.port, &passed);
    failed += t41_roles_judge(&g.t, &passed);
    http_stop(http, 1000);
    web_stop(web);
    (void)city_fixture_done(&state);
    (void)printf("%u passed, %u failed\n", passed, failed);
    arena_done(&g.t.a);
    arena_done(&a);
    return failed != 0;
}
