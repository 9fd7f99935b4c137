/* keys_store: the folder of the process: master key, sealed signing keys, certificates.
 *
 * master.key holds 32 random bytes in hex, mode 0600: for a demonstration. A production site keeps it in an HSM or
 * gives it at start. keys.sealed holds the signing keys and certificates, ca.sealed the CA's private key, both
 * sealed under keys derived from the master; they tell their own suite.
 * Invariants
 *  1. master.key is written last, signed.log begins after it: a folder with neither is new (or its first start was
 *     broken off, and nothing was ever signed). In any other folder both master.key and keys.sealed must be there:
 *     nothing is replaced silently.
 *  2. No derived key is used for two purposes: each has its own label.
 */
#include <string.h>

#include "os/os.h"
#include "proc/keys/keys_impl.h"
#include "proc/keys/keys_wire.h"

enum { FILE_BYTES_MAX = 65536 };

static const struct str sealed_name = S_INIT("tongban keys 1");

static const char *path_in(struct arena *a, const char *dir, const char *name) {
    return arena_cstr(a, arena_fmt(a, "%s/%s", dir, name));
}

static void derive(struct keys *k, const uint8_t master[KEY_BYTES], uint8_t log_key[KEY_BYTES]) {
    uint8_t id[KEY_BYTES];
    struct keyring *r = &k->ring;
    r->suite = k->suite;
    kdf(k->suite, master, S("keyring id"), id);
    r->key_id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    kdf(k->suite, master, S("keyring kek"), r->kek);
    kdf(k->suite, master, S("keyring blind"), r->blind);
    kdf(k->suite, master, S("keyring row"), r->row);
    kdf(k->suite, master, S("keyring token"), r->token);
    kdf(k->suite, master, S("signed log"), log_key);
}

static struct str seal_file(struct keys *k, const uint8_t master[KEY_BYTES], struct str label, struct str clear) {
    struct data_key key;
    kdf(k->suite, master, label, key.v);
    return seal(&k->own, &k->ring, &key, label, clear);
}

static int open_file(struct keys *k, const uint8_t master[KEY_BYTES], struct str label, struct str sealed,
                     struct str *ret, struct err *e) {
    struct data_key key;
    kdf(k->suite, master, label, key.v);
    return seal_open(&k->own, &k->ring, &key, label, sealed, ret, e);
}

static const struct str root_name = S_INIT("通办演示根证书 Tongban Demo Root");
static const struct str signer_name = S_INIT("通办演示电子印章 Tongban Demo Seal");

/* Root, signer, and the three keys; the CA's private key goes to its own file. */
static int make(struct keys *k, const char *dir, const uint8_t master[KEY_BYTES], struct err *e) {
    struct sign_key *ca = NULL;
    struct str ca_der, der[3], spki;
    struct buf b;
    int64_t now = os_now_ms();
    int rc = sign_key_new(k->suite, &ca, e);
    if (rc == 0) rc = sign_key_new(k->suite, &k->head, e);
    if (rc == 0) rc = sign_key_new(k->suite, &k->paper, e);
    if (rc == 0) rc = sign_key_new(k->suite, &k->token, e);
    if (rc == 0) rc = cert_root(&k->own, ca, root_name, now, &k->root_der, e);
    if (rc == 0) {
        spki = sign_key_public(&k->own, k->paper);
        rc = cert_issue(&k->own, ca, k->root_der, spki, signer_name, now, &k->signer_der, e);
    }
    if (rc == 0) rc = sign_key_save(&k->own, ca, &ca_der, e);
    struct sign_key *three[3] = { k->head, k->paper, k->token };
    for (int i = 0; rc == 0 && i < 3; i++) rc = sign_key_save(&k->own, three[i], &der[i], e);
    sign_key_free(ca);
    if (rc) return rc;
    rc = os_write_file(path_in(&k->own, dir, "ca.sealed"), seal_file(k, master, S("ca.sealed"), ca_der), e);
    if (rc) return rc;
    buf_init(&b, &k->own, 4096, FILE_BYTES_MAX / 2);
    keys_put_str(&b, sealed_name);
    for (int i = 0; i < 3; i++) keys_put_str(&b, der[i]);
    keys_put_str(&b, k->root_der);
    keys_put_str(&b, k->signer_der);
    if (!buf_ok(&b)) return err_set(e, ERR_MEMORY, "keys.sealed");
    return os_write_file(path_in(&k->own, dir, "keys.sealed"), seal_file(k, master, S("keys.sealed"), buf_str(&b)),
                         e);
}

