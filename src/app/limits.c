/* limits: reads what web/limits.h promises, for the page. Invariant: a limit is named where it is kept; here stands only what people read
 * of it, and who tells how it stands.
 */
#include "web/limits.h"

#include "app/app.h"
#include "engine/kept/kept.h"
#include "http/http.h"
#include "os/os.h"
#include "proc/ipc.h"
#include "web/live/live.h"

struct table {
    struct limit *all;
    size_t n;
};

static struct limit *add(struct table *t, const struct limit *l) {
    if (t->n == LIMITS_MAX) return NULL;
    t->all[t->n] = *l;
    return &t->all[t->n++];
}

/* ---- what the doors keep ---- */

enum { EACH, OPEN, SET };

static void add_http(struct table *t, struct http_server *http) {
    static const struct {
        struct limit l;
        int counted;
    } rows[] = {
#define HTTP_LIMIT(name, value, unit_, counted_, title_, what_)                                    \
    { { .id = #name,                                                                               \
        .area = LIMIT_REQUESTS,                                                                    \
        .unit = LIMIT_##unit_,                                                                     \
        .title = S_INIT(title_),                                                                   \
        .what = S_INIT(what_) },                                                                   \
      counted_ },
#include "http/limits.h"
#undef HTTP_LIMIT
    };
    for (size_t i = 0; http && i < HTTP_BOUNDS; i++) {
        struct limit *l = add(t, &rows[i].l);
        if (!l) return;
        l->counted = rows[i].counted != SET;
        l->refuses =
            rows[i].counted ==
            EACH; /* of a connection too many the system's list of those that wait is longer */
        http_use(http, (enum http_bound)i, &l->seen);
    }
}

static void add_rates(struct table *t, const struct page *p) {
    static const struct {
        enum route_rate class;
        struct limit l;
    } rows[] = {
#define RATE_CLASS(name, cost_ns, burst, title_, what_)                                            \
    { ROUTE_RATE_##name,                                                                           \
      { .id = "rate_" #name,                                                                       \
        .area = LIMIT_RATES,                                                                       \
        .title = S_INIT(title_),                                                                   \
        .what = S_INIT(what_),                                                                     \
        .counted = true,                                                                           \
        .refuses = true } },
#include "http/rate_classes.h"
#undef RATE_CLASS
    };
    struct bound_seen seen;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!page_rate_use(p, rows[i].class, &seen)) return;
        struct limit *l = add(t, &rows[i].l);
        if (l) l->seen = seen;
    }
}

/* ---- what else is kept ---- */

typedef bool read_use(const struct page *p, int which, struct bound_seen *ret);

static bool of_store(const struct page *p, int which, struct bound_seen *ret) {
    store_use(p->app->store, (enum store_queue)which, ret);
    return true;
}

static bool of_disk(const struct page *p, int which, struct bound_seen *ret) {
    uint64_t free_bytes = 0, all = 0;
    (void)which;
    if (os_disk(p->app->data_dir, &free_bytes, &all, NULL) || all == 0) return false;
    *ret = (struct bound_seen){ .limit = all,
                                .now = (int64_t)(all - free_bytes),
                                .peak = all - free_bytes };
    return true;
}

static bool of_hub(const struct page *p, int which, struct bound_seen *ret) {
    return p->app->hub && ipc_hub_use(p->app->hub, (size_t)which, ret);
}

static bool of_live(const struct page *p, int which, struct bound_seen *ret) {
    struct bound_seen all, one;
    if (!p->app->live) return false;
    live_use(p->app->live, &all, &one);
    *ret = which ? one : all;
    return true;
}

static bool of_work(const struct page *p, int which, struct bound_seen *ret) {
    (void)which;
    page_work_use(p, ret);
    return true;
}

/* A bound that is judged where nothing can be counted: `which` is its value. */
static bool set_to(const struct page *p, int which, struct bound_seen *ret) {
    (void)p;
    *ret = (struct bound_seen){ .limit = (uint64_t)which, .now = -1 };
    return true;
}

#define KEEPS(id_, area_, title_, what_)                                                           \
    {                                                                                              \
        .id = id_, .area = area_, .title = S_INIT(title_), .what = S_INIT(what_), .counted = true, \
        .refuses = true                                                                            \
    }
static const struct {
    read_use *read;
    int which;
    struct limit l;
} kept[] = {
    { of_store, STORE_INTERACTIVE,
      KEEPS("store_forms", LIMIT_STORE, "等着写的：有人在等",
            "提交表单、办理任务，在数据库前排队的件数") },
    { of_store, STORE_READ,
      KEEPS("store_reads", LIMIT_STORE, "等着读的", "看网页、查询，在数据库前排队的件数") },
    { of_store, STORE_BULK,
      KEEPS("store_bulk", LIMIT_STORE, "等着写的：后台",
            "系统自己要做的事，在数据库前排队的件数；让有人在等的先写") },
    { of_disk,
      0,
      { .id = "disk",
        .area = LIMIT_STORE,
        .unit = LIMIT_BYTES,
        .title = S_INIT("磁盘"),
        .what = S_INIT("数据目录所在的磁盘用了多少"),
        .counted = true } },
    { of_hub, APP_HUB_KEYS,
      KEEPS("keys", LIMIT_PROCESSES, "等密钥进程的", "签名、打开加密信息，排队的件数") },
    { of_hub, APP_HUB_PRESS,
      KEEPS("press", LIMIT_PROCESSES, "等排版进程的", "要排成 PDF 的文书，排队的件数") },
    { of_hub, APP_HUB_COURIER,
      KEEPS("courier", LIMIT_PROCESSES, "等发送进程的",
            "正交给发送进程的邮件和短信；其余的等在数据库里") },
    { of_hub, APP_HUB_URGENT,
      KEEPS("courier_urgent", LIMIT_PROCESSES, "等紧急发送进程的", "正交给它的紧急消息") },
    { of_hub, APP_HUB_SUPERVISE,
      KEEPS("supervise", LIMIT_PROCESSES, "等监察进程的", "交给监察进程、还没有看完的日志页") },
    { of_live, 0,
      KEEPS("live", LIMIT_PAGES, "自动更新的网页",
            "开着、有变化会自动提示的网页；满了以后，新开的网页定时自己去问") },
    { of_live, 1,
      KEEPS("live_of_one", LIMIT_PAGES, "一个人自动更新的网页", "同一个账号同时开着多少个") },
    { of_work, 0,
      KEEPS("work", LIMIT_PAGES, "排队的密码验证", "验证密码、校验日志这类费时的事，排队的件数") },
    { set_to,
      KEPT_BYTES_MAX,
      { .id = "kept_bytes",
        .area = LIMIT_PAGES,
        .unit = LIMIT_BYTES,
        .title = S_INIT("退出后保留的表单"),
        .what = S_INIT(
            "登录过期以后提交的一张表单，多大以内保留到重新登录；更大的请填写的人再提交一次") } },
    { set_to,
      KEPT_MS / 1000,
      { .id = "kept_s",
        .area = LIMIT_PAGES,
        .unit = LIMIT_SECONDS,
        .title = S_INIT("保留表单的时间"),
        .what = S_INIT("登录过期以后提交的表单，保留多久") } },
};

size_t page_limits(const struct page *p, struct limit all[LIMITS_MAX]) {
    struct table t = { .all = all };
    struct bound_seen seen;
    add_http(&t, p->app->http);
    add_rates(&t, p);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (!kept[i].read(p, kept[i].which, &seen)) continue;
        struct limit *l = add(&t, &kept[i].l);
        if (l) l->seen = seen;
    }
    return t.n;
}
