/* release_draft: see release_draft.h. Each change takes the draft's row by its version, so that two
 * at once meet there. */
#include "release/release_draft.h"

#include <stdlib.h>

#include "data/yaml.h"
#include "data/yaml_write.h"

enum { STEPS_MAX = 5000, DETAIL_BYTES_MAX = 4000 }; /* of a reason: 500 characters (web/edit), none of them cut */

STORE_STMT(release_draft_insert, STORE_WRITES,
           "INSERT INTO release_draft (home, id, system, base, state, version, proposed_by, "
           "release, due_ms, changed_ms) "
           "VALUES (?, ?, ?, ?, 'open', 1, 0, 0, 0, ?)");
STORE_STMT(release_draft_one, STORE_READS,
           "SELECT system, base, state, version, proposed_by, release, due_ms, changed_ms FROM "
           "release_draft WHERE home = ? AND id = ?");
#define ROWS(name, place)                                                                          \
    STORE_STMT(name, STORE_READS,                                                                  \
               "SELECT id, system, base, state, version, release, due_ms, changed_ms "             \
               "FROM release_draft WHERE home = ? AND " place " LIMIT ?")
ROWS(release_draft_rows_new, "id < ? ORDER BY id DESC");
ROWS(release_draft_rows_old, "id > ? ORDER BY id");
STORE_STMT(release_draft_step_on, STORE_WRITES,
           "UPDATE release_draft SET state = ?, version = version + 1, proposed_by = ?, release = "
           "?, due_ms = ?, changed_ms = ? "
           "WHERE home = ? AND id = ? AND version = ?");
STORE_STMT(release_draft_file_list, STORE_READS,
           "SELECT path, bytes FROM release_draft_file WHERE home = ? AND draft = ? ORDER BY path");
STORE_STMT(release_draft_file_drop, STORE_WRITES,
           "DELETE FROM release_draft_file WHERE home = ? AND draft = ? AND path = ?");
STORE_STMT(release_draft_file_insert, STORE_WRITES,
           "INSERT INTO release_draft_file (home, draft, path, bytes) VALUES (?, ?, ?, ?)");
STORE_STMT(release_draft_step_insert, STORE_WRITES,
           "INSERT INTO release_draft_step (home, draft, number, account, at_ms, word, detail) "
           "VALUES (?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(release_draft_step_list, STORE_READS,
           "SELECT account, at_ms, word, detail FROM release_draft_step WHERE home = ? AND draft = "
           "? ORDER BY number LIMIT ?");

/* ---- looks ---- */

static int get(struct store_tx *tx, struct home_id home, int64_t id, struct release_draft *ret,
               struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &release_draft_one, &rows, e, SV_I(home.v), SV_I(id));
    if (rc) return rc;
    bool found = store_next(rows);
    if (found)
        *ret = (struct release_draft){ .id = id,
                                       .system = store_text(rows, 0),
                                       .base = store_i64(rows, 1),
                                       .state = store_text(rows, 2),
                                       .version = store_i64(rows, 3),
                                       .proposed_by = store_i64(rows, 4),
                                       .release = store_i64(rows, 5),
                                       .due_ms = store_i64(rows, 6),
                                       .changed_ms = store_i64(rows, 7) };
    rc = store_end(rows, e);
    return rc ? rc : found ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

int release_draft_find(struct store_tx *tx, const struct realm *r, int64_t id,
                       struct release_draft *ret, struct err *e) {
    return get(tx, r->home, id, ret, e);
}

int release_draft_list(struct store_tx *tx, const struct realm *r, int64_t place, bool back,
                       size_t max, struct val **ret, struct err *e) {
    static const char *const names[] = { "base",    "state",  "version",
                                         "release", "due_ms", "changed_ms" };
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    int rc =
        store_query(tx, back ? &release_draft_rows_old : &release_draft_rows_new, &rows, e,
                    SV_I(r->home.v), SV_I(place || back ? place : INT64_MAX), SV_I((int64_t)max));
    if (rc) return rc;
    *ret = val_list(a);
    while (store_next(rows)) {
        struct val *v = val_map(a);
        val_put_i64(a, v, S("id"), store_i64(rows, 0));
        val_put_str(a, v, S("system"), store_text(rows, 1));
        for (int i = 0; i < 6; i++)
            if (i == 1) val_put_str(a, v, S("state"), store_text(rows, 3));
            else val_put_i64(a, v, str_of(names[i]), store_i64(rows, i + 2));
        val_push(a, *ret, v);
    }
    return store_end(rows, e);
}

