/* release_kinds: where the names of each kind are declared, and the search among them; see
 * release_names.h and release_kinds.h. Invariant: a kind that cannot be judged at a place (an
 * answer in free words, units of a system that brings none) offers nothing and says so (`open`): no
 * finding is made of what is not known.
 */
#include "release/release_search.h"

#include "engine/access/access.h"
#include "engine/code/code_set.h"
#include "engine/queue/queue_book.h"
#include "release/release_templates.h"

/* ---- of the system and what it needs ---- */

enum { NEEDS_DEPTH_MAX = 16 };

static void offer_roles(struct search *x, const struct system *m, int depth) {
    const struct access_role *roles;
    size_t n = access_roles(m->access, &roles);
    for (size_t i = 0; i < n; i++) search_offer(x, roles[i].id);
    for (size_t i = 0; i < m->n_needs && depth < NEEDS_DEPTH_MAX; i++)
        offer_roles(x, m->needs[i], depth + 1);
}

/* As system_find looks: in the system, and in those it says it needs. */
static void offer_part_of(struct search *x, enum system_part part) {
    const struct system *m = x->n->m;
    for (size_t i = 0; i < m->part[part].n; i++) search_offer(x, m->part[part].entry[i].key);
    for (size_t k = 0; k < m->n_needs; k++)
        for (size_t i = 0; i < m->needs[k]->part[part].n; i++)
            search_offer(x, m->needs[k]->part[part].entry[i].key);
}

/* A column of the sample tables; `kinds`: only what stands before the dot of a unit's code. */
static void offer_sample(struct search *x, const struct system *m, bool accounts, bool kinds,
                         int depth) {
    const struct val *rows = accounts ? m->sample_accounts : m->sample_units;
    for (size_t i = 0; i < val_count(rows); i++) {
        struct str s = val_get_str(val_item(rows, i), accounts ? S("login") : S("code")), rest = s,
                   kind;
        if (kinds && str_find_char(s, '.', 0) != SIZE_MAX && str_cut(&rest, '.', &kind)) s = kind;
        search_offer(x, s);
        x->known = true;
    }
    for (size_t i = 0; i < m->n_needs && depth < NEEDS_DEPTH_MAX; i++)
        offer_sample(x, m->needs[i], accounts, kinds, depth + 1);
}

static void offer_ROLE(struct search *x) {
    offer_roles(x, x->n->m, 0);
}

static void offer_GRANTEE(struct search *x) {
    search_offer(x, S("anyone"));
    search_offer(x, S("person"));
    offer_ROLE(x);
}

static void offer_LOGIN(struct search *x) {
    offer_sample(x, x->n->m, true, false, 0);
}

static void offer_WHO(struct search *x) {
    offer_ROLE(x);
    offer_LOGIN(x);
}

static void offer_UNIT_KIND(struct search *x) {
    offer_sample(x, x->n->m, false, true, 0);
    x->open = !x->known;
}

static void offer_UNIT(struct search *x) {
    offer_sample(x, x->n->m, false, false, 0);
    x->open = !x->known;
}

static void offer_ITEM(struct search *x) {
    offer_part_of(x, SYSTEM_ITEM);
}

static void offer_NOTICE(struct search *x) {
    offer_part_of(x, SYSTEM_NOTICE);
}

static void offer_PAPER(struct search *x) {
    offer_part_of(x, SYSTEM_PAPER);
}

static void offer_HALL(struct search *x) {
    offer_part_of(x, SYSTEM_QUEUE);
}

static void offer_CARD(struct search *x) {
    offer_part_of(x, SYSTEM_CARD);
}

static void offer_LINE(struct search *x) {
    const struct queue_hall *h = x->at->hall;
    x->open = !h;
    for (size_t i = 0; h && i < h->n_lines; i++) search_offer(x, h->line[i].id);
}

static void offer_CLASS(struct search *x) {
    const struct queue_hall *h = x->at->hall;
    x->open = !h;
    for (size_t i = 0; h && i < h->n_classes; i++) search_offer(x, h->class[i].id);
}

static void offer_COUNTER(struct search *x) {
    const struct queue_hall *h = x->at->hall;
    x->open = !h;
    for (size_t i = 0; h && i < h->n_counters; i++) search_offer(x, h->counter[i].id);
}

static void offer_RECORD(struct search *x) {
    offer_part_of(x, SYSTEM_RECORD);
}

