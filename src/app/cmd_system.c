/* cmd_system: system check | new | load | activate | export. Check needs no installation; load and export work on one. */
#include "app/cmd.h"
#include "app/control.h"

#include <stdio.h>
#include <string.h>

#include "os/os.h"

/* One folder, whose needs are compiled already; NULL with findings, or with `e` where it cannot be read as a system at all. */
static const struct system *compile(struct arena *a, const char *dir, const struct system *const *done, size_t n_done,
                                    struct release_files *files, struct release_findings *findings, struct err *e) {
    struct str id, version, *needs;
    size_t n_needs;
    const struct system **needed = NULL;
    int rc = release_read_dir(a, dir, files, e);
    if (!rc) rc = release_needs(a, files, &id, &version, &needs, &n_needs, e);
    if (!rc && !(needed = arena_array(a, n_needs + 1, sizeof *needed))) rc = err_set(e, ERR_MEMORY, NULL);
    for (size_t k = 0; !rc && k < n_needs; k++)
        for (size_t j = 0; j < n_done; j++)
            if (str_eq(done[j]->id, needs[k])) needed[k] = done[j];
    return rc ? NULL : release_compile(a, files, (int64_t)n_done + 1, needed, n_needs, findings);
}

/* Compiles a folder and what it needs, in memory; the checked one is the last. *where: the folder that the findings, or the error, are
 * of. */
static int check_one(struct arena *a, const char *path, const char **where, struct release_findings *findings, struct err *e) {
    enum { NEEDS_MAX = 64 };
    const char **order;
    const struct system *done[NEEDS_MAX];
    size_t n;
    *where = path;
    int rc = app_list_needs(a, cmd_systems_of(a, path), path, &order, &n, e);
    if (!rc && n > NEEDS_MAX) rc = err_set(e, ERR_LIMIT, "%d", NEEDS_MAX);
    for (size_t i = 0; !rc && i < n; i++) {
        struct release_files files;
        *where = order[i];
        done[i] = compile(a, order[i], done, i, &files, findings, e);
        if (!done[i]) return e->code;
        if (i + 1 == n) release_check(done[i], &files, findings);
    }
    return rc;
}

/* An item's id stands in addresses without its system; so no two systems of one government may share it. */
static void check_items(struct arena *a, const char *path, struct release_findings *f) {
    struct release_files mine, other;
    struct str id, other_id, version, *needs;
    const char **dirs;
    size_t n, n_needs;
    struct err ignored = { 0 };
    if (release_read_dir(a, path, &mine, &ignored) || release_needs(a, &mine, &id, &version, &needs, &n_needs, &ignored)) return;
    if (os_kind(cmd_systems_of(a, path)) != OS_DIR || app_list_systems(a, cmd_systems_of(a, path), &dirs, &n, &ignored)) return;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < mine.n; k++) {
            const char *same = arena_fmt(a, "%s/%.*s", dirs[i], STR_ARG(mine.file[k].path)).ptr;
            if (!str_starts(mine.file[k].path, S("items/")) || !same || os_kind(same) != OS_FILE) continue;
            if (release_read_dir(a, dirs[i], &other, &ignored) ||
                release_needs(a, &other, &other_id, &version, &needs, &n_needs, &ignored) || str_eq(id, other_id))
                break;
            release_find(f, mine.file[k].path, 0, "系统 %.*s 已有同名的事项，请给这个文件改名", STR_ARG(other_id));
        }
    }
}

static bool check_path(struct str lang, const char *path) {
    struct arena a;
    struct err e = { 0 };
    const char *where;
    arena_init(&a, "check", (size_t)512 * 1024 * 1024);
    struct release_findings findings = { .arena = &a };
    int rc = check_one(&a, path, &where, &findings, &e);
    if (rc) (void)cmd_fault(lang, where, &e);
    else if (strcmp(where, path) == 0) check_items(&a, path, &findings);
    for (size_t k = 0; k < findings.n; k++) cmd_finding(lang, where, findings.list[k].file, findings.list[k].line, findings.list[k].text);
    bool ok = !rc && !findings.n;
    if (ok) printf("%s: ok\n", path);
    arena_done(&a);
    return ok;
}