int release_draft_steps(struct store_tx *tx, const struct realm *r, int64_t id, struct val **ret,
                        struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    int rc = store_query(tx, &release_draft_step_list, &rows, e, SV_I(r->home.v), SV_I(id),
                         SV_I(STEPS_MAX));
    if (rc) return rc;
    *ret = val_list(a);
    while (store_next(rows)) {
        struct val *v = val_map(a);
        val_put_i64(a, v, S("account"), store_i64(rows, 0));
        val_put_i64(a, v, S("at_ms"), store_i64(rows, 1));
        val_put_str(a, v, S("word"), store_text(rows, 2));
        val_put_str(a, v, S("detail"), store_text(rows, 3));
        val_push(a, *ret, v);
    }
    return store_end(rows, e);
}

int release_draft_wrote(struct store_tx *tx, const struct realm *r, int64_t id, int64_t account,
                        bool *ret, struct err *e) {
    struct val *steps;
    int rc = release_draft_steps(tx, r, id, &steps, e);
    *ret = false;
    for (size_t i = 0; !rc && i < val_count(steps); i++) {
        struct str word = val_get_str(val_item(steps, i), S("word"));
        *ret |=
            val_get_i64(val_item(steps, i), S("account"), 0) == account &&
            (str_eq(word, S("begin")) || str_eq(word, S("write")) || str_eq(word, S("propose")));
    }
    return rc;
}

static int by_path(const void *x, const void *y) {
    return str_cmp(((const struct release_file *)x)->path, ((const struct release_file *)y)->path);
}

/* Puts `file` in the place of the one of its path, or beside the others. */
static int put_file(struct release_files *f, struct release_file file, struct err *e) {
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->file[i].path, file.path)) {
            f->file[i] = file;
            return 0;
        }
    if (f->n == RELEASE_FILES_MAX) return err_set(e, ERR_LIMIT, "%d", RELEASE_FILES_MAX);
    f->file[f->n++] = file;
    return 0;
}

int release_draft_files(struct store_tx *tx, const struct realm *r, const struct release_draft *d,
                        struct release_files *ret, struct err *e) {
    struct store_rows *rows;
    int rc = release_files_get(tx, r->home, d->base, ret, e), put = 0;
    if (!rc) rc = store_query(tx, &release_draft_file_list, &rows, e, SV_I(r->home.v), SV_I(d->id));
    if (rc) return rc;
    while (store_next(rows))
        if (!put)
            put = put_file(ret, (struct release_file){ store_text(rows, 0), store_bytes(rows, 1) },
                           e);
    rc = store_end(rows, e);
    if (!rc && !put) qsort(ret->file, ret->n, sizeof *ret->file, by_path);
    return rc ? rc : put;
}

/* ---- acts ---- */

/* One row more of its history. `number` is the version that it makes. */
static int step(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                int64_t number, struct str word, struct str detail, struct err *e) {
    return store_exec(tx, &release_draft_step_insert, NULL, e, SV_I(r->home.v), SV_I(id),
                      SV_I(number), SV_I(who->account), SV_I(store_now_ms(tx)), SV_T(word),
                      SV_T(str_utf8_whole(str_sub(detail, 0, DETAIL_BYTES_MAX))));
}

/* Opens the act, finds the draft and holds it to its version and state. */
static int begin_act(struct act *act, struct store_tx *tx, const struct realm *r,
                     const struct actor *who, struct str power, int64_t id, int64_t version,
                     const char *state, struct release_draft *d, struct err *e) {
    access_asked(tx, S("draft"), id, 0);
    int rc = act_open(act, tx, r, who, power, e);
    if (!rc) rc = get(tx, r->home, id, d, e);
    if (!rc && d->version != version) rc = err_set(e, ERR_CONFLICT, NULL);
    if (!rc && !str_eq(d->state, str_of(state)))
        rc = err_set(e, ERR_STATE, "%.*s", STR_ARG(d->state));
    return rc;
}

