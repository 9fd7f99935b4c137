/* press: sets a paper as a PDF. Runs in the process `press`, which has no data, no network and no keys: what
 * comes in is the message of paper_tree_write, what goes out is the PDF, not yet signed.
 *
 * Invariants
 *  1. The same message gives the same bytes: no clock, no randomness.
 *  2. The result is a tagged PDF 1.4 (ISO 32000-1 section 14.8: Document, H1-H3, P, Table, Figure with
 *     alternative text) with document language, XMP metadata and a subset of the embedded font; text can be
 *     read out and copied.
 *  3. A character that the fonts cannot show is an error, never an empty box on a licence; in a list it is a 〓.
 *  4. At most PRESS_PAGES_MAX pages.
 */
#ifndef PROC_PRESS_H
#define PROC_PRESS_H

#include "base/arena.h"
#include "base/err.h"

enum { PRESS_PAGES_MAX = 100, PRESS_PDF_BYTES_MAX = 16 * 1024 * 1024 };

/* `ret` is in `a`. ERR_SYNTAX (message), ERR_INPUT (a character without glyph, an image that is not PNG),
 * ERR_LIMIT, ERR_IO (the fonts are not installed; cairo failed), ERR_MEMORY. */
int press_set(struct arena *a, struct str message, struct str *ret, struct err *e);

/* Gives back what pango, cairo and fontconfig keep for the life of a process, so that a test can count
 * memory. No press_set may run then or later. */
void press_done(void);

#endif
