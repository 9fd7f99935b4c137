/* values: between a value of a declaration and the fields of a form, by the kind of its key.
 * Invariant: what was shown and is sent back unchanged gives the value that it was.
 */
#include "web/edit/edit_pages.h"

#include "data/write.h"
#include "engine/form/form.h"
#include "web/question.h"

enum { CHOICES_MAX = 80, SIDE_BY_SIDE = 12, LINE_MAX = 200, AREA_MAX = 700 };

bool edit_editable(const struct release_key *k) {
    return k->kind != KEY_GROUP && k->kind != KEY_PART;
}

bool edit_bilingual(const struct release_key *k) {
    return k->kind == KEY_TEXT || k->kind == KEY_AREA;
}

size_t edit_most(const struct release_key *k) {
    return k->kind == KEY_AREA || k->kind == KEY_WORDS || k->kind == KEY_CODES ? AREA_MAX
                                                                               : LINE_MAX;
}

static const struct str listed[] = { S_INIT("materials"), S_INIT("faq"), S_INIT("pauses"),
                                     S_INIT("obstacles"), S_INIT("parts") };

bool edit_listed(struct str section) {
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        if (str_eq(section, listed[i])) return true;
    return false;
}

const struct release_key *edit_section(struct str section, size_t *n) {
    size_t all, from = 0;
    const struct release_key *k = release_keys(S("item"), &all);
    *n = 0;
    if (edit_listed(section) || str_eq(section, S("limits"))) return release_keys(section, n);
    while (from < all && (k[from].kind != KEY_GROUP || !str_eq(k[from].name, section))) from++;
    if (from == all) return k;
    for (size_t to = from + 1; to < all && k[to].kind != KEY_GROUP; to++) ++*n;
    return &k[from + 1];
}

const struct val *edit_target(const struct val *item, struct str section, struct str entry) {
    int64_t at;
    if (edit_listed(section)) {
        const struct val *list = val_get(item, section);
        if (!str_to_i64(entry, &at) || at < 1 || !list || list->kind != VAL_LIST) return NULL;
        return val_item(list, (size_t)at - 1);
    }
    return str_eq(section, S("limits")) ? val_get(item, section) : item;
}

/* Only what the section's own form shows: what another page wrote of the same file is no conflict.
 */
struct str edit_seen(struct arena *a, const struct val *target, size_t entries) {
    struct buf b;
    struct digest d;
    buf_init(&b, a, 1024, 1024 * 1024);
    if (target) write_json(&b, target);
    buf_add_u64(&b, entries);
    struct str piece = buf_str(&b);
    hash_parts(SUITE_INTL, &piece, 1, &d);
    buf_clear(&b);
    buf_add_hex(&b, d.v, 16);
    return buf_str(&b);
}

struct str edit_lines(struct arena *a, struct str s) {
    struct buf b;
    buf_init(&b, a, s.len + 1, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '\r') buf_add_char(&b, s.ptr[i]);
    return str_trim(buf_str(&b));
}

static struct val *texts(struct page *p, const struct release_key *k, struct arena *a) {
    const struct val *sent = val_get(p->in, k->name);
    struct str rest = edit_lines(a, val_text(sent)), one;
    struct val *list = val_list(a);
    if (sent && sent->kind == VAL_LIST)
        for (size_t i = 0; i < val_count(sent); i++)
            val_push(a, list, val_str(a, arena_str(a, val_text(val_item(sent, i)))));
    else
        while (str_cut(&rest, '\n', &one))
            if (str_trim(one).len) val_push(a, list, val_str(a, arena_str(a, str_trim(one))));
    return val_count(list) ? list : NULL;
}

struct val *edit_value(struct page *p, const struct release_key *k, struct arena *a) {
    struct str s = k->kind == KEY_AREA ? edit_lines(a, page_in(p, k->name))
                                       : arena_str(a, str_trim(page_in(p, k->name)));
    int64_t n;
    if (k->kind == KEY_WORDS || k->kind == KEY_CODES) return texts(p, k, a);
    if (s.len == 0) return NULL;
    switch (k->kind) {
    case KEY_FLAG: return val_bool(a, true);
    case KEY_SWITCH: return str_eq(s, S("no")) ? val_bool(a, false) : NULL;
    case KEY_COUNT: return str_to_i64(s, &n) ? val_i64(a, n) : val_str(a, s);
    default: return val_str(a, s);
    }
}

