/* page: see page.h. The stages, and what happens between them; nothing here waits: a job's end goes on by http_continue
 * on an HTTP thread.
 *
 * Edges: web_handle -> ask -> [look -> work -> parts ->] act -> after_job -> [make ->] say -> reply; each may go to `failed`, and that to
 * the same page again (PAGE_AGAIN), to the sign-in page or to the error page. Invariants: in phase PAGE_AGAIN a failure
 * goes to the error page with the first error, so there is no loop; the right comes before the fault: a form that `ask` turned away
 * is answered with its faults only to whom the row and the page that shows it are open (`judged`), to others as if it had none;
 * a job's body sets anew what it left on an earlier run; what the application holds for a page (hooks.hold) is held from its
 * handling, or from the beginning of a piece, until there is an answer, or the piece.
 */
#include "http/cookie.h"
#include "web/page_impl.h"

#include "base/log.h"
#include "os/os.h"

enum { PAGE_KEPT_S = 1800 };

static void failed(struct page *p);
static void by_way_of(struct page *p, struct str path);
static bool turned_away(int code);
static void unjudged(struct page *p);
static void after_job(struct http_req *r, void *context);
static void submit(struct page *p, enum store_queue queue);
static void show_again(struct page *p);

bool page_again(const struct page *p) {
    return p->phase == PAGE_AGAIN || p->given_back;
}

/* ---- say ---- */

static const struct route *row_now(const struct page *p) {
    return p->phase == PAGE_AGAIN ? p->again : p->route;
}

void page_hold(struct page *p) {
    if (p->web->c.hooks.hold && !p->held) p->held = p->web->c.hooks.hold(p);
}

void page_let(struct page *p) {
    uint64_t held = p->held;
    p->held = 0;
    if (held) p->web->c.hooks.let(p, held);
}

/* On an HTTP thread: the piece before is sent. */
static void next_piece(struct http_flow *f, void *context) {
    struct page *p = context;
    page_hold(p);
    p->flow = f;
    p->phase = PAGE_MORE;
    submit(p, STORE_READ);
}

static void finish(struct page *p) {
    struct err e = { 0 };
    p->a = p->req->arena;
    if (!p->view) p->view = val_map(p->a);
    if (row_now(p)->say(p, &e)) {
        if (arena_overflowed(p->a)) (void)err_set(&e, ERR_MEMORY, "%s", "say");
        if (p->phase != PAGE_AGAIN) p->err = e;
        if (p->phase == PAGE_AGAIN || p->err.code == 0) view_error(p);
        else failed(p);
        return;
    }
    if (p->taken) {
        page_let(p);
        return;
    }
    if (p->location.len) view_redirect(p);
    else if (p->reply && p->more) {
        p->reply->more = next_piece;
        p->reply->context = p;
        page_answer(p, p->reply);
    } else if (p->reply) page_answer(p, p->reply);
    else if (p->template.len) view_reply(p);
    else view_error(p);
}

/* ---- jobs ---- */

static int run_hooks(struct store_tx *tx, struct page *p, struct err *e) {
    const struct web_hooks *h = &p->web->c.hooks;
    p->who = NULL;
    p->session_true = false;
    int r = h->who ? h->who(tx, p, e) : 0;
    if (r == 0 && h->may) r = h->may(tx, p, row_now(p)->power, e);
    if (r == 0 && h->may && row_now(p) != p->route) r = h->may(tx, p, p->route->power, e);
    return r;
}

/* What came after the session had ended, under a cookie of its own. */
static int keep_form(struct store_tx *tx, struct page *p, struct err *e) {
    const struct web_hooks *h = &p->web->c.hooks;
    int r = h->who ? h->who(tx, p, e) : 0;
    if (r == 0) r = h->keep(tx, p, e);
    struct str value = crypto_base64url(p->req->arena, str_make((const char *)p->kept, PAGE_KEPT_BYTES));
    if (r == 0) page_cookie(p, str_of(PAGE_KEPT_COOKIE), value, PAGE_KEPT_S);
    return r;
}

