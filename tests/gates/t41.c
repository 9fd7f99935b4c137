/* t41: every route for every role on three kinds of object, through the real server with real sessions,
 * against a reviewed table.
 *
 *   gate-t41                 compares with tests/gates/rights.tsv; ends with "N passed, N failed"
 *   gate-t41 --write FILE    writes what the server does now, to be reviewed line by line before it becomes the table
 *
 * Objects: `company` is a company's joint case at the food, fire and sign offices of one district, `citizen` a resident's
 * case at the police of the same district with its certificate, `unknown` an id that nothing has. Cells: Y the right is there
 * (shown, done, or refused for its content or state), L sent to sign in, F refused 403, N not found 404, E anything else. A
 * route without a row, or a row without a route, fails. Negative control: each flipped letter of one row must be found.
 */
#include "app/city_fixture.h"
#include "app/routes.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/item/item.h"
#include "engine/paper/paper.h"
#include "os/os.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const roles[] = { "nobody", "citizen", "company", "window", "police", "food",
                                     "fire",   "sign",    "system",  "security", "audit" };
enum { ROLES = sizeof roles / sizeof *roles, OBJECTS = 3, ROWS_MAX = 4096 };
static const char *const object_names[OBJECTS] = { "company", "citizen", "unknown" };

struct object {
    int64_t case_id, task, file, paper;
    char number[40], code[40];
    const char *item, *page, *material, *role;
};
struct gate {
    struct city *city;
    struct object object[OBJECTS];
    unsigned port;
    struct arena a;
};

static void must(int rc, const char *what, const struct err *e) {
    if (rc == 0) return;
    (void)printf("%s: %s %s %s\n0 passed, 1 failed\n", what, err_name(rc), e->field, e->detail);
    exit(2);
}

/* ---- the objects ---- */
#define JOINT \
    "  - {who: company, do: apply, item: restaurant}\n" \
    "  - {who: company, do: answer, page: company, with: {shop_name: 津样小馆}}\n" \
    "  - {who: company, do: answer, page: premises, with: {district: '120101', address: 示例路 8 号, area: '260'}}\n" \
    "  - {who: company, do: answer, page: business, with: {kinds: ['1', '2'], uses_gas: 'yes', outdoor_sign: 'yes'}}\n" \
    "  - {who: company, do: answer, page: people, with: {manager_name: 样二, manager_phone: '13800000000'}}\n" \
    "  - {who: company, do: answer, page: sign, with: {sign_width: '300', sign_height: '80'}}\n" \
    "  - {who: company, do: upload, material: gas-contract}\n" \
    "  - {who: company, do: upload, material: floor-plan}\n" \
    "  - {who: company, do: upload, material: health-certificate}\n" \
    "  - {who: company, do: upload, material: fire-statement}\n" \
    "  - {who: company, do: upload, material: sign-picture}\n" \
    "  - {who: company, do: submit}\n" \
    "  - {who: window-clerk, do: decide, task: intake, move: accept}\n" \
    "  - {who: food-reviewer, do: decide, task: survey, move: pass}\n" \
    "  - {who: sign-reviewer, do: decide, task: sign_review, move: approve}\n" \
    "  - {do: set-papers}\n"
#define PROOF \
    "  - {who: citizen, do: apply, item: residence-proof}\n" \
    "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n" \
    "  - {who: citizen, do: submit}\n"
#define PROVED "  - {who: police-officer, do: decide, task: confirm, move: approve}\n  - {do: set-papers}\n"

struct asking {
    const struct realm *r;
    struct object *o;
    const char *element;
};

static int ask_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *q = job->arg;
    struct item_case c;
    struct val *view;
    struct flow_task *tasks;
    size_t n;
    int rc = item_case_get(tx, q->r, NULL, q->o->case_id, &c, e);
    if (!rc) rc = item_case_view(tx, q->r, &c, S(""), S("zh"), &view, e);
    if (!rc) rc = flow_tasks_of(tx, c.id, &tasks, &n, e);
    if (rc) return rc;
    for (size_t i = 0; i < n; i++)
        if (str_eq(tasks[i].element, str_of(q->element))) q->o->task = tasks[i].id;
    const struct val *materials = val_get(view, S("materials")), *papers = val_get(view, S("papers"));
    for (size_t i = 0; i < val_count(materials); i++)
        if (str_eq(val_get_str(val_item(materials, i), S("id")), S("gas-contract")))
            q->o->file = val_get_i64(val_item(val_get(val_item(materials, i), S("files")), 0), S("id"), 0);
    q->o->paper = val_get_i64(val_item(papers, 0), S("id"), 0);
    (void)snprintf(q->o->number, sizeof q->o->number, "%.*s", STR_ARG(c.number));
    (void)snprintf(q->o->code, sizeof q->o->code, "%.*s", STR_ARG(val_get_str(val_item(papers, 0), S("code"))));
    return 0;
}

