/* section: I1, a part of an item's file as a form, or its list of entries. What is sent is put into
 * the file, the file judged whole on the pool, and only then written. Invariants: what the form
 * does not show is left as it is, comments too; who has seen less than what stands now is told both
 * texts and nothing is written.
 */
#include "web/edit/edit_pages.h"

#include "data/yaml.h"
#include "data/yaml_write.h"
#include "web/question.h"

enum { WORK_BYTES_MAX = 64 * 1024 * 1024, ENTRIES_MAX = 100 };

/* ---- what is shown ---- */

struct shown {
    struct release_draft draft;
    struct release_files files;
    struct edit_words words;
    struct val *item;
    struct str id, section, entry, seen;
    const struct val *target;
    const struct release_key *key;
    size_t n_keys;
};

static bool is_new(struct str entry) {
    return str_eq(entry, S("new"));
}

/* The section of the address, in the files of the draft. */
static int find_section(struct page *p, struct arena *a, struct shown *s, struct err *e) {
    s->id = http_param(p->req, S("item"));
    s->section = http_param(p->req, S("section"));
    s->entry = http_param(p->req, S("entry"));
    struct str path = edit_item_path(a, s->id), text = edit_file(&s->files, path);
    const bool listed = edit_listed(s->section);
    s->key = edit_section(s->section, &s->n_keys);
    s->words = edit_words(p, &s->files, s->draft.system, a);
    if (!text.len || !s->n_keys || (s->entry.len && !listed))
        return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = yaml_parse(a, path, text, &s->item, e);
    if (rc) return rc;
    s->target = edit_target(s->item, s->section, s->entry);
    if (s->entry.len && !is_new(s->entry) && !s->target) return err_set(e, ERR_NOT_FOUND, NULL);
    const struct val *list = listed ? val_get(s->item, s->section) : NULL;
    s->seen = edit_seen(a, s->entry.len || !listed ? s->target : list, val_count(list));
    if (listed || str_eq(s->section, S("limits"))) return 0;
    struct val *own = val_map(a); /* of a whole item only the keys of the form */
    for (size_t i = 0; i < s->n_keys; i++) {
        const struct val *v = val_get(s->item, s->key[i].name);
        if (v) val_put(a, own, s->key[i].name, val_copy(a, v));
    }
    s->seen = edit_seen(a, own, 0);
    return 0;
}

static void put_entries(struct page *p, const struct shown *s) {
    const struct val *list = val_get(s->item, s->section);
    struct val *rows = val_list(p->a);
    const size_t n = val_count(list);
    for (size_t i = 0; i < n; i++) {
        const struct val *one = val_item(list, i);
        struct val *v = val_map(p->a);
        struct str title = S(""), under = val_get_str(one, S("id"));
        for (size_t k = 0; k < s->n_keys && !title.len; k++)
            if (edit_bilingual(&s->key[k])) title = val_get_str(one, s->key[k].name);
        struct str english = edit_english(&s->words, title);
        const bool en = str_eq(p->lang, S("en")) && english.len;
        val_put_str(p->a, v, S("title"), en ? english : title.len ? title : under);
        val_put_str(p->a, v, S("under"), title.len ? under : S(""));
        val_put_str(p->a, v, S("number"), arena_i64(p->a, (int64_t)i + 1));
        val_put_bool(p->a, v, S("movable"), n > 1);
        val_put_bool(p->a, v, S("first"), i == 0);
        val_put_bool(p->a, v, S("last"), i + 1 == n);
        val_put_str(p->a, v, S("href"),
                    page_href(p, arena_fmt(p->a, "/admin/draft/%lld/item/%.*s/%.*s/%zu",
                                           (long long)s->draft.id, STR_ARG(s->id),
                                           STR_ARG(s->section), i + 1)));
        val_push(p->a, rows, v);
    }
    val_put(p->a, p->view, S("entries"), rows);
    val_put_bool(p->a, p->view, S("listed"), true);
    /* A part is a step of the process too: it is not made here alone. */
    if (!str_eq(s->section, S("parts")))
        val_put_str(
            p->a, p->view, S("new_href"),
            page_href(p, arena_fmt(p->a, "/admin/draft/%lld/item/%.*s/%.*s/new",
                                   (long long)s->draft.id, STR_ARG(s->id), STR_ARG(s->section))));
}

