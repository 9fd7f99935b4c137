/* item_reuse: nothing is handed in twice. What somebody gave for an earlier case, or was issued by
 * this city, is offered where a material takes documents of its kind; see item.h. What a material
 * takes, and for how long, its declaration says (kind, keeps, papers). Invariants: only the same
 * holder's own; only what stands in the store as it was given; the original is neither moved nor
 * changed: its bytes are sealed anew for the case that takes them, and the row tells where they
 * came from.
 */
#include "engine/item/item_rows.h"

#include "engine/paper/paper.h"

enum { LOOKED_MAX = 20 };

STORE_STMT(
    item_reuse_of_kind, STORE_READS,
    "SELECT case_id, id, added_ms FROM item_material WHERE home = ? AND owner = ? AND kind = ? "
    "ORDER BY id DESC LIMIT ?");
STORE_STMT(item_given_count, STORE_READS,
           "SELECT COUNT(*) FROM item_material WHERE home = ? AND owner = ?");
STORE_STMT(item_given_list, STORE_READS,
           "SELECT case_id, id FROM item_material WHERE home = ? AND owner = ? AND id < ? ORDER BY "
           "id DESC LIMIT ?");
STORE_STMT(item_given_back, STORE_READS,
           "SELECT case_id, id FROM item_material WHERE home = ? AND owner = ? AND id > ? ORDER BY "
           "id LIMIT ?");

static const struct str from_case = S_INIT("case "), from_paper = S_INIT("paper ");

struct str item_origin_text(const struct realm *r, struct str origin, struct str lang,
                            struct arena *a) {
    struct val *args = val_map(a);
    bool paper = str_starts(origin, from_paper);
    if (!paper && !str_starts(origin, from_case)) return S("");
    val_put_str(a, args, S("number"),
                str_sub(origin, paper ? from_paper.len : from_case.len, origin.len));
    return po_fill(
        a, realm_text(r, lang, paper ? S("来自证照 {number}") : S("来自您的办件 {number}")), args);
}

/* Until when a document given at a moment is taken again; 0: not at all. */
static int64_t kept_until(const struct realm *r, struct str keeps, int64_t from_ms,
                          int64_t now_ms) {
    const struct clock_event start = { .at_ms = from_ms, .kind = CLOCK_ACCEPT };
    const struct clock_rules rules = { 0 };
    struct clock_limit limit;
    struct clock_result res;
    if (keeps.len == 0 || clock_limit_parse(keeps, &limit, NULL)) return 0;
    return clock_count(r->calendar, r->tz, limit, &rules, &start, 1, now_ms, NULL, &res, NULL)
               ? 0
               : res.due_ms;
}

/* ---- files of earlier cases ---- */

struct found {
    int64_t case_id, id, added_ms;
};

static int files_of_kind(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                         struct str kind, struct found out[LOOKED_MAX], size_t *n, struct err *e) {
    struct store_rows *rows;
    *n = 0;
    int rc = store_query(tx, &item_reuse_of_kind, &rows, e, SV_I(r->home.v), SV_I(item_owner(c)),
                         SV_T(kind), SV_I(LOOKED_MAX));
    if (rc) return rc;
    while (store_next(rows))
        if (*n < LOOKED_MAX)
            out[(*n)++] =
                (struct found){ store_i64(rows, 0), store_i64(rows, 1), store_i64(rows, 2) };
    return store_end(rows, e);
}

/* A file that was handed in with another case of the same holder, and is not too old. */
static bool file_fits(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                      const struct item_material *m, const struct found *f, struct item_case *ret) {
    struct err ignored;
    if (f->case_id == c->id ||
        kept_until(r, m->keeps, f->added_ms, store_now_ms(tx)) <= store_now_ms(tx))
        return false;
    if (item_case_get(tx, r, NULL, f->case_id, ret, &ignored)) return false;
    return ret->submitted_ms && item_owner(ret) == item_owner(c);
}

static int file_name(struct store_tx *tx, const struct realm *r, const struct item_case *of,
                     const struct found *f, struct item_file *ret, struct err *e) {
    struct str material;
    return item_material_blob(tx, r, of, f->id, ret->blob, &material, &ret->media_type, &ret->name,
                              e);
}

static struct val *offer(struct arena *a, struct val *list, struct str value, struct str title,
                         struct str source, struct str date) {
    struct val *v = val_map(a);
    val_put_str(a, v, S("value"), value);
    val_put_str(a, v, S("title"), title);
    val_put_str(a, v, S("source"), source);
    val_put_str(a, v, S("date"), date);
    val_push(a, list, v);
    return v;
}

