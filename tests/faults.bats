#!/usr/bin/env bats
# Nothing left behind: minirun is killed, or one of its system calls fails, at one point after
# the other; `delete --force` then brings the machine back to what it was (tests/faults).
#
# FAULTS=all takes every point (make check-faults), else a number of them for each verb.

load lib/bundle

setup() {
	bundle_setup
	[[ $(uname -m) == x86_64 ]] || skip "the tool reads the registers of x86-64"
}

# An overlay with an init layer (the volume's place is missing), a volume, limits of its own
# and a payload that runs until it is killed.
inject() { # VERB
	local most=${FAULTS:-100}
	[[ $most != all ]] || most=0
	mkdir -p "$BATS_TEST_TMPDIR/faults" "$BATS_TEST_TMPDIR/volume"
	# shellcheck disable=SC2016 # the variables are jq's
	make_bundle '.linux.cgroupsPath = $cgroup | .process.args = ["sleep", "1000"] |
		.mounts += [{ destination: "/missing/place", type: "bind", source: $volume,
			options: ["rbind", "rw"] }]' --arg volume "$BATS_TEST_TMPDIR/volume" \
		--arg cgroup "/$RUN-faults/c1"
	echo kept >"$BATS_TEST_TMPDIR/volume/file"
	run "$builddir/tests/faults/faults" "$MINIRUN" "$BUNDLE" "$BATS_TEST_TMPDIR/faults" \
		"/$RUN-faults/c1" "$1" "$most"
	echo "$output"
	expect_match "$1: [0-9]+ points, 0 failures"
	expect_status 0
	expect_file "$BATS_TEST_TMPDIR/volume/file" kept
}

@test "create can be killed, or fail, at any system call" {
	inject create
}

@test "start can be killed, or fail, at any system call" {
	inject start
}

@test "run can be killed, or fail, at any system call" {
	inject run
}

@test "exec can be killed, or fail, at any system call" {
	inject exec
}

@test "delete can be killed, or fail, at any system call" {
	inject delete
}

@test "gc can be killed, or fail, at any system call" {
	inject gc
}

@test "pause can be killed, or fail, at any system call" {
	inject pause
}

@test "update can be killed, or fail, at any system call" {
	inject update
}

@test "what create and run leave when they are killed, or fail, gc removes too" {
	export FAULTS_CLEANER=gc
	inject create
	inject run
}

@test "commit can be killed, or fail, at any system call" {
	inject commit
}

@test "a child that waits to be started dies with delete, also when its creator died" {
	make_bundle
	minirun create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/log" 2>&1
	pid=$(<"$BATS_TEST_TMPDIR/pid")
	kill -0 "$pid"
	expect_equal "$(state_of "$ID")" created
	minirun delete "$ID"
	run kill -0 "$pid"
	expect_status 1
}