static void offer_ELEMENT(struct search *x) {
    const struct record_type *t = x->at->record;
    x->open = !t;
    for (size_t i = 0; t && i < t->n_fields; i++) search_offer(x, t->field[i].name);
}

static void offer_SOURCE(struct search *x) {
    static const struct str roots[][2] = { { S_INIT("applicant."), S_INIT("person") },
                                           { S_INIT("company."), S_INIT("company") } };
    for (size_t i = 0; i < 2; i++) {
        const struct record_type *t = system_find(x->n->m, SYSTEM_RECORD, roots[i][1]);
        for (size_t k = 0; t && k < t->n_fields; k++)
            search_offer(x, ARENA_CAT(x->n->a, roots[i][0], t->field[k].name));
    }
}

/* ---- of an item, or of every item at this place ---- */

typedef void with_item(struct search *x, const struct item_type *t);

/* Does a case of the item fill in this form: as applicant, or at a step? */
static bool fills(const struct system *m, const struct item_type *t, const struct form *f) {
    const struct flow_model *flow = system_find(m, SYSTEM_FLOW, t->flow);
    bool found = str_eq(t->form, f->id);
    for (size_t i = 0; flow && !found && i < flow->n_element; i++) found = str_eq(flow->element[i].form, f->id);
    return found;
}

static void each_item(struct search *x, with_item *f) {
    const struct map *all = &x->n->m->part[SYSTEM_ITEM];
    if (x->at->item) f(x, x->at->item); /* it may be a needed system's */
    for (size_t i = 0; !x->at->item && i < all->n; i++) {
        const struct item_type *t = all->entry[i].value;
        if (!x->at->form || fills(x->n->m, t, x->at->form)) f(x, t);
    }
}

static void item_parts(struct search *x, const struct item_type *t) {
    for (size_t i = 0; i < t->n_parts; i++) search_offer(x, t->part[i].id);
}

static void item_materials(struct search *x, const struct item_type *t) {
    for (size_t i = 0; i < t->n_materials; i++) search_offer(x, t->material[i].id);
}

static void item_obstacles(struct search *x, const struct item_type *t) {
    for (size_t i = 0; i < val_count(t->obstacles); i++)
        search_offer(x, val_get_str(val_item(t->obstacles, i), S("id")));
}

static void item_pauses(struct search *x, const struct item_type *t) {
    for (size_t i = 0; i < val_count(t->pauses); i++)
        search_offer(x, val_get_str(val_item(t->pauses, i), S("id")));
}

static void item_variables(struct search *x, const struct item_type *t) {
    const struct val *list = val_get(t->about, S("variables"));
    if (x->at->flow && system_find(x->n->m, SYSTEM_FLOW, t->flow) != x->at->flow) return;
    for (size_t i = 0; i < val_count(list); i++) search_offer(x, val_text(val_item(list, i)));
}

static void offer_PART(struct search *x) {
    each_item(x, item_parts);
}

static void offer_MATERIAL(struct search *x) {
    each_item(x, item_materials);
}

static void offer_OBSTACLE(struct search *x) {
    each_item(x, item_obstacles);
}

static void offer_PAUSE(struct search *x) {
    each_item(x, item_pauses);
}

/* ---- of a form, or of every form ---- */

enum {
    ASKED = 1,
    REPEATED = 2,
    REPEATS = 4
}; /* questions; those of pages that repeat; the ids of such pages */

static void offer_page(struct search *x, const struct form_page *p, int what) {
    if (p->repeats && what & REPEATS) search_offer(x, p->id);
    for (size_t i = 0; i < p->n_questions; i++)
        if (what & (p->repeats ? REPEATED : ASKED)) search_offer(x, p->question[i].id);
}

static void offer_forms(struct search *x, int what) {
    const struct map *all = &x->n->m->part[SYSTEM_FORM];
    if (what && x->at->page) {
        offer_page(x, x->at->page, what | REPEATED);
        return;
    }
    for (size_t i = 0; i < (x->at->form ? 1 : all->n); i++) {
        const struct form *f = x->at->form ? x->at->form : all->entry[i].value;
        for (size_t k = 0; k < f->n_pages; k++) {
            if (what) offer_page(x, &f->page[k], what);
            else search_offer(x, f->page[k].id);
        }
    }
}