static void make_object(struct gate *g, struct object *o, const char *steps, const char *element) {
    struct err e = { 0 };
    must(city_fixture_play(g->city, steps, &o->case_id, &e), "steps", &e);
    struct asking q = { &g->city->app->realm, o, element };
    must(city_fixture_read(g->city, ask_body, &q, &e), "look", &e);
}

static void make_objects(struct gate *g) {
    struct object done = { 0 };
    g->object[0] = (struct object){ .item = "restaurant", .page = "company", .material = "floor-plan", .role = "food-reviewer" };
    g->object[1] = (struct object){ .item = "residence-proof", .page = "registered", .material = "none", .role = "police-officer" };
    g->object[2] = (struct object){ .case_id = 424242, .task = 424243, .file = 424244, .paper = 424245, .number = "20260101-000001-1",
                                    .code = "0000-0000-0000-0000", .item = "none", .page = "none", .material = "none", .role = "none" };
    make_object(g, &g->object[0], JOINT, "fire_review");
    make_object(g, &done, PROOF PROVED, "confirm");
    make_object(g, &g->object[1], PROOF, "confirm");
    g->object[1].paper = done.paper;
    memcpy(g->object[1].code, done.code, sizeof done.code);
    g->object[1].file = 424244;
}

/* ---- sessions ---- */

struct signing {
    const struct realm *r;
    struct actor who;
    uint8_t token[IDENTITY_TOKEN_BYTES], turned[IDENTITY_TOKEN_BYTES];
    bool turn;
};

static int sign_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct signing *s = job->arg;
    struct identity_login login = { .account = s->who.account, .verified = true };
    struct actor nobody = { .request_id = S("gate"), .peer = S("-") };
    int64_t session;
    int rc = identity_login_finish(tx, s->r, &nobody, &login, s->token, &session, e);
    struct actor who = s->who;
    int64_t company = who.on_behalf;
    who.session = session;
    if (!rc && company) rc = identity_session_switch(tx, s->r, &who, company, s->turned, e);
    return rc;
}

/* A new session of this role: its cookie value; empty for nobody. */
static struct str sign_in(struct gate *g, const char *role) {
    struct signing s = { .r = &g->city->app->realm };
    struct err e = { 0 };
    if (!strcmp(role, "nobody")) return S("");
    city_fixture_actor(g->city, role, &s.who);
    os_random(s.token, sizeof s.token);
    os_random(s.turned, sizeof s.turned);
    must(city_fixture_run(g->city, sign_body, &s, &e), "sign in", &e);
    return crypto_base64url(&g->a, str_make((const char *)(s.who.on_behalf ? s.turned : s.token), IDENTITY_TOKEN_BYTES));
}

/* ---- one request ---- */

static struct str path_of(struct gate *g, const struct route *r, const struct object *o) {
    struct str s = str_of(r->path), out = S("/zh");
    for (size_t at = 0; at < s.len;) {
        size_t open = str_find_char(s, '{', at), close = open == SIZE_MAX ? SIZE_MAX : str_find_char(s, '}', open);
        if (close == SIZE_MAX) return ARENA_CAT(&g->a, out, str_sub(s, at, SIZE_MAX));
        struct str name = str_sub(s, open + 1, close - open - 1), v = S("1");
        bool task = str_find(s, S("/task/"), 0) != SIZE_MAX;
        if (str_eq(name, S("case"))) v = arena_fmt(&g->a, "%lld", (long long)o->case_id);
        else if (str_eq(name, S("id"))) v = arena_fmt(&g->a, "%lld", (long long)(task ? o->task : o->case_id));
        else if (str_eq(name, S("file"))) v = arena_fmt(&g->a, "%lld", (long long)o->file);
        else if (str_eq(name, S("paper"))) v = arena_fmt(&g->a, "%lld", (long long)o->paper);
        else if (str_eq(name, S("number"))) v = str_of(o->number);
        else if (str_eq(name, S("code"))) v = str_of(o->code);
        else if (str_eq(name, S("item"))) v = str_of(o->item);
        else if (str_eq(name, S("page"))) v = str_of(o->page);
        else if (str_eq(name, S("material"))) v = str_of(o->material);
        else if (str_eq(name, S("role"))) v = str_of(o->role);
        out = ARENA_CAT(&g->a, out, str_sub(s, at, open - at), v);
        at = close + 1;
    }
    return out;
}

static struct str csrf(struct gate *g, struct str session) {
    struct digest d;
    const struct str parts[] = { S("csrf\n"), session.len ? S("session\n") : S("visitor\n"), session.len ? session : S("abcdef") };
    mac(g->city->app->realm.keys.suite, g->city->app->realm.keys.token, parts, 3, &d);
    return crypto_base64url(&g->a, str_make((const char *)d.v, sizeof d.v));
}

