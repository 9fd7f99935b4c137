/* page: one request's way over a route's three functions (ARCHITECTURE.md, "One request's way").
 *
 *   web_route   headers only: row found (404 405), origin of what changes (403), rate (429), language (redirect)
 *   web_handle  body read: CSRF token, idempotency key, then
 *     ask   on the HTTP thread, no store: reads and checks p->in, notes faults with page_fault
 *     look  (optional, set by ask) a READ job
 *     work  (optional, set by ask or look) on the small pool, for what is slow: passwords
 *     parts (optional, set by ask) who -> may -> part, a job for each of a list
 *     who -> may -> act   in one job: READ for GET (INTERACTIVE where the row audits reads), INTERACTIVE with
 *           the form's key for the rest
 *     make  (optional, set by act) on the small pool, for what is slow and made of what act found: a PDF
 *     say   on an HTTP thread, after it is durable: fills p->view and p->template, or p->location (303), or p->reply
 *     more  (optional, set by act) while the reply is sent: a READ job for each piece of it
 *
 * What goes wrong
 *   ERR_LOGIN        -> 303 to the sign-in page with the way back; what a form held is kept (hook `keep`, a job of
 *                       its own) and given back to the same person on the same page (hook `give_back`): p->in is then
 *                       as sent, and page_again is true
 *   ERR_NOT_FOUND    -> where the thing is the reader's in another standing: 303 to choosing that, with the way back
 *   refused by `may` -> where something must be done first (a password of one's own): 303 there, with the way back
 *   a form sent too often -> the form again with what was typed, 429; an upload or a page: the error page
 *   a refused form   -> the page of the same path (its GET row's act and say; its ask, look and work before, where the form's own look
 *                       had not been run) again, with the error's status, the
 *                       faults in the view and p->in as sent; where there is no such row, this row's say with p->err
 *   everything else  -> the error page (A24): what happened, what to do next, the request id
 *
 * Invariants
 *  1. p->a is the arena of the stage: the request's in ask, work and say, the job's in look and act; what look finds
 *     for act goes into p->req->arena, since the job's is reset between them. What ask left in p->in stays; what act
 *     makes (view, who, location) is made anew when the job runs again.
 *  2. act has no effect outside its transaction; ask and say have none in the store.
 *  3. A change needs: Sec-Fetch-Site same-origin or none if sent, Origin equal to ours if sent, and the token bound
 *     to the browser's session cookie (or, before sign-in, to its visitor cookie).
 *  4. The same key with the same form, twice: one effect, and both are answered with the first one's location.
 *
 * The view, beside what the page puts there: page {lang, lang_href, lang_title, lang_code, css_href, js_href,
 * site_href, theme, large}, form {csrf, key, action} where the path has a row that takes a form or say called
 * page_form, errors [{href, text}], error {field: text}, problem {title, text, code, request_id} for an error that
 * belongs to no field, in {field: as sent}.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H
#include "crypto/crypto.h"
#include "data/po.h"
#include "http/http.h"
#include "http/metrics.h"
#include "http/rate.h"
#include "http/route.h"
#include "store/store.h"

struct app;   /* app/: what the engines need */
struct actor; /* engine/access: who does it */
struct web;
struct page;

enum { PAGE_FAULTS_MAX = 64, PAGE_HEADERS_MAX = 8, PAGE_BYTES_MAX = 2 * 1024 * 1024 };
enum page_phase { PAGE_LOOK, PAGE_PART, PAGE_ACT, PAGE_MAKE, PAGE_PREPARE, PAGE_AGAIN, PAGE_KEEP, PAGE_MORE };
enum { PAGE_KEPT_BYTES = 32 };

struct page_fault {
    struct str field; /* its id in the page */
    int code;
    struct str text;  /* in the reader's language */
};