/* Of all that a case of the item fills in, and what its process decides (case.decide). */
static void item_told(struct search *x, const struct item_type *t, int what) {
    const struct map *all = &x->n->m->part[SYSTEM_FORM];
    const struct flow_model *flow = system_find(x->n->m, SYSTEM_FLOW, t->flow);
    for (size_t i = 0; i < all->n; i++) {
        const struct form *f = all->entry[i].value;
        for (size_t k = 0; fills(x->n->m, t, f) && k < f->n_pages; k++) offer_page(x, &f->page[k], what);
    }
    for (size_t i = 0; flow && i < flow->n_element; i++)
        if (str_eq(flow->element[i].act, S("case.decide"))) search_offer(x, flow->element[i].result);
}

static void item_printed(struct search *x, const struct item_type *t) {
    item_told(x, t, ASKED);
}

static const struct val *entries_of(const struct item_type *t) {
    return val_get(t->about, S("records"));
}

static void item_entries(struct search *x, const struct item_type *t) {
    for (size_t i = 0; i < val_count(entries_of(t)); i++) search_offer(x, val_get_str(val_item(entries_of(t), i), S("id")));
}

static void item_puts(struct search *x, const struct item_type *t) {
    for (size_t i = 0; i < val_count(entries_of(t)); i++) {
        const struct val *puts = val_get(val_item(entries_of(t), i), S("put"));
        for (size_t k = 0; k < val_pairs(puts); k++) search_offer(x, puts->u.map.pair[k].key);
    }
}

static void item_known_names(struct search *x, const struct item_type *t) {
    item_told(x, t, ASKED | REPEATS | REPEATED);
    item_entries(x, t);
}

static void offer_KNOWN(struct search *x) {
    static const char *const roots[] = { "applicant", "company", "case", "parts", NULL };
    for (const char *const *k = roots; *k; k++) search_offer(x, str_of(*k));
    each_item(x, item_known_names);
}

static void offer_PRINTED(struct search *x) {
    each_item(x, item_printed);
}

static void offer_DECISION(struct search *x) {
    offer_part_of(x, SYSTEM_RULE);
}

static void offer_ENTRY(struct search *x) {
    each_item(x, item_entries);
}

static void offer_PUT(struct search *x) {
    each_item(x, item_puts);
}

static void offer_PAGE(struct search *x) {
    offer_forms(x, 0);
}

static void offer_QUESTION(struct search *x) {
    offer_forms(x, ASKED);
}

static void offer_REPEAT(struct search *x) {
    offer_forms(x, REPEATS);
}

static void offer_ANSWER(struct search *x) {
    offer_forms(x, ASKED | REPEATS);
}

static void offer_DECIDED(struct search *x) {
    search_offer(x, S("parts"));
    offer_ANSWER(x);
}

static void offer_MEMBER(struct search *x) {
    offer_forms(x, ASKED | REPEATS | REPEATED);
}

/* ---- of a process, or of every process ---- */

typedef void with_element(struct search *x, const struct flow_element *el);

static void each_element(struct search *x, with_element *f) {
    const struct map *all = &x->n->m->part[SYSTEM_FLOW];
    for (size_t i = 0; i < (x->at->flow ? 1 : all->n); i++) {
        const struct flow_model *flow = x->at->flow ? x->at->flow : all->entry[i].value;
        for (size_t k = 0; k < flow->n_element; k++) f(x, &flow->element[k]);
    }
}

static void element_id(struct search *x, const struct flow_element *el) {
    search_offer(x, el->id);
}

static void element_task(struct search *x, const struct flow_element *el) {
    if (el->kind == FLOW_USER) search_offer(x, el->id);
}

static void element_result(struct search *x, const struct flow_element *el) {
    if (el->result.len) search_offer(x, el->result);
}

static void element_moves(struct search *x, const struct flow_element *el) {
    for (size_t i = 0; (!x->at->task || x->at->task == el) && i < el->n_moves; i++)
        search_offer(x, el->moves[i]);
}

static void offer_STEP(struct search *x) {
    each_element(x, element_id);
}

static void offer_TASK(struct search *x) {
    each_element(x, element_task);
}

static void offer_MOVE(struct search *x) {
    each_element(x, element_moves);
}

static void offer_VARIABLE(struct search *x) {
    search_offer(x, S("parts"));
    search_offer(x, S("move"));
    each_item(x, item_variables);
    each_element(x, element_result);
}

/* ---- values ---- */

