#!/usr/bin/env bats
# Sockets that a service manager gave to the caller, sd_listen_fds(3).
# shellcheck disable=SC2016

load lib/bundle

# Runs the program as systemd runs a service with two sockets, which are files here.
activated() { # ARGUMENT...
	echo one >"$BATS_TEST_TMPDIR/one"
	echo two >"$BATS_TEST_TMPDIR/two"
	(
		exec 3<"$BATS_TEST_TMPDIR/one" 4<"$BATS_TEST_TMPDIR/two" 5<"$BATS_TEST_TMPDIR/one"
		# bash -c is the process that becomes the program.
		exec bash -c 'export LISTEN_PID=${FOR:-$$} LISTEN_FDS=2 LISTEN_FDNAMES=a:b; exec "$@"' - \
			"$MINIRUN" --root "$ROOT" --data-root "$DATA" "$@"
	)
}

inside='echo $LISTEN_FDS $((LISTEN_PID - $$)) $LISTEN_FDNAMES; cat <&3; cat <&4; ls /proc/self/fd | tr "\n" " "'

@test "run hands them to the first process" {
	make_plain_bundle '.process.env += ["LISTEN_FDS=7", "LISTEN_PID=1"] |
		.process.args = ["sh", "-c", $script]' --arg script "$inside"
	run activated run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output $'2 0 a:b\none\ntwo\n0 1 2 3 4 5 ' # the last is the directory itself
}

@test "exec hands them to its process, and those of --preserve-fds behind them" {
	make_plain_bundle
	start_idle
	run activated exec "$ID" sh -c "$inside"
	expect_status 0
	expect_output $'2 0 a:b\none\ntwo\n0 1 2 3 4 5 '
	run activated exec --preserve-fds 1 "$ID" sh -c 'cat <&5'
	expect_status 0
	expect_output one
}

@test "what is for another process is left alone" {
	make_plain_bundle '.process.args = ["sh", "-c", $script]' \
		--arg script 'echo $LISTEN_FDS; ls /proc/self/fd | tr "\n" " "'
	FOR=1 run activated run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output $'\n0 1 2 3 '
}

@test "in a user namespace they are handed on as well, to run and to exec" {
	make_bundle '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings'
	start_idle
	run activated exec "$ID" sh -c "$inside"
	expect_status 0
	expect_output $'2 0 a:b\none\ntwo\n0 1 2 3 4 5 '
	edit_config '.process.args = ["sh", "-c", $script]' --arg script "$inside"
	run activated run --bundle "$BUNDLE" "$RUN-b"
	expect_status 0
	expect_output $'2 0 a:b\none\ntwo\n0 1 2 3 4 5 '
}
