/* release_words: see release_words.h. Invariant: a section's rows stand together. */
#include "release/release_words.h"

#include "release/release_names.h"

enum { COUNT_MAX = 999, SECTION_KEYS_MAX = 96 };

static const struct release_key rows[] = {
#define KEY(section, name, kind, needed, of, title, help)                                          \
    { S_INIT(section), S_INIT(name), KEY_##kind, needed, S_INIT(of), S_INIT(title), S_INIT(help) },
#include "release/release_keys.h"
#undef KEY
};
enum { ROWS = sizeof rows / sizeof *rows };

const struct release_key *release_keys(struct str section, size_t *n) {
    size_t from = 0, to;
    while (from < ROWS && !str_eq(rows[from].section, section)) from++;
    for (to = from; to < ROWS && str_eq(rows[to].section, section);) to++;
    *n = to - from;
    return &rows[from < ROWS ? from : 0];
}

const struct release_key *release_key(struct str section, struct str name) {
    size_t n;
    const struct release_key *k = release_keys(section, &n);
    for (size_t i = 0; i < n; i++)
        if (k[i].kind != KEY_GROUP && str_eq(k[i].name, name)) return &k[i];
    return NULL;
}

static void check_count(struct naming *n, const struct release_key *k, const struct val *v) {
    int64_t number;
    if (v && (!val_to_i64(v, &number) || number < 0 || number > COUNT_MAX))
        release_find(n->f, n->file, v->line, "份数应是 0 到 %d 的整数：%.*s", COUNT_MAX,
                     STR_ARG(k->name));
}

void release_check_keys(struct naming *n, struct str section, const struct val *map) {
    const char *known[SECTION_KEYS_MAX + 1];
    const bool item = str_eq(section, S("item"));
    size_t n_keys, n_known = 0;
    const struct release_key *k = release_keys(section, &n_keys);
    for (size_t i = 0; i < n_keys && n_known < SECTION_KEYS_MAX; i++) {
        if (k[i].kind == KEY_GROUP) continue;
        known[n_known++] = k[i].name.ptr; /* a literal: ends with NUL */
        const struct val *v = val_get(map, k[i].name);
        if (k[i].kind == KEY_COUNT) check_count(n, &k[i], v);
        if (map && k[i].needed && !val_truthy(v))
            release_find(n->f, n->file, item ? 1 : map->line,
                         item ? "缺少办事指南的要素：%.*s" : "缺少 %.*s", STR_ARG(k[i].name));
    }
    known[n_known] = NULL;
    name_only_keys(n, map, known);
}

void release_check_entries(struct naming *n, struct str section, const struct val *list) {
    for (size_t i = 0; i < val_count(list) && list->kind == VAL_LIST; i++)
        release_check_keys(n, section, list->u.list.item[i]);
}
