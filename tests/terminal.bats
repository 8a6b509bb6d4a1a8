#!/usr/bin/env bats
# A terminal of the container's own, relayed to the caller's or handed over by a socket.
# shellcheck disable=SC2016

load lib/bundle

setup() {
	bundle_setup
	requires "script(1) of util-linux is missing" command -v script
	make_plain_bundle '.process.terminal = true'
	mkfifo "$BATS_TEST_TMPDIR/keys"
}

# On a terminal that is 17 lines of 71 characters, and where nobody presses a key.
on_terminal() { # SHELL-COMMAND
	export ROOT DATA BUNDLE ID MINIRUN
	script --quiet --return --command "stty rows 17 cols 71; $1" /dev/null <>"$BATS_TEST_TMPDIR/keys"
}

run_there='"$MINIRUN" --root "$ROOT" --data-root "$DATA" run --bundle "$BUNDLE" "$ID"'

# In the background, without a terminal, until it is deleted.
start_waiting() {
	edit_config '.process.terminal = false | .process.args = ["sh", "-c", "read line"]'
	minirun run --detach --bundle "$BUNDLE" "$ID" <>"$BATS_TEST_TMPDIR/keys" >/dev/null 2>&1
}

script_is() { # SCRIPT
	edit_config '.process.args = ["sh", "-c", $script]' --arg script "$1"
}

@test "the process has a terminal of the container's devpts, as its console too" {
	script_is 'tty; ls -l /dev/console | cut -c1; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all'
	run on_terminal "$run_there"
	expect_status 0
	expect_text "/dev/pts/0" all
	expect_match $'(^|\n)c'
}

@test "the terminal has the caller's size from the first moment" {
	script_is 'stty size'
	run on_terminal "$run_there"
	expect_status 0
	expect_text "17 71"
}

@test "consoleSize is for a terminal that has none of its own" {
	requires "python3 is missing" command -v python3
	edit_config '.process.consoleSize = { height: 25, width: 99 }'
	script_is 'stty size'
	receive_console create
	run cat "$BATS_TEST_TMPDIR/console"
	expect_text "25 99"
}

@test "the caller's terminal is as before in the end" {
	script_is 'true'
	run on_terminal "stty -a >'$BATS_TEST_TMPDIR/before'; $run_there; stty -a >'$BATS_TEST_TMPDIR/after'"
	expect_status 0
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "the exit status comes through" {
	script_is 'exit 33'
	run on_terminal "$run_there"
	expect_status 33
}

@test "output into a pipe has lines as they were written" {
	script_is 'read line; echo one; echo two'
	on_terminal "echo | $run_there | cat >'$BATS_TEST_TMPDIR/output'"
	# The first newline is the echo of the input.
	expect_equal "$(od -c -An "$BATS_TEST_TMPDIR/output" | tr -d ' \n')" '\none\ntwo\n'
}

@test "the end of an input that is no terminal is told" {
	script_is 'cat >/tmp/input; wc -c </tmp/input'
	run on_terminal "printf 'abc\ndef' | $run_there"
	expect_status 0
	expect_match $'7\r?\n?$' # behind the echo
}

@test "the process leads the session of its terminal" {
	script_is 'cut -d" " -f6-8 /proc/self/stat; echo $$'
	run on_terminal "$run_there"
	expect_status 0
	expect_match '1 34816 '
}

@test "the slave is the user's" {
	edit_config '.process.user = { uid: 1234, gid: 5 }'
	script_is 'stat -c %u $(tty)'
	run on_terminal "$run_there"
	expect_status 0
	expect_text 1234
}

@test "exec has a terminal of its own with --tty" {
	start_waiting
	run on_terminal '"$MINIRUN" --root "$ROOT" --data-root "$DATA" exec --tty "$ID" sh -c "tty; stty size"'
	expect_status 0
	expect_text "/dev/pts/0" "17 71"
}

@test "without a terminal and a socket it is refused" {
	script_is 'true'
	run minirun create --bundle "$BUNDLE" "$ID" </dev/null
	expect_status 1
	expect_one_line
	expect_text "terminal" "console-socket"
}

@test "a socket without a terminal is refused, by exec too" {
	start_waiting
	run minirun create --console-socket /nowhere --bundle "$BUNDLE" "$ID-2" </dev/null
	expect_status 1
	expect_output "minirun: --console-socket is given, but no terminal is asked for"
	run minirun exec --detach --console-socket /nowhere "$ID" true
	expect_status 255
	expect_output "minirun: --console-socket is given, but no terminal is asked for"
}

@test "a /dev/pts that is no devpts is refused" {
	edit_config '.mounts |= map(select(.type != "devpts"))'
	script_is 'true'
	run on_terminal "$run_there"
	expect_status 1
	expect_text "/dev/pts"
}

# Takes the master from the console socket and copies what comes to a file.
receive_console() { # create | exec
	local socket=$BATS_TEST_TMPDIR/socket
	python3 - "$socket" "$BATS_TEST_TMPDIR/console" "$BATS_TEST_TMPDIR/name" <<'PYTHON' &
import array, os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(1)
connection = listener.accept()[0]
name, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(4))
open(sys.argv[3], "wb").write(name)
master = array.array("i", ancillary[0][2])[0]
with open(sys.argv[2], "wb") as file:
    try:
        while data := os.read(master, 4096):
            file.write(data)
    except OSError:
        pass
PYTHON
	RECEIVER=$!
	until [[ -S $socket ]]; do read -r -t 0.01 <> <(:) || true; done
	case $1 in
	create)
		minirun create --bundle "$BUNDLE" --console-socket "$socket" "$ID" </dev/null
		minirun start "$ID"
		;;
	exec) minirun exec --detach --tty --console-socket "$socket" "$ID" "${@:2}" </dev/null ;;
	esac
	wait_end "$RECEIVER"
}

@test "create hands the terminal over with its name" {
	requires "python3 is missing" command -v python3
	script_is 'echo to the console'
	receive_console create
	run cat "$BATS_TEST_TMPDIR/console"
	expect_output $'to the console\r'
	expect_equal "$(<"$BATS_TEST_TMPDIR/name")" /dev/pts/0
}

@test "exec hands the terminal over too" {
	requires "python3 is missing" command -v python3
	start_waiting
	receive_console exec echo from exec
	run cat "$BATS_TEST_TMPDIR/console"
	expect_output $'from exec\r'
}

@test "a socket that is not there is named" {
	script_is 'true'
	run minirun create --bundle "$BUNDLE" --console-socket /nowhere/socket "$ID" </dev/null
	expect_status 1
	expect_one_line
	expect_text "cannot connect to the socket '/nowhere/socket': no such file or directory"
}
