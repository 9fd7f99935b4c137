/* form: compiles forms and checks what people say; see form.h. The views are in form_view.c. */
#include "engine/form/form_impl.h"

#include "data/plain.h"
#include "data/tz.h"
#include "engine/code/code_set.h"
#include "engine/code/code_check.h"
#include "engine/rule/rule.h"

static const char *const kind_names[] = {
    [FORM_KIND_NONE] = "",
#define FORM_KIND(id, name) [FORM_##id] = name,
#include "engine/form/form_words.h"
#undef FORM_KIND
};

static int only_keys(struct str file, const struct val *map, const char *const *known, struct err *e) {
    if (map && map->kind != VAL_MAP) return err_line(e, ERR_SYSTEM, file, map->line, "这里应写成 键: 值");
    for (size_t i = 0; i < val_pairs(map); i++) {
        bool found = false;
        for (const char *const *k = known; *k; k++) found |= str_eq(map->u.map.pair[i].key, str_of(*k));
        if (!found) return err_line(e, ERR_SYSTEM, file, map->u.map.pair[i].line, "不认识的键：%.*s", STR_ARG(map->u.map.pair[i].key));
    }
    return 0;
}

/* An identity number is masked without a word, a registry's element as its registry masks it; the name of who applies heads the case. */
static int read_mask(struct str file, const struct val *v, const struct system *m, struct form_question *q, struct err *e) {
    static const struct str words[] = { S_INIT("none"), S_INIT("person-name"), S_INIT("citizen-id"), S_INIT("mobile"), S_INIT("address") };
    const struct record_type *type;
    const struct record_field *field;
    struct str said = val_get_str(v, S("mask"));
    size_t i = 0;
    while (said.len && i < sizeof words / sizeof *words && !str_eq(said, words[i])) i++;
    if (i == sizeof words / sizeof *words) return err_line(e, ERR_SYSTEM, file, v->line, "不认识的 mask：%.*s", STR_ARG(said));
    if (said.len) q->mask = i ? said : S("");
    else if (q->kind == FORM_CITIZEN_ID) q->mask = S("citizen-id");
    else if (q->kind == FORM_ADDRESS) q->mask = S("address");
    else if (q->kind == FORM_REGISTRY && form_source(m, q->from, &type, &field) && !str_eq(field->name, S("name"))) q->mask = field->mask;
    return 0;
}

static int read_question(struct str file, const struct val *v, const struct system *m, struct form_question *q, struct err *e) {
    static const char *const known[] = { "id",   "title", "hint",  "kind", "required", "max",     "least",
                                         "most", "code",  "below", "from", "unit",     "purpose", "mask",
                                         NULL };
    const struct record_type *type;
    const struct record_field *field;
    int rc = only_keys(file, v, known, e);
    if (rc) return rc;
    *q = (struct form_question){ .id = val_get_str(v, S("id")),
                                 .title = val_get_str(v, S("title")),
                                 .hint = val_get_str(v, S("hint")),
                                 .code = val_get_str(v, S("code")),
                                 .below = val_get_str(v, S("below")),
                                 .from = val_get_str(v, S("from")),
                                 .unit = val_get_str(v, S("unit")),
                                 .purpose = val_get_str(v, S("purpose")),
                                 .required = val_get_bool(v, S("required"), false),
                                 .length_max = (size_t)val_get_i64(v, S("max"), 200),
                                 .least = val_get_i64(v, S("least"), INT64_MIN),
                                 .most = val_get_i64(v, S("most"), INT64_MAX) };
    for (int k = 1; k < FORM_KINDS; k++)
        if (str_eq(val_get_str(v, S("kind")), str_of(kind_names[k]))) q->kind = (enum form_kind)k;
    if (!q->kind) return err_line(e, ERR_SYSTEM, file, v->line, "不认识的 kind：%.*s", STR_ARG(val_get_str(v, S("kind"))));
    if (q->id.len == 0 || q->title.len == 0) return err_line(e, ERR_SYSTEM, file, v->line, "问题缺少 id 或 title");
    bool wants_code = q->kind == FORM_CHOICE || q->kind == FORM_MULTI || q->kind == FORM_SELECT || q->kind == FORM_ADDRESS;
    const struct code_set *set = system_find(m, SYSTEM_CODE, q->code);
    if (wants_code && !set) return err_line(e, ERR_SYSTEM, file, v->line, "没有这个代码集：%.*s", STR_ARG(q->code));
    if (q->kind == FORM_ADDRESS && q->below.len && !code_set_find(set, q->below))
        return err_line(e, ERR_SYSTEM, file, v->line, "below 不在代码集里：%.*s", STR_ARG(q->below));
    if (q->kind == FORM_ADDRESS && q->from.len && !form_source(m, q->from, &type, &field))
        return err_line(e, ERR_SYSTEM, file, v->line, "没有这个登记信息项：%.*s", STR_ARG(q->from));
    if (q->kind == FORM_REGISTRY && q->from.len == 0) return err_line(e, ERR_SYSTEM, file, v->line, "registry 问题缺少 from");
    return read_mask(file, v, m, q, e);
}

