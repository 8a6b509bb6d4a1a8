/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/similar.h"
#include "container/checks.h"
#include "container/survey.h"
#include "oci/bundle.h"
#include "oci/findings.h"
#include "oci/json.h"
#include "oci/layout.h"
#include "oci/mend.h"
#include "oci/overlay_annotations.h"
#include "oci/validate.h"

struct survey {
	struct bundle *bundle;
	struct findings *findings;
	struct mend mend;
	struct arena arena;  /* of the configuration as it is read now */
	bool is_merged;      /* the annotations of the overlay */
	bool is_full;        /* of findings */
	size_t unknown_from; /* the offset behind the last unknown member that was told */
};

static void add(struct survey *survey, struct finding *finding)
{
	if (!findings_add(survey->findings, finding))
		survey->is_full = true;
}

/* The member of the table that an unknown one may stand for, or NULL. */
static const char *meant_by(const struct layout_unknown *unknown)
{
	size_t best = similar_most(unknown->key) + 1;
	const char *meant = NULL;

	for (const struct field *field = unknown->layout->fields; field->key != NULL;
	     field++) {
		size_t distance = similar_distance(unknown->key, field->key);

		if (field->type == FIELD_REFUSED || distance >= best)
			continue;
		best = distance;
		meant = field->key;
	}
	return meant;
}

static void add_unknown(struct survey *survey, const struct layout_unknown *unknown)
{
	const char *meant = meant_by(unknown);
	struct finding finding = { .level = FINDING_WARNING, .text = "unknown member" };
	char place[ERROR_WHERE_MAX];

	(void)mend_place(&survey->mend, unknown->where, place);
	finding.path = place;
	json_position(survey->bundle->text.data, unknown->offset, &finding.line,
		      &finding.column);
	if (meant != NULL)
		finding.text = arena_format(&survey->arena,
					    "unknown member, did you mean '%s'?", meant);
	add(survey, &finding);
}

/* Every reading tells those up to the mistake that ended it, in the order of the file. */
static void add_all_unknown(struct survey *survey, const struct layout_unknown *unknown)
{
	for (; unknown != NULL && !survey->is_full; unknown = unknown->next) {
		if (unknown->offset < survey->unknown_from)
			continue;
		survey->unknown_from = unknown->offset + 1;
		add_unknown(survey, unknown);
	}
}

static void add_error(struct survey *survey, const struct error *err,
		      enum finding_level level)
{
	struct finding finding = { .level = level, .text = err->text };
	char place[ERROR_WHERE_MAX];
	const struct json *node = mend_place(&survey->mend, err->where, place);

	if (mend_has_touched(&survey->mend, place))
		return;
	finding.path = place;
	if (place[0] != '\0')
		json_position(survey->bundle->text.data, node->offset, &finding.line,
			      &finding.column);
	add(survey, &finding);
}

/* A mistake in one of the annotations leaves what came of the others. */
static int merge(struct survey *survey, struct error *err)
{
	struct json *root = json_find(survey->mend.root, "root"), **last;
	const struct json *before = json_find(root, "overlay");

	if (survey->is_merged)
		return 0;
	if (overlay_annotations_merge(&survey->bundle->arena, survey->mend.root, err) ==
	    0) {
		survey->is_merged = true;
		return 0;
	}
	if (json_find(root, "overlay") == before)
		return -1;
	for (last = &root->child; (*last)->next != NULL;)
		last = &(*last)->next;
	*last = NULL;
	root->count--;
	return -1;
}

/* What a feature's check may take for granted. */
static int read_all(struct survey *survey, struct error *err)
{
	struct bundle *bundle = survey->bundle;
	struct layout_unknown *unknown = NULL;
	struct layout_reader reader = { &survey->arena, &unknown };
	int result;

	arena_release(&survey->arena);
	bundle->config = (struct config){ 0 };
	if (merge(survey, err) < 0)
		return -1;
	result = layout_read(config_table(), bundle->json, &reader, &bundle->config, err);
	add_all_unknown(survey, unknown);
	return result < 0 ? -1 : validate_config(&bundle->config, err);
}

/* Reads until nothing is wrong any more. */
static bool read_whole(struct survey *survey)
{
	struct error err;

	while (!survey->is_full) {
		if (read_all(survey, &err) == 0)
			return true;
		add_error(survey, &err, FINDING_ERROR);
		if (!mend_apply(&survey->mend, err.where))
			return false;
	}
	return false;
}

/* One question to a rule. What the tables say by now, or what is said of no place once
 * something was taken out, comes of that. */
static int ask_once(struct survey *survey, const struct survey_rule *rule,
		    const struct mend_edit *before, struct error *err)
{
	if (read_all(survey, err) < 0)
		return -1;
	if (rule->run(survey->bundle, rule->context, err) == 0)
		return 0;
	if (err->where[0] != '\0' || survey->mend.edits == before)
		add_error(survey, err, rule->level);
	return -1;
}

/* What is taken out for a rule is put back for the next. */
static void ask(struct survey *survey, const struct survey_rule *rule)
{
	const struct mend_edit *before = survey->mend.edits;
	struct error err;

	if (rule->needs != NULL && findings_have_error(survey->findings, rule->needs))
		return;
	while (!survey->is_full && ask_once(survey, rule, before, &err) < 0 &&
	       mend_apply(&survey->mend, err.where)) {
	}
	mend_undo(&survey->mend, before);
}

static int run_listed(const struct bundle *bundle, const void *context, struct error *err)
{
	const struct check *check = context;

	return check->run(bundle, err);
}

/* "LINE:COLUMN: reason", json.h. */
static void add_syntax(struct survey *survey, const struct error *err)
{
	struct finding finding = { .path = "" };
	char *rest;

	finding.line = strtoul(err->text, &rest, 10);
	finding.column = strtoul(rest + 1, &rest, 10);
	finding.text = rest + 2;
	add(survey, &finding);
}

static void ask_all(struct survey *survey, const struct survey_rule *rules)
{
	for (const struct check *check = checks_list(); check->run != NULL; check++)
		ask(survey, &(struct survey_rule){ run_listed, check, check->needs,
						   FINDING_ERROR });
	for (; rules->run != NULL; rules++)
		ask(survey, rules);
}

void survey_run(struct bundle *bundle, const struct survey_rule *rules,
		struct findings *findings)
{
	struct survey survey = { .bundle = bundle, .findings = findings };
	struct json *json;
	struct error err;

	findings->file_name = bundle->file_name;
	json = json_parse(&bundle->arena, bundle->text.data, bundle->text.length, &err);
	if (json != NULL && json->type != JSON_OBJECT) {
		json = NULL;
		(void)error_set(&err, 0, "1:1: not an object");
	}
	if (json == NULL) {
		add_syntax(&survey, &err);
		return;
	}
	bundle->json = json;
	survey.mend = (struct mend){ .root = json, .arena = &bundle->arena };
	if (read_whole(&survey))
		ask_all(&survey, rules);
	arena_release(&survey.arena);
	bundle->config = (struct config){ 0 };
	findings_sort(findings);
}
