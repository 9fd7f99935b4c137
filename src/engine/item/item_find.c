/* item_find: items by what people type, best first; see item.h. A query's words are looked for in
 * names, synonyms, parts, bodies, materials and summaries: as they are, as letters that spell them
 * (pinyin), or a name within a longer sentence ("怎么开饭店"). Where nothing is found, the nearest
 * words of the items themselves take the place of those that were typed.
 * Invariants
 *  1. The same items and the same query give the same order.
 *  2. Items are few (thousands) and in memory; their texts are folded once, when they are compiled.
 */
#include "engine/item/item_rows.h"

#include <stdlib.h>

#include "data/fold.h"
#include "data/near.h"
#include "data/pinyin.h"

enum { QUERY_BYTES_MAX = 200, WORDS_MAX = 8, GAPS_MAX = 3, SHORT_WORD = 2 };
enum {
    SCORE_WHOLE = 100,
    SCORE_START = 80,
    SCORE_INSIDE = 60,
    SCORE_SAID = 55,
    SCORE_SPELT = 70,
    SCORE_SPELT_START = 50,
    SCORE_SPELT_WITHIN = 30,
    SCORE_GAPS = 25
};
enum { WEIGHT_NAME = 10, WEIGHT_SYNONYM = 9, WEIGHT_PART = 6, WEIGHT_ORGAN = 4, WEIGHT_TEXT = 2 };

struct search {
    struct arena *a;
    struct str word[WORDS_MAX]; /* in lower case */
    size_t n;
};

static bool is_han(int32_t cp) {
    return (cp >= 0x3400 && cp <= 0x9fff) || cp >= 0x20000;
}

static bool has_han(struct str s) {
    for (size_t at = 0; at < s.len;)
        if (is_han(str_utf8_next(s, &at))) return true;
    return false;
}

/* ---- one word against one text ---- */

/* Are the text's characters in the word, in their order, with at most GAPS_MAX others between them?
 * "开个小饭馆" has 开饭馆. */
