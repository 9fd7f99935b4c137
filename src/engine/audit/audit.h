/* audit: who did what, for whom, under which power, to which object, with what outcome; in an order and a form that
 * nobody can change unseen.
 *
 * An act writes its entry in its own transaction (audit_note). A leased sequencer later gives the committed entries
 * of a home dense numbers 1, 2, 3... and appends them to one Merkle tree (RFC 9162); `keys` signs the head of the
 * tree each second or each 1,000 entries. Who keeps a signed head elsewhere can prove that nothing before it has
 * changed.
 *
 * Invariants
 *  1. No act without its entry: both are rows of one transaction. A refused act leaves an entry too
 *     (store_job.refused).
 *  2. An entry is never updated. Numbers are dense per home and follow commit visibility, not the clock: within one
 *     batch entries stand in order of (time, id).
 *  3. The leaf of entry n is index n-1 of the tree, over the canonical bytes of the whole entry, number included.
 *     There is no second chain.
 *  4. A head is signed outside any transaction, for a size and root that are already committed, and only with the proof that its tree
 *     continues the one that was signed before.
 *  5. Texts are stored neutral: control characters, line and paragraph separators, direction marks and malformed
 *     UTF-8 stand as backslash escapes; the empty text is "-". So no entry can imitate another or break a log line.
 *  6. No personal content: `detail` is text without it, or a salted commitment (audit_commitment).
 *
 * What the signatures do not cover is stated, never hidden: the *unsealed window*, entries after the last signed head
 * and entries not yet numbered.
 */
#ifndef ENGINE_AUDIT_AUDIT_H
#define ENGINE_AUDIT_AUDIT_H
#include "crypto/crypto.h"
#include "store/store.h"

enum audit_result { AUDIT_OK = 0, AUDIT_REFUSED = 1 };

/* What an act tells. Ids are 0 and texts empty where there is none. Over-long text is cut and ends in "…". */
struct audit_entry {
    int64_t actor;          /* person who acted; 0: the system itself, or nobody signed in */
    int64_t on_behalf;      /* person or organisation for whom, or the officer in whose place, where that is another */
    struct str role;        /* post or role under which the power was held, at most 64 bytes */
    struct str act;         /* name in the act table, 64 */
    struct str purpose;     /* 200 */
    struct str object_kind; /* 64 */
    int64_t object_id;
    int64_t case_id;
    enum audit_result result;
    int error;              /* err code of a refusal; 0 for AUDIT_OK */
    struct str request_id;  /* 64 */
    struct str source;      /* network address of the caller, 64 */
    struct str detail;      /* 1,000 */
    int64_t subject_person; /* whose personal data it was, for "who looked at my data" */
    struct str data_class;  /* class of that data, 32 */
    struct str release_id;  /* 128 */
};

/* Writes one unsequenced entry at the job's time, in the act's own transaction. ERR_DUPLICATE cannot happen;
 * what fails (ERR_STORE...) must fail the act. `ret_entry_id` may be NULL. */
int audit_note(struct store_tx *tx, struct home_id home, const struct audit_entry *entry, int64_t *ret_entry_id,
               struct err *e);

/* "sm3:HEX" or "sha256:HEX" over a fresh 16-byte salt and `content`: proves later, to whoever shows both, what
 * was meant. The salt is not in the text: keep it in the row that holds the content, so that both are erased
 * together. */
struct str audit_commitment(struct arena *a, enum suite s, struct str content, uint8_t ret_salt[16]);

/* ---- the sequencer ---- */
enum { AUDIT_BATCH_MAX = 1000, AUDIT_HEAD_EVERY_MS = 1000, AUDIT_HEAD_EVERY_ENTRIES = 1000 };

/* A head of the tree; signed once `signature` is there. All in the caller's arena. */
struct audit_head {
    struct home_id home;
    uint64_t size;
    struct digest root;
    int64_t time_ms;
    enum suite suite;
    uint32_t key_id; /* audit_key_id of the signing key */
    struct str signature;
};
/* The bytes that are signed; `keys` and every verifier make them alike. */
struct str audit_head_message(struct arena *a, const struct audit_head *h);
/* First four bytes of the hash of the SubjectPublicKeyInfo. */
uint32_t audit_key_id(enum suite s, struct str public_spki_der);
/* Signature and key id under a trusted key. */
bool audit_head_genuine(const struct audit_head *h, struct str public_spki_der);

