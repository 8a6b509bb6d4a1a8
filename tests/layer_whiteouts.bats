#!/usr/bin/env bats
# Tars as lower layers: deletions, and marks of overlays.
# shellcheck disable=SC2016,SC2030,SC2031 # quoted for the container or jq; a test is a subshell

load lib/bundle
load lib/layer

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
