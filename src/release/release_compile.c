/* release_compile: files to a system. Each part is compiled by the engine that owns it, in an order in which every part finds what
 * it names: codes, records, papers, rules, notices, access, texts, forms, flows, items, queues.
 * Invariant: a system without findings has every part that its files declare.
 */
#include "release/release.h"

#include "data/csv.h"
#include "data/yaml.h"
#include "engine/code/code_set.h"
#include "engine/flow/flow.h"
#include "engine/form/form.h"
#include "engine/item/item.h"
#include "engine/notify/notify.h"
#include "engine/paper/paper_layout.h"
#include "engine/queue/queue.h"
#include "engine/record/record.h"
#include "engine/rule/rule.h"
#include "engine/supervise/supervise.h"

struct compiling {
    struct arena *a;
    struct system *m;
    struct release_findings *findings;
    bool failed[SYSTEM_PARTS]; /* one at least did not compile */
};

typedef int compile_yaml(struct compiling *c, struct str file, struct str name,
                         const struct val *yaml, const void **ret, struct err *e);
typedef int compile_bytes(struct compiling *c, struct str file, struct str name, struct str bytes,
                          const void **ret, struct err *e);

static int do_code(struct compiling *c, struct str file, struct str name, struct str bytes, const void **ret, struct err *e) {
    struct code_set *set;
    int rc = code_compile(c->a, file, bytes, &set, e);
    (void)name;
    *ret = set;
    return rc;
}

static int do_record(struct compiling *c, struct str file, struct str name, const struct val *yaml, const void **ret, struct err *e) {
    const struct record_type *t;
    int rc = record_compile(c->a, file, yaml, &t, e);
    if (!rc && !str_eq(t->id, name)) rc = err_line(e, ERR_SYSTEM, file, 1, "$id 应与文件名相同：%.*s", STR_ARG(name));
    *ret = t;
    return rc;
}

static int do_paper(struct compiling *c, struct str file, struct str name, struct str bytes, const void **ret, struct err *e) {
    struct paper *p;
    int rc = paper_compile(c->a, file, bytes, &p, e);
    (void)name;
    *ret = p;
    return rc;
}

static int do_rule(struct compiling *c, struct str file, struct str name, struct str bytes, const void **ret, struct err *e) {
    struct model *d;
    int rc = dmn_compile(c->a, (struct dmn_source){ file, bytes }, NULL, 0, DMN_STRICT, &d, e);
    (void)name;
    *ret = d;
    return rc;
}

static int do_notice(struct compiling *c, struct str file, struct str name, const struct val *yaml, const void **ret, struct err *e) {
    const struct notice_type *t;
    int rc = notice_compile(c->a, file, name, yaml, &t, e);
    *ret = t;
    return rc;
}

static int do_form(struct compiling *c, struct str file, struct str name, const struct val *yaml, const void **ret, struct err *e) {
    const struct form *f;
    int rc = form_compile(c->a, file, name, yaml, c->m, &f, e);
    *ret = f;
    return rc;
}

static int do_flow(struct compiling *c, struct str file, struct str name, struct str bytes, const void **ret, struct err *e) {
    struct flow_model *f;
    (void)name;
    int rc = item_flow_compile(c->a, file, bytes, c->m, &f, e);
    *ret = f;
    return rc;
}

static int do_item(struct compiling *c, struct str file, struct str name, const struct val *yaml, const void **ret, struct err *e) {
    const struct item_type *t;
    int rc = item_compile(c->a, file, name, yaml, c->m, &t, e);
    *ret = t;
    return rc;
}

static int do_queue(struct compiling *c, struct str file, struct str name, const struct val *yaml, const void **ret, struct err *e) {
    const struct queue_hall *h;
    int rc = queue_compile(c->a, file, name, yaml, c->m, &h, e);
    *ret = h;
    return rc;
}

/* What was found, without the sentence around it: that one speaks to who fills in a page. */
static void note(struct compiling *c, struct str file, const struct err *e) {
    struct str said = str_of(e->detail);
    release_find(c->findings, e->field[0] && e->line ? str_of(e->field) : file, e->line, "%.*s",
                 STR_ARG(said.len ? said : str_of(err_name(e->code))));
}

