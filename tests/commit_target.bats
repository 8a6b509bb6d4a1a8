#!/usr/bin/env bats
# commit: where the archive goes, whole or not at all, and what is said of it.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

load lib/bundle
load lib/commit

@test "the summary tells entries, size and digest; sockets are counted" {
	make_layers
	start_idle
	change_everything
	run minirun commit --diff "$ID" "$T/diff.tar"
	expect_status 0
	expect_text "2 sockets are left out"
	expect_text "$T/diff.tar: 28 entries, " "sha256:$(sha256sum "$T/diff.tar" | cut -d' ' -f1)"
	run minirun commit --merged --quiet "$ID" "$T/merged.tar"
	expect_one_line
	expect_text "2 sockets are left out"
}

@test "the target is whole or as it was: a full disk" {
	make_bundle
	start_idle
	mkdir "$T/small"
	mount -t tmpfs -o size=256k tmpfs "$T/small"
	echo old >"$T/small/image.tar"
	run minirun commit "$ID" "$T/small/image.tar"
	left=$(ls -A "$T/small") content=$(<"$T/small/image.tar")
	umount "$T/small"
	expect_status 1
	expect_one_line
	expect_text "o space left on device"
	expect_equal "$left" image.tar
	expect_equal "$content" old
	expect_equal "$(state_of "$ID")" running
}

@test "the target is whole or as it was: an error of the disk, a kill" {
	requires "strace is missing" command -v strace
	make_bundle
	start_idle
	truncate -s 8M "/proc/$(minirun state "$ID" | jq .pid)/root/large"
	mkdir "$T/out"
	local fault
	for fault in pwrite64,write:error=EIO:when=9 fsync:error=EIO linkat:error=EIO fsync:signal=SIGKILL; do
		echo "$fault"
		for old in "" old; do
			rm -f "$T/out/image.tar"
			[[ -z $old ]] || echo "$old" >"$T/out/image.tar"
			run strace -f -o "$T/trace" -e "inject=$fault" "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
				commit "$ID" "$T/out/image.tar"
			[[ $status -ne 0 ]]
			[[ $fault == *KILL* ]] || expect_text "nput/output error"
			[[ $fault == *KILL* ]] || expect_one_line
			expect_equal "$(ls -A "$T/out")" "${old:+image.tar}"
			[[ -z $old ]] || expect_file "$T/out/image.tar" old
			expect_equal "$(state_of "$ID")" running
		done
	done
}

@test "a kill at the last moment leaves the old target, and the next commit cleans up" {
	requires "strace is missing" command -v strace
	make_bundle
	start_idle
	mkdir "$T/out"
	echo old >"$T/out/image.tar"
	run strace -o "$T/trace" -e inject=renameat:signal=SIGKILL "$MINIRUN" \
		--root "$ROOT" --data-root "$DATA" commit --quiet "$ID" "$T/out/image.tar"
	[[ $status -ne 0 ]]
	expect_file "$T/out/image.tar" old
	expect_equal "$(ls -A "$T/out")" $'.image.tar.minirun\nimage.tar'
	minirun commit --quiet "$ID" "$T/out/image.tar"
	tar_py list "$T/out/image.tar" >"$T/list"
	expect_equal "$(ls -A "$T/out")" image.tar
}

@test "what is not a commit's own is not moved in the place of the target" {
	make_bundle
	start_idle
	mkdir -p "$T/out/.image.tar.minirun"
	echo old >"$T/out/image.tar"
	run minirun commit "$ID" "$T/out/image.tar"
	expect_status 1
	expect_one_line
	expect_text "'.image.tar.minirun' is in the way"
	rmdir "$T/out/.image.tar.minirun"
	echo theirs >"$T/out/.image.tar.minirun"
	chown 1234 "$T/out/.image.tar.minirun"
	run minirun commit "$ID" "$T/out/image.tar"
	expect_status 1
	expect_text "'.image.tar.minirun' is in the way"
	expect_file "$T/out/image.tar" old
	expect_file "$T/out/.image.tar.minirun" theirs
}

@test "a target that was there is replaced; one that is no file, or has no directory, is refused" {
	make_bundle
	start_idle
	echo old >"$T/image.tar"
	minirun commit --quiet "$ID" "$T/image.tar"
	tar_py list "$T/image.tar" >"$T/list"
	mkdir "$T/directory"
	mkfifo "$T/pipe"
	ln -s image.tar "$T/link"
	local target
	for target in "$T/directory" "$T/directory/" "$T/pipe" "$T/link" "$T/no/such.tar" ""; do
		run minirun commit "$ID" "$target"
		expect_status 1
		expect_one_line
		expect_match "'$target'|'$T/no'"
	done
	expect_equal "$(ls -A "$T/directory")" ""
	expect_equal "$(state_of "$ID")" running
}

@test "a terminal is no place for an archive" {
	requires "script is missing" command -v script
	make_bundle
	start_idle
	run script -qec "'$MINIRUN' --root '$ROOT' commit '$ID' -" /dev/null
	expect_status 1
	expect_text "an archive is not for a terminal"
}
