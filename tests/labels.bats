#!/usr/bin/env bats
# Labels of security modules. What a host without them can tell is that nothing is ignored.

load lib/bundle

@test "a profile on a host without AppArmor is refused, for run and exec" {
	requires "AppArmor is here" test ! -e /sys/module/apparmor
	make_plain_bundle '.process.apparmorProfile = "profile"'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "process.apparmorProfile: AppArmor is not enabled on this host"
	edit_config '.process.apparmorProfile = ""'
	start_idle
	run minirun exec --apparmor "" "$ID" true
	expect_status 0
	run minirun exec --apparmor profile "$ID" true
	expect_status 255
	expect_text "--apparmor: AppArmor is not enabled on this host"
}

# Managers give one to every host, and without SELinux nobody would heed it.
@test "a label of mounts on a host without SELinux is ignored, and that is said" {
	requires "SELinux is here" test ! -e /sys/fs/selinux/enforce
	make_bundle '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
	run run_script 'grep -c container_file_t /proc/self/mountinfo'
	expect_status 1
	expect_output "minirun: warning: linux.mountLabel: ignored: SELinux is not enabled on this host
0"
	run minirun check "$BUNDLE"
	expect_status 0
	expect_text "warning: linux.mountLabel: ignored: SELinux is not enabled on this host"
}

@test "a label of processes on a host without SELinux is refused, for run and exec" {
	requires "SELinux is here" test ! -e /sys/fs/selinux/enforce
	make_plain_bundle
	start_idle
	run minirun exec --process-label system_u:system_r:container_t:s0 "$ID" true
	expect_status 255
	expect_text "--process-label: SELinux is not enabled on this host"
}
