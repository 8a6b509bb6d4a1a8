#!/usr/bin/env bats
# commit: what a container's root holds, or what it changed, as an archive; read by another
# reader, tests/lib/tar.py.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

load lib/bundle

setup() {
	bundle_setup
	T=$BATS_TEST_TMPDIR
}

tar_py() {
	"$srcdir/tests/lib/tar.py" "$@"
}

# Python in the root of the running container, as the host's root: shells make no attributes.
in_container() { # reads the program
	local place
	place=/proc/$(minirun state "$ID" | jq .pid)/root
	{ printf 'import os, socket, stat\nos.chdir("%s")\n' "$place" && cat; } | python3 -
}

# Two layers over the image in $LAYERS, with what the changes of the tests are made to.
make_layers() {
	LAYERS=$T/layers
	mkdir -p "$LAYERS"/{top,low}/{kept,gone,again/deep,typed} "$LAYERS/low/swapped/below"
	python3 - "$LAYERS" <<-'END'
		import os, sys
		os.chdir(sys.argv[1])
		for name in ("top/kept/a", "low/kept/b", "low/gone/x", "top/gone/y", "low/again/old",
		             "low/again/same", "top/again/deep/old", "low/typed/file", "low/z",
		             "low/swapped/below/x", "low/sockets", "low/removed", "top/removed-too"):
		    with open(name, "w") as file:
		        file.write(name)
		os.symlink("x" * 1000, "low/long-link")
		os.link("low/z", "low/z-linked")
		os.setxattr("low/z", "user.lower", b"here")
		for directory, names, files in os.walk("."):
		    for name in names + files:
		        os.utime(os.path.join(directory, name), (1000, 2000), follow_symlinks=False)
	END
	make_bundle '.root.overlay.lower = [$layers + "/top", $layers + "/low", $image]' \
		--arg layers "$LAYERS" --arg image "$IMAGE"
}

# Every kind of change that there is, in the running container.
change_everything() {
	in_container <<-'END'
		import shutil
		def write(name, data="new"):
		    with open(name, "w") as file:
		        file.write(data)
		write("kept/a", "changed")
		os.remove("kept/b")
		shutil.rmtree("gone")
		shutil.rmtree("again")
		os.mkdir("again")
		write("again/same")
		os.mkdir("again/deep")
		write("again/deep/new")
		os.remove("typed/file")
		os.mkdir("typed/file")
		write("typed/file/now-a-directory")
		shutil.rmtree("swapped")
		write("swapped", "now a file")
		os.remove("removed")
		os.remove("removed-too")
		os.remove("long-link")
		os.mkdir("long-link")
		write("long-link/inside")
		write("fleeting")
		os.remove("fleeting")
		os.chmod("z", 0o4711)
		os.chown("etc/motd", 12, 34)
		os.setxattr("etc/passwd", "user.only", b"attribute")
		os.remove("sockets")
		socket.socket(socket.AF_UNIX).bind("sockets")
		socket.socket(socket.AF_UNIX).bind("another-socket")
		os.mkdir("made")
		for name in ("first", "second"):
		    os.mkdir("made/" + name)
		    write("made/" + name + "/file")
		os.rename("made/first", "made/renamed")
		os.chmod(".", 0o751)
	END
}

@test "what is changed, applied over the layers, is the merged view" {
	make_layers
	start_idle
	change_everything
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	minirun commit --quiet "$ID" "$T/merged.tar"
	tar_py apply "$T/diff.tar" "$LAYERS/top" "$LAYERS/low" "$IMAGE" >"$T/applied"
	tar_py state "$T/merged.tar" >"$T/merged"
	diff "$T/applied" "$T/merged"
	[[ $(wc -l <"$T/merged") -gt 250 ]]
	run tar_py list "$T/merged.tar"
	expect_no_text .wh. socket
}

@test "what is not changed is not in the diff, and whiteouts come first" {
	make_layers
	start_idle
	change_everything
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	tar_py list "$T/diff.tar" | cut -d' ' -f1 >"$T/names"
	diff - "$T/names" <<-'END'
		.
		./.wh.gone
		./.wh.removed
		./.wh.removed-too
		./.wh.sockets
		./again
		./again/.wh..wh..opq
		./again/deep
		./again/deep/new
		./again/same
		./etc
		./etc/motd
		./etc/passwd
		./kept
		./kept/.wh.b
		./kept/a
		./long-link
		./long-link/inside
		./made
		./made/renamed
		./made/renamed/file
		./made/second
		./made/second/file
		./swapped
		./typed
		./typed/file
		./typed/file/now-a-directory
		./z
	END
	run tar_py list "$T/diff.tar"
	# Overlayfs gives all whiteouts one inode: they are no links.
	expect_no_text " link "
	expect_text "./.wh.gone file 0 0:0 0 0 "
	# etc, kept and the others are in it with what they have, though only their content changed.
	expect_text "./kept directory 755 0:0 "
}

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

