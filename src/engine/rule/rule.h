/* rule: decisions. FEEL expressions and unary tests (DMN 1.5 chapter 10) and decision models (chapters 6-8):
 * tables with every hit policy, boxed expressions, knowledge models, services, item definitions, imports.
 *
 * Compiled once, evaluated often: an expression or model is immutable after compilation and may be used by many
 * threads.
 *
 * Invariants
 *  1. Everything is bounded: nesting at compile time, steps, depth and memory (the arena) at run time. A breach is
 *     an error, never a wrong answer.
 *  2. What FEEL leaves undefined is null, never an error (section 10.3.1.2); a condition that is null does not hold.
 *  3. Numbers are decimals of 34 digits; text is counted by code point; names are compared with runs of blanks as
 *     one blank.
 *
 * Values cross the border as struct val: dates, times and durations as text in the forms of FEEL ("2026-11-21", "P3D").
 */
#ifndef ENGINE_RULE_H
#define ENGINE_RULE_H

#include "data/val.h"

enum {
    RULE_STEPS_MAX = 5000000,  /* nodes evaluated in one call */
    RULE_DEPTH_MAX = 400,      /* nested evaluations */
    RULE_NESTING_MAX = 80,     /* nested parts of one text */
    RULE_TEXT_BYTES_MAX = 64 * 1024,
    RULE_ITEMS_MAX = 1000000,  /* items made by one iteration */
    RULE_IMPORTS_MAX = 7,
    RULE_ROWS_MAX = 2000,
    RULE_COLUMNS_MAX = 64,
};

enum feel_kind { FEEL_EXPRESSION, FEEL_UNARY_TESTS };

struct feel;

/* Compiles `text`, which is borrowed. `names`: names of the context that hold blanks or signs, to be read as one;
 * may be NULL, then only plain names and names of words parted by blanks are known. ERR_SYNTAX with line, and
 * column in the detail; ERR_LIMIT; ERR_MEMORY. */
int feel_compile(struct arena *a, struct str text, enum feel_kind kind, const struct str *names, size_t n_names,
                 struct feel **ret, struct err *e);
/* The value of an expression in a context (a map or NULL). *ret lives in `a`. ERR_LIMIT, ERR_MEMORY. */
int feel_eval(const struct feel *f, const struct val *context, struct arena *a, struct val **ret, struct err *e);
/* Whether a condition is true, or the unary tests accept `input`; null counts as false. */
int feel_test(const struct feel *f, const struct val *input, const struct val *context, struct arena *a, bool *ret,
    struct err *e);

struct model;

struct dmn_source {
    struct str file, bytes;
};

enum dmn_mode {
    DMN_STRICT,  /* any expression that does not compile refuses the model */
    DMN_LENIENT, /* it is a finding, and its decision is null */
};

/* Compiles a decision model and what it imports (found by namespace among `imports`; may be NULL). The bytes are
 * borrowed. ERR_SYNTAX with file and line, ERR_SYSTEM for what the standard forbids, ERR_LIMIT, ERR_MEMORY. */
int dmn_compile(struct arena *a, struct dmn_source source, const struct dmn_source *imports, size_t n_imports,
    enum dmn_mode mode, struct model **ret, struct err *e);
/* Evaluates a decision, decision service or knowledge-free input by name or id. `input` maps input data to values;
 * text is read as the date, time, duration, number or truth value that the declared type asks for.
 * `explain`, if not NULL, becomes a list of the tables evaluated: { table, hit, inputs: [{ name, value }], rules:
 * [number], ids: [text], output }, in the order of evaluation. ERR_NOT_FOUND, ERR_LIMIT, ERR_MEMORY. */
int dmn_decide(const struct model *m, struct str decision, const struct val *input, struct arena *a, struct val **ret,
               struct val **explain, struct err *e);
/* What is wrong or doubtful: a list of { kind: error | overlap | gap | unreachable | missing, where, line, text }. */
int dmn_check(const struct model *m, struct arena *a, struct val **ret, struct err *e);
/* What a text says by name, for who checks names before anything is decided (rule_mention.c). A decision's are told with those of the
 * decisions that it needs. `line` is of the model's file, 0 in a bare expression. */
enum rule_mention_kind {
    RULE_NAMES,    /* takes `name` from the context */
    RULE_MEMBER,   /* takes `name` from an item of one of its lists, or from the context */
    RULE_COMPARES, /* asks whether the context's `name` is, or holds, `text` */
    RULE_GIVES     /* may come out as `text`, or as a list that holds it */
};
struct rule_mention {
    enum rule_mention_kind kind;
    uint32_t line;
    struct str name, text;
};
typedef void rule_mentioned(void *to, const struct rule_mention *x);
void feel_mentions(const struct feel *f, rule_mentioned *tell, void *to);
void dmn_mentions(const struct model *m, struct str decision, rule_mentioned *tell, void *to);
/* The rows of a decision table in which every row that holds gives its own text (COLLECT, RULE ORDER): a list of { output, when:
 * [{ input, test }] }, both as they are written, entries that test nothing left out. NULL where the decision is no such table. */
struct val *dmn_rows(const struct model *m, struct str decision, struct arena *a);
/* The description of a table's n-th rule (from 1), as `explain` names both: what the rule says in words. Empty if it has none. */
struct str dmn_rule_text(const struct model *m, struct str table, int64_t number);
/* Names of the decisions, in document order: a list of { id, name, type: decision | service | input | knowledge }. */
struct val *dmn_elements(const struct model *m, struct arena *a);

#endif
