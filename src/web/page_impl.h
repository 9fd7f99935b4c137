/* page_impl (private to page*.c): the dispatcher's pieces. */
#ifndef WEB_PAGE_IMPL_H
#define WEB_PAGE_IMPL_H
#include "base/map.h"
#include "data/tpl.h"
#include "data/write.h"
#include "web/page.h"

#include <pthread.h>

enum { WEB_LANGS = 2, WEB_WORKERS = 2, WEB_WORK_MAX = 64 };

struct web_asset_file {
    struct str url, etag, media_type, bytes;
    struct str packed, packed_etag; /* in gzip (RFC 1952), made with the program; may be empty */
};
enum { WEB_KEEP_MAX = 2048, WEB_KEEP_EACH_MAX = 512 * 1024, WEB_KEEP_BYTES_MAX = 24 * 1024 * 1024 };
struct web {
    struct web_config c;
    struct arena *arena;
    struct route_tree *tree;
    struct map tpl[WEB_LANGS]; /* name -> struct tpl: zh, en */
    struct map asset_by_url, asset_by_name;
    pthread_t worker[WEB_WORKERS]; /* the pool for slow work */
    size_t n_workers;
    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct page *first, *last;
    size_t n_queued;
    struct bound work_use; /* of n_queued */
    bool stopping;
    pthread_mutex_t keep_lock;
    struct arena keep; /* of its own: pages are kept while others still use `arena` */
    struct map kept; /* key -> struct str; page_keep.c */
    size_t kept_bytes;
};

/* page_view.c */
int view_load(struct web *w, struct err *e);
void view_reply(struct page *p); /* template -> reply */
void view_error(struct page *p); /* the error page for p->err */
void view_redirect(struct page *p);
bool view_render(struct page *p, struct str template, struct str *ret); /* p->view as markup */
/* page_keep.c */
void keep_init(struct web *w);
void keep_done(struct web *w);
bool view_asset(struct web *w, struct http_req *r); /* answers a request below /assets/ */
struct page *page_new(struct web *w, struct http_req *r);
void page_answer(struct page *p, struct http_reply *reply); /* adds p->header, counts, replies */
void page_read_lang(struct page *p, struct str from_path);
/* page.c */
void page_hold(struct page *p); /* once, whoever asks */
void page_let(struct page *p);
/* page_read.c */
struct val *page_read_in(struct page *p); /* name -> text, or a list where a name came twice */
void page_read_characters(struct page *p); /* faults at fields with what people cannot read; it is marked */
/* page_guard.c */
bool guard_origin(const struct http_req *r);
struct str guard_token(struct page *p); /* sets the visitor cookie where there is none */
int guard_form(struct page *p, struct err *e); /* token and key of a form */
/* page_rate.c */
bool rate_passes(const struct page *p, unsigned *retry_s); /* counts one request of its row's class; false: 429 */
bool rate_page_passes(const struct page *p);               /* and a page besides */
void rate_weigh(const struct page *p); /* after a job: whether the session is true, and what was tried was right */
/* page_work.c */
int work_start(struct web *w, struct err *e);
void work_stop(struct web *w);
void work_after(struct http_req *r, void *context); /* page.c: goes on when the work is done */
bool work_put(struct page *p); /* false: the queue is full */
#endif
