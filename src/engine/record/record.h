/* record: registries. A record type is JSON Schema 2020-12 in YAML with annotations; from that one text come the table, the checks, the
 * statements, the lists and the masks.
 *
 * Invariants
 *  1. One row per version of a record; a version is never changed. The newest has current = 1. Nothing is deleted: an end is a state.
 *  2. Elements stand sealed in `body` under the data key of the record's owner (the record itself, or the person an element names
 *     as owner); beside it stand only index columns: blind (HMAC) for personal elements, plain for the others.
 *  3. Every element carries its source and the time it came, packed inside the body.
 *  4. Each row has a MAC over its columns; a row that fails it is not served (ERR_DAMAGED).
 *  5. A personal element leaves this engine masked unless the caller asked for clear text under an act (record.unmask, or a case
 *     in which the person applies), which is an audit entry with the person as subject.
 *
 * Annotations: x-key (element that identifies), x-source (authoritative source), x-owner (element whose record owns the key),
 * on a property: title, x-code (code set), format (words of engine/code/code_check.h), x-sensitivity (public | internal | personal),
 * x-index (plain | blind), x-mask (words of code_mask), x-ref (record type), maxLength, pattern-free.
 */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H
#include "engine/act/act.h"

enum record_kind { RECORD_TEXT = 1, RECORD_INTEGER, RECORD_DATE, RECORD_CODE, RECORD_REF, RECORD_FLAG };
enum record_index { RECORD_NO_INDEX, RECORD_PLAIN, RECORD_BLIND };

struct record_field {
    struct str name, title, code, format, ref, mask; /* mask: word of code_mask, empty for clear */
    enum record_kind kind;
    enum record_index index;
    bool required, personal;
    size_t length_max; /* code points */
};
enum { RECORD_FIELDS_MAX = 64, RECORD_INDEXES_MAX = 12 };
struct record_type {
    struct str id, title, source, key, table;
    struct record_field *field;
    size_t n_fields;
    size_t index[RECORD_INDEXES_MAX]; /* field numbers */
    size_t n_indexes;
    struct str ddl; /* portable, additive; run at activation */
    struct store_stmt insert, retire, by_id, history, *find; /* find: one per index */
};

/* Compiles records/NAME.yaml; an unknown keyword or annotation is an error with file:line. */
int record_compile(struct arena *a, struct str file, const struct val *yaml,
                   const struct record_type **ret, struct err *e);
const struct record_field *record_field(const struct record_type *t, struct str name);

/* Checks values against the type: required, length, format, check digits, code sets (through `m`). */
int record_check(const struct record_type *t, const struct system *m, const struct val *values, struct err *e);

/* A new record (id 0) or the next version. Within an open act; values replace, absent elements stay. `source` names who says so.
 * ERR_DUPLICATE if the key is taken. */
int record_put(struct act *act, const struct record_type *t, const struct system *m, int64_t id,
               const struct val *values, struct str source, int64_t *ret_id, struct err *e);

struct record {
    int64_t id, version, recorded_ms;
    struct str state, source;
    struct val *values;  /* element -> text */
    struct val *sources; /* element -> {source, at_ms} */
};
/* The current version in clear: for commands and for the person's own pages. ERR_NOT_FOUND, ERR_DAMAGED. The caller holds the right. */
int record_get(struct store_tx *tx, const struct realm *r, const struct record_type *t, int64_t id,
               struct record *ret, struct err *e);
/* Current records whose indexed element equals `value` (normalised as stored); ids ascending. */
int record_find(struct store_tx *tx, const struct realm *r, const struct record_type *t,
                struct str field, struct str value, int64_t *ids, size_t max, size_t *n,
                struct err *e);
/* Masks by the type: a copy in `a`. */
struct val *record_masked(struct arena *a, const struct record_type *t, const struct val *values);
/* All versions, oldest first: list of {version, recorded, state, source, values}. */
int record_history(struct store_tx *tx, const struct realm *r, const struct record_type *t,
                   int64_t id, struct val **ret, struct err *e);

/* Data keys, for every engine that seals something of an owner. `make` creates a missing key (never in a READ job). */
int record_key(struct store_tx *tx, const struct realm *r, int64_t owner, bool make,
               struct data_key *ret, struct err *e);
#endif
