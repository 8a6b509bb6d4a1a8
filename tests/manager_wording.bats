#!/usr/bin/env bats
# What the programs that call minirun look for in its words, its log and its status, and how they
# call it.
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is for jq; bats sets status

load lib/bundle

# The last error of the log, which is what containerd tells.
last_error() { # FILE
	jq -rs 'map(select(.level == "error")) | last | .msg' "$1"
}

# As Podman calls: no PATH, and an empty XDG_RUNTIME_DIR.
bare() { # ARGUMENT...
	env -i XDG_RUNTIME_DIR= "$MINIRUN" --root "$ROOT" --data-root "$DATA" "$@"
}

@test "an error is the last entry of a log of JSON, with a time, and a failed create is 1" {
	local log=$BATS_TEST_TMPDIR/log
	make_bundle '.process.args = ["absent"]'
	run minirun --debug --log "$log" --log-format json create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_equal "$(last_error "$log")" 'exec: "absent": executable file not found in $PATH'
	edit_config '.process.args = ["/absent"]'
	run minirun --log="$log" --log-format=json create --bundle="$BUNDLE" "$ID"
	expect_status 1
	expect_equal "$(last_error "$log")" 'exec: "/absent": stat /absent: no such file or directory'
	edit_config '.process.args = ["/etc/passwd"]'
	run minirun --log "$log" --log-format json create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_equal "$(last_error "$log")" 'exec: "/etc/passwd": permission denied'
	jq -es 'all(.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\\.[0-9]+)?(Z|[+-][0-9:]{5})$"))' "$log"
}

@test "exec: the same words, and 255" {
	make_bundle
	start_idle
	run minirun exec "$ID" absent
	expect_status 255
	expect_text 'exec: "absent": executable file not found in $PATH'
	run minirun exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" /absent
	expect_status 255
	expect_text 'exec: "/absent": stat /absent: no such file or directory'
	[[ ! -e $BATS_TEST_TMPDIR/pid ]]
}

@test "kill: an unknown container, one that has ended, and numbers for signals" {
	make_bundle
	run minirun kill "$ID" 9
	expect_status 1
	expect_text "does not exist"
	run minirun state "$ID"
	expect_text "does not exist"
	start_idle
	bare kill --all "$ID" 9
	wait_stopped
	run minirun kill "$ID" 9
	expect_status 1
	expect_text "container not running"
	run minirun exec "$ID" true
	expect_status 255
}

wait_stopped() {
	local pid
	pid=$(minirun state "$ID" | jq .pid)
	[[ $pid == 0 ]] || wait_end "$pid"
}

@test "delete --force of a container that is gone is no error, however often" {
	make_bundle
	start_idle
	bare delete --force "$ID"
	run bare delete --force "$ID"
	expect_status 0
	expect_output ""
	run minirun delete "$ID"
	expect_status 1
	expect_text "does not exist"
}

@test "the life of a container without PATH, and with options in both forms" {
	make_bundle '.process.args = ["cat", "/dev/null"]'
	bare create --bundle="$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" >/dev/null
	expect_equal "$(bare state "$ID" | jq .pid)" "$(<"$BATS_TEST_TMPDIR/pid")"
	bare start "$ID"
	bare delete --force "$ID"
}

@test "--version has the three lines that are read" {
	run "$MINIRUN" --version
	expect_status 0
	expect_match '^minirun version [0-9][^ ]*'
	expect_equal "$(cut -d' ' -f1 <<<"$output" | tail -n 2)" $'commit:\nspec:'
	expect_equal "${#lines[@]}" 3
}

@test "ps --format json is a list of numbers" {
	make_bundle
	start_idle
	run minirun ps --format json "$ID"
	expect_match '^\[[0-9]+(,[0-9]+)*\]$'
}
