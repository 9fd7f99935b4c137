/* form_sent: I2, what is sent of a form's pages and questions: added, changed, moved, taken out, put back as the release in
 * use has it, judged by the check at the field, and written. Invariants: what the form does not show is left as it is,
 * comments too; what the check finds new is not written, and it is told where; who has seen less than what stands
 * now is told both texts.
 */
#include "engine/form/form.h"

#include "data/yaml.h"
#include "data/yaml_write.h"
#include "engine/rule/rule.h"
#include "release/release_names.h"
#include "web/edit/form_place.h"

enum { WORK_BYTES_MAX = 64 * 1024 * 1024, ENTRIES_MAX = 60, NAME_MAX = 40, USES_MAX = 50 };

/* ---- what becomes of the list ---- */

static size_t find_id(const struct val *list, struct str id) {
    size_t i = 0;
    while (i < val_count(list) && !str_eq(val_get_str(val_item(list, i), S("id")), id)) i++;
    return i;
}

static void take_out(struct val *list, size_t i) {
    for (; i + 1 < list->u.list.n; i++) list->u.list.item[i] = list->u.list.item[i + 1];
    list->u.list.n--;
}

static int add(struct arena *a, struct val *list, struct val *one, struct err *e) {
    if (val_count(list) >= ENTRIES_MAX) return err_set(e, ERR_LIMIT, "%d", ENTRIES_MAX);
    val_push(a, list, one);
    return 0;
}

static void move(struct val *list, size_t from, size_t to) {
    struct val **item = list->u.list.item, *moved = item[from];
    for (; from > to; from--) item[from] = item[from - 1];
    for (; from < to; from++) item[from] = item[from + 1];
    item[to] = moved;
}

/* As the release in use has it, behind the nearest of its neighbours before it that stands. */
static int put_back(struct arena *a, const struct form_place *s, struct str id, struct err *e) {
    const size_t n = val_count(s->list);
    size_t was = find_id(s->base, id), to = n;
    if (!id.len || was == val_count(s->base) || find_id(s->list, id) < n) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = add(a, s->list, val_copy(a, val_item(s->base, was)), e);
    if (rc) return rc;
    while (was > 0 && to == n) to = find_id(s->list, val_get_str(val_item(s->base, --was), S("id")));
    move(s->list, n, to < n ? to + 1 : 0);
    return 0;
}

/* Of a list: an entry one up or down, or one put back. */
static int change_list(struct page *p, struct arena *a, const struct form_place *s, struct err *e) {
    struct str what = page_in(p, S("do"));
    const size_t n = val_count(s->list);
    int64_t at = 0;
    if (str_eq(what, S("restore"))) return put_back(a, s, page_in(p, S("entry")), e);
    if (!str_to_i64(page_in(p, S("number")), &at) || at < 1 || (size_t)at > n)
        return err_set(e, ERR_NOT_FOUND, NULL);
    const size_t i = (size_t)at - 1, other = str_eq(what, S("up")) ? i - 1 : i + 1;
    if (other >= n || !(str_eq(what, S("up")) || str_eq(what, S("down")))) return err_set(e, ERR_STATE, NULL);
    move(s->list, i, other);
    return 0;
}

/* Is something taken out of it? */
static bool takes_out(struct page *p, const struct form_place *s) {
    return s->at == FORM_REMOVE || (s->at == FORM_ONE && str_eq(page_in(p, S("do")), S("remove")));
}

/* `s->map` is then what the form's values go into; NULL: none. */
static int change(struct page *p, struct arena *a, struct form_place *s, struct err *e) {
    if (s->at == FORM_REMOVE && val_count(s->pages) < 2)
        return err_set(e, ERR_STATE, "%.*s", STR_ARG(page_text(p, S("表单至少要有一页"))));
    if (takes_out(p, s)) {
        size_t i = 0;
        while (s->list->u.list.item[i] != (s->at == FORM_REMOVE ? s->page : s->map)) i++;
        take_out(s->list, i);
        s->map = NULL;
        return 0;
    }
    if (s->at == FORM_NEW || s->at == FORM_NEW_PAGE) {
        struct val *one = val_map(a);
        s->map = s->at == FORM_NEW ? one : val_map(a);
        if (s->at == FORM_NEW_PAGE) s->page = one;
        return add(a, s->list, one, e);
    }
    return s->at == FORM_OF_PAGE || s->at == FORM_ONE ? 0 : change_list(p, a, s, e);
}

