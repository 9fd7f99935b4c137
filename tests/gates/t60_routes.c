/* t60_routes: every row of the route table that changes something, asked over HTTP until it is done, and
 * every row that shows a person's data: what entry it leaves. Generated from the table: a row of neither
 * list below fails.
 *
 * TO ADD A ROUTE: 1. one that changes (POST): a line in `steps`, where in the story it can succeed, with the
 * kind of object its entry must name; 2. one that shows personal data (audit READ): a line in `steps` too;
 * 3. one that shows a case's or a person's data and leaves no entry: a line in `quiet`, with the reason.
 * Invariant: an entry is found by its request's id alone, and the object is what the address names.
 */
#include "t60.h"

#include "app/message_fixture.h"
#include "app/routes.h"
#include "app/site_fixture.h"
#include "engine/audit/audit.h"
#include "engine/deputy/deputy.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/item/item_handover.h"
#include "engine/item/item_resume.h"
#include "engine/record/record.h"
#include "engine/saved/saved.h"
#include "http/http_test_client.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VISITORS = 20, ENTRIES = 64 };
/* SOMEBODY: the entry tells whose data it was. NO_ENTRY: nothing is changed or shown yet; the step says why. */
enum subject { NO_ONE, SOMEBODY, NO_ENTRY };

/* A person whom the registry does not have yet, and where a registrar knows things from. */
#define SOURCE "&source=本人申报"
#define REGISTERED \
    "citizen_id=120101199003070005&name=样新生&sex=1&birth_date-year=1990&birth_date-month=3&birth_date-day=7&division=120101" \
    "&phone=13800000001" SOURCE

#define PHONE "13800000042"
#define TWO_DAYS "from-year=2026&from-month=11&from-day=16&until-year=2026&until-month=11&until-day=17&reason=出差"
#define EDIT_FORM "/admin/draft/{id}/form/{form}"
#define EDIT_SECTION "/admin/draft/{id}/item/{item}/{section}"

#define STEP(m, r, w, p, f, k, ...) { .method = m, .route = r, .who = w, .path = p, .fields = f, .kind = k, __VA_ARGS__ }

/* In order. `prepare` is played first, steps of a scenario. {case}, {task}, {file}, {paper}, {account}, {colleague}, {post},
 * {visitor}, {citizen}, {slot} (the first that may be booked), {last-slot} (of its day), {booking}, {arrived} (its time has come),
 * {release}, {record}, {number}, {tail}, {draft-number}, {code} (that was sent), {version}, {seen} in path and fields are those of the story. */
