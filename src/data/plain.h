/* plain: which characters text of people may hold, so that what one person reads, prints and signs is what another reads. Refused are
 * malformed bytes, control characters, marks that turn the direction of what follows (U+202A-202E, U+2066-2069), line and paragraph
 * separators, private use, characters that Unicode has not assigned, and U+FFFD, which stands for one of these. Whole planes 2 and 3 are
 * Han and stand open, since names are written with characters younger than any table of ours.
 */
#ifndef DATA_PLAIN_H
#define DATA_PLAIN_H
#include "base/arena.h"
bool plain_text(struct str s, bool lines);               /* `lines`: tab, CR and LF may stand in it */
struct str plain_mark(struct arena *a, struct str s);    /* each such character as U+FFFD (lines are kept); empty on overflow */
struct str plain_cut(struct arena *a, struct str s);     /* without them, and without line ends */
#endif
