/* access_rules: reads access.yaml. Invariant: every act named by a grant is a row of access_words.h. */
#include "engine/access/access_rules.h"

#include "engine/rule/rule.h"

struct act_row {
    struct str name, object, title;
    bool changes;
};
enum { READS = 0, CHANGES = 1 };
static const struct act_row acts[] = {
#define ACT(name, object, effect, title) { S_INIT(name), S_INIT(object), S_INIT(title), effect },
#include "engine/access/access_words.h"
#undef ACT
};

static const struct act_row *act_find(struct str name) {
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (str_eq(acts[i].name, name)) return &acts[i];
    return NULL;
}

struct str access_act_title(struct str act) {
    const struct act_row *row = act_find(act);
    return row ? row->title : act;
}

bool access_act_changes(struct str act) {
    const struct act_row *row = act_find(act);
    return row && row->changes;
}

struct str access_act_kind(struct str act) {
    const struct act_row *row = act_find(act);
    return row ? row->object : S("");
}

bool access_grant_names(const struct access_grant *g, struct str act) {
    for (size_t i = 0; i < g->n_acts; i++)
        if (str_eq(g->act[i], act)) return true;
    return false;
}

static const struct str scope_names[] = { S_INIT(""), S_INIT("own"), S_INIT("unit"), S_INIT("all") };

struct val *access_grant_view(struct arena *a, const struct system *m, const struct access_grant *g) {
    struct val *v = val_map(a), *may = val_list(a);
    for (size_t i = 0; i < g->n_acts; i++) val_push(a, may, val_str(a, access_act_title(g->act[i])));
    val_put_str(a, v, S("system"), m->title);
    val_put_str(a, v, S("system_id"), m->id);
    val_put_i64(a, v, S("line"), g->line);
    val_put_str(a, v, S("role"), g->role);
    val_put(a, v, S("may"), may);
    val_put_str(a, v, S("scope"), scope_names[g->scope]);
    val_put_str(a, v, S("when"), g->when_text);
    return v;
}

struct val *access_table(const struct realm *r, struct arena *a) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    struct val *list = val_list(a);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; all[i]->access && k < all[i]->access->n_grants; k++)
            val_push(a, list, access_grant_view(a, all[i], &all[i]->access->grant[k]));
    return list;
}

struct val *access_explain(const struct realm *r, const struct actor *who, struct str act, struct arena *a) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    struct val *list = val_list(a);
    for (size_t i = 0; i < n; i++) {
        const struct access_rules *rules = all[i]->access;
        for (size_t k = 0; rules && k < rules->n_grants; k++) {
            const struct access_grant *g = &rules->grant[k];
            struct scope_token t;
            struct err no;
            if (!access_grant_names(g, act)) continue;
            const bool gives = access_may_by(r, who, act, val_count(list), &t, &no) == 0;
            struct val *row = access_grant_view(a, all[i], g);
            val_put_bool(a, row, S("gives"), gives);
            val_push(a, list, row);
        }
    }
    return list;
}

size_t access_roles(const struct access_rules *r, const struct access_role **ret) {
    *ret = r ? r->role : NULL;
    return r ? r->n_roles : 0;
}

bool access_role_granted(const struct access_rules *r, struct str act) {
    for (size_t i = 0; r && i < r->n_grants; i++)
        for (size_t k = 0; k < r->n_roles && access_grant_names(&r->grant[i], act); k++)
            if (str_eq(r->role[k].id, r->grant[i].role)) return true;
    return false;
}

bool access_granted(const struct access_rules *r, struct str role, struct str act) {
    for (size_t i = 0; r && i < r->n_grants; i++)
        if (str_eq(r->grant[i].role, role) && access_grant_names(&r->grant[i], act)) return true;
    return false;
}

bool access_role_declared(const struct realm *r, struct str role) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; all[i]->access && k < all[i]->access->n_roles; k++)
            if (str_eq(all[i]->access->role[k].id, role)) return true;
    return false;
}

size_t access_standings_of(const struct access_rules *r, const struct access_standing **ret) {
    *ret = r ? r->standing : NULL;
    return r ? r->n_standings : 0;
}

size_t access_standings(const struct realm *r, const struct access_standing **ret, size_t max) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all), found = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; all[i]->access && k < all[i]->access->n_standings && found < max; k++)
            ret[found++] = &all[i]->access->standing[k];
    return found;
}

const struct access_standing *access_standing(const struct realm *r, struct str id) {
    const struct access_standing *all[ACCESS_STANDINGS_MAX];
    size_t n = access_standings(r, all, ACCESS_STANDINGS_MAX);
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i]->id, id)) return all[i];
    return NULL;
}