/* ---- what is wrong with it ---- */

/* A name that FEEL, papers and addresses can say; one that stood already is left as it is. */
static void judge_name(struct page *p, struct edit *x, const struct form_place *s, struct str field, bool page) {
    struct str said = str_trim(page_in(p, field));
    bool ok = said.len <= NAME_MAX;
    if (!said.len || str_eq(said, val_get_str(s->map, field))) return;
    for (size_t i = 0; i < said.len; i++)
        ok &= (said.ptr[i] >= 'a' && said.ptr[i] <= 'z') ||
              (i && (said.ptr[i] == '_' || (said.ptr[i] >= '0' && said.ptr[i] <= '9')));
    if (!ok)
        edit_fault(x, p->req->arena, field,
                   page_error_text(p, ERR_FORMAT, page_text(p, S("以小写字母开头，后面是小写字母、数字或下划线，最多 40 个"))));
    else if (page && str_eq(said, S("new")))
        edit_fault(x, p->req->arena, field, page_text(p, S("编辑器自己要用 new 这个标识，请换一个")));
}

/* Of a page that repeats; what is no number is told by its kind. */
static void judge_repeat(struct page *p, struct arena *a, struct edit *x, struct str field) {
    struct str least = S("repeat-least"), most = S("repeat-most"), said = str_trim(page_in(p, field));
    struct str from_said = str_trim(page_in(p, least)), to_said = str_trim(page_in(p, most));
    int64_t from = 0, to = FORM_ENTRIES_MAX;
    if (!page_in(p, S("repeat")).len) return;
    if (str_eq(field, S("repeat-entry")) && !said.len)
        edit_fault(x, p->req->arena, field,
                   page_error_text(p, ERR_REQUIRED, page_text(p, release_key(S("repeat"), S("entry"))->title)));
    if ((from_said.len && !str_to_i64(from_said, &from)) || (to_said.len && !str_to_i64(to_said, &to))) return;
    if (str_eq(field, most) && (to < 1 || to > FORM_ENTRIES_MAX))
        edit_fault(x, p->req->arena, most, page_error_text(p, ERR_RANGE, arena_fmt(a, "1–%d", FORM_ENTRIES_MAX)));
    else if (str_eq(field, least) && to >= 1 && to <= FORM_ENTRIES_MAX && (from < 0 || from > to))
        edit_fault(x, p->req->arena, least, page_error_text(p, ERR_RANGE, arena_fmt(a, "0–%lld", (long long)to)));
}

static void judge_when(struct page *p, struct arena *a, struct edit *x) {
    struct str when = str_trim(page_in(p, S("when")));
    struct feel *feel;
    struct err e = { 0 };
    if (when.len && feel_compile(a, when, FEEL_EXPRESSION, NULL, 0, &feel, &e))
        edit_fault(x, p->req->arena, S("when"), edit_asks(p, page_said(p, str_of(e.detail))));
}

static void judge_key(struct page *p, struct arena *a, struct edit *x, const struct release_key *k) {
    struct str said = str_trim(page_in(p, k->name)), en = ARENA_CAT(a, k->name, S("-en"));
    const size_t most = edit_most(k);
    edit_judge_value(p, x, k);
    if (k->needed && !said.len)
        edit_fault(x, p->req->arena, k->name, page_error_text(p, ERR_REQUIRED, page_text(p, k->title)));
    if (str_utf8_count(said) > most)
        edit_fault(x, p->req->arena, k->name, page_error_text(p, ERR_TOO_LONG, arena_i64(a, (int64_t)most)));
    if (edit_bilingual(k) && str_utf8_count(str_trim(page_in(p, en))) > 2 * most)
        edit_fault(x, p->req->arena, en, page_error_text(p, ERR_TOO_LONG, arena_i64(a, (int64_t)(2 * most))));
}

/* What can be judged before the whole: lengths, names, what is needed, the condition; in the order of the fields. */
static void judge_fields(struct page *p, struct arena *a, struct edit *x, const struct form_place *s) {
    const bool page = form_place_of_page(s);
    for (size_t i = 0; i < s->n; i++) {
        struct str name = s->key[i].name;
        if (!edit_editable(&s->key[i])) continue;
        judge_key(p, a, x, &s->key[i]);
        if (str_eq(name, S("id")) || str_eq(name, S("question-id"))) judge_name(p, x, s, name, page && str_eq(name, S("id")));
        if (page && str_eq(name, S("when"))) judge_when(p, a, x);
        if (page) judge_repeat(p, a, x, name);
    }
}

