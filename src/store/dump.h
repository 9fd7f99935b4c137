/* dump: the form of a logical backup, shared by its writer (dump.c) and reader (load.c).
 *
 *   file   = magic record* digest
 *   magic  = "TONGBAN DUMP 1\n\0"
 *   record = kind(1) length(4, big-endian) payload
 *     'M'  migration applied: engine ' ' number ' ' hash in hex; in the order of the program's list
 *          a definition of a release (define.c) carries its text behind a line break
 *     'T'  table: name, then for each column ' ' name ':' type (1 BIGINT, 2 TEXT, 3 BYTES)
 *     'R'  row of the last table: for each column type(1; 0 is NULL), then 8 bytes big-endian, or length(4) and bytes
 *     'E'  end of the last table: number of rows, 8 bytes
 *     'D'  digest(32), the last record: d(0) = zeros, d(i) = SHA-256(d(i-1) | the i-th 64 KiB of all that is
 *     before this record)
 * Tables by name, rows by key (numbers by value, text and bytes by bytes): two equal stores, of whichever kind,
 * give equal bytes. Left out: store_node (of the process, not of the data), define_table (it stands in the 'M'
 * records) and the indexes of full text, which are made again.
 */
#ifndef STORE_DUMP_H
#define STORE_DUMP_H
#include "crypto/crypto.h"
#include "store/sql.h"

enum {
    DUMP_MAGIC_BYTES = 16,
    DUMP_BLOCK_BYTES = 65536,
    DUMP_HEAD_BYTES = 5,
    DUMP_RECORD_BYTES_MAX = 128 * 1024 * 1024
};
enum { DUMP_TAIL_BYTES = DUMP_HEAD_BYTES + DIGEST_BYTES };
#define DUMP_MAGIC "TONGBAN DUMP 1\n"

/* Whether a table belongs to a backup. */
bool store_dump_has(const struct sql_table *t);
/* The next link of the digest's chain. */
void store_dump_chain(struct digest *d, struct str block);
/* The payload of 'T'. */
struct str store_dump_table_line(struct arena *a, const struct sql_table *t);

#endif