/* A name that FEEL can say: answers of pages that repeat stand under the page's id. */
static bool is_name(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || s.ptr[i] == '_' ||
              (i && s.ptr[i] >= '0' && s.ptr[i] <= '9')))
            return false;
    return s.len > 0;
}

static int read_repeat(struct str file, const struct val *v, const struct system *m, struct form_page *p,
                       struct err *e) {
    static const char *const known[] = { "least", "most", "entry", "records", NULL };
    int64_t least = val_get_i64(v, S("least"), 0), most = val_get_i64(v, S("most"), FORM_ENTRIES_MAX);
    int rc = only_keys(file, v, known, e);
    if (rc) return rc;
    if (least < 0 || most < 1 || most < least || most > FORM_ENTRIES_MAX)
        return err_line(e, ERR_SYSTEM, file, v->line, "least、most 应为 0 到 %d，least 不大于 most",
                        FORM_ENTRIES_MAX);
    *p = (struct form_page){ .id = p->id,
                             .title = p->title,
                             .hint = p->hint,
                             .when_text = p->when_text,
                             .parts = p->parts,
                             .repeats = true,
                             .least = (size_t)least,
                             .most = (size_t)most,
                             .entry = val_get_str(v, S("entry")) };
    if (p->entry.len == 0) return err_line(e, ERR_SYSTEM, file, v->line, "repeat 缺少 entry：一条叫什么");
    if (!is_name(p->id))
        return err_line(e, ERR_SYSTEM, file, v->line, "重复的页的 id 只能有小写字母、数字和下划线：%.*s",
                        STR_ARG(p->id));
    struct str records = val_get_str(v, S("records"));
    if (records.len == 0) return 0;
    (void)str_cut(&records, '.', &p->records);
    if (records.len == 0) return err_line(e, ERR_SYSTEM, file, v->line, "records 应写成 记录类型.信息项");
    p->by = records;
    const struct record_type *t = system_find(m, SYSTEM_RECORD, p->records);
    const struct record_field *by = t ? record_field(t, p->by) : NULL;
    if (!by || by->kind != RECORD_REF || by->index == RECORD_NO_INDEX)
        return err_line(e, ERR_SYSTEM, file, v->line, "没有这个可查找的登记联系：%.*s.%.*s",
                        STR_ARG(p->records), STR_ARG(p->by));
    return 0;
}

/* What only stands in a page that repeats, and what may not. */
static int check_repeated(struct str file, const struct val *v, const struct system *m,
                          const struct form_page *p, struct err *e) {
    const struct record_type *t = p->records.len ? system_find(m, SYSTEM_RECORD, p->records) : NULL;
    for (size_t i = 0; i < p->n_questions; i++) {
        const struct form_question *q = &p->question[i];
        uint32_t line = val_item(val_get(v, S("questions")), i)->line;
        if (q->kind == FORM_REGISTRY)
            return err_line(e, ERR_SYSTEM, file, line, "registry 问题不能放在重复的页里，请用 records 和 from");
        if (str_eq(q->id, S("entry")))
            return err_line(e, ERR_SYSTEM, file, line, "重复的页里不能有叫 entry 的问题");
        if (q->from.len && (!t || !record_field(t, q->from)))
            return err_line(e, ERR_SYSTEM, file, line, "没有这个登记信息项：%.*s", STR_ARG(q->from));
    }
    return 0;
}

