/* tpl_op: what tpl_compile.c makes, tpl.c runs and tpl_html.c knows about places in HTML. Private to tpl. */
#ifndef DATA_TPL_OP_H
#define DATA_TPL_OP_H
#include "data/tpl.h"

enum { TPL_NEST_MAX = 32, TPL_PARTIAL_DEPTH_MAX = 16, TPL_BYTES_MAX = 1024 * 1024, TPL_NAME_PARTS_MAX = 16 };

enum tpl_op_kind { OP_TEXT, OP_VAR, OP_SECTION, OP_INVERTED, OP_END, OP_PARTIAL };

/* How a variable is put out. ATTR also serves where VAL_HTML may not come out raw. FOREIGN: text in a template of another language.
 * OPTION: the same within an option, which takes no elements: with the end of its tag, so that the tag can tell the language. */
enum tpl_esc { ESC_RAW, ESC_TEXT, ESC_FOREIGN, ESC_OPTION, ESC_ATTR, ESC_URL_START, ESC_URL_PATH, ESC_URL_QUERY };

struct tpl_op {
    uint8_t kind, esc;
    bool line_start;        /* first of its line: a partial's indentation goes before it */
    bool standalone;        /* PARTIAL: alone on its line, so that it inherits indentation */
    bool section;           /* END: of a section (may loop), not of an inverted one */
    uint32_t jump;          /* SECTION, INVERTED: its END; END: its start */
    uint32_t n_rest;
    struct str s; /* TEXT: bytes; VAR, SECTION, INVERTED: first part of the name ("." is empty); PARTIAL: name */
    union {
        const struct str *rest; /* further parts of a dotted name */
        struct str indent;      /* PARTIAL */
    } u;
};

struct tpl {
    struct str name;
    const struct tpl_op *op;
    uint32_t n_op;
};

/* The place in an HTML text, told by reading the literal parts from the start (WHATWG HTML, section 13.2.5, in short).
 * Small and copied by value: a section remembers the place where it began. */
struct tpl_place {
    uint8_t state, attr, url, match;
    bool closing;
    char element[12], name[16]; /* lower case, cut at their size; NUL-terminated */
};

/* Each returns NULL, or the reason why not (a sentence in Chinese for the template's author). */
const char *tpl_place_literal(struct tpl_place *p, struct str text);
const char *tpl_place_variable(const struct tpl_place *p, enum tpl_esc *ret);
const char *tpl_place_open(struct tpl_place *p);                              /* a section begins here */
const char *tpl_place_close(const struct tpl_place *start, struct tpl_place *p); /* and ends here */
const char *tpl_place_partial(const struct tpl_place *p);                     /* a partial, or the end of the text */
bool tpl_place_is_url(const struct tpl_place *p);
bool tpl_place_begins_option(const struct tpl_place *p); /* right behind the tag of an option? */
bool tpl_place_takes_elements(const struct tpl_place *p); /* of a place for text: may an element stand there? Not in an option */
#endif
