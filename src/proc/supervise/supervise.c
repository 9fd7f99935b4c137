/* supervise: the judging process and its memory; see role.h. The memory is one small file, replaced
 * as a whole and durably: the entry read last with its leaf, and the cards that were ordered and
 * have not been seen in the log. */
#include "proc/supervise/role.h"

#include "base/log.h"
#include "data/json.h"
#include "data/write.h"
#include "engine/supervise/supervise.h"
#include "os/os.h"

#include <stdlib.h>

enum {
    FILE_BYTES_MAX = 8 * 1024 * 1024,
    FILE_NODES_MAX = 200000,
    LEAF_CHARS = 64,
    ARENA_BYTES = 512 * 1024 * 1024
};

struct supervise_memory {
    const char *path;     /* NULL: nothing outlives the process */
    struct arena kept[2]; /* what is known, and room for what will be */
    unsigned now;
    int64_t number;
    struct str leaf;
    struct val *ordered; /* [{at (the entry before which it was), card}] */
    /* of the last question, until all it asked for is done */
    struct arena asking;
    bool asked;
    int64_t to;
    struct str to_leaf;
    struct val *next;
};

static struct val *state(struct supervise_memory *m, struct arena *a) {
    struct val *v = val_map(a);
    val_put_i64(a, v, S("number"), m->number);
    val_put_str(a, v, S("leaf"), m->leaf);
    val_put(a, v, S("ordered"), m->ordered);
    return v;
}

static struct str written(struct arena *a, const struct val *v) {
    struct buf b;
    buf_init(&b, a, 4096, SUPERVISE_MESSAGE_BYTES_MAX);
    write_json(&b, v);
    return buf_ok(&b) ? buf_str(&b) : S("");
}

static int save(struct supervise_memory *m, struct err *e) {
    struct arena a;
    arena_init(&a, "supervise file", ARENA_BYTES);
    struct str bytes = written(&a, state(m, &a));
    int rc = bytes.len ? 0 : err_set(e, ERR_MEMORY, NULL);
    if (!rc && m->path) rc = os_write_file(m->path, bytes, e);
    arena_done(&a);
    return rc;
}

/* Takes up another state: into the room that is free, before the old one is let go. */
static void keep(struct supervise_memory *m, int64_t number, struct str leaf,
                 const struct val *ordered) {
    struct arena *a = &m->kept[!m->now];
    arena_reset(a);
    m->number = number;
    m->leaf = arena_str(a, leaf);
    m->ordered = ordered ? val_copy(a, ordered) : val_list(a);
    m->now = !m->now;
}

int supervise_memory_open(const char *path, struct supervise_memory **ret, struct err *e) {
    struct supervise_memory *m = calloc(1, sizeof *m);
    struct arena a;
    struct str bytes;
    struct val *v = NULL;
    if (!m) return err_set(e, ERR_MEMORY, NULL);
    for (int i = 0; i < 2; i++) arena_init(&m->kept[i], "supervise", ARENA_BYTES);
    arena_init(&m->asking, "supervise question", ARENA_BYTES);
    arena_init(&a, "supervise file", ARENA_BYTES);
    m->path = path;
    int rc = path ? os_read_file(&a, path, FILE_BYTES_MAX, &bytes, e) : ERR_NOT_FOUND;
    if (!rc) rc = json_parse(&a, bytes, FILE_NODES_MAX, &v, e);
    bool whole = val_get_i64(v, S("number"), -1) >= 0 && val_get(v, S("ordered"));
    if (!rc && !whole) rc = err_set(e, ERR_DAMAGED, "%s", path);
    if (rc == ERR_NOT_FOUND) rc = 0;
    if (!rc)
        keep(m, val_get_i64(v, S("number"), 0), val_get_str(v, S("leaf")),
             val_get(v, S("ordered")));
    arena_done(&a);
    if (rc) supervise_memory_close(m);
    else *ret = m;
    return rc;
}

void supervise_memory_close(struct supervise_memory *m) {
    if (!m) return;
    for (int i = 0; i < 2; i++) arena_done(&m->kept[i]);
    arena_done(&m->asking);
    free(m);
}

/* ---- reading the log ---- */

static bool among(const struct val *list, const char *key, struct str occasion) {
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *v = val_item(list, i);
        if (str_eq(key ? val_get_str(v, str_of(key)) : val_text(v), occasion)) return true;
    }
    return false;
}

