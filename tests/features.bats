#!/usr/bin/env bats
# What features prints is what the program does, word by word.
# shellcheck disable=SC2016,SC2034 # for the container or for jq; for agent.bash

load lib/bundle
load lib/agent

setup() {
	bundle_setup
	AGENT=$BATS_TEST_TMPDIR/agent STATES=$BATS_TEST_TMPDIR/states
	FEATURES=$BATS_TEST_TMPDIR/features.json
	minirun features >"$FEATURES"
}

teardown() {
	stop_agent
	bundle_teardown
}

# One value a line.
feature() { # FILTER [JQ ARGUMENT...]
	local filter=$1
	shift
	jq -r "$@" "$filter" "$FEATURES"
}

expect_valid() { # FILE...
	/usr/bin/python3 "$srcdir/tests/lint/validate.py" "$srcdir/schema/features.schema.json" "$@"
}

has_validator() {
	/usr/bin/python3 -c 'import jsonschema'
}

# The bundle with members made from the features, $features in the filter.
edit_by_features() { # FILTER [JQ ARGUMENT...]
	local filter=$1
	shift
	edit_config "\$list[0] as \$features | $filter" --slurpfile list "$FEATURES" "$@"
}

as_nobody() { # COMMAND...
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$@"
}

@test "the document is valid, and tells which cgroups are mounted" {
	mounted=v1
	[[ $(stat --file-system --format=%T /sys/fs/cgroup/unified 2>&1) != cgroup2fs ]] || mounted=hybrid
	[[ $(stat --file-system --format=%T /sys/fs/cgroup) != cgroup2fs ]] || mounted=v2
	expect_equal "$(feature '.annotations["io.minirun.host.cgroup"]')" "$mounted"
	requires "no python3-jsonschema" has_validator
	expect_valid "$FEATURES"
}

@test "no cgroups: none" {
	run unshare --mount sh -c 'mount -t tmpfs tmpfs /sys/fs/cgroup && exec "$MINIRUN" features'
	expect_status 0
	expect_text '"io.minirun.host.cgroup": "none"'
}

@test "an ordinary user gets all but what only root can try" {
	as_nobody "$MINIRUN" features >"$BATS_TEST_TMPDIR/nobody.json"
	! has_validator || expect_valid "$BATS_TEST_TMPDIR/nobody.json"
	expect_equal "$(jq . "$BATS_TEST_TMPDIR/nobody.json")" "$(feature \
		'.annotations |= with_entries(select(.key | startswith("io.minirun.host.idmap.") | not))')"
	has_validator || skip "no python3-jsonschema"
}

@test "no operand" {
	run minirun features all
	expect_status 1
	expect_text "features: too many operands"
}

@test "versions: both ends are taken, and the program is the one that says it" {
	make_bundle
	for version in $(feature '.ociVersionMin, .ociVersionMax'); do
		edit_config '.ociVersion = $version' --arg version "$version"
		run run_script true
		expect_status 0
	done
	run minirun --version
	expect_output "minirun version $(feature '.annotations["io.minirun.version"]')
commit: $(feature '.annotations["io.minirun.commit"]')
spec: $(feature .ociVersionMax)"
}

@test "mount options: each is taken, others are not" {
	make_bundle
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/plain.json"
	type=$(findmnt --noheadings --output FSTYPE --target "$BUNDLE")
	requires "no ids of $type can be mapped" test \
		"$(feature '.annotations["io.minirun.host.idmap." + $type]' --arg type "$type")" = true
	edit_by_features '.mounts += [$features.mountOptions[] as $option
		| { destination: "/options/\($option)", type: "bind", source: $source,
			options: ["bind", $option] }
		| if $option == "tmpcopyup" then .type = "tmpfs" | .source = "tmpfs" | .options = [$option]
			elif $option == "remount" then { destination: "/dev/shm", type: "tmpfs", options: [$option] }
			elif $option | endswith("idmap") then
				.uidMappings = [{ containerID: 0, hostID: 0, size: 9 }] | .gidMappings = .uidMappings
			else . end]' --arg source "$BUNDLE/rootfs"
	run run_script 'grep -c " /options/" /proc/self/mounts'
	expect_status 0
	expect_output "$(feature '.mountOptions | length - 1')"
	cp "$BATS_TEST_TMPDIR/plain.json" "$BUNDLE/config.json"
	edit_config '.mounts += [{ destination: "/options", source: "/", options: ["bind", "other"] }]'
	run run_script true
	expect_status 1
	expect_text "option 'other' has no meaning for a bind mount"
}

