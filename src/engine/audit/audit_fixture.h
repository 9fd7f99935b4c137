/* audit_fixture: a log with entries and signed heads for the tests of this engine. Tests only. */
#ifndef ENGINE_AUDIT_AUDIT_FIXTURE_H
#define ENGINE_AUDIT_AUDIT_FIXTURE_H
#include "engine/audit/audit.h"

struct audit_fixture {
    struct store *store;
    struct home_id home;
    struct arena arena;
    struct sign_key *key;
    struct str public_key;
    struct audit_sequencer sequencer;
    unsigned signed_heads;
    struct audit_head last; /* signed, as keys remembers it */
    bool refuse_to_sign;
};

/* Ends the test program where something fails that is not under test. */
void audit_fixture_init(struct audit_fixture *f, struct store *s, enum suite suite, int64_t home);
void audit_fixture_done(struct audit_fixture *f);
/* Writes n entries in one transaction; no head. */
void audit_fixture_note(struct audit_fixture *f, size_t n);
/* Turns until nothing is pending, and a head at the end if `head`. */
void audit_fixture_seal(struct audit_fixture *f, bool head);
/* Runs one body in this home. */
enum store_outcome audit_fixture_run(struct audit_fixture *f, enum store_queue q, store_body *body, void *arg,
                                     struct err *e);
void audit_fixture_verify(struct audit_fixture *f, const struct audit_head *kept, struct audit_report *r);
bool audit_fixture_has(const struct audit_report *r, enum audit_fault_kind k);
/* Signs any head, as whoever holds the key can. */
int audit_fixture_sign(struct audit_fixture *f, struct arena *a, struct audit_head *h, struct err *e);
/* A copy of the newest head in the fixture's arena. */
struct audit_head audit_fixture_head(struct audit_fixture *f);

#endif
