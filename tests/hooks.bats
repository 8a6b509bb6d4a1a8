#!/usr/bin/env bats
# Hooks: when each kind runs, where, what it is told, and what its failure does.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

# A hook that adds its name, the state's status and pid, and what the script says.
hook() { # KIND [SCRIPT]
	edit_config '.hooks[$kind] += [{ path: "/bin/sh", args: ["sh", "-c", $script], env: ["PATH=/bin:/usr/bin"] }]' \
		--arg kind "$1" --arg script "{ echo $1 \$(jq -r '\"\\(.status) \\(.pid != 0)\"'); ${2:-:}; } >>$LOG 2>&1"
}

LOG_start() {
	LOG=$BATS_TEST_TMPDIR/log
	: >"$LOG"
}

@test "each kind runs at its turn, with the state on standard input" {
	LOG_start
	make_plain_bundle '.process.args = ["sleep", "1000"]'
	for kind in poststop poststart createContainer createRuntime prestart; do
		hook "$kind"
	done
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null
	echo created >>"$LOG"
	minirun start "$ID"
	echo started >>"$LOG"
	minirun delete --force "$ID"
	run cat "$LOG"
	expect_output $'prestart created true\ncreateRuntime creating true\ncreateContainer creating true\ncreated\npoststart running true\nstarted\npoststop stopped false'
}

@test "run does all of them" {
	LOG_start
	make_plain_bundle
	for kind in prestart createRuntime createContainer poststart poststop; do
		hook "$kind"
	done
	run run_script 'echo payload'
	expect_status 0
	run sort "$LOG"
	expect_output $'createContainer creating true\ncreateRuntime creating true\npoststart running true\npoststop stopped false\nprestart created true'
}

@test "the state names the container, its bundle and its annotations" {
	LOG_start
	make_plain_bundle '.annotations = { "a.b": "c" }'
	edit_config '.hooks.createRuntime = [{ path: "/bin/cp", args: ["cp", "/dev/stdin", $to] }]' --arg to "$LOG"
	run run_script true
	expect_status 0
	expect_equal "$(jq -r '.id, .bundle, .status, .annotations["a.b"], .ociVersion' "$LOG")" \
		"$ID"$'\n'"$BUNDLE"$'\ncreating\nc\n1.3.0'
}

@test "a hook need not read what it is told" {
	# More than fits into the pipe, so that it cannot have been written before the hook ends.
	make_plain_bundle '.annotations = { "a.b": ("x" * 100000) }'
	for kind in prestart poststart poststop; do
		edit_config '.hooks[$kind] = [{ path: "/bin/true" }]' --arg kind "$kind"
	done
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null
	minirun start "$ID"
	minirun delete --force "$ID"
}

@test "createRuntime is in the host's namespaces, createContainer in the container's" {
	LOG_start
	make_plain_bundle
	hook createRuntime 'readlink /proc/self/ns/uts; hostname'
	hook createContainer 'readlink /proc/self/ns/uts; hostname'
	run run_script 'readlink /proc/self/ns/uts'
	expect_status 0
	local inside=${lines[0]}
	expect_equal "$(sed -n 2p "$LOG")" "$(readlink /proc/self/ns/uts)"
	expect_equal "$(sed -n 5p "$LOG")" "$inside"
	expect_equal "$(sed -n 6p "$LOG")" "$(jq -r .hostname "$BUNDLE/config.json")"
}

@test "createContainer sees the mounts of the container at its root's path" {
	LOG_start
	make_plain_bundle
	hook createContainer "touch $BUNDLE/rootfs/from-hook; stat -f -c %T $BUNDLE/rootfs/proc $BUNDLE/rootfs/dev"
	run run_script 'ls /from-hook; mount | grep -c " / "'
	expect_status 0
	expect_output $'/from-hook\n1'
	expect_equal "$(sed -n 2,3p "$LOG")" $'proc\ntmpfs'
}

@test "createContainer with an overlay root whose path is there" {
	LOG_start
	make_bundle '.root.path = "rootfs"'
	hook createContainer "touch $BUNDLE/rootfs/from-hook"
	run run_script 'ls /from-hook'
	expect_status 0
	expect_absent "$BUNDLE/rootfs/from-hook"
}

