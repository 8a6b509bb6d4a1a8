/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* process - programs run and waited for, processes named without a race. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct error;
struct text;

/* The program of that name in PATH, in the arena; NULL when there is none. */
const char *process_find(const char *name, struct arena *arena);

/*
 * Runs a program (path, no search) with only descriptors 0, 1 and 2, its standard
 * output into *output (at most 64 KiB) or left alone when NULL, and waits. Returns
 * its exit status, 128 + signal when killed.
 */
int process_run(const char *path, char *const argv[], struct text *output,
		struct error *err);

/* No signal blocked, none ignored or caught: before execve(2), which would keep the first
 * two. */
void process_reset_signals(void);

/* Whether the caller is in the first user namespace, that of the host: only there does
 * root make device nodes and set trusted.* attributes. */
bool process_is_host(void);

/* The start time of a process in clock ticks since boot, field 22 of proc(5) stat; 0 if
 * there is no such process or it is a zombie. */
uint64_t process_start_time(pid_t pid);

/* A pidfd of the process with that number, else -1 and errno: ESRCH if there is none. */
int process_pidfd(pid_t pid);

/* A pidfd of the process if it still is the one that started then, else -1 and ESRCH. */
int process_open(pid_t pid, uint64_t start_time);

/* Waits for the child behind a pidfd: exit status, 128 + signal; -1 and errno. */
int process_wait(int pidfd);

/* Waits for a child whose end says nothing. */
void process_reap(pid_t pid);
