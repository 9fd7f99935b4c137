/* courier: the only processes that connect out. They hand over what the outbox holds, to servers of an allow-list and to no others.
 * There are two, of one kind: `courier-urgent` is asked for what is urgent and for nothing else, so that no slow server
 * and no bulk can hold the place that an urgent message needs.
 *
 * Arguments of the role: `courier_allow=host:port,host:port` (nothing allowed if absent);
 * `courier_secrets=FILE`: their own names and passwords at the servers, a line each, KEY=VALUE:
 * mail.user, mail.password, sms.system_id, sms.password, sms.system_type. Read once, before the
 * sandbox closes.
 * They keep nothing else: what was not delivered is asked for again by `app`, whose outbox has the record.
 */
#ifndef PROC_COURIER_ROLE_H
#define PROC_COURIER_ROLE_H

#include "proc/role.h"

int courier_main(struct role_context *c);

enum { COURIER_RECEIPTS_MAX = 64, COURIER_SECRETS_BYTES_MAX = 4096 };
enum courier_type { COURIER_MAIL = 1, COURIER_SMS, COURIER_RECEIPTS };
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

/* A file of secrets, before anybody is asked with them: each line is one of those names, once, with a value, or is
 * empty or begins with "#". A name that is written wrongly would leave us without a password. ERR_FORMAT with the line. */
int courier_secrets_check(struct str text, struct err *e);
/* The value of one name in a file that was found good; empty where it is not there. */
struct str courier_secret(struct str text, struct str key);
/* The question of type COURIER_MAIL; empty on overflow. */
struct str courier_mail_pack(struct arena *a, const struct courier_mail *m);
/* ERR_SYNTAX. Borrows from `body`. */
int courier_mail_unpack(struct str body, struct courier_mail *ret, struct err *e);
/* Takes the reply apart; ERR_SYNTAX. */
int courier_answer_unpack(struct str reply, struct courier_answer *ret, struct err *e);

/* A text: the question of type COURIER_SMS; the answer as for a mail, `said` is the centre's number of it. */
struct courier_sms {
    struct str server; /* "smpp://host:port" */
    struct str from, to, text;
};
struct str courier_sms_pack(struct arena *a, const struct courier_sms *m);
int courier_sms_unpack(struct str body, struct courier_sms *ret, struct err *e);

/* What became of texts handed over before: the question names how many of the last answer's are written down. Asking also keeps the
 * session alive. */
struct courier_asking {
    struct str server;
    int64_t generation, done;
};
struct courier_receipts {
    int64_t generation;
    size_t n;
    struct courier_receipt {
        struct str id, why;
        int64_t fate; /* enum smpp_fate */
    } one[COURIER_RECEIPTS_MAX];
};
struct str courier_asking_pack(struct arena *a, const struct courier_asking *q);
int courier_asking_unpack(struct str body, struct courier_asking *ret, struct err *e);
int courier_receipts_unpack(struct str reply, struct courier_receipts *ret, struct err *e);
/* Host and port of a server of either kind. */
bool courier_server(struct str server, struct str *host, struct str *port);
/* Whether `server` is on the list ("host:port,host:port", exact, lower case). */
bool courier_allowed(struct str list, struct str server);

#endif
