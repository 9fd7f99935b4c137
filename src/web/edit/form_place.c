/* form_place: see form_place.h. Invariant: nothing is changed here but by form_place_put, and by that nothing that the
 * form does not show.
 */
#include "web/edit/form_place.h"

#include "data/yaml.h"

enum { KEYS_MAX = 48 };

static const struct str of_repeat = S_INIT("repeat-"), of_question = S_INIT("question-");

bool form_place_of_page(const struct form_place *s) {
    return s->at == FORM_NEW_PAGE || s->at == FORM_OF_PAGE;
}

bool form_place_fields(const struct form_place *s) {
    return s->at == FORM_NEW || s->at == FORM_ONE || form_place_of_page(s);
}

/* ---- the keys of a page's form ---- */

/* Enough for a question to stand; the rest of it has a form of its own. */
static bool begins_question(struct str name) {
    static const struct str first[] = { S_INIT("id"),   S_INIT("title"),    S_INIT("hint"), S_INIT("kind"),
                                        S_INIT("code"), S_INIT("required"), S_INIT("from") };
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (str_eq(name, first[i])) return true;
    return false;
}

static void add_keys(struct form_place *s, struct arena *a, struct release_key *into, struct str section,
                     struct str prefix) {
    size_t n;
    const struct release_key *k = release_keys(section, &n);
    for (size_t i = 0; i < n && s->n < KEYS_MAX; i++) {
        struct release_key row = k[i];
        if (str_eq(section, S("pages")) && str_eq(row.name, S("repeat"))) row.kind = KEY_FLAG;
        if (!edit_editable(&row) || (str_eq(section, S("questions")) && !begins_question(row.name))) continue;
        if (str_eq(section, S("repeat"))) row.needed = false; /* of a page that does not repeat, nothing */
        row.name = ARENA_CAT(a, prefix, row.name);
        if (str_eq(row.name, S("question-id"))) row.title = S("问题的标识"); /* the page has one too */
        into[s->n++] = row;
    }
}

static void page_keys(struct form_place *s, struct arena *a) {
    struct release_key *into = arena_array(a, KEYS_MAX, sizeof *into);
    s->key = into;
    if (!into) return;
    add_keys(s, a, into, S("pages"), S(""));
    add_keys(s, a, into, S("repeat"), of_repeat);
    if (s->at == FORM_NEW_PAGE) add_keys(s, a, into, S("questions"), of_question);
}

/* ---- between a page and its flat map ---- */

static void take(struct arena *a, const struct val *from, struct str section, struct str prefix, struct val *into) {
    size_t n;
    const struct release_key *k = release_keys(section, &n);
    for (size_t i = 0; i < n; i++)
        if (edit_editable(&k[i]) && val_get(from, k[i].name))
            val_put(a, into, ARENA_CAT(a, prefix, k[i].name), val_copy(a, val_get(from, k[i].name)));
}

static struct val *flat_of(struct arena *a, const struct val *page) {
    struct val *flat = val_map(a);
    const struct val *repeat = val_get(page, S("repeat"));
    take(a, page, S("pages"), S(""), flat);
    if (repeat) val_put_bool(a, flat, S("repeat"), true);
    take(a, repeat, S("repeat"), of_repeat, flat);
    return flat;
}

static void give(struct arena *a, const struct val *flat, struct str section, struct str prefix, struct val *into) {
    size_t n;
    const struct release_key *k = release_keys(section, &n);
    for (size_t i = 0; i < n; i++)
        if (edit_editable(&k[i]))
            edit_set(a, into, k, i, (struct val *)(uintptr_t)val_get(flat, ARENA_CAT(a, prefix, k[i].name)));
}

static size_t key_at(const struct release_key *k, size_t n, struct str name) {
    size_t i = 0;
    while (i + 1 < n && !str_eq(k[i].name, name)) i++;
    return i;
}

void form_place_put(struct arena *a, const struct form_place *s, const struct val *flat, struct val *page) {
    size_t n;
    const struct release_key *k = release_keys(S("pages"), &n);
    const struct val *stands = val_get(page, S("repeat"));
    struct val *repeat = stands ? val_copy(a, stands) : val_map(a);
    give(a, flat, S("pages"), S(""), page);
    if (val_truthy(val_get(flat, S("repeat")))) give(a, flat, S("repeat"), of_repeat, repeat);
    else repeat = NULL;
    edit_set(a, page, k, key_at(k, n, S("repeat")), repeat);
    if (s->at != FORM_NEW_PAGE) return;
    struct val *questions = val_list(a), *first = val_map(a);
    give(a, flat, S("questions"), of_question, first);
    val_push(a, questions, first);
    edit_set(a, page, k, key_at(k, n, S("questions")), questions);
}

/* ---- the place ---- */

static struct val *page_of(const struct val *pages, struct str id) {
    for (size_t i = 0; pages && pages->kind == VAL_LIST && id.len && i < val_count(pages); i++)
        if (str_eq(val_get_str(val_item(pages, i), S("id")), id)) return pages->u.list.item[i];
    return NULL;
}

