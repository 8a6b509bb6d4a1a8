/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "kernel/cgroup_resources.h"
#include "oci/config.h"

int64_t cgroup_value_int(const int64_t *member)
{
	return member == NULL ? 0 : *member;
}

uint64_t cgroup_value_uint(const uint64_t *member)
{
	return member == NULL ? 0 : *member;
}

const char *cgroup_value_number(char buffer[CGROUP_VALUE_MAX], int64_t value)
{
	(void)snprintf(buffer, CGROUP_VALUE_MAX, "%" PRId64, value);
	return buffer;
}

const char *cgroup_value_max(char buffer[CGROUP_VALUE_MAX], int64_t value)
{
	return value == -1 ? "max" : cgroup_value_number(buffer, value);
}

static const char *number_if_set(char buffer[CGROUP_VALUE_MAX], int64_t value)
{
	return value == 0 ? NULL : cgroup_value_number(buffer, value);
}

const char *cgroup_value_limit(const struct config_resources *resources,
			       char buffer[CGROUP_VALUE_MAX])
{
	if (resources->memory == NULL)
		return NULL;
	return number_if_set(buffer, cgroup_value_int(resources->memory->limit));
}

const char *cgroup_value_reservation(const struct config_resources *resources,
				     char buffer[CGROUP_VALUE_MAX])
{
	if (resources->memory == NULL)
		return NULL;
	return number_if_set(buffer, cgroup_value_int(resources->memory->reservation));
}

const char *cgroup_value_swappiness(const struct config_resources *resources,
				    char buffer[CGROUP_VALUE_MAX])
{
	if (resources->memory == NULL || resources->memory->swappiness == NULL)
		return NULL;
	return cgroup_value_number(buffer, (int64_t)*resources->memory->swappiness);
}

/* "false" is how every cgroup begins, on v2 the only way, and managers always say it. */
const char *cgroup_value_disable_oom_killer(const struct config_resources *resources,
					    char buffer[CGROUP_VALUE_MAX])
{
	if (resources->memory == NULL || resources->memory->disable_oom_killer == NULL ||
	    !*resources->memory->disable_oom_killer)
		return NULL;
	return cgroup_value_number(buffer, 1);
}

const char *cgroup_value_idle(const struct config_resources *resources,
			      char buffer[CGROUP_VALUE_MAX])
{
	if (resources->cpu == NULL || resources->cpu->idle == NULL)
		return NULL;
	return cgroup_value_number(buffer, *resources->cpu->idle);
}

const char *cgroup_value_burst(const struct config_resources *resources,
			       char buffer[CGROUP_VALUE_MAX])
{
	if (resources->cpu == NULL || resources->cpu->burst == NULL)
		return NULL;
	return cgroup_value_number(buffer, (int64_t)*resources->cpu->burst);
}

/* -1 is no limit, as the kernel has it. */
const char *cgroup_value_realtime_runtime(const struct config_resources *resources,
					  char buffer[CGROUP_VALUE_MAX])
{
	if (resources->cpu == NULL)
		return NULL;
	return number_if_set(buffer, cgroup_value_int(resources->cpu->realtime_runtime));
}

const char *cgroup_value_realtime_period(const struct config_resources *resources,
					 char buffer[CGROUP_VALUE_MAX])
{
	if (resources->cpu == NULL ||
	    cgroup_value_uint(resources->cpu->realtime_period) == 0)
		return NULL;
	(void)snprintf(buffer, CGROUP_VALUE_MAX, "%" PRIu64,
		       *resources->cpu->realtime_period);
	return buffer;
}

static const char *text_if_set(const char *text)
{
	return text == NULL || text[0] == '\0' ? NULL : text;
}

const char *cgroup_value_cpus(const struct config_resources *resources,
			      char buffer[CGROUP_VALUE_MAX])
{
	buffer[0] = '\0'; /* a list may be longer than any buffer */
	return resources->cpu == NULL ? NULL : text_if_set(resources->cpu->cpus);
}

const char *cgroup_value_mems(const struct config_resources *resources,
			      char buffer[CGROUP_VALUE_MAX])
{
	buffer[0] = '\0'; /* a list may be longer than any buffer */
	return resources->cpu == NULL ? NULL : text_if_set(resources->cpu->mems);
}

/* 0 becomes 1, as runc has it, so that it is the same under systemd, which takes no 0:
 * the one process there is may not fork either way. */
const char *cgroup_value_pids(const struct config_resources *resources,
			      char buffer[CGROUP_VALUE_MAX])
{
	int64_t limit;

	if (resources->pids == NULL || resources->pids->limit == NULL)
		return NULL;
	limit = *resources->pids->limit;
	return limit < 0 ? "max" : cgroup_value_number(buffer, limit == 0 ? 1 : limit);
}

/* The logarithm to base 2: a bit of the fraction for every squaring. */
static double log_2(uint64_t number)
{
	int whole = 63 - __builtin_clzll(number);
	double x = (double)number / (double)(UINT64_C(1) << whole), bit = 0.5;
	double result = whole;

	for (int i = 0; i < 53; i++) {
		x *= x;
		if (x >= 2) {
			x /= 2;
			result += bit;
		}
		bit /= 2;
	}
	return result;
}

/* e to the x for 0 <= x < 10: the series of x/16, squared four times. */
static double exponential(double x)
{
	double term = 1, sum = 1;

	for (int i = 1; i < 20; i++) {
		term *= x / 16 / i;
		sum += term;
	}
	for (int i = 0; i < 4; i++)
		sum *= sum;
	return sum;
}

/*
 * The curve that runc and crun use, through (2, 1), (1024, 100) and (262144, 10000):
 * with the straight line of before, the default of 1024 became 39, less than what
 * processes outside get. Without libm, which this one place would add to the program.
 */
uint64_t cgroup_weight_of_shares(uint64_t shares)
{
	double l, exponent, weight;
	uint64_t whole;

	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log_2(shares);
	exponent = (l * l + 125 * l) / 612 - 7.0 / 34;
	weight = exponential(exponent * 2.302585092994045684);
	whole = (uint64_t)weight;
	return weight - (double)whole > 1e-9 ? whole + 1 : whole;
}
