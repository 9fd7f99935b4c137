/* limits: I12 each limit that this server keeps to, with what is used of it now, at most since the start, and how often more was asked for.
 * Invariant: the rows and what is judged of them come from web/limits.h; nothing is counted here.
 */
#include "web/limits.h"

#include "web/admin/admin_pages.h"

enum { PAGE_ROWS = 50, NEAR_PERCENT = 80 };
static const struct str areas[LIMIT_AREAS] = { [LIMIT_REQUESTS] = S_INIT("请求和连接"),
                                               [LIMIT_RATES] = S_INIT("多久一次"),
                                               [LIMIT_STORE] = S_INIT("数据库和磁盘"),
                                               [LIMIT_PROCESSES] = S_INIT("各个进程"),
                                               [LIMIT_PAGES] = S_INIT("网页") };
enum state { REACHED, NEAR, WELL, UNKNOWN, STATES };
static const struct {
    struct str word, text, tone;
} states[STATES] = { [REACHED] = { S_INIT("reached"), S_INIT("到过上限"), S_INIT("seal") },
                     [NEAR] = { S_INIT("near"), S_INIT("接近上限"), S_INIT("warn") },
                     [WELL] = { S_INIT("well"), S_INIT("有余量"), S_INIT("ok") },
                     [UNKNOWN] = { S_INIT("set"), S_INIT("只是规定"), S_INIT("") } };

static int64_t percent(uint64_t part, uint64_t all) {
    return all ? (int64_t)((double)part * 100 / (double)all) : 0;
}

static enum state state_of(const struct limit *l) {
    if (!l->counted) return UNKNOWN;
    return l->seen.over                                           ? REACHED
           : percent(l->seen.peak, l->seen.limit) >= NEAR_PERCENT ? NEAR
                                                                  : WELL;
}

static struct str bytes_text(struct page *p, uint64_t n) {
    static const char *const units[] = { "B", "KB", "MB", "GB", "TB" };
    size_t i = 0;
    double x = (double)n;
    for (; x >= 1024 && i + 1 < sizeof units / sizeof *units; i++) x /= 1024;
    return x < 10 && x > (double)(uint64_t)x ? arena_fmt(p->a, "%.1f %s", x, units[i])
                                             : arena_fmt(p->a, "%.0f %s", x, units[i]);
}

static struct str amount(struct page *p, const struct limit *l, uint64_t n) {
    if (l->unit == LIMIT_BYTES) return bytes_text(p, n);
    return l->unit == LIMIT_SECONDS ? staff_fill(p, S("{n} 秒"), "n", (int64_t)n)
                                    : arena_i64(p->a, (int64_t)n);
}

static struct val *row_of(struct page *p, const struct limit *l, size_t rank) {
    struct val *v = val_map(p->a), *state = val_map(p->a);
    const struct str none = page_text(p, S("不统计"));
    const enum state s = state_of(l);
    val_put_str(p->a, state, S("text"), page_text(p, states[s].text));
    val_put_str(p->a, state, S("kind"), states[s].tone);
    val_put_str(p->a, v, S("title"), page_text(p, l->title));
    val_put_str(p->a, v, S("what"), page_text(p, l->what));
    val_put_str(p->a, v, S("area"), page_text(p, areas[l->area]));
    val_put_str(p->a, v, S("limit"), amount(p, l, l->seen.limit));
    val_put_str(p->a, v, S("now"), l->seen.now >= 0 ? amount(p, l, (uint64_t)l->seen.now) : none);
    val_put_str(p->a, v, S("peak"),
                l->counted
                    ? ARENA_CAT(p->a, amount(p, l, l->seen.peak), S(" · "),
                                arena_i64(p->a, percent(l->seen.peak, l->seen.limit)), S("%"))
                    : none);
    val_put_str(p->a, v, S("over"), l->refuses ? arena_i64(p->a, (int64_t)l->seen.over) : none);
    val_put(p->a, v, S("state"), state);
    val_put_str(p->a, v, S("href"), S(""));
    val_put_i64(p->a, v, S("id"), (int64_t)rank);
    /* what was refused is nearer than anything that was not */
    val_put_i64(p->a, v, S("near"),
                !l->counted    ? -1
                : l->seen.over ? 1000
                               : percent(l->seen.peak, l->seen.limit));
    return v;
}

