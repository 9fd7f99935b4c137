/* rule_tck: see rule_tck.h. A case passes when every result node has the expected value: numbers to eight digits
 * behind the point, as the kit compares, all else exactly.
 */
#include "engine/rule/rule_tck.h"

#include "engine/rule/rule_in.h"
#include "os/os.h"

enum { FILE_BYTES_MAX = 4 << 20, FOLDER_BYTES_MAX = 256 << 20, DEPTH_MAX = 8, VALUE_DEPTH_MAX = 30 };

struct kit {
    void (*line)(void *context, struct str text);
    void *context;
    struct tck_score *score;
    struct arena *a;
    struct model *model;
    struct str test_file;
};

static struct str type_of(const struct xml_node *x) {
    for (size_t i = 0; i < x->n_attr; i++)
        if (str_eq(x->attr[i].name, S("type"))) {
            struct str t = x->attr[i].value;
            size_t colon = str_find_char(t, ':', 0);
            return colon == SIZE_MAX ? t : str_sub(t, colon + 1, t.len);
        }
    return S("");
}

static bool is_nil(const struct xml_node *x) {
    for (size_t i = 0; i < x->n_attr; i++)
        if (str_eq(x->attr[i].name, S("nil"))) return str_eq(x->attr[i].value, S("true"));
    return false;
}

static struct value scalar(struct run *run, const struct xml_node *x) {
    struct str type = type_of(x), text = str_trim(x->text);
    struct value v;
    struct moment m;
    if (is_nil(x)) return NULL_VALUE;
    if (str_eq(type, S("boolean"))) return rule_value_bool(str_eq(text, S("true")));
    if (str_eq(type, S("date"))) return rule_date_parse(text, &v.u.date) ? (v.kind = V_DATE, v) : NULL_VALUE;
    if (str_eq(type, S("time"))) return rule_time_parse(run, text, &m) ? rule_moment_value(run, V_TIME, m) : NULL_VALUE;
    if (str_eq(type, S("dateTime"))) return rule_datetime_parse(run, text, &m) ? rule_moment_value(run, V_DATETIME, m)
        : NULL_VALUE;
    if (str_eq(type, S("duration"))) return rule_duration_parse(text, &v) ? v : NULL_VALUE;
    if (str_eq(type, S("decimal")) || str_eq(type, S("double")) || str_eq(type, S("integer")) || str_eq(type,
        S("float")) ||
        str_eq(type, S("int")) || str_eq(type, S("long"))) {
        if (str_starts(text, S(".")) ) text = ARENA_CAT(run->arena, S("0"), text);
        return decimal_parse(text, &v.u.num) ? (v.kind = V_NUM, v) : NULL_VALUE;
    }
    return rule_value_str(x->text);
}

/* A value, list or components below `x`. */
static struct value value_of(struct run *run, const struct xml_node *x, int depth) {
    const struct xml_node *c = xml_child(x, S(""), S("value"));
    if (depth > VALUE_DEPTH_MAX || is_nil(x)) return NULL_VALUE;
    if (c) return scalar(run, c);
    c = xml_child(x, S(""), S("list"));
    if (c) {
        struct vec out = { .run = run };
        if (is_nil(c)) return NULL_VALUE;
        for (c = xml_child(c, S(""), S("item")); c; c = xml_next(c, S(""), S("item"))) rule_vec_add(&out, value_of(run,
            c, depth + 1));
        return rule_vec_list(&out);
    }
    c = xml_child(x, S(""), S("component"));
    if (!c) return NULL_VALUE;
    size_t n = 0;
    for (const struct xml_node *k = c; k; k = xml_next(k, S(""), S("component"))) n++;
    struct entry *entry = rule_run_alloc(run, n, sizeof *entry);
    if (!entry) return NULL_VALUE;
    n = 0;
    for (; c; c = xml_next(c, S(""), S("component")))
        entry[n++] = (struct entry){ rule_name_normal(run->arena, xml_attr(c, S(""), S("name"))), value_of(run, c,
            depth + 1) };
    return rule_ctx_of(run, entry, n);
}

static bool near(struct decimal a, struct decimal b) {
    struct decimal d, limit;
    if (decimal_cmp(a, b) == 0) return true;
    return decimal_sub(a, b, &d) && decimal_parse(S("1e-8"), &limit) && decimal_cmp(decimal_abs(d), limit) < 0;
}

