/* paper_layout: licences, notices and receipts as declarations. A system's `papers/NAME.xml` is compiled once
 * (paper_compile); each issue binds it to a view (paper_bind), which gives one tree that serves the preview
 * (paper_html), the plain text (paper_text) and the PDF (paper_tree_write sends it to the process `press`,
 * which reads it by paper_tree_read).
 *
 * `kind` says what the document is: a licence is held and valid for a time, a decision was taken, a notice
 * was sent. Without it a paper in the style of a licence is one, any other a notice.
 *
 * The vocabulary is closed; any other element or attribute is refused by name. Lengths are millimetres with
 * up to two decimals.
 *   <paper id title lang size="A4|A5" orientation="portrait|landscape" margin="top right bottom left"
 *          style="licence|notice|receipt" kind="licence|decision|notice">
 *     <page>                                 one or more; what does not fit flows on to a further sheet
 *       <title level="1|2|3" align>          text
 *       <para align indent size weight font> text; indent in characters, size small|normal|large|huge
 *       <field label span="half">            text; fields that follow each other are set as one block
 *       <table rows="list.path" caption>     <column title width align>text</column>; one row per item
 *       <image src="path" alt width height x y align>   src names a view value that holds PNG bytes
 *       <qr text size caption x y align>
 *       <seal organisation text date size align x y>    issuer and date with the square seal beside them
 *       <rule kind="thin|thick|double">
 *       <space height>
 * Images, codes and seals that follow each other with different alignments stand side by side.
 * Every content element may carry if="path" or if="!path" (Mustache's sense of truth). With x and y (from the
 * sheet's top left corner) an element is placed; without, it flows. Texts, labels, captions and titles are
 * Mustache texts over the view: `{{holder.name}}`. In a table, the item is looked up before the view. They
 * are Chinese; `texts` gives another language's, msgid = the whole text with line breaks and their
 * indentation removed.
 *
 * Invariants
 *  1. A tree never holds more than PAPER_NODES_MAX nodes, PAPER_ROWS_MAX rows in a table and
 *     PAPER_TEXT_BYTES_MAX of text.
 *  2. Values come from people: they are data in every form of output, escaped in HTML, never markup.
 *  3. Binding is a pure function: the same paper, view and texts give the same bytes.
 */
#ifndef ENGINE_PAPER_LAYOUT_H
#define ENGINE_PAPER_LAYOUT_H

#include "base/buf.h"
#include "data/po.h"
#include "data/val.h"

enum {
    PAPER_NODES_MAX = 16000,
    PAPER_ROWS_MAX = 500,
    PAPER_COLUMNS_MAX = 12,
    PAPER_TEXT_BYTES_MAX = 1024 * 1024,
    PAPER_IMAGE_BYTES_MAX = 1024 * 1024,
    PAPER_MESSAGE_BYTES_MAX = 4 * 1024 * 1024,
    PAPER_SIDE_MAX = 60000, /* 600 mm */
};

enum paper_kind {
    PAPER_PAGE = 1, PAPER_TITLE, PAPER_PARA, PAPER_FIELD, PAPER_TABLE, PAPER_ROW, PAPER_CELL, PAPER_IMAGE,
    PAPER_QR, PAPER_SEAL, PAPER_RULE, PAPER_SPACE, PAPER_KIND_END
};
/* LIST is not for declarations: a list on paper (web/list), in small type, where a character that the fonts lack is a 〓. */
enum paper_style { PAPER_LICENCE, PAPER_NOTICE, PAPER_RECEIPT, PAPER_LIST, PAPER_STYLE_END };
enum paper_is { PAPER_IS_LICENCE = 1, PAPER_IS_DECISION, PAPER_IS_NOTICE };
enum paper_align { PAPER_LEFT, PAPER_CENTER, PAPER_RIGHT, PAPER_ALIGN_END };
enum paper_size { PAPER_NORMAL, PAPER_SMALL, PAPER_LARGE, PAPER_HUGE, PAPER_SIZE_END };
enum paper_rule { PAPER_THIN, PAPER_THICK, PAPER_DOUBLE, PAPER_RULE_END };

/* One box. What a kind does not use is zero or empty. Lengths in hundredths of a millimetre. */
struct paper_node {
    uint8_t kind, align;
    uint8_t level;  /* TITLE: 1..3; RULE: enum paper_rule; ROW: 1 if it is the head; PARA: enum paper_size */
    uint8_t indent; /* PARA: characters */
    bool bold, sans, half, placed;
    int32_t x, y;   /* if placed */
    int32_t w, h;   /* 0: as it comes; QR and SEAL: w is the side; CELL: w is the column's width; SPACE: h */
    struct str text;  /* text; QR: what it says; IMAGE: PNG bytes; SEAL: text under the name inside the seal */
    struct str label; /* FIELD: label; QR, TABLE: caption; IMAGE: alternative text; SEAL: organisation */
    struct str date;  /* SEAL: the date under the issuer's name */
    struct paper_node *first, *next;
};

