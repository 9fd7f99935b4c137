/* demo: shared by the files that make the demo city and by scenarios; see app.h app_make_demo. */
#ifndef APP_DEMO_H
#define APP_DEMO_H
#include "app/app.h"
#include "base/map.h"
#include "engine/item/item.h"

#define DEMO_PASSWORD "tongban-demo-2026" /* of demo accounts only, which a non-loopback address refuses */

struct demo_work {
    struct app *app;
    const struct demo *d;
    struct arena *a;
    const struct system *sys;
    const struct val *rows;                 /* of a sample table */
    struct str hash;                        /* of the demo password */
    struct release_findings *findings;
    struct val *person_list, *company_list; /* rows of the sample */
    struct map people, companies;           /* citizen_id, uscc -> int64_t record id */
    struct map person_rows;                 /* citizen_id -> row of the sample */
};
/* Does the person fit the place of a row of sample/accounts.csv: of `age` or more, wherever he lives; 0: old enough to act, where there is
 * a window. Does the company exist? */
bool demo_person_fits(const struct demo_work *w, const struct val *person, int64_t age);
bool demo_company_fits(const struct val *company);
/* The place of such a row: N, or N@AGE. False: none. */
bool demo_place(const struct val *row, int64_t *ret_n, int64_t *ret_age);

/* How far back the demo city's history goes: the whole scenarios, some of which wait for weeks, and then some two months in which cases
 * are left standing. `init --demo` shifts the clock by it before it makes anything; where a year of
 * cases is wanted, by that year as well. */
enum { DEMO_HISTORY_DAYS = 180, DEMO_YEAR_DAYS = 365 };
int64_t demo_days(const struct demo *d);
/* Cases wherever a process can stand, by running the scenarios of the active systems' cases/, each up to several steps. If the clock
 * stands in the past, they are spread over the days up to now, and the clock is right afterwards. */
int demo_cases(struct demo_work *w, struct err *e);

/* Rows of sample/mandates.csv, by the commands that people have. */
int demo_mandates(struct store_tx *tx, const struct app *app, const struct val *rows, struct err *e);

/* The record that a scenario has in hand (scenario_record.c). */
struct scenario_hand {
    char type[48];
    int64_t id, version, found;
    char hall[48]; /* and the ticket and the booking of a hall (scenario_queue.c) */
    int64_t ticket, booking;
};
/* The act of a verb about records; empty for any other verb. The step itself, as the person it names. */
struct str scenario_record_act(struct str verb);
int scenario_record(struct scenario_hand *h, struct store_tx *tx, const struct realm *r, const struct actor *who, struct str verb,
                    const struct val *step, struct err *e);

/* The same of a verb about tickets. */
struct str scenario_queue_act(struct str verb);
int scenario_queue(struct scenario_hand *h, struct store_tx *tx, const struct realm *r, const struct actor *who, struct str verb,
                   const struct val *step, struct err *e);

/* The same of a verb about cards of supervision; and supervision's own turn, to the end of the log. */
struct str scenario_card_act(struct str verb);
int scenario_card(struct store_tx *tx, const struct realm *r, const struct actor *who,
                  int64_t case_id, struct str verb, const struct val *step, struct err *e);
int scenario_supervise(struct app *app, struct err *e);
/* The same of a verb about who stands in for whom; `to`: the account that the step names, or 0. */
struct str scenario_deputy_act(struct str verb);
int scenario_deputy(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t to, struct str verb,
                    const struct val *step, struct err *e);

/* The same of a verb about what a case came to: handed over, sent, rated by a code; the case and the hall in hand. */
struct str scenario_handover_act(struct str verb);
int scenario_handover(struct scenario_hand *h, struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                      struct str verb, const struct val *step, struct val **errors, struct err *e);
struct item_case;
struct str scenario_handover_state(const struct item_case *c); /* "waits" "fetched" "posted"; empty: none of them */

/* A key of `expect` against what is; ERR_INPUT with both (scenario_want.c). */
int scenario_differs(struct err *e, const char *what, struct str want, struct str is);
int scenario_want_bool(const struct val *want, const char *key, bool is, struct err *e);
int scenario_want_text(const struct val *want, const char *key, struct str is, struct err *e);
int scenario_want_list(const struct val *wanted, const char *key, const struct val *is, struct err *e);

/* One step of a scenario (cases/NAME.yaml), by the account of that name. */
struct scenario {
    struct app *app;
    const char *systems_dir;
    int64_t case_id;
    struct scenario_hand hand; /* goes on from play to play, as case_id does when it is given */
    struct str stands;         /* who acts for the company of his mandate; empty: `company` */
    bool print;
    int64_t step_ms;        /* what each step takes on the clock; 0: the clock is the machine's, and nothing waits */
    int64_t until_ms;       /* a wait that would pass it is not waited; 0: all are */
    struct str *standing;   /* NULL, or one for each step: item, state and open tasks of the case after it, in this arena */
    struct arena *standing_arena;
    unsigned passed, failed;
    uint32_t line;          /* of the step that failed; */
    bool undone;            /* by the engine's own error, else by what the scenario says of it; */
    struct str wanted;      /* the error that it was to be refused with, of the scenario's memory */
};
/* What failed, for who wrote the scenario: in `a`. */
struct str scenario_fault(const struct scenario *s, const struct err *e, struct arena *a);
/* Runs the steps [0, n) of a scenario (n = SIZE_MAX: all); ERR of the first that came out otherwise than it says. */
int scenario_run(struct scenario *s, const struct val *yaml, size_t n, struct err *e);
/* One step within the caller's transaction, for who plays many cases at once; nothing of it is looked at or printed. What an upload
 * gives is sealed before (scenario_seal; `*ret_sealed` in the transaction's arena) and put among the blobs by the caller. */
int scenario_do(struct scenario *s, struct store_tx *tx, const struct val *step, const struct item_file *file, struct err *e);
bool scenario_gives_file(struct str verb);
int scenario_seal(struct scenario *s, struct store_tx *tx, const struct val *step, struct item_file *ret, struct str *ret_sealed,
                  struct err *e);
/* The same, going on with a case that is there (0: none). */
int scenario_play(struct scenario *s, const struct val *yaml, size_t n, int64_t case_id, struct err *e);
#endif
