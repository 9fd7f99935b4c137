/* smpp: what we speak of SMPP 3.4 (issue 1.2): bytes in, values out, and back. No sockets, no time.
 *
 * Invariants
 *  1. A PDU's length is checked before anything else of it; no field is read beyond its body.
 *  2. A text is cut into parts between characters: no surrogate pair is torn.
 * Enforced by smpp_test.c, tests/fuzz/smpp.c; against a peer of somebody else's by
 * tests/messages/run.
 */
#ifndef DATA_SMPP_H
#define DATA_SMPP_H
#include "base/buf.h"
#include "base/err.h"

enum smpp_command {
    SMPP_SUBMIT_SM = 0x00000004,
    SMPP_DELIVER_SM = 0x00000005,
    SMPP_UNBIND = 0x00000006,
    SMPP_BIND_TRANSCEIVER = 0x00000009,
    SMPP_ENQUIRE_LINK = 0x00000015
};
/* With the command it answers; alone: generic_nack. */
#define SMPP_RESPONSE UINT32_C(0x80000000)
enum {
    SMPP_HEADER_BYTES = 16,
    SMPP_PDU_BYTES_MAX = 16384,
    SMPP_ID_BYTES_MAX = 64,
    SMPP_PARTS_MAX = 4
};
/* UTF-16 code units of a text that goes as one, and of each part of one that does not. */
enum {
    SMPP_WHOLE_UNITS = 70,
    SMPP_PART_UNITS = 67,
    SMPP_TEXT_UNITS_MAX = SMPP_PARTS_MAX * SMPP_PART_UNITS
};

/* Statuses that mean something to us; every other one is tried again. */
enum { SMPP_OK = 0, SMPP_INVALID_COMMAND = 0x03, SMPP_NOT_BOUND = 0x04 };
enum smpp_treat {
    SMPP_TAKEN,
    SMPP_LATER,  /* the message may be tried again */
    SMPP_SLOWER, /* so, but nothing at all for a while */
    SMPP_NEVER,  /* this recipient or text will never do */
    SMPP_REBIND  /* the session is not what we think */
};
enum smpp_treat smpp_treat_of(uint32_t status);

struct smpp_pdu {
    uint32_t command, status, sequence;
    struct str body;
};
/* Takes one PDU off the front of `in`. *ret_whole false: more bytes are wanted. ERR_SYNTAX: what
 * came is no SMPP; close the link. */
int smpp_take(struct str *in, struct smpp_pdu *ret, bool *ret_whole, struct err *e);

/* Appends a PDU without a body: enquire_link, unbind, and responses. */
void smpp_put_bare(struct buf *b, uint32_t command, uint32_t status, uint32_t sequence);
/* deliver_sm_resp: a message id that is not used. */
void smpp_put_delivered(struct buf *b, uint32_t sequence);
void smpp_put_bind(struct buf *b, uint32_t sequence, struct str system_id, struct str password,
                   struct str system_type);

struct smpp_message {
    struct str from, to; /* digits, or for `from` up to 11 letters */
    struct str text;     /* UTF-8 */
    uint8_t reference;   /* the same for all parts, and another for the next text */
};
/* How many parts a text takes; 0: more than SMPP_PARTS_MAX. */
size_t smpp_parts(struct str text);
/* Appends submit_sm for part `i` of `n`: UCS-2, with a concatenation header where n > 1; a receipt
 * is asked for with the last. */
void smpp_put_submit(struct buf *b, uint32_t sequence, const struct smpp_message *m, size_t i,
                     size_t n);

/* The id in a submit_sm_resp; empty if there is none, or it is not of visible ASCII characters. Borrowed. */
struct str smpp_id_of(const struct smpp_pdu *p);

enum smpp_fate { SMPP_UNDECIDED, SMPP_DELIVERED, SMPP_EXPIRED, SMPP_UNDELIVERED };
struct smpp_receipt {
    bool is;            /* false: a message that somebody sent to us */
    struct str id, why; /* borrowed; empty where not of visible ASCII characters */
    enum smpp_fate fate;
};
/* What a deliver_sm tells: by its optional parameters, else by the words that section 5 appendix B
 * of the standard gives (id: ... stat: ...). ERR_SYNTAX. */
int smpp_read_delivery(const struct smpp_pdu *p, struct smpp_receipt *ret, struct err *e);
#endif
