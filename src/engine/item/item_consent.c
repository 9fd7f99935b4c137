/* item_consent: what a case takes of the registries: the applicant is told of each datum before the first question, and agrees or types
 * it himself. What is told is declared once, by the form (registry questions, records of repeated pages) and the item (`uses`).
 * Invariants
 *  1. Nothing of a registry is shown, kept or printed for a case but what was told and agreed to, and who applies: name, key and
 *     division, which the sign-in knows and by which the accepting unit is found.
 *  2. The decision is an act with the person as subject; it stands in the case's body, sealed, with the list as it was told.
 */
#include "engine/item/item_rows.h"

#include "engine/code/code_check.h"
#include "engine/record/record.h"

/* Beside the elements: whether the record is in force, and the day on which its registry last wrote it; of who applies, without what it
 * says of him. */
#define REGISTERED S("registered")
#define RECORDED S("recorded")

/* Lays one registry record under `name`, with {element: source} and {element: moment it came} beside it. */
static int lay_record(struct store_tx *tx, const struct realm *r, const struct system *m, struct str type_name,
                      struct str name, int64_t id, struct val *into, struct val *sources, struct val *as_of,
                      struct err *e) {
    struct arena *a = store_arena(tx);
    const struct record_type *t = system_find(m, SYSTEM_RECORD, type_name);
    struct record rec;
    struct val *shown, *from, *came;
    if (!t || id == 0) return 0;
    int rc = record_get(tx, r, t, id, &rec, e);
    if (rc) return rc == ERR_NOT_FOUND ? 0 : rc;
    shown = val_map(a);
    from = val_map(a);
    came = val_map(a);
    for (size_t i = 0; i < t->n_fields; i++) {
        struct str v = val_get_str(rec.values, t->field[i].name);
        if (t->field[i].kind == RECORD_CODE) {
            const struct code_set *set = system_find(m, SYSTEM_CODE, t->field[i].code);
            val_put_str(a, shown, ARENA_CAT(a, t->field[i].name, S("_code")), v);
            if (set && v.len) v = code_set_title(set, v);
        }
        val_put_str(a, shown, t->field[i].name, v);
        const struct val *source = val_get(rec.sources, t->field[i].name);
        val_put_str(a, from, t->field[i].name, val_get_str(source, S("source")));
        val_put_i64(a, came, t->field[i].name, val_get_i64(source, S("at_ms"), 0));
    }
    struct buf day;
    buf_init(&day, a, 16, 16);
    civil_write(&day, tz_date(r->tz, rec.recorded_ms));
    val_put_bool(a, shown, REGISTERED, str_eq(rec.state, S("active")));
    val_put_str(a, shown, RECORDED, buf_str(&day));
    val_put(a, into, name, shown);
    val_put(a, sources, name, from);
    val_put(a, as_of, name, came);
    return 0;
}

int item_prefill(struct store_tx *tx, const struct realm *r, const struct system *m, int64_t person,
                 int64_t company, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *sources = val_map(a), *as_of = val_map(a);
    *ret = val_map(a);
    int rc = lay_record(tx, r, m, S("person"), S("applicant"), person, *ret, sources, as_of, e);
    if (!rc) rc = lay_record(tx, r, m, S("company"), S("company"), company, *ret, sources, as_of, e);
    val_put(a, *ret, S("sources"), sources);
    val_put(a, *ret, S("as_of"), as_of);
    return rc;
}

/* ---- what may be taken ---- */

static const struct val *uses_of(const struct item_case *c) {
    return val_get(c->type->about, S("uses"));
}

static bool reads(const struct item_case *c) {
    return c->form->reads || val_count(uses_of(c)) > 0;
}

static struct str decision_of(const struct item_case *c) {
    return val_text(val_path(c->body, S("consent.decision")));
}

bool item_consent_open(const struct item_case *c) {
    return reads(c) && decision_of(c).len == 0;
}

bool item_consent_typed(const struct item_case *c) {
    return str_eq(decision_of(c), S("type"));
}

static bool told(const struct item_case *c, struct str path) {
    for (size_t i = 0; i < c->form->n_pages; i++)
        for (size_t k = 0; k < c->form->page[i].n_questions && !c->form->page[i].repeats; k++)
            if (str_eq(c->form->page[i].question[k].from, path)) return true;
    for (size_t i = 0; i < val_count(uses_of(c)); i++)
        if (str_eq(val_get_str(val_item(uses_of(c), i), S("from")), path)) return true;
    return false;
}

