/* portal: the citizen's and company's pages; see http/route.h for what a row is, web/page.h for what its functions share. Each chapter is a
 * file with its rows' functions; portal.c holds the table and what the chapters share.
 */
#ifndef WEB_PORTAL_H
#define WEB_PORTAL_H
#include "engine/item/item.h"
#include "web/page.h"

struct paper;
extern const struct route portal_routes[];
extern const size_t portal_n_routes;

/* ---- what the chapters share; views are in p->a ---- */
/* The page's title in <title> (the site's name is added; "错误：" in front after a refused form) and as view.title. */
void portal_title(struct page *p, struct str title);
/* One more of the way here; an empty path for the page itself. */
void portal_crumb(struct page *p, struct str title, struct str path);
/* The form's last row: its button, "save and continue later", where "cancel" leads (empty: none). All texts Chinese sources. */
void portal_form(struct page *p, struct str submit, bool later, struct str cancel);
/* A parameter of the path as an id; ERR_NOT_FOUND if it is none. */
int portal_id(struct page *p, const char *name, int64_t *ret, struct err *e);
/* The case {case} of the path within the actor's reach for `power`. */
/* The token of a power as far as the person, or the company acted for, gives it: posts give nothing here. */
int portal_own(struct page *p, const char *power, struct scope_token *ret, struct err *e);
/* Does it give it at all? What a standing leaves out (access.h) is offered nowhere. */
bool portal_may(struct page *p, const char *power);
int portal_case(struct store_tx *tx, struct page *p, const char *power, struct item_case *ret, struct err *e);
/* Hook `missing`: is the path's case or paper the reader's own in another standing (himself, or a company that he may act for)? Then
 * the way leads through choosing that one (B3). */
int portal_standing_of(struct store_tx *tx, struct page *p, struct err *e);
/* Is a paper of this case among the matters that the actor acts in? */
bool portal_paper_matter(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id);
/* The standings that the reader may take besides the present one: view.others [{name, href}], coming back to this page. */
int portal_standings_put(struct store_tx *tx, struct page *p, struct err *e);
/* Hook `limit`: how large a file of the path's material may be. */
struct str portal_limit(struct page *p);
/* The item {item} of the path among the active systems; ERR_NOT_FOUND. */
int portal_item(struct page *p, const struct system **m, const struct item_type **t, struct err *e);
/* state {kind, text} for the partial `tag`, from a view's tone and text. */
void portal_state(struct page *p, struct val *v, struct str tone, struct str text);
/* The rail of a view (list of {title, state, date}) as markup under view.rail; `own`: the reader is the applicant. */
void portal_rail(struct page *p, const struct val *steps, bool own);
/* A QR code of our own address `path` as markup; empty when it cannot be made. */
struct val *portal_qr(struct page *p, struct str path, struct str label);
/* A map for reading on: "title", "text"... in p->a, hung into the view. */
struct val *portal_put_map(struct page *p, struct str key);
/* An empty list's words and way on. Chinese sources; path empty: no link. */
void portal_empty(struct page *p, struct str title, struct str text, struct str path, struct str link);
/* "/case/7" with a tail. */
/* The answers of an item's `check` that came along in the address or a form, as a map; and as "&kinds=1&area=60" behind an address. */
/* blank_href and sample_href of a guide's materials or parts. */
void portal_paper_hrefs(struct page *p, struct val *list, struct str item);
struct val *portal_checked(struct page *p, const struct item_type *t);
struct str portal_checked_query(struct page *p, const struct item_type *t, const struct val *answers);
/* What the browser says it is, in a word that is kept with the session ("chrome/android"), from the request's own arena. */
struct str portal_device(struct page *p);
/* A message to who has just signed in from a device that the account was never signed in from. */
int portal_device_tell(struct store_tx *tx, struct page *p, const struct actor *who, struct str device, struct err *e);
/* The way to say that a datum of a registry is wrong, as a question's `from` names it; empty where the reader has none. */
struct str portal_dispute_href(struct page *p, const struct system *m, struct str from);
struct audit_row;
/* What was done, of one entry of the log: {at, what, why} in the reader's language. */
struct val *portal_done_row(struct store_tx *tx, struct page *p, const struct audit_row *row);
/* The menu beside the pages of one's own space; `here` is the page's path. */
void portal_side(struct page *p, const char *here);
/* Behind a page of the draft or a file that was just given: what comes next for this person. `page`: the question page, or empty. */
struct str portal_onward(struct page *p, struct store_tx *tx, int64_t id, struct str page);
/* ---- an application's pages (fill.c, entry.c) ---- */
/* Behind "save and continue later". */
struct str portal_later(struct page *p, int64_t id);
/* The draft, or with `supplement` a case that waits for one; elsewhere p->location says where it is now: the case's own page, or B4. */
int portal_draft(struct store_tx *tx, struct page *p, bool supplement, struct item_case *c,
                 struct val **prefill, struct err *e);
int portal_page_of(struct store_tx *tx, struct page *p, struct item_case *c, struct val **prefill,
                   const struct form_page **ret, struct err *e);
/* known, fields, heading and lead of a page of questions. */
void portal_put_questions(struct page *p, const struct item_case *c, const struct form_page *fp,
                          const struct val *answers, const struct val *prefill);
/* What was saved, with what was just typed laid over it when the form comes again. */
struct val *portal_answers_shown(struct page *p, const struct val *saved, const struct form_page *fp);
void portal_put_seen(struct page *p, struct str now);
void portal_put_conflict(struct page *p, const struct item_case *c, const struct form_page *fp,
                         const struct val *theirs, const struct val *mine);
