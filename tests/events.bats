#!/usr/bin/env bats
# The verb events: what a container uses, and when it runs out of memory; in every view that
# tests/lib/view can show here. tests/unit/test_cgroup_stats.c has what those cannot.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154,SC2317 # status and output are bats'; check is called by its name

load lib/bundle
load lib/cgroup

# A container whose script waits for a line on /pipes/down first.
start_script() { # SCRIPT
	mkdir -p "$BATS_TEST_TMPDIR/pipes"
	[[ -p $BATS_TEST_TMPDIR/pipes/up ]] || mkfifo -m 666 "$BATS_TEST_TMPDIR"/pipes/{up,down}
	edit_config '.process.args = ["sh", "-c", "read line </pipes/down; " + $script] |
		.mounts += [{ destination: "/pipes", type: "bind", source: $source, options: ["bind"] }]' \
		--arg script "$1" --arg source "$BATS_TEST_TMPDIR/pipes"
	minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/idle.log" 2>&1 ||
		fail "$(<"$BATS_TEST_TMPDIR/idle.log")"
}

go_on() {
	echo go >"$BATS_TEST_TMPDIR/pipes/down"
}

# Its events come to next_event() from now on. What it warns of is in the file "warnings".
follow() { # [OPTION...]
	[[ -p $BATS_TEST_TMPDIR/events ]] || mkfifo "$BATS_TEST_TMPDIR/events"
	minirun events "$@" "$ID" >"$BATS_TEST_TMPDIR/events" 2>"$BATS_TEST_TMPDIR/warnings" 3>&- &
	FOLLOWER=$!
	exec 7<"$BATS_TEST_TMPDIR/events"
}

# Sets `event` to the next that has the text; fails when none comes in a minute.
next_event() { # TEXT
	local deadline=$((SECONDS + 60))
	while ((SECONDS < deadline)) && read -r -t 60 event <&7; do
		if [[ $event == *"$1"* ]]; then return; fi
	done
	fail "no event with '$1'"
}

# The events end by themselves, with success, and none has the text.
expect_end() { # TEXT
	local deadline=$((SECONDS + 60))
	while read -r -t 60 event <&7; do
		((SECONDS < deadline)) || fail "no end" || return 1
		[[ $event != *"$1"* ]] || fail "got '$event'" || return 1
	done
	exec 7<&-
	wait "$FOLLOWER"
}

stats() {
	minirun events --stats "$ID"
}

requires_memory() {
	local VIEW=hybrid
	requires "no memory controller" hierarchy_of memory
}

