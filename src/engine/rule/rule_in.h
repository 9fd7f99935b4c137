/* rule_in: what the files of the rule engine share and nobody else sees: values, times, types, expressions, models.
 *
 * Invariants
 *  1. A struct value is small and copied freely; what it points to is immutable and lives in the arena of the
 *     compilation or of the evaluation, or in the caller's input.
 *  2. Text of names is normalised: runs of blanks are one blank, none at the ends.
 *  3. Evaluating never fails on the kinds of values: what FEEL does not define is null (DMN 1.5 section 10.3.1.2).
 *     It fails only on the limits, and then every further step returns null at once (run->rc is sticky).
 */
#ifndef ENGINE_RULE_IN_H
#define ENGINE_RULE_IN_H

#include "data/decimal.h"
#include "data/tz.h"
#include "data/xml.h"
#include "engine/rule/rule.h"

/* ---- values (section 10.3.2) ---- */

enum kind {
    V_NULL, V_BOOL, V_NUM, V_STR, V_DATE, V_TIME, V_DATETIME, V_DTD, V_YMD, V_LIST, V_CTX, V_RANGE, V_FUNC, V_KINDS
};

struct date {
    int32_t year;
    uint8_t month, day;
};

enum zone { ZONE_NONE, ZONE_OFFSET, ZONE_NAMED };

/* A time, or a date and time. */
struct moment {
    struct date date;
    uint8_t hour, minute, second;
    enum zone zone;
    uint32_t nano;
    int32_t offset_s; /* ZONE_OFFSET; for a named zone that of the moment */
    const struct tz *tz;
    struct str tz_name;
};

/* Seconds and nanoseconds; nano has the sign of the whole or is 0. */
struct span {
    int64_t s;
    int32_t nano;
};

struct value;
struct list {
    struct value *item;
    size_t n;
};
struct entry;
struct ctx {
    struct entry *entry;
    size_t n;
};
struct range;
struct func;

struct value {
    enum kind kind;
    union {
        bool b;
        struct decimal num;
        struct str s;
        struct date date;
        const struct moment *at;
        struct span span;
        int64_t months;
        const struct list *list;
        const struct ctx *ctx;
        const struct range *range;
        const struct func *func;
    } u;
};

struct entry {
    struct str key;
    struct value value;
};

/* An end that is null and `open_end` is no bound ("< 5"); a null end otherwise makes the range undefined. */
struct range {
    struct value low, high;
    bool low_closed, high_closed, no_low, no_high;
};

enum func_kind { FUNC_WORD, FUNC_LAMBDA, FUNC_KNOWLEDGE, FUNC_SERVICE };
struct word;
struct node;
struct frame;
struct type;
struct element;
struct func {
    enum func_kind kind;
    const struct word *word;    /* WORD */
    const struct node *node;    /* LAMBDA: its N_FUNC */
    struct frame *env;          /* LAMBDA: where it was made */
    const struct element *element; /* KNOWLEDGE, SERVICE */
};

#define NULL_VALUE ((struct value){ .kind = V_NULL })
struct value rule_value_bool(bool b);
struct value rule_value_num(struct decimal d);
struct value rule_value_i64(int64_t v);
struct value rule_value_str(struct str s);

/* ---- evaluation ---- */

enum { RULE_SLOT_EMPTY, RULE_SLOT_BUSY, RULE_SLOT_DONE };
struct slot {
    uint8_t state;
    struct value value;
};

struct zone_name {
    struct str name;
    const struct tz *tz;
};

struct run {
    struct arena *arena;
    struct err *err;
    int rc;
    uint32_t steps, depth;
    const struct model *model;
    struct slot *slot;    /* one per element of the model */
    struct val *explain;  /* NULL: not wanted */
    int64_t now_ms;
    struct zone_name zone[8]; /* loaded so far */
    size_t n_zone;
};

/* One scope at run time. A `dynamic` one is the item of a filter, or the caller's context (`given`). */
struct frame {
    struct frame *up;
    struct value *v;
    size_t n;
    bool dynamic;
    struct value item;
    const struct val *given;
};

