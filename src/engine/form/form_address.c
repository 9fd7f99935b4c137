/* form_address: where something is: a division found step by step, or by words, until none lies below it, then what is typed of road, house
 * and room; see form.h, invariant 5. Invariant: nothing here knows a level of divisions; the code set's parents are the steps.
 */
#include "engine/form/form_impl.h"

#include "data/pinyin.h"
#include "data/plain.h"
#include "engine/code/code_set.h"

enum { PART_CHARS_MAX = 60, FOUND_MAX = 20, WORDS_BYTES_MAX = 60 };
static const struct str parts[] = { S_INIT("road"), S_INIT("number"), S_INIT("room") };
enum { PARTS = 3 };

static const struct code_set *set_of(const struct form_question *q, const struct system *m) {
    return system_find(m, SYSTEM_CODE, q->code);
}

/* A code that may be on the way: below the root, in the set. */
static const struct code *place_of(const struct form_question *q, const struct code_set *set, struct str code) {
    const struct code *c = set && code.len ? code_set_find(set, code) : NULL;
    if (!c || str_eq(code, q->below)) return NULL;
    return q->below.len == 0 || code_set_within(set, code, q->below) ? c : NULL;
}

/* From the top of the set down to the code: how many, at most CODE_DEPTH_MAX. */
static size_t way_to(const struct code_set *set, const struct code *c, const struct code **way) {
    size_t n = 0;
    for (const struct code *at = c; at && n < CODE_DEPTH_MAX; at = at->parent.len ? code_set_find(set, at->parent) : NULL) way[n++] = at;
    for (size_t i = 0; i < n / 2; i++) {
        const struct code *other = way[i];
        way[i] = way[n - 1 - i];
        way[n - 1 - i] = other;
    }
    return n;
}

static struct str way_text(const struct code_set *set, const struct code *c, const struct system *m, struct str lang, struct arena *a) {
    const struct code *way[CODE_DEPTH_MAX];
    size_t n = way_to(set, c, way);
    struct buf b;
    buf_init(&b, a, 128, 4096);
    for (size_t i = 0; i < n; i++) {
        if (i) buf_add_char(&b, ' ');
        buf_add(&b, system_text(m, lang, way[i]->title));
    }
    return buf_str(&b);
}

struct str form_address_text(const struct form_question *q, const struct system *m, const struct val *v, struct str lang, struct arena *a) {
    const struct code_set *set = set_of(q, m);
    const struct code *c = set ? code_set_find(set, val_get_str(v, S("division"))) : NULL;
    struct buf b;
    buf_init(&b, a, 256, 8192);
    if (c) buf_add(&b, way_text(set, c, m, lang, a));
    for (size_t i = 0; i < PARTS; i++) {
        struct str one = val_get_str(v, parts[i]);
        if (b.len && one.len) buf_add_char(&b, ' ');
        buf_add(&b, one);
    }
    return buf_str(&b);
}

/* ---- checking ---- */

static int check_part(struct str s, struct str *detail) {
    if (!plain_text(s, false)) return ERR_CHARACTERS;
    *detail = S("60");
    _Static_assert(PART_CHARS_MAX == 60, "as the sentence says");
    return str_utf8_count(s) > PART_CHARS_MAX ? ERR_TOO_LONG : 0;
}

static int check_place(const struct form_question *q, const struct system *m, const struct val *v, struct str *detail) {
    struct str code = val_get_str(v, S("division"));
    const struct code *c = place_of(q, set_of(q, m), code);
    bool on_way = code.len == 0 || str_eq(code, q->below);
    if (!c && !on_way) return ERR_CODE;
    *detail = S("还没有选到最后一级，请接着选下一级");
    if (!c || c->child) return ERR_INPUT;
    *detail = S("路名和门牌号至少填一项");
    return val_get_str(v, parts[0]).len + val_get_str(v, parts[1]).len ? 0 : ERR_INPUT;
}

void form_check_address(const struct form_question *q, const struct system *m, const struct val *input, struct arena *a, struct val *out,
                        struct val *errors) {
    const struct val *given = val_get(input, q->id);
    struct val *v = val_map(a);
    struct str division = str_trim(val_get_str(given, S("division"))), detail = S("");
    bool some = division.len && !str_eq(division, q->below);
    int code = 0;
    val_put_str(a, v, S("division"), arena_str(a, division));
    for (size_t i = 0; i < PARTS; i++) {
        struct str one = form_half_width(a, val_get_str(given, parts[i]));
        some |= one.len > 0;
        if (!code) code = check_part(one, &detail);
        val_put_str(a, v, parts[i], one);
    }
    if (!some && q->required) code = ERR_REQUIRED, detail = q->title;
    if (!code && some) code = check_place(q, m, v, &detail);
    if (code) form_put_error(a, errors, q->id, code, code == ERR_CHARACTERS || code == ERR_CODE ? S("") : detail);
    else if (some) val_put_str(a, v, S("text"), form_address_text(q, m, v, S("zh"), a));
    if (some) val_put(a, out, q->id, v);
    else val_put_str(a, out, q->id, S(""));
}

/* ---- looking ---- */

static void push_place(struct val *list, const struct system *m, struct str lang, struct arena *a, const struct code *c, struct str note) {
    struct val *v = val_map(a);
    val_put_str(a, v, S("value"), c->code);
    val_put_str(a, v, S("title"), system_text(m, lang, c->title));
    val_put_str(a, v, S("note"), note);
    val_push(a, list, v);
}