static void variable_moves(struct search *x, const struct flow_element *el) {
    if (el->kind != FLOW_USER ||
        !(str_eq(el->result, x->at->variable) || str_eq(x->at->variable, S("move")))) {
        if (el->result.len && str_eq(el->result, x->at->variable))
            x->open = true; /* of a decision or a service */
        return;
    }
    x->known = true;
    for (size_t i = 0; i < el->n_moves; i++) search_offer(x, el->moves[i]);
}

static void offer_codes(struct search *x, const struct form_question *q) {
    const struct code_set *set = system_find(x->n->m, SYSTEM_CODE, q->code);
    x->open |= !set;
    for (size_t i = 0; set && i < code_set_count(set); i++) search_offer(x, code_set_row(set, i)->code);
}

static void offer_CODE(struct search *x) {
    for (size_t i = 0; i < code_set_count(x->at->codes); i++)
        search_offer(x, code_set_row(x->at->codes, i)->code);
}

static void question_values(struct search *x, const struct form_question *q) {
    if (q->kind == FORM_CHOICE || q->kind == FORM_MULTI || q->kind == FORM_SELECT)
        offer_codes(x, q);
    else if (q->kind == FORM_YES_NO && !x->at->rule) search_offer(x, S("yes")), search_offer(x, S("no"));
    else if (q->kind == FORM_YES_NO) search_offer(x, S("true / false"));
    else x->open = true;
}

/* Of whatever has that name here: an answer, the list of parts, what a task came to. */
static void offer_VALUE(struct search *x) {
    const struct map *all = &x->n->m->part[SYSTEM_FORM];
    x->known = str_eq(x->at->variable, S("parts"));
    if (x->known) offer_PART(x);
    else if (x->at->flow) each_element(x, variable_moves);
    for (size_t i = 0; i < all->n && !x->known; i++) {
        const struct form *f = all->entry[i].value;
        for (size_t p = 0; (!x->at->form || x->at->form == f) && p < f->n_pages; p++)
            for (size_t k = 0; k < f->page[p].n_questions; k++)
                if (str_eq(f->page[p].question[k].id, x->at->variable)) {
                    question_values(x, &f->page[p].question[k]);
                    x->known = true;
                }
    }
    x->open |= !x->known;
}

/* ---- words of the program ---- */

static void offer_words(struct search *x, enum item_word_kind is) {
    struct str word;
    for (size_t i = 0; (word = item_word(is, i)).len; i++) search_offer(x, word);
}

static void offer_STATE(struct search *x) {
    if (x->at->hall)
        for (size_t i = 0; queue_state(i).len; i++) search_offer(x, queue_state(i));
    else if (!x->at->record) offer_words(x, ITEM_STATE);
    else search_offer(x, S("active")), search_offer(x, S("ended"));
}

static void offer_BOOKING(struct search *x) {
    for (size_t i = 0; queue_booking_state(i).len; i++) search_offer(x, queue_booking_state(i));
}

static void offer_RESULT(struct search *x) {
    offer_words(x, ITEM_RESULT);
}

static void offer_MOVE_WORD(struct search *x) {
    offer_words(x, ITEM_MOVE);
}

/* Notices that are sent by themselves (release_notices.h); those that processes send. */
static void element_sends(struct search *x, const struct flow_element *el) {
    x->found |= release_step_sends(el, x->name);
}

static void offer_SENT(struct search *x) {
    struct str id;
    for (size_t i = 0; release_notice_sent(i, &id); i++)
        if (id.len) search_offer(x, id);
    each_element(x, element_sends);
}

/* What a paper of an item may say beside answers and what registries know. */
static void offer_FILLED(struct search *x) {
    struct release_name one;
    for (size_t i = 0; release_paper_name(i, &one); i++) search_offer(x, one.name);
}

static void offer_ERROR(struct search *x) {
    for (int i = 1; i < ERR_INDEX_END; i++) search_offer(x, str_of(err_name(-i)));
}

static const struct {
    const char *title;
    void (*offer)(struct search *x);
} kinds[NAME_KINDS] = {
#define NAME_KIND(id, title) { title, offer_##id },
#include "release/release_kinds.h"
#undef NAME_KIND
};

void name_must(struct naming *n, enum name_kind kind, const struct name_place *at, uint32_t line,
               struct str name) {
    static const struct name_place anywhere = { 0 };
    struct search x;
    if (!name.len) return;
    search_begin(&x, n, at ? at : &anywhere, name);
    kinds[kind].offer(&x);
    search_report(&x, kinds[kind].title, line);
}
