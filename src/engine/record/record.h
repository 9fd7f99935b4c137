/* record: registries. A record type is JSON Schema 2020-12 in YAML with annotations; from that one text come the table, the checks, the
 * statements, the lists and the masks.
 *
 * Invariants
 *  1. One row per version of a record; a version is never changed. The newest has current = 1. Nothing is deleted: an end is a state.
 *  2. Elements stand sealed in `body` under the data key of the record's owner (the record itself, or the person an element names
 *     as owner); beside it stand only index columns: blind (HMAC) for personal elements, plain for the others.
 *  3. Every element carries its source and the time it came, packed inside the body.
 *  4. Each row has a MAC over its columns; a row that fails it is not served (ERR_DAMAGED).
 *  5. A personal element leaves this engine masked (by its x-mask; without one, wholly) unless the caller asked for clear text under an
 *     act (record.unmask, or a case in which the person applies), which is an audit entry with the person as subject.
 *  6. What is searched (x-search) is found by words that are written with the record, for each division that holds it and for the realm
 *     (record_words.c), and only while it says so: an earlier name finds nobody.
 *  7. Who keeps a registry (record_keep.c) reaches its records by the grants of the system that declares the type, within the divisions
 *     of his posts' units; a record without the element `division` by scope `all` alone. What lies outside does not exist for him.
 *
 * Annotations: x-key (element that identifies), x-source (authoritative source), x-sources (code set of other sources), x-purposes (code
 * set of what the whole record may be looked at for; without it nobody may), x-owner (element whose record owns the key),
 * on a property: title, x-code (code set), format (words of engine/code/code_check.h), x-sensitivity (public | internal | personal),
 * x-index (plain | blind), x-mask (words of code_mask), x-ref (record type), x-search (name: by parts, pinyin, initials, nearly; exact:
 * whole), maxLength, pattern-free.
 */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H
#include "engine/act/act.h"

enum record_kind { RECORD_TEXT = 1, RECORD_INTEGER, RECORD_DATE, RECORD_CODE, RECORD_REF, RECORD_FLAG };
enum record_index { RECORD_NO_INDEX, RECORD_PLAIN, RECORD_BLIND };
enum record_searched { RECORD_UNSEARCHED, RECORD_BY_NAME, RECORD_EXACTLY };

struct record_field {
    struct str name, title, code, format, ref, mask; /* mask: word of code_mask, empty for clear */
    enum record_kind kind;
    enum record_index index;
    enum record_searched searched;
    bool required, personal;
    size_t length_max; /* code points */
};
enum { RECORD_FIELDS_MAX = 64, RECORD_INDEXES_MAX = 12, RECORD_SEARCHED_MAX = 6 };
struct record_type {
    struct str id, title, source, key, table;
    struct str sources, purposes; /* code sets; may be empty */
    struct record_field *field;
    size_t n_fields;
    size_t index[RECORD_INDEXES_MAX]; /* field numbers */
    size_t n_indexes, n_searched; /* n_searched: how many elements are */
    struct str ddl; /* portable, additive; run at activation */
    struct store_stmt insert, retire, by_id, history, ids, *find; /* find: one per index */
};

/* Compiles records/NAME.yaml; an unknown keyword or annotation is an error with file:line. */
int record_compile(struct arena *a, struct str file, const struct val *yaml,
                   const struct record_type **ret, struct err *e);
const struct record_field *record_field(const struct record_type *t, struct str name);

/* Checks values against the type: required, length, format, check digits, code sets (through `m`). */
int record_check(const struct record_type *t, const struct system *m, const struct val *values, struct err *e);
int record_check_element(const struct record_field *f, const struct system *m, struct str value, struct err *e);
/* An element as it is kept: numbers of documents without blanks, in capitals. In `a`. */
struct str record_clean(struct arena *a, const struct record_field *f, struct str typed);

/* A new record (id 0) or the next version. Within an open act; values replace, absent elements stay. `source` names who says so.
 * ERR_DUPLICATE if the key is taken, ERR_STATE if the record has ended. */
int record_put(struct act *act, const struct record_type *t, const struct system *m, int64_t id,
               const struct val *values, struct str source, int64_t *ret_id, struct err *e);

