/* release_check: what a system lacks though it compiles: translations, scenarios for each role, each move and each denial; see
 * release.h.
 * Invariant: every finding names a file, and a line where there is one.
 */
#include "release/release.h"

#include "data/yaml.h"
#include "engine/code/code_set.h"
#include "engine/flow/flow.h"
#include "engine/item/item.h"
#include "engine/queue/queue.h"
#include "engine/rule/rule.h"
#include "engine/paper/paper_layout.h"
#include "release/release_names.h"
#include "release/release_texts.h"

static void see_text(void *context, struct str file, uint32_t line, struct str text, bool said, bool needed) {
    if (needed && !said) release_find(context, file, line, "没有英文翻译：%.*s", STR_ARG(text));
}

/* What cannot be read is a finding of its own. */
static struct val *all_scenarios(struct arena *a, const struct release_files *files, struct release_findings *f) {
    struct val *all = val_list(a);
    for (size_t i = 0; i < files->n; i++) {
        struct val *yaml;
        struct err e = { 0 };
        struct str path = files->file[i].path;
        if (!str_starts(path, S("cases/"))) continue;
        if (yaml_parse(a, path, files->file[i].bytes, &yaml, &e)) {
            release_find(f, path, e.line, "%s", e.detail);
            continue;
        }
        val_push(a, all, yaml);
    }
    return all;
}

/* The scenarios' steps, in one list. */
static struct val *all_steps(struct arena *a, const struct val *scenarios) {
    struct val *all = val_list(a);
    for (size_t i = 0; i < val_count(scenarios); i++) {
        const struct val *steps = val_get(val_item(scenarios, i), S("steps"));
        for (size_t k = 0; k < val_count(steps); k++) val_push(a, all, steps->u.list.item[k]);
    }
    return all;
}

/* Some step has these words; a step that is expected to be refused tries a denial, not the move. */
static bool tried(const struct val *steps, const char *key, struct str word, const char *key2, struct str word2) {
    for (size_t i = 0; i < val_count(steps); i++) {
        const struct val *s = val_item(steps, i);
        if (str_eq(val_get_str(s, str_of(key)), word) && (!key2 || (str_eq(val_get_str(s, str_of(key2)), word2) && !val_get(s, S("refused")))))
            return true;
    }
    return false;
}

/* The applicant's own tasks are done by the verb `supplement`, which names no task. */
static void check_moves(const struct flow_model *flow, const struct flow_element *el, const struct val *steps, struct release_findings *f) {
    bool applicant = str_eq(el->role, S("applicant"));
    if (applicant && !tried(steps, "do", S("supplement"), NULL, S("")))
        release_find(f, flow->file, el->line, "没有场景走到：%.*s（do: supplement）", STR_ARG(el->id));
    for (size_t j = 0; j < el->n_moves && !applicant; j++)
        if (!tried(steps, "task", el->id, "move", el->moves[j]))
            release_find(f, flow->file, el->line, "没有场景走到：task: %.*s, move: %.*s", STR_ARG(el->id), STR_ARG(el->moves[j]));
}

/* May this role decide tasks here at all: by a grant of the system, or of one that it needs? */
static bool decides_tasks(const struct system *m, struct str role) {
    bool does = access_granted(m->access, role, S("task.complete"));
    for (size_t i = 0; i < m->n_needs && !does; i++) does = access_granted(m->needs[i]->access, role, S("task.complete"));
    return does;
}

static bool is_denied(const struct system *m, const struct flow_model *flow, struct str task, const struct val *scenarios, struct str who) {
    bool denied = false;
    for (size_t i = 0; i < val_count(scenarios) && !denied; i++)
        denied = release_scenario_denies(m, val_item(scenarios, i), flow, task, who);
    return denied;
}

/* What people decide is refused in some scenario to each who may not: to the applicant, and to every role that decides tasks, but not this
 * one. (A role that decides none is refused by its grants: gate T41.) The applicant's own tasks are reached by no number. */
static void check_denials(struct arena *a, const struct system *m, const struct flow_model *flow, const struct flow_element *el,
                          const struct val *scenarios, struct release_findings *f) {
    struct str missing = is_denied(m, flow, el->id, scenarios, S("applicant")) ? S("") : S(" applicant");
    if (str_eq(el->role, S("applicant"))) return;
    for (size_t i = 0; i <= m->n_needs; i++) {
        const struct system *by = i < m->n_needs ? m->needs[i] : m;
        const struct access_role *roles;
        size_t n = access_roles(by->access, &roles);
        for (size_t k = 0; k < n; k++)
            if (!str_eq(roles[k].id, el->role) && decides_tasks(m, roles[k].id) && !is_denied(m, flow, el->id, scenarios, roles[k].id))
                missing = ARENA_CAT(a, missing, S(" "), roles[k].id);
    }
    if (missing.len)
        release_find(f, flow->file, el->line, "没有场景试过由无权的人办理：task: %.*s, who:%.*s", STR_ARG(el->id),
                     STR_ARG(missing));
}

/* Each reason for which an officer may stop the clock is tried. */
static void check_holds(struct arena *a, const struct system *m, const struct val *steps, struct release_findings *f) {
    for (size_t i = 0; i < m->part[SYSTEM_ITEM].n; i++) {
        const struct item_type *t = m->part[SYSTEM_ITEM].entry[i].value;
        for (size_t k = 0; k < val_count(t->pauses); k++) {
            const struct val *pause = val_item(t->pauses, k);
            struct str id = val_get_str(pause, S("id"));
            if (val_get_bool(pause, S("hold"), false) && !tried(steps, "do", S("hold"), "reason", id))
                release_find(f, ARENA_CAT(a, S("items/"), t->id, S(".yaml")), pause->line,
                             "没有场景走到：do: hold, reason: %.*s", STR_ARG(id));
        }
    }
}