@test "a name that would be a deletion in a layer is refused" {
	make_bundle
	start_idle
	local name
	for name in .wh.name .wh. .wh..wh..opq; do
		printf 'open("root/%s", "w").close()\n' "$name" | in_container
		for mode in --diff --merged; do
			run minirun commit "$mode" "$ID" "$T/diff.tar"
			expect_status 1
			expect_one_line
			expect_text "'./root/$name' cannot be in a layer" "rename or remove it"
		done
		printf 'os.remove("root/%s")\n' "$name" | in_container
	done
	expect_absent "$T/diff.tar"
}

@test "so is a deletion of such a name" {
	make_layers
	echo marker >"$LAYERS/low/kept/.wh..opq"
	start_idle
	printf 'os.remove("kept/.wh..opq")\n' | in_container
	run minirun commit --diff "$ID" "$T/diff.tar"
	expect_status 1
	expect_one_line
	expect_text "the deletion of './kept/.wh..opq' cannot be in a layer" "use --merged"
	minirun commit --quiet "$ID" "$T/merged.tar"
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

@test "a level of messages without warnings has no warning" {
	make_layers
	start_idle
	change_everything
	run minirun --log-level error commit --quiet --diff "$ID" "$T/diff.tar"
	expect_status 0
	expect_output ""
	run minirun --log-level error --debug commit --quiet --diff "$ID" "$T/diff.tar"
	expect_text "2 sockets are left out"
}

@test "created, running and stopped containers; what it was it stays" {
	make_bundle '.process.args = ["sh", "-c", "echo new >/new"]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >"$T/log" 2>&1
	minirun commit --quiet --diff "$ID" "$T/created.tar"
	expect_equal "$(state_of "$ID")" created
	expect_equal "$(tar_py list "$T/created.tar" | wc -l)" 1
	pid=$(minirun state "$ID" | jq .pid)
	minirun start "$ID"
	wait_end "$pid"
	minirun commit --quiet --diff "$ID" "$T/stopped.tar"
	expect_equal "$(state_of "$ID")" stopped
	run tar_py list "$T/stopped.tar"
	expect_text "./new file"
	minirun commit --quiet "$ID" "$T/merged.tar"
	run tar_py list "$T/merged.tar"
	expect_text "./new file"
}

# The hierarchy that freezes: v1's, or the one of v2.
freezer_file() {
	local directory=/sys/fs/cgroup/freezer/$ID
	if [[ -d $directory ]]; then
		echo "$directory/freezer.state"
	else
		find /sys/fs/cgroup -path "*/$ID/cgroup.freeze" | head -n 1
	fi
}

# By hand, as if somebody else had paused it.
pause() {
	local file tries
	file=$(freezer_file)
	if [[ $file == */freezer.state ]]; then echo FROZEN >"$file"; else echo 1 >"$file"; fi
	for ((tries = 0; tries < 1000; tries++)); do
		[[ $(state_of "$ID") != paused ]] || return 0
	done
	return 1
}

unpause() {
	local file
	file=$(freezer_file)
	if [[ $file == */freezer.state ]]; then echo THAWED >"$file"; else echo 0 >"$file"; fi
}

@test "a paused container stays paused" {
	make_bundle
	start_idle
	pause
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	expect_equal "$(state_of "$ID")" paused
	minirun commit --quiet "$ID" "$T/merged.tar"
	expect_equal "$(state_of "$ID")" paused
	unpause
	expect_equal "$(state_of "$ID")" running
}

# A commit in the background that has begun to write and is held up by its reader. Sets
# committer, and opens descriptor 8 as the reading side.
start_commit() { # FIFO [OPTION...]
	local fifo=$1
	shift
	mkfifo "$fifo"
	"$MINIRUN" --root "$ROOT" --data-root "$DATA" commit --quiet "$@" "$ID" - >"$fifo" &
	committer=$!
}

@test "frozen while it is read, running after a kill -9 of who reads" {
	make_bundle
	start_idle
	start_commit "$T/fifo"
	exec 8<"$T/fifo"
	[[ $(head -c 1 <&8) == . ]]
	expect_equal "$(state_of "$ID")" paused
	read -ra children <<<"$(<"/proc/$committer/task/$committer/children")"
	guardian=${children[0]}
	kill -9 "$committer"
	wait "$committer" || true
	exec 8<&-
	wait_end "$guardian"
	expect_equal "$(state_of "$ID")" running
	pid=$(minirun state "$ID" | jq .pid)
	stop_idle
	wait_end "$pid"
}

@test "not frozen with --no-pause" {
	make_bundle
	start_idle
	start_commit "$T/fifo" --no-pause
	exec 8<"$T/fifo"
	[[ $(head -c 1 <&8) == . ]]
	expect_equal "$(state_of "$ID")" running
	cat <&8 >"$T/rest"
	exec 8<&-
	wait "$committer"
}

@test "two at once: the first one's end does not thaw the container of the second" {
	make_bundle
	start_idle
	start_commit "$T/first"
	first=$committer
	exec 8<"$T/first"
	[[ $(head -c 1 <&8) == . ]]
	start_commit "$T/second"
	exec 9<"$T/second"
	# It waits for the first, and writes nothing.
	run timeout 1 head -c 1 <&9
	expect_status 124
	cat <&8 >"$T/rest"
	exec 8<&-
	wait "$first"
	[[ $(head -c 1 <&9) == . ]]
	expect_equal "$(state_of "$ID")" paused
	cat <&9 >"$T/rest"
	exec 9<&-
	wait "$committer"
	expect_equal "$(state_of "$ID")" running
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
	mkdir "$T/out"
	local fault
	for fault in pwrite64,write:error=EIO:when=3 fsync:error=EIO linkat:error=EIO fsync:signal=SIGKILL; do
		echo "$fault"
		for old in "" old; do
			rm -f "$T/out/image.tar"
			[[ -z $old ]] || echo "$old" >"$T/out/image.tar"
			run strace -o "$T/trace" -e "inject=$fault" "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
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

@test "neither mount points that were made nor what is mounted is in it" {
	mkdir -p "$T/volume"
	echo secret >"$T/volume/file"
	make_bundle '.mounts += [
		{ destination: "/missing/place", type: "bind", source: $volume, options: ["rbind"] },
		{ destination: "/root", type: "bind", source: $volume, options: ["rbind"] },
		{ destination: "/missing-file", type: "bind", source: ($volume + "/file"), options: ["bind"] }]' \
		--arg volume "$T/volume"
	start_idle
	minirun commit --quiet "$ID" "$T/merged.tar"
	run tar_py list "$T/merged.tar"
	expect_text "./root directory" "./etc/motd file"
	expect_no_text missing ./root/ ./proc/ ./dev/ ./sys/
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	expect_equal "$(tar_py list "$T/diff.tar" | wc -l)" 1
}

@test "a root without layers: merged is what is in it, a diff cannot be told" {
	make_plain_bundle
	start_idle
	printf 'open("new", "w").close()\nos.setxattr("new", "user.x", b"1")\n' | in_container
	minirun commit --quiet "$ID" "$T/merged.tar"
	run tar_py list "$T/merged.tar"
	expect_text "./etc/motd file" "./new file" "user.x=31"
	expect_no_text ./proc/ ./dev/
	run minirun commit --diff "$ID" "$T/diff.tar"
	expect_status 1
	expect_one_line
	expect_text "has no overlay root"
}

@test "what the host has mounted on an upper is not the container's" {
	make_layers
	mkdir "$T/upper" "$T/work" "$T/upper/place" "$T/mounted"
	echo host >"$T/mounted/file"
	edit_config '.root.overlay += { upper: $upper, work: $work }' --arg upper "$T/upper" --arg work "$T/work"
	start_idle
	mount --bind "$T/mounted" "$T/upper/place"
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	umount "$T/upper/place"
	run tar_py list "$T/diff.tar"
	expect_text "./place directory"
	expect_no_text place/file
}

@test "what the host has mounted on a layer hides nothing of it" {
	make_layers
	mkdir "$T/empty"
	mount --bind "$T/empty" "$LAYERS/low/kept"
	start_idle
	printf 'os.remove("kept/b")\n' | in_container
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	umount "$LAYERS/low/kept"
	run tar_py list "$T/diff.tar"
	expect_text "./kept/.wh.b file"
}

@test "500 layers, the most there can be: the upper is one more" {
	local layers
	mkdir -p "$T"/layers/{1..499}
	for layer in {1..499}; do echo "$layer" | tee "$T/layers/$layer/top" >"$T/layers/$layer/of-$layer"; done
	rm "$T/layers/499/top"
	layers=$(printf '%s\n' "$T"/layers/{1..499} | jq -R . | jq -s .)
	make_bundle '.root.overlay.lower = $layers + [$image] | .process.args = ["sh", "-c",
		"echo new >/new; rm /of-498 /of-499"]' --argjson layers "$layers" --arg image "$IMAGE"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	minirun commit --quiet "$ID" "$T/merged.tar"
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	minirun delete "$ID"
	tar_py state "$T/merged.tar" >"$T/merged"
	tar_py apply "$T/diff.tar" "$T"/layers/{1..499} "$IMAGE" | diff - "$T/merged"
	grep -q '^./of-497 file' "$T/merged"
	run grep -E '^./of-49[89] ' "$T/merged"
	expect_output ""
}

