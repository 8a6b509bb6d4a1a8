#!/usr/bin/env bats
# Tars as lower layers: the store of what was unpacked, and nothing left of what was not.
# shellcheck disable=SC2016,SC2030,SC2031 # quoted for the container or jq; a test is a subshell

load lib/bundle
load lib/layer

@test "a layer that another has put there meanwhile stays" {
	make_tar <<<'add("file", b"data")'
	layer=$(unpack)
	inode=$(stat -c %i "$layer")
	expect_equal "$(unpack)" "$layer"
	expect_equal "$(stat -c %i "$layer")" "$inode"
	expect_absent "$SCRATCH"
}

@test "an empty layer is not replaced by another empty one" {
	make_tar <<<''
	layer=$(unpack)
	inode=$(stat -c %i "$layer")
	expect_equal "$(unpack)" "$layer"
	expect_equal "$(stat -c %i "$layer")" "$inode"
}

@test "the store is not for other users of the host" {
	make_tar <<<'add("setuid", b"data", mode=0o4755)'
	layer=$(unpack)
	expect_equal "$(stat -c %a "${layer%/*}")" 700
}

# Stops the unpacking program when it makes its first symbolic link; sets tracer and helper.
stop_at_symlink() { # COMMAND...
	mkfifo "$T/events"
	# A sanitizer that looks for leaks cannot be traced.
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -P link -o "$T/events" -e trace=symlinkat -e signal=SIGSTOP \
		-e inject=symlinkat:signal=SIGSTOP:when=1 "$@" >"$T/output" 2>&1 &
	tracer=$!
	exec 8<"$T/events"
	while read -r -t 60 helper event <&8; do
		[[ $event != *"stopped by SIGSTOP"* ]] || return 0
	done
	return 1
}

@test "a tar that is changed while it is unpacked is refused" {
	requires "strace is missing" command -v strace
	make_tar <<-'END'
		symlink("link", "target")
		add("file", b"x" * 3000000)
	END
	stop_at_symlink "$MINIRUN_LIBEXEC/minirun-image" layer --scratch "$SCRATCH" --store "$STORE" "$TAR"
	touch "$TAR"
	kill -CONT "$helper"
	cat <&8 >/dev/null
	exec 8<&-
	run wait "$tracer"
	expect_status 1
	output=$(<"$T/output")
	expect_one_line
	expect_text "'$TAR' was changed while it was unpacked"
	expect_no_layer
}

@test "a kill -9 while a tar is unpacked, then delete --force: nothing is left" {
	requires "strace is missing" command -v strace
	make_tar <<-'END'
		directory("d")
		add("d/file", b"data")
		symlink("link", "target")
	END
	make_bundle '.root.overlay.lower = [$tar, $image]' --arg tar "$TAR" --arg image "$IMAGE"
	edit_config '.process.args = ["true"]'
	stop_at_symlink "$MINIRUN" --root "$ROOT" --data-root "$DATA" run --bundle "$BUNDLE" "$ID"
	read -r _ _ _ parent _ <"/proc/$helper/stat"
	[[ $(<"/proc/$parent/comm") == minirun* ]]
	kill -9 "$parent" "$helper"
	cat <&8 >/dev/null
	exec 8<&-
	run wait "$tracer"
	find "$DATA/containers" -name file | grep -q .
	minirun delete --force "$ID"
	expect_equal "$(find "$DATA" -mindepth 1 ! -type d)" ""
	expect_equal "$(find "$DATA/containers" "$DATA/layers/sha256" -mindepth 1 2>/dev/null)" ""
	run run_script 'readlink /link'
	expect_output target
}