/* The entries follow one another and the one that was read last. */
static int check_entries(struct supervise_memory *m, const struct val *q, struct err *e) {
    const struct val *entries = val_get(q, S("entries"));
    int64_t number = m->number;
    m->to = number;
    m->to_leaf = m->leaf;
    if (val_get_i64(q, S("number"), -1) != m->number)
        return err_set(e, ERR_CONFLICT, "asked from entry %lld, read up to %lld",
                       (long long)val_get_i64(q, S("number"), -1), (long long)m->number);
    if (m->number && !str_eq(val_get_str(q, S("leaf")), m->leaf))
        return err_set(e, ERR_CONFLICT,
                       "entry %lld is not the one that was read: the log was put back or rewritten",
                       (long long)m->number);
    for (size_t i = 0; i < val_count(entries); i++) {
        const struct val *v = val_item(entries, i);
        struct str leaf = val_get_str(v, S("leaf"));
        if (val_get_i64(v, S("number"), 0) != ++number || leaf.len != LEAF_CHARS)
            return err_set(e, ERR_CONFLICT, "entry %lld is missing", (long long)number);
        m->to = number;
        m->to_leaf = leaf;
    }
    return 0;
}

/* What happened in every case that an entry names must have been told. */
static int check_cases(const struct val *q, struct err *e) {
    const struct val *entries = val_get(q, S("entries")), *cases = val_get(q, S("cases"));
    for (size_t i = 0; i < val_count(entries); i++) {
        int64_t id = val_get_i64(val_item(entries, i), S("case_id"), 0);
        bool told = !id;
        for (size_t k = 0; !told && k < val_count(cases); k++)
            told = val_get_i64(val_item(cases, k), S("id"), 0) == id;
        if (!told) return err_set(e, ERR_CONFLICT, "nothing was told of case %lld", (long long)id);
    }
    return 0;
}

/* ---- judging ---- */

static void order(struct supervise_memory *m, struct arena *a, struct val *next, struct val *cards,
                  const struct val *card) {
    struct val *v = val_map(a);
    val_put_i64(a, v, S("at"), m->to);
    val_put_str(a, v, S("occasion"), val_get_str(card, S("occasion")));
    val_put(a, v, S("card"), val_copy(a, card));
    if (val_count(next) < SUPERVISE_ORDERED_MAX) val_push(a, next, v);
    val_push(a, cards, val_copy(a, card));
}

/* What was ordered before: seen in the log it is done, unseen for too long it is ordered again. */
static void go_through_ordered(struct supervise_memory *m, const struct val *q, struct arena *a,
                               struct val *next, struct val *cards) {
    for (size_t i = 0; i < val_count(m->ordered); i++) {
        const struct val *v = val_item(m->ordered, i);
        if (among(val_get(q, S("entries")), "occasion", val_get_str(v, S("occasion")))) continue;
        if (m->to - val_get_i64(v, S("at"), 0) <= SUPERVISE_UNSEEN_MAX) {
            val_push(a, next, val_copy(a, v));
            continue;
        }
        LOG(LOG_WARN, "supervise", S(""),
            "a card was ordered and is not in the log: it is ordered again",
            LOG_TEXT("occasion", val_get_str(v, S("occasion"))));
        order(m, a, next, cards, val_get(v, S("card")));
    }
}

static void judge_case(struct supervise_memory *m, const struct val *rules, const struct val *told,
                       struct arena *a, struct val *next, struct val *cards, struct val *looks) {
    struct val *said = val_list(a), *v;
    int64_t look_ms = 0;
    supervise_judge(rules, val_get(told, S("facts")), os_now_ms(), a, said, &look_ms);
    for (size_t i = 0; i < val_count(said); i++) {
        struct str occasion = val_get_str(val_item(said, i), S("occasion"));
        if (!among(val_get(told, S("known")), NULL, occasion) && !among(next, "occasion", occasion))
            order(m, a, next, cards, val_item(said, i));
    }
    if (look_ms == val_get_i64(told, S("look_ms"), 0)) return;
    v = val_map(a);
    val_put_i64(a, v, S("case_id"), val_get_i64(told, S("id"), 0));
    val_put_i64(a, v, S("look_ms"), look_ms);
    val_push(a, looks, v);
}