static int read_page(struct arena *a, struct str file, const struct val *v, const struct system *m, struct form_page *p, struct err *e) {
    static const char *const known[] = { "id", "title", "hint", "when", "parts", "questions", "repeat", NULL };
    const struct val *questions = val_get(v, S("questions"));
    size_t n = val_count(questions);
    int rc = only_keys(file, v, known, e);
    if (rc) return rc;
    *p = (struct form_page){ .id = val_get_str(v, S("id")), .title = val_get_str(v, S("title")), .hint = val_get_str(v, S("hint")),
                             .when_text = val_get_str(v, S("when")), .parts = val_get(v, S("parts")) };
    if (p->id.len == 0 || p->title.len == 0) return err_line(e, ERR_SYSTEM, file, v->line, "页面缺少 id 或 title");
    if (n == 0 || questions->kind != VAL_LIST)
        return err_line(e, ERR_SYSTEM, file, v->line, "页面 %.*s 没有问题的列表", STR_ARG(p->id));
    if (val_get(v, S("repeat"))) rc = read_repeat(file, val_get(v, S("repeat")), m, p, e);
    if (rc) return rc;
    if (p->when_text.len) {
        rc = feel_compile(a, p->when_text, FEEL_EXPRESSION, NULL, 0, &p->when, e);
        if (rc) return err_line(e, ERR_SYSTEM, file, v->line, "when 写错了：%.*s", STR_ARG(p->when_text));
    }
    p->question = arena_array(a, n, sizeof *p->question);
    if (!p->question) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n && !rc; i++) rc = read_question(file, val_item(questions, i), m, &p->question[p->n_questions++], e);
    for (size_t i = 0; i < n && !rc; i++)
        if (p->question[i].kind == FORM_ADDRESS && (n > 1 || p->repeats))
            return err_line(e, ERR_SYSTEM, file, val_item(questions, i)->line, "address 问题要单独一页：找地方要分几步");
    return rc || !p->repeats ? rc : check_repeated(file, v, m, p, e);
}

/* A page that repeats and a question may not have one name: both are answers. */
static int check_clash(const struct form *f, struct str file, const struct val *pages, struct err *e) {
    for (size_t i = 0; i < f->n_pages; i++)
        if (f->page[i].repeats && form_question(f, f->page[i].id))
            return err_line(e, ERR_SYSTEM, file, val_item(pages, i)->line, "重复的页与一个问题同名：%.*s",
                            STR_ARG(f->page[i].id));
    return 0;
}

static bool stands_before(const struct form *f, size_t page, size_t question) {
    const struct form_page *own = &f->page[page];
    for (size_t k = 0; k < question; k++)
        if (str_eq(own->question[k].id, own->question[question].id)) return true;
    for (size_t i = 0; i < page && !own->repeats; i++)
        for (size_t k = 0; k < f->page[i].n_questions && !f->page[i].repeats; k++)
            if (str_eq(f->page[i].question[k].id, own->question[question].id)) return true;
    return false;
}

/* Two questions may not have one name: the one's answer would be the other's. Those of a page that repeats are its own. */
static int check_twice(const struct form *f, struct str file, const struct val *pages, struct err *e) {
    for (size_t i = 0; i < f->n_pages; i++)
        for (size_t k = 0; k < f->page[i].n_questions; k++)
            if (stands_before(f, i, k))
                return err_line(e, ERR_SYSTEM, file, val_item(val_get(val_item(pages, i), S("questions")), k)->line,
                                "问题 id 重复：%.*s", STR_ARG(f->page[i].question[k].id));
    return 0;
}

int form_compile(struct arena *a, struct str file, struct str id, const struct val *yaml, const struct system *m, const struct form **ret,
                 struct err *e) {
    static const char *const known[] = { "pages", NULL };
    struct form *f = arena_new(a, struct form);
    const struct val *pages = val_get(yaml, S("pages"));
    size_t n = val_count(pages);
    if (!f) return err_set(e, ERR_MEMORY, NULL);
    int rc = only_keys(file, yaml, known, e);
    if (rc) return rc;
    if (n == 0 || pages->kind != VAL_LIST) return err_line(e, ERR_SYSTEM, file, 1, "表单没有页面的列表");
    f->id = id;
    f->page = arena_array(a, n, sizeof *f->page);
    if (!f->page) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n && !rc; i++) {
        rc = read_page(a, file, val_item(pages, i), m, &f->page[i], e);
        if (!rc && form_page(f, f->page[i].id)) rc = err_line(e, ERR_SYSTEM, file, val_item(pages, i)->line, "页面 id 重复");
        f->n_pages++;
    }
    if (!rc) rc = check_clash(f, file, pages, e);
    if (!rc) rc = check_twice(f, file, pages, e);
    if (!rc) rc = form_make_typed(a, m, f, e);
    *ret = f;
    return rc;
}

const struct form_page *form_page(const struct form *f, struct str id) {
    for (size_t i = 0; i < f->n_pages; i++)
        if (str_eq(f->page[i].id, id)) return &f->page[i];
    return NULL;
}

