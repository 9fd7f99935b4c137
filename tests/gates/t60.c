/* t60: nothing changes without its audit entry. Every scenario of every system is played step by step; a backup of the store before
 * and one after each step are compared row by row:
 *   a step done     one new entry of its act for each act done, and nothing changed without one
 *   a step refused  exactly one entry, refused, naming the act, its kind of object and the object; no other row changed
 * Negative controls: a change that no act made, a refusal that left a change and a refusal that names no object must be found; and the
 * store itself must refuse a change that no act made.
 *
 * Then the same of the route table, over HTTP (t60_routes.c).
 *
 *   gate-t60 [SYSTEMS_DIR | routes]     prints the steps that fail, then "N passed, N failed"
 */
#include "t60.h"

#include "app/city_fixture.h"
#include "app/demo.h"
#include "data/yaml.h"
#include "os/os.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_MAX = 200, COLUMNS_MAX = 40, ENTRIES_MAX = 64 };

/* ---- a backup as tables of rows ---- */

struct table {
    struct str line; /* "name col:type ..." */
    struct str *row;
    size_t n, cap;
};
struct image {
    struct table table[TABLES_MAX];
    size_t n;
};

static uint32_t be32(const char *p) {
    const unsigned char *b = (const unsigned char *)p;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static struct str table_name(const struct table *t) {
    return str_sub(t->line, 0, str_find_char(t->line, ' ', 0));
}

static int by_bytes(const void *a, const void *b) {
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void add_row(struct arena *a, struct table *t, struct str row) {
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 64;
        struct str *more = arena_array(a, cap, sizeof *more);
        if (!more) abort();
        if (t->n) memcpy(more, t->row, t->n * sizeof *more);
        t->row = more, t->cap = cap;
    }
    t->row[t->n++] = row;
}

/* Format: store/dump.h. */
static bool read_image(struct arena *a, const char *path, struct image *ret) {
    struct str bytes;
    struct table *t = NULL;
    memset(ret, 0, sizeof *ret);
    if (os_read_file(a, path, (size_t)256 << 20, &bytes, NULL)) return false;
    for (size_t at = 16; at + 5 <= bytes.len;) {
        char kind = bytes.ptr[at];
        uint32_t len = be32(bytes.ptr + at + 1);
        struct str payload = str_sub(bytes, at + 5, len);
        at += 5 + (size_t)len;
        if (kind == 'T') {
            if (ret->n == TABLES_MAX) return false;
            t = &ret->table[ret->n++];
            t->line = payload;
        } else if (kind == 'R' && t) {
            add_row(a, t, payload);
        }
    }
    for (size_t i = 0; i < ret->n; i++) qsort(ret->table[i].row, ret->table[i].n, sizeof(struct str), by_bytes);
    return ret->n > 10;
}

/* The value of a column of one row, numbers in decimal. */
static struct str column(struct arena *a, const struct table *t, struct str row, const char *name) {
    struct str rest = t->line, head;
    size_t at = 0;
    (void)str_cut(&rest, ' ', &head);
    while (str_cut(&rest, ' ', &head) && at < row.len) {
        struct str col = str_sub(head, 0, str_find_char(head, ':', 0)), value = S("");
        char type = row.ptr[at++];
        if (type == 1) {
            uint64_t v = (uint64_t)be32(row.ptr + at) << 32 | be32(row.ptr + at + 4);
            value = arena_fmt(a, "%" PRId64, (int64_t)v);
            at += 8;
        } else if (type != 0) {
            uint32_t len = be32(row.ptr + at);
            value = str_sub(row, at + 4, len);
            at += 4 + (size_t)len;
        }
        if (str_eq(col, str_of(name))) return value;
    }
    return S("");
}

/* ---- what happened between two of them ---- */

struct entry {
    struct str act, outcome, kind, object, of_case;
};
struct change {
    size_t rows; /* new, gone or different, outside the log and the store's own tables */
    size_t due;  /* of them in act_outbox */
    struct str where;
    struct entry entry[ENTRIES_MAX];
    size_t n;
    bool log_shrank;
};

static const struct table *find_table(const struct image *im, struct str name) {
    for (size_t i = 0; i < im->n; i++)
        if (str_eq(table_name(&im->table[i]), name)) return &im->table[i];
    return NULL;
}

static void compare(struct arena *a, const struct image *before, const struct image *after, struct change *ret) {
    static const struct table none;
    memset(ret, 0, sizeof *ret);
    for (size_t k = 0; k < after->n; k++) {
        const struct table *t = &after->table[k], *was = find_table(before, table_name(t));
        struct str name = table_name(t);
        bool log = str_eq(name, S("audit_pending")), own = str_starts(name, S("audit_")) || str_eq(name, S("store_lease")) ||
                                                                                  str_eq(name, S("supervise_look")); /* act_exempt.h */
        if (!was) was = &none;
        for (size_t i = 0, j = 0; i < t->n || j < was->n;) {
            int order = i == t->n ? 1 : j == was->n ? -1 : str_cmp(t->row[i], was->row[j]);
            if (order == 0) {
                i++, j++;
                continue;
            }
            if (log && order > 0) ret->log_shrank = true;
            if (log && order < 0 && ret->n < ENTRIES_MAX)
                ret->entry[ret->n++] = (struct entry){
                    column(a, t, t->row[i], "act"),         column(a, t, t->row[i], "outcome"), column(a, t, t->row[i], "object_kind"),
                    column(a, t, t->row[i], "object_id"),   column(a, t, t->row[i], "case_id"),
                };
            if (!own) ret->rows++, ret->due += str_eq(name, S("act_outbox")), ret->where = name;
            if (order < 0) i++;
            else j++;
        }
    }
}

/* ---- judging ---- */

static const char *act_of(struct str verb) {
    static const char *const acts[][2] = {
        { "apply", "case.draft" },   { "consent", "case.consent" },   { "answer", "case.draft" },
        { "add", "case.draft" },     { "change", "case.draft" },      { "remove", "case.draft" },
             { "upload", "case.draft" },     { "reuse", "case.draft" }, { "submit", "case.submit" },
        { "hold", "clock.hold" },     { "resume", "clock.hold" },
        { "rate", "case.rate" },     { "supplement", "case.supplement" }, { "withdraw", "case.withdraw" }, { "decide", "task.complete" }, { "set-papers", "paper.issue" }, { "wait", "clock.hold" }, { "supervise", "card.issue" },
#define ITEM_ACT(verb, power, flow, needs, tell, notice, words) { verb, power },
#include "engine/item/item_acts.h"
#undef ITEM_ACT
    };
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (str_eq(verb, str_of(acts[i][0]))) return acts[i][1];
    return "?";
}

/* The entry of a step says what was asked for; a look at what is shown whole for some minutes is a look. */
static struct str entry_act(struct str verb) {
    struct str record = scenario_record_act(verb);
    if (scenario_queue_act(verb).len) return scenario_queue_act(verb);
    if (scenario_card_act(verb).len) return scenario_card_act(verb);
    if (scenario_deputy_act(verb).len) return scenario_deputy_act(verb);
    if (scenario_handover_act(verb).len) return scenario_handover_act(verb);
    if (str_eq(verb, S("clear"))) return S("record.read");
    return record.len ? record : str_of(act_of(verb));
}

/* What a case enters in the registries when its process goes on is entered by acts of theirs. */
static bool registers(struct str verb, struct str act) {
    bool goes_on = str_eq(verb, S("decide")) || str_eq(verb, S("submit")) || str_eq(verb, S("wait"));
    if ((str_eq(verb, S("rate")) || str_eq(verb, S("rate-code"))) && str_eq(act, S("case.redress"))) return true;
    return goes_on && (str_eq(act, S("record.put")) || str_eq(act, S("record.end")) || str_eq(act, S("mandate.put")));
}

/* Does the entry of a refusal say what was asked for? The case of a scenario is known from its first step on. */
static const char *judge_object(const struct entry *x, struct str verb, int64_t case_id) {
    int64_t object = 0, of_case = 0;
    struct str act = entry_act(verb);
    bool task = str_starts(act, S("task.")) || str_eq(act, S("clock.hold"));
    (void)str_to_i64(x->object, &object);
    (void)str_to_i64(x->of_case, &of_case);
    bool record = scenario_record_act(verb).len > 0, card = scenario_card_act(verb).len > 0;
    if (registers(verb, x->act)) return object ? NULL : "a refusal does not name its object";
    if (!str_eq(x->act, entry_act(verb)) && !(record && str_eq(x->act, scenario_record_act(verb)))) return "a refusal of another act";
    if (card) return object && of_case == case_id && str_eq(x->kind, S("card")) ? NULL : "a refusal does not name its card";
    /* Who names a deputy has none yet. */
    if (scenario_deputy_act(verb).len)
        return str_eq(x->kind, S("deputy")) && (object || !str_starts(act, S("deputy.end"))) ? NULL : "a refusal does not name its object";
    /* In a hall nobody has said which ticket before it is found: who calls, or takes one, names none. */
    struct str queue = scenario_queue_act(verb);
    if (queue.len && !str_eq(x->kind, access_act_kind(queue))) return "a refusal does not name the kind of its object";
    if (queue.len) return object || !str_eq(verb, S("ticket-back")) ? NULL : "a refusal does not name its object";
    if (record && !str_eq(x->kind, S("record"))) return "a refusal does not name the kind of its object";
    if (record) return object || str_eq(verb, S("find")) || str_eq(verb, S("put")) ? NULL : "a refusal does not name its object";
    /* Of what the counter's second screen shows: the hall, or before that is known the case that it is about. */
    if (scenario_handover_act(verb).len && !str_eq(access_act_kind(act), S("case")) && str_eq(x->kind, access_act_kind(act))) return NULL;
    task = task && !str_eq(x->kind, S("case")); /* of a task that is not there the case is named */
    if (!str_eq(x->kind, task ? S("task") : S("case"))) return "a refusal does not name the kind of its object";
    if (case_id && (object == 0 || of_case != case_id)) return "a refusal does not name its object";
    return case_id && !task && object != case_id ? "a refusal names another object" : NULL;
}

/* While time passes, who has booked is told of it the day before, and who has not fetched a result of that. */
static bool reminds(struct str verb, struct str act) {
    return str_eq(verb, S("wait")) && (str_eq(act, S("booking.remind")) || str_eq(act, S("handover.remind")));
}

/* NULL: in order. */
static const char *judge(const struct change *c, struct str verb, bool refused, bool person, int64_t case_id) {
    /* Supervision numbers the log before it reads it. */
    if (c->log_shrank && !str_eq(verb, S("supervise"))) return "an audit entry is gone";
    for (size_t i = 0; i < c->n; i++) {
        bool is_refused = str_eq(c->entry[i].outcome, S("1"));
        if (is_refused != refused) return refused ? "a refused step has an entry of something done" : "an entry of a refusal nobody made";
        /* Who applies agrees at once, by an act of its own, to the registries' data being used. */
        bool agrees = i == 1 && c->n == 2 && str_eq(verb, S("apply")) && str_eq(c->entry[i].act, S("case.consent"));
        if (reminds(verb, c->entry[i].act)) continue;
        if (!refused && !agrees && !registers(verb, c->entry[i].act) && !str_eq(c->entry[i].act, entry_act(verb))) return "an entry of another act";
    }
    if (refused && c->n != 1) return "a refusal has not exactly one entry";
    if (refused) return c->rows ? "a refused step changed something" : judge_object(&c->entry[0], verb, case_id);
    size_t own = c->n;
    for (size_t i = 0; i < c->n; i++) own -= registers(verb, c->entry[i].act);
    /* Each record that was found was looked at, and so was what is handed over. */
    bool many = str_eq(verb, S("find")) || str_eq(scenario_handover_act(verb), S("case.handover"));
    if (person && own != 1 && !many && !(own == 2 && str_eq(verb, S("apply")))) return "a step has not exactly one entry";
    /* A reminder that was no longer needed is done with. */
    bool spared = str_eq(verb, S("wait")) && c->rows == c->due;
    if (c->rows && c->n == 0 && !spared) return "something changed without an entry";
    return NULL;
}

struct gate {
    struct city *city;
    struct arena a, b; /* before, after */
    struct image before, after;
    unsigned passed, failed;
    int64_t named; /* by the refusal of a control */
};

static bool shoot(struct gate *g, struct arena *a, struct image *im) {
    char path[1024];
    struct err e = { 0 };
    arena_reset(a);
    (void)snprintf(path, sizeof path, "%s/gate.dump", store_fixture_dir(g->city->fixture));
    if (store_dump(g->city->app->store, path, &e)) return (void)fprintf(stderr, "dump: %s\n", e.detail), false;
    bool ok = read_image(a, path, im);
    (void)os_unlink(path, NULL);
    return ok;
}

static void tell(struct gate *g, const char *file, size_t step, struct str verb, const struct change *c, const char *wrong) {
    if (!wrong) {
        g->passed++;
        return;
    }
    g->failed++;
    struct str first = c->n ? c->entry[0].act : S("-"), last = c->n ? c->entry[c->n - 1].act : S("-");
    (void)printf("%s: step %zu %.*s: %s (%zu rows, last in %.*s; %zu entries, %.*s to %.*s)\n", file, step, STR_ARG(verb), wrong,
                 c->rows, STR_ARG(c->where), c->n, STR_ARG(first), STR_ARG(last));
}

/* The steps, each by one: what many are refused is a step and an entry of each. */
static struct val *steps_by_one(struct arena *a, const struct val *steps) {
    struct val *all = val_list(a);
    for (size_t i = 0; i < val_count(steps); i++) {
        const struct val *who = val_get(val_item(steps, i), S("who"));
        for (size_t k = 0; k == 0 || k < val_many(who); k++) {
            struct val *one = val_copy(a, val_item(steps, i));
            if (who) val_put_str(a, one, S("who"), val_text(val_nth(who, k)));
            val_push(a, all, one);
        }
    }
    return all;
}

static void play_file(struct gate *g, const char *file, const struct val *yaml) {
    struct scenario s = { .app = g->city->app, .systems_dir = "systems", .step_ms = 60000 };
    struct arena one;
    int64_t case_id = 0;
    arena_init(&one, "step", 4 << 20);
    const struct val *steps = steps_by_one(&one, val_get(yaml, S("steps")));
    for (size_t i = 0; i < val_count(steps); i++) {
        const struct val *step = val_item(steps, i);
        struct str verb = val_get_str(step, S("do"));
        struct change c;
        struct err e = { 0 };
        struct val *yaml_of_one = val_map(&one), *list = val_list(&one);
        val_push(&one, list, val_copy(&one, step));
        val_put(&one, yaml_of_one, S("steps"), list);
        if (!shoot(g, &g->a, &g->before)) exit(2);
        int64_t asked = case_id;
        int rc = scenario_play(&s, yaml_of_one, 1, case_id, &e);
        case_id = s.case_id;
        if (!shoot(g, &g->b, &g->after)) exit(2);
        compare(&g->b, &g->before, &g->after, &c);
        tell(g, file, i + 1, verb, &c,
             rc ? err_name(rc) : judge(&c, verb, val_get_str(step, S("refused")).len > 0, val_get_str(step, S("who")).len > 0,
                                      str_eq(verb, S("apply")) ? 0 : asked));
    }
    arena_done(&one);
}

/* ---- negative controls ---- */

static int silent(struct store_tx *tx, struct store_job *job, struct err *e) {
    return scope_put(tx, job->home, S("case"), 424242, 1, 424242, e);
}
static int refuse(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct gate *g = job->arg;
    if (g->named) access_asked(tx, S("case"), g->named, 0);
    return act_refused(tx, &g->city->app->realm, &g->city->app->worker, S("case.withdraw"), ERR_FORBIDDEN, e);
}

static void control(struct gate *g, const char *name, bool refused) {
    struct change c;
    if (!shoot(g, &g->a, &g->before)) exit(2);
    if (city_fixture_plant(g->city, silent, g, NULL)) exit(2);
    if (refused && city_fixture_run(g->city, refuse, g, NULL)) exit(2);
    if (!shoot(g, &g->b, &g->after)) exit(2);
    compare(&g->b, &g->before, &g->after, &c);
    const char *wrong = judge(&c, S("decide"), refused, false, 0);
    (void)printf("control, %s: %s\n", name, wrong ? "found" : "NOT FOUND");
    if (wrong) g->passed++;
    else g->failed++;
}

static int drop(struct store_tx *tx, struct store_job *job, struct err *e) {
    return scope_drop(tx, job->home, S("case"), 424242, e);
}

/* The same change as an engine would make it: the store does not let it through, whoever submits it. */
static void control_guard(struct gate *g) {
    struct change c;
    struct err e = { 0 };
    if (!shoot(g, &g->a, &g->before)) exit(2);
    bool let = city_fixture_run(g->city, silent, g, &e) != ERR_DEFECT;
    if (!shoot(g, &g->b, &g->after)) exit(2);
    compare(&g->b, &g->before, &g->after, &c);
    (void)printf("control, a change without an act: %s\n", let || c.rows ? "COMMITTED" : "not committed");
    if (let || c.rows) g->failed++;
    else g->passed++;
}

static void play_system(struct gate *g, const char *dir) {
    struct arena a;
    struct str *name;
    size_t n;
    arena_init(&a, "cases", 16 << 20);
    const char *cases = arena_fmt(&a, "%s/cases", dir).ptr;
    if (os_kind(cases) == OS_DIR && os_list_dir(&a, cases, &name, &n, NULL) == 0)
        for (size_t i = 0; i < n; i++) {
            const char *path = arena_fmt(&a, "%s/%.*s", cases, STR_ARG(name[i])).ptr;
            struct str text;
            struct val *yaml;
            struct err e = { 0 };
            void *state = NULL;
            if (os_read_file(&a, path, 1 << 20, &text, &e) || yaml_parse(&a, str_of(path), text, &yaml, &e)) {
                (void)printf("%s: %s\n", path, e.detail);
                g->failed++;
                continue;
            }
            if (city_fixture_open(&state, false)) exit(2); /* a city of its own for each scenario */
            g->city = state;
            play_file(g, path, yaml);
            (void)city_fixture_done(&state);
        }
    arena_done(&a);
}

/* A refusal, with its object or without: what a body leaves when it notes nothing. */
static void control_object(struct gate *g, bool named, int64_t case_id) {
    struct change c;
    g->named = named ? case_id : 0;
    if (!shoot(g, &g->a, &g->before)) exit(2);
    if (city_fixture_run(g->city, refuse, g, NULL)) exit(2);
    if (!shoot(g, &g->b, &g->after)) exit(2);
    compare(&g->b, &g->before, &g->after, &c);
    const char *wrong = judge(&c, S("withdraw"), true, true, case_id);
    (void)printf("control, a refusal %s: %s\n", named ? "with its object" : "without its object", wrong ? "found" : "in order");
    if (!wrong == named) g->passed++;
    else g->failed++;
}

int main(int argc, char **argv) {
    struct gate *g = calloc(1, sizeof *g);
    struct arena a;
    struct err e = { 0 };
    const char **dirs;
    size_t n;
    void *state = NULL;
    if (!g) return 2;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    arena_init(&a, "gate", 64 << 20);
    arena_init(&g->a, "before", (size_t)512 << 20);
    arena_init(&g->b, "after", (size_t)512 << 20);
    if (argc > 1 && !strcmp(argv[1], "routes")) {
        t60_routes(&g->passed, &g->failed);
        return (void)printf("%u passed, %u failed\n", g->passed, g->failed), g->failed != 0;
    }
    if (app_list_systems(&a, argc > 1 ? argv[1] : "systems", &dirs, &n, &e)) return (void)printf("%s\n", e.detail), 2;
    for (size_t i = 0; i < n; i++) play_system(g, dirs[i]);
    if (g->passed == 0) g->failed++, (void)printf("no scenario was played\n");
    if (city_fixture_open(&state, false)) return 2;
    g->city = state;
    control_guard(g);
    control(g, "a change without an entry", false);
    if (city_fixture_plant(g->city, drop, g, NULL)) return 2;
    control(g, "a refusal that left a change", true);
    control_object(g, true, 424242);
    control_object(g, false, 424242);
    (void)city_fixture_done(&state);
    t60_routes(&g->passed, &g->failed);
    (void)printf("%u passed, %u failed\n", g->passed, g->failed);
    arena_done(&g->b);
    arena_done(&g->a);
    arena_done(&a);
    bool bad = g->failed != 0;
    free(g);
    return bad;
}
