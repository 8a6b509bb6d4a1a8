#!/usr/bin/env bats
# The five sets of capabilities, as the container's process sees them.
# shellcheck disable=SC2016

load lib/bundle

sets='grep ^Cap /proc/self/status | tr -d "\t"'

# A list of jq for all five sets.
give() { # NAMES
	edit_config '.process.capabilities = { bounding: $n, permitted: $n, effective: $n,
		inheritable: $n, ambient: $n }' --argjson n "$1"
}

@test "root gets the sets of the configuration" {
	make_plain_bundle '.process.capabilities = { bounding: ["CAP_CHOWN", "CAP_KILL"],
		permitted: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_CHOWN"] }'
	run run_script "$sets"
	expect_status 0
	# execve(2) gives root the bounding set.
	expect_text "CapInh:0000000000000000" "CapPrm:0000000000000021" \
		"CapEff:0000000000000021" "CapBnd:0000000000000021" "CapAmb:0000000000000000"
}

@test "a user keeps the ambient set over execve" {
	make_plain_bundle '.process.user = { uid: 1000, gid: 1000 }'
	give '["CAP_NET_BIND_SERVICE"]'
	run run_script "$sets"
	expect_status 0
	for name in Inh Prm Eff Bnd Amb; do
		expect_text "Cap$name:0000000000000400"
	done
}

@test "a user without an ambient set has none" {
	make_plain_bundle '.process.user = { uid: 1000, gid: 1000 } | .process.capabilities |=
		{ bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"] }'
	run run_script "$sets"
	expect_status 0
	expect_text "CapPrm:0000000000000000" "CapEff:0000000000000000" "CapBnd:0000000000000020"
}

@test "without capabilities every set is empty" {
	make_plain_bundle 'del(.process.capabilities)'
	run run_script "$sets"
	expect_status 0
	for name in Inh Prm Eff Bnd Amb; do
		expect_text "Cap$name:0000000000000000"
	done
}

@test "exec has the container's sets too" {
	make_plain_bundle
	give '["CAP_CHOWN"]'
	start_idle
	run minirun exec "$ID" sh -c "$sets"
	expect_status 0
	expect_text "CapPrm:0000000000000001" "CapBnd:0000000000000001"
	stop_idle
}

@test "an unknown name is refused with its place" {
	make_plain_bundle '.process.capabilities.bounding[1] = "CAP_EVERYTHING"'
	run run_script true
	expect_status 1
	expect_one_line
	expect_match "config.json:[0-9]+:[0-9]+: process.capabilities.bounding\[1\]: unknown capability 'CAP_EVERYTHING'"
}

@test "effective outside of permitted is refused with its place" {
	make_plain_bundle '.process.capabilities = { permitted: [], effective: ["CAP_KILL"] }'
	run run_script true
	expect_status 1
	expect_text "process.capabilities.effective[0]: 'CAP_KILL' is effective but not permitted"
}

# Bit 24. What the host does not give is left out, not an error.
@test "a capability that the host lacks is left out" {
	local held
	held=$(sed -n 's/^CapPrm:\t//p' /proc/self/status)
	requires "this host has CAP_SYS_RESOURCE" test $((0x$held & 1 << 24)) -eq 0
	make_plain_bundle
	give '["CAP_SYS_RESOURCE", "CAP_CHOWN"]'
	run run_script "$sets"
	expect_status 0
	expect_text "CapPrm:0000000000000001" "CapEff:0000000000000001" "CapAmb:0000000000000001"
}

@test "exec --cap gives as ambient what is inheritable already, and nothing else" {
	make_plain_bundle '.process.capabilities = { bounding: ["CAP_KILL", "CAP_CHOWN", "CAP_FOWNER"],
		permitted: ["CAP_KILL"], effective: ["CAP_KILL"], inheritable: ["CAP_CHOWN"] }'
	start_idle
	run minirun exec --cap CAP_CHOWN --cap CAP_FOWNER "$ID" grep Cap /proc/self/status
	expect_status 0
	expect_match "CapInh:	0000000000000001"
	expect_match "CapPrm:	0000000000000029"
	expect_match "CapAmb:	0000000000000001"
	minirun delete --force "$ID"
}