static int offer_files(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                       const struct item_material *m, struct str lang, struct val *list,
                       struct err *e) {
    struct arena *a = store_arena(tx);
    struct found all[LOOKED_MAX];
    size_t n = 0;
    int rc = m->kind.len ? files_of_kind(tx, r, c, m->kind, all, &n, e) : 0;
    for (size_t i = 0; !rc && i < n && val_count(list) < ITEM_REUSE_MAX; i++) {
        struct item_case of;
        struct item_file f;
        if (!file_fits(tx, r, c, m, &all[i], &of)) continue;
        rc = file_name(tx, r, &of, &all[i], &f, e);
        if (rc) break;
        (void)offer(a, list,
                    arena_fmt(a, "file.%lld.%lld", (long long)all[i].case_id, (long long)all[i].id),
                    f.name, item_origin_text(r, ARENA_CAT(a, from_case, of.number), lang, a),
                    realm_day(r, a, lang, all[i].added_ms));
    }
    return rc;
}

/* ---- licences ---- */

/* Is it of a system that declares one of the papers that the material names? */
static bool paper_fits(const struct realm *r, const struct item_case *c,
                       const struct item_material *m, const struct paper_row *p) {
    const struct systems *all = &r->systems;
    const struct system *of = all->by_release(all->context, p->release);
    bool named = false;
    for (size_t i = 0; i < val_count(m->papers); i++)
        named |= str_eq(val_text(val_item(m->papers, i)), p->type);
    bool ours = of && str_eq(of->id, c->system_id);
    for (size_t i = 0; of && !ours && i < c->system->n_needs; i++)
        ours = str_eq(of->id, c->system->needs[i]->id);
    int64_t holder = p->company ? p->company : p->person;
    return named && ours && p->has_blob && p->is == PAPER_IS_LICENCE && holder == item_owner(c);
}

static int offer_papers(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                        const struct item_material *m, struct str lang, struct val *list,
                        struct err *e) {
    struct arena *a = store_arena(tx);
    struct paper_query q = { .state = S("valid"), .is = PAPER_IS_LICENCE, .max = LOOKED_MAX };
    struct val *papers = NULL;
    int rc = val_count(m->papers) ? paper_of_holder(tx, r, item_owner(c), &q, &papers, e) : 0;
    for (size_t i = 0; !rc && i < val_count(papers) && val_count(list) < ITEM_REUSE_MAX; i++) {
        struct paper_row p;
        rc = paper_get(tx, r, val_get_i64(val_item(papers, i), S("id"), 0), &p, e);
        if (rc || !paper_fits(r, c, m, &p)) continue;
        const struct system *of = r->systems.by_release(r->systems.context, p.release);
        (void)offer(a, list, arena_fmt(a, "paper.%lld", (long long)p.id),
                    system_text(of, lang, p.title),
                    item_origin_text(r, ARENA_CAT(a, from_paper, p.number), lang, a),
                    realm_day(r, a, lang, p.issued_ms));
    }
    return rc;
}

int item_reuse_view(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                    const struct item_material *m, struct str lang, struct val **ret,
                    struct err *e) {
    *ret = val_list(store_arena(tx));
    int rc = offer_papers(tx, r, c, m, lang, *ret, e);
    return rc ? rc : offer_files(tx, r, c, m, lang, *ret, e);
}

/* ---- one of them ---- */

static int open_file(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                     const struct item_material *m, struct str value, struct arena *a,
                     struct item_file *f, struct str *ret_bytes, struct err *e) {
    struct found all[LOOKED_MAX];
    struct item_case of;
    size_t n = 0, i = 0;
    int rc = m->kind.len ? files_of_kind(tx, r, c, m->kind, all, &n, e) : 0;
    while (i < n && !str_eq(value, arena_fmt(a, "file.%lld.%lld", (long long)all[i].case_id,
                                             (long long)all[i].id)))
        i++;
    if (!rc && (i == n || !file_fits(tx, r, c, m, &all[i], &of)))
        rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = file_name(tx, r, &of, &all[i], f, e);
    if (!rc) rc = item_file_open(tx, r, &of, f->blob, a, ret_bytes, e);
    if (rc) return rc;
    f->name = arena_str(a, f->name);
    f->media_type = arena_str(a, f->media_type);
    f->origin = ARENA_CAT(a, from_case, of.number);
    return 0;
}

