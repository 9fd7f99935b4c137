/* release_names: the check of names across a system's files; part of release_check (release.h).
 *
 * A name that one file uses must be declared by another: the table of kinds (release_kinds.h) says
 * of each kind where it is declared, the tables of uses where it is used. What is missing is found
 * with its file and line, and with the nearest name that is declared.
 */
#ifndef RELEASE_NAMES_H
#define RELEASE_NAMES_H
#include "engine/flow/flow.h"
#include "engine/item/item.h"
#include "engine/record/record.h"
#include "release/release.h"

enum name_kind {
#define NAME_KIND(id, title) NAME_##id,
#include "release/release_kinds.h"
#undef NAME_KIND
    NAME_KINDS
};

/* What is being checked: one file of a system. */
struct naming {
    const struct system *m;
    const struct release_files *files;
    struct release_findings *f;
    struct str file;
    struct arena *a;
    struct str column; /* of a table, said before the finding; may be empty */
};
/* Where a name stands, as narrow as it is known there; NULL, or an empty `variable`: anything of
 * the system. */
struct name_place {
    const struct item_type *item;
    const struct form *form;
    const struct form_page *page;
    const struct flow_model *flow;
    const struct flow_element *task;
    const struct record_type *record;
    const struct queue_hall *hall; /* LINE, CLASS, COUNTER */
    const struct code_set *codes; /* CODE */
    struct str variable; /* VALUE: of this answer, variable or argument */
    bool rule;           /* VALUE: as decisions read answers: yes-no as true and false */
};

/* Declared here? Adds a finding if not. An empty name is not looked at. */
void name_must(struct naming *n, enum name_kind kind, const struct name_place *at, uint32_t line,
               struct str name);
/* Is the list of words known; a finding with the nearest if not. `what`: "不认识的键". */
void name_known(struct naming *n, const char *what, const char *const *known, uint32_t line,
                struct str name);
void name_only_keys(struct naming *n, const struct val *map, const char *const *known);
bool name_in(struct str s, const char *const *list);

/* Adds a finding for every name and key that is written somewhere and declared nowhere. `m` is
 * compiled; nothing is kept. */
void release_check_names(const struct system *m, const struct release_files *files,
                         struct release_findings *f);
/* Parts of it: what YAML names by its keys, and what FEEL, decisions and processes name
 * (release_uses.c); scenarios (release_scenario.c); items, element by element (release_item.c). */
void release_check_uses(struct naming *n, const struct val *yaml);
void release_check_flows(struct naming *n);
void release_check_decisions(struct naming *n);
void release_check_scenario(struct naming *n, const struct val *yaml);
/* Does this scenario try to have the task decided by `who` (a role; `applicant`: whoever applied), who may not
 * (ERR_NOT_FOUND, ERR_FORBIDDEN), and next, but for other steps that are refused, by somebody who may? So it
 * was open, and refused for who asked: before it is open it is refused to everybody. */
bool release_scenario_denies(const struct system *m, const struct val *yaml, const struct flow_model *flow, struct str task,
                             struct str who);
void release_check_item(struct naming *n, const struct item_type *t, const struct val *yaml);
#endif
