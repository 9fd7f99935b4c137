/* record_type: from the YAML of a record type to the compiled type and its statements; see record.h.
 * Invariant: names that enter SQL are the type's own, checked to be [a-z0-9_] only; no value ever is.
 */
#include "engine/record/record.h"

#include "engine/code/code_check.h"

static bool is_name(struct str s) {
    if (s.len == 0 || s.len > 40) return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(i && c >= '0' && c <= '9') && !(i && c == '_')) return false;
    }
    return true;
}

static bool one_of(struct str s, const char *const *list) {
    for (; *list; list++)
        if (str_eq(s, str_of(*list))) return true;
    return false;
}

const struct record_field *record_field(const struct record_type *t, struct str name) {
    for (size_t i = 0; i < t->n_fields; i++)
        if (str_eq(t->field[i].name, name)) return &t->field[i];
    return NULL;
}

static int known_keys(struct str file, const struct val *map, const char *const *known, struct err *e) {
    if (map && map->kind != VAL_MAP) return err_line(e, ERR_SYSTEM, file, map->line, "这里应写成 键: 值");
    for (size_t i = 0; i < val_pairs(map); i++)
        if (!one_of(map->u.map.pair[i].key, known))
            return err_line(e, ERR_SYSTEM, file, map->u.map.pair[i].line, "不认识的关键字：%.*s",
                            STR_ARG(map->u.map.pair[i].key));
    return 0;
}

static int read_field(struct str file, const struct val_pair *p, struct record_field *f, struct err *e) {
    static const char *const known[] = { "type",   "title",         "format",      "maxLength",
                                         "x-code", "x-sensitivity", "x-index",     "x-mask",
                                         "x-ref",  "x-element",     "x-search",    "description",
                                         NULL };
    const struct val *v = p->value;
    struct str type = val_get_str(v, S("type")), index = val_get_str(v, S("x-index"));
    int rc = known_keys(file, v, known, e);
    if (rc) return rc;
    *f = (struct record_field){ .name = p->key, .title = val_get_str(v, S("title")), .code = val_get_str(v, S("x-code")),
                                .format = val_get_str(v, S("format")), .ref = val_get_str(v, S("x-ref")),
                                .mask = val_get_str(v, S("x-mask")),
                                .personal = str_eq(val_get_str(v, S("x-sensitivity")), S("personal")),
                                .length_max = (size_t)val_get_i64(v, S("maxLength"), 200) };
    if (!is_name(f->name)) return err_line(e, ERR_SYSTEM, file, p->line, "元素名只能用小写字母、数字和下划线：%.*s", STR_ARG(p->key));
    if (f->title.len == 0) return err_line(e, ERR_SYSTEM, file, p->line, "元素 %.*s 缺少 title", STR_ARG(p->key));
    if (f->code.len) f->kind = RECORD_CODE;
    else if (f->ref.len) f->kind = RECORD_REF;
    else if (str_eq(f->format, S("date"))) f->kind = RECORD_DATE;
    else if (str_eq(type, S("integer"))) f->kind = RECORD_INTEGER;
    else if (str_eq(type, S("boolean"))) f->kind = RECORD_FLAG;
    else if (str_eq(type, S("string"))) f->kind = RECORD_TEXT;
    else return err_line(e, ERR_SYSTEM, file, p->line, "type 应为 string、integer 或 boolean");
    if (str_eq(index, S("plain"))) f->index = RECORD_PLAIN;
    else if (str_eq(index, S("blind"))) f->index = RECORD_BLIND;
    else if (index.len) return err_line(e, ERR_SYSTEM, file, p->line, "x-index 应为 plain 或 blind");
    if (f->personal && f->index == RECORD_PLAIN)
        return err_line(e, ERR_SYSTEM, file, p->line, "个人信息 %.*s 不能用明文索引", STR_ARG(p->key));
    if (f->format.len && !code_check_known(f->format))
        return err_line(e, ERR_SYSTEM, file, p->line, "不认识的 format：%.*s", STR_ARG(f->format));
    return 0;
}