/* What is of the account itself, whomever one acts for. */
static bool of_account(struct str act) {
    static const struct str kinds[] = { S_INIT("session"), S_INIT("account"), S_INIT("contact"), S_INIT("message"), S_INIT("form"),
                                        S_INIT("page") };
    struct str kind = access_act_kind(act);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(kind, kinds[i])) return true;
    return false;
}

/* What one may do with a draft that is all one reaches: fill it in, and be done. Not submit it, nor decide what registries give. */
bool access_of_draft(struct str act) {
    return str_eq(act, S("case.draft")) || str_eq(act, S("session.close"));
}

bool access_stands(const struct realm *r, const struct actor *who, struct str act) {
    if (who->only && !access_of_draft(act)) return false;
    if (!who->on_behalf || of_account(act) || !who->account) return true;
    const struct access_standing *s = access_standing(r, who->standing);
    for (size_t i = 0; s && i < s->n_acts; i++)
        if (str_eq(s->act[i], act)) return true;
    return false;
}

static int read_roles(struct arena *a, struct str file, const struct val *roles, struct access_rules *out, struct err *e) {
    size_t n = val_pairs(roles);
    if (roles && roles->kind != VAL_MAP) return err_line(e, ERR_SYSTEM, file, roles->line, "roles 应写成 角色: {title: ...}");
    out->role = arena_array(a, n ? n : 1, sizeof *out->role);
    if (!out->role) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n; i++) {
        const struct val_pair *p = &roles->u.map.pair[i];
        struct str title = val_get_str(p->value, S("title"));
        if (title.len == 0) return err_line(e, ERR_SYSTEM, file, p->line, "角色 %.*s 缺少 title", STR_ARG(p->key));
        out->role[out->n_roles++] = (struct access_role){ p->key, title };
    }
    return 0;
}

static int read_acts(struct arena *a, struct str file, const struct val *g, const char *of, struct str **ret, size_t *n,
                     struct err *e) {
    const struct val *may = val_get(g, S("may"));
    *n = val_count(may);
    *ret = arena_array(a, *n ? *n : 1, sizeof **ret);
    if (!*ret) return err_set(e, ERR_MEMORY, NULL);
    if (*n == 0) return err_line(e, ERR_SYSTEM, file, g->line, "%s 缺少 may", of);
    for (size_t i = 0; i < *n; i++) {
        (*ret)[i] = val_text(val_item(may, i));
        if (!act_find((*ret)[i]))
            return err_line(e, ERR_SYSTEM, file, val_item(may, i)->line, "没有这个动作：%.*s", STR_ARG((*ret)[i]));
    }
    return 0;
}

static bool only_keys(const struct val *map, const char *const *keys, const struct val_pair **ret) {
    for (size_t i = 0; i < val_pairs(map); i++) {
        bool known = false;
        for (const char *const *k = keys; *k; k++) known |= str_eq(map->u.map.pair[i].key, str_of(*k));
        *ret = &map->u.map.pair[i];
        if (!known) return false;
    }
    return true;
}

static int read_standing(struct arena *a, struct str file, const struct val_pair *p, struct access_standing *out, struct err *e) {
    static const char *const keys[] = { "title", "note", "of", "by", "may", NULL };
    const struct val *v = p->value, *of = val_get(v, S("of"));
    const struct val_pair *odd;
    struct str by = val_get_str(v, S("by"));
    if (!v || v->kind != VAL_MAP)
        return err_line(e, ERR_SYSTEM, file, p->line, "standings 应写成 身份: {title: ..., of: [...], may: [...]}");
    if (!only_keys(v, keys, &odd)) return err_line(e, ERR_SYSTEM, file, odd->line, "不认识的键：%.*s", STR_ARG(odd->key));
    out->id = p->key;
    out->title = val_get_str(v, S("title"));
    out->note = val_get_str(v, S("note"));
    out->by_registry = str_eq(by, S("registry"));
    if (out->title.len == 0) return err_line(e, ERR_SYSTEM, file, p->line, "身份 %.*s 缺少 title", STR_ARG(p->key));
    if (by.len && !out->by_registry) return err_line(e, ERR_SYSTEM, file, p->line, "by 只能写 registry");
    for (size_t i = 0; i < val_count(of); i++) {
        struct str word = val_text(val_item(of, i));
        out->of_company |= str_eq(word, S("company"));
        out->of_person |= str_eq(word, S("person"));
    }
    if (val_count(of) != (size_t)out->of_company + (size_t)out->of_person || !val_count(of))
        return err_line(e, ERR_SYSTEM, file, p->line, "of 应写 [company]、[person] 或者 [company, person]");
    return read_acts(a, file, v, "身份", &out->act, &out->n_acts, e);
}

