#!/usr/bin/env bats
# unpack as an ordinary user: what he can have of an image, said once, and that it runs.
# shellcheck disable=SC2016,SC2034 # quoted for the container or jq; set for lib/image.bash

load lib/bundle
load lib/image

export USER_ID=65534

setup() {
	bundle_setup
	T=$BATS_TEST_TMPDIR
	LAYOUT=$T/image OCI=application/vnd.oci.image ARCHITECTURE=$(go_architecture)
	HOME_DIR=$T/home BUNDLE=$T/home/bundle
	mkdir -p "$HOME_DIR/run"
	chown -R "$USER_ID:$USER_ID" "$HOME_DIR"
	# A way for that user to where the tests are.
	local way=$T
	while [[ $way != / ]]; do
		chmod o+x "$way"
		way=$(dirname "$way")
	done
	machine >"$T/machine"
}

teardown() {
	local id
	for id in $(as_user list --quiet); do
		as_user delete --force "$id"
	done
	expect_clean || return 1
	[[ ! -e $T/subid ]] || umount /etc/subuid /etc/subgid
}

# minirun with the directories that it finds by itself.
as_user() {
	setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups --inh-caps=-all \
		env HOME="$HOME_DIR" XDG_RUNTIME_DIR="$HOME_DIR/run" XDG_DATA_HOME="$HOME_DIR/data" \
		"$MINIRUN" "$@"
}

make_user_image() { # CONFIG-FILTER
	make_base base.tar
	make_tar middle.tar <<-'END'
		directory("closed", mode=0o500, uid=3)
		add("closed/inside", b"inside\n", mode=0o400, uid=3, gid=4)
		add("gone", b"")
		directory("again")
		add("again/old", b"")
		add("attribute", b"", xattrs={"user.kept": b"1", "security.capability": b"\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0"})
		add("device", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
	END
	make_tar top.tar <<-'END'
		add(".wh.gone", b"")
		add("again/new", b"")
		add("again/.wh..wh..opq", b"")
	END
	make_image "$1" base.tar middle.tar top.tar
	chmod -R a+rX "$LAYOUT" "$T"/*.tar
}

@test "what another user has is one's own, devices are left out, and it is said once" {
	make_user_image '.config.Cmd = ["sh", "-c", "ls /; ls /again; cat /closed/inside; stat -c %u:%g /closed/inside /closed"]'
	run as_user unpack "oci:$LAYOUT" "$BUNDLE"
	expect_status 0
	expect_equal "${#lines[@]}" 2
	expect_text "an ordinary user cannot have all that is in the layers: "
	expect_match "[0-9]+ files of other users are yours, 1 devices and 1 attributes are left out"
	expect_match "$BUNDLE: 3 layers, 3 new"
	expect_equal "$(find "$HOME_DIR/data/minirun/layers" ! -user "$USER_ID")" ""
	run as_user run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_text "$(printf 'closed\ndev\n')"
	expect_text $'new\ninside\n0:0\n0:0'
	if [[ $output == *gone* || $output == *device* || $output == *old* ]]; then false; fi
	run as_user unpack "oci:$LAYOUT" "$HOME_DIR/second"
	expect_status 0
	expect_one_line
	expect_match "3 layers, none new"
	run as_user unpack "$T/base.tar" "$HOME_DIR/third"
	expect_status 0
	expect_match "1 layer, "
	run as_user run --bundle "$HOME_DIR/third" "$ID" </dev/null
	expect_status 0
}

@test "a user of the image has an id of those that the administrator gave" {
	requires "newuidmap is not installed" command -v newuidmap
	make_user_image '.config = { User: "12:34", Cmd: ["sh", "-c", "id -u; id -g"] }'
	echo "$USER_ID:200000:65536" >"$T/subid"
	mount --bind "$T/subid" /etc/subuid
	mount --bind "$T/subid" /etc/subgid
	machine >"$T/machine"
	as_user unpack --quiet "oci:$LAYOUT" "$BUNDLE"
	run as_user run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output $'12\n34'
}
