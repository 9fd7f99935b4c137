/* paper_private: the compiled paper, shared by the chapters that compile and bind. Not for others. */
#ifndef ENGINE_PAPER_PRIVATE_H
#define ENGINE_PAPER_PRIVATE_H

#include "data/tpl.h"
#include "engine/paper/paper_layout.h"

enum { PAPER_TEXTS_MAX = 400 };

struct paper_text {
    struct str source; /* the msgid */
    const struct tpl *tpl;
};

struct paper_part {
    struct paper_node box; /* kind and measures; its texts and links are unused */
    struct str cond;       /* dotted path; empty: always */
    bool unless;
    struct str rows;       /* TABLE: path of the list; IMAGE: path of the bytes */
    struct paper_text text, label, date;
    struct paper_part *first, *next;
};

struct paper {
    struct str id, lang;
    struct paper_text title;
    uint8_t style, is; /* enum paper_is */
    int32_t w, h, margin[4];
    struct paper_part *first;
    size_t n_texts;
    struct str text[PAPER_TEXTS_MAX];
};

/* Millimetres with up to two decimals, 0..600, to hundredths; false on anything else. */
bool paper_length(struct str s, int32_t *ret);

/* Compiles a text of a paper. Paper is not HTML, and the Mustache specification escapes {{x}} for HTML: each
 * {{x}} is compiled as {{&x}}, so that "A & B" stays itself; what is shown as HTML is escaped there. Tags
 * that set other delimiters are refused. */
int paper_template(struct arena *a, struct str name, struct str source, const struct tpl **ret, struct err *e);

/* A text as the paper has it: the file's line breaks and indentation removed. */
struct str paper_normalise(struct arena *a, struct str s);

#endif