@test "namespaces: each can be new, others are not known" {
	make_plain_bundle
	edit_by_features '.linux.namespaces = [$features.linux.namespaces[] | { type: . }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = .linux.uidMappings'
	run run_script 'for n in cgroup ipc mnt net pid time user uts; do readlink /proc/self/ns/$n; done'
	expect_status 0
	expect_equal "$(wc -l <<<"$output")" "$(feature '.linux.namespaces | length')"
	for name in cgroup ipc mnt net pid time user uts; do
		expect_no_text "$(readlink "/proc/self/ns/$name")"
	done
	edit_config '.linux.namespaces += [{ type: "other" }]'
	run run_script true
	expect_status 1
	expect_text "unknown namespace 'other'"
}

@test "capabilities: each can be given, others are not known" {
	make_bundle
	edit_by_features '.process.capabilities = { bounding: $features.linux.capabilities }'
	run run_script 'grep CapBnd /proc/self/status'
	expect_status 0
	expect_text "$(grep CapBnd /proc/self/status)"
	edit_config '.process.capabilities.bounding += ["CAP_OTHER"]'
	run run_script true
	expect_status 1
	expect_text "unknown capability 'CAP_OTHER'"
}

@test "hooks: each is run" {
	make_plain_bundle
	mkdir "$BATS_TEST_TMPDIR/log"
	edit_by_features '.mounts += [{ destination: $log, source: $log, options: ["bind"] }]
		| .hooks = ([$features.hooks[] | { key: ., value: [{ path: "/bin/sh",
			args: ["sh", "-c", "echo \(.) >>\($log)/hooks"] }] }] | from_entries)' \
		--arg log "$BATS_TEST_TMPDIR/log"
	run run_script true
	expect_status 0
	expect_equal "$(sort "$BATS_TEST_TMPDIR/log/hooks")" "$(feature '.hooks[]' | sort)"
}

@test "seccomp: each word is known, others are not" {
	requires "built without seccomp" test "$(feature .linux.seccomp.enabled)" = true
	make_bundle
	edit_by_features '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/missing",
		flags: $features.linux.seccomp.knownFlags,
		architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
		syscalls: [($features.linux.seccomp.actions[] | { names: ["acct"], action: . }),
			($features.linux.seccomp.operators[] | { names: ["swapon"], action: "SCMP_ACT_ERRNO",
				args: [{ index: 0, value: 1, op: . }] })] }'
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/all.json"
	run run_script true
	expect_no_text unknown
	edit_by_features '.linux.seccomp.architectures = $features.linux.seccomp.archs'
	run run_script true
	expect_no_text unknown
	while read -r what filter; do
		cp "$BATS_TEST_TMPDIR/all.json" "$BUNDLE/config.json"
		edit_config "$filter"
		run run_script true
		expect_status 1
		expect_text "unknown $what 'OTHER'"
	done <<-'EOF'
		action .linux.seccomp.syscalls[0].action = "OTHER"
		operator .linux.seccomp.syscalls[-1].args[0].op = "OTHER"
		architecture .linux.seccomp.architectures += ["OTHER"]
		flag .linux.seccomp.flags += ["OTHER"]
	EOF
}

