#!/usr/bin/env bats
# A process that is stopped half-way: by root of a container whose pid namespace it joins, or,
# the launcher itself, by the administrator. Whoever waits for it can be told to give up.
# shellcheck disable=SC2030,SC2031 # a test is a subshell

load lib/bundle

setup() {
	requires "strace is not installed" command -v strace
	bundle_setup
	make_bundle
}

# What is stopped would hold delete up, were there a mistake.
teardown() {
	[[ -z ${LAUNCHER:-} ]] || kill -KILL "$LAUNCHER" 2>/dev/null || true
	bundle_teardown
}

# Starts minirun in the background as $LAUNCHER; returns when it, or a child of its, has been
# stopped at the system call.
stopped_at() { # CALL ARGUMENT...
	local call=$1 line=
	shift
	[[ -p $BATS_TEST_TMPDIR/trace ]] || mkfifo "$BATS_TEST_TMPDIR/trace"
	exec 7<>"$BATS_TEST_TMPDIR/trace"
	strace -D -f -qq -o "$BATS_TEST_TMPDIR/trace" -e "trace=$call" -e "inject=$call:signal=STOP:when=1" \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" "$@" \
		</dev/null >"$BATS_TEST_TMPDIR/launcher.log" 2>&1 3>&- &
	LAUNCHER=$!
	until [[ $line == *"stopped by SIGSTOP"* ]]; do
		read -r -t 60 line <&7 || fail "$(<"$BATS_TEST_TMPDIR/launcher.log")" || return 1
	done
}

flocked() { # DIRECTORY
	! flock --nonblock "$1" true
}

launcher_ended() { # STATUS TEXT
	status=0
	wait_end "$LAUNCHER"
	wait "$LAUNCHER" || status=$?
	expect_status "$1"
	output=$(<"$BATS_TEST_TMPDIR/launcher.log")
	expect_text "$2"
	expect_one_line
}

# What the child calls, and nobody else.
in_create=pivot_root in_exec=setsid

@test "delete --force ends a create whose process is stopped" {
	stopped_at $in_create create --bundle "$BUNDLE" "$ID"
	run timeout 20 "$MINIRUN" --root "$ROOT" delete --force "$ID"
	expect_status 0
	launcher_ended 1 "killed by signal 9"
	run minirun list --quiet
	expect_output ""
}

@test "a create and a run whose process is stopped can be interrupted" {
	local verb
	for verb in create run; do
		stopped_at $in_create "$verb" --bundle "$BUNDLE" "$ID"
		kill -TERM "$LAUNCHER"
		wait_end "$LAUNCHER"
		run minirun list --quiet
		expect_output ""
	done
}

@test "delete --force ends a start whose process is stopped" {
	minirun create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" </dev/null >/dev/null 2>&1
	kill -STOP "$(<"$BATS_TEST_TMPDIR/pid")"
	minirun start "$ID" 3>&- &
	LAUNCHER=$!
	until flocked "$ROOT/$ID"; do :; done
	run timeout 20 "$MINIRUN" --root "$ROOT" --data-root "$DATA" delete --force "$ID"
	expect_status 0
	wait_end "$LAUNCHER"
}

@test "delete --force passes a process of the container that has the lock" {
	start_idle
	exec 8<"$ROOT/$ID"
	flock 8
	tail -f /dev/null </dev/null >/dev/null 2>&1 3>&- &
	exec 8<&-
	# A cgroup of another run of the tests may go meanwhile, which find(1) takes for a failure.
	find /sys/fs/cgroup -path "*/$ID/cgroup.procs" -exec sh -c 'echo "$1" >"$2"' sh $! {} \; || true
	run timeout 20 "$MINIRUN" --root "$ROOT" --data-root "$DATA" delete --force "$ID"
	expect_status 0
	expect_text "waiting for"
	expect_one_line
}

@test "delete waits for a launcher that is stopped, and says so" {
	local delete
	stopped_at socketpair create --bundle "$BUNDLE" "$ID"
	mkfifo "$BATS_TEST_TMPDIR/said"
	minirun delete "$ID" 2>"$BATS_TEST_TMPDIR/said" 3>&- &
	delete=$!
	run wait_line "$BATS_TEST_TMPDIR/said"
	expect_text "waiting for" "$ID"
	kill -CONT "$LAUNCHER"
	wait "$LAUNCHER"
	wait "$delete"
	run minirun list --quiet
	expect_output ""
}

@test "an exec whose process is stopped can be interrupted" {
	start_idle
	stopped_at $in_exec exec "$ID" true
	kill -TERM "$LAUNCHER"
	launcher_ended 255 "interrupted by SIGTERM"
	run minirun exec "$ID" echo alive
	expect_output alive
}

@test "an exec whose process is stopped ends with the container" {
	start_idle
	stopped_at $in_exec exec "$ID" true
	run timeout 20 "$MINIRUN" --root "$ROOT" --data-root "$DATA" delete --force "$ID"
	expect_status 0
	launcher_ended 255 "cannot exec in a stopped container"
}

@test "an exec into a container that ends meanwhile says so" {
	local call
	for call in pidfd_open socketpair setns; do
		start_idle
		stopped_at "$call" exec "$ID" true
		minirun delete --force "$ID"
		kill -CONT "$LAUNCHER"
		launcher_ended 255 "cannot exec in a stopped container"
	done
}
