/* health: see health.h. Invariant: what is judged is facts alone, so that the page, the command line and who is told of a change never
 * disagree; a threshold stands beside what it judges.
 */
#include "web/health.h"

#include "engine/notify/notify_out.h"
#include "web/user.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
static const int64_t day = INT64_C(24) * HOUR;

static enum health_level level_of(bool watch, bool act) {
    return act ? HEALTH_ACT : watch ? HEALTH_WATCH : HEALTH_WELL;
}

/* Milliseconds since something that is still so; 0: it is not. */
static int64_t age(const struct health *h, int64_t since_ms) {
    return since_ms && since_ms < h->now_ms ? h->now_ms - since_ms : 0;
}

/* ---- values in words ---- */

static struct str when(struct page *p, int64_t ms) {
    return realm_time(page_realm(p), p->a, p->lang, ms);
}

static struct str fill(struct page *p, struct str chinese, const struct val *args) {
    return po_fill(p->a, page_text(p, chinese), args);
}

/* "N waiting, the oldest since T"; both texts are the caller's. */
static struct str waiting(struct page *p, int64_t n, int64_t oldest_ms) {
    struct val *v = val_map(p->a);
    val_put_i64(p->a, v, S("n"), n);
    val_put_str(p->a, v, S("time"), when(p, oldest_ms));
    return fill(p, oldest_ms ? S("等待 {n} 项，最早的从 {time} 起") : S("等待 {n} 项"), v);
}

static struct str gigabytes(struct page *p, uint64_t bytes) {
    return arena_fmt(p->a, "%llu.%llu GB", (unsigned long long)(bytes / 1000000000), (unsigned long long)(bytes / 100000000 % 10));
}

/* ---- the checks ---- */

static enum health_level process_level(const struct health *h) {
    return level_of(age(h, h->up_ms) < 5 * MINUTE, false);
}

static struct str process_value(struct page *p, const struct health *h) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("node"), h->node);
    val_put_i64(p->a, v, S("process"), h->process);
    val_put_str(p->a, v, S("time"), when(p, h->up_ms));
    return fill(p, S("{node}，进程 {process}，自 {time} 起"), v);
}

static enum health_level peer_level(const struct health_peer *x) {
    bool down = x->wanted && !x->here && x->since_ms == 0;
    return level_of(x->waiting > 20, down || x->waiting > 200);
}

static struct str peer_value(struct page *p, const struct health_peer *x) {
    struct val *v = val_map(p->a);
    if (!x->wanted) return page_text(p, S("没有启用：这台服务器没有接通邮件和短信"));
    if (x->here) return page_text(p, S("和服务在同一个进程里"));
    if (x->since_ms == 0) return page_text(p, S("没有连接"));
    val_put_str(p->a, v, S("time"), when(p, x->since_ms));
    val_put_i64(p->a, v, S("n"), x->waiting);
    return fill(p, S("自 {time} 起连接，等待 {n} 项"), v);
}

#define PEER(name, i)                                                           \
    static enum health_level name##_level(const struct health *h) {             \
        return peer_level(&h->peer[i]);                                         \
    }                                                                           \
    static struct str name##_value(struct page *p, const struct health *h) {    \
        return peer_value(p, &h->peer[i]);                                      \
    }
PEER(keys, 0)
PEER(press, 1)
PEER(courier, 2)
PEER(rush, 3)

static enum health_level store_level(const struct health *h) {
    return level_of(h->store_queued > 100 || h->store_read_ms > 200, h->store_queued > 1000 || h->store_read_ms > 2000);
}

static struct str store_value(struct page *p, const struct health *h) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("kind"), h->postgres ? S("PostgreSQL") : S("SQLite"));
    val_put_i64(p->a, v, S("n"), h->store_queued);
    val_put_i64(p->a, v, S("ms"), h->store_read_ms);
    val_put_i64(p->a, v, S("failed"), h->store_failed);
    return fill(p, S("{kind}；刚才的读取用了 {ms} 毫秒，排队 {n} 项，启动以来没有做成 {failed} 项"), v);
}

static enum health_level sequencer_level(const struct health *h) {
    int64_t ms = age(h, h->audit_oldest_ms);
    return level_of(ms > 10 * SECOND, ms > MINUTE);
}

static struct str sequencer_value(struct page *p, const struct health *h) {
    return waiting(p, h->audit_waiting, h->audit_oldest_ms);
}

