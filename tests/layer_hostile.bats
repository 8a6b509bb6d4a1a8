#!/usr/bin/env bats
# Tars as lower layers: nothing in one leads out of its layer, and what is none is refused.
# shellcheck disable=SC2016,SC2030,SC2031 # quoted for the container or jq; a test is a subshell

load lib/bundle
load lib/layer

@test "paths that climb out are refused, absolute ones are of the layer" {
	local path
	for path in ../outside/file d/../../outside/file .. d/.. ../../../../../../../../../etc/passwd; do
		make_tar <<-END
			directory("d")
			add("$path", b"evil")
		END
		expect_refused "'$path'" "leads out of it"
	done
	make_tar <<-END
		add("$T/outside/file", b"mine")
		add("//slashes///and/./dots/.", b"")
	END
	layer=$(unpack)
	expect_file "$layer$T/outside/file" mine
	expect_file "$layer/slashes/and/dots" ""
}

@test "writing through a link of the tar stays in the layer" {
	local target
	for target in "$T/outside" "../../../../../../../../../../../..$T/outside" /proc/self/cwd /proc/self/root; do
		# What it names is not in the layer.
		make_tar <<-END
			symlink("link", "$target")
			add("link/file", b"evil")
		END
		expect_refused "link/file"
		make_tar <<-END
			directory("$target")
			symlink("link", "$target")
			add("link/file", b"inside", mtime=7)
			directory("link/made", mtime=8)
			link("linked", "link/file")
		END
		[[ $target == *..* ]] || {
			layer=$(unpack)
			expect_file "$layer$target/file" inside
			expect_file "$layer/linked" inside
			expect_equal "$(stat -c %Y "$layer$target/made")" 8
		}
	done
	# The last component is replaced, never followed.
	make_tar <<-END
		symlink("link", "$T/outside/file")
		add("link", b"a file now")
		symlink("directory", "$T/outside")
		directory("directory", mode=0o700, uid=5)
		symlink("link2", "$T/outside/file", mode=0o600, uid=5, mtime=1)
	END
	layer=$(unpack)
	expect_file "$layer/link" "a file now"
	expect_equal "$(stat -c '%F %a %u' "$layer/directory")" "directory 700 5"
}

@test "hard links: to what is in the layer, or refused" {
	local target
	for target in ../outside/file "$T/outside/file" missing no/such/parent d .; do
		make_tar <<-END
			directory("d")
			link("link", "$target")
		END
		expect_refused "link"
	done
	make_tar <<-END
		symlink("symlink", "$T/outside/file")
		link("link", "symlink", mode=0o777, uid=9)
	END
	layer=$(unpack)
	[[ -L $layer/link ]]
	make_tar <<-END
		symlink("symlink", "$T/outside")
		link("link", "symlink/file")
	END
	expect_refused "link"
}

@test "an owner that cannot be is refused" {
	local owner
	for owner in uid=-5 uid=4294967295 gid=4294967295 gid=1099511627779; do
		make_tar <<<"add('file', $owner)"
		expect_refused "'file'" "owner"
	done
}

@test "an entry below a file is refused" {
	make_tar <<-'END'
		add("file", b"")
		add("file/below", b"")
	END
	expect_refused "'file/below'"
}

@test "a tar that was cut off is refused, wherever" {
	make_tar <<-'END'
		directory("d")
		add("d/file", b"x" * 3000)
		symlink("link", "target")
	END
	local size end kind=plain
	cp "$TAR" "$T/whole"
	# The entries end at 512 + 512 + 3072 + 512.
	for size in 100 512 600 1024 1500 4000 4096 4608; do
		echo "$size"
		head -c "$size" "$T/whole" >"$TAR"
		expect_refused "$TAR"
	done
	for kind in gzip xz zstd; do
		command -v "$kind" >/dev/null || continue
		"$kind" --stdout "$T/whole" >"$T/packed"
		end=$(stat -c %s "$T/packed")
		for size in 10 $((end / 2)) $((end - 9)) $((end - 1)); do
			echo "$kind $size"
			head -c "$size" "$T/packed" >"$TAR"
			expect_refused "$TAR"
		done
	done
}

@test "what is no tar is refused with the reason" {
	printf '' >"$TAR"
	expect_refused "'$TAR' is not a tar file"
	echo 'this is no tar' >"$TAR"
	expect_refused "'$TAR' is not a tar file"
	head -c 100000 /dev/zero | tr '\0' x >"$TAR"
	expect_refused "'$TAR' is not a tar file"
	python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("a", "b" * 2000)' "$TAR"
	expect_refused "'$TAR' is not a tar file"
	echo 'this is no tar' | gzip >"$TAR"
	expect_refused "'$TAR' is not a tar file"
	TAR=$T/missing
	expect_refused "$T/missing"
}

@test "a FIFO, a directory or a device as a tar: said at once, nothing waits" {
	mkfifo "$T/fifo"
	make_bundle '.root.overlay.lower = [$tar, $image]' --arg tar "$T/fifo" --arg image "$IMAGE"
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "'$T/fifo'" "neither a directory nor a tar"
	TAR=$T/fifo
	expect_refused "'$T/fifo'"
	TAR=/dev/zero
	expect_refused "'/dev/zero'"
	TAR=$T
	expect_refused "'$T'"
}

@test "a tar that cannot be unpacked leaves nothing of the container" {
	make_tar <<<'add("../evil")'
	make_bundle '.root.overlay.lower = [$tar, $image]' --arg tar "$TAR" --arg image "$IMAGE"
	run run_script true
	expect_status 1
	expect_text "'../evil'" "$TAR"
	expect_equal "$(find "$DATA" -mindepth 1 ! -type d)" ""
	expect_equal "$(find "$DATA/layers/sha256" "$DATA/containers" -mindepth 1 2>/dev/null)" ""
}