static const struct step {
    const char *method, *route, *who, *path, *fields, *kind;
    enum subject subject;
    const char *element;         /* the task that {task} and {version} are from now on */
    const char *item, *prepare;  /* `item`: begins a story of its own */
} steps[] = {
    STEP("POST", "/sign-in", "-", "/sign-in", "login=citizen&password=tongban-demo-2026", "session"),
    STEP("POST", "/identity", "company", "/identity", "for={company}", "session"),
    /* What was answered becomes an address; nothing is kept. */
    STEP("POST", "/guide/{item}/check", "company", "/guide/restaurant/check",
      "who=company&kinds=1&area=60&uses_gas=no&outdoor_sign=no", "item", .subject = NO_ENTRY),
    STEP("POST", "/apply/{item}", "company", "/apply/restaurant", "", "case", .subject = SOMEBODY),
    STEP("POST", "/case/{case}/consent", "company", "/case/{case}/consent", "decision=agree", "case", .subject = SOMEBODY, .item = "restaurant",
         .prepare = CITY_SHOP_APPLY CITY_BIG_SHOP("120101")
          "  - {who: company, do: add, page: handlers, with: {name: 样三, certificate: JK-1, duty: '1'}}\n"),
    STEP("POST", "/case/{case}/fill/{page}", "company", "/case/{case}/fill/company", "shop_name=津样", "case", .subject = SOMEBODY),
    STEP("POST", "/case/{case}/fill/{page}/draft", "company", "/case/{case}/fill/company/draft", "shop_name=津样小馆", "case", .subject = SOMEBODY),
    STEP("POST", "/case/{case}/fill/{page}/entry/{entry}", "company", "/case/{case}/fill/handlers/entry/1",
      "name=样四&certificate=JK-2&duty=1", "case", .subject = SOMEBODY),
    STEP("POST", "/case/{case}/fill/{page}/entry/{entry}/remove", "company", "/case/{case}/fill/handlers/entry/1/remove", "", "case", .subject = SOMEBODY),
    /* On another device: by the draft's number and a code to the phone that is verified. */
    STEP("POST", "/resume", "another device", "/resume", "number={draft-number}&phone=" PHONE, "case", .subject = SOMEBODY),
    STEP("POST", "/resume/{number}", "another device", "/resume/{draft-number}", "code={code}", "case", .subject = SOMEBODY),
    STEP("POST", "/case/{case}/material/{material}", "company", "/case/{case}/material/floor-plan", NULL, "material", .subject = SOMEBODY),
    STEP("POST", "/case/{case}/check", "company", "/case/{case}/check", "declared=yes", "case", .subject = SOMEBODY),
    STEP("GET", "/desk/task/{id}", "window", "/desk/task/{task}", NULL, "task", .subject = SOMEBODY, .element = "intake"),
    STEP("POST", "/desk/task/{id}/claim", "window", "/desk/task/{task}/claim", "", "task", .subject = SOMEBODY),
    STEP("POST", "/desk/task/{id}/release", "window", "/desk/task/{task}/release", "", "task", .subject = SOMEBODY),
    STEP("POST", "/desk/task/{id}", "window", "/desk/task/{task}", "move=supplement&opinion=请补正&basis=清单&version={version}", "task", .subject = SOMEBODY),
    STEP("POST", "/case/{case}/supplement", "company", "/case/{case}/supplement", "note=已补正", "case", .subject = SOMEBODY),
    STEP("GET", "/desk/task/{id}/clock", "food", "/desk/task/{task}/clock", NULL, "task", .subject = SOMEBODY, .element = "food_review",
         .prepare = "  - {who: window, do: decide, task: intake, move: accept}\n"
                    "  - {who: food, do: decide, task: survey, move: pass}\n" CITY_BIG_SURVEYED),
    STEP("POST", "/desk/task/{id}/clock", "food", "/desk/task/{task}/clock",
      "do=hold&reason=inspection&note=检验&until-year=2026&until-month=11&until-day=27", "task", .subject = SOMEBODY),
    STEP("GET", "/desk/task/{id}/material/{file}", "food", "/desk/task/{task}/material/{file}", NULL, "material", .subject = SOMEBODY),
    STEP("GET", "/desk/task/{id}/hand", "food", "/desk/task/{task}/hand", NULL, "task", .subject = SOMEBODY),
    STEP("POST", "/desk/task/{id}/hand", "food", "/desk/task/{task}/hand", "act=copy&to={colleague}", "task", .subject = SOMEBODY),
    STEP("POST", "/desk/task/{id}/urge", "window", "/desk/task/{task}/urge", "text=请抓紧", "task", .subject = SOMEBODY),
    STEP("POST", "/desk/deputies/new", "food", "/desk/deputies/new", "to={colleague}&" TWO_DAYS, "deputy"),
    STEP("POST", "/desk/deputy/{deputy}", "food2", "/desk/deputy/{deputy}", "answer=accept", "deputy"),
    STEP("POST", "/desk/task/{id}/take", "food2", "/desk/task/{task}/take", "version=-1", "task", .subject = SOMEBODY,
         .prepare = "  - {who: food, do: claim, task: food_review}\n"),
    STEP("GET", "/desk/for/export", "food2", "/desk/for/export", NULL, "task"),
    STEP("POST", "/desk/deputy/{deputy}/end", "food", "/desk/deputy/{deputy}/end", "", "deputy"),
    STEP("POST", "/desk/deputies/unit/new", "head", "/desk/deputies/unit/new", "of={absent}&to={colleague}&" TWO_DAYS, "deputy"),
    STEP("GET", "/desk/deputies/unit/export", "head", "/desk/deputies/unit/export", NULL, "deputy"),
    STEP("GET", "/desk/case/{case}", "food", "/desk/case/{case}", NULL, "case", .subject = SOMEBODY),
    STEP("POST", "/desk/case/{case}/follow", "food", "/desk/case/{case}/follow", "follow=on", "case", .subject = SOMEBODY),
    STEP("GET", "/desk/followed/export", "food", "/desk/followed/export", NULL, "case"),
    STEP("GET", "/desk/begun/export", "window", "/desk/begun/export", NULL, "case"),
    STEP("POST", "/case/{case}/withdraw", "company", "/case/{case}/withdraw", "reason=不办了", "case", .subject = SOMEBODY),
    STEP("GET", "/desk/batch", "police", "/desk/batch?task={task}", NULL, "task", .subject = SOMEBODY, .element = "confirm", .item = "residence-proof",
         .prepare = "  - {who: citizen, do: apply, item: residence-proof}\n"
                 "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"
                 "  - {who: citizen, do: submit}\n"),
    /* What was typed goes on sealed; the look at what it finds is the entry. */
    STEP("POST", "/desk/find", "police", "/desk/find", "q=jzzm", "case", .subject = NO_ENTRY),
    STEP("GET", "/desk/find", "police", "/desk/find?item=residence-proof", NULL, "case", .subject = SOMEBODY),
    STEP("GET", "/desk/export", "police", "/desk/export", NULL, "task"),
    STEP("GET", "/desk/mine/export", "police", "/desk/mine/export", NULL, "task"),
    STEP("GET", "/desk/done/export", "police", "/desk/done/export", NULL, "task"),
    STEP("GET", "/desk/copied/export", "police", "/desk/copied/export", NULL, "task"),
    STEP("GET", "/desk/queue/{role}/export", "police", "/desk/queue/police-officer/export", NULL, "task"),
    STEP("POST", "/lists/new", "police", "/lists/new", "of=/desk&as=due%3Dlate&name=超期的&opens=yes", "list"),
    STEP("POST", "/lists/{saved}", "police", "/lists/{saved}", "name=迟了的", "list"),
    STEP("POST", "/desk/batch", "police", "/desk/batch", "pick={task}.{version}&opinion=同意", "task", .subject = SOMEBODY),
    STEP("POST", "/admin/health", "system", "/admin/health", "pick={job}", "job"), /* the paper, which was put off */
    STEP("GET", "/desk/batch/done", "police", "/desk/batch/done?task={task}", NULL, "task"),
    STEP("GET", "/paper/{paper}/file.pdf", "citizen", "/paper/{paper}/file.pdf", NULL, "paper", .subject = SOMEBODY, .prepare = "  - {do: set-papers}\n"),
    STEP("GET", "/window/results", "window", "/window/results", NULL, "case"),
    STEP("GET", "/window/results/export", "window", "/window/results/export", NULL, "case"),
    STEP("POST", "/window/results", "window", "/window/results", "q={number}", "case", .subject = SOMEBODY),
    STEP("GET", "/window/result/{case}", "window", "/window/result/{case}", NULL, "case", .subject = SOMEBODY),
    STEP("POST", "/window/result/{case}", "window", "/window/result/{case}",
         "act=hand&things=paper-{paper}&receiver=self&ack=signature", "case", .subject = SOMEBODY),
    STEP("GET", "/window/result/{case}/receipt", "window", "/window/result/{case}/receipt", NULL, "case", .subject = SOMEBODY),
    STEP("POST", "/window/counter", "window", "/window/counter", "counter=heping/2", "hall"),
    STEP("POST", "/window/result/{case}/receipt", "window", "/window/result/{case}/receipt", "", "hall"),
    STEP("POST", "/window/counter", "window", "/window/counter", "", "hall"),
    STEP("POST", "/r/{rating}", "another device", "/r/{rating}", "level=1", "case", .subject = SOMEBODY),
    STEP("POST", "/case/{case}/rate", "citizen", "/case/{case}/rate", "level=1", "case", .subject = SOMEBODY, .item = "residence-proof",
         .prepare = "  - {who: citizen, do: apply, item: residence-proof}\n"
                    "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"
                    "  - {who: citizen, do: submit}\n"
                    "  - {who: police, do: decide, task: confirm, move: approve}\n"
                    "  - {do: set-papers}\n"),
    STEP("POST", "/progress", "citizen", "/progress", "number={number}&tail={tail}&challenge={challenge}&answer={answer}", "case"),
    STEP("POST", "/space/devices", "citizen", "/space/devices", "end=others", "session"),
    STEP("POST", "/space/mandates/new", "granny", "/space/mandates/new",
         "name={name}&citizen_id={number-of}&standing=viewer&months=1&agreed=yes", "mandate", .subject = SOMEBODY),
    STEP("POST", "/space/mandate/{mandate}", "citizen", "/space/mandate/{mandate}", "answer=accept", "mandate", .subject = SOMEBODY),
    STEP("POST", "/space/mandate/{mandate}/end", "granny", "/space/mandate/{mandate}/end", "", "mandate", .subject = SOMEBODY),
    STEP("POST", "/window/mandate", "window", "/window/mandate",
         "giver_name={giver}&giver_id={number-of-giver}&name={name}&citizen_id={number-of}&standing=viewer&months=1&agreed=yes", "mandate",
         .subject = SOMEBODY),
    STEP("POST", "/space/messages", "citizen", "/space/messages", "", "message"),
    STEP("POST", "/space/contacts", "citizen", "/space/contacts", "do=choose&lang=zh&quiet=default", "contact"),
    STEP("POST", "/admin/users/new", "system", "/admin/users/new",
      "login=new-one&name=样新&password=long-enough-2026&password-again=long-enough-2026", "account"),
    STEP("POST", "/admin/users/{id}/lock", "system", "/admin/users/{account}/lock", "to=locked", "account"),
    STEP("GET", "/admin/users", "system", "/admin/users", NULL, "account"),
    STEP("GET", "/admin/users/export", "system", "/admin/users/export", NULL, "account"),
    STEP("GET", "/admin/users/{id}", "system", "/admin/users/{account}", NULL, "account"),
    STEP("GET", "/admin/users/{id}/lock", "system", "/admin/users/{account}/lock", NULL, "account"),
    STEP("GET", "/admin/why", "system", "/admin/why?account=citizen&act=case.read", NULL, "account"),
    STEP("POST", "/admin/systems/{id}/activate", "system", "/admin/systems/{release}/activate", "", "release"),
    STEP("POST", "/admin/drafts", "editor", "/admin/drafts", "system=approval/residence-proof", "draft"),
    STEP("GET", EDIT_SECTION, "editor", "/admin/draft/{draft}/item/residence-proof/limits", NULL, "draft", .subject = NO_ENTRY),
    STEP("POST", EDIT_SECTION, "editor", "/admin/draft/{draft}/item/residence-proof/limits",
         "do=save&seen={was}&law=3 working days&promise=2 working days", "draft"),
    STEP("GET", EDIT_SECTION "/{entry}", "editor", "/admin/draft/{draft}/item/residence-proof/faq/1", NULL, "draft", .subject = NO_ENTRY),
    STEP("POST", EDIT_SECTION "/{entry}", "editor", "/admin/draft/{draft}/item/residence-proof/faq/1",
         "do=save&seen={was}&question=证明多久有效？&answer=三个月。&answer-en=Three months.", "draft"),
    STEP("GET", "/admin/draft/{id}/text", "editor", "/admin/draft/{draft}/text", NULL, "draft", .subject = NO_ENTRY),
    STEP("POST", "/admin/draft/{id}/text", "editor", "/admin/draft/{draft}/text", "seen={was}&english=Said in another way", "draft"),
    STEP("GET", "/admin/draft/{id}/template", "editor", "/admin/draft/{draft}/template", NULL, "draft", .subject = NO_ENTRY),
    STEP("POST", "/admin/draft/{id}/template", "editor", "/admin/draft/{draft}/template",
         "of=notices/accepted&seen={was}&title=已受理&title-en=Accepted&text=已受理（{{number}}）。&text-en=Accepted ({{number}}).", "draft"),
    STEP("GET", EDIT_FORM "/{page}", "editor", "/admin/draft/{draft}/form/apply/registered", NULL, "draft", .subject = NO_ENTRY),
    STEP("POST", EDIT_FORM "/{page}", "editor", "/admin/draft/{draft}/form/apply/registered", "seen={was}&do=up&number=2", "draft"),
    STEP("GET", EDIT_FORM "/{page}/{entry}", "editor", "/admin/draft/{draft}/form/apply/registered/6", NULL, "draft", .subject = NO_ENTRY),
    STEP("POST", EDIT_FORM "/{page}/{entry}", "editor", "/admin/draft/{draft}/form/apply/registered/6",
         "do=save&seen={was}&id=recipient&title=接收单位&title-en=Addressed to&kind=text&max=80", "draft"),
    STEP("POST", "/admin/draft/{id}", "editor", "/admin/draft/{draft}", "do=propose&version=7", "draft"),
    STEP("POST", "/admin/draft/{id}/approve", "system", "/admin/draft/{draft}/approve", "do=return&version=8&reason=再看看", "draft"),
    STEP("POST", "/admin/drafts", "editor", "/admin/drafts", "system=approval/restaurant", "draft"),
    STEP("GET", EDIT_FORM, "editor", "/admin/draft/{draft}/form/apply", NULL, "draft", .subject = NO_ENTRY),
    STEP("POST", EDIT_FORM, "editor", "/admin/draft/{draft}/form/apply", "seen={was}&do=up&number=2", "draft"),
    STEP("POST", "/admin/drafts", "editor", "/admin/drafts", "system=common", "draft"),
    STEP("POST", "/admin/draft/{id}/calendar", "editor", "/admin/draft/{draft}/calendar",
         "do=add&version=1&name=元旦&from-year=2027&from-month=1&from-day=1", "draft"),
    STEP("POST", "/admin/posts", "security", "/admin/posts", "login=new-one&role=window-clerk&unit={unit}", "post"),
    STEP("GET", "/admin/posts", "security", "/admin/posts?login=new-one", NULL, "account"),
    STEP("GET", "/admin/posts/export", "security", "/admin/posts/export?login=new-one", NULL, "account"),
    STEP("GET", "/admin/posts/{login}/{id}", "security", "/admin/posts/new-one/{post}", NULL, "account"),
    STEP("POST", "/admin/posts/{login}/{id}", "security", "/admin/posts/new-one/{post}", "", "post"),
    STEP("GET", "/admin/messages", "system", "/admin/messages", NULL, "delivery"),
    STEP("GET", "/admin/messages/export", "system", "/admin/messages/export", NULL, "delivery"),
    STEP("POST", "/admin/messages", "system", "/admin/messages", "pick={delivery}", "delivery"),
    STEP("POST", "/admin/upkeep", "system", "/admin/upkeep",
      "do=put&from=2027-01-01+22:00&until=2027-01-01+23:00&zh=换盘&en=New+disks", "upkeep"),
    STEP("GET", "/admin/audit", "audit", "/admin/audit", NULL, "audit"),
    STEP("GET", "/admin/audit/export", "audit", "/admin/audit/export", NULL, "audit"),
    STEP("GET", "/admin/audit/verify/head", "audit", "/admin/audit/verify/head", NULL, "audit"),
    STEP("GET", "/admin/audit/verify/run", "audit", "/admin/audit/verify/run", NULL, "audit"),
    STEP("GET", "/admin/audit/entry/{number}", "audit", "/admin/audit/entry/1", NULL, "audit"),
    STEP("POST", "/desk/registry/{type}/new", "population", "/desk/registry/person/new", REGISTERED, "record", .subject = SOMEBODY),
    /* What was typed becomes an address without it; the look at that address is the entry. */
    STEP("POST", "/desk/registry/{type}", "population", "/desk/registry/person", "value=120101199003070005", "record",
         .subject = NO_ENTRY),
    STEP("GET", "/desk/registry/{type}", "population", "/desk/registry/person?{query}", NULL, "record"),
    STEP("GET", "/desk/registry/{type}/{id}", "population", "/desk/registry/person/{record}", NULL, "record", .subject = SOMEBODY),
    STEP("GET", "/desk/registry/{type}/{id}/unmask", "population", "/desk/registry/person/{record}/unmask", NULL, "record",
         .subject = SOMEBODY),
    STEP("POST", "/desk/registry/{type}/{id}/unmask", "population", "/desk/registry/person/{record}/unmask", "purpose=1&why=核对", "record",
         .subject = SOMEBODY),
    STEP("GET", "/desk/registry/{type}/{id}/clear", "population", "/desk/registry/person/{record}/clear", NULL, "record",
         .subject = SOMEBODY),
    STEP("GET", "/desk/registry/{type}/{id}/history", "population", "/desk/registry/person/{record}/history", NULL, "record",
         .subject = SOMEBODY),
    STEP("GET", "/desk/registry/{type}/{id}/correct", "population", "/desk/registry/person/{record}/correct", NULL, "record",
         .subject = SOMEBODY),
    STEP("POST", "/desk/registry/{type}/{id}/correct", "population", "/desk/registry/person/{record}/correct",
         "_seen={seen}&phone=13800000002&why=换了号码" SOURCE, "record", .subject = SOMEBODY),
    STEP("GET", "/desk/registry/{type}/{id}/end", "population", "/desk/registry/person/{record}/end", NULL, "record",
         .subject = SOMEBODY),
    STEP("POST", "/desk/registry/{type}/{id}/end", "population", "/desk/registry/person/{record}/end",
         "_seen={seen}&why=死亡" SOURCE, "record", .subject = SOMEBODY),
    STEP("POST", "/hall/{hall}/kiosk", "kiosk", "/hall/heping/kiosk", "line=advice&class=elder", "ticket"),
    STEP("POST", "/window/counter", "window", "/window/counter", "counter=heping/4", "hall"),
    STEP("POST", "/window/call", "window", "/window/call", "do=next", "ticket"),
    STEP("POST", "/window/serve", "window", "/window/serve", "do=begin", "ticket"),
    STEP("POST", "/window/move", "window", "/window/move", "hand=general", "ticket"),
    STEP("POST", "/window/hall/{hall}", "hall", "/window/hall/heping", "clear=4", "hall"),
    STEP("POST", "/window/intake", "window", "/window/intake", "item=residence-proof&citizen_id={citizen}", "record", .subject = SOMEBODY),
    STEP("GET", "/window/intake/{item}/{visitor}", "window", "/window/intake/residence-proof/{visitor}", NULL, "record",
         .subject = SOMEBODY),
    STEP("POST", "/window/intake/{item}/{visitor}", "window", "/window/intake/residence-proof/{visitor}", "act=more&agree=yes", "case",
         .subject = SOMEBODY),
    STEP("GET", "/window/notice/{case}", "window", "/window/notice/{case}", NULL, "case", .subject = SOMEBODY),
    STEP("POST", "/window/intake/{item}/{visitor}", "window", "/window/intake/residence-proof/{visitor}",
         "purpose=1&agree=yes&declared=yes", "case", .subject = SOMEBODY),
    STEP("GET", "/window/receipt/{case}", "window", "/window/receipt/{case}", NULL, "case", .subject = SOMEBODY),
    STEP("GET", "/window/tally/export", "hall", "/window/tally/export", NULL, "hall"),
    STEP("POST", "/hall/{hall}/book", "citizen", "/hall/heping/book", "line=general&at={slot}", "booking", .subject = SOMEBODY),
    STEP("GET", "/window/bookings", "window", "/window/bookings", NULL, "hall"),
    STEP("GET", "/window/bookings/export", "window", "/window/bookings/export", NULL, "hall"),
    STEP("POST", "/window/bookings", "window", "/window/bookings", "hall=heping&booking={arrived}", "ticket"),
    STEP("POST", "/hall/{hall}/book", "citizen", "/hall/heping/book", "line=general&at={last-slot}", "booking", .subject = SOMEBODY),
    STEP("POST", "/space/appointment/{booking}", "citizen", "/space/appointment/{booking}", "do=cancel", "booking", .subject = SOMEBODY),
    STEP("GET", "/desk/supervision/mine/export", "police", "/desk/supervision/mine/export", NULL, "card"),
    STEP("GET", "/desk/supervision/cards/export", "supervisor", "/desk/supervision/cards/export", NULL, "card"),
    STEP("GET", "/desk/supervision/ratings/list/export", "supervisor", "/desk/supervision/ratings/list/export", NULL, "rating"),
    STEP("GET", "/desk/supervision/card/{id}", "police", "/desk/supervision/card/{card}", NULL, "card"),
    STEP("GET", "/desk/supervision/card/{id}/answer", "police", "/desk/supervision/card/{card}/answer", NULL, "card"),
    STEP("GET", "/desk/supervision/card/{id}/judge", "supervisor", "/desk/supervision/card/{card}/judge", NULL, "card"),
    STEP("POST", "/desk/supervision/card/{id}/answer", "police", "/desk/supervision/card/{card}/answer",
         "verb=explain&text=系统停机&version=1", "card"),
    STEP("POST", "/desk/supervision/card/{id}/judge", "supervisor", "/desk/supervision/card/{card}/judge",
         "verb=close&text=已经改进&version=2", "card"),
    STEP("POST", "/password", "citizen", "/password",
         "current=tongban-demo-2026&password=long-enough-2026&password-again=long-enough-2026", "account"),
    STEP("POST", "/sign-out", "citizen", "/sign-out", "", "session"),
};

