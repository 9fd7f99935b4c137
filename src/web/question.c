/* question: see question.h. Invariant: every key that a partial reads is given, since a missing one would be looked for in the page. */
#include "web/question.h"

#include "data/write.h"
#include "web/staff.h"

static struct val *choices_of(struct page *p, const struct val *options) {
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < val_count(options); i++) {
        const struct val *o = val_item(options, i);
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("choice_id"), val_get_str(o, S("id")));
        val_put_str(p->a, v, S("value"), val_get_str(o, S("value")));
        val_put_str(p->a, v, S("title"), val_get_str(o, S("title")));
        val_put_str(p->a, v, S("note"), S(""));
        val_put_bool(p->a, v, S("selected"), val_get_bool(o, S("chosen"), false));
        val_push(p->a, list, v);
    }
    return list;
}

/* "2026-11-21" in three boxes; whatever else was typed stays in the first. */
static void put_date(struct page *p, struct val *f, struct str value) {
    struct str rest = value, year, month = S(""), day = S("");
    struct str name = val_get_str(f, S("name"));
    if (question_again(p) && val_get(p->in, ARENA_CAT(p->a, name, S("-year")))) { /* as it was typed, box by box */
        static const char *const boxes[] = { "year", "month", "day", NULL };
        for (const char *const *k = boxes; *k; k++)
            val_put_str(p->a, f, str_of(*k), page_in(p, ARENA_CAT(p->a, name, S("-"), str_of(*k))));
        return;
    }
    bool some = str_cut(&rest, '-', &year);
    if (some && str_cut(&rest, '-', &month)) (void)str_cut(&rest, '-', &day);
    val_put_str(p->a, f, S("year"), some ? year : S(""));
    val_put_str(p->a, f, S("month"), month);
    val_put_str(p->a, f, S("day"), day);
}

