/* fuzz tpl: in HTML mode no value can open a tag or leave its attribute: the values' own mark never comes out with a
 * raw < before it or a raw quote behind it. */
#include "data/tpl.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct parts {
    struct tpl *one;
};

static const struct tpl *part(void *context, struct str name) {
    return name.len == 1 ? ((struct parts *)context)->one : NULL;
}

static void run(struct arena *a, struct str text, enum tpl_mode mode, const struct val *view) {
    struct parts parts = { NULL };
    struct tpl *t = NULL;
    struct buf b;
    struct err e = { 0 };
    if (tpl_compile(a, S("p"), S("  [{{x}}]\n"), mode, NULL, &parts.one, &e) < 0) abort();
    int r = tpl_compile(a, S("t"), text, mode, NULL, &t, &e);
    if (r < 0 && (t || e.code != r)) abort();
    if (r < 0) return;
    buf_init(&b, a, 1024, 4 << 20);
    tpl_render(t, view, part, &parts, &b);
    if (mode == TPL_HTML &&
        (str_find(buf_str(&b), S("<Qz7"), 0) != SIZE_MAX || str_find(buf_str(&b), S("Qz7<"), 0) != SIZE_MAX))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    arena_init(&a, "fuzz", 64 << 20);
    struct val *view = val_map(&a), *list = val_list(&a);
    struct str text = str_make((const char *)data, size);
    if (str_find(text, S("Qz7"), 0) == SIZE_MAX) {
        val_put_str(&a, view, S("x"), S("<Qz7<\"'>"));
        val_push(&a, list, val_i64(&a, 1));
        val_push(&a, list, view);
        val_put(&a, view, S("l"), list);
        val_put_bool(&a, view, S("t"), true);
        run(&a, text, TPL_TEXT, view);
        run(&a, text, TPL_HTML, view);
    }
    arena_done(&a);
    return 0;
}
