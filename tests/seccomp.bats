#!/usr/bin/env bats
# Which system calls a container may make.
# shellcheck disable=SC2016

load lib/bundle

# A profile that allows everything but what the rules say.
rules() { # JQ-VALUE
	edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: $rules }' \
		--argjson rules "$1"
}

setup() {
	bundle_setup
	"$MINIRUN" --version >/dev/null
	make_plain_bundle
	rules '[]'
	run run_script 'grep ^Seccomp: /proc/self/status'
	[[ $output != *"built without seccomp"* ]] || skip "built without seccomp"
	expect_status 0
	expect_text 2
}

mkdirs='["mkdir", "mkdirat"]'

@test "a forbidden call fails with EPERM, with and without noNewPrivileges" {
	rules "[{ \"names\": $mkdirs, \"action\": \"SCMP_ACT_ERRNO\" }]"
	for value in true false; do
		edit_config '.process.noNewPrivileges = $value' --argjson value $value
		run run_script 'touch /tmp/file && mkdir /tmp/directory; ls /tmp'
		expect_status 0
		expect_text "can't create directory '/tmp/directory': Operation not permitted" file
	done
}

@test "errnoRet says with what" {
	rules "[{ \"names\": $mkdirs, \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 28 }]"
	run run_script 'mkdir /tmp/directory'
	expect_status 1
	expect_text "No space left on device"
}

@test "a call can be deadly" {
	rules "[{ \"names\": $mkdirs, \"action\": \"SCMP_ACT_KILL_PROCESS\" }]"
	run run_script 'sh -c "mkdir /tmp/directory"; echo status $?'
	expect_text "status 159"
}

@test "the default action is for calls that no rule names" {
	edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38,
		architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
		syscalls: [{ names: ["execve", "exit_group", "write", "brk", "arch_prctl", "mmap",
			"mprotect", "set_tid_address", "set_robust_list", "rseq", "prlimit64",
			"readlink", "getrandom", "getuid", "geteuid", "getppid", "getpid",
			"rt_sigaction", "rt_sigprocmask", "fstat", "newfstatat", "ioctl", "stat",
			"getcwd", "open", "openat", "read", "close", "fcntl", "uname", "no_such_call"],
			action: "SCMP_ACT_ALLOW" }] } | .process.noNewPrivileges = true'
	requires "the architectures are those of x86" test "$(uname -m)" = x86_64
	run run_script 'echo alive; cd /tmp; echo "cd: $?"'
	expect_text alive "cd: " "Function not implemented"
}

@test "arguments are compared" {
	# personality(0xffffffff) only asks; setarch asks for another.
	rules '[{ "names": ["kill"], "action": "SCMP_ACT_ERRNO",
		"args": [{ "index": 1, "value": 10, "op": "SCMP_CMP_EQ" }] }]'
	run run_script 'kill -0 $$ && echo zero; kill -USR1 $$ || echo refused'
	expect_text zero refused "Operation not permitted"
}

@test "several conditions on one argument are alternatives" {
	rules '[{ "names": ["kill"], "action": "SCMP_ACT_ERRNO",
		"args": [{ "index": 1, "value": 10, "op": "SCMP_CMP_EQ" },
			{ "index": 1, "value": 12, "op": "SCMP_CMP_EQ" }] }]'
	run run_script 'kill -0 $$ && echo zero; kill -USR1 $$ || echo one; kill -USR2 $$ || echo two'
	expect_text zero one two
}

@test "exec is under the filter too" {
	rules "[{ \"names\": $mkdirs, \"action\": \"SCMP_ACT_ERRNO\" }]"
	start_idle
	run minirun exec "$ID" mkdir /tmp/directory
	expect_status 1
	expect_text "Operation not permitted"
	stop_idle
}

@test "the program is found under a profile that is older than faccessat2" {
	rules '[{ "names": ["faccessat2"], "action": "SCMP_ACT_ERRNO" }]'
	edit_config '.process.args = ["true"] | .process.noNewPrivileges = false'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 0
	edit_config '.process.args = ["/etc/passwd"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_text 'exec: "/etc/passwd": permission denied'
}

