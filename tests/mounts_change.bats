#!/usr/bin/env bats
# mounts add, mounts remove: what a container that lives sees of it.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154 # status and output are bats'

load lib/bundle

with_user='.linux.namespaces += [{ type: "user" }] |
	.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
	.linux.gidMappings = .linux.uidMappings'

setup() {
	bundle_setup
	SHARE=$BATS_TEST_TMPDIR/share LIST=$BATS_TEST_TMPDIR/mounts.json
	mkdir "$SHARE"
	echo outside >"$SHARE/file"
}

teardown() {
	bundle_teardown
}

# An array of mounts, one element a line; SHARE is the directory of the host.
write_list() { # ELEMENT...
	local separator=
	echo "[" >"$LIST"
	for element; do
		echo "$separator${element//SHARE/$SHARE}" >>"$LIST"
		separator=,
	done
	echo "]" >>"$LIST"
}

bind() { # SOURCE DESTINATION [OPTION...]
	local options='"bind"' option
	for option in "${@:3}"; do
		options+=",\"$option\""
	done
	printf '{ "destination": "%s", "type": "bind", "source": "%s", "options": [%s] }' \
		"$2" "$1" "$options"
}

tmpfs() { # DESTINATION [OPTIONS]
	printf '{ "destination": "%s", "type": "tmpfs", "options": [%s] }' "$1" "${2:-}"
}

inside() { # SCRIPT
	run minirun exec "$ID" sh -c "$1"
}

mount_points() {
	minirun exec "$ID" cut -d' ' -f5 /proc/self/mountinfo
}

expect_change() { # VERB
	run minirun mounts "$1" "$ID" "$LIST"
	expect_output ""
	expect_status 0
}

# Refused with that message, and the mounts are as before.
expect_refused() { # VERB TEXT...
	local before
	before=$(mount_points)
	run minirun mounts "$1" "$ID" "$LIST"
	expect_status 1
	expect_one_line
	expect_text "${@:2}"
	expect_equal "$(mount_points)" "$before"
}

end() {
	minirun delete --force "$ID"
}

@test "a directory, a file and a tmpfs are added in their order, and removed" {
	local before
	make_bundle
	start_idle
	before=$(mount_points)
	write_list "$(bind SHARE /new/d)" "$(bind SHARE/file /etc/one)" "$(tmpfs /new/d/t '"size=64k"')"
	mkdir "$SHARE/t"
	expect_change add
	inside 'cat /new/d/file /etc/one; echo in >/new/d/here; stat -f -c %T /new/d/t; df /new/d/t | tail -1'
	expect_status 0
	expect_match "^outside"$'\n'"outside"$'\n'"tmpfs"
	expect_match "none +64 "
	expect_file "$SHARE/here" in
	expect_change remove
	expect_equal "$(mount_points)" "$before"
	inside 'ls /new/d; cat /etc/one'
	expect_output ""
	end
}

@test "ro, rro, nosuid and the others arrive" {
	make_bundle
	start_idle
	write_list "$(bind SHARE /d ro nosuid)" "$(tmpfs /t '"ro","noexec","mode=700"')"
	expect_change add
	inside 'grep -E " /(d|t) " /proc/self/mountinfo | cut -d" " -f5,6; stat -c %a /t; echo x >/d/file'
	expect_status 1
	expect_text "/d ro,nosuid,relatime" "/t ro,noexec,relatime" 700 "Read-only file system"
	end
}

@test "the host sees nothing of it" {
	local before
	make_bundle
	before=$(cut -d' ' -f4- /proc/self/mountinfo)
	start_idle
	write_list "$(bind SHARE /d)" "$(tmpfs /d/t)"
	expect_change add
	expect_equal "$(cut -d' ' -f4- /proc/self/mountinfo)" "$before"
	expect_change remove
	end
}

@test "a relative source is below the bundle" {
	make_bundle
	start_idle
	echo below >"$BUNDLE/beside"
	write_list "$(bind beside /f)"
	expect_change add
	inside 'cat /f'
	expect_output below
	end
}

@test "in a user namespace, mounts belong to it, and ids are mapped" {
	local before
	make_bundle "$with_user"
	start_idle
	before=$(mount_points)
	mkdir "$SHARE/t"
	chmod 755 "$SHARE"
	write_list "$(bind SHARE /plain)" "$(bind SHARE /mapped idmap)" "$(tmpfs /plain/t)" \
		"$(bind SHARE/file /f)"
	expect_change add
	inside 'stat -c "%n %u" /plain /mapped /plain/t; cat /f; echo new >/plain/t/file; cat /plain/t/file'
	expect_status 0
	expect_output $'/plain 65534\n/mapped 0\n/plain/t 0\noutside\nnew'
	expect_change remove
	expect_equal "$(mount_points)" "$before"
	end
}

@test "a container that waits to be started has them when it runs" {
	make_bundle
	edit_config '.process.args = ["sh", "-c", "cat /d/file >/d/seen"]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	write_list "$(bind SHARE /d)"
	expect_change add
	pid=$(minirun state "$ID" | jq .pid)
	minirun start "$ID"
	wait_end "$pid"
	expect_file "$SHARE/seen" outside
	end
}

@test "a paused container has them when it goes on" {
	make_bundle
	start_idle
	minirun pause "$ID"
	write_list "$(bind SHARE /d)"
	expect_change add
	minirun resume "$ID"
	inside 'cat /d/file'
	expect_output outside
	minirun pause "$ID"
	expect_change remove
	minirun resume "$ID"
	inside 'cat /d/file'
	expect_status 1
	end
}

