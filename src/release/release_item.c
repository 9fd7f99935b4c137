/* release_item: items/NAME.yaml, element by element: what every guide must tell, how it is written,
 * and what its papers show; see release_names.h. Invariant: what applicants were not told of may
 * not be on a paper.
 */
#include "release/release_names.h"

#include "engine/clock/clock.h"
#include "engine/code/code_check.h"
#include "engine/code/code_set.h"
#include "engine/paper/paper_layout.h"
#include "release/release_words.h"

static void check_steps(struct naming *n, const struct val *steps) {
    for (size_t i = 0; i < val_pairs(steps); i++) {
        const struct val *step = steps->u.map.pair[i].value, *singly = val_get(step, S("singly"));
        release_check_keys(n, S("steps"), step);
        if (singly && singly->kind != VAL_BOOL)
            release_find(n->f, n->file, singly->line, "应是 true 或 false");
    }
}

static void check_code(struct naming *n, const struct val *yaml, const struct release_key *k) {
    const struct code_set *set = system_find(n->m, SYSTEM_CODE, k->of);
    const struct name_place at = { .codes = set, .variable = k->name };
    struct str code = val_get_str(yaml, k->name);
    if (code.len && set) name_must(n, NAME_CODE, &at, val_get(yaml, k->name)->line, code);
}

static struct str paper_file(const struct naming *n, struct str paper, struct str *bytes) {
    for (size_t i = 0; i < n->files->n; i++)
        if (str_eq(n->files->file[i].path, ARENA_CAT(n->a, S("papers/"), paper, S(".xml")))) {
            *bytes = n->files->file[i].bytes;
            return n->files->file[i].path;
        }
    return *bytes = S("");
}

/* The line in which the paper's file has the name first. */
static uint32_t line_of(struct str bytes, struct str name) {
    size_t at = str_find(bytes, name, 0);
    uint32_t line = 1;
    for (size_t i = 0; at != SIZE_MAX && i < at; i++) line += bytes.ptr[i] == '\n';
    return line;
}

/* Is it shown, typed or declared as used? What applicants were not told of may not be on a paper.
 */
static bool is_told(const struct naming *n, const struct form *form, const struct item_type *t,
                    struct str path) {
    const struct val *uses = val_get(t->about, S("uses"));
    for (size_t i = 0; i < form->n_pages; i++)
        for (size_t k = 0; k < form->page[i].n_questions && !form->page[i].repeats; k++)
            if (str_eq(form->page[i].question[k].from, path)) return true;
    for (size_t i = 0; i < val_count(uses); i++)
        if (str_eq(val_get_str(val_item(uses, i), S("from")), path)) return true;
    return form_identifies(n->m, path);
}

struct paper_check {
    struct naming *n;
    const struct form *form;
    const struct item_type *t;
    struct str bytes;
};

/* Does an entry of the page that repeats, of which a table has a row, have it? */
static bool in_row(const struct paper_check *c, struct str rows, struct str name) {
    const struct form_page *page =
        str_starts(rows, S("answers.")) ? form_page(c->form, str_sub(rows, 8, rows.len)) : NULL;
    bool found = str_eq(name, S("place"));
    for (size_t i = 0; page && i < page->n_questions; i++)
        found |= str_eq(page->question[i].id, name);
    return page && found;
}

/* Each answer must be a question of the form, or for a table a page that repeats; each datum of a registry
 * one of which the applicant is told; anything else, what every paper may say. */
static void paper_name_of(void *context, struct str name, struct str rows, bool lists) {
    const struct paper_check *c = context;
    const struct name_place at = { .item = c->t, .form = c->form };
    const uint32_t line = line_of(c->bytes, name);
    if (in_row(c, rows, name)) return;
    if (str_starts(name, S("answers."))) {
        struct str id = str_sub(name, 8, name.len);
        if (lists || !form_page(c->form, id)) name_must(c->n, lists ? NAME_REPEAT : NAME_PRINTED, &at, line, id);
    } else if (!str_starts(name, S("applicant.")) && !str_starts(name, S("company.")))
        name_must(c->n, NAME_FILLED, &at, line, name);
    else if (!is_told(c->n, c->form, c->t, name))
        release_find(c->n->f, c->n->file, line,
                     "申请人没有被告知会用到这一项（表单的 registry 或事项的 uses）：%.*s", STR_ARG(name));
}

static void check_paper(struct naming *n, const struct form *form, const struct item_type *t,
                        struct str paper) {
    const struct paper *compiled = map_find(&n->m->part[SYSTEM_PAPER], paper);
    struct naming own = *n;
    struct paper_check c = { &own, form, t, S("") };
    own.file = paper_file(n, paper, &c.bytes);
    if (compiled && c.bytes.len) paper_names(compiled, n->a, paper_name_of, &c);
}

