/* release: reads, checks, stores, activates and exports systems. The folder systems/<domain>/<system>/ is the source form; the
 * stored form is the same files, byte for byte; nothing at run time reads the folder.
 *
 * A release lives:  draft (release_load) -> active (release_activate) -> retired (when its successor is activated)
 *
 * Invariants
 *  1. A release is its files: its digest is over paths and bytes; the same folder loaded twice is the same release.
 *  2. Only a release that compiles without findings is stored.
 *  3. A release keeps its needs as release ids, fixed at activation: whoever pins it, pins everything.
 *  4. A system in memory lives as long as it is active, needed by one that is, or used now and then; and as long as somebody holds
 *     systems (realm_hold) who found it.
 */
#ifndef RELEASE_H
#define RELEASE_H
#include "engine/act/act.h"

struct release_file {
    struct str path;  /* "forms/apply.yaml": relative, '/' separated */
    struct str bytes;
};
struct release_files {
    struct release_file *file; /* sorted by path */
    size_t n;
};
#define RELEASE_UNITS S("sample/units.csv")
#define RELEASE_ACCOUNTS S("sample/accounts.csv")
#define RELEASE_MANDATES S("sample/mandates.csv")
enum { RELEASE_FILES_MAX = 500, RELEASE_BYTES_MAX = 16 * 1024 * 1024 };

/* One finding of a check, as file:line: text. */
struct release_finding {
    struct str file;
    uint32_t line;
    struct str text;
};
struct release_findings {
    struct arena *arena;
    struct release_finding *list;
    size_t n, cap;
};
void release_find(struct release_findings *f, struct str file, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Whether a file may stand under this path. */
bool release_path_ok(struct str path);
/* The folder's files. Links, other kinds of files, unknown folders and endings are ERR_SYSTEM naming the path. */
int release_read_dir(struct arena *a, const char *dir, struct release_files *ret, struct err *e);
/* Only the head of system.yaml: id, version, needs in order. */
int release_needs(struct arena *a, const struct release_files *f, struct str *id, struct str *version, struct str **needs, size_t *n,
                  struct err *e);
/* Compiles with the given needs (in the order of system.yaml). All findings are gathered; NULL if there is any. */
const struct system *release_compile(struct arena *a, const struct release_files *f, int64_t release_id, const struct system **needs,
                                    size_t n_needs, struct release_findings *findings);
/* What compiling alone does not see: translations, roles without scenario, steps that nobody may do. */
void release_check(const struct system *m, const struct release_files *f, struct release_findings *findings);
/* Its sample tables alone, as they are judged before it is loaded. */
void release_check_sample(const struct system *m, const struct release_files *files, struct release_findings *findings);
void release_digest(const struct release_files *f, struct digest *ret);
/* Writes the files below `dir`, which must be empty or absent. */
int release_write_dir(const struct release_files *f, const char *dir, struct err *e);

/* One text of all files and back, to be sent between our processes: count, then for each file the lengths of path and bytes (4 bytes
 * each, big-endian), path, bytes. Unpacking checks as release_read_dir does, takes any bytes, and borrows from them. ERR_SYNTAX,
 * ERR_SYSTEM, ERR_LIMIT. */
enum { RELEASE_PACKED_BYTES_MAX = RELEASE_BYTES_MAX + RELEASE_FILES_MAX * 264 + 4, RELEASE_PATH_BYTES_MAX = 256 };
int release_pack(const struct release_files *f, struct buf *b, struct err *e);
int release_unpack(struct arena *a, struct str packed, struct release_files *ret, struct err *e);

/* ---- stored ---- */
/* Loads as a draft (needs resolved to active releases); the id of the one already there if it is the same. */
int release_load(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct release_files *f, int64_t *ret_id,
                 struct err *e);
/* Topic of the outbox: the table of holidays is another one. The object is the release that brought it, the payload the one before. */
#define RELEASE_HOLIDAYS S("release.holidays")
/* Topic of the outbox: records of this release's types are searched otherwise than before, and those that stand are to be found so. */
#define RELEASE_SEARCHED S("release.searched")
enum { RELEASE_SEARCHED_MS = 1000 }; /* due when every node has taken up the release (app_node.c), and writes by it */
/* draft or retired -> active: its tables are made, the one active until now retired; so a bad release is taken back by activating the one
 * before. It brings the releases that it pinned; cases keep theirs. `sys` is it, compiled (releases_get). The registry must be refreshed
 * afterwards. ERR_STATE if it is none of this home's. */
int release_activate(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct system *sys, struct err *e);
/* Its system and the releases it needs, in order. */
int release_needs_of(struct store_tx *tx, struct home_id home, int64_t id, struct str *system, int64_t *needs, size_t max, size_t *n,
                     struct err *e);
/* The release of a system by its version, or by its digest's first eight hexadecimal digits or more. ERR_NOT_FOUND; ERR_STATE where a
 * version is that of several. */
int release_by_word(struct store_tx *tx, struct home_id home, struct str system, struct str word, int64_t *ret, struct err *e);
int release_files_get(struct store_tx *tx, struct home_id home, int64_t id, struct release_files *ret, struct err *e);
int release_active_id(struct store_tx *tx, struct home_id home, struct str system, int64_t *ret, struct err *e);
/* All releases: list of {id, system, version, state, digest, loaded_ms, activated_ms}. */
int release_list(struct store_tx *tx, const struct realm *r, struct val **ret, struct err *e);
/* A page of them in the same shape, newest loaded first, or by system and then newest first. */
struct release_query {
    int64_t only;             /* this one; 0: all */
    struct str system, state; /* of these; empty: of all */
    bool by_system, back;     /* back: the other way round */
    struct str at_system;     /* behind this system's (by_system)... */
    int64_t at;               /* ...this release; 0: from the start */
    size_t max;
};
int release_page(struct store_tx *tx, const struct realm *r, const struct release_query *q, struct val **ret, struct err *e);

/* ---- in memory ---- */
struct releases;
/* Fills `ret` for realm.systems. Loads all active releases; older ones on demand. `store` must outlive it. */
int releases_open(struct store *store, struct home_id home, struct releases **ret, struct err *e);
void releases_close(struct releases *rs);
void releases_systems(struct releases *rs, struct systems *ret);
/* Any release, compiled; drafts too. NULL with `e` filled. Any thread, also within a body: what is not known yet is read in a
 * transaction of its own. */
const struct system *releases_get(struct releases *rs, int64_t id, struct err *e);
/* After an activation: on any thread but the store's; one at a time. */
int releases_refresh(struct releases *rs, struct err *e);
/* Takes out what is neither active nor needed, but for the RELEASES_IDLE_MAX last used, and frees what nobody holds any more; what is
 * asked for afterwards is compiled again. Not during a refresh. Until it is called nothing is ever freed. How many compiled releases
 * and other arenas are still in memory. */
enum { RELEASES_IDLE_MAX = 8 };
size_t releases_free(struct releases *rs);
/* Something else that readers who hold systems may have found is freed with them: takes the arena over. */
void releases_retire(struct releases *rs, struct arena *a);
#endif