static struct val *list_of(const struct val *from, struct str key) {
    const struct val *list = val_get(from, key);
    return list && list->kind == VAL_LIST ? (struct val *)(uintptr_t)list : NULL;
}

/* Read into s->at from the address; a page that is really called `new` stands before the new one. */
static int find_at(struct form_place *s, struct err *e) {
    int64_t at;
    s->page = page_of(s->pages, s->page_id);
    s->list = s->pages;
    s->repeats = val_get(s->page, S("repeat")) != NULL;
    if (!s->page_id.len) s->at = FORM_PAGES;
    else if (!s->page) s->at = FORM_NEW_PAGE;
    else if (str_eq(s->entry, S("remove"))) s->at = FORM_REMOVE;
    else if (str_eq(s->entry, S("page"))) s->at = FORM_OF_PAGE;
    else s->at = !s->entry.len ? FORM_LIST : str_eq(s->entry, S("new")) ? FORM_NEW : FORM_ONE;
    if (s->at == FORM_NEW_PAGE && (!str_eq(s->page_id, S("new")) || s->entry.len))
        return err_set(e, ERR_NOT_FOUND, NULL);
    if (s->at >= FORM_LIST) s->list = list_of(s->page, S("questions"));
    if (!s->list) return err_set(e, ERR_NOT_FOUND, NULL);
    if (s->at != FORM_ONE) return 0;
    if (!str_to_i64(s->entry, &at) || at < 1 || (size_t)at > val_count(s->list))
        return err_set(e, ERR_NOT_FOUND, NULL);
    s->map = s->list->u.list.item[at - 1];
    return 0;
}

/* What its own form shows: what another one wrote of the same file is no conflict. */
static struct str seen_of(struct arena *a, const struct form_place *s) {
    const size_t n = val_count(s->list);
    if (s->at == FORM_REMOVE) return edit_seen(a, s->page, n);
    if (!form_place_fields(s)) return edit_seen(a, s->list, n);
    struct val *own = val_map(a);
    for (size_t i = 0; s->map && i < s->n; i++)
        if (edit_editable(&s->key[i]) && val_get(s->map, s->key[i].name))
            val_put(a, own, s->key[i].name, val_copy(a, val_get(s->map, s->key[i].name)));
    return edit_seen(a, own, n);
}

int form_place(struct page *p, struct arena *a, const struct edit *x, struct form_place *s, struct err *e) {
    struct val *base;
    *s = (struct form_place){ .form = http_param(p->req, S("form")),
                              .page_id = http_param(p->req, S("page")),
                              .entry = http_param(p->req, S("entry")) };
    s->path = ARENA_CAT(a, S("forms/"), s->form, S(".yaml"));
    s->file = edit_file(&x->files, s->path);
    s->words = edit_words(p, &x->files, x->draft.system, a);
    if (!s->file.len) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = yaml_parse(a, s->path, s->file, &s->root, e);
    if (rc) return rc;
    s->pages = list_of(s->root, S("pages"));
    if (!s->pages) return err_set(e, ERR_NOT_FOUND, NULL);
    if ((rc = find_at(s, e))) return rc;
    struct str was = edit_file(&x->base, s->path);
    if (was.len && yaml_parse(a, s->path, was, &base, NULL) == 0) {
        s->base = list_of(base, S("pages"));
        if (s->at >= FORM_LIST) s->base = list_of(page_of(s->base, s->page_id), S("questions"));
    }
    if (s->at == FORM_NEW || s->at == FORM_ONE) s->key = release_keys(S("questions"), &s->n);
    else if (form_place_of_page(s)) page_keys(s, a);
    if (s->at == FORM_OF_PAGE) s->map = flat_of(a, s->page);
    s->seen = seen_of(a, s);
    return 0;
}

struct val *form_place_gone(struct page *p, const struct form_place *s) {
    struct val *gone = val_list(p->a);
    for (size_t i = 0; s->base && i < val_count(s->base); i++) {
        const struct val *was = val_item(s->base, i);
        struct str id = val_get_str(was, S("id")), title = val_get_str(was, S("title")),
                   english = edit_english(&s->words, title);
        if (!id.len || page_of(s->list, id)) continue;
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("id"), id);
        val_put_str(p->a, v, S("title"), str_eq(p->lang, S("en")) && english.len ? english : title);
        val_push(p->a, gone, v);
    }
    return gone;
}

struct str form_place_path(struct page *p, const struct edit *x, struct str form, struct str page, struct str entry) {
    struct str path = edit_path(p, x->draft.id, ARENA_CAT(p->a, S("/form/"), form).ptr);
    if (page.len) path = ARENA_CAT(p->a, path, S("/"), page);
    return entry.len ? ARENA_CAT(p->a, path, S("/"), entry) : path;
}
