/* t41: what the files of the gate share; see t41.c. */
#ifndef GATES_T41_H
#define GATES_T41_H
#include "app/city_fixture.h"

enum { T41_PRINCIPALS_MAX = 64, T41_OBJECTS_MAX = 160, T41_NAME_BYTES = 40 };

/* One who asks: a session, or the lack of one. */
struct t41_principal {
    const char *name;
    struct actor who;
    struct str cookie;
    bool dead; /* the cookie opens nothing (any more) */
    int entry; /* {entry}: of entries that go when they are removed, each member of a company has his own to remove */
};
/* One thing that is asked for: what the parameters of a path become. */
struct t41_object {
    const char *kind, *name;
    bool once; /* a form sent for it leaves nothing to send it for again */
    int64_t case_id, id, file;         /* {case}; {id} and {paper}; {file} */
    const char *item, *page, *material; /* {item} {page} {material} */
    char text[T41_NAME_BYTES];         /* {number} {code} {role} {login} {type}, by kind */
};
struct t41_city {
    struct city *city;
    struct arena a;
    struct t41_principal principal[T41_PRINCIPALS_MAX];
    size_t n_principals;
    struct t41_object object[T41_OBJECTS_MAX];
    size_t n_objects;
};

/* One request and its answer's letter (t41.c). */
struct route;
struct t41_cell {
    const struct route *route;
    const struct t41_principal *who;
    const struct t41_object *object; /* NULL: the path has none */
    const char *method, *lang;
    size_t turn; /* cells of one turn are asked at once, turns one after the other */
    char want, got;
    char request[40]; /* X-Request-Id of the answer */
};

_Noreturn void t41_stop(const char *what, const struct err *e);
/* t41_people.c: the accounts and posts, and two sessions that have expired; the sessions that live
 * (or died otherwise), which come last, since the clock goes on while objects are made. */
void t41_people_make(struct t41_city *t);
void t41_sessions_make(struct t41_city *t);
/* A session of its own for one request: as t41_principal.cookie, in `a`. */
struct str t41_sign_in(struct t41_city *t, const struct t41_principal *p, struct arena *a);
/* t41_objects.c, and t41_systems.c: cases of the systems that it leaves out, a task for each of their roles. */
void t41_objects_make(struct t41_city *t);
void t41_systems_make(struct t41_city *t);
/* A case that came about by steps as of a scenario: its tasks, the files and the paper that are asked for. */
enum { T41_TASKS_KEPT = 16 };
struct t41_made {
    const struct realm *r;
    int64_t case_id, task[T41_TASKS_KEPT], gas, plan, paper;
    char element[T41_TASKS_KEPT][T41_NAME_BYTES], number[T41_NAME_BYTES], code[T41_NAME_BYTES], rating[T41_NAME_BYTES];
    size_t n_tasks;
};
struct t41_made t41_play(struct t41_city *t, const char *steps);
int64_t t41_task(const struct t41_made *m, const char *element); /* stops where it has none */
void t41_add(struct t41_city *t, struct t41_object o);
void t41_add_case(struct t41_city *t, const char *name, int64_t id, const char *page);
void t41_add_text(struct t41_city *t, const char *kind, const char *name, const char *text, int64_t id);

/* t41_roles.c: each role and standing of each system that is loaded has a principal who asks, or is nobody's to hold; how many have
 * neither. Changes the city: comes last. Adds to *passed. */
unsigned t41_roles_judge(struct t41_city *t, unsigned *passed);

/* t41_log.c: every refusal of an object that the address names stands in the log and names it; how many do
 * not. Adds to *passed. */
unsigned t41_log_judge(struct t41_city *t, const struct t41_cell *cell, size_t n, unsigned *passed);
/* t41_lists.c: what a list shows somebody, opens for him, also when grants get a condition; how much does not. */
unsigned t41_lists_judge(struct t41_city *t, unsigned port, unsigned *passed);

/* t41_table.c: the reviewed table. Everything is borrowed from its text. */
enum { T41_LINES_MAX = 1024, T41_FIELDS_MAX = 24, T41_RESTS_MAX = 4 };
struct t41_line {
    struct str field[T41_FIELDS_MAX];
    size_t n;
};
struct t41_table {
    struct t41_line line[T41_LINES_MAX];
    size_t n;
    const struct t41_line *gone; /* as if it did not stand there: for the controls */
};
void t41_table_read(struct str text, struct t41_table *ret);
/* The line `kind` whose next fields are these; NULL if there is none. b may be NULL. */
const struct t41_line *t41_table_find(const struct t41_table *t, const char *kind, const char *a,
                                      const char *b);
/* The expected letter for this principal asking for this object (NULL: the rule has none) under the
 * rule; '?' where the table lacks a line. */
char t41_table_expect(const struct t41_table *t, struct str rule, const char *principal,
                      const struct t41_object *o);
/* The lines that this rests on, beside the route's; NULL for each that is not there or not needed. */
void t41_table_rests(const struct t41_table *t, struct str rule, const char *principal, const struct t41_object *o,
                     const struct t41_line *ret[T41_RESTS_MAX - 1]);
/* The kind of object that a rule is about, empty for none. */
struct str t41_table_kind(const struct t41_table *t, struct str rule);
#endif
