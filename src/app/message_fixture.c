/* message_fixture: see message_fixture.h. Invariant: codes are read from the letter that carries
 * them, as people do. */
#include "app/message_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LETTERS = 16, CODE_DIGITS = 6 };

struct doing {
    struct realm *r;
    const struct actor *who;
    enum notify_channel channel;
    struct str text;
    const char *notice;
    struct notify_letter letter[LETTERS];
    size_t n, at;
    enum notify_outcome outcome;
};

static _Noreturn void stop(const char *what, const struct err *e) {
    (void)fprintf(stderr, "message_fixture: %s: %s %s\n", what, err_name(e->code), e->detail);
    exit(2);
}

static int put_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct doing *d = job->arg;
    return notify_contact_put(tx, d->r, d->who, d->channel, d->text, e);
}
static int confirm_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct doing *d = job->arg;
    return notify_contact_confirm(tx, d->r, d->who, d->channel, d->text, e);
}
static int take_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct doing *d = job->arg;
    return notify_take(tx, d->r, NOTIFY_URGENT, NOTIFY_BULK, d->letter, LETTERS, &d->n, e);
}
static int settle_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct doing *d = job->arg;
    return notify_settle(tx, d->r, &d->letter[d->at], d->outcome, d->letter[d->at].id,
                         S("550 refused"), e);
}
static int send_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct doing *d = job->arg;
    const struct system *m = realm_system(d->r, S("approval/residence-proof"));
    struct act act;
    if (!system_find(m, SYSTEM_NOTICE, str_of(d->notice))) /* one of the program's own */
        (void)realm_find(d->r, SYSTEM_NOTICE, str_of(d->notice), &m);
    int rc = act_open(&act, tx, d->r, d->who, S("case.rate"), e);
    if (!rc)
        rc = notify_send(&act, m, str_of(d->notice), d->who->account, 0, val_map(store_arena(tx)),
                         e);
    return rc ? rc : act_close(&act, S("case"), 0, 0, S(""), e);
}

static void run(const struct city *c, struct doing *d, store_body *body, const char *what) {
    struct err e = { 0 };
    if (city_fixture_run(c, body, d, &e)) stop(what, &e);
}

static void settle_all(const struct city *c, struct doing *d, enum notify_outcome outcome) {
    d->outcome = outcome;
    for (d->at = 0; d->at < d->n; d->at++) run(c, d, settle_body, "settle");
}

static struct doing begin(const struct city *c) {
    return (struct doing){ .r = &c->app->realm };
}

static struct str code_in(struct str text) {
    size_t i = 0;
    while (i < text.len && !(text.ptr[i] >= '0' && text.ptr[i] <= '9')) i++;
    return str_sub(text, i, CODE_DIGITS);
}

struct str message_fixture_code(const struct city *c, const char *address) {
    struct doing d = begin(c);
    struct str code = S("");
    run(c, &d, take_body, "take");
    for (size_t i = 0; i < d.n; i++)
        if (str_eq(d.letter[i].to, str_of(address))) code = code_in(d.letter[i].text);
    settle_all(c, &d, NOTIFY_WENT);
    return code;
}

void message_fixture_verify(const struct city *c, const struct actor *who,
                            enum notify_channel channel, const char *address) {
    struct doing d = begin(c);
    struct err e = { 0 };
    d.r->gateways = (1u << NOTIFY_CHANNELS) - 1;
    d.who = who;
    d.channel = channel;
    d.text = str_of(address);
    run(c, &d, put_body, "put");
    run(c, &d, take_body, "take");
    if (d.n != 1) stop("another letter was due", &e);
    d.text = code_in(d.letter[0].text);
    settle_all(c, &d, NOTIFY_WENT);
    run(c, &d, confirm_body, "confirm");
}

void message_fixture_send(const struct city *c, const struct actor *who, const char *notice) {
    struct doing d = begin(c);
    d.who = who;
    d.notice = notice;
    run(c, &d, send_body, "send");
}

int64_t message_fixture_refuse(const struct city *c) {
    struct doing d = begin(c);
    run(c, &d, take_body, "take");
    settle_all(c, &d, NOTIFY_REFUSED);
    return d.n ? d.letter[d.n - 1].delivery : 0;
}
