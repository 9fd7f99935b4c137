/* t41_objects: what the principals ask for. Of each kind: one's own and others', of one office and
 * of another, of another district, a draft, one withdrawn, one ended, one that belongs to another
 * than the address says (crossed), one that never was. Invariant: cases come about by the steps a
 * scenario has; the names here are those of the `object` lines in rights.tsv.
 */
#include "release/release_draft.h"
#include "t41.h"

#include "app/app.h"
#include "app/sample.h"
#include "data/csv.h"
#include "engine/deputy/deputy.h"
#include "engine/queue/queue_book.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/item/item_handover.h"
#include "engine/item/item.h"
#include "engine/item/item_intake.h"
#include "engine/mandate/mandate.h"
#include "engine/paper/paper.h"
#include "engine/record/record.h"
#include "engine/saved/saved.h"

#include <stdio.h>
#include <string.h>

#define HANDLER "  - {who: company, do: add, page: handlers, with: {name: 样三, certificate: JK-1, duty: '1'}}\n"
#define ANSWERS(district) CITY_SHOP_APPLY CITY_BIG_SHOP(district) HANDLER
#define ACCEPT "  - {who: window, do: decide, task: intake, move: accept}\n"
/* Food and fire review, sign has given its permit. */
#define REVIEWS \
    ACCEPT "  - {who: food, do: decide, task: survey, move: pass}\n" CITY_BIG_SURVEYED \
           "  - {who: sign, do: decide, task: sign_review, move: approve}\n" \
           "  - {do: set-papers}\n"
#define PROOF(who) \
    "  - {who: " who ", do: apply, item: residence-proof}\n" \
    "  - {who: " who ", do: answer, page: registered, with: {purpose: '1'}}\n" \
    "  - {who: " who ", do: submit}\n"
#define PROVED "  - {who: police, do: decide, task: confirm, move: approve}\n  - {do: set-papers}\n"

enum { UNKNOWN_ID = 424242 };

static void keep(char to[T41_NAME_BYTES], struct str s) {
    (void)snprintf(to, T41_NAME_BYTES, "%.*s", STR_ARG(s));
}

static int64_t file_of(const struct val *view, const char *material) {
    const struct val *list = val_get(view, S("materials"));
    for (size_t i = 0; i < val_count(list); i++)
        if (str_eq(val_get_str(val_item(list, i), S("id")), str_of(material)))
            return val_get_i64(val_item(val_get(val_item(list, i), S("files")), 0), S("id"), 0);
    return 0;
}

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct t41_made *m = job->arg;
    struct item_case c;
    struct val *view;
    struct flow_task *tasks;
    size_t n;
    int rc = item_case_get(tx, m->r, NULL, m->case_id, &c, e);
    if (!rc) rc = item_case_view(tx, m->r, &c, S(""), S("zh"), &view, e);
    if (!rc) rc = flow_tasks_of(tx, c.id, &tasks, &n, e);
    if (rc) return rc;
    for (size_t i = 0; i < n && m->n_tasks < T41_TASKS_KEPT; i++) {
        m->task[m->n_tasks] = tasks[i].id;
        keep(m->element[m->n_tasks++], tasks[i].element);
    }
    const struct val *paper = val_item(val_get(view, S("papers")), 0);
    m->gas = file_of(view, "gas-contract");
    m->plan = file_of(view, "floor-plan");
    m->paper = val_get_i64(paper, S("id"), 0);
    keep(m->number, c.number);
    keep(m->code, val_get_str(paper, S("code")));
    keep(m->rating, item_rating_code(job->arena, m->r, &c));
    return 0;
}

struct t41_made t41_play(struct t41_city *t, const char *steps) {
    struct t41_made m = { .r = &t->city->app->realm };
    struct err e = { 0 };
    if (city_fixture_play(t->city, steps, &m.case_id, &e)) t41_stop("steps", &e);
    if (city_fixture_read(t->city, look_body, &m, &e)) t41_stop("look", &e);
    return m;
}

int64_t t41_task(const struct t41_made *m, const char *element) {
    for (size_t i = 0; i < m->n_tasks; i++)
        if (!strcmp(m->element[i], element)) return m->task[i];
    struct err e = { 0 };
    t41_stop(element, &e);
}

void t41_add(struct t41_city *t, struct t41_object o) {
    t->object[t->n_objects++] = o;
}

void t41_add_text(struct t41_city *t, const char *kind, const char *name, const char *text, int64_t id) {
    struct t41_object o = { .kind = kind, .name = name, .id = id };
    keep(o.text, str_of(text));
    t41_add(t, o);
}