struct page {
    struct http_req *req;
    struct arena *a;
    struct web *web;
    struct app *app;
    const struct route *route;
    struct str lang;              /* "zh" or "en" */
    struct str session;           /* value of the session cookie; empty: none */
    const struct actor *who;      /* set by the `who` hook in the job; NULL: nobody */
    bool session_true;            /* set by it as well: `session` opens one */
    struct val *in;               /* field -> text, or list of texts where a name came twice */
    struct val *view;
    struct str template;          /* "portal/home" for src/web/portal/home.html */
    struct str location;          /* "/case/7": the language goes in front */
    struct str elsewhere;         /* set by the hooks `missing`, `may`: where to go first; the way back is added */
    int status;                   /* 0: 200 */
    struct str retry_s;           /* Retry-After; empty: none */
    struct err err;               /* when the page is shown again, or on the error page */
    struct page_fault fault[PAGE_FAULTS_MAX];
    size_t n_faults, n_ask_faults;
    struct http_field header[PAGE_HEADERS_MAX]; /* extra fields of the reply: page_header */
    size_t n_header;
    struct http_reply *reply;     /* instead of a template: files */
    uint64_t held;                /* by the hook; 0: nothing */
    bool taken;                   /* say opened an event stream */
    route_act *look;
    void (*work)(struct page *p); /* may set p->err.code to refuse */
    void (*make)(struct page *p); /* likewise; what act leaves for it is in the request's arena */
    /* (optional, set by ask) before act, `part` runs n_parts times, each in a transaction of its own under a key made of the
     * form's: one that is refused does not stop the others. What became of each: part_code, 0 or the error. */
    int (*part)(struct store_tx *tx, struct page *p, size_t i, struct err *e);
    size_t n_parts, at_part;
    int *part_code;               /* n_parts of them, in the request's arena */
    /* (optional, set by act; say then sets p->reply without a body) writes the reply's next piece into `b`, in a READ job of its own with
     * who and may before it, until it sets *last. What it keeps between its runs is in p->own, in the request's arena. */
    int (*more)(struct store_tx *tx, struct page *p, struct buf *b, bool *last, struct err *e);
    route_act *refused_act;       /* with the hook `refused`, in its transaction: what this page counts of a refusal */
    void *own;                    /* the page's */
    int64_t now_ms;               /* the job's time, from act on */
    bool has_key;
    uint8_t kept[PAGE_KEPT_BYTES]; /* names what this browser sent after its session had ended */
    bool has_kept, given_back, files_lost;
    /* private to page.c */
    struct store_job job;
    enum store_outcome outcome;
    enum page_phase phase;
    const struct route *again;    /* the row that shows the form once more */
    bool wants_form;
    bool looked;                  /* p->look ran: p->own is what act expects */
    bool asked, judged;           /* the form is our own page's; hooks were asked whether this may be done, or a job ran at all */
    struct page *next;            /* in the pool's queue */
    struct http_flow *flow;
    struct str piece;
    bool last_piece;
};

/* Inside the job, in this order; each may be NULL (tests). */
struct web_hooks {
    /* what the application holds for a page while it is made, or for a piece of its reply; the second gives it back */
    uint64_t (*hold)(const struct page *p);
    void (*let)(const struct page *p, uint64_t held);
    int (*who)(struct store_tx *tx, struct page *p, struct err *e); /* p->session -> p->who; nobody is no error */
    /* "public" must pass; may set p->elsewhere and refuse */
    int (*may)(struct store_tx *tx, struct page *p, const char *power, struct err *e);
    /* Is a refused look at this page noted as well, though it writes nothing? What changes is always noted. */
    bool (*notes)(const struct page *p);
    /* after ERR_NOT_FOUND, in the same transaction: may set p->elsewhere ("/identity?for=7", in the request's arena) */
    int (*missing)(struct store_tx *tx, struct page *p, struct err *e);
    /* a transaction of its own */
    int (*refused)(struct store_tx *tx, struct page *p, const struct err *why, struct err *e);
    /* A form that came after its session had ended, to be kept under p->kept; ERR_LOGIN, ERR_LIMIT: it is not. */
    int (*keep)(struct store_tx *tx, struct page *p, struct err *e);
    /* Before the act of a GET with p->has_kept: what was kept of this page into p->in, p->given_back. No error if nothing. */
    int (*give_back)(struct store_tx *tx, struct page *p, struct err *e);
    /* After the act of a form with p->has_kept: it is no longer needed. */
    int (*used)(struct store_tx *tx, struct page *p, struct err *e);
    /* the limit that a person should keep to on this page, "10 MB"; empty: the route's own */
    struct str (*limit)(struct page *p);
    /* what the program's own texts lack, in the reader's language: the words of systems; may give back what it got */
    struct str (*words)(struct page *p, struct str chinese);
    void (*view)(struct page *p); /* on the HTTP thread before rendering: user, menu, footer */
};
struct web_file {
    struct str path, bytes; /* "src/web/portal/home.html", "assets/style.css" */
};
struct web_config {
    struct app *app;
    struct store *store;
    struct home_id home;
    const struct keyring *keys;
    const struct route *rows; /* route_check is run */
    size_t n_rows;
    const struct web_file *files;
    size_t n_files;
    const struct po *en;      /* English of the program's texts */
    struct web_hooks hooks;
    const char *sign_in;      /* path without language: "/sign-in" */
    struct rate *rate;        /* NULL: no limits (tests) */
    struct metrics *metrics;  /* NULL: none */
};
/* Compiles every template in every language and names the assets. Lives in `a`, as must all that the config points to.
 * ERR_SYSTEM, ERR_SYNTAX with file and line. web_stop ends its pool, after http_stop. */
