#!/usr/bin/env bats
# pause and resume, in every view: what the processes inside do meanwhile, and what the other
# verbs say of a paused container.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154,SC2317 # status and output are bats'; check is called by its name

load lib/bundle
load lib/cgroup
load lib/large

# A bundle whose process answers each line from a fifo by the same. We hold both fifos open: what
# is in one that nobody has open is lost.
make_answering() {
	local pipes=$BATS_TEST_TMPDIR/pipes-$VIEW
	mkdir -p "$pipes"
	mkfifo -m 666 "$pipes"/{up,down}
	exec 6<>"$pipes/down" 7<>"$pipes/up"
	make_bundle '.mounts += [{ destination: "/pipes", type: "bind", source: $pipes, options: ["bind"] }] |
		.process.args = ["sh", "-c", "while read line; do echo $line; done </pipes/down >/pipes/up"]' \
		--arg pipes "$pipes"
}

ask() { # LINE
	echo "$1" >&6
}

expect_answer() { # LINE
	local line
	read -r -t 60 line <&7
	expect_equal "$line" "$1"
}

expect_silence() {
	local line
	! read -r -t 0.3 line <&7 || fail "it said '$line'"
}

@test "nothing runs in a paused container, and all goes on after resume" {
	check() {
		make_answering
		minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
		ask one
		expect_answer one
		run minirun pause "$ID"
		expect_status 0
		expect_output ""
		expect_equal "$(state_of "$ID")" paused
		ask two
		expect_silence
		run minirun resume "$ID"
		expect_status 0
		expect_output ""
		expect_equal "$(state_of "$ID")" running
		expect_answer two
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "a container that waits to be started can be paused, and is started after resume" {
	check() {
		make_answering
		minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
		minirun pause "$ID"
		expect_equal "$(state_of "$ID")" paused
		run timeout 10 "$view" "$VIEW" "$MINIRUN" --root "$ROOT" start "$ID"
		expect_status 1
		expect_output "minirun: cannot start a container in the paused state"
		minirun resume "$ID"
		expect_equal "$(state_of "$ID")" created
		minirun start "$ID"
		ask one
		expect_answer one
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "who is not running is not paused, who is not paused is not resumed" {
	check() {
		make_bundle
		run minirun pause "$ID"
		expect_status 1
		expect_output "minirun: container '$ID' does not exist"
		run minirun resume "$ID"
		expect_status 1
		expect_output "minirun: container '$ID' does not exist"
		start_idle
		run minirun resume "$ID"
		expect_status 1
		expect_output "minirun: container not paused (it is running)"
		minirun pause "$ID"
		run minirun pause "$ID"
		expect_status 1
		expect_output "minirun: container not running (it is paused)"
		expect_equal "$(state_of "$ID")" paused
		local pid
		pid=$(minirun state "$ID" | jq .pid)
		minirun kill "$ID" KILL
		wait_end "$pid"
		run minirun pause "$ID"
		expect_status 1
		expect_output "minirun: container not running (it is stopped)"
		run minirun resume "$ID"
		expect_status 1
		expect_output "minirun: container not paused (it is stopped)"
		minirun delete "$ID"
	}
	in_each_view check
}

@test "KILL ends a paused container, another signal is heard after resume" {
	check() {
		local pid all
		make_bundle
		for all in '' --all; do
			start_idle
			pid=$(minirun state "$ID" | jq .pid)
			minirun pause "$ID"
			minirun kill ${all:+"$all"} "$ID" KILL
			wait_end "$pid"
			expect_equal "$(state_of "$ID")" stopped
			minirun delete "$ID"
		done
		make_answering
		edit_config '.process.args[2] |= "trap \"echo heard >/pipes/up\" TERM; " + .'
		minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
		ask one
		expect_answer one
		minirun pause "$ID"
		minirun kill "$ID" TERM
		expect_silence
		minirun resume "$ID"
		expect_answer heard
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "exec in a paused container is refused, and with --ignore-paused runs when it does" {
	check() {
		make_bundle
		start_idle
		minirun pause "$ID"
		run minirun exec "$ID" true
		expect_status 255
		expect_output "minirun: cannot exec in a paused container (use --ignore-paused to override)"
		mkfifo "$BATS_TEST_TMPDIR/said-$VIEW"
		minirun exec --ignore-paused "$ID" echo ran >"$BATS_TEST_TMPDIR/said-$VIEW" 2>&1 3>&- &
		minirun resume "$ID"
		expect_equal "$(wait_line "$BATS_TEST_TMPDIR/said-$VIEW")" ran
		wait $!
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "a container without a cgroup cannot be paused, and that is one line" {
	make_bundle '.process.args = ["tail", "-f", "/dev/null"]'
	minirun --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	run minirun pause "$ID"
	expect_status 1
	expect_output "minirun: the container is not in a cgroup of its own, so that it cannot be paused"
	run minirun resume "$ID"
	expect_status 1
	expect_output "minirun: container not paused (it is running)"
}

@test "a pause waits for the commit that holds the container still, and outlives it" {
	make_large_bundle
	start_idle
	mkfifo "$BATS_TEST_TMPDIR/archive"
	minirun commit --quiet "$ID" - >"$BATS_TEST_TMPDIR/archive" 3>&- &
	local committer=$!
	exec 8<"$BATS_TEST_TMPDIR/archive"
	[[ $(head -c 1 <&8) == . ]]
	run timeout 1 "$MINIRUN" --root "$ROOT" resume "$ID"
	expect_status 124
	minirun pause "$ID" 8<&- 3>&- &
	local pauser=$!
	cat <&8 >"$BATS_TEST_TMPDIR/rest"
	exec 8<&-
	wait "$committer"
	wait "$pauser"
	expect_equal "$(state_of "$ID")" paused
}