/* What is searched is found by words of it: a name has parts, and a reference no words. */
static int read_search(struct str file, const struct val_pair *p, struct record_field *f, struct err *e) {
    struct str how = val_get_str(p->value, S("x-search"));
    if (how.len == 0) return 0;
    if (str_eq(how, S("name"))) f->searched = RECORD_BY_NAME;
    else if (str_eq(how, S("exact"))) f->searched = RECORD_EXACTLY;
    else return err_line(e, ERR_SYSTEM, file, p->line, "x-search 应为 name 或 exact");
    if (f->kind != RECORD_TEXT) return err_line(e, ERR_SYSTEM, file, p->line, "只有文字可以用 x-search：%.*s", STR_ARG(p->key));
    return 0;
}

static struct str columns(struct arena *a, const struct record_type *t, const char *prefix, const char *suffix) {
    struct buf b;
    buf_init(&b, a, 256, 4096);
    for (size_t i = 0; i < t->n_indexes; i++)
        buf_add_fmt(&b, ", %s%.*s%s", prefix, STR_ARG(t->field[t->index[i]].name), suffix);
    return buf_str(&b);
}

/* The table and its statements. Every string here is made of our own words and of names checked by is_name. */
static int make_statements(struct arena *a, struct record_type *t, struct err *e) {
    static const char fixed[] = "home, id, version, current, state, valid_ms, recorded_ms, source, entry, division, body, mac";
    struct str table = t->table, x = columns(a, t, "x_", "");
    struct buf ddl, marks;
    buf_init(&ddl, a, 1024, 16384);
    buf_init(&marks, a, 64, 256);
    buf_add_fmt(&ddl, "CREATE TABLE %.*s (home BIGINT NOT NULL, id BIGINT NOT NULL, version BIGINT NOT NULL, current BIGINT NOT NULL, "
                "state TEXT NOT NULL, valid_ms BIGINT NOT NULL, recorded_ms BIGINT NOT NULL, source TEXT NOT NULL, "
                "entry BIGINT NOT NULL, division BIGINT NOT NULL, body BYTES NOT NULL, mac BYTES NOT NULL", STR_ARG(table));
    for (size_t i = 0; i < t->n_indexes; i++)
        buf_add_fmt(&ddl, ", x_%.*s %s NOT NULL", STR_ARG(t->field[t->index[i]].name),
                    t->field[t->index[i]].index == RECORD_BLIND ? "BYTES" : "TEXT");
    buf_add(&ddl, S(", PRIMARY KEY (home, id, version));\n"));
    for (size_t i = 0; i < t->n_indexes; i++) {
        struct str name = t->field[t->index[i]].name;
        buf_add_fmt(&ddl, "CREATE INDEX %.*s_x_%.*s ON %.*s (home, x_%.*s, current, id);\n",
                    STR_ARG(table), STR_ARG(name), STR_ARG(table), STR_ARG(name));
        buf_add(&marks, S(", ?"));
    }
    t->ddl = buf_str(&ddl);
    t->find = arena_array(a, t->n_indexes ? t->n_indexes : 1, sizeof *t->find);
    if (!t->find) return err_set(e, ERR_MEMORY, NULL);
    t->insert = (struct store_stmt){ arena_fmt(a, "%.*s_insert", STR_ARG(table)).ptr,
        arena_fmt(a, "INSERT INTO %.*s (%s%.*s) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?%.*s)", STR_ARG(table), fixed, STR_ARG(x),
                  STR_ARG(buf_str(&marks))).ptr, true };
    t->retire = (struct store_stmt){ arena_fmt(a, "%.*s_retire", STR_ARG(table)).ptr,
        arena_fmt(a, "UPDATE %.*s SET current = 0 WHERE home = ? AND id = ? AND version = ? AND current = 1", STR_ARG(table)).ptr, true };
    t->by_id = (struct store_stmt){ arena_fmt(a, "%.*s_by_id", STR_ARG(table)).ptr,
        arena_fmt(a, "SELECT version, state, valid_ms, recorded_ms, source, entry, division, body, mac%.*s, current FROM %.*s "
                  "WHERE home = ? AND id = ? ORDER BY version DESC LIMIT 1", STR_ARG(x), STR_ARG(table)).ptr, false };
    t->history = (struct store_stmt){ arena_fmt(a, "%.*s_history", STR_ARG(table)).ptr,
        arena_fmt(a, "SELECT version, state, valid_ms, recorded_ms, source, entry, division, body, mac%.*s FROM %.*s "
                  "WHERE home = ? AND id = ? ORDER BY version", STR_ARG(x), STR_ARG(table)).ptr, false };
    t->ids = (struct store_stmt){ arena_fmt(a, "%.*s_ids", STR_ARG(table)).ptr,
        arena_fmt(a, "SELECT id FROM %.*s WHERE home = ? AND id > ? AND current = 1 ORDER BY id LIMIT ?", STR_ARG(table)).ptr, false };
    for (size_t i = 0; i < t->n_indexes; i++) {
        struct str name = t->field[t->index[i]].name;
        t->find[i] = (struct store_stmt){ arena_fmt(a, "%.*s_by_%.*s", STR_ARG(table), STR_ARG(name)).ptr,
            arena_fmt(a, "SELECT id FROM %.*s WHERE home = ? AND x_%.*s = ? AND current = 1 AND id > ? ORDER BY id LIMIT ?",
                      STR_ARG(table), STR_ARG(name)).ptr, false };
    }
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

static int read_required(struct str file, const struct val *yaml, struct record_type *t, struct err *e) {
    const struct val *list = val_get(yaml, S("required"));
    for (size_t i = 0; i < val_count(list); i++) {
        struct record_field *f = (struct record_field *)record_field(t, val_text(val_item(list, i)));
        if (!f)
            return err_line(e, ERR_SYSTEM, file, list->line, "required 中没有这个元素：%.*s",
                            STR_ARG(val_text(val_item(list, i))));
        f->required = true;
    }
    return 0;
}

int record_compile(struct arena *a, struct str file, const struct val *yaml, const struct record_type **ret, struct err *e) {
    static const char *const known[] = { "$schema", "$id", "title", "description", "type", "required", "properties",
                                         "additionalProperties", "x-key", "x-source", "x-sources", "x-purposes", NULL };
    struct record_type *t = arena_new(a, struct record_type);
    const struct val *properties = val_get(yaml, S("properties"));
    size_t n = val_pairs(properties);
    if (!t) return err_set(e, ERR_MEMORY, NULL);
    int rc = known_keys(file, yaml, known, e);
    if (rc) return rc;
    t->id = val_get_str(yaml, S("$id"));
    t->title = val_get_str(yaml, S("title"));
    t->source = val_get_str(yaml, S("x-source"));
    t->key = val_get_str(yaml, S("x-key"));
    t->sources = val_get_str(yaml, S("x-sources"));
    t->purposes = val_get_str(yaml, S("x-purposes"));
    if (!is_name(t->id)) return err_line(e, ERR_SYSTEM, file, 1, "$id 只能用小写字母、数字和下划线");
    if (t->title.len == 0 || t->source.len == 0) return err_line(e, ERR_SYSTEM, file, 1, "缺少 title 或 x-source");
    if (n == 0 || n > RECORD_FIELDS_MAX)
        return err_line(e, ERR_SYSTEM, file, 1, "properties 应有 1 到 %d 个元素",
                        RECORD_FIELDS_MAX);
    t->table = arena_fmt(a, "r_%.*s", STR_ARG(t->id));
    t->field = arena_array(a, n, sizeof *t->field);
    if (!t->field) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n; i++) {
        rc = read_field(file, &properties->u.map.pair[i], &t->field[i], e);
        if (!rc) rc = read_search(file, &properties->u.map.pair[i], &t->field[i], e);
        if (rc) return rc;
        t->n_fields++;
        if (t->field[i].searched && ++t->n_searched > RECORD_SEARCHED_MAX)
            return err_line(e, ERR_SYSTEM, file, properties->u.map.pair[i].line, "x-search 最多 %d 个", RECORD_SEARCHED_MAX);
        if (!t->field[i].index) continue;
        if (t->n_indexes == RECORD_INDEXES_MAX)
            return err_line(e, ERR_SYSTEM, file, 1, "索引最多 %d 个", RECORD_INDEXES_MAX);
        t->index[t->n_indexes++] = i;
    }
    rc = read_required(file, yaml, t, e);
    if (rc) return rc;
    if (t->key.len && (!record_field(t, t->key) || !record_field(t, t->key)->index))
        return err_line(e, ERR_SYSTEM, file, 1, "x-key 应是一个带 x-index 的元素");
    *ret = t;
    return make_statements(a, t, e);
}