static enum health_level log_level(const struct health *h) {
    int64_t ms = h->entries > h->head_size ? age(h, h->head_ms) : 0;
    return level_of(ms > MINUTE, h->unsealed || ms > 10 * MINUTE);
}

static struct str log_value(struct page *p, const struct health *h) {
    struct val *v = val_map(p->a);
    if (h->unsealed) return page_text(p, S("密钥进程拒绝签名：日志和签过的不连续"));
    if (h->head_size == 0) return page_text(p, S("还没有签名"));
    val_put_i64(p->a, v, S("n"), h->head_size);
    val_put_i64(p->a, v, S("left"), h->entries > h->head_size ? h->entries - h->head_size : 0);
    val_put_str(p->a, v, S("time"), when(p, h->head_ms));
    return fill(p, S("签到第 {n} 条，{time}；后面还有 {left} 条没有签"), v);
}

static enum health_level papers_level(const struct health *h) {
    int64_t ms = age(h, h->papers_oldest_ms);
    return level_of(ms > 2 * MINUTE, ms > 30 * (int64_t)MINUTE);
}

static struct str papers_value(struct page *p, const struct health *h) {
    return waiting(p, h->papers, h->papers_oldest_ms);
}

static enum health_level lane_level(const struct health *h, int lane, int64_t watch_ms, int64_t act_ms) {
    int64_t ms = age(h, h->lane_oldest_ms[lane]);
    return level_of(ms > watch_ms, ms > act_ms);
}

static struct str lane_value(struct page *p, const struct health *h, int lane) {
    return h->leaves ? waiting(p, h->lane[lane], h->lane_oldest_ms[lane]) : page_text(p, S("没有接通邮件和短信，消息只在网站里"));
}

#define LANE(name, lane, watch_ms, act_ms)                                      \
    static enum health_level name##_level(const struct health *h) {             \
        return lane_level(h, lane, watch_ms, act_ms);                           \
    }                                                                           \
    static struct str name##_value(struct page *p, const struct health *h) {    \
        return lane_value(p, h, lane);                                          \
    }
LANE(urgent, NOTIFY_URGENT, 30 * SECOND, 5 * (int64_t)MINUTE)
LANE(normal, NOTIFY_NORMAL, 10 * (int64_t)MINUTE, 2 * (int64_t)HOUR)
LANE(bulk, NOTIFY_BULK, 6 * (int64_t)HOUR, day)

static enum health_level timers_level(const struct health *h) {
    int64_t ms = age(h, h->timers_oldest_ms);
    return level_of(h->failing > 0 || ms > MINUTE, ms > 10 * MINUTE);
}

static struct str timers_value(struct page *p, const struct health *h) {
    struct val *v = val_map(p->a);
    val_put_i64(p->a, v, S("n"), h->timers);
    val_put_i64(p->a, v, S("failing"), h->failing);
    return fill(p, S("到期待处理 {n} 项，失败后等待重试 {failing} 项"), v);
}

static enum health_level backup_level(const struct health *h) {
    int64_t ms = h->backup_ms ? age(h, h->backup_ms) : day * 400;
    return level_of(ms > day + 2 * (int64_t)HOUR, h->backup_ms && ms > 7 * day);
}

static struct str backup_value(struct page *p, const struct health *h) {
    return h->backup_ms ? when(p, h->backup_ms) : page_text(p, S("还没有备份过"));
}

static enum health_level drill_level(const struct health *h) {
    int64_t ms = h->drill_ms ? age(h, h->drill_ms) : day * 400;
    return level_of(ms > 35 * day, h->drill_ms && h->drill_failed);
}

static struct str drill_value(struct page *p, const struct health *h) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("time"), when(p, h->drill_ms));
    if (h->drill_ms == 0) return page_text(p, S("还没有试恢复过"));
    return fill(p, h->drill_failed ? S("{time}，没有通过") : S("{time}，通过"), v);
}

static enum health_level disk_level(const struct health *h) {
    return level_of(h->disk_free < h->disk_all / 5, h->disk_free < h->disk_all / 20);
}

static struct str disk_value(struct page *p, const struct health *h) {
    struct val *v = val_map(p->a);
    if (h->disk_all == 0) return page_text(p, S("没有读到"));
    val_put_str(p->a, v, S("free"), gigabytes(p, h->disk_free));
    val_put_str(p->a, v, S("all"), gigabytes(p, h->disk_all));
    return fill(p, S("还能写 {free}，共 {all}"), v);
}

static enum health_level connections_level(const struct health *h) {
    bool known = h->connections_max > 0;
    return level_of(known && h->connections * 2 > h->connections_max, known && h->connections * 10 > h->connections_max * 9);
}