static int read_standings(struct arena *a, struct str system, struct str file, const struct val *all, struct access_rules *out,
                          struct err *e) {
    size_t n = val_pairs(all);
    int rc = 0;
    if (all && all->kind != VAL_MAP)
        return err_line(e, ERR_SYSTEM, file, all->line, "standings 应写成 身份: {title: ..., of: [...], may: [...]}");
    out->standing = arena_array(a, n ? n : 1, sizeof *out->standing);
    if (!out->standing) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n && !rc; i++) {
        out->standing[out->n_standings].system = system;
        rc = read_standing(a, file, &all->u.map.pair[i], &out->standing[out->n_standings++], e);
    }
    return rc;
}

/* Acts on cases, tasks and records are judged where those are loaded and listed (engines item and record), but for the look-up by number,
 * which is the number holder's. */
static bool judged(struct str act) {
    static const struct str kinds[] = { S_INIT("case"), S_INIT("task"), S_INIT("record") };
    const struct act_row *row = act_find(act);
    for (size_t i = 0; row && i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(row->object, kinds[i])) return !str_eq(act, S("case.look_up"));
    return false;
}

static int check_judged(struct str file, const struct val *g, const struct access_grant *out, struct err *e) {
    for (size_t i = 0; out->when && i < out->n_acts; i++)
        if (!judged(out->act[i])) return err_line(e, ERR_SYSTEM, file, g->line, "这个动作不能带条件：%.*s", STR_ARG(out->act[i]));
    return 0;
}

static int read_grant(struct arena *a, struct str file, const struct val *g, struct access_grant *out, struct err *e) {
    static const struct str keys[] = { S_INIT("role"), S_INIT("may"), S_INIT("scope"), S_INIT("when") };
    if (!g || g->kind != VAL_MAP) return err_line(e, ERR_SYSTEM, file, g ? g->line : 1, "grant 应写成 {role: ..., may: ..., scope: ...}");
    for (size_t i = 0; i < val_pairs(g); i++) {
        bool known = false;
        for (size_t k = 0; k < 4; k++) known |= str_eq(g->u.map.pair[i].key, keys[k]);
        if (!known) return err_line(e, ERR_SYSTEM, file, g->u.map.pair[i].line, "不认识的键：%.*s", STR_ARG(g->u.map.pair[i].key));
    }
    out->line = g->line;
    out->role = val_get_str(g, S("role"));
    if (out->role.len == 0) return err_line(e, ERR_SYSTEM, file, g->line, "grant 缺少 role");
    struct str scope = val_get_str(g, S("scope"));
    for (unsigned s = ACCESS_OWN; s <= ACCESS_ALL; s++)
        if (str_eq(scope, scope_names[s])) out->scope = (enum access_scope)s;
    if (!out->scope) return err_line(e, ERR_SYSTEM, file, g->line, "scope 应为 own、unit 或 all");
    out->when_text = val_get_str(g, S("when"));
    if (out->when_text.len) {
        int rc = feel_compile(a, out->when_text, FEEL_EXPRESSION, NULL, 0, &out->when, e);
        if (rc) return err_line(e, ERR_SYSTEM, file, g->line, "条件写错了：%.*s", STR_ARG(out->when_text));
    }
    int rc = read_acts(a, file, g, "grant", &out->act, &out->n_acts, e);
    return rc ? rc : check_judged(file, g, out, e);
}

int access_compile(struct arena *a, struct str system, struct str file, const struct val *yaml, const struct access_rules **ret,
                   struct err *e) {
    struct access_rules *r = arena_new(a, struct access_rules);
    const struct val *grants = val_get(yaml, S("grants"));
    size_t n = val_count(grants);
    if (!r) return err_set(e, ERR_MEMORY, NULL);
    if (yaml && yaml->kind != VAL_MAP) return err_line(e, ERR_SYSTEM, file, yaml->line, "应写成 roles: 和 grants:");
    for (size_t i = 0; i < val_pairs(yaml); i++) {
        const struct val_pair *p = &yaml->u.map.pair[i];
        if (!str_eq(p->key, S("roles")) && !str_eq(p->key, S("grants")) && !str_eq(p->key, S("standings")))
            return err_line(e, ERR_SYSTEM, file, p->line, "不认识的键：%.*s", STR_ARG(p->key));
    }
    int rc = read_roles(a, file, val_get(yaml, S("roles")), r, e);
    if (!rc) rc = read_standings(a, system, file, val_get(yaml, S("standings")), r, e);
    if (rc) return rc;
    r->grant = arena_array(a, n ? n : 1, sizeof *r->grant);
    if (!r->grant) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n && !rc; i++) {
        r->grant[r->n_grants].system = system;
        rc = read_grant(a, file, val_item(grants, i), &r->grant[r->n_grants++], e);
    }
    *ret = r;
    return rc;
}