static struct str exchange(struct gate *g, struct str request) {
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)g->port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    static char reply[65536];
    size_t n = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at)) return S("");
    if (send(fd, request.ptr, request.len, MSG_NOSIGNAL) == (ssize_t)request.len)
        for (ssize_t got; n < sizeof reply && (got = recv(fd, reply + n, sizeof reply - n, 0)) > 0;) n += (size_t)got;
    (void)close(fd);
    return str_make(reply, n);
}

static char letter(struct str reply) {
    struct str head = str_sub(reply, 0, str_find(reply, S("\r\n\r\n"), 0));
    struct str code = str_sub(reply, 9, 3);
    if (!str_starts(reply, S("HTTP/1.1 "))) return 'E';
    if (code.ptr[0] == '2' || str_eq(code, S("409")) || str_eq(code, S("422")) || str_eq(code, S("400")) || str_eq(code, S("415"))) return 'Y';
    if (str_eq(code, S("429"))) return 'Y'; /* the act was reached: one name, wrong five times, is locked */
    if (str_eq(code, S("303")) && str_find(head, S("/identity?for="), 0) != SIZE_MAX) return 'N'; /* not shown in this standing */
    if (str_eq(code, S("303"))) return str_find(head, S("/sign-in"), 0) != SIZE_MAX ? 'L' : 'Y';
    if (str_eq(code, S("403"))) return 'F';
    return str_eq(code, S("404")) ? 'N' : 'E';
}

static char try_route(struct gate *g, const struct route *r, const char *role, const struct object *o) {
    arena_reset(&g->a);
    struct str session = sign_in(g, role), path = path_of(g, r, o), body = S("");
    bool post = r->method == HTTP_POST;
    bool upload = post && str_ends(str_of(r->path), S("/material/{material}"));
    if (upload)
        body = arena_fmt(&g->a, "--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n%.*s\r\n--b\r\nContent-Disposition: form-data; "
                         "name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%%PDF-1.4\n%%%%EOF\n\r\n--b--\r\n",
                         STR_ARG(csrf(g, session)));
    /* Fields that a form needs to be read at all; the version makes sure that nothing is decided. */
    else if (post)
        body = ARENA_CAT(&g->a, S("_csrf="), csrf(g, session), S("&for=0&move=refuse&opinion=x&basis=x&version=999&login=nobody-here&name=x&role=window-clerk&unit=1&password=long-enough-2026&password-again=long-enough-2026"));
    struct str request = arena_fmt(&g->a, "%s %.*s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\nCookie: %s%.*s\r\n", post ? "POST" : "GET",
                                   STR_ARG(path), g->port, session.len ? "session=" : "visitor=abcdef", STR_ARG(session));
    if (post)
        request = arena_fmt(&g->a, "%.*sContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%.*s", STR_ARG(request),
                            upload ? "multipart/form-data; boundary=b" : "application/x-www-form-urlencoded", body.len, STR_ARG(body));
    else request = ARENA_CAT(&g->a, request, S("\r\n"));
    return letter(exchange(g, request));
}

/* ---- the table ---- */

struct row {
    const struct route *route;
    const char *role;
    char cell[OBJECTS + 1];
};
static struct row rows[ROWS_MAX];
static size_t n_rows;

/* Reading first, then what changes: a right does not depend on the state that an earlier change left. */
static void measure(struct gate *g) {
    for (int post = 0; post < 2; post++)
        for (size_t i = 0; i < app_n_routes; i++) {
            if ((app_routes[i].method == HTTP_POST) != (post == 1) || app_routes[i].kind == ROUTE_STREAM) continue;
            for (size_t k = 0; k < ROLES && n_rows < ROWS_MAX; k++) {
                struct row *row = &rows[n_rows++];
                *row = (struct row){ .route = &app_routes[i], .role = roles[k] };
                for (size_t o = 0; o < OBJECTS; o++) row->cell[o] = try_route(g, row->route, row->role, &g->object[o]);
            }
        }
}

static const char *method_of(const struct row *r) {
    return r->route->method == HTTP_POST ? "POST" : "GET";
}

static struct str key_of(struct arena *a, const struct row *r) {
    return arena_fmt(a, "%s\t%s\t%s\t", method_of(r), r->route->path, r->role);
}

static size_t find_row(struct str table, struct str key) {
    for (size_t at = 0; (at = str_find(table, key, at)) != SIZE_MAX; at++)
        if (at == 0 || table.ptr[at - 1] == '\n') return at + key.len;
    return SIZE_MAX;
}