int web_new(struct arena *a, const struct web_config *c, struct web **ret, struct err *e);
void web_stop(struct web *w);
/* For struct http_config; `context` is the struct web. */
void web_route(struct http_req *r, void *context);
size_t web_body_limit(struct http_req *r, void *context);
void web_handle(struct http_req *r, void *context);
void web_refusal(struct http_req *r, int status, struct http_reply *reply, void *context);
/* "/assets/style.1f2e....css" for "style.css"; empty if there is none. */
struct str web_asset(const struct web *w, struct str name);

/* ---- for pages ---- */
/* Is this the form once more, refused or given back after signing in? Then p->in is what was typed. */
bool page_again(const struct page *p);
/* A field's fault, with the sentence of `code` and `detail` filled in; returns `code`, so: return page_fault(...).
 * Faults noted in ask or act refuse the form, whatever the function returns. */
int page_fault(struct page *p, struct str field, int code, struct str detail);
/* What a field is called on the page, in the reader's language: the line of the error summary names it. */
void page_label(struct page *p, struct str field, struct str label);
/* What is wrong with a field, in the words of the error summary, or nothing; after page_label. */
struct str page_fault_text(struct page *p, struct str field);
/* The text in the reader's language. */
struct str page_text(const struct page *p, struct str chinese);
/* The same of a text that is made already, such as a finding of a check (po_said). */
struct str page_said(struct page *p, struct str chinese);
/* The whole sentence of an error. */
struct str page_error_text(struct page *p, int code, struct str detail);
struct str page_in(const struct page *p, struct str field); /* text of a field as sent; the first if several */
void page_header(struct page *p, struct str name, struct str value); /* both must live until the reply */
/* Set-Cookie under the house's rules (http/cookie.h). */
void page_cookie(struct page *p, struct str name, struct str value, int64_t max_age_s);
/* This page has a form that posts to `action` (empty: its own path). */
void page_form(struct page *p, struct str action);
/* A link in the reader's language: "/zh" + path. */
struct str page_href(struct page *p, struct str path);
/* The row that shows the page at this path, with or without language, and what its parameters are; false: there is none. */
struct page_place {
    const struct route *route;
    struct http_req req;
};
bool page_place(const struct page *p, struct str path, struct page_place *ret);
struct str page_place_param(const struct page_place *at, struct str name);
/* What is the same for every reader, made once and kept (page_keep.c), under a key that names all it depends on: the
 * release's id, the language. Nothing that a person said or may see alone. False, empty: it is to be made. */
bool page_kept(struct page *p, struct str key, struct str *ret);
void page_keep(struct page *p, struct str key, struct str bytes);
/* `template` over the view as markup, kept. Without the frame's `page` and `form`. */
struct val *page_keep_markup(struct page *p, struct str key, struct str template);
/* A QR code of `text` as markup for a view; empty if it cannot be made. `shared`: of a page that many
 * see alike: kept. */
struct val *page_qr(struct page *p, struct str text, struct str label, bool shared);
/* What the server counts; NULL where nothing is. */
const struct metrics *page_metrics(const struct page *p);
/* How near its limit the pool for slow work (passwords) came; and a class of requests: false where nobody is limited. */
void page_work_use(const struct page *p, struct bound_seen *ret);
bool page_rate_use(const struct page *p, enum route_rate class, struct bound_seen *ret);
/* The empty columns of a route: nothing to ask, to do, to say. */
int page_ask_none(struct page *p, struct err *e);
int page_act_none(struct store_tx *tx, struct page *p, struct err *e);
int page_say_none(struct page *p, struct err *e);
extern const char PAGE_SESSION_COOKIE[], PAGE_VISITOR_COOKIE[], PAGE_KEPT_COOKIE[];
#endif
