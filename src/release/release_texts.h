/* release_texts: what people read of a system, and what it is in English: each text of its files with
 * the places where it stands. The check (release_check.c) and page I13 read the same walk.
 */
#ifndef RELEASE_TEXTS_H
#define RELEASE_TEXTS_H
#include "data/po.h"
#include "release/release.h"

/* Once for each place where a Chinese text stands; `said`: it has English, here or in a system that
 * this one needs; `needed`: it must have, as all do but what only a process's diagram shows. `text`
 * and `file` are borrowed until the walk is over. */
typedef void release_text_see(void *context, struct str file, uint32_t line, struct str text,
                              bool said, bool needed);
void release_texts_walk(const struct system *m, const struct release_files *files,
                        release_text_see *see, void *context);

enum release_text_state {
    RELEASE_TEXT_MISSING,
    RELEASE_TEXT_OPTIONAL, /* it has none, and only a diagram shows it: by the kind of the step */
    RELEASE_TEXT_OWN,      /* its own texts/en.po has it */
    RELEASE_TEXT_NEEDED,   /* a system that it needs does, or the program of what a diagram shows */
    RELEASE_TEXT_UNUSED,   /* its texts/en.po has it, and it stands nowhere */
    RELEASE_TEXT_STATES
};
struct release_text {
    struct str text, english;
    struct str file; /* the first place; empty: UNUSED */
    uint32_t line;   /* 0: the whole file */
    size_t places;
    enum release_text_state state;
};
struct release_texts {
    struct release_text *list; /* in the order of the files, then what is unused */
    size_t n, count[RELEASE_TEXT_STATES];
};
/* Every text once, in `a`; `program` is the catalogue of the program's own texts, or NULL. ERR_LIMIT
 * beyond RELEASE_TEXTS_MAX. */
enum { RELEASE_TEXTS_MAX = 20000 };
int release_texts(struct arena *a, const struct system *m, const struct po *program,
                  const struct release_files *files, struct release_texts *ret, struct err *e);
#endif
