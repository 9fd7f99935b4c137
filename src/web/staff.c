/* staff: see staff.h. Invariant: everything put into a view lives in the arena of the stage that calls. */
#include "web/staff.h"

#include "web/layout/rail.h"

static struct val *page_map(struct page *p) {
    struct val *page = (struct val *)val_get(p->view, S("page"));
    if (!page) {
        page = val_map(p->a);
        val_put(p->a, p->view, S("page"), page);
    }
    return page;
}

static struct val *list_of(struct page *p, struct val *map, struct str key) {
    struct val *list = (struct val *)val_get(map, key);
    if (!list) {
        list = val_list(p->a);
        val_put(p->a, map, key, list);
    }
    return list;
}

void staff_title(struct page *p, struct str title, struct str about) {
    struct str shown = page_text(p, title);
    val_put_str(p->a, p->view, S("title"), shown);
    val_put_str(p->a, page_map(p), S("title"),
                ARENA_CAT(p->a, p->n_faults ? page_text(p, S("错误：")) : S(""), shown, about.len ? S(" · ") : S(""), about,
                          S(" · "), page_text(p, S("通办"))));
}

void staff_link(struct page *p, const char *key, struct str title, struct str path, bool current, int64_t count) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put_str(p->a, v, S("href"), page_href(p, path));
    val_put_bool(p->a, v, S("current"), current);
    val_put_str(p->a, v, S("count"), count < 0 ? S("") : arena_i64(p->a, count));
    val_push(p->a, list_of(p, p->view, str_of(key)), v);
}

void staff_crumb(struct page *p, struct str title, struct str path) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put_str(p->a, v, S("href"), path.len ? page_href(p, path) : S(""));
    val_push(p->a, list_of(p, page_map(p), S("crumbs")), v);
}

int staff_id(const struct page *p, const char *name, int64_t *ret, struct err *e) {
    bool ok = str_to_i64(http_param(p->req, str_of(name)), ret) && *ret > 0;
    return ok ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

int staff_fault(struct page *p, int code, const struct err *e) {
    if (code && e && e->field[0]) return page_fault(p, str_of(e->field), code, str_of(e->detail));
    return code;
}

int staff_looked(struct store_tx *tx, struct page *p, const char *act, const char *kind, int64_t object, int64_t case_id,
                 struct err *e) {
    struct act a;
    int rc = act_open(&a, tx, page_realm(p), p->who, str_of(act), e);
    return rc ? rc : act_close(&a, str_of(kind), object, case_id, S(""), e);
}

void staff_rail(struct page *p, const struct val *steps) {
    static const struct {
        struct str word;
        enum rail_state state;
    } words[] = { { S_INIT("maybe"), RAIL_MAYBE },
                  { S_INIT("off"), RAIL_OFF },
                  { S_INIT("done"), RAIL_DONE },
                  { S_INIT("current"), RAIL_CURRENT },
                  { S_INIT("paused"), RAIL_PAUSED },
                  { S_INIT("waiting"), RAIL_WAITING },
                  { S_INIT("refused"), RAIL_REFUSED } };
    struct rail_step *step = arena_array(p->a, val_count(steps) + 1, sizeof *step);
    struct buf b;
    size_t n = step ? val_count(steps) : 0; /* an arena that is full is told by the page */
    for (size_t i = 0; i < n; i++) {
        const struct val *v = val_item(steps, i);
        step[i] = (struct rail_step){ .title = val_get_str(v, S("title")),
                                      .date = val_get_str(v, S("date")),
                                      .unit = val_get_str(v, S("unit")),
                                      .state = RAIL_TODO };
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (str_eq(words[k].word, val_get_str(v, S("state")))) step[i].state = words[k].state;
    }
    buf_init(&b, p->a, 4096, PAGE_BYTES_MAX);
    rail_html(&b, str_eq(p->lang, S("en")) ? page_realm(p)->en : NULL, page_text(p, S("办理进度")), step, n);
    val_put(p->a, p->view, S("rail"), val_html(p->a, buf_str(&b)));
}

struct str staff_role(const struct page *p, struct str role) {
    const struct system **all;
    const struct realm *r = page_realm(p);
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++) {
        const struct access_role *roles;
        size_t n_roles = access_roles(all[i]->access, &roles);
        for (size_t k = 0; k < n_roles; k++)
            if (str_eq(roles[k].id, role)) return system_text(all[i], p->lang, roles[k].title);
    }
    return role;
}

struct val *staff_choice(struct page *p, struct val *list, struct str field, struct str value, struct str title,
                         bool selected) {
    struct val *v = val_map(p->a);
    size_t i = val_count(list);
    val_put_str(p->a, v, S("choice_id"), i ? arena_fmt(p->a, "%.*s-%zu", STR_ARG(field), i + 1) : field);
    val_put_str(p->a, v, S("value"), value);
    val_put_str(p->a, v, S("title"), title);
    val_put_str(p->a, v, S("note"), S(""));
    val_put_bool(p->a, v, S("selected"), selected);
    val_push(p->a, list, v);
    return v;
}

bool staff_picked(const struct page *p, struct str field, struct str value) {
    return val_says(val_get(p->in, field), value);
}

size_t staff_ids(const struct page *p, struct str field, int64_t *ids, size_t max) {
    const struct val *v = val_get(p->in, field);
    size_t n = 0;
    for (size_t i = 0; i < val_many(v) && n < max; i++)
        if (str_to_i64(val_text(val_nth(v, i)), &ids[n]) && ids[n] > 0) n++;
    return n;
}

void staff_field(struct page *p, struct val *list, struct str name, struct str value) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("name"), name);
    val_put_str(p->a, v, S("value"), value);
    val_push(p->a, list, v);
}

struct str staff_fill(struct page *p, struct str chinese, const char *name, int64_t n) {
    struct val *args = val_map(p->a);
    val_put_i64(p->a, args, str_of(name), n);
    return po_fill(p->a, page_text(p, chinese), args);
}

static struct data_key sought_key(const struct page *p) {
    const struct keyring *k = &page_realm(p)->keys;
    struct data_key key;
    kdf(k->suite, k->token, S("desk find"), key.v);
    return key;
}

static struct str sought_place(const struct page *p, const char *page) {
    return arena_fmt(p->a, "%s/%lld/%lld", page, (long long)page_realm(p)->home.v, (long long)p->who->account);
}

struct str staff_sought(struct page *p, const char *page, struct str typed) {
    const struct data_key key = sought_key(p);
    return crypto_base64url(p->a, seal(p->a, &page_realm(p)->keys, &key, sought_place(p, page), typed));
}

int staff_sought_read(struct page *p, const char *page, struct str address, struct str *ret, struct err *e) {
    const struct data_key key = sought_key(p);
    struct str bytes;
    *ret = S("");
    if (address.len == 0) return 0;
    bool ok = crypto_base64url_decode(p->a, address, &bytes) &&
              seal_open(p->a, &page_realm(p)->keys, &key, sought_place(p, page), bytes, ret, NULL) == 0;
    return ok ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}
