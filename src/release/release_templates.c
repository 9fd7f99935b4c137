/* release_templates: see release_templates.h. Invariant: what a paper may say is what its specimen
 * shows (item_sample_view), so that a name is declared once.
 */
#include "release/release_templates.h"

#include "data/tpl.h"
#include "data/yaml.h"
#include "engine/paper/paper_layout.h"
#include "release/release_search.h"

enum { NAMES_MAX = 500 };

/* ---- messages ---- */

enum {
    CASE = 1,
    PART = 2,
    UNTIL = 4,
    HOLD = 8,
    MOVED = 16,
    STEP = 32,
    TASK = 64,
    CARD = 128,
    DEVICE = 256,
    MANDATE = 512,
    BOOKING = 1024,
    DEPUTY = 2048,
    FOR = 4096,
    RESULT = 8192,
    WAITS = 16384,
    FETCHED = 32768,
    POSTED = 65536,
    STATE = 131072
};
static const struct {
    unsigned group;
    struct release_name is;
} names[] = {
#define NOTICE_NAME(group, name, is, sample, what)                                                 \
    { group, { S_INIT(name), S_INIT(what), S_INIT(sample), S_INIT(""), RELEASE_IS_##is } },
#include "release/release_notices.h"
#undef NOTICE_NAME
};
static const struct {
    struct str id;
    unsigned groups;
    struct str when;
} sent[] = {
#define NOTICE_SENT(id, groups, when) { S_INIT(id), groups, S_INIT(when) },
#include "release/release_notices.h"
#undef NOTICE_SENT
};
enum { NAMES = sizeof names / sizeof *names, SENT = sizeof sent / sizeof *sent };

bool release_step_sends(const struct flow_element *el, struct str notice) {
    for (size_t i = 0; i < el->n_with; i++) {
        struct str feel = el->with[i].feel;
        if (!str_eq(el->with[i].name, S("notice"))) continue;
        for (size_t at = 0; (at = str_find(feel, notice, at)) != SIZE_MAX; at++)
            if (at && feel.ptr[at - 1] == '"' &&
                str_starts(str_sub(feel, at + notice.len, 1), S("\"")))
                return true;
    }
    return false;
}

static bool process_sends(const struct system *m, struct str notice) {
    const struct map *flows = &m->part[SYSTEM_FLOW];
    for (size_t i = 0; i < flows->n; i++) {
        const struct flow_model *f = flows->entry[i].value;
        for (size_t k = 0; k < f->n_element; k++)
            if (release_step_sends(&f->element[k], notice)) return true;
    }
    return false;
}

size_t release_notice_names(const struct system *m, struct str notice,
                            struct release_name ret[RELEASE_NOTICE_NAMES_MAX]) {
    unsigned groups = process_sends(m, notice) ? CASE | PART : 0;
    size_t n = 0;
    for (size_t i = 0; i < SENT; i++)
        if (str_eq(sent[i].id, notice)) groups |= sent[i].groups;
    for (size_t i = 0; i < NAMES; i++) {
        bool twice = false;
        for (size_t k = 0; k < n; k++) twice |= str_eq(ret[k].name, names[i].is.name);
        if (names[i].group & groups && !twice && n < RELEASE_NOTICE_NAMES_MAX)
            ret[n++] = names[i].is;
    }
    return n;
}

struct str release_notice_when(struct str notice) {
    for (size_t i = 0; i < SENT; i++)
        if (notice.len && str_eq(sent[i].id, notice)) return sent[i].when;
    return S("");
}

bool release_notice_sent(size_t i, struct str *ret) {
    if (i >= SENT) return false;
    *ret = sent[i].id;
    return true;
}

/* ---- papers ---- */

static const struct release_name papers[] = {
#define PAPER_NAME(name, what) { S_INIT(name), S_INIT(what), S_INIT(""), S_INIT(""), RELEASE_IS_TEXT },
#include "release/release_notices.h"
#undef PAPER_NAME
};
static const struct release_name receipt[] = {
#define RECEIPT_NAME(name, is, sample, what)                                                       \
    { S_INIT(name), S_INIT(what), S_INIT(sample), S_INIT(""), RELEASE_IS_##is },
#include "release/release_notices.h"
#undef RECEIPT_NAME
    { S_INIT("place"), S_INIT("序号"), S_INIT("1"), S_INIT("materials"), RELEASE_IS_TEXT },
    { S_INIT("name"), S_INIT("材料名称"), S_INIT(""), S_INIT("materials"), RELEASE_IS_TEXT },
    { S_INIT("file"), S_INIT("文件名"), S_INIT(""), S_INIT("materials"), RELEASE_IS_TEXT },
    { S_INIT("materials"), S_INIT("收到的材料"), S_INIT(""), S_INIT(""), RELEASE_IS_TEXT },
};

bool release_paper_name(size_t i, struct release_name *ret) {
    if (i >= sizeof papers / sizeof *papers) return false;
    *ret = papers[i];
    return true;
}

bool release_receipt_name(size_t i, struct release_name *ret) {
    if (i >= sizeof receipt / sizeof *receipt) return false;
    *ret = receipt[i];
    return true;
}

size_t release_paper_uses(const struct system *m, struct str paper,
                          struct release_paper_use ret[RELEASE_USES_MAX]) {
    size_t n = 0;
    for (size_t i = 0; i < m->part[SYSTEM_ITEM].n; i++) {
        const struct item_type *t = m->part[SYSTEM_ITEM].entry[i].value;
        for (size_t k = 0; k < 2 * t->n_parts && n < RELEASE_USES_MAX; k++) {
            const struct item_part *part = &t->part[k / 2];
            if (paper.len && str_eq(k % 2 ? part->refusal : part->paper, paper))
                ret[n++] = (struct release_paper_use){ .item = t, .part = part, .refusal = k % 2 };
        }
        for (size_t k = 0; k < 2 * t->n_materials && n < RELEASE_USES_MAX; k++) {
            const struct item_material *material = &t->material[k / 2];
            if (paper.len && str_eq(val_get_str(material->about, k % 2 ? S("sample") : S("blank")), paper))
                ret[n++] =
                    (struct release_paper_use){ .item = t, .material = material, .sample = k % 2 };
        }
    }
    return n;
}

struct flat {
    struct arena *a;
    struct release_name *list;
    size_t n;
    bool over;
};

static void put_name(struct flat *f, struct str name, struct str rows, struct str what) {
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->list[i].name, name) && str_eq(f->list[i].rows, rows)) return;
    if (f->n == NAMES_MAX) {
        f->over = true;
        return;
    }
    for (size_t i = 0; !rows.len && i < sizeof papers / sizeof *papers; i++)
        if (str_eq(papers[i].name, name)) what = papers[i].what;
    if (rows.len && str_eq(name, S("place"))) what = S("序号");
    if (str_starts(what, S("〔")) && str_ends(what, S("〕")))
        what = str_sub(what, S("〔").len, what.len - S("〔〕").len);
    f->list[f->n++] = (struct release_name){ .name = name, .what = what, .rows = rows };
}

/* A specimen holds the title of each thing in its place. */
static void flatten(struct flat *f, const struct val *v, struct str path, struct str rows) {
    for (size_t i = 0; i < val_pairs(v); i++) {
        const struct val_pair *p = &v->u.map.pair[i];
        struct str name = path.len ? ARENA_CAT(f->a, path, S("."), p->key) : p->key;
        if (p->value->kind == VAL_MAP) flatten(f, p->value, name, rows);
        else if (p->value->kind == VAL_LIST) {
            put_name(f, name, rows, S("表格的各行"));
            flatten(f, val_item(p->value, 0), S(""), name);
        } else put_name(f, name, rows, val_text(p->value));
    }
}

int release_paper_names(struct arena *a, const struct system *m, struct str paper,
                        struct release_name **ret, size_t *n, struct err *e) {
    struct release_paper_use *use = arena_array(a, RELEASE_USES_MAX, sizeof *use);
    struct flat f = { .a = a, .list = arena_array(a, NAMES_MAX, sizeof *f.list) };
    if (!use || !f.list) return err_set(e, ERR_MEMORY, NULL);
    const size_t uses = release_paper_uses(m, paper, use);
    for (size_t i = 0; str_eq(paper, RELEASE_RECEIPT) && release_receipt_name(i, &f.list[f.n]); i++)
        f.n++;
    for (size_t i = 0; i < uses; i++)
        flatten(&f, item_sample_view(NULL, m, use[i].item, use[i].part, S(""), a), S(""), S(""));
    *ret = f.list;
    *n = f.n;
    return f.over ? err_set(e, ERR_LIMIT, "%d", NAMES_MAX) : 0;
}

/* ---- texts ---- */

struct judging {
    struct naming own;
    const struct release_name *names;
    size_t n;
    struct str fault;
};

static void judge_name(void *context, struct str name, bool partial, unsigned within) {
    static const struct name_place anywhere = { 0 };
    struct judging *j = context;
    struct search x;
    if (within || j->fault.len) return;
    search_begin(&x, &j->own, &anywhere, name);
    for (size_t i = 0; i < j->n && !partial; i++) search_offer(&x, j->names[i].name);
    if (x.found) return;
    j->fault = x.near.len ? arena_fmt(j->own.a, "没有这个占位符：%.*s（最接近的是 %.*s）", STR_ARG(name),
                                      STR_ARG(x.near))
                          : arena_fmt(j->own.a, "没有这个占位符：%.*s", STR_ARG(name));
}

struct str release_template_fault(struct arena *a, struct str text, const struct release_name *of,
                                  size_t n, bool titled) {
    struct judging j = { .own = { .a = a }, .names = of, .n = n };
    struct tpl *t;
    struct err e = { 0 };
    if (titled)
        return str_find(text, S("{{"), 0) == SIZE_MAX ? S("") : S("标题里不能有占位符");
    if (tpl_compile(a, S("text"), text, TPL_PLAIN, NULL, &t, &e))
        return arena_fmt(a, "模板写错了：%s", e.detail);
    tpl_names(t, a, judge_name, &j);
    return j.fault;
}

/* ---- the check ---- */

static void find_fault(struct naming *n, struct str file, uint32_t line, struct str id, struct str text,
                       bool titled) {
    struct release_name allowed[RELEASE_NOTICE_NAMES_MAX];
    const size_t count = release_notice_names(n->m, id, allowed);
    struct str fault = count ? release_template_fault(n->a, text, allowed, count, titled) : S("");
    if (fault.len)
        release_find(n->f, file, line, "通知 %.*s：%.*s", STR_ARG(id), STR_ARG(fault));
}

static void check_notice(struct naming *n, struct str file, const struct val_pair *p) {
    static const char *const keys[] = { "title", "text", "sms" };
    for (size_t i = 0; i < 3; i++) {
        struct str text = val_get_str(p->value, str_of(keys[i]));
        struct str english = system_text(n->m, S("en"), text);
        if (!text.len) continue;
        find_fault(n, file, p->line, p->key, text, i == 0);
        if (!str_eq(text, english)) find_fault(n, S("texts/en.po"), 0, p->key, english, i == 0);
    }
}

static void receipt_name(void *context, struct str name, struct str rows, bool lists) {
    static const struct name_place anywhere = { 0 };
    struct naming *n = context;
    struct search x;
    struct release_name one;
    (void)lists;
    search_begin(&x, n, &anywhere, name);
    for (size_t i = 0; release_receipt_name(i, &one); i++)
        if (!one.rows.len || str_eq(one.rows, rows)) search_offer(&x, one.name);
    search_report(&x, "没有这个占位符", 0);
}

void release_check_templates(struct naming *n) {
    const struct paper *paper = map_find(&n->m->part[SYSTEM_PAPER], RELEASE_RECEIPT);
    struct naming own = *n;
    own.file = ARENA_CAT(n->a, S("papers/"), RELEASE_RECEIPT, S(".xml"));
    if (paper) paper_names(paper, n->a, receipt_name, &own);
    for (size_t i = 0; i < n->files->n; i++) {
        struct str file = n->files->file[i].path;
        struct val *yaml;
        if (!str_eq(file, S("notices.yaml")) ||
            yaml_parse(n->a, file, n->files->file[i].bytes, &yaml, NULL))
            continue;
        for (size_t k = 0; k < val_pairs(yaml); k++) check_notice(n, file, &yaml->u.map.pair[k]);
    }
}
