#!/usr/bin/env bats
# checkpoint and restore: what criu is asked for, by one that only listens (lib/criu.py), and, where
# the kernel and criu go together, containers that really go on.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2030,SC2031,SC2154 # a test is a subshell; status and output are bats'

load lib/bundle

CGROUP_OPTIONS=$(findmnt --noheadings --output OPTIONS --target /sys/fs/cgroup --types cgroup2 || true)

# A criu before all others in PATH that listens.
listen() {
	requires "no python3" command -v python3
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nexec python3 "%s" "$@"\n' "$srcdir/tests/lib/criu.py" \
		>"$BATS_TEST_TMPDIR/bin/criu"
	chmod +x "$BATS_TEST_TMPDIR/bin/criu"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	export CRIU_HEARD=$BATS_TEST_TMPDIR/heard CRIU_WAITS=$BATS_TEST_TMPDIR/waits
	IMAGES=$BATS_TEST_TMPDIR/images
}

real_criu() {
	requires "criu is not installed" command -v criu
	requires "criu and this kernel do not go together (criu check)" criu check
	requires "criu has no iptables to hold the network with" command -v iptables-restore
	IMAGES=$BATS_TEST_TMPDIR/images
}

heard() { # LINE...
	local line
	for line; do
		grep -Fqx -- "$line" "$CRIU_HEARD" ||
			fail "criu did not hear '$line' but"$'\n'"$(cat "$CRIU_HEARD")"
	done
}

not_heard() { # WORD...
	local word
	for word; do
		! grep "^$word " "$CRIU_HEARD" || fail "criu heard of $word"
	done
}

init_of() { # ID
	minirun state "$1" | jq .pid
}

# Images as the listening criu leaves them, for a restore.
make_images() {
	mkdir -p "$IMAGES"
	echo '["pipe:[11]","/dev/null","file[1a:2b]"]' >"$IMAGES/descriptors.json"
}

restore() { # [OPTION...]
	minirun restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$@" "$ID" \
		</dev/null >"$BATS_TEST_TMPDIR/restore.out" 2>&1 ||
		{ cat "$BATS_TEST_TMPDIR/restore.out"; return 1; }
	keep_cgroup_options
}

# criu mounts cgroup2 for itself, and so turns this off for all.
keep_cgroup_options() {
	[[ $CGROUP_OPTIONS != *nsdelegate* ]] || mount -o remount,nsdelegate /sys/fs/cgroup
}

@test "their help needs neither criu nor a container" {
	run minirun checkpoint --help
	expect_status 0
	run minirun restore --help
	expect_status 0
}

@test "criu hears which process is meant, and every option" {
	listen
	make_plain_bundle
	start_idle
	run minirun checkpoint --image-path "$IMAGES" --leave-running "$ID"
	expect_status 0
	heard "request 1" "pid $(init_of "$ID")" "leave_running 1" "orphan_pts_master 1" \
		"empty_ns 1073741824" "log_file dump.log" "config_file /etc/criu/runc.conf"
	not_heard tcp_established shell_job track_mem manage_cgroups_mode ps parent_img
	mkdir "$BATS_TEST_TMPDIR/before"
	run minirun checkpoint --image-path "$IMAGES" --leave-running --tcp-established \
		--tcp-skip-in-flight --ext-unix-sk --link-remap --shell-job --file-locks --lazy-pages \
		--auto-dedup --manage-cgroups-mode strict --network-lock skip --empty-ns network \
		--page-server '[::1]:1234' --parent-path ../before "$ID"
	expect_status 0
	heard "tcp_established 1" "tcp_skip_in_flight 1" "ext_unix_sk 1" "link_remap 1" \
		"shell_job 1" "file_locks 1" "lazy_pages 1" "auto_dedup 1" "manage_cgroups_mode 5" \
		"network_lock 3" "ps ::1 1234" "parent_img ../before" "track_mem 1"
	run minirun checkpoint --image-path "$IMAGES" --pre-dump "$ID"
	expect_status 0
	heard "request 13" "track_mem 1"
	not_heard ext_mnt
	expect_equal "$(state_of "$ID")" running
}

