/* audit_places: single cells of an audit log, changed in one byte behind the engine's back, and put back. Tests
 * only. */
#ifndef ENGINE_AUDIT_AUDIT_PLACES_FIXTURE_H
#define ENGINE_AUDIT_AUDIT_PLACES_FIXTURE_H
#include "base/buf.h"
#include "engine/audit/audit_fixture.h"

struct audit_column;
/* One cell: read, changed in one byte, put back. */
struct audit_place {
    const struct audit_column *c;
    int64_t key;
    uint64_t r;
    bool restore, changed;
    int64_t was_i, now_i;
    char was[4096], now[4096];
    size_t n;
};


/* The cell of column `name` ("entry.post") in the row of that number, size or block. */
struct audit_place audit_place_of(const char *name, int64_t key);
/* A body: changes the cell (arg) by the bits of `r`, or puts it back where `restore` is set. */
int audit_place_change(struct store_tx *tx, struct store_job *job, struct err *e);
/* Changes `places` cells of a log of `entries` with a head each `head_every`, one at a time: verifies, puts back; how
 * many were found. `out` (may be NULL) gets a line for each: "TABLE.COLUMN KEY VALUE FAULTS KIND...". */
unsigned audit_places_flip(struct audit_fixture *f, unsigned places, unsigned entries, unsigned head_every,
                           struct buf *out);

#endif
