/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/file.h"
#include "kernel/oom.h"
#include "oci/config.h"

enum { SCORE_LEAST = -1000, SCORE_MOST = 1000 }; /* OOM_SCORE_ADJ_MIN, _MAX */

int oom_check(const struct config_process *process, struct error *err)
{
	const int64_t *score = process->oom_score_adj;

	if (score == NULL || (*score >= SCORE_LEAST && *score <= SCORE_MOST))
		return 0;
	error_set(err, 0, "%" PRId64 " is not between %d and %d", *score, SCORE_LEAST,
		  SCORE_MOST);
	return error_at(err, "process.oomScoreAdj");
}

int oom_apply(const struct config_process *process, int procfd, struct error *err)
{
	const int64_t *score = process->oom_score_adj;
	char text[24];

	if (score == NULL)
		return 0;
	(void)snprintf(text, sizeof(text), "%" PRId64, *score);
	if (file_write(procfd, "self/oom_score_adj", text, err) == 0)
		return 0;
	if (err->code == EACCES)
		error_hint(err, "lowering the score takes CAP_SYS_RESOURCE");
	return error_at(err, "process.oomScoreAdj");
}
