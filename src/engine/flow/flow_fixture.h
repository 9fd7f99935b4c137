/* flow_fixture: for the tests of flow: processes written in one line, a caller's environment, and the machine without
 * a store.
 *
 * A process in one line, words between blanks; the first letter of an id gives the element:
 *   s start  e end  z terminate  u userTask  v serviceTask  r businessRuleTask  x exclusive  p parallel  o inclusive
 *   i timer catch  b boundary timer  w sub-process
 *   a>b  a flow;  a>b:C  with condition C;  a>b*  the default flow;  chains: a>b>c
 *   b1@u1 interrupting, b1%u1 non-interrupting, b1@u1=PT5M with its time (P1D otherwise);  i1=PT5M
 *   w1{ ... }  what is inside a sub-process;  u2^u1  u2 may be given back to u1
 * Conditions: t true, f false, ! an error, name=value, name<number, name>number. Services: vw.. waits, vi.. incident,
 * vf.. fails the command, others add 1 to the variable n. User tasks: role "r", moves complete approve refuse.
 */
#ifndef ENGINE_FLOW_FIXTURE_H
#define ENGINE_FLOW_FIXTURE_H
#include "engine/flow/flow_run.h"

/* The line as BPMN XML, in the arena. */
struct str flow_fixture_xml(struct arena *a, const char *line);
/* Compiled; ends the test program when it has errors. */
struct flow_model *flow_fixture_model(struct arena *a, const char *line);

struct flow_fixture_context {
    const struct flow_model *model;
    int made, ended, finished, refuse_hook;
    bool mend; /* from now on errors and incidents go well */
};
struct flow_env flow_fixture_env(struct flow_fixture_context *c);

/* The machine in memory. One run that lives through all commands; flow_fixture_settle after each. */
struct flow_run *flow_fixture_start(struct arena *a, const struct flow_env *env, const struct flow_model *m,
                                    struct err *e);
void flow_fixture_settle(struct flow_run *r);
/* Checks every invariant of flow.h that can be seen from outside; false and a printed reason. */
bool flow_fixture_sound(struct flow_run *r);
/* "u1 u2": elements of the open tasks, sorted. */
struct str flow_fixture_open(struct flow_run *r);
/* Completes the first open task at the element; settled. */
int flow_fixture_do(struct flow_run *r, const char *element, const char *move);
/* What a test program of the machine works on, made anew for each test. */
struct flow_bench {
    struct arena arena;
    struct flow_fixture_context context;
    struct flow_env env;
    struct err err;
};
int flow_bench_open(struct flow_bench *b); /* 0 */
int flow_bench_close(struct flow_bench *b);
/* Begun and sound, or the test program ends. */
struct flow_run *flow_bench_begin(struct flow_bench *b, const char *line);
/* Sets the clock to the next due timer and fires it; false if none runs. */
bool flow_fixture_fire(struct flow_run *r);
#endif
