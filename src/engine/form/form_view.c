/* form_view: what templates read of a form; see form.h. Invariant: text of people stays VAL_STR (the template escapes it). */
#include "engine/form/form_impl.h"

#include "engine/code/code_check.h"
#include "engine/code/code_set.h"
#include "engine/record/record.h"

static struct str shown(const struct form_question *q, const struct system *m, struct str value, struct str lang, struct arena *a) {
    const struct code_set *set;
    switch (q->kind) {
    case FORM_YES_NO: return system_text(m, lang, str_eq(value, S("yes")) ? S("是") : str_eq(value, S("no")) ? S("否") : S(""));
    case FORM_CHOICE:
    case FORM_MULTI:
    case FORM_SELECT:
        set = system_find(m, SYSTEM_CODE, q->code);
        return set && value.len ? system_text(m, lang, code_set_title(set, value)) : value;
    case FORM_INTEGER: return q->unit.len && value.len ? ARENA_CAT(a, value, S(" "), system_text(m, lang, q->unit)) : value;
    default: return value;
    }
}

/* What a registry says, of which the case keeps the Chinese title of a code. */
static struct str known(const struct form_question *q, const struct system *m, struct str value, struct str lang) {
    const struct record_type *type;
    const struct record_field *field;
    return value.len && form_source(m, q->from, &type, &field) && field->kind == RECORD_CODE ? system_text(m, lang, value) : value;
}

static bool is_chosen(const struct val *answer, struct str code) {
    if (answer && answer->kind == VAL_LIST) {
        for (size_t i = 0; i < val_count(answer); i++)
            if (str_eq(val_text(val_item(answer, i)), code)) return true;
        return false;
    }
    return str_eq(val_text(answer), code);
}

static void add_option(struct arena *a, struct val *list, struct str id, struct str code, struct str title, bool chosen) {
    struct val *o = val_map(a);
    val_put_str(a, o, S("id"), val_count(list) ? ARENA_CAT(a, id, S("-"), code) : id);
    val_put_str(a, o, S("name"), id);
    val_put_str(a, o, S("value"), code);
    val_put_str(a, o, S("title"), title);
    val_put_bool(a, o, S("chosen"), chosen);
    val_push(a, list, o);
}

static struct val *options(const struct form_question *q, const struct system *m, const struct val *answers, struct str lang,
                           struct arena *a) {
    struct val *list = val_list(a);
    const struct val *answer = val_get(answers, q->id);
    if (q->kind == FORM_YES_NO) {
        add_option(a, list, q->id, S("yes"), system_text(m, lang, S("是")), is_chosen(answer, S("yes")));
        add_option(a, list, q->id, S("no"), system_text(m, lang, S("否")), is_chosen(answer, S("no")));
        return list;
    }
    const struct code_set *set = q->code.len ? system_find(m, SYSTEM_CODE, q->code) : NULL;
    for (size_t i = 0; q->every && set && i < code_set_count(set); i++) {
        const struct code *row = code_set_row(set, i);
        if (code_set_find(set, row->code) == row) /* of a code with several times the last */
            add_option(a, list, q->id, row->code, ARENA_CAT(a, row->parent.len ? S("　") : S(""), system_text(m, lang, row->title)),
                       is_chosen(answer, row->code));
    }
    if (q->every) return list;
    /* `below` is a code, or the question whose answer is the code. */
    struct str below = val_get(answers, q->below) ? val_get_str(answers, q->below) : q->below;
    const struct code *c = set ? code_set_list(set, below) : NULL;
    for (size_t i = 0; c && i < CODE_ROWS_MAX; c = c->sibling, i++)
        add_option(a, list, q->id, c->code, system_text(m, lang, c->title), is_chosen(answer, c->code));
    return list;
}

