#!/usr/bin/env bats
# doctor tells what the host offers and lacks, is right about it, and leaves nothing.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what is in single quotes is jq's; a test is a subshell

load lib/bundle
load lib/cgroup

export USER_ID=65534

doctor() { # ARGUMENT...
	run minirun doctor "$@"
}

# What it says of one thing: status, message, hint.
said_of() { # NAME
	jq -r --arg name "$1" '.[] | select(.name == $name) | [.status, .message, .hint] | @tsv' <<<"$output"
}

as_user() { # COMMAND...
	local way=$BATS_TEST_TMPDIR
	while [[ $way != / ]]; do
		chmod o+x "$way"
		way=$(dirname "$way")
	done
	mkdir -p "$BATS_TEST_TMPDIR/home/run"
	chown -R "$USER_ID:$USER_ID" "$BATS_TEST_TMPDIR/home"
	setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups --inh-caps=-all \
		env HOME="$BATS_TEST_TMPDIR/home" XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/home/run" "$@"
}

no_false_alarm() {
	mkdir -p "$ROOT" "$DATA"
	machine >"$BATS_TEST_TMPDIR/before"
	doctor
	expect_status 0
	expect_no_text "[fail]"
	expect_match "^\[ ok \] kernel: Linux $(uname -r)"
	case $VIEW in
	v1) expect_text "[ ok ] cgroup-mode: v1"$'\n' ;;
	v2) expect_text "[ ok ] cgroup-mode: v2"$'\n' ;;
	hybrid) expect_text "[ ok ] cgroup-mode: hybrid" ;;
	esac
	expect_text "[ ok ] delegation: the caller may make cgroups" \
		"[ ok ] namespaces: " "[ ok ] mounts: " "[ ok ] state: in '$ROOT'" "[ ok ] overlay: for '$DATA'"
	expect_equal "$(find "$ROOT" "$DATA" -mindepth 1)" ""
	expect_equal "$(find /sys/fs/cgroup -name 'minirun-doctor*')" ""
	machine >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	# It says that run works, and it does.
	make_bundle '.process.args = ["true"]'
	minirun run --bundle "$BUNDLE" "$ID"
	rm -r "$ROOT" "$DATA"
}

@test "where run works, nothing is an error, in each view of the cgroups" {
	in_each_view no_false_alarm
}

@test "directories that are not there are not made" {
	doctor
	expect_status 0
	expect_text "[ ok ] state: in '$ROOT'" "[ ok ] overlay: for '$DATA'"
	expect_absent "$ROOT" "$DATA"
	expect_equal "$(find "$BATS_TEST_TMPDIR" -name '.minirun-doctor*')" ""
}

@test "as JSON, as its schema says" {
	doctor --format json
	expect_status 0
	expect_equal "$(jq -r '[.[].status] | unique | contains(["ok"])' <<<"$output")" true
	expect_equal "$(jq -r '[.[].name] | length == (unique | length)' <<<"$output")" true
	for name in kernel clone3 pidfd_open openat2 fsopen mount_setattr namespaces mounts user-namespaces \
		user-namespace-limits newuidmap cgroup-mode cgroup-controllers delegation overlay seccomp lsm \
		criu systemd-bus; do
		[[ -n $(said_of "$name") ]] || fail "nothing of $name"
	done
	run minirun doctor --format xml
	expect_status 1
	expect_text "option '--format': 'xml' is not text or json"
	requires "no python3-jsonschema" /usr/bin/python3 -c 'import jsonschema'
	minirun doctor --format json >"$BATS_TEST_TMPDIR/doctor.json" || true
	/usr/bin/python3 "$srcdir/tests/lint/validate.py" "$srcdir/schema/doctor.schema.json" \
		"$BATS_TEST_TMPDIR/doctor.json"
}

@test "a missing system call is an error, with the way out" {
	requires "strace is not installed" command -v strace
	for call in openat2 mount_setattr clone3 pidfd_open; do
		run strace -qq -o /dev/null -e "inject=$call:error=ENOSYS" \
			"$MINIRUN" --root "$ROOT" --data-root "$DATA" doctor
		expect_status 1
		expect_text "[fail] $call: not there: function not implemented (Linux 5."
	done
	expect_equal "$(find "$BATS_TEST_TMPDIR" -name '.minirun-doctor*')" ""
}