int cmd_system_check(int argc, char **argv) {
    const char *path = cmd_operand(argc, argv, 0);
    struct str lang;
    struct err e = { 0 };
    int bad = 0;
    if (cmd_lang(argc, argv, &lang, &e)) return cmd_fail("--lang", &e), CMD_USAGE;
    for (int i = 0; path; path = cmd_operand(argc, argv, ++i)) bad += !check_path(lang, path);
    return bad != 0;
}

static bool id_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '/';
}

/* Every `from` that stands alone, as an id does, becomes `to`. */
static struct str rename_in(struct arena *a, struct str s, struct str from, struct str to) {
    struct buf b;
    size_t at = 0, hit;
    buf_init(&b, a, s.len + 256, s.len * 2 + 65536);
    while ((hit = str_find(s, from, at)) != SIZE_MAX) {
        size_t end = hit + from.len;
        bool alone = (hit == 0 || !id_char(s.ptr[hit - 1])) && (end == s.len || !id_char(s.ptr[end]));
        buf_add(&b, str_sub(s, at, hit - at));
        buf_add(&b, alone ? to : from);
        at = end;
    }
    buf_add(&b, str_sub(s, at, s.len));
    return buf_str(&b);
}

static struct str leaf_of(struct str id) {
    size_t at = id.len;
    while (at > 0 && id.ptr[at - 1] != '/') at--;
    return str_sub(id, at, id.len);
}

/* The copy's own id, and its item's: the last word of the id names the item, in its file name and wherever that is written. The
 * translations stay as they are: they are texts. */
static int rename_all(struct arena *a, struct release_files *files, struct str id, struct err *e) {
    struct str old, version, *needs;
    size_t n;
    int rc = release_needs(a, files, &old, &version, &needs, &n, e);
    for (size_t i = 0; !rc && i < files->n; i++) {
        struct release_file *f = &files->file[i];
        struct str item = ARENA_CAT(a, S("items/"), leaf_of(old), S(".yaml"));
        if (str_ends(f->path, S(".po"))) continue;
        if (str_eq(f->path, item)) f->path = ARENA_CAT(a, S("items/"), leaf_of(id), S(".yaml"));
        f->bytes = rename_in(a, f->bytes, old, id);
        f->bytes = rename_in(a, f->bytes, leaf_of(old), leaf_of(id));
        if (!f->bytes.len) rc = err_set(e, ERR_MEMORY, NULL);
    }
    return rc;
}

static const struct str TEMPLATE = S_INIT("\ntemplate: true"); /* in system.yaml */

/* A copy is not itself what is copied. */
static int no_template(struct arena *a, struct release_files *files, struct err *e) {
    for (size_t i = 0; i < files->n; i++) {
        struct release_file *f = &files->file[i];
        size_t at = str_eq(f->path, S("system.yaml")) ? str_find(f->bytes, TEMPLATE, 0) : SIZE_MAX;
        if (at == SIZE_MAX) continue;
        f->bytes = ARENA_CAT(a, str_sub(f->bytes, 0, at), str_sub(f->bytes, at + TEMPLATE.len, f->bytes.len));
        if (!f->bytes.len) return err_set(e, ERR_MEMORY, NULL);
    }
    return 0;
}

/* The system that is meant to be copied: it says so in its system.yaml. */
static const char *template_below(struct arena *a, const char *root) {
    const char **order;
    size_t n;
    struct str text;
    if (app_list_systems(a, root, &order, &n, NULL)) return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *about = arena_fmt(a, "%s/system.yaml", order[i]).ptr;
        if (about && os_read_file(a, about, 65536, &text, NULL) == 0 && str_find(text, TEMPLATE, 0) != SIZE_MAX) return order[i];
    }
    return NULL;
}

