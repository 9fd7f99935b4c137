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
void *rule_parse_fail(struct parser *p, const char *what);
void rule_skip(struct parser *p);                       /* blanks and comments */
bool rule_look(struct parser *p, const char *text);     /* after skip: the text stands here */
bool rule_eat(struct parser *p, const char *text);
bool rule_eat_word(struct parser *p, const char *word); /* a keyword: no name part may follow */
bool rule_look_word(struct parser *p, const char *word);
bool rule_name_start(int32_t cp);
bool rule_name_part(int32_t cp);
/* bytes that the normalised name takes here, 0 if it does not stand here */
size_t rule_match_name(struct parser *p, struct str name);
bool rule_read_identifier(struct parser *p, struct str *ret); /* one run of name parts */
bool rule_read_plain_name(struct parser *p, struct str *ret); /* identifiers joined over blanks, up to a keyword */
/* a raw name up to one of the signs, normalised */
bool rule_read_until(struct parser *p, const char *ends, struct str *ret);
bool rule_read_string(struct parser *p, struct str *ret); /* at a quote */
bool rule_read_number(struct parser *p, struct decimal *ret);
bool rule_at_number(struct parser *p);

/* rule_parse_name.c */
const struct node *rule_parse_name(struct parser *p);
bool rule_read_member(struct parser *p, struct str *ret);
const struct type *rule_parse_type(struct parser *p);

/* rule_parse.c */
const struct node *rule_parse_expr(struct parser *p);
/* The text must end here: `n` into *ret, or the code of what went wrong before or stands here. */
int rule_parse_end(struct parser *p, const struct node *n, const struct node **ret);
const struct node *rule_parse_arith(struct parser *p);
struct node *rule_node_at(struct parser *p, enum op op);
/* rule_parse_head.c */
const struct node *rule_parse_if(struct parser *p);
const struct node *rule_parse_for(struct parser *p);
const struct node *rule_parse_quantified(struct parser *p, enum op op);
const struct node *rule_parse_function(struct parser *p);
const struct node *rule_parse_context(struct parser *p);
const struct node *rule_parse_bracket(struct parser *p); /* list, range, parenthesis */
const struct node *rule_parse_call(struct parser *p, const struct node *fn);
struct scope *rule_push_scope(struct parser *p, bool dynamic);
void rule_pop_scope(struct parser *p, struct node *n);
/* rule_parse_unary.c */
const struct node *rule_parse_one_test(struct parser *p);
const struct node *rule_parse_in(struct parser *p, const struct node *left);

/* Growing array of nodes while a list is read. */
struct kids {
    const struct node **kid;
    size_t n, cap;
};
bool rule_kids_add(struct parser *p, struct kids *k, const struct node *n);

#endif