@test "what a container uses is what the files of its cgroup say" {
	check() {
		make_bundle
		if hierarchy_of pids; then
			edit_config '.linux.resources = { pids: { limit: 20 } }'
		fi
		if hierarchy_of memory; then
			edit_config '.linux.resources.memory = { limit: 33554432 }'
		fi
		start_idle
		run stats
		expect_status 0
		expect_one_line
		expect_equal "$(jq -c 'keys_unsorted, .type, .id, (.data | keys_unsorted)' <<<"$output" | tr '\n' ' ')" \
			"[\"type\",\"id\",\"data\"] \"stats\" \"$ID\" [\"cpu\",\"cpuset\",\"memory\",\"pids\",\"blkio\",\"hugetlb\",\"intel_rdt\",\"network_interfaces\"] "
		expect_equal "$(jq -c '.data | .intel_rdt, .network_interfaces' <<<"$output")" $'{}\nnull'
		if hierarchy_of pids; then
			expect_equal "$(jq -c .data.pids <<<"$output")" '{"current":1,"limit":20}'
		else
			expect_equal "$(jq -c .data.pids <<<"$output")" '{"current":1}'
		fi
		if hierarchy_of memory; then
			expect_equal "$(jq .data.memory.usage.limit <<<"$output")" 33554432
			jq -e '.data.memory | .usage.usage > 0 and .usage.usage <= .usage.limit and
				.raw.pgfault > 0' <<<"$output"
		else
			expect_equal "$(jq -c '.data.memory | del(.psi)' <<<"$output")" '{}'
		fi
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "the processors of a container's set, on v1" {
	check() {
		[[ $VIEW != v2 ]] && hierarchy_of cpuset || return 0
		make_bundle '.linux.resources.cpu = { cpus: "0", mems: "0" }'
		start_idle
		expect_equal "$(stats | jq -c '.data.cpuset | .cpus, .mems, .sched_relax_domain_level')" $'[0]\n[0]\n-1'
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "time on the processors grows with work, and was more than none" {
	check() {
		make_bundle
		start_idle
		local before after
		before=$(stats | jq .data.cpu.usage.total)
		minirun exec "$ID" sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done'
		after=$(stats | jq .data.cpu.usage.total)
		# The loop takes more than ten milliseconds, and these are nanoseconds.
		((before > 0 && after - before > 10000000)) || fail "from $before to $after"
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "pressure is told where the controllers are v2's" {
	check() {
		make_bundle
		start_idle
		local psi
		psi=$(stats | jq '.data.cpu.psi')
		if [[ $VIEW == v2 && -e $(unified)/$ID/cpu.pressure ]]; then
			jq -e 'type == "object" and (.some == null or (.some | has("avg10") and has("total")))' <<<"$psi"
		elif hierarchy_of cpu; then
			expect_equal "$psi" null
		fi
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "a container that waits to be started uses something, too" {
	make_bundle
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/idle.log" 2>&1
	run stats
	expect_status 0
	expect_equal "$(jq .data.pids.current <<<"$output")" 1
	minirun delete --force "$ID"
}

@test "events come at every interval and end with the container" {
	check() {
		make_bundle
		start_script true
		follow --interval 10ms
		next_event '"type":"stats"'
		next_event '"pids":{"current":1'
		go_on
		expect_end '"oom"'
		if ! hierarchy_of memory; then
			expect_file "$BATS_TEST_TMPDIR/warnings" \
				"minirun: warning: no memory controller: nothing tells when container '$ID' runs out of memory"
		else
			expect_file "$BATS_TEST_TMPDIR/warnings" ""
		fi
		minirun delete "$ID"
	}
	in_each_view check
}

@test "events end when the container is deleted" {
	make_bundle
	start_script true
	follow --interval 10ms
	next_event '"type":"stats"'
	minirun delete --force "$ID"
	expect_end '"oom"'
}

@test "an out-of-memory inside is told, and the container goes on" {
	check() {
		make_bundle '.linux.resources.memory = { limit: 33554432, swap: 33554432 }'
		hierarchy_of memory || return 0
		start_script 'dd if=/dev/zero of=/dev/null bs=64M count=1; echo $? >/pipes/up; read line </pipes/down'
		follow --interval 10ms
		next_event '"type":"stats"'
		go_on
		expect_equal "$(wait_line "$BATS_TEST_TMPDIR/pipes/up")" 137
		next_event '"type":"oom"'
		expect_equal "$event" "{\"type\":\"oom\",\"id\":\"$ID\"}"
		next_event '"type":"stats"'
		go_on
		expect_end nothing
		minirun delete "$ID"
	}
	requires_memory
	in_each_view check
}

@test "an out-of-memory that ends the container is told before the end" {
	check() {
		make_bundle '.linux.resources.memory = { limit: 33554432, swap: 33554432 }'
		hierarchy_of memory || return 0
		start_script 'exec dd if=/dev/zero of=/dev/null bs=64M count=1'
		follow --interval 10ms
		next_event '"type":"stats"'
		go_on
		next_event '"type":"oom"'
		expect_end nothing
		minirun delete "$ID"
	}
	requires_memory
	in_each_view check
}

@test "a container that has ended is not running, and one that is not there does not exist" {
	make_bundle
	start_script true
	local pid
	pid=$(minirun state "$ID" | jq .pid)
	go_on
	wait_end "$pid"
	for option in --stats --interval=1s; do
		run minirun events "$option" "$ID"
		expect_status 1
		expect_output "minirun: container with id $ID is not running"
		run minirun events "$option" "$RUN-none"
		expect_status 1
		expect_output "minirun: container '$RUN-none' does not exist"
	done
	minirun delete "$ID"
}

@test "a container without a cgroup has no numbers" {
	make_bundle
	edit_config '.process.args = ["tail", "-f", "/dev/null"]'
	minirun --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/idle.log" 2>&1
	for option in --stats --interval=1s; do
		run minirun events "$option" "$ID"
		expect_status 1
		expect_output "minirun: container '$ID' has no cgroup of its own, in which anything is counted"
	done
	minirun delete --force "$ID"
}

@test "an interval that is none is refused" {
	for interval in 0 0s -1s; do
		run minirun events --interval "$interval" "$ID"
		expect_status 1
		expect_output "minirun: duration interval must be greater than 0"
	done
	for interval in "" 5 5x 1.5 "1 s" 9223372037s; do
		run minirun events --stats --interval "$interval" "$ID"
		expect_status 1
		expect_output "minirun: option '--interval': '$interval' is not a duration such as 5s or 1m30s"
	done
}

@test "a reader that has gone ends it" {
	make_bundle
	start_script true
	run bash -c 'set -o pipefail; "$MINIRUN" --root "$ROOT" events --interval 1ms "$ID" | head -n 1'
	expect_status 141
	expect_text '"type":"stats"'
	minirun delete --force "$ID"
}