/* Rows that show a case's or a person's data without an entry, and why. */
static const struct {
    const char *path, *why;
} quiet[] = {
    { "/desk", "the office's own work: number, item, times and for whom, masked where it is a person; opening one is the entry" },
    { "/desk/mine", "as /desk" },
    { "/desk/done", "as /desk" },
    { "/desk/copied", "as /desk" },
    { "/desk/for", "as /desk" },
    { "/desk/begun", "as /desk" },
    { "/desk/followed", "as /desk" },
    { "/desk/queue/{role}", "as /desk" },
    { "/desk/task/{id}/urge", "who has a task and until when; nothing of the applicant" },
    { "/desk/supervision", "how many cards each unit, person and item has; opening one is the entry" },
    { "/desk/supervision/cards", "who has which card, and the case's number; opening one is the entry" },
    { "/desk/supervision/ratings", "sums per unit, person and item; nothing of a case" },
    { "/desk/supervision/ratings/list", "how which case was rated, by its number; no applicant and none of his words" },
    { "/desk/supervision/mine", "one's own cards" },
    { "/events", "keys of what changed, no data; each receiver's right is looked up when he is told" },
    { "/desk/case/{case}/diagram", "which step stands where, and who did it; nothing of the applicant" },
    { "/desk/case/{case}/board", "who has each part and until when; nothing of the applicant" },
};