/* Sets the sticky failure; null. */
struct value rule_run_fail(struct run *run, int code, const char *what);
/* arena_alloc that fails the run. */
void *rule_run_alloc(struct run *run, size_t n, size_t size);

/* Growing list of values in the run's arena. */
struct vec {
    struct run *run;
    struct value *item;
    size_t n, cap;
};
void rule_vec_add(struct vec *v, struct value x);
struct value rule_vec_list(struct vec *v);
struct value rule_list_of(struct run *run, const struct value *item, size_t n);
struct value rule_ctx_of(struct run *run, struct entry *entry, size_t n); /* takes the array */
const struct value *rule_ctx_find(const struct ctx *c, struct str key);

/* ---- comparing (sections 10.3.2.13, 10.3.2.15) ---- */

enum tri { TRI_FALSE, TRI_TRUE, TRI_NULL };
struct value rule_value_tri(enum tri t);
enum tri rule_value_equal(struct run *run, struct value a, struct value b);
/* -1 0 1 in *ret; false where the two have no order. */
bool rule_value_order(struct run *run, struct value a, struct value b, int *ret);
enum tri rule_range_has(struct run *run, const struct range *r, struct value x);
struct value rule_value_add(struct run *run, struct value a, struct value b);
struct value rule_value_sub(struct run *run, struct value a, struct value b);
struct value rule_value_mul(struct run *run, struct value a, struct value b);
struct value rule_value_div(struct run *run, struct value a, struct value b);
struct value rule_value_pow(struct run *run, struct value a, struct value b);
struct value rule_value_neg(struct run *run, struct value a);
/* Property of a time, duration, range or entry of a context (section 10.3.2.4, table 65). */
struct value rule_value_get(struct run *run, struct value v, struct str name);

/* ---- border ---- */
struct value rule_value_of_val(struct run *run, const struct val *v);
struct val *rule_value_to_val(struct run *run, struct value v);
/* FEEL text, as string() shows it */
void rule_value_write(struct run *run, struct buf *b, struct value v, bool quoted);
struct value rule_value_text(struct run *run, struct value v);

/* ---- time (rule_time.c, rule_time_text.c) ---- */
int64_t rule_date_days(struct date d); /* since 1970-01-01; any year of FEEL */
struct date rule_date_of_days(int64_t days);
bool rule_date_valid(int64_t year, int64_t month, int64_t day);
bool rule_date_in_reach(int64_t year);
bool rule_date_parse(struct str s, struct date *ret);
bool rule_time_parse(struct run *run, struct str s, struct moment *ret);
bool rule_datetime_parse(struct run *run, struct str s, struct moment *ret);
/* Either duration. */
bool rule_duration_parse(struct str s, struct value *ret);
struct value rule_at_literal(struct run *run, struct str s); /* @"..." */
struct value rule_moment_value(struct run *run, enum kind kind, struct moment m);
const struct tz *rule_zone_find(struct run *run, struct str name);
int32_t rule_moment_offset(const struct moment *m);
/* Seconds since 1970 in UTC, or local where there is no zone. */
int64_t rule_moment_seconds(const struct moment *m, bool with_date);
struct moment rule_date_midnight_utc(struct date d);
struct value rule_span_value(int64_t s, int64_t nano);
bool rule_time_shift(struct run *run, struct value at, struct value by, int sign, struct value *ret);
void rule_time_write(struct buf *b, struct value v);
struct date rule_date_add_months(struct date d, int64_t months);

/* ---- types (section 7.3.2, 10.3.2.9) ---- */
enum type_kind {
    T_ANY, T_NULL, T_NUM, T_STR, T_BOOL, T_DATE, T_TIME, T_DATETIME, T_DTD, T_YMD, T_LIST, T_CTX, T_RANGE, T_FUNC
};
struct member {
    struct str name;
    const struct type *type;
};
struct type {
    enum type_kind kind;
    struct str name;
    const struct type *of;     /* LIST, RANGE: elements (NULL any); FUNC: result */
    struct member *member;     /* CTX: members; FUNC: parameters */
    size_t n_member;
    const struct node *allowed; /* unary tests that a value must pass, or NULL */
    bool allowed_on_list;       /* typeConstraint: of the whole collection */
    bool resolving;
};
const struct type *rule_type_builtin(struct str name); /* NULL if none */
bool rule_type_has(struct run *run, const struct type *t, struct value v);      /* `instance of` */
bool rule_type_conforms(const struct type *t, const struct type *to);
/* Implicit conversions, then null if it does not fit (section 10.3.2.9.4). */
struct value rule_type_coerce(struct run *run, const struct type *t, struct value v, bool *fits);

