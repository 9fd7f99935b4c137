/* where: I1, a finding of the check in the words of who edits in the browser: which item and which
 * part of it, with the way there, and keys by what the forms call them. Invariant: file and line are
 * told of what no page edits, and of nothing else.
 */
#include "data/yaml.h"
#include "web/edit/edit_pages.h"

bool edit_names(struct str text, struct str word) {
    if (word.len == 0 || !str_ends(text, word)) return false;
    struct str before = str_sub(text, 0, text.len - word.len);
    return str_ends(before, S("：")) || str_ends(before, S(" "));
}

struct str edit_said(struct page *p, const struct release_finding *f, const struct release_key *k) {
    struct str said = page_said(p, f->text);
    if (!k || !edit_names(said, k->name)) return said;
    return ARENA_CAT(p->a, str_sub(said, 0, said.len - k->name.len), page_text(p, k->title));
}

/* A title of the draft, in the reader's language where the release in use says it. */
static struct str titled(struct page *p, const struct edit *x, struct str title) {
    const struct system *sys = realm_system(page_realm(p), x->draft.system);
    return sys ? system_text(sys, p->lang, title) : title;
}

/* The key of an item's file that a finding is about: what lacks is named, what is wrong has a line. */
static struct str key_of(const struct val *item, const struct release_finding *f) {
    struct str found = S("");
    uint32_t nearest = 0;
    size_t n;
    const struct release_key *k = release_keys(S("item"), &n);
    for (size_t i = 0; i < n; i++)
        if (k[i].kind != KEY_GROUP && edit_names(f->text, k[i].name) && !val_get(item, k[i].name))
            return k[i].name;
    for (size_t i = 0; i < val_pairs(item); i++) {
        const struct val_pair *pair = &item->u.map.pair[i];
        if (pair->value->line > f->line || pair->value->line < nearest) continue;
        nearest = pair->value->line;
        found = pair->key;
    }
    return found;
}

/* The section whose form, or list, holds a key of an item. */
static const struct release_key *section_of(struct str key) {
    size_t n;
    const struct release_key *k = release_keys(S("item"), &n), *group = NULL;
    for (size_t i = 0; i < n; i++) {
        if (k[i].kind == KEY_GROUP) group = &k[i];
        else if (str_eq(k[i].name, key))
            return edit_listed(key) || str_eq(key, S("limits")) ? &k[i] : group;
    }
    return NULL;
}

/* Which entry of a list, from 1; 0: none. */
static int64_t entry_of(const struct val *list, uint32_t line) {
    int64_t found = 0;
    for (size_t i = 0; list && list->kind == VAL_LIST && i < val_count(list); i++)
        if (val_item(list, i)->line <= line) found = (int64_t)i + 1;
    return found;
}

static bool within_item(struct page *p, const struct edit *x, const struct release_finding *f,
                        struct edit_where *ret) {
    struct val *item;
    struct err ignored = { 0 };
    if (!str_starts(f->file, S("items/")) ||
        yaml_parse(p->a, f->file, edit_file(&x->files, f->file), &item, &ignored))
        return false;
    const struct str id = str_sub(f->file, 6, f->file.len - 11), key = key_of(item, f);
    const struct release_key *section = section_of(key), *named = release_key(S("item"), key);
    if (named && named->kind == KEY_PART && !edit_listed(key) && !str_eq(key, S("limits"))) { /* no page edits it */
        ret->place = ARENA_CAT(p->a, titled(p, x, val_get_str(item, S("name"))), S(" · "), page_text(p, named->title),
                               arena_fmt(p->a, " · %.*s:%u", STR_ARG(f->file), (unsigned)f->line));
        return true;
    }
    if (!section) return false;
    const int64_t entry = edit_listed(key) ? entry_of(val_get(item, key), f->line) : 0;
    ret->place = ARENA_CAT(p->a, titled(p, x, val_get_str(item, S("name"))), S(" · "),
                           page_text(p, section->title));
    ret->path = edit_path(
        p, x->draft.id,
        arena_fmt(p->a, "/item/%.*s/%.*s", STR_ARG(id), STR_ARG(section->name)).ptr);
    if (entry) {
        ret->place = ARENA_CAT(p->a, ret->place, S(" · "),
                               staff_fill(p, S("第 {n} 项"), "n", entry));
        ret->path = arena_fmt(p->a, "%.*s/%lld", STR_ARG(ret->path), (long long)entry);
    }
    size_t n;
    const struct release_key *own = edit_section(section->name, &n);
    for (size_t i = 0; i < n; i++)
        if (edit_names(f->text, own[i].name)) named = &own[i];
    ret->text = edit_said(p, f, named);
    return true;
}

