/* release_dir: folders to files and back; see release.h. Invariant: a path in a release is made of [a-z0-9-_./] segments that
 * this file knows; nothing else is read or written.
 */
#include "release/release.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/yaml.h"
#include "os/os.h"

/* Where files may stand: folder and ending. An empty folder is the system's own. */
struct place {
    struct str dir, suffix;
};
static const struct place places[] = {
    { S_INIT(""), S_INIT("system.yaml") },      { S_INIT(""), S_INIT("access.yaml") },   { S_INIT(""), S_INIT("notices.yaml") },
    { S_INIT(""), S_INIT("supervision.yaml") },
    { S_INIT("records/"), S_INIT(".yaml") },    { S_INIT("codes/"), S_INIT(".csv") },    { S_INIT("items/"), S_INIT(".yaml") },
    { S_INIT("forms/"), S_INIT(".yaml") },      { S_INIT("flows/"), S_INIT(".bpmn") },   { S_INIT("rules/"), S_INIT(".dmn") },
    { S_INIT("papers/"), S_INIT(".xml") },      { S_INIT("texts/"), S_INIT(".po") },     { S_INIT("sample/"), S_INIT(".csv") },
    { S_INIT("cases/"), S_INIT(".yaml") },      { S_INIT("queues/"), S_INIT(".yaml") },  { S_INIT(""), S_INIT("NOTES.md") },
};

bool release_path_ok(struct str path) {
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct str rest = str_sub(path, places[i].dir.len, path.len);
        if (!str_starts(path, places[i].dir) || str_find_char(rest, '/', 0) != SIZE_MAX) continue;
        if (places[i].dir.len ? str_ends(rest, places[i].suffix) : str_eq(rest, places[i].suffix)) return true;
    }
    return false;
}

void release_find(struct release_findings *f, struct str file, uint32_t line, const char *format, ...) {
    enum { FINDINGS_MAX = 500 };
    char line_text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line_text, sizeof line_text, format, args);
    va_end(args);
    struct str text = str_utf8_whole(str_of(line_text));
    /* Two items may use one form, process or rule: what is wrong there is told once. */
    for (size_t i = 0; i < f->n; i++)
        if (f->list[i].line == line && str_eq(f->list[i].file, file) && str_eq(f->list[i].text, text)) return;
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 16;
        struct release_finding *p = cap > FINDINGS_MAX ? NULL : arena_array(f->arena, cap, sizeof *p);
        if (!p) return;
        for (size_t i = 0; i < f->n; i++) p[i] = f->list[i];
        f->list = p;
        f->cap = cap;
    }
    f->list[f->n++] = (struct release_finding){ arena_str(f->arena, file), line, arena_str(f->arena, text) };
}

static int add_file(struct arena *a, const char *dir, struct str path, struct release_files *ret, size_t *bytes, struct err *e) {
    struct str content;
    if (!release_path_ok(path)) return err_line(e, ERR_SYSTEM, path, 0, "系统目录里不能有这个文件");
    if (ret->n == RELEASE_FILES_MAX) return err_line(e, ERR_SYSTEM, path, 0, "文件超过 %d 个", RELEASE_FILES_MAX);
    const char *full = arena_fmt(a, "%s/%.*s", dir, STR_ARG(path)).ptr;
    int rc = full ? os_read_file(a, full, RELEASE_BYTES_MAX - *bytes, &content, e) : err_set(e, ERR_MEMORY, NULL);
    if (rc) return rc;
    *bytes += content.len;
    ret->file[ret->n++] = (struct release_file){ path, content };
    return 0;
}

static int by_path(const void *x, const void *y) {
    return str_cmp(((const struct release_file *)x)->path, ((const struct release_file *)y)->path);
}

