#!/usr/bin/env bats
# minirun as an ordinary user: nobody, who has ids from /etc/subuid when a test says so.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle
load lib/agent

export USER_ID=65534

setup() {
	bundle_setup
	export HOME_DIR=$BATS_TEST_TMPDIR/home
	mkdir -p "$HOME_DIR/run"
	chown -R "$USER_ID:$USER_ID" "$HOME_DIR"
	# A way for that user to where the tests are.
	local way=$BATS_TEST_TMPDIR
	while [[ $way != / ]]; do
		chmod o+x "$way"
		way=$(dirname "$way")
	done
	machine >"$BATS_TEST_TMPDIR/machine"
}

teardown() {
	local id
	stop_agent
	for id in $(as_user list --quiet); do
		as_user delete --force "$id"
	done
	expect_clean || return 1
	[[ ! -e $BATS_TEST_TMPDIR/subid ]] || umount /etc/subuid /etc/subgid
}

# minirun with the directories that it finds by itself.
as_user() {
	setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups --inh-caps=-all \
		env HOME="$HOME_DIR" XDG_RUNTIME_DIR="$HOME_DIR/run" XDG_DATA_HOME="$HOME_DIR/data" \
		"$MINIRUN" "$@"
}

# What spec --rootless writes, with a copy of the image as root, all of it the user's.
make_user_bundle() { # [FILTER]
	BUNDLE=$HOME_DIR/bundle
	mkdir -p "$BUNDLE"
	cp -a "$IMAGE" "$BUNDLE/rootfs"
	chown -R "$USER_ID:$USER_ID" "$BUNDLE"
	as_user spec --rootless --bundle "$BUNDLE"
	edit_config '.process.terminal = false | .root.readonly = false'
	[[ $# -eq 0 ]] || edit_config "$@"
}

# More ids than the user's own, as newuidmap(1) gives them.
give_ids() {
	requires "newuidmap is not installed" command -v newuidmap
	echo "$USER_ID:200000:65536" >"$BATS_TEST_TMPDIR/subid"
	mount --bind "$BATS_TEST_TMPDIR/subid" /etc/subuid
	mount --bind "$BATS_TEST_TMPDIR/subid" /etc/subgid
	machine >"$BATS_TEST_TMPDIR/machine"
}

with_ids='.linux.uidMappings += [{ containerID: 1, hostID: 200000, size: 65536 }] |
	.linux.gidMappings += [{ containerID: 1, hostID: 200000, size: 65536 }] |
	.process.capabilities |= with_entries(.value += ["CAP_CHOWN", "CAP_SETUID", "CAP_SETGID",
		"CAP_DAC_OVERRIDE"])'

user_script() { # SCRIPT
	edit_config '.process.args = ["sh", "-c", $script]' --arg script "$1"
	as_user run --bundle "$BUNDLE" "$ID"
}

@test "what spec --rootless writes runs" {
	make_user_bundle
	run user_script 'id -u; hostname; touch /new && stat -c %u /new; cat /proc/self/uid_map'
	expect_status 0
	expect_match '^0'
	expect_match "0 +$USER_ID +1"
	expect_equal "$(stat -c %u "$BUNDLE/rootfs/new")" "$USER_ID"
}

@test "create, start, state, exec, kill and delete" {
	make_user_bundle '.process.args = ["sleep", "1000"]'
	as_user create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null
	expect_equal "$(as_user state "$ID" | jq -r .status)" created
	as_user start "$ID"
	expect_equal "$(as_user state "$ID" | jq -r .status)" running
	run as_user exec "$ID" sh -c 'id -u; cat /proc/1/cmdline | tr "\0" " "'
	expect_status 0
	expect_text "0" "sleep 1000"
	as_user kill "$ID" KILL
	as_user delete --force "$ID"
	run as_user list --quiet
	expect_output ""
}

@test "the state is the user's, below XDG_RUNTIME_DIR" {
	make_user_bundle '.process.args = ["sleep", "1000"]'
	as_user run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null
	expect_equal "$(stat -c %u "$HOME_DIR/run/minirun/$ID")" "$USER_ID"
	as_user delete --force "$ID"
}

# A script as root of a user namespace that the user made, as rootless Podman is.
in_own_namespace() { # SCRIPT
	setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups --inh-caps=-all \
		env -u USER HOME="$HOME_DIR" XDG_RUNTIME_DIR="$HOME_DIR/run" \
		unshare --user --map-root-user bash -euc "$1"
}

# The container takes the namespace that the caller has.
without_user='del(.linux.uidMappings, .linux.gidMappings) |
	.linux.namespaces |= map(select(.type != "user"))'

@test "root of the user's own namespace has the user's state, unless it is USER=root" {
	make_user_bundle "$without_user"' | .process.args = ["sleep", "1000"]'
	in_own_namespace '"$MINIRUN" run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null'
	run as_user list --quiet
	expect_output "$ID"
	as_user delete --force "$ID"
	run in_own_namespace 'USER=root "$MINIRUN" run --bundle "$BUNDLE" "$ID" </dev/null'
	expect_text "/run/minirun': permission denied"
}

@test "root of the user's own namespace joins the pid namespace of a container" {
	make_user_bundle "$without_user"' | .process.args = ["sleep", "1000"]'
	export join='(.linux.namespaces[] | select(.type == "pid")).path = "/proc/\($pid)/ns/pid" |
		.process.args = ["cat", "/proc/1/comm"]'
	run in_own_namespace '"$MINIRUN" run --detach --bundle "$BUNDLE" "$ID" </dev/null &>/dev/null
		pid=$("$MINIRUN" state "$ID" | jq .pid)
		cd "$BUNDLE"
		jq --argjson pid "$pid" "$join" config.json >config.json.new
		mv config.json.new config.json
		"$MINIRUN" run "$ID-b"'
	as_user delete --force "$ID"
	expect_output sleep
}

@test "ids from newuidmap" {
	give_ids
	make_user_bundle "$with_ids | .process.user = { uid: 7, gid: 8, additionalGids: [9] }"
	run user_script 'id -u; id -g; id -G; cat /proc/self/uid_map'
	expect_status 0
	expect_match '^7'
	expect_match '8 9'
	expect_match "1 +200000 +65536"
}

@test "ids that the user has not are refused, with the way out" {
	give_ids
	make_user_bundle "$with_ids | .linux.uidMappings[1].hostID = 300000"
	run user_script true
	expect_status 1
	expect_text "linux.uidMappings: 'newuidmap' does not give these ids" "/etc/subuid"
}

@test "groups cannot be added to the user's own id alone" {
	make_user_bundle '.process.user.additionalGids = [5]'
	run user_script true
	expect_status 1
	expect_one_line
	expect_text "process.user.additionalGids" "newgidmap"
}

@test "an overlay root, and everything of it goes with the container" {
	give_ids
	make_user_bundle "$with_ids | .root = { overlay: { lower: [\"rootfs\"] } }"
	run user_script 'rm /etc/motd; mkdir /d; touch /d/f; chown -R 5:5 /d; ls /etc; stat -c %u:%g /d/f'
	expect_status 0
	expect_text "5:5"
	expect_no_text "motd"
	expect_file "$BUNDLE/rootfs/etc/motd" "from the image"
	expect_equal "$(find "$HOME_DIR/data" -mindepth 3)" ""
}

@test "gc removes what a container changed when its state is lost, other ids too" {
	give_ids
	make_user_bundle "$with_ids | .root = { overlay: { lower: [\"rootfs\"] } } |
		.process.args = [\"sh\", \"-c\", \"mkdir -m 700 /d; touch /d/f; chown -R 5:5 /d\"]"
	as_user run --keep --bundle "$BUNDLE" "$ID"
	rm -r "$HOME_DIR/run/minirun/$ID"
	[[ -n $(find "$HOME_DIR/data/minirun/containers" -uid 200004) ]]
	run as_user gc --dry-run
	expect_status 0
	expect_text "would remove directory '$HOME_DIR/data/minirun/containers/$ID-"
	run as_user gc
	expect_status 0
	expect_text "removed directory '$HOME_DIR/data/minirun/containers/$ID-"
	expect_equal "$(find "$HOME_DIR/data/minirun/containers" -mindepth 1)" ""
}

@test "without a cgroup of its own the container runs in the user's" {
	make_user_bundle
	run user_script 'true'
	expect_status 0
	edit_config '.linux.resources.pids.limit = 10'
	run user_script 'true'
	expect_status 1
	expect_one_line
	expect_text "linux.resources.pids: no cgroup is the caller's to set limits in" "Delegate"
}

@test "in a delegated cgroup it gets one of its own" {
	local top=/sys/fs/cgroup
	[[ -e $top/cgroup.controllers ]] || top=$top/unified
	requires "there is no v2 hierarchy" test -e "$top/cgroup.procs"
	make_user_bundle '.process.args = ["sleep", "1000"]'
	mkdir -p "$top/$RUN/user"
	chown -R "$USER_ID:$USER_ID" "$top/$RUN"
	run bash -c "echo \$BASHPID >$top/$RUN/user/cgroup.procs; $(declare -f as_user)
		as_user run --detach --bundle '$BUNDLE' '$ID' </dev/null >/dev/null &&
		cat /proc/\$(as_user state '$ID' | jq .pid)/cgroup && as_user delete --force '$ID'"
	rmdir "$top/$RUN/user" "$top/$RUN"
	expect_status 0
	expect_text "0::/$RUN/$ID"
}

@test "without a user namespace the way out is told" {
	make_user_bundle '.linux |= (del(.uidMappings, .gidMappings) |
		.namespaces |= map(select(.type != "user")))'
	run user_script true
	expect_status 1
	expect_text "linux.namespaces: only root can do without" "minirun spec --rootless"
}

@test "a compiled profile is kept in the user's root" {
	make_user_bundle '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 }] }'
	for _ in 1 2; do
		run user_script 'mkdir /directory'
		[[ $output != *"built without seccomp"* ]] || skip "built without seccomp"
		expect_status 1
		expect_text "No space left on device"
	done
	expect_equal "$(find "$HOME_DIR/run/minirun/.seccomp" -type f -printf '%m %U\n')" "600 $USER_ID"
}

@test "system calls are left to an agent" {
	requires "no python3" command -v python3
	# shellcheck disable=SC2034 # for start_agent
	AGENT=$HOME_DIR/agent STATES=$HOME_DIR/states
	make_user_bundle '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
		syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY" }] }' \
		--arg path "$AGENT/socket"
	start_agent 28
	chmod a+w "$AGENT/socket"
	for value in true false; do
		edit_config '.process.noNewPrivileges = $value' --argjson value $value
		run user_script 'mkdir /directory'
		expect_status 1
		expect_text "No space left on device"
		edit_config '.process.args = ["sleep", "1000"]'
		as_user run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null
		run as_user exec "$ID" mkdir /directory
		expect_status 1
		expect_text "No space left on device"
		as_user delete --force "$ID"
	done
	stop_agent
	edit_config '.linux.seccomp.syscalls[0].names += ["sendmsg"]'
	run user_script true
	expect_status 1
	expect_one_line
	expect_text "linux.seccomp: 'sendmsg' cannot have 'SCMP_ACT_NOTIFY' for an ordinary user"
	edit_config '.linux.seccomp.syscalls += [{ names: ["sendmsg"], action: "SCMP_ACT_ERRNO" }] |
		.linux.seccomp.syscalls[0].names -= ["sendmsg"]'
	run user_script true
	expect_status 1
	expect_one_line
	expect_text "seccomp: cannot pass the listener on: operation not permitted"
}

@test "a policy that the user may not set is told" {
	make_user_bundle '.process.args = ["true"] | .process.scheduler = { policy: "SCHED_OTHER", nice: -3 }'
	run as_user run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_one_line
	expect_text "process.scheduler: cannot set the policy 'SCHED_OTHER': operation not permitted" "CAP_SYS_NICE"
	edit_config '.process.scheduler.nice = 3 | .process.args = ["cut", "-d ", "-f19", "/proc/self/stat"]'
	run as_user run --bundle "$BUNDLE" "$ID"
	expect_output 3
}

@test "check tells an ordinary user what an ordinary user cannot do" {
	make_user_bundle
	run as_user check "$BUNDLE"
	expect_status 0
	expect_output "config.json: no problem found"
	edit_config '.linux.namespaces |= map(select(.type != "user"))'
	chmod 644 "$BUNDLE/config.json"
	run as_user check "$BUNDLE"
	expect_status 1
	expect_text "linux.namespaces: only root can do without a namespace of type 'user'"
	expect_absent "$HOME_DIR/run/minirun" "$HOME_DIR/data"
}

# What a container of the user's changed: ids, a deletion, an opaque directory, a link.
make_changed() {
	give_ids
	make_user_bundle "$with_ids | .root = { overlay: { lower: [\"rootfs\"] } }"
	mkdir "$BUNDLE/rootfs/again"
	touch "$BUNDLE/rootfs/again/old"
	chown -R "$USER_ID:$USER_ID" "$BUNDLE/rootfs/again"
	edit_config '.process.args = ["sh", "-c", $script]' --arg script 'rm /etc/motd; mkdir -m 700 /d; echo x >/d/f; ln /d/f /d/g
		chown -R 5:6 /d; chown 7 /etc/passwd; rm -r /again; mkdir /again; touch /again/new; : >>/etc/group'
	as_user run --keep --bundle "$BUNDLE" "$ID"
}

@test "commit and diff of what the user's container changed, as that user" {
	make_changed
	run as_user diff "$ID"
	expect_status 0
	expect_output $'C /again\nA /again/new\nD /again/old\nA /d\nA /d/f\nA /d/g\nC /etc\nD /etc/motd\nC /etc/passwd'
	as_user commit --quiet --diff "$ID" "$HOME_DIR/diff.tar"
	as_user commit --quiet "$ID" "$HOME_DIR/merged.tar"
	expect_equal "$(stat -c %u "$HOME_DIR/diff.tar")" "$USER_ID"
	run "$srcdir/tests/lib/tar.py" list "$HOME_DIR/diff.tar"
	expect_equal "$(cut -d' ' -f1 <<<"$output" | paste -sd' ')" \
		". ./again ./again/.wh..wh..opq ./again/new ./d ./d/f ./d/g ./etc ./etc/.wh.motd ./etc/group ./etc/passwd"
	expect_match "\./d/f file 644 5:6 "
	expect_match "\./d/g link "
	expect_match "\./etc/passwd file [0-7]+ 7:0 "
	expect_no_text overlay
	run "$srcdir/tests/lib/tar.py" list "$HOME_DIR/merged.tar"
	expect_match "\./d directory 700 5:6 "
	expect_match "\./bin/busybox file 755 0:0 "
	expect_no_text motd again/old overlay
	as_user commit --quiet "$ID" "oci:$HOME_DIR/image:one"
	as_user commit --quiet --base "oci:$HOME_DIR/image:one" "$ID" "oci:$HOME_DIR/image:two"
	expect_equal "$(find "$HOME_DIR/image" ! -uid "$USER_ID")" ""
	expect_equal "$(jq '.manifests | length' "$HOME_DIR/image/index.json")" 2
}

@test "commit of a user's container: by nobody else, and not what the user lacks" {
	make_changed
	run "$MINIRUN" --root "$HOME_DIR/run/minirun" commit "$ID" "$HOME_DIR/out.tar"
	expect_status 1
	expect_one_line
	expect_text "has a user namespace and is of user $USER_ID" "only that user"
	touch "$BUNDLE/rootfs/stranger"
	chown 12345 "$BUNDLE/rootfs/stranger"
	as_user commit --quiet --diff "$ID" "$HOME_DIR/out.tar"
	edit_config '.linux.uidMappings[1].size = 60000 | .linux.gidMappings[1].size = 60000'
	as_user run --keep --bundle "$BUNDLE" "$ID-b"
	run as_user commit "$ID-b" "$HOME_DIR/merged.tar"
	expect_status 1
	expect_one_line
	expect_text "'./stranger': user 65534 has no id in the container's user namespace"
	expect_absent "$HOME_DIR/merged.tar"
}

@test "mounts add takes new file systems, but no bind mounts" {
	local list=$BATS_TEST_TMPDIR/mounts.json
	make_user_bundle '.process.args = ["tail", "-f", "/dev/null"]'
	as_user create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	as_user start "$ID"
	echo '[{ "destination": "/new", "type": "tmpfs" }]' >"$list"
	run as_user mounts add "$ID" "$list"
	expect_output ""
	run as_user exec "$ID" stat -f -c %T /new
	expect_output tmpfs
	run as_user mounts remove "$ID" "$list"
	expect_output ""
	echo '[{ "destination": "/new", "type": "bind", "source": "/etc" }]' >"$list"
	run as_user mounts add "$ID" "$list"
	expect_status 1
	expect_text "mounts.json:1:2: [0]: cannot open '/etc': operation not permitted (root alone adds bind mounts)"
	as_user delete --force "$ID"
}