@test "volumes, masks, the cgroup and joined namespaces are told as the host's" {
	listen
	mkdir -p "$BATS_TEST_TMPDIR/volume"
	make_plain_bundle '.mounts += [{ destination: "/var/run/volume", type: "bind", source: $volume,
			options: ["bind"] }] |
		.linux.maskedPaths = ["/proc/keys", "/proc/scsi", "/sys/firmware", "/absent"] |
		(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/net"' \
		--arg volume "$BATS_TEST_TMPDIR/volume"
	mkdir -p "$BUNDLE/rootfs/run"
	[[ -L $BUNDLE/rootfs/var/run ]] || ln -sfn ../run "$BUNDLE/rootfs/var/run"
	start_idle
	minirun checkpoint --image-path "$IMAGES" --leave-running "$ID"
	heard "ext_mnt /run/volume /var/run/volume" "ext_mnt /proc/keys /proc/keys" \
		"external net[$(stat -Lc %i /proc/self/ns/net)]:extRootNetNS"
	run grep -e "/sys/firmware" -e /absent "$CRIU_HEARD"
	expect_status 1
}

@test "a saved container is deleted" {
	listen
	make_plain_bundle
	start_idle
	run minirun checkpoint --image-path "$IMAGES" "$ID"
	expect_status 0
	run minirun list --quiet
	expect_output ""
	expect_equal "$(jq length "$IMAGES/descriptors.json")" 3
	expect_equal "$(stat -c %a "$IMAGES")" 700
}

@test "a failure says what criu's log says, where it is, and the container runs on" {
	listen
	make_plain_bundle
	start_idle
	CRIU_DOES=fail run minirun checkpoint --image-path "$IMAGES" --work-path "$BATS_TEST_TMPDIR/work" "$ID"
	expect_status 1
	expect_output "minirun: criu cannot save the container: mnt: the cause (its log is \
'$BATS_TEST_TMPDIR/work/dump.log')"
	expect_equal "$(state_of "$ID")" running
	CRIU_DOES=die run minirun checkpoint --image-path "$IMAGES" "$ID"
	expect_status 1
	expect_output "minirun: criu cannot save the container: it ended without an answer"
	stop_idle
}

@test "a kill -9 of checkpoint leaves the container as it was" {
	local pid
	listen
	make_plain_bundle
	start_idle
	mkfifo "$CRIU_WAITS"
	CRIU_DOES="wait" "$MINIRUN" --root "$ROOT" checkpoint --image-path "$IMAGES" "$ID" &
	pid=$!
	wait_line "$CRIU_WAITS"
	kill -9 "$pid"
	wait "$pid" || true
	expect_equal "$(state_of "$ID")" running
	minirun pause "$ID"
	minirun resume "$ID"
}

@test "what cannot be is refused before criu is asked" {
	listen
	make_plain_bundle '.process.args = ["sleep", "1000"]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	run minirun checkpoint "$ID"
	expect_status 1
	expect_output "minirun: a container that is created cannot be checkpointed"
	run minirun checkpoint --manage-cgroups-mode all "$ID"
	expect_output "minirun: option '--manage-cgroups-mode': 'all' is not soft, full, strict or ignore"
	run minirun checkpoint --page-server here "$ID"
	expect_output "minirun: option '--page-server': 'here' is not ADDRESS:PORT"
	run minirun checkpoint --status-fd 77 "$ID"
	expect_output "minirun: option '--status-fd': 77 is not open for writing: bad file descriptor"
	run minirun checkpoint --parent-path /before "$ID"
	expect_output "minirun: option '--parent-path': '/before' is not relative to the images"
	[[ ! -e $CRIU_HEARD ]]
}

@test "what is in an upper of the container's own is not deleted with it" {
	listen
	make_bundle
	start_idle
	run minirun checkpoint --image-path "$IMAGES" "$ID"
	expect_status 1
	expect_text "what the container has written would be deleted with it (give root.overlay.upper"
	expect_equal "$(state_of "$ID")" running
	minirun checkpoint --image-path "$IMAGES" --leave-running "$ID"
}

