#!/usr/bin/env bats
# /dev and linux.devices, seen from inside the container.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

@test "the default devices are there and work" {
	make_bundle
	run run_script 'cd /dev; stat -c "%n %t:%T %a %u:%g" null zero full random urandom tty
		echo x >null; head -c 4 zero | od -An -tx1; head -c 8 urandom | wc -c; echo x >full'
	expect_status 1
	expect_text "null 1:3 666 0:0" "zero 1:5 666 0:0" "full 1:7 666 0:0" \
		"random 1:8 666 0:0" "urandom 1:9 666 0:0" "tty 5:0 666 0:0" \
		" 00 00 00 00" "No space left on device"
}

@test "the default links are there" {
	make_bundle
	run run_script 'cd /dev; for name in fd stdin stdout stderr ptmx; do echo "$name $(readlink $name)"; done'
	expect_status 0
	expect_text "fd /proc/self/fd" "stdin /proc/self/fd/0" "stdout /proc/self/fd/1" \
		"stderr /proc/self/fd/2" "ptmx pts/ptmx"
}

@test "listed devices are made with owner and mode" {
	make_bundle '.linux.devices = [
		{ path: "/dev/mine", type: "c", major: 1, minor: 5, fileMode: 416, uid: 1000, gid: 5 },
		{ path: "/dev/sub/two", type: "b", major: 7, minor: 200 },
		{ path: "/run/pipe", type: "p" }]'
	run run_script 'stat -c "%n %F %t:%T %a %u:%g" /dev/mine /dev/sub/two /run/pipe'
	expect_status 0
	expect_text "/dev/mine character special file 1:5 640 1000:5" \
		"/dev/sub/two block special file 7:c8 666 0:0" "/run/pipe fifo 0:0 666 0:0"
}

@test "a listed device over something else is an error" {
	make_plain_bundle '.linux.devices = [{ path: "/etc/motd", type: "c", major: 1, minor: 3 }]'
	run run_script true
	expect_status 1
	expect_one_line
	expect_match "linux.devices\[0\].*cannot make '/etc/motd': file exists"
	expect_file "$BUNDLE/rootfs/etc/motd" "from the image"
}

@test "mistakes are named with their place" {
	make_bundle '.linux.devices = [{ path: "/dev/a", type: "x" }]'
	run run_script true
	expect_status 1
	expect_match "linux.devices\[0\].type: unknown device type 'x'"
	edit_config '.linux.devices = [{ path: "/dev/a", type: "c", major: 1 }]'
	run run_script true
	expect_status 1
	expect_match 'linux.devices\[0\].minor'
	edit_config '.linux.devices = [{ path: "dev/a", type: "p" }]'
	run run_script true
	expect_status 1
	expect_match 'linux.devices\[0\].path'
}

@test "without a mount on /dev the devices are in the init layer, not in the upper" {
	make_bundle '.mounts |= map(select(.destination | startswith("/dev") | not)) |
		.linux.devices = [{ path: "/dev/mine", type: "c", major: 1, minor: 5 }]'
	cp -a "$IMAGE" "$BATS_TEST_TMPDIR/image"
	mkdir -p "$BATS_TEST_TMPDIR"/{upper,work,image/dev}
	edit_config '.root.overlay = { lower: [$image], upper: $upper, work: $work }' \
		--arg image "$BATS_TEST_TMPDIR/image" --arg upper "$BATS_TEST_TMPDIR/upper" \
		--arg work "$BATS_TEST_TMPDIR/work"
	run run_script 'stat -c "%n %t:%T" /dev/null /dev/mine; echo x >/dev/null'
	expect_status 0
	expect_text "/dev/null 1:3" "/dev/mine 1:5"
	expect_equal "$(ls -A "$BATS_TEST_TMPDIR/upper")" ""
	expect_equal "$(ls -A "$BATS_TEST_TMPDIR/image/dev")" ""
}

@test "a /dev bound from the host is left as it is" {
	local dev=$BATS_TEST_TMPDIR/dev
	mkdir "$dev"
	echo mine >"$dev/null"
	ln -s /elsewhere "$dev/ptmx"
	make_bundle '.mounts |= map(select(.destination | startswith("/dev") | not)) |
		.mounts += [{ destination: "/dev", type: "bind", source: $dev, options: ["rbind"] }]' --arg dev "$dev"
	run run_script 'ls /dev'
	expect_status 0
	expect_output null$'\n'ptmx
	expect_file "$dev/null" mine
	expect_equal "$(readlink "$dev/ptmx")" /elsewhere
}

# CVE-2026-41579
@test "an image whose /dev is a link makes nothing outside of its root" {
	local outside=$BATS_TEST_TMPDIR/outside
	make_plain_bundle '.mounts |= map(select(.destination | startswith("/dev") | not))'
	mkdir "$outside"
	echo marker >"$outside/ptmx"
	rm -rf "$BUNDLE/rootfs/dev"
	ln -s "$outside" "$BUNDLE/rootfs/dev"
	run run_script true
	expect_file "$outside/ptmx" marker
	expect_equal "$(ls "$outside")" ptmx
	rm "$BUNDLE/rootfs/dev"
	ln -s "../../../../../../..$outside" "$BUNDLE/rootfs/dev"
	run run_script true
	expect_equal "$(ls "$outside")" ptmx
}

@test "links that an image has in the place of devices are replaced, not followed" {
	make_plain_bundle '.mounts |= map(select(.destination | startswith("/dev") | not))'
	mkdir -p "$BUNDLE/rootfs/dev"
	ln -s ../etc/motd "$BUNDLE/rootfs/dev/null"
	ln -s ../etc/motd "$BUNDLE/rootfs/dev/ptmx"
	run run_script 'stat -c %t:%T /dev/null; readlink /dev/ptmx'
	expect_status 0
	expect_output 1:3$'\n'pts/ptmx
	expect_file "$BUNDLE/rootfs/etc/motd" "from the image"
}

@test "a read-only /dev has its devices" {
	make_bundle '(.mounts[] | select(.destination == "/dev")).options += ["ro"]'
	run run_script 'stat -c %t:%T /dev/null; touch /dev/x'
	expect_status 1
	expect_text 1:3 "/dev/x: Read-only file system"
}
