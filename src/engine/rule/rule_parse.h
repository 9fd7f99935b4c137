/* rule_parse: what the files of the parser share. The parser reads characters, not tokens: which characters make a
 * name depends on the names in scope (DMN 1.5 section 10.3.1.4), so words cannot be cut before names are known.
 * Invariant: every function returns NULL or false after p->rc is set, and p->at never passes the end.
 */
#ifndef ENGINE_RULE_PARSE_H
#define ENGINE_RULE_PARSE_H

#include "engine/rule/rule_in.h"

struct parser {
    struct source *src;
    struct arena *a;
    struct str s;
    size_t at;
    struct scope *scope;
    int rc;
    uint32_t depth;
    bool uses_input; /* the expression being read names ? */
    bool range_end;  /* the upper end of a range is being read: a [ may close it */
};

/* rule_lex.c */
void *parse_fail(struct parser *p, const char *what);
void skip(struct parser *p);                       /* blanks and comments */
bool look(struct parser *p, const char *text);     /* after skip: the text stands here */
bool eat(struct parser *p, const char *text);
bool eat_word(struct parser *p, const char *word); /* a keyword: no name part may follow */
bool look_word(struct parser *p, const char *word);
bool name_start(int32_t cp);
bool name_part(int32_t cp);
/* bytes that the normalised name takes here, 0 if it does not stand here */
size_t match_name(struct parser *p, struct str name);
bool read_identifier(struct parser *p, struct str *ret); /* one run of name parts */
bool read_plain_name(struct parser *p, struct str *ret); /* identifiers joined over blanks, up to a keyword */
/* a raw name up to one of the signs, normalised */
bool read_until(struct parser *p, const char *ends, struct str *ret);
bool read_string(struct parser *p, struct str *ret); /* at a quote */
bool read_number(struct parser *p, struct decimal *ret);
bool at_number(struct parser *p);

/* rule_parse_name.c */
const struct node *parse_name(struct parser *p);
bool read_member(struct parser *p, struct str *ret);
const struct type *parse_type(struct parser *p);

/* rule_parse.c */
const struct node *parse_expr(struct parser *p);
const struct node *parse_arith(struct parser *p);
struct node *node_at(struct parser *p, enum op op);
/* rule_parse_head.c */
const struct node *parse_if(struct parser *p);
const struct node *parse_for(struct parser *p);
const struct node *parse_quantified(struct parser *p, enum op op);
const struct node *parse_function(struct parser *p);
const struct node *parse_context(struct parser *p);
const struct node *parse_bracket(struct parser *p); /* list, range, parenthesis */
const struct node *parse_call(struct parser *p, const struct node *fn);
struct scope *push_scope(struct parser *p, bool dynamic);
void pop_scope(struct parser *p, struct node *n);
/* rule_parse_unary.c */
const struct node *parse_one_test(struct parser *p);
const struct node *parse_in(struct parser *p, const struct node *left);

/* Growing array of nodes while a list is read. */
struct kids {
    const struct node **kid;
    size_t n, cap;
};
bool kids_add(struct parser *p, struct kids *k, const struct node *n);

#endif
