/* t41_lists: what a list shows somebody, opens for him. Every link of a list to a task, a case or a paper is
 * followed in the same session; then once more with a condition on the window's grants. Invariant: the lists
 * are the rows of the route table without parameters, and the queues; a new list is looked at by itself.
 */
#include "t41.h"

#include "http/http_test_client.h"
#include "http/route.h"

#include "app/routes.h"

#include <stdio.h>
#include <string.h>

enum { LINKS_PER_LIST = 400 };

#define CLERK "  - {role: window-clerk, may: [task.list, task.read, task.claim, task.release, task.complete, case.read], scope: unit}"
#define NARROW_CLERK \
    "  - {role: window-clerk, may: [task.list], scope: unit}\n" \
    "  - {role: window-clerk, may: [task.read, task.claim, task.release, task.complete, case.read], scope: unit, " \
    "when: 'object.state = \"ended\"'}"

struct looking {
    struct t41_city *t;
    unsigned port, shown, of_window, shut, failed, pages;
    struct arena a;
    char noted[200]; /* a task that the window was shown */
};

static struct str get(struct looking *l, struct str session, struct str path) {
    bool closed;
    int fd = client_connect(l->port);
    if (fd < 0) return S("");
    struct str reply = S("");
    if (client_send(fd, arena_fmt(&l->a, "GET %.*s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\nCookie: session=%.*s\r\n\r\n",
                                  STR_ARG(path), l->port, STR_ARG(session))))
        reply = client_read_all(&l->a, fd, &closed);
    (void)close(fd);
    return reply;
}

/* Shown, or a way to it: a draft's form, or the standing of one's own that it belongs to (a message tells of both). */
static bool opens(struct str reply) {
    int status = client_status(reply);
    return status == 200 || (status == 303 && str_find(client_field(reply, S("Location")), S("/sign-in"), 0) == SIZE_MAX);
}

static void follow(struct looking *l, const struct t41_principal *p, struct str list, struct str page, const char *begin) {
    for (size_t at = 0, n = 0; n < LINKS_PER_LIST && (at = str_find(page, str_of(begin), at)) != SIZE_MAX; n++) {
        size_t from = at + 6, end = str_find_char(page, '"', from);
        if (end == SIZE_MAX) return;
        struct str href = str_sub(page, from, end - from);
        at = end;
        l->shown++;
        if (!strcmp(p->name, "window")) {
            l->of_window++;
            if (!l->noted[0] && !strcmp(begin, "href=\"/zh/desk/task/"))
                (void)snprintf(l->noted, sizeof l->noted, "%.*s", STR_ARG(str_sub(href, 0, str_find_char(href, '?', 0))));
        }
        if (!opens(get(l, p->cookie, href))) {
            (void)printf("%.*s as %s shows %.*s, which does not open\n", STR_ARG(list), p->name, STR_ARG(href));
            l->failed++;
        }
    }
}

static void look(struct looking *l, const struct t41_principal *p, struct str list) {
    static const char *const begins[] = { "href=\"/zh/desk/task/", "href=\"/zh/desk/case/", "href=\"/zh/case/", "href=\"/zh/paper/",
                                          "href=\"/zh/admin/users/", "href=\"/zh/admin/audit/entry/" };
    struct str page;
    arena_reset(&l->a);
    page = get(l, p->cookie, list);
    if (client_status(page) != 200) return; /* not his: that is the table's matter */
    l->pages++;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) follow(l, p, list, page, begins[i]);
}

static void look_at_all(struct looking *l) {
    char path[200];
    l->shown = l->of_window = 0;
    for (size_t p = 0; p < l->t->n_principals; p++) {
        const struct t41_principal *who = &l->t->principal[p];
        if (who->dead || who->cookie.len == 0) continue;
        for (size_t i = 0; i < app_n_routes; i++) {
            const struct route *r = &app_routes[i];
            if (r->method != HTTP_GET || r->kind != ROUTE_PAGE || strchr(r->path, '{')) continue;
            (void)snprintf(path, sizeof path, "/zh%s", r->path);
            look(l, who, str_of(path));
        }
        for (size_t i = 0; i < l->t->n_objects; i++) {
            if (strcmp(l->t->object[i].kind, "queue") != 0) continue;
            (void)snprintf(path, sizeof path, "/zh/desk/queue/%s", l->t->object[i].text);
            look(l, who, str_of(path));
        }
    }
}

unsigned t41_lists_judge(struct t41_city *t, unsigned port, unsigned *passed) {
    struct looking l = { .t = t, .port = port };
    const struct t41_principal *window = NULL;
    arena_init(&l.a, "lists", (size_t)256 << 20);
    for (size_t i = 0; i < t->n_principals; i++)
        if (!strcmp(t->principal[i].name, "window")) window = &t->principal[i];
    look_at_all(&l);
    unsigned before = l.of_window, shown = l.shown;
    city_fixture_change(t->city, "systems/common", "access.yaml", CLERK, NARROW_CLERK);
    look_at_all(&l);
    bool shut = window && l.noted[0] && !opens(get(&l, window->cookie, str_of(l.noted)));
    bool sound = before > l.of_window && shut;
    (void)printf("lists: %u links of %u lists followed, %u do not open; the window is shown %u, under a condition %u; control, an "
                 "address noted before: %s\n", shown + l.shown, l.pages, l.failed, before, l.of_window, shut ? "refused" : "OPENS");
    *passed += shown + l.shown - l.failed + sound;
    arena_done(&l.a);
    return l.failed + !sound;
}
