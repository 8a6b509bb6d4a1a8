# commit.bash - a container that changes everything, and what a commit of it holds, read by
# another reader, tests/lib/tar.py. Loaded behind bundle.bash.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

: "${srcdir:?run the tests by tests/run}"

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