/* `root`.`name`, where a code stands beside its title as NAME_code. */
static bool may_take(const struct item_case *c, struct arena *a, struct str root, struct str name) {
    const struct str tail = S("_code");
    if (str_eq(name, S("division_code")) || str_eq(name, REGISTERED) || str_eq(name, RECORDED))
        return true;
    if (str_ends(name, tail)) name = str_sub(name, 0, name.len - tail.len);
    struct str path = ARENA_CAT(a, root, S("."), name);
    if (form_identifies(c->system, path)) return true;
    return str_eq(decision_of(c), S("agree")) && told(c, path);
}

static struct val *narrow(const struct item_case *c, struct arena *a, const struct val *all) {
    static const struct str roots[] = { S_INIT("applicant"), S_INIT("company") };
    struct val *out = val_map(a);
    for (size_t i = 0; i < 2; i++) {
        const struct val *from = val_get(all, roots[i]);
        struct val *kept = val_map(a);
        for (size_t k = 0; k < val_pairs(from); k++)
            if (may_take(c, a, roots[i], from->u.map.pair[k].key))
                val_put(a, kept, from->u.map.pair[k].key, from->u.map.pair[k].value);
        if (from) val_put(a, out, roots[i], kept);
    }
    return out;
}

int item_known(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret,
               struct err *e) {
    *ret = val_copy(store_arena(tx), val_get(c->body, S("prefill")));
    return *ret ? 0 : item_known_now(tx, r, c, ret, e);
}

int item_known_now(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret,
                   struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *all;
    int rc = item_prefill(tx, r, c->system, c->person, c->company, &all, e);
    if (rc) return rc;
    *ret = narrow(c, a, all);
    val_put(a, *ret, S("sources"), narrow(c, a, val_get(all, S("sources"))));
    val_put(a, *ret, S("as_of"), narrow(c, a, val_get(all, S("as_of"))));
    return 0;
}

void item_lay_typed(const struct item_case *c, struct val *prefill, struct arena *a) {
    const struct form *plain = system_find(c->system, SYSTEM_FORM, c->type->form);
    const struct val *answers = val_get(c->body, S("answers"));
    if (!item_consent_typed(c) || !plain) return;
    for (size_t i = 0; i < plain->n_pages; i++)
        for (size_t k = 0; k < plain->page[i].n_questions; k++) {
            const struct form_question *was = &plain->page[i].question[k], *q = &c->form->page[i].question[k];
            struct str root, name = was->from, value = val_get_str(answers, q->id);
            if (was->kind != FORM_REGISTRY || q->kind == FORM_REGISTRY || !str_cut(&name, '.', &root)) continue;
            struct val *into = (struct val *)val_get(prefill, root);
            const struct code_set *set =
                q->kind == FORM_SELECT ? system_find(c->system, SYSTEM_CODE, q->code) : NULL;
            if (!into) continue;
            if (set) val_put_str(a, into, ARENA_CAT(a, name, S("_code")), value);
            val_put_str(a, into, name, set ? code_set_title(set, value) : value);
        }
}

/* ---- telling ---- */

struct telling {
    struct store_tx *tx;
    const struct realm *r;
    const struct item_case *c;
    struct str lang;
    const struct val *known; /* all that the registries say */
    int64_t division;
    struct val *list;
};

static void add_unit(struct telling *x, struct val *units, struct str kind, struct str otherwise) {
    struct arena *a = store_arena(x->tx);
    struct str title = otherwise;
    (void)identity_unit_find(x->tx, x->r, kind, x->division, NULL, &title, NULL);
    for (size_t i = 0; i < val_count(units); i++)
        if (str_eq(val_text(val_item(units, i)), realm_words(x->r, x->lang, title))) return;
    val_push(a, units, val_str(a, realm_words(x->r, x->lang, title)));
}

/* The window, and every department that decides a part that sees the page. Where no office for the place is known, the organ and the
 * officers who will have it. */
static struct val *units_of(struct telling *x, const struct val *parts) {
    const struct item_type *t = x->c->type;
    struct val *units = val_list(store_arena(x->tx));
    add_unit(x, units, t->unit_kind, system_text(x->c->system, x->lang, val_get_str(t->about, S("organ"))));
    for (size_t i = 0; i < t->n_parts; i++)
        if (item_sees(parts, t->part[i].id))
            add_unit(x, units, t->part[i].unit_kind, item_role_title(x->c->system, t->part[i].role, x->lang));
    return units;
}