const struct form_question *form_question(const struct form *f, struct str id) {
    for (size_t i = 0; i < f->n_pages; i++)
        for (size_t k = 0; k < f->page[i].n_questions && !f->page[i].repeats; k++)
            if (str_eq(f->page[i].question[k].id, id)) return &f->page[i].question[k];
    return NULL;
}

bool form_asked(const struct form_page *p, const struct val *answers, struct arena *a) {
    struct val *v = NULL;
    struct err ignored;
    if (!p->when) return true;
    return feel_eval(p->when, answers, a, &v, &ignored) == 0 && v && v->kind == VAL_BOOL && v->u.b;
}

const struct form_page *form_next(const struct form *f, const struct form_page *after, const struct val *answers, struct arena *a) {
    for (size_t i = after ? (size_t)(after - f->page) + 1 : 0; i < f->n_pages; i++)
        if (form_asked(&f->page[i], answers, a)) return &f->page[i];
    return NULL;
}

const struct form_page *form_before(const struct form *f, const struct form_page *p, const struct val *answers, struct arena *a) {
    for (size_t i = (size_t)(p - f->page); i-- > 0;)
        if (form_asked(&f->page[i], answers, a)) return &f->page[i];
    return NULL;
}

const struct form_page *form_open_page(const struct form *f, const struct val *answers, struct arena *a) {
    for (size_t i = 0; i < f->n_pages; i++) {
        const struct form_page *p = &f->page[i];
        if (!form_asked(p, answers, a)) continue;
        if (p->repeats && !form_entries_whole(p, answers)) return p;
        for (size_t k = 0; k < p->n_questions && !p->repeats; k++)
            if (p->question[k].required && p->question[k].kind != FORM_REGISTRY && !val_truthy(val_get(answers, p->question[k].id)))
                return p;
    }
    return NULL;
}

struct val *form_effective(const struct form *f, const struct val *answers, struct arena *a) {
    struct val *out = val_map(a);
    for (size_t i = 0; i < f->n_pages; i++) {
        const struct form_page *p = &f->page[i];
        if (!form_asked(p, answers, a)) continue;
        for (size_t k = 0; k < (p->repeats ? 1 : p->n_questions); k++) {
            struct str id = p->repeats ? p->id : p->question[k].id;
            const struct val *v = val_get(answers, id);
            if (v) val_put(a, out, id, val_copy(a, v));
        }
    }
    return out;
}

/* Full-width digits, letters and blanks (U+FF01..FF5E, U+3000) to their ASCII selves: what a Chinese keyboard gives. */
struct str form_half_width(struct arena *a, struct str s) {
    struct buf b;
    buf_init(&b, a, s.len + 1, s.len + 1);
    for (size_t at = 0; at < s.len;) {
        int32_t cp = str_utf8_next(s, &at);
        if (cp >= 0xff01 && cp <= 0xff5e) cp -= 0xfee0;
        if (cp == 0x3000) cp = ' ';
        if (cp >= 0) buf_add_utf8(&b, (uint32_t)cp);
    }
    return str_trim(buf_str(&b));
}

void form_put_error(struct arena *a, struct val *errors, struct str id, int code, struct str detail) {
    struct val *v = val_map(a);
    val_put_i64(a, v, S("code"), code);
    val_put_str(a, v, S("detail"), detail);
    val_put(a, errors, id, v);
}

static int code_error(const struct form_question *q, const struct system *m, struct str s) {
    const struct code_set *set = system_find(m, SYSTEM_CODE, q->code);
    return set && code_set_find(set, s) ? 0 : ERR_CODE;
}

static int by_word(struct arena *a, struct str word, struct str s, struct str *detail) {
    struct err why = { 0 };
    int rc = code_check(word, s, &why);
    *detail = arena_str(a, str_of(why.detail));
    return rc;
}

/* What was typed as it is kept. Prose stays as it is written; numbers of documents and phones lose their blanks and hyphens as well.
 * Malformed bytes are not dropped, or a number would be made out of what is none. */
static struct str normal(struct arena *a, const struct form_question *q, struct str s) {
    if (q->kind == FORM_TEXT || q->kind == FORM_LONG || !str_utf8_valid(s)) return arena_str(a, str_trim(s));
    return q->kind == FORM_PHONE || q->kind == FORM_CITIZEN_ID || q->kind == FORM_USCC ? code_clean(a, s) : form_half_width(a, s);
}

