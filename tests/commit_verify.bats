#!/usr/bin/env bats
# commit --verify, and what commit tells: the summary as text and JSON, the progress.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or jq

load lib/bundle
load lib/commit

targets() {
	printf '%s\n' "$T/out.tar" "oci:$T/image:tag" "oci-archive:$T/image.tar:tag"
}

@test "what was written is read back, whatever the target and the compression" {
	make_bundle
	start_idle
	for target in $(targets); do
		for compress in none gzip zstd; do
			run minirun commit --verify --compress "$compress" "$ID" "$target"
			expect_status 0
			expect_one_line
			expect_match "^$target: [0-9]+ entries, .*, sha256:[0-9a-f]{64}, read back\$"
		done
	done
	run minirun commit --verify "$ID" -
	expect_status 1
	expect_one_line
	expect_text "'--verify' is not for '-'"
}

@test "bytes that did not arrive are found, and the target is as before" {
	requires "strace is missing" command -v strace
	make_bundle '.process.args = ["sh", "-c", "head -c 1000000 /dev/urandom >/random"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	for target in $(targets); do
		for compress in none zstd; do
			# Two writes of 256 KiB that say that they were done and were not.
			run strace -f -o "$T/trace" -e inject=write:retval=262144:when=2..3 "$MINIRUN" --root "$ROOT" \
				--data-root "$DATA" commit --verify --compress "$compress" "$ID" "$target"
			grep -q INJECTED "$T/trace"
			expect_status 1
			expect_one_line
			expect_match "what is read is not what was written|cannot uncompress it"
			expect_absent "$T/out.tar" "$T/image" "$T/image.tar"
		done
	done
}

@test "a base's layer that is damaged is found" {
	make_bundle
	start_idle
	minirun commit --quiet "$ID" "oci:$T/image:base"
	layer=$(find "$T/image/blobs" -size +100k)
	printf x | dd of="$layer" bs=1 seek=5000 conv=notrunc status=none
	minirun commit --quiet --base "oci:$T/image:base" "$ID" "oci:$T/image:top"
	run minirun commit --verify --base "oci:$T/image:base" "$ID" "oci:$T/image:verified"
	expect_status 1
	expect_one_line
	expect_text "what is read is not what was written" "and not sha256:${layer##*/}"
}

@test "the summary as JSON, on standard output" {
	make_layers
	start_idle
	change_everything
	minirun commit --format json --diff --verify --compress gzip "$ID" "$T/diff.tar.gz" >"$T/json" 2>"$T/errors"
	[[ ! -s $T/errors ]]
	expect_equal "$(jq -c '[.target, .entries, .whiteouts, .sockets, .attributes, .size, .verified]' "$T/json")" \
		"[\"$T/diff.tar.gz\",28,6,2,0,$(stat -c %s "$T/diff.tar.gz"),true]"
	expect_equal "$(jq -r .digest "$T/json")" "sha256:$(sha256sum <"$T/diff.tar.gz" | cut -d' ' -f1)"
	expect_equal "$(jq -r .diffId "$T/json")" "sha256:$(gzip -dc "$T/diff.tar.gz" | sha256sum | cut -d' ' -f1)"
	run minirun commit --diff "$ID" "$T/diff.tar"
	expect_text "28 entries, 6 of them whiteouts, "
	run minirun commit --format json "$ID" -
	expect_status 1
	expect_text "'--format json' is not for '-'"
	run minirun commit --format yaml "$ID" "$T/x.tar"
	expect_status 1
	expect_text "'yaml' is not text or json"
}

# Standard error of a slow commit: on a terminal, or through a pipe.
slow_commit() { # terminal|pipe [OPTION...]
	python3 - "$T/trace" "$T/out.tar" "$@" <<-'END'
		import os, pty, subprocess, sys
		trace, target, kind, options = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
		reader, writer = pty.openpty() if kind == "terminal" else os.pipe()
		command = ["strace", "-f", "-o", trace, "-e", "inject=write:delay_enter=50000", os.environ["MINIRUN"], "--root",
		           os.environ["ROOT"], "commit", *options, os.environ["ID"], target]
		process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=writer)
		os.close(writer)
		told = b""
		while True:
		    try:
		        some = os.read(reader, 4096)
		    except OSError:
		        break
		    if not some:
		        break
		    told += some
		sys.exit(process.wait() or sys.stdout.buffer.write(told) * 0)
	END
}

@test "a line of progress on a terminal, after a second, and gone at the end" {
	requires "strace is missing" command -v strace
	make_bundle '.process.args = ["sh", "-c", "head -c 20000000 /dev/urandom >/zeros"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	slow_commit terminal >"$T/told"
	grep -qP '\rwriting: [0-9]+ entries, [0-9.]+ [kM]B, [0-9.]+ [kM]?B/s\x1b\[K' "$T/told"
	# The last is the summary, over an empty line.
	tail -n 1 "$T/told" | grep -qP '\r\x1b\[K.*out.tar: [0-9]+ entries'
	slow_commit pipe >"$T/told"
	expect_equal "$(wc -l <"$T/told") $(grep -c writing "$T/told")" "1 0"
	slow_commit terminal --quiet >"$T/told"
	expect_file "$T/told" ""
}
