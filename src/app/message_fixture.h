/* message_fixture: a person with a verified address, and a delivery that a gateway refused, by the
 * steps that the program takes. Linked to tests only. */
#ifndef APP_MESSAGE_FIXTURE_H
#define APP_MESSAGE_FIXTURE_H
#include "app/city_fixture.h"
#include "engine/notify/notify_out.h"

/* The realm's gateways are all there from now on; verifies `address` for the account. Ends the
 * program if it cannot. */
void message_fixture_verify(const struct city *c, const struct actor *who,
                            enum notify_channel channel, const char *address);
/* Takes everything that is due, hands it over, and gives the code in the letter to `address`; empty where none goes there. */
struct str message_fixture_code(const struct city *c, const char *address);
/* Writes a message to the account: a notice of the system whose confirmations are simplest, or one
 * that the program sends by itself. */
void message_fixture_send(const struct city *c, const struct actor *who, const char *notice);
/* Takes everything that is due, and has each refused; the last one's id, 0 if there was none. */
int64_t message_fixture_refuse(const struct city *c);
#endif
