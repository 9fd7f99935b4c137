/* sms: one session with a message centre (SMPP 3.4, transceiver), bound when it is first needed and
 * again after a pause when it was lost. Blocking, within bounds; one caller.
 *
 * Invariants
 *  1. A receipt is answered (deliver_sm_resp) only after the asker has said that it is written
 * down: until then it is the centre's to send again.
 *  2. After a loss nothing is connected before its pause is over: 1 s, doubled up to 60 s.
 *  3. What the centre cannot take (throttled, queue full) stops everything for a while, not one
 * text.
 */
#ifndef PROC_COURIER_SMS_H
#define PROC_COURIER_SMS_H
#include "data/smpp.h"

enum { SMS_RECEIPTS_MAX = 64, SMS_WHY_BYTES_MAX = 15, SMS_SAID_BYTES_MAX = 120 };

struct sms_receipt {
    uint32_t sequence;
    enum smpp_fate fate;
    char id[SMPP_ID_BYTES_MAX + 1], why[SMS_WHY_BYTES_MAX + 1];
};
struct sms {
    struct str system_id, password, system_type; /* borrowed */
    int fd;                                      /* -1: none */
    bool bound;
    uint32_t sequence, generation; /* generation: of this session; receipts of another are gone */
    uint8_t reference;
    unsigned failed, slowed;
    int64_t heard_ns, asked_ns, retry_at_ns, quiet_until_ns;
    char in[2 * SMPP_PDU_BYTES_MAX];
    size_t n_in;
    struct sms_receipt receipt[SMS_RECEIPTS_MAX];
    size_t n_receipts;
    struct sms_pending *pending; /* what is awaited now */
    size_t n_pending;
};
void sms_init(struct sms *s);
/* Says goodbye if bound. */
void sms_done(struct sms *s);

struct sms_text {
    const char *host, *port;
    struct smpp_message message; /* `reference` is set here */
};
enum sms_outcome { SMS_TAKEN = 1, SMS_LATER, SMS_NEVER };
/* `said`: the centre's id of the last part, or why not; SMS_SAID_BYTES_MAX + 1 bytes. */
enum sms_outcome sms_send(struct sms *s, const struct sms_text *t, char *said);
/* Takes in what came, keeps the session alive; binds where it is not and may be. */
void sms_turn(struct sms *s, const char *host, const char *port);
/* The first `n` receipts of that generation are written down. */
void sms_acknowledge(struct sms *s, uint32_t generation, size_t n);
#endif