int release_read_dir(struct arena *a, const char *dir, struct release_files *ret, struct err *e) {
    struct str *names, *inner;
    size_t n, m, bytes = 0;
    *ret = (struct release_files){ .file = arena_array(a, RELEASE_FILES_MAX, sizeof *ret->file) };
    if (!ret->file) return err_set(e, ERR_MEMORY, NULL);
    int rc = os_list_dir(a, dir, &names, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        const char *full = arena_fmt(a, "%s/%.*s", dir, STR_ARG(names[i])).ptr;
        enum os_kind kind = full ? os_kind(full) : OS_OTHER;
        if (kind == OS_FILE) rc = add_file(a, dir, names[i], ret, &bytes, e);
        else if (kind != OS_DIR) rc = err_line(e, ERR_SYSTEM, names[i], 0, "系统目录里不能有链接或特殊文件");
        if (rc || kind != OS_DIR) continue;
        rc = os_list_dir(a, full, &inner, &m, e);
        for (size_t k = 0; !rc && k < m; k++) {
            struct str path = ARENA_CAT(a, names[i], S("/"), inner[k]);
            const char *deep = arena_fmt(a, "%s/%.*s", dir, STR_ARG(path)).ptr;
            if (!deep || os_kind(deep) != OS_FILE) rc = err_line(e, ERR_SYSTEM, path, 0, "系统目录里不能有链接或更深的目录");
            else rc = add_file(a, dir, path, ret, &bytes, e);
        }
    }
    if (!rc) qsort(ret->file, ret->n, sizeof *ret->file, by_path);
    return rc;
}

int release_write_dir(const struct release_files *f, const char *dir, struct err *e) {
    struct arena a;
    struct str *names;
    size_t n = 0;
    arena_init(&a, "export", 4 * 1024 * 1024);
    int rc = 0;
    if (os_kind(dir) != OS_NONE) rc = os_list_dir(&a, dir, &names, &n, e);
    if (!rc && n) rc = err_set(e, ERR_STATE, "目录不是空的：%s", dir);
    for (size_t i = 0; !rc && i < f->n; i++) {
        const char *full = arena_fmt(&a, "%s/%.*s", dir, STR_ARG(f->file[i].path)).ptr;
        size_t slash = str_find_char(f->file[i].path, '/', 0);
        const char *folder = arena_fmt(&a, "%s/%.*s", dir, slash == SIZE_MAX ? 0 : (int)slash, f->file[i].path.ptr).ptr;
        rc = full && folder ? os_mkdir(folder, e) : err_set(e, ERR_MEMORY, NULL);
        if (!rc) rc = os_write_file(full, f->file[i].bytes, e);
    }
    arena_done(&a);
    return rc;
}

/* A chain over the files in order. Lengths keep paths and bytes apart, so that no two sets of files share a digest by shifting text. */
void release_digest(const struct release_files *f, struct digest *ret) {
    *ret = (struct digest){ { 0 } };
    for (size_t i = 0; i < f->n; i++) {
        struct digest before = *ret;
        uint64_t lengths[2] = { f->file[i].path.len, f->file[i].bytes.len };
        struct str piece[] = { str_make((const char *)before.v, DIGEST_BYTES), str_make((const char *)lengths, sizeof lengths),
                               f->file[i].path, f->file[i].bytes };
        hash_parts(SUITE_INTL, piece, 4, ret);
    }
}

int release_needs(struct arena *a, const struct release_files *f, struct str *id, struct str *version, struct str **needs, size_t *n,
                  struct err *e) {
    for (size_t i = 0; i < f->n; i++) {
        struct val *yaml;
        if (!str_eq(f->file[i].path, S("system.yaml"))) continue;
        int rc = yaml_parse(a, f->file[i].path, f->file[i].bytes, &yaml, e);
        if (rc) return rc;
        const struct val *list = val_get(yaml, S("needs"));
        *id = val_get_str(yaml, S("id"));
        *version = val_get_str(yaml, S("version"));
        *n = val_count(list);
        *needs = arena_array(a, *n + 1, sizeof **needs);
        if (!*needs) return err_set(e, ERR_MEMORY, NULL);
        for (size_t k = 0; k < *n; k++) (*needs)[k] = val_text(val_item(list, k));
        return id->len ? 0 : err_line(e, ERR_SYSTEM, S("system.yaml"), 1, "缺少 id");
    }
    return err_line(e, ERR_SYSTEM, S("system.yaml"), 0, "缺少 system.yaml");
}
