/* What one may ask for when one names a deputy. DEPUTY_LIMIT(name, value)
 * TO ADD A LIMIT: 1. a row here, 2. who keeps it (deputy_act.c), 3. what the page says of it (web/desk/deputy_new.c).
 */
DEPUTY_LIMIT(DEPUTY_DAYS_MAX, 60)          /* days of one absence, the first and the last included */
DEPUTY_LIMIT(DEPUTY_AHEAD_DAYS_MAX, 180)   /* days from today to its first */
DEPUTY_LIMIT(DEPUTY_OPEN_MAX, 8)           /* offered or in force: of one who is away, and of one who stands in */
DEPUTY_LIMIT(DEPUTY_MATTERS_MAX, 30)       /* named items and systems */
DEPUTY_LIMIT(DEPUTY_REASON_CHARS_MAX, 200)
