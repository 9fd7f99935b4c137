/* release_words: the table of keys (release_keys.h) as it is asked: by the check, and by the pages that
 * edit a declaration.
 */
#ifndef RELEASE_WORDS_H
#define RELEASE_WORDS_H
#include "data/val.h"

enum release_key_kind {
    KEY_GROUP,  /* no key: begins a page */
    KEY_TEXT,   /* people read it, in both languages: one line */
    KEY_AREA,   /* several */
    KEY_WORD,   /* no language: a code, an id */
    KEY_WORDS,  /* a list of them */
    KEY_FLAG,   /* true, or absent */
    KEY_SWITCH, /* true if absent */
    KEY_COUNT,  /* 0 to 999 */
    KEY_CODE,   /* of a code set */
    KEY_CODES,
    KEY_LIMIT,  /* "20 working days" */
    KEY_KIND,   /* how a question is answered: form_words.h */
    KEY_PART,   /* edited in its own section, or in the file alone */
};
struct release_key {
    struct str section, name;
    enum release_key_kind kind;
    bool needed;
    struct str of, title, help;
};
/* All rows of a section, GROUPs too; sections are named after the key they lie under, "item" is the
 * whole of items/NAME.yaml. */
const struct release_key *release_keys(struct str section, size_t *n);
/* NULL: no such key. */
const struct release_key *release_key(struct str section, struct str name);

struct naming;
/* Every key of `map` is one of the section; what is needed is there; counts are counts. */
void release_check_keys(struct naming *n, struct str section, const struct val *map);
/* The same for each entry of a list. */
void release_check_entries(struct naming *n, struct str section, const struct val *list);
#endif
