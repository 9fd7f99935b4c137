/* known: crypto_self_test, known answers of both suites at start. A library that was built wrong, or swapped, must
 * not run a government.
 * Sources: FIPS 180-4 and GB/T 32905 ("abc"), RFC 4231 case 1, the GCM specification's case 14,
 * GB/T 32907 annex A.1, RFC 6979 A.2.5 (ECDSA, "sample"), GB/T 32918.5 annex A (SM2, "message digest"). HMAC-SM3 was
 * computed by an independent implementation.
 */
#include "crypto/suite.h"

#include <string.h>

static bool bytes_are(const void *got, struct str hex) {
    uint8_t wanted[64];
    return hex.len <= 2 * sizeof wanted && str_hex_to_bytes(hex, wanted, hex.len / 2) &&
           memcmp(got, wanted, hex.len / 2) == 0;
}

static bool hashes(void) {
    struct digest d;
    uint8_t key[KEY_BYTES] = { 0 };
    struct str data = S("Hi There");
    memset(key, 0x0b, 20); /* HMAC pads keys with zeros */
    hash(SUITE_INTL, S("abc"), &d);
    if (!bytes_are(d.v, S("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))) return false;
    hash(SUITE_GM, S("abc"), &d);
    if (!bytes_are(d.v, S("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"))) return false;
    mac(SUITE_INTL, key, &data, 1, &d);
    if (!bytes_are(d.v, S("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"))) return false;
    mac(SUITE_GM, key, &data, 1, &d);
    return bytes_are(d.v, S("51b00d1fb49832bfb01c3ce27848e59f871d9ba938dc563b338ca964755cce70"));
}

static bool ciphers(void) {
    static const uint8_t zeros[32];
    uint8_t out[16], tag[16], back[16];
    struct str block = str_make((const char *)zeros, 16);
    gcm_seal(zeros, zeros, S(""), S(""), block, out, tag);
    if (!bytes_are(out, S("cea7403d4d606b6e074ec5d3baf39d18")) ||
        !bytes_are(tag, S("d0d1c8a799996bf0265b98b5d48ab919")))
        return false;
    if (!gcm_open(zeros, zeros, S(""), S(""), str_make((char *)out, 16), back, tag) || memcmp(back, zeros, 16) != 0)
        return false;
    tag[0] ^= 1;
    if (gcm_open(zeros, zeros, S(""), S(""), str_make((char *)out, 16), back, tag)) return false;
    uint8_t key[16];
    if (!str_hex_to_bytes(S("0123456789abcdeffedcba9876543210"), key, sizeof key)) return false;
    sm4_ctr(key, key, block, out); /* the key stream's first block is the cipher of the counter */
    return bytes_are(out, S("681edf34d206965e86b3e94f536e4246"));
}

static bool verifies(struct str spki_hex, struct str message, struct str signature_hex) {
    uint8_t spki[128], signature[SIGNATURE_BYTES_MAX];
    size_t n = spki_hex.len / 2, m = signature_hex.len / 2;
    if (n > sizeof spki || m > sizeof signature || !str_hex_to_bytes(spki_hex, spki, n) ||
        !str_hex_to_bytes(signature_hex, signature, m))
        return false;
    struct str key = str_make((char *)spki, n), sig = str_make((char *)signature, m);
    if (!sign_verify(key, message, sig)) return false;
    signature[m - 1] ^= 1;
    return !sign_verify(key, message, sig);
}

static bool signatures(void) {
    return verifies(S("3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"),
                    S("sample"),
                    S("3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                      "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")) &&
           verifies(S("3059301306072a8648ce3d020106082a811ccf5501822d03420004"
                      "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
                      "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"),
                    S("message digest"),
                    S("3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
                      "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"));
}

bool crypto_self_test(void) {
    return hashes() && ciphers() && signatures();
}