/* How many rows of the table differ from what was measured, or stand alone. */
static unsigned compare(struct arena *a, struct str table, bool print, unsigned *passed) {
    unsigned failed = 0;
    size_t lines = 0;
    *passed = 0;
    for (size_t i = 0; i < table.len; i++)
        lines += table.ptr[i] == '\n' && str_find_char(str_sub(table, i + 1, SIZE_MAX), '\t', 0) != SIZE_MAX && table.ptr[i + 1] != '#';
    for (size_t i = 0; i < n_rows; i++) {
        struct str key = key_of(a, &rows[i]);
        size_t at = find_row(table, key);
        struct str want = at == SIZE_MAX ? S("(no row)") : str_sub(table, at, OBJECTS);
        if (str_eq(want, str_of(rows[i].cell))) {
            ++*passed;
            continue;
        }
        failed++;
        if (print) (void)printf("%.*swant %.*s, got %s\n", STR_ARG(key), STR_ARG(want), rows[i].cell);
    }
    if (lines != n_rows) {
        failed++;
        if (print) (void)printf("the table has %zu rows, the program %zu\n", lines, n_rows);
    }
    return failed;
}

static void write_table(const char *path) {
    FILE *f = fopen(path, "w");
    if (!f) return;
    (void)fprintf(f, "# method\tpath\trole\tobjects %s %s %s: Y right, L sign in, F 403, N 404 (tests/gates/t41.c)\n", object_names[0], object_names[1],
                  object_names[2]);
    for (size_t i = 0; i < n_rows; i++) (void)fprintf(f, "%s\t%s\t%s\t%s\n", method_of(&rows[i]), rows[i].route->path, rows[i].role, rows[i].cell);
    (void)fclose(f);
}

static unsigned judge(struct arena *a, unsigned *passed) {
    struct str table;
    unsigned ignored, controls = 0, found = 0;
    struct err e = { 0 };
    must(os_read_file(a, "tests/gates/rights.tsv", 4 << 20, &table, &e), "tests/gates/rights.tsv", &e);
    unsigned failed = compare(a, table, true, passed);
    char *flipped = arena_alloc(a, table.len);
    size_t at = n_rows ? find_row(table, key_of(a, &rows[n_rows / 2])) : SIZE_MAX;
    for (int k = 0; flipped && at != SIZE_MAX && k < OBJECTS; k++) {
        memcpy(flipped, table.ptr, table.len);
        flipped[at + (size_t)k] = flipped[at + (size_t)k] == 'Y' ? 'N' : 'Y';
        controls++;
        found += compare(a, str_make(flipped, table.len), false, &ignored) == failed + 1;
    }
    (void)printf("control, one flipped cell: %u of %u found\n", found, controls);
    *passed += found;
    return failed + (controls == OBJECTS ? controls - found : 1);
}

int main(int argc, char **argv) {
    struct gate *g = calloc(1, sizeof *g);
    struct arena a;
    struct err e = { 0 };
    struct web *web;
    struct http_server *http;
    struct rate *rate;
    struct metrics *metrics;
    void *state = NULL;
    if (!g) return 2;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    arena_init(&a, "gate", (size_t)256 << 20);
    arena_init(&g->a, "request", 4 << 20);
    if (city_fixture_open(&state, false)) return 2;
    g->city = state;
    make_objects(g);
    struct web_file *files = arena_array(&a, n_embedded, sizeof *files);
    if (!files) return 2;
    for (size_t i = 0; i < n_embedded; i++) files[i] = (struct web_file){ embedded[i].path, embedded[i].bytes };
    must(routes_guard(&a, &rate, &metrics, &e), "routes", &e);
    struct app *app = g->city->app;
    struct web_config c = { .app = app, .store = app->store, .home = app->realm.home, .keys = &app->realm.keys, .rows = app_routes,
                            .n_rows = app_n_routes, .files = files, .n_files = n_embedded, .en = app->realm.en, .hooks = app_hooks,
                            .sign_in = "/sign-in", .metrics = metrics }; /* no rate: the gate asks faster than people */
    must(web_new(&a, &c, &web, &e), "web_new", &e);
    struct http_config h = { .address = S("127.0.0.1:0"), .route = web_route, .body_limit = web_body_limit, .handler = web_handle,
                             .refusal = web_refusal, .context = web, .listen_fd = -1 };
    must(http_start(&h, &http, &e), "http_start", &e);
    g->port = http_port(http);
    measure(g);
    unsigned passed = 0, failed = 0;
    if (argc == 3 && !strcmp(argv[1], "--write")) write_table(argv[2]);
    else failed = judge(&a, &passed);
    http_stop(http, 1000);
    web_stop(web);
    (void)city_fixture_done(&state);
    (void)printf("%u passed, %u failed\n", passed, failed);
    arena_done(&g->a);
    arena_done(&a);
    free(g);
    return failed != 0;
}