@test "seccomp: each supported flag and each action of the host can be used" {
	requires "built without seccomp" test "$(feature .linux.seccomp.enabled)" = true
	requires "no python3" command -v python3
	make_plain_bundle
	edit_by_features '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
		flags: $features.linux.seccomp.supportedFlags,
		syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY" }] }' \
		--arg path "$AGENT/socket"
	start_agent 28
	run run_script 'mkdir /tmp/directory'
	expect_status 1
	expect_text "No space left on device"
	for action in $(feature '.annotations["io.minirun.host.seccomp.actions"]'); do
		[[ $action != SCMP_ACT_NOTIFY ]] || continue
		edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{ names: ["acct"], action: $action }] }' --arg action "$action"
		run run_script 'echo it runs'
		expect_status 0
		expect_output "it runs"
	done
}

@test "memory policy: each word is known, others are not" {
	make_bundle
	for list in modes flags; do
		for word in $(feature ".linux.memoryPolicy.${list}[]") OTHER; do
			edit_config '.linux.memoryPolicy = if $list == "modes" then { mode: $word }
				else { mode: "MPOL_DEFAULT", flags: [$word] } end' \
				--arg list "$list" --arg word "$word"
			run run_script true
			[[ $word == OTHER ]] || expect_no_text unknown
		done
		expect_status 1
		expect_text "unknown ${list%s} 'OTHER'"
	done
}

@test "what is not enabled is refused by name" {
	make_bundle
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/plain.json"
	while read -r feature member value; do
		cp "$BATS_TEST_TMPDIR/plain.json" "$BUNDLE/config.json"
		edit_config ".$member = $value"
		run run_script true
		if [[ $(feature ".linux.$feature") == true ]]; then
			expect_no_text "$member: not supported by this version"
		else
			expect_status 1
			expect_text "$member: not supported by this version"
		fi
	done <<-'EOF'
		apparmor.enabled process.apparmorProfile "other"
		selinux.enabled process.selinuxLabel "other"
		intelRdt.enabled linux.intelRdt { "closID": "a/b" }
		netDevices.enabled linux.netDevices { "other": { "name": "a/b" } }
	EOF
}

@test "idmap: true and false are what a mount of that file system comes to" {
	[[ $(feature .linux.mountExtensions.idmap.enabled) == true ]]
	cd "$BATS_TEST_TMPDIR"
	mkdir tmpfs overlay lower
	mount -t tmpfs tmpfs tmpfs
	mount -t overlay overlay -o "lowerdir=$IMAGE:lower" overlay
	minirun features >"$FEATURES"
	make_bundle
	cp "$BUNDLE/config.json" plain.json
	while read -r type can; do
		cp plain.json "$BUNDLE/config.json"
		source=$(findmnt --noheadings --first-only --types "$type" --output TARGET --direction backward)
		edit_config '.mounts += [{ destination: "/place", source: $source, options: ["bind"],
			uidMappings: [{ containerID: 0, hostID: 5, size: 9 }] }]
			| .mounts[-1].gidMappings = .mounts[-1].uidMappings' --arg source "$source"
		run run_script true
		[[ $can == "$(if [[ $status -eq 0 ]]; then echo true; else echo false; fi)" ]] ||
			fail "$type: $can, but status $status of a mount of '$source'" "$output"
	done < <(feature '.annotations | to_entries[]
		| select(.key | startswith("io.minirun.host.idmap."))
		| "\(.key | ltrimstr("io.minirun.host.idmap.")) \(.value)"')
	run feature '.annotations | keys[]'
	expect_text io.minirun.host.idmap.tmpfs io.minirun.host.idmap.overlay
	umount tmpfs overlay
}

@test "annotations that change what minirun does are all told" {
	run feature '.potentiallyUnsafeConfigAnnotations[]'
	expect_text io.minirun.overlay. org.criu.config run.oci.delegate-cgroup run.oci.hooks.stdout run.oci.hooks.stderr \
		run.oci.keep_original_groups run.oci.mount_context_type \
		run.oci.seccomp_fail_unknown_syscall
}
