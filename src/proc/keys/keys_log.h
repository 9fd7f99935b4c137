/* keys_log: what this process has signed, one line each, appended and synced before the signature leaves: heads
 * with home, size, root; papers with case, type, digest. Each line carries an HMAC over the MAC before it and
 * itself, so that a line altered or taken out of the middle is seen at the next start. A log rolled back as a whole
 * is not: heads kept elsewhere are for that (engine/audit/audit_kept.h).
 */
#ifndef PROC_KEYS_KEYS_LOG_H
#define PROC_KEYS_KEYS_LOG_H
#include "crypto/crypto.h"

enum { KEYS_HOMES_MAX = 64, KEYS_LOG_BYTES_MAX = 4 * 1024 * 1024 };
struct keys_seen {
    int64_t home;
    uint64_t size;
    struct digest root;
};
struct keys_log {
    enum suite suite;
    uint8_t mac_key[KEY_BYTES];
    struct digest mac;                     /* of the last line */
    struct keys_seen seen[KEYS_HOMES_MAX]; /* the newest head of each home */
    size_t n;
    size_t bytes;     /* length of the file */
    const char *path; /* borrowed */
    unsigned part;    /* number of the next archive */
};
/* Reads the log, or begins one. A last line without its end (a crash within the append) was never answered for,
 * and is dropped. ERR_DAMAGED if a line does not fit. Over KEYS_LOG_BYTES_MAX the file is put aside as PATH.1,
 * .2 ... and a new one begins with the state. */
int keys_log_open(struct keys_log *l, const char *path, enum suite s, const uint8_t mac_key[KEY_BYTES],
                  struct err *e);
/* May this head be signed? 0, ERR_CONFLICT (smaller, or another root at that size), ERR_LIMIT (too many homes). */
int keys_log_check_head(const struct keys_log *l, int64_t home, uint64_t size, const struct digest *root,
                        struct err *e);
/* The newest head signed for a home; NULL if there is none. */
const struct keys_seen *keys_log_seen(const struct keys_log *l, int64_t home);
/* Remembers; durable on return. An error means: do not sign. */
int keys_log_head(struct keys_log *l, int64_t home, uint64_t size, const struct digest *root, int64_t time_ms,
                  struct err *e);
int keys_log_paper(struct keys_log *l, int64_t case_id, struct str type, const struct digest *digest, int64_t time_ms,
                   struct err *e);

#endif
