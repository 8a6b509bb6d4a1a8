#!/usr/bin/env bats
# commit --no-pause: what changes between the look at it and the reading of it. strace holds
# the committer up at the one call where the change is made.

load lib/bundle

setup() {
	bundle_setup
	T=$BATS_TEST_TMPDIR
	requires "strace is missing" command -v strace
	make_bundle
	start_idle
	PLACE=/proc/$(minirun state "$ID" | jq .pid)/root
	printf 'old content' >"$PLACE/victim"
}

# Commits the changes to $T/image.tar. When the committer stands before it opens the victim,
# runs the command; then lets it go on. It has ten seconds: an endless file is the failure.
commit_across() { # COMMAND...
	local words
	mkfifo "$T/trace"
	# A sanitizer that looks for leaks cannot be traced.
	ASAN_OPTIONS=detect_leaks=0 timeout --signal=KILL 10 strace -f -o "$T/trace" -P victim -e trace=openat \
		-e inject=openat:delay_enter=2000000 "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		commit --diff --no-pause --quiet "$ID" "$T/image.tar" 2>"$T/error" &
	exec 8<"$T/trace"
	# PID openat(DIRECTORY, "victim",
	read -r -d , words <&8 && read -r -d , words <&8 && [[ $words == '"victim"' ]] && "$@" || return 99
	cat <&8 >"$T/rest"
	wait $!
}

expect_refused() { # TEXT
	expect_status 1
	output=$(<"$T/error")
	expect_one_line
	expect_text "./victim" "$1"
	expect_absent "$T/image.tar"
}

@test "a file that a device took the place of is not opened" {
	mknod "$PLACE/device" c 1 5
	run commit_across mv -f "$PLACE/device" "$PLACE/victim"
	expect_refused "ermission denied"
}

@test "a file that another one took the place of is an error" {
	printf 'new content' >"$PLACE/other"
	run commit_across mv -f "$PLACE/other" "$PLACE/victim"
	expect_refused "was replaced while it was read"
}

@test "a file that lost its end is an error, and no zeros" {
	run commit_across truncate -s 0 "$PLACE/victim"
	expect_refused "became smaller while it was read"
}

@test "a file that went away is an error" {
	run commit_across rm "$PLACE/victim"
	expect_refused "o such file"
}

@test "of a file that grew there is what it had" {
	run commit_across dd if=/dev/zero of="$PLACE/victim" bs=1 count=100 seek=11 conv=notrunc status=none
	expect_status 0
	expect_equal "$(tar --extract --to-stdout --file "$T/image.tar" ./victim)" "old content"
}

@test "reading is no access: times of access stay" {
	touch -a -d @5 "$PLACE/victim"
	upper=$(jq -r .overlay.upper.path "$ROOT/$ID/state.json")
	expect_equal "$(stat --format %X "$upper/victim")" 5
	minirun commit --quiet --diff "$ID" "$T/image.tar"
	minirun commit --quiet "$ID" "$T/image.tar"
	expect_equal "$(stat --format %X "$upper/victim")" 5
}