/* Of a page of a form, or a question of it: where it stands in the text that was judged. */
static bool within_form(struct page *p, const struct edit *x, const struct release_finding *f, struct edit_where *ret) {
    struct val *form;
    struct str text = edit_file(&x->files, f->file);
    for (size_t i = 0; i < x->n_changed; i++)
        if (str_eq(x->changed[i].path, f->file)) text = x->changed[i].bytes;
    if (!str_starts(f->file, S("forms/")) || yaml_parse(p->a, f->file, text, &form, NULL)) return false;
    const struct str id = str_sub(f->file, 6, f->file.len - 11);
    const struct val *pages = val_get(form, S("pages"));
    const int64_t at = entry_of(pages, f->line);
    const struct val *one = at ? val_item(pages, (size_t)at - 1) : NULL;
    const int64_t question = one ? entry_of(val_get(one, S("questions")), f->line) : 0;
    struct str page = val_get_str(one, S("id")), title = val_get_str(one, S("title"));
    ret->place = ARENA_CAT(p->a, page_text(p, S("表单")), S(" "), id);
    ret->path = edit_path(p, x->draft.id, ARENA_CAT(p->a, S("/form/"), id).ptr);
    if (!page.len) return true;
    ret->place = ARENA_CAT(p->a, ret->place, S(" · "), title.len ? titled(p, x, title) : page);
    ret->path = ARENA_CAT(p->a, ret->path, S("/"), page, S("/"), question ? arena_i64(p->a, question) : S("page"));
    if (question) ret->place = ARENA_CAT(p->a, ret->place, S(" · "), staff_fill(p, S("第 {n} 项"), "n", question));
    return true;
}

/* Of a message: the one in whose lines it stands; of a paper: itself. */
static bool within_template(struct page *p, const struct edit *x, const struct release_finding *f,
                            struct edit_where *ret) {
    struct val *yaml;
    struct str id = S(""), section = S("papers");
    if (str_starts(f->file, S("papers/")) && str_ends(f->file, S(".xml")))
        id = str_sub(f->file, 7, f->file.len - 11);
    else if (str_eq(f->file, S("notices.yaml")) &&
             yaml_parse(p->a, f->file, edit_file(&x->files, f->file), &yaml, NULL) == 0)
        for (size_t i = 0; section = S("notices"), i < val_pairs(yaml); i++)
            if (yaml->u.map.pair[i].line <= f->line) id = yaml->u.map.pair[i].key;
    if (!id.len) return false;
    ret->place = ARENA_CAT(p->a, page_text(p, S("模板")), S(" · "), id);
    ret->path = edit_path(p, x->draft.id, ARENA_CAT(p->a, S("/template?of="), section, S("/"), id).ptr);
    return true;
}

void edit_where(struct page *p, const struct edit *x, const struct release_finding *f,
                struct edit_where *ret) {
    static const struct str missing = S_INIT("没有英文翻译");
    *ret = (struct edit_where){ .text = page_said(p, f->text) };
    if (within_item(p, x, f, ret) || within_template(p, x, f, ret)) return;
    if (!str_starts(f->text, missing) && within_form(p, x, f, ret)) return;
    ret->place = f->line ? arena_fmt(p->a, "%.*s:%u", STR_ARG(f->file), (unsigned)f->line)
                         : f->file;
    if (!str_starts(f->text, missing)) return;
    const size_t after = missing.len + S("：").len;
    struct str of = edit_text_number(p->a, str_sub(f->text, after, f->text.len));
    ret->place = page_text(p, S("翻译"));
    ret->path = edit_path(p, x->draft.id, ARENA_CAT(p->a, S("/text?of="), of).ptr);
}