static struct val *question_view(const struct form_question *q, const struct system *m, const struct val *answers, const struct val *prefill,
                                 const struct val *errors, struct str lang, struct arena *a) {
    static const struct str flags[] = {
        [FORM_KIND_NONE] = S_INIT(""), [FORM_TEXT] = S_INIT("is_text"), [FORM_LONG] = S_INIT("is_long"), [FORM_INTEGER] = S_INIT("is_integer"),
        [FORM_DATE] = S_INIT("is_date"), [FORM_YES_NO] = S_INIT("is_radios"), [FORM_CHOICE] = S_INIT("is_radios"),
        [FORM_MULTI] = S_INIT("is_checkboxes"), [FORM_SELECT] = S_INIT("is_select"), [FORM_PHONE] = S_INIT("is_phone"),
        [FORM_CITIZEN_ID] = S_INIT("is_citizen_id"), [FORM_USCC] = S_INIT("is_citizen_id"), [FORM_REGISTRY] = S_INIT("is_registry"),
        [FORM_ADDRESS] = S_INIT("is_address"),
    };
    struct val *v = val_map(a);
    const struct val *answer = val_get(answers, q->id), *error = val_get(errors, q->id);
    val_put_str(a, v, S("id"), q->id);
    val_put_str(a, v, S("title"), system_text(m, lang, q->title));
    val_put_str(a, v, S("hint"), system_text(m, lang, q->hint));
    val_put_str(a, v, S("unit"), system_text(m, lang, q->unit));
    val_put_bool(a, v, S("required"), q->required);
    val_put_bool(a, v, S("optional"), !q->required && q->kind != FORM_REGISTRY);
    val_put_i64(a, v, S("max"), (int64_t)q->length_max);
    val_put_bool(a, v, flags[q->kind], true);
    if (q->kind == FORM_REGISTRY) {
        val_put_str(a, v, S("value"), known(q, m, val_text(val_path(prefill, q->from)), lang));
        val_put_str(a, v, S("source"), system_text(m, lang, val_text(val_path(prefill, ARENA_CAT(a, S("sources."), q->from)))));
    } else if (q->kind == FORM_ADDRESS) {
        form_address_view(q, m, answers, prefill, lang, a, v);
    } else {
        val_put_str(a, v, S("value"), val_text(answer));
        val_put(a, v, S("options"), options(q, m, answers, lang, a));
    }
    if (error) val_put(a, v, S("error"), val_copy(a, error));
    return v;
}

struct val *form_page_view(const struct form_page *p, const struct system *m, const struct val *answers, const struct val *prefill,
                           const struct val *errors, struct str lang, struct arena *a) {
    struct val *v = val_map(a), *list = val_list(a);
    val_put_str(a, v, S("id"), p->id);
    val_put_str(a, v, S("title"), system_text(m, lang, p->title));
    val_put_str(a, v, S("hint"), system_text(m, lang, p->hint));
    val_put_bool(a, v, S("single"), p->n_questions == 1);
    for (size_t i = 0; i < p->n_questions; i++)
        val_push(a, list, question_view(&p->question[i], m, answers, prefill, errors, lang, a));
    val_put(a, v, S("questions"), list);
    return v;
}

static struct str answer_text(const struct form_question *q, const struct system *m, const struct val *answers, const struct val *prefill,
                              struct str lang, struct arena *a) {
    const struct val *answer = val_get(answers, q->id);
    if (q->kind == FORM_REGISTRY) return known(q, m, val_text(answer ? answer : val_path(prefill, q->from)), lang);
    if (q->kind == FORM_ADDRESS) return form_address_text(q, m, answer, lang, a);
    if (q->kind != FORM_MULTI) return shown(q, m, val_text(answer), lang, a);
    struct buf b;
    buf_init(&b, a, 64, 4096);
    for (size_t i = 0; i < val_count(answer); i++) {
        if (i) buf_add(&b, str_eq(lang, S("en")) ? S(", ") : S("、"));
        buf_add(&b, shown(q, m, val_text(val_item(answer, i)), lang, a));
    }
    return buf_str(&b);
}

struct str form_answer_text(const struct form_question *q, const struct system *m, const struct val *answers,
                            struct str lang, struct arena *a) {
    return answer_text(q, m, answers, NULL, lang, a);
}

static bool part_sees(const struct form_page *p, struct str part) {
    if (part.len == 0 || !p->parts) return true;
    for (size_t i = 0; i < val_count(p->parts); i++)
        if (str_eq(val_text(val_item(p->parts, i)), part)) return true;
    return false;
}

static struct val *columns_of(const struct form_page *p, const struct system *m, struct str lang,
                              struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < p->n_questions; i++) {
        struct val *v = val_map(a);
        val_put_str(a, v, S("id"), p->question[i].id);
        val_put_str(a, v, S("title"), system_text(m, lang, p->question[i].title));
        val_push(a, list, v);
    }
    return list;
}

