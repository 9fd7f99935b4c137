/* backups: I11 the backups that were made of this installation and the drills that restored them as a trial, from its own log. Making one
 * is for the command line: the process that serves pages cannot read the keys, and a backup without them stays shut.
 */
#include "engine/audit/audit.h"
#include "web/admin/admin_pages.h"
#include "web/list/list.h"

enum { PAGE_ROWS = 25 };
static const struct {
    struct str kind, act, title;
} kinds[] = { { S_INIT("make"), S_INIT("backup.make"), S_INIT("备份") }, { S_INIT("verify"), S_INIT("backup.verify"), S_INIT("试恢复") } };
enum { KINDS = sizeof kinds / sizeof *kinds };

/* What a drill found; see cmd_backup.c. */
static const struct {
    struct str word, text, tone;
} results[] = { { S_INIT("done"), S_INIT("做成"), S_INIT("ok") },
                { S_INIT("passed"), S_INIT("通过"), S_INIT("ok") },
                { S_INIT("rows"), S_INIT("没有通过：恢复出来的数据和备份不一样"), S_INIT("seal") },
                { S_INIT("keys"), S_INIT("没有通过：缺少密钥，或不是这份备份的密钥"), S_INIT("seal") },
                { S_INIT("files"), S_INIT("没有通过：附件损坏"), S_INIT("seal") },
                { S_INIT("log"), S_INIT("没有通过：日志校验不通过"), S_INIT("seal") } };

static struct str size_text(struct page *p, int64_t bytes) {
    if (bytes < 1000000) return arena_fmt(p->a, "%lld kB", (long long)((bytes + 999) / 1000));
    return arena_fmt(p->a, "%lld.%lld MB", (long long)(bytes / 1000000), (long long)(bytes / 100000 % 10));
}

/* The entry's detail: bytes, result, name. */
static struct val *row_of(struct page *p, size_t kind, const struct audit_row *r) {
    struct val *v = val_map(p->a), *state = val_map(p->a);
    struct str rest = arena_str(p->a, r->entry.detail), bytes = S(""), word = S("");
    int64_t n = 0;
    (void)str_cut(&rest, ' ', &bytes);
    (void)str_cut(&rest, ' ', &word);
    (void)str_to_i64(bytes, &n);
    val_put_str(p->a, state, S("text"), page_text(p, S("没有通过：没有做完")));
    val_put_str(p->a, state, S("kind"), S("seal"));
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        if (!str_eq(word, results[i].word)) continue;
        val_put_str(p->a, state, S("text"), page_text(p, results[i].text));
        val_put_str(p->a, state, S("kind"), results[i].tone);
    }
    val_put_i64(p->a, v, S("number"), r->number);
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, r->time_ms));
    val_put_str(p->a, v, S("kind"), page_text(p, kinds[kind].title));
    val_put_str(p->a, v, S("name"), rest);
    val_put_str(p->a, v, S("bytes"), size_text(p, n));
    val_put(p->a, v, S("state"), state);
    val_put_str(p->a, v, S("mark"), arena_fmt(p->a, "%016llx", (unsigned long long)r->entry.object_id));
    val_put_str(p->a, v, S("href"), S(""));
    val_put_str(p->a, v, S("place"), arena_i64(p->a, r->number));
    return v;
}

/* Both kinds in the order of the log. */
static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct audit_row *rows = arena_array(p->a, AUDIT_PAGE_MAX, sizeof *rows);
    const struct str only = list_value(l, "kind");
    struct val *of[KINDS];
    size_t at[KINDS] = { 0 }, n;
    int64_t place = 0;
    int rc = 0;
    if (!rows) return err_set(e, ERR_MEMORY, NULL);
    if (l->place.len && (!str_to_i64(l->place, &place) || place <= 0)) return err_set(e, ERR_NOT_FOUND, NULL);
    for (size_t k = 0; k < KINDS; k++) {
        struct audit_filter f = { .act = kinds[k].act, .back = l->back };
        of[k] = val_list(p->a);
        if (only.len && !str_eq(only, kinds[k].kind)) continue;
        if (!rc) rc = audit_find(tx, page_realm(p)->home, &f, place, rows, l->max < AUDIT_PAGE_MAX ? l->max : AUDIT_PAGE_MAX, &n, e);
        for (size_t i = 0; !rc && i < n; i++)
            if (rows[i].outcome == AUDIT_OK) val_push(p->a, of[k], row_of(p, k, &rows[i]));
    }
    l->rows = val_list(p->a);
    while (!rc && val_count(l->rows) < l->max) {
        size_t best = KINDS;
        for (size_t k = 0; k < KINDS; k++) {
            if (at[k] == val_count(of[k])) continue;
            int64_t mine = val_get_i64(val_item(of[k], at[k]), S("number"), 0);
            int64_t other = best < KINDS ? val_get_i64(val_item(of[best], at[best]), S("number"), 0) : 0;
            if (best == KINDS || (l->back ? mine < other : mine > other)) best = k;
        }
        if (best == KINDS) break;
        val_push(p->a, l->rows, of[best]->u.list.item[at[best]++]);
    }
    l->total = SCOPE_UNCOUNTED;
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    (void)tx;
    (void)e;
    for (size_t i = 0; i < KINDS; i++) list_choice(p, l, f, into, kinds[i].kind, page_text(p, kinds[i].title));
    return 0;
}

static const struct list_column columns[] = {
    { "at", S_INIT("时间"), "at", LIST_HEAD },        { "kind", S_INIT("做了什么"), NULL, LIST_TEXT },
    { "state", S_INIT("结果"), NULL, LIST_TAG },      { "name", S_INIT("文件"), NULL, LIST_TEXT },
    { "bytes", S_INIT("数据大小"), NULL, LIST_TEXT }, { "mark", S_INIT("备份标记"), NULL, LIST_TEXT },
};
static const struct list_order orders[] = { { "at", S_INIT("最新的在前"), S_INIT("最早的在前"), false } };
static const struct list_filter filters[] = { { "kind", S_INIT("做了什么"), LIST_CHOICE } };
static const struct list backups = { .name = "backups", .caption = S_INIT("备份和试恢复"), LIST_TABLES(columns, orders, filters),
                                     .page_rows = PAGE_ROWS, .fetch = fetch, .choices = choices };

int admin_backups_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &backups, S("/admin/backups"), &l);
    int rc = list_show(tx, p, &l, e);
    if (rc || list_some(p) || list_narrowed(&l)) return rc;
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, S("还没有备份过")));
    val_put_str(p->a, v, S("text"), page_text(p, S("请照下面的命令做一次，再试着恢复。")));
    val_put(p->a, p->view, S("empty"), v);
    return 0;
}

int admin_backups_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &backups, S("/admin/backups"), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}

int admin_backups_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("备份与恢复"), S(""));
    p->template = S("admin/backups");
    return 0;
}
