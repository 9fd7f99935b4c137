/* sent: what a form of the editor says, put into the declaration that it is of, and what the check finds of
 * it at its fields. Invariant: what the form does not show is left as it is.
 */
#include "data/po_write.h"
#include "web/edit/edit_pages.h"

/* Where a key belongs among those that stand: behind the nearest of the table before it. */
static void put_key(struct arena *a, struct val *map, const struct release_key *key, size_t i,
                    struct val *v) {
    if (val_get(map, key[i].name)) {
        val_put(a, map, key[i].name, v);
        return;
    }
    size_t at = 0;
    for (size_t k = 0; k < i; k++)
        for (size_t j = 0; j < val_pairs(map); j++)
            if (key[k].kind != KEY_GROUP && str_eq(map->u.map.pair[j].key, key[k].name) &&
                j + 1 > at)
                at = j + 1;
    val_put(a, map, key[i].name, v);
    struct val_pair own = map->u.map.pair[map->u.map.n - 1];
    for (size_t j = map->u.map.n - 1; j > at; j--) map->u.map.pair[j] = map->u.map.pair[j - 1];
    map->u.map.pair[at] = own;
}

static void drop_key(struct val *map, struct str key) {
    for (size_t j = 0; j < val_pairs(map); j++)
        if (str_eq(map->u.map.pair[j].key, key)) {
            for (; j + 1 < map->u.map.n; j++) map->u.map.pair[j] = map->u.map.pair[j + 1];
            map->u.map.n--;
            return;
        }
}

void edit_set(struct arena *a, struct val *map, const struct release_key *key, size_t i, struct val *v) {
    if (!v) drop_key(map, key[i].name);
    else if (!val_equal(v, val_get(map, key[i].name))) put_key(a, map, key, i, v);
}

void edit_fault(struct edit *x, struct arena *a, struct str field, struct str text) {
    for (size_t i = 0; i < x->n_faults; i++)
        if (str_eq(x->field[i], field)) return;
    if (x->n_faults == PAGE_FAULTS_MAX) return;
    x->field[x->n_faults] = arena_str(a, field);
    x->fault[x->n_faults++] = arena_str(a, text);
}

/* A finding says what is wrong; at a field it is asked to mend it. */
struct str edit_asks(struct page *p, struct str finding) {
    struct val *args = val_map(p->a);
    val_put_str(p->a, args, S("detail"), finding);
    return po_fill(p->a, page_text(p, err_text(ERR_INPUT)), args);
}

static bool is_kind(struct str s) {
#define FORM_KIND(kind, word) S_INIT(word),
    static const struct str words[] = {
#include "engine/form/form_words.h"
    };
#undef FORM_KIND
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(words[i], s)) return true;
    return false;
}

void edit_judge_value(struct page *p, struct edit *x, const struct release_key *k) {
    struct str s = str_trim(page_in(p, k->name));
    const bool yes = str_eq(s, S("yes")), no = str_eq(s, S("no"));
    int64_t n;
    if (!s.len) return;
    if ((k->kind == KEY_KIND && !is_kind(s)) || (k->kind == KEY_FLAG && !yes) || (k->kind == KEY_SWITCH && !yes && !no))
        edit_fault(x, p->req->arena, k->name, page_error_text(p, ERR_CODE, S("")));
    if (k->kind == KEY_COUNT && !str_to_i64(s, &n))
        edit_fault(x, p->req->arena, k->name, page_error_text(p, ERR_FORMAT, page_text(p, S("整数"))));
}

/* Values and their English, as the form says them. */
int edit_put_values(struct page *p, struct arena *a, struct edit *x, const struct release_key *key,
                    size_t n, const struct edit_words *words, struct val *map, struct err *e) {
    struct str po = edit_file(&x->files, S("texts/en.po"));
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        const struct release_key *k = &key[i];
        if (!edit_editable(k)) continue;
        edit_judge_value(p, x, k);
        struct val *v = edit_value(p, k, a);
        edit_set(a, map, key, i, v);
        if (!v || !edit_bilingual(k)) continue;
        struct str text = val_text(v), said = edit_lines(a, page_in(p, ARENA_CAT(a, k->name, S("-en"))));
        if (said.len && !str_eq(said, text) && !str_eq(said, edit_english(words, text)))
            rc = po_put(a, po, text, said, &po, e);
    }
    if (!rc && !str_eq(po, edit_file(&x->files, S("texts/en.po"))))
        x->changed[x->n_changed++] = (struct release_file){ S("texts/en.po"), po };
    return rc;
}

