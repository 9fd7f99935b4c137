/* record_find: the records of a registry by what its keeper typed; see record.h. What was typed is a number, which is looked for whole,
 * or a name: words of it are looked for among those by which the reader's own divisions find records (record_words.c), pass after pass.
 * Invariants
 *  1. A hash only finds candidates: each is opened, judged by the grants, and compared with what was typed.
 *  2. Whatever is typed, at most RECORD_LOOKED_MAX records are opened for a page; that there may be more is told.
 *  3. Each person whose record is shown is the subject of an entry; what was typed stands in none.
 */
#include "data/gram.h"
#include "engine/code/code_check.h"
#include "engine/record/record_impl.h"

enum pass { PASS_EXACT, PASS_WHOLE, PASS_PART, PASS_NEAR };
_Static_assert((int)PASS_NEAR + 1 == (int)RECORD_PASSES, "as record.h counts them");
enum { WORDS_TYPED_MAX = 4 };

struct seeking {
    struct store_tx *tx;
    const struct realm *r;
    const struct record_registry *g;
    struct record_typed *q;
    struct arena *a;
    struct act act;
    struct scope_token scope; /* over divisions */
    struct str typed, list;
    struct str part[WORDS_TYPED_MAX]; /* of what was typed, between blanks */
    size_t n_parts;
    const struct record_field *number[RECORD_SEARCHED_MAX]; /* as which it is looked for whole */
    size_t n_numbers;
    struct str near[GRAM_NEAR_MAX];
    size_t n_near;
    struct str word[SCOPE_OR_MAX];
    size_t n_words;
    struct val *rows;
    size_t looked;
};

/* ---- what was typed ---- */

static bool has_digit(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] >= '0' && s.ptr[i] <= '9') return true;
    return false;
}

static bool is_ascii(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80) return false;
    return s.len > 0;
}

/* The elements that it may be the whole of: letters with a digit among them, as their format has it. ERR_CHECK_DIGIT: it is one's, but for
 * a slip, and no other's. */
static int numbers_of(struct arena *a, const struct record_type *t, struct str typed, const struct record_field **ret, size_t *n,
                      struct err *e) {
    const struct str clean = str_utf8_valid(typed) ? code_clean(a, typed) : S("");
    struct err why = { 0 }, slip = { 0 };
    *n = 0;
    if (!is_ascii(clean) || !has_digit(clean)) return 0;
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct record_field *f = &t->field[i];
        if (f->searched != RECORD_EXACTLY || clean.len > f->length_max) continue;
        int rc = f->format.len ? code_check(f->format, clean, &why) : 0;
        if (rc == ERR_CHECK_DIGIT) slip = why;
        else if (!rc) ret[(*n)++] = f;
    }
    if (!slip.code) return 0;
    *n = 0;
    return err_set(e, ERR_CHECK_DIGIT, "%s", slip.detail);
}

int record_typed_check(struct arena *a, const struct record_type *t, struct str typed, struct err *e) {
    const struct record_field *ignored[RECORD_SEARCHED_MAX];
    size_t n;
    return numbers_of(a, t, typed, ignored, &n, e);
}

static struct str head_of(struct str typed) {
    size_t at = 0;
    for (size_t i = 0; i < RECORD_TYPED_MAX && at < typed.len; i++) (void)str_utf8_next(typed, &at);
    return str_trim(str_sub(typed, 0, at));
}

static void read_typed(struct seeking *s) {
    struct str rest, word;
    s->typed = rest = head_of(s->q->typed);
    (void)numbers_of(s->a, s->g->type, s->typed, s->number, &s->n_numbers, NULL);
    while (s->n_parts < WORDS_TYPED_MAX && str_cut(&rest, ' ', &word))
        if (word.len) s->part[s->n_parts++] = word;
}

/* ---- words to look for ---- */

