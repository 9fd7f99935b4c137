/* item_intake: an application taken at a window, in the name of a visitor who stands before the clerk: no
 * account and no phone is needed.
 *
 *   item_visitor_find   case.visitor   whose identity number this is; noted, so that the person finds it
 *   item_visit_view     case.visitor   what the clerk works with, on one screen
 *   item_intake_put     case.intake    the application is submitted, or (notice) what is missing is told at once
 *                                      and what there is stays as a draft in the visitor's name
 *   item_intake_get     case.intake    the case again, for its receipt or its notice
 *
 * Invariants
 *  1. The case is the visitor's: person and company as if he had applied himself, his account if he has one (of a draft: as
 *     soon as he has one); the channel is 1 (window), the body's `intake` tells who took it. All of a case's rules hold.
 *  2. A clerk takes, and is shown of what was begun, what lies in the area of his unit, of the systems that his grant reaches.
 *  3. For a company acts who is its legal person by the registry. A clerk who is bound to the applicant (item_recuse.c) takes
 *     nothing from him.
 *  4. Of the registries the clerk sees what is masked; nothing is taken but what the visitor agreed to, which is an
 *     event of the case made by the clerk.
 */
#ifndef ENGINE_ITEM_ITEM_INTAKE_H
#define ENGINE_ITEM_ITEM_INTAKE_H
#include "engine/item/item.h"

/* Who is here, and what for. */
struct item_visit {
    const struct system *system;
    const struct item_type *type;
    int64_t person, company; /* records; company 0: for himself */
};
/* May it be taken at a window at all (form of handling 1)? */
bool item_at_window(const struct item_type *t);
/* Faults at the field citizen_id: ERR_REQUIRED, ERR_CHECK_DIGIT, ERR_INPUT where nobody has it. */
int item_visitor_find(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str citizen_id,
                      int64_t *ret, struct err *e);

/* What lies on the counter. */
struct item_intake {
    const struct val *answers;  /* question id -> text or list of texts */
    const struct val *received; /* ids of materials: one text, or a list */
    bool agree, declared, notice;
};
/* {item, visitor [{title, value}] masked, companies [{id, name, chosen}], company_id, whole (bool: who applies is known), data, agreed
 * (item_consent_view), pages [{id, title, hint, condition (bool), open (bool), questions (form_page_view)}], later [title],
 * materials [{id, name, hint, received}], draft (bool: begun at a window before)}. `in` is what was just
 * sent (NULL: as it stands). ERR_NOT_FOUND: no such person. */
int item_visit_view(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_visit *v,
                    const struct item_intake *in, struct str lang, struct val **ret, struct err *e);
/* ERR_INPUT with *errors (id of a question or material -> {code, detail}, all of them); or at the field "declared",
 * "company". With `notice` nothing that is wrong is kept, and ERR_STATE if nothing is missing. */
int item_intake_put(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_visit *v,
                    const struct item_intake *in, int64_t *ret_case, struct val **errors, struct err *e);
/* For its receipt (it was submitted), or for its notice (it was told what it lacks); noted like a look at a case. ERR_NOT_FOUND. */
int item_intake_get(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                    bool notice, struct item_case *ret, struct err *e);
/* Of a draft that was told what it lacks: {at, by, materials [{name, why}], answers [title]}; NULL if it was not. */
struct val *item_notice_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang,
                             struct err *e);
#endif
