#!/usr/bin/env bats
# The annotation run.oci.delegate-cgroup: a cgroup of the payload's in that of the container.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154 # status and output are bats'

load lib/bundle
load lib/cgroup

setup() {
	bundle_setup
	VIEW=v2
	make_bundle '.annotations["run.oci.delegate-cgroup"] = "payload" |
		(.mounts[] | select(.type == "cgroup")).options = ["rw"]'
	OWN=$(unified)/$ID
}

with_user='.linux.namespaces += [{ type: "user" }] |
	.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
	.linux.gidMappings = .linux.uidMappings'

@test "the container is in it, and sees the one above as the root" {
	run run_script 'cat /proc/self/cgroup; ls -d /sys/fs/cgroup/payload; cat /sys/fs/cgroup/cgroup.procs'
	expect_status 0
	expect_text "0::/payload"
	expect_equal "${lines[-1]}" /sys/fs/cgroup/payload
}

@test "it has all controllers of the one above" {
	start_idle
	expect_equal "$(<"$OWN/payload/cgroup.controllers")" "$(<"$OWN/cgroup.controllers")"
	expect_equal "$(<"$OWN/payload/cgroup.procs")" "$(minirun state "$ID" | jq .pid)"
	expect_equal "$(<"$OWN/cgroup.procs")" ""
	minirun delete --force "$ID"
	expect_absent "$OWN"
}

@test "exec joins it" {
	start_idle
	run minirun exec "$ID" cat /proc/self/cgroup
	expect_status 0
	expect_text "0::/payload"
	minirun delete --force "$ID"
}

@test "the root of a user namespace may make cgroups in it, and not above" {
	edit_config "$with_user"
	run run_script 'cat /proc/self/cgroup; mkdir /sys/fs/cgroup/payload/a && echo $$ >/sys/fs/cgroup/payload/a/cgroup.procs &&
		cat /proc/self/cgroup; mkdir /sys/fs/cgroup/b'
	expect_status 1
	expect_text "0::/payload" "0::/payload/a" "can't create directory '/sys/fs/cgroup/b'"
	expect_absent "$OWN"
}

@test "a name that is none of one cgroup is refused" {
	local name
	for name in .. . a/b ../../other $'a\nb'; do
		edit_config '.annotations["run.oci.delegate-cgroup"] = $name' --arg name "$name"
		run run_script true
		expect_status 1
		expect_text 'annotations["run.oci.delegate-cgroup"]: ' "is no name of one cgroup"
		expect_absent "$ROOT/$ID" "$OWN"
	done
}

@test "a name that is a file of the kernel's is an error that leaves nothing" {
	edit_config '.annotations["run.oci.delegate-cgroup"] = "cgroup.procs"'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "/cgroup.procs/cgroup.procs': not a directory"
	expect_absent "$ROOT/$ID" "$OWN"
}

@test "the empty name asks for nothing" {
	edit_config '.annotations["run.oci.delegate-cgroup"] = ""'
	run run_script 'cat /proc/self/cgroup'
	expect_status 0
	expect_match '0::/($|'$'\n'')'
}

@test "v1 cannot have it, nor a container without a cgroup" {
	for VIEW in hybrid v1; do
		"$view" "$VIEW" true 2>/dev/null || continue
		run run_script true
		expect_status 1
		expect_one_line
		expect_text "needs a cgroup of the container's own, on a host with cgroup v2 alone"
	done
	VIEW=v2
	run minirun --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_text "needs a cgroup of the container's own"
}
