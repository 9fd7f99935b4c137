/* pinyin_table: what tools/gen_pinyin.c writes when the program is built: for each character from
 * U+4E00 to U+9FFF the index of its commonest reading; 0: none. The syllables end with NULL.
 */
#ifndef DATA_PINYIN_TABLE_H
#define DATA_PINYIN_TABLE_H
#include <stdint.h>
enum { PINYIN_FIRST = 0x4e00, PINYIN_LAST = 0x9fff };
extern const uint16_t pinyin_table[];
extern const char *const pinyin_syllable[];
#endif
