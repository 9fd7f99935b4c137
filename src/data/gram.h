/* gram: by which pieces of itself a name is found, and by which pieces of what was typed one looks
 * for it: two characters that follow each other, the pinyin of such two and of a short name, three
 * initials that follow each other, a word of letters or digits. A piece only finds candidates;
 * whether a name has what was typed is for gram_fits.
 *
 * What ends the names of most companies ("有限公司") is no piece of them: it would find everybody.
 */
#ifndef DATA_GRAM_H
#define DATA_GRAM_H
#include "base/arena.h"

enum { GRAMS_MAX = 64, GRAM_CHARS_MAX = 20, GRAM_TYPED_MAX = 6 };

/* Each once, in the arena; what is longer than GRAM_CHARS_MAX characters is found by those. */
size_t gram_index(struct arena *a, struct str name, struct str ret[GRAMS_MAX]);
/* Of what was typed with Han characters, pieces that a name must have, all of them (*all); of letters
 * and digits, those of which it has one. 0: too little was typed, or what everybody has. */
size_t gram_typed(struct arena *a, struct str typed, struct str ret[GRAM_TYPED_MAX], bool *all);
/* Is it in the name: as it stands, or as its pinyin or initials? */
bool gram_fits(struct arena *a, struct str name, struct str typed);
/* As names are compared: in lower case, full-width letters as their own, Han, letters and digits only. */
struct str gram_plain(struct arena *a, struct str s);

/* Where nothing was found: what is nearly that, by sound (of Han typed, other characters of the same
 * reading), by one character of three and more, or by one letter of its pinyin. Pieces of which such
 * a name has one; those of its sound first. 0: nothing is near. */
enum { GRAM_NEAR_MAX = 144 };
size_t gram_near(struct arena *a, struct str typed, struct str ret[GRAM_NEAR_MAX]);
/* Is the name near, by these pieces? */
bool gram_near_fits(struct arena *a, struct str name, struct str typed, const struct str *piece, size_t n);
#endif