@test "a whiteout in a directory that only one layer has" {
	mkdir -p "$T/layer/odd"
	mknod "$T/layer/odd/nothing" c 0 0
	echo here >"$T/layer/odd/file"
	make_bundle '.root.overlay.lower = [$layer, $image] | .process.args = ["true"]' \
		--arg layer "$T/layer" --arg image "$IMAGE"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	minirun commit --quiet "$ID" "$T/merged.tar"
	run tar_py list "$T/merged.tar"
	expect_text "./odd/file"
	expect_no_text nothing
}

@test "reading leaves no trace, not even in the time of access" {
	make_bundle
	start_idle
	in_container <<-'END'
		with open("file", "w") as file:
		    file.write("data")
		os.mkdir("directory")
		os.utime("file", (1000, 1000))
		os.utime("directory", (1000, 1000))
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	minirun commit --quiet "$ID" "$T/merged.tar"
	expect_equal "$(stat -c %X "$DATA"/containers/*/upper/{file,directory} | sort -u)" 1000
}

@test "a layer that has been replaced is refused" {
	make_layers
	start_idle
	mv "$LAYERS/low" "$LAYERS/moved"
	run minirun commit "$ID" "$T/image.tar"
	expect_status 1
	expect_text "cannot find '$LAYERS/low'"
	mkdir "$LAYERS/low"
	for mode in --merged --diff; do
		run minirun commit "$mode" "$ID" "$T/image.tar"
		expect_status 1
		expect_one_line
		expect_text "'$LAYERS/low' has been replaced"
	done
	expect_absent "$T/image.tar"
}