/* How well a title fits, in Chinese or as it is shown: 2 from its beginning, 1 within, 0 not. */
static int fits(struct str title, struct str shown, struct str words, struct str letters) {
    size_t at = str_find(title, words, 0), there = str_find(shown, words, 0);
    if (at == 0 || there == 0) return 2;
    if (at != SIZE_MAX || there != SIZE_MAX) return 1;
    enum pinyin_fit fit = letters.len > 1 ? pinyin_fits(title, letters) : PINYIN_NOT;
    return fit >= PINYIN_START ? 2 : fit == PINYIN_WITHIN ? 1 : 0;
}

/* "He Ping" as it is looked for: letters alone, small. Empty if it holds anything else. */
static struct str letters_of(struct arena *a, struct str words) {
    struct buf b;
    buf_init(&b, a, WORDS_BYTES_MAX, WORDS_BYTES_MAX);
    for (size_t i = 0; i < words.len; i++) {
        char c = words.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        if (c >= 'a' && c <= 'z') buf_add_char(&b, c);
        else if (c != ' ' && c != '\'') return S("");
    }
    return buf_str(&b);
}

/* Places whose names the words fit, those that begin with them first; what is beyond the limit is counted. */
static void find_places(const struct form_question *q, const struct system *m, struct str words, struct str lang, struct arena *a,
                        struct val *v) {
    const struct code_set *set = set_of(q, m);
    struct str letters = letters_of(a, words);
    struct val *found = val_list(a);
    int64_t n = 0;
    for (int best = 2; best > 0; best--)
        for (size_t i = 0; set && i < code_set_count(set); i++) {
            const struct code *c = code_set_row(set, i);
            int fit = fits(c->title, system_text(m, lang, c->title), words, letters);
            if (fit != best || place_of(q, set, c->code) != c) continue;
            if (n++ < FOUND_MAX) push_place(found, m, lang, a, c, way_text(set, c, m, lang, a));
        }
    val_put(a, v, S("found"), found);
    val_put_i64(a, v, S("found_all"), n);
}

/* Each place chosen so far, with where one is without it. */
static void put_way(const struct form_question *q, const struct system *m, const struct code *c, struct str lang, struct arena *a,
                    struct val *v) {
    const struct code *way[CODE_DEPTH_MAX];
    size_t n = c ? way_to(set_of(q, m), c, way) : 0;
    struct val *list = val_list(a);
    bool below = q->below.len == 0;
    for (size_t i = 0; i < n; i++) {
        if (below) {
            push_place(list, m, lang, a, way[i], S(""));
            val_put_str(a, list->u.list.item[val_count(list) - 1], S("without"), i ? way[i - 1]->code : S(""));
        }
        below |= str_eq(way[i]->code, q->below);
    }
    val_put(a, v, S("way"), list);
}

/* What stands: the answer, and, as long as nothing was typed of it, what the registry says of the same place. */
static const struct val *standing(const struct form_question *q, const struct system *m, const struct val *answers,
                                  const struct val *prefill, bool *known, struct arena *a) {
    const struct val *answer = val_get(answers, q->id);
    const struct record_type *t;
    const struct record_field *f;
    struct str root, rest = q->from;
    bool some = answer && answer->kind == VAL_MAP;
    struct val *v = some ? val_copy(a, answer) : val_map(a);
    *known = false;
    if (val_get_bool(prefill, S("is_masked"), false)) return v;
    if ((answer && !some) || val_get(v, parts[0]) || !form_source(m, q->from, &t, &f) || !str_cut(&rest, '.', &root)) return v;
    for (size_t i = 0; i < t->n_fields && !some; i++) {
        if (t->field[i].kind != RECORD_CODE || !str_eq(t->field[i].code, q->code)) continue;
        struct str code = val_text(val_path(prefill, ARENA_CAT(a, root, S("."), t->field[i].name, S("_code"))));
        if (place_of(q, set_of(q, m), code)) val_put_str(a, v, S("division"), code);
    }
    struct str text = val_text(val_path(prefill, q->from));
    *known = text.len > 0;
    val_put_str(a, v, parts[0], text);
    return v;
}

void form_address_view(const struct form_question *q, const struct system *m, const struct val *answers, const struct val *prefill,
                       struct str lang, struct arena *a, struct val *v) {
    const struct code_set *set = set_of(q, m);
    bool known;
    const struct val *stands = standing(q, m, answers, prefill, &known, a);
    const struct code *c = place_of(q, set, val_get_str(stands, S("division")));
    struct str words = str_trim(val_get_str(stands, S("words")));
    struct val *below = val_list(a);
    const struct code *root = set && q->below.len ? code_set_find(set, q->below) : NULL;
    const struct code *one = set ? code_set_list(set, c ? c->code : q->below) : NULL;
    for (size_t i = 0; one && i < CODE_ROWS_MAX; one = one->sibling, i++) push_place(below, m, lang, a, one, S(""));
    put_way(q, m, c, lang, a, v);
    val_put_str(a, v, S("division"), c ? c->code : S(""));
    val_put_str(a, v, S("place"), c || root ? system_text(m, lang, (c ? c : root)->title) : S(""));
    val_put_bool(a, v, S("whole"), c && !c->child);
    val_put(a, v, S("below"), below);
    val_put_str(a, v, S("words"), words);
    if (words.len && words.len <= WORDS_BYTES_MAX) find_places(q, m, words, lang, a, v);
    for (size_t i = 0; i < PARTS; i++) val_put_str(a, v, parts[i], val_get_str(stands, parts[i]));
    val_put_str(a, v, S("source"), known ? system_text(m, lang, val_text(val_path(prefill, ARENA_CAT(a, S("sources."), q->from)))) : S(""));
}
