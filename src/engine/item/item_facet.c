/* item_facet: what an item is under the seven axes by which the national guide sorts service items
 * (事项性质 服务对象 实施主体 服务主题 服务层级 服务形式 行政管辖); see item.h. Invariant: a value
 * is the same in every language (a code, or the declaration's own text), so that an address means
 * the same to everybody.
 */
#include "engine/item/item_rows.h"

static const struct {
    struct str name, title, key,
        set; /* key: in items/NAME.yaml; set: its code set, empty where the text is the value */
} facets[ITEM_FACETS] = {
    [ITEM_BY_TYPE] = { S_INIT("type"), S_INIT("事项性质"), S_INIT("type_code"),
                       S_INIT("item_type") },
    [ITEM_BY_WHO] = { S_INIT("who"), S_INIT("服务对象"), S_INIT("applicants"), S_INIT("") },
    [ITEM_BY_ORGAN] = { S_INIT("organ"), S_INIT("实施主体"), S_INIT("organ"), S_INIT("") },
    [ITEM_BY_TOPIC] = { S_INIT("topic"), S_INIT("服务主题"), S_INIT("topics"),
                        S_INIT("service_topic") },
    [ITEM_BY_LEVEL] = { S_INIT("level"), S_INIT("服务层级"), S_INIT("level_code"),
                        S_INIT("exercise_level") },
    [ITEM_BY_FORM] = { S_INIT("form"), S_INIT("服务形式"), S_INIT("handling"),
                       S_INIT("handling_form") },
    [ITEM_BY_DIVISION] = { S_INIT("division"), S_INIT("行政管辖"), S_INIT("divisions"),
                           S_INIT("division") },
};

struct str item_facet_name(enum item_facet f) {
    return facets[f].name;
}

struct str item_facet_title(const struct realm *r, enum item_facet f, struct str lang) {
    return realm_text(r, lang, facets[f].title);
}

struct str item_code_text(const struct system *m, struct str set, struct str code,
                          struct str lang) {
    const struct code_set *s = system_find(m, SYSTEM_CODE, set);
    return s && code.len ? system_text(m, lang, code_set_title(s, code)) : S("");
}

static struct str title_of(const struct realm *r, const struct system *m, enum item_facet f,
                           struct str value, struct str lang) {
    if (f == ITEM_BY_WHO)
        return realm_text(r, lang, str_eq(value, S("person")) ? S("个人") : S("企业和其他组织"));
    return facets[f].set.len ? item_code_text(m, facets[f].set, value, lang)
                             : system_text(m, lang, value);
}

size_t item_facet_values(const struct item_hit *h, enum item_facet f,
                         struct str out[ITEM_VALUES_MAX]) {
    const struct val *v = val_get(h->type->about, facets[f].key);
    size_t n = 0;
    if (!v || v->kind != VAL_LIST) {
        if (val_text(v).len) out[n++] = val_text(v);
        return n;
    }
    for (size_t i = 0; i < val_count(v) && n < ITEM_VALUES_MAX; i++)
        out[n++] = val_text(val_item(v, i));
    return n;
}

struct str item_facet_text(const struct realm *r, const struct item_hit *h, enum item_facet f,
                           struct str value, struct str lang) {
    struct str title = title_of(r, h->system, f, value, lang);
    return title.len ? title : value;
}

bool item_is(const struct item_hit *h, enum item_facet f, struct str value) {
    struct str out[ITEM_VALUES_MAX];
    size_t n = item_facet_values(h, f, out);
    for (size_t i = 0; i < n; i++)
        if (str_eq(out[i], value)) return true;
    return false;
}
