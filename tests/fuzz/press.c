/* fuzz press: any bytes as the message to the press. What is read back must be within the limits, survive a
 * second writing unchanged, and show as HTML and text. Setting type is left to the unit tests: it is pango's
 * time, not our parser's.
 */
#include "engine/paper/paper_layout.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct arena a;
    struct paper_tree *t, *again;
    struct buf b, shown;
    struct err e;
    arena_init(&a, "fuzz", 64u << 20);
    struct str in = str_make((const char *)bytes, n);
    if (paper_tree_read(&a, in, &t, &e) == 0) {
        assert(t->n_nodes <= PAPER_NODES_MAX);
        buf_init(&b, &a, n, PAPER_MESSAGE_BYTES_MAX);
        assert(paper_tree_write(&b, t, &e) == 0);
        assert(str_eq(buf_str(&b), in));
        assert(paper_tree_read(&a, buf_str(&b), &again, &e) == 0);
        buf_init(&shown, &a, 4096, 16u << 20);
        paper_html(&shown, t);
        paper_text(&shown, t);
    }
    arena_done(&a);
    return 0;
}