/* The page's own work, with what was kept of it given back before or done away with afterwards. */
static int run_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct web_hooks *h = &p->web->c.hooks;
    bool form = p->route->method != HTTP_GET, kept = p->has_kept && p->phase == PAGE_ACT;
    int r = kept && !form && h->give_back ? h->give_back(tx, p, e) : 0;
    if (r == 0) r = row_now(p)->act(tx, p, e);
    return r == 0 && kept && form && p->n_faults == 0 && h->used ? h->used(tx, p, e) : r;
}

static int write_piece(struct store_tx *tx, struct page *p, struct err *e) {
    enum { PIECE_BYTES_MAX = 4 * 1024 * 1024 };
    struct buf b;
    bool last = false;
    buf_init(&b, store_arena(tx), 65536, PIECE_BYTES_MAX);
    int r = p->more(tx, p, &b, &last, e);
    if (r == 0 && !buf_ok(&b)) r = err_set(e, ERR_LIMIT, "%d", PIECE_BYTES_MAX);
    p->piece = buf_str(&b);
    p->last_piece = last;
    return r;
}

static int body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct page *p = job->arg;
    bool writes = job->queue != STORE_READ;
    p->a = store_arena(tx);
    p->now_ms = store_now_ms(tx);
    p->view = val_map(p->a);
    p->make = NULL;
    p->location = p->elsewhere = (struct str){ NULL, 0 };
    if (p->phase != PAGE_AGAIN && p->phase != PAGE_PREPARE) p->n_faults = p->n_ask_faults;
    p->n_header = 0;
    int r = p->phase == PAGE_KEEP ? keep_form(tx, p, e) : run_hooks(tx, p, e);
    bool alone = p->phase == PAGE_AGAIN && p->again == p->route; /* no page shows it: who may not send it hears no more */
    if (r == 0 && p->phase != PAGE_KEEP && !alone)
        r = p->phase == PAGE_LOOK || p->phase == PAGE_PREPARE ? p->look(tx, p, e)
            : p->phase == PAGE_PART ? p->part(tx, p, p->at_part, e)
            : p->phase == PAGE_MORE ? write_piece(tx, p, e)
                                    : run_act(tx, p, e);
    if (r == ERR_NOT_FOUND && p->web->c.hooks.missing) (void)p->web->c.hooks.missing(tx, p, &(struct err){ 0 });
    if (r == 0 && p->phase == PAGE_ACT && p->n_faults)
        r = err_set(e, p->fault[0].code, "%.*s", STR_ARG(p->fault[0].text));
    if (writes) job->result = p->location;
    return r;
}

/* In a transaction of its own after the rollback; the actor is looked up again, since the job's arena was reset. */
static int refused(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct page *p = job->arg;
    const struct web_hooks *h = &p->web->c.hooks;
    struct err ignored;
    p->a = store_arena(tx);
    p->who = NULL;
    if (h->who) (void)h->who(tx, p, &ignored);
    int r = h->refused(tx, p, &job->err, e);
    return r == 0 && p->refused_act ? p->refused_act(tx, p, e) : r;
}

static void done(struct store_job *job, enum store_outcome outcome, void *context) {
    struct page *p = job->arg;
    (void)context;
    if (p->phase == PAGE_MORE) {
        page_let(p);
        if (outcome != STORE_OK)
            LOG(LOG_WARN, "web", str_of(p->req->id), "a reply was cut off", LOG_TEXT("route", str_of(p->route->id)), LOG_ERR(&job->err));
        if (outcome == STORE_OK) http_flow_put(p->flow, p->piece, p->last_piece);
        else http_flow_fail(p->flow);
        return;
    }
    p->outcome = outcome;
    http_continue(p->req, after_job);
}

static void submit(struct page *p, enum store_queue queue) {
    struct web *w = p->web;
    bool key = p->has_key && (p->phase == PAGE_ACT || p->phase == PAGE_PART) && queue != STORE_READ;
    p->job.home = w->c.home;
    p->job.queue = queue;
    p->job.arena = p->req->job_arena;
    p->job.body = body;
    bool looks = queue == STORE_READ && !(p->judged && p->phase == PAGE_AGAIN) && w->c.hooks.notes && w->c.hooks.notes(p);
    bool notes = p->phase != PAGE_KEEP && (queue != STORE_READ || looks);
    p->job.refused = notes && w->c.hooks.refused ? refused : NULL;
    p->job.arg = p;
    p->job.has_key = key;
    p->job.result = (struct str){ NULL, 0 };
    p->job.err = (struct err){ 0 };
    (void)store_submit(w->c.store, &p->job, done, w); /* `done` runs once whatever it returns, perhaps already */
}