struct str edit_text(struct arena *a, const struct val *v) {
    struct buf b;
    if (!v || v->kind == VAL_NULL) return S("");
    if (v->kind == VAL_BOOL) return v->u.b ? S("yes") : S("no");
    if (v->kind != VAL_LIST && v->kind != VAL_MAP) return val_text(v);
    buf_init(&b, a, 256, 1024 * 1024);
    for (size_t i = 0; v->kind == VAL_LIST && i < val_count(v); i++) {
        if (i) buf_add_char(&b, '\n');
        buf_add(&b, edit_text(a, val_item(v, i)));
    }
    return buf_str(&b);
}

static struct val *field(struct page *p, struct val *fields, struct str id, struct str label,
                         struct str hint, const char *partial) {
    static const char *const flags[] = { "is_text",   "is_area",   "is_date",   "is_select",
                                         "is_radios", "is_checks", "is_upload", "is_lookup",
                                         "is_shown",  NULL };
    static const char *const none[] = { "type",   "mode",     "width", "complete", "after",
                                        "before", "readonly", "none",  "begins", NULL };
    struct val *v = question_plain(p, id, label, hint);
    for (const char *const *f = flags; *f; f++)
        val_put_bool(p->a, v, str_of(*f), str_eq(str_of(*f), str_of(partial)));
    for (const char *const *f = none; *f; f++) val_put_str(p->a, v, str_of(*f), S(""));
    val_put(p->a, v, S("choices"), val_list(p->a));
    val_push(p->a, fields, v);
    return v;
}

/* The codes of a set as choices; too many to be shown are typed, a line each. */
static size_t put_choices(struct page *p, struct val *f, const struct release_key *k,
                          const struct code_set *set, struct str value) {
    struct val *list = (struct val *)(uintptr_t)val_get(f, S("choices"));
    const bool again = question_again(p);
    for (size_t i = 0; set && i < code_set_count(set); i++) {
        const struct code *c = code_set_row(set, i);
        struct str line, rest = value;
        bool chosen = again && staff_picked(p, k->name, c->code);
        while (!again && str_cut(&rest, '\n', &line)) chosen |= str_eq(line, c->code);
        struct str title =
            ARENA_CAT(p->a, c->code, S(" "), realm_words(page_realm(p), p->lang, c->title));
        (void)staff_choice(p, list, k->name, c->code, title, chosen);
    }
    return val_count(list);
}

static const struct code_set *set_of(const struct page *p, struct str name) {
    const struct system *common = realm_system(page_realm(p), S("common"));
    return common ? system_find(common, SYSTEM_CODE, name) : NULL;
}

static void choice_field(struct page *p, struct val *fields, const struct release_key *k,
                         struct str value) {
    const struct code_set *set = set_of(p, k->of);
    const bool many = k->kind == KEY_CODES, typed = !set || code_set_count(set) > CHOICES_MAX;
    struct val *f = field(p, fields, k->name, k->title, k->help,
                          typed  ? "is_area"
                          : many ? "is_checks"
                                 : "is_select");
    if (typed) {
        val_put_str(p->a, f, S("hint"), page_text(p, S("一行一个代码")));
        if (!question_again(p)) val_put_str(p->a, f, S("value"), value);
        return;
    }
    if (put_choices(p, f, k, set, value) > SIDE_BY_SIDE) val_put_bool(p->a, f, S("inline"), true);
    val_put_str(p->a, f, S("none"), page_text(p, S("请选择")));
}