/* ---- the story ---- */

struct story {
    struct site *site;
    const struct realm *r;
    struct visitor visitor[VISITORS];
    int64_t since_ms[VISITORS]; /* when each of them signed in */
    const char *who[VISITORS];
    size_t n_visitors;
    int64_t case_id, task, version, file, paper, account, colleague, delivery, post, unit, company, release, record, seen, comer, draft,
        job, card, booking, slot_ms, saved, absent, deputy; /* deputy: the newest that food2 holds */
    struct str number, citizen, tail, answer, query, was, rating;
    struct str name[2], number_of[2]; /* of citizen, of granny */
    int64_t mandate;                  /* the newest that citizen holds */
    const char *element;
    int64_t after; /* the last entry read */
    struct audit_row entry[ENTRIES];
    size_t n_entries;
    struct str request;
    unsigned passed, failed;
};

static _Noreturn void stop(const char *what, const struct err *e) {
    (void)printf("t60_routes: %s: %s %s %s\n0 passed, 1 failed\n", what, err_name(e->code), e->field, e->detail);
    exit(2);
}

static int know_case(struct store_tx *tx, struct story *s, struct err *e) {
    struct arena *a = &s->site->arena;
    struct item_case c;
    struct val *view, *prefill;
    struct flow_task *tasks;
    size_t n;
    int rc = item_case_get(tx, s->r, NULL, s->case_id, &c, e);
    if (!rc) rc = item_case_view(tx, s->r, &c, S(""), S("zh"), &view, e);
    if (!rc) rc = item_prefill(tx, s->r, c.system, c.person, c.company, &prefill, e);
    if (!rc) rc = flow_tasks_of(tx, c.id, &tasks, &n, e);
    if (rc) return rc;
    const struct val *material = val_item(val_get(view, S("materials")), 0);
    struct str id = val_text(val_path(prefill, S("applicant.citizen_id")));
    s->number = arena_str(a, c.number);
    s->rating = item_rating_code(a, s->r, &c);
    s->comer = c.person;
    s->citizen = arena_str(a, id);
    s->tail = arena_str(a, str_sub(id, id.len > 4 ? id.len - 4 : 0, 4));
    s->file = val_get_i64(val_item(val_get(material, S("files")), 0), S("id"), 0);
    s->paper = val_get_i64(val_item(val_get(view, S("papers")), 0), S("id"), 0);
    for (size_t i = 0; i < n; i++)
        if (s->element && str_eq(tasks[i].element, str_of(s->element))) s->task = tasks[i].id, s->version = tasks[i].version;
    return 0;
}

