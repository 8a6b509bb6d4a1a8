#!/usr/bin/env bats
# check tells everything that is wrong with a bundle, and makes nothing.
# shellcheck disable=SC2030,SC2031,SC2154 # bats sets status and output; a test is a subshell

load lib/bundle

check() { # ARGUMENT...
	run minirun check "$@" "$BUNDLE"
}

@test "a bundle of spec has no problem, and nothing is made to know that" {
	make_bundle
	check
	expect_status 0
	expect_output "config.json: no problem found"
	check --strict --format json
	expect_status 0
	expect_output "[]"
	expect_absent "$ROOT" "$DATA"
	cd "$BUNDLE"
	run minirun check
	expect_status 0
}

@test "mistakes of every kind are told at once, in the order of the file" {
	make_bundle
	cat >"$BUNDLE/config.json" <<-'EOF'
		{ "ociVersion": "3.0.0", "hostnam": "a",
		"root": { "overlay": { "lower": ["/absent/1", "/absent/2", 3], "upper": "/absent/0" } },
		"process": { "cwd": "relative", "args": ["sh", 1], "env": ["A=b", "=c", "d"],
		"user": { "uid": -1, "umsk": 18 },
		"rlimits": [ { "type": "RLIMIT_CORE", "soft": 2, "hard": 1 },
		{ "type": "RLIMIT_NONE", "soft": 1, "hard": 1 }, { "type": "RLIMIT_CPU" } ],
		"capabilities": { "bounding": ["CAP_A", "CAP_B"] } },
		"mounts": [ { "destination": "/a", "type": "bind", "source": "/absent/3" },
		{ "destination": "/b", "type": "nofs" }, { "destination": "/", "type": "tmpfs" },
		{ "type": "tmpfs" }, { "destination": "/proc/x", "type": "tmpfs", "options": ["rw", "mode=1"] } ],
		"linux": { "namespaces": [ { "type": "mount" }, { "type": "pid", "path": "/absent/4" },
		{ "type": "ipc", "path": "/proc/self/ns/uts" }, { "type": "mount" }, { "type": "utss" } ],
		"maskedPaths": ["a", "/b", "c"],
		"seccomp": { "defaultAction": "SCMP_A", "syscalls": [ { "names": ["", "read"], "action": "SCMP_B" } ] } },
		"hooks": { "poststop": [ { "path": "x", "env": ["y"] }, { "path": "/z", "timeout": 0 } ] } }
	EOF
	check
	expect_status 1
	expect_output "config.json:1:17: ociVersion: '3.0.0' is not a version 1.x.y
config.json:1:37: warning: hostnam: unknown member, did you mean 'hostname'?
config.json:2:22: root.overlay.work: missing, and 'upper' needs it
config.json:2:34: root.overlay.lower[0]: cannot find '/absent/1': no such file or directory
config.json:2:47: root.overlay.lower[1]: cannot find '/absent/2': no such file or directory
config.json:2:60: root.overlay.lower[2]: not a string
config.json:3:21: process.cwd: not an absolute path
config.json:3:48: process.args[1]: not a string
config.json:3:67: process.env[1]: '=c' is not of the form NAME=value
config.json:3:73: process.env[2]: 'd' is not of the form NAME=value
config.json:4:18: process.user.uid: not an integer from 0 to 4294967294
config.json:4:30: warning: process.user.umsk: unknown member, did you mean 'umask'?
config.json:5:47: process.rlimits[0].soft: 'RLIMIT_CORE' has a soft limit above the hard one
config.json:6:11: process.rlimits[1].type: unknown limit 'RLIMIT_NONE'
config.json:6:50: process.rlimits[2].soft: missing
config.json:6:50: process.rlimits[2].hard: missing
config.json:7:32: process.capabilities.bounding[0]: unknown capability 'CAP_A'
config.json:7:41: process.capabilities.bounding[1]: unknown capability 'CAP_B'
config.json:8:62: mounts[0].source: cannot find '/absent/3': no such file or directory
config.json:9:32: mounts[1].type: unknown file system type 'nofs'
config.json:9:59: mounts[2].destination: '/' is the root itself
config.json:10:1: mounts[3].destination: missing
config.json:10:39: mounts[4].destination: '/proc/x' is inside /proc
config.json:11:74: linux.namespaces[1].path: cannot open '/absent/4': no such file or directory
config.json:12:26: linux.namespaces[2].path: '/proc/self/ns/uts' is a namespace of type 'uts', not 'ipc'
config.json:12:59: linux.namespaces[3].type: 'mount' is given twice
config.json:12:80: linux.namespaces[4].type: unknown namespace 'utss'
config.json:13:17: linux.maskedPaths[0]: 'a' is not an absolute path
config.json:13:28: linux.maskedPaths[2]: 'c' is not an absolute path
config.json:14:31: linux.seccomp.defaultAction: unknown action 'SCMP_A'
config.json:14:90: linux.seccomp.syscalls[0].action: unknown action 'SCMP_B'
config.json:15:36: hooks.poststop[0].path: 'x' is not an absolute path
config.json:15:49: hooks.poststop[0].env[0]: 'y' is not of the form NAME=value
config.json:15:84: hooks.poststop[1].timeout: not an integer from 1 to 2147483647
config.json: 32 errors, 2 warnings"
}

@test "an unknown member is a warning with a guess, an error to --strict" {
	make_bundle '.process.rlimitz = [] | .linux.rootPropagation = "private" | .qqqqqq = 1'
	check
	expect_status 0
	expect_match 'config.json:[0-9]+:[0-9]+: warning: process.rlimitz: unknown member, did you mean .rlimits.\?'
	expect_match "warning: linux.rootPropagation: unknown member, did you mean 'rootfsPropagation'\?"
	expect_match $'warning: qqqqqq: unknown member\n'
	expect_text "config.json: 0 errors, 3 warnings"
	check --strict
	expect_status 1
	expect_no_text "warning: "
	expect_text "config.json: 3 errors, 0 warnings"
}

