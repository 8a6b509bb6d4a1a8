/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * seal_entry - the entry point of the static program: seals before the C library starts.
 *
 * seal_program() in main() is what makes a run safe; this is the same way in front of it,
 * for the price of three system calls instead of two starts of the library (measured:
 * half of what sealing costs). Where it does not apply (another architecture, a dynamic
 * program, a verb that enters nothing, no permission) it does nothing, and seal_program()
 * decides.
 */

/* For the linker alone: -e seal_entry. */
void seal_entry(void);