/* The first paper that waits to be set has failed once: what the system could not do, for who tries again. */
static int know_job(struct store_tx *tx, struct story *s, struct err *e) {
    struct act_message due;
    size_t n = 0;
    int rc = s->job ? 0 : act_messages_due(tx, s->r->home, S("paper.set"), &due, 1, &n, e);
    if (rc || n == 0) return rc;
    s->job = due.id;
    return act_message_retry(tx, s->r->home, due.id, due.attempts, S("no press"), e);
}

/* What is there by now: ids that a step may need. What is not there yet stays as it was. */
static int know(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct story *s = job->arg;
    struct val *view;
    struct err none;
    struct actor security;
    struct identity_mandate held;
    size_t n_held = 0;
    int rc = s->case_id ? know_case(tx, s, e) : 0;
    if (!rc) rc = know_job(tx, s, e);
    city_fixture_actor(s->site->city, "citizen", &security);
    if (!rc) rc = identity_mandates_page(tx, s->r, false, security.account, 0, false, &held, 1, &n_held, e);
    if (n_held) s->mandate = held.id;
    struct saved *saved;
    size_t n_saved = 0;
    city_fixture_actor(s->site->city, "police", &security);
    if (!rc) rc = saved_own(tx, s->r, &security, &saved, &n_saved, e);
    if (n_saved) s->saved = saved[0].id;
    struct deputy_query held_by = { .of = DEPUTY_HELD, .max = 1 };
    struct deputy *deputies;
    size_t n_deputies = 0;
    city_fixture_actor(s->site->city, "food2", &security);
    if (!rc) rc = deputy_list(tx, s->r, &security, &held_by, &deputies, &n_deputies, e);
    if (n_deputies) s->deputy = deputies[0].id;
    s->release = realm_system(s->r, S("approval/restaurant"))->release;
    if (!rc) rc = identity_unit_by_code_find(tx, s->r, S("service-centre.120101"), &s->unit, e);
    if (!rc && identity_account_by_login(tx, s->r, S("new-one"), &s->account, &none) == 0) {
        city_fixture_actor(s->site->city, "security", &security);
        rc = identity_account_view(tx, s->r, &security, s->account, &view, e);
        if (!rc && val_count(val_get(view, S("posts")))) s->post = val_get_i64(val_item(val_get(view, S("posts")), 0), S("id"), 0);
    }
    return rc;
}

