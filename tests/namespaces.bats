#!/usr/bin/env bats
# The namespaces of a container: made, joined, left out, and refused.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

# `spec` leaves it out on hosts with cgroup v1.
with_cgroup='.linux.namespaces |= (map(select(.type != "cgroup")) + [{ type: "cgroup" }])'

# The identity of one of our own namespaces: "uts:[4026531838]".
ours() { # NAME
	readlink "/proc/self/ns/$1"
}

@test "each listed namespace is a new one" {
	make_plain_bundle "$with_cgroup"
	run run_script 'for name in cgroup ipc mnt net pid uts; do readlink /proc/self/ns/$name; done'
	expect_status 0
	for name in cgroup ipc mnt net pid uts; do
		expect_match "$name:\[[0-9]+\]"
		expect_no_text "$(ours $name)"
	done
}

@test "a namespace that is not listed is the host's" {
	make_plain_bundle '.linux.namespaces |= map(select(.type | IN("network", "ipc") | not))'
	run run_script 'for name in net ipc uts; do readlink /proc/self/ns/$name; done'
	expect_status 0
	expect_text "$(ours net)" "$(ours ipc)"
	expect_no_text "$(ours uts)"
}

@test "an empty path is as none" {
	make_plain_bundle '.linux.namespaces |= map(.path = "")'
	run run_script 'readlink /proc/self/ns/uts'
	expect_status 0
	expect_no_text "$(ours uts)"
}

@test "the process is the first of its pid namespace" {
	make_plain_bundle
	run run_script 'echo $$; ls -d /proc/[0-9]* | wc -l'
	expect_status 0
	expect_output $'1\n3'
}

@test "the cgroup namespace has its root at the container's cgroup" {
	make_plain_bundle "$with_cgroup"
	run run_script 'cut -d: -f3 /proc/self/cgroup | sort -u'
	expect_status 0
	expect_output "/"
}

@test "a new network namespace has its loopback up" {
	make_plain_bundle
	run run_script 'ip address show dev lo; ip -o link | wc -l'
	expect_status 0
	expect_text "LOOPBACK,UP" "127.0.0.1/8"
}

@test "hostname and domainname are the container's alone" {
	local before
	before=$(cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname)
	make_plain_bundle '.hostname = "inside" | .domainname = "example.org"'
	run run_script 'hostname; cat /proc/sys/kernel/domainname'
	expect_status 0
	expect_output $'inside\nexample.org'
	expect_equal "$(cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname)" "$before"
}

@test "a container joins another's namespaces by path" {
	local pid
	make_plain_bundle '.hostname = "first"'
	start_idle "$RUN-first"
	pid=$(minirun state "$RUN-first" | jq .pid)
	edit_config '.linux.namespaces |= map(
			if .type == "network" then .path = "/proc/\($pid)/ns/net"
			elif .type == "uts" then .path = "/proc/\($pid)/ns/uts"
			elif .type == "ipc" then .path = "/proc/\($pid)/ns/ipc"
			elif .type == "pid" then .path = "/proc/\($pid)/ns/pid"
			else . end) | del(.hostname)' --argjson pid "$pid"
	run run_script 'for name in net uts ipc pid; do readlink /proc/self/ns/$name; done; hostname
		echo pid $$; cat /proc/1/comm'
	expect_status 0
	for name in net uts ipc pid; do
		expect_text "$(readlink "/proc/$pid/ns/$name")"
	done
	expect_text first "sh"
	expect_no_text "pid 1"$'\n'
	stop_idle
}

@test "what cannot be joined is refused in one line, with its place" {
	make_plain_bundle '.linux.namespaces |= map(if .type == "network" then .path = $path else . end)' \
		--arg path /proc/self/ns/uts
	run run_script 'true'
	expect_status 1
	expect_one_line
	expect_match "config.json:[0-9]+:[0-9]+: linux.namespaces\[[0-9]\].path: "
	expect_text "'/proc/self/ns/uts' is a namespace of type 'uts', not 'network'"

	edit_config '.linux.namespaces |= map(if .type == "network" then .path = "/nowhere" else . end)'
	run run_script 'true'
	expect_status 1
	expect_text "cannot open '/nowhere': no such file or directory"
}

@test "the host's own mount namespace is never the container's" {
	make_plain_bundle '.linux.namespaces |= map(if .type == "mount" then .path = "/proc/self/ns/mnt" else . end)'
	run run_script 'true'
	expect_status 1
	expect_text "'/proc/self/ns/mnt' is the host's own"

	edit_config '.linux.namespaces |= map(select(.type != "mount"))'
	run run_script 'true'
	expect_status 1
	expect_text "linux.namespaces: a namespace of type 'mount' is needed"
}

@test "a name of the host is not changed by way of its namespace" {
	make_plain_bundle '.hostname = "inside" | .linux.namespaces |= map(select(.type != "uts"))'
	run run_script 'true'
	expect_status 1
	expect_text "hostname: "
	expect_one_line
	edit_config '.linux.namespaces += [{ type: "uts", path: "/proc/self/ns/uts" }]'
	run run_script 'true'
	expect_status 1
	expect_text "hostname: '/proc/self/ns/uts' is the host's, its name would change"
}