static void put_fields(struct page *p, const struct shown *s) {
    struct val *fields = val_list(p->a), *hidden = val_list(p->a);
    for (size_t i = 0; i < s->n_keys; i++) {
        const struct release_key *k = &s->key[i];
        if (!edit_editable(k)) continue;
        const struct val *v = val_get(s->target, k->name);
        struct str english =
            edit_bilingual(k) ? edit_english(&s->words, edit_text(p->a, v)) : S("");
        edit_field(p, fields, k, v, english);
    }
    val_put(p->a, p->view, S("fields"), fields);
    staff_field(p, hidden, S("seen"), s->seen);
    val_put(p->a, p->view, S("hidden"), hidden);
    val_put_bool(p->a, p->view, S("removable"),
                 s->entry.len && !is_new(s->entry) && !str_eq(s->section, S("parts")));
}

int edit_section_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct shown s = { 0 };
    const struct edit *x = p->own;
    int rc = edit_find(tx, p, &s.draft, e);
    if (!rc) rc = release_draft_files(tx, page_realm(p), &s.draft, &s.files, e);
    if (!rc) rc = find_section(p, p->a, &s, e);
    if (rc) return rc;
    if (edit_listed(s.section) && !s.entry.len) put_entries(p, &s);
    else put_fields(p, &s);
    if (x && x->conflict && !val_get(p->view, S("listed"))) edit_put_conflict(p, s.key, s.n_keys, s.target);
    if (!val_get(p->view, S("hidden"))) {
        struct val *hidden = val_list(p->a);
        staff_field(p, hidden, S("seen"), s.seen);
        val_put(p->a, p->view, S("hidden"), hidden);
    }
    const struct release_key *k = release_key(S("item"), s.section);
    size_t n;
    const struct release_key *all = release_keys(S("item"), &n);
    for (size_t i = 0; i < n && !k; i++)
        if (all[i].kind == KEY_GROUP && str_eq(all[i].name, s.section)) k = &all[i];
    val_put_str(p->a, p->view, S("section"), k ? k->title : s.section);
    val_put_str(p->a, p->view, S("help"), k && k->help.len ? page_text(p, k->help) : S(""));
    val_put_bool(p->a, p->view, S("open"), str_eq(s.draft.state, S("open")));
    val_put_i64(p->a, p->view, S("draft"), s.draft.id);
    val_put_str(p->a, p->view, S("draft_system"), s.draft.system);
    return 0;
}

static struct str section_path(struct page *p, bool entry) {
    struct str id = http_param(p->req, S("id")), own = http_param(p->req, S("entry"));
    struct str path =
        ARENA_CAT(p->a, S("/admin/draft/"), id, S("/item/"), http_param(p->req, S("item")), S("/"),
                  http_param(p->req, S("section")));
    return entry && own.len ? ARENA_CAT(p->a, path, S("/"), own) : path;
}

int edit_section_say(struct page *p, struct err *e) {
    struct release_draft d = { .id = val_get_i64(p->view, S("draft"), 0),
                               .system = val_get_str(p->view, S("draft_system")) };
    struct str section = val_get_str(p->view, S("section"));
    const bool entry = http_param(p->req, S("entry")).len > 0;
    (void)e;
    if (p->location.len) return 0;
    struct str part = !entry                                   ? S("")
                      : is_new(http_param(p->req, S("entry"))) ? S("新的一项")
                                                               : S("修改一项");
    edit_title_of(p, section, part, &d);
    staff_crumb(p, section, entry ? section_path(p, false) : S(""));
    if (entry) staff_crumb(p, part, S(""));
    val_put_str(p->a, p->view, S("back_href"),
                page_href(p, entry ? section_path(p, false) : edit_path(p, d.id, "")));
    page_form(p, section_path(p, true));
    p->template = S("edit/section");
    return 0;
}

/* ---- what is sent ---- */

