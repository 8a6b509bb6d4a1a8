#!/usr/bin/env bats
# process.execCPUAffinity, and that the caller's processors are not the container's.
# shellcheck disable=SC2016

load lib/bundle

setup() {
	bundle_setup
	requires "one processor" taskset -c 1 true
}

allowed='grep Cpus_allowed_list /proc/self/status | cut -f2'
all=$(cut -f2 < <(grep Cpus_allowed_list /proc/self/status))

@test "a caller's taskset does not come in by run" {
	make_plain_bundle '.process.args = ["sh", "-c", $script]' --arg script "$allowed"
	run taskset -c 1 "$MINIRUN" --root "$ROOT" --data-root "$DATA" run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output "$all"
}

@test "a caller's taskset does not come in by exec" {
	make_plain_bundle
	start_idle
	run taskset -c 1 "$MINIRUN" --root "$ROOT" exec "$ID" sh -c "$allowed"
	expect_status 0
	expect_output "$all"
}

@test "exec runs on the processors of the configuration, the first process does not" {
	make_plain_bundle '.process.execCPUAffinity = { initial: "0", final: "1" }'
	start_idle
	run minirun exec "$ID" sh -c "$allowed"
	expect_status 0
	expect_output 1
	run grep Cpus_allowed_list "/proc/$(minirun state "$ID" | jq .pid)/status"
	expect_output $'Cpus_allowed_list:\t'"$all"
}

@test "exec stays on the initial processors when no others are given" {
	make_plain_bundle '.process.execCPUAffinity = { initial: "1" }'
	start_idle
	run minirun exec "$ID" sh -c "$allowed"
	expect_status 0
	expect_output 1
}

@test "a process document has processors of its own" {
	make_plain_bundle '.process.execCPUAffinity = { final: "1" }'
	start_idle
	jq '.process | .args = ["sh", "-c", $script] | .execCPUAffinity = { final: "0" }' \
		--arg script "$allowed" "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
	run minirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	expect_status 0
	expect_output 0
}

@test "processors that the host lacks are said" {
	make_plain_bundle '.process.execCPUAffinity = { final: "8000" }'
	start_idle
	run minirun exec "$ID" true
	expect_status 255
	expect_one_line
	expect_text "process.execCPUAffinity.final: cannot run on the processors '8000'"
}

@test "in a user namespace exec runs on the processors of the configuration" {
	make_bundle '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings |
		.process.execCPUAffinity = { initial: "0", final: "1" }'
	start_idle
	run minirun exec "$ID" sh -c "$allowed"
	expect_status 0
	expect_output 1
}
