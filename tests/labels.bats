#!/usr/bin/env bats
# Labels of security modules. What a host without them can tell is that nothing is ignored.
# shellcheck disable=SC2016 # what is in single quotes is jq's

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

# Loads, or removes with --remove, profiles that forbid one name each.
profiles() { # OPTION NAME...
	local option=$1 name
	shift
	for name; do
		printf 'profile %s flags=(attach_disconnected) { file, capability, network, signal, deny /%s w, }\n' \
			"$name" "$name"
	done | apparmor_parser --skip-cache "$option"
}

@test "the container and what is executed in it are under their AppArmor profiles" {
	requires "no AppArmor on this host" test -d /sys/kernel/security/apparmor
	requires "apparmor_parser is not installed" command -v apparmor_parser
	profiles --replace "$ID-first" "$ID-second"
	make_bundle '.process.apparmorProfile = $profile' --arg profile "$ID-first"
	start_idle
	run cat "/proc/$(minirun state "$ID" | jq .pid)/attr/apparmor/current"
	expect_output "$ID-first (enforce)"
	run minirun exec "$ID" sh -c "cat /proc/self/attr/apparmor/current; touch /$ID-second /$ID-first"
	expect_text "$ID-first (enforce)" "/$ID-first: Permission denied"
	expect_no_text "/$ID-second:"
	run minirun exec --apparmor "$ID-second" "$ID" sh -c "cat /proc/self/attr/apparmor/current; rm /$ID-second"
	expect_text "$ID-second (enforce)" "Permission denied"
	stop_idle
	profiles --remove "$ID-first" "$ID-second"
}

@test "an AppArmor profile that is not loaded is refused, and nothing is left" {
	requires "no AppArmor on this host" test -d /sys/kernel/security/apparmor
	make_bundle '.process.apparmorProfile = "minirun-none"'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "process.apparmorProfile: " "is the profile 'minirun-none' loaded?"
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
