#!/usr/bin/env bats
# What is said when something is wrong: where it stands, in one line.
# shellcheck disable=SC2030,SC2031,SC2154 # bats sets status and output; a test is a subshell

load lib/bundle

# The error of a run that fails, less "minirun: ".
complain() { # ARGUMENT...
	run minirun "$@"
	[[ $status -ne 0 ]] || fail "it did not fail: $output"
	expect_one_line
	output=${output#minirun: }
}

@test "what an option of run gave is told by the option, not as a line of config.json" {
	make_bundle
	mkdir "$BATS_TEST_TMPDIR/directory"
	cd "$BATS_TEST_TMPDIR"
	complain run --bundle "$BUNDLE" -v /absent:/a "$ID"
	expect_output "--volume /absent:/a: cannot find '/absent': no such file or directory"
	complain run --bundle "$BUNDLE" -v directory:/a -v directory:/proc/x:ro "$ID"
	expect_output "--volume directory:/proc/x:ro: '/proc/x' is inside /proc"
	complain run --bundle "$BUNDLE" --lower "$IMAGE" --lower absent "$ID"
	expect_output "--lower absent: cannot find '$PWD/absent': no such file or directory"
	complain run --bundle "$BUNDLE" --upper directory/a/b "$ID"
	expect_output "--upper directory/a/b: cannot create '$PWD/directory/a/b': no such file or directory"
	complain run --bundle "$BUNDLE" --upper directory --lower directory --lower "$IMAGE" "$ID"
	expect_text "--lower directory: '$PWD/directory' lies inside"
	complain run --bundle "$BUNDLE" --upper /proc/sys/kernel "$ID"
	expect_text "--upper /proc/sys/kernel: '/proc/sys/kernel.work' is on proc"
	complain run --bundle "$BUNDLE" --terminal "$ID" </dev/null
	expect_text "--terminal: a terminal is asked for, but standard input is none"
	# What config.json has is told as before.
	edit_config '.mounts += [{ destination: "/x", type: "bind", source: "/absent" }]'
	complain run --bundle "$BUNDLE" -v directory:/a "$ID"
	expect_match '^config.json:[0-9]+:[0-9]+: mounts\[[0-9]+\].source: cannot find'
}

@test "what an option of exec gave is told by the option" {
	make_bundle
	start_idle
	complain exec --cap CAP_NONE "$ID" true
	expect_output "--cap: unknown capability 'CAP_NONE'"
	complain exec --env =x "$ID" true
	expect_output "--env: '=x' is not of the form NAME=value"
	complain exec --cwd here "$ID" true
	expect_output "--cwd: not an absolute path"
	complain exec --cwd /absent "$ID" true
	expect_text "--cwd: " "'/absent' does not exist in the container"
	complain exec --tty "$ID" true </dev/null
	expect_text "--tty: a terminal is asked for, but standard input is none"
	stop_idle
}

@test "a mistake in exec's process document is told with its line and column" {
	make_bundle
	start_idle
	local document=$BATS_TEST_TMPDIR/process.json
	printf '{\n "args": ["true"], "cwd": "/",\n "capabilities": { "bounding": ["CAP_NONE"] } }\n' >"$document"
	complain exec --process "$document" "$ID"
	expect_output "$document:3:33: capabilities.bounding[0]: unknown capability 'CAP_NONE'"
	printf '{\n "args": ["true"],\n "cwd": 7 }\n' >"$document"
	complain exec --process "$document" "$ID"
	expect_output "$document:3:9: cwd: not a string"
	printf '{ "args": ["true"] }\n' >"$document"
	complain exec --process "$document" "$ID"
	expect_output "$document:1:1: cwd: missing"
	printf '{ "args": ["true"],\n "cwd": "/absent" }\n' >"$document"
	complain exec --process "$document" "$ID"
	expect_text "$document:2:9: cwd: " "'/absent' does not exist in the container"
	printf '{ "args" ["true"] }\n' >"$document"
	complain exec --process "$document" "$ID"
	expect_output "$document:1:10: no ':' after a name"
	printf '["true"]\n' >"$document"
	complain exec --process "$document" "$ID"
	expect_output "$document:1:1: not an object"
	stop_idle
}

# The error of a run with one more mount, less its place.
mount_wrong() { # MOUNT
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/config.json"
	edit_config ".mounts += [$1]"
	complain run --bundle "$BUNDLE" "$ID"
	cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
	output=${output#*mounts\[*\]: }
}

@test "what cannot be mounted on what is said" {
	make_bundle
	mkdir "$BATS_TEST_TMPDIR/directory"
	touch "$BATS_TEST_TMPDIR/file"
	cd "$BATS_TEST_TMPDIR"
	complain run --bundle "$BUNDLE" -v file:/etc "$ID"
	expect_output "--volume file:/etc: cannot mount '$PWD/file' on '/etc': the source is a file, the destination in the root a directory"
	complain run --bundle "$BUNDLE" -v directory:/etc/motd "$ID"
	expect_output "--volume directory:/etc/motd: cannot mount '$PWD/directory' on '/etc/motd': the source is a directory, the destination in the root a file"
	complain run --bundle "$BUNDLE" -v /proc/self/ns/mnt:/x "$ID"
	expect_text "cannot mount '/proc/self/ns/mnt' on '/x': a mount namespace cannot be mounted in one"
	mount_wrong '{ destination: "/etc/motd", type: "tmpfs" }'
	expect_output "cannot mount 'tmpfs' on '/etc/motd': the destination in the root is a file"
	mount_wrong '{ destination: "/etc", options: ["remount", "ro"] }'
	expect_output "cannot remount '/etc': nothing is mounted there"
}

@test "an overlay or a file system that the kernel refuses without a word" {
	make_bundle
	mount_wrong '{ destination: "/mnt", type: "overlay", options: ["lowerdir=/etc", "upperdir=/proc", "workdir=/proc"] }'
	expect_output "cannot mount 'overlay' on '/mnt': cannot create file system 'overlay': invalid argument (see dmesg for what the kernel says)"
	mount_wrong '{ destination: "/mnt", type: "proc", options: ["hidepid=9"] }'
	expect_output "cannot mount 'proc' on '/mnt': cannot set option 'hidepid' to '9': invalid argument (proc: unknown value of hidepid - 9)"
}

@test "a value of the command line that is empty, a log or a socket that is not there" {
	make_bundle
	complain run --bundle "$BUNDLE" --lower "" "$ID"
	expect_output "option '--lower': its value is empty (try 'minirun run --help')"
	complain run --bundle "$BUNDLE" --upper "" "$ID"
	expect_output "option '--upper': its value is empty (try 'minirun run --help')"
	complain --log /absent/log run --bundle "$BUNDLE" "$ID"
	expect_output "option '--log': cannot open '/absent/log': no such file or directory"
	complain run --bundle "$BUNDLE" --pidfd-socket /absent "$ID"
	expect_output "cannot connect to the socket '/absent': no such file or directory"
}

@test "a tar that is none: one line, with its place, in every log" {
	requires "minirun-image is not built" test -x "$pkglibexecdir/minirun-image"
	make_bundle
	echo "no tar" >"$BUNDLE/bad.tar"
	local log=$BATS_TEST_TMPDIR/log what="'$BUNDLE/bad.tar' is not a tar file"
	complain run --bundle "$BUNDLE" --lower "$BUNDLE/bad.tar" "$ID"
	expect_text "--lower $BUNDLE/bad.tar: $what"
	edit_config '.root.overlay.lower = ["bad.tar"]'
	complain run --bundle "$BUNDLE" "$ID"
	expect_match "^config.json:[0-9]+:[0-9]+: root.overlay.lower\\[0\\]: $what"
	complain --log-format json --log "$log" create --bundle "$BUNDLE" "$ID"
	expect_match "^config.json:[0-9]+:[0-9]+: root.overlay.lower\\[0\\]: $what"
	expect_equal "$(jq -r .msg "$log")" "$output"
	complain --log "$log.text" create --bundle "$BUNDLE" "$ID"
	expect_equal "$(wc -l <"$log.text")" 1
}

@test "--log-format json without --log is for standard error" {
	make_bundle '.process.cwd = "here"'
	complain --log-format json create --bundle "$BUNDLE" "$ID"
	expect_match '^\{"level":"error","msg":"config.json:[0-9:]+ process.cwd: not an absolute path","time":'
	run minirun --log-format json commit "$ID" "$BATS_TEST_TMPDIR/x.tar"
	expect_match '^\{"level":"error","msg":'
}