@test "restore makes a container, and tells criu where everything of it is" {
	listen
	make_plain_bundle '.mounts += [{ destination: "/var/run/volume", type: "bind", source: "volume",
			options: ["bind"] }] | .linux.maskedPaths = ["/proc/keys"] |
		(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/net" |
		del(.hostname) | (.linux.namespaces[] | select(.type == "uts")).path = "/proc/self/ns/uts"'
	mkdir "$BUNDLE/volume"
	make_images
	restore --pid-file "$BATS_TEST_TMPDIR/pid" --tcp-established --tcp-close --ext-unix-sk \
		--shell-job --file-locks --lazy-pages --auto-dedup --manage-cgroups-mode ignore \
		--network-lock nftables --lsm-profile apparmor:x --lsm-mount-context label \
		--no-subreaper --no-pivot --empty-ns network
	heard "request 2" "root $ROOT/$ID/root" "rst_sibling 1" "evasive_devices 1" \
		"orphan_pts_master 1" "log_file restore.log" "tcp_established 1" "tcp_close 1" \
		"ext_unix_sk 1" "shell_job 1" "file_locks 1" "lazy_pages 1" "auto_dedup 1" \
		"manage_cgroups_mode 0" "network_lock 2" "lsm_profile apparmor:x" \
		"lsm_mount_context label" "cg_root /$ID" "inherit_fd pipe:[11] 0" \
		"inherit_fd file[1a:2b] 2" "inherit_fd extRootNetNS 4" "join_ns uts /proc/self/ns/uts" \
		"ext_mnt /var/run/volume $BUNDLE/volume" "ext_mnt /proc/keys /dev/null"
	expect_equal "$(state_of "$ID")" running
	expect_equal "$(init_of "$ID")" "$(cat "$BATS_TEST_TMPDIR/pid")"
	[[ -d $BUNDLE/rootfs/run/volume ]]
	[[ ! -e $ROOT/$ID/root ]]
	grep "/$ID\$" "/proc/$(init_of "$ID")/cgroup"
}

@test "the hooks of the host run for a restored container" {
	listen
	make_plain_bundle '.hooks = { prestart: [$hook], createRuntime: [$hook], poststart: [$hook] } |
		.hooks |= with_entries(.value[0].args = ["sh", "-c", "cat >>\($file)", .key])' \
		--argjson hook '{ "path": "/bin/sh" }' --arg file "$BATS_TEST_TMPDIR/states"
	make_images
	restore
	expect_equal "$(jq -r .status "$BATS_TEST_TMPDIR/states" | tr '\n' ' ')" \
		"created creating running "
	expect_equal "$(jq .pid "$BATS_TEST_TMPDIR/states" | sort -u)" "$(init_of "$ID")"
}

@test "a restore that fails leaves nothing" {
	listen
	make_bundle
	make_images
	CRIU_DOES=fail run restore
	expect_status 1
	expect_output "minirun: criu cannot restore the container: mnt: the cause (its log is \
'$IMAGES/restore.log')"
	expect_clean
	CRIU_DOES=die run restore
	expect_status 1
	expect_clean
	edit_config '.hooks.createRuntime = [{ path: "/bin/false" }]'
	run restore
	expect_status 1
	expect_text "/bin/false"
	expect_clean
	echo '["file[1a:2b]"]' >"$IMAGES/descriptors.json"
	run restore
	expect_status 1
	expect_text "descriptor 0 was a file of the host's, and has to be one again"
	rm "$IMAGES/descriptors.json"
	run restore
	expect_status 1
	expect_clean
	IMAGES=/absent run restore
	expect_status 1
	expect_output "minirun: cannot open '/absent': no such file or directory"
}

@test "what a kill -9 of restore leaves, delete --force removes" {
	local pid
	listen
	make_bundle
	make_images
	mkfifo "$CRIU_WAITS"
	CRIU_DOES="wait" "$MINIRUN" --root "$ROOT" --data-root "$DATA" restore --detach \
		--bundle "$BUNDLE" --image-path "$IMAGES" "$ID" &
	pid=$!
	wait_line "$CRIU_WAITS"
	kill -9 "$pid"
	wait "$pid" || true
	run minirun delete --force "$ID"
	expect_status 0
	expect_clean
}

@test "without criu the message names the package" {
	make_plain_bundle
	start_idle
	if [[ -e /usr/sbin/criu ]]; then
		mount --bind /dev/null /usr/sbin/criu
	fi
	PATH=/usr/bin:/bin run minirun checkpoint --image-path "$BATS_TEST_TMPDIR/images" "$ID"
	! mountpoint -q /usr/sbin/criu || umount /usr/sbin/criu
	expect_status 1
	expect_output "minirun: the program criu is not installed (install the package criu)"
}

# What follows needs a criu that works: kernels 6.1 and 6.12 with that of Debian 12, tests/README.md.

