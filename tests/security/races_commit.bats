#!/usr/bin/env bats
# What a container that goes on running changes while its upper is archived.

load ../lib/bundle
load ../lib/racer

teardown() {
	stop_racers
	bundle_teardown
}

# Fails when walk_entry() opens a directory by its name, following links; and when write_file() loses
# O_NOFOLLOW and the look at what it opened.
@test "what is swapped for a link while commit reads brings nothing of the host" {
	local upper outside=$BATS_TEST_TMPDIR/outside
	mkdir "$outside"
	echo secret-of-the-host | tee "$outside/file" >"$outside/other"
	make_bundle
	start_idle
	upper=$(jq -r .overlay.upper.path "$ROOT/$ID/state.json")
	mkdir "$upper/directory"
	echo "a text as long as the secret" | tee "$upper/file" >"$upper/directory/file"
	ln -s "$outside" "$upper/link-to-directory"
	ln -s "$outside/file" "$upper/link-to-file"
	start_exchange "$upper/directory" "$upper/link-to-directory"
	start_exchange "$upper/file" "$upper/link-to-file"
	seq 500 | timeout 300 xargs -P 4 -I NUMBER "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		commit --diff --no-pause --quiet "$ID" - >"$BATS_TEST_TMPDIR/archives" 2>"$BATS_TEST_TMPDIR/rounds" ||
		[[ $? -eq 123 ]]
	stop_racers
	stop_idle
	grep -aq "a text" "$BATS_TEST_TMPDIR/archives"
	run grep -ac secret-of-the-host "$BATS_TEST_TMPDIR/archives"
	expect_output 0
}