/* An act that the system grants: some step does it, and is not refused. */
static void check_tried(const struct system *m, const struct val *steps, struct str act, const char *verb, struct release_findings *f) {
    bool done = !access_role_granted(m->access, act);
    for (size_t k = 0; k < val_count(steps) && !done; k++)
        done = str_eq(val_get_str(val_item(steps, k), S("do")), str_of(verb)) && !val_get(val_item(steps, k), S("refused"));
    if (!done) release_find(f, S("access.yaml"), 0, "没有场景走到：do: %s", verb);
}

/* A system that keeps records tries what its keepers do: each act that it grants to a role of its own, but for finding. */
static void check_records(const struct system *m, const struct val *steps, struct release_findings *f) {
    static const struct {
        struct str act;
        const char *verb;
    } moves[] = { { S_INIT("record.read"), "read" },     { S_INIT("record.unmask"), "unmask" }, { S_INIT("record.unmask"), "clear" },
                  { S_INIT("record.put"), "put" },       { S_INIT("record.put"), "correct" },   { S_INIT("record.end"), "end" } };
    for (size_t i = 0; m->part[SYSTEM_RECORD].n && i < sizeof moves / sizeof *moves; i++)
        check_tried(m, steps, moves[i].act, moves[i].verb, f);
}

/* A system with halls tries each move that it grants. */
static void check_halls(const struct system *m, const struct val *steps, struct release_findings *f) {
    static const struct {
        struct str act;
        const char *verb;
    } moves[] = { { S_INIT("ticket.take"), "take-ticket" },    { S_INIT("ticket.call"), "call-next" },
                  { S_INIT("ticket.call"), "call-again" },     { S_INIT("ticket.call"), "ticket-missed" },
                  { S_INIT("ticket.serve"), "ticket-begin" },  { S_INIT("ticket.serve"), "ticket-finish" },
                  { S_INIT("ticket.move"), "ticket-back" },    { S_INIT("ticket.move"), "ticket-hand" },
                  { S_INIT("counter.open"), "open-counter" },  { S_INIT("counter.open"), "close-counter" },
                  { S_INIT("counter.offer"), "offer-rating" },
                  { S_INIT("hall.manage"), "clear-counter" },  { S_INIT("hall.manage"), "stop-line" },
                  { S_INIT("hall.manage"), "resume-line" } };
    for (size_t i = 0; m->part[SYSTEM_QUEUE].n && i < sizeof moves / sizeof *moves; i++)
        check_tried(m, steps, moves[i].act, moves[i].verb, f);
}

/* Where times may be booked, each move of a booking is tried, and there are the words for what is told of it. */
static void check_booked(const struct system *m, const struct val *steps, struct release_findings *f) {
    static const char *const verbs[] = { "book", "move-booking", "cancel-booking", "check-in" };
    static const char *const notices[] = { "booking-made", "booking-moved", "booking-cancelled", "booking-soon" };
    bool books = false;
    for (size_t i = 0; i < m->part[SYSTEM_QUEUE].n; i++)
        books |= ((const struct queue_hall *)m->part[SYSTEM_QUEUE].entry[i].value)->booked.minutes > 0;
    for (size_t i = 0; books && i < sizeof verbs / sizeof *verbs; i++)
        if (!tried(steps, "do", str_of(verbs[i]), NULL, S(""))) release_find(f, S("queues/"), 0, "没有场景走到：do: %s", verbs[i]);
    for (size_t i = 0; books && i < sizeof notices / sizeof *notices; i++)
        if (!system_find(m, SYSTEM_NOTICE, str_of(notices[i])))
            release_find(f, S("notices.yaml"), 0, "没有这个通知：%s", notices[i]);
}

static void check_cases(const struct system *m, const struct release_files *files, struct release_findings *f) {
    const struct access_role *roles;
    struct arena a;
    size_t n = access_roles(m->access, &roles);
    arena_init(&a, "scenarios", 64 * 1024 * 1024);
    const struct val *scenarios = all_scenarios(&a, files, f), *steps = all_steps(&a, scenarios);
    for (size_t i = 0; i < n && m->part[SYSTEM_FLOW].n + m->part[SYSTEM_RECORD].n + m->part[SYSTEM_QUEUE].n; i++)
        if (!tried(steps, "who", roles[i].id, NULL, S(""))) release_find(f, S("access.yaml"), 0, "没有场景用到角色：%.*s", STR_ARG(roles[i].id));
    check_holds(&a, m, steps, f);
    check_records(m, steps, f);
    check_halls(m, steps, f);
    check_booked(m, steps, f);
    for (size_t i = 0; i < m->part[SYSTEM_FLOW].n; i++) {
        const struct flow_model *flow = m->part[SYSTEM_FLOW].entry[i].value;
        for (size_t k = 0; k < flow->n_element; k++) {
            const struct flow_element *el = &flow->element[k];
            if (el->kind != FLOW_USER) continue;
            if (!str_eq(el->role, S("applicant")) && !decides_tasks(m, el->role))
                release_find(f, flow->file, el->line, "角色 %.*s 不能办理任务（access.yaml 里没有授予 task.complete）：%.*s", STR_ARG(el->role),
                             STR_ARG(el->id));
            check_moves(flow, el, steps, f);
            check_denials(&a, m, flow, el, scenarios, f);
        }
    }
    arena_done(&a);
}

void release_check(const struct system *m, const struct release_files *f, struct release_findings *findings) {
    release_check_names(m, f, findings);
    release_check_sample(m, f, findings);
    release_texts_walk(m, f, see_text, findings);
    check_cases(m, f, findings);
}
