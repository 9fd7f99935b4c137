/* sample_data: the word lists of the sample city. Our own selection of common surnames, characters and plain
 * trades; places are real communities with roads of the same district. Not for others than sample.c.
 */
#ifndef APP_SAMPLE_DATA_H
#define APP_SAMPLE_DATA_H

#include <stdbool.h>
#include <stddef.h>

struct sample_place {
    const char *division, *prefix, *road[2];
};
struct sample_trade {
    const char *industry, *word, *scope;
    unsigned weight;
    bool shop; /* may be an individual business */
};

enum { SAMPLE_SURNAMES = 100, SAMPLE_GIVEN = 60, SAMPLE_PLACES = 32, SAMPLE_TRADES = 24, SAMPLE_BRANDS = 40 };

extern const char *const sample_surname[SAMPLE_SURNAMES]; /* by frequency, the most common first */
extern const char *const sample_male[SAMPLE_GIVEN], *const sample_female[SAMPLE_GIVEN]; /* one character each */
extern const struct sample_place sample_place[SAMPLE_PLACES];
extern const struct sample_trade sample_trade[SAMPLE_TRADES];
extern const char *const sample_brand[SAMPLE_BRANDS];

#endif
