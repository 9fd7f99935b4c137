/* page_work: the small pool for what is slow and must be in no transaction and on no HTTP thread (Argon2id, a PDF). Bounded:
 * what does not fit is refused with ERR_BUSY instead of waiting. Invariants: a page is in the queue or with one worker;
 * web_stop finishes what is queued.
 */
#include "web/page_impl.h"

static void *run(void *cls) {
    struct web *w = cls;
    (void)pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->first && !w->stopping) (void)pthread_cond_wait(&w->ready, &w->lock);
        struct page *p = w->first;
        if (!p) break;
        w->first = p->next;
        if (!w->first) w->last = NULL;
        w->n_queued--;
        (void)pthread_mutex_unlock(&w->lock);
        if (p->phase == PAGE_MAKE) p->make(p);
        else p->work(p);
        http_continue(p->req, work_after);
        (void)pthread_mutex_lock(&w->lock);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

int work_start(struct web *w, struct err *e) {
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->ready, NULL);
    while (w->n_workers < WEB_WORKERS && pthread_create(&w->worker[w->n_workers], NULL, run, w) == 0) w->n_workers++;
    return w->n_workers ? 0 : err_set(e, ERR_MEMORY, "threads");
}

void work_stop(struct web *w) {
    (void)pthread_mutex_lock(&w->lock);
    w->stopping = true;
    (void)pthread_cond_broadcast(&w->ready);
    (void)pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < w->n_workers; i++) (void)pthread_join(w->worker[i], NULL);
    (void)pthread_cond_destroy(&w->ready);
    (void)pthread_mutex_destroy(&w->lock);
}

bool work_put(struct page *p) {
    struct web *w = p->web;
    (void)pthread_mutex_lock(&w->lock);
    bool ok = !w->stopping && bound_within(&w->work_use, w->n_queued + 1, WEB_WORK_MAX);
    if (ok) {
        p->next = NULL;
        if (w->last) w->last->next = p;
        else w->first = p;
        w->last = p;
        w->n_queued++;
        (void)pthread_cond_signal(&w->ready);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return ok;
}

void page_work_use(const struct page *p, struct bound_seen *ret) {
    struct web *w = p->web;
    (void)pthread_mutex_lock(&w->lock);
    bound_read(&w->work_use, WEB_WORK_MAX, (int64_t)w->n_queued, ret);
    (void)pthread_mutex_unlock(&w->lock);
}
