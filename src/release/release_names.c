/* release_names: names that one file of a system writes and another declares: what compiling a part
 * alone does not see, and what would stand silently still at run time. See release_names.h.
 * Invariant: a name found wrong here is wrong for every case of the system; a name that only some
 * case may find is not looked at.
 */
#include "release/release_names.h"

#include "data/yaml.h"
#include "release/release_templates.h"

static void check_file(struct naming *n, const struct val *yaml) {
    static const char *const access[] = { "roles", "grants", "standings", NULL };
    if (str_eq(n->file, S("access.yaml"))) name_only_keys(n, yaml, access);
    release_check_uses(n, yaml);
    if (str_starts(n->file, S("cases/"))) release_check_scenario(n, yaml);
    if (!str_starts(n->file, S("items/"))) return;
    const struct item_type *t =
        map_find(&n->m->part[SYSTEM_ITEM], str_sub(n->file, 6, n->file.len - 11));
    if (t) release_check_item(n, t, yaml);
}

void release_check_names(const struct system *m, const struct release_files *files,
                         struct release_findings *f) {
    struct arena a;
    arena_init(&a, "names", 64 * 1024 * 1024);
    struct naming n = { .m = m, .files = files, .f = f, .a = &a };
    for (size_t i = 0; i < files->n; i++) {
        struct val *yaml;
        n.file = files->file[i].path;
        if (str_ends(n.file, S(".yaml")) &&
            yaml_parse(&a, n.file, files->file[i].bytes, &yaml, NULL) == 0)
            check_file(&n, yaml);
    }
    release_check_templates(&n);
    release_check_decisions(&n);
    release_check_flows(&n);
    arena_done(&a);
}