static struct str value_of(struct story *s, struct str name) {
    const struct {
        const char *name;
        int64_t id;
    } ids[] = { { "case", s->case_id },  { "task", s->task }, { "version", s->version }, { "file", s->file }, { "paper", s->paper },
                { "account", s->account }, { "colleague", s->colleague }, { "delivery", s->delivery }, { "post", s->post }, { "unit", s->unit },
                { "company", s->company }, { "release", s->release }, { "record", s->record }, { "seen", s->seen },
                { "mandate", s->mandate }, { "visitor", s->comer }, { "draft", s->draft }, { "job", s->job }, { "card", s->card },
                { "booking", s->booking }, { "saved", s->saved }, { "absent", s->absent },
                { "deputy", s->deputy }, { "arrived", s->booking } };
    struct arena *a = &s->site->arena;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (str_eq(name, str_of(ids[i].name))) return arena_fmt(a, "%lld", (long long)ids[i].id);
    if (str_eq(name, S("query"))) return s->query;
    if (str_eq(name, S("was"))) return s->was;
    if (str_eq(name, S("draft-number"))) return item_draft_number(a, s->case_id);
    if (str_eq(name, S("code"))) return arena_str(a, message_fixture_code(s->site->city, PHONE));
    if (str_eq(name, S("rating"))) return s->rating;
    if (str_eq(name, S("citizen"))) return s->citizen;
    if (str_eq(name, S("name"))) return s->name[0];
    if (str_eq(name, S("giver"))) return s->name[1];
    if (str_eq(name, S("number-of"))) return s->number_of[0];
    if (str_eq(name, S("number-of-giver"))) return s->number_of[1];
    return str_eq(name, S("number")) ? s->number : str_eq(name, S("tail")) ? s->tail : S("");
}

/* The moment of a slot that the page of the hall offers. */
static struct str slot_of(struct story *s, struct visitor *v, bool last) {
    static const struct str at = S_INIT("name=\"at\" value=\"");
    struct str page = site_get(v, "/zh/hall/heping/book?line=general"), found = S("");
    for (size_t i = str_find(page, at, 0); i != SIZE_MAX && (last || !found.len); i = str_find(page, at, i + 1))
        found = str_sub(page, i + at.len, str_find_char(page, '"', i + at.len) - i - at.len);
    (void)str_to_i64(found, &s->slot_ms);
    return found;
}

static const char *fill(struct story *s, struct visitor *v, const char *text) {
    struct arena *a = &s->site->arena;
    struct str rest = str_of(text), out = S(""), head, name;
    while (str_cut(&rest, '{', &head)) {
        out = ARENA_CAT(a, out, head);
        if (rest.len == 0 || !str_cut(&rest, '}', &name)) break;
        bool slot = str_eq(name, S("slot")), last = str_eq(name, S("last-slot"));
        const int64_t early = s->slot_ms - 10 * 60000 - os_now_ms();
        if (str_eq(name, S("arrived")) && early > 0) os_clock_advance(early);
        struct str value = slot || last                     ? slot_of(s, v, last)
                           : str_eq(name, S("challenge")) ? v->challenge
                           : str_eq(name, S("answer"))    ? s->answer
                                                          : value_of(s, name);
        out = ARENA_CAT(a, out, value);
    }
    return arena_cstr(a, out);
}

/* Whoever signed in long ago signs in again: nobody writes here that a session is used, so that of staff ends as one that rests. The
 * company has chosen for whom it acts, and its session lasts. */
static struct visitor *visitor_of(struct story *s, const char *who) {
    const int64_t lasts = strcmp(who, "company") ? IDENTITY_STAFF_IDLE_MS - 60000 : INT64_MAX;
    size_t i = 0;
    while (i < s->n_visitors && strcmp(s->who[i], who)) i++;
    if (i < s->n_visitors && os_now_ms() - s->since_ms[i] < lasts) return &s->visitor[i];
    if (i == VISITORS) i--; /* the last one's place */
    struct visitor *v = &s->visitor[i];
    s->who[i] = who;
    s->since_ms[i] = os_now_ms();
    if (i == s->n_visitors) s->n_visitors++;
    *v = (struct visitor){ .site = s->site };
    if (strcmp(who, "-") && strcmp(who, "another device")) site_sign_in(v, who);
    return v;
}

/* What a person answers to the question of the look-up's page. */
static struct str answer_of(struct story *s, struct str page) {
    static const char *const digits[] = { "", "一", "二", "三", "四", "五", "六", "七", "八", "九" };
    static const char *const fruits[] = { "苹果", "香蕉", "葡萄", "西瓜", "桃子", "草莓" };
    size_t at = str_find(page, S("<label for=\"answer\">"), 0);
    struct str label = at == SIZE_MAX ? S("") : str_sub(page, at, str_find(page, S("</label>"), at) - at);
    for (size_t i = 0; i < sizeof fruits / sizeof *fruits; i++)
        if (str_find(label, str_of(fruits[i]), 0) != SIZE_MAX) return str_of(fruits[i]);
    for (int a = 1; a < 10; a++)
        for (int b = 1; b < 10; b++)
            if (str_find(label, arena_fmt(&s->site->arena, ">%s加%s等于", digits[a], digits[b]), 0) != SIZE_MAX)
                return arena_fmt(&s->site->arena, "%d", a + b);
    return S("");
}

/* ---- the log ---- */

static int read_entries(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct story *s = job->arg;
    struct audit_row *rows = arena_array(&s->site->arena, AUDIT_PAGE_MAX, sizeof *rows);
    size_t n = 0;
    int rc = rows ? audit_seq_after(tx, s->r->home, s->after, rows, AUDIT_PAGE_MAX, &n, e) : ERR_MEMORY;
    for (size_t i = 0; !rc && i < n; i++) {
        s->after = rows[i].number;
        if (!str_eq(rows[i].entry.request_id, s->request) || s->n_entries == ENTRIES) continue;
        rows[i].entry.act = arena_str(&s->site->arena, rows[i].entry.act);
        rows[i].entry.object_kind = arena_str(&s->site->arena, rows[i].entry.object_kind);
        s->entry[s->n_entries++] = rows[i];
    }
    return rc;
}

