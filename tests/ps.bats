#!/usr/bin/env bats
# ps: the processes of the container's cgroup, in every view, as a table of ps(1) and as JSON.
# shellcheck disable=SC2016 # what stands in single quotes is for the container
# shellcheck disable=SC2154,SC2317 # status and output are bats'; check is called by its name

load lib/bundle
load lib/cgroup

# The pids inside, in the order of the lines, as the host sees them.
pids_of() { # TABLE
	awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "PID") column = i; next } { print $column }' <<<"$1" |
		sort -n
}

@test "first process, children and what exec started, and nobody else" {
	requires "ps is not installed" command -v ps
	check() {
		make_bundle
		start_idle
		mkfifo "$BATS_TEST_TMPDIR/said-$VIEW"
		exec 6<>"$BATS_TEST_TMPDIR/said-$VIEW"
		minirun exec --detach "$ID" sh -c 'tail -f /dev/null & echo up; wait' \
			>&6 2>/dev/null 3>&-
		expect_equal "$(wait_line "$BATS_TEST_TMPDIR/said-$VIEW")" up
		# The shell that counts is the fourth.
		run minirun exec "$ID" sh -c 'set -- /proc/[0-9]*; echo $#'
		expect_output 4
		run minirun ps --format json "$ID"
		expect_status 0
		expect_match '^\[[0-9]+,[0-9]+,[0-9]+\]$'
		local pids
		pids=$(jq -r 'sort[]' <<<"$output")
		expect_equal "$(head -n 1 <<<"$pids")" "$(minirun state "$ID" | jq .pid)"
		run minirun ps "$ID"
		expect_status 0
		expect_match $'^UID +PID +PPID[^\n]+ CMD\n'
		expect_equal "$(pids_of "$output")" "$pids"
		run minirun ps -f table "$ID" -o args,pid
		expect_status 1
		expect_text "unable to parse pid "
		expect_one_line
		run minirun ps "$ID" -e -o pid,args
		expect_status 0
		expect_equal "$(pids_of "$output")" "$pids"
		expect_text "sh -c tail -f /dev/null & echo up; wait"
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "what is in a cgroup below is the container's, and a paused one is told of too" {
	requires "ps is not installed" command -v ps
	check() {
		[[ $VIEW == v2 ]] || return 0 # where a payload's own cgroup can be had
		make_bundle '.annotations["run.oci.delegate-cgroup"] = "below"'
		start_idle
		minirun pause "$ID"
		run minirun ps --format=json "$ID"
		expect_status 0
		expect_output "[$(minirun state "$ID" | jq .pid)]"
		run minirun ps "$ID"
		expect_text "tail -f /dev/null"
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "a container that has stopped has no processes" {
	requires "ps is not installed" command -v ps
	check() {
		make_bundle '.process.args = ["true"]'
		minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
		local pid
		pid=$(minirun state "$ID" | jq .pid)
		run minirun ps --format json "$ID"
		expect_output "[$pid]"
		minirun start "$ID"
		wait_end "$pid"
		run minirun ps --format json "$ID"
		expect_output "[]"
		run minirun ps "$ID"
		expect_status 0
		expect_one_line
		expect_match '^UID +PID'
		minirun delete "$ID"
	}
	in_each_view check
}

@test "mistakes are one line" {
	requires "ps is not installed" command -v ps
	make_bundle
	run minirun ps "$ID"
	expect_status 1
	expect_output "minirun: container '$ID' does not exist"
	start_idle
	run minirun ps --format tree "$ID"
	expect_status 1
	expect_output "minirun: option '--format': 'tree' is not table or json"
	run minirun ps "$ID" --no-such-option
	expect_status 1
	expect_text "minirun: ps failed with status 1: "
	expect_one_line
	run minirun ps "$ID" -o args
	expect_status 1
	expect_output "minirun: couldn't find PID field in ps output"
	run env PATH=/nothing "$MINIRUN" --root "$ROOT" ps "$ID"
	expect_status 1
	expect_output 'minirun: exec: "ps": executable file not found in $PATH'
	run env -u PATH "$MINIRUN" --root "$ROOT" ps "$ID"
	expect_status 0
	expect_text "tail -f /dev/null"
	run minirun ps --help
	expect_text "Usage: minirun ps"
	run minirun ps "$ID" --help simple
	expect_no_text "Usage: minirun"
}

@test "without a cgroup nobody knows them, and that is one line" {
	make_bundle '.process.args = ["tail", "-f", "/dev/null"]'
	minirun --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	run minirun ps "$ID"
	expect_status 1
	expect_output "minirun: the container is not in a cgroup of its own, so that its processes are not known"
}
