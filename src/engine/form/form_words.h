/* Kinds of questions: FORM_KIND(constant, word in forms/NAME.yaml).
 * TO ADD A KIND: 1. a row here, 2. its check in form.c (check_value), 3. its view in form_view.c and a partial in web/layout, 4. what who
 *   makes a form calls it, in web/edit/values.c (the build misses it), 5. a test.
 */
FORM_KIND(TEXT, "text")
FORM_KIND(LONG, "long")
FORM_KIND(INTEGER, "integer")
FORM_KIND(DATE, "date")
FORM_KIND(YES_NO, "yes-no")
FORM_KIND(CHOICE, "choice")
FORM_KIND(MULTI, "multi")
FORM_KIND(SELECT, "select")
FORM_KIND(PHONE, "phone")
FORM_KIND(CITIZEN_ID, "citizen-id")
FORM_KIND(USCC, "uscc")
FORM_KIND(REGISTRY, "registry")
FORM_KIND(ADDRESS, "address")
