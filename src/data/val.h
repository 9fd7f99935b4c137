/* val: one tree for what JSON, YAML and forms say and what templates read. Lives in one arena; immutable once handed on.
 * A number keeps its literal text (decimal, as JSON writes it), so that no digit of an amount or an id is lost.
 * `line` is the 1-based source line, 0 for values made by the program.
 */
#ifndef DATA_VAL_H
#define DATA_VAL_H

#include "base/arena.h"
#include "base/err.h"

enum val_kind { VAL_NULL, VAL_BOOL, VAL_NUM, VAL_STR, VAL_HTML, VAL_LIST, VAL_MAP };

struct val;
struct val_pair {
    struct str key;
    struct val *value;
    uint32_t line;
};

struct val {
    enum val_kind kind;
    uint32_t line;
    union {
        bool b;
        struct str s; /* NUM: literal; STR: text; HTML: markup made by our own C or by a template, never by a person */
        struct {
            struct val **item;
            size_t n, cap;
        } list;
        struct {
            struct val_pair *pair; /* in source order, keys unique */
            size_t n, cap;
        } map;
    } u;
};

/* Building. Each returns NULL when the arena overflowed; adders accept NULL and do nothing, so a tree is built freely and the
 * arena tested once. Text is borrowed: copy with arena_str first if it does not live as long. */
struct val *val_null(struct arena *a);
struct val *val_bool(struct arena *a, bool b);
struct val *val_i64(struct arena *a, int64_t v);
struct val *val_num(struct arena *a, struct str literal);
struct val *val_str(struct arena *a, struct str s);
struct val *val_html(struct arena *a, struct str s);
struct val *val_list(struct arena *a);
struct val *val_map(struct arena *a);
void val_push(struct arena *a, struct val *list, struct val *item);
/* Sets or replaces a key. */
void val_put(struct arena *a, struct val *map, struct str key, struct val *value);
/* Adds a key that the caller knows is not in the map. */
void val_add(struct arena *a, struct val *map, struct str key, struct val *value);
void val_put_str(struct arena *a, struct val *map, struct str key, struct str s);
void val_put_i64(struct arena *a, struct val *map, struct str key, int64_t v);
void val_put_bool(struct arena *a, struct val *map, struct str key, bool b);
/* Deep copy into `a`, texts too. */
struct val *val_copy(struct arena *a, const struct val *v);

/* Reading. All accept NULL and the wrong kind, and answer with nothing. */
const struct val *val_get(const struct val *map, struct str key);      /* NULL if absent */
const struct val *val_path(const struct val *map, struct str dotted);  /* "a.b.0.c" */
struct str val_text(const struct val *v);                              /* STR, HTML or NUM text; "" otherwise */
struct str val_get_str(const struct val *map, struct str key);
int64_t val_get_i64(const struct val *map, struct str key, int64_t otherwise);
bool val_get_bool(const struct val *map, struct str key, bool otherwise);
bool val_to_i64(const struct val *v, int64_t *ret); /* NUM or STR holding a whole number */
size_t val_pairs(const struct val *v);                                 /* pairs of a map; 0 for anything else: for loops over u.map */
size_t val_count(const struct val *v);                                 /* items or pairs; 0 otherwise */
const struct val *val_item(const struct val *list, size_t i);          /* NULL outside */
/* Of a field that may be said once or many times: how many (0: NULL), the i-th, and whether one of them is this text. */
size_t val_many(const struct val *v);
const struct val *val_nth(const struct val *v, size_t i);
bool val_says(const struct val *v, struct str text);
bool val_truthy(const struct val *v); /* Mustache's sense: false, null, "" , empty list are false */
bool val_equal(const struct val *a, const struct val *b);              /* map order does not count; numbers by literal */

#endif
