#!/usr/bin/env bats
# What the configuration says of the process, seen by the process itself.
# shellcheck disable=SC2016

load lib/bundle

@test "user, groups and umask are set" {
	make_plain_bundle '.process.user = { uid: 1234, gid: 5678, additionalGids: [40, 41], umask: 23 }'
	run run_script 'id -u; id -g; id -G; umask'
	expect_status 0
	expect_output $'1234\n5678\n5678 40 41\n0027'
}

@test "the caller's groups and umask stay outside" {
	make_plain_bundle
	umask 077
	run run_script 'grep Groups /proc/self/status | tr -d "\t "; umask'
	expect_status 0
	expect_output $'Groups:\n0022'
}

@test "the caller's groups come in when the annotation keeps them" {
	local from=(setpriv --groups "1234,5678" "$MINIRUN" --root "$ROOT" --data-root "$DATA")
	make_plain_bundle '.annotations["run.oci.keep_original_groups"] = "1" |
		.process.user = { uid: 0, gid: 7, additionalGids: [40] }'
	start_idle
	run "${from[@]}" exec "$ID" grep Groups /proc/self/status
	expect_output $'Groups:\t1234 5678 '
	edit_config '.process.args = ["grep", "Groups", "/proc/self/status"]'
	run "${from[@]}" run --bundle "$BUNDLE" "$RUN-b"
	expect_status 0
	expect_output $'Groups:\t1234 5678 '
	edit_config '.annotations["run.oci.keep_original_groups"] = "0"'
	run "${from[@]}" run --bundle "$BUNDLE" "$RUN-b"
	expect_output $'Groups:\t40 '
}

@test "the caller's groups are kept in a user namespace, where they have no name" {
	make_bundle '.annotations["run.oci.keep_original_groups"] = "1" |
		.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings |
		.process.args = ["grep", "Groups", "/proc/self/status"]'
	run setpriv --groups 1234 "$MINIRUN" --root "$ROOT" --data-root "$DATA" run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output $'Groups:\t65534 '
}

@test "the environment and the arguments are those of the configuration" {
	make_plain_bundle '.process.env += ["EMPTY=", "WITH=a=b c"]'
	export OUTSIDE=1
	edit_config '.process.args = ["/usr/bin/env"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_text $'EMPTY=\n' "WITH=a=b c"
	expect_no_text OUTSIDE MINIRUN
	edit_config '.process.env += ["WITH=the last"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_text "WITH=the last"
	expect_no_text "WITH=a=b c"
	edit_config '.process.args = ["printf", "[%s]", "", "a b", "*"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_output "[][a b][*]"
}

@test "the process starts in its working directory" {
	make_plain_bundle '.process.cwd = "/tmp"'
	run run_script 'pwd'
	expect_output "/tmp"
}

@test "a working directory that is none is refused" {
	make_plain_bundle '.process.cwd = "/etc/motd"'
	run run_script 'pwd'
	expect_status 1
	expect_one_line
	expect_text "process.cwd: "
}

@test "limits are set" {
	make_plain_bundle '.process.rlimits = [ { type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
		{ type: "RLIMIT_CORE", soft: 0, hard: 0 } ]'
	run run_script 'ulimit -Sn; ulimit -Hn; ulimit -Hc'
	expect_status 0
	expect_output $'100\n200\n0'
}

@test "wrong limits are refused with their place" {
	make_plain_bundle '.process.rlimits = [ { type: "RLIMIT_NOFILE", soft: 2, hard: 1 } ]'
	run run_script true
	expect_status 1
	expect_one_line
	expect_match "config.json:[0-9]+:[0-9]+: process.rlimits\[0\].soft: 'RLIMIT_NOFILE' has a soft limit above the hard one"
	edit_config '.process.rlimits = [ { type: "RLIMIT_NOFILES", soft: 1, hard: 1 } ]'
	run run_script true
	expect_text "process.rlimits[0].type: unknown limit 'RLIMIT_NOFILES'"
	edit_config '.process.rlimits = [ { type: "RLIMIT_CPU", soft: 1, hard: 1 }, { type: "RLIMIT_CPU", soft: 1, hard: 1 } ]'
	run run_script true
	expect_text "process.rlimits[1].type: 'RLIMIT_CPU' is given twice"
}

@test "a limit that we may not raise says what it takes" {
	make_plain_bundle '.process.rlimits = [ { type: "RLIMIT_NOFILE", soft: 1, hard: 9007199254740991 } ]' # above fs.nr_open
	run run_script true
	expect_status 1
	expect_text "cannot set 'RLIMIT_NOFILE' to 1:9007199254740991: operation not permitted" \
		"CAP_SYS_RESOURCE"
}

@test "the oom score is set" {
	make_plain_bundle '.process.oomScoreAdj = 321'
	run run_script 'cat /proc/self/oom_score_adj'
	expect_status 0
	expect_output 321
	edit_config '.process.oomScoreAdj = 1001'
	run run_script true
	expect_status 1
	expect_text "process.oomScoreAdj: "
}

