#!/usr/bin/env bats
# kill: what else than the first process a signal reaches, in every view.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154,SC2317 # status and output are bats'; check is called by its name

load lib/bundle
load lib/cgroup

shared_pids='.linux.namespaces |= map(select(.type != "pid"))'

@test "signal 0 asks whether a container runs" {
	make_bundle
	start_idle
	run minirun kill "$ID" 0
	expect_status 0
	wait_pid=$(minirun state "$ID" | jq .pid)
	minirun kill "$ID" KILL
	wait_end "$wait_pid"
	run minirun kill "$ID" 0
	expect_status 1
	expect_text "container not running"
	minirun delete "$ID"
}

@test "a created container ends on what asks it to end, and can be deleted then" {
	local signal pid
	make_bundle '.process.args = ["true"]'
	for signal in HUP INT QUIT TERM; do
		minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
		pid=$(minirun state "$ID" | jq .pid)
		minirun kill "$ID" USR1
		minirun kill "$ID" "$signal"
		timeout 10 tail --pid="$pid" --follow /dev/null
		expect_equal "$(state_of "$ID")" stopped
		minirun delete "$ID"
	done
}

@test "KILL reaches all processes where the pid namespace is another's" {
	check() {
		local first other
		make_bundle "$shared_pids"
		start_idle
		minirun exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" tail -f /dev/null </dev/null >/dev/null 2>&1
		first=$(minirun state "$ID" | jq .pid) other=$(<"$BATS_TEST_TMPDIR/pid")
		minirun kill "$ID" KILL
		wait_end "$first"
		wait_end "$other"
		run minirun kill "$ID" KILL
		expect_status 1
		expect_text "container not running"
		minirun delete "$ID"
	}
	in_each_view check
}

@test "KILL reaches what has outlived the first process" {
	check() {
		local first other
		make_bundle "$shared_pids"
		start_idle
		minirun exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" tail -f /dev/null </dev/null >/dev/null 2>&1
		first=$(minirun state "$ID" | jq .pid) other=$(<"$BATS_TEST_TMPDIR/pid")
		kill -KILL "$first"
		wait_end "$first"
		minirun kill "$ID" KILL
		wait_end "$other"
		minirun delete "$ID"
	}
	in_each_view check
}
