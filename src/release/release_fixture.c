/* release_fixture: see release_fixture.h. Invariant: the folders are read once for a test program. */
#include "release/release_fixture.h"

#include <stdio.h>
#include <string.h>

static const char *const folder[RELEASE_FIXTURE_NEEDS + 1] = { "systems/common",
                                                               "systems/registry/population",
                                                               "systems/registry/legal-entity",
                                                               "systems/approval/restaurant" };

int release_fixture_begin(void **state) {
    static struct release_tree t;
    struct release_findings none = { .arena = &t.arena };
    arena_init(&t.arena, "tree", (size_t)256 * 1024 * 1024);
    for (size_t i = 0; i <= RELEASE_FIXTURE_NEEDS; i++) {
        if (release_read_dir(&t.arena, folder[i], &t.files, NULL)) return -1;
        if (i < RELEASE_FIXTURE_NEEDS &&
            !(t.needs[i] = release_compile(&t.arena, &t.files, (int64_t)i + 1, t.needs, i, &none)))
            return -1;
    }
    *state = &t;
    return 0;
}

int release_fixture_done(void **state) {
    arena_done(&((struct release_tree *)*state)->arena);
    return 0;
}

struct release_files release_fixture_changed(const struct release_tree *t, struct arena *a,
                                             const char *file, const char *from, const char *to) {
    struct release_files files = { arena_array(a, t->files.n, sizeof *files.file), t->files.n };
    bool planted = false;
    for (size_t i = 0; files.file && i < files.n; i++) {
        struct release_file *x = &files.file[i];
        *x = t->files.file[i];
        size_t at = str_eq(x->path, str_of(file)) ? str_find(x->bytes, str_of(from), 0) : SIZE_MAX;
        if (at == SIZE_MAX) continue;
        x->bytes = ARENA_CAT(a, str_sub(x->bytes, 0, at), str_of(to),
                             str_sub(x->bytes, at + strlen(from), x->bytes.len));
        planted = true;
    }
    if (planted) return files;
    (void)fprintf(stderr, "%s does not hold: %s\n", file, from);
    return (struct release_files){ files.file, 0 };
}