/* Lines of the page, as it would be written, and of its condition. */
struct lines {
    uint32_t from, to, when;
};

static struct lines lines_of(struct arena *a, struct str path, struct str text, struct str id) {
    struct val *root;
    struct lines l = { 0, UINT32_MAX, 0 };
    if (yaml_parse(a, path, text, &root, NULL)) return l;
    const struct val *pages = val_get(root, S("pages"));
    const size_t i = find_id(pages, id);
    if (i == val_count(pages)) return l;
    const struct val *when = val_get(val_item(pages, i), S("when"));
    l.from = val_item(pages, i)->line;
    l.when = when ? when->line : 0;
    if (i + 1 < val_count(pages)) l.to = val_item(pages, i + 1)->line;
    return l;
}

/* Findings of a page's form that name none of its values. */
static void put_of_page(struct page *p, struct arena *a, struct edit *x, const struct form_place *s, struct str text,
                        const struct release_findings *before, const struct release_findings *after) {
    static const struct {
        struct str text, field;
    } of[] = { { S_INIT("没有这个问题"), S_INIT("when") },
               { S_INIT("没有这个取值"), S_INIT("when") },
               { S_INIT("没有这个分项"), S_INIT("parts") },
               { S_INIT("records 应写成 记录类型.信息项"), S_INIT("repeat-records") },
               { S_INIT("没有这个可查找的登记联系"), S_INIT("repeat-records") },
               { S_INIT("registry 问题不能放在重复的页里，请用 records 和 from"), S_INIT("repeat") },
               { S_INIT("address 问题要单独一页：找地方要分几步"), S_INIT("repeat") },
               { S_INIT("重复的页里不能有叫 entry 的问题"), S_INIT("repeat") } };
    const struct lines l = lines_of(a, s->path, text, str_trim(page_in(p, S("id"))));
    const bool same = str_eq(s->page_id, str_trim(page_in(p, S("id"))));
    const bool turned = s->at == FORM_OF_PAGE && same && s->repeats == !page_in(p, S("repeat")).len;
    for (size_t i = 0; i < after->n; i++) {
        const struct release_finding *f = &after->list[i];
        const bool own = str_eq(f->file, s->path) && f->line >= l.from && f->line < l.to;
        struct str field = S("");
        if (edit_found(before, f) || str_starts(f->text, S("没有英文翻译"))) continue;
        for (size_t k = 0; own && k < sizeof of / sizeof *of && !field.len; k++)
            if (str_starts(f->text, of[k].text) && (!str_eq(of[k].field, S("when")) || f->line == l.when)) field = of[k].field;
        if (field.len) edit_fault(x, p->req->arena, field, edit_asks(p, page_said(p, f->text)));
        else if (!own && turned) /* somewhere else its answers are read as they were */
            edit_fault(x, p->req->arena, S("repeat"),
                       edit_asks(p, page_text(p, S("别处还照原来的样子用它，见上面列出的地方"))));
    }
}

static void put_use(struct page *p, struct edit *x, struct str own, const struct release_finding *f) {
    struct arena *a = p->req->arena;
    struct edit_where where;
    struct val *v = val_map(a);
    edit_where(p, x, f, &where);
    if (own.len && str_eq(where.path, own)) return;
    val_put_str(a, v, S("place"), arena_str(a, where.place));
    val_put_str(a, v, S("text"), arena_str(a, where.text));
    val_put_str(a, v, S("path"), arena_str(a, where.path));
    val_push(a, x->uses, v);
}

/* Where else the draft would no longer hold: what the form's own field does not tell. Of the scenarios, which try it again and
 * again, the first step of each, behind the others. */
static void put_uses(struct page *p, struct edit *x, struct str own, const struct release_findings *before,
                     const struct release_findings *after) {
    x->uses = val_list(p->req->arena);
    for (int scenarios = 0; scenarios < 2; scenarios++) {
        struct str file = S("");
        for (size_t i = 0; i < after->n && val_count(x->uses) < USES_MAX; i++) {
            const struct release_finding *f = &after->list[i];
            const struct release_findings earlier = { .list = after->list, .n = i }; /* two checks may find the same */
            if (str_starts(f->file, S("cases/")) != (scenarios == 1) || edit_found(before, f) || edit_found(&earlier, f)) continue;
            if (scenarios && str_eq(f->file, file)) continue;
            file = f->file;
            put_use(p, x, own, f);
        }
    }
}

