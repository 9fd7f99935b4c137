/* Fuzz target: SMPP. Whatever a peer sends is taken apart to its end, and nothing beyond it is read. */
#include "data/smpp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str in = str_make((const char *)data, size);
    struct smpp_pdu p;
    struct smpp_receipt r;
    struct err e = { 0 };
    bool whole = true;
    while (smpp_take(&in, &p, &whole, &e) == 0 && whole) {
        if (smpp_id_of(&p).len > SMPP_ID_BYTES_MAX) __builtin_trap();
        if (smpp_read_delivery(&p, &r, &e) == 0 && r.id.len > SMPP_ID_BYTES_MAX) __builtin_trap();
    }
    return 0;
}