/* "forms/apply.yaml" -> "apply" when it lies in `dir` with `suffix`. */
static bool name_in(struct str path, struct str dir, struct str suffix, struct str *name) {
    if (!str_starts(path, dir) || !str_ends(path, suffix)) return false;
    *name = str_sub(path, dir.len, path.len - dir.len - suffix.len);
    return true;
}

static void put(struct compiling *c, enum system_part part, struct str name, const void *compiled) {
    (void)map_put(&c->m->part[part], name, (void *)(uintptr_t)compiled);
}

static void each_bytes(struct compiling *c, const struct release_files *f, enum system_part part, struct str dir, struct str suffix,
                       compile_bytes *compile) {
    for (size_t i = 0; i < f->n; i++) {
        struct str name;
        const void *compiled = NULL;
        struct err e = { 0 };
        if (!name_in(f->file[i].path, dir, suffix, &name)) continue;
        if (compile(c, f->file[i].path, name, f->file[i].bytes, &compiled, &e)) note(c, f->file[i].path, &e), c->failed[part] = true;
        else put(c, part, name, compiled);
    }
}

static void each_yaml(struct compiling *c, const struct release_files *f, enum system_part part, struct str dir, compile_yaml *compile) {
    for (size_t i = 0; i < f->n; i++) {
        struct str name;
        const void *compiled = NULL;
        struct val *yaml;
        struct err e = { 0 };
        if (!name_in(f->file[i].path, dir, S(".yaml"), &name)) continue;
        int rc = yaml_parse(c->a, f->file[i].path, f->file[i].bytes, &yaml, &e);
        if (!rc) rc = compile(c, f->file[i].path, name, yaml, &compiled, &e);
        if (rc) note(c, f->file[i].path, &e), c->failed[part] = true;
        else put(c, part, name, compiled);
    }
}

static struct val *one_yaml(struct compiling *c, const struct release_files *f, struct str path) {
    for (size_t i = 0; i < f->n; i++) {
        struct val *yaml;
        struct err e = { 0 };
        if (!str_eq(f->file[i].path, path)) continue;
        if (yaml_parse(c->a, path, f->file[i].bytes, &yaml, &e) == 0) return yaml;
        note(c, path, &e);
    }
    return NULL;
}

static void system_head(struct compiling *c, const struct release_files *f) {
    static const char *const known[] = { "id",          "version", "title",    "owner",
                                         "basis",       "needs",   "template", "untranslated",
                                         "description", NULL };
    struct val *about = one_yaml(c, f, S("system.yaml"));
    struct system *m = c->m;
    m->about = about;
    m->id = val_get_str(about, S("id"));
    m->version = val_get_str(about, S("version"));
    m->title = val_get_str(about, S("title"));
    m->owner = val_get_str(about, S("owner"));
    if (!m->id.len || !m->version.len || !m->title.len || !m->owner.len)
        release_find(c->findings, S("system.yaml"), 1, "缺少 id、version、title 或 owner");
    for (size_t i = 0; i < val_pairs(about); i++) {
        bool found = false;
        for (const char *const *k = known; *k; k++) found |= str_eq(about->u.map.pair[i].key, str_of(*k));
        if (!found)
            release_find(c->findings, S("system.yaml"), about->u.map.pair[i].line,
                         "不认识的键：%.*s", STR_ARG(about->u.map.pair[i].key));
    }
}

static void notices(struct compiling *c, const struct release_files *f) {
    struct val *yaml = one_yaml(c, f, S("notices.yaml"));
    if (yaml && yaml->kind != VAL_MAP)
        release_find(c->findings, S("notices.yaml"), yaml->line,
                     "应写成 通知: {title: ..., text: ...}");
    for (size_t i = 0; i < val_pairs(yaml); i++) {
        const struct val_pair *p = &yaml->u.map.pair[i];
        const void *compiled;
        struct err e = { 0 };
        if (do_notice(c, S("notices.yaml"), p->key, p->value, &compiled, &e)) note(c, S("notices.yaml"), &e);
        else put(c, SYSTEM_NOTICE, p->key, compiled);
    }
}

