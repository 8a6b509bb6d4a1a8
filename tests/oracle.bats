#!/usr/bin/env bats
# Random histories through commit, diff and unpack; tests/oracle/run does more of them.

load lib/bundle

@test "what fifty random histories made is the same after commit, diff and unpack" {
	run timeout 120 "$srcdir/tests/oracle/run" --histories 50
	expect_text "50 histories, 0 failed"
	expect_status 0
}