/* Numbers and chains at most `max` (<= AUDIT_BATCH_MAX) committed entries; a body for a BULK job that holds the
 * lease. `s` is taken when the home's tree begins, and stays. */
int audit_sequence(struct store_tx *tx, struct home_id home, enum suite s, size_t max, size_t *ret_n, struct err *e);
/* Whether a head is due at the job's time: more entries than the last head has, and a second passed or 1,000 came (or
 * `force`). Fills home, size, root, time, suite. */
int audit_head_due(struct store_tx *tx, struct home_id home, bool force, bool *ret_due, struct audit_head *ret,
                   struct err *e);
/* Stores a signed head. ERR_CONFLICT if the tree is smaller or of another root: an old sequencer woke up. */
int audit_head_put(struct store_tx *tx, const struct audit_head *h, struct err *e);
/* The newest signed head; ERR_NOT_FOUND if there is none. Keep it elsewhere. */
int audit_head_last(struct store_tx *tx, struct home_id home, struct audit_head *ret, struct err *e);

/* That the tree of a head continues the tree of the first `from` entries: RFC 9162 section 2.1.4. */
struct audit_growth {
    uint64_t from; /* 0: there was none, and the path is empty */
    struct digest path[64];
    size_t path_n;
};
/* The proof for the tree of `size` entries, from the rows: of what came since, and of little before it. ERR_DAMAGED if rows are missing. */
int audit_prove_growth(struct store_tx *tx, struct home_id home, uint64_t size, uint64_t from, struct audit_growth *ret, struct err *e);

/* Asks `keys` to sign: fills key_id and signature (in `a`). Called outside every transaction. ERR_CONFLICT: what was signed before is
 * larger, or the proof does not hold: the log was put back or rewritten. ERR_STATE: another head was the last. */
typedef int audit_sign(void *context, struct arena *a, struct audit_head *h, const struct audit_growth *g, struct err *e);
/* The head that `keys` signed last; ERR_NOT_FOUND. */
typedef int audit_signed(void *context, struct arena *a, struct home_id home, struct audit_head *ret, struct err *e);
/* One turn of the sequencer for one home, from its own thread: lease, a batch, and a head where due. Call again
 * at once while *ret_more; else at the next commit hint or after 250 ms. ERR_CONFLICT: another holds the lease. ERR_DAMAGED: `keys` refuses
 * to sign, because the log does not continue what it signed last. */
struct audit_sequencer {
    struct store *store;
    struct home_id home;
    enum suite suite;
    struct str holder; /* this process: host and process number */
    audit_sign *sign;
    audit_signed *last;
    void *context;
    /* kept from turn to turn; begin with 0 */
    int64_t fence;
    bool knows; /* what `keys` signed last: */
    uint64_t signed_size;
};
int audit_sequencer_turn(struct audit_sequencer *q, bool force_head, bool *ret_more, struct err *e);

/* ---- reading ---- */
struct audit_row {
    int64_t number; /* dense per home, from 1 */
    int64_t id, time_ms;
    struct audit_entry entry; /* texts as stored: neutral; `error` is 0, see error_name */
    int64_t outcome;          /* 0 done, 1 refused: as it stands in the row */
    struct str error_name;    /* "ERR_FORBIDDEN" or "-" */
    struct digest leaf;
};
/* The canonical bytes of an entry: what its leaf is the hash of. */
struct str audit_canonical(struct arena *a, struct home_id home, const struct audit_row *r);

/* All that is set must hold (0 and empty: any); times are half-open [from_ms, to_ms), to_ms 0: open. */
struct audit_filter {
    int64_t actor, object_id, case_id, subject_person, from_ms, to_ms;
    int64_t not_actor; /* by anybody else */
    struct str act, object_kind;
    bool back; /* oldest first, with numbers above `before` */
};
enum { AUDIT_PAGE_MAX = 200 };
/* Numbered entries, newest first, with numbers below `before` (0: from the newest); at most `max` <= AUDIT_PAGE_MAX
 * into rows[]. A search by time alone walks back from the newest. */