@test "startContainer is found and run in the container" {
	make_plain_bundle '.hooks.startContainer = [{ path: "/bin/sh",
		args: ["sh", "-c", "cat >/state; echo $A >/env; pwd >/cwd"], env: ["A=B"] }]'
	run run_script 'cat /env /cwd; tr -d " \n" </state'
	expect_status 0
	expect_text $'B\n/' '"status":"created"' '"pid":1'
}

@test "a hook has the environment of the configuration, and no other" {
	LOG_start
	make_plain_bundle '.hooks.createRuntime = [{ path: "/usr/bin/env" }]'
	export LEAKED=yes
	edit_config '.annotations["run.oci.hooks.stdout"] = $log | .hooks.createRuntime[0].env = ["ONE=1"]' --arg log "$LOG"
	run run_script true
	expect_status 0
	expect_file "$LOG" "ONE=1"
}

@test "a hook that fails before the start undoes the container, and poststop runs" {
	for kind in prestart createRuntime createContainer; do
		LOG_start
		make_plain_bundle
		hook poststop
		edit_config '.hooks[$kind] = [{ path: "/bin/sh", args: ["sh", "-c", "echo first; echo why >&2; exit 3"] }]' --arg kind "$kind"
		run minirun create --bundle "$BUNDLE" "$ID" </dev/null
		expect_status 1
		expect_one_line
		expect_text "hooks.${kind}[0]: '/bin/sh' failed with status 3: why"
		expect_file "$LOG" "poststop stopped false"
		run minirun state "$ID"
		expect_status 1
		rm -r "$BUNDLE"
	done
}

@test "a startContainer hook that fails is told by start" {
	make_plain_bundle '.hooks.startContainer = [{ path: "/bin/false" }]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null
	run minirun start "$ID"
	expect_status 1
	expect_text "hooks.startContainer[0]: '/bin/false' failed with status 1"
	minirun delete "$ID"
}

@test "a poststart hook that fails ends the container, and start fails" {
	make_plain_bundle '.process.args = ["sleep", "1000"] | .hooks.poststart = [{ path: "/bin/false" }]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null
	pid=$(minirun state "$ID" | jq .pid)
	run minirun start "$ID"
	expect_status 1
	expect_text "hooks.poststart[0]: '/bin/false' failed with status 1"
	wait_end "$pid"
	expect_equal "$(state_of "$ID")" stopped
	minirun delete "$ID"
}

@test "a poststop hook that fails is a warning, and the next one runs" {
	LOG_start
	make_plain_bundle '.hooks.poststop = [{ path: "/bin/false" }]'
	hook poststop
	run run_script true
	expect_status 0
	expect_text "warning: hooks.poststop[0]: '/bin/false' failed with status 1"
	expect_file "$LOG" "poststop stopped false"
}

@test "a hook that takes too long is killed" {
	make_plain_bundle '.hooks.createRuntime = [{ path: "/bin/sleep", args: ["sleep", "1000"], timeout: 1 }]'
	run run_script true
	expect_status 1
	expect_text "hooks.createRuntime[0]: '/bin/sleep' took more than 1 s"
}

@test "a hook that is not there, or is not to be executed, is named" {
	make_plain_bundle '.hooks.createRuntime = [{ path: "/nope" }]'
	run run_script true
	expect_status 1
	expect_text "hooks.createRuntime[0]: cannot execute '/nope': no such file or directory"
	edit_config '.hooks.createRuntime[0].path = "/etc/passwd"'
	run run_script true
	expect_status 1
	expect_text "cannot execute '/etc/passwd': permission denied"
}

@test "what a hook leaves in the background is not waited for" {
	make_plain_bundle '.hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", "sleep 5 & echo $! >$FILE"] }]'
	edit_config '.hooks.createRuntime[0].env = ["FILE=" + $file, "PATH=/bin:/usr/bin"]' --arg file "$BATS_TEST_TMPDIR/pid"
	run run_script true
	expect_status 0
	kill "$(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "a hook that says much and reads nothing blocks nobody" {
	make_plain_bundle '.hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", "exec <&-; head -c 1000000 /dev/zero; exit 1"], env: ["PATH=/bin:/usr/bin"] }]'
	run run_script true
	expect_status 1
	expect_text "failed with status 1"
}

@test "hooks of a container with a user namespace" {
	LOG_start
	make_bundle '.root.path = "rootfs" | .linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings'
	hook createRuntime 'id -u'
	run run_script true
	expect_status 0
	expect_text "" && expect_equal "$(sed -n 2p "$LOG")" 0
}