struct record {
    int64_t id, version, recorded_ms, division;
    int64_t by;              /* account that wrote this version */
    struct str state;        /* "active" or "ended" */
    struct str source, why;  /* why: the words of who wrote it, may be empty */
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
/* The same by what the index holds (record_token), behind id `after`. */
int record_find_token(struct store_tx *tx, const struct realm *r, const struct record_type *t, const struct record_field *f,
                      struct str token, int64_t after, int64_t *ids, size_t max, size_t *n, struct err *e);
/* Masks by the type: a copy in `a`. */
struct val *record_masked(struct arena *a, const struct record_type *t, const struct val *values);
/* All versions, oldest first: list of {version, recorded_ms, by, state, source, why, values}. */
int record_history(struct store_tx *tx, const struct realm *r, const struct record_type *t,
                   int64_t id, struct val **ret, struct err *e);

/* ---- for those who keep a registry (record_keep.c): each is one act ---- */
struct record_registry {
    const struct system *system; /* that declares the type */
    const struct record_type *type;
};
enum { RECORD_REGISTRIES_MAX = 64, RECORD_LOOK_MS = 5 * 60000, RECORD_WORDS_MAX = 200 };
/* The types whose system grants `who` this act; how many. */
size_t record_registries(const struct realm *r, const struct actor *who, struct str act, struct record_registry *ret, size_t max);
/* One of them by its id; ERR_NOT_FOUND. */
int record_registry(const struct realm *r, const struct actor *who, struct str act, struct str type, struct record_registry *ret,
                    struct err *e);
/* Is the record about a person (has the type personal elements)? Then the person is the record. */
bool record_personal(const struct record_type *t);
/* What an address may say in place of a value to be found: the value of a plain index, the blind one of a personal element. */
struct str record_token(struct arena *a, const struct realm *r, const struct record_type *t, const struct record_field *f,
                        struct str value);
/* record.read: records whose element has this token, behind id `after`, which `who` may see: at most `max` maps {id, version, state,
 * values (masked)} and a note in the log for each. *ret_next: where to go on, 0 at the end. */
/* Does the token reach the record as those who keep its registry are judged? 0, ERR_NOT_FOUND: it lies outside, or the token's grants are
 * of another system; ERR_FORBIDDEN: no condition holds. For explaining a right. */
int record_reached(struct store_tx *tx, const struct realm *r, const struct scope_token *t, struct str type, int64_t id, struct err *e);
int record_search(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                  const struct record_field *f, struct str token, int64_t after, size_t max, struct val **ret, int64_t *ret_next,
                  struct err *e);
/* record.read: records by what was typed, within the reader's divisions (record_find.c): a number whole, or a name, whole ones first, then
 * those that have it as a part, in pinyin or by initials; where there is none, names that are nearly that. Each that is shown is an entry
 * with the purpose of searching, else the search itself; neither says what was typed. At most `max` maps as of record_search. At most
 * RECORD_LOOKED_MAX records are opened for a page: `cut` then, and `at` says where to go on, as it does where there are more; all zero:
 * that was all. `near`: they are nearly what was typed. */
struct record_found_at {
    int64_t pass, id; /* pass: how, 0 to RECORD_PASSES - 1 */
};
enum { RECORD_TYPED_MAX = 60, RECORD_LOOKED_MAX = 200, RECORD_PASSES = 4 };
struct record_typed {
    struct str typed; /* at most RECORD_TYPED_MAX characters are looked at */
    size_t max;
    struct record_found_at at;
    bool cut, near;
};
int record_find_typed(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                      struct record_typed *q, struct val **ret, struct err *e);
/* May it be looked for? ERR_CHECK_DIGIT where it is a number that is nobody's. */
int record_typed_check(struct arena *a, const struct record_type *t, struct str typed, struct err *e);
/* Words of the records that stand, behind id `after`, as they are now written: at most `max`. *ret_last: the last one looked at; 0: there
 * was none. Once more changes nothing. */
int record_words_again(struct store_tx *tx, const struct realm *r, const struct record_type *t, int64_t after, size_t max,
                       int64_t *ret_last, struct err *e);
/* Are both searched by the same elements in the same way? */
bool record_searched_alike(const struct record_type *x, const struct record_type *y);
/* record.read: one record, masked; all its versions, masked, oldest first. */
int record_look(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g, int64_t id,
                struct record *ret, struct err *e);
int record_look_back(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g, int64_t id,
                     struct val **ret, struct err *e);
/* record.unmask: for RECORD_LOOK_MS this session of `who` may see the record in clear. `purpose` is a code of x-purposes, `why` free
 * words, sealed under the record's key; the log has the purpose's title, and of the words only a commitment. Faults name the fields
 * "purpose" and "why". */
int record_unmask(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g, int64_t id,
                  struct str purpose, struct str why, struct err *e);
/* record.read with that purpose: the record in clear while it lasts. ERR_STATE if it does not. */
int record_clear(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g, int64_t id,
                 struct record *ret, struct str *ret_purpose, int64_t *ret_until_ms, struct err *e);
/* record.put, record.end. `version` is the one that was seen: ERR_CONFLICT if there is a newer one, ERR_STATE if it has ended. `source` is
 * a title of record_source, `why` words for the history; faults name "source" and "why", or an element. */
struct record_change {
    int64_t id, version; /* 0, 0: a new record */
    const struct val *values;
    struct str source, why;
    int64_t case_id; /* in which it was decided; 0: none */
};
int record_keep(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                const struct record_change *c, int64_t *ret_id, struct err *e);
int record_end(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
               const struct record_change *c, struct err *e);
/* The i-th source that a change may name: the authoritative one, then the titles of x-sources; empty behind the last. */
struct str record_source(const struct record_registry *g, size_t i);
/* The same as record_put and the next version of state "ended"; for record_keep.c. */
int record_write(struct act *act, const struct record_type *t, const struct system *m, const struct record_change *c, struct str state,
                 int64_t *ret_id, struct err *e);

/* Data keys, for every engine that seals something of an owner. `make` creates a missing key (never in a READ job). */
int record_key(struct store_tx *tx, const struct realm *r, int64_t owner, bool make,
               struct data_key *ret, struct err *e);
#endif