void portal_put_entries(struct page *p, const struct item_case *c, const struct form_page *fp);
/* The paper of a submitted case's receipt, where its release has one. */
const struct paper *portal_receipt_of(const struct item_case *c);
/* Each wrong field's sentence; what the system's own words say is put into the reader's language first. */
void portal_note_faults(struct store_tx *tx, struct page *p, int64_t id, const struct val *errors);
/* change_href of every page and upload_href of every material of item_case_view that may be changed now, empty for the others;
 * `from`: where the change leads back. */
void portal_mark_changes(struct store_tx *tx, struct page *p, const struct item_case *c, const struct val *view,
                         const char *from);
struct str portal_case_path(struct page *p, int64_t id, struct str tail);
/* Is all that the reader reaches this one draft (resume.c)? Then what registries say is shown masked. */
bool portal_draft_alone(const struct page *p);
void portal_mask_known(struct page *p, struct val *known);
/* Where the field "back" leads, if that is a page of ours. */
struct str portal_back(struct page *p, struct str otherwise);
/* The questions of a rating: view.field, groups, words; what was sent of them, and its faults. */
void portal_put_levels(struct page *p, const struct item_case *c);
struct item_rating portal_rating(struct page *p);
void portal_rating_faults(struct page *p, int rc, const struct val *errors);
bool portal_again(const struct page *p); /* is this the form once more, after it was refused? */
/* Fills the named places of a translated sentence with one value. */
struct str portal_fill(struct page *p, struct str chinese, struct str name, struct str value);
/* How a message left: `sent` of its view, as partial portal/sent wants it. */
int portal_put_sent(struct store_tx *tx, struct page *p, struct val *message, struct err *e);
/* Marks every case of a list with state {kind, text}, href and can_fill; can_supplement only where the reader may. */
void portal_mark_cases(struct page *p, struct val *cases);
/* The same for papers: state, dates as text, file_href, verify_href. */
void portal_mark_papers(struct page *p, struct val *papers);
/* A question in words for who is not signed in: view.challenge {question, proof}, sent back as `challenge` with `answer`. `word`: of the
 * other kind. */
void portal_challenge_put(struct page *p, bool word);
/* Is the answer right? Its nonce is to be noted as used. */
bool portal_challenge_right(struct page *p, struct str *ret_nonce);
/* What people read for a paper's state; a decision or a notice is not valid or expired, it was issued. */
struct str portal_paper_state(struct page *p, struct str state, bool licence, struct str *tone);
/* 32 random bytes for a session, in the request's arena, and the cookie's value for them. */
struct portal_token {
    uint8_t v[32];
};
void portal_token_draw(struct portal_token *t);
void portal_token_cookie(struct page *p, const struct portal_token *t);

/* ---- the rows' functions ---- */
route_act resume_act, resume_post_act, resume_code_act, resume_code_post_act;
route_ask resume_post_ask, resume_code_ask;
route_say resume_say, resume_post_say, resume_code_say, resume_code_post_say;
route_act home_act, search_act, guide_act, progress_act, progress_post_act, progress_shown_act, settings_act;
route_act sign_in_act, sign_in_post_act, sign_out_act, sign_out_post_act, identity_act, identity_post_act,
    password_act, password_post_act;
route_act mandates_act, mandates_file_act, mandates_held_act, mandates_held_file_act, mandate_new_act, mandate_new_post_act, mandate_act,
    mandate_post_act, mandate_end_act, mandate_end_post_act;
route_act appointments_act, appointments_file_act, appointment_act, appointment_post_act;
route_say appointments_say, appointment_say;
route_ask mandate_new_ask;
route_say mandates_say, mandates_held_say, mandate_new_say, mandate_say, mandate_end_say;
route_act devices_act, devices_post_act;
route_say devices_say;
route_act show_act;
route_say show_say;
route_act rate_code_act, rate_code_post_act;
route_say rate_code_say;
route_act data_act, materials_act, materials_file_act;
route_say data_say, materials_say;
route_act eligible_act, eligible_post_act, eligible_result_act;
route_ask eligible_ask;
route_say eligible_say, eligible_result_say;
route_act start_act, start_post_act, tasks_act, question_act, question_post_act, draft_post_act, material_act, material_post_act, file_act;
route_act consent_act, consent_post_act, entry_act, entry_post_act, entry_remove_act, entry_remove_post_act;
route_act check_act, check_post_act, done_act;
route_act case_act, supplement_act, supplement_post_act, withdraw_act, withdraw_post_act, rate_act, rate_post_act, paper_act;
route_act space_act, cases_act, cases_file_act, licences_act, licences_file_act, messages_act, messages_file_act, messages_post_act;
route_act access_log_act, contacts_act, contacts_post_act;
route_act verify_act, verified_act;
route_ask receipt_ask, guide_form_ask, guide_sample_ask;
route_say receipt_say, guide_paper_say;
route_ask progress_post_ask, sign_in_ask, sign_in_post_ask, identity_post_ask, password_post_ask,
    settings_ask, contacts_ask, draft_ask, question_ask, material_ask;
route_say home_say, search_say, guide_say, progress_say, progress_shown_say, settings_say, sign_in_say,
    sign_in_post_say, sign_out_say, sign_out_post_say, identity_say, identity_post_say, password_say, start_say, tasks_say,
    question_say, draft_say, material_say, file_say, check_say, done_say, case_say, supplement_say,
    withdraw_say, rate_say, paper_say, space_say, cases_say, licences_say, messages_say, contacts_say, access_log_say,
    verify_say, verified_say, progress_post_say, consent_say, entry_say, entry_remove_say;
#endif