void t41_add_case(struct t41_city *t, const char *name, int64_t id, const char *page) {
    t41_add(t, (struct t41_object){ .kind = "case", .name = name, .case_id = id, .id = id, .page = page });
}

static void add_file(struct t41_city *t, const char *kind, const char *name, int64_t case_id,
                     int64_t id, int64_t file) {
    struct t41_object o = { .kind = kind, .name = name, .case_id = case_id, .id = id };
    o.file = file;
    t41_add(t, o);
}

static void add_slot(struct t41_city *t, const char *name, int64_t case_id, const char *material) {
    struct t41_object o = { .kind = "slot", .name = name, .case_id = case_id };
    o.material = material;
    t41_add(t, o);
}

/* A page of questions that repeat, with one entry where the case is still a draft. */
static void add_group(struct t41_city *t, const char *name, int64_t case_id) {
    t41_add(t, (struct t41_object){ .kind = "group", .name = name, .case_id = case_id, .page = "handlers" });
}

static void add_id(struct t41_city *t, const char *kind, const char *name, int64_t id) {
    t41_add(t, (struct t41_object){ .kind = kind, .name = name, .id = id });
}

/* ---- accounts, posts, the log ---- */

static void add_accounts(struct t41_city *t) {
    static const char *const logins[] = { "victim", "citizen", "security" };
    struct actor who[3];
    for (size_t i = 0; i < 3; i++) {
        city_fixture_actor(t->city, logins[i], &who[i]);
        add_id(t, "account", logins[i], who[i].account);
    }
    add_id(t, "account", "unknown", UNKNOWN_ID);
    t41_add_text(t, "post", "victim", "victim", who[0].posts[0].id);
    t->object[t->n_objects - 1].once = true;
    t41_add_text(t, "post", "crossed", "victim", who[2].posts[0].id);
    t41_add_text(t, "post", "unknown", "nobody-here", UNKNOWN_ID);
    t41_add_text(t, "entry", "first", "1", 0);
    t41_add_text(t, "entry", "unknown", "424242", 0);
}

/* ---- records ---- */

struct finding {
    const struct realm *r;
    int64_t found[2]; /* a company in the first district, one in another */
};

/* A company's record that lies in the division, or not. */
static int find_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct finding *f = job->arg;
    struct arena *a = store_arena(tx);
    const struct record_type *t = realm_find(f->r, SYSTEM_RECORD, S("company"), NULL);
    struct sample_city sample;
    struct val *rows;
    int rc = sample_make(a, CITY_SAMPLE_SEED, CITY_PEOPLE, CITY_COMPANIES, tz_date(f->r->tz, CITY_START_MS), &sample, e);
    if (!rc) rc = csv_table(a, sample.companies, &rows, e);
    for (size_t i = 0; !rc && i < val_count(rows); i++) {
        bool far = !str_starts(val_get_str(val_item(rows, i), S("division")), S("120101"));
        size_t n;
        if (f->found[far]) continue;
        rc = record_find(tx, f->r, t, S("uscc"), val_get_str(val_item(rows, i), S("uscc")), &f->found[far], 1, &n, e);
    }
    return rc;
}

static void add_record(struct t41_city *t, const char *name, const char *type, int64_t id) {
    struct t41_object o = { .kind = "record", .name = name, .id = id };
    keep(o.text, str_of(type));
    t41_add(t, o);
}

static void add_records(struct t41_city *t) {
    struct finding f = { .r = &t->city->app->realm };
    struct actor citizen;
    struct err e = { 0 };
    if (city_fixture_read(t->city, find_body, &f, &e) || !f.found[0] || !f.found[1]) t41_stop("records", &e);
    city_fixture_actor(t->city, "citizen", &citizen);
    add_record(t, "person", "person", citizen.person);
    add_record(t, "company", "company", f.found[0]);
    add_record(t, "company-far", "company", f.found[1]);
    add_record(t, "crossed", "company", citizen.person);
    add_record(t, "unknown", "person", UNKNOWN_ID);
    t41_add_text(t, "registry", "person", "person", 0);
    t41_add_text(t, "registry", "company", "company", 0);
    t41_add_text(t, "registry", "unknown", "no-such", 0);
}

static void add_names(struct t41_city *t) {
    static const char *const items[] = { "restaurant", "residence-proof", "unknown" };
    static const char *const roles[] = { "window-clerk",  "police-officer", "food-reviewer",
                                         "fire-reviewer", "sign-reviewer",  "unknown" };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        t41_add(t, (struct t41_object){ .kind = "item", .name = items[i], .item = items[i] });
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        t41_add_text(t, "queue", roles[i], roles[i], 0);
}