/* Writes the row as it is now, its history, and closes the act. */
static int end_act(struct act *act, const struct release_draft *d, struct str word,
                   struct str detail, struct err *e) {
    int64_t changed = 0;
    int rc = store_exec(act->tx, &release_draft_step_on, &changed, e, SV_T(d->state),
                        SV_I(d->proposed_by), SV_I(d->release), SV_I(d->due_ms),
                        SV_I(store_now_ms(act->tx)), SV_I(act->realm->home.v), SV_I(d->id),
                        SV_I(d->version));
    if (!rc && changed == 0) rc = err_set(e, ERR_CONFLICT, NULL);
    if (!rc) rc = step(act->tx, act->realm, act->who, d->id, d->version + 1, word, detail, e);
    return rc ? rc : act_close(act, S("draft"), d->id, 0, word, e);
}

/* "1.0.3" -> "1.0.4"; "2026a" -> "2026a.1". */
static struct str next_version(struct arena *a, struct str v) {
    size_t from = v.len;
    int64_t n;
    while (from > 0 && v.ptr[from - 1] >= '0' && v.ptr[from - 1] <= '9') from--;
    if (!str_to_i64(str_sub(v, from, v.len), &n) || n == INT64_MAX) return ARENA_CAT(a, v, S(".1"));
    return ARENA_CAT(a, str_sub(v, 0, from), arena_i64(a, n + 1));
}

/* system.yaml under the version that follows. */
static int count_on(struct store_tx *tx, const struct release_files *f, struct release_file *ret,
                    struct err *e) {
    struct arena *a = store_arena(tx);
    for (size_t i = 0; i < f->n; i++) {
        struct val *about;
        if (!str_eq(f->file[i].path, S("system.yaml"))) continue;
        int rc = yaml_parse(a, f->file[i].path, f->file[i].bytes, &about, e);
        if (rc) return rc;
        struct val *version = (struct val *)(uintptr_t)val_get(about, S("version"));
        struct str next = next_version(a, val_text(version));
        if (version && version->kind == VAL_NUM && str_find_char(next, '.', 0) == SIZE_MAX)
            version->u.s = next;
        else val_put_str(a, about, S("version"), next);
        ret->path = f->file[i].path;
        return yaml_write_over(a, f->file[i].bytes, about, &ret->bytes, e);
    }
    return err_set(e, ERR_NOT_FOUND, "system.yaml");
}

static int write_file(struct store_tx *tx, const struct realm *r, int64_t id,
                      const struct release_file *f, struct err *e) {
    if (!release_path_ok(f->path))
        return err_line(e, ERR_SYSTEM, f->path, 0, "系统目录里不能有这个文件");
    int rc =
        store_exec(tx, &release_draft_file_drop, NULL, e, SV_I(r->home.v), SV_I(id), SV_T(f->path));
    if (rc) return rc;
    return store_exec(tx, &release_draft_file_insert, NULL, e, SV_I(r->home.v), SV_I(id),
                      SV_T(f->path), SV_B(f->bytes));
}

int release_draft_begin(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        struct str system, int64_t *ret_id, struct err *e) {
    struct act act;
    struct release_draft d = { .system = system, .version = 1, .state = S("open") };
    struct release_files files;
    struct release_file about;
    int rc = act_open(&act, tx, r, who, S("release.draft"), e);
    if (!rc) rc = release_active_id(tx, r->home, system, &d.base, e);
    if (!rc) rc = release_files_get(tx, r->home, d.base, &files, e);
    if (!rc) rc = count_on(tx, &files, &about, e);
    if (rc) return rc;
    d.id = *ret_id = store_new_id(tx);
    rc = store_exec(tx, &release_draft_insert, NULL, e, SV_I(r->home.v), SV_I(d.id), SV_T(system),
                    SV_I(d.base), SV_I(store_now_ms(tx)));
    if (!rc) rc = write_file(tx, r, d.id, &about, e);
    if (!rc) rc = step(tx, r, who, d.id, 1, S("begin"), S(""), e);
    return rc ? rc : act_close(&act, S("draft"), d.id, 0, system, e);
}