static struct str connections_value(struct page *p, const struct health *h) {
    struct val *v = val_map(p->a);
    val_put_i64(p->a, v, S("n"), h->connections);
    val_put_i64(p->a, v, S("max"), h->connections_max);
    return fill(p, S("打开 {n} 个，上限 {max} 个"), v);
}

/* The notice for a year comes in the autumn before it. */
static enum health_level calendar_level(const struct health *h) {
    enum { NOTICE_MONTH = 11 };
    int64_t ms = age(h, h->recounts_oldest_ms);
    return level_of((h->month >= NOTICE_MONTH && !h->next_known) || ms > 10 * MINUTE, !h->year_known || ms > 2 * (int64_t)HOUR);
}

static struct str calendar_value(struct page *p, const struct health *h) {
    struct val *v = val_map(p->a);
    val_put_i64(p->a, v, S("year"), h->year_known ? h->year + 1 : h->year);
    val_put_str(p->a, v, S("time"), when(p, h->recounts_oldest_ms));
    if (h->recounts) return fill(p, S("从 {time} 起，正在按新的放假安排重新计算期限"), v);
    return fill(p, h->year_known && h->next_known ? S("{year} 年的放假安排已经有了") : S("{year} 年的放假安排还没有"), v);
}

static const struct {
    const char *id;
    struct str title, meaning, todo;
    enum health_level (*level)(const struct health *h);
    struct str (*value)(struct page *p, const struct health *h);
} checks[] = {
    { "process", S_INIT("服务进程"), S_INIT("答复这个页面的进程。有多个节点时，刷新后可能由另一个节点答复。"),
      S_INIT("刚启动不久。如果不是有意重启，请在服务日志里找“starts again”和它前面的一行。"), process_level, process_value },
    { "keys", S_INIT("密钥进程"), S_INIT("保管全部密钥：给证照和日志签名，打开加密的个人信息。"),
      S_INIT("它停了会自动重新启动。一分钟后还没有连接，就看服务日志里 keys 的最后几行，再重启服务。"), keys_level, keys_value },
    { "press", S_INIT("排版进程"), S_INIT("把证照文书排成 PDF。"),
      S_INIT("它停了会自动重新启动，等着的文书会接着做。一分钟后还没有连接，就看服务日志里 press 的最后几行。"), press_level, press_value },
    { "courier", S_INIT("发送进程"), S_INIT("把普通和批量的邮件、短信交给网关。"),
      S_INIT("它停了会自动重新启动，没有送出的消息不会丢。排队太多时，先看网关能不能连通。"), courier_level, courier_value },
    { "courier-urgent", S_INIT("紧急发送进程"), S_INIT("只送紧急消息，不会排在批量消息后面。"),
      S_INIT("它停了会自动重新启动，没有送出的消息不会丢。排队太多时，先看网关能不能连通。"), rush_level, rush_value },
    { "store", S_INIT("数据库"), S_INIT("每件事都写在这里。排队是等着写的，读取时间是刚才读这一页用的。"),
      S_INIT("看磁盘是不是慢或者满了，有没有正在备份；用 PostgreSQL 时，看主库和备库之间的连接。"), store_level, store_value },
    { "sequencer", S_INIT("日志编号"), S_INIT("每个操作的日志先写下，随后编号；通常不到一秒。"),
      S_INIT("看服务日志里 sequencer 的行。有多个节点时，其中一个在编号；它停了，别的节点几秒后接手。"), sequencer_level, sequencer_value },
    { "log", S_INIT("日志签名"), S_INIT("签过的日志改不了：改动会被“日志校验”发现。"),
      S_INIT("先看密钥进程是不是连着。说“不连续”的，是数据库被退回到了以前：不要再写，立即告诉审计管理员，照运维手册“An earlier state”办。"),
      log_level, log_value },
    { "papers", S_INIT("等待制作的证照文书"), S_INIT("已经决定、正在排版和签名的文书；通常几秒钟。"),
      S_INIT("看排版进程和密钥进程是不是连着；失败的在下面的表里，写着原因。"), papers_level, papers_value },
    { "messages-urgent", S_INIT("紧急消息"), S_INIT("预警、验证码这类消息，应在两秒内交出。"), S_INIT("看紧急发送进程和网关；每条消息的下落在“消息发送”页。"),
      urgent_level, urgent_value },
    { "messages-normal", S_INIT("普通消息"), S_INIT("办件通知。夜里不打扰人的，等到早上才算到期。"), S_INIT("看发送进程和网关；每条消息的下落在“消息发送”页。"),
      normal_level, normal_value },
    { "messages-bulk", S_INIT("批量消息"), S_INIT("一次发给很多人的消息，慢一些不要紧。"), S_INIT("看发送进程和网关；每条消息的下落在“消息发送”页。"), bulk_level,
      bulk_value },
    { "timers", S_INIT("到期处理"), S_INIT("补正到期、时限届满这类按时要做的事；通常到期一秒内做完。"),
      S_INIT("失败的在下面的表里，写着原因；它们隔一段时间自动重试，不耽误别的办件。原因消除以后，可以选中“立即重试”。"), timers_level, timers_value },
    { "calendar", S_INIT("放假安排"), S_INIT("期限按它计算；没有公布的年份按周末推算。换了新的安排，正在办理的期限会重新计算。"),
      S_INIT("通知公布以后，请事项编辑起草，写进放假和调休，再审核启用。重新计算一直没有做完的，看服务日志里 recount 的行。"), calendar_level,
      calendar_value },
    { "backup", S_INIT("最近一次备份"), S_INIT("备份里有数据、附件和密钥；少了密钥，数据打不开。"),
      S_INIT("用 tongban backup 做一次备份，放到另一处保管，并每天自动做；再按运维手册恢复一份试试。"), backup_level, backup_value },
    { "drill", S_INIT("最近一次试恢复"), S_INIT("没有试着恢复过的备份，不知道能不能用。"),
      S_INIT("用 tongban drill 把最近的备份试恢复一次，每月至少一次；没有通过的，立即重新备份，再试。"), drill_level, drill_value },
    { "disk", S_INIT("磁盘"), S_INIT("数据所在的磁盘。写满了，就什么事也办不了。"), S_INIT("清理这块磁盘上别的文件，或者换大一些的；数据目录里的文件一个也不要删。"),
      disk_level, disk_value },
    { "connections", S_INIT("网络连接"), S_INIT("此刻打开的连接；到了上限，新来的要等。"), S_INIT("看“指标”里哪一页的请求多；是攻击的，在前面的网关上拦。"),
      connections_level, connections_value },
};
enum { CHECKS = sizeof checks / sizeof *checks };