@test "getcwd may be forbidden" {
	rules '[{ "names": ["getcwd"], "action": "SCMP_ACT_ERRNO" }]'
	for value in true false; do
		edit_config '.process.noNewPrivileges = $value | .process.cwd = "/etc"' --argjson value $value
		run run_script 'cat passwd >/dev/null && echo alive'
		expect_status 0
		expect_text alive
	done
}

@test "wrong words are refused with their place" {
	rules '[{ "names": ["mkdir"], "action": "SCMP_ACT_FORBID" }]'
	run run_script true
	expect_status 1
	expect_one_line
	expect_match "config.json:[0-9]+:[0-9]+: linux.seccomp.syscalls\[0\].action: unknown action 'SCMP_ACT_FORBID'"
	edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_NOTIFY" }'
	run run_script true
	expect_status 1
	expect_text "linux.seccomp.defaultAction: 'SCMP_ACT_NOTIFY' cannot be the default action"
	edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_X"] }'
	run run_script true
	expect_status 1
	expect_text "linux.seccomp.flags[0]: unknown flag 'SECCOMP_FILTER_FLAG_X'"
}

@test "every flag of the specification is taken" {
	edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_LOG",
		"SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"] }'
	run run_script 'echo runs'
	expect_status 0
	expect_output runs
}

@test "names that the library does not know are told with --debug, or refused by annotation" {
	rules '[{ "names": ["mkdir", "no_such_call"], "action": "SCMP_ACT_ERRNO" }]'
	edit_config '.process.args = ["true"]'
	run minirun --debug run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_text "debug: seccomp: system calls that libseccomp does not know, ignoring: no_such_call"
	edit_config '.annotations = { "run.oci.seccomp_fail_unknown_syscall": "1" }'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_one_line
	expect_text "linux.seccomp.syscalls[0].names[1]: unknown system call 'no_such_call'"
	edit_config '.annotations = { "run.oci.seccomp_fail_unknown_syscall": "0" }'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output ""
}

@test "an error is told also where sockets are forbidden" {
	rules '[{ "names": ["sendmsg", "sendto"], "action": "SCMP_ACT_KILL_PROCESS" }]'
	edit_config '.process.noNewPrivileges = false | .process.args = ["/no/such/program"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_text "no such file or directory"
}

@test "a compiled profile is kept where only its owner gets, and is no container" {
	rules "[{ \"names\": $mkdirs, \"action\": \"SCMP_ACT_ERRNO\" }]"
	rm -r "$ROOT/.seccomp"
	for _ in 1 2; do
		run run_script 'mkdir /tmp/directory'
		expect_status 1
		expect_text "Operation not permitted"
	done
	expect_equal "$(stat -c %a "$ROOT/.seccomp" "$ROOT"/.seccomp/* | xargs)" "700 600"
	expect_equal "$(minirun list --quiet)" ""
	start_idle
	run minirun exec "$ID" mkdir /tmp/directory
	expect_text "Operation not permitted"
	stop_idle
	expect_equal "$(find "$ROOT/.seccomp" -type f | wc -l)" 1
}

@test "many containers may be the first with a profile" {
	rules "[{ \"names\": $mkdirs, \"action\": \"SCMP_ACT_ERRNO\" }]"
	edit_config '.process.args = ["mkdir", "/tmp/directory"]'
	rm -r "$ROOT/.seccomp"
	pids=()
	for i in 1 2 3 4 5 6; do
		minirun run --bundle "$BUNDLE" "$RUN-$i" >"$BATS_TEST_TMPDIR/out-$i" 2>&1 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" && fail "made what it must not"
	done
	expect_equal "$(grep -l 'Operation not permitted' "$BATS_TEST_TMPDIR"/out-* | wc -l)" 6
	expect_equal "$(find "$ROOT/.seccomp" -type f | wc -l)" 1
}
