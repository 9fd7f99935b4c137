/* messages: I10 what leaves by mail and SMS: every delivery with its state and reason, and another
 * try for one that did not arrive. Invariant: neither a text nor a whole address is shown to who
 * keeps the machine running.
 */
#include "engine/notify/notify_out.h"
#include "web/admin/admin_pages.h"
#include "web/list/list.h"

enum { PAGE_ROWS = 25, PICKS_MAX = PAGE_ROWS };

static void decorate(struct page *p, struct val *v) {
    struct val *pick = val_map(p->a);
    struct val *state = val_map(p->a);
    struct str tone = val_get_str(v, S("tone"));
    static const char *const times[][2] = { { "made_ms", "made" },
                                            { "handed_ms", "handed" },
                                            { "ended_ms", "ended" } };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        val_put_str(
            p->a, v, str_of(times[i][1]),
            realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, str_of(times[i][0]), 0)));
    val_put_str(p->a, state, S("text"), val_get_str(v, S("state")));
    val_put_str(p->a, state, S("kind"), tone);
    val_put(p->a, v, S("state"), state);
    val_put_str(p->a, v, S("href"), S(""));
    val_put_str(p->a, v, S("tries"), arena_i64(p->a, val_get_i64(v, S("attempts"), 0)));
    val_put_str(p->a, v, S("number"), arena_i64(p->a, val_get_i64(v, S("id"), 0)));
    val_put_i64(p->a, pick, S("value"), val_get_i64(v, S("id"), 0));
    val_put_str(p->a, pick, S("label"),
                staff_fill(p, S("选择 {number}"), "number", val_get_i64(v, S("id"), 0)));
    if (val_get_bool(v, S("dead"), false))
        val_put(p->a, v, S("pick"), pick);
    else
        val_put_bool(p->a, v, S("pick"), false);
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct notify_delivery_query q = { .state = list_value(l, "state"),
                                       .channel = list_value(l, "channel"),
                                       .back = l->back,
                                       .max = l->max,
                                       .counted = l->counted };
    if (l->place.len && !str_to_i64(l->place, &q.at)) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = notify_deliveries(tx, page_realm(p), p->who, &q, p->lang, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) {
        struct val *v = l->rows->u.list.item[i];
        val_put_str(p->a, v, S("place"), arena_i64(p->a, val_get_i64(v, S("id"), 0)));
        decorate(p, v);
    }
    l->total = q.total;
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    bool state = str_eq(str_of(f->name), S("state"));
    (void)tx;
    (void)e;
    for (int i = 0; i < (state ? (int)NOTIFY_STATES : (int)NOTIFY_CHANNELS); i++) {
        const struct notify_word *w = state ? notify_state_word((enum notify_state)i)
                                            : notify_channel_word((enum notify_channel)i);
        list_choice(p, l, f, into, w->word, page_text(p, w->title));
    }
    return 0;
}

static const struct list_column columns[] = {
    { "made", S_INIT("产生时间"), "made", LIST_HEAD },
    { "number", S_INIT("发送编号"), NULL, LIST_FILE },
    { "state", S_INIT("状态"), NULL, LIST_TAG },
    { "channel", S_INIT("渠道"), NULL, LIST_TEXT },
    { "lane", S_INIT("紧急程度"), NULL, LIST_TEXT },
    { "to", S_INIT("发往"), NULL, LIST_TEXT },
    { "handed", S_INIT("交出时间"), NULL, LIST_WHEN },
    { "tries", S_INIT("尝试次数"), NULL, LIST_TEXT },
    { "why", S_INIT("对方的答复"), NULL, LIST_TEXT },
};
static const struct list_order orders[] = { { "made", S_INIT("最新的在前"), S_INIT("最早的在前"),
                                              false } };
static const struct list_filter filters[] = { { "state", S_INIT("状态"), LIST_CHOICE },
                                              { "channel", S_INIT("渠道"), LIST_CHOICE } };
static const struct list messages = { .name = "deliveries", .caption = S_INIT("消息发送"),
                                      LIST_TABLES(columns, orders, filters),
                                      .page_rows = PAGE_ROWS,
                                      .pick_name = "pick",
                                      .pick_form = "resend",
                                      .fetch = fetch,
                                      .choices = choices };

/* What waits now, lane by lane. */
static int put_lanes(struct store_tx *tx, struct page *p, struct err *e) {
    struct notify_counts n;
    struct val *lanes = val_list(p->a);
    int rc = notify_count(tx, page_realm(p), &n, e);
    for (int l = 0; !rc && l < NOTIFY_LANES; l++) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"),
                    page_text(p, notify_lane_word((enum notify_lane)l)->title));
        val_put_i64(p->a, v, S("waiting"), n.waiting[l]);
        val_put_str(p->a, v, S("oldest"), realm_time(page_realm(p), p->a, p->lang, n.oldest_ms[l]));
        val_push(p->a, lanes, v);
    }
    val_put(p->a, p->view, S("lanes"), lanes);
    val_put_bool(p->a, p->view, S("leaves"), page_realm(p)->gateways != 0);
    return rc;
}

int admin_messages_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &messages, S("/admin/messages"), &l);
    int rc = list_show(tx, p, &l, e);
    if (!rc) rc = put_lanes(tx, p, e);
    return rc ? rc : staff_looked(tx, p, "message.deliveries", "delivery", 0, 0, e);
}

int admin_messages_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &messages, S("/admin/messages"), &l);
    return list_file(tx, p, &l, "message.deliveries", "delivery", e);
}

int admin_messages_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("消息发送"), S(""));
    page_form(p, S("/admin/messages"));
    val_put_bool(p->a, p->view, S("may_resend"),
                 list_some(p) && admin_holds_power(p, "message.resend"));
    p->template = S("admin/messages");
    return 0;
}

/* ---- another try ---- */

struct resending {
    int64_t id[PICKS_MAX];
    size_t n;
};

static int resend_one(struct store_tx *tx, struct page *p, size_t i, struct err *e) {
    const struct resending *own = p->own;
    return notify_resend(tx, page_realm(p), p->who, own->id[i], e);
}

int admin_messages_ask(struct page *p, struct err *e) {
    struct resending *own = arena_new(p->req->arena, struct resending);
    if (!own) return err_set(e, ERR_MEMORY, NULL);
    own->n = staff_ids(p, S("pick"), own->id, PICKS_MAX);
    p->own = own;
    p->part = resend_one;
    p->n_parts = own->n;
    return 0;
}

int admin_messages_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct scope_token ignored;
    (void)tx;
    p->location = S("/admin/messages");
    return access_may(page_realm(p), p->who, S("message.resend"), &ignored, e);
}