static void read_log(struct story *s, struct str request) {
    struct err e = { 0 };
    s->n_entries = 0;
    s->request = request;
    for (int64_t before = -1; before != s->after;) {
        before = s->after;
        if (app_sequence(s->site->city->app, true, &e)) stop("sequence", &e);
        if (city_fixture_read(s->site->city, read_entries, s, &e)) stop("log", &e);
    }
}

/* The object that the address names: the last of these parameters; 0 where it names none. */
static int64_t named(const struct story *s, const struct step *x) {
    if (!strchr(x->route, '{')) return 0;
    if (strstr(x->path, "{file}")) return s->file;
    if (strstr(x->path, "{paper}")) return s->paper;
    if (strstr(x->path, "{record}")) return s->record;
    if (strstr(x->path, "{post}")) return strcmp(x->kind, "post") ? s->account : s->post;
    if (strstr(x->path, "{account}")) return s->account;
    if (strstr(x->path, "{release}")) return s->release;
    if (strstr(x->path, "{draft}")) return s->draft;
    if (strstr(x->path, "{card}")) return s->card;
    if (strstr(x->path, "{booking}")) return s->booking;
    if (strstr(x->path, "{saved}")) return s->saved;
    if (strstr(x->path, "{task}")) return s->task;
    return strstr(x->path, "{case}") && !strcmp(x->kind, "case") ? s->case_id : 0;
}

/* NULL: one of the request's entries is of the row's act, done, and names what it should. */
static const char *judge(const struct story *s, const struct step *x, const struct route *r) {
    const char *why = "no entry";
    if (x->subject == NO_ENTRY) return s->n_entries ? "an entry, which the step says there is none of" : NULL;
    int64_t object = named(s, x);
    for (size_t i = 0; i < s->n_entries; i++) {
        const struct audit_row *row = &s->entry[i];
        bool reads = r->method == HTTP_GET; /* what is looked at may be looked at under a narrower act than the page's */
        if (row->outcome != AUDIT_OK || (!reads && !str_eq(row->entry.act, str_of(r->power)))) why = "an entry of another act";
        else if (!str_eq(row->entry.object_kind, str_of(x->kind))) why = "an entry of another kind of object";
        else if (object > 0 && row->entry.object_id != object) why = "an entry of another object";
        else if (object == 0 && r->method == HTTP_POST && row->entry.object_id == 0 && strcmp(x->kind, "message"))
            why = "an entry without its object";
        else if (x->subject == SOMEBODY && row->entry.subject_person == 0) why = "an entry that does not say whose data it was";
        else return NULL;
    }
    return why;
}

/* ---- one step ---- */

static const struct route *route_of(const char *method, const char *path) {
    for (size_t i = 0; i < app_n_routes; i++)
        if (!strcmp(app_routes[i].path, path) && (app_routes[i].method == HTTP_POST) == !strcmp(method, "POST")) return &app_routes[i];
    return NULL;
}

static struct str ask(struct story *s, const struct step *x) {
    struct visitor *v = visitor_of(s, x->who);
    if (!strcmp(x->method, "GET")) return site_get(v, fill(s, v, arena_fmt(&s->site->arena, "/zh%s", x->path).ptr));
    struct str page = site_get(v, !strcmp(x->path, "/progress") ? "/zh/progress" : "/zh/sign-in");
    if (str_find(page, S("_csrf"), 0) == SIZE_MAX || !strcmp(x->path, "/sign-out")) (void)site_get(v, "/zh/sign-out");
    s->answer = answer_of(s, page);
    v->key = S("");
    const char *path = fill(s, v, arena_fmt(&s->site->arena, "/zh%s", x->path).ptr);
    if (!x->fields) return site_upload(v, path, "file", "a.pdf", S("%PDF-1.4\n%%EOF\n"));
    return site_post(v, path, fill(s, v, x->fields));
}

/* A draft that was begun, and what a form of it has seen. */
static void keep_draft(struct story *s, struct str to, struct str reply) {
    static const struct str begun = S_INIT("/admin/draft/"), was = S_INIT("name=\"seen\" value=\"");
    size_t at = str_find(to, begun, 0);
    if (at != SIZE_MAX) {
        struct str id = str_sub(to, at + begun.len, SIZE_MAX);
        size_t slash = str_find_char(id, '/', 0);
        (void)str_to_i64(str_sub(id, 0, slash), &s->draft);
    }
    at = str_find(reply, was, 0);
    if (at == SIZE_MAX) return;
    struct str value = str_sub(reply, at + was.len, SIZE_MAX);
    s->was = str_sub(value, 0, str_find_char(value, '"', 0));
}

/* What a reply tells that later steps need: a new record's address, the state that a form has seen. */
static void keep(struct story *s, struct str reply) {
    static const struct str seen = S_INIT("name=\"_seen\" value=\""), record = S_INIT("/desk/registry/person/");
    struct str to = client_field(reply, S("Location"));
    size_t at = str_find(to, S("/desk/registry/person?"), 0);
    static const struct str taken[] = { S_INIT("/window/notice/"), S_INIT("/window/receipt/") };
    for (size_t i = 0; i < 2; i++) { /* the case that a window has taken in */
        size_t in = str_find(to, taken[i], 0);
        if (in != SIZE_MAX) (void)str_to_i64(str_sub(to, in + taken[i].len, SIZE_MAX), &s->case_id);
    }
    if (at != SIZE_MAX) s->query = str_sub(to, str_find_char(to, '?', at) + 1, SIZE_MAX);
    at = str_find(to, record, 0);
    if (at != SIZE_MAX) {
        struct str id = str_sub(to, at + record.len, SIZE_MAX);
        size_t n = 0;
        while (n < id.len && id.ptr[n] >= '0' && id.ptr[n] <= '9') n++;
        (void)str_to_i64(str_sub(id, 0, n), &s->record);
    }
    static const struct str booked = S_INIT("/space/appointment/");
    size_t mine = str_find(to, booked, 0);
    if (mine != SIZE_MAX) (void)str_to_i64(str_sub(to, mine + booked.len, SIZE_MAX), &s->booking);
    keep_draft(s, to, reply);
    at = str_find(reply, seen, 0);
    if (at == SIZE_MAX) return;
    struct str value = str_sub(reply, at + seen.len, SIZE_MAX);
    (void)str_to_i64(str_sub(value, 0, str_find_char(value, '"', 0)), &s->seen);
}

