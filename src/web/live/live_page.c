/* live_page: the route of live.h and what a page that stands open carries. Invariant: what a stream sends and what a poll answers come
 * from the same functions, so that a reader may change from one to the other by the last number.
 */
#include "web/live/live_impl.h"

#include "data/tz.h"
#include "web/user.h"

#include <string.h>

enum { SLICE = 200, NEWS_MAX = 16, POLL_TOLD_MAX = 64, POLL_BYTES_MAX = 256 * 1024 };

/* What act found for say. */
struct asked {
    struct live_stream *stream;
    struct str text;
    bool poll;
};

static int read_topics(struct store_tx *tx, struct page *p, struct live_stream *s, struct err *e) {
    struct str list = arena_str(p->req->arena, page_in(p, S("topics"))), topic;
    struct scope_token token;
    int rc = 0;
    s->n_watches = 0;
    while (!rc && str_cut(&list, ',', &topic)) {
        if (s->n_watches == LIVE_TOPICS_MAX) return err_set(e, ERR_LIMIT, "%d", LIVE_TOPICS_MAX);
        if (str_eq(topic, S("health"))) {
            rc = access_may(page_realm(p), p->who, S("metrics.read"), &token, e);
            s->health = rc == 0;
            continue;
        }
        struct item_watch *w = &s->watch[s->n_watches++];
        rc = item_watch_open(tx, page_realm(p), p->who, topic, w, e);
        s->present |= w->kind == ITEM_WATCH_TASK;
    }
    return rc || s->n_watches || s->health ? rc : err_set(e, ERR_SYNTAX, "topics");
}

static void put_event(struct buf *b, int64_t id, struct str event, struct str data) {
    buf_add_fmt(b, "id: %lld\nevent: %.*s\ndata: %.*s\n\n", (long long)id, STR_ARG(event), STR_ARG(data));
}

static int poll_one(struct store_tx *tx, struct page *p, const struct live_stream *s, struct item_change *c, size_t *told, struct buf *b,
                    struct err *e) {
    struct item_news news[NEWS_MAX];
    size_t n;
    int rc = 0;
    for (size_t k = 0; !rc && k < s->n_watches; k++) {
        if (!item_watch_concerns(&s->watch[k], c, p->who->account)) continue;
        rc = item_watch_tell(tx, page_realm(p), p->who, &s->watch[k], c, news, NEWS_MAX, &n, e);
        (*told)++;
        for (size_t i = 0; !rc && i < n; i++)
            if (!news[i].presence) put_event(b, c->number, S("change"), news[i].key);
    }
    return rc;
}

/* What is behind `sent`, as far as one job has room for the cases it reads: the rest comes when it is asked again from the number reached,
 * which is told last; before it, who has the tasks open now. */
static int poll(struct store_tx *tx, struct page *p, struct live_stream *s, struct buf *b, struct err *e) {
    struct item_change *change = arena_array(p->a, SLICE, sizeof *change);
    size_t n, told = 0;
    bool more = true;
    if (!change) return err_set(e, ERR_MEMORY, NULL);
    int64_t newest;
    int rc = item_watch_last(tx, page_realm(p), &newest, e);
    if (!rc && newest - s->sent > LIVE_REPLAY_MAX) {
        put_event(b, newest, S("lost"), S(""));
        s->sent = newest;
    }
    while (!rc && more) {
        rc = item_changes_after(tx, page_realm(p), s->sent, change, SLICE, &n, &s->sent, &more, e);
        for (size_t i = 0; !rc && i < n; i++) {
            rc = poll_one(tx, p, s, &change[i], &told, b, e);
            if (told < POLL_TOLD_MAX) continue;
            s->sent = change[i].number;
            more = false;
            break;
        }
    }
    for (size_t k = 0; !rc && k < s->n_watches; k++)
        if (s->watch[k].kind == ITEM_WATCH_TASK)
            put_event(b, s->sent, S("who"), live_who(tx, page_realm(p), p->who, s->watch[k].id, p->lang, e));
    if (s->health && page_live(p) && page_live(p)->health) /* whoever has it already is told nothing new by it */
        put_event(b, s->sent, S("change"), live_health_text(p->a, page_live(p)->health));
    put_event(b, s->sent, S("at"), S(""));
    return rc ? rc : buf_ok(b) ? 0 : err_set(e, ERR_LIMIT, "256 KiB");
}

