/* item_search: cases by what officers type; see item.h. Each word typed is looked for among the words
 * by which the reader's own scopes find cases (access.h, scope_words_put); what no case there has is
 * taken for a word of the items. The rarest of them leads; the others, and what only a hash said, are
 * judged on each case as it stands.
 * Invariants
 *  1. A case is shown, counted or part of a sum only if opening it would not be refused.
 *  2. Whatever is asked, at most ITEM_SEARCH_LOOKED_MAX cases are opened for a page and as many for
 *     the sums; that there may be more is told.
 *  3. Each person whose case is shown is the subject of an entry.
 */
#include "engine/item/item_rows.h"

#include "data/fold.h"
#include "data/gram.h"
#include "data/tz.h"

enum { TERMS_MAX = 6, ITEMS_MAX = SCOPE_OR_MAX + 1, OPTIONS_MAX = 40, NUMBER_DAY = 8, MATTERS_MAX = 3 };
enum { WORDS_MAX = 2 * GRAMS_MAX + 2 };

/* ---- what a case is found by ---- */

static struct str number_word(struct arena *a, const char *kind, struct str digits) {
    while (digits.len > 1 && digits.ptr[0] == '0') digits = str_sub(digits, 1, digits.len);
    return ARENA_CAT(a, str_of(kind), digits);
}

/* "20261121-000009-4": the day and the running number. */
static size_t number_words(struct arena *a, struct str number, struct str ret[2]) {
    struct str day, rest = number, n;
    if (!str_cut(&rest, '-', &day) || !str_cut(&rest, '-', &n)) return 0;
    ret[0] = number_word(a, "d", day);
    ret[1] = number_word(a, "n", n);
    return 2;
}

static struct str names_of(const struct item_case *c, bool company) {
    return val_text(val_path(c->body, company ? S("prefill.company.name") : S("prefill.applicant.name")));
}

static size_t name_words(struct arena *a, const struct item_case *c, struct str *word) {
    size_t n = gram_index(a, names_of(c, false), word);
    return c->company ? n + gram_index(a, names_of(c, true), word + n) : n;
}

int item_case_words_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, int64_t scope, struct err *e) {
    struct arena *a = store_arena(tx);
    struct str word[WORDS_MAX];
    size_t n = number_words(a, c->number, word);
    n += name_words(a, c, word + n);
    return scope_words_put(tx, r, S("case"), scope, c->created_ms, c->id, word, n, e);
}

int item_names_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str list, int64_t scope, int64_t key,
                   struct err *e) {
    struct str word[WORDS_MAX];
    size_t n = name_words(store_arena(tx), c, word);
    return n ? scope_words_put(tx, r, list, scope, key, c->id, word, n, e) : 0;
}

/* ---- what was typed ---- */

enum term_kind { TERM_NUMBER, TERM_NAME, TERM_ITEM };
struct term {
    enum term_kind kind;
    struct str typed;
    struct str word[GRAM_TYPED_MAX]; /* of a case: it has one of them */
    size_t n_words, n;               /* n: how many cases within reach, up to one more than are looked at */
    struct str item[ITEMS_MAX];      /* TERM_ITEM: of one of these */
    size_t n_items;
};

struct seeking {
    struct store_tx *tx;
    const struct realm *r;
    struct item_search *q;
    struct str lang;
    struct arena *a;
    struct scope_token scope;
    struct term term[TERMS_MAX];
    size_t n_terms;
    bool nothing; /* one of the words is nobody's and nothing's */
    struct scope_order order;
    int64_t now_ms;
    struct val *rows, *count[ITEM_SEARCH_FACETS];
    size_t all;
};

static int probe(struct seeking *s, const struct str *word, size_t n, size_t *ret, struct err *e) {
    enum { MOST = ITEM_SEARCH_LOOKED_MAX + 1 };
    const struct scope_order o = { .words_of = s->r, .word = word, .n_words = n };
    int64_t *ids = arena_array(s->a, MOST, sizeof *ids), *keys = arena_array(s->a, MOST, sizeof *keys);
    if (!ids || !keys) return err_set(e, ERR_MEMORY, NULL);
    return scope_page(s->tx, &s->scope, S("case"), &o, 0, 0, ids, keys, MOST, ret, e);
}

static bool digits_only(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((s.ptr[i] < '0' || s.ptr[i] > '9') && s.ptr[i] != '-') return false;
    return s.len > 0 && s.ptr[0] != '-';
}

static struct str without_signs(struct arena *a, struct str s) {
    struct buf b;
    buf_init(&b, a, s.len + 8, s.len + 8);
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '-') buf_add_char(&b, s.ptr[i]);
    return buf_str(&b);
}