@test "an upper with marks of other overlays is refused for a diff" {
	make_layers
	mkdir "$T/upper" "$T/work"
	edit_config '.root.overlay += { upper: $upper, work: $work }' --arg upper "$T/upper" --arg work "$T/work"
	edit_config '.process.args = ["true"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	mkdir "$T/upper/renamed"
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "trusted.overlay.redirect", b"kept")' "$T/upper/renamed"
	run minirun commit --diff "$ID" "$T/diff.tar"
	expect_status 1
	expect_one_line
	expect_text "'./renamed' has overlay.redirect" "use --merged"
}

@test "the marks of whiteouts as attributes are understood" {
	make_layers
	mkdir "$T/upper" "$T/work"
	edit_config '.root.overlay += { upper: $upper, work: $work } | .process.args = ["true"]' \
		--arg upper "$T/upper" --arg work "$T/work"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	mkdir "$T/upper/kept"
	touch "$T/upper/kept/b"
	python3 - "$T/upper/kept" <<-'END'
		import os, sys
		os.setxattr(sys.argv[1], "trusted.overlay.opaque", b"x")
		os.setxattr(sys.argv[1] + "/b", "trusted.overlay.whiteout", b"")
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	expect_equal "$(tar_py list "$T/diff.tar" | cut -d' ' -f1 | paste -sd' ')" ". ./kept ./kept/.wh.b"
}

@test "what is deleted in a higher layer already is not deleted again" {
	make_layers
	mkdir "$T/upper" "$T/work" "$LAYERS/middle"
	mknod "$LAYERS/middle/z" c 0 0
	edit_config '.root.overlay.lower = [$layers + "/middle", $layers + "/low", $image]' \
		--arg layers "$LAYERS" --arg image "$IMAGE"
	start_idle
	in_container <<-'END'
		open("z", "w").close()
		os.remove("z")
		os.mkdir("z")
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	expect_equal "$(tar_py list "$T/diff.tar" | cut -d' ' -f1 | paste -sd' ')" ". ./z"
}

@test "a container that is not there" {
	run minirun commit "$ID" "$T/image.tar"
	expect_status 1
	expect_one_line
	expect_text "'$ID' does not exist"
	expect_absent "$T/image.tar"
}
