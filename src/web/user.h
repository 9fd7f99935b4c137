/* user: who is looking, as pages need it: the actor with what the frame shows (name, unread messages, menu). */
#ifndef WEB_USER_H
#define WEB_USER_H
#include "engine/access/access.h"
#include "web/page.h"

struct user {
    struct actor actor; /* first: page->who points here */
    int64_t unread;
};
/* The page's user; never NULL inside act and say. actor.account is 0 when nobody is signed in. */
const struct user *user_of(const struct page *p);
/* Where this person's work begins: "/desk", "/desk/registry", "/window", "/halls", "/admin/drafts", "/desk/supervision",
 * "/admin/users", "/admin/audit" or "/space". */
struct str user_home(const struct page *p, const struct actor *who);
enum { PASSWORD_BYTES_MAX = 256 };
/* What is asked of every new password, on whichever page: faults at the fields "password" and "password-again". */
void user_new_password(struct page *p, struct str label);
/* Hook `view`: puts user {name, on_behalf, unread, staff, signed_in} and menu [{title, href, current}] into the view. */
void user_view(struct page *p);
/* Reads the whole audit log and checks it against the key that signs its heads; on the pool (p->work). */
struct audit_report;
int page_audit_verify(const struct page *p, struct audit_report *report, struct err *e);
/* The public key of the audit log's heads, SubjectPublicKeyInfo in DER. */
struct str page_head_key(const struct page *p);
/* The realm behind the page. */
const struct realm *page_realm(const struct page *p);
/* On the pool (page.h, `make`): paper_tree_write's message as a PDF, unsigned; `ret` is in `a`. Errors of press_set, or ERR_BUSY. */
int page_press(const struct page *p, struct arena *a, struct str message, struct str *ret, struct err *e);
/* Is this a demonstration, where the demo accounts may sign in? */
bool page_demo(const struct page *p);
/* A paper bound to its view and set, not signed; on the pool (p->work). `mark`: printed across every page, if not empty. */
struct paper;
int page_pdf(const struct page *p, const struct paper *paper, const struct val *view, int64_t made_ms,
             struct str mark, struct arena *a, struct str *ret, struct err *e);
/* What every page announces of an upkeep (engine/upkeep); false: nothing. As this node last read it. */
struct upkeep;
bool page_upkeep(const struct page *p, struct upkeep *ret);
/* The streams of pages that stand open; NULL where nothing is served live. */
struct live;
struct live *page_live(const struct page *p);
/* Any stored release, compiled; NULL with `e`. On the pool (p->work): it may have to be read and compiled. */
const struct system *page_release(const struct page *p, int64_t release, struct err *e);
/* The session was seen: written soon, outside this request. */
void page_touch(const struct page *p, int64_t session);
#endif
