#!/usr/bin/env bats
# Time namespaces and their offsets.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

with_time='.linux.namespaces += [{ type: "time" }]'

uptime_of() {
	cut -d. -f1 /proc/uptime
}

@test "a new time namespace" {
	make_plain_bundle "$with_time"
	run run_script 'readlink /proc/self/ns/time'
	expect_status 0
	expect_no_text "$(readlink /proc/self/ns/time)"
}

@test "the offsets move the clocks" {
	make_plain_bundle "$with_time | .linux.timeOffsets = { boottime: { secs: 1000000 }, monotonic: { secs: 5, nanosecs: 7 } }"
	run run_script 'cut -d. -f1 /proc/uptime; cat /proc/self/timens_offsets'
	expect_status 0
	[ "${lines[0]}" -ge 1000000 ]
	[ "${lines[0]}" -lt $((1000000 + $(uptime_of) + 60)) ]
	expect_match 'monotonic +5 +7'
	expect_match 'boottime +1000000 +0'
}

@test "exec sees the same clocks" {
	make_plain_bundle "$with_time | .linux.timeOffsets = { boottime: { secs: 1000000 } }"
	start_idle
	run minirun exec "$ID" cut -d. -f1 /proc/uptime
	expect_status 0
	[ "$output" -ge 1000000 ]
	minirun delete --force "$ID"
}

@test "with a user namespace too" {
	make_plain_bundle "$with_time | .linux.timeOffsets = { boottime: { secs: 1000000 } } |
		.linux.namespaces += [{ type: \"user\" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings"
	run run_script 'cut -d. -f1 /proc/uptime'
	expect_status 0
	[ "$output" -ge 1000000 ]
}

@test "another container joins it by its path" {
	make_plain_bundle "$with_time | .linux.timeOffsets = { boottime: { secs: 1000000 } }"
	start_idle
	pid=$(minirun state "$ID" | jq .pid)
	edit_config 'del(.linux.timeOffsets) |
		.linux.namespaces |= map(if .type == "time" then .path = $path else . end) |
		.process.args = ["cut", "-d.", "-f1", "/proc/uptime"]' --arg path "/proc/$pid/ns/time"
	run minirun run --bundle "$BUNDLE" "$ID-b"
	expect_status 0
	[ "$output" -ge 1000000 ]
	minirun delete --force "$ID"
}

@test "a clock below zero is refused with its place" {
	make_plain_bundle "$with_time | .linux.timeOffsets = { boottime: { secs: -100000000000 } }"
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "linux.timeOffsets"
}
