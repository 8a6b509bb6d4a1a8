/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"

enum { DAY = 24 * 60 * 60, DAYS_OF_400_YEARS = 146097, DAYS_TO_1970 = 719468 };

/*
 * The civil date of a day since 1970-01-01. Years are counted from March, so that the
 * leap day is the last of one; a cycle of 400 years has a fixed number of days.
 */
static void find_date(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t shifted = days + DAYS_TO_1970; /* since 0000-03-01 */
	int64_t cycle = shifted / DAYS_OF_400_YEARS;
	int64_t in_cycle = shifted % DAYS_OF_400_YEARS;
	int64_t years =
		(in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
	int64_t in_year = in_cycle - (365 * years + years / 4 - years / 100);
	int64_t from_march = (5 * in_year + 2) / 153;

	*day = in_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = cycle * 400 + years + (*month <= 2);
}

const char *clock_format(struct arena *arena, const struct timespec *time)
{
	int64_t seconds = time->tv_sec % DAY;
	int64_t year, month, day;

	find_date(time->tv_sec / DAY, &year, &month, &day);
	return arena_format(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ", (int)year,
			    (int)month, (int)day, (int)(seconds / 3600),
			    (int)(seconds / 60 % 60), (int)(seconds % 60), time->tv_nsec);
}

const char *clock_text(struct arena *arena)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return clock_format(arena, &now);
}
