#!/usr/bin/env bats
# The program that enters a container cannot be written through it (CVE-2019-5736); it is raced for
# in processes.bats.
# shellcheck disable=SC2016

load ../lib/bundle

pid_of() {
	minirun state "$ID" | jq .pid
}

# Fails when seal_program() and seal_before_libc() return at once.
@test "the file behind a waiting container cannot be written" {
	local pid
	make_plain_bundle '.process.args = ["true"]'
	sha256sum "$MINIRUN" >"$BATS_TEST_TMPDIR/sum"
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	pid=$(pid_of)

	# While it is executed nobody can; what counts is a descriptor kept until it is not.
	exec 9<"/proc/$pid/exe"
	run bash -c "exec 8>/proc/$pid/exe"
	expect_status 1
	# busybox takes the path as it is, where mount(8) would follow the link's text.
	run busybox mount -o remount,bind,rw none "/proc/$pid/exe"
	[[ $status -ne 0 ]]
	expect_text "Invalid argument"
	touch "$BATS_TEST_TMPDIR/target"
	run busybox mount -o bind "/proc/$pid/exe" "$BATS_TEST_TMPDIR/target"
	[[ $status -ne 0 ]]
	expect_text "Invalid argument"

	minirun start "$ID"
	wait_end "$pid"
	run bash -c 'exec 8>/proc/self/fd/9'
	exec 9<&-
	expect_status 1
	expect_text "Read-only file system"
	sha256sum --check --quiet "$BATS_TEST_TMPDIR/sum"
}

@test "the seal leaves arguments and environment as they were" {
	make_plain_bundle
	run run_script 'tr "\0" "\n" </proc/1/environ'
	expect_status 0
	expect_no_text MINIRUN_SEALED
	# The name of the program stays "minirun" for ps(1).
	minirun create --bundle "$BUNDLE" "$RUN-b" </dev/null >/dev/null 2>&1
	expect_equal "$(cat "/proc/$(minirun state "$RUN-b" | jq .pid)/comm")" minirun
}

@test "a marker of somebody else does not stand for a seal" {
	make_plain_bundle
	export MINIRUN_SEALED=1
	run run_script 'true'
	expect_status 1
	expect_one_line
	expect_text "cannot seal"
}