@test "cgroups that cannot be written to are an error, unless they are not used" {
	run "$view" v2 unshare --mount sh -c 'mount -o remount,bind,ro /sys/fs/cgroup; exec "$@"' sh \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" doctor
	expect_status 1
	expect_match "\[fail\] delegation: cannot create cgroup '.*': read-only file system \(mount it writable, or --cgroup-manager disabled\)"
	run "$view" v2 unshare --mount sh -c 'mount -o remount,bind,ro /sys/fs/cgroup; exec "$@"' sh \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" --cgroup-manager disabled doctor
	expect_status 0
	expect_text "[ ok ] cgroup-mode: disabled by --cgroup-manager"
}

@test "root without CAP_SYS_ADMIN is told so" {
	run setpriv --bounding-set -sys_admin --inh-caps=-sys_admin \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" doctor
	expect_status 1
	expect_text "[fail] namespaces: cannot make namespaces: operation not permitted (it takes CAP_SYS_ADMIN)"
}

@test "a data root that cannot carry an overlay is a warning" {
	local frame=$BATS_TEST_TMPDIR/frame
	mkdir "$frame"
	mount -t overlay -o "lowerdir=$IMAGE:$BATS_TEST_TMPDIR" overlay "$frame"
	run "$MINIRUN" --root "$ROOT" --data-root "$frame/data" doctor
	umount "$frame"
	expect_status 0
	expect_text "[warn] overlay: '$frame' is on overlay, which cannot carry an upper layer (give an upper on ext4, xfs, btrfs or tmpfs)"
}

@test "programs that are missing are warnings" {
	# It is looked for beside PATH too.
	[[ ! -e /usr/sbin/criu ]] || mount --bind /dev/null /usr/sbin/criu
	PATH=/nowhere MINIRUN_LIBEXEC=/nowhere run "$MINIRUN" --root "$ROOT" --data-root "$DATA" doctor
	! mountpoint -q /usr/sbin/criu || umount /usr/sbin/criu
	expect_status 0
	expect_text "[warn] minirun-image: '/nowhere/minirun-image' is missing" "[warn] criu: not installed" \
		"[ ok ] newuidmap: not installed, and root does without"
}

@test "an ordinary user learns what an ordinary user can do" {
	run as_user "$MINIRUN" doctor --format json
	expect_status 0
	expect_match "user-namespaces"
	[[ $(said_of user-namespaces) == ok* && $(said_of mounts) == ok* && $(said_of overlay) == ok* ]] ||
		fail "$output"
	[[ $(said_of newuidmap) == warning* && $(said_of delegation) == warning*Delegate* ]] || fail "$output"
	expect_equal "$(find "$BATS_TEST_TMPDIR/home" -name '.minirun-doctor*')" ""
	run as_user env -u XDG_RUNTIME_DIR "$MINIRUN" doctor
	expect_status 1
	expect_text "[fail] state: cannot write to " "(set XDG_RUNTIME_DIR, or give --root)"
}

@test "a limit of user namespaces is told with its setting" {
	run unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces
		exec "$@"' sh "$MINIRUN" --root "$ROOT" --data-root "$DATA" --cgroup-manager disabled doctor
	expect_text "[warn] user-namespaces: cannot make a user namespace: no space left on device (see the setting user.max_user_namespaces)" \
		"[ ok ] user-namespace-limits: 0 for each user (sysctl user.max_user_namespaces=15000)"
}

# What a container around minirun does to /proc keeps a user namespace from mounting another
# (mount_too_revealing() in fs/namespace.c).
@test "a /proc that is covered in parts is an error for an ordinary user, and run fails too" {
	requires "there is no /proc/fs" test -d /proc/fs
	run as_user true
	mount -t tmpfs tmpfs /proc/fs
	run as_user "$MINIRUN" doctor
	local said=$output doctor_status=$status
	run as_user sh -c 'mkdir -p "$HOME/b" && cd "$HOME/b" && cp -a "$IMAGE" rootfs &&
		"$MINIRUN" spec --rootless && "$MINIRUN" run '"$ID"' -- true </dev/null'
	umount /proc/fs
	[[ $status -ne 0 ]]
	expect_text proc
	expect_equal "$doctor_status" 1
	output=$said
	expect_match "\[fail\] mounts: .*proc.*nothing may be mounted over parts of /proc"
}