static struct val *entries_of(const struct form_page *p, const struct system *m, const struct val *answers,
                              struct str lang, struct arena *a) {
    const struct val *given = val_get(answers, p->id);
    struct val *list = val_list(a);
    for (size_t i = 0; given && given->kind == VAL_LIST && i < val_count(given); i++) {
        const struct val *one = val_item(given, i);
        struct val *v = val_map(a), *values = val_list(a);
        for (size_t k = 0; k < p->n_questions; k++) {
            struct val *x = val_map(a);
            val_put_str(a, x, S("id"), p->question[k].id);
            val_put_str(a, x, S("title"), system_text(m, lang, p->question[k].title));
            val_put_str(a, x, S("text"), answer_text(&p->question[k], m, one, NULL, lang, a));
            val_put_str(a, x, S("mask"), p->question[k].mask);
            val_push(a, values, x);
        }
        val_put_str(a, v, S("entry"), val_text(val_get(one, S("entry"))));
        val_put_i64(a, v, S("place"), (int64_t)i + 1);
        val_put_bool(a, v, S("whole"), form_entry_whole(p, one));
        val_put(a, v, S("values"), values);
        val_push(a, list, v);
    }
    return list;
}

static struct val *row_of(const struct form_question *q, const struct system *m, const struct val *answers,
                          const struct val *prefill, struct str lang, struct arena *a) {
    struct val *row = val_map(a);
    bool registry = q->kind == FORM_REGISTRY;
    val_put_str(a, row, S("id"), q->id);
    val_put_str(a, row, S("title"), system_text(m, lang, q->title));
    val_put_str(a, row, S("text"), answer_text(q, m, answers, prefill, lang, a));
    val_put_str(a, row, S("mask"), q->mask);
    val_put_bool(a, row, S("registry"), registry);
    val_put_str(a, row, S("from"), registry ? q->from : S(""));
    val_put_str(a, row, S("source"),
                registry
                    ? system_text(m, lang, val_text(val_path(prefill, ARENA_CAT(a, S("sources."), q->from))))
                    : S(""));
    const struct val *came = registry ? val_path(prefill, ARENA_CAT(a, S("as_of."), q->from)) : NULL;
    if (came) val_put(a, row, S("as_of_ms"), val_copy(a, came));
    return row;
}

struct val *form_summary(const struct form *f, const struct system *m, const struct val *answers, const struct val *prefill, struct str part,
                         struct str lang, struct arena *a) {
    struct val *pages = val_list(a);
    for (size_t i = 0; i < f->n_pages; i++) {
        const struct form_page *p = &f->page[i];
        if (!form_asked(p, answers, a) || !part_sees(p, part)) continue;
        struct val *v = val_map(a), *rows = val_list(a);
        bool asks = false;
        for (size_t k = 0; k < p->n_questions; k++) {
            if (!p->repeats) val_push(a, rows, row_of(&p->question[k], m, answers, prefill, lang, a));
            asks |= p->question[k].kind != FORM_REGISTRY;
        }
        struct val *entries = p->repeats ? entries_of(p, m, answers, lang, a) : val_list(a);
        val_put_str(a, v, S("id"), p->id);
        val_put_str(a, v, S("title"), system_text(m, lang, p->title));
        val_put(a, v, S("rows"), rows);
        val_put(a, v, S("columns"), p->repeats ? columns_of(p, m, lang, a) : val_list(a));
        val_put(a, v, S("entries"), entries);
        val_put_bool(a, v, S("none"), p->repeats && val_count(entries) == 0);
        val_put_bool(a, v, S("changeable"), asks);
        val_push(a, pages, v);
    }
    return pages;
}

static void mask_rows(const struct val *rows, struct arena *a) {
    for (size_t i = 0; i < val_count(rows); i++) {
        struct val *row = rows->u.list.item[i];
        struct str mask = val_get_str(row, S("mask")), text = val_get_str(row, S("text"));
        val_put_bool(a, row, S("masked"), mask.len && text.len);
        if (mask.len) val_put_str(a, row, S("text"), code_mask(a, mask, text));
    }
}

void form_summary_mask(struct val *pages, struct arena *a) {
    for (size_t i = 0; i < val_count(pages); i++) {
        const struct val *page = val_item(pages, i), *entries = val_get(page, S("entries"));
        mask_rows(val_get(page, S("rows")), a);
        for (size_t k = 0; k < val_count(entries); k++) mask_rows(val_get(val_item(entries, k), S("values")), a);
    }
}