/* What the registry knows of a company is known of no item that persons alone apply for. */
static void check_sources(struct naming *n, const struct form *form, const struct item_type *t, const struct val *yaml) {
    const struct val *who = val_get(yaml, S("applicants"));
    if (t->for_company || !form || !who) return;
    for (size_t i = 0; i < form->n_pages; i++)
        for (size_t k = 0; k < form->page[i].n_questions; k++) {
            const struct str from = form->page[i].question[k].from;
            if (str_starts(from, S("company.")))
                release_find(n->f, n->file, who->line, "由个人申请的事项，表单却用企业的登记信息：%.*s", STR_ARG(from));
        }
}

/* How long a limit lasts at least, in fifths of an hour: five working days are a week. */
static int64_t lasts(struct clock_limit l) {
    static const int64_t each[] = { [CLOCK_WORKING_DAYS] = 7 * 24,
                                    [CLOCK_CALENDAR_DAYS] = 5 * 24,
                                    [CLOCK_HOURS] = 5,
                                    [CLOCK_MONTHS] = 5 * 24 * 30 };
    return l.n * each[l.unit];
}

/* What is promised may be sooner than the law asks, never later. */
static void check_limits(struct naming *n, const struct item_type *t, const struct val *yaml) {
    struct clock_limit law, promise;
    const struct val *limits = val_get(yaml, S("limits"));
    if (!t->limit_law.len || !t->limit_promise.len || clock_limit_parse(t->limit_law, &law, NULL) ||
        clock_limit_parse(t->limit_promise, &promise, NULL))
        return;
    if (lasts(promise) > lasts(law))
        release_find(n->f, n->file, limits->line, "承诺期限（%.*s）比法定期限（%.*s）长",
                     STR_ARG(t->limit_promise), STR_ARG(t->limit_law));
}

/* A hold by hand: the applicant is told, and its longest time can be read. */
static void check_pauses(struct naming *n, const struct item_type *t) {
    static const char *const notices[] = { "held", "resumed", NULL };
    for (size_t i = 0; i < val_count(t->pauses); i++) {
        const struct val *pause = val_item(t->pauses, i);
        struct str max = val_get_str(pause, S("max"));
        struct clock_limit limit;
        release_check_keys(n, S("pauses"), pause);
        if (max.len && clock_limit_parse(max, &limit, NULL))
            release_find(n->f, n->file, pause->line, "时限写错了：%.*s", STR_ARG(max));
        for (size_t k = 0; k < 2 && val_get_bool(pause, S("hold"), false); k++)
            name_must(n, NAME_NOTICE, NULL, pause->line, str_of(notices[k]));
    }
}

/* A notice that is sent by itself by what an element does, or by a case that people deal with: without it the applicant hears nothing. */
static void must_tell(struct naming *n, struct str file, uint32_t line, const char *notice) {
    struct naming own = *n;
    own.file = file;
    name_must(&own, NAME_NOTICE, NULL, line, str_of(notice));
}

static bool says_notice(const struct flow_element *el) {
    for (size_t i = 0; i < el->n_with; i++)
        if (str_eq(el->with[i].name, S("notice"))) return true;
    return false;
}

static void check_told(struct naming *n, const struct item_type *t) {
    const struct flow_model *flow = system_find(n->m, SYSTEM_FLOW, t->flow);
    bool by_hand = false;
    for (size_t i = 0; flow && i < flow->n_element; i++) {
        const struct flow_element *el = &flow->element[i];
        by_hand |= el->kind == FLOW_USER;
        if (str_eq(el->act, S("case.accept"))) must_tell(n, flow->file, el->line, "accepted");
        if (str_eq(el->act, S("case.finish")) && !says_notice(el)) must_tell(n, flow->file, el->line, "finished");
        for (size_t k = 0; k < el->n_moves; k++)
            if (str_eq(el->moves[k], S("supplement"))) must_tell(n, flow->file, el->line, "supplement");
    }
    if (by_hand) must_tell(n, n->file, 1, "withdrawn");
}

/* Each code of a list stands in its set. */
static void check_codes(struct naming *n, const struct val *yaml, const struct release_key *k) {
    const struct code_set *set = system_find(n->m, SYSTEM_CODE, k->of);
    const struct name_place at = { .codes = set, .variable = k->name };
    const struct val *list = val_get(yaml, k->name);
    if (list && (list->kind != VAL_LIST || val_count(list) > ITEM_VALUES_MAX))
        release_find(n->f, n->file, list->line, "应写成 [代码, ...]，至多 %d 个：%.*s",
                     ITEM_VALUES_MAX, STR_ARG(k->name));
    for (size_t i = 0; set && i < val_count(list) && list->kind == VAL_LIST; i++)
        name_must(n, NAME_CODE, &at, val_item(list, i)->line, val_text(val_item(list, i)));
}

/* The papers that a material is filled in on, or shown by. */
static void check_material(struct naming *n, const struct form *form, const struct item_type *t,
                           const struct val *material) {
    static const char *const papers[] = { "blank", "sample" };
    release_check_keys(n, S("materials"), material);
    for (size_t i = 0; i < 2; i++) {
        struct str paper = val_get_str(material, str_of(papers[i]));
        if (paper.len && form) check_paper(n, form, t, paper);
    }
}