/* A finding belongs to the field whose value, key or title it names, else to the first; one that
 * was there before belongs to nobody here. */
void edit_put_findings(struct page *p, struct arena *a, struct edit *x,
                       const struct release_key *key, size_t n, const struct val *map,
                       const struct release_findings *before,
                       const struct release_findings *after) {
    struct str first = S("");
    for (size_t k = 0; k < n && !first.len; k++)
        if (edit_editable(&key[k])) first = key[k].name;
    for (size_t i = 0; i < after->n; i++) {
        const struct release_finding *f = &after->list[i];
        struct str said = S(""), field = S("");
        const bool old = edit_found(before, f);
        for (size_t k = 0; map && k < n && !field.len; k++) {
            if (!edit_editable(&key[k])) continue;
            struct str value = edit_text(a, val_get(map, key[k].name));
            const bool english = str_starts(f->text, S("没有英文翻译"));
            if (edit_names(f->text, value))
                field = english ? ARENA_CAT(a, key[k].name, S("-en")) : key[k].name;
            else if (edit_names(f->text, key[k].name) || str_starts(f->text, key[k].title))
                field = key[k].name;
            if (field.len) said = edit_said(p, f, &key[k]);
        }
        if (!field.len) {
            struct edit_where where;
            edit_where(p, x, f, &where);
            said = ARENA_CAT(a, where.place, page_text(p, S("：")), where.text);
        }
        if (!old || field.len) edit_fault(x, p->req->arena, field.len ? field : first, edit_asks(p, said));
    }
}

void edit_keep_changed(struct page *p, struct edit *x) {
    for (size_t i = 0; i < x->n_changed; i++)
        x->changed[i] = (struct release_file){ arena_str(p->req->arena, x->changed[i].path),
                                               arena_str(p->req->arena, x->changed[i].bytes) };
}

int edit_write(struct store_tx *tx, struct page *p, struct str what, struct err *e) {
    const struct edit *x = p->own;
    const struct release_files changed = { (struct release_file *)(uintptr_t)x->changed,
                                           x->n_changed };
    int rc = 0;
    for (size_t i = 0; i < x->n_faults; i++)
        rc = page_fault(p, x->field[i], ERR_INPUT, x->fault[i]);
    if (rc) return rc;
    if (!str_eq(x->draft.state, S("open")))
        return err_set(e, ERR_STATE, "%.*s", STR_ARG(edit_state(p, x->draft.state)));
    if (x->conflict) return err_set(e, ERR_CONFLICT, NULL);
    if (!x->n_changed) return 0;
    return release_draft_write(tx, page_realm(p), p->who, x->draft.id, x->draft.version, &changed, what, e);
}

/* Both texts, where somebody else saved it meanwhile. */
void edit_put_conflict(struct page *p, const struct release_key *key, size_t n,
                       const struct val *target) {
    struct val *rows = val_list(p->a), *v = val_map(p->a);
    for (size_t i = 0; i < n; i++) {
        if (!edit_editable(&key[i])) continue;
        struct val *row = val_map(p->a);
        struct str theirs = edit_text(p->a, val_get(target, key[i].name));
        struct str mine = edit_text(p->a, edit_value(p, &key[i], p->a));
        val_put_str(p->a, row, S("title"), page_text(p, key[i].title));
        val_put_str(p->a, row, S("theirs"), theirs);
        val_put_str(p->a, row, S("mine"), mine);
        val_put_bool(p->a, row, S("differs"), !str_eq(theirs, mine));
        val_push(p->a, rows, row);
    }
    val_put(p->a, v, S("rows"), rows);
    val_put(p->a, p->view, S("conflict"), v);
}
