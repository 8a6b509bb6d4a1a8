#!/usr/bin/env bats
# linux.memoryPolicy, as /proc/self/numa_maps tells it inside.

load lib/bundle

setup() {
	bundle_setup
	requires "this kernel has no NUMA" test -e /proc/self/numa_maps
}

policy='head -n 1 /proc/self/numa_maps | cut -d" " -f2'

@test "the mode is set, with nodes and flags" {
	make_plain_bundle '.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "0",
		flags: ["MPOL_F_STATIC_NODES"] }'
	run run_script "$policy"
	expect_status 0
	expect_match '^bind=static:0$'
}

@test "exec has it as well" {
	make_plain_bundle '.linux.memoryPolicy = { mode: "MPOL_INTERLEAVE", nodes: "0" }'
	start_idle
	run minirun exec "$ID" sh -c "$policy"
	expect_status 0
	expect_output interleave:0
}

@test "a node that the host lacks is said" {
	make_plain_bundle '.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "700" }'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "linux.memoryPolicy: cannot set the mode 'MPOL_BIND': invalid argument"
}