static int probe(struct seeking *s, const struct str *word, size_t max, size_t *ret, struct err *e) {
    const struct scope_order o = { .words_of = s->r, .word = word, .n_words = 1 };
    int64_t ids[RECORD_LOOKED_MAX], keys[RECORD_LOOKED_MAX];
    return scope_page(s->tx, &s->scope, s->list, &o, 0, 0, ids, keys, max, ret, e);
}

/* Of pieces that a name must all have the rarest leads. */
static int rarest(struct seeking *s, const struct str *piece, size_t n, size_t *best, struct err *e) {
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++) {
        size_t count;
        rc = probe(s, &piece[i], RECORD_LOOKED_MAX, &count, e);
        if (rc || (s->n_words && count >= *best)) continue;
        s->word[0] = piece[i], s->n_words = 1, *best = count;
    }
    return rc;
}

static int part_words(struct seeking *s, struct err *e) {
    struct str piece[GRAM_TYPED_MAX];
    size_t best = 0, n;
    bool all;
    int rc = 0;
    for (size_t i = 0; !rc && i < s->n_parts; i++) {
        n = gram_typed(s->a, s->part[i], piece, &all);
        if (n && all) rc = rarest(s, piece, n, &best, e);
    }
    if (rc || s->n_words) return rc;
    n = gram_typed(s->a, s->typed, piece, &all); /* letters: one of them, "zhang wei" is one word */
    if (n && all) return rarest(s, piece, n, &best, e);
    for (size_t i = 0; i < n && s->n_words < SCOPE_OR_MAX; i++) s->word[s->n_words++] = piece[i];
    for (size_t i = 0; s->n_parts > 1 && i < s->n_parts && s->n_words < SCOPE_OR_MAX; i++) {
        n = gram_typed(s->a, s->part[i], piece, &all);
        if (n) s->word[s->n_words++] = piece[n - 1];
    }
    return 0;
}

/* Of the many that it may be meant for, those that somebody within reach has. */
static int near_words(struct seeking *s, struct err *e) {
    int rc = 0;
    s->n_near = gram_near(s->a, s->typed, s->near);
    for (size_t i = 0; !rc && i < s->n_near && s->n_words < SCOPE_OR_MAX; i++) {
        size_t count = 0;
        rc = probe(s, &s->near[i], 1, &count, e);
        if (!rc && count) s->word[s->n_words++] = s->near[i];
    }
    return rc;
}

static int words_of(struct seeking *s, enum pass pass, struct err *e) {
    s->n_words = 0;
    if ((pass == PASS_EXACT) != (s->n_numbers > 0)) return 0;
    switch (pass) {
    case PASS_EXACT:
        for (size_t i = 0; i < s->n_numbers; i++)
            s->word[s->n_words++] = record_word_exact(s->a, s->number[i], code_clean(s->a, s->typed));
        return 0;
    case PASS_WHOLE:
        if (gram_plain(s->a, s->typed).len) s->word[s->n_words++] = record_word_whole(s->a, s->typed);
        return 0;
    case PASS_PART: return part_words(s, e);
    case PASS_NEAR: return near_words(s, e);
    }
    return 0;
}

/* ---- what a record says itself ---- */

static bool is_whole(const struct seeking *s, struct str name) {
    return str_eq(gram_plain(s->a, name), gram_plain(s->a, s->typed));
}

static bool has_part(const struct seeking *s, struct str name) {
    bool each = s->n_parts > 1;
    for (size_t i = 0; i < s->n_parts; i++) each = each && gram_fits(s->a, name, s->part[i]);
    return each || gram_fits(s->a, name, s->typed);
}

static bool is_number(const struct seeking *s, const struct val *values) {
    const struct str clean = code_clean(s->a, s->typed);
    for (size_t i = 0; i < s->n_numbers; i++) {
        const struct record_field *f = s->number[i];
        if (str_eq(record_clean(s->a, f, val_get_str(values, f->name)), clean)) return true;
    }
    return false;
}