static int load(struct keys *k, const uint8_t master[KEY_BYTES], struct str sealed, struct err *e) {
    struct str clear;
    int rc = open_file(k, master, S("keys.sealed"), sealed, &clear, e);
    if (rc) return err_set(e, ERR_DAMAGED, "keys.sealed does not open under master.key");
    struct keys_in in = { clear, false };
    struct str name = keys_get_str(&in), der[3];
    for (int i = 0; i < 3; i++) der[i] = keys_get_str(&in);
    k->root_der = keys_get_str(&in);
    k->signer_der = keys_get_str(&in);
    if (!keys_in_done(&in) || !str_eq(name, sealed_name)) return err_set(e, ERR_DAMAGED, "keys.sealed: form");
    rc = sign_key_load(der[0], &k->head, e);
    if (rc == 0) rc = sign_key_load(der[1], &k->paper, e);
    if (rc == 0) rc = sign_key_load(der[2], &k->token, e);
    return rc;
}

/* What lies in the folder, into *ret_sealed (empty: nothing yet) and the master key. */
static int look(struct keys *k, struct arena *a, const char *dir, struct str *ret_sealed, uint8_t master[KEY_BYTES],
                struct err *e) {
    struct str hex;
    const char *master_path = path_in(a, dir, "master.key"), *sealed_path = path_in(a, dir, "keys.sealed");
    const char *log_path = path_in(a, dir, "signed.log");
    if (!master_path || !sealed_path || !log_path) return err_set(e, ERR_MEMORY, "keys");
    bool has_master = os_kind(master_path) != OS_NONE, has_sealed = os_kind(sealed_path) != OS_NONE;
    *ret_sealed = S("");
    if (!has_master && os_kind(log_path) == OS_NONE) {
        os_random(master, KEY_BYTES); /* new, or a first start that was broken off: nothing was ever signed */
        return 0;
    }
    if (!has_master) return err_set(e, ERR_DAMAGED, "master.key is missing");
    if (!has_sealed) return err_set(e, ERR_DAMAGED, "keys.sealed is missing");
    int rc = os_read_file(a, master_path, 65, &hex, e);
    if (rc) return rc;
    if (!str_hex_to_bytes(str_trim(hex), master, KEY_BYTES)) return err_set(e, ERR_DAMAGED, "master.key: form");
    rc = os_read_file(&k->own, sealed_path, FILE_BYTES_MAX, ret_sealed, e);
    if (rc) return rc;
    if (ret_sealed->len == 0) return err_set(e, ERR_DAMAGED, "keys.sealed: empty");
    k->suite = ret_sealed->ptr[0] == SUITE_GM ? SUITE_GM : SUITE_INTL;
    return 0;
}

static int write_master(struct arena *a, const char *dir, const uint8_t master[KEY_BYTES], struct err *e) {
    struct buf b;
    const char *path = path_in(a, dir, "master.key");
    buf_init(&b, a, 80, 80);
    buf_add_hex(&b, master, KEY_BYTES);
    buf_add_char(&b, '\n');
    return path && buf_ok(&b) ? os_write_file(path, buf_str(&b), e) : err_set(e, ERR_MEMORY, "keys");
}

int keys_store_open(struct keys *k, const char *dir, enum suite s, uint8_t ret_log_key[KEY_BYTES], struct err *e) {
    struct arena a; /* for what must not outlive this call: arena_done wipes it */
    struct str sealed;
    arena_init(&a, "master key", 65536);
    uint8_t *master = arena_alloc(&a, KEY_BYTES);
    int rc = master ? os_mkdir(dir, e) : err_set(e, ERR_MEMORY, "keys");
    k->suite = s;
    if (rc == 0) rc = look(k, &a, dir, &sealed, master, e);
    if (rc == 0) {
        derive(k, master, ret_log_key);
        rc = sealed.len ? load(k, master, sealed, e) : make(k, dir, master, e);
        if (rc == 0 && !sealed.len) rc = write_master(&a, dir, master, e);
    }
    arena_done(&a);
    if (rc) return rc;
    k->head_spki = sign_key_public(&k->own, k->head);
    k->token_spki = sign_key_public(&k->own, k->token);
    return arena_overflowed(&k->own) ? err_set(e, ERR_MEMORY, "keys") : 0;
}
