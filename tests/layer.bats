#!/usr/bin/env bats
# Tars as lower layers: what is unpacked, with all it has.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034 # quoted for the container or jq; a test is a subshell;
# what is set is for the functions of lib/layer

load lib/bundle
load lib/layer

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