static bool fits(const struct seeking *s, enum pass pass, const struct record *rec) {
    bool whole = false, part = false, near = false;
    if (pass == PASS_EXACT) return is_number(s, rec->values);
    for (size_t i = 0; i < s->g->type->n_fields; i++) {
        const struct record_field *f = &s->g->type->field[i];
        const struct str name = val_get_str(rec->values, f->name);
        if (f->searched != RECORD_BY_NAME || name.len == 0) continue;
        whole |= is_whole(s, name);
        part |= pass == PASS_PART && has_part(s, name);
        near |= pass == PASS_NEAR && gram_near_fits(s->a, name, s->typed, s->near, s->n_near);
    }
    return pass == PASS_WHOLE ? whole : pass == PASS_PART ? part && !whole : near;
}

/* ---- the walk ---- */

/* Records of one pass behind q->at.id; *more: the page is full, or as much as may be was looked at. */
static int walk(struct seeking *s, enum pass pass, bool *more, struct err *e) {
    struct scope_walk *w = arena_new(s->a, struct scope_walk);
    struct record_typed *q = s->q;
    int64_t id = 0;
    int rc = words_of(s, pass, e);
    if (rc || s->n_words == 0) return rc;
    if (!w) return err_set(e, ERR_MEMORY, NULL);
    scope_walk_begin(w, &s->scope, s->list, q->at.id, q->at.id, SCOPE_PAGE_MAX, true);
    w->order = (struct scope_order){ .words_of = s->r, .word = s->word, .n_words = s->n_words };
    while (!rc && !*more) {
        struct record rec;
        if (s->looked == RECORD_LOOKED_MAX) {
            *more = q->cut = true;
            break;
        }
        const int64_t behind = w->object;
        rc = scope_walk_next(s->tx, w, &id, e);
        if (rc || id == 0) break;
        s->looked++;
        rc = record_get(s->tx, s->r, s->g->type, id, &rec, e);
        if (rc || record_judge(&s->act, s->g, rec.state, rec.division, NULL) || !fits(s, pass, &rec)) continue;
        if (val_count(s->rows) == q->max) {
            q->at.id = behind; /* it is the first of the next page */
            *more = true;
            return 0;
        }
        val_push(s->a, s->rows, record_row(s->a, s->g, &rec));
        q->near = pass == PASS_NEAR;
    }
    if (!rc && w->cut) *more = q->cut = true;
    q->at.id = *more ? w->object : 0;
    return rc;
}

static int look(struct seeking *s, struct err *e) {
    struct record_typed *q = s->q;
    const bool first = q->at.pass == 0 && q->at.id == 0;
    bool more = false;
    int rc = 0;
    for (; !rc && q->at.pass < RECORD_PASSES; q->at.pass++) {
        const enum pass pass = (enum pass)q->at.pass;
        if (pass == PASS_NEAR && q->at.id == 0 && (!first || val_count(s->rows))) break; /* only where nothing else is */
        rc = walk(s, pass, &more, e);
        if (more) break;
    }
    if (!more) q->at = (struct record_found_at){ 0 };
    return rc;
}

int record_find_typed(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                      struct record_typed *q, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct seeking *s = arena_new(a, struct seeking);
    if (!s) return err_set(e, ERR_MEMORY, NULL);
    *s = (struct seeking){ .tx = tx, .r = r, .g = g, .q = q, .a = a, .rows = val_list(a), .list = record_words_list(a, g->type) };
    *ret = s->rows;
    q->cut = q->near = false;
    int rc = record_begin(&s->act, tx, r, who, g, S("record.read"), e);
    if (!rc) rc = access_divisions(&s->act.scope, &s->scope, e);
    if (rc) return rc;
    s->scope.reached = NULL; /* each is judged as it stands (record_judge) */
    s->act.purpose = S("查询");
    read_typed(s);
    if (s->typed.len && g->type->n_searched) rc = look(s, e);
    return rc ? rc : record_note(&s->act, g, s->rows, ARENA_CAT(a, S("find "), g->type->id), e);
}