static int judge(struct supervise_memory *m, struct str body, struct arena *out, struct str *ret,
                 struct err *e) {
    struct arena *a = &m->asking;
    struct val *q, *answer;
    arena_reset(a);
    m->asked = false;
    int rc = json_parse(a, body, SUPERVISE_NODES_MAX, &q, e);
    if (!rc) rc = check_entries(m, q, e);
    if (!rc) rc = check_cases(q, e);
    if (rc) return rc;
    struct val *next = val_list(a), *cards = val_list(a), *looks = val_list(a);
    const struct val *cases = val_get(q, S("cases"));
    go_through_ordered(m, q, a, next, cards);
    for (size_t i = 0; i < val_count(cases); i++)
        judge_case(m, val_get(q, S("rules")), val_item(cases, i), a, next, cards, looks);
    answer = val_map(a);
    val_put(a, answer, S("cards"), cards);
    val_put(a, answer, S("looks"), looks);
    val_put_i64(a, answer, S("to"), m->to);
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, NULL);
    m->next = next;
    m->asked = true;
    *ret = written(out, answer);
    return ret->len ? 0 : err_set(e, ERR_MEMORY, NULL);
}

static int done(struct supervise_memory *m, struct str body, struct arena *a, struct err *e) {
    struct val *v;
    int rc = json_parse(a, body, 16, &v, e);
    if (rc) return rc;
    if (!m->asked || val_get_i64(v, S("number"), -1) != m->to)
        return err_set(e, ERR_CONFLICT, "that was not the last question");
    bool same = m->to == m->number && val_count(m->next) == val_count(m->ordered);
    m->asked = false;
    keep(m, m->to, m->to_leaf, m->next);
    return same ? 0 : save(m, e);
}

int supervise_answer(struct supervise_memory *m, enum supervise_type type, struct str body,
                     struct arena *a, struct str *ret, struct err *e) {
    struct val *v;
    *ret = S("{}");
    if (type == SUPERVISE_JUDGE) return judge(m, body, a, ret, e);
    if (type == SUPERVISE_DONE) return done(m, body, a, e);
    v = val_map(a);
    val_put_i64(a, v, S("number"), m->number);
    val_put_str(a, v, S("leaf"), m->leaf);
    *ret = written(a, v);
    return 0;
}

/* ---- the process ---- */

static int at_op(struct ipc_call *c, struct err *e) {
    return supervise_answer(c->context, SUPERVISE_AT, c->body, c->arena, &c->reply, e);
}

static int judge_op(struct ipc_call *c, struct err *e) {
    return supervise_answer(c->context, SUPERVISE_JUDGE, c->body, c->arena, &c->reply, e);
}

static int done_op(struct ipc_call *c, struct err *e) {
    return supervise_answer(c->context, SUPERVISE_DONE, c->body, c->arena, &c->reply, e);
}

static const struct ipc_op ops[] = {
    { SUPERVISE_AT, "at", 0, 0, 256, at_op, 0 },
    { SUPERVISE_JUDGE, "judge", 2, SUPERVISE_MESSAGE_BYTES_MAX, SUPERVISE_MESSAGE_BYTES_MAX,
      judge_op, 0 },
    { SUPERVISE_DONE, "done", 2, 256, 2, done_op, 0 },
};
const struct ipc_table supervise_table = { "supervise", ops, sizeof ops / sizeof *ops,
                                           ARENA_BYTES };

int supervise_main(struct role_context *c) {
    struct arena a;
    struct err e = { 0 };
    struct supervise_memory *m = NULL;
    arena_init(&a, "supervise role", 65536);
    struct str data = role_config(c, S("data"));
    const char *dir = arena_fmt(&a, "%.*s/supervise", STR_ARG(data)).ptr,
               *path = arena_fmt(&a, "%.*s/supervise/memory", STR_ARG(data)).ptr;
    const struct sandbox_path paths[] = { { dir, true }, { "/dev/urandom", false } };
    int rc = dir && path ? role_lock(c, paths, sizeof paths / sizeof *paths, &e)
                         : err_set(&e, ERR_MEMORY, NULL);
    if (!rc) rc = supervise_memory_open(path, &m, &e);
    if (rc) LOG(LOG_ERROR, "supervise", S(""), "cannot begin", LOG_ERR(&e));
    int code = rc ? 1 : role_serve(c, &supervise_table, m);
    supervise_memory_close(m);
    arena_done(&a);
    return code;
}