@test "noNewPrivileges holds, and only when it is asked for" {
	make_plain_bundle '.process.noNewPrivileges = true'
	run run_script 'grep NoNewPrivs /proc/self/status | tr -d "\t"'
	expect_output "NoNewPrivs:1"
	edit_config '.process.noNewPrivileges = false'
	run run_script 'grep NoNewPrivs /proc/self/status | tr -d "\t"'
	expect_output "NoNewPrivs:0"
}

@test "the exit status is the process's, or 128 and the signal" {
	make_plain_bundle
	run run_script 'exit 42'
	expect_status 42
	run run_script 'trap - TERM; (kill -9 $$) ; sh -c "kill -9 \$\$"; exit $?'
	expect_status 137
}

@test "no descriptor and no signal mask of the caller comes in" {
	make_plain_bundle '.process.args = ["grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"]'
	run bash -c 'trap "" PIPE HUP INT QUIT; exec "$@"' - "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000'

	edit_config '.process.args = ["ls", "/proc/self/fd"]'
	run bash -c 'exec 7</etc/passwd 30</; exec "$@"' - "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output $'0\n1\n2\n3' # 3 is the directory itself
}

@test "standard input and output are the caller's" {
	make_plain_bundle
	edit_config '.process.args = ["sh", "-c", "cat; echo to standard error >&2"]'
	run bash -c 'echo through | "$@" 2>"$0"' "$BATS_TEST_TMPDIR/error" "$MINIRUN" --root "$ROOT" \
		--data-root "$DATA" run --bundle "$BUNDLE" "$ID"
	expect_output through
	expect_file "$BATS_TEST_TMPDIR/error" "to standard error"
}

# The words are those that managers look for.
@test "a program that cannot be executed is told in runc's words" {
	local text
	make_plain_bundle '.process.args = ["no-such-program"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_one_line
	expect_text 'exec: "no-such-program": executable file not found in $PATH'

	edit_config '.process.args = ["/no/such"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_text 'exec: "/no/such": stat /no/such: no such file or directory'

	edit_config '.process.args = ["/etc/motd"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_text 'exec: "/etc/motd": permission denied'

	edit_config '.process.args = ["/etc"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_text 'exec: "/etc": is a directory'

	printf 'no program\n' >"$BUNDLE/rootfs/bin/text"
	chmod 755 "$BUNDLE/rootfs/bin/text"
	printf '\0\1\2' >"$BUNDLE/rootfs/bin/text"
	edit_config '.process.args = ["text"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	text=$output
	expect_text "exec format error"
	[[ $text == *'exec: "'* ]]
}

@test "the program is found as the user may find it" {
	make_plain_bundle '.process.user = { uid: 1234, gid: 1234 }'
	mkdir -m 700 "$BUNDLE/rootfs/opt"
	cp -P "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/opt/true"
	edit_config '.process.args = ["/opt/true"] | .process.capabilities = {}'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_text 'exec: "/opt/true": stat /opt/true: permission denied'
}

@test "exec takes what the container has, and its own user and directory" {
	make_plain_bundle '.process.env += ["FROM=container"] | .process.noNewPrivileges = true'
	start_idle
	run minirun exec --user 12:34 --cwd /tmp "$ID" sh -c 'id -u; id -g; pwd; echo $FROM
		grep NoNewPrivs /proc/self/status | tr -d "\t"; ls /proc/self/fd | tr "\n" " "'
	expect_status 0
	expect_output $'12\n34\n/tmp\ncontainer\nNoNewPrivs:1\n0 1 2 3 '
	run minirun exec "$ID" sh -c 'exit 9'
	expect_status 9
	run minirun exec "$ID" no-such-program
	expect_status 255
	expect_text 'exec: "no-such-program": executable file not found in $PATH'
	stop_idle
}

# A session keyring of its own: what the caller keeps there does not come in.
@test "the session keyring is the container's own" {
	requires "this kernel has no keyrings" test -e /proc/keys
	make_plain_bundle '.linux.maskedPaths = []'
	run run_script 'cat /proc/keys'
	expect_status 0
	expect_text "_ses.$ID"
}

@test "the session keyring of the caller does not come in by exec" {
	requires "this kernel has no keyrings" test -e /proc/keys
	make_plain_bundle '.linux.maskedPaths = []'
	start_idle
	run minirun exec "$ID" grep -c "_ses.$ID" /proc/keys
	expect_status 0
	expect_output 2 # that of the first process is listed as well, being the same user's
}

@test "without a new keyring there is none for exec either" {
	requires "this kernel has no keyrings" test -e /proc/keys
	make_plain_bundle '.linux.maskedPaths = [] | .process.args = ["tail", "-f", "/dev/null"]'
	minirun run --detach --no-new-keyring --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	run minirun exec "$ID" cat /proc/keys
	expect_status 0
	expect_no_text "_ses.$ID"
}

