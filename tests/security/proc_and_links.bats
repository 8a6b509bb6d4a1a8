#!/usr/bin/env bats
# /proc and /sys are what they seem, and links of the image lead nowhere else.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load ../lib/bundle

setup() {
	bundle_setup
	OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir "$OUTSIDE"
}

refused() { # TEXT
	run run_script 'echo it ran'
	expect_status 1
	expect_no_text "it ran"
	expect_text "$1"
}

# CVE-2019-16884. Fails when check_proc() lets everything pass.
@test "a tmpfs, or a directory, is not mounted over /proc, nor is anything in it" {
	local fake=$BATS_TEST_TMPDIR/fake place
	mkdir -p "$fake/self/attr"
	make_plain_bundle
	edit_config '.mounts += [{ destination: "/proc", type: "tmpfs" }]'
	refused "only a procfs may be mounted on /proc"
	edit_config '.mounts[-1] = { destination: "/proc", type: "bind", source: $fake }' --arg fake "$fake"
	refused "only a procfs may be mounted on /proc"
	for place in self/attr sys thread-self/attr//exec sys/kernel/core_pattern; do
		edit_config '.mounts[-1] = { destination: $place, type: "bind", source: $fake }' \
			--arg place "/proc/$place" --arg fake "$fake"
		refused "is inside /proc"
	done
}

# CVE-2019-16884. The words of remount(8) do not make of a bind mount what is not looked at.
# Fails when check_proc() passes what has the option "remount".
@test "a bind mount with the option remount is not mounted over /proc either" {
	make_plain_bundle
	edit_config '.mounts += [{ destination: "/proc", source: $fake, options: ["bind", "remount", "ro"] }]' \
		--arg fake "$OUTSIDE"
	refused "only a procfs may be mounted on /proc"
	edit_config '.mounts[-1].destination = "/proc/sys"'
	refused "is inside /proc"
	ln -s /proc/sys "$BUNDLE/rootfs/x"
	edit_config '.mounts[-1].destination = "/x"'
	refused "'/x' leads into /proc"
}

# CVE-2019-16884. Fails when is_procfs() does not look at the number of the inode.
@test "a directory of a procfs is none" {
	make_plain_bundle
	edit_config '.mounts += [{ destination: "/proc", type: "bind", source: "/proc/self", options: ["bind"] }]'
	refused "only a procfs may be mounted on /proc"
	edit_config '.mounts[-1].source = "/proc"'
	run run_script '[ -e /proc/self/status ]'
	expect_status 0
}

# CVE-2019-19921, CVE-2023-27561, CVE-2023-28642, CVE-2025-54867. Fails when is_direct() is false.
@test "/proc and /sys of the image are no links, neither to a directory nor to another mount" {
	local name to
	make_plain_bundle
	mkdir -p "$BUNDLE/rootfs/decoy" "$BUNDLE/rootfs/x/proc"
	for name in proc sys; do
		rm -rf "${BUNDLE:?}/rootfs/$name"
		for to in decoy /decoy /x/proc "$OUTSIDE" ../../../../../../../../..; do
			ln -sfn "$to" "$BUNDLE/rootfs/$name"
			refused "'/$name' is, or lies below, a link"
		done
		rm "$BUNDLE/rootfs/$name"
		touch "$BUNDLE/rootfs/$name"
		refused "the destination in the root is a file"
		rm "$BUNDLE/rootfs/$name"
	done
}

# CVE-2019-16884. Fails when check_place() lets everything pass.
@test "a link of the image does not lead a mount into /proc" {
	local to
	make_plain_bundle
	edit_config '.mounts += [{ destination: "/x", type: "tmpfs", source: "t" }]'
	for to in /proc/sys /proc/self/attr proc/1/ns proc; do
		ln -sfn "$to" "$BUNDLE/rootfs/x"
		refused "cannot mount 'tmpfs' on '/x': '/x' leads into /proc"
	done
}

# CVE-2019-18837. Fails when inside_open() loses RESOLVE_NO_MAGICLINKS: "no such file" comes from
# elsewhere then, or the run succeeds.
@test "magic links are not followed for a mount" {
	local to
	make_plain_bundle
	edit_config '.mounts += [{ destination: "/x/y", type: "tmpfs", source: "t" }]'
	for to in /proc/self/root /proc/1/root /proc/self/cwd /proc/self/fd/3 /proc/thread-self/root/proc; do
		ln -sfn "$to" "$BUNDLE/rootfs/x"
		refused "cannot mount 'tmpfs' on '/x/y'"
		expect_match "too many levels of symbolic links|leads nowhere|leads into /proc"
	done
	expect_equal "$(ls -A "$OUTSIDE")" ""
}

# CVE-2019-18837, CVE-2021-30465. Fails when inside_open() loses RESOLVE_IN_ROOT.
@test "links of the image stay in the image" {
	make_plain_bundle
	ln -s ../../../../../../../../.."$OUTSIDE" "$BUNDLE/rootfs/climb"
	ln -s "$OUTSIDE" "$BUNDLE/rootfs/absolute"
	edit_config '.mounts += [{ destination: "/climb/a", type: "tmpfs", source: "t" },
		{ destination: "/absolute/b", type: "tmpfs", source: "t" }]'
	refused "a link in it leads nowhere"
	expect_equal "$(ls -A "$OUTSIDE")" ""
	mkdir -p "$BUNDLE/rootfs$OUTSIDE"
	run run_script 'ls /climb /absolute'
	expect_status 0
	expect_equal "$(ls -A "$OUTSIDE")" ""
}
