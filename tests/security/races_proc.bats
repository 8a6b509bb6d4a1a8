#!/usr/bin/env bats
# What another container changes while this one starts, five hundred times each, to have a /proc
# that is another's, or to put something over what the runtime reads and writes there.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load ../lib/bundle
load ../lib/racer

setup() {
	bundle_setup
	make_plain_bundle "$lean"
}

teardown() {
	stop_racers
	bundle_teardown
}

# CVE-2019-16884, at another moment. Fails when open_source() does not look again at what it opened.
@test "a source that is swapped after it was looked at is no procfs" {
	ln -s /proc "$BATS_TEST_TMPDIR/a"
	mkdir "$BATS_TEST_TMPDIR/b"
	edit_config '.mounts = [{ destination: "/proc", type: "bind", source: $source, options: ["bind"] }] |
		.process.args = ["stat", "-f", "-c", "%T", "/proc"]' --arg source "$BATS_TEST_TMPDIR/a"
	start_exchange "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
	run_often 500
	stop_racers
	run sed 's/^minirun: .*: only a procfs/only a procfs/' "$BATS_TEST_TMPDIR/rounds"
	run sort -u <<<"$output"
	expect_output $'only a procfs may be mounted on /proc\nproc'
}

# CVE-2019-19921 as it was found: two containers share a directory. Fails when is_direct() is false.
@test "/proc that is swapped for a link while containers start is never another place" {
	ln -s /decoy "$BUNDLE/rootfs/other"
	mkdir -p "$BUNDLE/rootfs/proc" "$BUNDLE/rootfs/decoy"
	edit_config '.process.args = ["sh", "-c", "[ -e /decoy/self ] && echo decoyed"]'
	start_exchange "$BUNDLE/rootfs/proc" "$BUNDLE/rootfs/other"
	run_often 500
	stop_racers
	run cat "$BATS_TEST_TMPDIR/rounds"
	expect_no_text decoyed
	expect_text "'/proc' is, or lies below, a link"
}

# CVE-2025-52881. Labels and sysctls are written there: it must be what it seems. Fails when
# check_place() lets everything pass.
@test "a destination that is swapped for a link into /proc is never a place there" {
	local rootfs=$BUNDLE/rootfs
	mkdir "$rootfs/volume" "$rootfs/volume/dir"
	ln -s /proc/self/attr "$rootfs/volume/link"
	edit_config '.mounts += [{ destination: "/volume/dir", type: "tmpfs", source: "witness" }] |
		.process.args = ["sh", "-c", "grep witness /proc/self/mountinfo | cut -d \" \" -f 5"]'
	start_exchange "$rootfs/volume/dir" "$rootfs/volume/link"
	run_often 500
	stop_racers
	run sed 's/.*leads into/leads into/' "$BATS_TEST_TMPDIR/rounds"
	run sort -u <<<"$output"
	expect_output $'/volume/dir\n/volume/link\nleads into /proc'
}