int audit_find(struct store_tx *tx, struct home_id home, const struct audit_filter *f, int64_t before,
               struct audit_row *rows, size_t max, size_t *ret_n, struct err *e);
/* How many there are. Of a filter the newest AUDIT_COUNTED_MAX entries that its index leads to are looked at; where there are others
 * behind, `more`: at least so many. */
enum { AUDIT_COUNTED_MAX = 3000 };
struct audit_counted {
    size_t n;
    bool more;
};
int audit_count(struct store_tx *tx, struct home_id home, const struct audit_filter *f, struct audit_counted *ret, struct err *e);
/* Entries about person `subject`'s data, the same way: "who looked at my data". `actor`: what this account did itself (`own`), or what
 * all others did; 0: both. */
int audit_of_person_reads(struct store_tx *tx, struct home_id home, int64_t subject, int64_t actor, bool own, int64_t before,
                          struct audit_row *rows, size_t max, size_t *ret_n, struct err *e);
/* Entries after number `after` in rising order: for consumers that keep a cursor. */
int audit_seq_after(struct store_tx *tx, struct home_id home, int64_t after, struct audit_row *rows, size_t max,
                    size_t *ret_n, struct err *e);

/* Entries not numbered yet, and the time of the oldest (0 if none). */
int audit_waiting(struct store_tx *tx, struct home_id home, int64_t *ret_n, int64_t *ret_oldest_ms, struct err *e);

/* One entry's proof against the newest signed head: canonical bytes, place, path, head. ERR_STATE while unsealed,
 * ERR_DAMAGED if the rows do not give the head's root. */
struct audit_proof {
    struct str canonical;
    uint64_t index;
    struct digest path[64];
    size_t path_n;
    struct audit_head head;
};
int audit_prove(struct store_tx *tx, struct home_id home, int64_t number, struct audit_proof *ret, struct err *e);
/* Needs no store: for whoever was handed a proof and trusts a public key. */
bool audit_proof_check(const struct audit_proof *p, struct str public_spki_der);

/* ---- verification ---- */
enum audit_fault_kind {
    AUDIT_FAULT_MISSING,   /* a number is not there */
    AUDIT_FAULT_ALTERED,   /* an entry does not give its leaf */
    AUDIT_FAULT_TREE,      /* the frontier or a block does not fit the entries */
    AUDIT_FAULT_HEAD,      /* a head does not fit the entries up to its size: something up to it was rewritten */
    AUDIT_FAULT_SIGNATURE, /* a head was not signed by the trusted key */
    AUDIT_FAULT_ROLLBACK,  /* the head kept elsewhere is ahead of the log, or tells another root */
};
struct audit_fault {
    enum audit_fault_kind kind;
    uint64_t first, last; /* numbers between which the fault lies */
};
enum { AUDIT_FAULTS_MAX = 32 };
struct audit_report {
    uint64_t entries; /* numbered */
    uint64_t heads;
    uint64_t sealed;          /* size of the last genuine head: everything up to it is proved */
    int64_t sealed_ms;        /* its time */
    uint64_t unsealed;        /* numbered after it: a change there, made together with the tree, cannot be seen */
    uint64_t pending;         /* written, not yet numbered */
    int64_t unsealed_from_ms; /* time of the oldest unsealed or pending entry; 0 if none */
    uint64_t kept, kept_held; /* heads from elsewhere; those of them that the log was met with */
    struct audit_fault fault[AUDIT_FAULTS_MAX];
    size_t n_faults;     /* in fault[] */
    uint64_t all_faults; /* counted */
};
const char *audit_fault_name(enum audit_fault_kind k);
/* Reads the whole log of a home in slices (READ jobs) and fills the report. 0 when it could be read to the end,
 * whatever was found: the log is sound if report->all_faults is 0. `kept`: heads from elsewhere (audit_kept.h), or NULL. */
struct audit_kept;
int audit_verify(struct store *s, struct home_id home, struct str trusted_public_spki, const struct audit_kept *kept,
                 struct audit_report *report, struct err *e);

#endif