@test "what the container process says is heard, also when it has ended by then" {
	requires "strace is not installed" command -v strace
	make_bundle '.process.args = ["/nowhere"]'
	run strace -qq -o /dev/null -e inject=recvmsg:delay_enter=300000 \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_text 'exec: "/nowhere": stat /nowhere: no such file or directory'
}

@test "an exec whose pid file cannot be written runs nothing" {
	make_bundle
	start_idle
	run timeout 20 "$MINIRUN" --root "$ROOT" exec --pid-file "$BATS_TEST_TMPDIR/missing/pid" "$ID" tail -f /dev/null
	expect_status 255
	expect_output "minirun: cannot write '$BATS_TEST_TMPDIR/missing/pid': no such file or directory"
	run minirun exec "$ID" ps -o args=
	expect_no_text "tail -f"
}

@test "a pid file takes no device's place" {
	local device
	device=$(stat -c %F:%t:%T /dev/null)
	make_bundle '.process.args = ["true"]'
	run minirun run --bundle "$BUNDLE" --pid-file /dev/null "$ID"
	expect_status 1
	expect_output "minirun: the pid file '/dev/null' is there and is not a regular file"
	start_idle
	run minirun exec --pid-file "$BATS_TEST_TMPDIR" "$ID" true
	expect_status 255
	expect_text "is not a regular file"
	expect_equal "$(stat -c %F:%t:%T /dev/null)" "$device"
}

@test "exec takes its command from one place" {
	make_bundle
	start_idle
	echo '{ "args": ["/bin/echo", "document"], "cwd": "/" }' >"$BATS_TEST_TMPDIR/process.json"
	run minirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	expect_output document
	run minirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID" echo operand
	expect_status 255
	expect_one_line
	expect_text "--process" "command"
}

@test "an empty path is refused" {
	local option
	for option in --root --data-root --log; do
		run "$MINIRUN" "$option=" list
		expect_status 1
		expect_one_line
		expect_text "option '$option': its value is empty"
	done
	run minirun run --bundle '' "$ID"
	expect_status 1
	expect_one_line
	expect_text "option '--bundle': its value is empty"
}

@test "what exec is given for a name is what the process gets" {
	make_bundle '.process.env += ["NAME=old"]'
	start_idle
	run minirun exec --env NAME=new --env NAME=newer --env OTHER=x "$ID" env
	expect_status 0
	expect_text NAME=newer OTHER=x
	expect_no_text NAME=old $'NAME=new\n'
}

@test "an id in use is said to be" {
	make_bundle
	start_idle
	run minirun create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_output "minirun: container with id exists: $ID"
}

@test "delete touches nothing of a directory that is no container's" {
	mkdir -p "$ROOT/victim"
	echo mine >"$ROOT/victim/config.json"
	run minirun delete --force victim
	expect_status 1
	expect_text "is not the directory of a container"
	expect_file "$ROOT/victim/config.json" mine
	rm -r "$ROOT/victim"
}

@test "a create that is told to end leaves no container" {
	requires "strace is not installed" command -v strace
	make_bundle
	run strace -qq -o /dev/null -e inject=socketpair:signal=TERM:when=1 \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" create --bundle "$BUNDLE" "$ID"
	expect_status 143
	run minirun list --quiet
	expect_output ""
}

@test "HOME is that of the user in the image where the environment has none, for exec too" {
	make_plain_bundle '.process.env |= map(select(startswith("HOME=") | not))'
	echo "user:x:1000:1000::/srv/user:/bin/sh" >>"$BUNDLE/rootfs/etc/passwd"
	start_idle
	run minirun exec --user 1000 "$ID" sh -c 'echo $HOME'
	expect_output /srv/user
	run minirun exec --user 1001 "$ID" sh -c 'echo $HOME'
	expect_output /
	run minirun exec --env HOME= --user 1000 "$ID" sh -c 'echo $HOME'
	expect_output /srv/user
	run minirun exec --env HOME=/other --user 1000 "$ID" sh -c 'echo $HOME'
	expect_output /other
	minirun delete --force "$ID"
	mkfifo "$BUNDLE/fifo"
	mv "$BUNDLE/rootfs/etc/passwd" "$BUNDLE/rootfs/etc/passwd.old"
	mv "$BUNDLE/fifo" "$BUNDLE/rootfs/etc/passwd"
	run run_script 'echo $HOME'
	expect_status 0
	expect_output /
}

@test "exec takes a process document from a pipe" {
	make_bundle
	start_idle
	run minirun exec --process <(echo '{ "args": ["echo", "here"], "cwd": "/", "env": ["PATH=/bin"] }') "$ID"
	expect_status 0
	expect_output here
	minirun delete --force "$ID"
}
