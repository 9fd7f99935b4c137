/* near: how far what was typed is from a word: letters or characters added, left out, changed, or two neighbours swapped (optimal string
 * alignment). Bounded on both sides, so that a list of thousands of words is searched in no time.
 */
#ifndef DATA_NEAR_H
#define DATA_NEAR_H
#include "base/str.h"

enum { NEAR_POINTS_MAX = 48 }; /* longer texts are near to nothing */
/* The distance in code points, or max + 1 where it is more than `max`. */
unsigned near_distance(struct str a, struct str b, unsigned max);
#endif