static bool said_with_gaps(struct str word, struct str text) {
    size_t at = 0, gaps = 0, n = 0;
    bool begun = false;
    for (size_t from = 0; from < text.len; n++) {
        int32_t wanted = str_utf8_next(text, &from), cp = -1;
        if (!is_han(wanted)) return false;
        while (at < word.len && (cp = str_utf8_next(word, &at)) != wanted) gaps += begun;
        if (cp != wanted || gaps > GAPS_MAX) return false;
        begun = true;
    }
    return n > SHORT_WORD;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Letters are found where a word of the text begins; Han anywhere. */
static int fit_plain(struct str text, struct str word) {
    size_t at = str_find(text, word, 0);
    while (at && at != SIZE_MAX && is_letter(word.ptr[0]) && is_letter(text.ptr[at - 1]))
        at = str_find(text, word, at + 1);
    if (at == SIZE_MAX) return 0;
    return text.len == word.len ? SCORE_WHOLE : at == 0 ? SCORE_START : SCORE_INSIDE;
}

static int fit(const struct item_text *t, struct str word) {
    static const int spelt[] = { [PINYIN_NOT] = 0,
                                 [PINYIN_WITHIN] = SCORE_SPELT_WITHIN,
                                 [PINYIN_START] = SCORE_SPELT_START,
                                 [PINYIN_WHOLE] = SCORE_SPELT };
    int score = fit_plain(t->text, word);
    if (score) return score;
    if (!has_han(word)) /* whole sentences are not spelt */
        return t->han && t->weight > WEIGHT_TEXT ? spelt[pinyin_fits(t->text, word)] : 0;
    if (str_utf8_count(t->text) >= SHORT_WORD && str_find(word, t->text, 0) != SIZE_MAX)
        return SCORE_SAID;
    return said_with_gaps(word, t->text) ? SCORE_GAPS : 0;
}

/* ---- one item ---- */

struct gathering {
    struct arena *a;
    const struct system *m;
    struct item_text *text;
    size_t n;
};

static void gather_text(struct gathering *g, struct str text, int weight, bool name) {
    if (text.len == 0) return;
    struct str folded = fold_lower(g->a, text);
    g->text[g->n++] = (struct item_text){ folded, weight, name, has_han(folded) };
}

static void gather(struct gathering *g, struct str text, int weight, bool name) {
    struct str en = system_text(g->m, S("en"), text);
    gather_text(g, text, weight, name);
    if (en.ptr != text.ptr) gather_text(g, en, weight, name);
}

int item_find_prepare(struct arena *a, const struct system *m, struct item_type *t, struct err *e) {
    const struct val *synonyms = val_get(t->about, S("synonyms"));
    size_t most =
        2 * (4 + t->n_parts + t->n_materials) + val_count(synonyms); /* each in two languages */
    struct gathering g = { .a = a, .m = m, .text = arena_array(a, most, sizeof *g.text) };
    if (!g.text) return err_set(e, ERR_MEMORY, NULL);
    gather(&g, t->name, WEIGHT_NAME, true);
    for (size_t i = 0; i < val_count(synonyms); i++)
        gather_text(&g, val_text(val_item(synonyms, i)), WEIGHT_SYNONYM, true);
    for (size_t i = 0; i < t->n_parts; i++) gather(&g, t->part[i].title, WEIGHT_PART, true);
    gather(&g, val_get_str(t->about, S("organ")), WEIGHT_ORGAN, false);
    gather(&g, val_get_str(t->about, S("result_name")), WEIGHT_PART, false);
    gather(&g, val_get_str(t->about, S("summary")), WEIGHT_TEXT, false);
    for (size_t i = 0; i < t->n_materials; i++) gather(&g, t->material[i].name, WEIGHT_TEXT, false);
    t->text = g.text;
    t->n_texts = g.n;
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

/* How many of the words it has, and how well. */
static void score_item(const struct search *s, struct item_hit *h) {
    h->words = h->score = 0;
    for (size_t i = 0; i < s->n; i++) {
        int best = 0;
        for (size_t k = 0; k < h->type->n_texts; k++) {
            const struct item_text *t = &h->type->text[k];
            int score = best < SCORE_WHOLE * t->weight ? fit(t, s->word[i]) * t->weight : 0;
            if (score > best) best = score;
        }
        h->words += best > 0;
        h->score += best;
    }
}

/* ---- all items ---- */

/* Full-width letters and digits as their ASCII, everything that is neither letter, digit nor Han as
 * a blank. */
static struct str plain_query(struct arena *a, struct str query) {
    struct buf b;
    buf_init(&b, a, query.len + 8, QUERY_BYTES_MAX * 2);
    for (size_t at = 0; at < query.len;) {
        int32_t cp = str_utf8_next(query, &at);
        if (cp >= 0xff01 && cp <= 0xff5e) cp -= 0xfee0;
        bool sign = cp < 0 ||
                    (cp < 0x80 && !(cp >= '0' && cp <= '9') &&
                     !((cp | 0x20) >= 'a' && (cp | 0x20) <= 'z')) ||
                    (cp >= 0x2000 && cp <= 0x206f) || (cp >= 0x3000 && cp <= 0x303f);
        buf_add_utf8(&b, sign ? ' ' : (uint32_t)cp);
    }
    return fold_lower(a, buf_str(&b));
}

static void cut_words(struct search *s, struct str query) {
    struct str rest = plain_query(s->a, query), word;
    size_t shorts = 0, n = 0;
    s->n = 0;
    while (str_cut(&rest, ' ', &word) && s->n < WORDS_MAX)
        if (word.len) s->word[s->n++] = word;
    for (size_t i = 0; i < s->n; i++) shorts += s->word[i].len <= SHORT_WORD;
    if (shorts == s->n) return;
    for (size_t i = 0; i < s->n; i++) /* "to", "of": beside longer words they say nothing */
        if (s->word[i].len > SHORT_WORD) s->word[n++] = s->word[i];
    s->n = n;
}

static int by_score(const void *x, const void *y) {
    const struct item_hit *a = x, *b = y;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* Keeps those that have most of the words; the number left. */
static size_t rank(const struct search *s, struct item_hit *hit, size_t n) {
    int most = 1;
    size_t kept = 0;
    if (s->n == 0) return n;
    for (size_t i = 0; i < n; i++) {
        score_item(s, &hit[i]);
        if (hit[i].words > most) most = hit[i].words;
    }
    for (size_t i = 0; i < n; i++)
        if (hit[i].words == most) hit[kept++] = hit[i];
    qsort(hit, kept, sizeof *hit, by_score);
    return kept;
}

static size_t all_items(const struct realm *r, struct arena *a, struct item_hit **ret) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all), count = 0;
    for (size_t i = 0; i < n; i++) count += all[i]->part[SYSTEM_ITEM].n;
    *ret = arena_array(a, count + 1, sizeof **ret);
    count = 0;
    for (size_t i = 0; *ret && i < n; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_ITEM].n; k++) {
            const struct item_type *t = all[i]->part[SYSTEM_ITEM].entry[k].value;
            if (t->redresses) continue; /* nobody applies for it */
            (*ret)[count] = (struct item_hit){ .system = all[i], .type = t, .place = count };
            count++;
        }
    return count;
}