static void tell(struct story *s, const struct step *x, const char *wrong, struct str reply) {
    if (!wrong) {
        s->passed++;
        return;
    }
    s->failed++;
    (void)printf("%s %s as %s: %s (status %d, %zu entries", x->method, x->route, x->who, wrong, client_status(reply), s->n_entries);
    for (size_t i = 0; i < s->n_entries; i++)
        (void)printf(", %.*s %.*s %lld of %lld", STR_ARG(s->entry[i].entry.act), STR_ARG(s->entry[i].entry.object_kind),
                     (long long)s->entry[i].entry.object_id, (long long)s->entry[i].entry.subject_person);
    (void)printf(")\n");
}

static void play(struct story *s, const struct step *x) {
    const struct route *r = route_of(x->method, x->route);
    struct err e = { 0 };
    if (x->item) s->case_id = 0;
    if (x->prepare && city_fixture_play(s->site->city, x->prepare, &s->case_id, &e)) stop(x->route, &e);
    if (x->element) s->element = x->element;
    if (strstr(x->path, "{card}") && !s->card) s->card = city_fixture_card(s->site->city, s->case_id, "police");
    if (city_fixture_run(s->site->city, know, s, &e)) stop(x->route, &e);
    if (!r) {
        tell(s, x, "there is no such row any more: take the step out", S(""));
        return;
    }
    struct str reply = ask(s, x);
    int status = client_status(reply);
    keep(s, reply);
    read_log(s, client_field(reply, S("X-Request-Id")));
    (void)city_fixture_run(s->site->city, know, s, &e); /* what the step made */
    bool done = status == 303 || status == 200;
    tell(s, x, done ? judge(s, x, r) : "it was not done, so that nothing is known of its entry", reply);
    /* Control: without its entries the step is found. */
    size_t n = s->n_entries;
    s->n_entries = 0;
    if (done && x->subject != NO_ENTRY && !judge(s, x, r)) s->failed++, (void)printf("%s %s: control: no entry is NOT FOUND\n", x->method, x->route);
    s->n_entries = n;
}

/* Every row is in one of the lists. */
static void cover(struct story *s) {
    for (size_t i = 0; i < app_n_routes; i++) {
        const struct route *r = &app_routes[i];
        const char *method = r->method == HTTP_POST ? "POST" : "GET";
        bool shows = r->data == ROUTE_DATA_CASE || r->data == ROUTE_DATA_PERSONAL, reads = r->audit == ROUTE_AUDIT_READ;
        bool has = false;
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
            has |= !strcmp(steps[k].method, method) && !strcmp(steps[k].route, r->path);
        for (size_t k = 0; k < sizeof quiet / sizeof *quiet; k++)
            has |= r->method == HTTP_GET && !reads && !strcmp(quiet[k].path, r->path);
        if (has || (r->method == HTTP_GET && !shows && !reads)) {
            s->passed++;
            continue;
        }
        s->failed++;
        (void)printf("%s %s (%s) is in no list: add to tests/gates/t60_routes.c %s\n", method, r->path, r->id,
                     r->method == HTTP_POST ? "a step that does it, with the kind of object that its audit entry names"
                     : reads                ? "a step that reads it, with the kind of object, and SOMEBODY where it is one person's data"
                                            : "a line in `quiet` with the reason why it leaves no entry, or give the row audit READ and a step");
    }
}

static int know_person(struct store_tx *tx, struct story *s, const char *login, size_t i, struct err *e) {
    struct arena *a = &s->site->arena;
    struct actor who;
    struct record rec;
    city_fixture_actor(s->site->city, login, &who);
    int rc = record_get(tx, s->r, realm_find(s->r, SYSTEM_RECORD, S("person"), NULL), who.person, &rec, e);
    s->name[i] = arena_str(a, val_get_str(rec.values, S("name")));
    s->number_of[i] = arena_str(a, val_get_str(rec.values, S("citizen_id")));
    return rc;
}

static int find_company(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct story *s = job->arg;
    struct actor who;
    struct val *mandates;
    city_fixture_actor(s->site->city, "food2", &who);
    s->colleague = who.account;
    city_fixture_actor(s->site->city, "food", &who);
    s->absent = who.account;
    city_fixture_actor(s->site->city, "company", &who);
    who.on_behalf = 0;
    int rc = identity_mandates(tx, s->r, &who, &mandates, e);
    s->company = rc ? 0 : val_get_i64(val_item(mandates, 0), S("id"), 0);
    if (!rc) rc = know_person(tx, s, "citizen", 0, e);
    return rc ? rc : know_person(tx, s, "granny", 1, e);
}

void t60_routes(unsigned *passed, unsigned *failed) {
    static struct story s;
    struct err e = { 0 };
    void *state = NULL;
    if (site_fixture_sqlite(&state) || !state) stop("site", &e);
    s.site = state;
    s.r = &s.site->city->app->realm;
    if (city_fixture_read(s.site->city, find_company, &s, &e)) stop("company", &e);
    struct actor person;
    city_fixture_actor(s.site->city, "citizen", &person);
    message_fixture_verify(s.site->city, &person, NOTIFY_MAIL, "citizen@example.com");
    city_fixture_actor(s.site->city, "company", &person);
    message_fixture_verify(s.site->city, &person, NOTIFY_SMS, PHONE);
    city_fixture_actor(s.site->city, "citizen", &person);
    message_fixture_send(s.site->city, &person, "finished");
    s.delivery = message_fixture_refuse(s.site->city);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        os_clock_advance(1000);
        play(&s, &steps[i]);
    }
    cover(&s);
    (void)printf("routes: %zu rows; %zu asked till they were done; %u as they should, %u not\n", app_n_routes, sizeof steps / sizeof *steps,
                 s.passed, s.failed);
    *passed += s.passed;
    *failed += s.failed;
    (void)site_fixture_done(&state);
}