@test "json has level, file, line, column, path and message" {
	make_bundle '.process.cwd = "a" | .mountz = 1'
	check --format json
	expect_status 1
	expect_equal "$(jq -c 'map([.level, .file, .path, .message])' <<<"$output")" \
		'[["error","config.json","process.cwd","not an absolute path"],["warning","config.json","mountz","unknown member, did you mean '"'mounts'"'?"]]'
	expect_equal "$(jq -r '.[0] | "\(.line):\(.column)"' <<<"$output")" \
		"$(grep -n '"cwd"' "$BUNDLE/config.json" | sed 's/:.*//'):12"
}

@test "what create says is what check says" {
	make_bundle '.process.rlimits = [{ type: "RLIMIT_CORE", soft: 2, hard: 1 }]'
	run minirun create --bundle "$BUNDLE" "$ID"
	expect_status 1
	local line=${output#minirun: }
	check
	expect_status 1
	expect_output "$line
config.json: 1 error, 0 warnings"
}

@test "a mistake in the syntax is told with line and column" {
	make_bundle
	printf '{\n "ociVersion": "1.0.0",\n "root" { }\n}\n' >"$BUNDLE/config.json"
	check
	expect_status 1
	expect_text "config.json:3:9: no ':' after a name" "config.json: 1 error, 0 warnings"
	check --format json
	expect_status 1
	expect_equal "$(jq -c '.[] | [.line, .column, .path]' <<<"$output")" '[3,9,""]'
}

@test "a bundle that is not there is an error of check itself" {
	run minirun check "$BATS_TEST_TMPDIR/absent"
	expect_status 1
	expect_one_line
	expect_text "minirun: cannot open bundle '$BATS_TEST_TMPDIR/absent'"
	mkdir "$BATS_TEST_TMPDIR/empty"
	run minirun check "$BATS_TEST_TMPDIR/empty"
	expect_status 1
	expect_text "minirun: bundle '$BATS_TEST_TMPDIR/empty':"
	run minirun check --format yaml "$BATS_TEST_TMPDIR/empty"
	expect_status 1
	expect_text "'yaml' is not text or json"
}

@test "control characters of names are no commands to the terminal" {
	make_bundle '.["a\u001b[31m\nb"] = 1'
	check
	expect_status 0
	expect_text 'warning: ["a\x1b[31m\x0ab"]: unknown member'
}

@test "layers are neither unpacked nor claimed, and no cgroup is made" {
	mkdir -p "$BATS_TEST_TMPDIR"/{upper,work}
	tar -C "$IMAGE" -cf "$BATS_TEST_TMPDIR/image.tar" .
	# shellcheck disable=SC2016 # the variables are jq's
	make_bundle '.root.overlay = { lower: [$dir + "/image.tar"], upper: ($dir + "/upper"), work: ($dir + "/work") } |
		.linux.cgroupsPath = "/" + $id' \
		--arg dir "$BATS_TEST_TMPDIR" --arg id "$ID"
	check
	expect_status 0
	expect_absent "$ROOT" "$DATA" "/sys/fs/cgroup/$ID" "/sys/fs/cgroup/pids/$ID"
	expect_equal "$(find "$BATS_TEST_TMPDIR/upper" "$BATS_TEST_TMPDIR/work" -mindepth 1)" ""
}

@test "an upper that a container has is told" {
	mkdir -p "$BATS_TEST_TMPDIR"/{upper,work}
	# shellcheck disable=SC2016 # the variables are jq's
	make_bundle '.root.overlay += { upper: ($dir + "/upper"), work: ($dir + "/work") }' \
		--arg dir "$BATS_TEST_TMPDIR"
	start_idle
	check
	expect_status 1
	expect_text "in use by container '$ID'"
	stop_idle
}

@test "limits that go beyond their range, or do not go together, are told one by one" {
	requires "no memory controller" has_controller memory
	requires "no cpuset controller" has_controller cpuset
	make_bundle '.linux.resources = { memory: { limit: 10, swap: 5, swappiness: 101 },
		cpu: { cpus: "x", mems: "y" } }'
	check
	expect_status 1
	expect_text "memory.swap: 5 is below memory.limit, 10" "swappiness: 101 is not between" \
		"cpu.cpus: 'x' is not a list" "cpu.mems: 'y' is not a list"
}

@test "limits that change nothing are warnings; --cgroup-manager counts" {
	make_bundle '.linux.resources = { memory: { kernel: 4096, kernelTCP: 4096 } }'
	check
	expect_status 0
	expect_text "warning: linux.resources.memory.kernel: ignored: " \
		"warning: linux.resources.memory.kernelTCP: ignored: " "0 errors, 2 warnings"
	run minirun --cgroup-manager disabled check "$BUNDLE"
	expect_status 0
	expect_output "config.json: no problem found"
}

@test "every row of the table of broken configurations is checked whole" {
	local count=0 row message
	while IFS= read -r row && IFS= read -r message; do
		printf '%s' "$row" | sed 's/^document = //; s/¶/\n/g' >"$BATS_TEST_TMPDIR/document"
		[[ $row == document\ =* && $row != *«* ]] || continue
		mkdir -p "$BUNDLE"
		cp "$BATS_TEST_TMPDIR/document" "$BUNDLE/config.json"
		check
		expect_status 1
		expect_text "${message#?}" || fail "$row" || return 1
		count=$((count + 1))
	done < <(grep -v -e '^#' -e '^$' "$srcdir/tests/configs/bad/json.table")
	[[ $count -gt 20 ]]
}
