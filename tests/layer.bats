#!/usr/bin/env bats
# Tars as lower layers: what is unpacked, and that nothing in a tar leads out of its layer.
# The tars are made by another writer, tests/lib/tar.py.
# shellcheck disable=SC2016,SC2030,SC2031 # quoted for the container or jq; a test is a subshell

load lib/bundle

: "${MINIRUN_LIBEXEC:?run the tests by tests/run}"

setup() {
	bundle_setup
	T=$BATS_TEST_TMPDIR
	SCRATCH=$T/scratch STORE=$T/store TAR=$T/layer.tar
	mkdir "$T/outside"
	echo precious >"$T/outside/file"
}

teardown() {
	expect_file "$T/outside/file" precious
	expect_equal "$(ls -A "$T/outside")" file
	bundle_teardown
}

tar_py() {
	"$srcdir/tests/lib/tar.py" "$@"
}

make_tar() { # reads the program
	tar_py make "$TAR"
}

unpack() {
	"$MINIRUN_LIBEXEC/minirun-image" layer --scratch "$SCRATCH" --store "$STORE" "$TAR"
}

# Names, types and what else is asked for, of the layer.
expect_layer() { # reads the lines
	local layer
	layer=$(unpack)
	expect_equal "$layer" "$STORE/sha256/$(sha256sum "$TAR" | cut -d' ' -f1)"
	tar_py tree "$layer" >"$T/tree"
	diff - "$T/tree"
	expect_absent "$SCRATCH"
}

expect_refused() { # TEXT...
	local STORE=$T/empty-store
	run unpack
	expect_status 1
	expect_one_line
	expect_text "$@"
	expect_no_layer
}

expect_no_layer() {
	expect_equal "$(find "$STORE/sha256" "$SCRATCH" -mindepth 1 2>/dev/null)" ""
}

# The hash that the listings have.
hash_of() { # TEXT
	printf %s "$1" | sha256sum | cut -c1-16
}