static bool same(struct run *run, struct value want, struct value got, int depth) {
    if (want.kind != got.kind || depth > VALUE_DEPTH_MAX) return false;
    switch (want.kind) {
    case V_NULL: return true;
    case V_NUM: return near(want.u.num, got.u.num);
    case V_LIST:
        if (want.u.list->n != got.u.list->n) return false;
        for (size_t i = 0; i < want.u.list->n; i++)
            if (!same(run, want.u.list->item[i], got.u.list->item[i], depth + 1)) return false;
        return true;
    case V_CTX:
        if (want.u.ctx->n != got.u.ctx->n) return false;
        for (size_t i = 0; i < want.u.ctx->n; i++) {
            const struct value *x = rule_ctx_find(got.u.ctx, want.u.ctx->entry[i].key);
            if (!x || !same(run, want.u.ctx->entry[i].value, *x, depth + 1)) return false;
        }
        return true;
    default: return rule_value_equal(run, want, got) == TRI_TRUE;
    }
}

static struct str show(struct run *run, struct value v) {
    struct value t = v.kind == V_NULL ? rule_value_str(S("null")) : rule_value_text(run, v);
    return t.kind == V_STR ? str_sub(t.u.s, 0, 200) : S("?");
}

static const struct element *by_name(const struct model *m, struct str name, bool input) {
    for (size_t i = 0; i < m->n_element; i++)
        if (str_eq(m->element[i].name, name) && (m->element[i].kind == E_INPUT) == input) return &m->element[i];
    return NULL;
}

static void set_inputs(struct run *run, const struct model *m, const struct xml_node *test) {
    for (size_t i = 0; i < m->n_element; i++)
        if (m->element[i].kind == E_INPUT) run->slot[i].state = RULE_SLOT_DONE;
    for (const struct xml_node *x = xml_child(test, S(""), S("inputNode")); x; x = xml_next(x, S(""), S("inputNode"))) {
        struct str name = rule_name_normal(run->arena, xml_attr(x, S(""), S("name")));
        struct value v = value_of(run, x, 0);
        bool fits;
        for (size_t i = 0; i < m->n_element; i++) {
            const struct element *e = &m->element[i];
            struct value own = v;
            if (e->kind == E_KNOWLEDGE || e->kind == E_SERVICE) continue;
            struct str first, rest = e->prefix;
            if (e->prefix.len && e->kind == E_INPUT && str_cut(&rest, '.', &first) && str_eq(first, name)
                && v.kind == V_CTX) {
                while (str_cut(&rest, '.', &first)) own = rule_value_get(run, own, first);
                own = rule_value_get(run, own, e->name);
                if (own.kind == V_NULL) continue;
            } else if (!str_eq(e->name, name)) {
                continue;
            }
            run->slot[i] = (struct slot){ RULE_SLOT_DONE, e->type ? rule_type_coerce(run, e->type, own, &fits) : own };
        }
    }
}

static struct value invoke(struct run *run, const struct element *e, const struct xml_node *test, struct str output) {
    struct value arg[64], f = rule_decide_slot(run, e->slot);
    if (e->n_param > 64) return NULL_VALUE;
    for (size_t i = 0; i < e->n_param; i++) {
        arg[i] = NULL_VALUE;
        for (const struct xml_node *x = xml_child(test, S(""), S("inputNode")); x; x = xml_next(x, S(""),
            S("inputNode")))
            if (str_eq(rule_name_normal(run->arena, xml_attr(x, S(""), S("name"))), e->param[i])) arg[i] = value_of(run,
                x, 0);
    }
    struct value v = rule_call_value(run, f, arg, NULL, e->n_param);
    return e->kind == E_SERVICE && e->n_output > 1 && v.kind == V_CTX && rule_ctx_find(v.u.ctx, output)
        ? rule_value_get(run,
        v, output) : v;
}

static struct value result(struct run *run, const struct model *m, const struct xml_node *test,
    const struct xml_node *node) {
    struct str callee = rule_name_normal(run->arena, xml_attr(test, S(""), S("invocableName")));
    struct str name = rule_name_normal(run->arena, xml_attr(node, S(""), S("name")));
    const struct element *e = by_name(m, callee.len ? callee : name, false);
    if (!e) return NULL_VALUE;
    return e->kind == E_DECISION ? rule_slot_value(run, e->slot) : invoke(run, e, test, name);
}