@test "links of the container lead nowhere but within its root" {
	local victim=$BATS_TEST_TMPDIR/victim
	mkdir "$victim"
	make_bundle
	start_idle
	inside "mkdir -p /real '$(dirname "$victim")'; ln -s /real /link; ln -s ../../../..$victim /up
		ln -s /proc/1/root/tmp /magic; ln -s / /top; ln -s /proc/sys /knobs"
	write_list "$(bind SHARE /link/d)" "$(bind SHARE /up)"
	expect_refused add "mounts.json:3:2: [1]: cannot mount" "a link in it leads nowhere"
	inside "mkdir $victim"
	expect_change add
	inside "cat /real/d/file $victim/file"
	expect_output $'outside\noutside'
	[[ ! -e $victim/file ]]
	for link in /magic /top /knobs /knobs/kernel; do
		write_list "$(bind SHARE "$link")"
		expect_refused add "[0]: cannot mount"
	done
	for link in /link/d /knobs/kernel /magic/x; do
		write_list "$(bind SHARE "$link")"
		expect_refused remove "[0].destination: '$link' lies below a link"
	done
	for link in /up /top /knobs; do
		write_list "$(bind SHARE "$link")"
		expect_refused remove "[0].destination: nothing is mounted on '$link'"
	done
	write_list "$(bind SHARE /real/d)" "$(bind SHARE "$victim")"
	expect_change remove
	inside "ls /real/d $victim"
	expect_no_text file
	end
}

@test "a destination that is exchanged all the time is never outside" {
	local victim=$BATS_TEST_TMPDIR/victim done=0
	mkdir "$victim"
	make_bundle
	start_idle
	inside 'mkdir -p /a/d; ln -s "$0" /b' "$victim"
	minirun exec --detach "$ID" sh -c \
		'while :; do mv -T /a /c; mv -T /b /a; mv -T /a /b; mv -T /c /a; done' </dev/null >/dev/null 2>&1
	write_list "$(bind SHARE /a/d)"
	for _ in $(seq 20); do
		minirun mounts add "$ID" "$LIST" 2>/dev/null && done=$((done + 1))
		[[ ! -e $victim/d && ! -e $victim/file ]]
	done
	[[ $done -gt 0 ]]
	end
}

@test "when the last one fails, none is there" {
	make_bundle
	start_idle
	inside 'echo >/file'
	write_list "$(tmpfs /one '"ro"')" "$(bind SHARE /two)" "$(bind SHARE /file)"
	expect_refused add "mounts.json:4:2: [2]: cannot mount" "on '/file'" "the source is a directory"
	end
}

@test "nothing is added when one is wrong, and the message has its place" {
	make_bundle
	start_idle
	write_list "$(tmpfs /one)" "$(bind SHARE/gone /two)"
	expect_refused add "mounts.json:3:" "[1].source: cannot find '$SHARE/gone'"
	write_list "$(tmpfs /one)" "$(tmpfs /)"
	expect_refused add "[1].destination: '/' is the root itself"
	write_list "$(tmpfs '')"
	expect_refused add "mounts.json:2:18: [0].destination: empty"
	write_list "$(tmpfs /one)" '{ "source": "/tmp" }'
	expect_refused add "[1]" "destination"
	write_list "$(bind SHARE /proc/self)"
	expect_refused add "[0].destination: '/proc/self' is inside /proc"
	write_list '{ "destination": "/o", "type": "overlay", "options": ["lowerdir=/"] }'
	expect_refused add "[0].type: a 'overlay' cannot be added to a container that lives"
	write_list "$(tmpfs /proc '"remount","ro"')"
	expect_refused add "[0]: option 'remount' makes no mount"
	echo '{}' >"$LIST"
	expect_refused add "mounts.json:1:1: not an array"
	rm "$LIST"
	expect_refused add "cannot open '$LIST'"
	end
}

@test "what is no mount is not removed, and nothing beside it" {
	make_bundle
	start_idle
	write_list "$(bind SHARE /one)"
	expect_change add
	write_list "$(bind SHARE /one)" "$(bind SHARE /etc)"
	expect_refused remove "mounts.json:3:" "[1].destination: nothing is mounted on '/etc'"
	write_list "$(bind SHARE /one/file)"
	expect_refused remove "[0].destination: nothing is mounted on '/one/file'"
	write_list "$(bind SHARE /gone)"
	expect_refused remove "[0].destination: cannot open '/gone' in the root"
	write_list "$(bind SHARE /one)" "$(bind SHARE /one)"
	expect_refused remove "[1].destination: '/one' is the same mount as '/one'"
	end
}

@test "a container without a process, or without mounts of its own, is refused" {
	make_bundle
	edit_config '.process.args = ["true"]'
	write_list "$(tmpfs /one)"
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	minirun kill "$ID" KILL
	wait_end "$(jq .pid "$ROOT/$ID/state.json")"
	run minirun mounts add "$ID" "$LIST"
	expect_status 1
	expect_text "container not running"
	minirun delete "$ID"
	make_bundle '.linux.namespaces |= map(select(.type != "mount"))'
	start_idle
	expect_refused add "the container has no mount namespace of its own"
	run minirun mounts add "$ID-gone" "$LIST"
	expect_status 1
	expect_text "does not exist"
	run minirun mounts change "$ID" "$LIST"
	expect_status 1
	expect_output "minirun: 'change' is not add or remove"
	end
}