/* What nobody can do without before applying stands in the table of keys; how it is written, here. */
static void check_elements(struct naming *n, const struct val *yaml) {
    struct str organ = val_get_str(yaml, S("organ_code"));
    struct err e = { 0 };
    size_t n_keys;
    const struct release_key *k = release_keys(S("item"), &n_keys);
    release_check_keys(n, S("item"), yaml);
    release_check_keys(n, S("limits"), val_get(yaml, S("limits")));
    release_check_keys(n, S("decides"), val_get(yaml, S("decides")));
    release_check_keys(n, S("collect"), val_get(yaml, S("collect")));
    if (organ.len && code_uscc(organ, &e))
        release_find(n->f, n->file, val_get(yaml, S("organ_code"))->line,
                     "不是统一社会信用代码：%.*s", STR_ARG(organ));
    for (size_t i = 0; i < n_keys; i++) {
        if (k[i].kind == KEY_CODE) check_code(n, yaml, &k[i]);
        if (k[i].kind == KEY_CODES) check_codes(n, yaml, &k[i]);
    }
}

/* The registry's own system says that the system itself may enter something there. */
static void check_granted(struct naming *n, const struct system *m, struct str type, uint32_t line) {
    const struct system *owner = map_find(&m->part[SYSTEM_RECORD], type) ? m : NULL;
    for (size_t i = 0; i < m->n_needs && !owner; i++)
        if (map_find(&m->needs[i]->part[SYSTEM_RECORD], type)) owner = m->needs[i];
    if (owner && !access_granted(owner->access, S("worker"), S("record.put")))
        release_find(n->f, n->file, line, "没有授权系统自动登记（{role: worker, may: [record.put], scope: all}）：%.*s",
                     STR_ARG(owner->id));
}

static void check_records(struct naming *n, const struct val *records) {
    release_check_entries(n, S("records"), records);
    for (size_t i = 0; i < val_count(records); i++) {
        const struct val *v = val_item(records, i);
        check_granted(n, n->m, val_get_str(v, S("record")), v->line);
    }
}

/* What officers are asked at a step: plain questions, named like no other of the case and like no field of the page that asks them. */
static void check_step_form(struct naming *n, const struct form *applicant, const struct form *f) {
    static const char *const taken[] = { "move", "opinion", "basis", "version", NULL };
    struct naming own = *n;
    own.file = ARENA_CAT(n->a, S("forms/"), f->id, S(".yaml"));
    for (size_t i = 0; i < f->n_pages; i++) {
        if (f->page[i].repeats || f->page[i].when)
            release_find(n->f, own.file, 0, "办理环节的表单只有普通的页：%.*s", STR_ARG(f->page[i].id));
        for (size_t k = 0; k < f->page[i].n_questions; k++) {
            const struct form_question *q = &f->page[i].question[k];
            bool alone = q->kind == FORM_REGISTRY || q->kind == FORM_ADDRESS;
            if (alone || name_in(q->id, taken) || (applicant && form_question(applicant, q->id)))
                release_find(n->f, own.file, 0, "办理环节的表单不能有这个问题：%.*s", STR_ARG(q->id));
        }
    }
}

static void check_step_forms(struct naming *n, const struct item_type *t, const struct form *applicant) {
    const struct flow_model *flow = system_find(n->m, SYSTEM_FLOW, t->flow);
    for (size_t i = 0; flow && i < flow->n_element; i++) {
        const struct form *f = flow->element[i].form.len ? system_find(n->m, SYSTEM_FORM, flow->element[i].form) : NULL;
        if (f) check_step_form(n, applicant, f);
    }
}

void release_check_item(struct naming *n, const struct item_type *t, const struct val *yaml) {
    const struct form *form = system_find(n->m, SYSTEM_FORM, t->form);
    check_elements(n, yaml);
    release_check_entries(n, S("parts"), val_get(yaml, S("parts")));
    release_check_entries(n, S("obstacles"), t->obstacles);
    release_check_entries(n, S("uses"), val_get(yaml, S("uses")));
    release_check_entries(n, S("faq"), val_get(yaml, S("faq")));
    for (size_t i = 0; i < t->n_parts; i++) {
        if (form && t->part[i].paper.len) check_paper(n, form, t, t->part[i].paper);
        if (form && t->part[i].refusal.len && i == 0) check_paper(n, form, t, t->part[i].refusal);
    }
    for (size_t i = 0; i < t->n_materials; i++) check_material(n, form, t, t->material[i].about);
    check_steps(n, val_get(yaml, S("steps")));
    check_pauses(n, t);
    check_told(n, t);
    check_records(n, val_get(yaml, S("records")));
    check_step_forms(n, t, form);
    check_limits(n, t, yaml);
    check_sources(n, form, t, yaml);
}
