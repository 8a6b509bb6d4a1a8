#!/usr/bin/env bats
# linux.rootfsPropagation: what the mounts of the root have to do with the host's.
# shellcheck disable=SC2016

load lib/bundle

# The host's side is a shared mount of the test's own.
setup() {
	bundle_setup
	mkdir -p "$BUNDLE"
	mount --bind "$BUNDLE" "$BUNDLE"
	mount --make-shared "$BUNDLE"
}

teardown() {
	local id
	for id in $(minirun list --quiet); do minirun delete --force "$id"; done
	umount "$BUNDLE/rootfs/mnt" 2>/dev/null || true
	umount "$BUNDLE"
	bundle_teardown
}

# The optional fields of mountinfo for a mount point, without numbers: "shared master ".
fields() { # MOUNT POINT
	printf 'grep " / %s \\| /[^ ]* %s " /proc/self/mountinfo | tail -n 1 |
		cut -d" " -f7- | sed "s/-.*//; s/:[0-9]*//g"' "$1" "$1"
}

propagation_of_root() { # WORD
	make_plain_bundle '.linux.rootfsPropagation = $word' --arg word "$1"
	run run_script "$(fields /)"
	expect_status 0
}

@test "without a word, and by private, the root is private" {
	propagation_of_root ""
	expect_output ""
	edit_config '.linux.rootfsPropagation = "rprivate"'
	run run_script "$(fields /)"
	expect_output ""
}

@test "a shared root is a group of its own, and what is below only by rshared" {
	propagation_of_root shared
	expect_output "shared "
	run run_script "$(fields /proc)"
	expect_output ""
	edit_config '.linux.rootfsPropagation = "rshared"'
	run run_script "$(fields /proc)"
	expect_output "shared "
}

@test "an unbindable root cannot be bound" {
	propagation_of_root unbindable
	expect_output "unbindable "
	edit_config '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
	run run_script 'mount -o bind / /tmp'
	expect_text "Invalid argument"
	edit_config 'del(.linux.rootfsPropagation)'
	run run_script 'mount -o bind / /tmp'
	expect_status 0
}

@test "what the host mounts reaches a slave root, and nothing comes back" {
	propagation_of_root slave
	expect_output "master "
	edit_config '.process.capabilities[] += ["CAP_SYS_ADMIN"] | del(.linux.seccomp)'
	mkdir -p "$BUNDLE/rootfs/mnt"
	start_idle
	mount -t tmpfs from-host "$BUNDLE/rootfs/mnt"
	run minirun exec "$ID" grep from-host /proc/self/mountinfo
	expect_status 0
	umount "$BUNDLE/rootfs/mnt"
	run minirun exec "$ID" grep from-host /proc/self/mountinfo
	expect_status 1
	run minirun exec "$ID" mount -t tmpfs from-container /mnt
	expect_status 0
	run grep from-container /proc/self/mountinfo
	expect_status 1
}

@test "what the host mounts does not reach a private root" {
	make_plain_bundle
	mkdir -p "$BUNDLE/rootfs/mnt"
	start_idle
	mount -t tmpfs from-host "$BUNDLE/rootfs/mnt"
	run minirun exec "$ID" grep from-host /proc/self/mountinfo
	expect_status 1
	umount "$BUNDLE/rootfs/mnt"
}

@test "a root from layers has the words, too" {
	make_bundle '.linux.rootfsPropagation = "shared"'
	run run_script "$(fields /)"
	expect_status 0
	expect_output "shared "
}

@test "in a user namespace the words mean the same" {
	local with_user='.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings'
	make_plain_bundle "$with_user"' | .linux.rootfsPropagation = "slave"'
	run run_script "$(fields /)"
	expect_status 0
	expect_output "master "
	edit_config '.linux.rootfsPropagation = "rshared"'
	run run_script "$(fields /)"
	expect_output "shared "
	run run_script "$(fields /proc)"
	expect_output "shared "
}

@test "by --no-pivot the root is the container's, and has its propagation" {
	make_plain_bundle '.linux.rootfsPropagation = "slave" | .process.args = ["sh", "-c", $script]' \
		--arg script "ls /; $(fields /)"
	run minirun run --no-pivot --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_no_text boot
	expect_text "master "
}

# The kernel lets nobody mount a procfs while all that are there hide something.
@test "by --no-pivot no procfs of the host is left behind the root" {
	local first
	mkdir "$BATS_TEST_TMPDIR/elsewhere"
	make_plain_bundle '.process.args = ["unshare", "-Urmpf", "mount", "-t", "proc", "proc", "/proc"] |
		(.process.capabilities | .bounding, .effective, .permitted) += ["CAP_SETFCAP"]'
	mount -t proc proc "$BATS_TEST_TMPDIR/elsewhere"
	run minirun run --no-pivot --bundle "$BUNDLE" "$ID"
	first="$status $output"
	edit_config '.process.args = ["ls", "-d", "/proc/self"] |
		.hooks.createContainer = [{ path: "/bin/true" }]'
	run minirun run --no-pivot --bundle "$BUNDLE" "$ID"
	umount "$BATS_TEST_TMPDIR/elsewhere"
	expect_equal "$first" "1 mount: permission denied (are you root?)"
	expect_status 0
	expect_output /proc/self
}
