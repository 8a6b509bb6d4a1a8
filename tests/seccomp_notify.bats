#!/usr/bin/env bats
# System calls that an agent on the host decides on.
# shellcheck disable=SC2016

load lib/bundle
load lib/agent

setup() {
	bundle_setup
	requires "no python3" command -v python3
	AGENT=$BATS_TEST_TMPDIR/agent STATES=$BATS_TEST_TMPDIR/states
	make_plain_bundle '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW" }'
	run run_script true
	[[ $output != *"built without seccomp"* ]] || skip "built without seccomp"
	notify '["mkdir", "mkdirat"]'
}

teardown() {
	stop_agent
	bundle_teardown
}

# A profile that asks the agent about some calls.
notify() { # JQ-VALUE
	edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
		listenerMetadata: "some \"data\"",
		syscalls: [{ names: $names, action: "SCMP_ACT_NOTIFY" }] }' \
		--arg path "$AGENT/socket" --argjson names "$1"
}

@test "the agent decides, with and without noNewPrivileges, under run and create" {
	start_agent 28
	for value in true false; do
		edit_config '.process.noNewPrivileges = $value' --argjson value $value
		run run_script 'touch /tmp/file && mkdir /tmp/directory; ls /tmp'
		expect_status 0
		expect_text "can't create directory '/tmp/directory': No space left on device" file
		minirun create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/log" 2>&1
		expect_equal "$(state_of "$ID")" created
		pid=$(minirun state "$ID" | jq .pid)
		minirun start "$ID"
		wait_end "$pid"
		minirun delete "$ID"
		expect_file "$BATS_TEST_TMPDIR/log" "$output"
	done
	stop_agent
	expect_equal "$(jq -r .state.status "$STATES" | sort -u)" creating
	expect_equal "$(wc -l <"$STATES")" 4
}

@test "the agent gets the container process state" {
	start_agent 0
	edit_config '.annotations = { "org.example": "value" }'
	start_idle
	pid=$(minirun state "$ID" | jq .pid)
	stop_idle
	stop_agent
	expect_equal "$(jq --compact-output --sort-keys . "$STATES")" \
		"$(jq --compact-output --sort-keys --null-input '{ ociVersion: $version, fds: ["seccompFd"],
			pid: $pid, metadata: "some \"data\"", state: { ociVersion: $version, id: $id,
			status: "creating", pid: $pid, bundle: $bundle,
			annotations: { "org.example": "value" } } }' --arg bundle "$BUNDLE" --arg id "$ID" \
			--arg version "$(jq -r .ociVersion "$BUNDLE/config.json")" --argjson pid "$pid")"
}

@test "exec has a listener of its own" {
	start_agent 28
	start_idle
	for value in true false; do
		jq '.process | .noNewPrivileges = $value | .args = ["mkdir", "/tmp/directory"]' \
			--argjson value $value "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
		run minirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
		expect_status 1
		expect_text "No space left on device"
	done
	pid=$(minirun state "$ID" | jq .pid)
	stop_idle
	stop_agent
	expect_equal "$(jq -r '"\(.state.status) \(.state.pid)"' "$STATES" | tail -n 2 | sort -u)" \
		"running $pid"
	expect_equal "$(jq .pid "$STATES" | sort -u | wc -l)" 3
}

@test "with a user namespace the agent decides too, under run, create and exec" {
	edit_config '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings'
	start_agent 28
	for value in true false; do
		edit_config '.process.noNewPrivileges = $value' --argjson value $value
		run run_script 'mkdir /tmp/directory'
		expect_status 1
		expect_text "No space left on device"
		edit_config '.process.args = ["sleep", "1000"]'
		minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
		run minirun exec "$ID" mkdir /tmp/directory
		expect_status 1
		expect_text "No space left on device"
		minirun delete --force "$ID"
	done
}

@test "calls on the way to the payload may be asked about as well" {
	notify '["read", "close", "execve", "capset", "setuid", "sendmsg", "recvmsg", "fcntl",
		"futex", "chdir", "getcwd"]'
	start_agent 0
	for value in true false; do
		edit_config '.process.noNewPrivileges = $value' --argjson value $value
		run timeout 20 bash -c "$(declare -f minirun edit_config run_script)
			run_script 'echo runs'"
		expect_status 0
		expect_output runs
	done
}

@test "the filter that waits for an agent holds no listener of its own" {
	start_agent 0
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/log" 2>&1
	pid=$(minirun state "$ID" | jq .pid)
	run ls -l "/proc/$pid/fd"
	expect_no_text "seccomp notify"
	minirun delete --force "$ID"
}

@test "without an agent there is no container" {
	run run_script true
	expect_status 1
	expect_one_line
	expect_match "linux.seccomp.listenerPath: cannot connect to '$AGENT/socket': no such file or directory"
	run minirun state "$ID"
	expect_status 1
	start_agent 0
	start_idle
	stop_agent
	run minirun exec "$ID" true
	expect_status 255
	expect_text "cannot connect to '$AGENT/socket': connection refused"
	stop_idle
}

@test "what would wait for itself is refused" {
	notify '["mkdir", "write"]'
	run run_script true
	expect_status 1
	expect_text "linux.seccomp.syscalls[0].names[1]: 'write' cannot have 'SCMP_ACT_NOTIFY'"
	edit_config '.linux.seccomp.defaultAction = "SCMP_ACT_NOTIFY" | .linux.seccomp.syscalls = []'
	run run_script true
	expect_status 1
	expect_text "linux.seccomp.defaultAction: 'SCMP_ACT_NOTIFY' cannot be the default action"
	notify '["mkdir"]'
	edit_config 'del(.linux.seccomp.listenerPath, .linux.seccomp.listenerMetadata)'
	run run_script true
	expect_status 1
	expect_text "linux.seccomp.listenerPath: missing, but 'SCMP_ACT_NOTIFY' is used"
}

@test "a wait for the agent can be one for a deadly signal alone" {
	requires "Linux before 5.19" test "$(printf '%s\n' 5.19 "$(uname -r)" | sort -V | head -n 1)" = 5.19
	edit_config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
	start_agent 28
	run run_script 'mkdir /tmp/directory'
	expect_status 1
	expect_text "No space left on device"
}