static void begin_act(struct page *p) {
    p->phase = PAGE_ACT;
    if (p->route->act == page_act_none && str_eq(str_of(p->route->power), S("public")) && !p->web->c.hooks.who)
        finish(p);
    else
        submit(p, p->route->method == HTTP_GET && p->route->audit != ROUTE_AUDIT_READ
                      ? STORE_READ
                      : STORE_INTERACTIVE); /* who looked is written */
}

/* The form's key with the part's number in it; twice the same gives the form's key again. */
static void mix_key(struct page *p) {
    for (size_t i = 0; i < sizeof p->at_part; i++) p->job.key[i] ^= (uint8_t)((p->at_part + 1) >> (8 * i));
}

/* The next part, or, behind the last, the act. */
static void begin_parts(struct page *p) {
    if (p->at_part == p->n_parts) {
        begin_act(p);
        return;
    }
    p->phase = PAGE_PART;
    mix_key(p);
    submit(p, STORE_INTERACTIVE);
}

static void after_part(struct page *p) {
    mix_key(p);
    if (p->err.code == ERR_LOGIN) {
        failed(p);
        return;
    }
    if (p->err.code && err_kind(p->err.code) != ERR_KIND_CALLER)
        LOG(LOG_WARN, "web", str_of(p->req->id), "a part failed", LOG_TEXT("route", str_of(p->route->id)), LOG_ERR(&p->err));
    p->part_code[p->at_part++] = p->err.code;
    p->err = (struct err){ 0 };
    p->location = (struct str){ NULL, 0 };
    begin_parts(p);
}

static void begin_rest(struct page *p) {
    p->at_part = 0;
    if (p->n_parts && !p->part_code) p->part_code = arena_array(p->req->arena, p->n_parts, sizeof *p->part_code);
    if (p->n_parts && !p->part_code) {
        (void)err_set(&p->err, ERR_MEMORY, "%s", "parts");
        failed(p);
    } else {
        begin_parts(p);
    }
}

void work_after(struct http_req *r, void *context) {
    struct page *p = r->user;
    (void)context;
    p->a = r->arena;
    if (p->phase == PAGE_PREPARE) show_again(p);
    else if (p->err.code) failed(p);
    else if (p->phase == PAGE_MAKE) finish(p);
    else begin_rest(p);
}

/* Unless there is room on the pool, where the page goes on by itself. */
static void to_pool(struct page *p) {
    if (work_put(p)) return;
    (void)err_set(&p->err, ERR_BUSY, "%s", "work");
    failed(p);
}

static void begin_work(struct page *p) {
    if (p->work) to_pool(p);
    else begin_rest(p);
}

static void begin_make(struct page *p) {
    p->phase = PAGE_MAKE;
    to_pool(p);
}

static void after_job(struct http_req *r, void *context) {
    struct page *p = r->user;
    (void)context;
    p->a = r->arena;
    rate_weigh(p);
    bool first = !p->judged;
    p->judged = true;
    switch (p->outcome) {
    case STORE_OK: break;
    case STORE_DUPLICATE: p->location = p->job.result; break;
    case STORE_CONFLICT: (void)err_set(&p->err, ERR_CONFLICT, "%s", ""); break;
    case STORE_UNKNOWN: (void)err_set(&p->err, ERR_UNKNOWN, "%s", ""); break;
    case STORE_FAILED:
    case STORE_UNAVAILABLE:
        if (p->phase != PAGE_AGAIN && p->phase != PAGE_KEEP && p->phase != PAGE_PREPARE) p->err = p->job.err;
        if (!p->err.code) (void)err_set(&p->err, ERR_STORE, "%s", "");
        break;
    }
    if (p->phase == PAGE_KEEP) {
        by_way_of(p, str_of(p->web->c.sign_in)); /* kept or not */
    } else if (p->phase == PAGE_PART) {
        after_part(p);
    } else if (p->phase == PAGE_AGAIN || p->phase == PAGE_PREPARE) {
        if (p->outcome != STORE_OK && first && p->asked && turned_away(p->job.err.code)) unjudged(p);
        else if (p->outcome != STORE_OK) view_error(p);
        else if (p->phase == PAGE_AGAIN) finish(p);
        else if (p->work) to_pool(p);
        else show_again(p);
    } else if (p->err.code) {
        failed(p);
    } else if (p->phase == PAGE_LOOK) {
        p->looked = true;
        begin_work(p);
    } else if (p->outcome == STORE_DUPLICATE && p->location.len) {
        view_redirect(p);
    } else if (p->phase == PAGE_ACT && p->make) {
        begin_make(p);
    } else {
        finish(p);
    }
}