/* The rule of one kind; *detail completes the sentence. */
static int check_value(const struct form_question *q, const struct system *m, struct arena *a, struct str s, struct str *detail) {
    struct civil_date day;
    int64_t n;
    *detail = S("");
    switch (q->kind) {
    case FORM_INTEGER:
        *detail = S("整数");
        if (!str_to_i64(s, &n)) return ERR_FORMAT;
        *detail = q->most == INT64_MAX ? arena_fmt(a, "≥ %lld", (long long)q->least)
                                       : arena_fmt(a, "%lld–%lld", (long long)q->least, (long long)q->most);
        return n < q->least || n > q->most ? ERR_RANGE : 0;
    case FORM_DATE: *detail = S("日期，例如 2026-11-21"); return civil_parse(s, &day) ? 0 : ERR_FORMAT;
    case FORM_YES_NO: return str_eq(s, S("yes")) || str_eq(s, S("no")) ? 0 : ERR_CODE;
    case FORM_CHOICE:
    case FORM_MULTI:
    case FORM_SELECT: return code_error(q, m, s);
    case FORM_PHONE: return by_word(a, S("mobile"), s, detail);
    case FORM_CITIZEN_ID: return by_word(a, S("citizen-id"), s, detail);
    case FORM_USCC: return by_word(a, S("uscc"), s, detail);
    case FORM_TEXT:
    case FORM_LONG:
    case FORM_REGISTRY:
    case FORM_ADDRESS:
    case FORM_KIND_NONE:
    case FORM_KINDS: break;
    }
    return 0;
}

void form_check_question(const struct form_question *q, const struct system *m, const struct val *input,
                         struct arena *a, struct val *out, struct val *errors) {
    const struct val *given = val_get(input, q->id);
    struct str detail = S("");
    int code = 0;
    if (q->kind == FORM_REGISTRY) return;
    if (q->kind == FORM_ADDRESS) {
        form_check_address(q, m, input, a, out, errors);
        return;
    }
    if (q->kind == FORM_MULTI) {
        struct val *list = val_list(a);
        for (size_t i = 0; i < val_many(given); i++) {
            struct str s = normal(a, q, val_text(val_nth(given, i)));
            if (s.len == 0) continue;
            if (!code) code = code_error(q, m, s);
            bool twice = false; /* a choice is made or not: sent twice, it counts once */
            for (size_t k = 0; k < val_count(list) && !twice; k++) twice = str_eq(val_text(val_item(list, k)), s);
            if (!twice) val_push(a, list, val_str(a, s));
        }
        if (q->required && val_count(list) == 0) code = ERR_REQUIRED, detail = q->title;
        val_put(a, out, q->id, list);
    } else {
        struct str s = normal(a, q, val_text(val_nth(given, 0)));
        if (s.len == 0 && q->required) code = ERR_REQUIRED, detail = q->title;
        else if (str_utf8_count(s) > q->length_max) code = ERR_TOO_LONG, detail = arena_fmt(a, "%zu", q->length_max);
        else if (!plain_text(s, q->kind == FORM_LONG)) code = ERR_CHARACTERS;
        else if (s.len) code = check_value(q, m, a, s, &detail);
        val_put_str(a, out, q->id, s);
    }
    if (code) form_put_error(a, errors, q->id, code, detail);
}

int form_check_page(const struct form_page *p, const struct system *m, const struct val *input, const struct val *answers,
                    struct arena *a, struct val **ret, struct val **errors, struct err *e) {
    struct val *out = answers ? val_copy(a, answers) : val_map(a);
    *errors = val_map(a);
    if (p->repeats) form_check_entries(p, m, input, a, out, *errors);
    for (size_t i = 0; i < p->n_questions && !p->repeats; i++)
        form_check_question(&p->question[i], m, input, a, out, *errors);
    *ret = out;
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, NULL);
    return val_count(*errors) ? err_set(e, ERR_INPUT, NULL) : 0;
}

struct val *form_freeze(const struct form *f, const struct val *answers, const struct val *prefill, struct arena *a) {
    struct val *out = form_effective(f, answers, a);
    for (size_t i = 0; i < f->n_pages; i++)
        for (size_t k = 0; k < f->page[i].n_questions; k++) {
            const struct form_question *q = &f->page[i].question[k];
            if (q->kind != FORM_REGISTRY) continue;
            val_put_str(a, out, q->id, arena_str(a, val_text(val_path(prefill, q->from))));
        }
    return out;
}
