#!/usr/bin/env bats
# What another container changes in a shared directory while this one starts, five hundred times
# each: names are swapped without end by tests/security/racer. /proc is in races_proc.bats.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load ../lib/bundle
load ../lib/racer

setup() {
	bundle_setup
	OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir "$OUTSIDE"
	make_plain_bundle "$lean"
	VOLUME=$BUNDLE/rootfs/volume
	mkdir "$VOLUME"
}

teardown() {
	stop_racers
	bundle_teardown
}

# How often each line was said.
rounds() {
	sort "$BATS_TEST_TMPDIR/rounds" | uniq -c
}

# CVE-2021-30465. What is mounted is in the container, wherever the names lead at the moment;
# on a path of the host it would be gone after pivot_root(2). Fails when inside_open() loses
# RESOLVE_IN_ROOT, and when attach() takes the path of the destination again.
@test "a destination that is swapped for a link never leads a mount to the host" {
	mkdir -p "$VOLUME/dir" "$BUNDLE/rootfs$OUTSIDE"
	ln -s "$OUTSIDE" "$VOLUME/link"
	edit_config '.mounts += [{ destination: "/volume/dir", type: "tmpfs", source: "witness" }] |
		.process.args = ["sh", "-c", $script]' \
		--arg script "cd $OUTSIDE"' && w=$(grep witness /proc/self/mountinfo) || echo escaped
			set -- $w; case $5 in /volume/*) echo beside ;; *) echo through ;; esac'
	start_exchange "$VOLUME/dir" "$VOLUME/link"
	run_often 500
	stop_racers
	run rounds
	expect_match '[0-9]+ beside'
	expect_match '[0-9]+ through'
	expect_no_text escaped minirun
}

# CVE-2024-45310. Fails when inside_open() loses RESOLVE_IN_ROOT.
@test "what is made for a destination is made in the root while its parents are swapped" {
	mkdir -p "$VOLUME/dir"
	ln -s "$OUTSIDE" "$VOLUME/link"
	edit_config '.mounts += [{ destination: "/volume/dir/a/b", type: "tmpfs", source: "t" },
		{ destination: "/volume/dir/c/file", type: "bind", source: "/etc/passwd", options: ["bind"] }]'
	start_exchange "$VOLUME/dir" "$VOLUME/link"
	run_often 500
	stop_racers
	run rounds
	expect_match '[0-9]+ minirun: .*a link in it leads nowhere'
	expect_equal "$(ls -A "$OUTSIDE")" ""
}

# CVE-2024-45310. Fails when make_one_directory() opens what it made by its name, following links.
@test "a directory that is swapped for a link as soon as it is made is not made things in" {
	edit_config '.mounts += [{ destination: "/volume/new/below", type: "tmpfs", source: "t" }]'
	start_snatch "$VOLUME/new" "$OUTSIDE"
	run_often 500
	stop_racers
	[[ -e $VOLUME/new-100 || -L $VOLUME/new-100 ]] || fail "$(rounds)"
	expect_equal "$(ls -A "$OUTSIDE")" ""
}

# CVE-2026-41579, CVE-2026-47766, at another moment. Fails when step_devices() opens "dev" without
# inside_open().
@test "a /dev that is swapped for a link gets no devices outside" {
	mkdir -p "$BUNDLE/rootfs/dev"
	echo marker >"$OUTSIDE/ptmx"
	ln -s "$OUTSIDE" "$BUNDLE/rootfs/link"
	start_exchange "$BUNDLE/rootfs/dev" "$BUNDLE/rootfs/link"
	run_often 500
	stop_racers
	expect_equal "$(ls -A "$OUTSIDE")" ptmx
	expect_file "$OUTSIDE/ptmx" marker
}

# The same where devices are bound: the moment is after the look at what is there. Fails when
# open_target() opens what is there without O_NOFOLLOW.
@test "a device that is swapped for a link is not bound elsewhere" {
	local dev=$BUNDLE/rootfs/dev
	edit_config '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings |
		.process.args = ["sh", "-c", "grep -q \" /null /elsewhere \" /proc/self/mountinfo && echo elsewhere"]'
	mkdir -p "$dev"
	touch "$BUNDLE/rootfs/elsewhere"
	chown 100000:100000 "$dev"
	start_flicker "$dev/null" ../elsewhere
	run_often 500
	stop_racers
	run rounds
	expect_no_text elsewhere
}

# CVE-2025-31133. Fails when mask_one() takes the null device from the root.
@test "a null device that is swapped for a link is not what masks" {
	edit_config '.linux.maskedPaths = ["/etc/motd", "/proc/timer_list"] |
		.process.args = ["stat", "-c", "%t:%T", "/etc/motd", "/proc/timer_list"]'
	mkdir -p "$BUNDLE/rootfs/dev"
	start_flicker "$BUNDLE/rootfs/dev/null" ../proc/version
	run_often 500
	stop_racers
	run sort -u "$BATS_TEST_TMPDIR/rounds"
	expect_text 1:3
	expect_no_text 0:0
}

# CVE-2025-52565. Fails when open_place() opens it by its name, following
# links.
@test "a console that is swapped for a link is not mounted elsewhere" {
	requires "script(1) of util-linux is missing" command -v script
	local dev=$BUNDLE/rootfs/dev
	edit_config '.mounts += [{ destination: "/dev/pts", type: "devpts", source: "devpts" }] |
		.process.args = ["sh", "-c", "grep -q \" /elsewhere \" /proc/self/mountinfo && echo elsewhere || echo ran"]'
	mkdir -p "$dev"
	touch "$BUNDLE/rootfs/elsewhere"
	start_flicker "$dev/console" ../elsewhere
	export MINIRUN ROOT DATA BUNDLE ID
	# shellcheck disable=SC2016 # of the shell in script
	run timeout 300 script --quiet --return --command 'seq -f "$ID-%g" 500 | xargs -P 4 --open-tty -I NAME \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" --cgroup-manager disabled run -t --bundle "$BUNDLE" NAME' \
		/dev/null </dev/null
	stop_racers
	expect_text ran
	expect_no_text elsewhere
}

# Fails when inside_open() loses RESOLVE_IN_ROOT: they are not in the container then.
@test "paths that are swapped for links are masked and read-only in the container" {
	mkdir -p "$VOLUME/dir/x" "$OUTSIDE/x" "$BUNDLE/rootfs$OUTSIDE/x"
	ln -s "$OUTSIDE" "$VOLUME/link"
	edit_config '.linux.maskedPaths = ["/volume/dir/x"] | .linux.readonlyPaths = ["/volume/dir/x"] |
		.process.args = ["grep", "-c", "/x r[ow],", "/proc/self/mountinfo"]'
	start_exchange "$VOLUME/dir" "$VOLUME/link"
	run_often 500
	stop_racers
	run rounds
	expect_match "^ *500 2$"
}

# A file that becomes a FIFO, which nobody writes to, after it was looked at; or a device without
# end; or a link. Fails when copy_file() loses O_NONBLOCK, where containers never start, or
# O_NOFOLLOW, or does not look at what it opened.
@test "what is copied into a tmpfs is a file, whatever becomes of it meanwhile" {
	local other
	echo secret >"$OUTSIDE/secret"
	mkfifo "$VOLUME/fifo"
	mknod "$VOLUME/device" c 1 5
	ln -s "$OUTSIDE/secret" "$VOLUME/link"
	edit_config '.mounts += [{ destination: "/volume", type: "tmpfs", source: "t", options: ["tmpcopyup", "size=64k"] }] |
		.process.args = ["sh", "-c", "for f in /volume/*; do [ ! -f $f ] || cat $f; done"]'
	for other in fifo device link; do
		echo text >"$VOLUME/$other-"
		start_exchange "$VOLUME/$other-" "$VOLUME/$other"
	done
	run_often 500
	stop_racers
	run rounds
	expect_match '[0-9]+ text'
	expect_no_text secret "no space"
}
