/* tz: civil dates, and zones from the system's TZif files (RFC 8536), read by us: no process-global zone. */
#ifndef DATA_TZ_H
#define DATA_TZ_H
#include "base/buf.h"
#include "base/err.h"
/* A day of the proleptic Gregorian calendar (ISO 8601), counted from 1970-01-01 = 0. Distinct from an instant. */
struct civil_date {
    int32_t day;
};
struct civil_time {
    int32_t year;
    uint8_t month, day, hour, minute, second; /* month and day from 1 */
    uint16_t milli;
    int32_t offset_s;                         /* east of UTC */
};
struct civil_date civil_of(int32_t year, unsigned month, unsigned day);
void civil_split(struct civil_date d, int32_t *year, unsigned *month, unsigned *day);
bool civil_valid(int32_t year, unsigned month, unsigned day);
unsigned civil_weekday(struct civil_date d); /* ISO 8601: 1 Monday .. 7 Sunday */
bool civil_parse(struct str s, struct civil_date *ret); /* YYYY-MM-DD; also YYYY/M/D and YYYY年M月D日, full-width digits */
void civil_write(struct buf *b, struct civil_date d);   /* YYYY-MM-DD */
struct tz;
/* "Asia/Shanghai"; reads the zone file below /usr/share/zoneinfo. "UTC" needs no file. ERR_NOT_FOUND. */
int tz_load(struct arena *a, struct str name, struct tz **ret, struct err *e);
/* The same from a TZif file's bytes, which must outlive nothing: all is copied. ERR_DAMAGED, ERR_MEMORY. */
int tz_parse(struct arena *a, struct str bytes, struct tz **ret, struct err *e);
/* Seconds east of UTC at that instant. */
int32_t tz_offset_s(const struct tz *tz, int64_t instant_ms);
void tz_split(const struct tz *tz, int64_t instant_ms, struct civil_time *ret);
struct civil_date tz_date(const struct tz *tz, int64_t instant_ms);
/* First instant that shows this civil time; a gap gives the instant after it. */
int64_t tz_instant_ms(const struct tz *tz, const struct civil_time *t);
void tz_write_iso(struct buf *b, const struct tz *tz, int64_t instant_ms); /* 2026-11-21T15:40:00+08:00, Z at UTC */
#endif