/* A hall of the demo city, and a ticket that was taken there. */
static int ticket_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct t41_city *t = job->arg;
    const struct realm *r = &t->city->app->realm;
    struct queue_ticket taken;
    struct actor kiosk;
    int64_t account;
    int rc = identity_account_by_login(tx, r, S("kiosk"), &account, e);
    if (!rc) rc = identity_actor_of(tx, r, account, &kiosk, e);
    if (!rc)
        rc = queue_take(tx, r, &kiosk, queue_hall_find(r, S("heping")), S("advice"), S(""), &taken, e);
    if (!rc) t41_add_text(t, "ticket", "taken", arena_cstr(&t->a, taken.code), 0);
    return rc;
}

static int person_of(struct store_tx *tx, const struct realm *r, struct str login, struct actor *ret, struct err *e) {
    int64_t account;
    int rc = identity_account_by_login(tx, r, login, &account, e);
    return rc ? rc : identity_actor_of(tx, r, account, ret, e);
}

/* A time that the citizen has booked there: the last that may be. */
static int booking_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct t41_city *t = job->arg;
    const struct realm *r = &t->city->app->realm;
    const struct queue_hall *h = queue_hall_find(r, S("heping"));
    struct queue_booking b;
    struct queue_slot *slot;
    struct actor citizen;
    size_t n;
    int rc = person_of(tx, r, S("citizen"), &citizen, e);
    if (!rc) rc = queue_slots(tx, r, h, queue_line_find(h, S("general")), &slot, &n, e);
    if (!rc && n == 0) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = queue_book(tx, r, &citizen, h, S("general"), S(""), slot[n - 1].at_ms, &b, e);
    if (!rc) add_id(t, "booking", "citizen", b.id);
    return rc;
}

static void add_halls(struct t41_city *t) {
    struct err e = { 0 };
    t41_add_text(t, "hall", "heping", "heping", 0);
    t41_add_text(t, "hall", "unknown", "no-such", 0);
    if (city_fixture_run(t->city, ticket_body, t, &e)) t41_stop("a ticket", &e);
    t41_add_text(t, "ticket", "unknown", "00000000000000000000", 0);
    if (city_fixture_run(t->city, booking_body, t, &e)) t41_stop("a booking", &e);
    add_id(t, "booking", "unknown", UNKNOWN_ID);
}

/* Taken at the window: an application with its receipt, and one that was told what it lacks. */
struct taking {
    struct t41_city *t;
    struct actor clerk;
    int64_t person[2], id[2];
};

static int take_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct taking *x = job->arg;
    const struct realm *r = &x->t->city->app->realm;
    struct item_visit v = { 0 };
    struct actor visitor;
    struct val *errors, *answers = val_map(job->arena);
    int rc = person_of(tx, r, S("window"), &x->clerk, e);
    v.type = realm_find(r, SYSTEM_ITEM, S("residence-proof"), &v.system);
    val_put_str(job->arena, answers, S("purpose"), S("1"));
    for (size_t i = 0; !rc && i < 2; i++) {
        struct item_intake in = { .answers = i ? NULL : answers, .agree = true, .declared = true, .notice = i == 1 };
        rc = person_of(tx, r, i ? S("neighbour") : S("citizen"), &visitor, e);
        x->person[i] = v.person = visitor.person;
        if (!rc) rc = item_intake_put(tx, r, &x->clerk, &v, &in, &x->id[i], &errors, e);
    }
    return rc;
}

static void add_visits(struct t41_city *t, int64_t online) {
    struct taking x = { .t = t };
    struct err e = { 0 };
    char person[24];
    if (city_fixture_run(t->city, take_body, &x, &e)) t41_stop("an intake", &e);
    (void)snprintf(person, sizeof person, "%lld", (long long)x.person[0]);
    t41_add_text(t, "visit", "citizen", person, 0);
    t->object[t->n_objects - 1].item = "residence-proof";
    t41_add_text(t, "visit", "unknown", "1", 0);
    t->object[t->n_objects - 1].item = "residence-proof";
    t41_add_case(t, "receipt", x.id[0], "registered");
    t->object[t->n_objects - 1].kind = "taken";
    t41_add_case(t, "notice", x.id[1], "registered");
    t->object[t->n_objects - 1].kind = "taken";
    t41_add_case(t, "online", online, "registered");
    t->object[t->n_objects - 1].kind = "taken";
    t41_add_case(t, "unknown", UNKNOWN_ID, "registered");
    t->object[t->n_objects - 1].kind = "taken";
}