struct paper_tree {
    struct str id, title, lang; /* title is bound: it becomes the PDF's title */
    struct str footer;          /* "第 {n} 页，共 {m} 页" in the paper's language */
    struct str void_mark;       /* printed across every page if not empty: "样本", "作废" */
    struct str made;            /* instant of issue, ISO 8601 with offset: 2026-11-21T15:40:00+08:00 */
    uint8_t style;
    int32_t w, h, margin[4];    /* top right bottom left */
    struct paper_node *first;   /* pages */
    size_t n_nodes;
};

struct paper; /* a compiled paper; immutable; lives in its arena */

/* `bytes` (XML) must live as long as the paper. ERR_SYSTEM with file and line: unknown element or attribute,
 * by name; a missing attribute; a bad length; a template that does not parse. ERR_SYNTAX for what is not XML.
 * */
int paper_compile(struct arena *a, struct str file, struct str bytes, struct paper **ret, struct err *e);
struct str paper_id(const struct paper *p);
enum paper_is paper_is(const struct paper *p);
struct str paper_title(const struct paper *p); /* unbound, Chinese */
/* The i-th text that a translation must have, or false past the end: what `system check` compares with
 * texts/NAME.po. */
bool paper_text_at(const struct paper *p, size_t i, struct str *ret);

/* ---- its texts where they stand in the file, for who changes them (paper_texts.c) ---- */
struct paper_words {
    struct str what; /* "段落", "栏目名称": Chinese source */
    struct str text; /* as paper_text_at has it */
    size_t number;   /* the how-manieth of its kind, from 1 */
    size_t spot;     /* for paper_reword */
    bool title;      /* the paper's own */
};
/* In the order of the file. A text that stands beside a comment or as CDATA is not among them. Errors of xml_spots. */
int paper_words(struct arena *a, struct str bytes, struct paper_words **ret, size_t *n, struct err *e);
/* The file with text[i] in place of words[i].text, where it is another; all else keeps its bytes. */
int paper_reword(struct arena *a, struct str bytes, const struct paper_words *words, const struct str *text, size_t n, struct str *ret,
              struct err *e);
/* Every name that the paper asks its view for, in texts and conditions, dotted. `rows`: the path of the list whose items are looked at
 * before the view, in a table; `lists`: it is such a path itself. Within a section of a text nothing is told. */
typedef void paper_name(void *context, struct str name, struct str rows, bool lists);
void paper_names(const struct paper *p, struct arena *a, paper_name *see, void *context);

/* Binds to `view`. `texts` NULL gives the Chinese original; `lang` (BCP 47) is written on the result when
 * texts is given, else the paper's own. Texts of the result are copies in `a`. ERR_LIMIT (invariant 1),
 * ERR_SYNTAX (a translation's template), ERR_MEMORY. */
int paper_bind(const struct paper *p, const struct val *view, const struct po *texts, struct str lang, struct arena *a,
               struct paper_tree **ret, struct err *e);
/* The instant of issue (ISO 8601 with offset), which the press needs, and the text printed across every page,
 * if any. Borrowed. */
void paper_stamp(struct paper_tree *t, struct str made, struct str void_mark);

/* The preview: <article class="paper ..."> with our own markup and no style attributes. */
void paper_html(struct buf *b, const struct paper_tree *t);
/* Plain text, one block a line. */
void paper_text(struct buf *b, const struct paper_tree *t);

/* The message from `app` to `press`: "TBP1", little-endian. ERR_LIMIT if it would be larger than
 * PAPER_MESSAGE_BYTES_MAX. */
int paper_tree_write(struct buf *b, const struct paper_tree *t, struct err *e);
/* Reads it with every length, kind and number checked; texts are borrowed from `bytes`. ERR_SYNTAX,
 * ERR_LIMIT, ERR_MEMORY. */
int paper_tree_read(struct arena *a, struct str bytes, struct paper_tree **ret, struct err *e);

/* The seal's characters as they stand in its square: columns from the right, each from the top, as seals are
 * cut. */
enum { PAPER_SEAL_CELLS_MAX = 64 };
struct paper_seal_cell {
    struct str character; /* one code point, borrowed */
    double x, y, w, h;    /* within the unit square */
};
/* Number of cells; at most PAPER_SEAL_CELLS_MAX characters are cut, blanks are left out. */
size_t paper_seal_cells(struct str organisation, struct paper_seal_cell cell[PAPER_SEAL_CELLS_MAX]);

#endif