/* ---- nearest words ---- */

struct nearing {
    struct arena *scratch;
    struct str word, spelt, best; /* best: borrowed from an item */
    bool han;
    unsigned far,
        distance; /* distance: doubled, so that what sounds alike is nearer than one off */
};

static struct str spelt(struct arena *a, struct str text) {
    struct buf b;
    buf_init(&b, a, text.len * 2 + 8, 4096);
    pinyin_add(&b, text);
    return buf_str(&b);
}

/* How far off a word of this length may be. */
static unsigned far_of(size_t points, bool han) {
    return han ? (points >= 5 ? 2 : points >= 3) : (points >= 8 ? 2 : points >= 4);
}

static void consider(struct nearing *x, struct str term, bool han) {
    unsigned d = 2 * NEAR_POINTS_MAX;
    if (x->han == han) d = 2 * near_distance(x->word, term, x->far);
    if (x->han && han && d > 1 && str_eq(spelt(x->scratch, term), x->spelt)) d = 1;
    if (!x->han && han) d = 2 * near_distance(x->word, spelt(x->scratch, term), x->far) + 1;
    if (d == 0 || d > 2 * x->far + 1 || d >= x->distance) return;
    x->distance = d;
    x->best = term;
}

/* A name as a whole, and each word of letters in it. */
static void near_text(struct nearing *x, const struct item_text *t) {
    size_t from = 0;
    consider(x, t->text, t->han);
    for (size_t at = 0; at <= t->text.len && !x->han; at++) {
        if (at < t->text.len && is_letter(t->text.ptr[at])) continue;
        if (at - from > SHORT_WORD + 1) consider(x, str_sub(t->text, from, at - from), false);
        from = at + 1;
    }
}

static struct str near_word(struct arena *scratch, struct str word, const struct item_hit *hit,
                            size_t n) {
    bool han = has_han(word);
    struct nearing x = { .scratch = scratch,
                         .word = word,
                         .spelt = spelt(scratch, word),
                         .han = han,
                         .far = far_of(str_utf8_count(word), han),
                         .distance = 2 * NEAR_POINTS_MAX };
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < hit[i].type->n_texts; k++)
            if (hit[i].type->text[k].name) near_text(&x, &hit[i].type->text[k]);
    return x.best;
}

/* The query with each word's nearest; empty where a word has none. */
static struct str nearest(const struct search *s, const struct item_hit *hit, size_t n) {
    struct buf b;
    buf_init(&b, s->a, 128, 4096);
    for (size_t i = 0; i < s->n; i++) {
        struct arena scratch;
        arena_init(&scratch, "near", 64 * 1024 * 1024);
        struct str word = near_word(&scratch, s->word[i], hit, n);
        arena_done(&scratch);
        if (word.len == 0) return S("");
        if (b.len) buf_add_char(&b, ' ');
        buf_add(&b, word);
    }
    return buf_str(&b);
}

size_t item_find(const struct realm *r, struct str query, struct arena *a, struct item_hit **ret,
                 struct str *meant) {
    struct search s = { .a = a };
    size_t all = all_items(r, a, ret), n;
    struct item_hit *hit = arena_array(a, all + 1, sizeof *hit);
    *meant = S("");
    if (!*ret || !hit) return 0;
    cut_words(&s, str_sub(query, 0, QUERY_BYTES_MAX));
    for (size_t i = 0; i < all; i++) hit[i] = (*ret)[i];
    n = rank(&s, hit, all);
    if (n == 0 && s.n && (*meant = nearest(&s, *ret, all)).len) {
        cut_words(&s, *meant);
        for (size_t i = 0; i < all; i++) hit[i] = (*ret)[i];
        n = rank(&s, hit, all);
    }
    *ret = hit;
    return n;
}