static void supervision(struct compiling *c, const struct release_files *f) {
    struct str file = S("supervision.yaml");
    struct val *yaml = one_yaml(c, f, file);
    const struct val *rules = val_get(yaml, S("rules"));
    if (yaml && (val_pairs(yaml) != 1 || !rules || rules->kind != VAL_LIST))
        release_find(c->findings, file, yaml->line, "应写成 rules: [...]");
    for (size_t i = 0; i < val_count(rules); i++) {
        const struct supervise_rule *rule;
        struct err e = { 0 };
        if (supervise_compile(c->a, file, val_item(rules, i), &rule, &e)) note(c, file, &e);
        else if (map_find(&c->m->part[SYSTEM_CARD], rule->id))
            release_find(c->findings, file, val_item(rules, i)->line, "id 重复：%.*s", STR_ARG(rule->id));
        else put(c, SYSTEM_CARD, rule->id, rule);
    }
}

static void access_and_texts(struct compiling *c, const struct release_files *f) {
    struct val *yaml = one_yaml(c, f, S("access.yaml"));
    struct err e = { 0 };
    if (yaml && access_compile(c->a, c->m->id, S("access.yaml"), yaml, &c->m->access, &e)) note(c, S("access.yaml"), &e);
    for (size_t i = 0; i < f->n; i++) {
        struct po *po;
        if (!str_eq(f->file[i].path, S("texts/en.po"))) continue;
        if (po_parse(c->a, f->file[i].path, f->file[i].bytes, &po, &e)) note(c, f->file[i].path, &e);
        else c->m->en = po;
    }
}

/* Units and people for a demo city. A table that cannot be read is no fault of the system: it is judged before it is loaded. */
static void sample(struct compiling *c, const struct release_files *f) {
    for (size_t i = 0; i < f->n; i++) {
        struct val *rows;
        struct str path = f->file[i].path;
        const struct val **into = str_eq(path, RELEASE_UNITS)      ? &c->m->sample_units
                                  : str_eq(path, RELEASE_ACCOUNTS) ? &c->m->sample_accounts
                                  : str_eq(path, RELEASE_MANDATES) ? &c->m->sample_mandates
                                                                   : NULL;
        if (!into || csv_table(c->a, f->file[i].bytes, &rows, NULL)) continue;
        *into = rows;
    }
}

const struct system *release_compile(struct arena *a, const struct release_files *f, int64_t release_id, const struct system **needs,
                                    size_t n_needs, struct release_findings *findings) {
    struct system *m = arena_new(a, struct system);
    struct compiling c = { .a = a, .m = m, .findings = findings };
    if (!m) return NULL;
    m->release = release_id;
    m->needs = needs;
    m->n_needs = n_needs;
    for (int p = 0; p < SYSTEM_PARTS; p++) map_init(&m->part[p], a);
    map_init(&m->feel, a);
    system_head(&c, f);
    each_bytes(&c, f, SYSTEM_CODE, S("codes/"), S(".csv"), do_code);
    each_yaml(&c, f, SYSTEM_RECORD, S("records/"), do_record);
    each_bytes(&c, f, SYSTEM_PAPER, S("papers/"), S(".xml"), do_paper);
    each_bytes(&c, f, SYSTEM_RULE, S("rules/"), S(".dmn"), do_rule);
    notices(&c, f);
    supervision(&c, f);
    access_and_texts(&c, f);
    sample(&c, f);
    each_yaml(&c, f, SYSTEM_FORM, S("forms/"), do_form);
    /* What names what did not compile is looked at when that does: it would be told that there is none. */
    if (!c.failed[SYSTEM_RULE] && !c.failed[SYSTEM_PAPER] && !c.failed[SYSTEM_RECORD])
        each_bytes(&c, f, SYSTEM_FLOW, S("flows/"), S(".bpmn"), do_flow);
    if (!c.failed[SYSTEM_RULE] && !c.failed[SYSTEM_PAPER] && !c.failed[SYSTEM_RECORD] && !c.failed[SYSTEM_CODE] && !c.failed[SYSTEM_FORM] &&
        !c.failed[SYSTEM_FLOW])
        each_yaml(&c, f, SYSTEM_ITEM, S("items/"), do_item);
    if (!c.failed[SYSTEM_ITEM]) each_yaml(&c, f, SYSTEM_QUEUE, S("queues/"), do_queue);
    if (arena_overflowed(a)) release_find(findings, S("system.yaml"), 0, "系统太大");
    return findings->n ? NULL : m;
}
