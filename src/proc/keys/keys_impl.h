/* keys_impl: what keys.c and keys_store.c share. */
#ifndef PROC_KEYS_KEYS_IMPL_H
#define PROC_KEYS_KEYS_IMPL_H
#include <pthread.h>

#include "proc/keys/keys.h"
#include "proc/keys/keys_log.h"

struct keys {
    pthread_mutex_t lock; /* one request at a time; only `--single` has more than one thread here */
    struct arena own;     /* this struct and what it points to; wiped by arena_done */
    enum suite suite;
    struct keyring ring;
    struct sign_key *head, *paper, *token;
    struct str root_der, signer_der; /* certificates */
    struct str head_spki, token_spki;
    bool may_derive;
    struct keys_log log;
};
/* Fills suite, ring, keys and certificates from the folder; makes them if there is nothing. Returns the key of
 * the log's MACs. */
int keys_store_open(struct keys *k, const char *dir, enum suite s, uint8_t ret_log_key[KEY_BYTES], struct err *e);

#endif
