/* token: cuts text into the terms of full-text search, the same for both stores. Declared, not guessed from either
 * store's own tokenizer: SQLite 3.40's `trigram` finds no Chinese word of two characters.
 *
 *  - Han (Unicode blocks CJK Unified and its extensions, compatibility, 〇): each character, and each two neighbours.
 *  - Words: runs of other letters and digits, lower-cased for Latin, Greek and Cyrillic; full-width forms count as
 *    ASCII. At most TOKEN_BYTES_MAX bytes, the rest is cut off.
 *  - Everything else separates.
 */
#ifndef STORE_TOKEN_H
#define STORE_TOKEN_H
#include "base/arena.h"

enum { TOKEN_BYTES_MAX = 64, TOKENS_MAX = 100000, TOKEN_QUERY_MAX = 64 };

/* The terms to index, sorted by bytes, each once, in the arena. Past TOKENS_MAX terms the text is cut. NULL on
 * overflow of the arena or when there are none (*n is 0). */
struct str *token_index(struct arena *a, struct str text, size_t *n);
/* The terms that must all be there: as above, but a Han character of its own only where it stands alone. At most
 * TOKEN_QUERY_MAX. */
struct str *token_query(struct arena *a, struct str text, size_t *n);

#endif