/* ---- expressions ---- */
enum op {
    N_CONST, N_NAME, N_SLOT, N_LIST, N_CTX, N_RANGE, N_FUNC, N_IF, N_FOR, N_SOME, N_EVERY, N_AND, N_OR, N_NEG,
        N_ADD, N_SUB,
    N_MUL, N_DIV, N_POW, N_EQ, N_NE, N_LT, N_LE, N_GT, N_GE, N_BETWEEN, N_IN, N_INSTANCE, N_PATH, N_FILTER, N_CALL,
    N_TESTS,  /* kids: tests, any of which may hold; `flag`: negated */
    N_TEST,   /* a: expression against the input; `flag`: it uses ? */
    N_ANY,    /* - */
    N_TABLE, N_COERCE, N_AT, N_ERROR
};

struct node {
    uint8_t op;
    bool flag; /* CTX: the last entry is the result; TEST: it uses ?; TESTS: negated; RANGE: an iteration's ends */
    bool captured;
    uint32_t at;      /* byte position in its text */
    uint16_t hops, index; /* NAME */
    uint32_t slot;    /* SLOT: element number */
    bool dynamic;     /* NAME: a filter's item or the given context may hold it */
    bool found;       /* NAME: hops and index are set */
    const struct node *a, *b, *c;
    const struct node **kid;
    struct str *name; /* CTX keys, FOR/SOME/EVERY variables, FUNC parameters, CALL argument names (NULL: positional) */
    const struct type **types; /* FUNC: of parameters */
    uint16_t n;
    struct value k;   /* CONST */
    struct str text;  /* NAME, PATH */
    const struct type *type;
    const struct table *table;
    bool no_low, no_high, low_closed, high_closed; /* RANGE */
};

/* Names visible while parsing. */
struct scope {
    struct scope *up;
    bool dynamic, captured;
    struct str *name;
    size_t n, cap;
};

struct source {
    struct arena *arena;
    const struct scope *scope_top;
    const struct model *model; /* for element names and types, or NULL */
    const struct element *self; /* whose requirements limit the names */
    const struct str *word;    /* further names to read as one: members of the model's types */
    size_t n_word;
    struct err *err;
};
/* An expression or unary tests. `scope`: what is around it (changed while parsing, restored after). ERR_SYNTAX,
 * ERR_LIMIT. */
int rule_parse_expression(struct source *src, struct scope *scope, struct str text, const struct node **ret);
int rule_parse_tests(struct source *src, struct scope *scope, struct str text, const struct node **ret);
bool rule_scope_add(struct arena *a, struct scope *s, struct str name);
struct str rule_name_normal(struct arena *a, struct str s);

struct value rule_eval(struct run *run, const struct node *n, struct frame *env);
enum tri rule_eval_test(struct run *run, const struct node *n, struct frame *env, struct value input);
struct value rule_call_value(struct run *run, struct value f, const struct value *arg, const struct str *name,
    size_t n);

/* ---- words: the built-in functions (section 10.3.4) ---- */
enum { WORD_PARAMS_MAX = 6, WORD_FORMS_MAX = 4, WORD_KEEPS_ALL = 0xff };
struct form {
    const char *param[WORD_PARAMS_MAX];
    uint8_t n, least;  /* parameters, and how many at least */
    bool variadic;     /* any number of them, given to the word as one list */
};
struct word {
    const char *name;
    struct value (*fn)(struct run *, const struct value *arg, size_t n, int form);
    struct form form[WORD_FORMS_MAX];
    uint8_t n_form;
    uint8_t keeps; /* bit i: parameter i takes lists; for others a list of one is its item (section 10.3.2.9.4) */
};
const struct word *rule_word_find(struct str name);
size_t rule_word_count(void);
const struct word *rule_word_at(size_t i);
extern const struct word rule_words_convert[], rule_words_text[], rule_words_list[], rule_words_number[],
    rule_words_range[], rule_words_time[];
