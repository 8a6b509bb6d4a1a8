/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"

enum { GRACE_SECONDS = 2 };

static FILE *listing; /* nftw(3) hands no argument on */

static int list_one(const char *path, const struct stat *status, int type,
		    struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	(void)fprintf(listing, "file %s\n", path);
	return 0;
}

/* Unpacked layers stay by design: below layers only unfinished ones would count. */
static void list_files(const char *path)
{
	if (path != NULL)
		(void)nftw(path, list_one, 16, FTW_PHYS);
}

static void list_mounts(void)
{
	char line[4096];
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		(void)fprintf(listing, "mount %s", line);
	if (file != NULL)
		(void)fclose(file);
}

/* Calls for the mount point of every hierarchy. */
static void each_hierarchy(void (*call)(const char *directory, const void *context),
			   const void *context)
{
	DIR *directory = opendir("/sys/fs/cgroup");
	struct dirent *entry;
	char path[512];

	call("/sys/fs/cgroup", context);
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		(void)snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", entry->d_name);
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			call(path, context);
	}
	if (directory != NULL)
		(void)closedir(directory);
}

/* The first component too: parents that were made on the way go as well. */
static void list_cgroup(const char *directory, const void *context)
{
	const struct machine *machine = context;
	char path[1024], *second;

	(void)snprintf(path, sizeof(path), "%s%s", directory, machine->cgroup);
	second = strchr(path + strlen(directory) + 1, '/');
	if (second != NULL)
		*second = '\0';
	if (access(path, F_OK) == 0)
		(void)fprintf(listing, "cgroup %s\n", path);
}

char *machine_look(const struct machine *machine)
{
	char *text = NULL;
	size_t size;

	listing = open_memstream(&text, &size);
	list_mounts();
	list_files(machine->root);
	list_files(machine->data_root);
	list_files(machine->output);
	each_hierarchy(list_cgroup, machine);
	(void)fclose(listing);
	return text;
}

/* Interrupts waitpid(2): what was about to end by itself has had its time. */
static void on_alarm(int number)
{
	(void)number;
}

static int first_child(void)
{
	char path[64];
	FILE *file;
	int child = -1;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	if (file == NULL || fscanf(file, "%d", &child) != 1)
		child = -1;
	if (file != NULL)
		(void)fclose(file);
	return child;
}

int machine_reap(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int running = 0, child;

	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm(GRACE_SECONDS);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
	(void)alarm(0);
	while ((child = first_child()) > 0) {
		running++;
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, __WALL);
	}
	return running;
}

struct frozen {
	const struct machine *machine;
	bool *found;
};

static void look_frozen(const char *directory, const void *context)
{
	static const char *const files[] = { "cgroup.freeze", "freezer.state" };
	const struct frozen *frozen = context;

	for (size_t i = 0; i < 2; i++) {
		char path[1024], state[32] = "";
		FILE *file;

		(void)snprintf(path, sizeof(path), "%s%s/%s", directory,
			       frozen->machine->cgroup, files[i]);
		file = fopen(path, "re");
		if (file == NULL)
			continue;
		if (fgets(state, sizeof(state), file) != NULL &&
		    (state[0] == '1' || strncmp(state, "FR", 2) == 0))
			*frozen->found = true;
		(void)fclose(file);
	}
}

/* A guardian thaws as soon as its parent is dead, and is our child from then on. */
static void wait_for_guardians(void)
{
	char path[64], name[32];
	FILE *children, *comm;
	int child;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	children = fopen(path, "re");
	while (children != NULL && fscanf(children, "%d", &child) == 1) {
		(void)snprintf(path, sizeof(path), "/proc/%d/comm", child);
		comm = fopen(path, "re");
		if (comm == NULL)
			continue;
		if (fgets(name, sizeof(name), comm) != NULL &&
		    strcmp(name, "minirun-thaw\n") == 0)
			(void)waitpid(child, NULL, __WALL);
		(void)fclose(comm);
	}
	if (children != NULL)
		(void)fclose(children);
}

bool machine_frozen(const struct machine *machine)
{
	bool found = false;
	const struct frozen frozen = { machine, &found };

	wait_for_guardians();
	each_hierarchy(look_frozen, &frozen);
	return found;
}

static bool has_line(const char *text, const char *line, size_t length)
{
	for (const char *at = text; (at = strstr(at, line)) != NULL; at++) {
		if ((at == text || at[-1] == '\n') &&
		    (at[length] == '\n' || at[length] == '\0'))
			return true;
	}
	return false;
}

static const char *first_missing(const char *text, const char *other, const char *sign)
{
	static char found[4200];

	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		char line[4096];

		(void)snprintf(line, sizeof(line), "%.*s", (int)length, text);
		if (!has_line(other, line, strlen(line))) {
			(void)snprintf(found, sizeof(found), "%s%s", sign, line);
			return found;
		}
		text += length + (text[length] == '\n');
	}
	return NULL;
}

const char *machine_difference(const char *before, const char *after)
{
	const char *more = first_missing(after, before, "left: ");

	return more != NULL ? more : first_missing(before, after, "lost: ");
}
