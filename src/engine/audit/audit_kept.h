/* audit_kept: signed heads that somebody keeps outside the store, so that a store put back to an earlier state, or rewritten with all
 * its heads, is found. In a file a head is one line, a JSON object (RFC 8259); a file holds any number of them, the newest last or not:
 *
 *   {"home":1,"size":525,"root":"HEX","time_ms":1763946000000,"suite":1,"key_id":123,"signature":"HEX"}
 *
 * `size` is the RFC 9162 tree size, `root` its root hash; `suite` 1 is SHA-256 with ECDSA P-256, 2 is SM3 with SM2; `signature` is DER
 * over the lines of audit_head_message. What the consistency proof of RFC 9162 would show between two heads is shown here by building
 * the tree again: whoever holds the log needs no proof of it.
 */
#ifndef ENGINE_AUDIT_AUDIT_KEPT_H
#define ENGINE_AUDIT_AUDIT_KEPT_H
#include "base/buf.h"
#include "engine/audit/audit.h"

enum { AUDIT_KEPT_MAX = 1000, AUDIT_KEPT_LINE_BYTES_MAX = 1024, AUDIT_KEPT_BYTES_MAX = 1024 * 1024 };
struct audit_kept {
    struct audit_head head[AUDIT_KEPT_MAX + 1]; /* by rising size; one more than a file may bring */
    size_t n;
};
/* The line of one head. */
void audit_kept_write(struct buf *b, const struct audit_head *h);
/* The heads of a file's text into the arena; empty lines are skipped. ERR_SYNTAX with the line in e->line; ERR_LIMIT. */
int audit_kept_read(struct arena *a, struct str text, struct audit_kept *ret, struct err *e);
/* One more, at its place. ERR_LIMIT. */
int audit_kept_add(struct audit_kept *k, const struct audit_head *h, struct err *e);

/* Whether a head can be held against this log at all. */
enum audit_kept_fault {
    AUDIT_KEPT_OURS = 0,
    AUDIT_KEPT_FOREIGN, /* another home's, or under another key: of another installation, or this one's keys were replaced */
    AUDIT_KEPT_CHANGED, /* ours by its key, but not as it was signed */
};
enum audit_kept_fault audit_kept_judge(const struct audit_head *h, struct home_id home, struct str public_spki_der);

#endif
