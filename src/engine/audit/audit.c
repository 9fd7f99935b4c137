/* audit: writing entries, and the sequencer's work inside a transaction.
 *
 * An entry's life: audit_note -> row of audit_pending (in the act's transaction) -> audit_sequence moves it,
 * numbered and hashed, to audit_entry and appends its leaf to the home's tree -> a head over it is signed ->
 * proved.
 *
 * Invariants
 *  1. Row moves and frontier are one transaction, and the frontier is written only over the size it was read at: two
 *     sequencers, whatever they believe of their lease, cannot number twice.
 *  2. The canonical bytes are one line "name=value" per field, in one order, each field always there. A stored text
 *     has no line feed, so a text that was planted with one gives more lines than an entry has, and equals no
 *     entry.
 */
#include "engine/audit/audit.h"

#include <string.h>

#include "base/buf.h"
#include "engine/audit/audit_store.h"
#include "os/os.h"

enum { CANONICAL_BYTES_MAX = 16384, SALT_BYTES = 16 };

/* Would this code point let text imitate structure: controls, separators, direction marks, the escape character
 * itself. */
static bool is_unsafe(int32_t c) {
    return c < 0x20 || c == '\\' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0x200e ||
           c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* Invariant 5 of audit.h: neutral, never empty, at most `max` bytes. */
static struct str neutral(struct arena *a, struct str s, size_t max) {
    struct buf b;
    if (s.len == 0) return S("-");
    buf_init(&b, a, s.len < max ? s.len + 16 : max, max + 16);
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        int32_t c = str_utf8_next(s, &at);
        struct str piece = str_sub(s, from, at - from);
        int n = 0;
        if (c < 0) n = 4;
        else if (c == '\\') n = 2;
        else if (is_unsafe(c)) n = 6;
        size_t add = n ? (size_t)n : piece.len;
        if (buf_str(&b).len + add + 3 > max) {
            buf_add(&b, S("…"));
            break;
        }
        if (c < 0) buf_add(&b, S("\\x")), buf_add_hex(&b, piece.ptr, 1);
        else if (c == '\\') buf_add(&b, S("\\\\"));
        else if (n) buf_add_fmt(&b, "\\u%04x", (unsigned)c);
        else buf_add(&b, piece);
    }
    return buf_str(&b);
}

int audit_note(struct store_tx *tx, struct home_id home, const struct audit_entry *entry, int64_t *ret_entry_id,
               struct err *e) {
    struct arena *a = store_arena(tx);
    const char *error = entry->result == AUDIT_OK ? "-" : err_name(entry->error);
    struct audit_row r = {
        .time_ms = store_now_ms(tx), .id = store_new_id(tx), .entry = *entry, .error_name = str_of(error)
    };
    struct audit_entry *t = &r.entry;
    t->result = entry->result == AUDIT_OK ? AUDIT_OK : AUDIT_REFUSED;
    r.outcome = t->result;
    t->role = neutral(a, entry->role, 64);
    t->act = neutral(a, entry->act, 64);
    t->purpose = neutral(a, entry->purpose, 200);
    t->object_kind = neutral(a, entry->object_kind, 64);
    t->request_id = neutral(a, entry->request_id, 64);
    t->source = neutral(a, entry->source, 64);
    t->detail = neutral(a, entry->detail, 1000);
    t->data_class = neutral(a, entry->data_class, 32);
    t->release_id = neutral(a, entry->release_id, 128);
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, "audit");
    int rc = audit_store_pend(tx, home, &r, e);
    if (rc == 0 && ret_entry_id) *ret_entry_id = r.id;
    return rc;
}

struct str audit_commitment(struct arena *a, enum suite s, struct str content, uint8_t ret_salt[SALT_BYTES]) {
    struct digest d;
    struct buf b;
    os_random(ret_salt, SALT_BYTES);
    struct str parts[2] = { str_make((const char *)ret_salt, SALT_BYTES), content };
    hash_parts(s, parts, 2, &d);
    buf_init(&b, a, 80, 80);
    buf_add(&b, s == SUITE_GM ? S("sm3:") : S("sha256:"));
    buf_add_hex(&b, d.v, DIGEST_BYTES);
    return buf_str(&b);
}