int release_draft_write(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        int64_t id, int64_t version, const struct release_files *changed,
                        struct str detail, struct err *e) {
    struct act act;
    struct release_draft d;
    int rc = begin_act(&act, tx, r, who, S("release.draft"), id, version, "open", &d, e);
    for (size_t i = 0; i < changed->n && !rc; i++) rc = write_file(tx, r, id, &changed->file[i], e);
    return rc ? rc : end_act(&act, &d, S("write"), detail, e);
}

int release_draft_move(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       int64_t id, int64_t version, enum release_draft_move move, struct str detail,
                       struct err *e) {
    static const struct {
        const char *from, *to, *word;
        bool approves;
    } moves[] = { [DRAFT_PROPOSE] = { "open", "proposed", "propose", false },
                  [DRAFT_TAKE_BACK] = { "proposed", "open", "take-back", false },
                  [DRAFT_DROP] = { "open", "dropped", "drop", false },
                  [DRAFT_RETURN] = { "proposed", "open", "return", true } };
    struct act act;
    struct release_draft d;
    const bool approves = moves[move].approves;
    int rc = begin_act(&act, tx, r, who, approves ? S("release.approve") : S("release.draft"), id,
                       version, moves[move].from, &d, e);
    if (rc) return rc;
    d.state = str_of(moves[move].to);
    d.proposed_by = move == DRAFT_PROPOSE ? who->account : 0;
    return end_act(&act, &d, str_of(moves[move].word), detail, e);
}

static int base_stands(struct store_tx *tx, const struct realm *r, const struct release_draft *d,
                       bool *ret, struct err *e) {
    int64_t active;
    int rc = release_active_id(tx, r->home, d->system, &active, e);
    *ret = rc == 0 && active == d->base;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

int release_draft_release(struct store_tx *tx, const struct realm *r, const struct actor *who,
                          int64_t id, int64_t version, int64_t due_ms, struct err *e) {
    struct act act;
    struct release_draft d;
    struct release_files files;
    bool wrote = true, stands = false;
    int rc = begin_act(&act, tx, r, who, S("release.approve"), id, version, "proposed", &d, e);
    if (!rc) rc = release_draft_wrote(tx, r, id, who->account, &wrote, e);
    if (!rc && wrote) rc = err_set(e, ERR_FORBIDDEN, "不能发布自己写的草稿，请另一个人审核");
    if (!rc) rc = base_stands(tx, r, &d, &stands, e);
    if (!rc && !stands)
        rc = err_set(e, ERR_STATE, "起草以后启用了另一个版本，请从现行版本重新起草");
    if (!rc) rc = release_draft_files(tx, r, &d, &files, e);
    if (!rc) rc = release_load(tx, r, who, &files, &d.release, e);
    if (rc) return rc;
    d.state = S("released");
    d.due_ms = due_ms;
    rc = act_emit_at(&act, RELEASE_DRAFT_DUE, id, S(""), due_ms, e);
    return rc ? rc : end_act(&act, &d, S("release"), S(""), e);
}

int release_draft_activate(struct store_tx *tx, const struct realm *r, const struct actor *who,
                           int64_t id, const struct system *sys, bool *ret_done, struct err *e) {
    struct act act;
    struct release_draft d;
    int rc = act_open(&act, tx, r, who, S("release.activate"), e);
    if (!rc) rc = get(tx, r->home, id, &d, e);
    if (!rc && (!str_eq(d.state, S("released")) || d.release != sys->release))
        rc = err_set(e, ERR_STATE, NULL);
    if (!rc) rc = base_stands(tx, r, &d, ret_done, e);
    if (!rc && *ret_done) rc = release_activate(tx, r, who, sys, e);
    if (rc) return rc;
    if (!*ret_done) d.state = S("open"), d.release = 0, d.due_ms = 0;
    return end_act(&act, &d, *ret_done ? S("activate") : S("stale"), S(""), e);
}