static void run_case(struct kit *k, const struct xml_node *test) {
    bool passed = true;
    for (const struct xml_node *x = xml_child(test, S(""), S("resultNode")); x; x = xml_next(x, S(""),
        S("resultNode"))) {
        struct run run;
        struct err e = { 0 };
        rule_run_init(&run, k->a, k->model, &e);
        const struct xml_node *expected = xml_child(x, S(""), S("expected"));
        struct value want = expected ? value_of(&run, expected, 0) : NULL_VALUE, got = NULL_VALUE;
        run.slot = k->model ? rule_run_alloc(&run, k->model->n_element, sizeof *run.slot) : NULL;
        if (run.slot) {
            set_inputs(&run, k->model, test);
            got = result(&run, k->model, test, x);
        }
        int rc = run.rc;
        run.rc = 0;
        if (k->model && rc == 0 && same(&run, want, got, 0)) continue;
        passed = false;
        if (k->line)
            k->line(k->context, arena_fmt(k->a, "%.*s %.*s %.*s: want %.*s, got %.*s %s", STR_ARG(k->test_file),
                    STR_ARG(xml_attr(test, S(""), S("id"))), STR_ARG(xml_attr(x, S(""), S("name"))),
                        STR_ARG(show(&run, want)),
                    STR_ARG(show(&run, got)), rc ? err_name(rc) : k->model ? "" : "(no model)"));
    }
    if (passed) k->score->passed++;
    else k->score->failed++;
}

/* The model named by the test file, with every other model of the folder at hand for imports. */
static void load_model(struct kit *k, const char *dir, struct str model_name, const struct str *names, size_t n) {
    struct dmn_source own = { 0 }, others[64];
    size_t n_others = 0;
    struct err e = { 0 };
    for (size_t i = 0; i < n && n_others < 64; i++) {
        struct str bytes;
        struct str path = arena_fmt(k->a, "%s/%.*s", dir, STR_ARG(names[i]));
        if (!str_ends(names[i], S(".dmn")) || !path.ptr || os_read_file(k->a, path.ptr, FILE_BYTES_MAX, &bytes,
            &e)) continue;
        if (str_eq(names[i], str_trim(model_name))) own = (struct dmn_source){ names[i], bytes };
        else others[n_others++] = (struct dmn_source){ names[i], bytes };
    }
    k->model = NULL;
    if (own.bytes.ptr && dmn_compile(k->a, own, others, n_others, DMN_LENIENT, &k->model, &e) && k->line)
        k->line(k->context, arena_fmt(k->a, "%.*s:%u: %s %s", STR_ARG(own.file), e.line, err_name(e.code), e.detail));
}

static void run_file(struct kit *k, const char *dir, struct str name, const struct str *names, size_t n) {
    struct xml_node *root;
    struct str bytes;
    struct err e;
    struct str path = arena_fmt(k->a, "%s/%.*s", dir, STR_ARG(name));
    k->test_file = name;
    if (!path.ptr || os_read_file(k->a, path.ptr, FILE_BYTES_MAX, &bytes, &e) || xml_parse(k->a, name, bytes,
        &root, &e)) {
        k->score->failed++;
        if (k->line) k->line(k->context, path);
        return;
    }
    const struct xml_node *model = xml_child(root, S(""), S("modelName"));
    load_model(k, dir, model ? model->text : S(""), names, n);
    for (const struct xml_node *t = xml_child(root, S(""), S("testCase")); t; t = xml_next(t, S(""),
        S("testCase"))) run_case(k, t);
}

static int run_dir(struct kit *k, const char *dir, int depth, struct err *e) {
    struct arena a;
    struct str *names;
    size_t n;
    arena_init(&a, "tck", FOLDER_BYTES_MAX);
    int rc = os_list_dir(&a, dir, &names, &n, e);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct str path = arena_fmt(&a, "%s/%.*s", dir, STR_ARG(names[i]));
        struct arena scratch;
        if (!path.ptr) rc = err_set(e, ERR_MEMORY, NULL);
        else if (os_kind(path.ptr) == OS_DIR && depth < DEPTH_MAX) rc = run_dir(k, path.ptr, depth + 1, e);
        else if (str_ends(names[i], S(".xml")) && str_find(names[i], S("-test-"), 0) != SIZE_MAX) {
            arena_init(&scratch, "tck file", FOLDER_BYTES_MAX);
            k->a = &scratch;
            run_file(k, dir, names[i], names, n);
            arena_done(&scratch);
        }
    }
    arena_done(&a);
    return rc;
}

int tck_run(const char *dir, void (*line)(void *context, struct str text), void *context, struct tck_score *score,
    struct err *e) {
    struct kit k = { .line = line, .context = context, .score = score };
    return run_dir(&k, dir, 0, e);
}
