/* pinyin: how Han text is typed with letters: whole syllables ("kaicanguan"), initials ("kcg") or
 * both mixed ("kaicg"), without tones, ü as v. For search only: a character has its commonest
 * reading and at most one other (pinyin_words.h); names of people and places are not settled here.
 */
#ifndef DATA_PINYIN_H
#define DATA_PINYIN_H
#include "base/buf.h"

enum { PINYIN_TYPED_MAX = 63 }; /* letters that are looked at */
enum pinyin_fit { PINYIN_NOT, PINYIN_WITHIN, PINYIN_START, PINYIN_WHOLE };

/* The reading of a character; empty if it has none here. `also`: the other one. */
struct str pinyin_of(int32_t code_point, bool also);
/* Does `typed` (a-z, longer than one letter) spell characters of `text` that follow each other, and
 * where? Letters and digits of the text spell themselves; what else is in it is passed over. */
enum pinyin_fit pinyin_fits(struct str text, struct str typed);
/* The text with each character as its commonest reading, letters in lower case, digits; the rest
 * left out. */
void pinyin_add(struct buf *b, struct str text);
/* What was typed may have one slip: of whole syllables, two to PINYIN_NEAR_SYLLABLES of them, those
 * that are one letter (left out, added, changed, or two swapped) from `typed`, letters in lower case;
 * swapped ones first, in the arena. How many. */
enum { PINYIN_NEAR_SYLLABLES = 5, PINYIN_NEAR_MAX = 128, PINYIN_NEAR_LETTERS = 30 };
size_t pinyin_near(struct arena *a, struct str typed, struct str ret[PINYIN_NEAR_MAX]);
#endif