/* The entries of a list after one was added, removed or moved. `do` says what. */
static int change_list(struct page *p, struct arena *a, const struct shown *s,
                       struct val **ret_entry, struct err *e) {
    struct str what = page_in(p, S("do"));
    struct val *list = (struct val *)(uintptr_t)val_get(s->item, s->section);
    int64_t at = 0;
    if (!list || list->kind != VAL_LIST) val_put(a, s->item, s->section, list = val_list(a));
    const size_t n = val_count(list);
    if (is_new(s->entry)) {
        if (n >= ENTRIES_MAX) return err_set(e, ERR_LIMIT, "%d", ENTRIES_MAX);
        val_push(a, list, *ret_entry = val_map(a));
        return 0;
    }
    struct str number = s->entry.len ? s->entry : page_in(p, S("number"));
    if (!str_to_i64(number, &at) || at < 1 || (size_t)at > n)
        return err_set(e, ERR_NOT_FOUND, NULL);
    const size_t i = (size_t)at - 1, other = str_eq(what, S("up")) ? i - 1 : i + 1;
    *ret_entry = NULL;
    if (str_eq(what, S("remove"))) {
        for (size_t j = i; j + 1 < n; j++) list->u.list.item[j] = list->u.list.item[j + 1];
        list->u.list.n--;
    } else if (str_eq(what, S("up")) || str_eq(what, S("down"))) {
        if (other >= n) return err_set(e, ERR_STATE, NULL);
        struct val *v = list->u.list.item[i];
        list->u.list.item[i] = list->u.list.item[other];
        list->u.list.item[other] = v;
    } else *ret_entry = list->u.list.item[i];
    return 0;
}

static int apply(struct page *p, struct arena *a, struct edit *x, struct err *e) {
    struct shown s = { .draft = x->draft, .files = x->files };
    struct release_findings before = { .arena = a }, after = { .arena = a };
    struct val *map = NULL;
    struct str path = edit_item_path(a, x->item), text;
    int rc = find_section(p, a, &s, e);
    if (rc) return rc;
    x->conflict = !str_eq(page_in(p, S("seen")), s.seen);
    if (x->conflict) return err_set(e, ERR_CONFLICT, NULL);
    if (edit_listed(s.section)) rc = change_list(p, a, &s, &map, e);
    else if (str_eq(s.section, S("limits")) && !s.target)
        val_put(a, s.item, s.section, map = val_map(a));
    else map = (struct val *)(uintptr_t)s.target;
    if (!rc && map) rc = edit_put_values(p, a, x, s.key, s.n_keys, &s.words, map, e);
    if (!rc) rc = yaml_write_over(a, edit_file(&x->files, path), s.item, &text, e);
    if (rc) return rc;
    if (!str_eq(text, edit_file(&x->files, path)))
        x->changed[x->n_changed++] = (struct release_file){ path, text };
    const struct release_files files = edit_merged(a, x);
    (void)edit_judge(p, a, &x->files, &before);
    (void)edit_judge(p, a, &files, &after);
    edit_put_findings(p, a, x, s.key, s.n_keys, map, &before, &after);
    edit_keep_changed(p, x);
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

static void work(struct page *p) {
    struct edit *x = p->own;
    struct arena a;
    arena_init(&a, "section judged", WORK_BYTES_MAX);
    (void)apply(p, &a, x, &p->err);
    arena_done(&a);
}

/* Nobody reads a guide of more. */
static void check_length(struct page *p, struct str field, size_t most) {
    if (str_utf8_count(str_trim(page_in(p, field))) > most)
        (void)page_fault(p, field, ERR_TOO_LONG, arena_i64(p->a, (int64_t)most));
}

int edit_section_ask(struct page *p, struct err *e) {
    size_t n;
    const struct release_key *k = edit_section(http_param(p->req, S("section")), &n);
    (void)e;
    for (size_t i = 0; i < n; i++) {
        if (!edit_editable(&k[i])) continue;
        check_length(p, k[i].name, edit_most(&k[i]));
        if (edit_bilingual(&k[i]))
            check_length(p, ARENA_CAT(p->a, k[i].name, S("-en")), 2 * edit_most(&k[i]));
    }
    p->look = edit_look;
    p->work = work;
    return 0;
}

int edit_section_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct str what = ARENA_CAT(p->a, x->item, S(" / "), x->section);
    const int rc = edit_write(tx, p, what, e);
    if (!rc)
        p->location =
            edit_listed(x->section) ? section_path(p, false) : edit_path(p, x->draft.id, "");
    return rc;
}
