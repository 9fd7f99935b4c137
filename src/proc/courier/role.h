/* courier: the only processes that connect out. They hand over what the outbox holds, to servers of an allow-list and to no others.
 * There are two, of one kind: `courier-urgent` is asked for what is urgent and for nothing else, so that no slow server
 * and no bulk can hold the place that an urgent message needs.
 *
 * Arguments of the role: `courier_allow=host:port,host:port` (nothing allowed if absent); `courier_secrets=FILE`: their own names and
 * passwords at the servers, a line each, KEY=VALUE: mail.user, mail.password. Read once, before the sandbox closes.
 * They keep nothing else: what was not delivered is asked for again by `app`, whose outbox has the record.
 */
#ifndef PROC_COURIER_ROLE_H
#define PROC_COURIER_ROLE_H

#include "proc/role.h"

int courier_main(struct role_context *c);

enum courier_type { COURIER_MAIL = 1 };
extern const struct ipc_table courier_table, courier_urgent_table;
extern const struct sandbox courier_sandbox; /* of its row */

struct courier_mail {
    struct str server;   /* "smtp://host:port"; must be on the allow-list */
    struct str from, to, subject, body;
    struct str bounces;  /* see http/smtp.h */
    struct str id;       /* [a-z0-9-], one per outbox entry: the same mail again has the same */
    int64_t date_ms;
};
enum courier_outcome { COURIER_DELIVERED = 1, COURIER_RETRY, COURIER_REFUSED };
struct courier_answer {
    enum courier_outcome outcome;
    struct str said; /* the server's last line or the reason; borrowed from the reply */
};

/* The question of type COURIER_MAIL; empty on overflow. */
struct str courier_mail_pack(struct arena *a, const struct courier_mail *m);
/* ERR_SYNTAX. Borrows from `body`. */
int courier_mail_unpack(struct str body, struct courier_mail *ret, struct err *e);
/* Takes the reply apart; ERR_SYNTAX. */
int courier_answer_unpack(struct str reply, struct courier_answer *ret, struct err *e);

/* Whether `server` is on the list ("host:port,host:port", exact, lower case). */
bool courier_allowed(struct str list, struct str server);

#endif
