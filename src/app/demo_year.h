/* demo_year: a year of many cases in the demo city: the systems' own scenarios, played side by side by many of its people and companies,
 * each step at its own time of the shifted clock and by the command that a page calls.
 *
 * Life: year_new -> year_learn (each scenario) -> year_begin -> year_run, any number of times, each up to a later moment.
 *
 * Invariants
 *  1. Who applies when, what happens to the case and when, follows from the seed alone.
 *  2. Steps of many cases share a transaction, one step of each case at most. Where one is refused, the others are run without it, and its
 *     case stays as it is: it stands as it would if nobody had gone on with it.
 *  3. Nothing is made after the moment that year_run was given.
 */
#ifndef APP_DEMO_YEAR_H
#define APP_DEMO_YEAR_H
#include "app/demo.h"
#include "data/tz.h"

struct year;
struct year_play;

int year_new(struct demo_work *w, int64_t cases, struct year **ret, struct err *e);
/* A scenario's cases, each from `apply` up to the next one, are played if all that is applied for is applied for by one person. */
int year_learn(struct year *y, const struct val *yaml, struct err *e);
/* Accounts for who applies, and when each case begins. */
int year_begin(struct year *y, int64_t from_ms, int64_t until_ms, struct err *e);
/* What is to happen until then; the clock stands there afterwards, if it was not later already. */
int year_run(struct year *y, int64_t until_ms, struct err *e);

void year_done(struct year *y); /* accepts NULL */

/* ---- between demo_year.c and demo_year_play.c ---- */
struct year_member {
    struct str citizen_id, login; /* whose account it is */
    const struct val *company;    /* that he stands for; NULL: himself */
};
struct year_pool {
    struct str login;             /* of the sample account whose place its members take */
    bool company;                 /* they apply for their companies */
    struct year_member *member;
    size_t n;
};
struct year_step {
    const struct val *step;
    int32_t waited_days;          /* of the scenario's clock, before it */
    bool applicant, free;         /* by who applies; may be refused without an end to the play */
};
enum { YEAR_VISITS_MAX = 1024 };
enum year_visit { YEAR_CASE, YEAR_VISIT, YEAR_COUNTER };
struct year_play {
    struct year_pool *lead;
    struct str item;
    struct civil_date day;        /* of the scenario's clock */
    struct year_step *step;
    size_t n;
    int64_t weight;
    enum year_visit visit;        /* of a case; or of a hall (demo_year_hall.c) */
    int32_t minute;               /* of the day: that is booked; at which a counter opens */
};
struct year_plays {
    struct demo_work *w;
    struct arena *a;
    struct map pools, members;    /* login of the sample -> year_pool; citizen_id -> year_member: the account of a person */
    struct year_play *play, *visit;
    size_t n, cap, n_visits;
};
/* An even draw: the same for the same numbers. */
uint64_t year_draw(uint64_t seed, uint64_t a, uint64_t b);
int year_plays_learn(struct year_plays *p, const struct val *yaml, struct err *e);
int year_accounts(struct year_plays *p, struct err *e);
/* How often each play is wanted: an item as often as there are people who may apply for it. */
void year_weigh(struct year_plays *p);
/* The step as this case takes it: other people, days as far off as in the scenario, numbers and names that nobody had before. In `a`. */
struct val *year_step_of(const struct year_plays *p, const struct year_play *play, size_t i, uint64_t seed, uint64_t number,
                         struct arena *a);
struct str year_lead_of(const struct year_play *play, uint64_t seed, uint64_t number);
/* What is done in the halls: `visit` of the plays; each is known once who applies is. */
int year_learn_halls(struct year_plays *p, struct err *e);
/* When it begins, on the first working day from then on; and when its next step is, after one at `at_ms`. */
int64_t year_visit_begins(const struct year_plays *p, const struct year_play *play, int64_t near_ms, uint64_t draw);
int64_t year_visit_goes_on(const struct year_plays *p, const struct year_play *play, size_t step, int64_t at_ms, uint64_t draw);
/* So many minutes after midnight of that day. */
int64_t year_minute(const struct tz *tz, struct civil_date day, int32_t minute);
#endif