@test "types, modes, owners, times and attributes" {
	make_tar <<-'END'
		directory(".", mode=0o751, uid=3, gid=4, mtime=5)
		directory("./d", mode=0o3700, uid=2097152, gid=4294967294, mtime=-1)
		add("./d/file", b"data", mode=0o6755, uid=7, gid=8, mtime=2**33,
		    xattrs={"user.x": b"\xff=\n\0", "user.empty": b"", "trusted.t": b"1",
		            "security.capability": bytes.fromhex("0100000200040000000000000000000000000000")})
		link("./d/linked", "./d/file")
		symlink("./d/symlink", "/absolute", mtime=9, xattrs={"trusted.t": b"2"})
		add("./d/fifo", type=tarfile.FIFOTYPE, mode=0o600)
		add("./d/character", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
		add("./d/block", type=tarfile.BLKTYPE, devmajor=259, devminor=1000)
	END
	expect_layer <<-END
		. directory 751 3:4 5 0
		./d directory 3700 2097152:4294967294 -1 0
		./d/block block 644 0:0 1000 0   259:1000
		./d/character character 644 0:0 1000 0   1:3
		./d/fifo fifo 600 0:0 1000 0
		./d/file file 6755 7:8 8589934592 4 $(hash_of data)   security.capability=0100000200040000000000000000000000000000,trusted.t=31,user.empty=,user.x=ff3d0a00
		./d/linked file 6755 7:8 8589934592 4 $(hash_of data)   security.capability=0100000200040000000000000000000000000000,trusted.t=31,user.empty=,user.x=ff3d0a00
		./d/symlink symlink 777 0:0 9 0  /absolute  trusted.t=32
	END
	layer=$(unpack)
	[[ $layer/d/file -ef $layer/d/linked ]]
}

@test "plain, gzip, bzip2, xz and zstd are the same layer" {
	make_tar <<-'END'
		directory(".")
		directory("./d")
		add("./d/file", b"data" * 100000)
	END
	local program plain
	plain=$(tar_py tree "$(unpack)")
	for program in gzip bzip2 xz zstd; do
		command -v "$program" >/dev/null || continue
		"$program" --stdout "$T/layer.tar" >"$T/packed"
		TAR=$T/packed run unpack
		expect_status 0
		expect_equal "$(tar_py tree "$output")" "$plain"
	done
}

@test "other writers: GNU, old and sparse tars, a tar without parents, an empty one" {
	mkdir -p "$T/made/d"
	printf 'begin' >"$T/made/d/sparse"
	truncate --size 1M "$T/made/d/sparse"
	printf 'middle' >>"$T/made/d/sparse"
	truncate --size 3M "$T/made/d/sparse"
	truncate --size 100K "$T/made/d/hole"
	long=$(printf 'l%.0s' {1..150})
	echo long >"$T/made/d/$long"
	touch -d @1000 "$T/made/d"/* "$T/made/d" "$T/made"
	tar_py tree "$T/made" >"$T/want"
	local format
	for format in gnu pax posix; do
		tar --create --sparse --format "$format" --owner 0 --group 0 --file "$TAR" --directory "$T/made" .
		expect_layer <"$T/want"
	done
	layer=$(unpack)
	[[ $(stat -c %b "$layer/d/hole") -eq 0 ]]
	[[ $(stat -c %b "$layer/d/sparse") -lt 100 ]]
	make_tar <<<'add("a/b/c", b"")'
	expect_equal "$(stat -c %a "$(unpack)/a/b")" 755
	make_tar <<<''
	expect_equal "$(ls -A "$(unpack)")" ""
}

@test "names of any bytes, also where the locale is another" {
	make_tar <<-'END'
		for name in (b"new\nline", b"\xff\xfe", "\u00e4".encode(), "a\u0308".encode(), b"n" * 255, b"back\\slash"):
		    add(os.fsdecode(name))
		symlink("link", os.fsdecode(b"\xff"))
		add("/".join(["p" * 200] * 8) + "/file")
	END
	layer=$(LC_ALL=C.UTF-8 unpack)
	run tar_py tree "$layer"
	expect_text './new\nline' './\udcff\udcfe' './\xe4' './a\u0308' "./$(printf 'n%.0s' {1..255}) " './back\\slash' \
		'./link symlink 777 0:0 1000 0  \udcff' "$(printf 'p%.0s' {1..200})/file "
}

@test "directories that the tar does not name are of 1970, wherever and whenever it is unpacked" {
	make_tar <<-'END'
		add("a/b/c", b"")
		directory("a/named", mtime=5)
		add("a/named/later/file")
		symlink("link", "a")
		add("link/through/file")
		add("first/file")
		directory("first", mtime=6)
		add("only/.wh.gone")
	END
	tar_py tree "$(unpack)" | grep directory >"$T/directories"
	diff - "$T/directories" <<-'END'
		. directory 755 0:0 0 0
		./a directory 755 0:0 0 0
		./a/b directory 755 0:0 0 0
		./a/named directory 755 0:0 5 0
		./a/named/later directory 755 0:0 0 0
		./a/through directory 755 0:0 0 0
		./first directory 755 0:0 6 0
		./only directory 755 0:0 0 0
	END
}

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

@test "a name that tar was told twice is a link to itself" {
	make_tar <<-'END'
		add("file", b"data")
		link("./file", "file")
	END
	layer=$(unpack)
	expect_file "$layer/file" data
	make_tar <<<'link("file", "file")'
	expect_refused "'file'"
}

@test "an owner that cannot be is refused" {
	local owner
	for owner in uid=-5 uid=4294967295 gid=4294967295 gid=1099511627779; do
		make_tar <<<"add('file', $owner)"
		expect_refused "'file'" "owner"
	done
}

@test "access lists as tar --acls writes them" {
	make_tar <<-'END'
		lists = {"SCHILY.acl.access": "user::rw-\nuser:1000:r-x\nuser:7:-w-\ngroup::r--\nmask::rwx\nother::---",
		         "SCHILY.acl.default": "user::rwx\ngroup::r-x\ngroup:5:rwx\nmask::rwx\nother::r-x"}
		member = tarfile.TarInfo("directory")
		member.type, member.mode, member.pax_headers = tarfile.DIRTYPE, 0o670, lists
		archive.addfile(member)
	END
	layer=$(unpack)
	run tar_py tree "$layer"
	expect_text "system.posix_acl_access=0200000001000600ffffffff0200020007000000" \
		"02000500e803000004000400ffffffff10000700ffffffff20000000ffffffff," \
		"system.posix_acl_default=0200000001000700ffffffff04000500ffffffff0800070005000000"
	expect_equal "$(stat -c %a "$layer/directory")" 670
	make_tar <<-'END'
		member = tarfile.TarInfo("file")
		member.pax_headers = {"SCHILY.acl.access": "user::rw-\nuser:somebody:r-x\ngroup::r--\nmask::rwx\nother::---"}
		archive.addfile(member)
	END
	expect_refused "'file'" "'somebody' without a number"
}

@test "a directory's default access list is not given to what is in it" {
	make_tar <<-'END'
		default = bytes.fromhex("0200000001000700ffffffff04000500ffffffff20000500ffffffff")
		directory(".", mode=0o700, mtime=5, xattrs={"system.posix_acl_default": default})
		directory("d", mode=0o750, mtime=5, xattrs={"system.posix_acl_default": default})
		add("d/file", b"", mode=0o640)
		directory("d/below", mode=0o700, mtime=5)
	END
	local list=system.posix_acl_default=0200000001000700ffffffff04000500ffffffff20000500ffffffff
	expect_layer <<-END
		. directory 700 0:0 5 0    $list
		./d directory 750 0:0 5 0    $list
		./d/below directory 700 0:0 5 0
		./d/file file 640 0:0 1000 0 $(hash_of '')
	END
	# Nor is that of the host's.
	make_tar <<<'add("a/file")'
	mkdir "$T/host"
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "system.posix_acl_default", bytes.fromhex(
		"0200000001000700ffffffff0200070005000000040007" "00ffffffff10000700ffffffff20000500ffffffff"))' "$T/host"
	SCRATCH=$T/host/scratch
	run tar_py tree "$(unpack)"
	expect_text "./a/file"
	expect_no_text posix_acl
}

@test "the last of two entries counts, and a directory that comes again keeps what is in it" {
	make_tar <<-'END'
		add("d/file", b"first")
		directory("d", mode=0o700, mtime=5)
		add("d/other", b"other")
		directory("d", mode=0o711, mtime=6)
		add("twice", b"the first is longer")
		add("twice", b"second", mode=0o600)
		directory("becomes-file")
		add("becomes-file/x")
		add("becomes-file", b"file")
		add("becomes-directory", b"file")
		directory("becomes-directory", mtime=7)
		symlink("becomes-link", "a")
		symlink("becomes-link", "b")
		directory(".", mtime=8)
	END
	expect_layer <<-END
		. directory 755 0:0 8 0
		./becomes-directory directory 755 0:0 7 0
		./becomes-file file 644 0:0 1000 4 $(hash_of file)
		./becomes-link symlink 777 0:0 1000 0  b
		./d directory 711 0:0 6 0
		./d/file file 644 0:0 1000 5 $(hash_of first)
		./d/other file 644 0:0 1000 5 $(hash_of other)
		./twice file 600 0:0 1000 6 $(hash_of second)
	END
}

@test "an entry below a file is refused" {
	make_tar <<-'END'
		add("file", b"")
		add("file/below", b"")
	END
	expect_refused "'file/below'"
}

@test "whiteouts and opaque directories are those of overlayfs" {
	make_tar <<-'END'
		directory("d", mtime=5)
		add("d/.wh.gone", mode=0)
		add("d/kept", b"")
		directory("opaque", mtime=6)
		add("opaque/new", b"")
		add("opaque/.wh..wh..opq")
		add(".wh.top")
	END
	expect_layer <<-END
		. directory 755 0:0 $(stat -c %Y "$(unpack)") 0
		./d directory 755 0:0 5 0
		./d/gone character 0 0:0 $(stat -c %Y "$(unpack)/d/gone") 0   0:0
		./d/kept file 644 0:0 1000 0 $(hash_of '')
		./opaque directory 755 0:0 6 0    trusted.overlay.opaque=79
		./opaque/new file 644 0:0 1000 0 $(hash_of '')
		./top character 0 0:0 $(stat -c %Y "$(unpack)/top") 0   0:0
	END
	local name
	for name in .wh. d/.wh.. d/.wh...; do
		make_tar <<<"add('$name')"
		expect_refused "'$name'" "whiteout"
	done
}

@test "a whiteout hides what is below the layer, not what is in it" {
	make_tar <<-'END'
		add("after", b"new")
		add(".wh.after")
		add(".wh.before")
		add("before", b"new")
		directory("directory-after", mtime=5)
		add("directory-after/new", b"new")
		add(".wh.directory-after")
		add(".wh.directory-before")
		directory("directory-before", mtime=6)
		add("directory-before/new", b"new")
		add(".wh.parent")
		add("parent/new", b"new")
	END
	layer=$(unpack)
	local name
	for name in after before directory-after/new directory-before/new parent/new; do
		expect_file "$layer/$name" new
	done
	run tar_py tree "$layer"
	expect_no_text character
	expect_match './directory-after directory 755 0:0 5 0    trusted.overlay.opaque=79'
	expect_match './directory-before directory 755 0:0 6 0    trusted.overlay.opaque=79'
	expect_match './parent directory 755 0:0 [0-9]+ 0    trusted.overlay.opaque=79'
}

@test "seen from a container: whiteouts, opaque directories, attributes of a nested overlay" {
	make_tar <<-'END'
		add("etc/.wh.motd")
		add("opaque/.wh..wh..opq")
		add("opaque/new", b"new")
		directory("nested", xattrs={"trusted.overlay.opaque": b"y", "trusted.overlay.whiteout": b""})
		add("nested/new", b"new")
	END
	mkdir -p "$T/low/opaque" "$T/low/nested"
	echo old | tee "$T/low/opaque/old" >"$T/low/nested/old"
	make_bundle '.root.overlay.lower = [$tar, $low, $image]' --arg tar "$TAR" --arg low "$T/low" --arg image "$IMAGE"
	run run_script 'ls /etc/motd /opaque /nested'
	expect_status 1
	expect_text "/etc/motd: No such file" $'/nested:\nnew\nold' $'/opaque:\nnew'
	expect_no_text $'/opaque:\nnew\nold'
}

@test "what a container's nested overlay marked comes back from a commit" {
	make_bundle
	start_idle
	python3 - "/proc/$(minirun state "$ID" | jq .pid)/root" <<-'END'
		import os, sys
		os.mkdir(sys.argv[1] + "/nested")
		os.setxattr(sys.argv[1] + "/nested", "trusted.overlay.opaque", b"y")
	END
	minirun commit --quiet --diff "$ID" "$TAR"
	minirun delete --force "$ID"
	make_bundle '.root.overlay.lower = [$tar, $image]' --arg tar "$TAR" --arg image "$IMAGE"
	start_idle
	run python3 -c 'import os, sys; print(os.getxattr(sys.argv[1], "trusted.overlay.opaque"))' \
		"/proc/$(minirun state "$ID" | jq .pid)/root/nested"
	expect_output "b'y'"
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
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$T/events" -e trace=symlinkat -e signal=SIGSTOP \
		-e inject=symlinkat:signal=SIGSTOP:when=1 "$@" >"$T/output" 2>&1 &
	tracer=$!
	exec 8<"$T/events"
	while read -r -t 10 helper event <&8; do
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

@test "two thousand directories deep, unpacked and committed with 1024 descriptors" {
	make_tar <<-'END'
		directory("/".join("d" * 2000))
		add("/".join("d" * 2000) + "/file", b"deep")
	END
	layer=$(unpack)
	[[ $(find "$layer" -name file | wc -l) -eq 1 ]]
	make_bundle '.root.overlay.lower = [$tar, $image]' --arg tar "$TAR" --arg image "$IMAGE"
	edit_config '.process.args = ["true"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	(ulimit -Sn 1024 && minirun commit --quiet "$ID" "$T/merged.tar")
	[[ $(tar_py list "$T/merged.tar" | grep -c '/d/file file') -eq 1 ]]
}
