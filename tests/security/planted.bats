#!/usr/bin/env bats
# What an image has in the place of what the runtime makes, mounts or opens there.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load ../lib/bundle

setup() {
	bundle_setup
	OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir -p "$OUTSIDE/directory"
	echo marker >"$OUTSIDE/file"
	ln -s elsewhere "$BATS_TEST_TMPDIR/link"
}

outside() {
	find "$OUTSIDE" -printf '%P %y %i %m %U %s %T@\n'
	cat "$OUTSIDE/file"
}

# A name in the root, and what makes the runtime put something there.
places=(
	'dev .'
	'dev/null .'
	'dev/fd .'
	'dev/ptmx .'
	'dev/mine .linux.devices = [{ path: "/dev/mine", type: "c", major: 1, minor: 5, uid: 7 }]'
	'run .'
	'run/notify .'
	'desk .process.cwd = "/desk"'
	'desk/parent .process.cwd = "/desk/parent/below"'
	'place .mounts += [{ destination: "/place", type: "tmpfs", source: "t" }]'
	'place/parent .mounts += [{ destination: "/place/parent/below", type: "tmpfs", source: "t" }]'
	'place/file .mounts += [{ destination: "/place/file", type: "bind", source: "/etc/passwd", options: ["bind"] }]'
	'place/link .mounts += [{ destination: "/place/link", type: "bind", source: $link, options: ["bind", "copy-symlink"] }]'
)

# CVE-2025-24965, CVE-2026-41579, CVE-2026-47766. Fails when inside_open() loses RESOLVE_IN_ROOT.
@test "nothing is made or changed through links of the image to a file, a directory or nothing" {
	local place name target before rootfs=$BUNDLE/rootfs config=$BATS_TEST_TMPDIR/config.json
	export NOTIFY_SOCKET=/run/notify-of-nobody
	make_plain_bundle '.mounts = .mounts[:1] | .linux.namespaces = [{ type: "pid" }, { type: "mount" }] |
		del(.hostname) | .process.args = ["true"]'
	cp "$BUNDLE/config.json" "$config"
	before=$(outside)
	for place in "${places[@]}"; do
		name=${place%% *}
		for target in "$OUTSIDE"/{file,directory,new}; do
			jq "${place#* }" --arg link "$BATS_TEST_TMPDIR/link" "$config" >"$BUNDLE/config.json"
			rm -rf "${rootfs:?}"/{dev,run,desk,place}
			mkdir -p "$(dirname "$rootfs/$name")"
			ln -s "$target" "$rootfs/$name"
			run minirun --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
			[[ $(outside) == "$before" ]] || fail "$name -> $target" "$(diff <(echo "$before") <(outside))"
		done
	done
}

# CVE-2025-52565. Fails when open_multiplexer() does not ask whether it is in a devpts.
@test "a terminal is not made by what an image has at /dev/pts" {
	requires "script(1) of util-linux is missing" command -v script
	local pts=$BUNDLE/rootfs/dev/pts
	make_plain_bundle 'del(.mounts[] | select(.destination | startswith("/dev"))) | .process.args = ["echo", "it ran"]'
	mkdir -p "$pts"
	ln -s /proc/sys/kernel/core_pattern "$pts/0"
	mknod "$pts/ptmx" c 5 2
	run script -qec "'$MINIRUN' --root '$ROOT' --data-root '$DATA' run -t --bundle '$BUNDLE' $ID" /dev/null
	expect_status 1
	expect_text "'/dev/pts' is not a devpts"
	expect_no_text "it ran"
}

# CVE-2025-52881, CVE-2019-16884 at the time of an exec: root of the container has changed what its /proc is.
# Fails when oom_apply() opens /proc/self/oom_score_adj by its path.
@test "what exec writes to /proc does not go to what a container has put there" {
	local fake=$BUNDLE/rootfs/fake
	make_plain_bundle '.process.capabilities |= with_entries(.value += ["CAP_SYS_ADMIN"]) |
		.linux.maskedPaths = [] | .linux.readonlyPaths = []'
	mkdir -p "$fake/self/attr" "$fake/thread-self/attr"
	echo untouched >"$fake/self/oom_score_adj"
	start_idle
	minirun exec "$ID" mount -o bind /fake /proc
	jq '.process | .args = ["cat", "/proc/self/oom_score_adj"] | .oomScoreAdj = 500' "$BUNDLE/config.json" \
		>"$BATS_TEST_TMPDIR/process.json"
	run minirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	expect_status 0
	expect_output untouched
	stop_idle
}