/* A day with what follows it, or a running number. */
static void number_term(struct seeking *s, struct term *t) {
    struct str digits = without_signs(s->a, t->typed);
    t->kind = TERM_NUMBER;
    t->word[0] = digits.len >= NUMBER_DAY ? number_word(s->a, "d", str_sub(digits, 0, NUMBER_DAY)) : number_word(s->a, "n", digits);
    t->n_words = 1;
}

/* Of pieces that a name must all have the rarest one leads. */
static int name_term(struct seeking *s, struct term *t, struct err *e) {
    struct str piece[GRAM_TYPED_MAX];
    bool all;
    size_t n = gram_typed(s->a, t->typed, piece, &all);
    int rc = 0;
    t->kind = TERM_NAME;
    t->n = 0;
    if (!all) {
        memcpy(t->word, piece, n * sizeof *piece);
        t->n_words = n;
        return n ? probe(s, t->word, n, &t->n, e) : 0;
    }
    for (size_t i = 0; !rc && i < n; i++) {
        size_t count;
        rc = probe(s, &piece[i], 1, &count, e);
        if (rc || (i && count >= t->n)) continue;
        t->word[0] = piece[i], t->n_words = 1, t->n = count;
    }
    return rc;
}

/* The items that it means; where it is a name as well, they are only told of. */
static void item_term(struct seeking *s, struct term *t, bool name) {
    struct item_hit *hit;
    struct str meant;
    size_t n = item_find(s->r, t->typed, s->a, &hit, &meant);
    for (size_t i = 0; name && meant.len == 0 && i < n && i < MATTERS_MAX; i++) {
        struct val *v = val_map(s->a);
        val_put_str(s->a, v, S("value"), hit[i].type->id);
        val_put_str(s->a, v, S("title"), system_text(hit[i].system, s->lang, hit[i].type->name));
        val_push(s->a, s->q->matters, v);
    }
    if (name) return;
    t->kind = TERM_ITEM;
    for (t->n_items = 0; t->n_items < n && t->n_items < ITEMS_MAX; t->n_items++) t->item[t->n_items] = hit[t->n_items].type->id;
    if (meant.len) s->q->meant = meant;
    s->nothing |= t->n_items == 0;
}

static int read_terms(struct seeking *s, struct err *e) {
    struct str rest = str_trim(s->q->typed), word;
    int rc = 0;
    while (!rc && s->n_terms < TERMS_MAX && str_cut(&rest, ' ', &word)) {
        if (word.len == 0) continue;
        struct term *t = &s->term[s->n_terms++];
        t->typed = word;
        if (digits_only(word)) {
            number_term(s, t);
            rc = probe(s, t->word, 1, &t->n, e);
            s->nothing |= t->n == 0;
        } else {
            rc = name_term(s, t, e);
            if (!rc) item_term(s, t, t->n > 0);
        }
    }
    return rc;
}

/* Where to walk: along the rarest word, else along the items, else along what was chosen. */
static void set_order(struct seeking *s) {
    const struct term *lead = NULL, *items = NULL;
    const struct str item = s->q->chosen[ITEM_SEARCH_ITEM], state = s->q->chosen[ITEM_SEARCH_STATE];
    for (size_t i = 0; i < s->n_terms; i++) {
        const struct term *t = &s->term[i];
        if (t->kind == TERM_ITEM) items = t;
        else if (!lead || t->n < lead->n) lead = t;
    }
    s->order = (struct scope_order){ .back = s->q->back };
    if (lead) {
        s->order.words_of = s->r, s->order.word = lead->word, s->order.n_words = lead->n_words;
    } else if (item.len) {
        s->order.facet = SCOPE_A, s->order.value = item;
    } else if (items && items->n_items) {
        s->order.facet = SCOPE_A, s->order.value = items->item[0];
        s->order.or_value = items->item + 1, s->order.n_or = items->n_items - 1;
    } else if (state.len) {
        s->order.facet = SCOPE_B, s->order.value = state;
    }
}

static bool number_fits(struct arena *a, const struct item_case *c, const struct term *t) {
    struct str word[2], digits = without_signs(a, t->typed);
    if (digits.len >= NUMBER_DAY) return str_starts(without_signs(a, c->number), digits);
    return number_words(a, c->number, word) && str_eq(word[1], t->word[0]);
}

static bool fits(const struct seeking *s, const struct item_case *c) {
    for (size_t i = 0; i < s->n_terms; i++) {
        const struct term *t = &s->term[i];
        bool is = t->kind == TERM_NUMBER && number_fits(s->a, c, t);
        if (t->kind == TERM_NAME)
            is = gram_fits(s->a, names_of(c, false), t->typed) || (c->company && gram_fits(s->a, names_of(c, true), t->typed));
        for (size_t k = 0; k < t->n_items; k++) is |= str_eq(t->item[k], c->item);
        if (!is) return false;
    }
    return true;
}

