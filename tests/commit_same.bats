#!/usr/bin/env bats
# The same changes are the same bytes, whenever they are made and on whatever file system.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

load lib/bundle
load lib/commit

teardown() {
	[[ ! -d $T/disk ]] || ! mountpoint -q "$T/disk" || { minirun delete --force "$ID"; umount "$T/disk"; }
	bundle_teardown
}

# A container with its upper on $T/disk, all that there is changed in it.
change_on_disk() {
	mkdir "$T/disk/upper" "$T/disk/work"
	make_layers
	edit_config '.root.overlay += { upper: $upper, work: $work }' --arg upper "$T/disk/upper" --arg work "$T/disk/work"
	start_idle
	change_everything
	in_container <<-'END'
		os.mkdir("many")
		for number in range(300):
		    open("many/" + str(number * 7919 % 1000), "w").close()
		os.link("many/0", "many/z-link")
		with open("many/hole", "w") as file:
		    file.truncate(3000000)
		    file.seek(2000000)
		    file.write("data")
		for name in ("user.b", "user.a", "trusted.c"):
		    os.setxattr("many/0", name, name.encode())
	END
	SOURCE_DATE_EPOCH=1000000000 minirun commit --quiet --diff "$ID" "$T/$1.tar" 2>/dev/null
	SOURCE_DATE_EPOCH=1000000000 minirun commit --quiet --compress zstd "$ID" "oci:$T/image-$1:tag" 2>/dev/null
	minirun delete --force "$ID"
	umount "$T/disk"
	rm -r "$BUNDLE" "$LAYERS"
}

on_tmpfs() { # NAME
	mkdir -p "$T/disk"
	mount -t tmpfs tmpfs "$T/disk"
	change_on_disk "$1"
}

# The file system by a loop device, beside a tmpfs.
same_on() { # TYPE [MKFS OPTION...]
	requires "mkfs.$1 is missing" command -v "mkfs.$1"
	truncate -s 400M "$T/image"
	"mkfs.$1" -q "${@:2}" "$T/image" >/dev/null
	mkdir -p "$T/disk"
	requires "there is no loop device, or the kernel has no $1" mount -t "$1" -o loop "$T/image" "$T/disk"
	change_on_disk "$1"
	on_tmpfs tmpfs
	cmp "$T/$1.tar" "$T/tmpfs.tar"
	diff -r "$T/image-$1" "$T/image-tmpfs"
}

@test "twice on tmpfs" {
	on_tmpfs one
	on_tmpfs two
	cmp "$T/one.tar" "$T/two.tar"
	diff -r "$T/image-one" "$T/image-two"
}

@test "on ext4" {
	same_on ext4
}

@test "on xfs" {
	same_on xfs
}

@test "on btrfs" {
	same_on btrfs
}

@test "no file is newer than SOURCE_DATE_EPOCH, an older one stays" {
	make_bundle '.process.args = ["sh", "-c", "touch -d @500 /old; touch /new"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	SOURCE_DATE_EPOCH=1000 minirun commit --quiet --diff "$ID" "$T/diff.tar"
	python3 - "$T/diff.tar" <<-'END'
		import sys, tarfile
		times = {member.name: member.mtime for member in tarfile.open(sys.argv[1])}
		assert times == {".": 1000, "./old": 500, "./new": 1000}, times
	END
	run env SOURCE_DATE_EPOCH=now "$MINIRUN" --root "$ROOT" commit "$ID" "$T/other.tar"
	expect_status 1
	expect_one_line
	expect_text "SOURCE_DATE_EPOCH: 'now' is no number of seconds"
}
