#!/usr/bin/env bats
# --log: where messages go.
# shellcheck disable=SC2016 # what stands in single quotes is for another shell
# shellcheck disable=SC2154 # status and output are bats'

load lib/bundle

# Runs minirun with a socket at the path, in a directory that is new for it, and prints what
# came there, a datagram a line.
listen() { # PATH [ARGUMENT...]
	local path=$1
	shift
	requires "no python3" command -v python3
	unshare --mount sh -c 'mount -t tmpfs tmpfs "/${1#/}" && shift && exec "$@"' sh \
		"$(cut -d/ -f2 <<<"$path")" python3 - "$path" "$MINIRUN" --root "$ROOT" "$@" <<-'END'
			import os, socket, subprocess, sys
			path = sys.argv[1]
			os.makedirs(os.path.dirname(path), exist_ok=True)
			listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
			listener.bind(path)
			done = subprocess.run(sys.argv[2:], stderr=subprocess.PIPE)
			print("status", done.returncode, done.stderr.decode(), end="")
			listener.setblocking(False)
			try:
			    while True:
			        print(listener.recv(65536))
			except BlockingIOError:
			    pass
		END
}

@test "the journal gets priority, name and message" {
	run listen /run/systemd/journal/socket --log journald:box state none
	expect_status 0
	expect_output "status 1 minirun: container 'none' does not exist
b\"PRIORITY=3\\nSYSLOG_IDENTIFIER=box\\nMESSAGE=container 'none' does not exist\\n\""
}

@test "syslog gets priority, name, pid and message" {
	run listen /dev/log --log-format json --log syslog: state none
	expect_status 0
	expect_match "^status 1 minirun: container 'none' does not exist
b\"<11>minirun\\[[0-9]+\\]: container 'none' does not exist\"\$"
}

@test "a line end in a message or a name makes no field of the journal" {
	run listen /run/systemd/journal/socket --log $'journald:a\nMESSAGE=b' state $'a\nPRIORITY=0'
	expect_status 0
	expect_equal "${#lines[@]}" 2
	expect_text 'SYSLOG_IDENTIFIER=a\\x0aMESSAGE=b\nMESSAGE=' 'a\\x0aPRIORITY=0'
}

@test "what is less than an error is said there alone" {
	make_plain_bundle '.process.args = ["true"] | .unknown = 1'
	run listen /run/systemd/journal/socket --debug --log journald:box \
		run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_match "^status 0 b'PRIORITY=7.nSYSLOG_IDENTIFIER=box.nMESSAGE=.*: unknown member"
}

@test "where nobody listens the way out is said" {
	local destination
	for destination in journald:box syslog:box; do
		run unshare --mount sh -c 'mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /dev && exec "$@"' sh \
			"$MINIRUN" --root "$ROOT" --log "$destination" list
		expect_status 1
		expect_one_line
		expect_match "option '--log': '$destination': nobody listens at '/[a-z/]*': no such file or directory \\(--log FILE does without\\)\$"
	done
}

@test "file: is a file, and so is a name with another colon" {
	run minirun --log "file:$BATS_TEST_TMPDIR/log" state none
	expect_status 1
	expect_text "does not exist"
	run minirun --log "$BATS_TEST_TMPDIR/a:b" state none
	expect_status 1
	grep -q "level=error .*does not exist" "$BATS_TEST_TMPDIR/log"
	grep -q "level=error .*does not exist" "$BATS_TEST_TMPDIR/a:b"
}
