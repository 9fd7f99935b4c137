/* sample: the people and companies of the demo city, made from a seed. Plainly synthetic: identifiers carry
 * division codes that are not assigned (99xxxx) and right check characters, telephone numbers begin with
 * 10000 and cannot be dialled, house numbers are beyond any street's, and names come from lists of our own.
 * Places are real communities of Tianjin.
 *
 * The result is CSV text with a header row, one column per name:
 *   person       citizen_id,name,sex,ethnic,birth_date,division,address,household,relation,phone,education,
 *                marital,status
 *     sex, ethnic, relation, education, marital: codes of systems/common; division: 12 digits of a community;
 *     household: 9 digits, shared by a family; relation: to the head of the household (GB/T 4761), who has
 *     02; phone and education empty for small children; status: 正常
 *   company      uscc,name,type,legal_person,division,address,industry,established,capital_fen,scope,status
 *     type: code of economic_type; legal_person: a citizen_id; industry: four-digit class; capital in fen;
 *     status: 存续 or 吊销
 *   shareholder  company,person,ratio
 *     company: a uscc; person: a citizen_id; ratio in ten-thousandths, 10000 in all for each company
 *
 * Invariants (each has a test)
 *  1. The same seed, counts and day give the same bytes.
 *  2. Each household has one head, who is an adult; spouses are of different sex and at least 22 (he) and 20
 *     (she); a parent is at least 18 years older than the child.
 *  3. Identifiers are unique and their check characters right; birth date and sex agree with the identifier.
 *  4. A legal representative and a shareholder are people of the list, and adults on the day of
 *     establishment.
 */
#ifndef APP_SAMPLE_H
#define APP_SAMPLE_H

#include "base/arena.h"
#include "base/err.h"
#include "data/tz.h"

enum { SAMPLE_PEOPLE_MAX = 1000000, SAMPLE_COMPANIES_MAX = 200000 };

struct sample_city {
    struct str people, companies, shareholders; /* CSV, in the arena */
};

/* `today`: on which ages are counted. ERR_RANGE if a count is 0 or over its limit, or there are more
 * companies than people; ERR_MEMORY. Takes about 2 KiB of the arena per person. */
int sample_make(struct arena *a, uint64_t seed, size_t n_people, size_t n_companies, struct civil_date today,
                struct sample_city *ret, struct err *e);

#endif
