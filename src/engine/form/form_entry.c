/* form_entry: pages that are answered any number of times; see form.h, invariant 4. An entry is a map {entry, question: answer}; the
 * list lives in the answers under the page's id, and is copied, never changed in place.
 */
#include "engine/form/form_impl.h"

static const struct str number_key = S_INIT("entry");

static int64_t number_of(const struct val *entry) {
    int64_t n;
    return val_to_i64(val_get(entry, number_key), &n) ? n : 0;
}

const struct val *form_entry(const struct form_page *p, const struct val *answers, int64_t entry) {
    const struct val *list = val_get(answers, p->id);
    for (size_t i = 0; entry > 0 && list && list->kind == VAL_LIST && i < val_count(list); i++)
        if (number_of(val_item(list, i)) == entry) return val_item(list, i);
    return NULL;
}

bool form_entry_whole(const struct form_page *p, const struct val *entry) {
    for (size_t i = 0; i < p->n_questions; i++)
        if (p->question[i].required && !val_truthy(val_get(entry, p->question[i].id))) return false;
    return true;
}

bool form_entries_whole(const struct form_page *p, const struct val *answers) {
    const struct val *list = val_get(answers, p->id);
    size_t n = list && list->kind == VAL_LIST ? val_count(list) : 0;
    for (size_t i = 0; i < n; i++)
        if (!form_entry_whole(p, val_item(list, i))) return false;
    return n >= p->least && n <= p->most;
}

/* A list of what stands, to be added to. */
static struct val *entries_of(const struct form_page *p, const struct val *answers, struct arena *a) {
    const struct val *list = val_get(answers, p->id);
    return list && list->kind == VAL_LIST ? val_copy(a, list) : val_list(a);
}

static void put_number(struct arena *a, struct val *entry, int64_t n) {
    val_put_str(a, entry, number_key, arena_fmt(a, "%lld", (long long)n));
}

/* One above the highest that stands: a number that was dropped may come again only when it was the last. */
static int64_t next_number(const struct val *list) {
    int64_t last = 0;
    for (size_t i = 0; i < val_count(list); i++)
        if (number_of(val_item(list, i)) > last) last = number_of(val_item(list, i));
    return last + 1;
}

static void check_one(const struct form_page *p, const struct system *m, const struct val *input,
                      struct arena *a, struct val *entry, struct val *errors) {
    for (size_t i = 0; i < p->n_questions; i++)
        form_check_question(&p->question[i], m, input, a, entry, errors);
}

int form_check_entry(const struct form_page *p, const struct system *m, const struct val *input,
                     const struct val *answers, int64_t entry, struct arena *a, struct val **ret,
                     struct val **errors, struct err *e) {
    struct val *out = answers ? val_copy(a, answers) : val_map(a), *list = entries_of(p, answers, a),
               *one = NULL;
    *errors = val_map(a);
    *ret = out;
    for (size_t i = 0; entry > 0 && i < val_count(list); i++)
        if (number_of(val_item(list, i)) == entry) one = list->u.list.item[i];
    if (!p->repeats || (entry && !one)) return err_set(e, ERR_NOT_FOUND, NULL);
    if (!one && val_count(list) >= p->most) return err_set(e, ERR_LIMIT, "%zu", p->most);
    if (!one) {
        one = val_map(a);
        put_number(a, one, next_number(list));
        val_push(a, list, one);
    }
    check_one(p, m, input, a, one, *errors);
    val_put(a, out, p->id, list);
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, NULL);
    return val_count(*errors) ? err_set(e, ERR_INPUT, NULL) : 0;
}

int form_drop_entry(const struct form_page *p, const struct val *answers, int64_t entry, struct arena *a,
                    struct val **ret, struct err *e) {
    struct val *out = answers ? val_copy(a, answers) : val_map(a), *left = val_list(a);
    const struct val *list = val_get(out, p->id);
    if (!form_entry(p, answers, entry)) return err_set(e, ERR_NOT_FOUND, NULL);
    for (size_t i = 0; i < val_count(list); i++)
        if (number_of(val_item(list, i)) != entry) val_push(a, left, list->u.list.item[i]);
    val_put(a, out, p->id, left);
    *ret = out;
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

/* A whole list given at once, as scenarios do: numbered anew, each checked; what is wrong is told at PAGE-NUMBER. */
static struct val *read_list(const struct form_page *p, const struct system *m, const struct val *input,
                             struct arena *a, struct val *errors) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(input) && i <= FORM_ENTRIES_MAX; i++) {
        struct val *one = val_map(a), *wrong = val_map(a);
        put_number(a, one, (int64_t)i + 1);
        check_one(p, m, val_item(input, i), a, one, wrong);
        if (val_count(wrong))
            val_put(a, errors, arena_fmt(a, "%.*s-%zu", STR_ARG(p->id), i + 1), wrong->u.map.pair[0].value);
        val_push(a, list, one);
    }
    return list;
}

void form_check_entries(const struct form_page *p, const struct system *m, const struct val *input,
                        struct arena *a, struct val *out, struct val *errors) {
    struct val *list =
        input && input->kind == VAL_LIST ? read_list(p, m, input, a, errors) : entries_of(p, out, a);
    size_t n = val_count(list);
    val_put(a, out, p->id, list);
    if (n < p->least) form_put_error(a, errors, p->id, ERR_FEW, arena_fmt(a, "%zu", p->least));
    if (n > p->most)
        form_put_error(a, errors, p->id, ERR_RANGE,
                       p->least == p->most ? arena_fmt(a, "%zu", p->least)
                                           : arena_fmt(a, "%zu–%zu", p->least, p->most));
    for (size_t i = 0; i < n && val_count(errors) == 0; i++)
        if (!form_entry_whole(p, val_item(list, i)))
            form_put_error(a, errors,
                           arena_fmt(a, "%.*s-%lld", STR_ARG(p->id), (long long)number_of(val_item(list, i))),
                           ERR_REQUIRED, p->entry);
}

void form_take_records(const struct form_page *p, const struct val *records, struct arena *a,
                       struct val *answers) {
    struct val *list = val_list(a);
    if (!p->repeats || !p->records.len || val_get(answers, p->id)) return;
    for (size_t i = 0; i < val_count(records) && i < p->most; i++) {
        struct val *one = val_map(a);
        put_number(a, one, (int64_t)i + 1);
        for (size_t k = 0; k < p->n_questions; k++)
            val_put_str(a, one, p->question[k].id,
                        p->question[k].from.len
                            ? arena_str(a, val_get_str(val_item(records, i), p->question[k].from))
                            : S(""));
        val_push(a, list, one);
    }
    if (val_count(list)) val_put(a, answers, p->id, list);
}
