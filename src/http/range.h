/* range: one byte range (RFC 9110 section 14). Several ranges in one field are answered with the whole, as section 14.2
 * allows. */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H
#include "http/http.h"
enum http_range { HTTP_RANGE_WHOLE, HTTP_RANGE_PART, HTTP_RANGE_OUTSIDE }; /* 200, 206, 416 */
/* `value` of the Range field for a representation of `size` bytes. For PART gives offset and length (> 0). */
enum http_range http_range(struct str value, uint64_t size, uint64_t *offset, uint64_t *length);
#endif
