/* fuzz release: any files as a system's folder, as `system load` and `system check` are given. A line `--- PATH` opens each file. The files are
 * packed, unpacked and compiled as those that came through the control socket, with the systems of systems/ that theirs needs, and what
 * compiles is checked as `system check` does. It is a system or there are findings, each of them text at a file. */
#include "release/release.h"
#include "release/release_templates.h"
#include "release/release_texts.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { NEEDED = 5, FILES_MAX = 60 };

/* In an order in which each finds what it needs. */
static const char *const folder[NEEDED] = { "systems/common", "systems/registry/population", "systems/registry/legal-entity",
                                            "systems/approval/residence-proof", "systems/approval/restaurant" };
static const struct system *needed[NEEDED];
static struct arena kept;

static void leave(void) {
    arena_done(&kept);
}

static const struct system *needed_find(struct str id) {
    for (size_t i = 0; i < NEEDED; i++)
        if (needed[i] && str_eq(needed[i]->id, id)) return needed[i];
    return NULL;
}

/* The needed ones in the order of system.yaml; NULL where one is not among them. */
static const struct system **needs_of(struct arena *a, const struct release_files *f, size_t *n) {
    struct str id, version, *needs;
    struct err e = { 0 };
    int rc = release_needs(a, f, &id, &version, &needs, n, &e);
    assert(rc == e.code);
    const struct system **ret = rc ? NULL : arena_array(a, *n + 1, sizeof *ret);
    for (size_t i = 0; ret && i < *n; i++)
        if (!(ret[i] = needed_find(needs[i]))) return NULL;
    return ret;
}

static void begin(void) {
    struct release_findings none = { .arena = &kept };
    struct release_files f;
    arena_init(&kept, "needed", (size_t)256 << 20);
    for (size_t i = 0, n; i < NEEDED; i++) {
        if (release_read_dir(&kept, folder[i], &f, NULL)) abort(); /* it runs where the systems lie */
        const struct system **needs = needs_of(&kept, &f, &n);
        assert(needs && (needed[i] = release_compile(&kept, &f, (int64_t)i + 1, needs, n, &none)) != NULL);
    }
    (void)atexit(leave);
}

/* Files by path, each path once, as a folder has them. */
static bool parted(struct arena *a, struct str in, struct release_files *ret) {
    struct str line;
    size_t at;
    *ret = (struct release_files){ arena_array(a, FILES_MAX, sizeof *ret->file), 0 };
    if (!ret->file || !str_starts(in, S("--- "))) return false;
    while (in.len) {
        (void)str_cut(&in, '\n', &line);
        struct str path = str_sub(line, 4, line.len);
        size_t end = str_starts(in, S("--- ")) ? 0 : str_find(in, S("\n--- "), 0);
        struct str body = end == SIZE_MAX ? in : str_sub(in, 0, end ? end + 1 : 0);
        in = str_sub(in, body.len, in.len);
        if (ret->n == FILES_MAX) return false;
        for (at = ret->n; at > 0 && str_cmp(ret->file[at - 1].path, path) > 0; at--) ret->file[at] = ret->file[at - 1];
        ret->file[at] = (struct release_file){ path, body };
        ret->n++;
        if (at > 0 && str_eq(ret->file[at - 1].path, path)) return false;
    }
    return true;
}

/* What page I5 and I13 ask of a system that compiled. */
static void ask(struct arena *a, const struct system *m, const struct release_files *f) {
    struct release_name names[RELEASE_NOTICE_NAMES_MAX], *of_paper;
    struct release_paper_use uses[RELEASE_USES_MAX];
    struct release_texts texts;
    struct err e = { 0 };
    size_t n;
    const struct map *notices = &m->part[SYSTEM_NOTICE], *papers = &m->part[SYSTEM_PAPER];
    for (size_t i = 0; i < notices->n; i++) assert(release_notice_names(m, notices->entry[i].key, names) <= RELEASE_NOTICE_NAMES_MAX);
    for (size_t i = 0; i < papers->n; i++) {
        assert(release_paper_uses(m, papers->entry[i].key, uses) <= RELEASE_USES_MAX);
        assert(release_paper_names(a, m, papers->entry[i].key, &of_paper, &n, &e) == 0 || e.code == ERR_LIMIT || e.code == ERR_MEMORY);
    }
    if (release_texts(a, m, NULL, f, &texts, &e) == 0) {
        size_t sum = 0;
        for (size_t i = 0; i < RELEASE_TEXT_STATES; i++) sum += texts.count[i];
        assert(sum == texts.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct arena a;
    struct buf packed;
    struct err e = { 0 };
    struct release_files in, f;
    size_t n_needs;
    if (!kept.name) begin();
    arena_init(&a, "fuzz", (size_t)256 << 20);
    struct release_findings found = { .arena = &a };
    buf_init(&packed, &a, n + 4096, n + FILES_MAX * 4096);
    if (parted(&a, str_make((const char *)bytes, n), &in) && release_pack(&in, &packed, &e) == 0 &&
        release_unpack(&a, buf_str(&packed), &f, &e) == 0) {
        struct digest as_in, as_out;
        release_digest(&in, &as_in);
        release_digest(&f, &as_out);
        assert(f.n == in.n && str_eq(str_make((const char *)as_in.v, sizeof as_in.v), str_make((const char *)as_out.v, sizeof as_out.v)));
        const struct system **needs = needs_of(&a, &f, &n_needs);
        const struct system *m = needs ? release_compile(&a, &f, 9, needs, n_needs, &found) : NULL;
        assert(!needs || (m != NULL) == (found.n == 0));
        if (m) {
            assert(m->id.len && m->version.len && m->title.len && m->owner.len && m->release == 9);
            release_check(m, &f, &found);
            ask(&a, m, &f);
        }
        for (size_t i = 0; i < found.n; i++)
            assert(found.list[i].file.len && found.list[i].text.len && str_utf8_valid(found.list[i].text));
    }
    arena_done(&a);
    return 0;
}
