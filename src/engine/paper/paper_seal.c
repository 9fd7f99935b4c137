/* paper_seal: where the characters of a square seal stand. Pure geometry, shared by the preview and the
 * press.
 *
 * Invariant: every cell lies within the unit square and no two overlap; reading order is columns from the
 * right, each downwards.
 */
#include "engine/paper/paper_layout.h"

size_t paper_seal_cells(struct str organisation, struct paper_seal_cell cell[PAPER_SEAL_CELLS_MAX]) {
    size_t n = 0;
    for (size_t at = 0; at < organisation.len && n < PAPER_SEAL_CELLS_MAX;) {
        size_t from = at;
        int32_t c = str_utf8_next(organisation, &at);
        if (c <= ' ' || c == 0x3000) continue;
        const struct str upright = c == 0xff08 || c == '(' ? S("︵") : c == 0xff09 || c == ')' ? S("︶") : S("");
        cell[n++].character = upright.len ? upright : str_sub(organisation, from, at - from); /* columns are read downwards */
    }
    if (n == 0) return 0;
    size_t cols = 1;
    while (cols * cols < n) cols++;
    if (cols > 1 && (cols - 1) * cols >= n) cols--; /* rather tall cells than an empty column */
    size_t longest = (n + cols - 1) / cols, k = 0;
    for (size_t c = 0; c < cols; c++) {
        /* Full columns first; what is missing is shared so that columns differ by one character at most. */
        size_t rows = longest - (c >= cols - (cols * longest - n) ? 1 : 0);
        for (size_t r = 0; r < rows && k < n; r++, k++) {
            cell[k].w = 1.0 / (double)cols;
            cell[k].h = 1.0 / (double)rows;
            cell[k].x = 1.0 - (double)(c + 1) / (double)cols;
            cell[k].y = (double)r / (double)rows;
        }
    }
    return k;
}
