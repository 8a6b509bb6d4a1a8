#!/usr/bin/env bats
# diff: the paths at which a container's root is not its layers any more.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

load lib/bundle
load lib/commit

# What diff has to say, by another way: the layers as they are against the merged view.
# Sockets are in no tar.
differences() { # LOWER...
	tar --create --file "$T/empty.tar" --files-from /dev/null
	minirun commit --quiet "$ID" "$T/merged.tar" 2>"$T/warnings"
	tar_py apply "$T/empty.tar" "$@" >"$T/before"
	tar_py state "$T/merged.tar" >"$T/after"
	python3 - "$T/before" "$T/after" <<-'END' | LC_ALL=C sort -k 2
		import os, sys
		def read(name):
		    state = {}
		    for line in open(name):
		        words = line.rstrip("\n").split(" ")
		        if words[1] == "directory":
		            del words[4]  # its time
		        state[words[0][1:] or "/"] = words[1:]
		    return state
		before, after = map(read, sys.argv[1:])
		kinds = {}
		for path in after:
		    if path not in before:
		        kinds[path] = "A"
		    elif before[path] != after[path]:
		        kinds[path] = "C"
		for path in before:
		    if path not in after and os.path.dirname(path) in after:
		        kinds[path] = "D"
		for path in list(kinds):
		    while (path := os.path.dirname(path)) != "/":
		        kinds.setdefault(path, "C")
		for path, kind in kinds.items():
		    print(kind, path)
	END
}

@test "every kind of change, as a comparison of the trees finds it" {
	make_layers
	start_idle
	change_everything
	minirun diff "$ID" | grep -v socket >"$T/diff"
	differences "$LAYERS/top" "$LAYERS/low" "$IMAGE" | grep -v socket | diff - "$T/diff"
	minirun diff "$ID" >"$T/diff"
	diff - "$T/diff" <<-'END'
		C /
		C /again
		C /again/deep
		A /again/deep/new
		D /again/deep/old
		D /again/old
		C /again/same
		A /another-socket
		C /etc
		C /etc/motd
		C /etc/passwd
		D /gone
		C /kept
		C /kept/a
		D /kept/b
		C /long-link
		A /long-link/inside
		A /made
		A /made/renamed
		A /made/renamed/file
		A /made/second
		A /made/second/file
		D /removed
		D /removed-too
		C /sockets
		C /swapped
		D /swapped/below
		C /typed
		C /typed/file
		A /typed/file/now-a-directory
		C /z
	END
}

@test "what was only opened, or put back, is not changed; what only looks the same is" {
	make_layers
	start_idle
	in_container <<-'END'
		for name in ("kept/a", "typed/file"):
		    os.close(os.open(name, os.O_WRONLY))
		os.chmod("z", 0o600)
		os.chmod("z", 0o644)
		os.chmod("gone", 0o700)
		os.chmod("gone", 0o755)
		open("again/fleeting", "w").close()
		os.remove("again/fleeting")
		with open("removed", "r+") as file:
		    file.write("R")
		os.utime("removed", (1000, 2000))
	END
	run minirun diff "$ID"
	expect_status 0
	expect_output "C /removed"
}

@test "a directory made again with all it had is not changed; one that lost a mode or an attribute is" {
	make_layers
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.x", b"1")' "$LAYERS/low/gone"
	start_idle
	in_container <<-'END'
		import shutil
		shutil.rmtree("again")
		os.makedirs("again/deep")
		for name in ("again/old", "again/same", "again/deep/old"):
		    with open(name, "w") as file:
		        file.write(("top/" if "deep" in name else "low/") + name)
		    os.utime(name, (1000, 2000))
		shutil.rmtree("typed")
		os.mkdir("typed", 0o700)
		shutil.copy2("z", "typed/file")
		os.utime("kept", (1, 1))
		os.setxattr("kept", "user.x", b"1")
	END
	run minirun diff "$ID"
	expect_output $'C /kept\nC /typed\nC /typed/file'
}

@test "created and stopped containers; nothing changed is nothing" {
	make_bundle '.process.args = ["sh", "-c", "echo new >/new; rm /etc/motd"]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >"$T/log" 2>&1
	run minirun diff "$ID"
	expect_status 0
	expect_output ""
	run minirun diff --format json "$ID"
	expect_output "[]"
	expect_equal "$(state_of "$ID")" created
	pid=$(minirun state "$ID" | jq .pid)
	minirun start "$ID"
	wait_end "$pid"
	run minirun diff "$ID"
	expect_output $'C /etc\nD /etc/motd\nA /new'
	expect_equal "$(state_of "$ID")" stopped
}