static int by(const struct list_run *l, const struct val *x, const struct val *y) {
    const int64_t near_x = val_get_i64(x, S("near"), 0), near_y = val_get_i64(y, S("near"), 0);
    const int64_t at_x = val_get_i64(x, S("id"), 0), at_y = val_get_i64(y, S("id"), 0);
    if (l->order == 0 && near_x != near_y) return near_x > near_y ? -1 : 1;
    return at_x < at_y ? -1 : at_x > at_y;
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct limit *all = arena_array(p->a, LIMITS_MAX, sizeof *all);
    struct val *found = val_list(p->a);
    const struct str area = list_value(l, "area"), state = list_value(l, "state");
    (void)tx;
    if (!all) return err_set(e, ERR_MEMORY, NULL);
    size_t n = page_limits(p, all);
    for (size_t i = 0; i < n; i++) {
        if (area.len && !str_eq(area, arena_i64(p->a, all[i].area))) continue;
        if (state.len && !str_eq(state, states[state_of(&all[i])].word)) continue;
        val_push(p->a, found, row_of(p, &all[i], i));
    }
    return list_few(p, l, found, by, e);
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    (void)tx;
    (void)e;
    for (int64_t i = 0; str_eq(str_of(f->name), S("area")) && i < LIMIT_AREAS; i++)
        list_choice(p, l, f, into, arena_i64(p->a, i), page_text(p, areas[i]));
    for (size_t i = 0; str_eq(str_of(f->name), S("state")) && i < STATES; i++)
        list_choice(p, l, f, into, states[i].word, page_text(p, states[i].text));
    return 0;
}

static const struct list_column columns[] = {
    { "title", S_INIT("上限"), "table", LIST_HEAD },
    { "what", S_INIT("限制什么"), NULL, LIST_UNDER },
    { "area", S_INIT("在哪里"), NULL, LIST_TEXT },
    { "limit", S_INIT("最多"), NULL, LIST_FIGURE },
    { "now", S_INIT("现在"), NULL, LIST_FIGURE },
    { "peak", S_INIT("启动以来最高"), "near", LIST_FIGURE },
    { "over", S_INIT("超过被拒的次数"), NULL, LIST_FIGURE },
    { "state", S_INIT("情况"), NULL, LIST_TAG },
};
static const struct list_order orders[] = {
    { "near", S_INIT("最接近上限的在前"), S_INIT("余量最多的在前"), true },
    { "table", S_INIT("按在哪里，从前往后"), S_INIT("按在哪里，从后往前"), true }
};
static const struct list_filter filters[] = { { "area", S_INIT("在哪里"), LIST_CHOICE },
                                              { "state", S_INIT("情况"), LIST_CHOICE } };
static const struct list limits = { .name = "limits",
                                    .caption = S_INIT("上限和用量"),
                                    LIST_TABLES(columns, orders, filters),
                                    .page_rows = PAGE_ROWS,
                                    .fetch = fetch,
                                    .choices = choices };

int admin_limits_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct limit *all = arena_array(p->a, LIMITS_MAX, sizeof *all);
    struct val *sum = val_map(p->a);
    struct list_run l;
    int64_t count[STATES] = { 0 };
    if (!all) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = page_limits(p, all); i > 0; i--) count[state_of(&all[i - 1])]++;
    const enum state worst = count[REACHED] ? REACHED : count[NEAR] ? NEAR : WELL;
    val_put_str(p->a, sum, S("kind"), worst == WELL ? S("ok") : S("warn"));
    val_put_str(p->a, sum, S("text"),
                worst == REACHED ? staff_fill(p, S("启动以来有 {n} 个上限被超过，超过的已经拒绝"),
                                              "n", count[REACHED])
                : worst == NEAR ? staff_fill(p, S("有 {n} 个上限快到了"), "n", count[NEAR])
                                : page_text(p, S("启动以来没有接近过任何上限")));
    val_put(p->a, p->view, S("sum"), sum);
    list_read(p, &limits, S("/admin/limits"), &l);
    return list_show(tx, p, &l, e);
}

int admin_limits_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &limits, S("/admin/limits"), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}

int admin_limits_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("上限和用量"), S(""));
    p->template = S("admin/limits");
    return 0;
}