/* Who acts for whom: offered by a company and by a person, to the same. */
struct giving {
    struct t41_city *t;
    struct actor giver, holder;
    int64_t id;
};

static int give_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct giving *x = job->arg;
    const struct realm *r = &x->t->city->app->realm;
    struct record rec;
    int rc = record_get(tx, r, realm_find(r, SYSTEM_RECORD, S("person"), NULL), x->holder.person, &rec, e);
    struct mandate_offer o = { .name = val_get_str(rec.values, S("name")),
                               .citizen_id = val_get_str(rec.values, S("citizen_id")),
                               .standing = S("viewer"),
                               .months = 36,
                               .agreed = true };
    return rc ? rc : mandate_give(tx, r, &x->giver, &o, &x->id, e);
}

static void add_mandates(struct t41_city *t) {
    static const char *const by[][2] = { { "company", "member" }, { "neighbour", "relative" } };
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        struct giving x = { .t = t };
        struct err e = { 0 };
        city_fixture_actor(t->city, by[i][0], &x.giver);
        city_fixture_actor(t->city, "citizen", &x.holder);
        if (city_fixture_run(t->city, give_body, &x, &e)) t41_stop("a mandate", &e);
        add_id(t, "mandate", by[i][1], x.id);
    }
    add_id(t, "mandate", "unknown", UNKNOWN_ID);
}

/* Who is away, and who is asked to stand in for him: of his post, above his unit. */
static int deputy_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct t41_city *t = job->arg;
    const struct realm *r = &t->city->app->realm;
    struct civil_date day = { tz_date(r->tz, store_now_ms(tx)).day + 1 };
    struct actor food, other;
    int64_t id = 0;
    city_fixture_actor(t->city, "food", &food);
    city_fixture_actor(t->city, "food-city", &other);
    const struct deputy_offer o = { .to = other.account, .from = day, .until = day, .reason = S("出差") };
    int rc = deputy_name(tx, r, &food, &o, &id, e);
    if (!rc) add_id(t, "deputy", "food", id);
    return rc;
}

static void add_deputies(struct t41_city *t) {
    struct err e = { 0 };
    if (city_fixture_run(t->city, deputy_body, t, &e)) t41_stop("a deputy", &e);
    add_id(t, "deputy", "unknown", UNKNOWN_ID);
}

/* A list that an officer has saved, for himself alone. */
static int saved_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct t41_city *t = job->arg;
    const struct saved s = { .name = S("超期的"), .path = S("/desk"), .query = S("due=late") };
    struct actor food;
    int64_t id = 0;
    city_fixture_actor(t->city, "food", &food);
    int rc = saved_put(tx, &t->city->app->realm, &food, &s, &id, e);
    if (!rc) add_id(t, "saved", "food", id);
    return rc;
}

static void add_saved(struct t41_city *t) {
    struct err e = { 0 };
    if (city_fixture_run(t->city, saved_body, t, &e)) t41_stop("what was saved", &e);
    add_id(t, "saved", "unknown", UNKNOWN_ID);
}

static int64_t release_of(const struct t41_city *t, struct str system) {
    const struct system *s = realm_system(&t->city->app->realm, system);
    return s ? s->release : 0;
}

/* A draft that an editor began, and a part of it. */
static int draft_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct t41_city *t = job->arg;
    struct t41_object o = { .kind = "draft", .name = "open", .item = "residence-proof", .page = "registered" };
    struct actor editor;
    city_fixture_actor(t->city, "editor", &editor);
    keep(o.text, S("faq"));
    int rc = release_draft_begin(tx, &t->city->app->realm, &editor, S("approval/residence-proof"), &o.id, e);
    if (!rc) t41_add(t, o);
    return rc;
}

static void add_drafts(struct t41_city *t) {
    struct t41_object o = { .kind = "draft", .name = "unknown", .item = "residence-proof", .page = "registered", .id = UNKNOWN_ID };
    struct err e = { 0 };
    keep(o.text, S("faq"));
    if (city_fixture_run(t->city, draft_body, t, &e)) t41_stop("draft", &e);
    t41_add(t, o);
}