static int open_paper(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                      const struct item_material *m, int64_t id, struct arena *a,
                      struct item_file *f, struct str *ret_bytes, struct err *e) {
    struct paper_row p;
    int rc = paper_get(tx, r, id, &p, e);
    if (rc) return rc;
    bool in_force = str_eq(p.state, S("valid")) &&
                    (p.valid_until_ms == 0 || p.valid_until_ms > store_now_ms(tx));
    if (!in_force || !paper_fits(r, c, m, &p)) return err_set(e, ERR_NOT_FOUND, NULL);
    rc = paper_file(tx, r, &p, a, ret_bytes, e);
    f->name = ARENA_CAT(a, p.title, S(" "), p.number, S(".pdf"));
    f->media_type = S("application/pdf");
    f->origin = ARENA_CAT(a, from_paper, p.number);
    return rc;
}

int item_reuse_open(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                    const struct item_material *m, struct str value, struct arena *a,
                    struct item_file *f, struct str *ret_bytes, struct err *e) {
    const struct str paper = S("paper.");
    int64_t id;
    *f = (struct item_file){ 0 };
    int rc = 0;
    if (!str_starts(value, paper)) rc = open_file(tx, r, c, m, value, a, f, ret_bytes, e);
    else if (!str_to_i64(str_sub(value, paper.len, value.len), &id))
        rc = err_set(e, ERR_NOT_FOUND, NULL);
    else rc = open_paper(tx, r, c, m, id, a, f, ret_bytes, e);
    if (!rc) f->size_bytes = (int64_t)ret_bytes->len;
    return rc;
}

/* ---- all that was given ---- */

static int given_row(struct store_tx *tx, const struct realm *r, int64_t owner,
                     const struct found *x, struct str lang, struct val *list, struct err *e) {
    struct arena *a = store_arena(tx);
    struct item_case c;
    struct val *files, *v = val_map(a);
    int rc = item_case_get(tx, r, NULL, x->case_id, &c, e);
    if (!rc && item_owner(&c) != owner)
        rc = err_set(e, ERR_DAMAGED, "item_material %lld", (long long)x->id);
    if (!rc) rc = item_materials_of(tx, r, &c, &files, e);
    for (size_t i = 0; !rc && i < val_count(files); i++) {
        const struct val *f = val_item(files, i);
        const struct item_material *m = item_material(c.type, val_get_str(f, S("material")));
        if (val_get_i64(f, S("id"), 0) != x->id || !m) continue;
        int64_t added = val_get_i64(f, S("added_ms"), 0);
        val_put_i64(a, v, S("id"), x->id);
        val_put_i64(a, v, S("case_id"), c.id);
        val_put_str(a, v, S("file_name"), val_get_str(f, S("file_name")));
        val_put_str(a, v, S("size"), val_get_str(f, S("size")));
        val_put_i64(a, v, S("added_ms"), added);
        val_put_str(a, v, S("name"), system_text(c.system, lang, m->name));
        val_put_str(a, v, S("item"), system_text(c.system, lang, c.type->name));
        val_put_str(a, v, S("number"), c.number);
        val_put_i64(a, v, S("kept_ms"),
                    m->kind.len ? kept_until(r, m->keeps, added, store_now_ms(tx)) : 0);
        val_push(a, list, v);
    }
    return rc;
}

int item_given_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t at,
                    bool back, size_t max, struct str lang, struct val **ret, size_t *ret_total,
                    struct err *e) {
    enum { PAGE_MAX = 128 };
    struct found all[PAGE_MAX];
    struct store_rows *rows;
    size_t n = 0;
    int64_t owner = actor_owner(who), place = at ? at : back ? 0 : INT64_MAX;
    struct store_val whose[] = { SV_I(r->home.v), SV_I(owner) };
    int64_t total = 0;
    *ret = val_list(store_arena(tx));
    *ret_total = 0;
    if (owner == 0 || who->n_items) return 0; /* who acts in some matters finds their files with their cases */
    int rc = store_one_i64(tx, &item_given_count, whose, 2, &total, e);
    *ret_total = (size_t)total;
    if (rc) return rc;
    rc = store_query(tx, back ? &item_given_back : &item_given_list, &rows, e, SV_I(r->home.v),
                     SV_I(owner), SV_I(place), SV_I(max < PAGE_MAX ? max : PAGE_MAX));
    if (rc) return rc;
    while (store_next(rows))
        if (n < PAGE_MAX)
            all[n++] = (struct found){ .case_id = store_i64(rows, 0), .id = store_i64(rows, 1) };
    rc = store_end(rows, e);
    for (size_t i = 0; !rc && i < n; i++) rc = given_row(tx, r, owner, &all[i], lang, *ret, e);
    return rc;
}
