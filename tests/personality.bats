#!/usr/bin/env bats
# linux.personality, as uname(1) tells it inside.

load lib/bundle

@test "LINUX32 gives exec a machine of 32 bits" {
	requires "no 64 bits machine" test "$(uname -m)" = x86_64
	make_plain_bundle '.linux.personality = { domain: "LINUX32" }'
	start_idle
	run minirun exec "$ID" uname -m
	expect_status 0
	expect_output i686
	stop_idle
}

@test "LINUX32 is what the first process sees" {
	requires "no 64 bits machine" test "$(uname -m)" = x86_64
	make_plain_bundle '.linux.personality = { domain: "LINUX32" }'
	run run_script 'uname -m'
	expect_output i686
}

@test "LINUX undoes the caller's" {
	requires "no 64 bits machine" test "$(uname -m)" = x86_64
	make_plain_bundle '.linux.personality = { domain: "LINUX" } | .process.args = ["uname", "-m"]'
	run setarch i686 "$MINIRUN" --root "$ROOT" --data-root "$DATA" run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output x86_64
}