# A container that counts the lines it hears, in its memory. Its changes go to an upper of ours.
start_counting() { # [FILTER]
	local pipes=$BATS_TEST_TMPDIR/counting
	mkdir -p "$pipes" "$BATS_TEST_TMPDIR"/{upper,work}
	mkfifo -m 666 "$pipes"/{in,out}
	exec 6<>"$pipes/in" 7<>"$pipes/out"
	make_bundle '.root.overlay += { upper: $upper, work: $work } |
		.mounts += [{ destination: "/var/run/counting", type: "bind", source: $pipes,
			options: ["bind"] }] |
		.process.args = ["sh", "-c", "echo text >/file; cd /var/run/counting; n=0;
			while read line; do [ $line != end ] || exit 7
				n=$((n + 1)); echo $line $n >out; done <>in"]' \
		--arg pipes "$pipes" --arg upper "$BATS_TEST_TMPDIR/upper" --arg work "$BATS_TEST_TMPDIR/work"
	[[ $# -eq 0 ]] || edit_config "$1"
	minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/log" 2>&1
	expect_count one 1
}

expect_count() { # LINE NUMBER
	local line
	echo "$1" >&6
	read -r -t 20 line <&7
	expect_equal "$line" "$1 $2"
}

@test "a process goes on where it was, under another id" {
	real_criu
	start_counting '.linux.resources.pids.limit = 33'
	minirun checkpoint --image-path "$IMAGES" "$ID"
	run minirun list --quiet
	expect_output ""
	ID=$RUN-b restore
	ID=$RUN-b
	expect_count two 2
	expect_equal "$(minirun exec "$ID" cat /file)" text
	expect_equal "$(minirun exec "$ID" sh -c 'cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max' 2>/dev/null)" 33
	expect_equal "$(minirun exec "$ID" cat /proc/keys)" ""
	run minirun exec "$ID" ifconfig lo
	expect_text "UP LOOPBACK"
	grep "/$ID\$" "/proc/$(init_of "$ID")/cgroup"
	minirun pause "$ID"
	minirun resume "$ID"
	expect_count three 3
}

@test "a container is left running, and restored once it has ended" {
	real_criu
	start_counting '.root.readonly = true | .process.args[2] |= sub("echo text >/file; "; "")'
	minirun checkpoint --image-path "$IMAGES" --leave-running "$ID"
	expect_equal "$(state_of "$ID")" running
	expect_count two 2
	minirun delete --force "$ID"
	restore
	expect_count two 2
	run minirun exec "$ID" touch /other
	expect_status 1
	expect_text "Read-only file system"
}

@test "memory is saved ahead by pre-dumps" {
	real_criu
	requires "criu cannot track memory here" criu check --feature mem_dirty_track
	start_counting
	minirun checkpoint --image-path "$IMAGES.0" --pre-dump "$ID"
	expect_count two 2
	minirun checkpoint --image-path "$IMAGES" --parent-path "../${IMAGES##*/}.0" "$ID"
	restore
	expect_count three 3
}

@test "a paused container is saved as well" {
	real_criu
	start_counting
	minirun pause "$ID"
	minirun checkpoint --image-path "$IMAGES" --leave-running "$ID"
	expect_equal "$(state_of "$ID")" paused
	minirun checkpoint --image-path "$IMAGES" "$ID"
	restore
	[[ $(state_of "$ID") == running ]] || minirun resume "$ID"
	expect_count two 2
}

@test "in the foreground it is waited for, and deleted" {
	real_criu
	start_counting
	minirun checkpoint --image-path "$IMAGES" "$ID"
	echo end >&6
	status=0
	minirun restore --bundle "$BUNDLE" --image-path "$IMAGES" "$ID" \
		</dev/null >"$BATS_TEST_TMPDIR/log" 2>&1 || status=$?
	keep_cgroup_options
	expect_status 7
	run minirun list --quiet
	expect_output ""
}

@test "what a failed checkpoint stopped goes on" {
	real_criu
	start_counting
	# A file that is open and that the container cannot see.
	minirun exec --detach "$ID" sleep 1000 <"$BUNDLE/config.json" >/dev/null 2>&1
	run minirun checkpoint --image-path "$IMAGES" "$ID"
	expect_status 1
	expect_text "criu cannot save the container: " "(its log is '$IMAGES/dump.log')"
	expect_equal "$(state_of "$ID")" running
	expect_count two 2
}
