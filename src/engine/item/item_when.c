/* item_when: when a material is asked for, in words, as far as the decision tables of the item tell it; see item.h.
 * Invariant: nothing is said that a table does not say. A condition that cannot be put into words (another expression, another test)
 * makes the material one that "depends on the answers", and no more is told of it.
 */
#include "engine/item/item_rows.h"

#include "engine/rule/rule.h"

struct telling {
    const struct realm *r;
    const struct system *m;
    const struct item_type *t;
    const struct form *form;
    struct str lang;
    struct arena *a;
};

static struct str fill(const struct telling *x, struct str chinese, struct val *args) {
    return po_fill(x->a, realm_text(x->r, x->lang, chinese), args);
}

/* "abc" at the start of *s, with what follows left in it. */
static bool take_literal(struct str *s, struct str *ret) {
    size_t end = s->len > 1 && s->ptr[0] == '"' ? str_find_char(*s, '"', 1) : SIZE_MAX;
    if (end == SIZE_MAX || str_find_char(str_sub(*s, 0, end), '\\', 0) != SIZE_MAX) return false;
    *ret = str_sub(*s, 1, end - 1);
    *s = str_trim(str_sub(*s, end + 1, s->len));
    return true;
}

/* list contains(NAME, "VALUE") */
static bool is_contains(struct str s, struct str *name, struct str *value) {
    const struct str head = S("list contains(");
    if (!str_starts(s, head)) return false;
    s = str_sub(s, head.len, s.len);
    if (!str_cut(&s, ',', name)) return false;
    s = str_trim(s);
    *name = str_trim(*name);
    return take_literal(&s, value) && str_eq(s, S(")"));
}

static struct str code_title(const struct telling *x, const struct form_question *q, struct str code) {
    const struct code_set *set = q->code.len ? system_find(x->m, SYSTEM_CODE, q->code) : NULL;
    return set && code_set_find(set, code) ? system_text(x->m, x->lang, code_set_title(set, code)) : S("");
}

/* One of several codes, each in quotes, parted by commas. */
static struct str say_codes(const struct telling *x, const struct form_question *q, struct str test, struct val *args) {
    struct buf b;
    struct str code;
    buf_init(&b, x->a, 128, 4096);
    for (;;) {
        if (!take_literal(&test, &code)) return S("");
        struct str title = code_title(x, q, code);
        if (title.len == 0) return S("");
        buf_add(&b, title);
        if (test.len == 0) break;
        if (test.ptr[0] != ',') return S("");
        test = str_trim(str_sub(test, 1, test.len));
        buf_add(&b, realm_text(x->r, x->lang, S("”或“")));
    }
    val_put_str(x->a, args, S("answer"), buf_str(&b));
    return fill(x, S("“{question}”选“{answer}”"), args);
}

static struct str say_number(const struct telling *x, const struct form_question *q, struct str test, struct val *args) {
    static const struct {
        struct str sign, text;
    } tests[] = { { S_INIT(">="), S_INIT("“{question}”不少于 {n}") }, { S_INIT("<="), S_INIT("“{question}”不多于 {n}") },
                  { S_INIT(">"), S_INIT("“{question}”多于 {n}") },    { S_INIT("<"), S_INIT("“{question}”少于 {n}") },
                  { S_INIT(""), S_INIT("“{question}”是 {n}") } };
    size_t i = 0;
    int64_t n;
    while (!str_starts(test, tests[i].sign)) i++; /* the last fits all */
    struct str number = str_trim(str_sub(test, tests[i].sign.len, test.len));
    if (!str_to_i64(number, &n)) return S("");
    val_put_str(x->a, args, S("n"), q->unit.len ? ARENA_CAT(x->a, number, S(" "), system_text(x->m, x->lang, q->unit)) : number);
    return fill(x, tests[i].text, args);
}