/* ---- failure ---- */

/* The row that shows what this form stands on. */
static const struct route *form_row(const struct page *p) {
    const struct web_config *c = &p->web->c;
    for (size_t i = 0; i < c->n_rows; i++)
        if (c->rows[i].method == HTTP_GET && str_eq(str_of(c->rows[i].path), str_of(p->route->path)))
            return &c->rows[i];
    return NULL;
}

/* Errors after which the form is worth another try as it is. */
static bool again_after(int code) {
    return code != ERR_FORBIDDEN && code != ERR_NOT_FOUND && code != ERR_GONE && code != ERR_METHOD &&
           code != ERR_LOGIN && code != ERR_DEFECT;
}

/* To a page that comes first, from which the person comes back to this one. */
static void by_way_of(struct page *p, struct str path) {
    struct buf b;
    const struct route *shown = p->route->method == HTTP_GET ? p->route : form_row(p);
    struct str back = p->route->method == HTTP_GET ? p->req->target : shown ? p->req->path : page_href(p, S("/"));
    buf_init(&b, p->req->arena, 256, 16384);
    buf_add(&b, path);
    buf_add(&b, str_find_char(path, '?', 0) == SIZE_MAX ? S("?back=") : S("&back="));
    write_url_component(&b, back);
    p->location = buf_str(&b);
    view_redirect(p);
}

/* The form's page once more, or, where there is none, say alone, which sees p->err. */
static void show_again(struct page *p) {
    const struct route *shown = p->again != p->route ? p->again : NULL;
    p->phase = PAGE_AGAIN;
    if (shown || (p->asked && !p->judged)) submit(p, shown && shown->audit == ROUTE_AUDIT_READ ? STORE_INTERACTIVE : STORE_READ);
    else finish(p);
}

/* The form was refused before its own look: the page finds what it needs as when it was first shown. */
static bool prepare(struct page *p) {
    struct err ignored = { 0 };
    if (p->looked || p->again == p->route) return false;
    p->look = NULL;
    p->work = NULL;
    size_t n = p->n_faults;
    (void)p->again->ask(p, &ignored);
    p->n_faults = n; /* the form's own */
    if (!p->look) return false;
    p->looked = true;
    p->phase = PAGE_PREPARE;
    submit(p, STORE_READ);
    return true;
}

static void failed(struct page *p) {
    if (!p->err.code) p->err.code = ERR_DEFECT;
    if (err_kind(p->err.code) != ERR_KIND_CALLER)
        LOG(LOG_WARN, "web", str_of(p->req->id), "failed", LOG_TEXT("route", str_of(p->route->id)), LOG_ERR(&p->err));
    p->location = (struct str){ NULL, 0 };
    p->a = p->req->arena;
    if (p->err.code == ERR_LOGIN && p->web->c.sign_in && p->phase != PAGE_AGAIN) {
        bool form = p->route->method != HTTP_GET && p->session.len && form_row(p) && p->web->c.hooks.keep;
        if (!form || p->phase == PAGE_KEEP) {
            by_way_of(p, str_of(p->web->c.sign_in));
            return;
        }
        p->phase = PAGE_KEEP;
        os_random(p->kept, sizeof p->kept);
        submit(p, STORE_INTERACTIVE);
        return;
    }
    if (p->elsewhere.len && p->phase != PAGE_AGAIN) {
        by_way_of(p, p->elsewhere);
        return;
    }
    bool changes = p->route->method != HTTP_GET;
    if (!changes || p->phase == PAGE_AGAIN || !again_after(p->err.code)) {
        view_error(p);
        return;
    }
    const struct route *shown = form_row(p);
    p->again = shown ? shown : p->route;
    p->status = err_status(p->err.code);
    p->view = val_map(p->a);
    if (!prepare(p)) show_again(p);
}