extern const size_t rule_n_words_convert, rule_n_words_text, rule_n_words_list, rule_n_words_number,
    rule_n_words_range, rule_n_words_time;

/* ---- models ---- */
enum element_kind { E_INPUT, E_DECISION, E_KNOWLEDGE, E_SERVICE };

struct element {
    enum element_kind kind;
    struct str id, name, ns;
    struct str prefix; /* of the import it came by, or empty */
    const struct type *type;
    const struct node *body;      /* DECISION, KNOWLEDGE */
    const struct xml_node *xml;
    uint32_t slot;
    uint32_t *need;               /* slots of its requirements */
    size_t n_need;
    struct str *param;            /* KNOWLEDGE, SERVICE */
    const struct type **param_type;
    uint32_t *param_slot;         /* SERVICE */
    size_t n_param;
    uint32_t *output;             /* SERVICE: output decisions */
    size_t n_output;
    const struct model *owner;
    uint32_t document;
};

struct type_entry {
    struct str name; /* with the import's prefix, as it is written */
    struct type *type;
    const struct xml_node *xml;
    uint32_t document;
};

struct document {
    struct str prefix, ns, file, dmn_ns;
    const struct xml_node *root;
};

struct model {
    struct arena *arena;
    struct str name, ns, file;
    struct element *element;
    size_t n_element, cap_element;
    struct type_entry *type;
    size_t n_type, cap_type;
    struct str *word;
    size_t n_word, cap_word;
    struct document document[RULE_IMPORTS_MAX + 1];
    size_t n_document;
    struct table **table; /* in the order of compilation */
    size_t n_table, cap_table;
    struct val *finding;
    bool lenient;
    size_t n_error;
};
int rule_model_types_read(struct model *m, struct err *e);
const struct type *rule_model_type(const struct model *m, struct str name, uint32_t document);
struct value rule_slot_value(struct run *run, uint32_t slot);
struct value rule_call_service(struct run *run, const struct element *e, const struct value *arg);

/* ---- tables (section 8) ---- */
enum hit { HIT_UNIQUE, HIT_FIRST, HIT_PRIORITY, HIT_ANY, HIT_COLLECT, HIT_RULE_ORDER, HIT_OUTPUT_ORDER };
enum aggregate { AGG_NONE, AGG_SUM, AGG_MIN, AGG_MAX, AGG_COUNT };
struct column {
    const struct node *expr;    /* input */
    struct str text, name;
    const struct type *type;
    const struct node *allowed; /* inputValues or outputValues, or NULL */
    const struct node *fallback; /* output: defaultOutputEntry */
};
struct table {
    enum hit hit;
    enum aggregate agg;
    struct column *input, *output;
    size_t n_input, n_output, n_rule;
    const struct node **test;  /* n_rule * n_input */
    const struct node **out;   /* n_rule * n_output */
    struct str *rule_id;
    uint32_t *rule_line;
    struct str name;
    uint32_t line;
};
struct value rule_table_eval(struct run *run, const struct table *t, struct frame *env);
int rule_table_compile(struct model *m, struct source *src, struct scope *scope, const struct xml_node *x,
    uint32_t document,
                  const struct type *type, const struct table **ret);
int rule_boxed_compile(struct model *m, struct source *src, struct scope *scope, const struct xml_node *x,
    uint32_t document,
                  const struct node **ret);
struct node *rule_node_new(struct arena *a, enum op op);
/* Records a finding, and in strict mode fails; in lenient mode *ret becomes a node that is null. */
int rule_model_fault(struct model *m, uint32_t document, uint32_t line, struct str where, struct err *e,
    const struct node **ret);
void rule_model_finding(struct model *m, const char *kind, struct str where, uint32_t line, struct str text);
void rule_run_init(struct run *run, struct arena *a, const struct model *m, struct err *e);
struct value rule_decide_slot(struct run *run, uint32_t slot);
void rule_node_mentions(const struct node *n, rule_mentioned *tell, void *to);

#endif