/* One test of an answer; empty where it cannot be said. */
static struct str say_answer(const struct telling *x, struct str input, struct str test) {
    struct str name = input, code = S("");
    bool contains = is_contains(input, &name, &code), yes = str_eq(test, S("true"));
    const struct form_question *q = form_question(x->form, name);
    struct val *args = val_map(x->a);
    if (!q) return S("");
    val_put_str(x->a, args, S("question"), system_text(x->m, x->lang, q->title));
    if (contains) {
        struct str title = q->kind == FORM_MULTI && yes ? code_title(x, q, code) : S("");
        val_put_str(x->a, args, S("answer"), title);
        return title.len ? fill(x, S("“{question}”选“{answer}”"), args) : S("");
    }
    if (q->kind == FORM_YES_NO) {
        if (!yes && !str_eq(test, S("false"))) return S("");
        val_put_str(x->a, args, S("answer"), system_text(x->m, x->lang, yes ? S("是") : S("否")));
        return fill(x, S("“{question}”答“{answer}”"), args);
    }
    if (q->kind == FORM_INTEGER) return say_number(x, q, test, args);
    return q->kind == FORM_CHOICE || q->kind == FORM_SELECT ? say_codes(x, q, test, args) : S("");
}

/* What the rows of a table say of one output. */
struct said {
    bool always, never, unknown;
    struct val *when; /* texts, any of which is enough */
};

static struct said rows_about(const struct telling *x, struct str decision, struct str output, bool parts);

/* That a part is needed: nothing where it always is, else its title with when it is. */
static struct str say_part(const struct telling *x, struct str id, bool *always) {
    const struct item_part *part = item_part(x->t, id);
    struct val *args = val_map(x->a);
    if (!part) return S("");
    struct said s = x->t->decide_parts.len ? rows_about(x, x->t->decide_parts, id, false) : (struct said){ .always = true };
    *always = s.always;
    val_put_str(x->a, args, S("part"), system_text(x->m, x->lang, part->title));
    if (s.unknown || s.never || val_count(s.when) != 1) return fill(x, S("办理“{part}”"), args);
    val_put_str(x->a, args, S("when"), val_text(val_item(s.when, 0)));
    return fill(x, S("办理“{part}”（{when}）"), args);
}

/* All conditions of a row in one text: empty where there is none. False where one of them cannot be said. */
static bool say_row(const struct telling *x, const struct val *when, bool parts, struct str *ret) {
    *ret = S("");
    for (size_t i = 0; i < val_count(when); i++) {
        struct str input = val_get_str(val_item(when, i), S("input")), test = val_get_str(val_item(when, i), S("test")), name, id, text;
        bool always = false;
        if (parts && is_contains(input, &name, &id) && str_eq(name, S("parts"))) text = str_eq(test, S("true")) ? say_part(x, id, &always) : S("");
        else text = say_answer(x, input, test);
        if (text.len == 0) return false;
        if (!always) *ret = ARENA_CAT(x->a, *ret, ret->len ? realm_text(x->r, x->lang, S("，并且")) : S(""), text);
    }
    return true;
}

static struct said rows_about(const struct telling *x, struct str decision, struct str output, bool parts) {
    const struct model *model = system_find(x->m, SYSTEM_RULE, decision);
    const struct val *rows = model ? dmn_rows(model, decision, x->a) : NULL;
    struct said s = { .never = rows != NULL, .unknown = rows == NULL, .when = val_list(x->a) };
    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *row = val_item(rows, i);
        struct str text;
        if (!str_eq(val_get_str(row, S("output")), output)) continue;
        s.never = false;
        bool told = say_row(x, val_get(row, S("when")), parts, &text);
        s.unknown |= !told;
        s.always |= told && text.len == 0;
        if (told && text.len) val_push(x->a, s.when, val_str(x->a, text));
    }
    return s;
}

void item_when_put(const struct realm *r, const struct system *m, const struct item_type *t, const struct item_material *material,
                   struct str lang, struct val *v, struct arena *a) {
    const struct telling x = { r, m, t, system_find(m, SYSTEM_FORM, t->form), lang, a };
    struct said s = { .always = material->required, .when = val_list(a) };
    if (t->decide_materials.len) s = x.form ? rows_about(&x, t->decide_materials, material->id, true) : (struct said){ .unknown = true };
    bool told = !s.always && !s.unknown && val_count(s.when) > 0;
    val_put_bool(a, v, S("required"), s.always);
    val_put_bool(a, v, S("depends"), !s.always && s.unknown);
    val_put_bool(a, v, S("told"), told);
    val_put(a, v, S("when"), told ? s.when : val_list(a));
}