void t41_objects_make(struct t41_city *t) {
    struct t41_made joint = t41_play(t, ANSWERS("120101") CITY_SHOP_SUBMIT REVIEWS),
                far = t41_play(t, ANSWERS("120103") CITY_SHOP_SUBMIT),
                gone = t41_play(t, ANSWERS("120101") CITY_SHOP_SUBMIT ACCEPT
                            "  - {who: company, do: withdraw, opinion: 不办了}\n"),
                proof = t41_play(t, PROOF("citizen")), other = t41_play(t, PROOF("neighbour")),
                ended = t41_play(t, PROOF("neighbour") PROVED "  - {who: window, do: hand-over}\n"),
                draft = t41_play(t, ANSWERS("120101") HANDLER HANDLER); /* one for each who may remove one */
    t41_add_case(t, "joint", joint.case_id, "company");
    t41_add_case(t, "far", far.case_id, "company");
    t41_add_case(t, "withdrawn", gone.case_id, "company");
    t41_add_case(t, "draft", draft.case_id, "company");
    t41_add_case(t, "proof", proof.case_id, "registered");
    t41_add_case(t, "other-proof", other.case_id, "registered");
    t41_add_case(t, "ended-proof", ended.case_id, "registered");
    t41_add_case(t, "unknown", UNKNOWN_ID, "company");
    add_slot(t, "joint", joint.case_id, "floor-plan");
    add_slot(t, "far", far.case_id, "floor-plan");
    add_slot(t, "withdrawn", gone.case_id, "gas-contract");
    add_slot(t, "draft", draft.case_id, "gas-contract");
    add_slot(t, "no-such", proof.case_id, "floor-plan");
    add_slot(t, "unknown", UNKNOWN_ID, "floor-plan");
    add_group(t, "joint", joint.case_id);
    add_group(t, "draft", draft.case_id);
    add_group(t, "proof", proof.case_id);
    add_group(t, "unknown", UNKNOWN_ID);
    add_file(t, "file", "joint", joint.case_id, 0, joint.gas);
    add_file(t, "file", "draft", draft.case_id, 0, draft.gas);
    add_file(t, "file", "crossed", joint.case_id, 0, far.gas);
    add_file(t, "file", "crossed-proof", proof.case_id, 0, joint.gas);
    add_file(t, "file", "unknown", joint.case_id, 0, UNKNOWN_ID);
    add_id(t, "task", "intake", t41_task(&joint, "intake"));
    add_id(t, "task", "food", t41_task(&joint, "food_review"));
    add_id(t, "task", "fire", t41_task(&joint, "fire_review"));
    add_id(t, "task", "sign-done", t41_task(&joint, "sign_review"));
    add_id(t, "task", "far", t41_task(&far, "intake"));
    add_id(t, "task", "withdrawn", t41_task(&gone, "survey"));
    add_id(t, "task", "proof", t41_task(&proof, "confirm"));
    add_id(t, "task", "other-proof", t41_task(&other, "confirm"));
    add_id(t, "task", "ended-proof", t41_task(&ended, "confirm"));
    add_id(t, "task", "unknown", UNKNOWN_ID);
    add_file(t, "material", "fire-own", 0, t41_task(&joint, "fire_review"), joint.gas);
    add_file(t, "material", "fire-shared", 0, t41_task(&joint, "fire_review"), joint.plan);
    add_file(t, "material", "food-shared", 0, t41_task(&joint, "food_review"), joint.plan);
    add_file(t, "material", "food-foreign", 0, t41_task(&joint, "food_review"), joint.gas);
    add_file(t, "material", "far", 0, t41_task(&far, "intake"), far.plan);
    add_file(t, "material", "crossed", 0, t41_task(&joint, "fire_review"), far.gas);
    add_file(t, "material", "unknown", 0, t41_task(&joint, "fire_review"), UNKNOWN_ID);
    add_id(t, "paper", "sign-permit", joint.paper);
    add_id(t, "paper", "proof", ended.paper);
    add_id(t, "paper", "unknown", UNKNOWN_ID);
    add_id(t, "release", "restaurant", release_of(t, S("approval/restaurant")));
    add_id(t, "release", "unknown", UNKNOWN_ID);
    t41_add_text(t, "number", "joint", joint.number, 0);
    t41_add_text(t, "number", "unknown", "20260101-000001-1", 0);
    t41_add_text(t, "code", "genuine", joint.code, 0);
    t41_add_text(t, "code", "unknown", "0000-0000-0000-0000", 0);
    t41_add_text(t, "rating", "fetched", ended.rating, 0);
    t41_add_text(t, "rating", "unknown", "00000-00000-0000.AAAAAAAAAAAAAAAA", 0);
    add_drafts(t);
    add_records(t);
    add_halls(t);
    add_visits(t, proof.case_id);
    add_id(t, "card", "police", city_fixture_card(t->city, proof.case_id, "police"));
    add_id(t, "card", "unknown", UNKNOWN_ID);
    add_mandates(t);
    add_saved(t);
    add_deputies(t);
    add_names(t);
    add_accounts(t);
    t41_systems_make(t);
}