static struct val *tell(struct telling *x, struct str from, struct str title, struct str purpose,
                        const struct val *parts) {
    struct arena *a = store_arena(x->tx);
    const struct system *m = x->c->system;
    struct val *v = val_map(a), *args = val_map(a);
    val_put_str(a, args, S("item"), system_text(m, x->lang, x->c->type->name));
    val_put_str(a, v, S("from"), from);
    val_put_str(a, v, S("title"), system_text(m, x->lang, title));
    val_put_str(a, v, S("purpose"),
                purpose.len ? system_text(m, x->lang, purpose)
                            : po_fill(a, realm_text(x->r, x->lang, S("办理“{item}”")), args));
    val_put(a, v, S("units"), units_of(x, parts));
    val_push(a, x->list, v);
    return v;
}

/* From which system, which record, whose word, and since when. */
static void put_source(struct telling *x, struct val *v, const struct record_type *t, struct str source,
                       int64_t at_ms) {
    struct arena *a = store_arena(x->tx);
    const struct system *owner = NULL;
    (void)realm_find(x->r, SYSTEM_RECORD, t->id, &owner);
    if (!owner) owner = x->c->system;
    val_put_str(a, v, S("system"), system_text(owner, x->lang, owner->title));
    val_put_str(a, v, S("record"), system_text(owner, x->lang, t->title));
    val_put_str(a, v, S("source"), system_text(owner, x->lang, source.len ? source : t->source));
    val_put_str(a, v, S("as_of"), realm_day(x->r, a, x->lang, at_ms));
    val_put_i64(a, v, S("as_of_ms"), at_ms);
}

static void tell_datum(struct telling *x, struct str from, struct str title, struct str purpose,
                       const struct val *parts) {
    struct arena *a = store_arena(x->tx);
    const struct record_type *t;
    const struct record_field *f;
    for (size_t i = 0; i < val_count(x->list); i++)
        if (str_eq(val_get_str(val_item(x->list, i), S("from")), from)) return;
    if (!form_source(x->c->system, from, &t, &f)) return;
    struct val *v = tell(x, from, title.len ? title : f->title, purpose, parts);
    struct str value = val_text(val_path(x->known, from));
    if (f->kind == RECORD_CODE) value = system_text(x->c->system, x->lang, value);
    val_put_str(a, v, S("value"), f->mask.len ? code_mask(a, f->mask, value) : value);
    val_put_bool(a, v, S("masked"), f->mask.len && value.len);
    int64_t at = 0;
    (void)val_to_i64(val_path(x->known, ARENA_CAT(a, S("as_of."), from)), &at);
    put_source(x, v, t, val_text(val_path(x->known, ARENA_CAT(a, S("sources."), from))), at);
}

static void tell_all(struct telling *x, const struct form *plain) {
    struct arena *a = store_arena(x->tx);
    for (size_t i = 0; i < plain->n_pages; i++) {
        const struct form_page *p = &plain->page[i];
        for (size_t k = 0; k < p->n_questions; k++)
            if (form_takes(&p->question[k]) && !form_identifies(x->c->system, p->question[k].from))
                tell_datum(x, p->question[k].from, p->question[k].title, p->question[k].purpose, p->parts);
        const struct record_type *t =
            p->records.len ? system_find(x->c->system, SYSTEM_RECORD, p->records) : NULL;
        if (!t) continue;
        struct val *v = tell(x, ARENA_CAT(a, p->records, S("."), p->by), p->title, S(""), p->parts);
        val_put_str(a, v, S("value"), S(""));
        put_source(x, v, t, S(""), 0);
    }
    for (size_t i = 0; i < val_count(uses_of(x->c)); i++) {
        const struct val *u = val_item(uses_of(x->c), i);
        tell_datum(x, val_get_str(u, S("from")), S(""), val_get_str(u, S("purpose")), NULL);
    }
}

int item_consent_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang,
                      struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct form *plain = system_find(c->system, SYSTEM_FORM, c->type->form);
    struct val *known, *v = val_map(a);
    int rc = item_prefill(tx, r, c->system, c->person, c->company, &known, e);
    if (rc) return rc;
    struct telling x = { .tx = tx,
                         .r = r,
                         .c = c,
                         .lang = lang,
                         .known = known,
                         .list = val_list(a),
                         .division = item_division_of(val_get(c->body, S("answers")), known) };
    tell_all(&x, plain);
    val_put(a, v, S("data"), x.list);
    val_put_str(a, v, S("decision"), decision_of(c));
    *ret = v;
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