/* ---- facets ---- */

static const struct {
    struct str value, title;
    int64_t days;
} times[] = { { S_INIT("7"), S_INIT("7 天内"), 7 },
              { S_INIT("30"), S_INIT("30 天内"), 30 },
              { S_INIT("365"), S_INIT("一年内"), 365 } };
enum { TIMES = sizeof times / sizeof *times };

/* What the case is under a facet: of times as many as it is within. */
static size_t values_of(const struct seeking *s, const struct item_case *c, enum item_search_facet f, struct str ret[TIMES]) {
    size_t n = 0;
    ret[0] = S("");
    switch (f) {
    case ITEM_SEARCH_STATE: ret[0] = c->state; break;
    case ITEM_SEARCH_ITEM: ret[0] = c->item; break;
    case ITEM_SEARCH_UNIT: ret[0] = arena_i64(s->a, c->unit); break;
    case ITEM_SEARCH_DIVISION: ret[0] = c->division ? arena_i64(s->a, c->division) : S(""); break;
    case ITEM_SEARCH_CHANNEL: ret[0] = c->channel; break;
    case ITEM_SEARCH_RESULT: ret[0] = c->result; break;
    case ITEM_SEARCH_TIME:
        for (size_t i = 0; i < TIMES; i++)
            if (c->submitted_ms > s->now_ms - times[i].days * 86400000) ret[n++] = times[i].value;
        return n;
    case ITEM_SEARCH_FACETS: break;
    }
    return ret[0].len > 0;
}

static bool is_chosen(const struct seeking *s, const struct item_case *c, enum item_search_facet f) {
    struct str v[TIMES];
    size_t n = s->q->chosen[f].len ? values_of(s, c, f, v) : 0;
    for (size_t i = 0; i < n; i++)
        if (str_eq(v[i], s->q->chosen[f])) return true;
    return s->q->chosen[f].len == 0;
}

/* Is it what was chosen, but for facet `but`? */
static bool passes(const struct seeking *s, const struct item_case *c, int but) {
    for (int f = 0; f < ITEM_SEARCH_FACETS; f++)
        if (f != but && !is_chosen(s, c, (enum item_search_facet)f)) return false;
    return true;
}

/* The code's own entry of the set of divisions, else that of the district or city above it. */
static struct str division_title(const struct seeking *s, const struct item_case *c, struct str code) {
    struct str six = str_sub(code, 0, 6), title = item_code_text(c->system, S("division"), code, s->lang);
    if (title.len == 0) title = item_code_text(c->system, S("division"), six, s->lang);
    return title.len ? title : six;
}

static struct str title_of(const struct seeking *s, const struct item_case *c, enum item_search_facet f, struct str value) {
    struct str title = S("");
    switch (f) {
    case ITEM_SEARCH_STATE:
    case ITEM_SEARCH_RESULT: return item_word_text(s->r, s->lang, value);
    case ITEM_SEARCH_ITEM: return system_text(c->system, s->lang, c->type->name);
    case ITEM_SEARCH_UNIT:
        if (identity_unit_title(s->tx, s->r, c->unit, s->lang, &title, NULL)) title = S("");
        return title.len ? title : value;
    case ITEM_SEARCH_DIVISION: return division_title(s, c, value);
    case ITEM_SEARCH_CHANNEL: title = item_code_text(c->system, S("handling_form"), value, s->lang); return title.len ? title : value;
    case ITEM_SEARCH_TIME:
        for (size_t i = 0; i < TIMES; i++)
            if (str_eq(times[i].value, value)) return realm_text(s->r, s->lang, times[i].title);
        return value;
    case ITEM_SEARCH_FACETS: break;
    }
    return value;
}

static void count_one(struct seeking *s, const struct item_case *c, enum item_search_facet f, struct str value) {
    struct val *list = s->count[f];
    for (size_t i = 0; i < val_count(list); i++) {
        struct val *v = list->u.list.item[i];
        if (!str_eq(val_get_str(v, S("value")), value)) continue;
        val_put_i64(s->a, v, S("count"), val_get_i64(v, S("count"), 0) + 1);
        return;
    }
    if (val_count(list) == OPTIONS_MAX) return;
    struct val *v = val_map(s->a);
    val_put_str(s->a, v, S("value"), value);
    val_put_str(s->a, v, S("title"), title_of(s, c, f, value));
    val_put_i64(s->a, v, S("count"), 1);
    val_push(s->a, list, v);
}