/* A new system is a copy of one that works, under its own ids: it passes its check and its scenarios at once. */
int cmd_system_new(int argc, char **argv) {
    const char *path = cmd_operand(argc, argv, 0), *from = cmd_option(argc, argv, "--from");
    struct arena a;
    struct release_files files;
    struct err e = { 0 };
    arena_init(&a, "new", 64 * 1024 * 1024);
    struct str whole = str_of(path), root = str_of(cmd_systems_of(&a, path));
    while (str_ends(whole, S("/"))) whole.len--;
    if (!from) from = template_below(&a, cmd_systems_of(&a, path));
    if (!from) {
        fprintf(stderr, "no system here says `template: true`; name one with --from PATH\n");
        arena_done(&a);
        return CMD_USAGE;
    }
    struct str id = str_starts(whole, root) ? str_sub(whole, root.len + 1, whole.len) : whole;
    bool ok = id.len > 0 && str_find_char(id, '/', 0) != SIZE_MAX;
    for (size_t i = 0; i < id.len; i++) ok &= id_char(id.ptr[i]);
    if (!ok) {
        fprintf(stderr, "%s: the path of a system is systems/DOMAIN/NAME, in small letters, digits and hyphens\n", path);
        arena_done(&a);
        return CMD_USAGE;
    }
    int rc = from ? release_read_dir(&a, from, &files, &e) : err_set(&e, ERR_MEMORY, NULL);
    if (!rc) rc = rename_all(&a, &files, id, &e);
    if (!rc) rc = no_template(&a, &files, &e);
    if (!rc) rc = release_write_dir(&files, path, &e);
    if (!rc)
        printf("%s is a copy of %s; its id is %.*s, its item %.*s.\n"
               "It works as it is. Change, in this order: system.yaml, items/, forms/, access.yaml, flows/, papers/, notices.yaml, cases/,\n"
               "texts/en.po, sample/ (docs/systems.md tells every key); after each step: tongban system check %s\n",
               path, from, STR_ARG(id), STR_ARG(leaf_of(id)), path);
    arena_done(&a);
    return rc ? cmd_fail(path, &e) : 0;
}

/* The folder is read here: a server need not be able to. */
int cmd_system_load(int argc, char **argv) {
    struct arena a;
    struct release_files files;
    struct buf b;
    struct err e = { 0 };
    const char *path = cmd_operand(argc, argv, 0);
    int code = 0;
    arena_init(&a, "load", 96 * 1024 * 1024);
    buf_init(&b, &a, 65536, RELEASE_PACKED_BYTES_MAX);
    int rc = release_read_dir(&a, path, &files, &e);
    if (!rc) rc = release_pack(&files, &b, &e);
    if (!rc) rc = control_ask(argc, argv, CONTROL_LOAD, buf_str(&b), control_print, NULL, &code, &e);
    arena_done(&a);
    return rc ? cmd_fail(path, &e) : code;
}

/* Takes a bad release back, or a draft into use: one that was loaded before. */
int cmd_system_activate(int argc, char **argv) {
    const char *system = cmd_operand(argc, argv, 0), *word = cmd_operand(argc, argv, 1), *as = cmd_option(argc, argv, "--as");
    struct arena a;
    struct err e = { 0 };
    int code = 0;
    arena_init(&a, "activate", 65536);
    struct str body = arena_fmt(&a, "%s\n%s\n%s", system, word, as ? as : "");
    int rc = control_ask(argc, argv, CONTROL_ACTIVATE, body, control_print, NULL, &code, &e);
    arena_done(&a);
    return rc ? cmd_fail(system, &e) : code;
}

static int gather(void *to, struct str bytes, struct err *e) {
    struct buf *b = to;
    buf_add(b, bytes);
    return buf_ok(b) ? 0 : err_set(e, ERR_LIMIT, "%zu", b->limit_bytes);
}

int cmd_system_export(int argc, char **argv) {
    struct err e = { 0 };
    const char *id = cmd_operand(argc, argv, 0), *dir = cmd_operand(argc, argv, 1);
    struct arena a;
    struct release_files files = { 0 };
    struct buf b;
    int code = 0;
    arena_init(&a, "export", 96 * 1024 * 1024);
    buf_init(&b, &a, 65536, RELEASE_PACKED_BYTES_MAX);
    int rc = control_ask(argc, argv, CONTROL_EXPORT, str_of(id), gather, &b, &code, &e);
    if (!rc && !code) rc = release_unpack(&a, buf_str(&b), &files, &e);
    if (!rc && !code) rc = release_write_dir(&files, dir, &e);
    if (!rc && !code) printf("%s: %zu files\n", dir, files.n);
    arena_done(&a);
    return rc ? cmd_fail(id, &e) : code;
}
