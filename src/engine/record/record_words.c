/* record_words: by which words a record is found (x-search), for each division that holds it and for the realm; see record.h.
 * Invariants
 *  1. They are keyed hashes, each bound to one scope (access_word.c): neither a name nor a number stands in them.
 *  2. They are those of the version that holds: what a change takes away goes with the change, so that what lies outside a reader's
 *     divisions costs him nothing.
 */
#include "data/gram.h"
#include "engine/record/record_impl.h"

enum { WORDS_MAX = RECORD_SEARCHED_MAX * (GRAMS_MAX + 1), AGAIN_MAX = 100 };

struct str record_words_list(struct arena *a, const struct record_type *t) {
    return ARENA_CAT(a, S("record."), t->id);
}

struct str record_word_exact(struct arena *a, const struct record_field *f, struct str value) {
    return ARENA_CAT(a, S("="), f->name, S(" "), value);
}

struct str record_word_whole(struct arena *a, struct str name) {
    return ARENA_CAT(a, S("n"), gram_plain(a, name));
}

struct words {
    struct str word[WORDS_MAX];
    size_t n;
    int64_t scope[SCOPE_DIVISIONS_MAX];
    size_t n_scopes;
};

static struct words *words_of(struct arena *a, const struct realm *r, const struct record_type *t, const struct record *rec) {
    struct words *w = arena_new(a, struct words);
    for (size_t i = 0; w && i < t->n_fields; i++) {
        const struct record_field *f = &t->field[i];
        const struct str value = val_get_str(rec->values, f->name);
        if (!f->searched || value.len == 0) continue;
        if (f->searched == RECORD_EXACTLY) {
            w->word[w->n++] = record_word_exact(a, f, record_clean(a, f, value));
            continue;
        }
        w->word[w->n++] = record_word_whole(a, value);
        w->n += gram_index(a, value, w->word + w->n);
    }
    if (w) w->n_scopes = scope_divisions(r->home, rec->division, w->scope);
    return w;
}

static bool same(const struct words *x, const struct words *y) {
    bool is = x->n == y->n && x->n_scopes == y->n_scopes && memcmp(x->scope, y->scope, x->n_scopes * sizeof *x->scope) == 0;
    for (size_t i = 0; is && i < x->n; i++) is = str_eq(x->word[i], y->word[i]);
    return is;
}

int record_words_put(struct store_tx *tx, const struct realm *r, const struct record_type *t, const struct record *before,
                     const struct record *now, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct str list = record_words_list(a, t);
    if (t->n_searched == 0) return 0;
    const struct words *old = before ? words_of(a, r, t, before) : NULL, *w = words_of(a, r, t, now);
    if (!w || (before && !old)) return err_set(e, ERR_MEMORY, NULL);
    int rc = 0;
    if (old && same(old, w)) return 0;
    for (size_t i = 0; old && !rc && i < old->n_scopes; i++)
        rc = scope_words_drop(tx, r, list, old->scope[i], now->id, now->id, old->word, old->n, e);
    for (size_t i = 0; !rc && w->n && i < w->n_scopes; i++)
        rc = scope_words_put(tx, r, list, w->scope[i], now->id, now->id, w->word, w->n, e);
    return rc;
}

int record_words_again(struct store_tx *tx, const struct realm *r, const struct record_type *t, int64_t after, size_t max,
                       int64_t *ret_last, struct err *e) {
    int64_t ids[AGAIN_MAX];
    struct store_rows *rows;
    size_t n = 0;
    int rc = store_query(tx, &t->ids, &rows, e, SV_I(r->home.v), SV_I(after), SV_I(max < AGAIN_MAX ? max : AGAIN_MAX));
    *ret_last = 0;
    if (rc) return rc;
    while (n < AGAIN_MAX && store_next(rows)) ids[n++] = store_i64(rows, 0);
    rc = store_end(rows, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct record rec;
        rc = record_get(tx, r, t, ids[i], &rec, e);
        /* One that is damaged or whose key is gone is nobody's to find, and holds up no other. */
        if (rc == ERR_DAMAGED || rc == ERR_GONE) rc = 0;
        else if (!rc) rc = record_words_put(tx, r, t, NULL, &rec, e);
        if (!rc) *ret_last = ids[i];
    }
    return rc;
}

bool record_searched_alike(const struct record_type *x, const struct record_type *y) {
    bool alike = x->n_searched == y->n_searched;
    for (size_t i = 0; alike && i < x->n_fields; i++) {
        const struct record_field *f = record_field(y, x->field[i].name);
        alike = !x->field[i].searched || (f && f->searched == x->field[i].searched);
    }
    return alike;
}
