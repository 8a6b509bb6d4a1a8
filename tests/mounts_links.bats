#!/usr/bin/env bats
# The options copy-symlink, src-nofollow and dest-nofollow: links as such, seen from inside.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

# Binds a path of $SHARE, with "bind" and the options.
add_bind() { # SOURCE DESTINATION OPTION...
	local source=$SHARE/$1 destination=$2
	shift 2
	edit_config '.mounts += [{ destination: $destination, type: "bind", source: $source,
		options: ("bind " + $options | split(" ")) }]' \
		--arg source "$source" --arg destination "$destination" --arg options "$*"
}

# A link to a file, one that leads nowhere, and a layer above the image with links in it.
setup() {
	bundle_setup
	SHARE=$BATS_TEST_TMPDIR/share LAYER=$BATS_TEST_TMPDIR/layer
	mkdir "$SHARE" "$LAYER"
	echo content >"$SHARE/file"
	ln -s file "$SHARE/link"
	ln -s to/nowhere "$SHARE/dangling"
	echo image >"$LAYER/image-file"
	ln -s image-file "$LAYER/image-link"
	ln -s gone "$LAYER/image-dangling"
	make_bundle '.root.overlay.lower |= [$layer] + .' --arg layer "$LAYER"
}

@test "copy-symlink makes the link again, and its parents" {
	add_bind dangling /new/d/link copy-symlink
	add_bind link /l copy-symlink ro
	run run_script 'readlink /new/d/link; readlink /l; grep -c "/l \|/link " /proc/self/mountinfo'
	expect_output $'to/nowhere\nfile\n0'
}

@test "copy-symlink leaves the upper as it is" {
	mkdir "$BATS_TEST_TMPDIR/"{upper,work}
	edit_config '.root.overlay += { upper: $upper, work: $work }' \
		--arg upper "$BATS_TEST_TMPDIR/upper" --arg work "$BATS_TEST_TMPDIR/work"
	add_bind dangling /new/link copy-symlink
	add_bind dangling /lib/link copy-symlink
	run run_script 'readlink /new/link; readlink /lib/link'
	expect_status 0
	expect_equal "$(find "$BATS_TEST_TMPDIR/upper" -mindepth 1)" ""
}

@test "copy-symlink of what is no link is a mount" {
	add_bind file /f copy-symlink
	run run_script 'cat /f; grep -c " /f " /proc/self/mountinfo'
	expect_status 0
	expect_output $'content\n1'
}

@test "copy-symlink is content with the same link, and with nothing else" {
	ln -s gone "$SHARE/same"
	add_bind same /image-dangling copy-symlink
	run run_script 'readlink /image-dangling'
	expect_status 0
	expect_output gone
	add_bind link /image-dangling copy-symlink
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "'/image-dangling' is there and is no link to 'file'"
}

@test "copy-symlink stays in the root, as whatever is mounted" {
	ln -s ../../../.. "$LAYER/up"
	mkdir "$LAYER/etc"
	add_bind link /up/etc/link copy-symlink
	run run_script 'readlink /etc/link'
	expect_status 0
	expect_output file
}

@test "copy-symlink cannot be in the place of /proc" {
	ln -s /proc "$SHARE/proc"
	edit_config '.mounts |= map(select(.destination != "/proc"))'
	add_bind proc /proc copy-symlink
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "only a procfs may be mounted on /proc"
}

@test "a link that leads nowhere needs one of the options" {
	add_bind dangling /link
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "cannot find '$SHARE/dangling': no such file or directory"
}

@test "src-nofollow mounts the link, over a link with dest-nofollow" {
	add_bind dangling /image-link src-nofollow dest-nofollow
	add_bind dangling /image-dangling src-nofollow dest-nofollow
	run run_script 'readlink /image-link; readlink /image-dangling; cat /image-file'
	expect_status 0
	expect_output $'to/nowhere\nto/nowhere\nimage'
}

@test "src-nofollow without dest-nofollow follows the destination" {
	add_bind dangling /image-link src-nofollow
	run run_script 'readlink /image-link; readlink /image-file'
	expect_status 0
	expect_output $'image-file\nto/nowhere'
}

@test "src-nofollow makes the destination where there is none" {
	add_bind link /new/link src-nofollow
	run run_script 'readlink /new/link'
	expect_status 0
	expect_output file
}

@test "dest-nofollow mounts what the source leads to over the link" {
	add_bind link /image-link dest-nofollow
	run run_script 'cat /image-link /image-file; [ ! -L /image-link ]'
	expect_status 0
	expect_output $'content\nimage'
}

@test "the options do the same in a user namespace" {
	edit_config '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings'
	add_bind dangling /new/link copy-symlink
	add_bind link /image-link src-nofollow dest-nofollow
	run run_script 'readlink /new/link; readlink /image-link; stat -c %u /new/link'
	expect_status 0
	expect_output $'to/nowhere\nfile\n0'
}

@test "a root without overlay has them, too" {
	make_plain_bundle
	add_bind dangling /new/link copy-symlink
	run run_script 'readlink /new/link'
	expect_status 0
	expect_output to/nowhere
}
