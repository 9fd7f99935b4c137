/* access_word: finding by words within what a token reaches; see access.h. A row says that an object
 * of a list has a word, for one scope that reaches it; list, scope and word stand in it as one keyed
 * hash (docs/decisions/0009-find.md).
 * Invariants
 *  1. A question reads the rows of the asker's own scopes and no others: what lies outside them
 *     costs it nothing and so tells nothing, not by time either.
 *  2. Without the key the rows do not tell a word, nor that two scopes have the same one. They tell
 *     how many objects of a scope share one.
 *  3. Two words may meet in one hash (64 bits): who asks compares with what the object itself says.
 */
#include "engine/access/access_word.h"

enum { WORDS_A_ROW = 8 };

#define PLACE "(?, ?, ?, ?)"
/* As many rows as a statement takes; where there are fewer the last one stands again. */
STORE_STMT(access_word_put, STORE_WRITES,
           "INSERT INTO access_word (home, word, sort_key, object) VALUES " PLACE ", " PLACE ", " PLACE
           ", " PLACE ", " PLACE ", " PLACE ", " PLACE ", " PLACE
           " ON CONFLICT (home, word, sort_key, object) DO NOTHING");
STORE_STMT(access_word_drop, STORE_WRITES,
           "DELETE FROM access_word WHERE home = ? AND word = ? AND sort_key = ? AND object = ?");
STORE_STMT(access_word_page, STORE_READS,
           "SELECT object, sort_key FROM access_word WHERE home = ? AND word = ? AND sort_key <= ? "
           "AND (sort_key < ? OR object < ?) ORDER BY sort_key DESC, object DESC LIMIT ?");
STORE_STMT(access_word_page_back, STORE_READS,
           "SELECT object, sort_key FROM access_word WHERE home = ? AND word = ? AND sort_key >= ? "
           "AND (sort_key > ? OR object > ?) ORDER BY sort_key ASC, object ASC LIMIT ?");

static int64_t hash_of(struct arena *a, const struct realm *r, struct str list, int64_t scope,
                       struct str word) {
    struct digest d;
    uint64_t v = 0;
    seal_blind(&r->keys, S("access_word"),
               arena_fmt(a, "%.*s %lld %.*s", STR_ARG(list), (long long)scope, STR_ARG(word)), &d);
    for (size_t i = 0; i < sizeof v; i++) v = v << 8 | d.v[i];
    return (int64_t)v;
}

int scope_words_put(struct store_tx *tx, const struct realm *r, struct str list, int64_t scope,
                    int64_t key, int64_t object, const struct str *words, size_t n, struct err *e) {
    struct store_val v[WORDS_A_ROW * 4];
    int rc = 0;
    for (size_t from = 0; !rc && from < n; from += WORDS_A_ROW) {
        for (size_t i = 0; i < WORDS_A_ROW; i++) {
            struct str word = words[from + i < n ? from + i : n - 1];
            const struct store_val row[] = { SV_I(r->home.v),
                                             SV_I(hash_of(store_arena(tx), r, list, scope, word)),
                                             SV_I(key), SV_I(object) };
            memcpy(v + i * 4, row, sizeof row);
        }
        rc = store_exec_n(tx, &access_word_put, v, WORDS_A_ROW * 4, NULL, e);
    }
    return rc;
}

int scope_words_drop(struct store_tx *tx, const struct realm *r, struct str list, int64_t scope,
                     int64_t key, int64_t object, const struct str *words, size_t n, struct err *e) {
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = store_exec(tx, &access_word_drop, NULL, e, SV_I(r->home.v),
                        SV_I(hash_of(store_arena(tx), r, list, scope, words[i])), SV_I(key), SV_I(object));
    return rc;
}

int access_word_begin(struct store_tx *tx, const struct scope_order *o, struct str list,
                      const struct access_word_place *at, size_t i, struct store_rows **ret,
                      struct err *e) {
    int64_t word = hash_of(store_arena(tx), o->words_of, list, at->scope, o->word[i]);
    return store_query(tx, o->back ? &access_word_page_back : &access_word_page, ret, e,
                       SV_I(o->words_of->home.v), SV_I(word), SV_I(at->key), SV_I(at->key),
                       SV_I(at->object), SV_I(at->max));
}