/* Where the draft does not compile, the first who misses a name stops the check: the others are asked by the system as it
 * stands, with the form as it would be. */
static void judge_names(struct arena *a, const struct system *m, const struct form_place *s, struct str text,
                        const struct release_files *files, struct release_findings *after) {
    const struct form *form;
    struct val *yaml;
    struct err e = { 0 };
    struct system then = *m;
    if (yaml_parse(a, s->path, text, &yaml, &e) || form_compile(a, s->path, s->form, yaml, m, &form, &e)) return;
    map_init(&then.part[SYSTEM_FORM], a);
    for (size_t i = 0; i < m->part[SYSTEM_FORM].n; i++) {
        const struct map_entry *one = &m->part[SYSTEM_FORM].entry[i];
        void *value = str_eq(one->key, s->form) ? (void *)(uintptr_t)form : one->value;
        if (!map_put(&then.part[SYSTEM_FORM], one->key, value)) return;
    }
    release_check_names(&then, files, after);
}

/* ---- the whole ---- */

static int write_values(struct page *p, struct arena *a, struct edit *x, struct form_place *s, struct err *e) {
    int rc = edit_put_values(p, a, x, s->key, s->n, &s->words, s->map, e);
    if (!rc && form_place_of_page(s)) form_place_put(a, s, s->map, s->page);
    return rc;
}

static void judge(struct page *p, struct arena *a, struct edit *x, const struct form_place *s, struct str text) {
    struct release_findings before = { .arena = a }, after = { .arena = a };
    const struct release_files files = edit_merged(a, x);
    const bool out = takes_out(p, s);
    const struct system *m = edit_judge(p, a, &x->files, &before);
    if (!edit_judge(p, a, &files, &after) && m) judge_names(a, m, s, text, &files, &after);
    put_uses(p, x, out ? S("") : form_place_path(p, x, s->form, s->page_id, s->entry), &before, &after);
    if (form_place_of_page(s)) put_of_page(p, a, x, s, text, &before, &after);
    if (!x->n_faults) edit_put_findings(p, a, x, s->key, s->n, s->map, &before, &after);
}

static int apply(struct page *p, struct arena *a, struct edit *x, struct err *e) {
    struct form_place s;
    struct str text;
    int rc = form_place(p, a, x, &s, e);
    if (rc) return rc;
    x->conflict = !str_eq(page_in(p, S("seen")), s.seen);
    if (x->conflict) return err_set(e, ERR_CONFLICT, NULL);
    if (form_place_fields(&s) && !takes_out(p, &s)) judge_fields(p, a, x, &s);
    rc = change(p, a, &s, e);
    if (rc || x->n_faults) return rc;
    if (s.map && form_place_fields(&s)) rc = write_values(p, a, x, &s, e);
    if (!rc) rc = yaml_write_over(a, s.file, s.root, &text, e);
    if (rc) return rc;
    if (!str_eq(text, s.file)) x->changed[x->n_changed++] = (struct release_file){ s.path, text };
    judge(p, a, x, &s, text);
    edit_keep_changed(p, x);
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

static void put(struct page *p) {
    struct edit *x = p->own;
    struct arena a;
    struct err e = { 0 };
    arena_init(&a, "form judged", WORK_BYTES_MAX);
    int rc = apply(p, &a, x, &e);
    arena_done(&a);
    if (rc || x->n_faults) edit_form_show(p);
    if (rc) p->err = e, p->err.code = rc;
}

int edit_form_post_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = edit_look;
    p->work = put;
    return 0;
}

int edit_form_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct form_place s;
    int rc = form_place(p, p->a, x, &s, e);
    if (rc) return rc;
    if (x->n_faults && !form_place_fields(&s)) /* it has no field to tell it at */
        return err_set(e, ERR_STATE, "%.*s",
                       STR_ARG(val_count(x->uses) ? page_text(p, S("别处还用到它，先改好那些地方")) : x->fault[0]));
    struct str id = form_place_of_page(&s) ? str_trim(page_in(p, S("id"))) : s.page_id;
    rc = edit_write(tx, p, ARENA_CAT(p->a, S("forms / "), s.form, S(" / "), id), e);
    if (!rc) p->location = form_place_path(p, x, s.form, s.at == FORM_REMOVE ? S("") : id, S(""));
    return rc;
}
