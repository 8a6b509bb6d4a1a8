#!/usr/bin/env bats
# linux.maskedPaths, linux.readonlyPaths and root.readonly, seen from inside.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

@test "a masked file is the null device, a masked directory is empty and read-only" {
	make_bundle '.linux.maskedPaths = ["/etc/motd", "/proc/timer_list", "/etc/d", "/proc/fs"]'
	cp -a "$IMAGE" "$BATS_TEST_TMPDIR/image"
	mkdir "$BATS_TEST_TMPDIR/image/etc/d"
	touch "$BATS_TEST_TMPDIR/image/etc/d/secret"
	edit_config '.root.overlay.lower = [$image]' --arg image "$BATS_TEST_TMPDIR/image"
	run run_script 'stat -c "%n %t:%T" /etc/motd /proc/timer_list; cat /etc/motd
		ls -A /etc/d /proc/fs; touch /etc/d/x; touch /proc/fs/x'
	expect_status 1
	expect_text "/etc/motd 1:3" "/proc/timer_list 1:3" "/etc/d/x: Read-only file system" \
		"/proc/fs/x: Read-only file system"
	expect_no_text secret "from the image"
}

@test "masked directories share one file system" {
	make_bundle '.linux.maskedPaths = ["/etc", "/root", "/usr"]'
	run run_script 'for d in /etc /root /usr; do awk -v d=$d "\$5 == d { print \$3 }" /proc/self/mountinfo; done | uniq | wc -l'
	expect_status 0
	expect_output 1
}

@test "paths that are not there are skipped, one listed twice does no harm" {
	make_bundle '.linux.maskedPaths = ["/nowhere", "/etc/motd/below", "/etc", "/etc"] |
		.linux.readonlyPaths = ["/nowhere", "/tmp", "/tmp"]'
	run run_script 'ls -A /etc; touch /tmp/x'
	expect_status 1
	expect_output "touch: /tmp/x: Read-only file system"
}

@test "readonly paths are so with what is mounted below" {
	make_bundle '.linux.readonlyPaths = ["/tmp", "/etc/motd"] |
		.mounts += [{ destination: "/tmp/below", type: "tmpfs", source: "t" }]'
	run run_script 'touch /tmp/x; touch /tmp/below/x; echo x >/etc/motd; touch /etc/y && echo fine'
	expect_status 0
	expect_text "/tmp/x: Read-only file system" "/tmp/below/x: Read-only file system" \
		"/etc/motd: Read-only file system" fine
}

@test "a masked path may lie in a readonly one" {
	make_bundle '.linux.maskedPaths = ["/etc/motd"] | .linux.readonlyPaths = ["/etc"]'
	run run_script 'stat -c %t:%T /etc/motd; touch /etc/x'
	expect_status 1
	expect_text 1:3 "/etc/x: Read-only file system"
}

@test "what spec masks shows nothing" {
	make_bundle
	run run_script 'for path in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug; do
			[ ! -e $path ] || stat -c "%t:%T" $path
		done | sort -u
		ls -A /sys/firmware /proc/acpi /proc/scsi 2>/dev/null | grep -v "^/\|^$"
		echo x >/proc/sys/kernel/hostname'
	expect_status 1
	expect_match '^1:3'$'\n''.*hostname: Read-only file system$'
}

# CVE-2025-31133
@test "a null device that the image brings is not what files are masked with" {
	make_plain_bundle '.mounts |= map(select(.destination | startswith("/dev") | not)) |
		.linux.maskedPaths = ["/etc/passwd", "/proc/timer_list"]'
	mkdir -p "$BUNDLE/rootfs/dev"
	ln -s ../etc/group "$BUNDLE/rootfs/dev/null"
	run run_script 'stat -c %t:%T /etc/passwd /proc/timer_list'
	expect_status 0
	expect_output 1:3$'\n'1:3
}

@test "links of the image do not lead masks out of it" {
	local outside=$BATS_TEST_TMPDIR/outside
	mkdir "$outside"
	make_plain_bundle '.linux.maskedPaths = ["/link"] | .linux.readonlyPaths = ["/link"]'
	ln -s "../../../../../../../..$outside" "$BUNDLE/rootfs/link"
	run run_script true
	expect_status 0
	touch "$outside/x"
}

@test "a relative path is refused with its place" {
	make_bundle '.linux.maskedPaths = ["/etc", "etc"]'
	run run_script true
	expect_status 1
	expect_match "linux.maskedPaths\[1\]: 'etc' is not an absolute path"
	edit_config '.linux.maskedPaths = [] | .linux.readonlyPaths = [""]'
	run run_script true
	expect_status 1
	expect_match "linux.readonlyPaths\[0\]: '' is not an absolute path"
}

@test "a readonly root is so, and what is mounted in it is not" {
	make_bundle '.root.readonly = true | .mounts += [{ destination: "/tmp", type: "tmpfs", source: "t" }]'
	run run_script 'touch /tmp/x && touch /dev/shm/x && touch /x'
	expect_status 1
	expect_output "touch: /x: Read-only file system"
}
