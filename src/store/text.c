/* text: full text beside the rows, in their transaction: the one declared seam between the dialects (FTS5 in
 * SQLite, tsvector with GIN in PostgreSQL). Both are fed the same terms, made by token.c; neither's own tokenizer
 * decides anything.
 *
 * The row of store_text holds an object's terms ("注销 登记 -17": scopes follow a '-'). The index holds each term
 * behind the name of its space, HOME_COLLECTION_ for terms and HOME_COLLECTION- for scopes, so a search touches only
 * its own postings.
 *
 * Invariants
 *  1. Index and row change together; the index can be made again from the rows (store_text_reindex, after a load).
 *  2. FTS5 keeps no copy of the text (content='', columnsize=0, detail=none): postings only, removed by giving the
 *     same terms again. Its rowid is the object's id; terms of different spaces are disjoint, so a shared rowid
 *     mixes nothing.
 */
#include "base/buf.h"
#include "store/store_impl.h"
#include "store/text.h"
#include "store/token.h"

enum { COLLECTION_BYTES_MAX = 64, SCOPES_MAX = 256, TEXT_BYTES_MAX = 900 * 1024 }; /* tsvector holds 1 MiB of terms */

STORE_STMT(store_text_old, STORE_READS,
           "SELECT tokens FROM store_text WHERE home = ? AND collection = ? AND object = ?");
STORE_STMT(store_text_delete, STORE_WRITES, "DELETE FROM store_text WHERE home = ? AND collection = ? AND object = ?");
STORE_STMT(store_text_add, STORE_WRITES,
           "INSERT INTO store_text (home, collection, object, tokens) VALUES (?, ?, ?, ?)");

/* Statements of one dialect each: not in the gathered table, as neither store prepares the other's. */
static const struct store_stmt fts_add = { "fts_add", "INSERT INTO store_text_fts (rowid, terms) VALUES (?, ?)", true };
static const struct store_stmt fts_delete = {
    "fts_delete", "INSERT INTO store_text_fts (store_text_fts, rowid, terms) VALUES ('delete', ?, ?)", true
};
static const struct store_stmt fts_find = {
    "fts_find",
    "SELECT rowid FROM store_text_fts WHERE store_text_fts MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?", false
};
static const struct store_stmt tsv_set = {
    "tsv_set", "UPDATE store_text SET terms = array_to_tsvector(string_to_array(CAST(? AS text), ' ')) "
               "WHERE home = ? AND collection = ? AND object = ?", true
};
static const struct store_stmt tsv_find = {
    "tsv_find",
    "SELECT object FROM store_text WHERE home = ? AND collection = ? AND terms @@ CAST(CAST(? AS text) AS tsquery) "
    "AND object < ? ORDER BY object DESC LIMIT ?",
    false
};

const char *store_text_ddl(bool postgres) {
    return postgres ? "ALTER TABLE store_text ADD COLUMN IF NOT EXISTS terms tsvector;"
                      "CREATE INDEX IF NOT EXISTS store_text_terms ON store_text USING gin (terms);"
                    : "CREATE VIRTUAL TABLE IF NOT EXISTS store_text_fts USING "
                      "fts5(terms, content='', columnsize=0, detail=none, tokenize='ascii tokenchars ''_-.''');";
}

static int check(struct str collection, int64_t object, struct err *e) {
    bool good = collection.len > 0 && collection.len <= COLLECTION_BYTES_MAX && object > 0;
    for (size_t i = 0; i < collection.len; i++) {
        char c = collection.ptr[i];
        good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.');
    }
    return good ? 0 : err_set(e, ERR_DEFECT, "a text collection's name or object");
}

/* One term of the index. `glue` puts quotes around it where the query language wants them. */
static void add_term(struct buf *b, int64_t home, struct str collection, struct str term, const char *quote) {
    bool scope = term.len && term.ptr[0] == '-';
    buf_add(b, str_of(quote));
    buf_add_i64(b, home);
    buf_add_char(b, '_');
    buf_add(b, collection);
    if (!scope) buf_add_char(b, '_');
    buf_add(b, term);
    buf_add(b, str_of(quote));
}

static struct str space_terms(struct arena *a, int64_t home, struct str collection, struct str tokens) {
    struct buf b;
    struct str term;
    buf_init(&b, a, tokens.len * 4 + 64, (size_t)64 * 1024 * 1024);
    while (str_cut(&tokens, ' ', &term)) {
        if (b.len) buf_add_char(&b, ' ');
        add_term(&b, home, collection, term, "");
    }
    return buf_ok(&b) ? buf_str(&b) : (struct str){ 0 };
}

int store_text_reindex(struct store_tx *tx, int64_t home, struct str collection, int64_t object, struct str tokens,
                       struct err *e) {
    struct str terms = space_terms(tx->arena, home, collection, tokens);
    if (tokens.len && !terms.len) return err_set(e, ERR_MEMORY, "text");
    if (!tx->store->postgres) return store_exec(tx, &fts_add, NULL, e, SV_I(object), SV_T(terms));
    return store_exec(tx, &tsv_set, NULL, e, SV_T(terms), SV_I(home), SV_T(collection), SV_I(object));
}