bool health_check(const struct health *h, size_t i, const char **id, enum health_level *level) {
    if (i >= CHECKS) return false;
    *id = checks[i].id;
    *level = checks[i].level(h);
    return true;
}

enum health_level health_worst(const struct health *h, size_t *n) {
    enum health_level worst = HEALTH_WELL;
    *n = 0;
    for (size_t i = 0; i < CHECKS; i++) {
        enum health_level l = checks[i].level(h);
        if (l > worst) worst = l, *n = 0;
        *n += l == worst;
    }
    return worst;
}

uint64_t health_key(const struct health *h) {
    struct {
        char level[CHECKS];
        char failing[sizeof h->failing];
    } seen = { 0 };
    for (size_t i = 0; i < CHECKS; i++) seen.level[i] = (char)checks[i].level(h);
    for (size_t i = 0; i < sizeof seen.failing; i++) seen.failing[i] = (char)(h->failing >> (8 * i));
    return str_hash(str_make((const char *)&seen, sizeof seen));
}

struct val *health_view(struct page *p, const struct health *h) {
    static const struct {
        struct str text, kind;
    } states[] = { { S_INIT("正常"), S_INIT("ok") }, { S_INIT("请留意"), S_INIT("warn") }, { S_INIT("要处理"), S_INIT("seal") } };
    struct val *rows = val_list(p->a);
    for (size_t i = 0; i < CHECKS; i++) {
        struct val *v = val_map(p->a), *state = val_map(p->a);
        enum health_level l = checks[i].level(h);
        val_put_str(p->a, state, S("text"), page_text(p, states[l].text));
        val_put_str(p->a, state, S("kind"), states[l].kind);
        val_put_str(p->a, v, S("id"), str_of(checks[i].id));
        val_put_str(p->a, v, S("title"), page_text(p, checks[i].title));
        val_put_str(p->a, v, S("value"), checks[i].value(p, h));
        val_put_str(p->a, v, S("meaning"), page_text(p, checks[i].meaning));
        if (l != HEALTH_WELL) val_put_str(p->a, v, S("todo"), page_text(p, checks[i].todo));
        val_put(p->a, v, S("state"), state);
        val_push(p->a, rows, v);
    }
    return rows;
}