/* As it was decided, for whoever may see the case: nothing of the data themselves. */
struct val *item_consent_given(const struct realm *r, const struct item_case *c, struct str lang,
                               struct arena *a) {
    const struct val *given = val_get(c->body, S("consent"));
    if (!given) return NULL;
    struct val *v = val_map(a);
    val_put_bool(a, v, S("agreed"), str_eq(val_get_str(given, S("decision")), S("agree")));
    val_put_bool(a, v, S("typed"), item_consent_typed(c));
    val_put_str(a, v, S("at"), realm_time(r, a, lang, val_get_i64(given, S("at_ms"), 0)));
    return v;
}

/* ---- deciding ---- */

/* The records of a type that name the applicant, as maps of texts. */
static int find_records(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                        const struct form_page *p, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct record_type *t = system_find(c->system, SYSTEM_RECORD, p->records);
    const struct record_field *by = t ? record_field(t, p->by) : NULL;
    int64_t ids[FORM_ENTRIES_MAX], whose = by && str_eq(by->ref, S("company")) ? c->company : c->person;
    size_t n = 0;
    *ret = val_list(a);
    if (!by || whose == 0) return 0;
    int rc = record_find(tx, r, t, p->by, arena_fmt(a, "%lld", (long long)whose), ids, FORM_ENTRIES_MAX, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct record rec;
        rc = record_get(tx, r, t, ids[i], &rec, e);
        if (!rc && str_eq(rec.state, S("active"))) val_push(a, *ret, rec.values); /* one that has ended says nothing any more */
    }
    return rc;
}

/* Entries out of the registries, once: what the applicant changed of them stays. */
static int take_records(struct store_tx *tx, const struct realm *r, struct item_case *c,
                        const struct form *plain, struct val *answers, struct err *e) {
    int rc = 0;
    for (size_t i = 0; !rc && i < plain->n_pages; i++) {
        struct val *records;
        if (plain->page[i].records.len == 0) continue;
        rc = find_records(tx, r, c, &plain->page[i], &records, e);
        if (!rc) form_take_records(&plain->page[i], records, store_arena(tx), answers);
    }
    return rc;
}

/* What was typed in place of a registry's word is dropped when the registry's is taken after all. */
static struct val *without_typed(const struct form *plain, const struct val *answers, struct arena *a) {
    struct val *out = val_map(a);
    for (size_t i = 0; i < val_pairs(answers); i++) {
        const struct form_question *q = form_question(plain, answers->u.map.pair[i].key);
        if (!q || q->kind != FORM_REGISTRY)
            val_put(a, out, answers->u.map.pair[i].key, answers->u.map.pair[i].value);
    }
    return out;
}

int item_consent_lay(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_case *c, bool agree,
                     struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *view, *given = val_map(a);
    struct str decision = agree ? S("agree") : S("type");
    if (!reads(c)) return err_set(e, ERR_STATE, "这个事项不使用登记信息");
    int rc = item_consent_view(tx, r, c, S("zh"), &view, e);
    if (rc) return rc;
    const struct form *plain = system_find(c->system, SYSTEM_FORM, c->type->form);
    struct val *answers = agree ? without_typed(plain, val_get(c->body, S("answers")), a)
                                : val_copy(a, val_get(c->body, S("answers")));
    val_put_str(a, given, S("decision"), decision);
    val_put_i64(a, given, S("at_ms"), store_now_ms(tx));
    val_put(a, given, S("data"), (struct val *)val_get(view, S("data")));
    val_put(a, c->body, S("consent"), given);
    if (agree) rc = take_records(tx, r, c, plain, answers, e);
    val_put(a, c->body, S("answers"), answers);
    c->form = agree ? plain : plain->typed;
    if (!rc) rc = item_decide(a, c, e);
    return rc ? rc
              : item_event_add(
                    tx, r, c,
                    &(struct item_event){ .kind = S("consent"), .reason = decision, .account = who->account }, e);
}

int item_consent_give(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                      bool agree, struct err *e) {
    struct act act;
    struct item_case c;
    int rc = item_open(&act, tx, r, who, S("case.consent"), case_id, &c, e);
    if (!rc) rc = item_must_be(&c, S("draft"), e);
    if (!rc) rc = item_consent_lay(tx, r, who, &c, agree, e);
    if (!rc) rc = item_row_update(tx, r, &c, e);
    act.purpose = agree ? S("同意从登记库带入信息") : S("选择自己填写，不从登记库带入");
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, agree ? S("agree") : S("type"), e);
}