static void count_case(struct seeking *s, const struct item_case *c) {
    for (int f = 0; f < ITEM_SEARCH_FACETS; f++) {
        struct str v[TIMES];
        size_t n = passes(s, c, f) ? values_of(s, c, (enum item_search_facet)f, v) : 0;
        for (size_t i = 0; i < n; i++) count_one(s, c, (enum item_search_facet)f, v[i]);
    }
}

/* ---- the walk ---- */

/* Cases behind q->at: up to `max` rows, and of all that are looked at the sums where they are wanted. */
static int walk(struct seeking *s, size_t max, bool sums, bool *whole, struct err *e) {
    struct scope_walk *w = arena_new(s->a, struct scope_walk);
    struct item_search *q = s->q;
    size_t looked = 0;
    int64_t id = 0;
    int rc = 0;
    if (!w) return err_set(e, ERR_MEMORY, NULL);
    scope_walk_begin(w, &s->scope, S("case"), sums ? 0 : q->at.key, sums ? 0 : q->at.id, SCOPE_PAGE_MAX, true);
    w->order = s->order;
    while (!rc && looked < ITEM_SEARCH_LOOKED_MAX && (sums || val_count(s->rows) < max)) {
        struct item_case c;
        rc = scope_walk_next(s->tx, w, &id, e);
        if (rc || id == 0) break;
        looked++;
        rc = item_case_get(s->tx, s->r, NULL, id, &c, e);
        if (rc || !c.submitted_ms || !scope_walk_check(w, item_case_object(s->a, &c), s->a) || !fits(s, &c)) continue;
        if (sums) count_case(s, &c);
        if (!passes(s, &c, -1)) continue;
        s->all++;
        if (val_count(s->rows) == max) continue;
        struct val *v = item_head_view(s->r, &c, s->lang, s->a);
        val_put_i64(s->a, v, S("key"), w->key);
        val_put_i64(s->a, v, S("person"), c.person);
        val_push(s->a, s->rows, v);
    }
    *whole = !rc && id == 0 && !w->cut;
    q->at = (struct item_place){ w->key, w->object, !*whole && val_count(s->rows) < max };
    return rc;
}

/* Sums are those of the whole, also on a page further down. */
static int look(struct seeking *s, struct err *e) {
    const struct item_place behind = s->q->at;
    const bool first = behind.key == 0 && behind.id == 0;
    bool whole = true;
    int rc = s->q->sums ? walk(s, first ? s->q->max : 0, true, &whole, e) : 0;
    s->q->total = s->q->sums && whole ? s->all : SCOPE_UNCOUNTED;
    for (int f = 0; !rc && f < ITEM_SEARCH_FACETS; f++)
        for (size_t i = 0; !whole && i < val_count(s->count[f]); i++)
            val_put_i64(s->a, s->count[f]->u.list.item[i], S("count"), -1);
    if (rc || (first && s->q->sums)) return rc;
    s->q->at = behind;
    return walk(s, s->q->max, false, &whole, e);
}

/* One entry for each that is shown; where nothing is, the search itself is one. */
static int note(struct seeking *s, const struct actor *who, struct err *e) {
    const size_t n = val_count(s->rows);
    int rc = 0;
    for (size_t i = 0; !rc && i < (n ? n : 1); i++) {
        const struct val *row = n ? val_item(s->rows, i) : NULL;
        const int64_t id = val_get_i64(row, S("id"), 0);
        struct act act;
        rc = act_open(&act, s->tx, s->r, who, S("case.read"), e);
        if (rc) return rc;
        act.subject = val_get_i64(row, S("person"), 0);
        act.purpose = S("查询");
        rc = act_close(&act, S("case"), id, id, S("find"), e);
    }
    return rc;
}

int item_search(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_search *q, struct str lang,
                struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct seeking *s = arena_new(a, struct seeking);
    if (!s) return err_set(e, ERR_MEMORY, NULL);
    *s = (struct seeking){ .tx = tx, .r = r, .q = q, .lang = lang, .a = a, .now_ms = store_now_ms(tx), .rows = val_list(a) };
    q->typed = str_sub(q->typed, 0, ITEM_SEARCH_TYPED_MAX * 4);
    q->matters = val_list(a), q->facets = val_list(a), q->meant = S(""), q->total = 0;
    for (int f = 0; f < ITEM_SEARCH_FACETS; f++) val_push(a, q->facets, s->count[f] = val_list(a));
    *ret = s->rows;
    int rc = access_may(r, who, S("case.read"), &s->scope, e);
    bool asked = str_trim(q->typed).len > 0;
    for (int f = 0; f < ITEM_SEARCH_FACETS; f++) asked |= q->chosen[f].len > 0;
    if (rc || !asked) return rc;
    rc = read_terms(s, e);
    set_order(s);
    q->at.cut = false;
    if (!rc && !s->nothing) rc = look(s, e);
    return rc ? rc : note(s, who, e);
}