/* Kinds of questions, as who makes a form calls them. */
static void kind_field(struct page *p, struct val *fields, const struct release_key *k,
                       struct str value) {
    static const struct {
        struct str word, title;
    } kinds[] = { { S_INIT("text"), S_INIT("一行文字") },       { S_INIT("long"), S_INIT("多行文字") },
                  { S_INIT("integer"), S_INIT("整数") },        { S_INIT("date"), S_INIT("日期") },
                  { S_INIT("yes-no"), S_INIT("是或否") },       { S_INIT("choice"), S_INIT("选一个") },
                  { S_INIT("multi"), S_INIT("选几个") },        { S_INIT("select"), S_INIT("从下拉列表选一个") },
                  { S_INIT("phone"), S_INIT("手机号码") },      { S_INIT("citizen-id"), S_INIT("公民身份号码") },
                  { S_INIT("uscc"), S_INIT("统一社会信用代码") }, { S_INIT("registry"), S_INIT("从登记信息取，不用填") },
                  { S_INIT("address"), S_INIT("地址") } };
    _Static_assert(sizeof kinds / sizeof *kinds == FORM_KINDS - 1, "a row for each kind of form_words.h");
    struct val *f = field(p, fields, k->name, k->title, k->help, "is_select");
    struct val *list = (struct val *)(uintptr_t)val_get(f, S("choices"));
    const struct str now = question_again(p) ? page_in(p, k->name) : value;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        (void)staff_choice(p, list, k->name, kinds[i].word, page_text(p, kinds[i].title),
                           str_eq(now, kinds[i].word));
    val_put_str(p->a, f, S("none"), page_text(p, S("请选择")));
}

static void switch_field(struct page *p, struct val *fields, const struct release_key *k,
                         struct str value) {
    struct val *f = field(p, fields, k->name, k->title, k->help, "is_radios");
    struct val *list = (struct val *)(uintptr_t)val_get(f, S("choices"));
    const bool no = str_eq(question_again(p) ? page_in(p, k->name) : value, S("no"));
    (void)staff_choice(p, list, k->name, S("yes"), page_text(p, S("必须")), !no);
    (void)staff_choice(p, list, k->name, S("no"), page_text(p, S("可以不交")), no);
}

static void flag_field(struct page *p, struct val *fields, const struct release_key *k,
                       struct str value) {
    struct val *f = field(p, fields, k->name, k->title, S(""), "is_checks");
    struct val *list = (struct val *)(uintptr_t)val_get(f, S("choices"));
    const bool on = question_again(p) ? page_in(p, k->name).len > 0 : str_eq(value, S("yes"));
    struct str text = k->help.len ? page_text(p, k->help) : page_text(p, S("是"));
    (void)staff_choice(p, list, k->name, S("yes"), text, on);
}

void edit_field(struct page *p, struct val *fields, const struct release_key *k,
                const struct val *v, struct str english) {
    const struct str value = edit_text(p->a, v);
    const bool area = k->kind == KEY_AREA || k->kind == KEY_WORDS, again = question_again(p);
    struct val *f;
    if (k->kind == KEY_CODE || k->kind == KEY_CODES) choice_field(p, fields, k, value);
    else if (k->kind == KEY_KIND) kind_field(p, fields, k, value);
    else if (k->kind == KEY_FLAG) flag_field(p, fields, k, value);
    else if (k->kind == KEY_SWITCH) switch_field(p, fields, k, value);
    else {
        f = field(p, fields, k->name, k->title, k->help, area ? "is_area" : "is_text");
        if (!again) val_put_str(p->a, f, S("value"), value);
        val_put_bool(p->a, f, S("optional"), !k->needed);
        if (edit_bilingual(k) || k->kind == KEY_WORDS)
            val_put_str(p->a, f, S("box_lang"), S("zh-CN"));
        if (area) val_put_str(p->a, f, S("rows"), S("3"));
        if (k->kind == KEY_COUNT)
            val_put_str(p->a, f, S("width"), S("4")), val_put_str(p->a, f, S("mode"), S("numeric"));
    }
    if (!edit_bilingual(k)) return;
    struct str id = ARENA_CAT(p->a, k->name, S("-en"));
    struct val *args = val_map(p->a);
    val_put_str(p->a, args, S("title"), page_text(p, k->title));
    struct str label = po_fill(p->a, page_text(p, S("{title}（英文）")), args);
    f = field(p, fields, id, label, S(""), area ? "is_area" : "is_text");
    if (!again) val_put_str(p->a, f, S("value"), english);
    val_put_str(p->a, f, S("box_lang"), S("en"));
    val_put_bool(p->a, f, S("optional"), !k->needed);
    if (area) val_put_str(p->a, f, S("rows"), S("3"));
}