int store_text_drop(struct store_tx *tx, struct str collection, int64_t object, struct err *e) {
    struct store_rows *r;
    int64_t home = tx->job->home.v;
    int rc = check(collection, object, e);
    if (rc == 0) rc = store_query(tx, &store_text_old, &r, e, SV_I(home), SV_T(collection), SV_I(object));
    if (rc < 0) return rc;
    bool found = store_next(r);
    struct str tokens = found ? store_text(r, 0) : (struct str){ 0 };
    rc = store_end(r, e);
    if (rc < 0 || !found) return rc;
    if (!tx->store->postgres) {
        struct str terms = space_terms(tx->arena, home, collection, tokens);
        if (tokens.len && !terms.len) return err_set(e, ERR_MEMORY, "text");
        rc = store_exec(tx, &fts_delete, NULL, e, SV_I(object), SV_T(terms));
    }
    if (rc == 0) rc = store_exec(tx, &store_text_delete, NULL, e, SV_I(home), SV_T(collection), SV_I(object));
    return rc;
}

int store_text_put(struct store_tx *tx, struct str collection, int64_t object, const int64_t *scopes, size_t n_scopes,
                   struct str text, struct err *e) {
    struct buf b;
    size_t n;
    int64_t home = tx->job->home.v;
    int rc = store_text_drop(tx, collection, object, e);
    if (rc < 0) return rc;
    if (n_scopes > SCOPES_MAX) return err_set(e, ERR_DEFECT, "%zu scopes", n_scopes);
    struct str *term = token_index(tx->arena, text, &n);
    buf_init(&b, tx->arena, text.len * 3 + 256, TEXT_BYTES_MAX + (size_t)SCOPES_MAX * 24);
    for (size_t i = 0; i < n_scopes; i++) {
        if (b.len) buf_add_char(&b, ' ');
        buf_add_char(&b, '-');
        buf_add_i64(&b, scopes[i]);
    }
    size_t each = collection.len + 24, room = TEXT_BYTES_MAX - n_scopes * (each + 24);
    for (size_t i = 0; i < n && room > term[i].len + each; i++) { /* terms past the limit are not found */
        room -= term[i].len + each;
        if (b.len) buf_add_char(&b, ' ');
        buf_add(&b, term[i]);
    }
    if (!buf_ok(&b) || arena_overflowed(tx->arena)) return err_set(e, ERR_MEMORY, "text");
    if (b.len == 0) return 0;
    rc = store_exec(tx, &store_text_add, NULL, e, SV_I(home), SV_T(collection), SV_I(object), SV_T(buf_str(&b)));
    return rc < 0 ? rc : store_text_reindex(tx, home, collection, object, buf_str(&b), e);
}

/* The query in the store's language: every term, and the scope; quoted though token.c leaves nothing to quote. */
static struct str match(struct store_tx *tx, struct str collection, int64_t scope, const struct str *term, size_t n) {
    struct buf b;
    bool pg = tx->store->postgres;
    const char *quote = pg ? "'" : "\"";
    buf_init(&b, tx->arena, 256, 64 * 1024);
    for (size_t i = 0; i < n; i++) {
        if (b.len) buf_add(&b, pg ? S(" & ") : S(" AND "));
        add_term(&b, tx->job->home.v, collection, term[i], quote);
    }
    if (scope) {
        buf_add(&b, pg ? S(" & ") : S(" AND "));
        add_term(&b, tx->job->home.v, collection, arena_fmt(tx->arena, "-%lld", (long long)scope), quote);
    }
    return buf_ok(&b) ? buf_str(&b) : (struct str){ 0 };
}

int store_text_find(struct store_tx *tx, struct str collection, int64_t scope, struct str query, int64_t before,
                    int64_t *ids, size_t max, size_t *n, struct err *e) {
    struct store_rows *r;
    size_t n_terms;
    *n = 0;
    int rc = check(collection, 1, e);
    if (rc < 0) return rc;
    struct str *term = token_query(tx->arena, query, &n_terms);
    if (!term) return arena_overflowed(tx->arena) ? err_set(e, ERR_MEMORY, "text") : 0;
    struct str m = match(tx, collection, scope, term, n_terms);
    if (!m.len) return err_set(e, ERR_MEMORY, "text");
    if (before <= 0) before = INT64_MAX;
    if (tx->store->postgres)
        rc = store_query(tx, &tsv_find, &r, e, SV_I(tx->job->home.v), SV_T(collection), SV_T(m), SV_I(before),
                         SV_I(max));
    else rc = store_query(tx, &fts_find, &r, e, SV_T(m), SV_I(before), SV_I(max));
    if (rc < 0) return rc;
    while (*n < max && store_next(r)) ids[(*n)++] = store_i64(r, 0);
    return store_end(r, e);
}
