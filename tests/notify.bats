#!/usr/bin/env bats
# A payload that tells the service manager of the caller that it is ready, sd_notify(3).
# shellcheck disable=SC2016

load lib/bundle

# Programs of the host inside, since busybox cannot send to a socket of this kind.
setup() {
	bundle_setup
	requires "no python3" /usr/bin/python3 -c ""
	make_plain_bundle '.process.args = ["/usr/bin/python3", "-c", $script] |
		.mounts += [("/usr", "/lib", "/lib64") |
			{ destination: ., source: ., type: "bind", options: ["rbind", "ro"] }]' \
		--arg script "$payload"
	HEARD=$BATS_TEST_TMPDIR/heard
	mkfifo "$BATS_TEST_TMPDIR/up" "$HEARD"
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/host.sock
	/usr/bin/python3 -u -c "$manager" "$NOTIFY_SOCKET" "$BATS_TEST_TMPDIR/up" "$HEARD" 3>&- &
	MANAGER=$!
	wait_line "$BATS_TEST_TMPDIR/up"
}

teardown() {
	[[ -z ${MANAGER:-} ]] || kill "$MANAGER" || true
	wait
	bundle_teardown
}

# Says what it hears, a line a message. It reads no descriptors, and so closes those of a
# barrier.
manager='
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
open(sys.argv[2], "w").write("up\n")
out = open(sys.argv[3], "w")
while True:
    print(s.recv(4096).decode().replace("\n", ";"), file=out, flush=True)'

payload='
import os, signal, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ["NOTIFY_SOCKET"])
s.send(b"STATUS=READY=1")
s.send(b"MAINPID=1\nSTOPPING=1")
s.send(b"STATUS=up\nREADY=1\nMAINPID=1")
os.environ.get("STAY") and signal.pause()'

@test "run --detach waits, and passes on that it is ready and its pid" {
	edit_config '.process.env += ["STAY=1"]'
	exec 7<>"$HEARD"
	minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	read -r -t 60 line <&7
	expect_equal "$line" "MAINPID=$(minirun state "$ID" | jq .pid);READY=1;"
}

@test "start waits, and passes it on" {
	edit_config '.process.env += ["STAY=1"]'
	exec 7<>"$HEARD"
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	minirun start "$ID"
	read -r -t 60 line <&7
	expect_equal "$line" "MAINPID=$(minirun state "$ID" | jq .pid);READY=1;"
}

@test "run in the foreground passes it on and stays the one to watch" {
	exec 7<>"$HEARD"
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 0
	read -r -t 60 line <&7
	expect_equal "$line" "READY=1;"
}

@test "a payload that ends without a word ends the waiting" {
	edit_config '.process.args = ["true"]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	run timeout 20 "$MINIRUN" --root "$ROOT" start "$ID"
	expect_status 0
}

@test "without a service manager there is no socket" {
	unset NOTIFY_SOCKET
	edit_config '.process.args = ["sh", "-c", "echo [$NOTIFY_SOCKET]; ls /run"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output "[]"
}

@test "the container cannot change what is in the directory of the socket" {
	edit_config '.process.args = ["sh", "-c", "echo $NOTIFY_SOCKET; rm -f $NOTIFY_SOCKET; ls /run/notify"]'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_text "/run/notify/notify.sock" "Read-only file system"
}

@test "in a user namespace it is heard as well" {
	edit_config '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings | .root = { overlay: { lower: ["rootfs"] } } |
		.process.user.uid = 7'
	exec 7<>"$HEARD"
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_output ""
	expect_status 0
	read -r -t 60 line <&7
	expect_equal "$line" "READY=1;"
}

@test "its directory is not among the changes of a root from layers" {
	mkdir "$BUNDLE/upper" "$BUNDLE/work"
	edit_config '.process.args = ["true"] |
		.root.overlay = { lower: [$image], upper: "upper", work: "work" } |
		.mounts |= map(select(.destination != "/run"))' --arg image "$IMAGE"
	minirun run --bundle "$BUNDLE" "$ID"
	run find "$BUNDLE/upper" -mindepth 1
	expect_output ""
}
