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
	run run_script 'echo $$ /proc/[0-9]*'
	expect_status 0
	expect_output "1 /proc/1"
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

# Its root, its mounts, and nothing of the host's.
expect_own_root() {
	run minirun exec "$ID" sh -c 'readlink /proc/self/ns/mnt; cat /only-here
		test -c /dev/null && test -d /proc/self && ls -d /../sys/kernel; ls "$0" 2>&1
		echo x 2>&1 >/proc/sys/kernel/hostname' "$BUNDLE"
	expect_text "$(readlink "/proc/$1/ns/mnt")" "yes" "/../sys/kernel" "No such file" "Read-only"
}

@test "without a mount namespace the container has its root, and the host none of its mounts" {
	local before pid
	make_plain_bundle '.linux.namespaces |= map(select(.type != "mount")) |
		.mounts += [{ destination: "/tmp/u", source: "/etc", options: ["bind", "unbindable"] }]'
	echo yes >"$BUNDLE/rootfs/only-here"
	before=$(cat /proc/self/mountinfo)
	start_idle
	expect_equal "$(cat /proc/self/mountinfo)" "$before"
	pid=$(minirun state "$ID" | jq .pid)
	expect_equal "$(readlink "/proc/$pid/ns/mnt")" "$(readlink /proc/self/ns/mnt)"
	expect_own_root "$pid"
	run minirun exec "$ID" sh -c 'test -e /tmp/u/passwd; echo $?; mkdir /d; chroot /d /bin/true; cd ..; ls'
	expect_text 0 only-here
	# From elsewhere exec goes where the container is, and not where it stands itself.
	run unshare --mount "$MINIRUN" --root "$ROOT" exec "$ID" readlink /proc/self/ns/mnt
	expect_output "$(readlink /proc/self/ns/mnt)"
	stop_idle
}

@test "a joined mount namespace leaves the container its root, and gets none of its mounts" {
	local before pid
	make_plain_bundle
	start_idle "$RUN-first"
	pid=$(minirun state "$RUN-first" | jq .pid)
	before=$(cat "/proc/$pid/mountinfo")
	edit_config '.linux.namespaces |= map(if .type == "mount" then .path = "/proc/\($pid)/ns/mnt" else . end)' \
		--argjson pid "$pid"
	echo yes >"$BUNDLE/rootfs/only-here"
	start_idle "$ID"
	expect_equal "$(cat "/proc/$pid/mountinfo")" "$before"
	expect_own_root "$pid"
	# Both read from one pipe, and might share a line.
	minirun delete --force "$ID"
	minirun delete --force "$RUN-first"
}

@test "a user namespace wants a mount namespace beside it" {
	make_plain_bundle '.linux.namespaces |= map(select(.type != "mount")) + [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }] | .linux.gidMappings = .linux.uidMappings'
	run run_script 'true'
	expect_status 1
	expect_text "linux.namespaces: a namespace of type 'mount' is needed beside that of type 'user'"
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