/* The look of each kind of question: the partial that shows it and its attributes. */
static void put_kind(struct page *p, struct val *f, const struct val *q) {
    static const struct {
        struct str flag, partial, type, mode, width, complete;
    } kinds[] = {
        { S_INIT("is_text"), S_INIT("is_text"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_long"), S_INIT("is_area"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_integer"), S_INIT("is_text"), S_INIT(""), S_INIT("numeric"), S_INIT("8"), S_INIT("") },
        { S_INIT("is_date"), S_INIT("is_date"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_radios"), S_INIT("is_radios"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_checkboxes"), S_INIT("is_checks"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_select"), S_INIT("is_select"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_phone"), S_INIT("is_text"), S_INIT("tel"), S_INIT("tel"), S_INIT("11"), S_INIT("") },
        { S_INIT("is_citizen_id"), S_INIT("is_text"), S_INIT(""), S_INIT(""), S_INIT("18"), S_INIT("") },
        { S_INIT("is_address"), S_INIT("is_lookup"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
        { S_INIT("is_registry"), S_INIT("is_shown"), S_INIT(""), S_INIT(""), S_INIT(""), S_INIT("") },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!val_get(q, kinds[i].flag)) continue;
        val_put_bool(p->a, f, kinds[i].partial, true);
        val_put_str(p->a, f, S("type"), kinds[i].type);
        val_put_str(p->a, f, S("mode"), kinds[i].mode);
        val_put_str(p->a, f, S("width"), kinds[i].width);
        val_put_str(p->a, f, S("complete"), kinds[i].complete);
    }
}

static struct str filled(struct page *p, struct str chinese, const char *name, struct str value) {
    struct val *args = val_map(p->a);
    val_put_str(p->a, args, str_of(name), value);
    return po_fill(p->a, page_text(p, chinese), args);
}

static struct str found_text(struct page *p, const struct val *q) {
    int64_t all = val_get_i64(q, S("found_all"), -1);
    if (all < 0) return S("");
    if (all == 0) return page_text(p, S("没有找到。请换一个说法，或者从上面一级一级地选"));
    bool more = all > (int64_t)val_count(val_get(q, S("found")));
    return filled(p, more ? S("找到 {n} 个，这里是前面的一些；请把名称写全一点") : S("找到 {n} 个"), "n", arena_i64(p->a, all));
}

/* A place as layout/field_lookup shows it; see form_address_view. */
static void put_address(struct page *p, struct val *f, const struct val *q) {
    static const char *const texts[] = { "division", "words", "road", "number", "room", NULL };
    static const char *const same[] = { "way", "below", NULL };
    struct str place = val_get_str(q, S("place"));
    const struct val *found = val_get(q, S("found"));
    struct val *choices = val_list(p->a);
    for (const char *const *k = texts; *k; k++) val_put_str(p->a, f, str_of(*k), val_get_str(q, str_of(*k)));
    for (const char *const *k = same; *k; k++) val_put(p->a, f, str_of(*k), (struct val *)val_get(q, str_of(*k)));
    for (size_t i = 0; i < val_count(found); i++) {
        struct val *one = val_copy(p->a, val_item(found, i));
        val_put_str(p->a, one, S("choice_id"), ARENA_CAT(p->a, val_get_str(q, S("id")), S("-"), val_get_str(one, S("value"))));
        val_push(p->a, choices, one);
    }
    val_put(p->a, f, S("found"), choices);
    val_put_str(p->a, f, S("found_text"), found_text(p, q));
    val_put_bool(p->a, f, S("whole"), val_get_bool(q, S("whole"), false));
    bool step = page_in(p, S("at")).len > 0;
    (void)question_address(p, val_get_str(q, S("id")), &step);
    val_put_bool(p->a, f, S("stepped"), step && val_get_str(q, S("words")).len == 0);
    val_put_str(p->a, f, S("below_label"), place.len ? filled(p, S("在“{place}”的哪里"), "place", place) : page_text(p, S("在哪里")));
}

struct val *question_address(struct page *p, struct str name, bool *step) {
    static const char *const parts[] = { "road", "number", "room", NULL };
    const struct val *division = val_get(p->in, ARENA_CAT(p->a, name, S("-division")));
    const struct val *back = val_get(p->in, ARENA_CAT(p->a, name, S("-to")));
    struct str below = page_in(p, ARENA_CAT(p->a, name, S("-below"))), found = page_in(p, ARENA_CAT(p->a, name, S("-found")));
    bool finds = str_eq(page_in(p, S("act")), ARENA_CAT(p->a, S("find-"), name));
    if (!division) return NULL;
    struct val *v = val_map(p->a);
    *step = back || finds || below.len || found.len;
    struct str at = back ? val_text(val_nth(back, 0)) : finds ? S("") : found.len ? found : below;
    val_put_str(p->a, v, S("division"), at.len || back ? at : val_text(val_nth(division, 0)));
    val_put_str(p->a, v, S("words"), finds ? page_in(p, ARENA_CAT(p->a, name, S("-words"))) : S(""));
    for (const char *const *k = parts; *k; k++)
        val_put_str(p->a, v, str_of(*k), page_in(p, ARENA_CAT(p->a, name, S("-"), str_of(*k))));
    return v;
}

bool question_join_addresses(struct page *p) {
    const struct str tail = S("-division");
    bool any = false;
    for (size_t i = 0; i < val_count(p->in); i++) {
        struct str key = p->in->u.map.pair[i].key;
        bool step = false;
        if (!str_ends(key, tail)) continue;
        struct str name = str_sub(key, 0, key.len - tail.len);
        struct val *v = question_address(p, name, &step);
        if (v) val_put(p->a, p->in, name, v);
        any |= step;
    }
    if (any) p->has_key = false;
    return any;
}

struct str question_step(struct page *p) {
    const struct str tail = S("-division");
    struct buf b;
    buf_init(&b, p->req->arena, 256, 4096);
    buf_add(&b, p->req->path);
    for (size_t i = 0; i < val_count(p->in); i++) {
        struct str key = p->in->u.map.pair[i].key;
        if (!str_ends(key, tail)) continue;
        const struct val *v = val_get(p->in, str_sub(key, 0, key.len - tail.len));
        struct str at = val_get_str(v, S("division")), words = val_get_str(v, S("words"));
        buf_add(&b, S("?at="));
        write_url_component(&b, at.len ? at : S("-"));
        if (words.len) buf_add(&b, S("&words="));
        write_url_component(&b, words);
        break;
    }
    if (page_in(p, S("from")).len) buf_add(&b, S("&from="));
    write_url_component(&b, page_in(p, S("from")));
    return buf_str(&b);
}

struct val *question_stepped(struct page *p, const struct val *stands) {
    struct str at = page_in(p, S("at"));
    if (at.len == 0) return NULL;
    struct val *v = stands && stands->kind == VAL_MAP ? val_copy(p->a, stands) : val_map(p->a);
    val_put_str(p->a, v, S("division"), str_eq(at, S("-")) ? S("") : at);
    val_put_str(p->a, v, S("words"), page_in(p, S("words")));
    return v;
}

/* A question of form_page_view as the partial `field` wants it. Every key is there, since a missing one would be looked for in the page. */
struct val *question_field(struct page *p, const struct val *q, bool heading) {
    static const char *const empty[] = { "before", "readonly", "rows", "inline", "max", "none", NULL };
    struct val *f = val_map(p->a);
    for (const char *const *k = empty; *k; k++) val_put_str(p->a, f, str_of(*k), S(""));
    struct str id = val_get_str(q, S("id"));
    val_put_str(p->a, f, S("id"), id);
    val_put_str(p->a, f, S("name"), id);
    val_put_str(p->a, f, S("label"), val_get_str(q, S("title")));
    page_label(p, id, val_get_str(q, S("title")));
    val_put_str(p->a, f, S("hint"), val_get_str(q, S("hint")));
    val_put_str(p->a, f, S("error"), page_fault_text(p, id));
    val_put_str(p->a, f, S("source"), val_get_str(q, S("source")));
    val_put_str(p->a, f, S("value"), val_get_str(q, S("value")));
    val_put_str(p->a, f, S("after"), val_get_str(q, S("unit")));
    val_put_bool(p->a, f, S("optional"), val_get_bool(q, S("optional"), false));
    val_put_bool(p->a, f, S("heading"), heading);
    if (val_get(q, S("is_long"))) val_put(p->a, f, S("max"), (struct val *)val_get(q, S("max")));
    if (val_get(q, S("is_select"))) val_put_str(p->a, f, S("none"), page_text(p, S("请选择")));
    val_put(p->a, f, S("choices"), choices_of(p, val_get(q, S("options"))));
    put_date(p, f, val_get_str(q, S("value")));
    put_kind(p, f, q);
    if (val_get(q, S("is_address"))) put_address(p, f, q);
    return f;
}

bool question_again(const struct page *p) {
    return p->req->method == HTTP_POST || page_again(p);
}

struct val *question_plain(struct page *p, struct str id, struct str label, struct str hint) {
    static const char *const none[] = { "source", "optional", "heading", "inline", "rows", "max", NULL };
    struct val *v = val_map(p->a);
    for (const char *const *k = none; *k; k++) val_put_str(p->a, v, str_of(*k), S(""));
    val_put_str(p->a, v, S("id"), id);
    val_put_str(p->a, v, S("name"), id);
    val_put_str(p->a, v, S("label"), page_text(p, label));
    page_label(p, id, page_text(p, label));
    val_put_str(p->a, v, S("hint"), page_text(p, hint));
    val_put_str(p->a, v, S("error"), page_fault_text(p, id));
    val_put_str(p->a, v, S("value"), question_again(p) ? page_in(p, id) : S(""));
    return v;
}

void question_join_dates(struct page *p) {
    const struct str tail = S("-year");
    for (size_t i = 0; i < val_count(p->in); i++) {
        struct str key = p->in->u.map.pair[i].key;
        if (!str_ends(key, tail)) continue;
        struct str name = str_sub(key, 0, key.len - tail.len), year = str_trim(page_in(p, key));
        struct str month = str_trim(page_in(p, ARENA_CAT(p->a, name, S("-month"))));
        struct str day = str_trim(page_in(p, ARENA_CAT(p->a, name, S("-day"))));
        if (month.len == 1) month = ARENA_CAT(p->a, S("0"), month);
        if (day.len == 1) day = ARENA_CAT(p->a, S("0"), day);
        bool none = year.len + month.len + day.len == 0;
        val_put_str(p->a, p->in, name, none ? S("") : ARENA_CAT(p->a, year, S("-"), month, S("-"), day));
    }
}

void question_box(struct page *p, const char *name, struct str title, struct str text, struct str note, bool on) {
    struct val *v = question_plain(p, str_of(name), title, S("")), *list = val_list(p->a);
    struct val *box = staff_choice(p, list, str_of(name), S("yes"), page_text(p, text), on);
    if (note.len) val_put_str(p->a, box, S("note"), page_text(p, note));
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, str_of(name), v);
}

bool question_ticked(struct page *p, const char *name) {
    struct str said = page_in(p, str_of(name));
    if (said.len && !str_eq(said, S("yes"))) (void)page_fault(p, str_of(name), ERR_CODE, S(""));
    return said.len > 0;
}
