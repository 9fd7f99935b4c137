/* release_templates: messages and papers as templates: which there are, where each is used, what each
 * may say, and what is wrong with a text of one. The check and page I5 ask the same functions.
 *
 * Invariant: a name that a template asks for and nobody gives would stand as a hole in what people get:
 * it is found, in the English too, before the system is loaded.
 */
#ifndef RELEASE_TEMPLATES_H
#define RELEASE_TEMPLATES_H
#include "engine/flow/flow.h"
#include "engine/item/item.h"
#include "release/release_names.h"

enum release_is {
    RELEASE_IS_TEXT, /* the sample */
    RELEASE_IS_DAY,
    RELEASE_IS_ITEM, /* the item's name; its first part, pause... */
    RELEASE_IS_PART,
    RELEASE_IS_PAUSE,
    RELEASE_IS_PAUSE_BASIS,
    RELEASE_IS_ORGAN,
    RELEASE_IS_PROMISE,
    RELEASE_IS_PHONE,
    RELEASE_IS_COMPLAINT_PHONE,
    RELEASE_IS_RULE, /* of supervision */
    RELEASE_IS_RULE_BASIS,
    RELEASE_IS_STANDING, /* of access.yaml */
    RELEASE_IS_HALL,
    RELEASE_IS_HALL_ADDRESS,
    RELEASE_IS_LINE
};
struct release_name {
    struct str name;   /* "answers.address"; within a table as it stands there: "place" */
    struct str what;   /* Chinese: of the program, or of the system's own declaration */
    struct str sample; /* for RELEASE_IS_TEXT; may be empty */
    struct str rows;   /* the list of a table in whose rows it stands; empty: anywhere */
    enum release_is is;
};

/* ---- messages ---- */
enum { RELEASE_NOTICE_NAMES_MAX = 24 };
/* What the notice may say, by who sends it: itself, and processes of `m`. */
size_t release_notice_names(const struct system *m, struct str notice,
                            struct release_name ret[RELEASE_NOTICE_NAMES_MAX]);
/* When it is sent by itself, Chinese; empty: it is not. */
struct str release_notice_when(struct str notice);
/* The i-th that is sent by itself (ids may come twice, and be empty); false behind the last. */
bool release_notice_sent(size_t i, struct str *ret);
/* Does this step of a process send it? */
bool release_step_sends(const struct flow_element *el, struct str notice);

/* ---- papers ---- */
#define RELEASE_RECEIPT S("receipt")
/* How an item uses a paper. `part`: whose result; `material`: what it is filled in or shown for. */
struct release_paper_use {
    const struct item_type *item;
    const struct item_part *part;
    const struct item_material *material;
    bool refusal, sample;
};
enum { RELEASE_USES_MAX = 100 };
size_t release_paper_uses(const struct system *m, struct str paper,
                          struct release_paper_use ret[RELEASE_USES_MAX]);
/* What a paper may say, in `a`: by the items that use it, each name once; nothing where none does. */
int release_paper_names(struct arena *a, const struct system *m, struct str paper,
                        struct release_name **ret, size_t *n, struct err *e);
/* The names of a paper whatever item issues it, and of the receipt: Chinese; false behind the last. */
bool release_paper_name(size_t i, struct release_name *ret);
bool release_receipt_name(size_t i, struct release_name *ret);

/* ---- texts ---- */
/* What is wrong with a text, in the words of the check; empty: nothing. `titled`: a title, which is no
 * template and so holds no placeholder. */
struct str release_template_fault(struct arena *a, struct str text, const struct release_name *names,
                                  size_t n, bool titled);

/* Every notice of the system and the receipt; papers of items are judged with these (release_item.c). */
void release_check_templates(struct naming *n);

/* The answers of the fullest scenario about an item, as people read them, laid over `view`'s `answers`
 * (item_sample_view); none: what stands there stays. */
void release_example(struct arena *a, const struct system *m, const struct release_files *files,
                     const struct item_type *t, struct val *view);
#endif
