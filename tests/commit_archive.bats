#!/usr/bin/env bats
# commit: every kind of file, with all it has, in the archive; always the same bytes.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

load lib/bundle
load lib/commit

@test "types, modes, owners, times and devices" {
	make_bundle
	start_idle
	in_container <<-'END'
		os.mkdir("made")
		os.chdir("made")
		with open("file", "wb") as file:
		    file.write(b"\0\xff" * 70000)
		os.mkfifo("fifo")
		os.umask(0)
		os.mknod("character", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
		os.mknod("block", 0o660 | stat.S_IFBLK, os.makedev(259, 1000))
		os.symlink("/absolute/and/dangling", "symlink")
		os.mkdir("directory")
		for name, mode, owner in (("file", 0o6755, (4294967294, 4294967294)), ("fifo", 0o644, (0, 7)),
		                          ("directory", 0o3700, (2097152, 65534))):
		    os.chown(name, *owner)
		    os.chmod(name, mode)
		os.utime("file", ns=(0, 1234567890 * 10**9 + 987654321))
		os.utime("fifo", (0, -1))
		os.utime("directory", (0, 2**33 + 1))
		os.utime("symlink", (0, 7), follow_symlinks=False)
		os.utime("character", (0, 8))
		os.utime("block", (0, 9))
		os.utime(".", (0, 10))
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	run tar_py list "$T/diff.tar"
	expect_text "./made directory 755 0:0 10 0" \
		"./made/block block 660 0:0 9 0   259:1000" \
		"./made/character character 600 0:0 8 0   1:3" \
		"./made/directory directory 3700 2097152:65534 8589934593 0" \
		"./made/fifo fifo 644 0:7 -1 0" \
		"./made/file file 6755 4294967294:4294967294 1234567890 140000" \
		"./made/symlink symlink 777 0:0 7 0  /absolute/and/dangling"
}

@test "extended attributes, those of a nested overlay by their names" {
	make_bundle
	start_idle
	in_container <<-'END'
		open("file", "w").close()
		os.mkdir("directory")
		os.symlink("x", "symlink")
		os.setxattr("file", "user.binary", bytes(range(256)))
		os.setxattr("file", "user.empty", b"")
		os.setxattr("file", "trusted.mine", b"yes")
		os.setxattr("file", "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))
		os.setxattr("directory", "trusted.overlay.opaque", b"y")
		os.setxattr("directory", "system.posix_acl_default", bytes.fromhex(
		    "0200000001000700ffffffff04000500ffffffff20000500ffffffff"))
		os.setxattr("symlink", "trusted.link", b"too", follow_symlinks=False)
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	minirun commit --quiet "$ID" "$T/merged.tar"
	for archive in diff merged; do
		run tar_py list "$T/$archive.tar"
		expect_match './directory directory [^,]*  system.posix_acl_default=[0-9a-f]+,trusted.overlay.opaque=79($|'$'\n'')'
		expect_text " security.capability=0100000200040000000000000000000000000000,trusted.mine=796573,user.binary=000102" \
			"user.empty=" "trusted.link=746f6f"
		expect_no_text overlay.overlay overlay.origin overlay.impure .wh.
	done
}

# Names and values of what the files of a test have, in the running container.
attributes() {
	in_container <<-'END'
		for file in ("file", "symlink"):
		    for name in sorted(os.listxattr(os.fsencode(file), follow_symlinks=False)):
		        print(file, ascii(name), os.getxattr(file, name, follow_symlinks=False).hex())
	END
}

@test "attributes with names of any bytes come back" {
	make_bundle
	start_idle
	in_container <<-'END'
		open("file", "w").close()
		os.symlink("x", "symlink")
		for name in (b"a=b", b"==", b"%41", b"%3D", b"%", b"a b", b"a\nb", "\u00e4".encode(), b"\xff",
		             b"x" * 250, b"z"):
		    os.setxattr("file", b"user." + name, name + b"\0\n=")
		    os.setxattr("symlink", b"trusted." + name[:240], b"", follow_symlinks=False)
	END
	attributes >"$T/before"
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	run tar_py list "$T/diff.tar"
	expect_text "user.a=b=613d62000a3d," "user.%41=253431000a3d," 'user.\xe4=c3a4000a3d,' \
		'user.\udcff=ff000a3d' 'user.a\nb=' 'user.a b=' "trusted.===,"
	minirun delete --force "$ID"
	edit_config '.root.overlay.lower = [$tar, $image]' --arg tar "$T/diff.tar" --arg image "$IMAGE"
	start_idle
	attributes | diff "$T/before" -
	[[ $(wc -l <"$T/before") -eq 22 ]]
}

@test "hard links are links, and a file whose other names are in the layers is none" {
	make_layers
	start_idle
	in_container <<-'END'
		os.mkdir("links")
		with open("links/b", "w") as file:
		    file.write("once")
		os.link("links/b", "links/c")
		os.link("links/b", "links/a")
		os.symlink("to", "links/symlink")
		os.link("links/symlink", "links/symlink-too", follow_symlinks=False)
		with open("z", "a") as file:
		    file.write("!")
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	run tar_py list "$T/diff.tar"
	expect_match './links/a file 644 0:0 [0-9]+ 4 [0-9a-f]+'
	expect_match './links/b link 644 0:0 [0-9]+ 0  ./links/a'
	expect_match './links/c link 644 0:0 [0-9]+ 0  ./links/a'
	expect_match './links/symlink-too link 777 0:0 [0-9]+ 0  ./links/symlink'
	expect_match './z file '
	expect_no_text z-linked
	minirun commit --quiet "$ID" "$T/merged.tar"
	run tar_py list "$T/merged.tar"
	expect_match './links/c link 644 0:0 [0-9]+ 0  ./links/a'
	expect_match './z-linked file 644 0:0 2000 5'
}

@test "holes are zeros" {
	make_bundle
	start_idle
	in_container <<-'END'
		with open("sparse", "wb") as file:
		    file.write(b"begin")
		    file.seek(32 * 1024 * 1024)
		    file.write(b"middle")
		    file.truncate(64 * 1024 * 1024 + 1)
		with open("hole", "wb") as file:
		    file.truncate(100000)
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	tar --extract --file "$T/diff.tar" --directory "$T" ./sparse ./hole
	cmp "$T/sparse" "/proc/$(minirun state "$ID" | jq .pid)/root/sparse"
	cmp "$T/hole" "/proc/$(minirun state "$ID" | jq .pid)/root/hole"
	run tar_py list "$T/diff.tar"
	expect_match './sparse file 644 0:0 [0-9]+ 67108865 '
	expect_no_text GNU.sparse
}

@test "names of any bytes and any length, in the order of their bytes" {
	make_bundle
	start_idle
	in_container <<-'END'
		os.mkdir("names")
		os.chdir("names")
		for name in (b"new\nline", b"\xff\xfenot utf-8", "\u00e4".encode(), "a\u0308".encode(), b"B",
		             b"a", b"a.b", b"a-", b"back\\slash", b" blank ", b"n" * 255):
		    open(name, "w").close()
		os.mkdir("d")
		open("d/x", "w").close()
		open("d.x", "w").close()
		path = "l" * 200
		for i in range(10):
		    os.mkdir(path)
		    os.chdir(path)
		os.symlink("t" * 300, "symlink")
		open("deep", "w").close()
		os.link("deep", "deep-linked")
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	tar_py list "$T/diff.tar" >"$T/list"
	long=$(printf 'l%.0s' {1..200})
	path=./names
	for _ in {1..10}; do path+=/$long; done
	grep -qF "$path/deep file" "$T/list"
	grep -qF "$path/deep-linked link" "$T/list"
	grep -qE " $(printf 't%.0s' {1..255})t{45}$" "$T/list"
	sed -nE 's|^\./names/(.*) (file\|directory) [0-9]+ 0:0 .*|\1|p' "$T/list" | grep -v lll >"$T/names"
	diff - "$T/names" <<-END
		 blank$(printf ' ')
		B
		a
		a-
		a.b
		a\\u0308
		back\\\\slash
		d
		d/x
		d.x
		new\\nline
		$(printf 'n%.0s' {1..255})
		\\xe4
		\\udcff\\udcfenot utf-8
	END
}

@test "a path that is longer than any can be is an error" {
	make_bundle
	start_idle
	in_container <<-'END'
		for i in range(3000):
		    os.mkdir("d")
		    os.chdir("d")
	END
	for mode in --diff --merged; do
		run minirun commit "$mode" "$ID" "$T/diff.tar"
		expect_status 1
		expect_one_line
		expect_text "'./d/d/d/" "name too long"
		expect_equal "$(state_of "$ID")" running
	done
	expect_absent "$T/diff.tar"
}

@test "tar(1) has nothing to say about names in UTF-8" {
	make_bundle
	start_idle
	in_container <<-'END'
		for name in ("\u00e4", "a\u0308", "\u65e5\u672c"):
		    open("root/" + name, "w").close()
		    os.symlink(name, "root/to-" + name)
	END
	LC_ALL=C minirun commit --quiet --diff "$ID" "$T/diff.tar"
	run env LC_ALL=C.UTF-8 tar --list --quoting-style=literal --file "$T/diff.tar"
	expect_no_text "tar:"
	expect_text $'./root/a\u0308\n' $'./root/to-a\u0308\n' $'./root/\u00e4\n' $'./root/\u65e5\u672c'
}

@test "the same tree is the same bytes, of whatever locale and time zone" {
	make_layers
	start_idle
	change_everything
	for mode in --diff --merged; do
		minirun commit "$mode" --quiet "$ID" "$T/first.tar"
		LC_ALL=C.UTF-8 TZ=Asia/Tokyo minirun commit "$mode" --quiet "$ID" "$T/second.tar"
		minirun commit "$mode" --quiet "$ID" - >"$T/third.tar"
		cmp "$T/first.tar" "$T/second.tar"
		cmp "$T/first.tar" "$T/third.tar"
	done
}