static int events_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct asked *x = arena_new(p->req->arena, struct asked);
    struct live_stream *s = arena_new(p->req->arena, struct live_stream);
    struct str bytes, id = http_header(p->req, S("Last-Event-ID"));
    struct buf b;
    int64_t newest;
    if (!x || !s) return err_set(e, ERR_MEMORY, NULL);
    int rc = read_topics(tx, p, s, e);
    if (!rc) rc = item_watch_last(tx, page_realm(p), &newest, e);
    if (rc) return rc;
    if (!str_to_i64(id.len ? id : page_in(p, S("after")), &s->sent) || s->sent < 0 || s->sent > newest) s->sent = newest;
    s->account = p->who->account;
    s->lang = str_eq(p->lang, S("en")) ? S("en") : S("zh");
    if (!crypto_base64url_decode(p->a, p->session, &bytes) || bytes.len != sizeof s->token) return err_set(e, ERR_LOGIN, NULL);
    memcpy(s->token, bytes.ptr, sizeof s->token);
    x->stream = s;
    x->poll = page_in(p, S("poll")).len > 0;
    p->own = x;
    if (!x->poll) return 0;
    buf_init(&b, p->a, 1024, POLL_BYTES_MAX);
    rc = poll(tx, p, s, &b, e);
    x->text = buf_str(&b);
    return rc;
}

static int events_say(struct page *p, struct err *e) {
    const struct asked *x = p->own;
    if (x->poll) {
        struct http_reply *r = arena_new(p->req->arena, struct http_reply);
        if (!r) return err_set(e, ERR_MEMORY, NULL);
        *r = (struct http_reply){ .status = 200, .media_type = S("text/event-stream"), .body = x->text };
        p->reply = r;
        return 0;
    }
    if (!page_live(p) || !live_add(page_live(p), x->stream, p->req)) return err_set(e, ERR_BUSY, "events");
    p->taken = true;
    return 0;
}

const struct route live_routes[] = {
    { "EV", HTTP_GET, "/events", page_ask_none, events_act, events_say, "case.read", 0, ROUTE_STREAM, ROUTE_RATE_PAGE,
      ROUTE_AUDIT_NONE, ROUTE_DATA_CASE },
};
const size_t live_n_routes = sizeof live_routes / sizeof *live_routes;

/* ---- what a page carries ---- */

int live_put(struct store_tx *tx, struct page *p, struct str topics, struct str have, struct str text, struct err *e) {
    struct val *v = val_map(p->a), *page = (struct val *)val_get(p->view, S("page"));
    struct civil_time t;
    struct buf iso;
    int64_t newest;
    int rc = item_watch_last(tx, page_realm(p), &newest, e);
    if (rc) return rc;
    tz_split(page_realm(p)->tz, p->now_ms, &t);
    buf_init(&iso, p->a, 40, 40);
    tz_write_iso(&iso, page_realm(p)->tz, p->now_ms);
    if (!page) {
        page = val_map(p->a);
        val_put(p->a, p->view, S("page"), page);
    }
    val_put_str(p->a, v, S("href"), page_href(p, ARENA_CAT(p->a, S("/events?topics="), topics)));
    val_put_i64(p->a, v, S("after"), newest);
    val_put_str(p->a, v, S("have"), have);
    val_put_str(p->a, v, S("text"), page_text(p, text));
    val_put_str(p->a, v, S("at"), arena_fmt(p->a, "%02u:%02u", t.hour, t.minute));
    val_put_str(p->a, v, S("at_iso"), buf_str(&iso));
    val_put_str(p->a, v, S("refresh"), page_href(p, p->req->path));
    val_put(p->a, page, S("live"), v);
    return 0;
}