@test "frozen while it is read, or not" {
	requires "strace is missing" command -v strace
	make_bundle
	start_idle
	mkdir "/proc/$(minirun state "$ID" | jq .pid)/root/new"
	mkfifo "$T/trace"
	local words
	for pause in --pause --no-pause; do
		ASAN_OPTIONS=detect_leaks=0 strace -o "$T/trace" -e trace=readlinkat,write,getdents64 \
			-e inject=getdents64:delay_exit=300000:when=1 "$MINIRUN" --root "$ROOT" \
			--data-root "$DATA" diff "$pause" "$ID" >"$T/out" &
		exec 8<"$T/trace"
		while read -r words <&8 && [[ $words != getdents64* ]]; do :; done
		state=$(state_of "$ID")
		cat <&8 >"$T/rest"
		exec 8<&-
		wait $!
		expect_equal "$pause $state" "$([[ $pause == --pause ]] && echo --pause paused || echo --no-pause running)"
		expect_file "$T/out" "A /new"
		expect_equal "$(state_of "$ID")" running
	done
}

@test "names are one line each in text, and exact in JSON" {
	make_layers
	start_idle
	in_container <<-'END'
		for name in (b"new\nline", b"back\\slash", b"esc\x1b[31m", b"caf\xc3\xa9", b"c1\xc2\x9bm", b"bad\xff\xc3"):
		    with open(name, "w") as file:
		        file.write("four")
		os.symlink("target", "link")
		os.mkfifo("fifo")
		os.mknod("device", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
		os.remove("removed")
	END
	minirun diff "$ID" >"$T/diff"
	diff - "$T/diff" <<-'END'
		A /back\x5cslash
		A /bad\xff\xc3
		A /c1\xc2\x9bm
		A /café
		A /device
		A /esc\x1b[31m
		A /fifo
		A /link
		A /new\x0aline
		D /removed
	END
	minirun diff -f json "$ID" >"$T/json"
	jq -c '.[]' "$T/json" >"$T/lines"
	diff - "$T/lines" <<-END
		{"kind":"A","path":"/back\\\\slash","type":"file","size":4}
		{"kind":"A","path":"/bad��","pathBase64":"$(printf '/bad\xff\xc3' | base64)","type":"file","size":4}
		{"kind":"A","path":"/c1$(printf '\u009b')m","type":"file","size":4}
		{"kind":"A","path":"/café","type":"file","size":4}
		{"kind":"A","path":"/device","type":"character"}
		{"kind":"A","path":"/esc\\u001b[31m","type":"file","size":4}
		{"kind":"A","path":"/fifo","type":"fifo"}
		{"kind":"A","path":"/link","type":"symlink"}
		{"kind":"A","path":"/new\\nline","type":"file","size":4}
		{"kind":"D","path":"/removed","type":"file","size":11}
	END
}

@test "names are sorted by all of their bytes" {
	make_layers
	start_idle
	in_container <<-'END'
		os.mkdir("made")
		for name in ("made/x", "made-first", "made.", "B", "a"):
		    open(name, "w").close()
	END
	minirun diff "$ID" >"$T/diff"
	LC_ALL=C sort -k 2 "$T/diff" | diff - "$T/diff"
	[[ $(wc -l <"$T/diff") -eq 6 ]]
}

@test "a container with a user namespace: its ids are not changes" {
	make_bundle '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings |
		.process.capabilities |= with_entries(.value += ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"]) |
		.process.args = ["sh", "-c", "chmod 600 /etc/motd; chmod 644 /etc/motd; chown 5 /etc/passwd; rm -r /root; mkdir /new /root; : >>/etc/group; echo x >/root/x"]'
	chmod 644 "$IMAGE/etc/motd"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	run minirun diff "$ID"
	expect_status 0
	expect_text "C /etc"$'\n'"C /etc/passwd"$'\n'"A /new"$'\n'"C /root"
	expect_no_text motd group
}

@test "without layers nothing tells; an upper of other marks is refused; so is a strange format" {
	make_layers
	mkdir "$T/upper" "$T/work"
	edit_config '.root.overlay += { upper: $upper, work: $work } | .process.args = ["true"]' \
		--arg upper "$T/upper" --arg work "$T/work"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	mkdir "$T/upper/renamed"
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "trusted.overlay.redirect", b"kept")' "$T/upper/renamed"
	run minirun diff "$ID"
	expect_status 1
	expect_one_line
	expect_text "'./renamed' has overlay.redirect: the upper is no complete diff"
	run minirun diff --format yaml "$ID"
	expect_status 1
	expect_text "option '--format': 'yaml' is not text or json"
	run minirun diff nobody
	expect_status 1
	expect_text "'nobody' does not exist"
	minirun delete "$ID"
	rm -r "$BUNDLE"
	make_plain_bundle
	start_idle
	run minirun diff "$ID"
	expect_status 1
	expect_one_line
	expect_text "has no overlay root"
}