static void line_text(struct buf *b, struct str name, struct str value) {
    buf_add(b, name);
    buf_add_char(b, '=');
    buf_add(b, value);
    buf_add_char(b, '\n');
}

static void line_i64(struct buf *b, struct str name, int64_t value) {
    buf_add(b, name);
    buf_add_char(b, '=');
    buf_add_i64(b, value);
    buf_add_char(b, '\n');
}

struct str audit_canonical(struct arena *a, struct home_id home, const struct audit_row *r) {
    const struct audit_entry *t = &r->entry;
    struct buf b;
    buf_init(&b, a, 1024, CANONICAL_BYTES_MAX);
    buf_add(&b, S("tongban audit entry 1\n"));
    line_i64(&b, S("home"), home.v);
    line_i64(&b, S("seq"), r->number);
    line_i64(&b, S("time_ms"), r->time_ms);
    line_i64(&b, S("id"), r->id);
    line_i64(&b, S("actor"), t->actor);
    line_i64(&b, S("on_behalf"), t->on_behalf);
    line_text(&b, S("post"), t->role);
    line_text(&b, S("act"), t->act);
    line_text(&b, S("purpose"), t->purpose);
    line_text(&b, S("object_kind"), t->object_kind);
    line_i64(&b, S("object_id"), t->object_id);
    line_i64(&b, S("case_id"), t->case_id);
    line_i64(&b, S("outcome"), r->outcome);
    line_text(&b, S("error_name"), r->error_name);
    line_text(&b, S("request_id"), t->request_id);
    line_text(&b, S("source"), t->source);
    line_text(&b, S("detail"), t->detail);
    line_i64(&b, S("subject_person"), t->subject_person);
    line_text(&b, S("data_class"), t->data_class);
    line_text(&b, S("release_id"), t->release_id);
    return buf_ok(&b) ? buf_str(&b) : S("");
}

/* The root of the block that `leaf` completes: the small edges and the leaf, folded as a tree of their own. */
static void block_root(const struct merkle *m, const struct digest *leaf, struct digest *ret) {
    struct merkle block = { .suite = m->suite, .n = AUDIT_BLOCK - 1 };
    for (unsigned k = 0; (AUDIT_BLOCK - 1) >> k; k++) block.edge[k] = m->edge[k];
    merkle_append(&block, leaf);
    merkle_root(&block, ret);
}

static int append(struct store_tx *tx, struct home_id home, struct merkle *m, struct audit_row *r, struct err *e) {
    r->number = (int64_t)m->n + 1;
    struct str bytes = audit_canonical(store_arena(tx), home, r);
    if (!bytes.len) return err_set(e, ERR_MEMORY, "audit");
    merkle_leaf(m->suite, bytes, &r->leaf);
    int rc = audit_store_number(tx, home, r, e);
    if (rc == 0 && m->n % AUDIT_BLOCK == AUDIT_BLOCK - 1) {
        struct digest root;
        block_root(m, &r->leaf, &root);
        rc = audit_store_block_put(tx, home, m->n / AUDIT_BLOCK, &root, e);
    }
    if (rc == 0) merkle_append(m, &r->leaf);
    return rc;
}

int audit_sequence(struct store_tx *tx, struct home_id home, enum suite s, size_t max, size_t *ret_n, struct err *e) {
    struct merkle m;
    bool found;
    size_t n = 0;
    if (max > AUDIT_BATCH_MAX) max = AUDIT_BATCH_MAX;
    struct audit_row *rows = arena_array(store_arena(tx), max + 1, sizeof *rows);
    if (!rows) return err_set(e, ERR_MEMORY, "audit");
    int rc = audit_store_tree(tx, home, &m, &found, e);
    if (rc == 0) rc = audit_store_pending(tx, home, rows, max, &n, e);
    if (rc == 0 && !found) {
        m.suite = s;
        rc = audit_store_tree_new(tx, home, &m, e);
    }
    uint64_t before = m.n;
    for (size_t i = 0; rc == 0 && i < n; i++) rc = append(tx, home, &m, &rows[i], e);
    if (rc == 0 && n) rc = audit_store_tree_put(tx, home, &m, before, e);
    if (rc == 0) *ret_n = n;
    return rc;
}
