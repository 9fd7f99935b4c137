/* smtp: hands one mail to one mail server (RFC 5321) by libcurl. It lives here because libcurl does; the only caller is the courier.
 *
 * Invariants
 *  1. No field can add a header, a recipient or a command: addresses are checked, the subject is encoded (RFC 2047), the body is
 *     base64 (RFC 2045).
 *  2. The same `id` gives the same Message-ID, so that a mail sent twice after a lost answer is recognised as one.
 *  3. Off this machine nothing goes in the clear: smtp:// must upgrade by STARTTLS unless the host is loopback.
 */
#ifndef HTTP_SMTP_H
#define HTTP_SMTP_H

#include "base/arena.h"
#include "base/err.h"

struct smtp_mail {
    struct str server;   /* "smtp://host:port" or "smtps://host:port" */
    struct str from, to; /* bare addresses: local@domain, ASCII */
    struct str bounces;  /* whom the servers on the way tell that it did not arrive (RFC 5321 MAIL FROM); empty: `from` */
    struct str user, password; /* of ours at the server; empty: none. Told only over TLS, or to loopback */
    struct str subject;  /* UTF-8 */
    struct str body;     /* UTF-8 plain text */
    struct str id;       /* [a-z0-9-]; unique per mail */
    int64_t date_ms;
    int64_t timeout_ms;
};
enum smtp_outcome {
    SMTP_DELIVERED = 1, /* the server took it over */
    SMTP_RETRY,         /* not now: no connection, 4xx, bad certificate or password (an operator's matter) */
    SMTP_REFUSED        /* never: 5xx for this sender, recipient or text */
};

/* Once per process, before threads use smtp_send. ERR_IO. */
int smtp_init(struct err *e);
/* Blocks for at most timeout_ms. `*reply` is the server's last line or the reason, in the arena, printable ASCII.
 * ERR_FORMAT names the field that is not well formed; then nothing was sent. */
int smtp_send(struct arena *a, const struct smtp_mail *m, enum smtp_outcome *ret, struct str *reply, struct err *e);
/* The message as it goes out (RFC 5322), CRLF line ends. The empty str on overflow. */
struct str smtp_message(struct arena *a, const struct smtp_mail *m);
/* A bare address as it may be sent to: local@domain, ASCII, no more than 254 bytes. */
bool smtp_address_ok(struct str s);
/* Host and port of what stands behind the scheme; false if it is none. Borrowed, or `usual`. */
bool smtp_host(struct str rest, struct str usual, struct str *host, struct str *port);
/* Host and port of a server URL, with the port's default; false if it is not one. Borrowed from `url` or constant. */
bool smtp_server(struct str url, struct str *host, struct str *port);

#endif
