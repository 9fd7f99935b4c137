/* question: see question.h. Invariant: every key that a partial reads is given, since a missing one would be looked for in the page. */
#include "web/question.h"
#include "web/staff.h"

static struct val *choices_of(struct page *p, const struct val *options) {
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < val_count(options); i++) {
        const struct val *o = val_item(options, i);
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("choice_id"), val_get_str(o, S("id")));
        val_put_str(p->a, v, S("value"), val_get_str(o, S("value")));
        val_put_str(p->a, v, S("title"), val_get_str(o, S("title")));
        val_put_str(p->a, v, S("note"), S(""));
        val_put_bool(p->a, v, S("selected"), val_get_bool(o, S("chosen"), false));
        val_push(p->a, list, v);
    }
    return list;
}

/* "2026-11-21" in three boxes; whatever else was typed stays in the first. */
static void put_date(struct page *p, struct val *f, struct str value) {
    struct str rest = value, year, month = S(""), day = S("");
    struct str name = val_get_str(f, S("name"));
    if (question_again(p) && val_get(p->in, ARENA_CAT(p->a, name, S("-year")))) { /* as it was typed, box by box */
        static const char *const boxes[] = { "year", "month", "day", NULL };
        for (const char *const *k = boxes; *k; k++)
            val_put_str(p->a, f, str_of(*k), page_in(p, ARENA_CAT(p->a, name, S("-"), str_of(*k))));
        return;
    }
    bool some = str_cut(&rest, '-', &year);
    if (some && str_cut(&rest, '-', &month)) (void)str_cut(&rest, '-', &day);
    val_put_str(p->a, f, S("year"), some ? year : S(""));
    val_put_str(p->a, f, S("month"), month);
    val_put_str(p->a, f, S("day"), day);
}

/* The look of each kind of question: the partial that shows it and its attributes. */
static void put_kind(struct page *p, struct val *f, const struct val *q) {
    static const struct {
        struct str flag, partial, type, mode, width, complete;
    } kinds[] = {
        { S_INIT("is_text"), S_INIT("is_text"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_long"), S_INIT("is_area"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_integer"), S_INIT("is_text"), S_INIT(""), S_INIT("numeric"), S_INIT("8"), S_INIT("") },
        { S_INIT("is_date"), S_INIT("is_date"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_radios"), S_INIT("is_radios"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_checkboxes"), S_INIT("is_checks"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_select"), S_INIT("is_select"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_phone"), S_INIT("is_text"), S_INIT("tel"), S_INIT("tel"), S_INIT("11"), S_INIT("") },
        { S_INIT("is_citizen_id"), S_INIT("is_text"), S_INIT(""), S_INIT(""), S_INIT("18"), S_INIT("") },
        { S_INIT("is_registry"), S_INIT("is_shown"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!val_get(q, kinds[i].flag)) continue;
        val_put_bool(p->a, f, kinds[i].partial, true);
        val_put_str(p->a, f, S("type"), kinds[i].type);
        val_put_str(p->a, f, S("mode"), kinds[i].mode);
        val_put_str(p->a, f, S("width"), kinds[i].width);
        val_put_str(p->a, f, S("complete"), kinds[i].complete);
    }
}

/* A question of form_page_view as the partial `field` wants it. Every key is there, since a missing one would be looked for in the page. */
struct val *question_field(struct page *p, const struct val *q, bool heading) {
    static const char *const empty[] = { "before", "readonly", "rows", "inline", "max", "none", NULL };
    struct val *f = val_map(p->a);
    for (const char *const *k = empty; *k; k++) val_put_str(p->a, f, str_of(*k), S(""));
    struct str id = val_get_str(q, S("id"));
    val_put_str(p->a, f, S("id"), id);
    val_put_str(p->a, f, S("name"), id);
    val_put_str(p->a, f, S("label"), val_get_str(q, S("title")));
    page_label(p, id, val_get_str(q, S("title")));
    val_put_str(p->a, f, S("hint"), val_get_str(q, S("hint")));
    val_put_str(p->a, f, S("error"), page_fault_text(p, id));
    val_put_str(p->a, f, S("source"), val_get_str(q, S("source")));
    val_put_str(p->a, f, S("value"), val_get_str(q, S("value")));
    val_put_str(p->a, f, S("after"), val_get_str(q, S("unit")));
    val_put_bool(p->a, f, S("optional"), val_get_bool(q, S("optional"), false));
    val_put_bool(p->a, f, S("heading"), heading);
    if (val_get(q, S("is_long"))) val_put(p->a, f, S("max"), (struct val *)val_get(q, S("max")));
    if (val_get(q, S("is_select"))) val_put_str(p->a, f, S("none"), page_text(p, S("请选择")));
    val_put(p->a, f, S("choices"), choices_of(p, val_get(q, S("options"))));
    put_date(p, f, val_get_str(q, S("value")));
    put_kind(p, f, q);
    return f;
}

bool question_again(const struct page *p) {
    return p->req->method == HTTP_POST || page_again(p);
}

struct val *question_plain(struct page *p, struct str id, struct str label, struct str hint) {
    static const char *const none[] = { "source", "optional", "heading", "inline", "rows", "max", NULL };
    struct val *v = val_map(p->a);
    for (const char *const *k = none; *k; k++) val_put_str(p->a, v, str_of(*k), S(""));
    val_put_str(p->a, v, S("id"), id);
    val_put_str(p->a, v, S("name"), id);
    val_put_str(p->a, v, S("label"), page_text(p, label));
    page_label(p, id, page_text(p, label));
    val_put_str(p->a, v, S("hint"), page_text(p, hint));
    val_put_str(p->a, v, S("error"), page_fault_text(p, id));
    val_put_str(p->a, v, S("value"), question_again(p) ? page_in(p, id) : S(""));
    return v;
}

void question_join_dates(struct page *p) {
    const struct str tail = S("-year");
    for (size_t i = 0; i < val_count(p->in); i++) {
        struct str key = p->in->u.map.pair[i].key;
        if (!str_ends(key, tail)) continue;
        struct str name = str_sub(key, 0, key.len - tail.len), year = str_trim(page_in(p, key));
        struct str month = str_trim(page_in(p, ARENA_CAT(p->a, name, S("-month"))));
        struct str day = str_trim(page_in(p, ARENA_CAT(p->a, name, S("-day"))));
        if (month.len == 1) month = ARENA_CAT(p->a, S("0"), month);
        if (day.len == 1) day = ARENA_CAT(p->a, S("0"), day);
        bool none = year.len + month.len + day.len == 0;
        val_put_str(p->a, p->in, name, none ? S("") : ARENA_CAT(p->a, year, S("-"), month, S("-"), day));
    }
}

void question_box(struct page *p, const char *name, struct str title, struct str text, struct str note, bool on) {
    struct val *v = question_plain(p, str_of(name), title, S("")), *list = val_list(p->a);
    struct val *box = staff_choice(p, list, str_of(name), S("yes"), page_text(p, text), on);
    if (note.len) val_put_str(p->a, box, S("note"), page_text(p, note));
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, str_of(name), v);
}

bool question_ticked(struct page *p, const char *name) {
    struct str said = page_in(p, str_of(name));
    if (said.len && !str_eq(said, S("yes"))) (void)page_fault(p, str_of(name), ERR_CODE, S(""));
    return said.len > 0;
}