/* After the first job of a form that had faults before it. */
static bool turned_away(int code) {
    return code == ERR_LOGIN || code == ERR_FORBIDDEN || code == ERR_NOT_FOUND || code == ERR_GONE;
}

/* To whom the form is not open, its faults are nothing; he hears what he would have heard without them. */
static void unjudged(struct page *p) {
    p->phase = PAGE_ACT;
    p->status = 0;
    p->n_faults = 0;
    p->err = p->job.err;
    failed(p);
}

/* ---- ask ---- */

void web_handle(struct http_req *r, void *context) {
    struct web *w = context;
    struct page *p = r->user;
    if (!p) {
        if (!view_asset(w, r)) http_reply(r, &(struct http_reply){ .status = 404 });
        return;
    }
    page_hold(p);
    p->in = page_read_in(p);
    int code = p->err.code; /* sent too often */
    if (code == 0 && p->route->method != HTTP_GET) code = guard_form(p, &p->err);
    if (code == 0 && p->route->method != HTTP_GET) page_read_characters(p);
    p->asked = code == 0 && p->route->method != HTTP_GET;
    if (code == 0) code = p->route->ask(p, &p->err);
    p->n_ask_faults = p->n_faults;
    if (code == 0 && p->n_faults) code = err_set(&p->err, p->fault[0].code, "%.*s", STR_ARG(p->fault[0].text));
    if (arena_overflowed(r->arena)) code = err_set(&p->err, ERR_MEMORY, "%s", "request"); /* nor does a fault stand that was found so */
    if (code) {
        p->err.code = code;
        failed(p);
    } else if (p->look) {
        p->phase = PAGE_LOOK;
        submit(p, STORE_READ);
    } else {
        begin_work(p);
    }
}

/* ---- route ---- */

static void refuse(struct page *p, int code, struct str detail) {
    page_hold(p);
    (void)err_set(&p->err, code, "%.*s", STR_ARG(detail));
    view_error(p);
}

static bool may_pass(struct page *p) {
    unsigned retry = 0;
    if (rate_passes(p, &retry)) return true;
    p->retry_s = arena_fmt(p->req->arena, "%u", retry);
    /* What was typed is worth a page's cost, as long as pages are not asked for too often as well: answered when the body was read. */
    if (p->route->method == HTTP_POST && p->route->rate != ROUTE_RATE_UPLOAD && form_row(p) && rate_page_passes(p))
        return err_set(&p->err, ERR_RATE, "%u", retry) != 0;
    refuse(p, ERR_RATE, p->retry_s);
    return false;
}

void web_route(struct http_req *r, void *context) {
    struct web *w = context;
    if (str_starts(r->path, S("/assets/"))) return; /* no page: web_handle gives the file */
    struct page *p = page_new(w, r);
    if (!p) {
        http_reply(r, &(struct http_reply){ .status = 503 });
        return;
    }
    struct route_match m = route_tree_find(w->tree, r);
    r->route = p->route = m.route;
    page_read_lang(p, m.lang);
    if (!m.route) {
        if (m.allowed) page_header(p, S("Allow"), route_allow(r->arena, m.allowed));
        refuse(p, m.allowed ? ERR_METHOD : ERR_NOT_FOUND, S(""));
        return;
    }
    if (!may_pass(p)) return;
    if (m.route->method != HTTP_GET && !guard_origin(r)) {
        refuse(p, ERR_FORBIDDEN, page_text(p, S("这次提交不是从本网站的页面发出的")));
        return;
    }
    if (m.route->kind == ROUTE_PAGE && m.route->method == HTTP_GET &&
        m.lang.len == 0) { /* the address says the language */
        p->location = ARENA_CAT(r->arena, S("/"), p->lang, str_eq(r->target, S("/")) ? S("/") : r->target);
        if (r->target.len && r->target.ptr[0] == '/') view_redirect(p);
    }
}

size_t web_body_limit(struct http_req *r, void *context) {
    const struct page *p = r->user;
    (void)context;
    return p && p->route ? p->route->body_bytes_max : 0;
}
